//! Which images are on a node, and what is in them.

use serde_json::Value;

use crate::cluster::Cluster;
use crate::json::{list, text};
use crate::scenario::Settings;

/// Whether a container's image is not to be pulled and is not on the pod's node: neither among those
/// that the node tells of, nor in use by another pod there.
pub(super) fn absent(cluster: &Cluster, pod: &Value) -> bool {
    let node = text(pod, "spec.nodeName");
    let never = list(pod, "spec.containers")
        .iter()
        .filter(|container| text(container, "imagePullPolicy") == "Never");
    let mut images = never.map(|container| text(container, "image"));
    images.any(|image| !is_there(cluster, node, image))
}

fn is_there(cluster: &Cluster, node: &str, image: &str) -> bool {
    let nodes = cluster.store.all("", "nodes");
    let told = nodes
        .iter()
        .filter(|it| text(it, "metadata.name") == node)
        .flat_map(|it| list(it, "status.images"))
        .flat_map(|it| list(it, "names"))
        .any(|name| name == image);
    let pods = cluster.store.all("", "pods");
    told || pods
        .iter()
        .filter(|pod| text(pod, "spec.nodeName") == node && text(pod, "status.phase") == "Running")
        .flat_map(|pod| list(pod, "spec.containers"))
        .any(|container| text(container, "image") == image)
}

/// Whether an image has a shell, with `head`, `chmod` and `sleep`.
pub(crate) fn has_shell(settings: &Settings, image: &str) -> bool {
    let mut all = settings.shells.iter();
    all.any(|part| image.contains(part.as_str()))
}

/// Whether the programs that a pod's containers are told to run are in their images.
pub(super) fn starts(settings: &Settings, pod: &Value) -> bool {
    let mut containers = list(pod, "spec.containers").iter();
    containers.all(|container| {
        let program = list(container, "command").first().and_then(Value::as_str);
        program != Some("sh") || has_shell(settings, text(container, "image"))
    })
}
