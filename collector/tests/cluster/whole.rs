//! Runs that nothing disturbs.

use crate::played::{Cluster, POD};
use crate::running::{Run, collect};

#[test]
fn the_mix_of_upstreams_is_proven_to_be_the_cause() {
    let Some(cluster) = Cluster::start("mixed-upstreams", &[]) else {
        return;
    };
    let ended = collect(&cluster, &[]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.out.starts_with("Cause (proven): "), "{}", ended.out);
    assert!(ended.words().contains("about 33 %"), "{}", ended.out);
    ended.whole_bundle();
    let report = ended.report();
    assert_eq!(report["verdict"], "cause");
    assert_eq!(
        report["causes"][0]["id"],
        "upstreams/cloud-dns-mixed-with-custom-dns"
    );
    assert_eq!(report["causes"][0]["confidence"], "proven");
    ended.is_gone_from(&cluster);
    cluster.nothing_is_left();
}

#[test]
fn a_healthy_cluster_has_no_finding_above_info() {
    let Some(cluster) = Cluster::start("healthy", &[]) else {
        return;
    };
    let ended = collect(&cluster, &["--fail-on", "low"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    ended.whole_bundle();
    let report = ended.report();
    assert_eq!(report["verdict"], "healthy");
    for finding in report["findings"].as_array().unwrap() {
        assert_eq!(finding["severity"], "info", "{finding}");
    }
    cluster.nothing_is_left();
}

#[test]
fn fail_on_and_the_formats_work_as_in_analyze() {
    let Some(cluster) = Cluster::start("mixed-upstreams", &[]) else {
        return;
    };
    let ended = collect(
        &cluster,
        &[
            "--quick",
            "--quiet",
            "--fail-on",
            "high",
            "--format",
            "json",
        ],
    );
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let printed: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(printed, ended.report());
}

#[test]
fn without_probes_nothing_is_created() {
    let Some(cluster) = Cluster::start("mixed-upstreams", &[]) else {
        return;
    };
    let ended = collect(&cluster, &["--no-probe"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.whole_bundle().get("dns/service.json").is_some());
    let requests = cluster.requests();
    assert!(!requests.is_empty());
    // A review is a question in the form of a POST: the server answers it and stores nothing.
    let reviews = [
        "/apis/authentication.k8s.io/",
        "/apis/authorization.k8s.io/",
    ];
    for (method, path) in requests {
        let review = reviews.iter().any(|it| path.starts_with(it)) && path.ends_with("reviews");
        assert!(
            method == "GET" || method == "POST" && review,
            "{method} {path}"
        );
    }
}

#[test]
fn neither_credentials_nor_paths_of_the_machine_get_into_the_bundle() {
    let Some(cluster) = Cluster::start("mixed-upstreams", &[]) else {
        return;
    };
    let token = cluster.token();
    let ended = collect(&cluster, &["--quick", "--token", &token]);
    let bundle = ended.whole_bundle();
    let path = cluster.kubeconfig();
    let manifest = serde_json::to_vec(bundle.manifest()).unwrap();
    let entries = bundle.entries().map(|(_, bytes)| bytes);
    for bytes in entries.chain([manifest.as_slice()]) {
        let text = String::from_utf8_lossy(bytes);
        assert!(!text.contains(&token), "{text}");
        assert!(!text.contains(path.to_str().unwrap()), "{text}");
    }
}

/// Everything was looked at; what is missing are tries, and the sentence says how to have them.
#[test]
fn a_quick_run_says_which_checks_need_more_tries() {
    let Some(cluster) = Cluster::start("healthy", &[]) else {
        return;
    };
    let ended = collect(&cluster, &["--quick"]);
    let said = "Nothing wrong was seen, but 2 checks need 10 tries of the same question, and --quick \
                makes one; leave it out to have them judged.";
    assert!(ended.words().contains(said), "{}", ended.out);
    assert!(
        !ended.out.contains("could not be looked at"),
        "{}",
        ended.out
    );
    ended.whole_bundle();
    let report = ended.report();
    let gaps = report["gaps"].as_array().unwrap();
    let [gap] = gaps.as_slice() else {
        panic!("{gaps:#?}");
    };
    assert_eq!(gap["status"], "too-few-tries", "{gap}");
    let reason = gap["reason"].as_str().unwrap();
    let name = "app.corp.internal was asked through the DNS Service only once, of 10 tries needed";
    assert!(reason.contains(name), "{reason}");
    assert!(reason.ends_with("`digpod collect` without --quick makes them"));
    let rules = gap["rules"].as_array().unwrap();
    assert_eq!(rules.len(), 2, "{gap}");
}

/// Without a name to ask, what no check can judge is the name, not the pod's answers.
#[test]
fn a_run_without_a_name_says_that_none_was_asked() {
    let Some(cluster) = Cluster::start("healthy", &[]) else {
        return;
    };
    let ended = Run::bare(&cluster, &["-n", "shop", "--pod", POD]).end();
    let said = "Nothing wrong was seen, but 1 check had no answers to judge (no custom name was asked \
                through the DNS Service).";
    assert!(ended.words().contains(said), "{}", ended.out);
}

/// What is measured from the namespace says nothing of a pod that nobody named.
#[test]
fn a_run_without_a_pod_speaks_of_none() {
    let Some(cluster) = Cluster::start("mixed-upstreams", &[]) else {
        return;
    };
    let ended = Run::bare(&cluster, &["-n", "shop", "app.corp.internal"]).end();
    for said in ["pod in shop", "from workload (a pod in shop)"] {
        assert!(ended.out.contains(said), "{}", ended.out);
    }
    for wrong in ["failing pod", "failing one"] {
        assert!(!ended.out.contains(wrong), "{}", ended.out);
    }
}
