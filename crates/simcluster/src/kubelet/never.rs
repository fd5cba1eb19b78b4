//! Pods that never run: driven away by a taint, without their volumes, their image or their program.

use serde_json::{Value, json};

use super::event;
use super::run::{PodLife, STEP};
use super::status::status;
use crate::json::{list, set, text};
use crate::resources;
use crate::time::{now, seconds};

impl PodLife {
    /// What the taint eviction controller does to a pod that does not tolerate its node.
    pub(super) fn drive_away(&self, pod: &Value) {
        let message = format!(
            "Taint manager: Deleting Pod {}/{}",
            self.namespace, self.name
        );
        event(
            &self.cluster,
            pod,
            "taint-eviction-controller",
            "Normal",
            "TaintManagerEviction",
            &message,
        );
        let pods = resources::named("", "pods");
        self.cluster
            .store
            .remove(pods, &self.namespace, &self.name, Some(&self.uid));
    }

    /// For volumes that cannot be mounted.
    pub(super) async fn wait_in_vain(&self, lacking: &[String]) -> Option<()> {
        let pod = self.update(|pod| {
            let waiting = json!({"waiting": {"reason": "ContainerCreating"}});
            let statuses = list(pod, "spec.containers").iter();
            let statuses: Vec<Value> = statuses.map(|c| status(c, &waiting, false)).collect();
            set(pod, "status.startTime", seconds(now()));
            set(pod, "status.containerStatuses", statuses);
        })?;
        for why in lacking {
            event(
                &self.cluster,
                &pod,
                "kubelet",
                "Warning",
                "FailedMount",
                why,
            );
        }
        std::future::pending().await
    }

    /// For an image that is not to be pulled and is not there (kubernetes/kubernetes,
    /// `pkg/kubelet/images/image_manager.go`).
    pub(super) async fn never_pull(&self, pod: &Value) -> Option<()> {
        self.update(|it| {
            let statuses = list(pod, "spec.containers").iter().map(|container| {
                let image = text(container, "image");
                let message =
                    format!("Container image \"{image}\" is not present with pull policy of Never");
                let waiting =
                    json!({"waiting": {"reason": "ErrImageNeverPull", "message": message}});
                status(container, &waiting, false)
            });
            let statuses: Vec<Value> = statuses.collect();
            set(it, "status.startTime", seconds(now()));
            set(it, "status.containerStatuses", statuses);
        })?;
        std::future::pending().await
    }

    /// Whose program is not in its image: what containerd and the kubelet make of it.
    pub(super) fn not_started(&self, pod: &Value) -> Option<()> {
        self.update(|it| {
            let statuses = list(pod, "spec.containers").iter().map(|container| {
                let ended = json!({"terminated": {
                    "exitCode": 128, "reason": "StartError",
                    "message": "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: \"sh\": executable file not found in $PATH",
                    "startedAt": "1970-01-01T00:00:00Z", "finishedAt": seconds(now()),
                }});
                status(container, &ended, false)
            });
            let statuses: Vec<Value> = statuses.collect();
            set(it, "status.phase", "Failed");
            set(it, "status.startTime", seconds(now()));
            set(it, "status.containerStatuses", statuses);
        })
        .map(drop)
    }

    pub(super) async fn pull_in_vain(&self, pod: &Value) -> Option<()> {
        for reason in ["ErrImagePull", "ImagePullBackOff"] {
            let pod = self.update(|pod| {
                let statuses = list(pod, "spec.containers").iter().map(|container| {
                    let image = text(container, "image");
                    let message = match reason {
                        "ErrImagePull" => format!(
                            "failed to pull and unpack image \"{image}\": failed to resolve reference \
                             \"{image}\": {image}: not found"
                        ),
                        _ => format!("Back-off pulling image \"{image}\""),
                    };
                    status(container, &json!({"waiting": {"reason": reason, "message": message}}), false)
                });
                let statuses: Vec<Value> = statuses.collect();
                set(pod, "status.startTime", seconds(now()));
                set(pod, "status.containerStatuses", statuses);
            })?;
            let message = list(&pod, "status.containerStatuses")
                .first()
                .map_or("", |status| text(status, "state.waiting.message"));
            event(&self.cluster, &pod, "kubelet", "Warning", "Failed", message);
            tokio::time::sleep(STEP * 5).await;
        }
        let _ = pod;
        std::future::pending().await
    }
}
