//! Labels of the workload probe: those that some policy selects on, so that policies treat it like
//! the failing pod, and none by which a controller, Service or budget would take it for its own.

mod owners;

use std::collections::{BTreeMap, BTreeSet};

use digpod_bundle::k8s::{LabelSelector, LabelSelectorRequirement, NetworkPolicyList, Pod};

use super::objects::MANAGED_BY;
use crate::api::{Api, CallError};

use owners::{Owner, owners};

type Labels = BTreeMap<String, String>;

/// Labels that controllers give to tell their own pods apart.
const NEVER: &[&str] = &[
    "pod-template-hash",
    "controller-revision-hash",
    "pod-template-generation",
    "statefulset.kubernetes.io/pod-name",
    "apps.kubernetes.io/pod-index",
    "batch.kubernetes.io/job-name",
    "batch.kubernetes.io/job-completion-index",
    "batch.kubernetes.io/controller-uid",
    "job-name",
    "controller-uid",
];

/// What the probe carries.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) labels: Labels,
    /// Why policies may treat the probe otherwise than the pod.
    pub(super) approximate: Option<String>,
}

/// Chooses labels. An error says why no pod at all may be put there without disturbing something.
pub(super) async fn choose(
    api: &Api,
    namespace: &str,
    dns_namespace: &str,
    pod: Option<&Pod>,
) -> Result<Choice, String> {
    let (own, of_dns, owners) = futures::join!(
        policies(api, namespace),
        policies(api, dns_namespace),
        owners(api, namespace),
    );
    let owners = match owners {
        Ok(owners) => owners,
        Err(why) => return Ok(without_labels(pod, &why)),
    };
    // No choice of labels escapes those that select even a pod without any.
    let (inescapable, owners): (Vec<_>, Vec<_>) = owners
        .into_iter()
        .partition(|owner| takes(owner, &Labels::new()));
    for owner in &inescapable {
        if let Some(harm) = owner.harm {
            return Err(format!(
                "{} selects every pod of the namespace, and with it the probe: {harm}",
                owner.name
            ));
        }
    }
    let Some(pod) = pod else {
        return Ok(Choice::default());
    };
    let (Ok(own), Ok(of_dns)) = (own, of_dns) else {
        return Ok(without_labels(Some(pod), "policies could not be read"));
    };
    let keys = selected_keys(&own, &of_dns);
    let wanted = pod.metadata.labels.iter();
    let wanted = wanted.filter(|(key, _)| keys.contains(key.as_str()));
    Ok(harmless(
        wanted
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect(),
        &owners,
    ))
}

fn without_labels(pod: Option<&Pod>, why: &str) -> Choice {
    let note = || {
        format!(
            "{why}, so the probe carries none of the pod's labels and policies may treat it otherwise"
        )
    };
    Choice {
        labels: Labels::new(),
        approximate: pod.map(|_| note()),
    }
}

/// Keys that a policy may tell the pod by.
fn selected_keys(own: &NetworkPolicyList, of_dns: &NetworkPolicyList) -> BTreeSet<String> {
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
    keys
}

/// Drops labels until nothing takes the probe for its own.
fn harmless(mut labels: Labels, owners: &[Owner]) -> Choice {
    let mut dropped = Vec::new();
    labels.retain(|key, _| {
        let kept = !NEVER.contains(&key.as_str());
        if !kept {
            dropped.push(format!("{key} (a controller's own mark)"));
        }
        kept
    });
    while let Some(owner) = owners.iter().find(|owner| takes(owner, &labels)) {
        let key = labels.keys().find(|key| mentions(&owner.selector, key));
        let Some(key) = key.cloned() else {
            labels.clear();
            dropped.push(format!("all labels ({})", owner.name));
            break;
        };
        labels.remove(&key);
        dropped.push(format!(
            "{key} ({} would take the probe for its own)",
            owner.name
        ));
    }
    let approximate = (!dropped.is_empty()).then(|| {
        format!(
            "the probe goes without {}; policies that select on it may treat it otherwise",
            dropped.join(", ")
        )
    });
    Choice {
        labels,
        approximate,
    }
}

/// Names of the policies of a namespace that hold for a probe without any label of its own.
pub(super) async fn policies_on_all(api: &Api, namespace: &str) -> Result<Vec<String>, CallError> {
    let ours = Labels::from([(MANAGED_BY.to_owned(), "digpod".to_owned())]);
    let policies = policies(api, namespace).await?.items;
    let holding = policies
        .into_iter()
        .filter(|policy| matches(&policy.spec.pod_selector, &ours));
    Ok(holding.map(|policy| policy.metadata.name).collect())
}

async fn policies(api: &Api, namespace: &str) -> Result<NetworkPolicyList, CallError> {
    api.get(&format!(
        "/apis/networking.k8s.io/v1/namespaces/{namespace}/networkpolicies?limit=500"
    ))
    .await
}

/// Whether it would take a probe with these labels for its own; every probe carries digpod's, too.
fn takes(owner: &Owner, labels: &Labels) -> bool {
    let mut all = labels.clone();
    all.insert(MANAGED_BY.to_owned(), "digpod".to_owned());
    matches(&owner.selector, &all)
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

    use super::{Labels, Owner, harmless, matches};

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

    #[test]
    fn labels_are_dropped_until_nothing_takes_the_probe() {
        let owner = |name: &str, text: &str| Owner {
            name: name.to_owned(),
            selector: serde_json::from_str(text).expect("a selector"),
            harm: None,
        };
        let labels = |pairs: &[(&str, &str)]| -> Labels {
            let pairs = pairs.iter();
            pairs
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect()
        };
        let owners = [
            owner(
                "ReplicaSet web",
                r#"{"matchLabels":{"app":"web","tier":"front"}}"#,
            ),
            owner(
                "PodDisruptionBudget front",
                r#"{"matchExpressions":[{"key":"tier","operator":"In","values":["front"]}]}"#,
            ),
        ];
        let all = labels(&[
            ("app", "web"),
            ("tier", "front"),
            ("zone", "a"),
            ("job-name", "x"),
        ]);
        let choice = harmless(all, &owners);
        assert_eq!(choice.labels, labels(&[("zone", "a")]));
        let note = choice.approximate.expect("a note");
        for part in [
            "job-name (a controller's own mark)",
            "app (ReplicaSet web",
            "tier (Pod",
        ] {
            assert!(note.contains(part), "{note}");
        }
        let free = harmless(labels(&[("zone", "a")]), &owners);
        assert_eq!(free.approximate, None);
    }
}
