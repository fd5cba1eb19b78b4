//! What the kubelet's own package says of generated pods, against what we say.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use digpod_resolv::kubelet::{About, DnsConfig, DnsPolicy, Kubelet, Pod, SearchLimits, pod_dns};
use serde_json::{Value, json};

use super::random::Random;

/// Compares this many; the differences.
pub(crate) fn compare(program: &Path, count: usize) -> Vec<String> {
    let cases: Vec<(Kubelet, Pod)> = (0..count)
        .map(|index| case(&mut Random::new(0x6b75_6265 + index as u64)))
        .collect();
    let input: String = cases.iter().map(|case| to_json(case) + "\n").collect();
    let mut child = Command::new(program)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    let output = String::from_utf8(output.stdout).unwrap();
    let said: Vec<Value> = output
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(said.len(), cases.len(), "the kubelet's package died");
    cases
        .iter()
        .zip(said)
        .filter_map(|(case, said)| {
            let (ours, said) = (ours(case), normal(said));
            (ours != said).then(|| format!("{case:#?}\nours {ours}\nkubelet {said}"))
        })
        .collect()
}

fn ours((kubelet, pod): &(Kubelet, Pod)) -> Value {
    let none_is_null = |list: &[String]| {
        if list.is_empty() {
            Value::Null
        } else {
            json!(list)
        }
    };
    match pod_dns(kubelet, pod) {
        Err(_) => json!({"error": true}),
        Ok(dns) => {
            let mut options = dns.options.clone();
            options.sort();
            let events: Vec<Value> = dns
                .events
                .iter()
                .map(|event| {
                    json!({
                        "about": match event.about { About::Node => "node", About::Pod => "pod" },
                        "reason": event.reason,
                        "message": event.message,
                    })
                })
                .collect();
            json!({
                "servers": none_is_null(&dns.servers),
                "searches": none_is_null(&dns.searches),
                "options": none_is_null(&options),
                "events": events,
            })
        }
    }
}

/// Nil and empty lists are one to us.
fn normal(mut said: Value) -> Value {
    if said["error"] != "" {
        return json!({"error": true});
    }
    let fields = said.as_object_mut().unwrap();
    fields.remove("error");
    for list in ["servers", "searches", "options"] {
        if fields[list].as_array().is_some_and(Vec::is_empty) {
            fields.insert(list.into(), Value::Null);
        }
    }
    said
}

fn to_json((kubelet, pod): &(Kubelet, Pod)) -> String {
    let texts = |ips: &[std::net::IpAddr]| ips.iter().map(ToString::to_string).collect::<Vec<_>>();
    json!({
        "cluster_dns": texts(&kubelet.cluster_dns),
        "cluster_domain": kubelet.cluster_domain,
        "host": kubelet.host_resolv_conf,
        "node_ips": texts(&kubelet.node_ips),
        "name": pod.name,
        "namespace": pod.namespace,
        "uid": pod.uid,
        "policy": match pod.dns_policy {
            DnsPolicy::ClusterFirst => "ClusterFirst",
            DnsPolicy::ClusterFirstWithHostNet => "ClusterFirstWithHostNet",
            DnsPolicy::Default => "Default",
            DnsPolicy::None => "None",
        },
        "host_network": pod.host_network,
        "config": pod.dns_config.as_ref().map(|config| json!({
            "nameservers": config.nameservers,
            "searches": config.searches,
            "options": config.options.iter().map(|(name, value)| match value {
                Some(value) => json!({"name": name, "value": value}),
                None => json!({"name": name}),
            }).collect::<Vec<_>>(),
        })),
    })
    .to_string()
}

fn case(random: &mut Random) -> (Kubelet, Pod) {
    let ips = [
        "10.96.0.10",
        "169.254.20.10",
        "fd00:10:96::a",
        "10.0.0.10",
        "192.0.2.53",
    ];
    let addresses = |random: &mut Random, most: usize| {
        (0..random.below(most + 1))
            .map(|_| random.pick(&ips).parse().unwrap())
            .collect()
    };
    let kubelet = Kubelet {
        cluster_dns: addresses(random, 4),
        cluster_domain: (*random.pick(&[
            "cluster.local",
            "cluster.local",
            "corp.example",
            "",
            "k8s.example.",
        ]))
        .into(),
        host_resolv_conf: (!random.chance(10)).then(|| host(random)),
        node_ips: addresses(random, 2),
        limits: SearchLimits::EXPANDED,
    };
    let options = [
        ("ndots", Some("2")),
        ("ndots", None),
        ("timeout", Some("1")),
        ("rotate", None),
        ("edns0", Some("")),
        ("single-request-reopen", None),
    ];
    let config = DnsConfig {
        nameservers: (0..random.below(4))
            .map(|_| (*random.pick(&ips)).into())
            .collect(),
        searches: domains(random),
        options: (0..random.below(4))
            .map(|_| {
                let (name, value) = random.pick(&options);
                ((*name).into(), value.map(Into::into))
            })
            .collect(),
    };
    let policies = [
        DnsPolicy::ClusterFirst,
        DnsPolicy::ClusterFirst,
        DnsPolicy::ClusterFirstWithHostNet,
        DnsPolicy::Default,
        DnsPolicy::None,
    ];
    let pod = Pod {
        name: "web-0".into(),
        namespace: (*random.pick(&["shop", "default"])).into(),
        uid: "5d0f".into(),
        dns_policy: *random.pick(&policies),
        host_network: random.chance(30),
        dns_config: random.chance(50).then_some(config),
    };
    (kubelet, pod)
}

fn domains(random: &mut Random) -> Vec<String> {
    let known = [
        "corp.example",
        "corp.example.",
        ".",
        "a.example",
        "shop.svc.cluster.local",
        "cluster.local",
        "b",
    ];
    let count = [0, 0, 1, 2, 3, 5, 12, 40][random.below(8)];
    (0..count)
        .map(|index| match random.below(30) {
            0 => "l".repeat(254),
            1..=3 => format!(
                "{}{index}.example",
                "long-label-".repeat(random.below(18) + 1)
            ),
            4..=20 => format!("zone{index}.example"),
            _ => (*random.pick(&known)).to_owned(),
        })
        .collect()
}

fn host(random: &mut Random) -> String {
    let mut lines = Vec::new();
    for _ in 0..random.below(8) {
        let indent = random.pick(&["", "", "", " ", "\t"]);
        let line = match random.below(10) {
            0..=3 => format!("nameserver 192.0.2.{}", random.below(4)),
            4 if random.chance(30) => "nameserver".into(),
            4..=6 => format!("search {}", domains(random).join(" ")),
            7 => "options ndots:1 timeout:2 rotate timeout:3 edns0:".into(),
            8 => (*random.pick(&[
                "# comment",
                "; comment",
                "domain corp.example",
                "",
                "options",
            ]))
            .into(),
            _ => "options attempts:1 ndots:4 # odd".into(),
        };
        lines.push(format!("{indent}{line}"));
    }
    let newline = random.pick(&["\n", "\n", "\n", "\r\n"]);
    lines.join(newline)
}
