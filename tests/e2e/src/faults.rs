//! Faults of the real cluster, put in and taken out again.

use std::time::Duration;

use crate::cluster::{Cluster, Guard};

/// The company's own server, which knows all names.
pub const CUSTOM: &str = "172.29.0.53";
/// The public one, which does not know the private zone.
pub const PUBLIC: &str = "172.29.0.54";
const NODES: [&str; 2] = ["node1", "node2"];

/// Both nodes ask the custom server alone, and CoreDNS took its list from them.
pub fn repaired(cluster: &Cluster) -> Guard<'_> {
    let lists = nodes_ask(cluster, &[CUSTOM], "");
    coredns_anew(cluster);
    Guard::new(move || {
        drop(lists);
        coredns_anew(cluster);
    })
}

/// Gives both nodes this list; CoreDNS goes on with its own.
pub fn nodes_ask<'a>(cluster: &'a Cluster, servers: &[&str], search: &str) -> Guard<'a> {
    let files = "/etc/resolv.conf /run/systemd/resolve/resolv.conf";
    let mut lines: Vec<String> = servers
        .iter()
        .map(|it| format!("nameserver {it}"))
        .collect();
    if !search.is_empty() {
        lines.push(format!("search {search}"));
    }
    let text = lines.join("\\n");
    // Lists may be laid over each other: each keeps the one that it found.
    let number = cluster.next_number();
    for node in NODES {
        let script = format!(
            "for file in {files}; do cp $file $file.was{number} && printf '{text}\\n' > $file; done"
        );
        cluster.on(node, &script);
    }
    Guard::new(move || {
        for node in NODES {
            let script = format!(
                "for file in {files}; do cat $file.was{number} > $file; rm $file.was{number}; done"
            );
            cluster.on(node, &script);
        }
    })
}

/// Makes the CoreDNS pods anew: the kubelet writes their resolv.conf when it makes them.
pub fn coredns_anew(cluster: &Cluster) {
    let names = [
        "-n",
        "kube-system",
        "delete",
        "pod",
        "-l",
        "k8s-app=kube-dns",
    ];
    cluster.ask(&[&names[..], &["--grace-period", "1"]].concat());
    let ready = ["-n", "kube-system", "rollout", "status", "deploy/coredns"];
    cluster.ask(&ready);
    // The Service's addresses reach the nodes a moment later.
    std::thread::sleep(Duration::from_secs(2));
}

/// A rule of a member's packet filter, without the word that adds it.
pub fn filter<'a>(cluster: &'a Cluster, member: &'a str, rule: &'a str) -> Guard<'a> {
    cluster.on(member, &format!("iptables -w -I {rule}"));
    Guard::new(move || {
        cluster.on(member, &format!("iptables -w -D {rule}"));
    })
}

/// A second address of the custom server, on which nobody ever answers.
pub fn silent_server(cluster: &Cluster) -> (&'static str, Guard<'_>) {
    const SILENT: &str = "172.29.0.55";
    let rule = "INPUT -d 172.29.0.55 -j DROP";
    cluster.on(
        "custom",
        &format!("ip address add {SILENT}/24 dev eth0; iptables -w -I {rule}"),
    );
    let guard = Guard::new(move || {
        cluster.on(
            "custom",
            &format!("iptables -w -D {rule}; ip address del {SILENT}/24 dev eth0"),
        );
    });
    (SILENT, guard)
}

/// CoreDNS forwards with this option and has noticed it.
pub fn forward_option<'a>(cluster: &'a Cluster, option: &str) -> Guard<'a> {
    let map = ["-n", "kube-system", "configmap", "coredns"];
    let before = cluster.get(&map)["data"]["Corefile"]
        .as_str()
        .expect("the ConfigMap has a Corefile")
        .to_owned();
    let plain = "forward . /etc/resolv.conf";
    let after = before.replace(plain, &format!("{plain} {{\n {option}\n }}"));
    set_corefile(cluster, &after);
    Guard::new(move || set_corefile(cluster, &before))
}

fn set_corefile(cluster: &Cluster, text: &str) {
    let patch = serde_json::json!({"data": {"Corefile": text}}).to_string();
    let set = [
        "-n",
        "kube-system",
        "patch",
        "configmap",
        "coredns",
        "-p",
        &patch,
    ];
    cluster.ask(&set);
    // Pods made anew have it at once; `reload` would take a minute or two.
    coredns_anew(cluster);
}
