//! Layers point down only, and some crates stay where they belong (ARCHITECTURE.md).
//!
//! `deny.toml` says the same for `cargo deny`; this check needs nothing installed.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::step;

/// Each workspace package and the workspace packages it may depend on.
const MAY_USE: &[(&str, &[&str])] = &[
    ("digpod-bundle", &[]),
    ("digpod-corefile", &[]),
    ("digpod-resolv", &[]),
    ("digpod-dnslog", &[]),
    ("digpod-netpol", &[]),
    ("digpod-probe", &[]),
    (
        "digpod-import",
        &[
            "digpod-bundle",
            "digpod-corefile",
            "digpod-resolv",
            "digpod-dnslog",
        ],
    ),
    (
        "digpod-analysis",
        &[
            "digpod-bundle",
            "digpod-corefile",
            "digpod-resolv",
            "digpod-dnslog",
            "digpod-netpol",
            "digpod-probe",
        ],
    ),
    (
        "digpod-report",
        &["digpod-analysis", "digpod-bundle", "digpod-probe"],
    ),
    ("digpod-simcluster", &["digpod-corefile", "digpod-probe"]),
    ("digpod-test-support", &["digpod-bundle", "digpod-probe"]),
    (
        "digpod",
        &[
            "digpod-analysis",
            "digpod-bundle",
            "digpod-corefile",
            "digpod-import",
            "digpod-netpol",
            "digpod-probe",
            "digpod-report",
            "digpod-resolv",
        ],
    ),
    ("digpod-e2e", &["digpod-bundle"]),
    ("digpod-wasm-dnslog", &["digpod-dnslog"]),
    (
        "digpod-viewer",
        &[
            "digpod-analysis",
            "digpod-bundle",
            "digpod-probe",
            "digpod-report",
        ],
    ),
    (
        "digpod-xtask",
        &[
            "digpod-analysis",
            "digpod-bundle",
            "digpod-report",
            "digpod-test-support",
        ],
    ),
];

/// Crates from outside and the only workspace packages that may name them.
const ONLY_IN: &[(&str, &[&str])] = &[
    ("kube", &["digpod"]),
    ("k8s-openapi", &["digpod"]),
    ("clap", &["digpod", "digpod-simcluster", "digpod-xtask"]),
    ("tokio", &["digpod", "digpod-simcluster", "digpod-probe"]),
    ("axum", &["digpod-simcluster"]),
    ("hickory-proto", &["digpod-probe", "digpod-simcluster"]),
    ("leptos", &["digpod-viewer"]),
    ("web-sys", &["digpod-viewer"]),
    ("js-sys", &["digpod-viewer"]),
    ("wasm-bindgen", &["digpod-viewer", "digpod-wasm-dnslog"]),
    ("anyhow", &["digpod", "digpod-simcluster", "digpod-xtask"]),
    ("regex", &[]),
];

/// Packages that must build without sockets, files and clocks: layers 1 to 3.
pub(crate) const PURE: &[&str] = &[
    "digpod-bundle",
    "digpod-corefile",
    "digpod-resolv",
    "digpod-dnslog",
    "digpod-netpol",
    "digpod-probe",
    "digpod-import",
    "digpod-analysis",
    "digpod-report",
];

/// Fails with every arrow that points the wrong way.
pub(crate) fn check() -> Result<()> {
    let output = step::cargo()
        .args(["metadata", "--format-version", "1", "--no-deps"])
        .output()
        .context("cannot run cargo metadata")?;
    let metadata: Value = serde_json::from_slice(&output.stdout).context("cargo metadata")?;
    let faults = faults(&metadata);
    if !faults.is_empty() {
        bail!(
            "layers must point down only (ARCHITECTURE.md):\n  {}",
            faults.join("\n  ")
        );
    }
    Ok(())
}

fn faults(metadata: &Value) -> Vec<String> {
    let rules: BTreeMap<&str, &[&str]> = MAY_USE.iter().copied().collect();
    let names: BTreeSet<&str> = packages(metadata).map(name).collect();
    let mut faults = Vec::new();
    for package in packages(metadata) {
        let from = name(package);
        let Some(allowed) = rules.get(from) else {
            faults.push(format!(
                "`{from}` has no layer: add it to MAY_USE and ARCHITECTURE.md"
            ));
            continue;
        };
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            // Tests may look wherever they like; only what ships has layers.
            if dependency["kind"].as_str() == Some("dev") {
                continue;
            }
            let to = name(dependency);
            if names.contains(to) && !allowed.contains(&to) {
                faults.push(format!("`{from}` must not use `{to}`"));
            }
            let fenced = ONLY_IN.iter().find(|(outside, _)| *outside == to);
            if fenced.is_some_and(|(_, only)| !only.contains(&from)) {
                faults.push(format!(
                    "`{from}` must not use `{to}`: it belongs elsewhere"
                ));
            }
        }
    }
    faults
}

fn packages(metadata: &Value) -> impl Iterator<Item = &Value> {
    metadata["packages"].as_array().into_iter().flatten()
}

fn name(value: &Value) -> &str {
    value["name"].as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::faults;

    fn with(package: &str, dependency: &str) -> Vec<String> {
        let dependency = json!({"name": dependency, "kind": null});
        faults(&json!({"packages": [
            {"name": package, "dependencies": [dependency]},
            {"name": "digpod-report", "dependencies": []},
            {"name": "digpod-bundle", "dependencies": []},
        ]}))
    }

    #[test]
    fn an_arrow_that_points_up_is_a_fault() {
        assert_eq!(
            with("digpod-analysis", "digpod-report"),
            ["`digpod-analysis` must not use `digpod-report`"]
        );
    }

    #[test]
    fn an_arrow_that_points_down_is_none() {
        assert!(with("digpod-analysis", "digpod-bundle").is_empty());
    }

    #[test]
    fn a_cluster_client_below_the_collector_is_a_fault() {
        assert_eq!(
            with("digpod-analysis", "kube"),
            ["`digpod-analysis` must not use `kube`: it belongs elsewhere"]
        );
    }

    #[test]
    fn a_crate_without_a_layer_is_a_fault() {
        assert_eq!(with("digpod-new", "serde").len(), 1);
    }
}
