//! The mistakes that cut pods off from DNS, each with what is said and what mends it.

use digpod_netpol::{
    Assumption, Endpoint, Explanation, FailedTest, Flow, Namespace, NetworkPolicy, Pass, Pod,
    PolicySet, Protocol, RuleId, ServicePort, TrapKind, Verdict,
};

fn policy(yaml: &str) -> NetworkPolicy {
    let text = format!(
        "metadata: {{name: web, namespace: shop}}\nspec:\n  podSelector: {{}}\n  policyTypes: [Egress]\n{yaml}"
    );
    serde_saphyr::from_str(&text).expect("a policy")
}

fn pod(yaml: &str) -> Endpoint {
    let pod: Pod = serde_saphyr::from_str(yaml).expect("a pod");
    pod.into()
}

fn client() -> Endpoint {
    pod("
metadata: {name: web-1, namespace: shop, labels: {app: web}}
spec: {nodeName: node-a}
status: {podIP: 10.0.0.5, hostIP: 192.168.1.1}")
}

fn dns(port: u16) -> Endpoint {
    pod(&format!(
        "
metadata: {{name: coredns-1, namespace: kube-system, labels: {{k8s-app: kube-dns, pod-template-hash: 5d78c}}}}
spec: {{nodeName: node-b, containers: [{{ports: [{{name: dns, protocol: UDP, containerPort: {port}}}]}}]}}
status: {{podIP: 10.0.1.6, hostIP: 192.168.1.2}}"
    ))
}

fn set(policies: impl IntoIterator<Item = NetworkPolicy>) -> PolicySet {
    PolicySet::compile(
        policies,
        [Namespace::new("shop"), Namespace::new("kube-system")],
    )
}

fn ask(set: &PolicySet, to: &Endpoint, protocol: Protocol, port: u16) -> Explanation {
    set.explain(&Flow {
        from: &client(),
        to,
        protocol,
        port,
    })
}

/// The only miss: what failed, where, and why.
fn only_miss(found: &Explanation) -> (FailedTest, &str, &str) {
    assert!(matches!(found.verdict, Verdict::Denied(_)), "{found:#?}");
    let [miss] = found.egress.misses.as_slice() else {
        panic!("{found:#?}")
    };
    (miss.test, &miss.pointer, &miss.sentence)
}

#[test]
fn without_policies_everything_passes() {
    let found = ask(&set([]), &dns(53), Protocol::Udp, 53);
    let Verdict::Allowed(reading) = found.verdict else {
        panic!("{found:#?}")
    };
    assert_eq!(reading.egress, Some(Pass::NotIsolated));
    assert_eq!(reading.ingress, Some(Pass::NotIsolated));
}

#[test]
fn the_rule_that_allows_is_named() {
    let set = set([
        policy("  egress: []"),
        policy("  egress:\n  - ports: [{port: 443}]\n  - ports: [{port: 53, protocol: UDP}]"),
    ]);
    let found = ask(&set, &dns(53), Protocol::Udp, 53);
    let rule = RuleId {
        policy: 1,
        rule: 1,
        direction: digpod_netpol::Direction::Egress,
    };
    assert_eq!(found.egress.pass, Some(Pass::Rule(rule)));
    assert_eq!(rule.pointer(), "/spec/egress/1");
}

#[test]
fn an_empty_egress_list_denies_everything_and_the_fix_allows_dns_over_both_protocols() {
    let found = ask(&set([policy("  egress: []")]), &dns(53), Protocol::Udp, 53);
    assert!(matches!(found.verdict, Verdict::Denied(_)));
    assert_eq!(
        found.egress.isolating[0].sentence,
        "shop/web selects pod shop/web-1 and has no egress rule: it allows nothing"
    );
    let fix = found.egress.fix.expect("a fix");
    assert_eq!(fix.sentence, "add this to spec.egress of shop/web");
    assert_eq!(fix.pointer(), "/spec/egress/-");
    assert_eq!(
        fix.yaml(),
        "- to:
    - namespaceSelector:
        matchLabels:
          kubernetes.io/metadata.name: kube-system
      podSelector:
        matchLabels:
          k8s-app: kube-dns
  ports:
    - protocol: UDP
      port: 53
    - protocol: TCP
      port: 53
"
    );
}

#[test]
fn a_port_without_a_protocol_forgets_udp() {
    let set = set([policy("  egress:\n  - ports: [{port: 53}]")]);
    let found = ask(&set, &dns(53), Protocol::Udp, 53);
    assert_eq!(
        only_miss(&found),
        (
            FailedTest::Protocol,
            "/spec/egress/0/ports/0",
            "port 53 has no protocol, which means TCP; UDP is not allowed"
        )
    );
    let fix = &found.egress.misses[0].fix;
    assert_eq!(fix.pointer(), "/spec/egress/0/ports/-");
    assert_eq!(fix.yaml(), "- protocol: UDP\n  port: 53\n");
    let trap = &set.traps()[0];
    assert_eq!(trap.kind, TrapKind::OneProtocolForDns);
    assert_eq!(trap.pointer, "/spec/egress/0/ports/0");
    let tcp = ask(&set, &dns(53), Protocol::Tcp, 53);
    assert!(matches!(tcp.verdict, Verdict::Allowed(_)));
}

#[test]
fn policies_see_the_port_of_the_pod_not_of_the_service() {
    let set = set([policy("  egress:\n  - ports: [{port: 53, protocol: UDP}]")]);
    let found = ask(&set, &dns(5353), Protocol::Udp, 5353);
    assert_eq!(
        only_miss(&found),
        (
            FailedTest::Port,
            "/spec/egress/0/ports/0/port",
            "port 53 is allowed, and the pod listens on 5353: policies see the pod's port, after the Service has translated its own"
        )
    );
}

#[test]
fn a_named_port_follows_the_pod() {
    let set = set([policy("  egress:\n  - ports: [{port: dns, protocol: UDP}]")]);
    for port in [53, 5353] {
        let found = ask(&set, &dns(port), Protocol::Udp, port);
        assert!(matches!(found.verdict, Verdict::Allowed(_)), "{port}");
    }
}

#[test]
fn two_list_items_are_alternatives() {
    let set = set([policy(
        "  egress:
  - to:
    - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: dns}}
    - podSelector: {matchLabels: {k8s-app: kube-dns}}",
    )]);
    let found = ask(&set, &dns(53), Protocol::Udp, 53);
    let misses: Vec<_> = found
        .egress
        .misses
        .iter()
        .map(|miss| (miss.pointer.as_str(), miss.sentence.as_str()))
        .collect();
    assert_eq!(
        misses,
        [
            (
                "/spec/egress/0/to/0/namespaceSelector",
                "the namespaceSelector asks for kubernetes.io/metadata.name=dns; namespace kube-system has kubernetes.io/metadata.name=kube-system"
            ),
            (
                "/spec/egress/0/to/1",
                "a podSelector alone selects pods of the policy's own namespace, shop; pod kube-system/coredns-1 is in kube-system. Another item of the list selects namespaces: items are alternatives, and only selectors within one item go together"
            ),
        ]
    );
    let kinds: Vec<_> = set.traps().into_iter().map(|trap| trap.kind).collect();
    assert_eq!(kinds, [TrapKind::SplitPeer, TrapKind::SelectsNoNamespace]);
}

#[test]
fn a_namespace_label_that_nobody_set_selects_nothing() {
    let set = set([policy(
        "  egress:\n  - to: [{namespaceSelector: {matchLabels: {name: kube-system}}}]",
    )]);
    let found = ask(&set, &dns(53), Protocol::Udp, 53);
    let (test, pointer, sentence) = only_miss(&found);
    assert_eq!(test, FailedTest::Namespace);
    assert_eq!(pointer, "/spec/egress/0/to/0/namespaceSelector");
    assert_eq!(
        sentence,
        "the namespaceSelector asks for name=kube-system; namespace kube-system has kubernetes.io/metadata.name=kube-system. Of a namespace's labels only kubernetes.io/metadata.name is set by Kubernetes itself"
    );
}

#[test]
fn a_label_that_the_dns_pods_do_not_have_is_shown_beside_theirs() {
    let set = set([policy(
        "  egress:\n  - to: [{namespaceSelector: {}, podSelector: {matchLabels: {k8s-app: coredns}}}]",
    )]);
    let found = ask(&set, &dns(53), Protocol::Udp, 53);
    assert_eq!(
        only_miss(&found),
        (
            FailedTest::Pod,
            "/spec/egress/0/to/0/podSelector",
            "the podSelector asks for k8s-app=coredns; pod kube-system/coredns-1 has k8s-app=kube-dns, pod-template-hash=5d78c"
        )
    );
}

#[test]
fn a_link_local_cache_needs_a_block_and_hangs_on_the_plugin() {
    let set = set([policy("  egress:\n  - to: [{namespaceSelector: {}}]")]);
    let cache = Endpoint::Ip("169.254.20.10".parse().expect("an address"));
    let found = ask(&set, &cache, Protocol::Udp, 53);
    let Verdict::Undetermined {
        depends_on, usual, ..
    } = found.verdict
    else {
        panic!("{found:#?}")
    };
    assert!(!usual.is_allowed());
    assert_eq!(
        depends_on.iter().collect::<Vec<_>>(),
        [Assumption::OwnNodeIsAlwaysAllowed]
    );
    let miss = &found.egress.misses[0];
    assert_eq!(miss.test, FailedTest::NotAPod);
    assert_eq!(miss.fix.yaml(), "- ipBlock:\n    cidr: 169.254.20.10/32\n");
    let settled = set.assuming(Assumption::OwnNodeIsAlwaysAllowed, false);
    let found = ask(&settled, &cache, Protocol::Udp, 53);
    assert!(matches!(found.verdict, Verdict::Denied(_)));
}

#[test]
fn a_block_that_holds_only_the_service_address_hangs_on_the_plugin() {
    let set = set([policy(
        "  egress:\n  - {to: [{ipBlock: {cidr: 10.96.0.10/32}}], ports: [{port: 53, protocol: UDP}]}",
    )]);
    let backends = [(dns(53), 53)];
    let service = ServicePort {
        address: "10.96.0.10".parse().expect("an address"),
        protocol: Protocol::Udp,
        port: 53,
        backends: &backends,
    };
    let [verdict] = set.service(&client(), &service)[..] else {
        panic!("one pod, one verdict")
    };
    let Verdict::Undetermined {
        depends_on, usual, ..
    } = verdict
    else {
        panic!("{verdict:#?}")
    };
    assert!(depends_on.has(Assumption::BeforeServiceTranslation));
    assert!(!usual.is_allowed());
    let before = set.assuming(Assumption::BeforeServiceTranslation, true);
    assert!(matches!(
        before.service(&client(), &service)[..],
        [Verdict::Allowed(_)]
    ));
}

#[test]
fn a_block_hangs_on_the_plugin_where_it_must_match_a_pod() {
    let set = set([policy("  egress:\n  - to: [{ipBlock: {cidr: 0.0.0.0/0}}]")]);
    let found = ask(&set, &dns(53), Protocol::Udp, 53);
    let Verdict::Undetermined {
        depends_on, usual, ..
    } = found.verdict
    else {
        panic!("{found:#?}")
    };
    assert!(depends_on.has(Assumption::BlocksMatchPods));
    assert!(usual.is_allowed());
}

#[test]
fn dns_servers_in_their_node_s_network_need_a_block() {
    let set = set([policy(
        "  egress:\n  - to: [{namespaceSelector: {}, podSelector: {matchLabels: {k8s-app: kube-dns}}}]",
    )]);
    let mut server = dns(53);
    if let Endpoint::Pod(pod) = &mut server {
        pod.host_network = true;
        pod.ips = pod.host_ips.clone();
    }
    let found = ask(&set, &server, Protocol::Udp, 53);
    let Verdict::Undetermined {
        depends_on, usual, ..
    } = found.verdict
    else {
        panic!("{found:#?}")
    };
    assert!(depends_on.has(Assumption::HostNetworkIsSelected));
    assert!(!usual.is_allowed());
    assert_eq!(
        found.egress.misses[0].fix.yaml(),
        "- ipBlock:\n    cidr: 192.168.1.2/32\n"
    );
}

#[test]
fn ingress_of_the_dns_servers_counts_too_and_its_fix_lets_everyone_in() {
    let mut only_own: NetworkPolicy = policy("  ingress: [{from: [{podSelector: {}}]}]");
    only_own.metadata.namespace = Some("kube-system".to_owned());
    only_own.spec.policy_types = None;
    let found = ask(&set([only_own]), &dns(53), Protocol::Udp, 53);
    assert!(found.egress.pass.is_some());
    assert_eq!(found.ingress.misses[0].pointer, "/spec/ingress/0/from/0");
    let fix = found.ingress.fix.expect("a fix");
    assert_eq!(
        fix.yaml(),
        "- from:
    - namespaceSelector: {}
  ports:
    - protocol: UDP
      port: 53
    - protocol: TCP
      port: 53
"
    );
}

#[test]
fn probes_from_a_pod_s_own_node_always_pass() {
    let mut closed: NetworkPolicy = policy("  ingress: []");
    closed.metadata.namespace = Some("kube-system".to_owned());
    closed.spec.policy_types = None;
    let set = set([closed]);
    let (node, other) = (
        Endpoint::Ip("192.168.1.2".parse().expect("an address")),
        Endpoint::Ip("192.168.1.1".parse().expect("an address")),
    );
    let server = dns(53);
    let from = |from| {
        set.verdict(&Flow {
            from,
            to: &server,
            protocol: Protocol::Tcp,
            port: 8181,
        })
    };
    assert!(matches!(from(&node), Verdict::Allowed(_)));
    assert!(matches!(from(&other), Verdict::Denied(_)));
}

#[test]
fn labels_of_a_namespace_that_was_not_seen_leave_it_open() {
    let policy = policy("  egress:\n  - to: [{namespaceSelector: {matchLabels: {team: dns}}}]");
    let set = PolicySet::compile([policy], [Namespace::new("shop")]);
    let found = ask(&set, &dns(53), Protocol::Udp, 53);
    let Verdict::Undetermined { depends_on, .. } = found.verdict else {
        panic!("{found:#?}")
    };
    let assumption = depends_on.iter().next().expect("one");
    assert_eq!(assumption, Assumption::UnseenLabelsMatch);
    assert!(!assumption.is_implementation_defined());
}

#[test]
fn what_the_api_server_refuses_is_said_in_its_words_and_matches_nothing() {
    let set = set([policy(
        "  egress:\n  - to: [{}, {ipBlock: {cidr: 10.0.0.0}}]\n    ports: [{port: dns, endPort: 60}]",
    )]);
    let problems: Vec<_> = set
        .problems()
        .into_iter()
        .map(|(_, problem)| (problem.pointer, problem.message, problem.effect))
        .collect();
    let problem =
        |pointer: &str, message: &str, effect| (pointer.to_owned(), message.to_owned(), effect);
    assert_eq!(
        problems,
        [
            problem(
                "/spec/egress/0/ports/0/endPort",
                "spec.egress[0].ports[0].endPort: Invalid value: 60: may not be specified when `port` is non-numeric",
                "endPort is skipped"
            ),
            problem(
                "/spec/egress/0/to/0",
                "spec.egress[0].to[0]: Required value: must specify a peer",
                "the peer matches nobody"
            ),
            problem(
                "/spec/egress/0/to/1/ipBlock/cidr",
                "spec.egress[0].to[1].ipBlock.cidr: Invalid value: \"10.0.0.0\": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)",
                "the ipBlock holds no address"
            ),
        ]
    );
    let found = ask(&set, &dns(53), Protocol::Udp, 53);
    assert!(matches!(found.verdict, Verdict::Denied(_)));
}

#[test]
fn rules_that_policy_types_leaves_out_have_no_effect() {
    let mut policy = policy("  egress: [{}]\n  ingress: [{}]");
    let types = |set: &PolicySet| -> Vec<_> {
        let traps = set.traps().into_iter();
        traps.map(|trap| (trap.kind, trap.pointer)).collect()
    };
    assert_eq!(
        types(&set([policy.clone()])),
        [(TrapKind::RulesWithoutType, "/spec/ingress".to_owned())]
    );
    policy.spec.policy_types = None;
    policy.spec.egress = Some(Vec::new());
    assert_eq!(
        types(&set([policy])),
        [(TrapKind::EmptyEgressWithoutType, "/spec/egress".to_owned())]
    );
}
