//! Discovery: which groups, versions and resources there are.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use super::status::Refusal;
use super::{Answer, json as answer_json, plain};
use crate::cluster::Cluster;
use crate::resources::{RESOURCES, REVIEWS, groups};

/// What everybody may read.
pub(super) fn public(cluster: &Cluster, path: &str) -> Response {
    if path != "/version" {
        return plain("ok");
    }
    let version = &cluster.settings.server_version;
    let mut numbers = version.trim_start_matches('v').split('.');
    let mut number = || numbers.next().unwrap_or_default();
    ok(&json!({
        "major": number(),
        "minor": number(),
        "gitVersion": version,
        "gitCommit": "",
        "gitTreeState": "clean",
        "buildDate": "1970-01-01T00:00:00Z",
        "goVersion": "go1.24.6",
        "compiler": "gc",
        "platform": "linux/amd64",
    }))
}

/// `/api`, `/apis` and the lists below.
pub(super) fn answer(cluster: &Cluster, path: &str) -> Answer {
    let groups = || {
        let served = |(group, _): &(&str, &str)| serves(cluster, group);
        groups().into_iter().filter(served).collect::<Vec<_>>()
    };
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        [] => Ok(ok(
            &json!({"paths": ["/api", "/api/v1", "/apis", "/healthz", "/version"]}),
        )),
        ["api"] => Ok(ok(&json!({
            "kind": "APIVersions",
            "versions": ["v1"],
            "serverAddressByClientCIDRs": [],
        }))),
        ["apis"] => {
            let groups: Vec<Value> = groups().into_iter().map(|(g, v)| group(g, v)).collect();
            Ok(ok(
                &json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}),
            ))
        }
        ["apis", name] => {
            let found = groups().into_iter().find(|(group, _)| group == name);
            let (name, version) = found.ok_or_else(Refusal::no_such_path)?;
            let mut group = group(name, version);
            group["kind"] = "APIGroup".into();
            group["apiVersion"] = "v1".into();
            Ok(ok(&group))
        }
        ["api", "v1"] => Ok(ok(&resources("", "v1"))),
        ["apis", name, version] => {
            if !groups().contains(&(*name, *version)) {
                return Err(Refusal::no_such_path());
            }
            Ok(ok(&resources(name, version)))
        }
        _ => Err(Refusal::no_such_path()),
    }
}

/// Whether a group is served: of custom resources only where there is an object.
pub(super) fn serves(cluster: &Cluster, group: &str) -> bool {
    let mut of_group = RESOURCES.iter().filter(|r| r.group == group).peekable();
    let custom = of_group.peek().is_some_and(|resource| resource.custom);
    !custom || of_group.any(|resource| !cluster.store.list(resource, None).0.is_empty())
}

fn ok(value: &Value) -> Response {
    answer_json(StatusCode::OK, value)
}

fn group(name: &str, version: &str) -> Value {
    let version = json!({"groupVersion": format!("{name}/{version}"), "version": version});
    json!({"name": name, "versions": [version], "preferredVersion": version})
}

fn resources(group: &str, version: &str) -> Value {
    let mut list = Vec::new();
    for resource in RESOURCES
        .iter()
        .filter(|r| r.group == group && r.version == version)
    {
        list.push(json!({
            "name": resource.plural,
            "singularName": resource.kind.to_lowercase(),
            "namespaced": resource.namespaced,
            "kind": resource.kind,
            "verbs": resource.verbs(),
            "shortNames": resource.short,
        }));
        for subresource in resource.subresources {
            list.push(json!({
                "name": format!("{}/{subresource}", resource.plural),
                "singularName": "",
                "namespaced": resource.namespaced,
                "kind": resource.kind,
                "verbs": match *subresource {
                    "log" => &["get"][..],
                    "proxy" => &["create", "delete", "get", "patch", "update"],
                    _ => &["get", "patch", "update"],
                },
            }));
        }
    }
    for (_, plural, kind) in REVIEWS.iter().filter(|(of, _, _)| *of == group) {
        list.push(json!({
            "name": plural, "singularName": kind.to_lowercase(), "namespaced": false,
            "kind": kind, "verbs": ["create"],
        }));
    }
    let group_version = if group.is_empty() {
        version.to_owned()
    } else {
        format!("{group}/{version}")
    };
    json!({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group_version, "resources": list})
}
