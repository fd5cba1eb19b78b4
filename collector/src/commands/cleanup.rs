//! `digpod cleanup`: whatever interrupted runs left.

use crate::cli::Cleanup;
use crate::connect::connect;
use crate::error::Failure;
use crate::exit::Exit;
use crate::gather::unreachable;
use crate::output::print;
use crate::probes::{find_leftovers, remove_leftovers};
use crate::progress::Progress;

pub(super) async fn run(options: &Cleanup, quiet: bool) -> Result<Exit, Failure> {
    let cluster = connect(&options.connection).await?;
    let progress = Progress::new(quiet);
    progress.note(&format!("context {} ({})", cluster.context, cluster.server));
    let namespaces = [cluster.default_namespace.as_str(), "default", "kube-system"];
    let found = find_leftovers(&cluster.api, "", &namespaces)
        .await
        .map_err(|error| {
            if error.is_unreachable() || error.code == 401 {
                return unreachable(&error);
            }
            Failure::new(format!("leftovers cannot be looked for: {}", error.reason))
                .help("it needs the permission to list pods and namespaces")
        })?;
    progress.step("removing");
    let left = remove_leftovers(&cluster.api, &found).await;
    progress.end();
    for object in &found {
        let stays = left.iter().find(|(name, _)| *name == object.name);
        match stays {
            None => print(&format!("removed {}\n", object.name))?,
            Some((name, why)) => print(&format!("still there: {name}: {why}\n"))?,
        }
    }
    if found.is_empty() {
        print("nothing was left\n")?;
    }
    if left.is_empty() {
        Ok(Exit::Done)
    } else {
        Err(Failure::new(format!(
            "{} objects are still there",
            left.len()
        )))
    }
}
