//! The parts of a pod's status.

use serde_json::{Value, json};

use crate::json::{set, text};
use crate::time::{now, seconds};

/// The status of a container.
pub(super) fn status(container: &Value, state: &Value, ready: bool) -> Value {
    json!({
        "name": text(container, "name"),
        "image": text(container, "image"),
        "imageID": "",
        "containerID": format!("containerd://{}", text(container, "name")),
        "lastState": {},
        "state": state,
        "ready": ready,
        "started": ready,
        "restartCount": 0,
    })
}

/// A condition of a pod.
pub(super) fn condition(kind: &str, holds: bool, reason: &str) -> Value {
    let status = if holds { "True" } else { "False" };
    let mut condition = json!({
        "type": kind, "status": status, "lastProbeTime": null, "lastTransitionTime": seconds(now()),
    });
    if !reason.is_empty() {
        set(&mut condition, "reason", reason);
    }
    condition
}

/// The conditions of a pod that has a node.
pub(super) fn conditions(ready: bool, reason: &str) -> Vec<Value> {
    let always = ["PodReadyToStartContainers", "Initialized", "PodScheduled"];
    let always = always.into_iter().map(|kind| condition(kind, true, ""));
    let now = ["Ready", "ContainersReady"]
        .into_iter()
        .map(|kind| condition(kind, ready, reason));
    always.chain(now).collect()
}
