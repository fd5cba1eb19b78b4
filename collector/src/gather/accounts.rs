//! What the DNS pods' ServiceAccount may do: CoreDNS that may not watch answers from nothing.

use digpod_bundle::k8s::{EffectiveRules, Pod, Role, RoleBinding};
use digpod_bundle::{Status, layout};

use super::redact;
use super::source::{self, Unread, get, items, list};
use crate::api::Api;
use crate::sink::{Call, Sink};

const ENTRY: &str = layout::DNS_SERVICE_ACCOUNT_RULES;
const BASE: &str = "/apis/rbac.authorization.k8s.io/v1";

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
        format!("{BASE}/clusterrolebindings"),
    );
    let local = list(
        "rolebindings.rbac.authorization.k8s.io",
        Some(namespace),
        format!("{BASE}/namespaces/{namespace}/rolebindings"),
    );
    let (in_cluster, in_namespace) = futures::join!(
        items::<RoleBinding>(api, &cluster, names_it),
        items::<RoleBinding>(api, &local, names_it),
    );
    let mut rules = EffectiveRules {
        namespace: namespace.to_owned(),
        service_account: account.clone(),
        ..EffectiveRules::default()
    };
    // Without the one list of bindings, what the other says is a part of the truth only.
    let mut unread = Unread::default();
    let mut failure = None;
    for (call, found) in [(&cluster, in_cluster), (&local, in_namespace)] {
        match found {
            Ok(found) => {
                rules.bindings.extend(found.items);
                unread.cut(call, &found.end);
            }
            Err(error) => {
                unread.failed(call, &error);
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
    roles(api, &mut rules, &mut unread, namespace).await;
    let empty = rules.bindings.is_empty();
    source::add_partly(sink, ENTRY, &cluster, &rules, empty, &unread);
}

/// Groups every ServiceAccount of a namespace is in, but for those that everybody is in.
fn is_group(name: &str, namespace: &str) -> bool {
    name.strip_prefix("system:serviceaccounts")
        .is_some_and(|rest| rest.is_empty() || rest.strip_prefix(':') == Some(namespace))
}

async fn roles(api: &Api, rules: &mut EffectiveRules, unread: &mut Unread, namespace: &str) {
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
            Err(error) => unread.failed(call, &error),
        }
    }
}

fn role(kind: &str, name: &str, namespace: &str) -> Call {
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
