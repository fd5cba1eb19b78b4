//! `create`, `update` and `patch`.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::objects::whole;
use super::status::Refusal;
use super::{Answer, Context, admission, json as answer_json};
use crate::json::{at, merge, set, text};
use crate::resources::Resource;
use crate::{kubelet, resources};

/// A new object.
pub(super) fn create(context: &Context, resource: &'static Resource) -> Answer {
    insert(context, resource, context.object()?)
}

fn insert(context: &Context, resource: &'static Resource, mut object: Value) -> Answer {
    writable(resource)?;
    let (call, cluster) = (&context.call, &context.cluster);
    if resource.namespaced {
        let own = text(&object, "metadata.namespace");
        if !own.is_empty() && own != call.namespace {
            return Err(Refusal::bad_request(format!(
                "the namespace of the provided object does not match the namespace sent on the request \
                 ({own} vs {})",
                call.namespace
            )));
        }
        set(&mut object, "metadata.namespace", call.namespace.as_str());
    }
    let prefix = text(&object, "metadata.generateName").to_owned();
    if text(&object, "metadata.name").is_empty() && !prefix.is_empty() {
        set(
            &mut object,
            "metadata.name",
            format!("{prefix}{}", cluster.random.suffix()),
        );
    }
    admission::check(cluster, resource, &object)?;
    admission::complete(cluster, resource, &mut object);
    let name = text(&object, "metadata.name").to_owned();
    if context.dry_run() {
        return match cluster.store.get(resource, call.storage_namespace(), &name) {
            Some(_) => Err(Refusal::exists(resource, &name)),
            None => Ok(answer_json(StatusCode::CREATED, &whole(resource, &object))),
        };
    }
    let created = cluster.store.create(resource, object);
    let created = created.ok_or_else(|| Refusal::exists(resource, &name))?;
    match resource.kind {
        "Namespace" => admission::furnish(cluster, &name),
        "Pod" => kubelet::start(cluster, created.clone()),
        _ => {}
    }
    Ok(answer_json(StatusCode::CREATED, &whole(resource, &created)))
}

fn writable(resource: &Resource) -> Result<(), Refusal> {
    if resource.readonly {
        let message = "the server does not allow this method on the requested resource";
        return Err(Refusal::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "MethodNotAllowed",
            message,
        ));
    }
    Ok(())
}

/// Puts an object in the place of the one that is there.
pub(super) fn update(context: &Context, resource: &'static Resource) -> Answer {
    let object = context.object()?;
    change(context, resource, |old| {
        let version = text(&object, "metadata.resourceVersion");
        if !version.is_empty() && version != text(old, "metadata.resourceVersion") {
            return Err(Refusal::conflict(resource, &context.call.name));
        }
        let mut new = object.clone();
        for kept in [
            "metadata.uid",
            "metadata.creationTimestamp",
            "metadata.namespace",
        ] {
            if let Some(value) = at(old, kept) {
                set(&mut new, kept, value.clone());
            }
        }
        *old = new;
        Ok(())
    })
}

/// Merge patches, strategic ones (as merge patches), JSON patches not; and server-side apply.
pub(super) fn patch(context: &Context, resource: &'static Resource) -> Answer {
    let kind = context.content_type();
    if kind.contains("json-patch") {
        let message = "the body of the request was in an unknown format - accepted media types include: \
                       application/merge-patch+json, application/strategic-merge-patch+json, \
                       application/apply-patch+yaml";
        return Err(Refusal::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "UnsupportedMediaType",
            message,
        ));
    }
    let mut patch = context.object()?;
    let (call, cluster) = (&context.call, &context.cluster);
    let here = cluster
        .store
        .get(resource, call.storage_namespace(), &call.name)
        .is_some();
    if !here && kind.contains("apply-patch") {
        set(&mut patch, "metadata.name", call.name.as_str());
        return insert(context, resource, patch);
    }
    change(context, resource, |old| {
        merge(old, patch);
        Ok(())
    })
}

fn change(
    context: &Context,
    resource: &'static Resource,
    change: impl FnOnce(&mut Value) -> Result<(), Refusal>,
) -> Answer {
    writable(resource)?;
    let call = &context.call;
    let mut refused = None;
    let mut dry = None;
    let new =
        context
            .cluster
            .store
            .update(resource, call.storage_namespace(), &call.name, |object| {
                let mut new = object.clone();
                if let Err(refusal) = change(&mut new) {
                    refused = Some(refusal);
                    return false;
                }
                if context.dry_run() {
                    dry = Some(new);
                    return false;
                }
                *object = new;
                true
            });
    if let Some(refusal) = refused {
        return Err(refusal);
    }
    if let Some(dry) = dry {
        return Ok(answer_json(StatusCode::OK, &whole(resource, &dry)));
    }
    let new = new.ok_or_else(|| Refusal::not_found(resource, &call.name))?;
    Ok(answer_json(StatusCode::OK, &whole(resource, &new)))
}

/// The answer to something that worked and has nothing to show.
pub(super) fn success(resource: &Resource, object: &Value) -> Value {
    json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success",
        "details": {
            "name": text(object, "metadata.name"),
            "group": resource.group,
            "kind": resource.plural,
            "uid": text(object, "metadata.uid"),
        },
    })
}

/// The resource of pods.
pub(super) fn pods() -> &'static Resource {
    resources::named("", "pods")
}
