//! The programs that the cluster is made of, built from Go modules and kept.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use super::places::Places;
use crate::step;

struct Program {
    name: &'static str,
    version: &'static str,
    /// A package of a module, or a folder of tests/e2e/programs.
    from: From,
}

enum From {
    Module(&'static str),
    Folder(&'static str),
}

/// Version of Kubernetes, as in tests/e2e/programs/kubernetes/go.mod.
const KUBERNETES: &str = "v1.34.4";
/// The version stands in the binary, as Kubernetes' own build writes it there.
const STAMP: &str = "-s -w \
    -X k8s.io/component-base/version.gitVersion=v1.34.4 \
    -X k8s.io/component-base/version.gitMajor=1 \
    -X k8s.io/component-base/version.gitMinor=34";

pub(super) const COREDNS: &str = "v1.12.1";
pub(super) const METRICS_SERVER: &str = "v0.8.0";

const PROGRAMS: [Program; 5] = [
    Program {
        name: "kubernetes",
        version: KUBERNETES,
        from: From::Folder("kubernetes"),
    },
    Program {
        name: "pause",
        version: "1",
        from: From::Folder("pause"),
    },
    Program {
        name: "coredns",
        version: COREDNS,
        from: From::Module("github.com/coredns/coredns"),
    },
    Program {
        name: "kube-router",
        version: "v2.1.0",
        from: From::Module("github.com/cloudnativelabs/kube-router/v2/cmd/kube-router"),
    },
    Program {
        name: "metrics-server",
        version: METRICS_SERVER,
        from: From::Module("sigs.k8s.io/metrics-server/cmd/metrics-server"),
    },
];

/// Builds what is not there yet.
pub(super) fn build(places: &Places) -> Result<()> {
    for program in &PROGRAMS {
        let folder = folder(places, program);
        if folder.join(program.name).is_file() {
            continue;
        }
        let what = format!(
            "build {} {} (minutes, the first time only)",
            program.name, program.version
        );
        step::step(&what, || one(places, program, &folder))?;
    }
    Ok(())
}

/// Fills a folder with links to them.
pub(super) fn link(places: &Places, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to).with_context(|| format!("cannot make {}", to.display()))?;
    for program in &PROGRAMS {
        let built = folder(places, program).join(program.name);
        std::os::unix::fs::symlink(&built, to.join(program.name))
            .with_context(|| format!("cannot link {}", built.display()))?;
    }
    Ok(())
}

fn folder(places: &Places, program: &Program) -> std::path::PathBuf {
    let name = format!("{}-{}", program.name, program.version);
    places.cache.join("programs").join(name)
}

fn one(places: &Places, program: &Program, folder: &Path) -> Result<()> {
    // Whole or not at all, though somebody interrupts it.
    let unfinished = folder.with_extension("unfinished");
    std::fs::create_dir_all(&unfinished)
        .with_context(|| format!("cannot make {}", unfinished.display()))?;
    let mut go = Command::new("go");
    go.env("CGO_ENABLED", "0")
        .env("GOFLAGS", "-trimpath -buildvcs=false");
    match program.from {
        From::Module(package) => go
            .current_dir(&unfinished)
            .args(["install", "-ldflags", "-s -w"])
            .arg(format!("{package}@{}", program.version))
            .env("GOBIN", &unfinished),
        From::Folder(name) => go
            .current_dir(places.material.join("programs").join(name))
            .args(["build", "-ldflags", STAMP, "-o"])
            .arg(unfinished.join(program.name))
            .arg("."),
    };
    step::run(&mut go)?;
    std::fs::rename(&unfinished, folder)
        .with_context(|| format!("cannot make {}", folder.display()))
}
