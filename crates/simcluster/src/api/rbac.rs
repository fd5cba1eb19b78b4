//! RBAC: the rules that bindings give to a user and their groups.
//!
//! As kubernetes/kubernetes has it, pkg/registry/rbac/validation/rule.go and
//! `pkg/apis/rbac/v1/evaluation_helpers.go`; aggregated roles are not played.

use std::sync::Arc;

use serde_json::Value;

use super::User;
use crate::cluster::Cluster;
use crate::json::{list, text};
use crate::resources;

const GROUP: &str = "rbac.authorization.k8s.io";

/// What is to be done.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted<'a> {
    pub(super) verb: &'a str,
    pub(super) group: &'a str,
    /// Plural name, with a subresource as `pods/log`.
    pub(super) resource: &'a str,
    /// `None`: cluster-wide.
    pub(super) namespace: Option<&'a str>,
    /// Empty where no object is named.
    pub(super) name: &'a str,
}

/// Whether some rule allows it.
pub(super) fn allows(cluster: &Cluster, user: &User, wanted: Wanted<'_>) -> bool {
    let rules = rules(cluster, user, wanted.namespace);
    rules.iter().any(|rule| grants(rule, wanted))
}

/// All rules for a user in a namespace; `None`: those that hold cluster-wide.
pub(super) fn rules(cluster: &Cluster, user: &User, namespace: Option<&str>) -> Vec<Value> {
    let store = &cluster.store;
    let of = |binding: &Value, namespace: &str| {
        let plural = match text(binding, "roleRef.kind") {
            "Role" => "roles",
            _ => "clusterroles",
        };
        let resource = resources::named(GROUP, plural);
        let place = if plural == "roles" { namespace } else { "" };
        let role = store.get(resource, place, text(binding, "roleRef.name"));
        role.map_or(Vec::new(), |role| list(&role, "rules").to_vec())
    };
    let bindings = |plural, namespace| -> Vec<Arc<Value>> {
        store.list(resources::named(GROUP, plural), namespace).0
    };
    let mut all = Vec::new();
    for binding in bindings("clusterrolebindings", None) {
        if is_for(&binding, user, "") {
            all.extend(of(&binding, ""));
        }
    }
    if let Some(namespace) = namespace {
        for binding in bindings("rolebindings", Some(namespace)) {
            if is_for(&binding, user, namespace) {
                all.extend(of(&binding, namespace));
            }
        }
    }
    all
}

fn is_for(binding: &Value, user: &User, namespace: &str) -> bool {
    list(binding, "subjects").iter().any(|subject| {
        let name = text(subject, "name");
        match text(subject, "kind") {
            "User" => name == user.name,
            "Group" => user.groups.iter().any(|group| group == name),
            "ServiceAccount" => {
                let of = match text(subject, "namespace") {
                    "" => namespace,
                    of => of,
                };
                user.name == format!("system:serviceaccount:{of}:{name}")
            }
            _ => false,
        }
    })
}

fn grants(rule: &Value, wanted: Wanted<'_>) -> bool {
    let has = |path: &str, word: &str| {
        list(rule, path)
            .iter()
            .filter_map(Value::as_str)
            .any(|it| it == "*" || it == word)
    };
    let any_of = wanted
        .resource
        .split_once('/')
        .is_some_and(|(_, subresource)| has("resources", &format!("*/{subresource}")));
    let only = list(rule, "resourceNames");
    let named = only.is_empty() || only.iter().any(|it| it.as_str() == Some(wanted.name));
    has("verbs", wanted.verb)
        && has("apiGroups", wanted.group)
        && (has("resources", wanted.resource) || any_of)
        && named
}
