//! How much each DNS server would get from all probes together.

use std::collections::BTreeMap;

use digpod_probe::{Question, ServerRole, Target, Transport};
use serde_json::{Value, json};

use crate::probes::Intent;

/// Queries at most.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Load {
    pub(super) queries: u32,
    /// More if answers came back truncated, which are asked for again over TCP, or refused for their
    /// EDNS, which are asked for again without.
    pub(super) repeats: u32,
}

/// What all servers would get.
#[derive(Debug, Default)]
pub(super) struct Loads<'a> {
    pub(super) servers: BTreeMap<(&'a str, ServerRole), Load>,
    /// Each server of a resolv.conf that probes find, beside what it gets under its address.
    pub(super) own: Load,
    /// Most queries a second from one probe to one server.
    pub(super) rate: u32,
}

impl Load {
    fn add(&mut self, question: &Question) {
        let most = question.most_to_one_server();
        self.queries = self.queries.saturating_add(most);
        let repeats = most.saturating_mul(repeats(question));
        self.repeats = self.repeats.saturating_add(repeats);
    }
}

/// Truncated, then refused, then truncated without EDNS.
pub(super) const MOST_REPEATS: u32 = 3;

/// How often one query may be asked again at most.
const fn repeats(question: &Question) -> u32 {
    match (question.transport, question.payload) {
        (Transport::Udp, None) => MOST_REPEATS,
        (Transport::Udp, Some(_)) | (Transport::Tcp, None) => 1,
        (Transport::Tcp, Some(_)) => 0,
    }
}

impl<'a> Loads<'a> {
    pub(super) fn of(intent: &'a Intent) -> Self {
        let mut loads = Self::default();
        for plan in intent.probes.iter().map(|it| &it.plan) {
            loads.rate = loads.rate.max(plan.rate_per_server);
            let watched = plan.watch.iter().flat_map(|it| &it.questions);
            for question in plan.questions.iter().chain(watched) {
                match &question.target {
                    Target::Server { address, role } => {
                        let server = loads.servers.entry((address, *role)).or_default();
                        server.add(question);
                    }
                    Target::OwnEach | Target::OwnWalk => loads.own.add(question),
                }
            }
        }
        loads
    }

    pub(super) fn to_json(&self) -> Value {
        let servers = self.servers.iter().map(|((address, role), load)| {
            json!({
                "address": address,
                "role": role,
                "queries": load.queries,
                "repeats": load.repeats,
            })
        });
        json!({
            "ratePerServer": self.rate,
            "servers": servers.collect::<Vec<_>>(),
            "ownListsEach": {
                "queries": self.own.queries,
                "repeats": self.own.repeats,
            },
        })
    }
}
