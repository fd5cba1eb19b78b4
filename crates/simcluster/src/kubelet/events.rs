//! Events about objects.

use serde_json::{Value, json};

use crate::cluster::Cluster;
use crate::json::text;
use crate::{resources, time};

/// Writes an event about a pod.
pub(crate) fn event(
    cluster: &Cluster,
    about: &Value,
    from: &str,
    kind: &str,
    reason: &str,
    message: &str,
) {
    let (namespace, name) = (
        text(about, "metadata.namespace"),
        text(about, "metadata.name"),
    );
    let now = time::seconds(time::now());
    let event = json!({
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {
            "name": format!("{name}.{:016x}", cluster.random.next()),
            "namespace": namespace,
            "uid": cluster.random.uuid(),
            "creationTimestamp": now,
        },
        "involvedObject": {
            "apiVersion": "v1",
            "kind": text(about, "kind"),
            "name": name,
            "namespace": namespace,
            "uid": text(about, "metadata.uid"),
            "resourceVersion": text(about, "metadata.resourceVersion"),
        },
        "type": kind,
        "reason": reason,
        "message": message,
        "count": 1,
        "firstTimestamp": now,
        "lastTimestamp": now,
        "eventTime": null,
        "reportingComponent": from,
        "reportingInstance": "",
        "source": {"component": from},
    });
    cluster.store.create(resources::named("", "events"), event);
}
