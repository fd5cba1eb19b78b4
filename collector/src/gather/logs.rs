//! Logs of the DNS pods: the container that runs and the one before it.

use std::fmt::Write as _;

use digpod_bundle::k8s::Pod;
use digpod_bundle::{Item, LogStream, Status, layout};
use futures::StreamExt as _;

use crate::api::Api;
use crate::sink::{Call, Sink};

/// Newest lines read of each container.
const MAX_LINES: usize = 50_000;
/// Most bytes read of each, so that lines of any length fit in memory.
const MAX_BYTES: usize = 32 << 20;
/// Logs read at once.
const AT_ONCE: usize = 8;

/// Reads them all.
pub(super) async fn logs(
    api: &Api,
    sink: &Sink,
    namespace: &str,
    pods: &[Pod],
    since: Option<u64>,
) {
    let mut wanted = Vec::new();
    for pod in pods {
        for container in &pod.spec.containers {
            let status = pod
                .status
                .container_statuses
                .iter()
                .find(|it| it.name == container.name);
            let restarted =
                status.is_some_and(|it| it.restart_count > 0 || it.last_state.terminated.is_some());
            let mut want =
                |stream| wanted.push((pod.metadata.name.clone(), container.name.clone(), stream));
            want(LogStream::Current);
            if restarted {
                want(LogStream::Previous);
            }
        }
    }
    let reads = wanted.into_iter().map(|(pod, container, stream)| Read {
        pod,
        container,
        stream,
        namespace: namespace.to_owned(),
        since,
    });
    futures::stream::iter(reads)
        .for_each_concurrent(AT_ONCE, |read| one(api, sink, read))
        .await;
}

/// One log to read.
struct Read {
    namespace: String,
    pod: String,
    container: String,
    stream: LogStream,
    since: Option<u64>,
}

async fn one(api: &Api, sink: &Sink, read: Read) {
    let Read {
        namespace,
        pod: name,
        container,
        stream,
        since,
    } = read;
    let mut path = format!(
        "/api/v1/namespaces/{namespace}/pods/{name}/log?container={container}&timestamps=true&tailLines={MAX_LINES}&limitBytes={MAX_BYTES}"
    );
    if let Some(seconds) = since {
        let _ = write!(path, "&sinceSeconds={seconds}");
    }
    if stream == LogStream::Previous {
        path.push_str("&previous=true");
    }
    let call = Call {
        verb: "get",
        resource: "pods/log",
        namespace: Some(namespace),
        path,
    };
    match api.get_text(&call.path).await {
        Ok(log) => {
            let cut = if log.len() >= MAX_BYTES {
                // The server counts from the older end.
                Some(format!(
                    "only {} MiB of the newest {MAX_LINES} lines were read, the older ones",
                    MAX_BYTES >> 20
                ))
            } else if log.lines().count() >= MAX_LINES {
                Some(format!("only the newest {MAX_LINES} lines were read"))
            } else {
                None
            };
            let status = match (log.is_empty(), cut.is_some()) {
                (true, _) => Status::Empty,
                (_, true) => Status::Truncated,
                _ => Status::Ok,
            };
            let item = Item {
                status,
                reason: cut,
                source: Some(format!("GET {}", call.path)),
                ..Item::default()
            };
            sink.log(&name, &container, stream, &log, &item);
        }
        Err(error) => sink.gap(&layout::log(&name, &container, stream, 0), &call, &error),
    }
}
