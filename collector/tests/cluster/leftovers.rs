//! What a killed run leaves, and who removes it.

use serde_json::{Value, json};

use crate::played::Cluster;
use crate::running::{Run, cleanup, cleanup_with, collect};

/// Kills a run while its probes ask.
fn kill_one(cluster: &Cluster) {
    let mut run = Run::start(cluster, &[]);
    run.until(cluster, |_, path| path.contains("-workload"));
    run.signal("KILL");
    let ended = run.end();
    assert_eq!(ended.code, None);
    assert!(ended.bundle().is_none(), "there was nothing to write yet");
    let left = cluster.left();
    assert!(left.len() >= 2, "{left:#?}");
    for object in &left {
        let expires = &object["metadata"]["annotations"]["digpod.io/expires"];
        assert!(expires.is_string(), "{object:#}");
    }
    let pods: Vec<&Value> = left
        .iter()
        .filter(|it| it["spec"]["containers"].is_array())
        .collect();
    assert!(!pods.is_empty());
    for pod in pods {
        let deadline = &pod["spec"]["activeDeadlineSeconds"];
        assert!(deadline.as_u64().is_some_and(|it| it <= 120), "{pod:#}");
    }
}

#[test]
fn cleanup_removes_what_a_killed_run_left() {
    let Some(cluster) = Cluster::start("mixed-upstreams", &[]) else {
        return;
    };
    kill_one(&cluster);
    let output = cleanup(&cluster);
    assert!(output.status.success(), "{output:?}");
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(printed.contains("removed namespace digpod-"), "{printed}");
    assert!(printed.contains("-workload"), "{printed}");
    cluster.nothing_is_left();
    let again = cleanup(&cluster);
    assert_eq!(again.stdout, b"nothing was left\n");
}

/// A colleague cleans up while a run is going on.
#[test]
fn cleanup_spares_a_run_that_is_going_on() {
    let Some(cluster) = Cluster::start("healthy", &[]) else {
        return;
    };
    let mut run = Run::start(&cluster, &[]);
    run.until(&cluster, |_, path| path.contains("-workload"));
    let output = cleanup(&cluster);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("--force removes it"), "{said}");
    let ended = run.end();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    cluster.nothing_is_left();
}

#[test]
fn with_force_cleanup_ends_it() {
    let Some(cluster) = Cluster::start("healthy", &[]) else {
        return;
    };
    let mut run = Run::start(&cluster, &[]);
    run.until(&cluster, |method, path| {
        method == "GET" && path.contains("-workload")
    });
    let output = cleanup_with(&cluster, &["--force"]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(run.end().code, Some(4));
    cluster.nothing_is_left();
}

#[test]
fn a_namespace_that_is_not_there_is_not_called_clean() {
    let Some(cluster) = Cluster::start("healthy", &[]) else {
        return;
    };
    let output = cleanup_with(&cluster, &["-n", "shpo"]);
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("there is no namespace shpo"), "{said}");
}

/// Who may not list the pods of every place removes what they may see, and is told of the rest.
#[test]
fn cleanup_looks_where_it_may() {
    let Some(cluster) = Cluster::start("healthy", &[]) else {
        return;
    };
    kill_one(&cluster);
    let group = "/apis/rbac.authorization.k8s.io/v1";
    let role =
        json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "ann"});
    cluster.create(
        &format!("{group}/clusterroles"),
        &json!({
            "metadata": {"name": "ann"},
            "rules": [{"apiGroups": [""], "resources": ["namespaces"], "verbs": ["get", "list", "watch", "delete"]}],
        }),
    );
    cluster.create(
        &format!("{group}/clusterrolebindings"),
        &json!({
            "metadata": {"name": "ann"},
            "roleRef": role,
            "subjects": [{"kind": "User", "name": "ann"}],
        }),
    );
    let output = cleanup_with(&cluster, &["--as", "ann"]);
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("not looked for pods in default"), "{said}");
    let removed = String::from_utf8_lossy(&output.stdout);
    assert!(removed.contains("removed namespace digpod-"), "{removed}");
    cleanup(&cluster);
    cluster.nothing_is_left();
}

#[test]
fn the_next_run_removes_what_a_killed_run_left() {
    let Some(cluster) = Cluster::start("mixed-upstreams", &[]) else {
        return;
    };
    kill_one(&cluster);
    let ended = collect(&cluster, &["--quick"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(
        ended.err.contains("left by an interrupted run"),
        "{}",
        ended.err
    );
    cluster.nothing_is_left();
}

/// A namespace as a run on another machine would have made it.
fn namespace(name: &str, expires: &str) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "name": name,
            "labels": {
                "app.kubernetes.io/managed-by": "digpod",
                "digpod.io/run": name.trim_start_matches("digpod-"),
            },
            "annotations": {"digpod.io/expires": expires},
        },
    })
}

#[test]
fn what_has_expired_is_removed_and_what_may_be_in_use_is_not() {
    let Some(cluster) = Cluster::start("healthy", &[]) else {
        return;
    };
    let all = "/api/v1/namespaces";
    cluster.create(all, &namespace("digpod-00000001", "2026-01-15T10:00:00Z"));
    cluster.create(all, &namespace("digpod-00000002", "2999-01-15T10:00:00Z"));
    let ended = collect(&cluster, &["--quick"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(
        ended.err.contains("removed namespace digpod-00000001"),
        "{}",
        ended.err
    );
    assert!(
        ended
            .err
            .contains("namespace digpod-00000002 belongs to another run"),
        "{}",
        ended.err
    );
    assert_eq!(cluster.get("/api/v1/namespaces/digpod-00000001"), None);
    assert_eq!(cluster.left().len(), 1);
}

#[test]
fn an_object_without_our_label_is_never_touched() {
    let Some(cluster) = Cluster::start("healthy", &[]) else {
        return;
    };
    let mut other = namespace("digpod-00000003", "2026-01-15T10:00:00Z");
    other["metadata"]["labels"] = json!({"digpod.io/run": "00000003"});
    cluster.create("/api/v1/namespaces", &other);
    assert!(cleanup(&cluster).status.success());
    let ended = collect(&cluster, &["--quick"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(cluster.get("/api/v1/namespaces/digpod-00000003").is_some());
}
