//! The probe's pod, made to sleep in another image until the probe comes.

use digpod_probe::Plan;
use serde_json::{Value, json};

use super::START;

/// Where the probe's program goes; the image itself stays read-only.
const FOLDER: &str = "/digpod";
/// Of the volume.
const VOLUME: &str = "digpod-probe";

/// In memory: what a namespace allows of the node's disk may be less than the program has.
const ROOM: &str = "16Mi";

/// The same pod with this image, which is not pulled.
pub(super) fn sleeping(mut pod: Value, plan: &Plan, image: &str) -> Value {
    let spec = &mut pod["spec"];
    let before = spec["activeDeadlineSeconds"].as_u64().unwrap_or_default();
    let seconds = before + START.as_secs();
    spec["activeDeadlineSeconds"] = seconds.into();
    // There is no need to ask for it again.
    if let Some(spec) = spec.as_object_mut() {
        spec.remove("imagePullSecrets");
    }
    let mut env = vec![json!({
        "name": "DIGPOD_PLAN",
        "value": serde_json::to_string(plan).unwrap_or_default(),
    })];
    if let Some(node) = spec["nodeName"].as_str() {
        env.push(json!({"name": "NODE_NAME", "value": node}));
    }
    push(
        &mut spec["volumes"],
        json!({"name": VOLUME, "emptyDir": {"medium": "Memory", "sizeLimit": ROOM}}),
    );
    let container = &mut spec["containers"][0];
    container["image"] = image.into();
    container["imagePullPolicy"] = "Never".into();
    container["command"] = json!(["sh", "-c", format!("sleep {seconds}")]);
    container["env"] = env.into();
    if let Some(container) = container.as_object_mut() {
        container.remove("args");
    }
    push(
        &mut container["volumeMounts"],
        json!({"name": VOLUME, "mountPath": FOLDER}),
    );
    pod
}

fn push(list: &mut Value, item: Value) {
    match list {
        Value::Array(items) => items.push(item),
        other => *other = json!([item]),
    }
}
