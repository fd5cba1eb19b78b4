//! Runs that are killed or stopped at points spread over all their requests, and runs side by side.

use crate::played::Cluster;
use crate::running::{Run, cleanup, cleanup_with, collect};

/// Points at which runs are killed, in all tests together, and at which they are stopped.
const KILLS: usize = 100;
const STOPS: usize = 20;
/// Tests that share them, each with a cluster of its own.
const PARTS: usize = 4;

/// Starts runs and sends each a signal at one of `points`, of which this test has a part. Gives
/// how often something was left at the end of a run.
fn at_points(
    cluster: &Cluster,
    points: usize,
    part: usize,
    name: &str,
    after: impl Fn(&Cluster),
) -> usize {
    assert_eq!(collect(cluster, &["--quick"]).code, Some(0));
    let all = cluster.asked();
    let mut left = 0;
    for point in (part..points).step_by(PARTS) {
        let before = cluster.asked();
        let mut run = Run::start(cluster, &["--quick"]);
        if run.until_asked(cluster, before + 1 + point * all / points) {
            run.signal(name);
        }
        let _ = run.end();
        left += usize::from(!cluster.left().is_empty());
        after(cluster);
        cluster.nothing_is_left();
    }
    left
}

fn kill(part: usize) {
    let Some(cluster) = Cluster::start("healthy", &[]) else {
        return;
    };
    let left = at_points(&cluster, KILLS, part, "KILL", |cluster| {
        let output = cleanup(cluster);
        assert!(output.status.success(), "{output:?}");
    });
    assert!(left > KILLS / PARTS / 4, "only {left} kills left something");
}

#[test]
fn after_a_kill_cleanup_leaves_nothing_1() {
    kill(0);
}

#[test]
fn after_a_kill_cleanup_leaves_nothing_2() {
    kill(1);
}

#[test]
fn after_a_kill_cleanup_leaves_nothing_3() {
    kill(2);
}

#[test]
fn after_a_kill_cleanup_leaves_nothing_4() {
    kill(3);
}

#[test]
fn ctrl_c_leaves_nothing_wherever_it_comes() {
    let Some(cluster) = Cluster::start("healthy", &[]) else {
        return;
    };
    for part in 0..PARTS {
        let left = at_points(&cluster, STOPS, part, "INT", |_| {});
        assert_eq!(left, 0);
    }
}

#[test]
fn runs_at_once_do_not_collide() {
    let Some(cluster) = Cluster::start("healthy", &[]) else {
        return;
    };
    let runs: Vec<Run> = (0..3).map(|_| Run::start(&cluster, &["--quick"])).collect();
    for run in runs {
        let ended = run.end();
        assert_eq!(ended.code, Some(0), "{ended:?}");
        ended.whole_bundle();
        ended.is_gone_from(&cluster);
        assert!(!ended.err.contains("removed "), "{}", ended.err);
    }
    cluster.nothing_is_left();
}

#[test]
fn cleanup_looks_where_it_is_told() {
    let Some(cluster) = Cluster::start("healthy", &["forbid:list:pods:elsewhere"]) else {
        return;
    };
    let pod = |namespace: &str| {
        let object = serde_json::json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {
                "name": "digpod-00000001-workload", "namespace": namespace,
                "labels": {"app.kubernetes.io/managed-by": "digpod", "digpod.io/run": "00000001"},
            },
            "spec": {"containers": [{"name": "probe", "image": "other"}]},
        });
        cluster.create(&format!("/api/v1/namespaces/{namespace}/pods"), &object);
        format!("/api/v1/namespaces/{namespace}/pods/digpod-00000001-workload")
    };
    let (shop, kube_system) = (pod("shop"), pod("kube-system"));
    let output = cleanup_with(&cluster, &["-n", "shop"]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(cluster.get(&shop), None);
    assert!(cluster.get(&kube_system).is_some());

    let output = cleanup_with(&cluster, &["-A"]);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(words.contains("-n NAMESPACE"), "{words}");
    assert!(cluster.get(&kube_system).is_some());

    let Some(cluster) = Cluster::start("healthy", &[]) else {
        return;
    };
    let output = cleanup_with(&cluster, &["-A"]);
    assert_eq!(output.stdout, b"nothing was left\n");
}
