//! Where the probes go that need no place of their own: a namespace without policies.

use digpod_bundle::{Status, layout};
use serde_json::Value;

use super::why::Why;
use super::{Objects, Options, labels};
use crate::api::{Api, CallError};
use crate::error::Failure;
use crate::progress::Progress;
use crate::sink::Sink;

/// Where probes may be put that need no place of their own.
#[derive(Clone, Debug)]
pub(crate) struct Neutral {
    pub(super) namespace: String,
    /// Whether it is without policies, so that the control probe may stand there.
    pub(super) is_control: bool,
}

/// Where the probes go that no policy should touch: the namespace that was named, or a new one.
pub(crate) async fn neutral(
    api: &Api,
    options: &Options,
    objects: &Objects,
    sink: &Sink,
    progress: &Progress,
) -> Neutral {
    if let Some(named) = Neutral::named(options) {
        return named;
    }
    let created = match no_namespace(options) {
        Some(why) => Err(why),
        None => objects
            .create_namespace(api, sink, progress)
            .await
            .map_err(|error| namespace_refused(&error)),
    };
    match created {
        Ok(namespace) => Neutral {
            namespace,
            is_control: true,
        },
        Err(why) => {
            sink.missing(why.item(layout::probe_records("control")));
            Neutral::beside_the_pod(options)
        }
    }
}

impl Neutral {
    /// `--probe-namespace`.
    pub(super) fn named(options: &Options) -> Option<Self> {
        let namespace = options.control_namespace.clone()?;
        Some(Self {
            namespace,
            is_control: true,
        })
    }

    /// Without a namespace of their own the probes that need no policy-free place go to the pod's.
    pub(super) fn beside_the_pod(options: &Options) -> Self {
        Self {
            namespace: options.namespace.clone(),
            is_control: false,
        }
    }
}

/// Fails if the server says that there is no such namespace, or that policies hold there for a probe:
/// what is to show DNS without policies would show something else. Where that may not be asked, the
/// probes will say it.
pub(crate) async fn namespace_will_do(api: &Api, named: Option<&str>) -> Result<(), Failure> {
    let Some(name) = named else { return Ok(()) };
    let help = "name another with --probe-namespace; without it a run makes one of its own";
    let path = format!("/api/v1/namespaces/{name}");
    let (found, policies) =
        futures::join!(api.get::<Value>(&path), labels::policies_on_all(api, name));
    if found.is_err_and(|error| error.status == Status::NotFound) {
        return Err(Failure::new(format!("there is no namespace {name}")).help(help));
    }
    match policies.unwrap_or_default().as_slice() {
        [] => Ok(()),
        all => Err(Failure::new(format!(
            "namespace {name} is no place without policies: {} for every pod there",
            match all {
                [one] => format!("{one} holds"),
                all => format!("{} hold", all.join(", ")),
            }
        ))
        .help(help)),
    }
}

/// Why no namespace of the run's own is created.
pub(super) fn no_namespace(options: &Options) -> Option<Why> {
    let mut verbs = ["create", "get", "delete"].iter();
    let permission = verbs.find_map(|verb| options.access.lacks(verb, "namespaces", ""))?;
    Some(Why {
        status: Status::Forbidden,
        reason: format!(
            "no namespace of its own was created: an access review says that it is forbidden to {permission}"
        ),
        missing_permission: Some(permission),
        unpulled: None,
    })
}

pub(super) fn namespace_refused(error: &CallError) -> Why {
    let permission = "create namespaces in the cluster".to_owned();
    let what = "no namespace of its own could be created (--probe-namespace names another)";
    Why::refused(what, error, permission)
}
