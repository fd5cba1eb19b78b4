//! `delete` and `deletecollection`.

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::objects::{scope, selector, whole};
use super::status::Refusal;
use super::write::{pods, success};
use super::{Answer, Context, json as answer_json};
use crate::cluster::Cluster;
use crate::json::{at, list, number, set, text};
use crate::resources::{self, RESOURCES, Resource};
use crate::time::{now, seconds};

/// How long the kubelet takes to stop a pod.
const STOP: Duration = Duration::from_millis(80);

/// Deletes one object.
pub(super) fn one(context: &Context, resource: &'static Resource) -> Answer {
    let call = &context.call;
    let namespace = call.storage_namespace();
    let object = context.cluster.store.get(resource, namespace, &call.name);
    let object = object.ok_or_else(|| Refusal::not_found(resource, &call.name))?;
    let options = options(context);
    let wanted = text(&options, "preconditions.uid");
    if !wanted.is_empty() && wanted != text(&object, "metadata.uid") {
        return Err(Refusal::conflict(resource, &call.name));
    }
    if context.dry_run() || at(&options, "dryRun").is_some_and(|dry| !dry.is_null()) {
        return Ok(answer_json(StatusCode::OK, &whole(resource, &object)));
    }
    let left = delete(
        &context.cluster,
        resource,
        &object,
        grace(context, &options),
    );
    let answer = match left {
        Some(object) => whole(resource, &object),
        None if matches!(resource.kind, "Pod" | "Namespace") => whole(resource, &object),
        None => success(resource, &object),
    };
    Ok(answer_json(StatusCode::OK, &answer))
}

/// Deletes what the selectors of the request fit.
pub(super) fn many(context: &Context, resource: &'static Resource) -> Answer {
    let selector = selector(context)?;
    let (objects, version) = context
        .cluster
        .store
        .list(resource, scope(context, resource));
    let objects: Vec<Arc<Value>> = objects
        .into_iter()
        .filter(|object| selector.fits(object))
        .collect();
    if !context.dry_run() {
        let grace = grace(context, &options(context));
        for object in &objects {
            delete(&context.cluster, resource, object, grace);
        }
    }
    let items: Vec<&Value> = objects.iter().map(AsRef::as_ref).collect();
    Ok(answer_json(
        StatusCode::OK,
        &json!({
            "kind": format!("{}List", resource.kind),
            "apiVersion": resource.api_version(),
            "metadata": {"resourceVersion": version.to_string()},
            "items": items,
        }),
    ))
}

fn options(context: &Context) -> Value {
    serde_json::from_slice(&context.body).unwrap_or_default()
}

fn grace(context: &Context, options: &Value) -> Option<i64> {
    let query = context.query("gracePeriodSeconds").parse().ok();
    query.or_else(|| at(options, "gracePeriodSeconds").and_then(Value::as_i64))
}

/// Removes an object, or begins to: then it is given back as it is now.
fn delete(
    cluster: &Arc<Cluster>,
    resource: &'static Resource,
    object: &Value,
    grace: Option<i64>,
) -> Option<Arc<Value>> {
    match resource.kind {
        "Pod" => delete_pod(cluster, object, grace),
        "Namespace" => delete_namespace(cluster, object),
        _ => {
            let (namespace, name) = (
                text(object, "metadata.namespace"),
                text(object, "metadata.name"),
            );
            cluster.store.remove(resource, namespace, name, None);
            disown(cluster, text(object, "metadata.uid"));
            None
        }
    }
}

fn delete_pod(cluster: &Arc<Cluster>, pod: &Value, grace: Option<i64>) -> Option<Arc<Value>> {
    let namespace = text(pod, "metadata.namespace").to_owned();
    let name = text(pod, "metadata.name").to_owned();
    let uid = text(pod, "metadata.uid").to_owned();
    let started = !text(pod, "spec.nodeName").is_empty();
    let ended = matches!(text(pod, "status.phase"), "Succeeded" | "Failed");
    let grace = grace.unwrap_or_else(|| number(pod, "spec.terminationGracePeriodSeconds"));
    if grace == 0 || !started || ended {
        cluster.store.remove(pods(), &namespace, &name, Some(&uid));
        cluster.logs.remove(&namespace, &name);
        return None;
    }
    let left = cluster.store.update(pods(), &namespace, &name, |pod| {
        set(pod, "metadata.deletionTimestamp", seconds(now()));
        set(pod, "metadata.deletionGracePeriodSeconds", grace);
        true
    });
    let own = Arc::clone(cluster);
    cluster.spawn(async move {
        // The probe stops at the first signal, and so does everything else here.
        tokio::time::sleep(STOP).await;
        own.store.remove(pods(), &namespace, &name, Some(&uid));
        own.logs.remove(&namespace, &name);
    });
    left
}

fn delete_namespace(cluster: &Arc<Cluster>, namespace: &Value) -> Option<Arc<Value>> {
    let namespaces = resources::named("", "namespaces");
    let name = text(namespace, "metadata.name").to_owned();
    let left = cluster.store.update(namespaces, "", &name, |namespace| {
        set(namespace, "metadata.deletionTimestamp", seconds(now()));
        set(namespace, "status.phase", "Terminating");
        true
    });
    let own = Arc::clone(cluster);
    cluster.spawn(async move {
        tokio::time::sleep(STOP).await;
        for resource in RESOURCES.iter().filter(|resource| resource.namespaced) {
            for object in own.store.list(resource, Some(&name)).0 {
                delete(&own, resource, &object, Some(0));
            }
        }
        own.store.remove(namespaces, "", &name, None);
    });
    left
}

/// Deletes what an object owned, as the garbage collector does.
fn disown(cluster: &Arc<Cluster>, uid: &str) {
    if uid.is_empty() {
        return;
    }
    for resource in RESOURCES.iter().filter(|resource| !resource.readonly) {
        for object in cluster.store.list(resource, None).0 {
            let owners = list(&object, "metadata.ownerReferences");
            if !owners.is_empty() && owners.iter().all(|owner| text(owner, "uid") == uid) {
                delete(cluster, resource, &object, None);
            }
        }
    }
}
