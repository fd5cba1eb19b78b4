//! What earlier runs left: a run that was killed cannot clean up after itself.

use serde::Deserialize;

use digpod_bundle::k8s::ObjectMeta;

use super::objects::{EXPIRES, RUN, RUNNER, gone};
use super::runner;
use crate::api::{Api, CallError};
use crate::time;

/// An object of an earlier run.
#[derive(Clone, Debug)]
pub(crate) struct Leftover {
    /// As it is shown.
    pub(crate) name: String,
    /// Id of its run.
    pub(crate) run: String,
    /// Whether its run has ended or its time is over, so that nobody can need it any more.
    pub(crate) expired: bool,
    path: String,
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

const SELECTOR: &str = "app.kubernetes.io%2Fmanaged-by%3Ddigpod";

/// Finds pods and namespaces of other runs. `namespaces` are looked through one by one where the
/// whole cluster may not be listed.
pub(crate) async fn find(
    api: &Api,
    own_run: &str,
    namespaces: &[&str],
) -> Result<Vec<Leftover>, CallError> {
    let mut found = Vec::new();
    let pods = api
        .get::<List>(&format!("/api/v1/pods?labelSelector={SELECTOR}&limit=500"))
        .await;
    match pods {
        Ok(list) => found.extend(list.items.iter().map(pod)),
        Err(error) if error.code == 403 => {
            for namespace in namespaces {
                let path = format!(
                    "/api/v1/namespaces/{namespace}/pods?labelSelector={SELECTOR}&limit=500"
                );
                found.extend(api.get::<List>(&path).await?.items.iter().map(pod));
            }
        }
        Err(error) => return Err(error),
    }
    let path = format!("/api/v1/namespaces?labelSelector={SELECTOR}&limit=500");
    match api.get::<List>(&path).await {
        Ok(list) => found.extend(list.items.iter().map(namespace)),
        Err(error) if error.code == 403 => {}
        Err(error) => return Err(error),
    }
    found.retain(|it| it.run != own_run);
    Ok(found)
}

/// Removes them; gives those that are still there, and why.
pub(crate) async fn remove(api: &Api, leftovers: &[Leftover]) -> Vec<(String, String)> {
    let all = leftovers.iter().map(|it| async move {
        let limit = std::time::Duration::from_secs(40);
        let result = tokio::time::timeout(limit, gone(api, &it.path)).await;
        let result = result.unwrap_or_else(|_| Err("still there after 40 s".to_owned()));
        result.err().map(|why| (it.name.clone(), why))
    });
    futures::future::join_all(all)
        .await
        .into_iter()
        .flatten()
        .collect()
}

fn pod(object: &Object) -> Leftover {
    let namespace = object.metadata.namespace.clone().unwrap_or_default();
    let name = object.metadata.name.clone();
    leftover(
        object,
        format!("pod {namespace}/{name}"),
        format!("/api/v1/namespaces/{namespace}/pods/{name}"),
    )
}

fn namespace(object: &Object) -> Leftover {
    let name = object.metadata.name.clone();
    leftover(
        object,
        format!("namespace {name}"),
        format!("/api/v1/namespaces/{name}"),
    )
}

fn leftover(object: &Object, name: String, path: String) -> Leftover {
    let run = object.metadata.labels.get(RUN).cloned().unwrap_or_default();
    let annotations = &object.metadata.annotations;
    let expired = annotations.get(EXPIRES).is_none_or(|it| time::is_past(it))
        || annotations
            .get(RUNNER)
            .is_some_and(|it| runner::has_ended(it));
    Leftover {
        name,
        run,
        expired,
        path,
    }
}
