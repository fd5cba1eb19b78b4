//! Changes that let a flow pass.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::cidr::canonical;
use crate::decide::{Ends, Prepared};
use crate::endpoint::{Direction, Endpoint, Labels, NAMESPACE_NAME_LABEL, Protocol};
use crate::policy::{
    EgressRule, IngressRule, IpBlock, LabelSelector, NetworkPolicy, Peer, PolicyPort, PortValue,
};
use crate::set::PolicySet;
use crate::yaml;

/// A change of a policy that lets a flow pass one direction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// Number of the policy, in [`PolicySet::policies`].
    pub policy: usize,
    /// Of its egress or ingress rules.
    pub direction: Direction,
    /// Which rule is changed; none: a new one.
    pub rule: Option<usize>,
    /// What to do, in a sentence that goes before the YAML.
    pub sentence: String,
    /// What is added.
    pub change: Change,
}

/// Something to add to a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// To the `ports` of a rule.
    Port(PolicyPort),
    /// To the `to` or `from` of a rule.
    Peer(Peer),
    /// To the rules.
    Rule {
        /// Its `to` or `from`.
        peers: Vec<Peer>,
        /// Its `ports`.
        ports: Vec<PolicyPort>,
    },
}

impl Fix {
    /// Path of a JSON patch (RFC 6902) that adds it, like `/spec/egress/0/ports/-`. Where the policy
    /// has no such list yet, the list itself is to be added.
    pub fn pointer(&self) -> String {
        let rules = format!("/spec/{}", self.direction);
        match (&self.change, self.rule) {
            (Change::Port(_), Some(rule)) => format!("{rules}/{rule}/ports/-"),
            (Change::Peer(_), Some(rule)) => {
                format!("{rules}/{rule}/{}/-", self.direction.peers_field())
            }
            _ => format!("{rules}/-"),
        }
    }

    /// The item to add, as YAML that ends in a newline.
    pub fn yaml(&self) -> String {
        match &self.change {
            Change::Port(port) => yaml::port(port),
            Change::Peer(peer) => yaml::peer(peer),
            Change::Rule { peers, ports } => yaml::rule(self.direction, peers, ports),
        }
    }

    /// Changes the policy so.
    pub fn apply(&self, policy: &mut NetworkPolicy) {
        let spec = &mut policy.spec;
        match (&self.change, self.rule, self.direction) {
            (Change::Rule { peers, ports }, _, Direction::Egress) => {
                spec.egress.get_or_insert_default().push(EgressRule {
                    to: Some(peers.clone()),
                    ports: Some(ports.clone()),
                });
            }
            (Change::Rule { peers, ports }, _, Direction::Ingress) => {
                spec.ingress.get_or_insert_default().push(IngressRule {
                    from: Some(peers.clone()),
                    ports: Some(ports.clone()),
                });
            }
            (change, Some(rule), Direction::Egress) => {
                if let Some(rule) = spec.egress.as_mut().and_then(|rules| rules.get_mut(rule)) {
                    add(change, &mut rule.ports, &mut rule.to);
                }
            }
            (change, Some(rule), Direction::Ingress) => {
                if let Some(rule) = spec.ingress.as_mut().and_then(|rules| rules.get_mut(rule)) {
                    add(change, &mut rule.ports, &mut rule.from);
                }
            }
            (Change::Port(_) | Change::Peer(_), None, _) => {}
        }
    }
}

fn add(change: &Change, ports: &mut Option<Vec<PolicyPort>>, peers: &mut Option<Vec<Peer>>) {
    match change {
        Change::Port(port) => ports.get_or_insert_default().push(port.clone()),
        Change::Peer(peer) => peers.get_or_insert_default().push(peer.clone()),
        Change::Rule { .. } => {}
    }
}

/// A new rule for the flow. DNS gets both protocols: long answers need TCP.
pub(crate) fn rule_for(
    set: &PolicySet,
    namespace: usize,
    direction: Direction,
    other: &Prepared<'_>,
    ends: Ends<'_>,
) -> Change {
    let Ends {
        protocol, port, to, ..
    } = ends;
    let dns = is_dns(protocol, port, to.endpoint);
    let ports = if dns {
        vec![port_for(Protocol::Udp, port), port_for(Protocol::Tcp, port)]
    } else {
        vec![port_for(protocol, port)]
    };
    let pod = other.endpoint.pod().is_some_and(|pod| !pod.host_network);
    let peer = if dns && pod && direction == Direction::Ingress {
        // A DNS server is for every pod.
        Peer {
            namespace_selector: Some(LabelSelector::default()),
            ..Peer::default()
        }
    } else {
        peer_for(set, namespace, other)
    };
    Change::Rule {
        peers: vec![peer],
        ports,
    }
}

/// Whether the flow is a DNS query by its port, or by the name that the pod gives the port.
fn is_dns(protocol: Protocol, port: u16, to: &Endpoint) -> bool {
    if protocol == Protocol::Sctp {
        return false;
    }
    let named = to.pod().is_some_and(|pod| {
        pod.ports.iter().any(|it| {
            let name = it.name.as_deref().unwrap_or_default();
            it.port == port && it.protocol == protocol && (name == "dns" || name == "dns-tcp")
        })
    });
    named || matches!(port, 53 | 1053 | 5353 | 8053)
}

pub(crate) fn port_for(protocol: Protocol, port: u16) -> PolicyPort {
    PolicyPort {
        protocol: Some(protocol.as_str().to_owned()),
        port: Some(PortValue::Number(port.into())),
        end_port: None,
    }
}

/// A peer that matches the endpoint, and little else.
pub(crate) fn peer_for(set: &PolicySet, namespace: usize, other: &Prepared<'_>) -> Peer {
    let pod = match other.endpoint {
        Endpoint::Pod(pod) if !pod.host_network => pod,
        Endpoint::Pod(pod) => return block(pod.ips.first().copied()),
        Endpoint::Ip(address) => return block(Some(*address)),
    };
    let namespace_selector = (other.namespace != Some(namespace)).then(|| {
        let entry = other.namespace.and_then(|number| set.tables.entry(number));
        let labels = match entry.and_then(|entry| entry.labels.as_ref()) {
            Some(labels) => match labels.get(NAMESPACE_NAME_LABEL) {
                Some(name) => name_label(name),
                None => labels.clone(),
            },
            None => name_label(&pod.namespace),
        };
        exactly(labels)
    });
    Peer {
        pod_selector: Some(exactly(telling(&pod.labels))),
        namespace_selector,
        ip_block: None,
    }
}

fn name_label(name: &str) -> Labels {
    BTreeMap::from([(NAMESPACE_NAME_LABEL.to_owned(), name.to_owned())])
}

fn exactly(labels: Labels) -> LabelSelector {
    LabelSelector {
        match_labels: (!labels.is_empty()).then_some(labels),
        match_expressions: None,
    }
}

fn block(address: Option<IpAddr>) -> Peer {
    let cidr = address.map(|address| {
        let address = canonical(address);
        format!("{address}/{}", if address.is_ipv4() { 32 } else { 128 })
    });
    Peer {
        ip_block: Some(IpBlock {
            cidr: cidr.unwrap_or_default(),
            except: None,
        }),
        ..Peer::default()
    }
}

/// Labels that tell what a pod is: a usual one, or all that are not a controller's own.
fn telling(labels: &Labels) -> Labels {
    const USUAL: [&str; 5] = [
        "k8s-app",
        "app.kubernetes.io/name",
        "dns.operator.openshift.io/daemonset-dns",
        "app",
        "name",
    ];
    const OWN: [&str; 9] = [
        "pod-template-hash",
        "controller-revision-hash",
        "pod-template-generation",
        "statefulset.kubernetes.io/pod-name",
        "apps.kubernetes.io/pod-index",
        "batch.kubernetes.io/controller-uid",
        "batch.kubernetes.io/job-name",
        "controller-uid",
        "job-name",
    ];
    for key in USUAL {
        if let Some(value) = labels.get(key) {
            return BTreeMap::from([(key.to_owned(), value.clone())]);
        }
    }
    let mut rest = labels.clone();
    rest.retain(|key, _| !OWN.contains(&key.as_str()));
    rest
}
