//! The log scanner in WebAssembly must give the same report as the native one (tests/wasm-dnslog).

use std::fs::File;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::{setup, step, wasm_std};

/// Megabytes of log that both read.
const SIZE: &str = "16";

/// Builds both, lets both read the same log, compares.
pub(crate) fn compare() -> Result<()> {
    setup::program("node", &["nodejs"], "runs WebAssembly")?;
    let wasm_std = wasm_std::find()?;
    step::run(wasm_std.cargo("build").args([
        "--quiet",
        "--release",
        "--package",
        "digpod-wasm-dnslog",
    ]))?;
    let module = wasm_std
        .target_dir()
        .join("wasm32-unknown-unknown/release/digpod_wasm_dnslog.wasm");
    step::run(step::cargo().args([
        "build",
        "--quiet",
        "--release",
        "--package",
        "digpod-dnslog",
        "--examples",
    ]))?;
    let examples = step::target_dir().join("release/examples");
    let folder = step::target_dir().join("wasm-dnslog");
    std::fs::create_dir_all(&folder)?;
    let (log, report) = (folder.join("made.log"), folder.join("native.txt"));
    let create = |path: &Path| {
        File::create(path).with_context(|| format!("cannot write {}", path.display()))
    };
    step::run(
        Command::new(examples.join("dnslog-make"))
            .arg(SIZE)
            .stdout(create(&log)?),
    )?;
    step::run(
        Command::new(examples.join("dnslog-count"))
            .arg("--all")
            .arg(&log)
            .stdout(create(&report)?),
    )?;
    step::run(
        Command::new("node")
            .arg(step::root().join("tests/wasm-dnslog/compare.mjs"))
            .args([&module, &log, &report]),
    )
}
