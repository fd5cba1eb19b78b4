//! Reviews: who am I, may I, what may I.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::access::may;
use super::rbac::{self, Wanted};
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
            let user = &context.user;
            json!({"userInfo": {"username": user.name, "uid": user.uid, "groups": user.groups}})
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
    let wanted = Wanted {
        verb: text(wanted, "verb"),
        group: text(wanted, "group"),
        resource: &resource,
        namespace,
        name: text(wanted, "name"),
    };
    json!({"allowed": may(&context.cluster, &context.user, wanted)})
}

/// Everything if nothing is denied; otherwise each resource with the verbs that are left. Somebody
/// impersonated has the rules of their roles.
fn rules(context: &Context, namespace: &str) -> Value {
    let (cluster, user) = (&context.cluster, &context.user);
    if user.name != cluster.settings.user {
        return json!({
            "resourceRules": rbac::rules(cluster, user, Some(namespace)),
            "nonResourceRules": [],
            "incomplete": false,
        });
    }
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
            let wanted = |verb| Wanted {
                verb,
                group: resource.group,
                resource: &name,
                namespace: Some(namespace),
                name: "",
            };
            let verbs = resource
                .verbs()
                .iter()
                .filter(|verb| may(cluster, user, wanted(verb)));
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
