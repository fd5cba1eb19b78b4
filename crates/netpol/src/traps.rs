//! Mistakes in policies that are valid and mean something else than they seem to.

use crate::endpoint::{Direction, NAMESPACE_NAME_LABEL, Protocol};
use crate::policy::{LabelSelector, NetworkPolicy, Peer, PolicyPort, PortValue};
use crate::rules::PeerTest;
use crate::set::{PolicySet, is_of_type};

/// Something valid that is seldom meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trap {
    /// Number of the policy, in [`PolicySet::policies`].
    pub policy: usize,
    /// What it is.
    pub kind: TrapKind,
    /// JSON pointer into the policy.
    pub pointer: String,
    /// What it means, in a sentence.
    pub sentence: String,
}

/// Kinds of traps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TrapKind {
    /// A namespaceSelector and a podSelector are items of their own where they seem to belong
    /// together.
    SplitPeer,
    /// A rule for DNS that allows one of UDP and TCP only.
    OneProtocolForDns,
    /// A namespaceSelector that selects no namespace of the cluster.
    SelectsNoNamespace,
    /// Rules of a direction that `policyTypes` leaves out.
    RulesWithoutType,
    /// `egress: []` without `policyTypes`: it restricts nothing that goes out, and everything that
    /// comes in.
    EmptyEgressWithoutType,
}

impl PolicySet {
    /// What is valid and seldom meant, in the order of the policies.
    pub fn traps(&self) -> Vec<Trap> {
        let mut found = Vec::new();
        for (number, policy) in self.policies.iter().enumerate() {
            let mut push = |kind, pointer: String, sentence: String| {
                found.push(Trap {
                    policy: number,
                    kind,
                    pointer,
                    sentence,
                });
            };
            types(policy, &mut push);
            let spec = &policy.spec;
            for (index, rule) in spec.ingress.iter().flatten().enumerate() {
                let (ports, peers) = (rule.ports.as_deref(), rule.from.as_deref());
                let at = format!("/spec/ingress/{index}");
                one_protocol(ports.unwrap_or_default(), &at, &mut push);
                split(peers.unwrap_or_default(), &format!("{at}/from"), &mut push);
            }
            for (index, rule) in spec.egress.iter().flatten().enumerate() {
                let (ports, peers) = (rule.ports.as_deref(), rule.to.as_deref());
                let at = format!("/spec/egress/{index}");
                one_protocol(ports.unwrap_or_default(), &at, &mut push);
                split(peers.unwrap_or_default(), &format!("{at}/to"), &mut push);
            }
            self.nowhere(number, &mut push);
        }
        found
    }

    fn nowhere(&self, number: usize, push: &mut impl FnMut(TrapKind, String, String)) {
        // Where a namespace was not seen, nobody knows what a selector selects.
        let entries = &self.tables.namespaces;
        if entries.is_empty() || entries.iter().any(|entry| entry.labels.is_none()) {
            return;
        }
        let Some(policy) = self.compiled.get(number) else {
            return;
        };
        for direction in [Direction::Egress, Direction::Ingress] {
            for (rule, compiled) in policy.rules(direction).iter().enumerate() {
                for (peer, test) in compiled.peers.iter().flatten().enumerate() {
                    let PeerTest::Pods {
                        namespaces: Some(selector),
                        ..
                    } = test
                    else {
                        continue;
                    };
                    let selected = (0..entries.len())
                        .any(|it| self.tables.selects(*selector, Some(it), "", false));
                    if !selected {
                        let pointer = format!(
                            "/spec/{direction}/{rule}/{}/{peer}/namespaceSelector",
                            direction.peers_field()
                        );
                        let sentence = format!(
                            "the namespaceSelector selects none of the {} namespaces; only {NAMESPACE_NAME_LABEL} is on every namespace",
                            entries.len()
                        );
                        push(TrapKind::SelectsNoNamespace, pointer, sentence);
                    }
                }
            }
        }
    }
}

fn types(policy: &NetworkPolicy, push: &mut impl FnMut(TrapKind, String, String)) {
    let spec = &policy.spec;
    let written = spec.policy_types.as_ref().is_some_and(|it| !it.is_empty());
    let rules = [
        (Direction::Ingress, spec.ingress.as_ref().map(Vec::len)),
        (Direction::Egress, spec.egress.as_ref().map(Vec::len)),
    ];
    for (direction, count) in rules {
        let pointer = format!("/spec/{direction}");
        if written && count.unwrap_or_default() > 0 && !is_of_type(spec, direction) {
            push(
                TrapKind::RulesWithoutType,
                pointer,
                format!("policyTypes leaves {direction} out, so these rules have no effect"),
            );
        } else if !written && direction == Direction::Egress && count == Some(0) {
            push(
                TrapKind::EmptyEgressWithoutType,
                pointer,
                "without policyTypes an empty egress list restricts nothing that goes out; the policy is of type Ingress"
                    .to_owned(),
            );
        }
    }
}

/// A selector with something in it.
fn narrow(selector: Option<&LabelSelector>) -> bool {
    selector.is_some_and(|selector| {
        selector.match_labels.iter().flatten().next().is_some()
            || selector.match_expressions.iter().flatten().next().is_some()
    })
}

fn split(peers: &[Peer], at: &str, push: &mut impl FnMut(TrapKind, String, String)) {
    for (index, pair) in peers.windows(2).enumerate() {
        let [first, second] = pair else { continue };
        let namespaces = narrow(first.namespace_selector.as_ref()) && first.pod_selector.is_none();
        let pods = narrow(second.pod_selector.as_ref()) && second.namespace_selector.is_none();
        if namespaces && pods {
            push(
                TrapKind::SplitPeer,
                format!("{at}/{}", index + 1),
                "namespaceSelector and podSelector are two items of the list: any pod of those namespaces, or pods with those labels in the policy's own namespace. Without the second dash they select pods with those labels in those namespaces"
                    .to_owned(),
            );
        }
    }
}

fn one_protocol(ports: &[PolicyPort], at: &str, push: &mut impl FnMut(TrapKind, String, String)) {
    let dns = |port: &PolicyPort| match &port.port {
        Some(PortValue::Number(number)) => matches!(number, 53 | 5353 | 8053),
        Some(PortValue::Name(name)) => name == "dns" || name == "dns-tcp",
        None => false,
    };
    let protocol =
        |port: &PolicyPort| Protocol::from_api(port.protocol.as_deref().unwrap_or("TCP"));
    let has = |wanted| {
        ports
            .iter()
            .any(|port| (dns(port) || port.port.is_none()) && protocol(port) == Some(wanted))
    };
    let Some(index) = ports.iter().position(dns) else {
        return;
    };
    let unwritten = ports
        .iter()
        .any(|port| dns(port) && port.protocol.is_none());
    let sentence = match (has(Protocol::Udp), has(Protocol::Tcp)) {
        (false, true) if unwritten => {
            "a port without a protocol means TCP; DNS asks over UDP first"
        }
        (false, true) => "this rule for DNS allows TCP only; DNS asks over UDP first",
        (true, false) => "this rule for DNS allows UDP only; long answers need TCP",
        _ => return,
    };
    push(
        TrapKind::OneProtocolForDns,
        format!("{at}/ports/{index}"),
        sentence.to_owned(),
    );
}
