//! The main job, on a cluster in a box: collect, name the cause, show the page.

use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::cluster::Scenario;
use crate::{step, viewer};

/// How the demo runs.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Folder in tests/scenarios.
    #[arg(default_value = "mixed-upstreams")]
    scenario: String,
    /// Print where the page is and do not open it.
    #[arg(long)]
    no_open: bool,
}

/// Runs the demo.
pub(crate) fn run(options: &Options) -> Result<()> {
    let scenario = Scenario::named(&options.scenario)?;
    let page = step::target_dir().join("viewer/digpod.html");
    step::step("build the page (the first time takes some minutes)", || {
        viewer::build(&page)
    })?;
    let tools = step::step("build digpod and the simulated cluster", || {
        crate::cluster::build(&page)
    })?;
    let out = step::target_dir().join("demo");
    std::fs::create_dir_all(&out).with_context(|| format!("cannot make {}", out.display()))?;
    let bundle = out.join(format!("{}.zip", options.scenario));
    let html = out.join(format!("{}.html", options.scenario));

    eprintln!("==> digpod {}", Scenario::COLLECT.join(" "));
    let mut collect = Command::new(&tools.simcluster);
    collect
        .arg("run")
        .arg(scenario.folder())
        .arg("--")
        .arg(&tools.digpod);
    collect.args(Scenario::COLLECT).arg("-o").arg(&bundle);
    // 4: something was out of reach, said on the screen; the bundle is valid all the same.
    match step::code(&mut collect)? {
        0 | 4 => {}
        code => bail!("digpod collect ended with exit code {code}"),
    }
    step::run(
        Command::new(&tools.digpod)
            .arg("report")
            .arg(&bundle)
            .arg("-o")
            .arg(&html),
    )?;
    let opened = !options.no_open && has_display() && open(&html);
    eprintln!(
        "==> the page{}: {}",
        if opened { " is open" } else { "" },
        html.display()
    );
    Ok(())
}

fn has_display() -> bool {
    cfg!(any(target_os = "macos", target_os = "windows"))
        || ["DISPLAY", "WAYLAND_DISPLAY"]
            .iter()
            .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

fn open(page: &std::path::Path) -> bool {
    let opener = if cfg!(target_os = "macos") {
        "open"
    } else if cfg!(target_os = "windows") {
        "explorer"
    } else {
        "xdg-open"
    };
    Command::new(opener)
        .arg(page)
        .status()
        .is_ok_and(|status| status.success())
}
