//! What the API server does to new objects: it checks them and fills them in.

use std::sync::Arc;

use serde_json::{Value, json};

use super::pod_security;
use super::status::Refusal;
use crate::cluster::Cluster;
use crate::json::{at, default, list, set, text, truth};
use crate::resources::{self, Resource};
use crate::time::{now, seconds};

/// Whether an object may be created.
pub(super) fn check(cluster: &Cluster, resource: &Resource, object: &Value) -> Result<(), Refusal> {
    let name = text(object, "metadata.name");
    let kind = text(object, "kind");
    if !kind.is_empty() && kind != resource.kind {
        return Err(Refusal::bad_request(format!(
            "the object provided is unrecognized (must be of type {}): {kind}",
            resource.kind
        )));
    }
    if name.is_empty() {
        let why = "metadata.name: Required value: name or generateName is required";
        return Err(Refusal::invalid(resource, "", why));
    }
    let label = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    if name.len() > 253 || !name.chars().all(label) {
        let why = format!(
            "metadata.name: Invalid value: \"{name}\": a lowercase RFC 1123 subdomain must consist of lower \
             case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character"
        );
        return Err(Refusal::invalid(resource, name, &why));
    }
    if resource.namespaced {
        let namespaces = resources::named("", "namespaces");
        let namespace = text(object, "metadata.namespace");
        let Some(found) = cluster.store.get(namespaces, "", namespace) else {
            return Err(Refusal::not_found(namespaces, namespace));
        };
        if text(&found, "status.phase") == "Terminating" {
            let why = format!(
                "unable to create new content in namespace {namespace} because it is being terminated"
            );
            return Err(Refusal::forbidden(
                resource.group,
                resource.plural,
                name,
                &why,
            ));
        }
    }
    if resource.kind == "Pod"
        && let Some(why) = unsafe_there(cluster, object)
    {
        return Err(Refusal::forbidden(
            resource.group,
            resource.plural,
            name,
            &why,
        ));
    }
    if resource.kind == "Pod" && list(object, "spec.containers").is_empty() {
        return Err(Refusal::invalid(
            resource,
            name,
            "spec.containers: Required value",
        ));
    }
    if truth(object, "spec.hostNetwork") && cluster.faults.refuses_create(resource.plural, true) {
        let why = "violates PodSecurity \"baseline:latest\": host namespaces (hostNetwork=true)";
        return Err(Refusal::forbidden(
            resource.group,
            resource.plural,
            name,
            why,
        ));
    }
    if cluster.faults.refuses_create(resource.plural, false) {
        let first = list(object, "spec.containers")
            .first()
            .map_or("", |c| text(c, "name"));
        let why = match resource.kind {
            "Pod" => format!(
                "violates PodSecurity \"restricted:latest\": runAsNonRoot != true (pod or container \
                 \"{first}\" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container \
                 \"{first}\" must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \
                 \"Localhost\")"
            ),
            _ => "exceeded quota: objects, requested: 1, used: 0, limited: 0".to_owned(),
        };
        return Err(Refusal::forbidden(
            resource.group,
            resource.plural,
            name,
            &why,
        ));
    }
    Ok(())
}

/// What the Pod Security of its namespace says against a pod.
fn unsafe_there(cluster: &Cluster, pod: &Value) -> Option<String> {
    let namespaces = resources::named("", "namespaces");
    let namespace = cluster
        .store
        .get(namespaces, "", text(pod, "metadata.namespace"))?;
    let label = "/metadata/labels/pod-security.kubernetes.io~1enforce";
    let level = namespace.pointer(label).and_then(Value::as_str)?;
    pod_security::violation(level, pod)
}

/// Fills in what clients leave out.
pub(super) fn complete(cluster: &Cluster, resource: &Resource, object: &mut Value) {
    if text(object, "metadata.generateName").is_empty()
        && let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut)
    {
        metadata.remove("generateName");
    }
    set(object, "kind", resource.kind);
    set(object, "apiVersion", resource.api_version());
    set(object, "metadata.uid", cluster.random.uuid());
    set(object, "metadata.creationTimestamp", seconds(now()));
    match resource.kind {
        "Namespace" => {
            let name = text(object, "metadata.name").to_owned();
            let mut labels = at(object, "metadata.labels")
                .cloned()
                .unwrap_or_else(|| json!({}));
            labels["kubernetes.io/metadata.name"] = name.into();
            set(object, "metadata.labels", labels);
            set(object, "spec.finalizers", json!(["kubernetes"]));
            set(object, "status.phase", "Active");
        }
        "Pod" => {
            if cluster
                .faults
                .injects_sidecar(text(object, "metadata.namespace"))
            {
                inject_sidecar(object);
            }
            complete_pod(object);
        }
        _ => {}
    }
}

/// What a service mesh's webhook does to each pod.
fn inject_sidecar(pod: &mut Value) {
    let mut containers = list(pod, "spec.containers").to_vec();
    containers.push(json!({
        "name": "istio-proxy",
        "image": "registry.example.com/istio/proxyv2:1.27.1",
        "args": ["proxy", "sidecar"],
        "securityContext": {
            "allowPrivilegeEscalation": false,
            "capabilities": {"drop": ["ALL"]},
            "runAsNonRoot": true,
        },
    }));
    set(pod, "spec.containers", containers);
    let mut annotations = at(pod, "metadata.annotations")
        .cloned()
        .unwrap_or_else(|| json!({}));
    annotations["sidecar.istio.io/status"] = "{\"containers\":[\"istio-proxy\"]}".into();
    set(pod, "metadata.annotations", annotations);
}

fn complete_pod(pod: &mut Value) {
    default(pod, "spec.restartPolicy", "Always");
    default(pod, "spec.terminationGracePeriodSeconds", 30);
    default(pod, "spec.dnsPolicy", "ClusterFirst");
    default(pod, "spec.serviceAccountName", "default");
    default(pod, "spec.securityContext", json!({}));
    default(pod, "spec.schedulerName", "default-scheduler");
    default(pod, "spec.priority", 0);
    default(pod, "spec.enableServiceLinks", true);
    default(pod, "spec.preemptionPolicy", "PreemptLowerPriority");
    let account = text(pod, "spec.serviceAccountName").to_owned();
    default(pod, "spec.serviceAccount", account);
    let mut tolerations = list(pod, "spec.tolerations").to_vec();
    for key in [
        "node.kubernetes.io/not-ready",
        "node.kubernetes.io/unreachable",
    ] {
        tolerations.push(json!({
            "key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300,
        }));
    }
    set(pod, "spec.tolerations", tolerations);
    let mut containers = list(pod, "spec.containers").to_vec();
    for container in &mut containers {
        default(container, "resources", json!({}));
        default(container, "terminationMessagePath", "/dev/termination-log");
        default(container, "terminationMessagePolicy", "File");
        default(container, "imagePullPolicy", "IfNotPresent");
    }
    set(pod, "spec.containers", containers);
    set(
        pod,
        "status",
        json!({"phase": "Pending", "qosClass": "BestEffort"}),
    );
}

/// Puts into a new namespace what every namespace has.
pub(super) fn furnish(cluster: &Arc<Cluster>, namespace: &str) {
    for (plural, name) in [
        ("serviceaccounts", "default"),
        ("configmaps", "kube-root-ca.crt"),
    ] {
        let resource = resources::named("", plural);
        let mut object = json!({"metadata": {"name": name, "namespace": namespace}});
        complete(cluster, resource, &mut object);
        cluster.store.create(resource, object);
    }
}
