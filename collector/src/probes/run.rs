//! One probe from its creation to its answers.

use std::collections::BTreeMap;
use std::time::Duration;

use digpod_bundle::k8s::{ContainerState, Pod};
use digpod_bundle::{Item, Status, layout};
use digpod_probe::{Plan, ProbeOutput, parse_output};

use super::pod::{self, Place};
use super::questions::Servers;
use super::{Objects, Options, admission};
use crate::api::{Api, CallError};
use crate::gather::{Found, redact_pod};
use crate::progress::Progress;
use crate::sink::Sink;

/// A place to ask from and what is asked there.
pub(super) struct Vantage {
    id: String,
    place: Place,
    plan: Plan,
    /// What makes it differ from what it stands for.
    note: Option<String>,
}

impl Vantage {
    pub(super) fn beside_coredns(node: &str, namespace: &str, options: &Options) -> Self {
        let id = format!("default-{node}");
        let place = Place {
            namespace: namespace.to_owned(),
            node: Some(node.to_owned()),
            dns_policy: Some("Default".to_owned()),
            ..Place::default()
        };
        Self {
            plan: options.asked.beside_coredns(&id),
            id,
            place,
            note: None,
        }
    }

    pub(super) fn workload(
        found: &Found,
        options: &Options,
        servers: &Servers,
        labels: BTreeMap<String, String>,
        note: Option<String>,
    ) -> Self {
        let place = Place::like(found.workload.as_ref(), &options.namespace, labels);
        Self {
            id: "workload".to_owned(),
            place,
            plan: options.asked.in_pod("workload", servers),
            note,
        }
    }

    pub(super) fn control(
        namespace: &str,
        found: &Found,
        options: &Options,
        servers: &Servers,
    ) -> Self {
        let node = found
            .workload
            .as_ref()
            .and_then(|pod| pod.spec.node_name.clone());
        let place = Place {
            namespace: namespace.to_owned(),
            node,
            ..Place::default()
        };
        Self {
            id: "control".to_owned(),
            place,
            plan: options.asked.in_pod("control", servers),
            note: None,
        }
    }

    pub(super) fn node(node: &str, namespace: &str, options: &Options, servers: &Servers) -> Self {
        let id = format!("node-{node}");
        let place = Place {
            namespace: namespace.to_owned(),
            node: Some(node.to_owned()),
            host_network: true,
            dns_policy: Some("Default".to_owned()),
            ..Place::default()
        };
        Self {
            plan: options.asked.on_node(&id, servers),
            id,
            place,
            note: None,
        }
    }
}

/// What every probe of a run shares.
pub(super) struct Context<'a> {
    pub(super) api: &'a Api,
    pub(super) options: &'a Options,
    pub(super) objects: &'a Objects,
    pub(super) sink: &'a Sink,
    pub(super) progress: &'a Progress,
}

/// Time for scheduling, pulling and starting, beyond the probe's budget.
const START: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(250);

/// Runs a probe; what it brought back is in the bundle, or why it brought nothing.
pub(super) async fn run(context: &Context<'_>, vantage: Vantage) -> Option<ProbeOutput> {
    let entry = layout::probe_records(&vantage.id);
    match attempt(context, &vantage).await {
        Ok(output) => {
            keep(context.sink, &vantage, &output);
            Some(output)
        }
        Err(why) => {
            context.sink.missing(Item {
                entry,
                status: why.status,
                reason: Some(why.reason),
                missing_permission: why.missing_permission,
                ..Item::default()
            });
            None
        }
    }
}

struct Why {
    status: Status,
    reason: String,
    missing_permission: Option<String>,
}

/// A permission that a probe's pod in a namespace needs and that is known to be denied: what could
/// not be read or removed again is not created.
fn denied(context: &Context<'_>, namespace: &str) -> Option<String> {
    // What is granted in a namespace of the run's own shows once it is there, but
    // a pod that nobody may delete is not created anywhere.
    let own = context.options.control_namespace.is_none() && namespace != context.options.namespace;
    let needed = [
        ("create", "pods"),
        ("get", "pods"),
        ("delete", "pods"),
        ("get", "pods/log"),
    ];
    let asked = needed.iter().filter(|(verb, _)| !own || *verb == "delete");
    let access = &context.options.access;
    asked
        .filter_map(|(verb, resource)| access.lacks(verb, resource, namespace))
        .next()
}

async fn attempt(context: &Context<'_>, vantage: &Vantage) -> Result<ProbeOutput, Why> {
    let namespace = vantage.place.namespace.as_str();
    if let Some(permission) = denied(context, namespace) {
        return Err(Why {
            status: Status::Forbidden,
            reason: format!(
                "no pod was created: an access review says that it is forbidden to {permission}"
            ),
            missing_permission: Some(permission),
        });
    }
    let name = pod_name(context.objects.run(), &vantage.id);
    let metadata = context
        .objects
        .metadata(&name, vantage.place.labels.clone());
    let object = pod::object(
        metadata,
        &vantage.place,
        &vantage.plan,
        &context.options.image,
    );
    create(context, &vantage.id, namespace, &object)
        .await
        .map_err(|error| Why {
            status: create_status(&error),
            reason: format!("the probe's pod was refused: {}", error.reason),
            missing_permission: (create_status(&error) == Status::Forbidden)
                .then(|| format!("create pods in namespace {namespace}")),
        })?;
    let path = format!("/api/v1/namespaces/{namespace}/pods/{name}");
    let limit = START + Duration::from_millis(vantage.plan.budget_ms.into());
    let ended = tokio::time::timeout(limit, ended(context, &path, &vantage.id)).await;
    ended.unwrap_or_else(|_| {
        Err(timed_out(format!(
            "the probe's pod did not end within {} s",
            limit.as_secs()
        )))
    })?;
    let log = context
        .api
        .get_text(&format!("{path}/log?container=probe"))
        .await
        .map_err(|error| Why {
            status: error.status,
            reason: format!("the probe's log cannot be read: {}", error.reason),
            missing_permission: (error.status == Status::Forbidden)
                .then(|| format!("get pods/log in namespace {namespace}")),
        })?;
    let output = parse_output(&log);
    if output.records.is_empty() && !output.complete {
        let said = log.lines().next().unwrap_or("nothing").to_owned();
        return Err(failed(format!(
            "the probe gave no records; its log says: {said}"
        )));
    }
    Ok(output)
}

/// With server-side dry run first: what admission refuses is never half there.
async fn create(
    context: &Context<'_>,
    vantage: &str,
    namespace: &str,
    object: &serde_json::Value,
) -> Result<(), CallError> {
    let dry = format!("/api/v1/namespaces/{namespace}/pods?dryRun=All");
    let mut tries = 0;
    loop {
        match context.api.create(&dry, object).await {
            Ok(returned) => {
                let said = admission::record(context.sink, vantage, object, &returned);
                said.iter().for_each(|line| context.progress.note(line));
                break;
            }
            // A new namespace has no default ServiceAccount for a moment.
            Err(error)
                if tries < 40
                    && error.reason.contains("serviceaccount")
                    && error.reason.contains("not found") =>
            {
                tries += 1;
                tokio::time::sleep(POLL).await;
            }
            Err(error) => return Err(error),
        }
    }
    context
        .objects
        .create_pod(context.api, namespace, object)
        .await
        .map(drop)
}

/// Waits for the container, not the pod: an injected sidecar keeps a pod running.
async fn ended(context: &Context<'_>, path: &str, vantage: &str) -> Result<(), Why> {
    let mut polls = 0_u32;
    loop {
        tokio::time::sleep(POLL).await;
        polls += 1;
        let pod = match context.api.get::<Pod>(path).await {
            Ok(pod) => pod,
            Err(error) if matches!(error.code, 0 | 429 | 500..) => continue,
            Err(error) => {
                return Err(failed(format!(
                    "the probe's pod cannot be read: {}",
                    error.reason
                )));
            }
        };
        let state = pod
            .status
            .container_statuses
            .iter()
            .find(|it| it.name == "probe")
            .map(|it| &it.state);
        if state.is_some_and(|state| state.terminated.is_some()) {
            let mut pod = pod;
            redact_pod(&mut pod, false);
            context
                .sink
                .json(&layout::probe_pod(vantage), &format!("GET {path}"), &pod);
            return Ok(());
        }
        if let Some(why) = state.and_then(never_starts) {
            return Err(failed(why));
        }
        if pod.status.phase.as_deref() == Some("Failed") {
            let message = pod.status.message.or(pod.status.reason).unwrap_or_default();
            return Err(failed(format!("the probe's pod failed: {message}")));
        }
        let unschedulable = pod
            .status
            .conditions
            .iter()
            .find(|it| it.reason.as_deref() == Some("Unschedulable"));
        if let Some(condition) = unschedulable
            && polls > 20
        {
            let message = condition.message.clone().unwrap_or_default();
            return Err(failed(format!(
                "the probe's pod cannot be scheduled: {message}"
            )));
        }
    }
}

fn never_starts(state: &ContainerState) -> Option<String> {
    const REASONS: &[&str] = &[
        "ErrImagePull",
        "ImagePullBackOff",
        "ErrImageNeverPull",
        "InvalidImageName",
        "CreateContainerConfigError",
        "CreateContainerError",
        "RunContainerError",
    ];
    let waiting = state.waiting.as_ref()?;
    let reason = waiting
        .reason
        .as_deref()
        .filter(|reason| REASONS.contains(reason))?;
    let message = waiting.message.as_deref().unwrap_or_default();
    let help = if reason.contains("Image") {
        "; make the image available (`just image`, then push it or import it on the nodes) and name it with --probe-image"
    } else {
        ""
    };
    Some(format!(
        "the probe's container does not start: {reason} {message}{help}"
    ))
}

fn keep(sink: &Sink, vantage: &Vantage, output: &ProbeOutput) {
    let id = vantage.id.as_str();
    let source = format!("pod in namespace {}", vantage.place.namespace);
    sink.json(&layout::probe_plan(id), &source, &vantage.plan);
    sink.text(&layout::probe_resolv_conf(id), &source, &output.resolv_conf);
    let missing = output.missing().len();
    let truncated = !output.complete || missing > 0;
    let reason = if truncated {
        Some("the probe's log ended early: records may be missing".to_owned())
    } else {
        vantage.note.clone()
    };
    let status = if truncated {
        Status::Truncated
    } else {
        Status::Ok
    };
    let item = Item {
        status,
        reason,
        source: Some(source),
        ..Item::default()
    };
    sink.with(|bundle| drop(bundle.add_json(&layout::probe_records(id), output, item)));
}

/// 403 may be a missing permission or admission's refusal: only the former says `User "…" cannot`.
pub(super) fn create_status(error: &CallError) -> Status {
    let no_permission = error.reason.contains("cannot create resource");
    match error.code {
        403 if no_permission => Status::Forbidden,
        403 | 422 | 400 => Status::RefusedByAdmission,
        _ => error.status,
    }
}

fn pod_name(run: &str, vantage: &str) -> String {
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
    format!("digpod-{run}-{}", part.trim_matches('-'))
}

fn failed(reason: String) -> Why {
    Why {
        status: Status::Failed,
        reason,
        missing_permission: None,
    }
}

fn timed_out(reason: String) -> Why {
    Why {
        status: Status::TimedOut,
        reason,
        missing_permission: None,
    }
}
