//! `pods/log`.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use futures::stream;
use jiff::SignedDuration;
use serde_json::Value;

use super::status::Refusal;
use super::write::pods;
use super::{Answer, Context, plain};
use crate::cluster::Cluster;
use crate::fault::Harm;
use crate::json::{at, list, text};
use crate::logs::{LogKey, Want};
use crate::time;

/// How often a followed log is looked at.
const LOOK: Duration = Duration::from_millis(100);

/// A container's log, or the part that is wanted.
pub(super) fn answer(context: &Context) -> Answer {
    let call = &context.call;
    let pod = context
        .cluster
        .store
        .get(pods(), &call.namespace, &call.name);
    let pod = pod.ok_or_else(|| Refusal::not_found(pods(), &call.name))?;
    let container = container(context, &pod)?;
    let previous = context.query("previous") == "true";
    let key = LogKey::new(&call.namespace, &call.name, &container, previous);
    if previous && !context.cluster.logs.has(&key) {
        return Err(Refusal::bad_request(format!(
            "previous terminated container \"{container}\" in pod \"{}\" not found",
            call.name
        )));
    }
    if let Some(reason) = waiting(&pod, &container)
        && !previous
    {
        return Err(Refusal::bad_request(format!(
            "container \"{container}\" in pod \"{}\" is waiting to start: {reason}",
            call.name
        )));
    }
    if context.harm == Some(Harm::EndlessLog) {
        return Ok(plain(endless()));
    }
    let want = want(context);
    let first = context.cluster.logs.read(&key, 0, &want);
    if context.query("follow") != "true" || previous {
        return Ok(plain(first));
    }
    let follow = Follow {
        cluster: Arc::clone(&context.cluster),
        namespace: call.namespace.clone(),
        name: call.name.clone(),
        container,
        read: context.cluster.logs.len(&key),
        key,
        want: Want {
            tail: None,
            since: None,
            ..want
        },
    };
    let begin = (Some(first), follow);
    let body = stream::unfold(begin, |(first, mut follow)| async move {
        let text = match first {
            Some(text) => text,
            None => follow.next().await?,
        };
        Some((
            Ok::<Bytes, std::io::Error>(Bytes::from(text)),
            (None, follow),
        ))
    });
    Ok(plain(Body::from_stream(body)))
}

/// Lines without end.
fn endless() -> Body {
    let parts = stream::unfold(0_u64, |number| async move {
        // As fast as it is read, but for a breath: one that reads and one that writes share the machine.
        tokio::time::sleep(Duration::from_millis(2)).await;
        let mut text = String::with_capacity(64 << 10);
        let mut number = number;
        while text.len() < 60 << 10 {
            let at = time::nanos(time::now());
            let line = format!(
                "{at} [INFO] 10.244.3.17:4711 - {number} \"A IN app.corp.internal. udp 35 false 512\" NOERROR qr,aa,rd 68 0.0002s\n"
            );
            text.push_str(&line);
            number += 1;
        }
        Some((Ok::<Bytes, std::io::Error>(Bytes::from(text)), number))
    });
    Body::from_stream(parts)
}

struct Follow {
    cluster: Arc<Cluster>,
    namespace: String,
    name: String,
    container: String,
    key: LogKey,
    read: usize,
    want: Want,
}

impl Follow {
    /// What was written since; `None` when the container has ended and all of it was read.
    async fn next(&mut self) -> Option<String> {
        loop {
            let ended = match self.cluster.store.get(pods(), &self.namespace, &self.name) {
                Some(pod) => state(&pod, &self.container)
                    .is_none_or(|state| state.get("terminated").is_some()),
                None => true,
            };
            let length = self.cluster.logs.len(&self.key);
            if length > self.read {
                let text = self.cluster.logs.read(&self.key, self.read, &self.want);
                self.read = length;
                return Some(text);
            }
            if ended {
                return None;
            }
            tokio::time::sleep(LOOK).await;
        }
    }
}

/// The container that is meant.
fn container(context: &Context, pod: &Value) -> Result<String, Refusal> {
    let wanted = context.query("container");
    let name = &context.call.name;
    let names: Vec<&str> = ["spec.initContainers", "spec.containers"]
        .iter()
        .flat_map(|path| list(pod, path))
        .map(|container| text(container, "name"))
        .collect();
    if !wanted.is_empty() {
        return if names.contains(&wanted) {
            Ok(wanted.to_owned())
        } else {
            Err(Refusal::bad_request(format!(
                "container {wanted} is not valid for pod {name}"
            )))
        };
    }
    match names.as_slice() {
        [only] => Ok((*only).to_owned()),
        _ => Err(Refusal::bad_request(format!(
            "a container name must be specified for pod {name}, choose one of: [{}]",
            names.join(" ")
        ))),
    }
}

fn state<'a>(pod: &'a Value, container: &str) -> Option<&'a Value> {
    let statuses = ["status.containerStatuses", "status.initContainerStatuses"];
    let mut statuses = statuses.iter().flat_map(|path| list(pod, path));
    statuses
        .find(|status| text(status, "name") == container)?
        .get("state")
}

/// Why a container has not begun.
fn waiting(pod: &Value, container: &str) -> Option<String> {
    match state(pod, container) {
        Some(state) => {
            let reason = at(state, "waiting.reason").and_then(Value::as_str)?;
            // After a crash there is a log to show.
            (reason != "CrashLoopBackOff").then(|| reason.to_owned())
        }
        None => Some("ContainerCreating".to_owned()),
    }
}

fn want(context: &Context) -> Want {
    let number = |key: &str| context.query(key).parse::<usize>().ok();
    let seconds = context.query("sinceSeconds").parse::<i64>().ok();
    let ago = seconds.and_then(|s| time::now().checked_sub(SignedDuration::from_secs(s)).ok());
    Want {
        tail: number("tailLines"),
        since: ago.or_else(|| context.query("sinceTime").parse().ok()),
        timestamps: context.query("timestamps") == "true",
        limit_bytes: number("limitBytes"),
    }
}
