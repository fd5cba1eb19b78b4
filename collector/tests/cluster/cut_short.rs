//! A run that is cut short says of everything that a whole run brings that it is missing, and why.

use std::collections::BTreeMap;

use digpod_bundle::{Bundle, Item, Status};

use crate::played::Cluster;
use crate::running::{Ended, Run, collect};

/// Items whose names are known before anything is read; those of pods and nodes bear their names.
fn known_before(bundle: &Bundle) -> BTreeMap<String, Item> {
    let of_one = |entry: &str| {
        let own = ["dns/logs/", "dns/metrics/", "nodes/", "network/logs/"];
        let probe = entry.starts_with("probes/") && !is_of_each_run(entry);
        probe || own.iter().any(|it| entry.starts_with(it))
    };
    let items = bundle.manifest().items.iter();
    items
        .filter(|item| !of_one(&item.entry))
        .map(|item| (item.entry.clone(), item.clone()))
        .collect()
}

/// The answers of those two probes that every run has.
fn is_of_each_run(entry: &str) -> bool {
    ["workload", "control"]
        .iter()
        .any(|it| entry == format!("probes/{it}/records.json"))
}

#[track_caller]
fn whole() -> Option<BTreeMap<String, Item>> {
    let cluster = Cluster::start("healthy", &[])?;
    let bundle = collect(&cluster, &["--quick"]).whole_bundle();
    let known = known_before(&bundle);
    assert!(known.len() > 40, "{known:#?}");
    Some(known)
}

/// Checks each entry of a whole run in one that was cut short.
#[track_caller]
fn each_is_told(what: &str, ended: &Ended, whole: &BTreeMap<String, Item>) {
    assert_eq!(ended.code, Some(4), "{what}: {ended:?}");
    let bundle = ended.bundle().unwrap();
    let interrupted = bundle.manifest().collected.interrupted.clone();
    assert!(interrupted.is_some(), "{what}: {ended:?}");
    let mut silent = Vec::new();
    let mut missing = 0;
    for entry in whole.keys() {
        match bundle.item(entry) {
            None => silent.push(format!("{entry}: no item")),
            Some(item) if item.status.has_content() => {}
            Some(item) => {
                missing += u32::from(item.status == Status::TimedOut);
                if item.reason.as_deref().unwrap_or_default().is_empty() {
                    silent.push(format!("{entry}: no reason ({:?})", item.status));
                }
            }
        }
    }
    assert_eq!(silent, [""; 0], "{what}");
    assert!(missing > 0, "{what}: nothing was cut");
}

#[test]
fn what_the_time_allowed_did_not_suffice_for_has_an_item_with_a_reason() {
    let Some(whole) = whole() else {
        return;
    };
    for faults in [
        // DNS is not found in time; its configuration does not come; nor do the nodes.
        &["hang:/namespaces/kube-system/services"][..],
        &["hang:/configmaps/"],
        &["hang:/nodes"],
        // All come, and the time is over in the middle of them.
        &["slow:400"],
    ] {
        let Some(cluster) = Cluster::start("healthy", faults) else {
            return;
        };
        let ended = collect(&cluster, &["--timeout", "3s"]);
        each_is_told(&faults.join(" "), &ended, &whole);
        cluster.nothing_is_left();
    }
}

#[test]
fn what_was_not_begun_when_the_user_stopped_it_has_an_item_with_a_reason() {
    let Some(whole) = whole() else {
        return;
    };
    for moment in ["/services?", "/configmaps/", "/daemonsets?"] {
        let Some(cluster) = Cluster::start("healthy", &["slow:100"]) else {
            return;
        };
        let mut run = Run::start(&cluster, &[]);
        run.until(&cluster, |_, path| path.contains(moment));
        run.signal("INT");
        each_is_told(moment, &run.end(), &whole);
        cluster.nothing_is_left();
    }
}

#[test]
fn logs_metrics_and_probes_that_were_planned_have_an_item_with_a_reason() {
    let Some(cluster) = Cluster::start("healthy", &["slow:100"]) else {
        return;
    };
    let mut run = Run::start(&cluster, &[]);
    // Pods and nodes are known by then, and no probe has answered.
    run.until(&cluster, |method, path| {
        method == "POST" && path.contains("/pods?dryRun=All")
    });
    run.signal("INT");
    let ended = run.end();
    let bundle = ended.bundle().unwrap();
    let mut logs = Vec::new();
    for pod in ["coredns-6865d647c6-4kxq7", "coredns-6865d647c6-h9zvt"] {
        logs.push(format!("dns/metrics/{pod}.prom"));
        logs.push(format!("dns/logs/{pod}/coredns/current-000.log"));
    }
    let (system, user) = ("aks-system-30418-vmss00000", "aks-user-17722-vmss000000");
    let vantages = [
        "workload".to_owned(),
        "control".to_owned(),
        format!("node-{user}"),
        format!("node-{system}0"),
        format!("default-{system}1"),
    ];
    let records = vantages.map(|it| format!("probes/{it}/records.json"));
    for entry in logs.iter().chain(&records) {
        let item = bundle.item(entry);
        let item = item.unwrap_or_else(|| panic!("{entry}: {:#?}", bundle.manifest().items));
        assert!(
            item.status.has_content() || item.reason.is_some(),
            "{item:?}"
        );
    }
    let why = bundle.manifest().collected.interrupted.clone().unwrap();
    for entry in &records {
        let item = bundle.item(entry).unwrap();
        assert_eq!(item.status, Status::TimedOut, "{item:?}");
        let reason = item.reason.as_deref().unwrap_or_default();
        assert!(reason.contains("stopped by Ctrl-C"), "{why}: {item:?}");
    }
    cluster.nothing_is_left();
}
