//! Which finding is a known consequence of which (rule-catalogue 1.5, step 3).

use crate::finding::{Confidence, Finding};

/// Cause and consequences, by rule. Consequences of consequences follow by themselves.
const EDGES: [(&str, &[&str]); 9] = [
    (
        "logs/forwarding-loop-detected",
        &["coredns/coredns-crashloop", "logs/upstream-io-timeout"],
    ),
    (
        "coredns/coredns-crashloop",
        &["coredns/no-ready-coredns-replica"],
    ),
    (
        "coredns/no-ready-coredns-replica",
        &[
            "probes/pod-fails-node-works",
            "probes/custom-domain-fails-intermittently",
        ],
    ),
    (
        "resolv-conf/pod-nameserver-is-not-cluster-dns",
        &["resolv-conf/cluster-search-domains-missing"],
    ),
    (
        "upstreams/upstream-unreachable",
        &[
            "logs/upstream-io-timeout",
            "probes/custom-domain-fails-intermittently",
            "probes/pod-fails-node-works",
        ],
    ),
    (
        "upstreams/cloud-dns-mixed-with-custom-dns",
        &["upstreams/several-upstreams-with-random-policy"],
    ),
    (
        "upstreams/upstreams-disagree",
        &["upstreams/several-upstreams-with-random-policy"],
    ),
    (
        "upstreams/several-upstreams-with-random-policy",
        &[
            "probes/custom-domain-fails-intermittently",
            "probes/pod-fails-node-works",
        ],
    ),
    (
        "probes/custom-domain-fails-intermittently",
        &["probes/pod-fails-node-works"],
    ),
];

const MIXED: &str = "upstreams/cloud-dns-mixed-with-custom-dns";
const DISAGREE: &str = "upstreams/upstreams-disagree";
const IN_TURN: &str = "upstreams/several-upstreams-with-random-policy";
const PROBE_RULES: [&str; 2] = [
    "probes/custom-domain-fails-intermittently",
    "probes/pod-fails-node-works",
];

/// Whether the second finding is a direct consequence of the first.
pub(super) fn leads_to(cause: &Finding, consequence: &Finding) -> bool {
    let (from, to) = (cause.rule.id, consequence.rule.id);
    match (from, to) {
        // Of the two the more specific one that is proven stands above: a mixture says more than a
        // disagreement, unless the disagreement was seen and the mixture is not what it shows.
        (MIXED, DISAGREE) => !outdone(cause, consequence),
        (DISAGREE, MIXED) => outdone(consequence, cause),
        // Disagreement and mixture explain the probes even where CoreDNS asks in order.
        (MIXED | DISAGREE, to) if PROBE_RULES.contains(&to) => true,
        _ => EDGES
            .iter()
            .any(|(edge, consequences)| *edge == from && consequences.contains(&to)),
    }
}

fn outdone(mixed: &Finding, disagreement: &Finding) -> bool {
    mixed.confidence < Confidence::Proven && disagreement.confidence == Confidence::Proven
}

/// Rules that name a fault of configuration; of two equal causes they come before pressure and
/// observations.
pub(super) fn is_configuration(rule: &str) -> bool {
    rule.starts_with("corefile/")
        || rule.starts_with("resolv-conf/")
        || matches!(rule, MIXED | DISAGREE | IN_TURN)
}
