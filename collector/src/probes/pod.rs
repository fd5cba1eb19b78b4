//! The probe's pod: needs no privileges, passes Pod Security "restricted" (but on the node's
//! network or with its files), and ends by itself.

use std::collections::BTreeMap;

use digpod_bundle::k8s::{Pod, PodDnsConfig};
use digpod_probe::Plan;
use serde_json::{Value, json};

use super::mounts::Mount;
use super::size::Size;
use super::{Options, until};

/// Name of the container.
pub(super) const CONTAINER: &str = "probe";

/// Where a probe's pod stands.
#[derive(Clone, Debug, Default)]
pub(super) struct Place {
    pub(super) namespace: String,
    pub(super) node: Option<String>,
    pub(super) host_network: bool,
    /// `None`: the cluster's default.
    pub(super) dns_policy: Option<String>,
    pub(super) dns_config: Option<PodDnsConfig>,
    pub(super) service_account: Option<String>,
    /// The failing pod's; `None`: it goes to its node whatever keeps others away.
    pub(super) tolerations: Option<Value>,
    pub(super) labels: BTreeMap<String, String>,
    /// Files of the node.
    pub(super) mounts: Vec<Mount>,
    /// What only root may read there.
    pub(super) root: bool,
    /// Images of the failing pod, if it stands on the same node: they are there.
    pub(super) images: Vec<String>,
}

impl Place {
    /// Where the failing pod stands.
    pub(super) fn like(
        pod: Option<&Pod>,
        namespace: &str,
        labels: BTreeMap<String, String>,
    ) -> Self {
        let spec = pod.map(|pod| &pod.spec);
        Self {
            namespace: namespace.to_owned(),
            node: spec.and_then(|spec| spec.node_name.clone()),
            host_network: spec.is_some_and(|spec| spec.host_network),
            dns_policy: spec.and_then(|spec| spec.dns_policy.clone()),
            dns_config: spec.and_then(|spec| spec.dns_config.clone()),
            service_account: spec.and_then(|spec| spec.service_account_name.clone()),
            tolerations: spec
                .filter(|spec| !spec.tolerations.is_empty())
                .and_then(|spec| serde_json::to_value(&spec.tolerations).ok()),
            labels,
            images: images(pod),
            ..Self::default()
        }
    }
}

/// Images of a pod.
pub(super) fn images(pod: Option<&Pod>) -> Vec<String> {
    let containers = pod.into_iter().flat_map(|pod| &pod.spec.containers);
    containers.filter_map(|it| it.image.clone()).collect()
}

/// Time beyond a probe's own budget until the kubelet ends it, in seconds.
const GRACE_SECONDS: u32 = 45;
/// When the kubelet ends a probe that does not end itself, in seconds.
fn deadline(plan: &Plan) -> u64 {
    let asking = u64::from(plan.budget_ms.div_ceil(1_000)) + u64::from(GRACE_SECONDS);
    until::before_budget(plan).as_secs() + asking
}

/// The user that the probe runs as, and its group: nobody's.
const USER: u32 = 65_532;

/// The object to create.
pub(super) fn object(
    mut metadata: Value,
    place: &Place,
    plan: &Plan,
    options: &Options,
    size: &Size,
) -> Value {
    metadata["namespace"] = place.namespace.as_str().into();
    let plan_text = serde_json::to_string(plan).unwrap_or_default();
    let mut args = vec!["--plan".to_owned(), plan_text];
    if let Some(node) = &place.node {
        args.extend(["--node".to_owned(), node.clone()]);
    }
    let user = if place.root { 0 } else { USER };
    let mut spec = json!({
        "restartPolicy": "Never",
        "activeDeadlineSeconds": deadline(plan),
        "terminationGracePeriodSeconds": 1,
        "automountServiceAccountToken": false,
        "enableServiceLinks": false,
        // Nobody ever meets it: whatever labels the pod carries, no Service sends requests to it.
        "readinessGates": [{"conditionType": "digpod.io/never-ready"}],
        "securityContext": {
            "runAsNonRoot": !place.root,
            "runAsUser": user,
            "runAsGroup": user,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [{
            "name": CONTAINER,
            "image": options.image,
            "imagePullPolicy": "IfNotPresent",
            "args": args,
            "terminationMessagePolicy": "File",
            "resources": size.json(),
            "securityContext": {
                "allowPrivilegeEscalation": false,
                "readOnlyRootFilesystem": true,
                "capabilities": {"drop": ["ALL"]},
            },
        }],
    });
    if let Some(node) = &place.node {
        spec["nodeName"] = node.as_str().into();
        let any = || json!([{"operator": "Exists"}]);
        spec["tolerations"] = place.tolerations.clone().unwrap_or_else(any);
    }
    if place.host_network {
        spec["hostNetwork"] = true.into();
    }
    if let Some(policy) = &place.dns_policy {
        spec["dnsPolicy"] = policy.as_str().into();
    }
    if let Some(config) = &place.dns_config {
        spec["dnsConfig"] = serde_json::to_value(config).unwrap_or_default();
    }
    if let Some(account) = &place.service_account {
        spec["serviceAccountName"] = account.as_str().into();
    }
    if let Some(secret) = &options.pull_secret {
        spec["imagePullSecrets"] = json!([{"name": secret}]);
    }
    if !place.mounts.is_empty() {
        let volumes: Vec<Value> = place.mounts.iter().map(Mount::volume).collect();
        let mounts: Vec<Value> = place.mounts.iter().map(Mount::mount).collect();
        spec["volumes"] = volumes.into();
        spec["containers"][0]["volumeMounts"] = mounts.into();
    }
    if place.root {
        // Without it SELinux keeps even root in a container from the runtime's own files.
        spec["securityContext"]["seLinuxOptions"] = json!({"type": "spc_t"});
    }
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})
}
