use digpod_bundle::{Kind, Place};
use digpod_dnslog::Signature;

use crate::facts::logs::ContainerLog;
use crate::facts::{Facts, Seen, cite};
use crate::finding::{Confidence, Evidence, Finding, Findings, Scope};
use crate::rule::declare_rule;
use crate::symptom::Symptom;

declare_rule! {
    /// CoreDNS refuses queries because too many are under way.
    ///
    /// ## What it does
    /// Looks for lines `concurrent queries exceeded maximum N` of the `forward` plugin and for its
    /// counter of such refusals in CoreDNS's metrics.
    ///
    /// ## Why it matters
    /// Queries in flight are their rate times what one of them takes: with 5 s for an answer 200 queries
    /// a second reach 1,000. Everything above is answered REFUSED at once, and resolvers such as musl's
    /// take that as final.
    ///
    /// ## How to fix
    /// Mend the slow upstream first. Then raise `max_concurrent` (a query costs about 2 kB), or run more
    /// CoreDNS pods.
    ///
    /// ## Sources
    /// - <https://coredns.io/plugins/forward/>
    "logs/forward-max-concurrent-exceeded", High, since "0.1.0"
}

fn check(facts: &Facts<'_>, findings: &mut Findings) -> Seen<()> {
    let lines = lines(facts);
    let counted = counted(facts);
    let refused: u64 = counted.iter().map(|(count, _)| count).sum();
    let mut evidence = lines
        .iter()
        .take(3)
        .cloned()
        .chain(counted.iter().map(|(_, it)| it.clone()));
    if let Some(primary) = evidence.next() {
        let times = if refused > 0 {
            format!("{refused} queries")
        } else {
            "queries".to_owned()
        };
        let limit = limit(facts);
        let of = limit
            .as_ref()
            .map_or(String::new(), |(words, _)| format!(" of {words}"));
        let message = format!(
            "CoreDNS refused {times} because the limit{of} for queries under way (`max_concurrent`) was \
             reached"
        );
        let finding = Finding::new(&RULE, Confidence::Proven, Scope::Cluster, message, primary);
        let finding = evidence.fold(finding, Finding::because);
        let finding = limit.into_iter().fold(finding, |finding, (words, place)| {
            finding.because(cite(&place, format!("the limit is {words}")))
        });
        findings.push(
            finding
                .explain(
                    "Queries under way are their rate times the time of an answer: a slow or dead upstream \
                     fills the limit long before the load does. What is above it is answered REFUSED at \
                     once; the cluster's own names are not concerned.",
                )
                .explaining([Symptom::Refused, Symptom::External, Symptom::Custom, Symptom::Servfail])
                .explaining([Symptom::Intermittent, Symptom::PodOnly, Symptom::Burst])
                .fix("Mend slow or dead upstreams first: they fill the limit", None)
                .fix("Raise `max_concurrent` in the Corefile, or run more CoreDNS pods", None),
        );
    }
    facts.logs.seen().map(|_| ())
}

fn lines(facts: &Facts<'_>) -> Vec<Evidence> {
    let hits = facts.logs.logs.iter().flat_map(ContainerLog::hits);
    hits.filter(|(hit, _)| hit.signature == Signature::MaxConcurrent)
        .map(|(_, place)| cite(&place, "the limit is reached"))
        .collect()
}

/// What the metrics count, of each pod that refused any.
fn counted(facts: &Facts<'_>) -> Vec<(u64, Evidence)> {
    let name = "\ncoredns_forward_max_concurrent_rejects_total";
    let mut found = Vec::new();
    for (entry, bytes) in facts.bundle().entries() {
        let Kind::Metrics { pod } = Kind::of(entry) else {
            continue;
        };
        let text = String::from_utf8_lossy(bytes);
        let count = digpod_probe::refused_by_max_concurrent(&text).unwrap_or(0);
        if count > 0 {
            let begin = text.find(name).map_or(0, |at| at + 1);
            let rest = text.get(begin..).unwrap_or_default();
            let end = begin + rest.find('\n').unwrap_or(rest.len());
            let place = Place::text(entry.as_str(), begin..end);
            found.push((
                count,
                cite(&place, format!("{pod} refused {count} queries so far")),
            ));
        }
    }
    found
}

/// The smallest limit that the Corefile sets, as it is written.
fn limit(facts: &Facts<'_>) -> Option<(String, Place)> {
    let corefile = facts.corefile().ok()?;
    let forwards = corefile.parsed.forwards().into_iter();
    let limits = forwards.filter_map(|(_, forward)| {
        let mut properties = forward.directive.properties.iter();
        let property = properties.find(|it| it.name.text == "max_concurrent")?;
        let value = property.args.first()?;
        let number: u64 = value.text.parse().ok()?;
        Some((number, corefile.place(&value.span)))
    });
    let (number, place) = limits.min_by_key(|(number, _)| *number)?;
    Some((number.to_string(), place))
}
