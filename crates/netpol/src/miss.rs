//! Rules that almost match: those that fail in exactly one test.

use crate::decide::{Ends, Prepared};
use crate::endpoint::{Direction, Endpoint};
use crate::fix::{Change, Fix, peer_for, port_for};
use crate::policy::{Peer, PolicyPort};
use crate::rules::{Block, PeerTest, PortTest};
use crate::set::PolicySet;
use crate::verdict::RuleId;
use crate::words;

/// A rule that fails in exactly one test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Miss {
    /// The rule.
    pub rule: RuleId,
    /// The test.
    pub test: FailedTest,
    /// JSON pointer into the policy: what fails.
    pub pointer: String,
    /// Why it fails, in a sentence.
    pub sentence: String,
    /// The smallest change that lets the flow pass this direction.
    pub fix: Fix,
}

/// A test of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FailedTest {
    /// Another protocol.
    Protocol,
    /// Another port.
    Port,
    /// The other pod's namespace is not selected.
    Namespace,
    /// The other pod is not selected.
    Pod,
    /// The address is not in the block.
    Address,
    /// Selectors match pods of the pod network only, and the other end is none.
    NotAPod,
}

/// Rules of these policies that fail in exactly one test, in their order.
pub(crate) fn misses(
    set: &PolicySet,
    policies: &[usize],
    direction: Direction,
    other: &Prepared<'_>,
    ends: Ends<'_>,
) -> Vec<Miss> {
    let mut found = Vec::new();
    for policy in policies {
        let Some((found_policy, compiled)) =
            set.policies.get(*policy).zip(set.compiled.get(*policy))
        else {
            continue;
        };
        let policy_spec = &found_policy.spec;
        let count = compiled.rules(direction).len();
        for rule in 0..count {
            let id = RuleId {
                policy: *policy,
                rule,
                direction,
            };
            let written = match direction {
                Direction::Egress => policy_spec
                    .egress
                    .as_ref()
                    .and_then(|rules| rules.get(rule))
                    .map(|rule| (rule.ports.as_deref(), rule.to.as_deref())),
                Direction::Ingress => policy_spec
                    .ingress
                    .as_ref()
                    .and_then(|rules| rules.get(rule))
                    .map(|rule| (rule.ports.as_deref(), rule.from.as_deref())),
            };
            let Some((ports, peers)) = written else {
                continue;
            };
            let near = Near {
                set,
                id,
                namespace: compiled.namespace,
                compiled: compiled.rules(direction).get(rule),
                other,
                ends,
            };
            found.extend(near.misses(ports.unwrap_or_default(), peers.unwrap_or_default()));
        }
    }
    found
}

/// One rule against one flow.
struct Near<'a> {
    set: &'a PolicySet,
    id: RuleId,
    namespace: usize,
    compiled: Option<&'a crate::rules::Rule>,
    other: &'a Prepared<'a>,
    ends: Ends<'a>,
}

impl Near<'_> {
    fn misses(&self, ports: &[PolicyPort], peers: &[Peer]) -> Vec<Miss> {
        let Some(compiled) = self.compiled else {
            return Vec::new();
        };
        let Ends {
            protocol, port, to, ..
        } = self.ends;
        let port_is_right = compiled.admits_port(protocol, port, to.endpoint);
        let failures: Vec<Vec<FailedTest>> = compiled
            .peers
            .iter()
            .flatten()
            .map(|peer| self.peer_failures(peer))
            .collect();
        let peer_is_right = peers.is_empty() || failures.iter().any(Vec::is_empty);
        match (port_is_right, peer_is_right) {
            (true, false) => peers
                .iter()
                .zip(&failures)
                .enumerate()
                .filter_map(|(index, (peer, failed))| match failed.as_slice() {
                    [only] => Some(self.peer_miss(index, peers, peer, *only)),
                    _ => None,
                })
                .collect(),
            (false, true) => {
                let ports = ports.iter().enumerate();
                ports
                    .filter_map(|(index, entry)| self.port_miss(index, entry))
                    .collect()
            }
            _ => Vec::new(),
        }
    }

    /// Tests that the peer fails; two for one that nothing can match.
    fn peer_failures(&self, peer: &PeerTest) -> Vec<FailedTest> {
        let set = self.set;
        match (peer, self.other.endpoint) {
            (PeerTest::Block(Some(block)), Endpoint::Ip(address)) => {
                fails(FailedTest::Address, block.holds(*address))
            }
            (PeerTest::Block(Some(block)), Endpoint::Pod(pod)) => {
                fails(FailedTest::Address, block.holds_any(&pod.ips))
            }
            (PeerTest::Block(None) | PeerTest::Nothing, _) => {
                vec![FailedTest::Address, FailedTest::NotAPod]
            }
            (PeerTest::Pods { .. }, Endpoint::Ip(_)) => vec![FailedTest::NotAPod],
            (PeerTest::Pods { namespaces, pods }, Endpoint::Pod(pod)) => {
                let mut failed = fails(FailedTest::NotAPod, !pod.host_network);
                let here = match namespaces {
                    Some(selector) => {
                        set.tables
                            .selects(*selector, self.other.namespace, &pod.namespace, false)
                    }
                    None => self.other.namespace == Some(self.namespace),
                };
                failed.extend(fails(FailedTest::Namespace, here));
                let matched = pods.is_none_or(|pods| set.matches(pods, self.other));
                failed.extend(fails(FailedTest::Pod, matched));
                failed
            }
        }
    }

    fn peer_miss(&self, index: usize, peers: &[Peer], peer: &Peer, test: FailedTest) -> Miss {
        let direction = self.id.direction;
        let at = format!("{}/{}/{index}", self.id.pointer(), direction.peers_field());
        let (field, mut sentence) = match test {
            FailedTest::Namespace => self.wrong_namespace(peer),
            FailedTest::Pod => (
                "/podSelector".to_owned(),
                words::labels_differ(peer.pod_selector.as_ref(), self.other.endpoint),
            ),
            FailedTest::Address => wrong_address(peer, self.other.endpoint),
            _ => (String::new(), words::not_a_pod(self.other.endpoint)),
        };
        let split = peer.pod_selector.is_some() && peer.namespace_selector.is_none();
        let beside = |it: &Peer| it.namespace_selector.is_some() && it.pod_selector.is_none();
        if test == FailedTest::Namespace && split && peers.iter().any(beside) {
            sentence.push_str(
                ". Another item of the list selects namespaces: items are alternatives, and only selectors within one item go together",
            );
        }
        let change = Change::Peer(peer_for(self.set, self.namespace, self.other));
        Miss {
            rule: self.id,
            test,
            pointer: at + &field,
            sentence,
            fix: self.fix(change, direction.peers_field()),
        }
    }

    fn wrong_namespace(&self, peer: &Peer) -> (String, String) {
        let Some(pod) = self.other.endpoint.pod() else {
            return (String::new(), String::new());
        };
        let Some(selector) = &peer.namespace_selector else {
            let own = self.set.tables.entry(self.namespace);
            let own = own.map_or("", |entry| entry.name.as_str());
            return (
                String::new(),
                format!(
                    "a podSelector alone selects pods of the policy's own namespace, {own}; {} is in {}",
                    self.other.endpoint, pod.namespace
                ),
            );
        };
        let entry = self
            .other
            .namespace
            .and_then(|it| self.set.tables.entry(it));
        let labels = entry.and_then(|entry| entry.labels.as_ref());
        (
            "/namespaceSelector".to_owned(),
            words::namespace_differs(selector, &pod.namespace, labels),
        )
    }

    fn port_miss(&self, index: usize, entry: &PolicyPort) -> Option<Miss> {
        let Ends {
            protocol, port, to, ..
        } = self.ends;
        let test = PortTest::new(entry);
        let right_protocol = test.protocol == Some(protocol);
        let right_port = test.numbers.hold(protocol, port, to.endpoint);
        let at = format!("{}/ports/{index}", self.id.pointer());
        let (failed, pointer, sentence) = match (right_protocol, right_port) {
            (false, true) => {
                let field = entry.protocol.as_ref().map_or("", |_| "/protocol");
                let sentence = words::wrong_protocol(entry, protocol);
                (FailedTest::Protocol, at + field, sentence)
            }
            (true, false) => {
                let sentence = words::wrong_port(entry, protocol, port, to.endpoint);
                (FailedTest::Port, at + "/port", sentence)
            }
            _ => return None,
        };
        Some(Miss {
            rule: self.id,
            test: failed,
            pointer,
            sentence,
            fix: self.fix(Change::Port(port_for(protocol, port)), "ports"),
        })
    }

    fn fix(&self, change: Change, field: &str) -> Fix {
        let RuleId {
            policy,
            rule,
            direction,
        } = self.id;
        let name = self.set.policies.get(policy);
        let name = name.map_or_else(String::new, crate::policy::NetworkPolicy::full_name);
        Fix {
            policy,
            direction,
            rule: Some(rule),
            change,
            sentence: format!("add this to spec.{direction}[{rule}].{field} of {name}"),
        }
    }
}

fn fails(test: FailedTest, holds: bool) -> Vec<FailedTest> {
    if holds { Vec::new() } else { vec![test] }
}

/// What of a block keeps the endpoint out: its range, or one of the exceptions.
fn wrong_address(peer: &Peer, other: &Endpoint) -> (String, String) {
    let Some(block) = &peer.ip_block else {
        return (String::new(), String::new());
    };
    let addresses = words::addresses(other);
    let mut whole = block.clone();
    whole.except = None;
    let within = Block::new(&whole).is_some_and(|whole| match other {
        Endpoint::Ip(address) => whole.holds(*address),
        Endpoint::Pod(pod) => whole.holds_any(&pod.ips),
    });
    if within {
        (
            "/ipBlock/except".to_owned(),
            format!("{addresses} is among the exceptions of {}", block.cidr),
        )
    } else {
        (
            "/ipBlock/cidr".to_owned(),
            format!("{addresses} is not in {}", block.cidr),
        )
    }
}
