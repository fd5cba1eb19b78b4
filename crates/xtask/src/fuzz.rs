//! Fuzz targets, each for some seconds (tests/fuzz).

use anyhow::{Result, bail};

use crate::step;

/// Every target; one a parser.
const TARGETS: [&str; 6] = [
    "corefile",
    "dnslog",
    "netpol",
    "probe_output",
    "probe_reply",
    "resolv",
];

/// What is fuzzed, and for how long.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Targets; all by default.
    targets: Vec<String>,
    /// Seconds for each.
    #[arg(long, default_value_t = 60)]
    seconds: u32,
}

/// Runs them one after another; a finding ends the run and says where the input is.
pub(crate) fn run(options: &Options) -> Result<()> {
    if let Some(unknown) = options
        .targets
        .iter()
        .find(|target| !TARGETS.contains(&target.as_str()))
    {
        bail!(
            "there is no fuzz target {unknown:?}; there are: {}",
            TARGETS.join(", ")
        );
    }
    if !step::has("cargo-fuzz") {
        bail!("cargo-fuzz is missing; install it: cargo install --locked cargo-fuzz");
    }
    let chosen = |target: &str| {
        options.targets.is_empty() || options.targets.iter().any(|name| name == target)
    };
    for target in TARGETS.iter().filter(|target| chosen(target)) {
        step::step(&format!("fuzz {target}"), || {
            // Cargo's own path would be the stable compiler that runs this task.
            let mut fuzz = std::process::Command::new("cargo");
            fuzz.current_dir(step::root())
                .env_remove("RUSTUP_TOOLCHAIN")
                .args(["+nightly", "fuzz", "run", "--fuzz-dir", "tests/fuzz"])
                .args([target, "--", "-rss_limit_mb=4096", "-print_final_stats=1"])
                .arg(format!("-max_total_time={}", options.seconds));
            step::run(&mut fuzz)
        })?;
    }
    Ok(())
}
