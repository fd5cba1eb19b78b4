//! Whole bundles: which cause comes first, what is nested under it, what the reader is told.

mod render;

use std::fmt::Write as _;
use std::path::Path;

use digpod_analysis::{Analysis, Verdict, analyse};
use digpod_bundle::Bundle;
use digpod_test_support::cases;

#[expect(
    clippy::needless_pass_by_value,
    reason = "the harness passes the file's text so"
)]
fn bundle(path: &Path, markdown: String) -> datatest_stable::Result<()> {
    let mut text = String::new();
    for case in cases(&markdown)? {
        let analysis = analyse(&case.bundle);
        let told = diagnosis(&case.bundle, &analysis);
        writeln!(text, "## {}\n\n{told}", case.heading)?;
    }
    render::snapshot(path, &text);
    Ok(())
}

fn diagnosis(bundle: &Bundle, analysis: &Analysis) -> String {
    let it = &analysis.diagnosis;
    let mut out = String::new();
    let verdict = match it.verdict {
        Verdict::Cause => "cause",
        Verdict::Undetermined => "undetermined",
        Verdict::Healthy => "healthy",
    };
    let _ = writeln!(out, "{verdict}: {}", it.headline);
    for name in &it.unexplained {
        let _ = writeln!(out, "unexplained: {name}");
    }
    let symptoms: Vec<&str> = it.symptoms.iter().map(|symptom| symptom.as_str()).collect();
    let _ = writeln!(out, "observed: {}", symptoms.join("; "));
    for cause in &it.causes {
        let root = &analysis.findings[cause.root];
        let confidence = cause.confidence.as_str();
        let _ = writeln!(
            out,
            "cause: {} ({confidence}, score {})",
            root.rule.id, cause.score
        );
        for at in &cause.explains_findings {
            let nested = &analysis.findings[*at];
            let (severity, confidence) = (nested.severity.as_str(), nested.confidence.as_str());
            let _ = writeln!(out, "  over: {} ({severity}, {confidence})", nested.rule.id);
        }
        let explains: Vec<&str> = cause
            .explains
            .iter()
            .map(|symptom| symptom.as_str())
            .collect();
        let _ = writeln!(out, "  explains: {}", explains.join("; "));
        for at in &cause.contradicted_by {
            render::evidence(&mut out, bundle, "  contradicted by", at);
        }
        for it in &root.fix {
            render::step(&mut out, "  fix", it);
        }
    }
    if let Some(it) = &it.decide {
        render::step(&mut out, "decide", it);
    }
    for finding in &analysis.findings {
        let (severity, confidence) = (finding.severity.as_str(), finding.confidence.as_str());
        let _ = writeln!(
            out,
            "finding: {} ({severity}, {confidence}): {}",
            finding.rule.id, finding.message
        );
    }
    for gap in &analysis.gaps {
        let rules = gap.rules.join(", ");
        let _ = writeln!(out, "gap: {}: {} [{rules}]", gap.gap.entry, gap.gap.reason);
    }
    out
}

datatest_stable::harness! {
    { test = bundle, root = "tests/diagnosis", pattern = r"\.md$" },
}
