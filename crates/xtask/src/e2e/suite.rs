//! The suite (tests/e2e/tests): the same tests on a real cluster and on simcluster.

mod foreign;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use super::cluster;
use super::network::namespace;
use super::places::{MEMBERS, Places};
use super::warden::Warden;
use crate::cluster::{Tools, build};
use crate::step;

/// Runs it against the given cluster, or against one that is started for it and taken down again.
pub(super) fn run(places: &Places, kubeconfig: Option<PathBuf>, only: &[String]) -> Result<()> {
    if let Some(kubeconfig) = kubeconfig {
        let kubeconfig = std::path::absolute(&kubeconfig)?;
        let tools = programs()?;
        return step::step("the suite on the given cluster and on simcluster", || {
            foreign::with_the_shop(places, &kubeconfig, || {
                step::run(tests(&tools, only).env("DIGPOD_E2E_KUBECONFIG", &kubeconfig))
            })
        });
    }
    if cluster::is_up(places) {
        let tools = programs()?;
        return on_ours(places, &tools, only);
    }
    places.check()?;
    let tools = programs()?;
    let warden = start(places)?;
    let result = on_ours(places, &tools, only);
    down(warden, result)
}

/// Starts the cluster, which ends with what is given.
pub(super) fn start(places: &Places) -> Result<Warden> {
    let warden = Warden::start()?;
    match cluster::up(places) {
        Ok(()) => Ok(warden),
        Err(why) => Err(warden.dismiss().err().unwrap_or(why)),
    }
}

/// Runs it against the cluster that was started.
pub(super) fn on_started(places: &Places, warden: Warden) -> Result<()> {
    let result = programs().and_then(|tools| on_ours(places, &tools, &[]));
    down(warden, result)
}

fn down(warden: Warden, result: Result<()>) -> Result<()> {
    let down = step::step("take the cluster down", || warden.dismiss());
    result.and(down)
}

/// Runs what needs no real cluster.
pub(super) fn simulated() -> Result<()> {
    let tools = programs()?;
    step::step("the real cluster's suite on simcluster", || {
        step::run(&mut tests(&tools, &[]))
    })
}

fn on_ours(places: &Places, tools: &Tools, only: &[String]) -> Result<()> {
    let xtask = std::env::current_exe().context("where is this program?")?;
    // Linux calls it so if it was built anew meanwhile.
    let xtask = xtask.to_string_lossy().replace(" (deleted)", "");
    step::step("the suite on the cluster and on simcluster", || {
        let tests = tests(tools, only);
        // simcluster listens on loopback, which this network has too.
        let mut inside = Command::new("nsenter");
        inside
            .arg(format!("--net=/run/netns/{}", namespace(&MEMBERS[0])))
            .arg(tests.get_program())
            .args(tests.get_args())
            .current_dir(step::root());
        for (name, value) in tests.get_envs() {
            if let Some(value) = value {
                inside.env(name, value);
            }
        }
        inside
            .env("DIGPOD_E2E_KUBECONFIG", places.kubeconfig())
            .env("DIGPOD_E2E_XTASK", &xtask)
            .env("DIGPOD_E2E_PROBE_BINARY", probe_binary())
            .env("DIGPOD_E2E_AUDIT_LOG", places.state.join("audit.log"));
        step::run(&mut inside)
    })
}

fn programs() -> Result<Tools> {
    let page = step::target_dir().join("viewer/digpod.html");
    step::step("build digpod, the simulated cluster and the suite", || {
        let tools = build(&page)?;
        step::run(step::cargo().args([
            "test",
            "--quiet",
            "--workspace",
            "--test",
            "suite",
            "--no-run",
        ]))?;
        Ok(tools)
    })
}

/// One test at a time: they share the real cluster.
fn tests(tools: &Tools, only: &[String]) -> Command {
    let mut cargo = step::cargo();
    cargo
        .args(["test", "--workspace", "--test", "suite", "--"])
        .args(["--test-threads", "1", "--nocapture"])
        .args(only)
        .env("DIGPOD_E2E_DIGPOD", absolute(&tools.digpod))
        .env("DIGPOD_SIMCLUSTER", absolute(&tools.simcluster));
    cargo
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// The probe alone, as `image::build` leaves it; the cluster's nodes are this machine.
fn probe_binary() -> std::path::PathBuf {
    step::root().join("target/probe/digpod-probe-amd64")
}
