use crate::facts::corefile::CorefileFact;
use crate::facts::logs::ContainerLog;
use crate::facts::{Facts, Gap, Lack, Seen, cite, cure};
use crate::finding::{Confidence, Finding, Findings, Scope};
use crate::rule::declare_rule;

declare_rule! {
    /// The logs cannot say what happened to single names.
    ///
    /// ## What it does
    /// Says so when the default server block has no `errors` plugin, or when it has no `log` plugin
    /// while the complaint is about names. A quiet log of a CoreDNS that only logs errors is healthy,
    /// and so are its warnings about `import` patterns that match no file.
    ///
    /// ## Why it matters
    /// "Nothing in the log" means nothing where nothing is logged.
    ///
    /// ## How to fix
    /// Switch query logging on for a while: a key `log.override` with the directive `log` in
    /// `coredns-custom`, then restart CoreDNS. Switch it off afterwards: it costs time and space.
    ///
    /// ## Sources
    /// - <https://coredns.io/plugins/log/>
    /// - <https://coredns.io/plugins/errors/>
    /// - <https://learn.microsoft.com/azure/aks/coredns-custom>
    "logs/log-coverage-insufficient", Info, since "0.1.0"
}

fn check(facts: &Facts<'_>, findings: &mut Findings) -> Seen<()> {
    let corefile = facts.corefile()?;
    let seen = facts.logs.seen();
    let queries: u64 = seen
        .as_ref()
        .map_or(0, |logs| logs.iter().map(queries).sum());
    let block = corefile
        .parsed
        .block_for(".")
        .or_else(|| corefile.parsed.blocks.first());
    let Some(block) = block else {
        return Err(Gap {
            lacks: Lack::Entry,
            entry: "dns/configmaps/coredns.json".to_owned(),
            reason: "has no server block".to_owned(),
        });
    };
    let place = block.keys.first().map(|key| corefile.place(&key.word.span));
    let place = place.unwrap_or_else(|| default_place(corefile));
    let finding = |message: &str, note: &str| {
        let evidence = cite(&place, note);
        Finding::new(&RULE, Confidence::Proven, Scope::Cluster, message, evidence)
    };
    if block.directive("errors").is_none() {
        findings.push(
            finding(
                "CoreDNS does not log errors",
                "this block has no `errors` plugin",
            )
            .explain("Timeouts and refusals of upstreams leave no trace in its log.")
            .fix("Add the `errors` plugin to the block", None),
        );
    }
    if block.directive("log").is_none() && queries == 0 && !facts.failing.is_empty() {
        let command = cure::set_key(facts, "log.override", &["log".to_owned()]);
        findings.push(
            finding(
                "CoreDNS does not log queries",
                "this block has no `log` plugin",
            )
            .explain(
                "Its log shows errors only: whether a failing name reached CoreDNS, and what it \
                     answered, is not in it.",
            )
            .fix(
                "To see single queries, add the `log` plugin for a while and restart CoreDNS",
                command.or_else(|| {
                    Some(format!(
                        "kubectl -n {} edit configmap coredns",
                        cure::namespace(facts)
                    ))
                }),
            ),
        );
    }
    seen?;
    facts.logs.gaps.first().cloned().map_or(Ok(()), Err)
}

fn queries(log: &ContainerLog) -> u64 {
    log.pieces
        .iter()
        .map(|(_, summary)| summary.query_lines)
        .sum()
}

fn default_place(corefile: &CorefileFact) -> digpod_bundle::Place {
    corefile.place(&digpod_corefile::Span {
        source: 0,
        start: 0,
        end: 0,
    })
}
