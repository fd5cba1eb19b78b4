//! The life of a pod: Pending, Running, and what its containers do.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::event;
use super::images::{absent, starts};
use super::plan::plan;
use super::probe::{Ended, probe};
use super::schedule::{address_for, host_address, is_driven_away, node_for};
use super::status::{condition, conditions, status};
use super::volumes::unmountable;
use crate::cluster::Cluster;
use crate::json::{at, list, set, text};
use crate::logs::LogKey;
use crate::resources;
use crate::time::{now, seconds};

/// How long each step of the control plane takes.
pub(super) const STEP: Duration = Duration::from_millis(40);

/// Whether a container runs the probe.
fn probe_image(cluster: &Cluster, container: &Value) -> bool {
    text(container, "image").contains(&cluster.settings.probe_image)
}

/// Lets a new pod live.
pub(crate) fn start(cluster: &Arc<Cluster>, pod: Arc<Value>) {
    let own = Arc::clone(cluster);
    cluster.spawn(async move {
        let deadline = at(&pod, "spec.activeDeadlineSeconds").and_then(Value::as_u64);
        let life = PodLife {
            cluster: Arc::clone(&own),
            namespace: text(&pod, "metadata.namespace").to_owned(),
            name: text(&pod, "metadata.name").to_owned(),
            uid: text(&pod, "metadata.uid").to_owned(),
        };
        let expired = async {
            match deadline {
                Some(seconds) => tokio::time::sleep(Duration::from_secs(seconds)).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = life.live() => {}
            () = life.gone() => {}
            () = expired => life.expire(),
        }
    });
}

pub(super) struct PodLife {
    pub(super) cluster: Arc<Cluster>,
    pub(super) namespace: String,
    pub(super) name: String,
    pub(super) uid: String,
}

impl PodLife {
    fn pod(&self) -> Option<Arc<Value>> {
        let pod =
            self.cluster
                .store
                .get(resources::named("", "pods"), &self.namespace, &self.name)?;
        (text(&pod, "metadata.uid") == self.uid).then_some(pod)
    }

    pub(super) fn update(&self, change: impl FnOnce(&mut Value)) -> Option<Arc<Value>> {
        let pods = resources::named("", "pods");
        self.cluster
            .store
            .update(pods, &self.namespace, &self.name, |pod| {
                let same = text(pod, "metadata.uid") == self.uid;
                if same {
                    change(pod);
                }
                same
            })
    }

    /// Returns when the pod is deleted.
    async fn gone(&self) {
        let mut changes = self.cluster.store.changes();
        while self
            .pod()
            .is_some_and(|pod| at(&pod, "metadata.deletionTimestamp").is_none())
        {
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    async fn live(&self) -> Option<()> {
        tokio::time::sleep(STEP).await;
        let pod = self.schedule().await?;
        tokio::time::sleep(STEP).await;
        if is_driven_away(&self.cluster, &pod, text(&pod, "spec.nodeName")) {
            self.drive_away(&pod);
            return None;
        }
        let probes = list(&pod, "spec.containers")
            .iter()
            .any(|c| probe_image(&self.cluster, c));
        let lacking = unmountable(&self.cluster.settings, &pod);
        if !lacking.is_empty() {
            return self.wait_in_vain(&lacking).await;
        }
        // Images come after volumes (kubernetes/kubernetes, `pkg/kubelet/kubelet.go`, `SyncPod`).
        if probes && self.cluster.faults.image_pull() {
            return self.pull_in_vain(&pod).await;
        }
        if absent(&self.cluster, &pod) {
            return self.never_pull(&pod).await;
        }
        if !starts(&self.cluster.settings, &pod) {
            return self.not_started(&pod);
        }
        let pod = self.run(&pod)?;
        if !probes {
            // Whatever it is, it runs until somebody deletes it.
            return None;
        }
        let containers = list(&pod, "spec.containers");
        let ended =
            futures::future::join_all(containers.iter().map(|c| self.container(&pod, c))).await;
        self.end(&pod, &ended)?;
        if ended.iter().any(Option::is_none) {
            // The others keep the pod running, until its deadline or until somebody deletes it.
            std::future::pending::<()>().await;
        }
        Some(())
    }

    /// Waits for a node, as long as it takes.
    async fn schedule(&self) -> Option<Arc<Value>> {
        let mut said = false;
        loop {
            let pod = self.pod()?;
            let named = text(&pod, "spec.nodeName").to_owned();
            let node = if named.is_empty() {
                node_for(&self.cluster, &pod)
            } else {
                Ok(named)
            };
            match node {
                Ok(node) => {
                    let pod = self.update(|pod| {
                        set(pod, "spec.nodeName", node.as_str());
                        let condition = condition("PodScheduled", true, "");
                        set(pod, "status.conditions", vec![condition]);
                    })?;
                    let to = format!(
                        "Successfully assigned {}/{} to {node}",
                        self.namespace, self.name
                    );
                    event(
                        &self.cluster,
                        &pod,
                        "default-scheduler",
                        "Normal",
                        "Scheduled",
                        &to,
                    );
                    return Some(pod);
                }
                Err(why) if !said => {
                    said = true;
                    let pod = self.update(|pod| {
                        let mut condition = condition("PodScheduled", false, "Unschedulable");
                        set(&mut condition, "message", why.as_str());
                        set(pod, "status.conditions", vec![condition]);
                    })?;
                    event(
                        &self.cluster,
                        &pod,
                        "default-scheduler",
                        "Warning",
                        "FailedScheduling",
                        &why,
                    );
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(500)).await,
            }
        }
    }

    fn run(&self, pod: &Value) -> Option<Arc<Value>> {
        let node = text(pod, "spec.nodeName");
        let address = address_for(&self.cluster, pod, node);
        let nodes = self.cluster.store.all("", "nodes");
        let host = nodes
            .iter()
            .find(|n| text(n, "metadata.name") == node)
            .map_or("", |n| host_address(n));
        let pod = self.update(|pod| {
            let started = seconds(now());
            let statuses: Vec<Value> = list(pod, "spec.containers")
                .iter()
                .map(|c| status(c, &json!({"running": {"startedAt": started}}), true))
                .collect();
            set(pod, "status.phase", "Running");
            set(pod, "status.hostIP", host);
            set(pod, "status.hostIPs", json!([{"ip": host}]));
            set(pod, "status.podIP", address.as_str());
            set(pod, "status.podIPs", json!([{"ip": address}]));
            set(pod, "status.startTime", started.as_str());
            set(pod, "status.containerStatuses", statuses);
            set(pod, "status.conditions", conditions(true, ""));
        })?;
        for container in list(&pod, "spec.containers") {
            let (name, image) = (text(container, "name"), text(container, "image"));
            let say = |reason: &str, message: String| {
                event(&self.cluster, &pod, "kubelet", "Normal", reason, &message);
            };
            say(
                "Pulled",
                format!("Container image \"{image}\" already present on machine"),
            );
            say("Created", format!("Created container: {name}"));
            say("Started", format!("Started container {name}"));
            self.cluster.logs.append(&self.log(name), "");
        }
        Some(pod)
    }

    fn log(&self, container: &str) -> LogKey {
        LogKey::new(&self.namespace, &self.name, container, false)
    }

    /// One container: the probe asks and ends, anything else runs on.
    async fn container(&self, pod: &Value, container: &Value) -> Option<Ended> {
        if !probe_image(&self.cluster, container) {
            return None;
        }
        let key = self.log(text(container, "name"));
        let tell = |bytes: &[u8]| {
            let logs = &self.cluster.logs;
            logs.append(&key, &String::from_utf8_lossy(bytes));
        };
        let ended = match plan(container) {
            Ok(plan) => probe(&self.cluster, pod, container, &plan, tell).await,
            Err(why) => {
                tell(format!("digpod-probe: {why}\n").as_bytes());
                Ended {
                    code: 2,
                    message: None,
                }
            }
        };
        Some(ended)
    }

    fn end(&self, pod: &Value, ended: &[Option<Ended>]) -> Option<()> {
        let failed = ended.iter().flatten().any(|ended| ended.code != 0);
        let runs_on = ended.iter().any(Option::is_none);
        let always = matches!(text(pod, "spec.restartPolicy"), "Always" | "");
        self.update(|pod| {
            let mut statuses = list(pod, "status.containerStatuses").to_vec();
            for (status, ended) in statuses.iter_mut().zip(ended) {
                let Some(ended) = ended else { continue };
                let started = text(status, "state.running.startedAt").to_owned();
                let reason = if ended.code == 0 {
                    "Completed"
                } else {
                    "Error"
                };
                let id = text(status, "containerID").to_owned();
                let mut state = json!({"terminated": {
                    "exitCode": ended.code, "reason": reason, "startedAt": started,
                    "finishedAt": seconds(now()), "containerID": id,
                }});
                if let Some(message) = &ended.message {
                    set(&mut state, "terminated.message", message.as_str());
                }
                if always {
                    set(status, "lastState", state);
                    state = json!({"waiting": {"reason": "CrashLoopBackOff"}});
                }
                set(status, "state", state);
                set(status, "ready", false);
                set(status, "started", false);
            }
            set(pod, "status.containerStatuses", statuses);
            if !always && !runs_on {
                let reason = if failed { "PodFailed" } else { "PodCompleted" };
                set(
                    pod,
                    "status.phase",
                    if failed { "Failed" } else { "Succeeded" },
                );
                set(pod, "status.conditions", conditions(false, reason));
            }
        })?;
        Some(())
    }

    /// The deadline came first.
    fn expire(&self) {
        let expired = self.update(|pod| {
            let mut statuses = list(pod, "status.containerStatuses").to_vec();
            for status in &mut statuses {
                if at(status, "state.running").is_some() {
                    let started = text(status, "state.running.startedAt").to_owned();
                    set(
                        status,
                        "state",
                        json!({"terminated": {
                            "exitCode": 137, "reason": "Error", "startedAt": started,
                            "finishedAt": seconds(now()),
                        }}),
                    );
                    set(status, "ready", false);
                }
            }
            set(pod, "status.containerStatuses", statuses);
            set(pod, "status.phase", "Failed");
            set(pod, "status.reason", "DeadlineExceeded");
            set(
                pod,
                "status.message",
                "Pod was active on the node longer than the specified deadline",
            );
            set(pod, "status.conditions", conditions(false, "PodFailed"));
        });
        if let Some(pod) = expired {
            let message = "Pod was active on the node longer than the specified deadline";
            event(
                &self.cluster,
                &pod,
                "kubelet",
                "Normal",
                "DeadlineExceeded",
                message,
            );
        }
    }
}
