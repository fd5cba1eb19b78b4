//! The slim shapes keep what may leave the cluster; these fields they cannot judge by themselves.

use digpod_bundle::k8s::{ObjectMeta, Pod, PodSpec};

/// Annotations that bear on DNS and hold nothing else.
const ANNOTATIONS: &[&str] = &[
    "kubectl.kubernetes.io/restartedAt",
    "deployment.kubernetes.io/revision",
];

/// Keeps only annotations of the allow-list, and no trace of writers that does not matter.
pub(crate) fn metadata(metadata: &mut ObjectMeta) {
    metadata
        .annotations
        .retain(|key, _| ANNOTATIONS.contains(&key.as_str()));
}

/// A pod: arguments are kept for DNS containers only.
pub(crate) fn pod(pod: &mut Pod, is_dns: bool) {
    metadata(&mut pod.metadata);
    pod.metadata.managed_fields.clear();
    spec(&mut pod.spec, is_dns);
    if !is_dns {
        // What a container said when it ended may be anything.
        let statuses = pod.status.container_statuses.iter_mut();
        for status in statuses.chain(&mut pod.status.init_container_statuses) {
            for state in [&mut status.state, &mut status.last_state] {
                if let Some(terminated) = &mut state.terminated {
                    terminated.message = None;
                }
            }
        }
    }
}

/// A pod's spec.
pub(crate) fn spec(spec: &mut PodSpec, is_dns: bool) {
    for container in spec.containers.iter_mut().chain(&mut spec.init_containers) {
        if !is_dns {
            container.args.clear();
            container.liveness_probe = None;
            container.readiness_probe = None;
        }
    }
}
