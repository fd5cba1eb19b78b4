//! Images FROM scratch, made without a container engine and imported on each node.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde_json::json;

use super::places::Places;
use super::programs::{COREDNS, METRICS_SERVER};
use crate::{image, step};

/// Makes what is not there yet; the probe's anew each time. Gives their archives.
pub(super) fn build(places: &Places) -> Result<Vec<PathBuf>> {
    let folder = places.cache.join("images");
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make {}", folder.display()))?;
    let probe = step::target_dir().join("image/digpod-probe.tar");
    image::build(&probe)?;
    let mut archives = vec![probe];
    for (name, version) in [
        ("pause", "1"),
        ("coredns", COREDNS),
        ("metrics-server", METRICS_SERVER),
    ] {
        archives.push(once(&folder, name, version, || {
            let program = places
                .cache
                .join(format!("programs/{name}-{version}/{name}"));
            let bytes = std::fs::read(&program)
                .with_context(|| format!("cannot read {}", program.display()))?;
            let mut layer = image::Layer::new();
            layer.file(name, 0o755, &bytes)?;
            Ok((layer, json!({"Entrypoint": [format!("/{name}")]})))
        })?);
    }
    archives.push(once(&folder, "busybox", "1", || {
        let config = json!({"Cmd": ["/bin/sh"], "Env": ["PATH=/bin"]});
        Ok((busybox()?, config))
    })?);
    Ok(archives)
}

/// `localhost/NAME:VERSION` as an archive, unless it is there.
fn once(
    folder: &Path,
    name: &str,
    version: &str,
    make: impl FnOnce() -> Result<(image::Layer, serde_json::Value)>,
) -> Result<PathBuf> {
    let out = folder.join(format!("{name}-{version}.tar"));
    if !out.is_file() {
        let (layer, config) = make()?;
        let reference = format!("localhost/{name}:{version}");
        let archive = image::archive(layer, &config, "amd64", &reference)?.0;
        let unfinished = out.with_extension("unfinished");
        std::fs::write(&unfinished, archive)
            .and_then(|()| std::fs::rename(&unfinished, &out))
            .with_context(|| format!("cannot write {}", out.display()))?;
    }
    Ok(out)
}

/// Debian's static busybox under all of its names.
fn busybox() -> Result<image::Layer> {
    let program = step::find("busybox").context("busybox is not on the PATH")?;
    let bytes =
        std::fs::read(&program).with_context(|| format!("cannot read {}", program.display()))?;
    let listed = Command::new(&program).arg("--list").output()?;
    ensure!(listed.status.success(), "busybox --list fails");
    let mut layer = image::Layer::new();
    layer.file("bin/busybox", 0o755, &bytes)?;
    for name in String::from_utf8_lossy(&listed.stdout).lines() {
        if name != "busybox" {
            layer.link(&format!("bin/{name}"), "busybox")?;
        }
    }
    Ok(layer)
}
