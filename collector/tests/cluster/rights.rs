//! What a run may do is said before, granted exactly, and asked about first.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use digpod_bundle::Status;
use serde_json::{Value, json};

use crate::played::{Cluster, POD};
use crate::running::{collect, with_status};

/// `digpod rbac` as an administrator runs it: no cluster, no kubeconfig.
fn rbac(options: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_digpod"))
        .args(["rbac", "-n", "shop", "--pod", POD])
        .args(options)
        .env("KUBECONFIG", "/nonexistent/kubeconfig")
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn kubectl(cluster: &Cluster, arguments: &[&str], input: &str) -> Option<Output> {
    let child = Command::new("kubectl")
        .args(arguments)
        .arg("--kubeconfig")
        .arg(cluster.kubeconfig())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut child) = child else {
        eprintln!("skipped: kubectl is not installed");
        return None;
    };
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).unwrap();
    drop(stdin);
    Some(child.wait_with_output().unwrap())
}

/// Applies the role and runs as somebody who has it and nothing else.
fn with_the_role_alone(flags: &[&str], subject: &[&str], who: &[&str]) {
    let Some(cluster) = Cluster::start("mixed-upstreams", &[]) else {
        return;
    };
    let role = rbac(&[flags, subject].concat());
    let Some(applied) = kubectl(&cluster, &["apply", "-f", "-"], &role) else {
        return;
    };
    assert!(applied.status.success(), "{applied:?}\n{role}");
    let ended = collect(&cluster, &[&["--quick"], flags, who].concat());
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let bundle = ended.whole_bundle();
    assert_eq!(with_status(&bundle, Status::Forbidden), [""; 0]);
    assert!(!ended.err.contains("missing permission"), "{}", ended.err);
    cluster.nothing_is_left();
}

#[test]
fn the_printed_role_is_enough_for_a_run_with_probes() {
    with_the_role_alone(&[], &["--user", "ann"], &["--as", "ann"]);
}

#[test]
fn the_printed_role_is_enough_for_a_run_that_only_reads() {
    let account = "system:serviceaccount:ops:digpod";
    with_the_role_alone(
        &["--no-probe"],
        &["--serviceaccount", "ops:digpod"],
        &["--as", account],
    );
}

#[test]
fn the_printed_role_is_enough_with_a_namespace_for_probes() {
    let flags = ["--probe-namespace", "default"];
    with_the_role_alone(
        &flags,
        &["--group", "oncall"],
        &["--as", "ann", "--as-group", "oncall"],
    );
}

#[test]
fn the_printed_role_is_enough_with_a_pod_that_resolves() {
    let flags = ["--working-pod", "kube-system/coredns-6865d647c6-4kxq7"];
    with_the_role_alone(&flags, &["--user", "ann"], &["--as", "ann"]);
}

#[test]
fn the_printed_role_is_enough_for_names_of_the_cluster() {
    let names = ["web", "kubernetes.default.svc.cluster.local"];
    with_the_role_alone(&names, &["--user", "ann"], &["--as", "ann"]);
    // By name, and where they are alone.
    let role = rbac(&names);
    let of_default = role
        .split("---")
        .find(|it| it.contains("kind: Role\n") && it.contains("namespace: \"default\""));
    let of_default = of_default.unwrap();
    assert!(
        of_default.contains("resourceNames: [\"kubernetes\"]"),
        "{of_default}"
    );
    assert!(!of_default.contains("pods"), "{of_default}");
}

#[test]
fn the_role_grants_nothing_that_could_do_harm() {
    let all = [
        rbac(&[]),
        rbac(&["--no-probe"]),
        rbac(&["--probe-namespace", "probes"]),
    ];
    for role in &all {
        for never in [
            "*",
            "secrets",
            "nodes/proxy",
            "pods/exec",
            "escalate",
            "bind",
            "impersonate",
            "update",
            "patch",
        ] {
            let word = format!("\"{never}\"");
            assert!(!role.contains(&word), "{never}: {role}");
        }
    }
    let [_, reading, named] = &all;
    assert!(
        !reading.contains("create") && !reading.contains("delete"),
        "{reading}"
    );
    let wide = named
        .split("---")
        .find(|it| it.contains("kind: ClusterRole\n"))
        .unwrap();
    assert!(!wide.contains("create"), "{wide}");
    insta::assert_snapshot!("role", all[0]);
    insta::assert_snapshot!("role_for_reading", reading);
}

#[test]
fn a_user_without_the_role_is_told_the_command_that_grants_it() {
    let Some(cluster) = Cluster::start("healthy", &[]) else {
        return;
    };
    let ended = collect(&cluster, &["--quick", "--as", "ann"]);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    let hint = format!("digpod rbac -n shop --pod {POD} --user ann | kubectl apply -f -");
    assert!(ended.err.contains(&hint), "{}", ended.err);
    let lines = ended
        .err
        .lines()
        .filter(|line| line.starts_with("missing permission: "));
    assert!(lines.count() > 10, "{}", ended.err);
    let bundle = ended.whole_bundle();
    let access: Value = serde_json::from_slice(bundle.get("cluster/access.json").unwrap()).unwrap();
    assert_eq!(access["user"], "ann");
    for permission in access["permissions"].as_array().unwrap() {
        assert_eq!(permission["allowed"], false, "{permission}");
    }
    // Nothing is created by who could not remove it.
    let created = cluster.requests().into_iter().filter(|(method, path)| {
        method == "POST"
            && !path.contains("authorization.k8s.io")
            && !path.contains("authentication.k8s.io")
    });
    assert_eq!(created.collect::<Vec<_>>(), []);
}

#[test]
fn who_may_not_delete_pods_creates_none() {
    let Some(cluster) = Cluster::start("healthy", &["forbid:delete:pods"]) else {
        return;
    };
    let ended = collect(&cluster, &["--quick"]);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    let bundle = ended.whole_bundle();
    let item = bundle.item("probes/workload/records.json").unwrap();
    assert_eq!(item.status, Status::Forbidden);
    assert_eq!(
        item.missing_permission.as_deref(),
        Some("delete pods in namespace shop")
    );
    cluster.nothing_is_left();
}

#[test]
fn where_reviews_are_refused_the_run_says_so_and_goes_on() {
    let faults = [
        "forbid:create:selfsubjectaccessreviews",
        "forbid:create:selfsubjectrulesreviews",
    ];
    let Some(cluster) = Cluster::start("mixed-upstreams", &faults) else {
        return;
    };
    let ended = collect(&cluster, &["--quick"]);
    assert_eq!(ended.code, Some(4), "{ended:?}");
    assert!(ended.err.contains("could not be asked"), "{}", ended.err);
    let bundle = ended.whole_bundle();
    assert_eq!(
        with_status(&bundle, Status::Forbidden),
        ["cluster/access.json"]
    );
    assert_eq!(ended.report()["verdict"], "cause");
    cluster.nothing_is_left();
}

#[test]
fn reviews_take_one_round() {
    let Some(cluster) = Cluster::start("healthy", &[]) else {
        return;
    };
    collect(&cluster, &["--quick"]);
    let reviews = cluster.requests().into_iter().filter(|(_, path)| {
        path.contains("authorization.k8s.io") || path.contains("authentication.k8s.io")
    });
    let count = reviews.count();
    assert!((5..=20).contains(&count), "{count}");
}

/// Binds nothing: RBAC objects beside it must not matter to whom they do not name.
#[test]
fn a_role_of_somebody_else_grants_nothing() {
    let Some(cluster) = Cluster::start("healthy", &[]) else {
        return;
    };
    let group = "/apis/rbac.authorization.k8s.io/v1";
    cluster.create(
        &format!("{group}/clusterrolebindings"),
        &json!({
            "metadata": {"name": "bob"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "all"},
            "subjects": [{"kind": "User", "name": "bob"}],
        }),
    );
    cluster.create(
        &format!("{group}/clusterroles"),
        &json!({
            "metadata": {"name": "all"},
            "rules": [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}],
        }),
    );
    assert_eq!(collect(&cluster, &["--quick", "--as", "bob"]).code, Some(0));
    assert_eq!(collect(&cluster, &["--quick", "--as", "ann"]).code, Some(4));
}
