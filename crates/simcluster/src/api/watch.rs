//! `watch`: changes as they happen.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use futures::stream;
use serde_json::{Value, json};

use super::objects::{Form, metadata, scope, selector, whole};
use super::{Answer, Context, table};
use crate::cluster::Cluster;
use crate::json::text;
use crate::resources::Resource;
use crate::selector::Selector;
use crate::store::Change;
use crate::time;

/// How long a watch stays open where the client does not say.
const USUAL: u64 = 1800;

struct Watch {
    cluster: Arc<Cluster>,
    resource: &'static Resource,
    namespace: Option<String>,
    selector: Selector,
    form: Form,
    bookmarks: bool,
    version: u64,
    ready: VecDeque<Bytes>,
    gone: bool,
}

/// A stream of events, one JSON line each, until `timeoutSeconds`.
pub(super) fn answer(context: &Context, resource: &'static Resource) -> Answer {
    let (objects, now) = context
        .cluster
        .store
        .list(resource, scope(context, resource));
    let from = context.query("resourceVersion");
    let initial = from.is_empty() || from == "0" || context.query("sendInitialEvents") == "true";
    let mut watch = Watch {
        cluster: Arc::clone(&context.cluster),
        resource,
        namespace: scope(context, resource).map(str::to_owned),
        selector: selector(context)?,
        form: Form::of(context),
        bookmarks: context.query("allowWatchBookmarks") == "true",
        version: if initial {
            now
        } else {
            from.parse().unwrap_or(now)
        },
        ready: VecDeque::new(),
        gone: false,
    };
    if initial {
        for object in &objects {
            if watch.selector.fits(object) {
                watch.say("ADDED", object);
            }
        }
        if context.query("sendInitialEvents") == "true" {
            watch.bookmark(true);
        }
    }
    let seconds = context.query("timeoutSeconds").parse().unwrap_or(USUAL);
    let end = tokio::time::Instant::now() + Duration::from_secs(seconds);
    let body = Body::from_stream(stream::unfold(watch, move |mut watch| async move {
        let next = tokio::time::timeout_at(end, watch.next()).await;
        match next {
            Ok(Some(line)) => Some((Ok::<Bytes, std::io::Error>(line), watch)),
            Ok(None) | Err(_) => None,
        }
    }));
    Ok(([(CONTENT_TYPE, "application/json")], body).into_response())
}

impl Watch {
    async fn next(&mut self) -> Option<Bytes> {
        let mut changes = self.cluster.store.changes();
        loop {
            if let Some(line) = self.ready.pop_front() {
                return Some(line);
            }
            if self.gone {
                return None;
            }
            match self.cluster.store.since(self.version) {
                Some(new) => {
                    for change in new {
                        self.version = change.version;
                        self.change(&change);
                    }
                }
                None => self.too_old(),
            }
            if self.ready.is_empty() {
                changes.changed().await.ok()?;
            }
        }
    }

    fn change(&mut self, change: &Change) {
        if !std::ptr::eq(change.resource, self.resource) {
            return;
        }
        let fits = |object: &Arc<Value>| {
            let namespace = self.namespace.as_deref();
            namespace.is_none_or(|namespace| text(object, "metadata.namespace") == namespace)
                && self.selector.fits(object)
        };
        let old = change.old.as_ref().filter(|object| fits(object));
        let new = change.new.as_ref().filter(|object| fits(object));
        match (old, new) {
            (None, Some(new)) => self.say("ADDED", new),
            (Some(_), Some(new)) => self.say("MODIFIED", new),
            (Some(old), None) => self.say("DELETED", change.new.as_ref().unwrap_or(old)),
            (None, None) => {}
        }
    }

    fn say(&mut self, kind: &str, object: &Arc<Value>) {
        let object = match self.form {
            Form::Object => whole(self.resource, object),
            Form::Metadata => metadata(object),
            Form::Table => {
                let head = json!({"resourceVersion": text(object, "metadata.resourceVersion")});
                table::of(self.resource, &[Arc::clone(object)], &head, time::now())
            }
        };
        self.line(&json!({"type": kind, "object": object}));
    }

    fn bookmark(&mut self, initial: bool) {
        if !self.bookmarks {
            return;
        }
        let mut metadata =
            json!({"resourceVersion": self.version.to_string(), "creationTimestamp": null});
        if initial {
            metadata["annotations"] = json!({"k8s.io/initial-events-end": "true"});
        }
        let object = json!({
            "kind": self.resource.kind, "apiVersion": self.resource.api_version(), "metadata": metadata,
        });
        self.line(&json!({"type": "BOOKMARK", "object": object}));
    }

    fn too_old(&mut self) {
        self.gone = true;
        let message = format!("too old resource version: {}", self.version);
        self.line(&json!({"type": "ERROR", "object": {
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "reason": "Expired", "code": 410, "message": message,
        }}));
    }

    fn line(&mut self, event: &Value) {
        self.ready.push_back(Bytes::from(format!("{event}\n")));
    }
}
