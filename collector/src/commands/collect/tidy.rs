//! Nothing of a run stays in the cluster, nor of an earlier one.

use digpod_bundle::Item;
use serde_json::json;

use crate::api::Api;
use crate::probes::{self, Namespaces, Objects};
use crate::progress::Progress;
use crate::sink::Sink;

/// Entry that says what was created and whether it is gone.
const REMOVAL: &str = "probes/removal.json";

/// Says what earlier runs left, and removes what no run can need any more.
pub(super) async fn leftovers(api: &Api, objects: &Objects, namespace: &str, progress: &Progress) {
    let Ok(search) =
        probes::find_leftovers(api, objects.run(), probes::Where::Allowed(&[namespace])).await
    else {
        return;
    };
    // What a quick run left to the server to end needs nobody.
    let mut found = search.found;
    found.retain(|it| !it.ends);
    let (expired, running): (Vec<_>, Vec<_>) = found.into_iter().partition(|it| it.expired);
    for object in &running {
        progress.note(&format!(
            "{} belongs to another run ({}) that may still be going on; `digpod cleanup` removes it",
            object.name(), object.run
        ));
    }
    let removal = probes::remove_leftovers(api, &expired).await;
    for name in &removal.removed {
        progress.note(&format!("removed {name}, left by an interrupted run"));
    }
    for (name, why) in removal.rest() {
        progress.note(&format!(
            "{name}, left by an interrupted run, could not be removed: {why}"
        ));
    }
}

/// Removes what was created; says what could not be. Gives whether nothing is left.
pub(super) async fn remove(
    api: &Api,
    objects: &Objects,
    until: Namespaces,
    sink: &Sink,
    progress: &Progress,
) -> bool {
    progress.step("removing the probes");
    let removal = objects.remove(api, until).await;
    for name in &removal.ending {
        progress.note(&format!(
            "{name} is empty and ends in a few seconds (--quick does not wait for that)"
        ));
    }
    for (name, why) in removal.rest() {
        progress.note(&format!(
            "could not remove {name}: {why}; `digpod cleanup` tries again"
        ));
    }
    if !removal.is_empty() {
        let told = |all: &[(String, String)]| -> Vec<_> {
            all.iter()
                .map(|(name, why)| json!({"name": name, "reason": why}))
                .collect()
        };
        let value = json!({
            "run": objects.run(),
            "removed": removal.removed,
            "ending": removal.ending,
            "left": told(&removal.left),
            "unseen": told(&removal.unseen),
        });
        let item = Item {
            source: Some("created by this run".to_owned()),
            ..Item::default()
        };
        sink.with(|bundle| drop(bundle.add_json(REMOVAL, &value, item)));
    }
    removal.is_clean()
}
