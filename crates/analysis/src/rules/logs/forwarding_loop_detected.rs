use std::collections::BTreeMap;

use digpod_bundle::Place;
use digpod_dnslog::Signature;

use crate::facts::addresses::{Owner, owner};
use crate::facts::{Facts, Seen, cite, dns_objects};
use crate::finding::{Confidence, Finding, Findings, Scope, Severity};
use crate::rule::declare_rule;
use crate::symptom::Symptom;

declare_rule! {
    /// CoreDNS forwards queries to itself.
    ///
    /// ## What it does
    /// Looks for the `loop` plugin's fatal line in every log of a DNS pod, of the container that runs
    /// and of the one before it: at its start CoreDNS asks its upstreams for a random name, and gets
    /// its own question back.
    ///
    /// ## Why it matters
    /// CoreDNS ends when it sees a loop, and the pod crashes again at each start. Without the `loop`
    /// plugin it would send each query around until its memory is used up.
    ///
    /// ## How to fix
    /// Find the server that leads back: a loopback address in the node's resolv.conf
    /// (systemd-resolved's 127.0.0.53), the address of the DNS Service, or a custom server that
    /// forwards to the cluster. Do not just delete `loop` from the Corefile.
    ///
    /// ## Sources
    /// - <https://coredns.io/plugins/loop/#troubleshooting>
    /// - <https://kubernetes.io/docs/tasks/administer-cluster/dns-debugging-resolution/#known-issues>
    "logs/forwarding-loop-detected", Critical, since "0.1.0"
}

fn check(facts: &Facts<'_>, findings: &mut Findings) -> Seen<()> {
    let logs = facts.logs.seen()?;
    let mut zones: BTreeMap<String, Vec<(String, Place)>> = BTreeMap::new();
    for log in logs {
        let loops = log
            .hits()
            .filter(|(hit, _)| hit.signature == Signature::Loop);
        // Each start of the container repeats the line; the last one of a log stands for it.
        if let Some((hit, place)) = loops.last() {
            let zone = hit.zone.clone().unwrap_or_else(|| ".".to_owned());
            zones
                .entry(zone)
                .or_default()
                .push((log.pod.clone(), place));
        }
    }
    for (zone, places) in zones {
        findings.push(finding(facts, &zone, &places));
    }
    facts.logs.gaps.first().cloned().map_or(Ok(()), Err)
}

fn finding(facts: &Facts<'_>, zone: &str, places: &[(String, Place)]) -> Finding {
    let message = format!("CoreDNS forwards zone {zone} to itself, sees the loop and ends");
    let mut lines = places
        .iter()
        .map(|(pod, place)| cite(place, format!("the loop as {pod} saw it")));
    let primary = lines
        .next()
        .unwrap_or_else(|| cite(&Place::whole("dns/logs"), "the loop"));
    let mut finding = lines.fold(
        Finding::new(&RULE, Confidence::Proven, Scope::Cluster, message, primary),
        Finding::because,
    );
    let mut guilty = Vec::new();
    for server in facts
        .serving(zone)
        .into_iter()
        .flat_map(|list| &list.servers)
    {
        let back = owner(&server.address) == Owner::Loopback
            || facts.is_cluster_dns(&server.address).unwrap_or(false);
        if back {
            guilty.push(server.address.clone());
            finding = finding.because(cite(&server.place, "this upstream is CoreDNS itself"));
        }
    }
    let what = if guilty.is_empty() {
        "One of the servers of that zone sends the questions back".to_owned()
    } else {
        format!(
            "{} leads back to CoreDNS",
            crate::facts::addresses::list(&guilty)
        )
    };
    if is_over(facts, places) {
        finding = finding.severity(Severity::Medium);
    }
    finding
        .explain(format!(
            "{what}. The pod crashes at each start, so that no name resolves once all replicas have \
             been restarted."
        ))
        .explaining([
            Symptom::All,
            Symptom::Internal,
            Symptom::External,
            Symptom::Custom,
            Symptom::Timeout,
            Symptom::Servfail,
        ])
        .fix(
            "Make the kubelet of CoreDNS's node read a resolv.conf that lists the real servers (with \
             systemd-resolved /run/systemd/resolve/resolv.conf), or take the address that leads back \
             out of the forward",
            None,
        )
        .fix("Then restart CoreDNS", Some(crate::facts::cure::restart(facts)))
}

/// Whether every pod that saw the loop is ready again: it will come back with the next change that
/// made it.
fn is_over(facts: &Facts<'_>, places: &[(String, Place)]) -> bool {
    let pods = facts
        .dns
        .pods
        .as_ref()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let ready = |name: &str| {
        pods.iter()
            .any(|pod| pod.metadata.name == name && dns_objects::is_ready(pod))
    };
    places.iter().all(|(pod, _)| ready(pod))
}
