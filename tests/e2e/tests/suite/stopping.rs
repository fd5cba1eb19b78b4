//! Runs that are stopped anywhere leave nothing, or nothing that `digpod cleanup` does not find.

use std::time::{Duration, Instant};

use digpod_e2e::{Cluster, Run, on_both};

on_both!(ctrl_c_leaves_nothing, after_kill_cleanup_leaves_nothing,);

fn ctrl_c_leaves_nothing(cluster: &Cluster) {
    for moment in moments(cluster, 5) {
        let run = Run::start(cluster, &["--quick"]);
        std::thread::sleep(moment);
        run.signal("INT");
        let ended = run.end();
        assert!(ended.code.is_some(), "it ends by itself: {ended:#?}");
        assert_eq!(left(cluster), "", "{moment:?}: {ended:#?}");
    }
}

fn after_kill_cleanup_leaves_nothing(cluster: &Cluster) {
    for moment in moments(cluster, 10) {
        let run = Run::start(cluster, &["--quick"]);
        std::thread::sleep(moment);
        run.signal("KILL");
        run.end();
        let output = cluster.digpod(&["cleanup"]);
        assert!(output.status.success(), "{moment:?}: {output:?}");
        assert_eq!(left(cluster), "", "{moment:?}: {output:?}");
    }
}

/// Moments spread over a run of the length that one has here.
fn moments(cluster: &Cluster, count: u32) -> Vec<Duration> {
    let begin = Instant::now();
    cluster.collect(&["--quick"]).whole_bundle();
    let length = begin.elapsed();
    (1..=count).map(|it| length * it / (count + 1)).collect()
}

/// Names of all objects that are digpod's.
fn left(cluster: &Cluster) -> String {
    let ours = "-lapp.kubernetes.io/managed-by=digpod";
    let kinds = "pods,namespaces,configmaps,serviceaccounts";
    let names = cluster.ask(&["get", kinds, "-A", ours, "-o", "name"]);
    let namespaces = cluster.ask(&["get", "namespaces", "-o", "name"]);
    let ours = namespaces.lines().filter(|name| name.contains("digpod"));
    ours.fold(names, |names, name| format!("{names}{name}\n"))
}
