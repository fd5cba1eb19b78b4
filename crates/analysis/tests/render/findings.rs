//! Findings as text.

use std::fmt::Write as _;

use digpod_analysis::{Analysis, Finding, Scope};
use digpod_bundle::Bundle;

use crate::render::{evidence, step};

/// Findings, then what was not evaluated.
pub(crate) fn findings(bundle: &Bundle, analysis: &Analysis) -> String {
    let mut out = String::new();
    if analysis.findings.is_empty() {
        out.push_str("no findings\n");
    }
    for finding in &analysis.findings {
        render(&mut out, bundle, finding);
    }
    for gap in analysis.gaps.iter().filter(|gap| !gap.rules.is_empty()) {
        let _ = writeln!(out, "not evaluated: {}: {}", gap.gap.entry, gap.gap.reason);
    }
    out
}

fn render(out: &mut String, bundle: &Bundle, finding: &Finding) {
    let severity = finding.severity.as_str();
    let confidence = finding.confidence.as_str();
    let _ = writeln!(
        out,
        "{severity}, {confidence}, {}: {}",
        scope(&finding.scope),
        finding.message
    );
    if !finding.explanation.is_empty() {
        let _ = writeln!(out, "  why: {}", finding.explanation);
    }
    for at in &finding.evidence {
        evidence(out, bundle, "  evidence", at);
    }
    for at in &finding.contradicted_by {
        evidence(out, bundle, "  contradicted by", at);
    }
    if !finding.explains.is_empty() {
        let words: Vec<&str> = finding
            .explains
            .iter()
            .map(|symptom| symptom.as_str())
            .collect();
        let _ = writeln!(out, "  explains: {}", words.join("; "));
    }
    for it in &finding.fix {
        step(out, "  fix", it);
    }
    if let Some(it) = &finding.decide {
        step(out, "  decide", it);
    }
}

fn scope(scope: &Scope) -> String {
    match scope {
        Scope::Cluster => "cluster".to_owned(),
        Scope::Namespace(name) => format!("namespace {name}"),
        Scope::Node(name) => format!("node {name}"),
        Scope::Pod(name) => format!("pod {name}"),
        Scope::Name(name) => format!("name {name}"),
    }
}
