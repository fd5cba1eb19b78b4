//! A cluster that somebody else made gets the failing pod for the time of the suite.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};

use super::super::places::Places;
use super::super::{output, quietly};

/// Makes the namespace `shop` with its pod, does the work, and removes it again.
pub(super) fn with_the_shop(
    places: &Places,
    kubeconfig: &Path,
    work: impl FnOnce() -> Result<()>,
) -> Result<()> {
    let kubectl = |words: &[&str]| {
        let mut kubectl = Command::new("kubectl");
        kubectl.arg("--kubeconfig").arg(kubeconfig).args(words);
        kubectl
    };
    let (_, context) = output(&mut kubectl(&["config", "current-context"]))?;
    eprintln!("    context {}", context.trim());
    let (there, _) = output(&mut kubectl(&["get", "namespace", "shop"]))?;
    ensure!(
        !there.success(),
        "this cluster has a namespace `shop`, which the suite would make and delete"
    );
    let removed = || {
        quietly(&mut kubectl(&[
            "delete",
            "namespace",
            "shop",
            "--ignore-not-found",
        ]))
    };
    let result = apply(kubectl(&["apply", "-f", "-"]), &shop(places)?)
        .and_then(|()| {
            let ready = ["wait", "--for=condition=Ready", "pod/web", "--timeout=2m"];
            quietly(kubectl(&["-n", "shop"]).args(ready))
        })
        .and_then(|()| work());
    result.and(removed())
}

/// objects/shop.yaml for any cluster: on any node, of an image that it has, without our cluster's fault.
fn shop(places: &Places) -> Result<String> {
    let file = places.material.join("objects/shop.yaml");
    let text = std::fs::read_to_string(&file)
        .with_context(|| format!("cannot read {}", file.display()))?;
    let image = std::env::var("DIGPOD_E2E_IMAGE").unwrap_or_else(|_| "busybox:stable".to_owned());
    let text = text
        .replace("  nodeName: node1\n", "")
        .replace("localhost/busybox:1", &image)
        .replace("imagePullPolicy: Never", "imagePullPolicy: IfNotPresent");
    let objects = text.split("\n---\n");
    let wanted: Vec<&str> = objects
        .filter(|object| !object.contains("kind: ConfigMap"))
        .collect();
    Ok(wanted.join("\n---\n"))
}

fn apply(mut kubectl: Command, objects: &str) -> Result<()> {
    let mut child = kubectl
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .context("cannot start kubectl")?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(objects.as_bytes())?;
    }
    ensure!(
        child.wait()?.success(),
        "the objects of the suite are refused"
    );
    Ok(())
}
