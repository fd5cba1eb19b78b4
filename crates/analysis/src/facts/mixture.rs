//! Lists that mix the platform's or a public resolver with other servers.

use digpod_probe::Outcome;

use super::addresses::{Owner, describe, list as words, owner};
use super::agreement::{Comparison, Said, percent};
use super::upstreams::UpstreamList;

/// A list in which servers with different knowledge stand side by side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mixture {
    /// The platform's resolvers, or public ones.
    pub(crate) cloud: Vec<String>,
    /// The others.
    pub(crate) custom: Vec<String>,
}

impl Mixture {
    /// Finds the mixture in a list of addresses: a platform resolver beside any other server, or
    /// else a public resolver beside one with a private address.
    pub(crate) fn of(addresses: &[String]) -> Option<Self> {
        let part = |is_cloud: fn(Owner) -> bool| {
            let parts: (Vec<&String>, Vec<&String>) = addresses
                .iter()
                .partition(|address| is_cloud(owner(address)));
            (
                parts.0.into_iter().cloned().collect(),
                parts.1.into_iter().cloned().collect(),
            )
        };
        let (platform, others): (Vec<String>, Vec<String>) =
            part(|owner| matches!(owner, Owner::Platform(_)));
        if !platform.is_empty() {
            return (!others.is_empty()).then_some(Self {
                cloud: platform,
                custom: others,
            });
        }
        let (public, others): (Vec<String>, Vec<String>) =
            part(|owner| matches!(owner, Owner::Public(_)));
        let private = others.iter().any(|address| owner(address) == Owner::Custom);
        (!public.is_empty() && private).then_some(Self {
            cloud: public,
            custom: others,
        })
    }

    /// Whether the cloud's resolver denies a name that a custom server knows.
    pub(crate) fn is_denied_by_cloud(&self, comparison: &Comparison) -> bool {
        let denies =
            |said: &Said| said.outcome == Outcome::Nxdomain && self.cloud.contains(&said.address);
        let knows =
            |said: &Said| said.outcome == Outcome::Ok && self.custom.contains(&said.address);
        comparison.bad.iter().any(denies) && comparison.good.iter().any(knows)
    }

    /// What the mixture does if the cloud's resolver does not know a name, with the odds.
    pub(crate) fn risk(&self, list: &UpstreamList) -> String {
        let (all, cloud) = (list.servers.len(), self.cloud.len());
        let first = list.servers.first().map(|server| &server.address);
        let outcome = if list.draws() {
            format!(
                "such a name fails for about {} % of the queries that the cache cannot answer \
                 ({cloud} of {all} servers)",
                percent(cloud, all)
            )
        } else if first.is_some_and(|address| self.cloud.contains(address)) {
            "such a name fails every time, because that server is the first one asked".to_owned()
        } else {
            "such a name fails whenever the servers listed before do not answer".to_owned()
        };
        let who: Vec<String> = self.cloud.iter().map(|address| describe(address)).collect();
        format!(
            "A name that only the custom servers hold does not exist for {}: the answer is NXDOMAIN, and \
             CoreDNS takes any answer as final. If so, {outcome}. This follows from \
             the list of servers; no answer that was collected proves that it happens here.",
            words(&who),
        )
    }
}
