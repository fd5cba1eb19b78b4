//! `get` and `list`, with selectors, paging and the forms that clients may ask for.

use axum::http::StatusCode;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::status::Refusal;
use super::{Answer, Context, json as answer_json, table};
use crate::fault::Harm;
use crate::json::{at, set};
use crate::resources::Resource;
use crate::selector::Selector;
use crate::{store, time};

/// The form of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Object,
    Table,
    Metadata,
}

impl Form {
    /// The first one that the client accepts.
    pub(super) fn of(context: &Context) -> Self {
        let accept = context.accept();
        let first = accept
            .split(',')
            .find(|part| part.contains("json") || part.contains("*/*"));
        let first = first.unwrap_or_default();
        if first.contains("as=Table") {
            Self::Table
        } else if first.contains("as=PartialObjectMetadata") {
            Self::Metadata
        } else {
            Self::Object
        }
    }
}

/// One object.
pub(super) fn get(context: &Context, resource: &'static Resource) -> Answer {
    let call = &context.call;
    let object = context
        .cluster
        .store
        .get(resource, call.storage_namespace(), &call.name);
    let object = object.ok_or_else(|| Refusal::not_found(resource, &call.name))?;
    let version = at(&object, "metadata.resourceVersion")
        .cloned()
        .unwrap_or_default();
    let mut value = match Form::of(context) {
        Form::Object => whole(resource, &object),
        Form::Metadata => metadata(&object),
        Form::Table => table::of(
            resource,
            &[object],
            &json!({"resourceVersion": version}),
            time::now(),
        ),
    };
    if let Some(Harm::Huge(mb)) = context.harm {
        swell(&mut value, mb);
    }
    Ok(answer_json(StatusCode::OK, &value))
}

/// Makes an object as large as none is.
fn swell(object: &mut Value, mb: usize) {
    set(
        object,
        "metadata.annotations.swollen",
        "x".repeat(mb * 1_000_000),
    );
}

/// The selector of a request.
pub(super) fn selector(context: &Context) -> Result<Selector, Refusal> {
    Selector::parse(
        context.query("labelSelector"),
        context.query("fieldSelector"),
    )
    .map_err(Refusal::bad_request)
}

/// The namespace that a list is limited to.
pub(super) fn scope<'a>(context: &'a Context, resource: &Resource) -> Option<&'a str> {
    let namespace = context.call.namespace.as_str();
    (resource.namespaced && !namespace.is_empty()).then_some(namespace)
}

/// Many objects.
pub(super) fn list(context: &Context, resource: &'static Resource) -> Answer {
    let selector = selector(context)?;
    let limit = match context.query("limit").parse::<usize>() {
        Ok(limit @ 1..) => limit,
        _ => usize::MAX,
    };
    let after = continued(context.query("continue"))?;
    if let (Some(Harm::Expire | Harm::ExpireAll), Some(after)) = (context.harm, &after) {
        let offered = (context.harm == Some(Harm::Expire)).then(|| token(after));
        return Err(Refusal::expired(offered));
    }
    let scope = scope(context, resource);
    let page = context
        .cluster
        .store
        .page(resource, scope, &selector, after.as_ref(), limit);
    let objects = page.objects;
    let mut head = json!({"resourceVersion": page.version.to_string()});
    if let Some(remaining) = page.remaining {
        head["remainingItemCount"] = remaining.into();
    }
    if let (true, Some(last)) = (page.more, objects.last()) {
        head["continue"] = token(&store::key(last)).into();
    }
    let mut value = match Form::of(context) {
        Form::Table => table::of(resource, &objects, &head, time::now()),
        Form::Object => json!({
            "kind": format!("{}List", resource.kind),
            "apiVersion": resource.api_version(),
            "metadata": head,
            "items": objects.iter().map(|object| item(object)).collect::<Vec<_>>(),
        }),
        Form::Metadata => json!({
            "kind": "PartialObjectMetadataList",
            "apiVersion": "meta.k8s.io/v1",
            "metadata": head,
            "items": objects.iter().map(|object| metadata(object)).collect::<Vec<_>>(),
        }),
    };
    if let Some(Harm::Huge(mb)) = context.harm
        && let Some(first) = value.pointer_mut("/items/0")
    {
        swell(first, mb);
    }
    Ok(answer_json(StatusCode::OK, &value))
}

fn token(key: &store::Key) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(key).unwrap_or_default())
}

fn continued(token: &str) -> Result<Option<store::Key>, Refusal> {
    if token.is_empty() {
        return Ok(None);
    }
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).ok();
    let key = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    key.map(Some)
        .ok_or_else(|| Refusal::bad_request("continue key is not valid"))
}

/// An object with its kind and version.
pub(super) fn whole(resource: &Resource, object: &Value) -> Value {
    let mut object = object.clone();
    object["kind"] = resource.kind.into();
    object["apiVersion"] = resource.api_version().into();
    object
}

/// An object as typed lists have it: without kind and version.
fn item(object: &Value) -> Value {
    let mut object = object.clone();
    if let Some(map) = object.as_object_mut() {
        map.remove("kind");
        map.remove("apiVersion");
    }
    object
}

/// Only the metadata.
pub(super) fn metadata(object: &Value) -> Value {
    json!({
        "kind": "PartialObjectMetadata",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": object.get("metadata"),
    })
}
