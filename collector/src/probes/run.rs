//! One probe from its creation to its answers.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use digpod_bundle::Status;
use digpod_probe::{Plan, ProbeOutput};
use futures::channel::oneshot;
use serde_json::Value;

use super::mounts::missing;
use super::places::Vantage;
use super::size::Size;
use super::state::{Started, Watched};
use super::until::{self, Watching};
use super::why::Why;
use super::{Objects, Options, admission, keep, log, pod, sent};
use crate::api::{Api, CallError};
use crate::progress::Progress;
use crate::sink::Sink;

/// What every probe of a run shares.
pub(crate) struct Context<'a> {
    pub(super) api: &'a Api,
    pub(super) options: &'a Options,
    pub(super) objects: &'a Objects,
    pub(super) sink: &'a Sink,
    pub(super) progress: &'a Progress,
    /// Reasons that were told.
    told: Mutex<BTreeSet<String>>,
}

/// Who is told what a probe says before it ends.
#[derive(Default)]
pub(super) struct Told<'a> {
    pub(super) resolv_conf: Option<oneshot::Sender<String>>,
    pub(super) watching: Option<Watching<'a>>,
}

impl<'a> Told<'a> {
    /// Of the resolv.conf that it finds.
    pub(super) fn resolv_conf(tell: oneshot::Sender<String>) -> Self {
        Self {
            resolv_conf: Some(tell),
            watching: None,
        }
    }

    /// Of how its watch goes.
    pub(super) fn watching(watching: Option<Watching<'a>>) -> Self {
        Self {
            resolv_conf: None,
            watching,
        }
    }
}

/// Time for scheduling, pulling and starting, beyond the probe's budget.
const START: Duration = Duration::from_secs(30);
/// How often, and with which pauses, a new namespace is asked whether its ServiceAccount is there.
const FURNISHING: u32 = 200;
const PAUSE: Duration = Duration::from_millis(50);

/// Runs a probe; what it brought back is in the bundle, or why it brought nothing.
pub(super) async fn run(
    context: &Context<'_>,
    mut vantage: Vantage,
    size: &Result<Size, String>,
    mut told: Told<'_>,
) {
    let asking = longest(&vantage.plan);
    let first = Box::pin(attempt(context, &mut vantage, size, &mut told));
    let mut ended = within(START + asking, first).await;
    if let Err(why) = &ended
        && let Some(unpulled) = why.unpulled.clone()
    {
        let second = Box::pin(sent::instead(
            context,
            &mut vantage,
            size,
            &mut told,
            &unpulled,
        ));
        ended = within(sent::START + asking, second).await;
    }
    match ended {
        Ok(output) => keep::output(context.sink, &vantage, &output),
        Err(why) => {
            // Both reasons of one that could not be pulled were told as they came.
            if why.unpulled.is_none() {
                context.tell(&why);
            }
            keep::gap(context.sink, &vantage, &why);
        }
    }
}

/// How long a probe with this plan may ask.
pub(super) fn longest(plan: &Plan) -> Duration {
    until::before_budget(plan) + Duration::from_millis(plan.budget_ms.into())
}

async fn within(
    limit: Duration,
    work: impl Future<Output = Result<ProbeOutput, Why>>,
) -> Result<ProbeOutput, Why> {
    tokio::time::timeout(limit, work).await.unwrap_or_else(|_| {
        Err(Why::new(
            Status::TimedOut,
            format!("the probe's pod did not end within {} s", limit.as_secs()),
        ))
    })
}

impl<'a> Context<'a> {
    pub(crate) fn new(
        api: &'a Api,
        options: &'a Options,
        objects: &'a Objects,
        sink: &'a Sink,
        progress: &'a Progress,
    ) -> Self {
        Self {
            api,
            options,
            objects,
            sink,
            progress,
            told: Mutex::default(),
        }
    }

    /// Why a probe brought nothing, at once, and of several of the same reason once.
    pub(super) fn tell(&self, why: &Why) {
        self.note_once(&format!("a probe brought nothing back: {}", why.reason));
    }

    /// What is true of several probes, once.
    pub(super) fn note_once(&self, text: &str) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.insert(text.to_owned()) {
            self.progress.note(text);
        }
    }
}

/// A permission that a probe's pod in a namespace needs and that is known to be denied: what could
/// not be read or removed again is not created.
pub(super) fn denied(context: &Context<'_>, namespace: &str) -> Option<String> {
    // What is granted in a namespace of the run's own shows once it is there, but
    // a pod that nobody may delete is not created anywhere.
    let options = context.options;
    let working = options.working_pod.as_ref().map(|it| it.namespace.as_str());
    let known = namespace == options.namespace || working == Some(namespace);
    let own = options.control_namespace.is_none() && !known;
    let needed = [
        ("create", "pods"),
        ("get", "pods"),
        ("delete", "pods"),
        ("get", "pods/log"),
    ];
    let mut asked = needed.iter().filter(|(verb, _)| !own || *verb == "delete");
    let access = &context.options.access;
    asked.find_map(|(verb, resource)| access.lacks(verb, resource, namespace))
}

async fn attempt(
    context: &Context<'_>,
    vantage: &mut Vantage,
    size: &Result<Size, String>,
    told: &mut Told<'_>,
) -> Result<ProbeOutput, Why> {
    let size = size
        .as_ref()
        .map_err(|why| Why::new(Status::RefusedByAdmission, why.clone()))?;
    let namespace = vantage.place.namespace.clone();
    if let Some(permission) = denied(context, &namespace) {
        return Err(Why {
            status: Status::Forbidden,
            reason: format!(
                "no pod was created: an access review says that it is forbidden to {permission}"
            ),
            missing_permission: Some(permission),
            unpulled: None,
        });
    }
    let mut tries = 0;
    loop {
        let name = pod_name(context.objects.run(), &vantage.id, tries);
        create(context, vantage, size, &name).await?;
        let mut watched = Watched::new(context.api, &namespace, &name).await;
        let started = {
            let lacking = missing::find(context.api, &namespace, &name, &vantage.place.mounts);
            tokio::select! {
                started = watched.started() => Ok(started?),
                volumes = lacking => Err(volumes),
            }
        };
        let Started { pod, ended } = match started {
            Ok(started) => started,
            Err(volumes) => {
                context
                    .objects
                    .release(context.api, &namespace, &name)
                    .await;
                vantage.goes_without(&volumes);
                if vantage.place.mounts.is_empty() {
                    return Err(Why::new(
                        Status::NotFound,
                        "the node has none of the files that were looked for".to_owned(),
                    ));
                }
                tries += 1;
                continue;
            }
        };
        keep::pod(context.sink, vantage, &name, pod);
        let read = log::read(context.api, &namespace, &name, &mut watched, ended, told);
        let output = read.await;
        context
            .objects
            .release(context.api, &namespace, &name)
            .await;
        return output;
    }
}

/// With server-side dry run first: what admission refuses is never half there.
async fn create(
    context: &Context<'_>,
    vantage: &Vantage,
    size: &Size,
    name: &str,
) -> Result<(), Why> {
    let object = object(context, vantage, size, name);
    if let Some(line) = try_out(context, vantage, &object).await? {
        context.progress.note(&line);
    }
    let namespace = vantage.place.namespace.as_str();
    let created = context.objects.create_pod(context.api, namespace, &object);
    created
        .await
        .map(drop)
        .map_err(|error| refused(&error, namespace))
}

/// The pod to create.
pub(super) fn object(context: &Context<'_>, vantage: &Vantage, size: &Size, name: &str) -> Value {
    let place = &vantage.place;
    let metadata = context.objects.metadata(name, place.labels.clone());
    pod::object(metadata, place, &vantage.plan, context.options, size)
}

/// Has the API server judge a pod without storing it (`dryRun=All`); gives what it would change.
pub(super) async fn try_out(
    context: &Context<'_>,
    vantage: &Vantage,
    object: &Value,
) -> Result<Option<String>, Why> {
    let namespace = vantage.place.namespace.as_str();
    let path = format!("/api/v1/namespaces/{namespace}/pods?dryRun=All");
    let mut tries = 0;
    loop {
        match context.api.create(&path, object).await {
            Ok(returned) => {
                let id = &vantage.id;
                return Ok(admission::record(context.sink, id, object, &returned));
            }
            // A new namespace has no default ServiceAccount for a moment.
            Err(error)
                if tries < FURNISHING
                    && error.reason.contains("serviceaccount")
                    && error.reason.contains("not found") =>
            {
                tries += 1;
                tokio::time::sleep(PAUSE).await;
            }
            Err(error) => return Err(refused(&error, namespace)),
        }
    }
}

pub(super) fn refused(error: &CallError, namespace: &str) -> Why {
    let permission = format!("create pods in namespace {namespace}");
    Why::refused("the probe's pod was refused", error, permission)
}

pub(super) fn pod_name(run: &str, vantage: &str, tries: u32) -> String {
    let part: String = vantage
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '-'
            }
        })
        .take(40)
        .collect();
    let again = match tries {
        0 => String::new(),
        n => format!("-{}", n + 1),
    };
    format!("digpod-{run}-{}{again}", part.trim_matches('-'))
}
