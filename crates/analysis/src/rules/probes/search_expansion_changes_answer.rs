use digpod_bundle::layout;
use digpod_probe::Outcome;

use crate::facts::names::plain;
use crate::facts::search::{self, Walk};
use crate::facts::search_words::{self, Elsewhere, Stopped, cite_own, order};
use crate::facts::{Facts, Gap, Lack, Seen, vantages};
use crate::finding::{Confidence, Finding, Findings, Scope, Severity};
use crate::rule::declare_rule;
use crate::symptom::Symptom;

declare_rule! {
    /// The search list makes another name of what was typed, and that one is answered or ends the lookup.
    ///
    /// ## What it does
    /// Asks every name that a resolver may make of the typed one with the pod's search list, and replays
    /// the lookups of glibc, musl and Go with the answers: it fires when a name with a suffix gives
    /// addresses that the typed name does not have, when such a name's failure keeps a resolver from
    /// the typed name that exists, when it costs seconds,
    /// or when a nameserver before the one that answers never does.
    ///
    /// ## Why it matters
    /// With `ndots:5` nearly every name is first tried within the cluster's and the node's domains. A
    /// wildcard in one of them answers for all names of the world; a server that fails for one of them
    /// delays each lookup, and ends it with musl.
    ///
    /// ## How to fix
    /// Write the name with its final dot, lower `ndots` for the pod, or take the offending suffix out of
    /// the search list.
    ///
    /// ## Sources
    /// - <https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/>
    /// - <https://man7.org/linux/man-pages/man5/resolv.conf.5.html>
    "probes/search-expansion-changes-answer", Medium, since "0.1.0"
}

fn check(facts: &Facts<'_>, findings: &mut Findings) -> Seen<()> {
    vantages::seen(facts)?;
    vantages::need(facts, "workload")?;
    let walks = search::walks(facts);
    for walk in &walks {
        let own = walk.record(&walk.alone());
        let exists = own.is_some_and(|(it, _)| it.outcome == Outcome::Ok);
        // Short names are meant to be found with a suffix.
        let short = !walk.typed.contains('.') && !search_words::is_expected(facts, walk);
        if !exists && (short || search_words::is_within(facts, walk)) {
            continue;
        }
        if let Some(found) = search_words::elsewhere(facts, walk) {
            findings.push(elsewhere(walk, &found));
        } else if let Some(found) = search_words::stopped(walk) {
            findings.push(stopped(walk, &found));
        }
    }
    let mut names = facts.bundle().manifest().symptom.names.iter();
    if walks.is_empty() && names.any(|it| !it.name.ends_with('.')) {
        return Err(Gap {
            lacks: Lack::Questions,
            entry: layout::probe_records("workload"),
            reason: "no name was asked along the search list".to_owned(),
        });
    }
    Ok(())
}

fn elsewhere(walk: &Walk<'_>, found: &Elsewhere) -> Finding {
    let (alone, suffix) = (walk.alone(), &found.suffix);
    let message = format!(
        "{} is answered as {} ({}): the search list adds {suffix}, and something answers every name there",
        walk.typed,
        plain(&found.name),
        found.given,
    );
    let scope = Scope::Name(alone.clone());
    let primary = found.evidence.clone();
    let finding =
        Finding::new(&RULE, Confidence::Proven, scope, message, primary).severity(Severity::High);
    cite_own(walk, &alone)
        .into_iter()
        .fold(finding, Finding::because)
        .explain(format!(
            "Tried in this order: {}. {} stop there and never ask for the typed name; {}.",
            order(walk, &found.name),
            found.who,
            found.own,
        ))
        .explaining([Symptom::ShortName, Symptom::Custom, Symptom::PodOnly])
        .fix(
            format!("Write the name with its final dot (`{alone}`), which leaves the search list alone"),
            None,
        )
        .fix(
            format!(
                "Take {suffix} out of the search list, or the wildcard out of that zone; dnsConfig with \
                 ndots:1 or 2 helps a single pod"
            ),
            None,
        )
}

fn stopped(walk: &Walk<'_>, found: &Stopped) -> Finding {
    let (alone, name) = (walk.alone(), plain(&found.name));
    let (typed, who, got, seconds) = (walk.typed, &found.who, found.got, found.seconds);
    let message = match &found.server {
        Some(server) => format!(
            "each lookup of {typed} waits {seconds} s for {server}, a nameserver of the pod that never replies"
        ),
        None if who.is_empty() => {
            format!(
                "a lookup of {typed} waits {seconds} s for {name} before it asks for the name itself"
            )
        }
        None => format!("{who} never gets to {typed}: {name} before it ends the lookup ({got})"),
    };
    let fixes = match &found.server {
        Some(server) => [
            format!("Take {server} out of the pod's nameservers (dnsConfig), or mend it"),
            String::new(),
        ],
        None => [
            format!("Write the name with its final dot (`{alone}`), or lower ndots for the pod"),
            "Mend what answers for that suffix, or take it out of the search list".to_owned(),
        ],
    };
    let scope = Scope::Name(alone.clone());
    let finding = Finding::new(
        &RULE,
        Confidence::Proven,
        scope,
        message,
        found.evidence.clone(),
    );
    let ends = (!who.is_empty()).then_some(Symptom::Musl);
    let finding = cite_own(walk, &alone)
        .into_iter()
        .fold(finding, Finding::because)
        .explain(format!("Tried in this order: {}.", order(walk, &alone)))
        .explaining([
            Symptom::ShortName,
            Symptom::Custom,
            Symptom::PodOnly,
            Symptom::Slow,
        ])
        .explaining(ends);
    let fixes = fixes.into_iter().filter(|it| !it.is_empty());
    fixes.fold(finding, |finding, fix| finding.fix(fix, None))
}
