//! `collect --dry-run`: what it says is what a run does, and it does nothing itself.

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Output};

use digpod_bundle::Bundle;
use serde_json::{Value, json};

use crate::played::{Cluster, POD};
use crate::running::{collect, with_status};

fn dry_run(cluster: &Cluster, options: &[&str]) -> Output {
    command(cluster, options).output().unwrap()
}

fn command(cluster: &Cluster, options: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_digpod"));
    command
        .args(["collect", "--dry-run", "app.corp.internal", "-n", "shop"])
        .args(["--pod", POD, "--kubeconfig"])
        .arg(cluster.kubeconfig())
        .args(options)
        .env("COLUMNS", "100");
    command
}

fn text(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn json(cluster: &Cluster, options: &[&str]) -> Value {
    let output = dry_run(cluster, &[&["--format", "json"], options].concat());
    serde_json::from_str(&text(&output)).unwrap()
}

/// What would have changed something.
fn changes(cluster: &Cluster) -> Vec<(String, String)> {
    let reviews = ["authorization.k8s.io", "authentication.k8s.io"];
    let all = cluster.requests().into_iter();
    all.filter(|(method, path)| {
        method != "GET"
            && !path.contains("dryRun=All")
            && !reviews.iter().any(|review| path.contains(review))
    })
    .collect()
}

/// Whether a request is one of those that a listed call stands for.
fn stands_for(listed: &str, path: &str) -> bool {
    let (listed, listed_query) = listed.split_once('?').unwrap_or((listed, ""));
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let listed: Vec<&str> = listed.split('/').collect();
    let path: Vec<&str> = path.split('/').collect();
    let same = |(listed, word): (&&str, &&str)| {
        ["NAME", "NAME:PORT", "VERSION"].contains(listed)
            || listed == word
            // Another run has another namespace.
            || (listed.starts_with("digpod-") && word.starts_with("digpod-"))
    };
    // What is listed with a query stands for those that have it, whatever follows an ellipsis.
    let asked = match listed_query.strip_suffix('…') {
        Some(begin) => query.starts_with(begin),
        None => listed_query.is_empty() || query.split('&').any(|it| it == listed_query),
    };
    asked && listed.len() == path.len() && listed.iter().zip(&path).all(same)
}

/// Each request of a run is listed, its probes are those that were announced, and they ask what
/// was announced.
#[track_caller]
fn a_run_does_what_was_said(scenario: &str, options: &[&str]) {
    let Some(cluster) = Cluster::start(scenario, &[]) else {
        return;
    };
    let said = json(&cluster, options);
    assert_eq!(changes(&cluster), []);
    cluster.nothing_is_left();

    let before = cluster.asked();
    let ended = collect(&cluster, options);
    let calls: Vec<(&str, &str)> = said["calls"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["method"].as_str().unwrap(), it["path"].as_str().unwrap()))
        .collect();
    for (method, path) in cluster.requests().into_iter().skip(before) {
        let listed = calls
            .iter()
            .any(|(known, listed)| *known == method && stands_for(listed, &path));
        assert!(listed, "{method} {path} was not announced");
    }

    let bundle = ended.whole_bundle();
    let vantages: BTreeSet<&str> = said["objects"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|it| it["vantage"].as_str())
        .collect();
    assert_eq!(vantages, stood(&bundle));
    let mut late = BTreeMap::new();
    for plan in said["plans"].as_array().unwrap() {
        let vantage = plan["vantage"].as_str().unwrap();
        let entry = format!("probes/{vantage}/plan.json");
        let asked: Value = serde_json::from_slice(bundle.get(&entry).unwrap()).unwrap();
        let (mut said, mut asked) = (comparable(plan), comparable(&asked));
        // A node may lack some of them.
        for file in list(asked["files"].take()) {
            assert!(list(said["files"].clone()).contains(&file), "{file}");
        }
        said["files"].take();
        for question in take_unsaid(&mut asked, &said) {
            let server = question["target"]["address"].to_string();
            *late.entry(server).or_insert(0) += question["tries"].as_u64().unwrap();
        }
        assert_eq!(said, asked, "{vantage}");
    }
    // Servers that only the first probes could name.
    let to_come = &said["upstreamsToCome"];
    let most = to_come["servers"].as_u64().unwrap_or(0);
    assert!(late.len() as u64 <= most, "{late:?}, {to_come}");
    for tries in late.into_values() {
        assert_eq!(tries, to_come["queriesEach"].as_u64().unwrap());
    }
    cluster.nothing_is_left();
}

/// Vantages that a run had.
fn stood(bundle: &Bundle) -> BTreeSet<&str> {
    let items = &bundle.manifest().items;
    items
        .iter()
        .filter_map(|it| it.entry.strip_prefix("probes/")?.strip_suffix("/plan.json"))
        .collect()
}

fn list(value: Value) -> Vec<Value> {
    serde_json::from_value(value).unwrap_or_default()
}

/// Questions to upstreams that were not announced.
fn take_unsaid(asked: &mut Value, said: &Value) -> Vec<Value> {
    let said = said["questions"].as_array().unwrap();
    let questions = std::mem::take(asked["questions"].as_array_mut().unwrap());
    let (known, unsaid) = questions
        .into_iter()
        .partition(|it| it["target"]["role"] != "upstream" || said.contains(it));
    asked["questions"] = Value::Array(known);
    unsaid
}

/// Without the label that is another in each run.
fn comparable(plan: &Value) -> Value {
    let mut plan = plan.clone();
    for question in plan["questions"].as_array_mut().unwrap() {
        if question["class"] == "nonexistent" {
            question["name"] = json!("");
        }
    }
    plan
}

#[test]
fn a_run_with_probes_does_what_was_said() {
    a_run_does_what_was_said("healthy", &[]);
}

#[test]
fn a_run_with_everything_does_what_was_said() {
    a_run_does_what_was_said(
        "healthy",
        &["--node-access", "files", "--exec", "--kubelet-config"],
    );
}

#[test]
fn a_quick_run_in_a_named_namespace_does_what_was_said() {
    a_run_does_what_was_said("healthy", &["--quick", "--probe-namespace", "default"]);
}

#[test]
fn a_run_with_a_pod_that_resolves_does_what_was_said() {
    let named = "kube-system/coredns-6865d647c6-4kxq7";
    a_run_does_what_was_said("healthy", &["--quick", "--working-pod", named]);
}

#[test]
fn a_run_about_names_of_the_cluster_does_what_was_said() {
    a_run_does_what_was_said("healthy", &["--quick", "web", "gone.default.svc"]);
}

#[test]
fn a_run_that_only_reads_does_what_was_said() {
    let Some(cluster) = Cluster::start("mixed-upstreams", &[]) else {
        return;
    };
    let said = text(&dry_run(&cluster, &["--no-probe"]));
    assert!(said.starts_with("Nothing was created. A run with these flags would only read"));
    assert!(!said.contains("POST   /api/v1"), "{said}");
    assert!(!said.contains("DELETE"), "{said}");
}

/// Servers of a resolv.conf are known only to the first probes, which a dry run does not have.
#[test]
fn what_is_not_known_yet_is_said() {
    let Some(cluster) = Cluster::start("mixed-upstreams", &[]) else {
        return;
    };
    let said = json(&cluster, &[]);
    assert!(
        said["upstreamsToCome"]["servers"].as_u64() > Some(0),
        "{said}"
    );
    let shown = text(&dry_run(&cluster, &["--node-access", "files"]));
    assert_eq!(changes(&cluster), []);
    let run = shown.split("digpod.io/run=").nth(1).unwrap();
    let run = run.split(' ').next().unwrap();
    let (label, _) = shown.split_once(".example.com.").unwrap();
    let label = label.rsplit("digpod-").next().unwrap();
    for line in shown.lines() {
        // Calls are there to be copied.
        let is_call = line.contains(" /api");
        assert!(is_call || line.chars().count() <= 100, "{line}");
    }
    insta::assert_snapshot!(shown.replace(run, "RUN").replace(label, "RANDOM"));
}

/// The watch is announced with everything that it asks, and its pod may live that long.
#[test]
fn what_is_asked_until_it_fails_is_said() {
    let Some(cluster) = Cluster::start("healthy", &[]) else {
        return;
    };
    let options = ["--until-failure", "10m"];
    let said = json(&cluster, &options);
    let own = said["loads"]["ownListsEach"]["queries"].as_u64();
    assert!(own > Some(600), "{}", said["loads"]);
    let objects = said["objects"].as_array().unwrap();
    let mut pods = objects.iter().filter(|it| it["vantage"] == "workload");
    let pod = &pods.next().unwrap()["object"];
    let deadline = pod["spec"]["activeDeadlineSeconds"].as_u64();
    assert!(deadline > Some(600), "{pod}");
    let shown = text(&dry_run(&cluster, &options));
    let words: Vec<&str> = shown.split_whitespace().collect();
    let line = "before that, once a second until one try fails, 10m at most: A app.corp.internal.";
    assert!(words.join(" ").contains(line), "{shown}");
}

#[test]
fn what_admission_refuses_is_said_before_a_run() {
    let Some(cluster) = Cluster::start("healthy", &["refuse-create:pods"]) else {
        return;
    };
    let said = json(&cluster, &["--probe-namespace", "default"]);
    for object in said["objects"].as_array().unwrap() {
        assert_eq!(object["dryRun"], "refused", "{object}");
    }
    let shown = text(&dry_run(&cluster, &[]));
    assert!(shown.contains("    REFUSED: "), "{shown}");
    assert_eq!(changes(&cluster), []);
}

#[test]
fn what_is_forbidden_would_not_be_created() {
    let Some(cluster) = Cluster::start("healthy", &["forbid:create:pods:shop"]) else {
        return;
    };
    let said = json(&cluster, &[]);
    let left_out = &said["leftOut"][0];
    assert_eq!(left_out["vantage"], "workload");
    assert!(
        left_out["reason"]
            .as_str()
            .unwrap()
            .contains("create pods in namespace shop"),
        "{left_out}"
    );
    assert_eq!(changes(&cluster), []);
    let ended = collect(&cluster, &["--quick"]);
    let forbidden = with_status(&ended.whole_bundle(), digpod_bundle::Status::Forbidden);
    assert_eq!(forbidden, ["probes/workload/records.json"]);
}

/// A name that is not there is said at once, with what may have been meant, and nothing is created.
#[test]
fn what_is_not_there_ends_a_run_before_it_begins() {
    let Some(cluster) = Cluster::start("healthy", &[]) else {
        return;
    };
    for (options, error, help) in [
        (
            &["-n", "shop", "--pod", "web"] as &[&str],
            "error: there is no pod web in namespace shop",
            " help: there is web-7d9c5bb6c4-x2m8k",
        ),
        (
            &["-n", "shop", "--pod", "nix"],
            "error: there is no pod nix in namespace shop",
            " help: `kubectl get pods -n shop` lists them",
        ),
        (
            &["-n", "shop", "-l", "app=nix"],
            "error: no pod in namespace shop has the labels app=nix",
            " help: `kubectl get pods -n shop --show-labels`",
        ),
        (
            &["-n", "shp"],
            "error: there is no namespace shp",
            " help: `kubectl get namespaces`",
        ),
        (
            &["-n", "shop", "--nodes", "nix,node-a"],
            "error: there is no node nix",
            " help: `kubectl get nodes` lists them",
        ),
        (
            &["-n", "shop", "--probe-namespace", "nix"],
            "error: there is no namespace nix",
            " help: name another with --probe-namespace",
        ),
        (
            &["-n", "shop", "--probe-namespace", "shop"],
            "error: namespace shop is no place without policies: allow-dns holds",
            " help: name another with --probe-namespace",
        ),
    ] {
        let ended = crate::running::Run::bare(&cluster, &[&["a.b"], options].concat()).end();
        ended.no_bundle_but(error);
        assert!(ended.err.contains(help), "{}", ended.err);
    }
    let unreadable = ["a.b", "-n", "shop", "-l", "app in ("];
    let ended = crate::running::Run::bare(&cluster, &unreadable).end();
    ended.ended_before_a_bundle(2, "error: -l app in (: ");
    assert_eq!(changes(&cluster), []);
}

/// The same text, for any terminal: nothing is lost, and nothing said twice.
#[test]
fn a_narrow_terminal_reads_the_same() {
    let Some(cluster) = Cluster::start("healthy", &[]) else {
        return;
    };
    let mut narrow = command(&cluster, &[]);
    let narrow = text(&narrow.env("COLUMNS", "60").output().unwrap());
    // One name may be longer than the line.
    let fits = |it: &&str| it.split_whitespace().count() <= 3 || it.chars().count() <= 60;
    let wide = narrow.lines().find(|it| !fits(it));
    assert_eq!(wide, None, "{narrow}");
    let words: Vec<&str> = narrow.split_whitespace().collect();
    let words = words.join(" ");
    assert!(
        words.contains("the same as workload: 10.0.0.10:53 (DNS Service), "),
        "{words}"
    );
    let once = "10× A and AAAA at once from two sockets";
    assert_eq!(words.matches(once).count(), 1, "{words}");
    let said = json(&cluster, &[]);
    let plans = said["plans"].as_array().unwrap();
    let pairs = plans.iter().filter(|plan| {
        let mut questions = plan["questions"].as_array().unwrap().iter();
        questions.any(|it| it["pair"] == "two-sockets")
    });
    assert_eq!(pairs.count(), 2, "JSON has each plan whole");
    for plan in plans {
        let vantage = plan["vantage"].as_str().unwrap();
        let there = plan["questions"] == json!([]) || words.contains(vantage);
        assert!(there, "{vantage}: {words}");
    }
}
