//! As much of `OpenAPI` as kubectl needs to leave the checking of fields to the server.

use axum::http::StatusCode;
use serde_json::{Map, Value, json};

use super::status::Refusal;
use super::{Answer, json as answer_json};
use crate::resources::{RESOURCES, groups};

/// `/openapi/v3` and the documents below; version 2 is not served.
pub(super) fn answer(path: &str) -> Answer {
    let prefix = "/openapi/v3";
    let Some(rest) = path.strip_prefix(prefix) else {
        return Err(Refusal::no_such_path());
    };
    let documents = || {
        let groups = groups()
            .into_iter()
            .map(|(g, v)| (format!("apis/{g}/{v}"), g, v));
        std::iter::once(("api/v1".to_owned(), "", "v1")).chain(groups)
    };
    if rest.is_empty() {
        let paths: Map<String, Value> = documents()
            .map(|(name, _, _)| {
                let url = json!({"serverRelativeURL": format!("{prefix}/{name}")});
                (name, url)
            })
            .collect();
        return Ok(answer_json(StatusCode::OK, &json!({"paths": paths})));
    }
    let document = documents().find(|(name, _, _)| rest.trim_start_matches('/') == name);
    let (name, group, version) = document.ok_or_else(Refusal::no_such_path)?;
    Ok(answer_json(
        StatusCode::OK,
        &self::document(&name, group, version),
    ))
}

/// That every object can be patched with `fieldValidation`.
fn document(name: &str, group: &str, version: &str) -> Value {
    let mut paths = Map::new();
    for resource in RESOURCES
        .iter()
        .filter(|r| r.group == group && r.version == version)
    {
        let place = if resource.namespaced {
            "namespaces/{namespace}/"
        } else {
            ""
        };
        let query = |name: &str| json!({"name": name, "in": "query", "schema": {"type": "string"}});
        let patch = json!({"patch": {
            "parameters": [query("dryRun"), query("fieldManager"), query("fieldValidation")],
            "responses": {"200": {"description": "OK"}},
            "x-kubernetes-action": "patch",
            "x-kubernetes-group-version-kind": {
                "group": group, "kind": resource.kind, "version": version,
            },
        }});
        paths.insert(
            format!("/{name}/{place}{}/{{name}}", resource.plural),
            patch,
        );
    }
    json!({"openapi": "3.0.0", "info": {"title": "Kubernetes", "version": version}, "paths": paths})
}
