//! The columns of each resource, in the words of Kubernetes' own printers.

mod network;
mod pods;

use jiff::Timestamp;
use serde_json::Value;

use super::table::Column;
use crate::json::{at, list, number, text, truth};
use crate::resources::Resource;
use crate::time::age;

/// The columns of a resource and how a row is made.
pub(super) struct Printer {
    pub(super) columns: &'static [Column],
    pub(super) cells: fn(&Value, Timestamp) -> Vec<Value>,
}

/// The printer of a resource.
pub(super) fn printer(resource: &Resource) -> Printer {
    match (resource.group, resource.plural) {
        ("", "pods") => pods::PRINTER,
        ("", "nodes") => NODES,
        ("", "configmaps") => CONFIG_MAPS,
        ("", "namespaces") => NAMESPACES,
        ("", "events") => EVENTS,
        ("", "services") => network::SERVICES,
        ("discovery.k8s.io", _) => network::ENDPOINT_SLICES,
        ("networking.k8s.io", _) => network::NETWORK_POLICIES,
        ("apps", "deployments") => DEPLOYMENTS,
        ("apps", "replicasets") => REPLICA_SETS,
        ("apps", "daemonsets") => DAEMON_SETS,
        _ => Printer {
            columns: &[("Name", false), ("Age", false)],
            cells: |object, now| vec![name(object), created(object, now)],
        },
    }
}

fn name(object: &Value) -> Value {
    text(object, "metadata.name").into()
}

fn created(object: &Value, now: Timestamp) -> Value {
    age(text(object, "metadata.creationTimestamp"), now).into()
}

/// A text, or what kubectl shows for none.
fn or_none(text: &str) -> Value {
    if text.is_empty() {
        "<none>".into()
    } else {
        text.into()
    }
}

/// Labels as a selector.
fn selector(labels: Option<&Value>) -> Value {
    let pairs = labels.and_then(Value::as_object).into_iter().flatten();
    let pairs: Vec<String> = pairs
        .map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()))
        .collect();
    or_none(&pairs.join(","))
}

const NODES: Printer = Printer {
    columns: &[
        ("Name", false),
        ("Status", false),
        ("Roles", false),
        ("Age", false),
        ("Version", false),
        ("Internal-IP", true),
        ("External-IP", true),
        ("OS-Image", true),
        ("Kernel-Version", true),
        ("Container-Runtime", true),
    ],
    cells: |node, now| {
        let address = |kind: &str| {
            let found = list(node, "status.addresses")
                .iter()
                .find(|a| text(a, "type") == kind);
            or_none(found.map_or("", |found| text(found, "address")))
        };
        let ready = list(node, "status.conditions")
            .iter()
            .find(|c| text(c, "type") == "Ready");
        let mut status = match ready.map(|ready| text(ready, "status")) {
            Some("True") => "Ready",
            Some(_) => "NotReady",
            None => "Unknown",
        }
        .to_owned();
        if truth(node, "spec.unschedulable") {
            status.push_str(",SchedulingDisabled");
        }
        let labels = at(node, "metadata.labels")
            .and_then(Value::as_object)
            .into_iter()
            .flatten();
        let roles: Vec<&str> = labels
            .filter_map(
                |(key, value)| match key.strip_prefix("node-role.kubernetes.io/") {
                    Some(role) => Some(role),
                    None if key == "kubernetes.io/role" => value.as_str(),
                    None => None,
                },
            )
            .collect();
        vec![
            name(node),
            status.into(),
            or_none(&roles.join(",")),
            created(node, now),
            text(node, "status.nodeInfo.kubeletVersion").into(),
            address("InternalIP"),
            address("ExternalIP"),
            text(node, "status.nodeInfo.osImage").into(),
            text(node, "status.nodeInfo.kernelVersion").into(),
            text(node, "status.nodeInfo.containerRuntimeVersion").into(),
        ]
    },
};

const CONFIG_MAPS: Printer = Printer {
    columns: &[("Name", false), ("Data", false), ("Age", false)],
    cells: |map, now| {
        let count = |key: &str| {
            map.get(key)
                .and_then(Value::as_object)
                .map_or(0, serde_json::Map::len)
        };
        vec![
            name(map),
            (count("data") + count("binaryData")).into(),
            created(map, now),
        ]
    },
};

const NAMESPACES: Printer = Printer {
    columns: &[("Name", false), ("Status", false), ("Age", false)],
    cells: |namespace, now| {
        vec![
            name(namespace),
            text(namespace, "status.phase").into(),
            created(namespace, now),
        ]
    },
};

const EVENTS: Printer = Printer {
    columns: &[
        ("Last Seen", false),
        ("Type", false),
        ("Reason", false),
        ("Object", false),
        ("Subobject", true),
        ("Source", true),
        ("Message", false),
        ("First Seen", true),
        ("Count", true),
        ("Name", true),
    ],
    cells: |event, now| {
        let kind = text(event, "involvedObject.kind").to_lowercase();
        let source = [text(event, "source.component"), text(event, "source.host")];
        let source: Vec<&str> = source.into_iter().filter(|part| !part.is_empty()).collect();
        let when = |path: &str| match text(event, path) {
            "" => age(text(event, "eventTime"), now),
            time => age(time, now),
        };
        vec![
            when("lastTimestamp").into(),
            text(event, "type").into(),
            text(event, "reason").into(),
            format!("{kind}/{}", text(event, "involvedObject.name")).into(),
            text(event, "involvedObject.fieldPath").into(),
            source.join(", ").into(),
            text(event, "message").trim().into(),
            when("firstTimestamp").into(),
            number(event, "count").max(1).into(),
            name(event),
        ]
    },
};

fn images(object: &Value) -> [Value; 2] {
    let containers = list(object, "spec.template.spec.containers");
    ["name", "image"].map(|key| {
        let texts: Vec<&str> = containers.iter().map(|c| text(c, key)).collect();
        texts.join(",").into()
    })
}

const DEPLOYMENTS: Printer = Printer {
    columns: &[
        ("Name", false),
        ("Ready", false),
        ("Up-to-date", false),
        ("Available", false),
        ("Age", false),
        ("Containers", true),
        ("Images", true),
        ("Selector", true),
    ],
    cells: |deployment, now| {
        let [containers, images] = images(deployment);
        let ready = number(deployment, "status.readyReplicas");
        vec![
            name(deployment),
            format!("{ready}/{}", number(deployment, "spec.replicas")).into(),
            number(deployment, "status.updatedReplicas").into(),
            number(deployment, "status.availableReplicas").into(),
            created(deployment, now),
            containers,
            images,
            selector(at(deployment, "spec.selector.matchLabels")),
        ]
    },
};

const REPLICA_SETS: Printer = Printer {
    columns: &[
        ("Name", false),
        ("Desired", false),
        ("Current", false),
        ("Ready", false),
        ("Age", false),
        ("Containers", true),
        ("Images", true),
        ("Selector", true),
    ],
    cells: |set, now| {
        let [containers, images] = images(set);
        vec![
            name(set),
            number(set, "spec.replicas").into(),
            number(set, "status.replicas").into(),
            number(set, "status.readyReplicas").into(),
            created(set, now),
            containers,
            images,
            selector(at(set, "spec.selector.matchLabels")),
        ]
    },
};

const DAEMON_SETS: Printer = Printer {
    columns: &[
        ("Name", false),
        ("Desired", false),
        ("Current", false),
        ("Ready", false),
        ("Up-to-date", false),
        ("Available", false),
        ("Node Selector", false),
        ("Age", false),
        ("Containers", true),
        ("Images", true),
        ("Selector", true),
    ],
    cells: |set, now| {
        let [containers, images] = images(set);
        vec![
            name(set),
            number(set, "status.desiredNumberScheduled").into(),
            number(set, "status.currentNumberScheduled").into(),
            number(set, "status.numberReady").into(),
            number(set, "status.updatedNumberScheduled").into(),
            number(set, "status.numberAvailable").into(),
            selector(at(set, "spec.template.spec.nodeSelector")),
            created(set, now),
            containers,
            images,
            selector(at(set, "spec.selector.matchLabels")),
        ]
    },
};
