//! The cluster as a whole: up, down, and commands on its network.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use super::network::{self, namespace};
use super::places::{MEMBERS, Places, nodes};
use super::{images, members, output, pki, programs, quietly};
use crate::step;

/// How long anything may take to come up.
const PATIENCE: Duration = Duration::from_mins(3);

/// A command on the cluster's network as its administrator.
pub(super) fn command(places: &Places, program: &str) -> Command {
    let mut command = Command::new("nsenter");
    command
        .arg(format!("--net=/run/netns/{}", namespace(&MEMBERS[0])))
        .arg(program)
        .env("KUBECONFIG", places.kubeconfig());
    command
}

/// Starts it; what a crashed run left is cleared first. On a running one this starts a new one.
pub(super) fn up(places: &Places) -> Result<()> {
    programs::build(places)?;
    let archives = step::step("make the cluster's images", || images::build(places))?;
    step::step("start the cluster", || {
        down(places)?;
        programs::link(places, &places.state.join("programs"))?;
        let images = places.state.join("images");
        std::fs::create_dir_all(&images)?;
        for archive in &archives {
            let name = archive.file_name().context("an image without a name")?;
            std::os::unix::fs::symlink(archive, images.join(name))?;
        }
        network::make()?;
        pki::make(places)?;
        MEMBERS
            .iter()
            .try_for_each(|member| members::start(places, member))?;
        ready(places)
    })
}

/// Ends and removes it; nothing is left but the programs and images.
pub(super) fn down(places: &Places) -> Result<()> {
    members::stop_all(&MEMBERS)?;
    network::remove()?;
    if places.state.exists() {
        let state = &places.state;
        std::fs::remove_dir_all(state)
            .with_context(|| format!("cannot remove {}", state.display()))?;
    }
    Ok(())
}

/// Fills the cluster and waits until everything in it runs.
fn ready(places: &Places) -> Result<()> {
    let kubectl = |words: &[&str]| {
        let mut kubectl = command(places, "kubectl");
        kubectl.args(words);
        kubectl
    };
    until("the API server answers", || {
        kubectl(&["get", "--raw", "/readyz"])
    })?;
    let objects = places.material.join("objects");
    let objects = objects.to_str().context("a path that is not UTF-8")?;
    // The first times a ServiceAccount or an API may be missing still.
    until("its objects are there", || {
        kubectl(&["apply", "-f", objects])
    })?;
    for (node, pods) in nodes() {
        let patch = format!(r#"{{"spec":{{"podCIDR":"{pods}","podCIDRs":["{pods}"]}}}}"#);
        until("the nodes are there", || {
            kubectl(&["patch", "node", node.name, "-p", &patch])
        })?;
    }
    let wait = |words: &[&str]| {
        let patience = format!("--timeout={}s", PATIENCE.as_secs());
        quietly(kubectl(words).arg(patience))
    };
    wait(&["wait", "--for=condition=Ready", "node", "--all"])?;
    for deployment in ["deploy/coredns", "deploy/metrics-server"] {
        wait(&["-n", "kube-system", "rollout", "status", deployment])?;
    }
    wait(&["-n", "shop", "wait", "--for=condition=Ready", "pod/web"])?;
    until("the metrics API answers", || kubectl(&["top", "nodes"]))
}

fn until(what: &str, command: impl Fn() -> Command) -> Result<()> {
    let begin = Instant::now();
    loop {
        let (status, text) = output(&mut command())?;
        if status.success() {
            return Ok(());
        }
        if begin.elapsed() > PATIENCE {
            bail!("waited in vain until {what}: {}", text.trim());
        }
        std::thread::sleep(Duration::from_millis(250));
    }
}

/// Whether it is up.
pub(super) fn is_up(places: &Places) -> bool {
    let kubeconfig = places.kubeconfig();
    Path::new(&kubeconfig).is_file() && network::exists(&MEMBERS[0])
}
