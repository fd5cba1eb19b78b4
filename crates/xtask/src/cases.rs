//! Every fixture and golden bundle as a file, beside the report that native code makes of it.
//! The browser tests open each and compare bytes.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use digpod_bundle::{Bundle, EntryName, Limits};
use digpod_test_support::all_fixtures;

use crate::step;

/// Writes `<case>.zip` and `<case>.report.json` for each; gives their number.
pub(crate) fn write(out: &Path) -> Result<usize> {
    std::fs::create_dir_all(out).with_context(|| format!("cannot make {}", out.display()))?;
    let mut count = 0;
    for (name, bundle) in all()? {
        let analysis = digpod_analysis::analyse(&bundle);
        let report = digpod_report::json(&digpod_report::report(&bundle, &analysis));
        bundle
            .save(&out.join(format!("{name}.zip")))
            .with_context(|| name.clone())?;
        std::fs::write(out.join(format!("{name}.report.json")), report)?;
        count += 1;
    }
    Ok(count)
}

/// A case that shows a cause: the one the page is tried with.
pub(crate) fn example(cases: &Path) -> Result<PathBuf> {
    let mut reports: Vec<PathBuf> = std::fs::read_dir(cases)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    reports.sort();
    for report in reports
        .iter()
        .filter(|path| path.to_string_lossy().ends_with(".report.json"))
    {
        let text = std::fs::read_to_string(report)?;
        if text.contains("\"verdict\": \"cause\"") && text.contains("\"confidence\": \"proven\"") {
            let name = report.to_string_lossy().replace(".report.json", ".zip");
            return Ok(PathBuf::from(name));
        }
    }
    Err(anyhow!("no fixture shows a proven cause"))
}

fn all() -> Result<Vec<(String, Bundle)>> {
    let mut all = Vec::new();
    let fixtures = all_fixtures(&step::root().join("crates/analysis/tests"));
    for fixture in fixtures.map_err(|error| anyhow!("a fixture cannot be read: {error}"))? {
        for (number, case) in (1..).zip(fixture.cases) {
            let name = EntryName::sanitize_part(&fixture.name.replace('/', "-"));
            all.push((format!("{name}-{number}"), case.bundle));
        }
    }
    let golden = step::root().join("tests/golden");
    let mut folders: Vec<PathBuf> = std::fs::read_dir(&golden)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    folders.sort();
    for folder in folders
        .iter()
        .filter(|folder| folder.join("manifest.json").is_file())
    {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let bundle =
            Bundle::open_path(folder, &Limits::default()).with_context(|| name.to_string())?;
        all.push((format!("golden-{name}"), bundle));
    }
    Ok(all)
}
