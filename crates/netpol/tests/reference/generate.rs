//! Random clusters and policies that hit every feature, the same for the same seed.

use serde_json::{Map, Value, json};

use super::brute::Case;

/// Where choices come from.
pub(crate) trait Source {
    /// A number below `n`.
    fn below(&mut self, n: usize) -> usize;

    /// True `percent` times in a hundred.
    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }
}

/// What is generated.
#[derive(Clone, Copy)]
pub(crate) struct Kind {
    /// Also what the API server refuses.
    pub(crate) invalid: bool,
    /// Also what other evaluators know nothing of: unseen namespaces, ended pods, several addresses.
    pub(crate) everything: bool,
}

const NAMESPACES: [&str; 5] = ["default", "shop", "kube-system", "dns", "empty"];
const KEYS: [&str; 6] = [
    "app",
    "k8s-app",
    "tier",
    "role",
    "kubernetes.io/metadata.name",
    "example.com/team",
];
const VALUES: [&str; 8] = [
    "true",
    "",
    "web",
    "kube-dns",
    "db",
    "kube-system",
    "shop",
    "dns",
];
const PROTOCOLS: [&str; 3] = ["TCP", "UDP", "SCTP"];
const PORT_NAMES: [&str; 4] = ["dns", "dns-tcp", "web", "metrics"];
const PORTS: [u16; 7] = [53, 54, 80, 5353, 8053, 8080, 65535];
const IPS: [&str; 12] = [
    "10.0.0.5",
    "10.0.1.6",
    "10.0.1.7",
    "10.1.0.8",
    "192.168.1.1",
    "192.168.1.2",
    "169.254.20.10",
    "8.8.8.8",
    "fd00::5",
    "fd00::1:6",
    "2001:db8::1",
    "fe80::1",
];
const CIDRS: [&str; 17] = [
    "0.0.0.0/0",
    "10.0.0.0/8",
    "10.0.1.0/24",
    "10.0.1.6/32",
    "10.0.1.7/30",
    "192.168.1.0/24",
    "192.168.0.1/16",
    "169.254.20.10/32",
    "8.8.8.8/32",
    "::/0",
    "fd00::/8",
    "fd00::1:0/112",
    "2001:db8::/32",
    "fe80::/10",
    "::ffff:10.0.0.0/104",
    "010.0.0.0/8",
    "10.0.0.0/08",
];
const NODES: [&str; 2] = ["node-a", "node-b"];

/// Some cases on the same cluster.
pub(crate) fn cases(source: &mut impl Source, kind: Kind, count: usize) -> Vec<Case> {
    let policies: Vec<Value> = (0..=source.below(12))
        .map(|_| policy(source, kind))
        .collect();
    let mut namespaces = Vec::new();
    for name in NAMESPACES {
        if kind.everything && source.chance(15) {
            continue;
        }
        let mut labels = labels(source, 2);
        if source.chance(85) {
            labels.insert("kubernetes.io/metadata.name".to_owned(), json!(name));
        }
        namespaces.push(json!({"metadata": {"name": name, "labels": labels}}));
    }
    (0..count)
        .map(|_| {
            let from = endpoint(source, kind);
            let to = if source.chance(4) {
                from.clone()
            } else {
                endpoint(source, kind)
            };
            Case {
                policies: policies.clone(),
                namespaces: namespaces.clone(),
                from,
                to,
                protocol: source.pick(&PROTOCOLS).to_owned(),
                port: PORTS[source.below(PORTS.len())],
            }
        })
        .collect()
}

fn labels(source: &mut impl Source, most: usize) -> Map<String, Value> {
    let mut labels = Map::new();
    for _ in 0..source.below(most + 1) {
        labels.insert(source.pick(&KEYS).to_owned(), json!(source.pick(&VALUES)));
    }
    labels
}

fn endpoint(source: &mut impl Source, kind: Kind) -> Value {
    if source.chance(20) {
        return json!({"ip": source.pick(&IPS)});
    }
    let node = source.below(2);
    let host_network = source.chance(12);
    let node_ip = ["192.168.1.1", "192.168.1.2"][node];
    let mut ips = vec![if host_network {
        node_ip
    } else {
        source.pick(&IPS)
    }];
    if kind.everything && !host_network {
        match source.below(12) {
            0 => ips.clear(),
            1..4 => ips.push(source.pick(&IPS)),
            _ => {}
        }
    }
    let mut ports = Vec::new();
    for _ in 0..source.below(4) {
        let mut port = json!({"containerPort": PORTS[source.below(PORTS.len())]});
        if source.chance(70) {
            port["protocol"] = json!(source.pick(&PROTOCOLS));
        }
        if source.chance(80) {
            port["name"] = json!(source.pick(&PORT_NAMES));
        }
        ports.push(port);
    }
    let sidecar = ports.split_off(ports.len().min(2));
    let mut pod = json!({
        "kind": "Pod",
        "metadata": {
            "name": format!("pod-{}", source.below(9)),
            "namespace": source.pick(&NAMESPACES),
            "labels": labels(source, 3),
        },
        "spec": {"containers": [{"name": "a", "ports": ports}]},
        "status": {"phase": "Running"},
    });
    if !sidecar.is_empty() {
        let policy = source.pick(&["Always", "Never"]);
        pod["spec"]["initContainers"] = json!([{"ports": sidecar, "restartPolicy": policy}]);
    }
    if host_network {
        pod["spec"]["hostNetwork"] = json!(true);
    }
    if source.chance(80) {
        pod["spec"]["nodeName"] = json!(NODES[node]);
    }
    if source.chance(80) {
        pod["status"]["hostIP"] = json!(node_ip);
        pod["status"]["hostIPs"] = json!([{"ip": node_ip}]);
    }
    if let Some(first) = ips.first() {
        pod["status"]["podIP"] = json!(first);
        pod["status"]["podIPs"] = ips.iter().map(|ip| json!({"ip": ip})).collect();
    }
    if kind.everything && source.chance(4) {
        pod["status"]["phase"] = json!(source.pick(&["Succeeded", "Failed", "Pending"]));
    }
    pod
}

fn policy(source: &mut impl Source, kind: Kind) -> Value {
    let mut spec = Map::new();
    if source.chance(90) {
        spec.insert("podSelector".to_owned(), selector(source, kind));
    }
    let types = match source.below(7) {
        0 => None,
        1 => Some(json!([])),
        2 => Some(json!(["Ingress"])),
        3 | 4 => Some(json!(["Egress"])),
        _ => Some(json!(["Egress", "Ingress"])),
    };
    spec.extend(types.map(|types| ("policyTypes".to_owned(), types)));
    if kind.invalid && source.chance(3) {
        let types = [
            json!(["egress"]),
            json!(["Ingress", "Egress", "Egress"]),
            Value::Null,
        ];
        spec.insert("policyTypes".to_owned(), types[source.below(3)].clone());
    }
    for (field, peers) in [("ingress", "from"), ("egress", "to")] {
        let rules = match source.below(8) {
            0 | 1 => continue,
            2 if kind.invalid => Value::Null,
            2 | 3 => json!([]),
            _ => (0..=source.below(3))
                .map(|_| rule(source, kind, peers))
                .collect(),
        };
        spec.insert(field.to_owned(), rules);
    }
    let mut metadata = json!({"name": format!("policy-{}", source.below(99))});
    if source.chance(95) {
        metadata["namespace"] = json!(source.pick(&NAMESPACES[..4]));
    }
    json!({"metadata": metadata, "spec": spec})
}

pub(crate) fn rule(source: &mut impl Source, kind: Kind, peers: &str) -> Value {
    let mut rule = Map::new();
    match source.below(10) {
        0 | 1 => {}
        2 => {
            rule.insert(peers.to_owned(), json!([]));
        }
        3 if kind.invalid => {
            rule.insert(peers.to_owned(), Value::Null);
        }
        _ => {
            let list = (0..=source.below(3)).map(|_| peer(source, kind)).collect();
            rule.insert(peers.to_owned(), list);
        }
    }
    match source.below(10) {
        0..4 => {}
        4 => {
            rule.insert("ports".to_owned(), json!([]));
        }
        _ => {
            let list = (0..=source.below(3)).map(|_| port(source, kind)).collect();
            rule.insert("ports".to_owned(), list);
        }
    }
    Value::Object(rule)
}

fn peer(source: &mut impl Source, kind: Kind) -> Value {
    let mut peer = Map::new();
    let shape = source.below(if kind.invalid { 12 } else { 10 });
    if matches!(shape, 0..3 | 5..7 | 11) {
        peer.insert("podSelector".to_owned(), selector(source, kind));
    }
    if matches!(shape, 3..7 | 11) {
        peer.insert("namespaceSelector".to_owned(), selector(source, kind));
    }
    if matches!(shape, 7..=9 | 11) {
        peer.insert("ipBlock".to_owned(), block(source, kind));
    }
    Value::Object(peer)
}

fn block(source: &mut impl Source, kind: Kind) -> Value {
    let bad = [
        "10.0.0.0",
        "10.0.0.0/40",
        "",
        "fd00::/129",
        "300.0.0.0/8",
        "x",
    ];
    let cidr = |source: &mut dyn FnMut(usize) -> usize| {
        if kind.invalid && source(12) == 0 {
            bad[source(bad.len())]
        } else {
            CIDRS[source(CIDRS.len())]
        }
    };
    let mut below = |n| source.below(n);
    let whole = cidr(&mut below);
    let mut block = json!({"cidr": whole});
    let count = below(3);
    if count > 0 {
        let except: Vec<&str> = (0..count)
            .filter_map(|_| match (kind.invalid, whole) {
                (true, _) => Some(cidr(&mut below)),
                (false, "0.0.0.0/0" | "10.0.0.0/8") => {
                    Some(["10.0.1.0/24", "10.0.1.7/30", "10.0.0.5/32"][below(3)])
                }
                (false, "::/0" | "fd00::/8") => Some(["fd00::1:0/112", "fd00::5/128"][below(2)]),
                _ => None,
            })
            .collect();
        block["except"] = json!(except);
    }
    block
}

fn port(source: &mut impl Source, kind: Kind) -> Value {
    let mut port = Map::new();
    if source.chance(65) {
        port.insert("protocol".to_owned(), json!(source.pick(&PROTOCOLS)));
    }
    if kind.invalid && source.chance(3) {
        port.insert("protocol".to_owned(), json!("ICMP"));
    }
    match source.below(10) {
        0 | 1 => {}
        2..5 => {
            port.insert("port".to_owned(), json!(source.pick(&PORT_NAMES)));
        }
        _ => {
            let first = PORTS[source.below(PORTS.len())];
            port.insert("port".to_owned(), json!(first));
            if source.chance(30) {
                let last = u32::from(first) + [0, 1, 100, 9000][source.below(4)];
                port.insert("endPort".to_owned(), json!(last.min(65535)));
            }
        }
    }
    if kind.invalid && source.chance(8) {
        let ports = [
            json!(0),
            json!(70000),
            json!("53"),
            json!("no--name-"),
            json!("UPPER"),
            json!("one-letter-more1"),
            json!(""),
            json!(-1),
        ];
        port.insert("port".to_owned(), ports[source.below(ports.len())].clone());
    }
    if kind.invalid && source.chance(8) {
        port.insert("endPort".to_owned(), json!([1, 60, 70000][source.below(3)]));
    }
    Value::Object(port)
}

fn selector(source: &mut impl Source, kind: Kind) -> Value {
    let mut selector = Map::new();
    if source.chance(60) {
        let labels = labels(source, 2);
        selector.insert("matchLabels".to_owned(), Value::Object(labels));
    }
    if source.chance(35) {
        let tests = (0..source.below(3))
            .map(|_| requirement(source, kind))
            .collect();
        selector.insert("matchExpressions".to_owned(), tests);
    }
    if kind.invalid && source.chance(4) {
        let bad = [
            json!({"-app": "web"}),
            json!({"app": "-"}),
            json!({"a/b/c": "web"}),
            json!({"UP/x": "y"}),
            json!({"/x": "y"}),
            json!({"": "y"}),
            json!({"a".repeat(64): "y"}),
            json!({"app": "a".repeat(64)}),
            json!({format!("{}/x", "a".repeat(254)): "b".repeat(63)}),
            json!({format!("{}/x", "a.".repeat(9)): ".b"}),
        ];
        selector.insert(
            "matchLabels".to_owned(),
            bad[source.below(bad.len())].clone(),
        );
    }
    Value::Object(selector)
}

fn requirement(source: &mut impl Source, kind: Kind) -> Value {
    let mut operator = source.pick(&["In", "NotIn", "Exists", "DoesNotExist"]);
    let mut values = match operator {
        "In" | "NotIn" => 1 + source.below(3),
        _ => 0,
    };
    if kind.invalid && source.chance(10) {
        values = source.below(2);
    }
    if kind.invalid && source.chance(3) {
        operator = source.pick(&["in", "Equals", ""]);
    }
    let mut requirement = json!({"key": source.pick(&KEYS), "operator": operator});
    if values > 0 || source.chance(20) {
        let values: Vec<&str> = (0..values).map(|_| source.pick(&VALUES)).collect();
        requirement["values"] = json!(values);
    }
    requirement
}
