//! Words that only the kubeconfig or the cluster knows; none if that takes too long or fails.

use std::time::Duration;

use digpod_bundle::k8s::ObjectMeta;
use serde::Deserialize;

use crate::cli::Connection;
use crate::connect::{connect, read_kubeconfig};

/// Nobody waits longer for a completion.
const LIMIT: Duration = Duration::from_secs(2);
/// More candidates than this help nobody.
const MOST: usize = 500;

#[derive(Deserialize)]
struct List {
    #[serde(default)]
    items: Option<Vec<Named>>,
}

#[derive(Deserialize)]
struct Named {
    metadata: ObjectMeta,
}

pub(super) fn contexts(flags: &Connection) -> Vec<String> {
    in_file(flags, |file| {
        file.contexts.into_iter().map(|it| it.name).collect()
    })
}

pub(super) fn clusters(flags: &Connection) -> Vec<String> {
    in_file(flags, |file| {
        file.clusters.into_iter().map(|it| it.name).collect()
    })
}

pub(super) fn users(flags: &Connection) -> Vec<String> {
    in_file(flags, |file| {
        file.auth_infos.into_iter().map(|it| it.name).collect()
    })
}

pub(super) fn namespaces(flags: &Connection) -> Vec<String> {
    listed(flags, |_| "/api/v1/namespaces".to_owned())
}

pub(super) fn pods(flags: &Connection, namespace: Option<&str>) -> Vec<String> {
    listed(flags, |default| {
        format!("/api/v1/namespaces/{}/pods", namespace.unwrap_or(default))
    })
}

fn in_file(
    flags: &Connection,
    names: impl FnOnce(kube::config::Kubeconfig) -> Vec<String>,
) -> Vec<String> {
    match read_kubeconfig(flags.kubeconfig.as_deref()) {
        Ok(Some(file)) => names(file),
        _ => Vec::new(),
    }
}

fn listed(flags: &Connection, path: impl FnOnce(&str) -> String) -> Vec<String> {
    let flags = Connection {
        request_timeout: LIMIT,
        ..flags.clone()
    };
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    else {
        return Vec::new();
    };
    let names = runtime.block_on(async {
        tokio::time::timeout(LIMIT, async {
            let cluster = connect(&flags).await.ok()?;
            let path = format!("{}?limit={MOST}", path(&cluster.default_namespace));
            let list: List = cluster.api.get(&path).await.ok()?;
            Some(list.items.unwrap_or_default())
        })
        .await
        .ok()
        .flatten()
    });
    // Whatever still runs is not waited for.
    runtime.shutdown_background();
    let names = names.unwrap_or_default();
    names.into_iter().map(|it| it.metadata.name).collect()
}
