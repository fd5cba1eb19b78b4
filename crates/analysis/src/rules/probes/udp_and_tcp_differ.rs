use digpod_probe::ServerRole;

use crate::facts::addresses::list as words;
use crate::facts::probes::server_words;
use crate::facts::transports::{self, Both, Dead};
use crate::facts::{Facts, Seen, vantages};
use crate::finding::{Confidence, Finding, Findings, Scope, Severity};
use crate::rule::declare_rule;
use crate::symptom::Symptom;

declare_rule! {
    /// A server of the cluster answers over one of UDP and TCP only.
    ///
    /// ## What it does
    /// Compares, from one place, what the DNS Service, a CoreDNS pod or a node-local cache answered
    /// over UDP and over TCP: it fires when nine of ten tries got an answer over one and one of ten or
    /// fewer over the other. Upstreams have a rule of their own.
    ///
    /// ## Why it matters
    /// Without UDP nearly nothing resolves. Without TCP small answers come and large ones do not: an
    /// answer that does not fit into a datagram is fetched over TCP, and so some names fail always.
    ///
    /// ## How to fix
    /// Allow UDP and TCP port 53 in the policies of the pod's and of CoreDNS's namespace, and in the
    /// security groups between the nodes; the Service needs a port of each protocol.
    ///
    /// ## Sources
    /// - <https://www.rfc-editor.org/rfc/rfc7766>
    /// - <https://kubernetes.io/docs/concepts/services-networking/network-policies/>
    "probes/udp-and-tcp-differ", Medium, since "0.1.0"
}

fn check(facts: &Facts<'_>, findings: &mut Findings) -> Seen<()> {
    vantages::seen(facts)?;
    let all = transports::compare(facts);
    for dead in [Dead::Tcp, Dead::Udp] {
        let of_cluster =
            |it: &&Both<'_>| !matches!(it.role, ServerRole::Upstream | ServerRole::Own);
        let split: Vec<&Both<'_>> = all
            .iter()
            .filter(of_cluster)
            .filter(|it| it.dead() == Some(dead))
            .collect();
        if let Some(first) = split.first() {
            findings.push(finding(facts, first, &split, dead));
        }
    }
    Ok(())
}

fn finding(facts: &Facts<'_>, first: &Both<'_>, split: &[&Both<'_>], dead: Dead) -> Finding {
    let all = transports::compare(facts);
    let mut from: Vec<&str> = split.iter().map(|it| it.vantage).collect();
    from.dedup();
    let from = words(&from.iter().map(|it| facts.place(it)).collect::<Vec<_>>());
    let mut servers: Vec<String> = Vec::new();
    for row in split.iter().filter_map(|it| it.udp.rows.first()) {
        let server = server_words(row);
        if !servers.contains(&server) {
            servers.push(server);
        }
    }
    let (works, broken) = match dead {
        Dead::Tcp => ("UDP", "TCP"),
        Dead::Udp => ("TCP", "UDP"),
    };
    let verb = if servers.len() == 1 {
        "answers"
    } else {
        "answer"
    };
    let message = format!(
        "{} {verb} over {works} and not over {broken}, from {from}",
        words(&servers)
    );
    let bites = dead == Dead::Udp || split.iter().any(|it| it.needs_tcp());
    let elsewhere = all.iter().find(|it| {
        it.server == first.server && it.dead().is_none() && it.tcp.works() && it.udp.works()
    });
    let evidence = split
        .iter()
        .take(3)
        .flat_map(|it| [it.udp.cite(), it.tcp.cite()]);
    let mut evidence = evidence.flatten();
    let primary = match dead {
        Dead::Tcp => first.tcp.cite(),
        Dead::Udp => first.udp.cite(),
    };
    let place_of = digpod_bundle::Place::whole("probes");
    let primary = primary.or_else(|| evidence.next());
    let primary = primary.unwrap_or_else(|| crate::facts::cite(&place_of, "the probes"));
    let mut finding = Finding::new(&RULE, Confidence::Proven, Scope::Cluster, message, primary);
    for evidence in evidence {
        if !finding.evidence.contains(&evidence) {
            finding = finding.because(evidence);
        }
    }
    if let Some(other) = elsewhere.and_then(|it| it.tcp.cite()) {
        finding = finding.because(other);
    }
    finding = finding.severity(if bites {
        Severity::High
    } else {
        Severity::Medium
    });
    let symptoms = match dead {
        Dead::Udp => vec![
            Symptom::All,
            Symptom::Internal,
            Symptom::External,
            Symptom::Custom,
            Symptom::Timeout,
        ],
        Dead::Tcp if bites => vec![
            Symptom::Tcp,
            Symptom::Custom,
            Symptom::External,
            Symptom::Timeout,
        ],
        Dead::Tcp => vec![Symptom::Tcp],
    };
    let where_ = elsewhere.map_or(String::new(), |it| {
        format!(
            " From {} both work: what stops {broken} is on the way, or a policy.",
            facts.place(it.vantage)
        )
    });
    let why = match (dead, bites) {
        (Dead::Udp, _) => "Programs ask over UDP first: nothing resolves.",
        (Dead::Tcp, true) => {
            "An answer that was asked for does not fit into UDP, and fails over TCP."
        }
        (Dead::Tcp, false) => "The answers fit into UDP; a name with a larger one would fail.",
    };
    finding
        .explain(format!("{why}{where_}"))
        .explaining(symptoms)
        .explaining([Symptom::PodOnly])
        .fix(
            format!(
                "Allow {broken} port 53 to CoreDNS in the policies of both namespaces and in what filters \
                 between the nodes"
            ),
            Some(format!(
                "digpod netpol can-reach NAMESPACE/POD dns -f BUNDLE --protocol {}",
                broken.to_lowercase()
            )),
        )
}
