//! What this user may do, asked before anything is gathered: one review of the rules in each
//! namespace, one of each cluster-wide permission, all at once.
//!
//! The rules of a namespace are complete where RBAC alone decides; a cluster with an authorizer of
//! its own (webhooks of AKS, EKS, GKE) says `incomplete`, and there what the rules do not grant is
//! asked one by one (authorization.k8s.io/v1, `SubjectRulesReviewStatus`).

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Value, json};

use super::need::Need;
use super::table::Weight;
use crate::api::{Api, CallError};

const REVIEWS: &str = "/apis/authorization.k8s.io/v1";

/// What the reviews said.
#[derive(Clone, Debug, Default)]
pub(crate) struct Access {
    /// The user as the API server calls them.
    pub(crate) user: Option<String>,
    /// Each need, and whether it is allowed; `None` where nobody could say.
    pub(crate) checked: Vec<(Need, Option<bool>)>,
    /// Why reviews gave nothing, if they did.
    pub(crate) error: Option<CallError>,
}

impl Access {
    /// Needs of every run that are denied.
    pub(crate) fn denied(&self) -> impl Iterator<Item = &Need> {
        self.checked
            .iter()
            .filter(|(need, allowed)| *allowed == Some(false) && need.weight == Weight::Needed)
            .map(|(need, _)| need)
    }

    /// The permission that is denied, as the manifest names it, if a review said so. `namespace`
    /// may be one that the run made itself: there counts what is granted everywhere.
    pub(crate) fn lacks(&self, verb: &str, resource: &str, namespace: &str) -> Option<String> {
        let same = |need: &&Need| {
            need.verb == verb
                && need.full_resource() == resource
                && need.namespace.as_deref().is_none_or(|it| it == namespace)
        };
        let exact = |need: &&Need| need.namespace.as_deref() == Some(namespace);
        let all: Vec<&Need> = self.denied().filter(same).collect();
        let here = self.checked.iter().map(|(need, _)| need).filter(same);
        // What is said of the namespace itself outweighs what is said of the whole cluster.
        if here.clone().any(|need| exact(&need)) {
            return all.into_iter().find(exact).map(Need::permission);
        }
        all.first().map(|need| need.permission())
    }

    /// The permission to run a program in a pod of a namespace, if a review says that it is denied.
    /// Asked when it is needed: the role of a run does not grant it for this.
    pub(crate) async fn lacks_exec(&self, api: &Api, namespace: &str) -> Option<String> {
        if self.error.is_some() {
            return None;
        }
        // A WebSocket begins with GET, and the API server asks for both from Kubernetes 1.35 on.
        for verb in ["get", "create"] {
            let need = Need {
                verb,
                group: "",
                resource: "pods/exec",
                namespace: Some(namespace.to_owned()),
                names: Vec::new(),
                purpose: "",
                loss: "",
                weight: Weight::Sometimes,
                row: 0,
            };
            if let Ok(false) = allowed(api, &need).await {
                return Some(format!("create pods/exec in namespace {namespace}"));
            }
        }
        None
    }

    /// The entry `cluster/access.json`.
    pub(crate) fn to_json(&self) -> Value {
        let permissions: Vec<Value> = self
            .checked
            .iter()
            .map(|(need, allowed)| {
                json!({
                    "permission": need.permission(),
                    "names": need.names,
                    "allowed": allowed,
                    "for": need.purpose,
                    "without": need.loss,
                })
            })
            .collect();
        json!({"user": self.user, "permissions": permissions})
    }
}

/// Asks the API server. What it does not answer stays unknown. What only some clusters need is not
/// asked for: there it shows as it comes.
pub(crate) async fn ask(api: &Api, mut needs: Vec<Need>) -> Access {
    needs.retain(|need| need.weight == Weight::Needed);
    let namespaces: BTreeSet<&str> = needs
        .iter()
        .filter_map(|need| need.namespace.as_deref())
        .collect();
    let rules = namespaces
        .iter()
        .map(|namespace| async move { (*namespace, rules(api, namespace).await) });
    let wide = needs.iter().filter(|need| need.namespace.is_none());
    let (rules, wide) = futures::join!(
        futures::future::join_all(rules),
        futures::future::join_all(wide.map(|need| allowed(api, need))),
    );
    let mut error = wide.iter().find_map(|it| it.as_ref().err()).cloned();
    let mut wide = wide.into_iter();
    let mut known: BTreeMap<&str, Rules> = BTreeMap::new();
    for (namespace, result) in rules {
        match result {
            Ok(rules) => drop(known.insert(namespace, rules)),
            Err(why) => error = error.or(Some(why)),
        }
    }
    let first: Vec<Option<bool>> = needs
        .iter()
        .map(|need| match &need.namespace {
            None => wide.next().and_then(Result::ok),
            Some(namespace) => known.get(namespace.as_str())?.allow(need),
        })
        .collect();
    // A second round only where the first could not say, and not where reviews are refused.
    let second = needs.iter().zip(&first).map(|(need, said)| {
        let skip = error.is_some() || need.namespace.is_none();
        async move {
            match said {
                None if !skip => allowed(api, need).await.ok(),
                said => *said,
            }
        }
    });
    let all = futures::future::join_all(second).await;
    Access {
        user: None,
        checked: needs.iter().cloned().zip(all).collect(),
        error,
    }
}

/// Whether one thing is allowed, for each of its names.
async fn allowed(api: &Api, need: &Need) -> Result<bool, CallError> {
    let names: Vec<Option<&str>> = if need.names.is_empty() {
        vec![None]
    } else {
        need.names.iter().map(|name| Some(name.as_str())).collect()
    };
    let (resource, subresource) = need.resource.split_once('/').unwrap_or((need.resource, ""));
    let reviews = names.into_iter().map(|name| async move {
        let review = json!({
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": {
                "verb": need.verb,
                "group": need.group,
                "resource": resource,
                "subresource": subresource,
                "namespace": need.namespace.as_deref().unwrap_or_default(),
                "name": name.unwrap_or_default(),
            }},
        });
        let said = api
            .create(&format!("{REVIEWS}/selfsubjectaccessreviews"), &review)
            .await?;
        Ok(said.pointer("/status/allowed").and_then(Value::as_bool) == Some(true))
    });
    let all: Result<Vec<bool>, CallError> = futures::future::join_all(reviews)
        .await
        .into_iter()
        .collect();
    Ok(all?.into_iter().all(|it| it))
}

async fn rules(api: &Api, namespace: &str) -> Result<Rules, CallError> {
    let review = json!({
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectRulesReview",
        "spec": {"namespace": namespace},
    });
    let mut said = api
        .create(&format!("{REVIEWS}/selfsubjectrulesreviews"), &review)
        .await?;
    Ok(serde_json::from_value(said["status"].take()).unwrap_or_default())
}

/// `SubjectRulesReviewStatus`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Rules {
    resource_rules: Vec<Rule>,
    incomplete: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Rule {
    verbs: Vec<String>,
    api_groups: Vec<String>,
    resources: Vec<String>,
    resource_names: Vec<String>,
}

impl Rules {
    /// Whether they allow it; `None` where they do not say so and are not all rules there are.
    fn allow(&self, need: &Need) -> Option<bool> {
        let granted =
            |name: Option<&str>| self.resource_rules.iter().any(|it| it.grants(need, name));
        let all = if need.names.is_empty() {
            granted(None)
        } else {
            need.names.iter().all(|name| granted(Some(name)))
        };
        (all || !self.incomplete).then_some(all)
    }
}

impl Rule {
    /// As RBAC reads a rule (kubernetes/kubernetes, `pkg/apis/rbac/v1/evaluation_helpers.go`).
    fn grants(&self, need: &Need, name: Option<&str>) -> bool {
        let has = |list: &[String], word: &str| list.iter().any(|it| it == "*" || it == word);
        let any_of = need
            .resource
            .split_once('/')
            .map(|(_, subresource)| format!("*/{subresource}"));
        let resource = has(&self.resources, need.resource)
            || any_of.is_some_and(|any| self.resources.contains(&any));
        let named = self.resource_names.is_empty()
            || name.is_some_and(|name| self.resource_names.iter().any(|it| it == name));
        has(&self.verbs, need.verb) && has(&self.api_groups, need.group) && resource && named
    }
}
