//! Puts into the program what was built before it: the page (`cargo xtask viewer`), and the probe
//! for nodes that cannot pull its image (`cargo xtask image`).

use std::path::{Path, PathBuf};
use std::{env, fs};

/// Machines of nodes, as Kubernetes names them.
const ARCHITECTURES: [&str; 2] = ["amd64", "arm64"];

fn main() {
    probes();
    println!("cargo::rerun-if-env-changed=DIGPOD_PAGE");
    let page = env::var_os("DIGPOD_PAGE").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/viewer/digpod.html"),
        PathBuf::from,
    );
    println!("cargo::rerun-if-changed={}", page.display());
    let out = env::var_os("OUT_DIR")
        .map(PathBuf::from)
        .unwrap_or_default();
    let text = fs::read_to_string(&page).unwrap_or_default();
    if let Err(error) = fs::write(out.join("page.html"), text) {
        println!("cargo::error=cannot write the page: {error}");
    }
}

fn probes() {
    println!("cargo::rerun-if-env-changed=DIGPOD_PROBES");
    let folder = env::var_os("DIGPOD_PROBES").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/probe"),
        PathBuf::from,
    );
    // What is not there counts as changed each time: a folder can be watched before it has files.
    if let Err(error) = fs::create_dir_all(&folder) {
        println!("cargo::error=cannot make {}: {error}", folder.display());
    }
    println!("cargo::rerun-if-changed={}", folder.display());
    let out = env::var_os("OUT_DIR")
        .map(PathBuf::from)
        .unwrap_or_default();
    for architecture in ARCHITECTURES {
        let name = format!("digpod-probe-{architecture}");
        let binary = fs::read(folder.join(&name)).unwrap_or_default();
        if let Err(error) = fs::write(out.join(&name), binary) {
            println!("cargo::error=cannot write the probe: {error}");
        }
    }
}
