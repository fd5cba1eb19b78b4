//! The command as people type it: `kubectl digpod collect`.

use std::os::unix::fs::symlink;
use std::path::Path;

use digpod_bundle::{Bundle, Limits};
use digpod_e2e::{Cluster, NAME, POD, on_both};

on_both!(kubectl_runs_it_as_a_plugin);

fn kubectl_runs_it_as_a_plugin(cluster: &Cluster) {
    let folder = tempfile::tempdir().unwrap();
    let program = std::env::var_os("DIGPOD_E2E_DIGPOD").expect("cargo xtask e2e sets it");
    symlink(Path::new(&program), folder.path().join("kubectl-digpod")).unwrap();
    let mut places = vec![folder.path().to_owned()];
    places.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap()));

    let file = folder.path().join("bundle.zip");
    let mut kubectl = cluster.kubectl_command(&["digpod", "collect", "--quick", NAME]);
    kubectl.args(POD).arg("-o").arg(&file);
    if let Some(image) = std::env::var_os("DIGPOD_E2E_PROBE_IMAGE") {
        kubectl.arg("--probe-image").arg(image);
    }
    kubectl.env("PATH", std::env::join_paths(places).unwrap());
    let output = kubectl.output().unwrap();
    assert!(matches!(output.status.code(), Some(0 | 4)), "{output:?}");
    // What it tells to type next is what was typed.
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("kubectl digpod report "), "{said}");
    let bundle = Bundle::open_path(&file, &Limits::default()).unwrap();
    assert!(bundle.get("probes/workload/records.json").is_some());
}
