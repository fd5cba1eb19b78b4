//! What earlier runs left: a run that was killed cannot clean up after itself.

use serde::Deserialize;

use digpod_bundle::k8s::ObjectMeta;

use super::objects::{EXPIRES, RUN, RUNNER};
use super::removal::{self, Namespaces, Removal, Target};
use super::runner;
use crate::api::{Api, CallError};
use crate::time;

/// An object of an earlier run.
#[derive(Clone, Debug)]
pub(crate) struct Leftover {
    /// Id of its run.
    pub(crate) run: String,
    /// Whether its run has ended or its time is over, so that nobody can need it any more.
    pub(crate) expired: bool,
    /// Whether the server is about to end it already.
    pub(crate) ends: bool,
    target: Target,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct List {
    items: Vec<Object>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Object {
    metadata: ObjectMeta,
}

impl Leftover {
    /// As it is shown.
    pub(crate) fn name(&self) -> &str {
        &self.target.name
    }
}

const SELECTOR: &str = "app.kubernetes.io%2Fmanaged-by%3Ddigpod";

/// Where pods are looked for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Where<'a> {
    /// In the whole cluster.
    Everywhere,
    /// In the whole cluster, or in these namespaces where that is forbidden.
    Allowed(&'a [&'a str]),
    /// In this namespace.
    In(&'a str),
}

/// What was found, and where nobody could look.
pub(crate) struct Search {
    pub(crate) found: Vec<Leftover>,
    /// Namespaces whose pods may not be listed.
    pub(crate) unseen: Vec<String>,
}

/// Finds pods, where it is said, and namespaces of other runs.
pub(crate) async fn find(api: &Api, own_run: &str, place: Where<'_>) -> Result<Search, CallError> {
    let mut found = Vec::new();
    let all = match place {
        Where::In(_) => None,
        Where::Everywhere | Where::Allowed(_) => {
            let path = format!("/api/v1/pods?labelSelector={SELECTOR}&limit=500");
            Some(api.get::<List>(&path).await)
        }
    };
    let one;
    let namespaces = match (all, place) {
        (Some(Ok(list)), _) => {
            found.extend(list.items.iter().map(pod));
            &[][..]
        }
        (Some(Err(error)), Where::Allowed(namespaces)) if error.code == 403 => namespaces,
        (Some(Err(error)), _) => return Err(error),
        (None, Where::In(namespace)) => {
            one = [namespace];
            &one[..]
        }
        (None, _) => &[][..],
    };
    // Whoever may look in some places looks there; nowhere is an error.
    let (mut looked, mut refused, mut unseen) = (false, None, Vec::new());
    for namespace in namespaces {
        let path =
            format!("/api/v1/namespaces/{namespace}/pods?labelSelector={SELECTOR}&limit=500");
        match api.get::<List>(&path).await {
            Ok(list) => {
                looked = true;
                found.extend(list.items.iter().map(pod));
            }
            Err(error) if error.code == 403 && matches!(place, Where::Allowed(_)) => {
                unseen.push((*namespace).to_owned());
                refused = Some(error);
            }
            Err(error) => return Err(error),
        }
    }
    let path = format!("/api/v1/namespaces?labelSelector={SELECTOR}&limit=500");
    match api.get::<List>(&path).await {
        Ok(list) => {
            looked = true;
            found.extend(list.items.iter().map(namespace));
        }
        Err(error) if error.code == 403 => {}
        Err(error) => return Err(error),
    }
    if let Some(error) = refused.filter(|_| !looked) {
        return Err(error);
    }
    found.retain(|it| it.run != own_run);
    unseen.sort_unstable();
    unseen.dedup();
    Ok(Search { found, unseen })
}

/// Removes them.
pub(crate) async fn remove(api: &Api, leftovers: &[Leftover]) -> Removal {
    let targets = leftovers.iter().map(|it| it.target.clone());
    removal::remove_all(api, targets.collect(), Namespaces::Gone).await
}

fn pod(object: &Object) -> Leftover {
    let namespace = object.metadata.namespace.clone().unwrap_or_default();
    let name = object.metadata.name.clone();
    let target = Target {
        path: format!("/api/v1/namespaces/{namespace}/pods/{name}"),
        name: format!("pod {namespace}/{name}"),
        is_namespace: false,
    };
    leftover(object, target)
}

fn namespace(object: &Object) -> Leftover {
    let name = object.metadata.name.clone();
    let target = Target {
        path: format!("/api/v1/namespaces/{name}"),
        name: format!("namespace {name}"),
        is_namespace: true,
    };
    leftover(object, target)
}

fn leftover(object: &Object, target: Target) -> Leftover {
    let run = object.metadata.labels.get(RUN).cloned().unwrap_or_default();
    let annotations = &object.metadata.annotations;
    let expired = annotations.get(EXPIRES).is_none_or(|it| time::is_past(it))
        || annotations
            .get(RUNNER)
            .is_some_and(|it| runner::has_ended(it));
    Leftover {
        run,
        expired,
        ends: object.metadata.deletion_timestamp.is_some(),
        target,
    }
}
