//! What is known about network plugins: whether they enforce policies, and how they read blocks.

use crate::set::PolicySet;
use crate::verdict::Assumption;

/// A network plugin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plugin {
    /// Its name.
    pub name: &'static str,
    /// Whether it enforces policies.
    pub enforcement: Enforcement,
    /// Whether its ipBlocks match pods, where known.
    pub blocks_match_pods: Option<bool>,
    /// Names of its `DaemonSet`.
    daemon_sets: &'static [&'static str],
}

/// Whether a plugin enforces policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enforcement {
    /// It does.
    Yes,
    /// It does not: policies are objects without effect.
    No,
    /// It depends on this.
    If(&'static str),
}

const fn plugin(
    name: &'static str,
    enforcement: Enforcement,
    blocks_match_pods: Option<bool>,
    daemon_sets: &'static [&'static str],
) -> Plugin {
    Plugin {
        name,
        enforcement,
        blocks_match_pods,
        daemon_sets,
    }
}

/// From the plugins' own documentation.
const PLUGINS: [Plugin; 13] = [
    plugin("Calico", Enforcement::Yes, Some(true), &["calico-node"]),
    plugin(
        "Canal",
        Enforcement::Yes,
        Some(true),
        &["canal", "rke2-canal"],
    ),
    // Its rules of addresses do not apply between two ends that it manages.
    plugin("Cilium", Enforcement::Yes, Some(false), &["cilium"]),
    plugin(
        "GKE Dataplane V2",
        Enforcement::Yes,
        Some(false),
        &["anetd"],
    ),
    plugin("Antrea", Enforcement::Yes, Some(true), &["antrea-agent"]),
    plugin("Azure NPM", Enforcement::Yes, None, &["azure-npm"]),
    plugin(
        "AWS VPC CNI",
        Enforcement::If("its network policy agent being switched on (enableNetworkPolicy)"),
        None,
        &["aws-node"],
    ),
    plugin("OVN-Kubernetes", Enforcement::Yes, None, &["ovnkube-node"]),
    plugin("OpenShift SDN", Enforcement::Yes, None, &["sdn"]),
    plugin(
        "kube-router",
        Enforcement::Yes,
        Some(true),
        &["kube-router"],
    ),
    plugin("Weave Net", Enforcement::Yes, None, &["weave-net"]),
    plugin(
        "Flannel",
        Enforcement::No,
        None,
        &["kube-flannel-ds", "kube-flannel"],
    ),
    plugin(
        "kindnet",
        Enforcement::If("kind 0.24 or newer"),
        None,
        &["kindnet"],
    ),
];

impl Plugin {
    /// Recognises a plugin by the name of its `DaemonSet`. A cluster may run two: Flannel for
    /// addresses and another for policies.
    pub fn recognize(daemon_set: &str) -> Option<Self> {
        PLUGINS
            .into_iter()
            .find(|plugin| plugin.daemon_sets.contains(&daemon_set))
    }
}

impl PolicySet {
    /// Settles what is known of the plugin.
    #[must_use]
    pub fn with_plugin(self, plugin: &Plugin) -> Self {
        match plugin.blocks_match_pods {
            Some(holds) => self.assuming(Assumption::BlocksMatchPods, holds),
            None => self,
        }
    }
}
