//! Which finding is a known consequence of which (rule-catalogue 1.5, step 3).

use crate::finding::{Confidence, Evidence, Finding, Scope, Severity};
use crate::symptom::Symptom;

/// Cause and consequences, by rule. Consequences of consequences follow by themselves.
const EDGES: &[(&str, &[&str])] = &[
    (
        "logs/forwarding-loop-detected",
        &["coredns/coredns-crashloop", "logs/upstream-io-timeout"],
    ),
    (
        "coredns/coredns-crashloop",
        &["coredns/no-ready-coredns-replica"],
    ),
    (
        "resolv-conf/pod-nameserver-is-not-cluster-dns",
        &["resolv-conf/cluster-search-domains-missing"],
    ),
    (
        "upstreams/coredns-holds-old-upstreams",
        &[DISAGREE, MIXED, IN_TURN, UNREACHABLE, UNEXPECTED],
    ),
    (
        UNREACHABLE,
        &["logs/upstream-io-timeout", TOO_MANY, SLOW, TCP_BLOCKED],
    ),
    (SLOW, &["logs/upstream-io-timeout", TOO_MANY]),
    (TCP_BLOCKED, &["logs/upstream-io-timeout"]),
    (ERROR, &[DISAGREE, IN_TURN]),
    (MIXED, &[IN_TURN, UNEXPECTED]),
    (DISAGREE, &[IN_TURN, UNEXPECTED]),
    (IN_TURN, &[UNEXPECTED]),
    (
        REPLICAS,
        &[UNEXPECTED, ONLY_EXTERNAL, ONLY_CLUSTER, NODE_TOO],
    ),
    (FOLLOWS, &[UNEXPECTED]),
    ("probes/service-record-content-unexpected", &[UNEXPECTED]),
    (
        "upstreams/private-zone-not-visible",
        &["upstreams/custom-dns-cannot-resolve-platform-names"],
    ),
    (
        "upstreams/custom-dns-cannot-resolve-platform-names",
        &[ERROR],
    ),
    (
        "network/egress-policy-blocks-dns",
        &["network/dns-rule-lacks-udp-or-tcp"],
    ),
    (
        "network/ingress-policy-blocks-coredns",
        &["network/dns-rule-lacks-udp-or-tcp"],
    ),
];

/// Causes of what probes saw beside these, and which of it they explain. What is not here stands for
/// itself: a finding of the probes says where the fault lies, a cause says what it is.
const EXPLAIN_PROBES: &[(&str, &[&str])] = &[
    ("coredns/no-ready-coredns-replica", ALL_PROBES),
    (DEAD, ALL_PROBES),
    ("network/egress-policy-blocks-dns", ALL_PROBES),
    ("network/ingress-policy-blocks-coredns", ALL_PROBES),
    ("network/dns-rule-lacks-udp-or-tcp", ALL_PROBES),
    ("network/node-pool-boundary-blocks-dns", ALL_PROBES),
    ("probes/service-ip-fails-but-coredns-pods-answer", CLIENTS),
    ("probes/udp-and-tcp-differ", CLIENTS),
    (FOLLOWS, CLIENTS),
    (REPLICAS, CLIENTS),
    ("upstreams/coredns-holds-old-upstreams", BEHIND_COREDNS),
    (UNREACHABLE, BEHIND_COREDNS),
    (SLOW, BEHIND_COREDNS),
    (TCP_BLOCKED, BEHIND_COREDNS),
    (ERROR, BEHIND_COREDNS),
    ("upstreams/private-zone-not-visible", BEHIND_COREDNS),
    (
        "upstreams/custom-dns-cannot-resolve-platform-names",
        BEHIND_COREDNS,
    ),
    (TOO_MANY, BEHIND_COREDNS),
    // Disagreement and mixture explain the probes even where CoreDNS asks in order.
    (MIXED, BEHIND_COREDNS),
    (DISAGREE, BEHIND_COREDNS),
    (IN_TURN, &[BY_CHANCE, POD_ONLY]),
    (UNEXPECTED, OF_ONE_NAME),
    (
        BLOCKED,
        &[
            "logs/upstream-io-timeout",
            ONLY_EXTERNAL,
            BY_CHANCE,
            POD_ONLY,
        ],
    ),
    (ONLY_EXTERNAL, CLIENTS),
    (ONLY_CLUSTER, CLIENTS),
    (NODE_TOO, &[DIRECT, BY_CHANCE]),
    (DIRECT, &[POD_ONLY]),
    (BY_CHANCE, &[POD_ONLY, DIRECT]),
];

/// What a fault between a client and CoreDNS makes probes see.
const ALL_PROBES: &[&str] = &[
    DEAD,
    FOLLOWS,
    REPLICAS,
    "probes/service-ip-fails-but-coredns-pods-answer",
    "probes/udp-and-tcp-differ",
    ONLY_EXTERNAL,
    ONLY_CLUSTER,
    BLOCKED,
    DIRECT,
    BY_CHANCE,
    POD_ONLY,
];

/// What a fault behind CoreDNS makes probes see. CoreDNS pods draw and cache each for themselves, so
/// that they seem to differ.
const BEHIND_COREDNS: &[&str] = &[
    REPLICAS,
    ONLY_EXTERNAL,
    NODE_TOO,
    DIRECT,
    BY_CHANCE,
    POD_ONLY,
];

/// What a wrong address of one name looks like.
const OF_ONE_NAME: &[&str] = &[
    ONLY_EXTERNAL,
    ONLY_CLUSTER,
    NODE_TOO,
    DIRECT,
    BY_CHANCE,
    POD_ONLY,
];

/// What clients see of anything.
const CLIENTS: &[&str] = &[DIRECT, BY_CHANCE, POD_ONLY, BLOCKED];

const MIXED: &str = "upstreams/cloud-dns-mixed-with-custom-dns";
const DISAGREE: &str = "upstreams/upstreams-disagree";
const IN_TURN: &str = "upstreams/several-upstreams-with-random-policy";
const UNREACHABLE: &str = "upstreams/upstream-unreachable";
const SLOW: &str = "upstreams/upstream-slow";
const TCP_BLOCKED: &str = "upstreams/upstream-tcp-blocked";
const TOO_MANY: &str = "logs/forward-max-concurrent-exceeded";
const FOLLOWS: &str = "probes/failure-follows-namespace-or-node";
const DEAD: &str = "probes/no-coredns-pod-answers";
const NODE_TOO: &str = "probes/node-fails-too";
const ERROR: &str = "upstreams/upstream-answers-with-error";
const UNEXPECTED: &str = "probes/unexpected-address";
const REPLICAS: &str = "probes/some-coredns-replicas-bad";
const ONLY_EXTERNAL: &str = "probes/only-external-names-fail";
const ONLY_CLUSTER: &str = "probes/only-cluster-names-fail";
const DIRECT: &str = "probes/cluster-dns-fails-but-direct-upstream-works";
const BLOCKED: &str = "probes/direct-upstream-fails-from-pod";
const BY_CHANCE: &str = "probes/custom-domain-fails-intermittently";
const POD_ONLY: &str = "probes/pod-fails-node-works";

/// Whether the second finding is a direct consequence of the first.
pub(super) fn leads_to(cause: &Finding, consequence: &Finding) -> bool {
    let (from, to) = (cause.rule.id, consequence.rule.id);
    match (from, to) {
        // Of the two the more specific one that is proven stands above: a mixture says more than a
        // disagreement, unless the disagreement was seen and the mixture is not what it shows.
        (MIXED, DISAGREE) => !outdone(cause, consequence),
        (DISAGREE, MIXED) => outdone(consequence, cause),
        // Where it is CoreDNS's own way that is closed, that is the cause, and else none of anything.
        (BLOCKED, _) if cause.severity < Severity::High => false,
        (ONLY_EXTERNAL, BLOCKED) if consequence.severity >= Severity::High => false,
        _ if is_harmless(cause) || of_other_names(cause, consequence) => false,
        _ if is_unrelated(cause, consequence) => false,
        _ => [EDGES, EXPLAIN_PROBES]
            .into_iter()
            .flatten()
            .any(|(edge, consequences)| *edge == from && consequences.contains(&to)),
    }
}

/// A name that exists nowhere is no consequence of a fault that keeps answers away, and an address that
/// nobody gives none of which server is asked. No upstream serves the names of the cluster; one that answers
/// keeps nobody waiting, one that does not denies nothing; a fault of one namespace is not what other places see.
fn is_unrelated(cause: &Finding, consequence: &Finding) -> bool {
    let shows = |symptom: Symptom| consequence.explains.contains(&symptom);
    let beyond = |symptom: Symptom| shows(symptom) && !cause.explains.contains(&symptom);
    let elsewhere = |it: &Evidence| {
        it.place.entry.starts_with("probes/") && !it.place.entry.starts_with("probes/workload/")
    };
    if matches!(cause.scope, Scope::Namespace(_))
        && consequence.evidence.first().is_some_and(elsewhere)
    {
        return true;
    }
    match consequence.rule.id {
        NODE_TOO if cause.rule.id == REPLICAS => !cause.explains.contains(&Symptom::NodeToo),
        NODE_TOO => {
            let said = [Symptom::Nxdomain, Symptom::Nodata].into_iter();
            let mut said = said.filter(|it| shows(*it) && !shows(Symptom::Timeout));
            said.any(|it| !cause.explains.contains(&it))
        }
        UNEXPECTED => !shows(Symptom::PodOnly),
        REPLICAS => {
            let answers = is_choice(cause.rule.id) || cause.rule.id == ERROR;
            let denies = beyond(Symptom::Nxdomain);
            beyond(Symptom::Internal) || denies || answers && beyond(Symptom::Timeout)
        }
        ONLY_EXTERNAL => beyond(Symptom::External),
        ONLY_CLUSTER => beyond(Symptom::Internal),
        _ => false,
    }
}

/// What is wrong with one name does not follow from what is wrong with another.
pub(super) fn of_other_names(cause: &Finding, consequence: &Finding) -> bool {
    match (&cause.scope, &consequence.scope) {
        (Scope::Name(a), Scope::Name(b)) => a != b,
        _ => false,
    }
}

/// A finding that explains no failure here is no cause of one.
fn is_harmless(finding: &Finding) -> bool {
    finding.rule.id.starts_with("network/") && finding.severity <= Severity::Low
}

/// Rules that blame which of several servers is asked.
pub(super) fn is_choice(rule: &str) -> bool {
    matches!(
        rule,
        MIXED | DISAGREE | IN_TURN | "upstreams/coredns-holds-old-upstreams"
    )
}

fn outdone(mixed: &Finding, disagreement: &Finding) -> bool {
    mixed.confidence < Confidence::Proven && disagreement.confidence == Confidence::Proven
}

/// Rules that name a fault of configuration; of two equal causes they come before pressure and
/// observations.
pub(super) fn is_configuration(rule: &str) -> bool {
    rule.starts_with("corefile/")
        || rule.starts_with("resolv-conf/")
        || rule.starts_with("network/")
        || matches!(rule, MIXED | DISAGREE | IN_TURN)
}
