//! The real kubectl works against it, where it is installed.

use std::process::Command;

use crate::common::{play, probe_pod, scenario};
use digpod_simcluster::Running;

/// Runs kubectl; runs of blanks become one, which is all that its versions differ in here.
fn kubectl(running: &Running, cache: &tempfile::TempDir, line: &str) -> String {
    let output = Command::new("kubectl")
        .arg("--cache-dir")
        .arg(cache.path())
        .args(line.split(' '))
        .env("KUBECONFIG", running.kubeconfig())
        .output()
        .expect("kubectl runs");
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    let lines: Vec<String> = text
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    lines.join("\n")
}

fn installed() -> bool {
    let found = Command::new("kubectl")
        .args(["version", "--client"])
        .output()
        .is_ok();
    if !found {
        eprintln!("skipped: kubectl is not installed");
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn kubectl_shows_the_cluster() {
    if !installed() {
        return;
    }
    let running = play("mixed-upstreams", &["forbid:list:secrets"]).await;
    let cache = tempfile::tempdir().unwrap();
    let lines = [
        "get namespaces",
        "get nodes -o wide",
        "get pods -A -o wide",
        "get services -A",
        "get deployments,configmaps -n kube-system",
        "get endpointslices,networkpolicies -n shop",
        "get events -n shop",
        "get secrets -n shop",
        "get pods nope -n shop",
        "get pods -A -l k8s-app=kube-dns -o name",
        "get pods -A --field-selector spec.nodeName=aks-user-17722-vmss000000 --no-headers",
        "logs -n shop web-7d9c5bb6c4-x2m8k --previous",
        "logs -n shop web-7d9c5bb6c4-x2m8k --tail=1",
        "logs -n shop web-7d9c5bb6c4-x2m8k --since=5m",
        "logs -n shop web-7d9c5bb6c4-x2m8k --limit-bytes=12",
        "logs -n kube-system coredns-6865d647c6-4kxq7 --previous",
        "logs -n kube-system coredns-6865d647c6-h9zvt --previous",
        "auth can-i list pods -n kube-system",
        "auth can-i list secrets -n shop",
    ];
    let mut text = String::new();
    for line in lines {
        text += "$ kubectl ";
        text += line;
        text += "\n";
        text += &kubectl(&running, &cache, line);
        text += "\n\n";
    }
    insta::assert_snapshot!(text);
}

#[tokio::test(flavor = "multi_thread")]
async fn kubectl_describes_and_measures() {
    if !installed() {
        return;
    }
    let running = play("mixed-upstreams", &[]).await;
    let cache = tempfile::tempdir().unwrap();
    let has = |line: &str, wanted: &[&str]| {
        let text = kubectl(&running, &cache, line);
        for wanted in wanted {
            assert!(text.contains(wanted), "{line}: no {wanted:?} in\n{text}");
        }
    };
    has(
        "top pods -n kube-system",
        &[
            "coredns-6865d647c6-4kxq7 3m 24Mi",
            "coredns-6865d647c6-h9zvt 4m 25Mi",
        ],
    );
    has(
        "top nodes",
        &["aks-user-17722-vmss000000 143m 3% 2210Mi 17%"],
    );
    has(
        "describe pod -n shop web-7d9c5bb6c4-x2m8k",
        &["Reason: Error", "Warning Unhealthy", "Restart Count: 1"],
    );
    has(
        "describe configmap coredns -n kube-system",
        &["forward . /etc/resolv.conf", "import custom/*.server"],
    );
    has(
        "describe service kube-dns -n kube-system",
        &["10.244.0.11:53,10.244.1.8:53"],
    );
    has(
        "describe node aks-user-17722-vmss000000",
        &["shop web-7d9c5bb6c4-x2m8k 100m"],
    );
    has("version", &["v1.33.5"]);
    has(
        "api-resources",
        &["endpointslices discovery.k8s.io/v1 true EndpointSlice"],
    );
    has("auth can-i --list", &["*.* [] [] [*]"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn kubectl_creates_waits_reads_and_deletes() {
    if !installed() {
        return;
    }
    let running = play("mixed-upstreams", &[]).await;
    let cache = tempfile::tempdir().unwrap();
    let run = |line: &str| kubectl(&running, &cache, line);
    let file = cache.path().join("pod.json");
    let mut pod = probe_pod("p1", &[("10.1.0.4:53", "app.corp.internal.", "A", 1)]);
    pod["apiVersion"] = "v1".into();
    pod["kind"] = "Pod".into();
    std::fs::write(&file, pod.to_string()).unwrap();
    assert_eq!(run("create namespace probing"), "namespace/probing created");
    assert_eq!(
        run(&format!("apply -n probing -f {}", file.display())),
        "pod/p1 created"
    );
    assert_eq!(
        run("wait -n probing pod/p1 --for=jsonpath={.status.phase}=Succeeded --timeout=20s"),
        "pod/p1 condition met"
    );
    let log = format!("{}\n", run("logs -f -n probing p1"));
    assert!(digpod_probe::parse_output(&log).complete, "{log}");
    assert!(run("delete -n probing pod p1").starts_with("pod \"p1\" deleted"));
    assert!(run("delete namespace probing").starts_with("namespace \"probing\" deleted"));
    assert_eq!(
        run("get namespace probing"),
        "Error from server (NotFound): namespaces \"probing\" not found"
    );
}

#[test]
fn the_command_runs_another_one_and_ends_with_its_code() {
    let run = |script: &str| {
        Command::new(env!("CARGO_BIN_EXE_digpod-simcluster"))
            .arg("run")
            .arg(scenario("healthy"))
            .args(["--", "sh", "-c", script])
            .output()
            .expect("it runs")
    };
    assert_eq!(run("exit 7").status.code(), Some(7));
    let kubeconfig = run("cat $KUBECONFIG; echo $KUBECONFIG >&2");
    assert!(
        String::from_utf8_lossy(&kubeconfig.stdout).contains("\"current-context\": \"aks-shop\"")
    );
    let path = String::from_utf8_lossy(&kubeconfig.stderr)
        .trim()
        .to_owned();
    assert!(
        !std::path::Path::new(&path).exists(),
        "{path} is left behind"
    );
}

#[test]
fn it_says_ready_and_ends_with_its_standard_input() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_digpod-simcluster"))
        .arg("run")
        .arg(scenario("healthy"))
        .arg("--exit-with-stdin")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("it runs");
    let mut line = String::new();
    let out = child.stdout.take().expect("its output");
    std::io::BufRead::read_line(&mut std::io::BufReader::new(out), &mut line).expect("a line");
    assert!(line.starts_with("ready kubeconfig=/"), "{line}");
    drop(child.stdin.take());
    assert!(child.wait().expect("its end").success());
}
