//! How a probe's pod fares, judged by its container: an injected sidecar keeps a pod running.

use std::time::{Duration, Instant};

use digpod_bundle::k8s::{ContainerState, Pod};
use serde::Deserialize;

use super::why::{Unpulled, Why};
use crate::api::{Api, Lines};

/// How long a pod may be unschedulable before that counts.
const UNSCHEDULABLE: Duration = Duration::from_secs(5);
/// Pauses between looks where no watch is allowed: short at first, since most pods start at once.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LAST_PAUSE: Duration = Duration::from_millis(500);

/// A pod that is looked at until its container has started.
pub(super) struct Watched {
    api: Api,
    namespace: String,
    name: String,
    lines: Option<Lines>,
    pause: Duration,
}

/// What is known of a container that has started.
pub(super) struct Started {
    pub(super) pod: Pod,
    pub(super) ended: bool,
}

impl Started {
    /// How it ended.
    pub(super) fn end(&self) -> Option<&str> {
        let ended = container(&self.pod)?.terminated.as_ref()?;
        let message = ended.message.as_deref().filter(|it| !it.is_empty());
        message.or(ended.reason.as_deref())
    }
}

#[derive(Deserialize)]
struct Event {
    r#type: String,
    object: serde_json::Value,
}

impl Watched {
    /// Watches where that is allowed and looks again and again where it is not.
    pub(super) async fn new(api: &Api, namespace: &str, name: &str) -> Self {
        let path = format!(
            "/api/v1/namespaces/{namespace}/pods?watch=true&timeoutSeconds=120\
             &fieldSelector=metadata.name%3D{name}"
        );
        Self {
            api: api.clone(),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            lines: api.lines(&path).await.ok(),
            pause: FIRST_PAUSE,
        }
    }

    /// Waits until the container runs or has ended; says why it never will.
    pub(super) async fn started(&mut self) -> Result<Started, Why> {
        let mut unschedulable: Option<(Instant, String)> = None;
        loop {
            let next = tokio::time::timeout(UNSCHEDULABLE, self.next()).await;
            if let Ok(pod) = next {
                let pod = pod?;
                let state = container(&pod);
                if state.is_some_and(|it| it.terminated.is_some() || it.running.is_some()) {
                    let ended = state.is_some_and(|it| it.terminated.is_some());
                    return Ok(Started { pod, ended });
                }
                if let Some(why) = state.and_then(|state| never_starts(&pod, state)) {
                    return Err(why);
                }
                if pod.status.phase.as_deref() == Some("Failed") {
                    let message = pod.status.message.or(pod.status.reason).unwrap_or_default();
                    return Err(Why::failed(format!("the probe's pod failed: {message}")));
                }
                let condition = pod
                    .status
                    .conditions
                    .iter()
                    .find(|it| it.reason.as_deref() == Some("Unschedulable"));
                unschedulable = condition.map(|it| {
                    let since = unschedulable.map_or_else(Instant::now, |(since, _)| since);
                    (since, it.message.clone().unwrap_or_default())
                });
            }
            if let Some((since, message)) = &unschedulable
                && since.elapsed() >= UNSCHEDULABLE
            {
                return Err(Why::failed(format!(
                    "the probe's pod cannot be scheduled: {message}"
                )));
            }
        }
    }

    /// Waits until the container has ended.
    pub(super) async fn ended(&mut self) -> Result<Pod, Why> {
        loop {
            let pod = self.next().await?;
            if container(&pod).is_some_and(|state| state.terminated.is_some()) {
                return Ok(pod);
            }
        }
    }

    /// The pod as it is after a change or a pause.
    async fn next(&mut self) -> Result<Pod, Why> {
        while let Some(lines) = &mut self.lines {
            let event = lines.next().await.and_then(Result::ok);
            match event.and_then(|line| serde_json::from_str::<Event>(&line).ok()) {
                Some(event) if event.r#type == "DELETED" => {
                    return Err(Why::failed("somebody removed the probe's pod".to_owned()));
                }
                Some(Event { r#type, object })
                    if matches!(r#type.as_str(), "ADDED" | "MODIFIED") =>
                {
                    if let Ok(pod) = serde_json::from_value(object) {
                        return Ok(pod);
                    }
                }
                Some(event) if event.r#type == "BOOKMARK" => {}
                // It has ended, broke off or is too old: looking goes on.
                _ => self.lines = None,
            }
        }
        loop {
            tokio::time::sleep(self.pause).await;
            self.pause = (self.pause + self.pause / 4).min(LAST_PAUSE);
            let path = format!("/api/v1/namespaces/{}/pods/{}", self.namespace, self.name);
            match self.api.get::<Pod>(&path).await {
                Err(error) if matches!(error.code, 0 | 429 | 500..) => {}
                Err(error) if error.code == 404 => {
                    return Err(Why::failed("somebody removed the probe's pod".to_owned()));
                }
                Err(error) => {
                    let permission = format!("get pods in namespace {}", self.namespace);
                    return Err(Why::call(
                        "the probe's pod cannot be read",
                        &error,
                        permission,
                    ));
                }
                Ok(pod) => return Ok(pod),
            }
        }
    }
}

fn container(pod: &Pod) -> Option<&ContainerState> {
    let statuses = &pod.status.container_statuses;
    let status = statuses
        .iter()
        .find(|it| it.name == super::pod::CONTAINER)?;
    Some(&status.state)
}

/// What the kubelet says of an image that it cannot get (kubernetes/kubernetes,
/// `pkg/kubelet/images/types.go`).
const NO_IMAGE: &[&str] = &[
    "ErrImagePull",
    "ImagePullBackOff",
    "ErrImageNeverPull",
    "InvalidImageName",
];

fn never_starts(pod: &Pod, state: &ContainerState) -> Option<Why> {
    const REASONS: &[&str] = &[
        "CreateContainerConfigError",
        "CreateContainerError",
        "RunContainerError",
    ];
    let waiting = state.waiting.as_ref()?;
    let reason = waiting.reason.as_deref()?;
    let unpulled = NO_IMAGE.contains(&reason);
    if !unpulled && !REASONS.contains(&reason) {
        return None;
    }
    let message = waiting.message.as_deref().unwrap_or_default();
    let words = format!("{reason} {message}").trim_end().to_owned();
    Some(Why {
        unpulled: unpulled.then(|| {
            Box::new(Unpulled {
                words: words.clone(),
                pod: pod.metadata.name.clone(),
                node: pod.spec.node_name.clone(),
            })
        }),
        ..Why::failed(format!("the probe's container does not start: {words}"))
    })
}
