//! The verdict on a flow.

use std::net::IpAddr;

use crate::cidr::canonical;
use crate::endpoint::{Direction, Endpoint, Flow, Pod, Protocol};
use crate::rules::{PeerTest, Rule};
use crate::set::PolicySet;
use crate::verdict::{Assumption, Assumptions, NotEvaluated, Pass, Reading, RuleId, Verdict};

/// An endpoint with what the policies' selectors say of it: for many flows of the same pods.
#[derive(Clone, Debug)]
pub struct Prepared<'a> {
    pub(crate) endpoint: &'a Endpoint,
    /// Number of its namespace.
    pub(crate) namespace: Option<usize>,
    memo: Option<Memo>,
}

/// Answers that were worked out before.
#[derive(Clone, Debug)]
struct Memo {
    /// A bit for each pod selector that matches.
    selectors: Box<[u64]>,
    egress: Box<[usize]>,
    ingress: Box<[usize]>,
}

impl<'a> Prepared<'a> {
    /// The endpoint itself.
    pub fn endpoint(&self) -> &'a Endpoint {
        self.endpoint
    }
}

/// A match of a rule's peers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Match {
    Sure,
    /// A pod, by its address.
    ByAddress,
}

/// What does not change while assumptions are turned round.
#[derive(Clone, Copy)]
pub(crate) struct Ends<'a> {
    pub(crate) from: &'a Prepared<'a>,
    pub(crate) to: &'a Prepared<'a>,
    pub(crate) protocol: Protocol,
    pub(crate) port: u16,
}

impl PolicySet {
    /// The verdict on a flow.
    pub fn verdict(&self, flow: &Flow<'_>) -> Verdict {
        let from = self.prepare_once(flow.from);
        let to = self.prepare_once(flow.to);
        self.between(&from, &to, flow.protocol, flow.port)
    }

    /// Matches an endpoint with every selector, so that its flows are decided faster.
    pub fn prepare<'a>(&self, endpoint: &'a Endpoint) -> Prepared<'a> {
        let mut prepared = self.prepare_once(endpoint);
        if let Some(pod) = endpoint.pod() {
            let mut selectors = vec![0_u64; self.tables.pod_selectors.len().div_ceil(64)];
            for (number, selector) in self.tables.pod_selectors.iter().enumerate() {
                if selector.matches(&pod.labels)
                    && let Some(bits) = selectors.get_mut(number / 64)
                {
                    *bits |= 1 << (number % 64);
                }
            }
            let memo = Memo {
                selectors: selectors.into(),
                egress: self.selecting(&prepared, Direction::Egress).collect(),
                ingress: self.selecting(&prepared, Direction::Ingress).collect(),
            };
            prepared.memo = Some(memo);
        }
        prepared
    }

    pub(crate) fn prepare_once<'a>(&self, endpoint: &'a Endpoint) -> Prepared<'a> {
        Prepared {
            endpoint,
            namespace: endpoint
                .pod()
                .and_then(|pod| self.tables.number(&pod.namespace)),
            memo: None,
        }
    }

    /// The verdict on a flow between endpoints that this set prepared.
    pub fn between(
        &self,
        from: &Prepared<'_>,
        to: &Prepared<'_>,
        protocol: Protocol,
        port: u16,
    ) -> Verdict {
        for (end, prepared) in [(Direction::Egress, from), (Direction::Ingress, to)] {
            if let Endpoint::Pod(pod) = prepared.endpoint
                && (pod.finished || pod.ips.is_empty())
            {
                return Verdict::NotEvaluated(NotEvaluated {
                    end,
                    finished: pod.finished,
                });
            }
        }
        let ends = Ends {
            from,
            to,
            protocol,
            port,
        };
        let (usual, by_address) = self.reading(ends, self.assumed);
        let open = self.open(ends, by_address).without(self.settled);
        if !open.is_empty() {
            for turned in Assumptions::combinations().filter(|turned| turned.is_within(open)) {
                let (other, _) = self.reading(ends, self.assumed.turned(turned));
                if other.is_allowed() != usual.is_allowed() {
                    return Verdict::Undetermined {
                        depends_on: turned,
                        usual,
                        other,
                    };
                }
            }
        }
        if usual.is_allowed() {
            Verdict::Allowed(usual)
        } else {
            Verdict::Denied(usual)
        }
    }

    /// Assumptions that might change the result.
    fn open(&self, ends: Ends<'_>, by_address: bool) -> Assumptions {
        let pods = [ends.from, ends.to].map(|it| it.endpoint.pod());
        let host = pods.iter().flatten().any(|pod| pod.host_network);
        let unseen = [ends.from, ends.to]
            .iter()
            .any(|it| it.endpoint.pod().is_some() && !self.tables.seen(it.namespace));
        let node = pods[0].is_some_and(|pod| is_own_node(pod, ends.to.endpoint, false, true));
        let open = Assumptions::NONE
            .with(Assumption::HostNetworkIsSelected, host)
            .with(Assumption::UnseenLabelsMatch, unseen)
            .with(Assumption::OwnNodeIsAlwaysAllowed, node);
        // Among others, a match by address may come up when one of them is turned round.
        open.with(Assumption::BlocksMatchPods, by_address || !open.is_empty())
    }

    /// The result under some assumptions, and whether a pod was matched by its address.
    pub(crate) fn reading(&self, ends: Ends<'_>, assumed: Assumptions) -> (Reading, bool) {
        let (egress, sent) = self.side(Direction::Egress, ends, assumed);
        let (ingress, received) = self.side(Direction::Ingress, ends, assumed);
        (Reading { egress, ingress }, sent || received)
    }

    fn side(
        &self,
        direction: Direction,
        ends: Ends<'_>,
        assumed: Assumptions,
    ) -> (Option<Pass>, bool) {
        let (subject, other) = match direction {
            Direction::Egress => (ends.from, ends.to),
            Direction::Ingress => (ends.to, ends.from),
        };
        if let Some(pass) = exempt(direction, subject.endpoint, other.endpoint, assumed) {
            return (Some(pass), false);
        }
        let mut pass = Some(Pass::NotIsolated);
        let mut by_address = false;
        for number in self.selecting(subject, direction) {
            if pass == Some(Pass::NotIsolated) {
                pass = None;
            }
            let Some(policy) = self.compiled.get(number) else {
                continue;
            };
            for (index, rule) in policy.rules(direction).iter().enumerate() {
                if !rule.admits_port(ends.protocol, ends.port, ends.to.endpoint) {
                    continue;
                }
                let allowed = Some(Pass::Rule(RuleId {
                    policy: number,
                    rule: index,
                    direction,
                }));
                match self.admits_peer(rule, policy.namespace, other, assumed) {
                    Some(Match::Sure) => return (allowed, false),
                    Some(Match::ByAddress) if !by_address => {
                        by_address = true;
                        if assumed.has(Assumption::BlocksMatchPods) {
                            pass = allowed;
                        }
                    }
                    Some(Match::ByAddress) | None => {}
                }
            }
        }
        (pass, by_address)
    }

    /// Policies that select the pod for that direction, in order.
    pub(crate) fn selecting<'a>(
        &'a self,
        subject: &'a Prepared<'_>,
        direction: Direction,
    ) -> impl Iterator<Item = usize> + 'a {
        let entry = subject
            .namespace
            .and_then(|number| self.tables.entry(number));
        let (worked_out, all) = match (&subject.memo, entry, direction) {
            (Some(memo), _, Direction::Egress) => (true, &*memo.egress),
            (Some(memo), _, Direction::Ingress) => (true, &*memo.ingress),
            (None, Some(entry), Direction::Egress) => (false, entry.egress.as_slice()),
            (None, Some(entry), Direction::Ingress) => (false, entry.ingress.as_slice()),
            (None, None, _) => (true, [].as_slice()),
        };
        all.iter().copied().filter(move |number| {
            worked_out
                || self
                    .compiled
                    .get(*number)
                    .is_some_and(|policy| self.matches(policy.selector, subject))
        })
    }

    /// Whether the pod selector selects the pod.
    pub(crate) fn matches(&self, selector: usize, prepared: &Prepared<'_>) -> bool {
        match (&prepared.memo, prepared.endpoint) {
            (Some(memo), _) => memo
                .selectors
                .get(selector / 64)
                .is_some_and(|bits| bits & (1 << (selector % 64)) != 0),
            (None, Endpoint::Pod(pod)) => self
                .tables
                .pod_selectors
                .get(selector)
                .is_some_and(|selector| selector.matches(&pod.labels)),
            (None, Endpoint::Ip(_)) => false,
        }
    }

    fn admits_peer(
        &self,
        rule: &Rule,
        namespace: usize,
        other: &Prepared<'_>,
        assumed: Assumptions,
    ) -> Option<Match> {
        let Some(peers) = &rule.peers else {
            return Some(Match::Sure);
        };
        let mut by_address = None;
        for peer in peers {
            match self.matches_peer(peer, namespace, other, assumed) {
                Some(Match::Sure) => return Some(Match::Sure),
                Some(Match::ByAddress) => by_address = Some(Match::ByAddress),
                None => {}
            }
        }
        by_address
    }

    fn matches_peer(
        &self,
        peer: &PeerTest,
        namespace: usize,
        other: &Prepared<'_>,
        assumed: Assumptions,
    ) -> Option<Match> {
        match (peer, other.endpoint) {
            (PeerTest::Block(Some(block)), Endpoint::Ip(address)) => {
                block.holds(*address).then_some(Match::Sure)
            }
            (PeerTest::Block(Some(block)), Endpoint::Pod(pod)) => {
                let found = if pod.host_network {
                    Match::Sure
                } else {
                    Match::ByAddress
                };
                block.holds_any(&pod.ips).then_some(found)
            }
            (PeerTest::Pods { namespaces, pods }, Endpoint::Pod(pod)) => {
                let visible = !pod.host_network || assumed.has(Assumption::HostNetworkIsSelected);
                let unseen = assumed.has(Assumption::UnseenLabelsMatch);
                let here = match namespaces {
                    Some(selector) => {
                        self.tables
                            .selects(*selector, other.namespace, &pod.namespace, unseen)
                    }
                    None => other.namespace == Some(namespace),
                };
                (visible && here && pods.is_none_or(|pods| self.matches(pods, other)))
                    .then_some(Match::Sure)
            }
            (PeerTest::Block(None) | PeerTest::Nothing, _)
            | (PeerTest::Pods { .. }, Endpoint::Ip(_)) => None,
        }
    }
}

/// Why policies of that direction have no say in it.
fn exempt(
    direction: Direction,
    subject: &Endpoint,
    other: &Endpoint,
    assumed: Assumptions,
) -> Option<Pass> {
    let Endpoint::Pod(pod) = subject else {
        return Some(Pass::NotAPod);
    };
    let selected = assumed.has(Assumption::HostNetworkIsSelected);
    if pod.host_network && !selected {
        return Some(Pass::HostNetwork);
    }
    if other.pod().is_some_and(|other| pod.is(other)) {
        return Some(Pass::Itself);
    }
    let own_node = match direction {
        Direction::Ingress => is_own_node(pod, other, selected, false),
        Direction::Egress => {
            assumed.has(Assumption::OwnNodeIsAlwaysAllowed)
                && is_own_node(pod, other, selected, true)
        }
    };
    own_node.then_some(Pass::OwnNode)
}

/// Whether `other` is the node of the pod: one of its addresses, or something in its network.
pub(crate) fn is_own_node(pod: &Pod, other: &Endpoint, selected: bool, link_local: bool) -> bool {
    match other {
        Endpoint::Ip(address) => {
            holds(&pod.host_ips, *address) || (link_local && is_link_local(*address))
        }
        Endpoint::Pod(other) => {
            other.host_network
                && !selected
                && (other.runs_on(pod.node.as_deref(), &pod.host_ips)
                    || other.ips.iter().any(|ip| holds(&pod.host_ips, *ip)))
        }
    }
}

fn holds(addresses: &[IpAddr], address: IpAddr) -> bool {
    let address = canonical(address);
    addresses.iter().any(|it| canonical(*it) == address)
}

/// Link-local addresses never leave the node's links: a DNS cache there is on the node.
pub(crate) fn is_link_local(address: IpAddr) -> bool {
    match canonical(address) {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => address.is_unicast_link_local(),
    }
}
