//! What the DNS pods' ServiceAccount may do: CoreDNS that may not watch answers from nothing.

use digpod_bundle::k8s::{EffectiveRules, Pod, Role, RoleBinding};
use digpod_bundle::{Status, layout};

use super::redact;
use super::source::{self, get, items, list};
use crate::api::Api;
use crate::sink::{Call, Sink};

const ENTRY: &str = layout::DNS_SERVICE_ACCOUNT_RULES;
/// Pages of bindings read; a large cluster has some thousand.
const PAGES: usize = 8;

/// Reads the bindings that name it and their roles.
pub(super) async fn rules(api: &Api, sink: &Sink, namespace: &str, pods: &[Pod]) {
    let account = pods
        .iter()
        .find_map(|pod| pod.spec.service_account_name.clone());
    let Some(account) = account else {
        return sink.missing_because(
            ENTRY,
            Status::NotApplicable,
            "no DNS pod was read that names its ServiceAccount",
        );
    };
    let names_it = |binding: &RoleBinding| {
        let subjects = &binding.subjects;
        subjects.iter().any(|subject| match subject.kind.as_str() {
            "ServiceAccount" => {
                subject.name == account && subject.namespace.as_deref() == Some(namespace)
            }
            "Group" => is_group(&subject.name, namespace),
            _ => false,
        })
    };
    let cluster = list(
        "clusterrolebindings.rbac.authorization.k8s.io",
        None,
        "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings?limit=500".to_owned(),
    );
    let local = list(
        "rolebindings.rbac.authorization.k8s.io",
        Some(namespace),
        format!("/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}/rolebindings?limit=500"),
    );
    let (in_cluster, in_namespace) = futures::join!(
        items::<RoleBinding>(api, &cluster, PAGES, names_it),
        items::<RoleBinding>(api, &local, PAGES, names_it),
    );
    let mut rules = EffectiveRules {
        namespace: namespace.to_owned(),
        service_account: account.clone(),
        ..EffectiveRules::default()
    };
    let mut failure = None;
    for (call, found) in [(&cluster, in_cluster), (&local, in_namespace)] {
        match found {
            Ok((found, more)) => {
                rules.bindings.extend(found);
                if more {
                    rules.unread.push(format!("{}: not to its end", call.path));
                }
            }
            Err(error) => {
                rules
                    .unread
                    .push(format!("{}: {}", call.path, error.reason));
                failure = failure.or(Some((call.clone(), error)));
            }
        }
    }
    if let Some((call, error)) = failure.filter(|_| rules.bindings.is_empty()) {
        return sink.gap(ENTRY, &call, &error);
    }
    for binding in &mut rules.bindings {
        redact::metadata(&mut binding.metadata);
        binding.metadata.managed_fields.clear();
        binding
            .subjects
            .retain(|it| it.name == account || is_group(&it.name, namespace));
    }
    roles(api, &mut rules, namespace).await;
    let empty = rules.bindings.is_empty();
    source::add(sink, ENTRY, &cluster, &rules, empty);
}

/// Groups every ServiceAccount of a namespace is in, but for those that everybody is in.
fn is_group(name: &str, namespace: &str) -> bool {
    name.strip_prefix("system:serviceaccounts")
        .is_some_and(|rest| rest.is_empty() || rest.strip_prefix(':') == Some(namespace))
}

async fn roles(api: &Api, rules: &mut EffectiveRules, namespace: &str) {
    let mut calls: Vec<Call> = rules
        .bindings
        .iter()
        .map(|binding| role(&binding.role_ref.kind, &binding.role_ref.name, namespace))
        .collect();
    calls.sort_by(|a, b| a.path.cmp(&b.path));
    calls.dedup_by(|a, b| a.path == b.path);
    let reads = calls.iter().map(|call| api.get::<Role>(&call.path));
    let found = futures::future::join_all(reads).await;
    for (call, found) in calls.iter().zip(found) {
        match found {
            Ok(mut role) => {
                redact::metadata(&mut role.metadata);
                role.metadata.managed_fields.clear();
                rules.roles.push(role);
            }
            Err(error) => rules
                .unread
                .push(format!("{}: {}", call.path, error.reason)),
        }
    }
}

fn role(kind: &str, name: &str, namespace: &str) -> Call {
    const BASE: &str = "/apis/rbac.authorization.k8s.io/v1";
    if kind == "Role" {
        get(
            "roles.rbac.authorization.k8s.io",
            Some(namespace),
            format!("{BASE}/namespaces/{namespace}/roles/{name}"),
        )
    } else {
        get(
            "clusterroles.rbac.authorization.k8s.io",
            None,
            format!("{BASE}/clusterroles/{name}"),
        )
    }
}
