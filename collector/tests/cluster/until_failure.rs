//! `--until-failure`: the pod's place is asked until a try fails, and the run shows that moment.

use digpod_bundle::Bundle;
use digpod_probe::{Outcome, WatchEnd, Watched};

use crate::played::{Cluster, POD};
use crate::running::{Run, collect};

#[track_caller]
fn watched(bundle: &Bundle) -> Watched {
    let entry = bundle.get("probes/workload/watch.json").unwrap();
    serde_json::from_slice(entry).unwrap()
}

/// When pods whose names hold this asked, in microseconds.
fn times(cluster: &Cluster, pod: &str) -> Vec<u64> {
    let queries = cluster.queries();
    let of = queries
        .iter()
        .filter(|it| it["pod"].as_str().unwrap().contains(pod));
    of.map(|it| it["atUs"].as_u64().unwrap()).collect()
}

#[test]
fn a_failure_that_comes_later_starts_everything_else() {
    let faults = ["fails-after:4:10.244.0.11", "fails-after:4:10.244.1.8"];
    let Some(cluster) = Cluster::start("healthy", &faults) else {
        return;
    };
    let ended = collect(&cluster, &["--until-failure", "10m"]);
    let bundle = ended.whole_bundle();
    let watched = watched(&bundle);
    assert_eq!(watched.end, WatchEnd::Failed);
    assert!((5..=9).contains(&watched.tries), "{watched:?}");
    assert_eq!(watched.limit_ms, 600_000);
    let failure = watched.failure.as_ref().unwrap();
    assert_eq!(failure.outcome, Outcome::Servfail);
    assert!(!failure.reply.is_empty(), "the failing try is there whole");
    assert_eq!(watched.last_good.as_ref().unwrap().outcome, Outcome::Ok);
    assert!(ended.err.contains(&watched.words()), "{}", ended.err);
    // Once, with when it was.
    let told = format!("Watch: {}.", watched.told());
    assert_eq!(ended.words().matches(&told).count(), 1, "{}", ended.out);
    let at = watched.failed_at().unwrap();
    assert!(at > watched.started && told.contains(&at), "{told}");

    // The pod's own questions follow at once, the others as soon as their pods stand.
    let workload = times(&cluster, "-workload");
    let tries = usize::try_from(watched.tries).unwrap();
    let failed = workload[tries - 1];
    assert!(workload.len() > tries + 10, "{}", workload.len());
    for others in ["-control", "-node-"] {
        let first = times(&cluster, others).into_iter().min();
        assert!(first.is_some_and(|it| it > failed), "{others}: {first:?}");
    }
    // Logs are of the moment, too: they are read after the other pods were created.
    let requests = cluster.requests();
    let at = |fits: &dyn Fn(&str, &str) -> bool| {
        requests
            .iter()
            .position(|(method, path)| fits(method, path))
    };
    let log = at(&|_, path| path.contains("/log?container=coredns")).unwrap();
    let followed = at(&|_, path| path.contains("-workload/log")).unwrap();
    assert!(followed < log, "{requests:#?}");
    cluster.nothing_is_left();
}

#[test]
fn where_nothing_fails_the_run_goes_on_and_says_what_that_excludes() {
    let Some(cluster) = Cluster::start("healthy", &[]) else {
        return;
    };
    // Watched for longer than the run may take then: its time begins after.
    let options = ["--quick", "--until-failure", "22s", "--timeout", "20s"];
    let ended = collect(&cluster, &options);
    let bundle = ended.whole_bundle();
    let watched = watched(&bundle);
    assert_eq!(watched.end, WatchEnd::TimeOver);
    assert!(watched.tries > 1, "{watched:?}");
    assert_eq!((&watched.failure, &watched.last_good), (&None, &None));
    assert!(ended.err.contains("none failed"), "{}", ended.err);
    assert!(ended.words().contains(&watched.words()), "{}", ended.out);
    assert_eq!(ended.report()["verdict"], "no-fault-seen", "{}", ended.out);
    cluster.nothing_is_left();
}

#[test]
fn another_address_than_the_expected_one_is_a_failure() {
    let Some(cluster) = Cluster::start("healthy", &[]) else {
        return;
    };
    let options = [
        "-n",
        "shop",
        "--pod",
        POD,
        "--quick",
        "--until-failure",
        "5m",
    ];
    let names = ["app.corp.internal=10.9.9.9"];
    let ended = Run::bare(&cluster, &[&names[..], &options].concat()).end();
    let watched = watched(&ended.whole_bundle());
    assert_eq!((watched.end, watched.tries), (WatchEnd::Failed, 1));
    let said = "answered 10.20.4.17 for app.corp.internal, expected 10.9.9.9";
    assert!(ended.err.contains(said), "{}", ended.err);
    assert!(ended.words().contains(said), "{}", ended.out);
    // Every name resolves in this run, and one not as it should.
    let cause = &ended.report()["causes"][0]["id"];
    assert_eq!(cause, "probes/unexpected-address", "{}", ended.out);
    let headline = "nobody gives the expected 10.9.9.9 for app.corp.internal";
    assert!(ended.words().contains(headline), "{}", ended.out);
}

#[test]
fn ctrl_c_ends_the_watch_and_keeps_what_it_saw() {
    let Some(cluster) = Cluster::start("healthy", &[]) else {
        return;
    };
    let mut run = Run::start(&cluster, &["--until-failure", "1h"]);
    run.until(&cluster, |_, path| {
        path.contains("-workload/log") && path.contains("follow")
    });
    // The first word comes at once, with nothing in it, and the next after a second.
    while times(&cluster, "-workload").len() < 4 {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    run.signal("INT");
    let ended = run.end();
    assert_eq!(ended.code, Some(4), "{ended:?}");
    let bundle = ended.bundle().unwrap();
    let why = bundle.manifest().collected.interrupted.clone();
    assert_eq!(why.as_deref(), Some("stopped by Ctrl-C"));
    let watched = watched(&bundle);
    assert_eq!(watched.end, WatchEnd::Asking);
    assert!(watched.tries > 0, "{watched:?}");
    let lost = "what the last seconds before it was stopped brought is not known";
    assert!(ended.words().contains(lost), "{}", ended.out);
    ended.is_gone_from(&cluster);
    cluster.nothing_is_left();
}

#[test]
fn what_nobody_could_wait_for_is_refused_before_a_cluster_is_asked() {
    let Some(cluster) = Cluster::start("healthy", &[]) else {
        return;
    };
    for (options, error) in [
        (
            &["--until-failure", "10m"] as &[&str],
            "--until-failure needs a name that fails now and then",
        ),
        (
            &["a.b", "--until-failure", "0"],
            "--until-failure 0s is no time to wait",
        ),
        (
            &["a.b", "--until-failure", "1ms"],
            "--until-failure 0s is no time to wait",
        ),
        (
            &["a.b", "--until-failure", "25h"],
            "--until-failure 25h is no time to wait",
        ),
        (
            &["a.b", "--until-failure", "10m", "--no-probe"],
            "cannot be used with",
        ),
    ] {
        let ended = Run::bare(&cluster, options).end();
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(ended.err.contains(error), "{}", ended.err);
    }
    assert_eq!(cluster.requests(), []);
}

/// Where no probe may stand, nothing is watched: once on the screen, and in the manifest.
#[test]
fn where_nothing_can_watch_it_is_said_once() {
    let options = ["--quick", "--until-failure", "10m"];
    let said = "--until-failure: nothing is watched, everything is asked at once: ";
    for fault in ["forbid:create:pods:shop", "refuse-create:pods"] {
        let Some(cluster) = Cluster::start("healthy", &[fault]) else {
            return;
        };
        let ended = collect(&cluster, &options);
        assert_eq!(ended.err.matches(said).count(), 1, "{}", ended.err);
        let bundle = ended.whole_bundle();
        let of = |entry: &str| bundle.item(entry).unwrap().clone();
        let watch = of("probes/workload/watch.json");
        let records = of("probes/workload/records.json");
        assert!(!watch.status.has_content(), "{watch:?}");
        assert_eq!(watch.status, records.status);
        assert_eq!(watch.reason, records.reason);
        assert!(
            ended.err.contains(watch.reason.as_deref().unwrap()),
            "{}",
            ended.err
        );
        let out = ended.words();
        assert!(out.contains("probes/workload/watch.json"), "{out}");
        let excluded = "so whether it failed while it was watched is not known";
        assert!(out.contains(excluded), "{out}");
    }
    let Some(cluster) = Cluster::start("healthy", &["forbid:create:pods:shop"]) else {
        return;
    };
    let shown = collect(
        &cluster,
        &[&options[..], &["--dry-run", "-o", "x.zip"]].concat(),
    );
    let said = "nothing is watched until it fails (--until-failure)";
    assert!(shown.words().contains(said), "{}", shown.out);
}

/// Two spellings are one question, and one try of it may fail.
#[test]
fn a_name_in_two_spellings_is_asked_once() {
    let Some(cluster) = Cluster::start("healthy", &[]) else {
        return;
    };
    let names = [
        "App.corp.internal",
        "app.corp.internal.",
        "APP.corp.internal=10.20.4.17",
    ];
    let options = ["-n", "shop", "--pod", POD, "--until-failure", "2s"];
    let ended = Run::bare(&cluster, &[&names[..], &options].concat()).end();
    let bundle = ended.whole_bundle();
    let plan = bundle.get("probes/workload/plan.json").unwrap();
    let plan = digpod_probe::Plan::from_json(std::str::from_utf8(plan).unwrap()).unwrap();
    let mut seen = std::collections::BTreeSet::new();
    for it in &plan.questions {
        let mut it = it.clone();
        it.name.make_ascii_lowercase();
        it.tries = 1;
        // The walk of a name with its last dot is that name alone.
        assert!(seen.insert(format!("{it:?}")), "{it:?} is asked twice");
    }
    let mut walks = plan.questions.iter().filter(|it| it.search);
    let walks: Vec<&str> = walks.by_ref().map(|it| it.name.as_str()).collect();
    assert_eq!(walks, ["App.corp.internal", "app.corp.internal."]);
    let watched = watched(&bundle);
    assert_eq!((watched.end, watched.tries), (WatchEnd::TimeOver, 2));
    let report = ended.report();
    let lines = report["summary"].to_string();
    assert!(!lines.contains("APP.corp"), "{lines}");
}
