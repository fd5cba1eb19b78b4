//! Probe pods ask real servers through the routing table of their vantage.

use crate::common::{call, get, outcomes, phase, play, probe, probe_pod, scenario};
use digpod_simcluster::{Options, start};
use serde_json::json;

const DNS: &str = "10.0.0.10:53";

fn apps(count: u32) -> Vec<String> {
    (0..count)
        .map(|n| format!("n{n}.apps.corp.internal."))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workload_probe_gets_the_resolv_conf_and_answers_of_its_pod() {
    let running = play("mixed-upstreams", &[]).await;
    let pod = probe_pod(
        "one",
        &[
            (DNS, "kubernetes.default.svc.cluster.local.", "A", 1),
            (DNS, "10.0.0.10.in-addr.arpa.", "PTR", 1),
            ("10.1.0.4:53", "app.corp.internal.", "A", 1),
            ("168.63.129.16:53", "app.corp.internal.", "A", 1),
            ("168.63.129.16:53", "example.com.", "A", 1),
        ],
    );
    let output = probe(&running, "shop", &pod).await;
    assert!(output.complete);
    assert_eq!(outcomes(&output), ["ok", "ok", "ok", "nxdomain", "ok"]);
    assert_eq!(output.records[0].answers[0].data, "10.0.0.1");
    assert_eq!(
        output.records[1].answers[0].data,
        "kube-dns.kube-system.svc.cluster.local."
    );
    assert_eq!(output.node.as_deref(), Some("aks-user-17722-vmss000000"));
    assert_eq!(
        output.resolv_conf,
        "search shop.svc.cluster.local svc.cluster.local cluster.local reddog.microsoft.com\n\
         nameserver 10.0.0.10\noptions ndots:5\n"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_probe_with_host_network_gets_the_file_of_its_node() {
    let running = play("mixed-upstreams", &[]).await;
    let mut pod = probe_pod("host", &[("10.1.0.5:53", "app.corp.internal.", "A", 1)]);
    pod["spec"]["hostNetwork"] = true.into();
    pod["spec"]["nodeName"] = "aks-system-30418-vmss000001".into();
    let output = probe(&running, "shop", &pod).await;
    assert_eq!(outcomes(&output), ["ok"]);
    assert_eq!(
        output.resolv_conf,
        "search reddog.microsoft.com\nnameserver 10.1.0.4\nnameserver 10.1.0.5\nnameserver 168.63.129.16\n"
    );
    let pod = get(&running, "/api/v1/namespaces/shop/pods/host")
        .await
        .json();
    assert_eq!(pod["status"]["podIP"], "10.224.0.5");
}

#[tokio::test(flavor = "multi_thread")]
async fn coredns_draws_an_upstream_for_each_query_that_its_cache_cannot_answer() {
    let running = play("mixed-upstreams", &[]).await;
    let names = apps(40);
    let questions: Vec<_> = names
        .iter()
        .map(|name| (DNS, name.as_str(), "A", 1))
        .collect();
    let all = probe(&running, "shop", &probe_pod("many", &questions)).await;
    let failed = outcomes(&all)
        .iter()
        .filter(|outcome| *outcome == "nxdomain")
        .count();
    assert!((1..40).contains(&failed), "{failed} of 40 drew Azure DNS");

    // What one pod's cache has is everybody's answer. Filled first: queries that arrive together
    // draw each for themselves.
    let ask = |name: &str, tries| {
        let question = ("10.244.0.11:53", "x.apps.corp.internal.", "A", tries);
        probe_pod(name, &[question])
    };
    let first = outcomes(&probe(&running, "shop", &ask("first", 1)).await);
    let mut seen = outcomes(&probe(&running, "shop", &ask("same", 12)).await);
    assert_eq!(seen.len(), 12);
    seen.dedup();
    assert_eq!(seen, first);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_custom_servers_only_every_name_is_found() {
    let running = play("healthy", &[]).await;
    let names = apps(40);
    let questions: Vec<_> = names
        .iter()
        .map(|name| (DNS, name.as_str(), "A", 1))
        .collect();
    let output = probe(&running, "shop", &probe_pod("many", &questions)).await;
    assert!(
        outcomes(&output).iter().all(|outcome| *outcome == "ok"),
        "{:?}",
        outcomes(&output)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_block_in_coredns_custom_cures_the_mix() {
    let running = play("mixed-upstreams", &[]).await;
    let block =
        "corp.internal:53 {\n    errors\n    cache 10\n    forward . 10.1.0.4 10.1.0.5\n}\n";
    let patch = json!({"data": {"corp.server": block}});
    let custom = "/api/v1/namespaces/kube-system/configmaps/coredns-custom";
    assert_eq!(
        call(&running, "PATCH", custom, Some(&patch))
            .await
            .unwrap()
            .status,
        200
    );
    let names = apps(40);
    let questions: Vec<_> = names
        .iter()
        .map(|name| (DNS, name.as_str(), "A", 1))
        .collect();
    let output = probe(&running, "shop", &probe_pod("many", &questions)).await;
    assert!(
        outcomes(&output).iter().all(|outcome| *outcome == "ok"),
        "{:?}",
        outcomes(&output)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn routes_change_what_an_address_means_from_one_vantage_only() {
    let folder = tempfile::tempdir().unwrap();
    let base = scenario("healthy").canonicalize().unwrap();
    let settings = json!({
        "base": base,
        "routes": [
            {"from": {"namespace": "shop"}, "to": "10.0.0.10", "action": "drop"},
            {"from": {"namespace": "shop"}, "to": "10.1.0.4:53", "action": "refuse"},
            {"from": {"hostNetwork": true}, "to": "10.1.0.5", "action": {"to": "168.63.129.16:53"}},
        ],
    });
    std::fs::write(folder.path().join("scenario.yaml"), settings.to_string()).unwrap();
    let running = start(folder.path(), Options::default()).await.unwrap();
    let questions = [
        (DNS, "app.corp.internal.", "A", 1),
        ("10.1.0.4:53", "app.corp.internal.", "A", 1),
        ("10.1.0.5:53", "app.corp.internal.", "A", 1),
        ("10.9.9.9:53", "app.corp.internal.", "A", 1),
        ("10.244.2.15:53", "app.corp.internal.", "A", 1),
    ];
    let shop = probe(&running, "shop", &probe_pod("a", &questions)).await;
    assert_eq!(
        outcomes(&shop),
        [
            "timeout",
            "connection-refused",
            "ok",
            "timeout",
            "connection-refused"
        ]
    );
    let mut pod = probe_pod("b", &questions);
    pod["spec"]["hostNetwork"] = true.into();
    let host = probe(&running, "default", &pod).await;
    assert_eq!(
        outcomes(&host),
        ["ok", "ok", "nxdomain", "timeout", "connection-refused"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_upstream_makes_coredns_fail_and_say_so_in_its_log() {
    let folder = tempfile::tempdir().unwrap();
    let base = scenario("healthy").canonicalize().unwrap();
    let silent = |address| json!({"address": address, "kind": "silent"});
    let settings = json!({"base": base, "servers": [silent("10.1.0.4"), silent("10.1.0.5")]});
    std::fs::write(folder.path().join("scenario.yaml"), settings.to_string()).unwrap();
    let running = start(folder.path(), Options::default()).await.unwrap();
    let mut pod = probe_pod("a", &[("10.244.0.11:53", "app.corp.internal.", "A", 1)]);
    let plan = pod["spec"]["containers"][0]["args"][1]
        .as_str()
        .unwrap()
        .replace("\"timeoutMs\":800", "\"timeoutMs\":7500")
        .replace("\"budgetMs\":8000", "\"budgetMs\":16000");
    pod["spec"]["containers"][0]["args"][1] = plan.into();
    let output = probe(&running, "shop", &pod).await;
    assert_eq!(outcomes(&output), ["servfail"]);
    let log = get(
        &running,
        "/api/v1/namespaces/kube-system/pods/coredns-6865d647c6-4kxq7/log?tailLines=1",
    )
    .await;
    let begin = "[ERROR] plugin/errors: 2 app.corp.internal. A: read udp 10.244.0.11:";
    assert!(
        log.body.starts_with(begin) && log.body.ends_with(":53: i/o timeout\n"),
        "{}",
        log.body
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_deadline_of_a_pod_ends_it() {
    let running = play("healthy", &[]).await;
    let mut pod = probe_pod("late", &[("10.9.9.9:53", "app.corp.internal.", "A", 8)]);
    pod["spec"]["activeDeadlineSeconds"] = 1.into();
    call(&running, "POST", "/api/v1/namespaces/shop/pods", Some(&pod))
        .await
        .unwrap();
    let mut slow = pod.clone();
    slow["metadata"]["name"] = "asks-long".into();
    let plan = json!({
        "format": 1, "vantage": "x", "timeoutMs": 5000, "budgetMs": 20000,
        "questions": [{
            "target": {"kind": "server", "address": "10.9.9.9:53", "role": "upstream"}, "name": "a.",
            "type": "A", "transport": "udp", "class": "custom", "tries": 3, "intervalMs": 4000,
        }],
    });
    slow["spec"]["containers"][0]["args"][1] = plan.to_string().into();
    call(
        &running,
        "POST",
        "/api/v1/namespaces/shop/pods",
        Some(&slow),
    )
    .await
    .unwrap();
    let ended = phase(&running, "shop", "asks-long", "Failed").await;
    assert_eq!(ended["status"]["reason"], "DeadlineExceeded");
    assert_eq!(
        ended["status"]["containerStatuses"][0]["state"]["terminated"]["exitCode"],
        137
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_probe_without_a_plan_fails_and_a_pod_that_fits_no_node_waits() {
    let running = play("healthy", &[]).await;
    let pods = "/api/v1/namespaces/shop/pods";
    let mut pod = probe_pod("bad", &[]);
    pod["spec"]["containers"][0]["args"] = json!([]);
    call(&running, "POST", pods, Some(&pod)).await.unwrap();
    let ended = phase(&running, "shop", "bad", "Failed").await;
    assert_eq!(
        ended["status"]["containerStatuses"][0]["state"]["terminated"]["exitCode"],
        2
    );
    let mut pod = probe_pod("homeless", &[]);
    pod["spec"]["nodeSelector"] = json!({"kubernetes.azure.com/mode": "system"});
    call(&running, "POST", pods, Some(&pod)).await.unwrap();
    let events = "/api/v1/namespaces/shop/events?fieldSelector=involvedObject.name%3Dhomeless";
    let message = loop {
        let events = get(&running, events).await.json();
        if let Some(message) = events["items"][0]["message"].as_str() {
            break message.to_owned();
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    };
    assert_eq!(
        message,
        "0/3 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 2 node(s) had \
         untolerated taint(s)."
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn coredns_tells_at_its_own_address_what_it_asked() {
    let running = play("healthy", &[]).await;
    let asks = probe_pod("asks", &[("10.244.0.11:53", "app.corp.internal.", "A", 1)]);
    assert_eq!(outcomes(&probe(&running, "shop", &asks).await), ["ok"]);

    let plan = json!({
        "format": 1, "vantage": "reads", "questions": [], "timeoutMs": 1000, "budgetMs": 4000,
        "pages": [
            {"id": "open", "address": "10.244.0.11:9153", "path": "/metrics", "keep": "all"},
            {"id": "other", "address": "10.244.0.11:9153", "path": "/other", "keep": "all"},
            {"id": "silent", "address": "10.244.1.8:9153", "path": "/metrics", "keep": "all"},
            {"id": "closed", "address": "10.244.0.11:9154", "path": "/metrics", "keep": "all"},
        ],
    });
    let mut reads = probe_pod("reads", &[]);
    let container = &mut reads["spec"]["containers"][0];
    let args = container["args"].as_array_mut().expect("arguments");
    let at = args.iter().position(|arg| arg == "--plan").expect("a plan") + 1;
    args[at] = plan.to_string().into();
    let output = probe(&running, "shop", &reads).await;
    let [open, other, silent, closed] = output.pages.as_slice() else {
        panic!("{:?}", output.pages);
    };
    let series = "coredns_proxy_request_duration_seconds_count";
    assert_eq!(open.status, 200);
    assert!(open.text.contains(series), "{}", open.text);
    assert!(
        open.text.contains("rcode=\"NOERROR\",to=\"10.1.0."),
        "{}",
        open.text
    );
    assert_eq!(other.status, 404);
    assert!(!silent.text.contains(series), "{}", silent.text);
    assert!(
        closed
            .error
            .as_deref()
            .is_some_and(|it| it.contains("refused"))
    );
}
