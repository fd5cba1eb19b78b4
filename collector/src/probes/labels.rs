//! Labels of the workload probe: those that some policy selects on, so that policies treat it like
//! the failing pod, and none by which a controller, Service or budget would take it for its own.

use std::collections::{BTreeMap, BTreeSet};

use digpod_bundle::k8s::{LabelSelector, LabelSelectorRequirement, NetworkPolicyList, Pod};
use serde::Deserialize;

use crate::api::{Api, CallError};

type Labels = BTreeMap<String, String>;

/// Labels that controllers give to tell their own pods apart.
const NEVER: &[&str] = &[
    "pod-template-hash",
    "controller-revision-hash",
    "pod-template-generation",
    "statefulset.kubernetes.io/pod-name",
    "apps.kubernetes.io/pod-index",
    "batch.kubernetes.io/job-name",
    "batch.kubernetes.io/controller-uid",
    "job-name",
    "controller-uid",
];

/// Chooses labels; says in words when policies may treat the probe otherwise than the pod.
pub(super) async fn choose(
    api: &Api,
    namespace: &str,
    dns_namespace: &str,
    pod: Option<&Pod>,
) -> (Labels, Option<String>) {
    let Some(pod) = pod else {
        return (Labels::new(), None);
    };
    let (own, of_dns) = futures::join!(policies(api, namespace), policies(api, dns_namespace));
    let (Ok(own), Ok(of_dns)) = (own, of_dns) else {
        let note = "policies could not be read, so the probe carries none of the pod's labels and policies may treat it otherwise";
        return (Labels::new(), Some(note.to_owned()));
    };
    let mut keys = BTreeSet::new();
    for policy in &own.items {
        selector_keys(&policy.spec.pod_selector, &mut keys);
    }
    // CoreDNS's side may admit pods by their labels.
    let rules = of_dns.items.iter().flat_map(|policy| &policy.spec.ingress);
    for peer in rules.flat_map(|rule| &rule.from) {
        peer.pod_selector
            .iter()
            .for_each(|it| selector_keys(it, &mut keys));
    }
    let mut labels: Labels = pod
        .metadata
        .labels
        .iter()
        .filter(|(key, _)| keys.contains(key.as_str()) && !NEVER.contains(&key.as_str()))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    if labels.is_empty() {
        return (labels, None);
    }
    let owners = match owners(api, namespace).await {
        Ok(owners) => owners,
        Err(why) => {
            let note = format!(
                "{why}, so the probe carries none of the pod's labels and policies may treat it otherwise"
            );
            return (Labels::new(), Some(note));
        }
    };
    let mut dropped = Vec::new();
    while let Some(owner) = owners
        .iter()
        .find(|owner| matches(&owner.selector, &labels))
    {
        let Some(key) = labels
            .keys()
            .find(|key| mentions(&owner.selector, key))
            .cloned()
        else {
            // A selector that takes every pod: nothing can be dropped to escape it.
            labels.clear();
            dropped.push(format!("all labels ({} selects every pod)", owner.name));
            break;
        };
        labels.remove(&key);
        dropped.push(format!(
            "{key} ({} would take the probe for its own)",
            owner.name
        ));
    }
    let note = (!dropped.is_empty()).then(|| {
        format!(
            "the probe goes without {}; policies that select on it may treat it otherwise",
            dropped.join(", ")
        )
    });
    (labels, note)
}

async fn policies(api: &Api, namespace: &str) -> Result<NetworkPolicyList, CallError> {
    api.get(&format!(
        "/apis/networking.k8s.io/v1/namespaces/{namespace}/networkpolicies?limit=500"
    ))
    .await
}

struct Owner {
    name: String,
    selector: LabelSelector,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct List {
    items: Vec<Object>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Object {
    metadata: digpod_bundle::k8s::ObjectMeta,
    spec: Spec,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Spec {
    selector: Option<serde_json::Value>,
    #[serde(rename = "publishNotReadyAddresses")]
    publish_not_ready_addresses: bool,
}

/// Everything of the namespace that selects pods.
async fn owners(api: &Api, namespace: &str) -> Result<Vec<Owner>, String> {
    const KINDS: &[(&str, &str, &str)] = &[
        ("Service", "/api/v1", "services"),
        ("ReplicaSet", "/apis/apps/v1", "replicasets"),
        ("DaemonSet", "/apis/apps/v1", "daemonsets"),
        ("StatefulSet", "/apis/apps/v1", "statefulsets"),
        ("ReplicationController", "/api/v1", "replicationcontrollers"),
        (
            "PodDisruptionBudget",
            "/apis/policy/v1",
            "poddisruptionbudgets",
        ),
    ];
    let lists = KINDS.iter().map(|(kind, group, plural)| async move {
        let path = format!("{group}/namespaces/{namespace}/{plural}?limit=500");
        match api.get::<List>(&path).await {
            Ok(list) => Ok((*kind, list)),
            // An API that the cluster does not serve selects nothing.
            Err(error) if error.code == 404 => Ok((*kind, List::default())),
            Err(error) => Err(format!(
                "{plural} could not be read ({})",
                error.status.as_str()
            )),
        }
    });
    let mut owners = Vec::new();
    for list in futures::future::join_all(lists).await {
        let (kind, list) = list?;
        for object in list.items {
            let Some(value) = object.spec.selector else {
                continue;
            };
            // The probe is never ready, so a Service sends it nothing unless it does so to all.
            if kind == "Service" && !object.spec.publish_not_ready_addresses {
                continue;
            }
            let name = format!("{kind} {}", object.metadata.name);
            let selector = match kind {
                "Service" | "ReplicationController" => LabelSelector {
                    match_labels: serde_json::from_value(value).unwrap_or_default(),
                    ..LabelSelector::default()
                },
                _ => serde_json::from_value(value).unwrap_or_default(),
            };
            let empty = selector.match_labels.is_empty() && selector.match_expressions.is_empty();
            // A Service without a selector selects nothing; a budget without one selects all.
            if !empty || kind == "PodDisruptionBudget" {
                owners.push(Owner { name, selector });
            }
        }
    }
    Ok(owners)
}

fn selector_keys(selector: &LabelSelector, keys: &mut BTreeSet<String>) {
    keys.extend(selector.match_labels.keys().cloned());
    keys.extend(selector.match_expressions.iter().map(|it| it.key.clone()));
}

fn mentions(selector: &LabelSelector, key: &str) -> bool {
    selector.match_labels.contains_key(key)
        || selector.match_expressions.iter().any(|it| it.key == key)
}

fn matches(selector: &LabelSelector, labels: &Labels) -> bool {
    selector
        .match_labels
        .iter()
        .all(|(key, value)| labels.get(key) == Some(value))
        && selector
            .match_expressions
            .iter()
            .all(|it| requirement(it, labels))
}

fn requirement(it: &LabelSelectorRequirement, labels: &Labels) -> bool {
    let value = labels.get(&it.key);
    match it.operator.as_str() {
        "In" => value.is_some_and(|value| it.values.contains(value)),
        "NotIn" => value.is_none_or(|value| !it.values.contains(value)),
        "Exists" => value.is_some(),
        "DoesNotExist" => value.is_none(),
        // What we do not know may select the probe: better without its labels.
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use digpod_bundle::k8s::LabelSelector;

    use super::{Labels, matches};

    #[test]
    fn a_selector_matches_as_the_api_says() {
        let labels: Labels = [("app".to_owned(), "web".to_owned())].into();
        let selector =
            |text: &str| serde_json::from_str::<LabelSelector>(text).expect("a selector");
        assert!(matches(&selector("{}"), &labels));
        assert!(matches(
            &selector(r#"{"matchLabels":{"app":"web"}}"#),
            &labels
        ));
        assert!(!matches(
            &selector(r#"{"matchLabels":{"app":"web","tier":"x"}}"#),
            &labels
        ));
        assert!(matches(
            &selector(r#"{"matchExpressions":[{"key":"app","operator":"In","values":["web"]}]}"#),
            &labels
        ));
        assert!(matches(
            &selector(r#"{"matchExpressions":[{"key":"tier","operator":"NotIn","values":["x"]}]}"#),
            &labels
        ));
        assert!(!matches(
            &selector(r#"{"matchExpressions":[{"key":"tier","operator":"Exists"}]}"#),
            &labels
        ));
    }
}
