//! The slim shapes keep what may leave the cluster; these fields they cannot judge by themselves.

use std::collections::BTreeMap;

use digpod_bundle::k8s::{ConfigMap, ContainerStatus, Event, ObjectMeta, Pod, PodSpec, Workload};
use serde_json::{Map, Value};

use super::dns::is_dns_container;
use super::{corefile_secrets, scrub};
use crate::sink::Sink;

/// Annotations that bear on DNS and hold nothing else.
const ANNOTATIONS: &[&str] = &[
    "kubectl.kubernetes.io/restartedAt",
    "deployment.kubernetes.io/revision",
];
/// Fields of a container's probes that are kept: neither commands nor headers.
const PROBE: &[&str] = &[
    "failureThreshold",
    "grpc",
    "httpGet",
    "initialDelaySeconds",
    "path",
    "periodSeconds",
    "port",
    "scheme",
    "successThreshold",
    "tcpSocket",
    "timeoutSeconds",
];
/// Keys of ConfigMaps that set up DNS (appendix G).
const KEYS: &[&str] = &[
    "Corefile",
    "Corefile.base",
    "NodeHosts",
    "federations",
    "ladder",
    "linear",
    "stubDomains",
    "upstreamNameservers",
];

/// Keeps only annotations of the allow-list, and no trace of writers that does not matter.
pub(crate) fn metadata(metadata: &mut ObjectMeta) {
    metadata
        .annotations
        .retain(|key, _| ANNOTATIONS.contains(&key.as_str()));
}

/// A pod: arguments are kept for DNS containers only.
pub(crate) fn pod(pod: &mut Pod, is_dns: bool) {
    metadata(&mut pod.metadata);
    pod.metadata.managed_fields.clear();
    spec(&mut pod.spec, is_dns);
    let status = &mut pod.status;
    message(&mut status.message);
    for condition in &mut status.conditions {
        message(&mut condition.message);
    }
    for status in status
        .container_statuses
        .iter_mut()
        .chain(&mut status.init_container_statuses)
    {
        container_status(status, is_dns);
    }
}

fn container_status(status: &mut ContainerStatus, is_dns: bool) {
    for state in [&mut status.state, &mut status.last_state] {
        if let Some(waiting) = &mut state.waiting {
            message(&mut waiting.message);
        }
        if let Some(terminated) = &mut state.terminated {
            if is_dns {
                message(&mut terminated.message);
            } else {
                // What a container said when it ended may be anything.
                terminated.message = None;
            }
        }
    }
}

pub(super) fn message(text: &mut Option<String>) {
    if let Some(text) = text {
        scrub::clean(text);
    }
}

/// A pod's spec.
pub(crate) fn spec(spec: &mut PodSpec, is_dns: bool) {
    for container in spec.containers.iter_mut().chain(&mut spec.init_containers) {
        if is_dns && is_dns_container(container) {
            arguments(&mut container.args);
            for probe in [
                &mut container.liveness_probe,
                &mut container.readiness_probe,
            ]
            .into_iter()
            .flatten()
            {
                *probe = allowed(probe, PROBE);
            }
        } else {
            container.args.clear();
            container.liveness_probe = None;
            container.readiness_probe = None;
        }
    }
}

/// Arguments one by one, and with the word before each: `--token`, `…`.
fn arguments(args: &mut [String]) {
    let mut before = String::new();
    for arg in args {
        let flag = before.starts_with('-') && !before.contains('=');
        let together = format!("{before} {arg}");
        if flag && let Some((clean, _)) = scrub::text(&together) {
            before = std::mem::take(arg);
            *arg = clean
                .split_once(' ')
                .map_or(clean.clone(), |it| it.1.to_owned());
        } else {
            before.clone_from(arg);
            scrub::clean(arg);
        }
    }
}

/// A value with these keys only, at every depth.
pub(super) fn allowed(value: &Value, keys: &[&str]) -> Value {
    match value {
        Value::Object(map) => {
            let kept = map.iter().filter(|(key, _)| keys.contains(&key.as_str()));
            Value::Object(
                kept.map(|(key, value)| (key.clone(), allowed(value, keys)))
                    .collect::<Map<_, _>>(),
            )
        }
        Value::Array(values) => {
            Value::Array(values.iter().map(|value| allowed(value, keys)).collect())
        }
        Value::String(text) => {
            let clean = scrub::text(text).map_or_else(|| text.clone(), |(clean, _)| clean);
            Value::String(clean)
        }
        other => other.clone(),
    }
}

/// A Deployment, DaemonSet or ReplicaSet.
pub(super) fn workload(workload: &mut Workload, kind: &str, is_dns: bool) {
    kind.clone_into(&mut workload.kind);
    metadata(&mut workload.metadata);
    workload.metadata.managed_fields.clear();
    metadata(&mut workload.spec.template.metadata);
    spec(&mut workload.spec.template.spec, is_dns);
}

/// An event.
pub(super) fn event(event: &mut Event) {
    event.metadata.annotations.clear();
    event.metadata.managed_fields.clear();
    message(&mut event.message);
}

/// A ConfigMap of DNS: secrets go from Corefiles; of a key that is none of DNS's only its name and
/// size stay. What was taken out is counted in the manifest.
pub(super) fn config_map(sink: &Sink, entry: &str, map: &mut ConfigMap) {
    metadata(&mut map.metadata);
    let mut removed: BTreeMap<&'static str, u64> = BTreeMap::new();
    for (key, text) in &mut map.data {
        if is_of_dns(key, text) {
            let (clean, count) = corefile_secrets::remove(text);
            *text = clean;
            *removed.entry("secrets in DNS settings").or_default() += count;
        } else {
            *text = left_out(text.len());
            *removed.entry("keys that are none of DNS's").or_default() += 1;
        }
    }
    for text in map.binary_data.values_mut() {
        // Base64 of what nobody can judge; that there is such a key is what matters.
        *text = String::new();
        *removed.entry("binary values").or_default() += 1;
    }
    for (rule, count) in removed {
        sink.redacted(entry, rule, count);
    }
}

fn left_out(bytes: usize) -> String {
    format!("# {} ({bytes} bytes): no key of DNS\n", scrub::REMOVED)
}

/// A key that is known, named like a zone file, or whose text reads as a Corefile.
fn is_of_dns(key: &str, text: &str) -> bool {
    let suffix = key.rsplit_once('.').map_or("", |it| it.1);
    let by_name = KEYS.contains(&key)
        || matches!(
            suffix,
            "server" | "override" | "db" | "zone" | "hosts" | "corefile"
        );
    by_name || reads_as_corefile(text)
}

fn reads_as_corefile(text: &str) -> bool {
    let known = |name: &str| digpod_corefile::plugin::find(name).is_some();
    let corefile = corefile_secrets::parsed(text, &[]);
    let mut directives = corefile.blocks.iter().flat_map(|block| &block.directives);
    let in_block = directives.any(|it| known(&it.name.text));
    // A key for the default block has directives without a block.
    let bare = || {
        let words = text
            .lines()
            .filter_map(|line| line.split_whitespace().next());
        let first = words.clone().find(|word| !word.starts_with('#'));
        first.is_none_or(known)
    };
    in_block || bare()
}
