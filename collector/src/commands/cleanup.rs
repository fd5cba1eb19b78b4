//! `digpod cleanup`: whatever interrupted runs left.

use digpod_bundle::Status;

use super::names;
use crate::api::Api;
use crate::cli::Cleanup;
use crate::connect::connect;
use crate::error::Failure;
use crate::exit::Exit;
use crate::gather::unreachable;
use crate::output::print;
use crate::probes::{Where, find_leftovers, remove_leftovers};
use crate::progress::Progress;

pub(super) async fn run(options: &Cleanup, quiet: bool) -> Result<Exit, Failure> {
    names::namespace(options.namespace.as_deref())?;
    let cluster = connect(&options.connection).await?;
    let progress = Progress::new(quiet);
    progress.note(&format!("context {} ({})", cluster.context, cluster.server));
    let namespaces = [cluster.default_namespace.as_str(), "default", "kube-system"];
    let place = match &options.namespace {
        Some(namespace) => Where::In(namespace),
        None if options.all_namespaces => Where::Everywhere,
        None => Where::Allowed(&namespaces),
    };
    if let Some(namespace) = &options.namespace {
        is_there(&cluster.api, namespace).await?;
    }
    let search = find_leftovers(&cluster.api, "", place)
        .await
        .map_err(|error| {
            if error.is_unreachable() || error.code == 401 {
                return unreachable(&error);
            }
            Failure::new(format!("leftovers cannot be looked for: {}", error.reason)).help(
                "it needs the permission to list pods; -n NAMESPACE looks in one namespace alone",
            )
        })?;
    if !search.unseen.is_empty() {
        progress.note(&format!(
            "not looked for pods in {}, where you may not list them; -n looks in another namespace",
            search.unseen.join(", ")
        ));
    }
    let found = search.found;
    let (found, running): (Vec<_>, Vec<_>) = found
        .into_iter()
        .partition(|it| it.expired || options.force);
    for object in running.iter().filter(|it| !it.ends) {
        progress.note(&format!(
            "{} belongs to a run ({}) that is going on, or whose time is not over; --force removes it",
            object.name(),
            object.run
        ));
    }
    if !found.is_empty() {
        progress.step("removing");
    }
    let removal = remove_leftovers(&cluster.api, &found).await;
    progress.end();
    for name in &removal.removed {
        print(&format!("removed {name}\n"))?;
    }
    for (name, why) in &removal.left {
        print(&format!("still there: {name}: {why}\n"))?;
    }
    for (name, why) in &removal.unseen {
        print(&format!("not seen to be gone: {name}: {why}\n"))?;
    }
    if found.is_empty() && running.is_empty() {
        print("nothing was left\n")?;
    }
    if removal.is_clean() {
        return Ok(Exit::Done);
    }
    let rest = removal.left.len() + removal.unseen.len();
    Err(Failure::new(match rest {
        1 => "1 object may still be there".to_owned(),
        n => format!("{n} objects may still be there"),
    }))
}

/// A namespace that was mistyped has nothing in it either.
async fn is_there(api: &Api, namespace: &str) -> Result<(), Failure> {
    let path = format!("/api/v1/namespaces/{namespace}");
    match api.get::<serde_json::Value>(&path).await {
        Err(error) if error.status == Status::NotFound => {
            Err(Failure::new(format!("there is no namespace {namespace}"))
                .help("`kubectl get namespaces` lists them"))
        }
        _ => Ok(()),
    }
}
