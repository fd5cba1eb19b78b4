//! Questions about a whole cluster: who cannot reach DNS, which labels count, what else is there.

use digpod_netpol::{
    Assumption, Effect, Endpoint, Enforcement, ForeignPolicy, Namespace, NetworkPolicy, Plugin,
    Pod, PolicySet, Protocol, Target, Verdict,
};
use serde_json::json;

fn policy(namespace: &str, spec: &serde_json::Value) -> NetworkPolicy {
    let object = json!({"metadata": {"name": "it", "namespace": namespace}, "spec": spec});
    serde_json::from_value(object).expect("a policy")
}

fn pod(namespace: &str, name: &str, labels: &[(&str, &str)]) -> Endpoint {
    let own = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    Endpoint::Pod(Pod {
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        labels: labels.iter().map(own).collect(),
        ips: vec!["10.0.0.1".parse().expect("an address")],
        ..Pod::default()
    })
}

/// Pods of `shop` with the label `tier: front` may send nothing.
fn set() -> PolicySet {
    let closed = policy(
        "shop",
        &json!({"podSelector": {"matchLabels": {"tier": "front"}}, "policyTypes": ["Egress"]}),
    );
    PolicySet::compile([closed], [Namespace::new("shop"), Namespace::new("dns")])
}

#[test]
fn pods_that_policies_treat_alike_are_one_group() {
    let set = set();
    let mut pods: Vec<Endpoint> = (0..50)
        .map(|number| {
            let tier = if number < 20 { "front" } else { "back" };
            let hash = format!("{number}");
            pod(
                "shop",
                &format!("web-{number}"),
                &[("tier", tier), ("pod-template-hash", &hash)],
            )
        })
        .collect();
    pods.push(pod("dns", "web-0", &[("tier", "front")]));
    pods.push(Endpoint::Ip("8.8.8.8".parse().expect("an address")));
    let mut ended = pods[0].clone();
    if let Endpoint::Pod(pod) = &mut ended {
        pod.finished = true;
    }
    pods.push(ended);

    let server = pod("dns", "coredns", &[("k8s-app", "kube-dns")]);
    let targets = [Protocol::Udp, Protocol::Tcp].map(|protocol| Target {
        to: &server,
        protocol,
        port: 53,
    });
    let reach = set.reach(&pods, &targets);
    let groups: Vec<_> = reach
        .groups
        .iter()
        .map(|group| {
            let tier = group.labels.get("tier").copied();
            (group.namespace, tier, group.pods, group.reaches_none())
        })
        .collect();
    assert_eq!(
        groups,
        [
            ("dns", None, 1, false),
            ("shop", Some("back"), 30, false),
            ("shop", Some("front"), 20, true),
        ]
    );
    assert_eq!(reach.groups[2].example.to_string(), "pod shop/web-0");
    assert_eq!((reach.finished, reach.not_pods), (1, 1));
}

#[test]
fn labels_count_too_where_a_namespace_was_not_seen() {
    let allow = policy(
        "dns",
        &json!({"ingress": [{"from": [{
            "namespaceSelector": {"matchLabels": {"team": "x"}},
            "podSelector": {"matchLabels": {"client": "x"}},
        }]}]}),
    );
    let set = PolicySet::compile([allow], [Namespace::new("dns")]);
    let server = pod("dns", "coredns", &[]);
    let target = Target {
        to: &server,
        protocol: Protocol::Udp,
        port: 53,
    };
    let pods = [pod("shop", "a", &[("client", "x")]), pod("shop", "b", &[])];
    let reach = set.reach(&pods, &[target]);
    let groups: Vec<_> = reach.groups.iter().map(|group| group.verdicts[0]).collect();
    assert!(
        matches!(
            groups[..],
            [Verdict::Denied(_), Verdict::Undetermined { .. }]
        ),
        "{groups:?}"
    );
}

#[test]
fn labels_count_where_some_policy_asks_for_them() {
    let allow = policy(
        "dns",
        &json!({"podSelector": {"matchExpressions": [{"key": "k8s-app", "operator": "Exists"}]},
        "ingress": [{"from": [
            {"podSelector": {"matchLabels": {"own": "x"}}},
            {"podSelector": {"matchLabels": {"client": "x"}},
             "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "shop"}}},
        ]}]}),
    );
    let set = PolicySet::compile(
        set().policies().iter().cloned().chain([allow]),
        [Namespace::new("shop"), Namespace::new("dns")],
    );
    let keys = |namespace| {
        set.selected_label_keys(namespace)
            .into_iter()
            .collect::<Vec<_>>()
    };
    assert_eq!(keys("shop"), ["client", "tier"]);
    assert_eq!(keys("dns"), ["k8s-app", "own"]);
    assert!(keys("elsewhere").is_empty());
}

#[test]
fn what_is_known_of_a_plugin_settles_verdicts() {
    let plugin = |name| Plugin::recognize(name).expect("a plugin");
    assert_eq!(plugin("kube-flannel-ds").enforcement, Enforcement::No);
    assert_eq!(Plugin::recognize("kube-proxy"), None);
    let open = policy(
        "shop",
        &json!({"policyTypes": ["Egress"], "egress": [{"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}]}),
    );
    let set = PolicySet::compile([open], [Namespace::new("shop"), Namespace::new("dns")]);
    let (from, to) = (pod("shop", "web", &[]), pod("dns", "coredns", &[]));
    let allowed = |set: &PolicySet| {
        let flow = digpod_netpol::Flow {
            from: &from,
            to: &to,
            protocol: Protocol::Udp,
            port: 53,
        };
        let verdict = set.verdict(&flow);
        (
            verdict.usually_allowed(),
            matches!(verdict, Verdict::Undetermined { .. }),
        )
    };
    assert_eq!(allowed(&set), (Some(true), true));
    assert!(Assumption::BlocksMatchPods.usual());
    assert_eq!(
        allowed(&set.clone().with_plugin(&plugin("calico-node"))),
        (Some(true), false)
    );
    assert_eq!(
        allowed(&set.with_plugin(&plugin("cilium"))),
        (Some(false), false)
    );
}

#[test]
fn policies_of_other_kinds_are_recognised() {
    let kind = |version, kind| ForeignPolicy::recognize(version, kind).map(|it| it.effect);
    assert_eq!(
        kind("policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicy"),
        Some(Effect::Precedes)
    );
    assert_eq!(
        kind("cilium.io/v2", "CiliumNetworkPolicy"),
        Some(Effect::StandsBeside)
    );
    assert_eq!(
        kind("crd.projectcalico.org/v1", "NetworkPolicy"),
        Some(Effect::StandsBeside)
    );
    assert_eq!(kind("networking.k8s.io/v1", "NetworkPolicy"), None);
}
