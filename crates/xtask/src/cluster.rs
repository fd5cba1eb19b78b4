//! The simulated cluster and the tool under it, as the demo and the tests use them.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::step;

/// The two programs.
pub(crate) struct Tools {
    /// `digpod`, with the page inside.
    pub(crate) digpod: PathBuf,
    /// `digpod-simcluster`.
    pub(crate) simcluster: PathBuf,
}

/// Builds both; the page goes into `digpod`.
pub(crate) fn build(page: &Path) -> Result<Tools> {
    of_profile(page, "debug", &[])
}

/// The same as they are shipped, for what is measured.
pub(crate) fn shipped(page: &Path) -> Result<Tools> {
    of_profile(page, "release", &["--release"])
}

fn of_profile(page: &Path, folder: &str, flags: &[&str]) -> Result<Tools> {
    step::run(
        step::cargo()
            .args([
                "build",
                "--quiet",
                // With the workspace's features, as the tests are built: nothing is built twice.
                "--workspace",
                "--bin",
                "digpod",
                "--bin",
                "digpod-simcluster",
            ])
            .args(flags)
            .env("DIGPOD_PAGE", page),
    )?;
    let bin = |name: &str| {
        step::target_dir()
            .join(folder)
            .join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    };
    Ok(Tools {
        digpod: bin("digpod"),
        simcluster: bin("digpod-simcluster"),
    })
}

/// A scenario folder and what its user complains about.
pub(crate) struct Scenario {
    folder: PathBuf,
}

impl Scenario {
    /// Finds a scenario by its folder's name.
    pub(crate) fn named(name: &str) -> Result<Self> {
        let all = step::root().join("tests/scenarios");
        let folder = all.join(name);
        if !folder.join("scenario.yaml").is_file() {
            let mut known: Vec<String> = std::fs::read_dir(&all)?
                .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
                .filter(|name| all.join(name).join("scenario.yaml").is_file())
                .collect();
            known.sort();
            bail!(
                "there is no scenario {name:?}; there are: {}",
                known.join(", ")
            );
        }
        Ok(Self { folder })
    }

    /// The folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// What the person on call types after `digpod`; every scenario plays the same complaint.
    pub(crate) const COLLECT: [&'static str; 6] = [
        "collect",
        "-n",
        "shop",
        "-l",
        "app=web",
        "app.corp.internal",
    ];
}
