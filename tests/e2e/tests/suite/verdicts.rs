//! Ten faults are put into the real cluster one after another: each is named first. Without a fault
//! nothing is named, in ten runs.

use std::time::Duration;

use digpod_e2e::faults::{self, CUSTOM};
use digpod_e2e::{Cluster, Guard, NAME, Run};

/// A fault that is put into the repaired cluster.
struct Fault {
    /// What it is.
    what: &'static str,
    /// Who is named first.
    rule: &'static str,
    /// The name that is complained about.
    name: &'static str,
    inject: for<'a> fn(&'a Cluster) -> Vec<Guard<'a>>,
}

const BIG: &str = "big.corp.internal";

const FAULTS: &[Fault] = &[
    Fault {
        what: "one of two upstreams is silent",
        rule: "upstreams/upstream-unreachable",
        name: NAME,
        inject: |cluster| {
            let (silent, server) = faults::silent_server(cluster);
            let lists = faults::nodes_ask(cluster, &[CUSTOM, silent], "");
            faults::coredns_anew(cluster);
            vec![lists, server, then_anew(cluster)]
        },
    },
    Fault {
        what: "TCP 53 is closed to an upstream",
        rule: "upstreams/upstream-tcp-blocked",
        name: NAME,
        inject: |cluster| {
            vec![faults::filter(
                cluster,
                "custom",
                "INPUT -p tcp --dport 53 -j DROP",
            )]
        },
    },
    Fault {
        what: "a policy of the workload's namespace blocks UDP 53",
        rule: "network/egress-policy-blocks-dns",
        name: NAME,
        inject: |cluster| {
            let policy = cluster.apply(
                "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n\
                 metadata: {name: no-udp, namespace: shop}\n\
                 spec: {podSelector: {}, policyTypes: [Egress], egress: [{ports: [{protocol: TCP}]}]}\n",
            );
            vec![policy, enforced()]
        },
    },
    Fault {
        what: "a policy lets only its own namespace in to CoreDNS",
        rule: "network/ingress-policy-blocks-coredns",
        name: NAME,
        inject: |cluster| {
            let policy = cluster.apply(
                "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n\
                 metadata: {name: own-namespace, namespace: kube-system}\n\
                 spec: {podSelector: {matchLabels: {k8s-app: kube-dns}}, policyTypes: [Ingress], \
                 ingress: [{from: [{podSelector: {}}]}]}\n",
            );
            vec![policy, enforced()]
        },
    },
    Fault {
        what: "one CoreDNS pod cannot be reached from one node",
        rule: "probes/some-coredns-replicas-bad",
        name: NAME,
        inject: |cluster| {
            // web runs on node1; what comes from there to the pod on node2 is dropped there, before the
            // policy engine, which keeps its own rules first.
            let from_pods = "PREROUTING -t raw -s 10.244.1.0/24 -p udp --dport 53 -j DROP";
            let from_node = "PREROUTING -t raw -s 172.29.0.21 -p udp --dport 53 -j DROP";
            vec![
                faults::filter(cluster, "node2", from_pods),
                faults::filter(cluster, "node2", from_node),
            ]
        },
    },
    Fault {
        what: "a search domain answers every name",
        rule: "probes/search-expansion-changes-answer",
        name: NAME,
        inject: |cluster| vec![faults::nodes_ask(cluster, &[CUSTOM], "wild.test")],
    },
    Fault {
        what: "an answer needs TCP, which a policy does not let through",
        rule: "network/dns-rule-lacks-udp-or-tcp",
        name: BIG,
        inject: |cluster| {
            let policy = cluster.apply(
                "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n\
                 metadata: {name: dns, namespace: shop}\n\
                 spec: {podSelector: {}, policyTypes: [Egress], \
                 egress: [{ports: [{protocol: UDP, port: 53}]}]}\n",
            );
            vec![policy, enforced()]
        },
    },
    Fault {
        what: "CoreDNS is at max_concurrent",
        rule: "logs/forward-max-concurrent-exceeded",
        name: NAME,
        inject: |cluster| {
            let limit = faults::forward_option(cluster, "max_concurrent 1");
            vec![load(cluster), limit]
        },
    },
];

#[test]
fn each_of_ten_faults_is_named_first_and_none_where_there_is_none() {
    let Some(cluster) = Cluster::real() else {
        return;
    };
    if !cluster.has_the_fault() || cluster.on("node1", "true").is_none() {
        return;
    }
    let mut wrong = Vec::new();
    let mut expect = |what: &str, name: &str, rule: Option<&str>| {
        let ended = Run::start_for(&cluster, name, &[]).end();
        let report = ended.report();
        let first = report["causes"][0]["id"].as_str();
        let named = rule.is_none() || report["verdict"] == "cause";
        if first != rule || !named {
            // At once: what comes after it may take the test down.
            eprintln!("{what}: {first:?} and not {rule:?}\n{}", ended.out);
            wrong.push(what.to_owned());
        }
    };
    expect(
        "mixed upstreams",
        NAME,
        Some("upstreams/upstreams-disagree"),
    );
    {
        let _changed = faults::nodes_ask(&cluster, &[CUSTOM], "");
        let rule = "upstreams/coredns-holds-old-upstreams";
        expect(
            "the nodes' list changed after CoreDNS started",
            NAME,
            Some(rule),
        );
    }
    let _repaired = faults::repaired(&cluster);
    for run in 1..=10 {
        expect(&format!("healthy, run {run}"), NAME, None);
    }
    for fault in FAULTS {
        let injected = (fault.inject)(&cluster);
        expect(fault.what, fault.name, Some(fault.rule));
        drop(injected);
    }
    assert!(wrong.is_empty(), "told wrong: {wrong:#?}");
}

/// CoreDNS takes the list that its nodes have when this goes.
fn then_anew(cluster: &Cluster) -> Guard<'_> {
    Guard::new(move || faults::coredns_anew(cluster))
}

/// Policies are put into force a moment after they were made.
fn enforced() -> Guard<'static> {
    std::thread::sleep(Duration::from_secs(5));
    Guard::new(|| {})
}

/// A pod that asks for many names of a slow server.
fn load(cluster: &Cluster) -> Guard<'_> {
    let pod = cluster.apply(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: load, namespace: default}\n\
         spec:\n  terminationGracePeriodSeconds: 0\n  containers:\n  - name: load\n    image: localhost/busybox:1\n    \
         imagePullPolicy: Never\n    command: [sh, -c, \"n=0; while true; do n=$((n+1)); \
         nslookup -type=a n$n.slow.test. 10.0.0.10 >/dev/null 2>&1 & sleep 0.02; done\"]\n",
    );
    cluster.until("the load runs", |cluster| {
        let pod = cluster.get(&["pod", "load"]);
        pod["status"]["phase"] == "Running"
    });
    pod
}
