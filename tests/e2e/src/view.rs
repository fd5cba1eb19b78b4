//! What is there: every object of a cluster, every file of its nodes; to be compared before and after.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::cluster::Cluster;

/// Kinds whose objects a run must leave as they were. Events tell what happened and expire;
/// Leases are the nodes' heartbeats; metrics are measured, not stored.
const KINDS: &[&str] = &[
    "all",
    "configmaps",
    "endpoints",
    "endpointslices",
    "secrets",
    "serviceaccounts",
    "roles",
    "rolebindings",
    "clusterroles",
    "clusterrolebindings",
    "namespaces",
    "nodes",
    "networkpolicies",
    "resourcequotas",
    "limitranges",
    "poddisruptionbudgets",
    "persistentvolumeclaims",
];

/// All objects: their content but for what changes by itself.
#[track_caller]
pub fn objects(cluster: &Cluster) -> BTreeMap<String, String> {
    let mut objects = BTreeMap::new();
    for kind in KINDS {
        let output = cluster.kubectl(&["get", "-A", "-o", "json", kind]);
        if !output.status.success() {
            // A kind that this cluster does not serve; `all` is the same set before and after.
            assert!(cluster.is_simulated(), "{kind}: {output:?}");
            continue;
        }
        let list: Value = serde_json::from_slice(&output.stdout).unwrap();
        for mut object in list["items"].as_array().unwrap().iter().cloned() {
            let metadata = &object["metadata"];
            let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let name = format!(
                "{} {}/{}",
                word(&object["kind"]),
                word(&metadata["namespace"]),
                word(&metadata["name"])
            );
            settle(&mut object);
            objects.insert(name, format!("{object:#}"));
        }
    }
    objects
}

/// Takes out what a cluster changes by itself: a node's heartbeats and images.
fn settle(object: &mut Value) {
    if let Some(metadata) = object["metadata"].as_object_mut() {
        metadata.remove("resourceVersion");
        metadata.remove("managedFields");
    }
    if object["kind"] == "Node" {
        if let Some(status) = object["status"].as_object_mut() {
            // The list is put together anew by the kubelet every five minutes.
            status.remove("images");
        }
        for condition in object["status"]["conditions"]
            .as_array_mut()
            .into_iter()
            .flatten()
        {
            if let Some(condition) = condition.as_object_mut() {
                condition.remove("lastHeartbeatTime");
            }
        }
    }
}

/// What a pod can leave on a node, each file with its digest; where nodes cannot be reached, nothing.
///
/// Left out is what a node writes by itself: databases and logs of its daemons. The image was there
/// before: a pod that runs unpacks nothing anew.
#[track_caller]
pub fn nodes_files(cluster: &Cluster) -> BTreeMap<String, String> {
    // Written anew by daemons whatever pod runs: containerd's databases, the address that the network plugin gave
    // last, and the kubelet's checkpoints of admitted pods, which name one that is gone for some time. CoreDNS and
    // others go on logging: of a pod's log the name counts.
    const LIST: &str = r#"
        list() {
            # The arguments stay quoted: the shell would look up the pattern of pods' logs itself.
            find /etc /opt /run /var/lib/cni /var/lib/containerd /var/lib/kubelet /var/log /var/tmp -xdev \
                -path /var/lib/containerd/io.containerd.metadata.v1.bolt -prune -o \
                -path '/var/lib/containerd/*/metadata.db' -prune -o \
                -path '/var/lib/kubelet/*_pods_state' -prune -o \
                -path '/var/lib/cni/networks/*/last_reserved_ip.*' -prune -o "$@" 2>/dev/null
        }
        list -type f ! -path '/var/log/pods/*' -print0 | xargs -0 -r sha256sum 2>/dev/null
        list -path '/var/log/pods/*' -printf '%y %p %l\n'
        list ! -type f -printf '%y %p %l\n'
        true"#;
    let mut files = BTreeMap::new();
    for node in ["node1", "node2"] {
        let Some(listed) = cluster.on(node, LIST) else {
            return files;
        };
        for line in listed.lines() {
            let mut words = line.split_whitespace();
            let (Some(first), Some(second)) = (words.next(), words.next()) else {
                continue;
            };
            let rest = words.collect::<Vec<_>>().join(" ");
            files.insert(format!("{node} {second}"), format!("{first} {rest}"));
        }
    }
    files
}
