//! Who reaches a target, for every pod of a cluster: pods that policies treat alike are asked once.

use std::collections::{BTreeMap, BTreeSet};

use crate::decide::is_own_node;
use crate::endpoint::{Direction, Endpoint, Pod, Protocol};
use crate::rules::{Block, PeerTest};
use crate::set::PolicySet;
use crate::verdict::Verdict;

/// Somebody to be reached.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// Who.
    pub to: &'a Endpoint,
    /// Protocol.
    pub protocol: Protocol,
    /// Port of the pod that listens.
    pub port: u16,
}

/// Pods that every policy in question treats alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group<'a> {
    /// Their namespace.
    pub namespace: &'a str,
    /// Labels that a policy in question asks for, as far as the pods have them.
    pub labels: BTreeMap<&'a str, &'a str>,
    /// They are in their node's network.
    pub host_network: bool,
    /// How many.
    pub pods: u64,
    /// One of them: the first by name.
    pub example: &'a Endpoint,
    /// A verdict for each target, in their order.
    pub verdicts: Vec<Verdict>,
}

impl Group<'_> {
    /// Whether, as most plugins read the policies, the pods reach none of the targets.
    pub fn reaches_none(&self) -> bool {
        !self.verdicts.is_empty() && self.verdicts.iter().all(is_blocked)
    }

    /// Whether, as most plugins read the policies, some target is out of reach.
    pub fn misses_some(&self) -> bool {
        self.verdicts.iter().any(is_blocked)
    }
}

fn is_blocked(verdict: &Verdict) -> bool {
    verdict.usually_allowed() == Some(false)
}

/// What [`PolicySet::reach`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach<'a> {
    /// By namespace, then labels.
    pub groups: Vec<Group<'a>>,
    /// Pods that have ended.
    pub finished: u64,
    /// Pods without an address.
    pub without_address: u64,
    /// Endpoints that are no pods.
    pub not_pods: u64,
}

/// What makes pods alike.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key<'a> {
    namespace: &'a str,
    /// Values of the labels that count, in their order.
    labels: Vec<Option<&'a str>>,
    host_network: bool,
    /// Which blocks hold an address of it, by number, and which targets' nodes are its own.
    places: Vec<usize>,
    /// The target that it is itself.
    itself: Option<usize>,
}

/// What counts, for pods of one namespace.
struct Relevant<'a> {
    /// Labels.
    keys: Vec<&'a str>,
}

impl PolicySet {
    /// Which of `pods` reach which of `targets`: each kind of pods once, with their number.
    ///
    /// Pods are of one kind when they agree in their namespace, in the labels and addresses that a
    /// policy of theirs or of the targets asks for, and in being on a target's node where that
    /// counts. 150,000 pods take well under a second.
    pub fn reach<'a>(
        &'a self,
        pods: impl IntoIterator<Item = &'a Endpoint>,
        targets: &[Target<'_>],
    ) -> Reach<'a> {
        let blocks = self.blocks_of(targets);
        let mut relevant: BTreeMap<&str, Relevant<'_>> = BTreeMap::new();
        let mut kinds: BTreeMap<Key<'a>, (u64, &'a Endpoint, &'a str)> = BTreeMap::new();
        let mut reach = Reach {
            groups: Vec::new(),
            finished: 0,
            without_address: 0,
            not_pods: 0,
        };
        for endpoint in pods {
            let Endpoint::Pod(pod) = endpoint else {
                reach.not_pods += 1;
                continue;
            };
            if pod.finished {
                reach.finished += 1;
                continue;
            }
            if pod.ips.is_empty() {
                reach.without_address += 1;
                continue;
            }
            let relevant = relevant
                .entry(&pod.namespace)
                .or_insert_with(|| self.relevant(&pod.namespace, targets));
            let key = key(endpoint, pod, relevant, &blocks, targets);
            kinds
                .entry(key)
                .and_modify(|(count, example, name)| {
                    *count += 1;
                    if pod.name.as_str() < *name {
                        (*example, *name) = (endpoint, &pod.name);
                    }
                })
                .or_insert((1, endpoint, &pod.name));
        }
        let prepared: Vec<_> = targets.iter().map(|it| (it, self.prepare(it.to))).collect();
        for (key, (count, example, _)) in kinds {
            let from = self.prepare(example);
            let verdicts = prepared
                .iter()
                .map(|(target, to)| self.between(&from, to, target.protocol, target.port))
                .collect();
            let keys = relevant.get(key.namespace);
            let labels = keys.iter().flat_map(|it| &it.keys).zip(&key.labels);
            reach.groups.push(Group {
                namespace: key.namespace,
                labels: labels
                    .filter_map(|(key, value)| Some((*key, (*value)?)))
                    .collect(),
                host_network: key.host_network,
                pods: count,
                example,
                verdicts,
            });
        }
        reach
    }

    /// Labels that count for pods of the namespace as senders to the targets.
    fn relevant(&self, namespace: &str, targets: &[Target<'_>]) -> Relevant<'_> {
        let number = self.tables.number(namespace);
        let mut selectors = BTreeSet::new();
        let own = number.and_then(|number| self.tables.entry(number));
        for policy in own.iter().flat_map(|entry| &entry.egress) {
            selectors.extend(self.compiled.get(*policy).map(|policy| policy.selector));
        }
        for (home, peer) in self.ingress_peers(targets) {
            if let PeerTest::Pods {
                namespaces,
                pods: Some(pods),
            } = peer
                && match namespaces {
                    Some(it) => self.tables.selects(*it, number, namespace, true),
                    None => number == Some(home),
                }
            {
                selectors.insert(*pods);
            }
        }
        let keys: BTreeSet<&str> = selectors
            .into_iter()
            .filter_map(|number| self.tables.pod_selectors.get(number))
            .flat_map(crate::selector::Selector::keys)
            .collect();
        Relevant {
            keys: keys.into_iter().collect(),
        }
    }

    /// Blocks that the targets' policies ask senders' addresses for.
    fn blocks_of(&self, targets: &[Target<'_>]) -> Vec<&Block> {
        self.ingress_peers(targets)
            .filter_map(|(_, peer)| match peer {
                PeerTest::Block(Some(block)) => Some(block),
                _ => None,
            })
            .collect()
    }

    /// Peers in the ingress rules of the targets' namespaces, with the number of the namespace.
    fn ingress_peers(&self, targets: &[Target<'_>]) -> impl Iterator<Item = (usize, &PeerTest)> {
        let homes: BTreeSet<usize> = targets
            .iter()
            .filter_map(|target| self.tables.number(&target.to.pod()?.namespace))
            .collect();
        homes.into_iter().flat_map(move |home| {
            let policies = self.tables.entry(home).into_iter();
            policies
                .flat_map(|entry| &entry.ingress)
                .filter_map(|number| self.compiled.get(*number))
                .flat_map(|policy| policy.rules(Direction::Ingress))
                .flat_map(|rule| rule.peers.iter().flatten())
                .map(move |peer| (home, peer))
        })
    }
}

fn key<'a>(
    endpoint: &Endpoint,
    pod: &'a Pod,
    relevant: &Relevant<'_>,
    blocks: &[&Block],
    targets: &[Target<'_>],
) -> Key<'a> {
    let keys = relevant.keys.iter();
    let mut places: Vec<usize> = (0..blocks.len())
        .filter(|number| blocks.get(*number).is_some_and(|it| it.holds_any(&pod.ips)))
        .collect();
    let base = blocks.len();
    for (number, target) in targets.iter().enumerate() {
        if is_own_node(pod, target.to, false, false) {
            places.push(base + 2 * number);
        }
        if let Endpoint::Pod(to) = target.to
            && is_own_node(to, endpoint, false, false)
        {
            places.push(base + 2 * number + 1);
        }
    }
    Key {
        namespace: &pod.namespace,
        labels: keys
            .map(|key| pod.labels.get(*key).map(String::as_str))
            .collect(),
        host_network: pod.host_network,
        places,
        itself: targets
            .iter()
            .position(|target| target.to.pod().is_some_and(|to| to.is(pod))),
    }
}
