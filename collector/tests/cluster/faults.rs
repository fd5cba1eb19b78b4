//! What goes wrong on the way: a valid bundle in the time allowed, and each fault said once.

use digpod_bundle::{Bundle, Status};

use crate::played::{Cluster, POD};
use crate::running::{Ended, collect};

/// A valid bundle that was written in part, and the item that the fault hit.
#[track_caller]
fn in_part(ended: &Ended, entry: &str) -> (Bundle, Status, String) {
    assert_eq!(ended.code, Some(4), "{ended:?}");
    let bundle = ended.bundle().unwrap();
    let item = bundle
        .item(entry)
        .unwrap_or_else(|| panic!("{entry}: {ended:?}"));
    let (status, reason) = (item.status, item.reason.clone().unwrap_or_default());
    assert_eq!(
        ended.words().matches(&reason).count(),
        1,
        "{reason}: {}",
        ended.out
    );
    (bundle, status, reason)
}

#[test]
fn a_connection_cut_in_the_middle_of_a_list_leaves_the_first_of_its_objects() {
    let Some(cluster) = Cluster::start_scaled("healthy", "nodes=300", &["cut:/api/v1/nodes?"])
    else {
        return;
    };
    let ended = collect(&cluster, &["--quick"]);
    let (bundle, status, reason) = in_part(&ended, "cluster/nodes.json");
    assert_eq!(status, Status::Truncated);
    assert!(reason.contains("only the first "), "{reason}");
    let nodes = bundle.text("cluster/nodes.json").unwrap();
    // CoreDNS's and the failing pod's, which were read before, and some of the list.
    assert!(nodes.contains("aks-system-30418-vmss000001"));
    assert!(nodes.contains("aks-apps-30418-vmss000003"));
    cluster.nothing_is_left();
}

#[test]
fn a_list_whose_version_is_gone_goes_on_once_with_the_token_that_is_offered() {
    for (fault, whole) in [
        ("expire:/api/v1/nodes?:2", true),
        ("expire-all:/api/v1/nodes?", false),
    ] {
        let Some(cluster) = Cluster::start_scaled("healthy", "nodes=1200", &[fault]) else {
            return;
        };
        let ended = collect(&cluster, &["--quick", "--nodes", "2000"]);
        let bundle = ended.bundle().unwrap();
        let item = bundle.item("cluster/nodes.json").unwrap();
        if whole {
            assert_eq!((item.status, ended.code), (Status::Ok, Some(0)), "{item:?}");
        } else {
            let reason = item.reason.as_deref().unwrap();
            assert!(
                reason.contains("only the first 500 of about 1203"),
                "{reason}"
            );
            assert!(reason.contains("410 Gone"), "{reason}");
        }
    }
}

#[test]
fn an_object_of_20_mb_costs_itself_only() {
    let faults = [
        "huge-object:/configmaps/coredns-custom:20",
        "huge-object:/networkpolicies:20",
    ];
    let Some(cluster) = Cluster::start("healthy", &faults) else {
        return;
    };
    let ended = collect(&cluster, &["--quick"]);
    let (bundle, status, reason) = in_part(&ended, "dns/configmaps/coredns-custom.json");
    assert_eq!(status, Status::Failed);
    assert!(reason.contains("larger than 8 MiB"), "{reason}");
    assert!(bundle.get("dns/configmaps/coredns.json").is_some());
    cluster.nothing_is_left();
}

#[test]
fn a_log_that_never_ends_is_cut_at_its_old_end() {
    let Some(cluster) = Cluster::start("healthy", &["endless-log:/log?container=coredns"]) else {
        return;
    };
    let ended = collect(&cluster, &["--quick", "--max-size", "2MB"]);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    let bundle = ended.whole_bundle();
    let items = &bundle.manifest().items;
    let logs: Vec<_> = items
        .iter()
        .filter(|it| it.entry.starts_with("dns/logs/"))
        .collect();
    assert!(logs.len() >= 2, "{items:#?}");
    for log in logs {
        assert_eq!(log.status, Status::Truncated, "{log:?}");
        let reason = log.reason.as_deref().unwrap();
        assert!(reason.contains("the newest "), "{reason}");
        assert!(reason.contains(" to 20"), "the window is told: {reason}");
        let text = bundle.text(&log.entry).unwrap();
        assert!(text.starts_with("20"), "a line begins with its time");
        assert!(text.len() <= 6_000_000, "{}", text.len());
    }
    cluster.nothing_is_left();
}

#[test]
fn a_clock_two_hours_off_is_told_once_and_does_not_mislead() {
    let Some(cluster) = Cluster::start("mixed-upstreams", &["clock:+7200s"]) else {
        return;
    };
    let ended = collect(&cluster, &["--quick"]);
    let bundle = ended.whole_bundle();
    let clock = bundle.text("cluster/clock.json").unwrap();
    let clock: serde_json::Value = serde_json::from_str(&clock).unwrap();
    let ahead = clock["serverAheadSeconds"].as_i64().unwrap();
    assert!((7_190..=7_210).contains(&ahead), "{ahead}");
    let said = "s ahead of this machine's";
    assert_eq!(ended.err.matches(said).count(), 1, "{}", ended.err);
    assert_eq!(ended.report()["verdict"], "cause", "{}", ended.out);
    cluster.nothing_is_left();
}

#[test]
fn a_full_disk_is_one_error_and_the_diagnosis_is_printed_all_the_same() {
    let Some(cluster) = Cluster::start("mixed-upstreams", &[]) else {
        return;
    };
    // A disk of two pages in a mount namespace of its own, which ends with the command.
    let script = "mkdir full && mount -t tmpfs -o size=8k none full || exit 77
        \"$@\"; code=$?; echo \"left: $(ls -A full)\"; exit $code";
    let folder = tempfile::TempDir::new().unwrap();
    let output = std::process::Command::new("unshare")
        .args(["-m", "sh", "-c", script, "sh"])
        .arg(env!("CARGO_BIN_EXE_digpod"))
        .args(["collect", "app.corp.internal", "-n", "shop", "--pod", POD])
        .args(["--quick", "-o", "full/bundle.zip", "--kubeconfig"])
        .arg(cluster.kubeconfig())
        .current_dir(folder.path())
        .output();
    let Some(output) = output
        .ok()
        .filter(|it| !matches!(it.status.code(), Some(1 | 77)))
    else {
        eprintln!("skipped: a disk of its own needs root on Linux");
        return;
    };
    let out = String::from_utf8_lossy(&output.stdout);
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{out}{err}");
    let errors = err.lines().filter(|line| line.starts_with("error: "));
    assert_eq!(errors.count(), 1, "{err}");
    assert!(!err.contains("ZipWriter"), "{err}");
    assert!(err.contains("No space left on device"), "{err}");
    assert!(out.starts_with("Cause"), "{out}");
    assert!(out.ends_with("left: \n"), "nothing half-written: {out}");
    cluster.nothing_is_left();
}

#[test]
fn a_device_is_not_replaced_by_a_bundle() {
    let Some(cluster) = Cluster::start("healthy", &[]) else {
        return;
    };
    let folder = tempfile::TempDir::new().unwrap();
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let ended = collect(&cluster, &["--quick", "-o", pipe.to_str().unwrap()]);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.err.contains("is no regular file"), "{}", ended.err);
    assert!(!std::fs::metadata(&pipe).unwrap().is_file());
}

#[test]
fn a_server_that_answers_each_call_after_5_s_gives_what_matters_most_in_the_time_allowed() {
    let Some(cluster) = Cluster::start("healthy", &["slow:5000"]) else {
        return;
    };
    let ended = collect(&cluster, &["--quick", "--timeout", "60s"]);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    let bundle = ended.bundle().unwrap();
    for entry in [
        "dns/service.json",
        "dns/pods.json",
        "dns/configmaps/coredns.json",
    ] {
        assert!(bundle.get(entry).is_some(), "{entry}");
    }
    let why = "the time allowed (--timeout 60s) is over";
    assert_eq!(
        bundle.manifest().collected.interrupted.as_deref(),
        Some(why)
    );
    cluster.nothing_is_left();
}
