//! From an analysis to a report.

mod probes;

use digpod_analysis::{self as analysis, Analysis, Lack, RULES, Verdict};
use digpod_bundle::{Bundle, Item, Status};

use crate::v1;
use crate::{clean, words};

/// Lines shown before and after a piece of evidence.
const CONTEXT: u32 = 1;

/// Makes the report of an analysed bundle.
pub fn report(bundle: &Bundle, analysis: &Analysis) -> v1::Report {
    let diagnosis = &analysis.diagnosis;
    let whole = analysis.gaps.is_empty() && bundle.manifest().collected.interrupted.is_none();
    let verdict = match diagnosis.verdict {
        Verdict::Cause => "cause",
        Verdict::Undetermined => "undetermined",
        Verdict::Healthy if whole => "healthy",
        // What could not be looked at may still be a fault.
        Verdict::Healthy => "no-fault-seen",
    };
    v1::Report {
        version: 1,
        engine: v1::Engine {
            name: "digpod".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            rules: number(RULES.len()),
        },
        subject: subject(bundle),
        verdict: verdict.to_owned(),
        headline: clean::line(&diagnosis.headline),
        symptoms: diagnosis
            .symptoms
            .iter()
            .map(|it| it.as_str().to_owned())
            .collect(),
        causes: (0..diagnosis.causes.len())
            .filter_map(|at| cause(bundle, analysis, at))
            .collect(),
        unexplained: diagnosis
            .unexplained
            .iter()
            .map(|it| clean::line(it))
            .collect(),
        findings: analysis
            .findings
            .iter()
            .map(|it| finding(bundle, it))
            .collect(),
        contrast: probes::contrast(&analysis.summary),
        matrix: analysis.matrix.iter().map(probes::matrix_row).collect(),
        search: analysis.summary.walks.iter().map(probes::search).collect(),
        pairs: analysis.summary.pairs.iter().map(probes::pairs).collect(),
        sizes: analysis.summary.sizes.iter().map(probes::size).collect(),
        watch: analysis.summary.watch.as_ref().map(probes::watch),
        gaps: analysis.gaps.iter().map(|it| gap(bundle, it)).collect(),
        inputs: bundle
            .manifest()
            .items
            .iter()
            .filter(|it| it.status.has_content() && it.derived.is_none())
            .map(input)
            .collect(),
    }
}

fn subject(bundle: &Bundle) -> v1::Subject {
    let manifest = bundle.manifest();
    let symptom = &manifest.symptom;
    let text = |it: &Option<String>| it.as_deref().map(clean::line);
    v1::Subject {
        collected: clean::line(&manifest.collected.started),
        interrupted: text(&manifest.collected.interrupted),
        context: text(&manifest.cluster.context),
        server_version: text(&manifest.cluster.server_version),
        distribution: text(&manifest.cluster.distribution),
        namespace: text(&symptom.namespace),
        pod: text(&symptom.pod),
        names: symptom
            .names
            .iter()
            .map(|it| clean::line(&it.name))
            .collect(),
        text: text(&symptom.text),
        ticket: text(&symptom.ticket),
        collector: clean::line(format!("{} {}", manifest.tool.name, manifest.tool.version).trim()),
    }
}

fn cause(bundle: &Bundle, all: &Analysis, at: usize) -> Option<v1::Cause> {
    let cause = all.diagnosis.causes.get(at)?;
    let root = all.findings.get(cause.root)?;
    // What decides between the first two stands with the first.
    let between = all.diagnosis.decide.as_ref().filter(|_| at == 0);
    let decide = between.or(root.decide.as_ref());
    Some(v1::Cause {
        id: root.rule.id.to_owned(),
        confidence: cause.confidence.as_str().to_owned(),
        summary: clean::line(&root.message),
        explanation: clean::line(&root.explanation),
        score: cause.score,
        finding: number(cause.root),
        explains: cause
            .explains_findings
            .iter()
            .copied()
            .map(number)
            .collect(),
        symptoms: cause
            .explains
            .iter()
            .map(|it| it.as_str().to_owned())
            .collect(),
        contradicted_by: cause
            .contradicted_by
            .iter()
            .map(|it| evidence(bundle, it))
            .collect(),
        fix: root.fix.iter().map(step).collect(),
        decide: decide.map(step),
    })
}

fn finding(bundle: &Bundle, finding: &analysis::Finding) -> v1::Finding {
    v1::Finding {
        rule: finding.rule.id.to_owned(),
        severity: finding.severity.as_str().to_owned(),
        confidence: finding.confidence.as_str().to_owned(),
        scope: clean::line(&words::scope(&finding.scope)),
        message: clean::line(&finding.message),
        explanation: clean::line(&finding.explanation),
        evidence: finding
            .evidence
            .iter()
            .map(|it| evidence(bundle, it))
            .collect(),
        fix: finding.fix.iter().map(step).collect(),
        decide: finding.decide.as_ref().map(step),
    }
}

fn step(step: &analysis::FixStep) -> v1::Step {
    // A snippet below a sentence and a manifest in a here-document have lines of their own.
    v1::Step {
        text: clean::lines(&step.text),
        command: step.command.as_deref().map(clean::lines),
    }
}

fn evidence(bundle: &Bundle, evidence: &analysis::Evidence) -> v1::Evidence {
    let located = bundle.locate(&evidence.place, CONTEXT);
    v1::Evidence {
        entry: clean::line(&located.entry),
        pointer: located.pointer.as_deref().map(clean::line),
        in_value: located.in_value,
        line: located.line,
        column: located.column,
        end_line: located.end_line,
        end_column: located.end_column,
        note: clean::line(&evidence.note),
        excerpt: v1::Excerpt {
            first_line: located.first_line,
            lines: located.lines.iter().map(|it| clean::line(it)).collect(),
        },
    }
}

fn gap(bundle: &Bundle, not_seen: &analysis::NotSeen) -> v1::Gap {
    let item = bundle.item(&not_seen.gap.entry);
    // What was asked too seldom is there, whatever else is not.
    let item = item.filter(|_| !matches!(not_seen.gap.lacks, Lack::Tries(_)));
    let bad = item.filter(|item| !item.status.has_content() || item.status == Status::Truncated);
    v1::Gap {
        entry: clean::line(&not_seen.gap.entry),
        status: match (not_seen.gap.lacks, bad, item) {
            (Lack::Tries(_), ..) => "too-few-tries",
            (_, Some(item), _) => item.status.as_str(),
            (Lack::Questions, None, _) => "not-asked",
            (Lack::Entry, None, Some(_)) => "unreadable",
            (Lack::Entry, None, None) => "not-collected",
        }
        .to_owned(),
        reason: clean::line(&not_seen.gap.reason),
        missing_permission: bad
            .and_then(|item| item.missing_permission.as_deref())
            .map(clean::line),
        means: match (not_seen.gap.lacks, bad) {
            (Lack::Tries(_), _) => Some(words::SELDOM.to_owned()),
            (_, bad) => bad.map(|item| words::not_excluded(&item.entry).to_owned()),
        },
        rules: not_seen
            .rules
            .iter()
            .map(|rule| (*rule).to_owned())
            .collect(),
    }
}

fn input(item: &Item) -> v1::Input {
    let of_kind = words::entry(&item.entry);
    let (taken_for, why) = item.taken_for().unwrap_or_else(|| {
        (
            of_kind.as_deref().unwrap_or("not used"),
            item.source.as_deref().unwrap_or("its name in the bundle"),
        )
    });
    v1::Input {
        entry: clean::line(&item.entry),
        taken_for: clean::line(taken_for),
        why: clean::line(why),
        status: item.status.as_str().to_owned(),
        bytes: item.bytes,
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
