//! The objects of a large cluster, of the sizes that real ones have: a node with its images and
//! managed fields about 13 kB, a pod about 4 kB.

use std::net::Ipv4Addr;
use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use super::{Fleet, Kind};
use crate::store::Key;
use crate::time;

/// Keys of the labels that objects of a kind have.
pub(super) fn labels(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Nodes | Kind::NodeMetrics => &[
            "agentpool",
            "kubernetes.azure.com/agentpool",
            "kubernetes.azure.com/cluster",
            "kubernetes.azure.com/mode",
            "kubernetes.azure.com/node-image-version",
            "kubernetes.azure.com/os-sku",
            "kubernetes.azure.com/role",
            "kubernetes.io/arch",
            "kubernetes.io/hostname",
            "kubernetes.io/os",
            "kubernetes.io/role",
            "node.kubernetes.io/instance-type",
            "topology.kubernetes.io/region",
            "topology.kubernetes.io/zone",
        ],
        Kind::Namespaces => &["kubernetes.io/metadata.name", "team"],
        Kind::Pods => &["app", "component", "pod-template-hash", "team"],
        Kind::Services => &["app", "team"],
        Kind::EndpointSlices => &["app", "kubernetes.io/service-name"],
    }
}

/// One object.
pub(super) fn object(fleet: &Fleet, kind: Kind, index: usize, key: &Key) -> Value {
    let (namespace, name) = key;
    let born = time::seconds(fleet.born);
    let mut metadata = json!({
        "name": name,
        "uid": format!("{:08x}-0000-4000-8000-{index:012x}", kind as usize),
        "resourceVersion": "99000",
        "creationTimestamp": born,
    });
    if !namespace.is_empty() {
        metadata["namespace"] = namespace.as_str().into();
    }
    let mut object = match kind {
        Kind::Nodes => node(fleet, index, name, &born),
        Kind::NodeMetrics => json!({
            "metadata": {},
            "timestamp": time::seconds(time::now()),
            "window": "20s",
            "usage": {"cpu": format!("{}m", 300 + index % 2_000), "memory": format!("{}Ki", 4_000_000 + index)},
        }),
        Kind::Namespaces => json!({
            "metadata": {"labels": {"kubernetes.io/metadata.name": name, "team": name}},
            "spec": {"finalizers": ["kubernetes"]},
            "status": {"phase": "Active"},
        }),
        Kind::Pods => pod(fleet, index, name, &born),
        Kind::Services => json!({
            "metadata": {"labels": {"app": name, "team": namespace}},
            "spec": {
                "clusterIP": service_address(index),
                "clusterIPs": [service_address(index)],
                "internalTrafficPolicy": "Cluster",
                "ipFamilies": ["IPv4"],
                "ipFamilyPolicy": "SingleStack",
                "ports": [{"name": "http", "port": 80, "protocol": "TCP", "targetPort": 8080}],
                "selector": {"app": name},
                "sessionAffinity": "None",
                "type": "ClusterIP",
            },
            "status": {"loadBalancer": {}},
        }),
        Kind::EndpointSlices => json!({
            "metadata": {"labels": {"app": name, "kubernetes.io/service-name": name.trim_end_matches("-x7k2p")}},
            "addressType": "IPv4",
            "endpoints": [{"addresses": [pod_address(index)], "conditions": {"ready": true, "serving": true, "terminating": false}}],
            "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}],
        }),
    };
    if let Some(own) = object["metadata"].as_object_mut() {
        own.extend(metadata.as_object().cloned().unwrap_or_default());
    }
    object
}

fn node(fleet: &Fleet, index: usize, name: &str, born: &str) -> Value {
    let pool = fleet.pool(index);
    let zone = format!("westeurope-{}", index % 3 + 1);
    // A few of so many are always down.
    let ready = if index % 500 == 499 {
        "Unknown"
    } else {
        "True"
    };
    let condition = |kind: &str, status: &str, reason: &str| {
        json!({
            "type": kind, "status": status, "reason": reason,
            "message": format!("{reason}: as the kubelet or the node problem detector says it"),
            "lastHeartbeatTime": time::seconds(time::now()), "lastTransitionTime": born,
        })
    };
    let address = Ipv4Addr::from_bits(0x0AE0_0000 + u32::try_from(index).unwrap_or(0));
    json!({
        "metadata": {
            "labels": {
                "agentpool": pool,
                "kubernetes.azure.com/agentpool": pool,
                "kubernetes.azure.com/cluster": "MC_shop_aks-shop_westeurope",
                "kubernetes.azure.com/mode": "user",
                "kubernetes.azure.com/node-image-version": "AKSUbuntu-2204gen2containerd-202604.05.0",
                "kubernetes.azure.com/os-sku": "Ubuntu",
                "kubernetes.azure.com/role": "agent",
                "kubernetes.io/arch": "amd64",
                "kubernetes.io/hostname": name,
                "kubernetes.io/os": "linux",
                "kubernetes.io/role": "agent",
                "node.kubernetes.io/instance-type": "Standard_D8s_v5",
                "topology.kubernetes.io/region": "westeurope",
                "topology.kubernetes.io/zone": zone,
            },
            "annotations": {
                "csi.volume.kubernetes.io/nodeid": format!("{{\"disk.csi.azure.com\":\"{name}\",\"file.csi.azure.com\":\"{name}\"}}"),
                "node.alpha.kubernetes.io/ttl": "0",
                "volumes.kubernetes.io/controller-managed-attach-detach": "true",
            },
            "managedFields": FIELDS.clone(),
        },
        "spec": {
            "podCIDR": format!("10.{}.{}.0/24", 128 + index / 256, index % 256),
            "providerID": format!("azure:///subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/mc_shop/providers/Microsoft.Compute/virtualMachineScaleSets/aks-{pool}-30418-vmss/virtualMachines/{index}"),
        },
        "status": {
            "addresses": [
                {"type": "InternalIP", "address": address},
                {"type": "Hostname", "address": name},
            ],
            "allocatable": {"cpu": "7820m", "memory": "27881004Ki", "pods": "110", "ephemeral-storage": "119703055367"},
            "capacity": {"cpu": "8", "memory": "32373868Ki", "pods": "110", "ephemeral-storage": "129886128Ki"},
            "conditions": [
                condition("FrequentKubeletRestart", "False", "NoFrequentKubeletRestart"),
                condition("KernelDeadlock", "False", "KernelHasNoDeadlock"),
                condition("VMEventScheduled", "False", "NoVMEventScheduled"),
                condition("MemoryPressure", "False", "KubeletHasSufficientMemory"),
                condition("DiskPressure", "False", "KubeletHasNoDiskPressure"),
                condition("PIDPressure", "False", "KubeletHasSufficientPID"),
                condition("Ready", ready, if ready == "True" { "KubeletReady" } else { "NodeStatusUnknown" }),
            ],
            "images": IMAGES.clone(),
            "nodeInfo": {
                "architecture": "amd64",
                "containerRuntimeVersion": "containerd://1.7.27-1",
                "kernelVersion": "5.15.0-1089-azure",
                "kubeletVersion": "v1.33.5",
                "operatingSystem": "linux",
                "osImage": "Ubuntu 22.04.5 LTS",
            },
        },
    })
}

fn pod(fleet: &Fleet, index: usize, name: &str, born: &str) -> Value {
    let own = index.checked_sub(fleet.proxies());
    let node = fleet.node(index % fleet.scale.nodes.max(1));
    let (labels, container, image) = match own {
        None => (
            json!({"component": "kube-proxy"}),
            "kube-proxy",
            "mcr.microsoft.com/oss/kubernetes/kube-proxy:v1.33.5",
        ),
        Some(own) => (
            json!({"app": format!("app-{:06}", own / 10), "pod-template-hash": "7d9c5bb6c4", "team": format!("t{}", own % 40)}),
            "app",
            "registry.corp.internal/shop/app:1.42.0",
        ),
    };
    let condition = |kind: &str| json!({"type": kind, "status": "True", "lastProbeTime": null, "lastTransitionTime": born});
    json!({
        "metadata": {
            "generateName": name.trim_end_matches(|c: char| c.is_ascii_digit()),
            "labels": labels,
            "managedFields": FIELDS.clone(),
        },
        "spec": {
            "containers": [{
                "name": container,
                "image": image,
                "imagePullPolicy": "IfNotPresent",
                "ports": [{"containerPort": 8080, "name": "http", "protocol": "TCP"}],
                "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
                "terminationMessagePath": "/dev/termination-log",
                "terminationMessagePolicy": "File",
            }],
            "dnsPolicy": "ClusterFirst",
            "enableServiceLinks": true,
            "nodeName": node,
            "restartPolicy": "Always",
            "schedulerName": "default-scheduler",
            "serviceAccountName": "default",
            "terminationGracePeriodSeconds": 30,
        },
        "status": {
            "phase": "Running",
            "podIP": pod_address(index),
            "podIPs": [{"ip": pod_address(index)}],
            "qosClass": "Burstable",
            "startTime": born,
            "conditions": [condition("PodScheduled"), condition("Initialized"), condition("ContainersReady"), condition("Ready")],
            "containerStatuses": [{
                "name": container,
                "image": image,
                "imageID": format!("{image}@sha256:{index:064x}"),
                "containerID": format!("containerd://{index:064x}"),
                "ready": true,
                "started": true,
                "restartCount": 0,
                "state": {"running": {"startedAt": born}},
                "lastState": {},
            }],
        },
    })
}

fn pod_address(index: usize) -> String {
    Ipv4Addr::from_bits(0x0A80_0000 + u32::try_from(index).unwrap_or(0)).to_string()
}

fn service_address(index: usize) -> String {
    Ipv4Addr::from_bits(0x0A01_0000 + u32::try_from(index).unwrap_or(0)).to_string()
}

/// 50 images, as many as a kubelet reports by default (`nodeStatusMaxImages`).
static IMAGES: LazyLock<Value> = LazyLock::new(|| {
    (0..50)
        .map(|n| {
            json!({
                "names": [
                    format!("registry.corp.internal/team-{n:02}/service@sha256:{n:064x}"),
                    format!("registry.corp.internal/team-{n:02}/service:1.{n}.0"),
                ],
                "sizeBytes": 40_000_000 + n,
            })
        })
        .collect()
});

/// What server-side apply remembers of each writer.
static FIELDS: LazyLock<Value> = LazyLock::new(|| {
    let fields: Map<String, Value> = (0..40)
        .map(|n| {
            (
                format!("f:field-of-some-length-{n:02}"),
                json!({"f:value": {}}),
            )
        })
        .collect();
    json!([{
        "manager": "kubelet", "operation": "Update", "apiVersion": "v1", "time": "2026-04-10T06:13:02Z",
        "fieldsType": "FieldsV1", "fieldsV1": {"f:metadata": {"f:labels": fields.clone()}, "f:spec": fields},
    }])
});
