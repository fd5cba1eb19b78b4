//! Whole bundles, collected from a real and from a simulated cluster: one snapshot a bundle and
//! rule, so that a new rule adds files here and never rewrites one.

#[path = "render/findings.rs"]
mod findings_text;
mod render;

use std::path::Path;

use digpod_analysis::{RULES, Verdict, analyse, analyse_with};
use digpod_bundle::{Bundle, Limits};

fn golden(manifest: &Path) -> datatest_stable::Result<()> {
    let folder = manifest.parent().ok_or("a folder")?;
    let bundle = Bundle::open_path(folder, &Limits::default())?;
    assert!(bundle.verify().is_empty(), "{:?}", bundle.verify());
    let name = folder
        .file_name()
        .ok_or("a name")?
        .to_string_lossy()
        .into_owned();
    let snapshots = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(&name);
    for rule in RULES {
        let text = findings_text::findings(&bundle, &analyse_with(&bundle, &[*rule]));
        render::snapshot(&snapshots.join(rule.id.replace('/', "-")), &text);
    }
    let diagnosis = analyse(&bundle).diagnosis;
    let first = diagnosis.causes.first().map(|cause| cause.root);
    assert_eq!(first.is_some(), diagnosis.verdict == Verdict::Cause);
    render::snapshot(&snapshots.join("headline"), &diagnosis.headline);
    Ok(())
}

datatest_stable::harness! {
    { test = golden, root = "../../tests/golden", pattern = r"manifest\.json$" },
}
