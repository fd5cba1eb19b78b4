//! Files of a node that bear on DNS: where they are, and how a pod mounts them.

pub(super) mod missing;

use digpod_bundle::k8s::{Node, Pod};
use digpod_probe::{File, FileKind};
use serde_json::{Value, json};

/// Where the node's files appear in the probe's container.
const ROOT: &str = "/host";

/// The files by what they are called in plan and output.
pub(super) const ETC_RESOLV_CONF: &str = "etc-resolv.conf";
pub(super) const SYSTEMD_RESOLVED: &str = "systemd-resolved.conf";
pub(super) const NETWORK_MANAGER: &str = "network-manager.conf";
pub(super) const LEASES: &str = "leases";
pub(super) const SANDBOXES: &str = "sandboxes";
pub(super) const LOCAL_DNS: &str = "localdns";

/// A read-only mount of a node's file or folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mount {
    /// Name of the volume.
    pub(super) volume: String,
    /// Path on the node.
    pub(super) path: String,
    /// Whether it is a folder.
    folder: bool,
    /// What is read of it.
    pub(super) files: Vec<File>,
}

impl Mount {
    /// Typed: of an untyped one that is missing the runtime would make a folder on the node.
    pub(super) fn volume(&self) -> Value {
        let kind = if self.folder { "Directory" } else { "File" };
        json!({"name": self.volume, "hostPath": {"path": self.path, "type": kind}})
    }

    pub(super) fn mount(&self) -> Value {
        json!({"name": self.volume, "mountPath": self.inside(), "readOnly": true})
    }

    fn inside(&self) -> String {
        format!("{ROOT}{}", self.path)
    }
}

/// Everything that a node may have, most important first, and whether root is needed for it.
pub(super) fn mounts(name: &str, node: Option<&Node>, dns_pods: &[Pod]) -> (Vec<Mount>, bool) {
    let mut all = vec![
        file("/etc/resolv.conf", ETC_RESOLV_CONF),
        file("/run/systemd/resolve/resolv.conf", SYSTEMD_RESOLVED),
    ];
    let runtime = Runtime::of(node);
    let hostnames: Vec<String> = on_node(name, dns_pods).map(hostname).collect();
    if !hostnames.is_empty() {
        let kind = FileKind::Sandboxes {
            hostnames,
            within: runtime.within.to_owned(),
        };
        all.push(folder(runtime.sandboxes, SANDBOXES, kind));
    }
    for path in ["/run/systemd/netif/leases", "/var/lib/dhcp"] {
        all.push(folder(path, LEASES, FileKind::DhcpLeases));
    }
    all.push(file(
        "/run/NetworkManager/no-stub-resolv.conf",
        NETWORK_MANAGER,
    ));
    if has_label(node, "kubernetes.azure.com/agentpool") {
        all.push(local_dns());
    }
    for (n, mount) in all.iter_mut().enumerate() {
        mount.volume = format!("file-{n}");
    }
    (all, runtime.root)
}

fn has_label(node: Option<&Node>, label: &str) -> bool {
    node.is_some_and(|node| node.metadata.labels.contains_key(label))
}

fn file(path: &str, id: &str) -> Mount {
    let mut mount = folder(path, id, FileKind::Text);
    mount.folder = false;
    mount
}

fn folder(path: &str, id: &str, kind: FileKind) -> Mount {
    let mut mount = Mount {
        volume: String::new(),
        path: path.to_owned(),
        folder: true,
        files: Vec::new(),
    };
    mount.files.push(File {
        id: id.to_owned(),
        path: mount.inside(),
        kind,
    });
    mount
}

/// AKS LocalDNS: what it is told, and what it made of it with the node's own servers.
fn local_dns() -> Mount {
    let mut mount = folder("/opt/azure/containers/localdns", LOCAL_DNS, FileKind::Text);
    let inside = mount.inside();
    let names = ["localdns.corefile", "updated.localdns.corefile"];
    mount.files = names
        .into_iter()
        .map(|name| File {
            id: format!("{LOCAL_DNS}/{name}"),
            path: format!("{inside}/{name}"),
            kind: FileKind::Text,
        })
        .collect();
    mount
}

/// Where a container runtime keeps what it gave to sandboxes.
struct Runtime {
    sandboxes: &'static str,
    within: &'static str,
    root: bool,
}

impl Runtime {
    fn of(node: Option<&Node>) -> Self {
        let info = node.map(|node| &node.status.node_info);
        let runtime = info.map_or("", |it| it.container_runtime_version.as_str());
        let kubelet = info.map_or("", |it| it.kubelet_version.as_str());
        let containerd = |sandboxes| Self {
            sandboxes,
            within: "",
            root: false,
        };
        if runtime.starts_with("cri-o") {
            return Self {
                sandboxes: "/run/containers/storage/overlay-containers",
                within: "userdata",
                root: true,
            };
        }
        // Its folder above is closed, so that the innermost one is mounted.
        if kubelet.contains("+k3s") {
            containerd("/var/lib/rancher/k3s/agent/containerd/io.containerd.grpc.v1.cri/sandboxes")
        } else if kubelet.contains("+rke2") {
            containerd("/var/lib/rancher/rke2/agent/containerd/io.containerd.grpc.v1.cri/sandboxes")
        } else {
            containerd("/var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes")
        }
    }
}

/// The node's DNS pods that have a sandbox of their own.
pub(super) fn on_node<'a>(name: &'a str, dns_pods: &'a [Pod]) -> impl Iterator<Item = &'a Pod> {
    dns_pods
        .iter()
        .filter(move |pod| pod.spec.node_name.as_deref() == Some(name) && !pod.spec.host_network)
}

/// A pod's host name: its name, unless it says otherwise.
pub(super) fn hostname(pod: &Pod) -> String {
    let name = pod.spec.hostname.as_ref().unwrap_or(&pod.metadata.name);
    name.chars().take(63).collect()
}
