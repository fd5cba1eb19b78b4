//! Finds the fixtures below a folder.

use std::fs;
use std::path::{Path, PathBuf};

use crate::{Case, cases};

/// One fixture file and its cases.
#[derive(Clone, Debug)]
pub struct Fixture {
    /// Where it stands.
    pub path: PathBuf,
    /// Its path below the root without `.md`, with `/` between parts: `upstreams/upstreams_disagree`.
    pub name: String,
    /// Its cases.
    pub cases: Vec<Case>,
}

/// Reads every `.md` below a folder, in the order of their names.
pub fn all_fixtures(root: &Path) -> Result<Vec<Fixture>, String> {
    let mut paths = Vec::new();
    collect(root, &mut paths)?;
    paths.sort();
    let fixture = |path: PathBuf| {
        let shown = path.display().to_string();
        let text = fs::read_to_string(&path).map_err(|error| format!("{shown}: {error}"))?;
        let below = path.strip_prefix(root).unwrap_or(&path).with_extension("");
        let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
        let cases = cases(&text).map_err(|why| format!("{shown}: {why}"))?;
        Ok(Fixture {
            name: parts.join("/"),
            path,
            cases,
        })
    };
    paths.into_iter().map(fixture).collect()
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<(), String> {
    let shown = folder.display().to_string();
    for entry in fs::read_dir(folder).map_err(|error| format!("{shown}: {error}"))? {
        let path = entry.map_err(|error| format!("{shown}: {error}"))?.path();
        if path.is_dir() {
            collect(&path, paths)?;
        } else if path.extension().is_some_and(|extension| extension == "md") {
            paths.push(path);
        }
    }
    Ok(())
}
