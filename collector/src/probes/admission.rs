//! What admission made of an object: the answer to the server-side dry run beside what was sent.
//!
//! Webhooks and policies of a cluster add containers, labels, limits; a probe that was changed may
//! see another DNS than the failing pod. What the API itself fills in is no change. Only names, and
//! values of fields known to be harmless, are kept: an added container may carry secrets.

use digpod_bundle::{Item, layout};
use serde_json::{Map, Value, json};

use crate::sink::Sink;

/// A field that is not as it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Change {
    /// `spec.containers[probe].image`.
    path: String,
    sent: Value,
    now: Value,
    /// Why it matters to what a probe sees.
    matters: Option<&'static str>,
}

/// Fields of any object that the server fills in.
const OF_SERVER: &[&str] = &[
    "creationTimestamp",
    "generation",
    "managedFields",
    "namespace",
    "resourceVersion",
    "selfLink",
    "uid",
];

/// What the API's own defaulting and built-in admission write into a pod
/// (kubernetes/kubernetes, pkg/apis/core/v1/defaults.go; plugins Priority, ServiceAccount).
fn is_default(path: &str, value: &Value) -> bool {
    let leaf = path.rsplit('.').next().unwrap_or(path);
    match leaf {
        "dnsPolicy" => value == "ClusterFirst",
        "enableServiceLinks" => value == &Value::Bool(true),
        "imagePullPolicy" => value == "IfNotPresent" || value == "Always",
        "preemptionPolicy" => value == "PreemptLowerPriority",
        "priority" => value == &json!(0),
        "procMount" => value == "Default",
        "protocol" => value == "TCP",
        "resources" | "securityContext" => value == &json!({}),
        "restartPolicy" => value == "Always",
        "schedulerName" => value == "default-scheduler",
        "serviceAccount" => true,
        "serviceAccountName" => value == "default",
        "terminationGracePeriodSeconds" => value == &json!(30),
        "terminationMessagePath" => value == "/dev/termination-log",
        "terminationMessagePolicy" => value == "File",
        "finalizers" => path == "spec.finalizers",
        _ => false,
    }
}

/// Fields whose change may change what a probe sees.
const MATTERS: &[(&str, &str)] = &[
    (
        "containers[",
        "its queries may go another way than the failing pod's",
    ),
    (
        "initContainers[",
        "it may redirect the queries of the whole pod",
    ),
    (
        "spec.dnsPolicy",
        "the probe asks another DNS than was meant",
    ),
    (
        "spec.dnsConfig",
        "the probe asks another DNS than was meant",
    ),
    ("spec.hostAliases", "names in it are not asked of DNS"),
    (
        "spec.hostNetwork",
        "the probe stands in another network than was meant",
    ),
    (
        "spec.nodeName",
        "the probe stands on another node than was meant",
    ),
    (
        "spec.nodeSelector",
        "the probe may not be let onto its node",
    ),
    ("spec.affinity", "the probe may not be let onto its node"),
    (
        "spec.runtimeClassName",
        "the probe runs in another runtime than the failing pod",
    ),
];

/// Records what admission changed; gives one line where it matters.
pub(super) fn record(sink: &Sink, part: &str, sent: &Value, returned: &Value) -> Option<String> {
    let changes = changes(sent, returned);
    let list: Vec<Value> = changes
        .iter()
        .map(|it| json!({"path": it.path, "sent": it.sent, "now": it.now, "matters": it.matters}))
        .collect();
    let value = json!({"kind": sent["kind"], "changes": list});
    let item = Item {
        source: Some("server-side dry run".to_owned()),
        ..Item::default()
    };
    sink.with(|bundle| drop(bundle.add_json(&layout::probe_admission(part), &value, item)));
    let words: Vec<String> = changes
        .iter()
        .filter_map(|it| Some(format!("{}: {}", it.words(), it.matters?)))
        .collect();
    (!words.is_empty()).then(|| format!("admission changed probe {part}: {}", words.join("; ")))
}

impl Change {
    fn words(&self) -> String {
        match (&self.sent, &self.now) {
            (Value::Null, Value::Object(_)) => format!("{} was added", self.path),
            (Value::Null, now) => format!("{} was set to {now}", self.path),
            (_, Value::Null) => format!("{} was removed", self.path),
            (Value::String(_) | Value::Bool(_) | Value::Number(_), now) => {
                format!("{} was made {now}", self.path)
            }
            _ => format!("{} was changed", self.path),
        }
    }
}

fn changes(sent: &Value, returned: &Value) -> Vec<Change> {
    let mut changes = Vec::new();
    for part in ["metadata", "spec"] {
        compare(part, &sent[part], &returned[part], &mut changes);
    }
    changes
}

fn compare(path: &str, sent: &Value, now: &Value, changes: &mut Vec<Change>) {
    if sent == now || of_server(path) || (sent.is_null() && is_default(path, now)) {
        return;
    }
    match (sent, now) {
        (Value::Object(_) | Value::Null, Value::Object(now_map)) if goes_into(path, sent) => {
            let empty = Map::new();
            let sent_map = sent.as_object().unwrap_or(&empty);
            let mut keys: Vec<&String> = sent_map.keys().chain(now_map.keys()).collect();
            keys.sort_unstable();
            keys.dedup();
            for key in keys {
                let (a, b) = (sent_map.get(key), now_map.get(key));
                let below = format!("{path}.{key}");
                compare(
                    &below,
                    a.unwrap_or(&Value::Null),
                    b.unwrap_or(&Value::Null),
                    changes,
                );
            }
        }
        (Value::Array(_) | Value::Null, Value::Array(now_list)) if is_named(now_list) => {
            let sent_list = sent.as_array().map_or(&[][..], Vec::as_slice);
            let name = |it: &Value| it["name"].as_str().unwrap_or_default().to_owned();
            for one in now_list {
                let before = sent_list.iter().find(|it| name(it) == name(one));
                let below = format!("{path}[{}]", name(one));
                compare(&below, before.unwrap_or(&Value::Null), one, changes);
            }
            for one in sent_list {
                if !now_list.iter().any(|it| name(it) == name(one)) {
                    compare(
                        &format!("{path}[{}]", name(one)),
                        one,
                        &Value::Null,
                        changes,
                    );
                }
            }
        }
        (_, Value::Array(now_list)) if path == "spec.tolerations" => {
            let sent_list = sent.as_array().map_or(&[][..], Vec::as_slice);
            let added = now_list
                .iter()
                .filter(|it| !sent_list.contains(it) && !default_toleration(it));
            for one in added {
                push(changes, format!("{path}[]"), Value::Null, one.clone());
            }
        }
        _ => push(changes, path.to_owned(), sent.clone(), now.clone()),
    }
}

fn of_server(path: &str) -> bool {
    let leaf = path.strip_prefix("metadata.").unwrap_or_default();
    OF_SERVER.contains(&leaf) || path == "metadata.labels.kubernetes.io/metadata.name"
}

/// Objects whose fields are told apart; another one that was added is one change.
fn goes_into(path: &str, sent: &Value) -> bool {
    !sent.is_null()
        || matches!(
            path,
            "metadata.labels" | "metadata.annotations" | "spec.securityContext"
        )
}

fn is_named(list: &[Value]) -> bool {
    !list.is_empty() && list.iter().all(|it| it["name"].is_string())
}

/// Every pod gets these two (admission plugin `DefaultTolerationSeconds`).
fn default_toleration(toleration: &Value) -> bool {
    let key = toleration["key"].as_str().unwrap_or_default();
    matches!(
        key,
        "node.kubernetes.io/not-ready" | "node.kubernetes.io/unreachable"
    ) && toleration["effect"] == "NoExecute"
        && toleration["tolerationSeconds"] == json!(300)
}

fn push(changes: &mut Vec<Change>, path: String, sent: Value, now: Value) {
    let matters = MATTERS.iter().find(|(part, _)| {
        if part.ends_with('[') {
            // A container that was added, or the image of ours.
            path.strip_prefix(&format!("spec.{part}"))
                .and_then(|rest| rest.split_once(']'))
                .is_some_and(|(_, field)| matches!(field, "" | ".image"))
        } else {
            path.starts_with(part)
        }
    });
    changes.push(Change {
        sent: harmless(&path, sent),
        now: harmless(&path, now),
        matters: matters.map(|(_, why)| *why),
        path,
    });
}

/// Of an added container its name and image, of a volume its name; of what may hold anything (the
/// environment, arguments, annotations) that it is there.
fn harmless(path: &str, value: Value) -> Value {
    const KEPT: &[&str] = &[
        "metadata.labels.",
        "spec.affinity",
        "spec.automountServiceAccountToken",
        "spec.dnsConfig",
        "spec.dnsPolicy",
        "spec.host",
        "spec.imagePullSecrets",
        "spec.nodeName",
        "spec.nodeSelector",
        "spec.overhead",
        "spec.priority",
        "spec.readinessGates",
        "spec.restartPolicy",
        "spec.runtimeClassName",
        "spec.schedulerName",
        "spec.securityContext",
        "spec.serviceAccount",
        "spec.shareProcessNamespace",
        "spec.terminationGracePeriodSeconds",
        "spec.activeDeadlineSeconds",
        "spec.tolerations",
        "spec.topologySpreadConstraints",
    ];
    const KEPT_OF_CONTAINERS: &[&str] =
        &["image", "imagePullPolicy", "resources", "securityContext"];
    if value.is_null() || KEPT.iter().any(|kept| path.starts_with(kept)) {
        return value;
    }
    let containers =
        path.starts_with("spec.containers[") || path.starts_with("spec.initContainers[");
    let field = path.split_once("].").map(|(_, field)| field);
    match (containers, field) {
        (true, None) => json!({"name": value["name"], "image": value["image"]}),
        (true, Some(field))
            if KEPT_OF_CONTAINERS
                .iter()
                .any(|kept| field.starts_with(kept)) =>
        {
            value
        }
        _ if value["name"].is_string() => json!({"name": value["name"]}),
        _ => "(not kept)".into(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::changes;

    fn sent() -> serde_json::Value {
        json!({
            "kind": "Pod",
            "metadata": {"name": "p", "labels": {"app": "web"}},
            "spec": {
                "dnsPolicy": "Default",
                "containers": [{"name": "probe", "image": "localhost/digpod-probe:1", "args": ["--plan", "{}"]}],
                "tolerations": [{"operator": "Exists"}],
            },
        })
    }

    #[test]
    fn what_the_api_fills_in_is_no_change() {
        let mut returned = sent();
        returned["metadata"]["uid"] = "1".into();
        returned["metadata"]["namespace"] = "shop".into();
        returned["spec"]["schedulerName"] = "default-scheduler".into();
        returned["spec"]["serviceAccountName"] = "default".into();
        returned["spec"]["containers"][0]["terminationMessagePath"] = "/dev/termination-log".into();
        returned["spec"]["tolerations"] = json!([
            {"operator": "Exists"},
            {"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300},
        ]);
        returned["status"] = json!({"phase": "Pending"});
        assert_eq!(changes(&sent(), &returned), []);
    }

    #[test]
    fn a_sidecar_another_image_and_other_dns_matter_and_secrets_stay_out() {
        let mut returned = sent();
        returned["metadata"]["labels"]["mesh"] = "on".into();
        returned["metadata"]["annotations"] = json!({"mesh/config": "token=not-to-keep"});
        returned["spec"]["dnsPolicy"] = "ClusterFirst".into();
        returned["spec"]["containers"][0]["image"] = "mirror/digpod-probe:1".into();
        returned["spec"]["containers"][0]["env"] = json!([{"name": "A", "value": "not-to-keep"}]);
        let sidecar = json!({
            "name": "proxy", "image": "mesh:1", "args": ["not-to-keep"],
            "env": [{"name": "T", "value": "not-to-keep"}],
        });
        returned["spec"]["containers"]
            .as_array_mut()
            .expect("a list")
            .push(sidecar);
        let found = changes(&sent(), &returned);
        let paths: Vec<(&str, bool)> = found
            .iter()
            .map(|it| (it.path.as_str(), it.matters.is_some()))
            .collect();
        assert_eq!(
            paths,
            [
                ("metadata.annotations.mesh/config", false),
                ("metadata.labels.mesh", false),
                ("spec.containers[probe].env[A]", false),
                ("spec.containers[probe].image", true),
                ("spec.containers[proxy]", true),
                ("spec.dnsPolicy", true),
            ]
        );
        assert!(!format!("{found:?}").contains("not-to-keep"), "{found:?}");
        let proxy = &found[4];
        assert_eq!(proxy.now, json!({"name": "proxy", "image": "mesh:1"}));
    }
}
