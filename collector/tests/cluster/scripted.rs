//! `collect --script`: the printed script, run with the real kubectl, gives a folder that `analyze`
//! reads as it reads a bundle.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::played::{Cluster, POD};
use crate::running::collect;

/// The script, run where kubectl is installed.
struct Scripted {
    files: TempDir,
    output: Output,
}

fn kubectl_is_here() -> bool {
    let here = Command::new("kubectl")
        .args(["version", "--client"])
        .output()
        .is_ok();
    if !here {
        eprintln!("skipped: kubectl is not installed");
    }
    here
}

fn print(options: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_digpod"))
        .args(["collect", "--script", "app.corp.internal"])
        .args(options)
        .env("KUBECONFIG", "/nowhere")
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn run(cluster: &Cluster, options: &[&str]) -> Scripted {
    let files = TempDir::new().unwrap();
    std::fs::write(files.path().join("digpod.sh"), print(options)).unwrap();
    let output = Command::new("sh")
        .args(["digpod.sh", "folder"])
        .current_dir(files.path())
        .env("KUBECONFIG", cluster.kubeconfig())
        .env("HOME", files.path().join("home"))
        .output()
        .unwrap();
    Scripted { files, output }
}

impl Scripted {
    fn folder(&self) -> PathBuf {
        self.files.path().join("folder")
    }

    #[track_caller]
    fn report(&self) -> Value {
        assert!(self.output.status.success(), "{:?}", self.output);
        let output = Command::new(env!("CARGO_BIN_EXE_digpod"))
            .args(["analyze", "--output", "json"])
            .arg(self.folder())
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    }
}

/// What a report says, but for entries' places, times and who collected.
fn told(report: &Value) -> Value {
    let findings = report["findings"].as_array().unwrap().iter();
    let findings = findings.map(|it| json!([it["rule"], it["scope"], it["message"]]));
    let gaps = report["gaps"].as_array().unwrap().iter();
    let gaps = gaps.map(|it| json!([it["entry"], it["status"], it["rules"]]));
    json!({
        "verdict": report["verdict"],
        "causes": report["causes"].as_array().unwrap().iter().map(|it| it["id"].clone()).collect::<Vec<_>>(),
        "findings": findings.collect::<Vec<_>>(),
        "gaps": gaps.collect::<Vec<_>>(),
    })
}

#[test]
fn the_folder_says_what_a_bundle_without_probes_says() {
    let Some(cluster) = Cluster::start("mixed-upstreams", &[]) else {
        return;
    };
    if !kubectl_is_here() {
        return;
    }
    let scripted = run(&cluster, &["-n", "shop", "--pod", POD]);
    let collected = collect(&cluster, &["--no-probe"]).report();
    assert_eq!(told(&scripted.report()), told(&collected));
}

#[test]
fn it_reads_the_services_that_names_mean() {
    let Some(cluster) = Cluster::start("healthy", &[]) else {
        return;
    };
    if !kubectl_is_here() {
        return;
    }
    let names = [
        "Web",
        "gone.default.svc.cluster.local",
        "web.shop.svc.",
        "web.shop",
    ];
    let pod = ["-n", "shop", "--pod", POD];
    let scripted = run(&cluster, &[&names[..], &pod].concat());
    let collected = collect(&cluster, &[&names[..], &["--no-probe"]].concat());
    assert_eq!(told(&scripted.report()), told(&collected.report()));
    let file = |name: &str| std::fs::read_to_string(scripted.folder().join(name));
    assert!(file("service-shop-web.txt").unwrap().contains("clusterIP"));
    assert!(
        file("service-default-gone.txt.err")
            .unwrap()
            .contains("NotFound")
    );
    let list = file("digpod-script.txt").unwrap();
    assert_eq!(list.matches("workload/services/").count(), 4, "{list}");
}

#[test]
fn it_writes_into_its_folder_and_only_reads() {
    let Some(cluster) = Cluster::start("healthy", &[]) else {
        return;
    };
    if !kubectl_is_here() {
        return;
    }
    let before = cluster.requests().len();
    let scripted = run(&cluster, &["-n", "shop", "-l", "app=web", "--since", "5m"]);
    assert!(scripted.output.status.success(), "{:?}", scripted.output);
    for (method, path) in cluster.requests().drain(before..) {
        assert_eq!(method, "GET", "{path}");
        assert!(!path.contains("/secrets"), "{path}");
    }
    let mut names: Vec<String> = std::fs::read_dir(scripted.files.path())
        .unwrap()
        .map(|it| it.unwrap().file_name().into_string().unwrap())
        // kubectl's own cache of what the API has.
        .filter(|name| name != "home")
        .collect();
    names.sort();
    assert_eq!(names, ["digpod.sh", "folder"]);
    assert_eq!(scripted.report()["subject"]["pod"], POD);
    // A second run does not write over the first.
    let again = Command::new("sh")
        .args(["digpod.sh", "folder"])
        .current_dir(scripted.files.path())
        .output()
        .unwrap();
    assert_eq!(again.status.code(), Some(3));
}

#[test]
fn what_is_denied_is_a_gap() {
    let faults = [
        "forbid:list:pods:kube-system",
        "forbid:get:configmaps:kube-system",
    ];
    let Some(cluster) = Cluster::start("mixed-upstreams", &faults) else {
        return;
    };
    if !kubectl_is_here() {
        return;
    }
    let report = run(&cluster, &["-n", "shop", "--pod", POD]).report();
    assert_ne!(report["verdict"], "healthy");
    let gaps = report["gaps"].as_array().unwrap();
    for (entry, permission) in [
        ("dns/pods.json", "list pods in namespace kube-system"),
        (
            "dns/configmaps/coredns.json",
            "get configmaps in namespace kube-system",
        ),
    ] {
        let gap = gaps.iter().find(|gap| gap["entry"] == entry).unwrap();
        assert_eq!(gap["status"], "forbidden", "{gap}");
        assert_eq!(gap["missingPermission"], permission, "{gap}");
    }
}

#[test]
fn secrets_of_pods_stay_in_the_cluster() {
    let Some(cluster) = Cluster::start("healthy", &[]) else {
        return;
    };
    if !kubectl_is_here() {
        return;
    }
    let secret = "hunter2-do-not-take";
    let container = json!({
        "name": "app", "image": "x", "command": [secret], "args": [secret],
        "env": [{"name": "PASSWORD", "value": secret}],
        "livenessProbe": {"exec": {"command": [secret]}},
        "lifecycle": {"preStop": {"exec": {"command": [secret]}}},
    });
    let status = json!([{"name": "app", "ready": true, "restartCount": 1, "image": "x", "imageID": "",
        "lastState": {"terminated": {"exitCode": 1, "message": secret}}}]);
    for (namespace, name, labels) in [
        ("shop", "planted", json!({"app": "planted"})),
        (
            "kube-system",
            "coredns-planted",
            json!({"k8s-app": "kube-dns"}),
        ),
    ] {
        let dns = namespace == "kube-system";
        let mut container = container.clone();
        if dns {
            // Arguments and probes of DNS containers are read.
            container["args"] = json!(["-conf", "x"]);
            container["livenessProbe"] = Value::Null;
        }
        let pod = json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": name, "labels": labels, "annotations": {
                "kubectl.kubernetes.io/last-applied-configuration": secret}},
            "spec": {"containers": [container.clone()], "initContainers": [container]},
            "status": {"phase": "Running", "containerStatuses": if dns { json!([]) } else { status.clone() }},
        });
        cluster.create(&format!("/api/v1/namespaces/{namespace}/pods"), &pod);
    }
    let scripted = run(&cluster, &["-n", "shop", "--pod", "planted"]);
    assert_eq!(scripted.report()["subject"]["pod"], "planted");
    let mut seen = false;
    for file in std::fs::read_dir(scripted.folder()).unwrap() {
        let path = file.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(!text.contains(secret), "{} has it", path.display());
        seen |= text.contains("coredns-planted");
    }
    assert!(seen, "the planted DNS pod was read");
}

#[test]
fn shells_and_shellcheck_find_no_fault_in_it() {
    let files = TempDir::new().unwrap();
    let path = files.path().join("digpod.sh");
    let odd = "it's \"$(touch oops)\" `x`\n; y";
    std::fs::write(
        &path,
        print(&["--symptom", odd, "--context", "a b'c", "-n", "shop"]),
    )
    .unwrap();
    let check = |program: &str, arguments: &[&str]| checked(program, arguments, &path);
    check("sh", &["-n"]);
    check("dash", &["-n"]);
    check("busybox", &["sh", "-n"]);
    check("shellcheck", &["-s", "sh"]);
    let text = std::fs::read_to_string(&path).unwrap();
    let flags = "limited kubectl '--context=a b'\\''c' --request-timeout=20s \"$@\" </dev/null";
    assert!(text.contains(flags), "{text}");
}

fn checked(program: &str, arguments: &[&str], path: &Path) {
    match Command::new(program).args(arguments).arg(path).output() {
        Ok(output) => assert!(output.status.success(), "{program}: {output:?}"),
        Err(_) => eprintln!("skipped: {program} is not installed"),
    }
}

#[test]
fn a_token_does_not_get_into_the_script() {
    let output = Command::new(env!("CARGO_BIN_EXE_digpod"))
        .args([
            "collect",
            "--script",
            "--token",
            "secret",
            "app.corp.internal",
        ])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
}
