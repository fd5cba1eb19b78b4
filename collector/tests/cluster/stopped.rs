//! Runs that are stopped by their user: the bundle is valid or absent, and nothing is left.

use crate::played::Cluster;
use crate::running::{Run, cleanup};

/// Whether a request is a real creation.
fn creates(method: &str, path: &str, what: &str) -> bool {
    method == "POST" && path.ends_with(what)
}

/// Stops a run with this signal at the moment of a request that fits.
#[track_caller]
fn stop(name: &str, moment: impl Fn(&str, &str) -> bool) {
    // Slow enough that the moment is still there when it was seen.
    let Some(cluster) = Cluster::start("mixed-upstreams", &["slow:40"]) else {
        return;
    };
    let mut run = Run::start(&cluster, &[]);
    run.until(&cluster, moment);
    run.signal(name);
    let ended = run.end();
    match ended.bundle() {
        None => ended.no_bundle_but("and nothing was gathered"),
        Some(bundle) => {
            assert_eq!(ended.code, Some(4), "{ended:?}");
            let why = bundle.manifest().collected.interrupted.clone().unwrap();
            assert!(why.starts_with("stopped by "), "{why}");
            assert!(ended.words().contains(&why), "{}", ended.out);
            assert!(ended.err.contains(&why), "{}", ended.err);
        }
    }
    cluster.nothing_is_left();
}

#[test]
fn ctrl_c_at_the_first_request() {
    stop("INT", |_, path| path.starts_with("/version"));
}

#[test]
fn ctrl_c_while_gathering() {
    stop("INT", |_, path| path.contains("/configmaps/"));
}

#[test]
fn ctrl_c_while_a_namespace_is_created() {
    stop("INT", |method, path| creates(method, path, "/namespaces"));
}

#[test]
fn ctrl_c_while_a_pod_is_created() {
    stop("INT", |method, path| creates(method, path, "/pods"));
}

#[test]
fn ctrl_c_while_the_probes_ask() {
    stop("INT", |_, path| path.contains("-workload"));
}

#[test]
fn sigterm_while_the_probes_ask() {
    stop("TERM", |_, path| path.contains("-control"));
}

#[test]
fn ctrl_c_while_a_pod_is_removed() {
    // Pods go as soon as they are done, while others still ask.
    stop("INT", |method, path| {
        method == "DELETE" && path.contains("/pods/")
    });
}

#[test]
fn ctrl_c_while_removing_still_removes() {
    let Some(cluster) = Cluster::start("mixed-upstreams", &["slow:40"]) else {
        return;
    };
    let mut run = Run::start(&cluster, &["--quick"]);
    // After the last of them the namespace's turn comes, once nothing is asked any more.
    run.until(&cluster, |method, path| {
        method == "GET" && path.starts_with("/api/v1/namespaces/digpod-") && !path.contains("/pods")
    });
    run.signal("INT");
    let ended = run.end();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    ended.whole_bundle();
    ended.is_gone_from(&cluster);
    cluster.nothing_is_left();
}

#[test]
fn ctrl_c_twice_ends_at_once_and_cleanup_removes_the_rest() {
    let Some(cluster) = Cluster::start("mixed-upstreams", &["slow:300"]) else {
        return;
    };
    let mut run = Run::start(&cluster, &[]);
    run.until(&cluster, |method, path| creates(method, path, "/pods"));
    run.signal("INT");
    run.until(&cluster, |method, _| method == "DELETE");
    run.signal("INT");
    let ended = run.end();
    assert_eq!(ended.code, Some(3), "{ended:?}");
    assert!(ended.bundle().is_none());
    assert!(ended.err.contains("digpod cleanup"), "{}", ended.err);
    let output = cleanup(&cluster);
    assert!(output.status.success(), "{output:?}");
    cluster.nothing_is_left();
}
