//! Where everything lies, and the addresses of the closed network.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Result, bail, ensure};

use crate::{setup, step};

/// A host of the closed network: the control plane, a node, or a DNS server outside the cluster.
pub(super) struct Member {
    pub(super) name: &'static str,
    pub(super) address: &'static str,
    pub(super) kind: Kind,
}

/// What a member runs: the folder of tests/e2e with its `start.sh`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Control,
    Node {
        /// Addresses of its pods.
        pods: &'static str,
    },
    Dns,
}

impl Kind {
    pub(super) fn folder(self) -> &'static str {
        match self {
            Self::Control => "control",
            Self::Node { .. } => "node",
            Self::Dns => "dns",
        }
    }
}

/// What the members' bridge has for an address; packets to the world end there.
pub(super) const GATEWAY: &str = "172.29.0.1";
/// Addresses of Services, the kubelets' address for DNS, all pods.
pub(super) const SERVICES: &str = "10.0.0.0/16";
pub(super) const API_SERVICE: &str = "10.0.0.1";
pub(super) const CLUSTER_DNS: &str = "10.0.0.10";
pub(super) const PODS: &str = "10.244.0.0/16";

/// All members; a member's network namespace is `digpod-e2e-NAME`.
pub(super) const MEMBERS: [Member; 5] = [
    member("control", "172.29.0.10", Kind::Control),
    member("custom", "172.29.0.53", Kind::Dns),
    member("public", "172.29.0.54", Kind::Dns),
    member(
        "node1",
        "172.29.0.21",
        Kind::Node {
            pods: "10.244.1.0/24",
        },
    ),
    member(
        "node2",
        "172.29.0.22",
        Kind::Node {
            pods: "10.244.2.0/24",
        },
    ),
];

const fn member(name: &'static str, address: &'static str, kind: Kind) -> Member {
    Member {
        name,
        address,
        kind,
    }
}

/// A member by its name.
pub(super) fn named(name: &str) -> Result<&'static Member> {
    match MEMBERS.iter().find(|member| member.name == name) {
        Some(member) => Ok(member),
        None => bail!(
            "there is no member {name:?}; there are: {}",
            MEMBERS.map(|member| member.name).join(", ")
        ),
    }
}

/// The nodes and the addresses of their pods.
pub(super) fn nodes() -> impl Iterator<Item = (&'static Member, &'static str)> {
    MEMBERS.iter().filter_map(|member| match member.kind {
        Kind::Node { pods } => Some((member, pods)),
        _ => None,
    })
}

/// Folders.
pub(super) struct Places {
    /// tests/e2e.
    pub(super) material: PathBuf,
    /// Everything that a running cluster writes.
    pub(super) state: PathBuf,
    /// Programs and images; they stay.
    pub(super) cache: PathBuf,
}

impl Places {
    pub(super) fn new() -> Self {
        let cache = std::env::var_os("DIGPOD_E2E_CACHE").map(PathBuf::from);
        let home = || {
            let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
            cache.or_else(|| std::env::home_dir().map(|home| home.join(".cache")))
        };
        Self {
            material: step::root().join("tests/e2e"),
            state: step::target_dir().join("e2e"),
            cache: cache
                .or_else(|| home().map(|home| home.join("digpod-e2e")))
                .unwrap_or_else(|| step::target_dir().join("e2e-cache")),
        }
    }

    pub(super) fn kubeconfig(&self) -> PathBuf {
        self.state.join("pki/admin.kubeconfig")
    }

    /// Where a member writes.
    pub(super) fn of(&self, member: &str) -> PathBuf {
        self.state.join(member)
    }

    /// Why this machine cannot run the cluster; installs what it may.
    pub(super) fn check(&self) -> Result<()> {
        ensure!(
            cfg!(all(target_os = "linux", target_arch = "x86_64")),
            "it runs on Linux on x86_64 only"
        );
        ensure!(setup::is_root(), "it needs root (namespaces, mounts)");
        ensure!(step::has("go"), "it needs Go, which builds Kubernetes");
        ensure!(
            Path::new("/sys/fs/cgroup/memory").is_dir(),
            "it needs the controllers of cgroup v1 (here is v2); name a cluster with --kubeconfig"
        );
        let may = ["--net", "--mount", "--pid", "--fork", "true"];
        ensure!(
            Command::new("unshare")
                .args(may)
                .stderr(Stdio::null())
                .status()
                .is_ok_and(|it| it.success()),
            "it may not make network, mount and process namespaces (unshare)"
        );
        for hidden in ["/etc", "/var", "/run"] {
            ensure!(
                !self.state.starts_with(hidden) && !self.cache.starts_with(hidden),
                "nodes have a {hidden} of their own, so neither {} nor {} may lie there \
                 (CARGO_TARGET_DIR, DIGPOD_E2E_CACHE)",
                self.state.display(),
                self.cache.display()
            );
        }
        let why = "the cluster on this machine";
        for (program, package) in [
            ("containerd", "containerd"),
            ("runc", "runc"),
            ("iptables", "iptables"),
            ("ipset", "ipset"),
            ("busybox", "busybox-static"),
            ("openssl", "openssl"),
            ("ip", "iproute2"),
            ("kubectl", "kubernetes-client"),
        ] {
            if program == "containerd" && !step::has(program) {
                never_as_a_service();
            }
            setup::program(program, &[package], why)?;
        }
        if !Path::new("/usr/lib/cni/bridge").is_file() {
            ensure!(setup::may_install(), "it needs containernetworking-plugins");
            setup::apt(&["containernetworking-plugins"])?;
        }
        Ok(())
    }
}

/// Debian's package starts containerd for the whole machine where systemd runs; nodes have their own.
fn never_as_a_service() {
    if Path::new("/run/systemd/system").is_dir() {
        let _ = Command::new("systemctl")
            .args(["mask", "containerd.service"])
            .status();
    }
}
