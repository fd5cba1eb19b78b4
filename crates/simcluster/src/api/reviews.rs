//! Reviews: who am I, may I, what may I.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::access::{groups, may};
use super::{Answer, Context, json as answer_json};
use crate::json::{set, text};
use crate::resources::RESOURCES;

/// Answers a review of this kind.
pub(super) fn answer(context: &Context, kind: &str) -> Answer {
    let mut review = context.object()?;
    let status = match kind {
        "SelfSubjectAccessReview" => access(context, &review),
        "SelfSubjectRulesReview" => rules(context, text(&review, "spec.namespace")),
        _ => {
            let uid = context.headers.get("Impersonate-Uid");
            json!({"userInfo": {
                "username": context.user,
                "uid": uid.and_then(|uid| uid.to_str().ok()),
                "groups": groups(context),
            }})
        }
    };
    set(&mut review, "status", status);
    Ok(answer_json(StatusCode::CREATED, &review))
}

fn access(context: &Context, review: &Value) -> Value {
    let Some(wanted) = review.pointer("/spec/resourceAttributes") else {
        return json!({"allowed": true});
    };
    let mut resource = text(wanted, "resource").to_owned();
    if !text(wanted, "subresource").is_empty() {
        resource = format!("{resource}/{}", text(wanted, "subresource"));
    }
    let namespace = Some(text(wanted, "namespace")).filter(|namespace| !namespace.is_empty());
    let (verb, group) = (text(wanted, "verb"), text(wanted, "group"));
    let allowed = may(&context.cluster, verb, &resource, group, namespace);
    json!({"allowed": allowed})
}

/// Everything if nothing is denied; otherwise each resource with the verbs that are left.
fn rules(context: &Context, namespace: &str) -> Value {
    let cluster = &context.cluster;
    let mut rules = Vec::new();
    let mut all = true;
    for resource in RESOURCES {
        let names = std::iter::once(resource.plural.to_owned()).chain(
            resource
                .subresources
                .iter()
                .map(|sub| format!("{}/{sub}", resource.plural)),
        );
        for name in names {
            let verbs = resource
                .verbs()
                .iter()
                .filter(|verb| may(cluster, verb, &name, resource.group, Some(namespace)));
            let verbs: Vec<_> = verbs.collect();
            all &= verbs.len() == resource.verbs().len();
            if !verbs.is_empty() {
                rules.push(
                    json!({"verbs": verbs, "apiGroups": [resource.group], "resources": [name]}),
                );
            }
        }
    }
    if all {
        rules = vec![json!({"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]})];
    }
    json!({
        "resourceRules": rules,
        "nonResourceRules": [{"verbs": ["*"], "nonResourceURLs": ["*"]}],
        "incomplete": false,
    })
}
