//! Which files a node lacks: the kubelet says so in events, and the pod waits for them for ever.

use std::time::Duration;

use digpod_bundle::k8s::EventList;

use super::Mount;
use crate::api::Api;

/// The kubelet looks for all files of a pod at once; its events follow within moments.
const FIRST_LOOK: Duration = Duration::from_millis(700);
const PAUSE: Duration = Duration::from_millis(500);
/// A pod that waits longer than that without a reason that can be read.
const LOOKS_WITHOUT_REASON: u32 = 20;

/// Waits until it is known that some of these cannot be mounted, and gives their volumes.
pub(in super::super) async fn find(
    api: &Api,
    namespace: &str,
    pod: &str,
    mounts: &[Mount],
) -> Vec<String> {
    if mounts.is_empty() {
        return std::future::pending().await;
    }
    let path = format!(
        "/api/v1/namespaces/{namespace}/events?limit=100&fieldSelector=involvedObject.name%3D{pod}"
    );
    tokio::time::sleep(FIRST_LOOK).await;
    let mut before = Vec::new();
    for _ in 0..LOOKS_WITHOUT_REASON {
        let events = api.get::<EventList>(&path).await.unwrap_or_default();
        let named = |mount: &&Mount| {
            let volume = format!("\"{}\"", mount.volume);
            events.items.iter().any(|event| {
                event.reason.as_deref() == Some("FailedMount")
                    && event
                        .message
                        .as_deref()
                        .is_some_and(|it| it.contains(&volume))
            })
        };
        let missing: Vec<String> = mounts
            .iter()
            .filter(named)
            .map(|it| it.volume.clone())
            .collect();
        // Twice the same: no more of them are to come.
        if !missing.is_empty() && missing == before {
            return missing;
        }
        before = missing;
        tokio::time::sleep(PAUSE).await;
    }
    // Nobody says which: the node's own resolv.conf is what matters most.
    let doubtful = usize::from(mounts.len() > 1);
    let doubtful = mounts.iter().skip(doubtful);
    doubtful.map(|it| it.volume.clone()).collect()
}
