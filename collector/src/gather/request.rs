//! What a run is to gather, by its flags.

use super::{WhichNodes, WorkingPod};

/// What to gather.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// Namespace of the failing pod.
    pub(crate) namespace: String,
    /// The failing pod.
    pub(crate) pod: Option<String>,
    /// Labels of the failing pods.
    pub(crate) selector: Option<String>,
    /// A pod that resolves.
    pub(crate) working_pod: Option<WorkingPod>,
    /// Logs no older than this, in seconds.
    pub(crate) since: Option<u64>,
    /// Bytes of all logs together.
    pub(crate) log_budget: u64,
    /// Nodes to read beside those of CoreDNS and the failing pod.
    pub(crate) nodes: WhichNodes,
    /// Whether files may be read in the failing pod.
    pub(crate) exec: bool,
    /// Whether the kubelets are asked for their settings.
    pub(crate) kubelet_config: bool,
}
