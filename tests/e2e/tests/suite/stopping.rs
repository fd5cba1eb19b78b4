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
        // A run that was over before is not stopped; a quick one leaves the end of its empty
        // namespace to the server.
        let left = match ended.code {
            Some(0) => left_in_the_end(cluster),
            _ => left(cluster),
        };
        assert_eq!(left, "", "{moment:?}: {ended:#?}");
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

/// What is still there after the time that the server takes to end a namespace.
fn left_in_the_end(cluster: &Cluster) -> String {
    let begin = Instant::now();
    loop {
        let left = left(cluster);
        if left.is_empty() || begin.elapsed() > Duration::from_secs(30) {
            return left;
        }
        std::thread::sleep(Duration::from_millis(200));
    }
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
