//! Benches: each prints its speed and a ratio measured in the same run.

mod scale;

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::step;

/// Packages with benches.
const PACKAGES: [&str; 4] = [
    "digpod-corefile",
    "digpod-dnslog",
    "digpod-netpol",
    "digpod-resolv",
];

/// Which benches run.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// `scale`: only collecting from simulated clusters of 50, 500 and 5,000 nodes.
    #[arg(value_parser = ["scale"])]
    only: Option<String>,
    /// With `scale`: the programs in this folder instead of those that are built as they are shipped.
    #[arg(long, value_name = "FOLDER", requires = "only")]
    programs: Option<PathBuf>,
}

/// Runs every bench, then the whole programs side by side where hyperfine and ripgrep are there.
pub(crate) fn run(options: &Options) -> Result<()> {
    if options.only.is_some() {
        return scale::run(options.programs.as_deref());
    }
    for package in PACKAGES {
        step::step(&format!("bench {package}"), || {
            step::run(step::cargo().args([
                "bench",
                "--quiet",
                "--package",
                package,
                "--bench",
                "*",
            ]))
        })?;
    }
    side_by_side()?;
    scale::run(None)
}

fn side_by_side() -> Result<()> {
    for tool in ["hyperfine", "rg"] {
        if !step::has(tool) {
            eprintln!(
                "==> log search beside ripgrep: left out, `{tool}` is missing (apt-get install hyperfine; cargo install ripgrep)"
            );
            return Ok(());
        }
    }
    step::step("log search beside ripgrep, on 1 GiB", || {
        step::run(
            Command::new("sh")
                .current_dir(step::root())
                .arg("crates/dnslog/benches/beside-ripgrep.sh"),
        )
    })
}
