//! Plain text of an analysis, as snapshots hold it, and where snapshots are kept.

use std::fmt::Write as _;
use std::path::Path;

use digpod_analysis::{Evidence, FixStep};
use digpod_bundle::Bundle;

/// Compares a text with the snapshot beside a fixture.
pub(crate) fn snapshot(fixture: &Path, text: &str) {
    let folder = fixture.parent().unwrap_or(fixture);
    let name = fixture.file_stem().unwrap_or_default().to_string_lossy();
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name.as_ref(), text));
}

/// One piece of evidence with the line that it points at.
pub(crate) fn evidence(out: &mut String, bundle: &Bundle, label: &str, evidence: &Evidence) {
    let at = bundle.locate(&evidence.place, 0);
    let pointer = at
        .pointer
        .as_deref()
        .map_or(String::new(), |pointer| format!("#{pointer}"));
    let _ = writeln!(
        out,
        "{label}: {}{pointer}:{}:{} {}",
        at.entry, at.line, at.column, evidence.note
    );
    if let Some(line) = at.lines.first() {
        let _ = writeln!(out, "    | {}", line.trim());
    }
}

/// A step of a fix, or the check that decides.
pub(crate) fn step(out: &mut String, label: &str, step: &FixStep) {
    let _ = writeln!(out, "{label}: {}", step.text);
    for line in step.command.iter().flat_map(|command| command.lines()) {
        let _ = writeln!(out, "    $ {line}");
    }
}
