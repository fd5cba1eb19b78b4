//! What the NetworkPolicies that were collected say of the way from the failing pod to CoreDNS.

use digpod_bundle::{Place, layout};
use digpod_netpol::{
    Direction, Endpoint, Explanation, Flow, Namespace, NetworkPolicy, Pod, PolicySet, Protocol,
};
use serde::Deserialize;

use super::{Facts, Gap, Lack, Seen, cite, missing};
use crate::finding::Evidence;

/// The way from the failing pod to the CoreDNS pods, by protocol.
#[derive(Debug)]
pub(crate) struct Ways {
    /// The pod that asks.
    pub(crate) from: String,
    /// Its namespace.
    pub(crate) namespace: String,
    /// One for each CoreDNS pod and protocol, UDP first.
    pub(crate) all: Vec<Way>,
}

/// One flow, judged.
#[derive(Debug)]
pub(crate) struct Way {
    /// How it travels.
    pub(crate) protocol: Protocol,
    /// What the policies say.
    pub(crate) explanation: Explanation,
    /// Policies that isolate the sender, and those that isolate the receiver, with their places.
    pub(crate) isolating: [Vec<Evidence>; 2],
    /// `namespace/name` of those policies.
    pub(crate) names: Vec<String>,
    /// The first change that would let it pass, for each direction that blocks: sentence, policy and
    /// YAML.
    pub(crate) fix: [Option<Cure>; 2],
}

/// A change of a policy.
#[derive(Clone, Debug)]
pub(crate) struct Cure {
    /// `namespace/name`.
    pub(crate) policy: String,
    /// What to do.
    pub(crate) sentence: String,
    /// What is added there.
    pub(crate) yaml: String,
}

impl Way {
    /// Whether a direction blocks it, as plugins usually read the policies.
    pub(crate) fn is_blocked(&self, direction: Direction) -> bool {
        let reading = self.explanation.verdict.usual();
        reading.is_some_and(|reading| reading.pass(direction).is_none())
    }

    /// What isolates the end of this direction.
    pub(crate) fn isolating(&self, direction: Direction) -> &[Evidence] {
        &self.isolating[index(direction)]
    }

    /// What would let it pass.
    pub(crate) fn fix(&self, direction: Direction) -> Option<&Cure> {
        self.fix[index(direction)].as_ref()
    }
}

impl Ways {
    /// Ways of a protocol that a direction blocks.
    pub(crate) fn blocked(&self, protocol: Protocol, direction: Direction) -> Vec<&Way> {
        let all = self.all.iter().filter(|way| way.protocol == protocol);
        all.filter(|way| way.is_blocked(direction)).collect()
    }

    /// Whether every way of a protocol is blocked there, and there is one.
    pub(crate) fn all_blocked(&self, protocol: Protocol, direction: Direction) -> bool {
        let mut all = self.all.iter().filter(|way| way.protocol == protocol);
        let any = all.clone().next().is_some();
        any && all.all(|way| way.is_blocked(direction))
    }
}

const fn index(direction: Direction) -> usize {
    match direction {
        Direction::Egress => 0,
        Direction::Ingress => 1,
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct List<T> {
    items: Vec<T>,
}

/// Judges every way; the failing pod stands for itself, or the probe that is its sibling.
pub(crate) fn ways(facts: &Facts<'_>) -> Seen<Ways> {
    let bundle = facts.bundle();
    let own: Seen<Pod> = missing::read(bundle, layout::WORKLOAD_POD);
    let sibling = || missing::read::<Pod>(bundle, &layout::probe_pod("workload"));
    let from = own.or_else(|gap| sibling().map_err(|_| gap))?;
    let of_client: List<NetworkPolicy> =
        missing::read_list(bundle, layout::WORKLOAD_NETWORK_POLICIES)?;
    let of_dns: List<NetworkPolicy> = missing::read_list(bundle, layout::DNS_NETWORK_POLICIES)?;
    let pods: List<Pod> = missing::read_list(bundle, layout::DNS_PODS)?;

    let mut policies: Vec<NetworkPolicy> = Vec::new();
    let mut places: Vec<Place> = Vec::new();
    let lists = [
        (layout::WORKLOAD_NETWORK_POLICIES, of_client.items),
        (layout::DNS_NETWORK_POLICIES, of_dns.items),
    ];
    for (entry, list) in lists {
        for (at, policy) in list.into_iter().enumerate() {
            // Pod and DNS may live in one namespace.
            if !policies
                .iter()
                .any(|known| known.full_name() == policy.full_name())
            {
                policies.push(policy);
                places.push(Place::json(entry, format!("/items/{at}/spec")));
            }
        }
    }
    let namespaces = namespaces(facts, &from, &pods.items);
    let set = PolicySet::compile(policies, namespaces);
    let name = format!("{}/{}", from.namespace, from.name);
    let namespace = from.namespace.clone();
    let from = Endpoint::from(from);
    let mut ways = Vec::new();
    for protocol in [Protocol::Udp, Protocol::Tcp] {
        for pod in pods.items.iter().filter(|pod| !pod.ips.is_empty()) {
            let port = port(facts, pod, protocol);
            let to = Endpoint::from(pod.clone());
            let flow = Flow {
                from: &from,
                to: &to,
                protocol,
                port,
            };
            ways.push(way(&set, &places, protocol, &flow));
        }
    }
    if ways.is_empty() {
        return Err(Gap {
            lacks: Lack::Entry,
            entry: layout::DNS_PODS.to_owned(),
            reason: "holds no pod with an address".to_owned(),
        });
    }
    Ok(Ways {
        from: name,
        namespace,
        all: ways,
    })
}

fn way(set: &PolicySet, places: &[Place], protocol: Protocol, flow: &Flow<'_>) -> Way {
    let explanation = set.explain(flow);
    let sides = [&explanation.egress, &explanation.ingress];
    let isolating = sides.map(|side| {
        let of_side = side.isolating.iter();
        let cited =
            of_side.filter_map(|it| Some(cite(places.get(it.policy)?, it.sentence.clone())));
        cited.collect()
    });
    let all = sides.iter().flat_map(|side| &side.isolating);
    let names = all.filter_map(|it| Some(set.policies().get(it.policy)?.full_name()));
    let names = names.collect();
    let fix = sides.map(|side| {
        let miss = side.misses.first().map(|miss| &miss.fix);
        let fix = miss.or(side.fix.as_ref())?;
        Some(Cure {
            policy: set.policies().get(fix.policy)?.full_name(),
            sentence: fix.sentence.clone(),
            yaml: fix.yaml(),
        })
    });
    Way {
        protocol,
        explanation,
        isolating,
        names,
        fix,
    }
}

fn namespaces(facts: &Facts<'_>, from: &Pod, pods: &[Pod]) -> Vec<Namespace> {
    let read = |entry: &str| missing::read::<Namespace>(facts.bundle(), entry).ok();
    let known = [layout::WORKLOAD_NAMESPACE, "dns/namespace.json"];
    let mut all: Vec<Namespace> = known.into_iter().filter_map(read).collect();
    let names = [
        Some(&from.namespace),
        pods.first().map(|pod| &pod.namespace),
    ];
    for name in names.into_iter().flatten() {
        if !all.iter().any(|known| known.name == *name) {
            all.push(Namespace::new(name));
        }
    }
    all
}

/// The port on which a pod is asked: the Service's target port, 53 where that is not known.
fn port(facts: &Facts<'_>, pod: &Pod, protocol: Protocol) -> u16 {
    let service = facts.dns.service.as_ref().ok();
    let ports = service.map(|service| service.spec.ports.as_slice());
    let of_dns = ports.unwrap_or_default().iter().find(|port| {
        port.port == 53 && port.protocol.as_deref().unwrap_or("TCP") == protocol.as_str()
    });
    let target = of_dns.and_then(|port| port.target_port.as_ref());
    let named = |name: &str| pod.port_named(name, protocol);
    let target = target.and_then(|target| match target {
        serde_json::Value::String(name) => named(name),
        number => number
            .as_u64()
            .and_then(|number| u16::try_from(number).ok()),
    });
    target.unwrap_or(53)
}
