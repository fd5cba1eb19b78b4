//! Each rule over its fixture, and the registry's own promises.

#[path = "render/findings.rs"]
mod findings_text;
mod render;

use std::fmt::Write as _;
use std::path::Path;

use digpod_analysis::{RULES, Rule, analyse_with};
use digpod_test_support::{cases, title};

#[expect(
    clippy::needless_pass_by_value,
    reason = "the harness passes the file's text so"
)]
fn fixture(path: &Path, markdown: String) -> datatest_stable::Result<()> {
    let rule = rule_of(path)?;
    if title(&markdown) != Some(rule.id) {
        return Err(format!("the title must be `# {}`", rule.id).into());
    }
    let cases = cases(&markdown)?;
    if cases.len() < 3 {
        return Err("a fixture needs three cases: fires, stays silent, could not see".into());
    }
    let mut text = String::new();
    for case in cases {
        let analysis = analyse_with(&case.bundle, &[rule]);
        let found = findings_text::findings(&case.bundle, &analysis);
        writeln!(text, "## {}\n\n{found}", case.heading)?;
    }
    render::snapshot(path, &text);
    Ok(())
}

/// The rule whose file has the same path as the fixture.
fn rule_of(path: &Path) -> Result<&'static Rule, String> {
    let parts: Vec<String> = path
        .with_extension("")
        .iter()
        .rev()
        .take(2)
        .map(|part| part.to_string_lossy().replace('_', "-"))
        .collect();
    let id = format!("{}/{}", parts[1], parts[0]);
    let known = RULES.iter().find(|rule| rule.id == id);
    known
        .copied()
        .ok_or_else(|| format!("no rule {id} for this fixture"))
}

datatest_stable::harness! {
    { test = fixture, root = "tests/rules", pattern = r"\.md$" },
}
