use digpod_netpol::{Direction, Protocol};

use crate::facts::addresses::list as words;
use crate::facts::policies::{self, Ways};
use crate::facts::policy_words::{cure_step, policy_names};
use crate::facts::transports::{self, Dead};
use crate::facts::{Facts, Seen, cite};
use crate::finding::{Confidence, Finding, Findings, Scope, Severity};
use crate::rule::declare_rule;
use crate::symptom::Symptom;

declare_rule! {
    /// NetworkPolicies let DNS through over one of UDP and TCP only.
    ///
    /// ## What it does
    /// Evaluates the NetworkPolicies that were collected for the way from the failing pod to each CoreDNS
    /// pod: it fires when one protocol passes and the other is blocked.
    ///
    /// ## Why it matters
    /// Without TCP every answer fails that does not fit into a datagram, and only those: some names
    /// never resolve. A port without `protocol` means TCP, so that a rule with `port: 53` alone lets no
    /// UDP through.
    ///
    /// ## How to fix
    /// List port 53 twice, with `protocol: UDP` and with `protocol: TCP`.
    ///
    /// ## Sources
    /// - <https://kubernetes.io/docs/concepts/services-networking/network-policies/>
    /// - <https://www.rfc-editor.org/rfc/rfc7766>
    "network/dns-rule-lacks-udp-or-tcp", Medium, since "0.1.0"
}

fn check(facts: &Facts<'_>, findings: &mut Findings) -> Seen<()> {
    let ways = policies::ways(facts)?;
    for direction in [Direction::Egress, Direction::Ingress] {
        for (blocked, passes) in [
            (Protocol::Tcp, Protocol::Udp),
            (Protocol::Udp, Protocol::Tcp),
        ] {
            let open = ways.blocked(passes, direction).is_empty();
            if open && ways.all_blocked(blocked, direction) {
                findings.push(finding(facts, &ways, direction, blocked, passes));
            }
        }
    }
    Ok(())
}

fn finding(
    facts: &Facts<'_>,
    ways: &Ways,
    direction: Direction,
    blocked: Protocol,
    passes: Protocol,
) -> Finding {
    let all = ways.blocked(blocked, direction);
    let names = policy_names(&all, direction);
    let message = format!(
        "{} {} {passes} port 53 through to CoreDNS and not {blocked}",
        words(&names),
        if names.len() == 1 { "lets" } else { "let" },
    );
    let scope = match direction {
        Direction::Egress => Scope::Namespace(ways.namespace.clone()),
        Direction::Ingress => Scope::Cluster,
    };
    let mut evidence = all
        .iter()
        .flat_map(|way| way.isolating(direction).iter().cloned());
    let place = digpod_bundle::Place::whole("workload/networkpolicies.json");
    let primary = evidence
        .next()
        .unwrap_or_else(|| cite(&place, "the policies"));
    // What the probe of the same place saw.
    let dead = match blocked {
        Protocol::Udp => Dead::Udp,
        _ => Dead::Tcp,
    };
    let both = transports::compare(facts);
    let mut of_pod = both.iter().filter(|it| it.vantage == "workload");
    let seen = of_pod.find(|it| it.dead() == Some(dead));
    let confidence = if seen.is_some() {
        Confidence::Proven
    } else {
        Confidence::Likely
    };
    let needs_tcp = seen.is_some_and(transports::Both::needs_tcp);
    let severity = if blocked == Protocol::Udp || needs_tcp {
        Severity::High
    } else {
        Severity::Medium
    };
    let finding = Finding::new(&RULE, confidence, scope, message, primary).severity(severity);
    let rows = seen.and_then(|it| match dead {
        Dead::Udp => it.udp.cite(),
        Dead::Tcp => it.tcp.cite(),
    });
    let finding = rows.into_iter().fold(finding, Finding::because);
    let cut = seen
        .filter(|_| needs_tcp)
        .and_then(|it| it.udp.rows.iter().find(|row| row.truncated > 0));
    let finding = cut.into_iter().fold(finding, |finding, row| {
        finding.because(crate::facts::probes::cite_row(row))
    });
    let finding = finding.explain(match (blocked, needs_tcp) {
        (Protocol::Udp, _) => {
            "Programs ask over UDP first. A port without `protocol` means TCP: a rule that names port 53 \
             alone lets no UDP through."
        }
        (_, true) => {
            "A name in question has an answer that does not fit into a datagram: it comes truncated, and \
             asking again over TCP is stopped by the policy."
        }
        (_, false) => {
            "Answers that do not fit into a datagram are asked for again over TCP: such names would fail."
        }
    });
    let symptoms = match (blocked, needs_tcp) {
        (Protocol::Udp, _) => vec![
            Symptom::All,
            Symptom::Custom,
            Symptom::External,
            Symptom::Internal,
        ],
        (_, true) => vec![Symptom::Tcp, Symptom::Custom, Symptom::External],
        (_, false) => vec![Symptom::Tcp],
    };
    let finding = finding.explaining(symptoms).explaining([
        Symptom::Timeout,
        Symptom::Namespace,
        Symptom::PodOnly,
    ]);
    cure_step(finding, &all, direction)
}
