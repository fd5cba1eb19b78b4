//! Facts: what the bundle says, each with its place.

pub(crate) mod addresses;
pub(crate) mod agreement;
pub(crate) mod api_answers;
pub(crate) mod api_nothing;
pub(crate) mod api_words;
mod cited;
pub(crate) mod cluster_answers;
pub(crate) mod contrast;
pub(crate) mod corefile;
pub(crate) mod crashes;
pub(crate) mod cure;
pub(crate) mod custom_keys;
pub(crate) mod disagreement;
pub(crate) mod dns_objects;
pub(crate) mod error_words;
pub(crate) mod held;
pub(crate) mod layers;
pub(crate) mod logs;
pub(crate) mod measured;
pub(crate) mod missing;
pub(crate) mod mixture;
pub(crate) mod mixture_fix;
pub(crate) mod named_services;
pub(crate) mod names;
pub(crate) mod no_address;
pub(crate) mod own_servers;
pub(crate) mod pace;
pub(crate) mod pairs;
pub(crate) mod platform;
pub(crate) mod policies;
pub(crate) mod policy_verdict;
pub(crate) mod policy_words;
pub(crate) mod pools;
pub(crate) mod probes;
pub(crate) mod reach;
pub(crate) mod readings;
pub(crate) mod record_words;
pub(crate) mod replica_nodes;
pub(crate) mod replicas;
pub(crate) mod resolv_confs;
pub(crate) mod search;
pub(crate) mod search_words;
pub(crate) mod stale;
pub(crate) mod suspicion;
pub(crate) mod timeouts;
pub(crate) mod transports;
pub(crate) mod unfound;
pub(crate) mod upstreams;
pub(crate) mod vantages;
pub(crate) mod watched;
pub(crate) mod working_pod;

use digpod_bundle::Bundle;

use agreement::Comparison;
pub(crate) use cited::{Cited, cite};
use corefile::{ConfigMaps, CorefileFact};
use dns_objects::DnsObjects;
use held::Held;
use logs::Logs;
use names::Failing;
use probes::Probes;
use resolv_confs::{Of, ResolvFile, ResolvFiles};
use upstreams::UpstreamList;

use crate::finding::Scope;

/// A fact, or the reason why it was not seen.
pub type Seen<T> = Result<T, Gap>;

/// Something that was not seen.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gap {
    /// The entry that would have shown it.
    pub entry: String,
    /// What is missing and why, a clause for the user.
    pub reason: String,
    /// What kind of thing is missing.
    pub lacks: Lack,
}

/// What a rule would have needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lack {
    /// The entry, or something in it.
    Entry,
    /// A question that nobody asked: the entry is there, without it.
    Questions,
    /// So many tries of one question: it was asked, and not as often.
    Tries(u32),
}

/// Everything rules may look at.
#[derive(Debug)]
pub struct Facts<'a> {
    bundle: &'a Bundle,
    pub(crate) dns: DnsObjects,
    pub(crate) probes: Probes,
    pub(crate) resolv: ResolvFiles,
    pub(crate) maps: ConfigMaps,
    pub(crate) logs: Logs,
    pub(crate) failing: Vec<Failing>,
    /// The servers that each CoreDNS pod took from its node, as far as that is known.
    pub(crate) held: Vec<Held>,
    lists: Seen<Vec<UpstreamList>>,
    comparisons: Vec<Comparison>,
}

impl<'a> Facts<'a> {
    /// Reads the facts of a bundle. Never fails: what cannot be read is a gap of whoever asks for it.
    pub fn new(bundle: &'a Bundle) -> Self {
        let dns = DnsObjects::read(bundle);
        let probes = Probes::read(bundle);
        let resolv = ResolvFiles::read(bundle, &probes);
        let maps = ConfigMaps::read(bundle);
        let failing = names::failing(bundle, &probes);
        let held = held::read(bundle, &dns);
        let lists = upstreams::read(bundle, &maps.corefile, &resolv, &dns, &held);
        let comparisons = match (&maps.corefile, &lists) {
            (Ok(corefile), Ok(lists)) => {
                agreement::compare(corefile, lists, &probes.rows, &failing)
            }
            _ => Vec::new(),
        };
        let logs = Logs::read(bundle);
        Self {
            bundle,
            dns,
            probes,
            resolv,
            maps,
            logs,
            failing,
            held,
            lists,
            comparisons,
        }
    }

    /// The bundle itself.
    pub fn bundle(&self) -> &'a Bundle {
        self.bundle
    }

    /// The effective Corefile.
    pub(crate) fn corefile(&self) -> Seen<&CorefileFact> {
        self.maps.corefile.as_ref().map_err(Clone::clone)
    }

    /// The servers of every `forward`.
    pub(crate) fn upstream_lists(&self) -> Seen<&[UpstreamList]> {
        self.lists.as_deref().map_err(Clone::clone)
    }

    /// What the upstreams said of each name, compared; empty where nothing was asked twice.
    pub(crate) fn comparisons(&self) -> &[Comparison] {
        &self.comparisons
    }

    /// The list that serves a name.
    pub(crate) fn serving(&self, name: &str) -> Option<&UpstreamList> {
        let corefile = self.corefile().ok()?;
        upstreams::serving(corefile, self.upstream_lists().ok()?, name)
    }

    /// Addresses that are right as a pod's nameserver: of the DNS Service and of node-local DNS.
    pub(crate) fn is_cluster_dns(&self, address: &str) -> Seen<bool> {
        let services = self.dns.service_addresses()?;
        let wanted = addresses::parse(address);
        let is_service = services.iter().any(|ip| addresses::parse(ip) == wanted);
        Ok(is_service || dns_objects::node_local(address).is_some())
    }

    /// Whether the pod of this file is meant to ask cluster DNS. A pod whose spec was not collected
    /// counts as one: `ClusterFirst` is the default.
    pub(crate) fn is_cluster_first(&self, file: &ResolvFile) -> bool {
        let pod = match (&self.dns.failing_pod, &file.of) {
            (Ok(pod), Of::FailingPod | Of::Workload) => Some(&pod.spec),
            _ => None,
        };
        match pod {
            None => true,
            Some(spec) => match spec.dns_policy.as_deref() {
                None | Some("ClusterFirst") => !spec.host_network,
                Some(policy) => policy == "ClusterFirstWithHostNet",
            },
        }
    }

    /// The cluster domain: the first zone of the `kubernetes` plugin that is no reverse zone.
    pub(crate) fn cluster_domain(&self) -> Option<String> {
        let blocks = self.corefile().map(|corefile| &corefile.parsed.blocks);
        let zone = blocks.into_iter().flatten().find_map(|block| {
            let args = &block.directive("kubernetes")?.args;
            args.iter()
                .map(|word| word.text.as_str())
                .find(|zone| !names::plain(zone).ends_with("arpa"))
        });
        zone.map(|zone| names::plain(zone).to_owned())
    }
}

/// The pod a file belongs to, as far as it is known.
pub(crate) fn pod_scope(facts: &Facts<'_>, file: &ResolvFile) -> Scope {
    let symptom = &facts.bundle.manifest().symptom;
    match (&file.of, &symptom.namespace, &symptom.pod) {
        (Of::FailingPod | Of::Workload, Some(namespace), Some(pod)) => {
            Scope::Pod(format!("{namespace}/{pod}"))
        }
        (Of::FailingPod | Of::Workload, Some(namespace), None) => {
            Scope::Namespace(namespace.clone())
        }
        _ => Scope::Cluster,
    }
}
