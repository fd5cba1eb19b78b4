//! Every check and test, in an order in which the cheap ones fail first.

use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::cluster::{self, Tools};
use crate::{cases, e2e, image, layers, reference, setup, step, viewer, wasm_log, wasm_std};

/// How the tests run.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Leave out what needs a browser.
    #[arg(long)]
    no_browser: bool,
    /// Leave out the comparisons with CoreDNS, libc, dig and another policy evaluator.
    #[arg(long)]
    no_reference: bool,
    /// Run the real cluster's suite on simcluster alone.
    #[arg(long)]
    no_e2e: bool,
}

/// Runs them all; the first failure ends the run.
pub(crate) fn run(options: &Options) -> Result<()> {
    let page = step::target_dir().join("viewer/digpod.html");
    step::step("layers point down only", layers::check)?;
    step::step("format", || fmt(true))?;
    step::step("build the page (the first time takes some minutes)", || {
        viewer::build(&page)
    })?;
    step::step("layers 1 to 3 compile for wasm32", || {
        wasm_std::check(layers::PURE)
    })?;
    step::step("lints", || lint(&page))?;
    step::step("unit, fixture and property tests", || {
        step::run(
            step::cargo()
                .args(["test", "--workspace", "--quiet"])
                .env("DIGPOD_PAGE", &page),
        )
    })?;
    step::step(
        "the same log, natively and in WebAssembly",
        wasm_log::compare,
    )?;
    let tools = step::step(
        "build digpod with its page, and the simulated cluster",
        || cluster::build(&page),
    )?;
    step::step("collect from the simulated cluster", || {
        cluster_tests(&tools, &page)
    })?;
    step::step("the probe's image", || {
        image::build(&step::target_dir().join("image/digpod-probe.tar")).map(drop)
    })?;
    step::step("licences, sources and bans", deny)?;
    if options.no_reference {
        eprintln!("==> comparisons with the real programs: left out (--no-reference)");
    } else {
        reference::run_where_possible()?;
    }
    if options.no_e2e {
        eprintln!("==> tests on a real cluster: left out (--no-e2e)");
        e2e::run_simulated()?;
    } else {
        e2e::run_where_possible()?;
    }
    if options.no_browser {
        eprintln!("==> browser tests: left out (--no-browser)");
    } else {
        step::step("browser tests", || browser(&tools, &page))?;
    }
    eprintln!("==> all passed");
    Ok(())
}

/// Formats or checks every Rust file: `cargo fmt` does not see modules that a macro declares.
pub(crate) fn fmt(check: bool) -> Result<()> {
    let files = Command::new("git")
        .current_dir(step::root())
        .args([
            "ls-files",
            "--cached",
            "--others",
            "--exclude-standard",
            "*.rs",
        ])
        .output()
        .context("cannot list the files with git")?;
    let files = String::from_utf8(files.stdout).context("file names")?;
    let mut rustfmt = Command::new("rustfmt");
    rustfmt
        .current_dir(step::root())
        .args(["--edition", "2024"]);
    if check {
        rustfmt.arg("--check");
    }
    rustfmt.args(
        files
            .lines()
            .filter(|file| step::root().join(file).is_file()),
    );
    component("rustfmt")?;
    step::run(&mut rustfmt)
}

fn lint(page: &std::path::Path) -> Result<()> {
    component("clippy")?;
    step::run(
        step::cargo()
            .args([
                "clippy",
                "--workspace",
                "--all-targets",
                "--quiet",
                "--",
                "-D",
                "warnings",
            ])
            .env("DIGPOD_PAGE", page),
    )
}

/// A component of the Rust toolchain; a minimal installation lacks it.
fn component(name: &str) -> Result<()> {
    let program = if name == "clippy" {
        "cargo-clippy"
    } else {
        name
    };
    if Command::new(program)
        .arg("--version")
        .output()
        .is_ok_and(|output| output.status.success())
    {
        return Ok(());
    }
    let added = Command::new("timeout")
        .args(["60", "rustup", "component", "add", name])
        .status();
    if added.is_ok_and(|status| status.success()) {
        return Ok(());
    }
    bail!("`{name}` is missing; add it: rustup component add {name}");
}

fn cluster_tests(tools: &Tools, page: &std::path::Path) -> Result<()> {
    step::run(
        step::cargo()
            .args(["test", "--workspace", "--test", "cluster"])
            .env("DIGPOD_PAGE", page)
            .env("DIGPOD_SIMCLUSTER", &tools.simcluster),
    )
}

fn deny() -> Result<()> {
    if !step::has("cargo-deny") {
        eprintln!(
            "    cargo-deny is not installed; `just deny` installs and runs it (layers were checked above)"
        );
        return Ok(());
    }
    step::run(step::cargo().args(["deny", "--offline", "check", "bans", "licenses", "sources"]))
}

fn browser(tools: &Tools, page: &std::path::Path) -> Result<()> {
    setup::program("node", &["nodejs", "npm"], "drives the browser")?;
    setup::program("npm", &["npm"], "fetches playwright-core")?;
    let chromium = std::env::var_os("CHROMIUM");
    if chromium.is_none() {
        setup::program("chromium", &["chromium"], "the browser")?;
    }
    let folder = step::root().join("tests/browser");
    step::run(Command::new("npm").current_dir(&folder).args([
        "ci",
        "--silent",
        "--no-audit",
        "--no-fund",
    ]))?;
    let out = step::target_dir().join("browser");
    let all = out.join("cases");
    let count = cases::write(&all)?;
    eprintln!("    {count} bundles, each analysed natively and in the browser");
    let embedded = out.join("embedded.html");
    let example = cases::example(&all)?;
    step::run(
        Command::new(&tools.digpod)
            .arg("report")
            .arg(&example)
            .arg("-o")
            .arg(&embedded),
    )?;
    let mut node = Command::new("node");
    node.current_dir(&folder)
        .args(["--test", "--test-concurrency=1"]);
    node.env("PAGE", page)
        .env("CASES", &all)
        .env("EMBEDDED", &embedded)
        .env("SHOTS", out.join("shots"));
    if chromium.is_none() {
        node.env(
            "CHROMIUM",
            step::find("chromium").context("chromium is not on the PATH")?,
        );
    }
    step::run(&mut node)
}
