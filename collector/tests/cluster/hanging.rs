//! Servers that do not answer, or answer nonsense: the run ends, with a valid bundle or none.

use digpod_bundle::Status;

use crate::played::Cluster;
use crate::running::{Run, cleanup, collect, signal, with_status};

#[test]
fn a_server_that_never_answers_gives_one_error_and_no_file() {
    let Some(cluster) = Cluster::start("healthy", &["hang:/"]) else {
        return;
    };
    let ended = collect(&cluster, &["--request-timeout", "1s"]);
    ended.no_bundle_but("the API server cannot be reached: no answer within 1 s");
    let ended = collect(&cluster, &["--timeout", "1s"]);
    ended.no_bundle_but("the time allowed (--timeout 1s) is over, and nothing was gathered");
}

#[test]
fn logs_that_never_come_end_with_the_time_allowed() {
    let Some(cluster) = Cluster::start("healthy", &["hang:/log"]) else {
        return;
    };
    let ended = collect(&cluster, &["--quick", "--timeout", "3s"]);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    let bundle = ended.bundle().unwrap();
    let why = "the time allowed (--timeout 3s) is over";
    assert_eq!(
        bundle.manifest().collected.interrupted.as_deref(),
        Some(why)
    );
    assert!(bundle.get("dns/service.json").is_some());
    assert!(ended.words().contains(why), "{}", ended.out);
    cluster.nothing_is_left();
}

#[test]
fn one_call_that_hangs_costs_its_own_answer_only() {
    let Some(cluster) = Cluster::start("healthy", &["hang:/configmaps/"]) else {
        return;
    };
    let ended = collect(&cluster, &["--quick", "--request-timeout", "2s"]);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    let bundle = ended.whole_bundle();
    let timed_out = with_status(&bundle, Status::TimedOut);
    assert!(
        timed_out.contains(&"dns/configmaps/coredns.json".to_owned()),
        "{timed_out:?}"
    );
    assert!(bundle.get("probes/workload/records.json").is_some());
    cluster.nothing_is_left();
}

#[test]
fn answers_that_are_broken_off_or_no_json_cost_their_own_answer_only() {
    for fault in [
        "cut:/configmaps/",
        "not-json:/configmaps/",
        "status:/configmaps/:500",
    ] {
        let Some(cluster) = Cluster::start("healthy", &[fault]) else {
            return;
        };
        let ended = collect(&cluster, &["--quick"]);
        assert_eq!(ended.code, Some(4), "{fault}: {ended:?}");
        let bundle = ended.whole_bundle();
        let item = bundle.item("dns/configmaps/coredns.json").unwrap();
        assert_eq!(item.status, Status::Failed, "{fault}: {item:?}");
        assert!(bundle.get("probes/workload/records.json").is_some());
        // All ConfigMaps are kept away by one fault, which is told once.
        let said: std::collections::BTreeSet<&str> = bundle
            .manifest()
            .items
            .iter()
            .filter(|it| it.status == Status::Failed)
            .filter_map(|it| it.reason.as_deref())
            .collect();
        assert!(!said.is_empty());
        for reason in said {
            assert_eq!(ended.words().matches(reason).count(), 1, "{}", ended.out);
        }
        cluster.nothing_is_left();
    }
}

#[test]
fn a_server_that_is_busy_for_a_moment_is_asked_again() {
    let faults = ["status:/configmaps/coredns:503:1", "status:/nodes:429:1"];
    let Some(cluster) = Cluster::start("healthy", &faults) else {
        return;
    };
    let ended = collect(&cluster, &["--quick"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    ended.whole_bundle();
    cluster.nothing_is_left();
}

#[test]
fn a_server_that_stops_in_the_middle_leaves_a_valid_bundle_that_says_so() {
    let Some(cluster) = Cluster::start("mixed-upstreams", &[]) else {
        return;
    };
    let options = ["--timeout", "4s", "--request-timeout", "1s"];
    let mut run = Run::start(&cluster, &options);
    run.until(&cluster, |method, path| {
        method == "POST" && path.ends_with("/pods")
    });
    signal(cluster.id(), "STOP");
    let ended = run.end();
    signal(cluster.id(), "CONT");
    assert_eq!(ended.code, Some(4), "{ended:?}");
    let bundle = ended.bundle().unwrap();
    assert!(bundle.get("dns/configmaps/coredns.json").is_some());
    assert!(ended.err.contains("could not remove "), "{}", ended.err);
    assert!(ended.err.contains("digpod cleanup"), "{}", ended.err);
    let output = cleanup(&cluster);
    assert!(output.status.success(), "{output:?}");
    cluster.nothing_is_left();
}
