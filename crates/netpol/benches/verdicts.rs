//! Verdicts a second, beside brute force on the same flows; and all pods of a large cluster at once.

#[path = "../tests/reference/address.rs"]
mod address;
#[path = "../tests/reference/brute.rs"]
#[expect(dead_code, reason = "tests use the rest")]
mod brute;

use std::hint::black_box;

use digpod_netpol::{
    Endpoint, Flow, Namespace, NetworkPolicy, Pod, PolicySet, Prepared, Protocol, Target,
};
use digpod_test_support::bench::{Work, compare, measure};
use serde_json::{Value, json};

const NAMESPACES: usize = 50;
const POLICIES: usize = 500;
const PODS: usize = 5_000;
const FLOWS: usize = 1_000_000;
const CLUSTER: usize = 150_000;

fn main() {
    let policies: Vec<Value> = (0..POLICIES).map(policy).collect();
    let namespaces: Vec<Value> = (0..NAMESPACES).map(namespace).collect();
    let set = PolicySet::compile(
        policies.iter().map(read::<NetworkPolicy>),
        namespaces.iter().map(read::<Namespace>),
    );
    let pods: Vec<Endpoint> = (0..PODS).map(endpoint).collect();
    beside_brute_force(&set, &pods, &policies, &namespaces);

    let flows: Vec<(usize, usize, Protocol, u16)> = (0..FLOWS).map(flow).collect();
    let prepared: Vec<Prepared<'_>> = pods.iter().map(|pod| set.prepare(pod)).collect();
    measure(
        "verdicts on flows among 5,000 pods, prepared once (500 policies, 50 namespaces)",
        Work::Items(FLOWS, "verdicts"),
        || {
            let verdicts = flows.iter().map(|(from, to, protocol, port)| {
                set.between(&prepared[*from], &prepared[*to], *protocol, *port)
            });
            verdicts
                .filter(|it| it.usually_allowed() == Some(true))
                .count()
        },
    );
    measure(
        "verdicts on flows among pods that were never seen before (500 policies, 50 namespaces)",
        Work::Items(FLOWS, "verdicts"),
        || {
            let verdicts = flows.iter().map(|(from, to, protocol, port)| {
                set.verdict(&Flow {
                    from: &pods[*from],
                    to: &pods[*to],
                    protocol: *protocol,
                    port: *port,
                })
            });
            verdicts
                .filter(|it| it.usually_allowed() == Some(true))
                .count()
        },
    );
    measure(
        "compile 500 policies",
        Work::Items(POLICIES, "policies"),
        || {
            PolicySet::compile(
                set.policies().to_vec(),
                namespaces.iter().map(read::<Namespace>),
            )
        },
    );
    whole_cluster(&set);
}

fn beside_brute_force(
    set: &PolicySet,
    pods: &[Endpoint],
    policies: &[Value],
    namespaces: &[Value],
) {
    let flows: Vec<_> = (0..2_000).map(flow).collect();
    let cases: Vec<brute::Case> = flows
        .iter()
        .map(|(from, to, protocol, port)| brute::Case {
            policies: policies.to_vec(),
            namespaces: namespaces.to_vec(),
            from: pod(*from),
            to: pod(*to),
            protocol: protocol.as_str().to_owned(),
            port: *port,
        })
        .collect();
    compare(
        "verdicts on flows among pods that were never seen before (500 policies, 50 namespaces)",
        Work::Items(cases.len(), "verdicts"),
        || {
            let verdicts = flows.iter().map(|(from, to, protocol, port)| {
                set.verdict(&Flow {
                    from: &pods[*from],
                    to: &pods[*to],
                    protocol: *protocol,
                    port: *port,
                })
            });
            verdicts
                .filter(|it| it.usually_allowed() == Some(true))
                .count()
        },
        "brute force",
        || {
            let allowed = cases.iter().map(|case| brute::allowed(case, brute::USUAL));
            allowed.filter(|allowed| *allowed).count()
        },
    );
}

fn whole_cluster(set: &PolicySet) {
    let pods: Vec<Endpoint> = (0..CLUSTER).map(endpoint).collect();
    let servers: Vec<Endpoint> = (0..4).map(dns_server).collect();
    let targets: Vec<Target<'_>> = servers
        .iter()
        .flat_map(|to| {
            [Protocol::Udp, Protocol::Tcp].map(|protocol| Target {
                to,
                protocol,
                port: 53,
            })
        })
        .collect();
    let reach = set.reach(&pods, &targets);
    let cut_off: u64 = reach
        .groups
        .iter()
        .filter(|group| group.misses_some())
        .map(|group| group.pods)
        .sum();
    measure(
        &format!(
            "who cannot reach DNS: {} groups, {cut_off} of {CLUSTER} pods cut off",
            reach.groups.len()
        ),
        Work::Items(CLUSTER, "pods"),
        || black_box(set.reach(&pods, &targets)),
    );
}

fn read<T: serde::de::DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).expect("it is what the API writes")
}

/// A number below `n` that depends on `seed` and `salt` only.
fn below(seed: usize, salt: usize, n: usize) -> usize {
    let mut x = (seed as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (salt as u64) << 32;
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    usize::try_from((x ^ (x >> 31)) % n as u64).expect("below a usize")
}

fn namespace(number: usize) -> Value {
    let name = namespace_name(number);
    json!({"metadata": {"name": name, "labels": {
        "kubernetes.io/metadata.name": name,
        "team": format!("team-{}", number % 7),
    }}})
}

fn namespace_name(number: usize) -> String {
    if number == 0 {
        "kube-system".to_owned()
    } else {
        format!("ns-{number}")
    }
}

fn policy(number: usize) -> Value {
    let namespace = namespace_name(number % NAMESPACES);
    let app = format!("app-{}", below(number, 1, 8));
    let dns = json!({
        "to": [{
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
            "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
        }],
        "ports": [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 53}],
    });
    let web = json!({
        "from": [
            {"podSelector": {"matchLabels": {"app": format!("app-{}", below(number, 2, 8))}}},
            {"namespaceSelector": {"matchLabels": {"team": format!("team-{}", below(number, 3, 7))}}},
        ],
        "ports": [{"protocol": "TCP", "port": 8080}, {"port": "metrics"}],
    });
    let spec = match number / NAMESPACES {
        // Of the ten policies of a namespace: two defaults, one for DNS, the rest for applications.
        0 if !number.is_multiple_of(NAMESPACES) => {
            json!({"podSelector": {}, "policyTypes": ["Ingress", "Egress"]})
        }
        1 if number.is_multiple_of(3) => {
            json!({"podSelector": {}, "policyTypes": ["Egress"], "egress": [dns]})
        }
        1 => json!({
            "podSelector": {"matchExpressions": [
                {"key": "tier", "operator": "In", "values": ["front", "back"]},
            ]},
            "policyTypes": ["Egress"],
            "egress": [dns],
        }),
        2 => json!({
            "podSelector": {"matchLabels": {"app": app}},
            "policyTypes": ["Egress"],
            "egress": [{"to": [{"ipBlock": {"cidr": "0.0.0.0/0", "except": ["10.0.0.0/8"]}}]}],
        }),
        _ => json!({
            "podSelector": {"matchLabels": {"app": app}},
            "policyTypes": ["Ingress"],
            "ingress": [web],
        }),
    };
    json!({"metadata": {"name": format!("policy-{number}"), "namespace": namespace}, "spec": spec})
}

fn pod(number: usize) -> Value {
    let tier = ["front", "back", "batch"][below(number, 6, 3)];
    let ip = format!("10.{}.{}.{}", number >> 16, number >> 8 & 255, number & 255);
    json!({
        "metadata": {
            "name": format!("pod-{number}"),
            "namespace": namespace_name(below(number, 4, NAMESPACES)),
            "labels": {
                "app": format!("app-{}", below(number, 5, 8)),
                "tier": tier,
                "pod-template-hash": format!("{:x}", below(number, 7, 1 << 30)),
                "version": format!("v{}", below(number, 8, 20)),
            },
        },
        "spec": {
            "nodeName": format!("node-{}", below(number, 9, 100)),
            "hostNetwork": below(number, 10, 50) == 0,
            "containers": [{"ports": [
                {"name": "web", "containerPort": 8080},
                {"name": "metrics", "containerPort": 9090},
            ]}],
        },
        "status": {"podIP": ip, "hostIP": format!("192.168.0.{}", below(number, 9, 100))},
    })
}

fn endpoint(number: usize) -> Endpoint {
    read::<Pod>(&pod(number)).into()
}

fn dns_server(number: usize) -> Endpoint {
    let mut server = pod(number);
    server["metadata"]["namespace"] = json!("kube-system");
    server["metadata"]["labels"] = json!({"k8s-app": "kube-dns"});
    server["spec"]["hostNetwork"] = json!(false);
    read::<Pod>(&server).into()
}

fn flow(number: usize) -> (usize, usize, Protocol, u16) {
    let protocol = [Protocol::Tcp, Protocol::Udp][below(number, 11, 2)];
    let port = [53, 8080, 9090, 443][below(number, 12, 4)];
    (
        below(number, 13, PODS),
        below(number, 14, PODS),
        protocol,
        port,
    )
}
