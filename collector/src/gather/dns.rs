//! The pods behind the DNS Service: found by its selector, its endpoints, or their workload.

use std::collections::BTreeMap;

use digpod_bundle::k8s::{Container, EndpointSlice, Pod, Service, Workload};
use digpod_bundle::layout;

use super::discover::Dns;
use super::source::{get, list};
use super::trail::Trail;
use super::{encode, query, redact};
use crate::api::{Api, Bounds, CallError, ListEnd, Listed};
use crate::sink::{Call, Sink};

/// DNS pods read at most: OpenShift has one on each node, and each has logs.
const MOST: u64 = 200;
/// Pods read one by one, where only endpoints name them.
const BY_NAME: usize = 20;

/// The pods behind the Service.
pub(super) async fn pods(api: &Api, sink: &Sink, trail: &Trail, dns: &Dns) -> Vec<Pod> {
    let selector = match &dns.service {
        Some(service) if !service.spec.selector.is_empty() => query(&service.spec.selector),
        _ => encode("k8s-app in (kube-dns,coredns)"),
    };
    let call = selected(&dns.namespace, &selector);
    let mut found = read(api, &call).await;
    if let Ok(list) = &found {
        trail.tried(&call.path, format!("{} pods", list.items.len()));
        if list.items.is_empty()
            && let Some((pods, because)) = by_other_ways(api, trail, dns).await
        {
            trail.choose("pods", dns.namespace.clone(), because);
            found = Ok(pods);
        } else {
            trail.choose("pods", dns.namespace.clone(), "the Service's selector");
        }
    }
    if let Ok(list) = &mut found {
        list.items.iter_mut().for_each(|pod| redact::pod(pod, true));
        if list.items.iter().any(is_kube_dns) {
            trail.choose("server", "kube-dns", "a container kubedns or dnsmasq");
        }
        if let Some(pod) = list.items.first() {
            let port = port(dns.service.as_ref(), pod);
            trail.choose("port", port.to_string(), "targetPort of the Service");
        }
    }
    sink.list(layout::DNS_PODS, &call, &found);
    found.map(|list| list.items).unwrap_or_default()
}

async fn read(api: &Api, call: &Call) -> Result<Listed<Pod>, CallError> {
    let mut items = Vec::new();
    let bounds = Bounds {
        page: MOST,
        most: MOST,
    };
    let end = api.each(&call.path, bounds, |pod| items.push(pod)).await?;
    Ok(Listed { items, end })
}

fn selected(namespace: &str, selector: &str) -> Call {
    list(
        "pods",
        Some(namespace),
        format!("/api/v1/namespaces/{namespace}/pods?labelSelector={selector}"),
    )
}

/// A Service without a selector, or whose selector fits nobody: the pods that its endpoints name,
/// or those of a workload that runs a DNS image.
async fn by_other_ways(api: &Api, trail: &Trail, dns: &Dns) -> Option<(Listed<Pod>, String)> {
    let namespace = dns.namespace.as_str();
    let slices = api.list::<EndpointSlice>(&slices_of(dns).path).await;
    let slices = slices.map(|list| list.items).unwrap_or_default();
    let endpoints = slices.iter().flat_map(|slice| &slice.endpoints);
    let names = endpoints.filter_map(|endpoint| endpoint.target_ref.as_ref());
    let names = names.filter(|it| it.kind == "Pod").take(BY_NAME);
    let reads = names.map(|it| {
        let path = format!("/api/v1/namespaces/{namespace}/pods/{}", it.name);
        async move { (it.name.as_str(), api.get::<Pod>(&path).await) }
    });
    let (mut pods, mut unread) = (Vec::new(), Vec::new());
    for (name, pod) in futures::future::join_all(reads).await {
        match pod {
            Ok(pod) => pods.push(pod),
            Err(error) => unread.push(format!("{name}: {}", error.reason)),
        }
    }
    if !pods.is_empty() {
        let end = ListEnd {
            read: pods.len() as u64,
            cut: (!unread.is_empty()).then(|| unread.join("; ")),
            ..ListEnd::default()
        };
        let list = Listed { items: pods, end };
        return Some((list, "the Service's EndpointSlices".to_owned()));
    }
    for plural in ["deployments", "daemonsets"] {
        let path = format!("/apis/apps/v1/namespaces/{namespace}/{plural}");
        let found = match api.list::<Workload>(&path).await {
            Ok(found) => found,
            Err(error) => {
                trail.tried(&path, error.reason);
                continue;
            }
        };
        let workload = found.items.iter().find(|it| runs_dns(it));
        trail.tried(
            &path,
            workload.map_or("none runs a DNS image", |_| "one runs a DNS image"),
        );
        if let Some(workload) = workload {
            let call = selected(namespace, &query(&workload.spec.selector.match_labels));
            let pods = read(api, &call).await.ok()?;
            let name = &workload.metadata.name;
            return Some((pods, format!("{name} of {plural} runs a DNS image")));
        }
    }
    None
}

/// The server before CoreDNS, which GKE still has: dnsmasq in front of kubedns.
pub(super) fn is_kube_dns(pod: &Pod) -> bool {
    let mut containers = pod.spec.containers.iter();
    containers.any(|it| matches!(it.name.as_str(), "kubedns" | "dnsmasq"))
}

fn runs_dns(workload: &Workload) -> bool {
    let mut containers = workload.spec.template.spec.containers.iter();
    containers.any(|container| is_dns_image(container.image.as_deref().unwrap_or_default()))
}

/// Images of DNS servers: `coredns`, `k8s-dns-kube-dns`, `k8s-dns-node-cache` and their likes.
pub(super) fn is_dns_image(image: &str) -> bool {
    let name = image.split(['@', ':']).next().unwrap_or(image);
    let name = name.rsplit('/').next().unwrap_or(name);
    name.contains("coredns") || name.starts_with("k8s-dns-") || name.contains("node-cache")
}

/// Whether a container of a DNS pod answers queries, or is a part of kube-dns.
pub(crate) fn is_dns_container(container: &Container) -> bool {
    let named = matches!(
        container.name.as_str(),
        "coredns" | "dns" | "kubedns" | "dnsmasq" | "node-cache"
    );
    let serves = container.ports.iter().any(|port| {
        matches!(port.name.as_deref(), Some("dns" | "dns-tcp" | "dns-local"))
            || port.container_port == 53
    });
    named || serves || is_dns_image(container.image.as_deref().unwrap_or_default())
}

/// The port on which a DNS pod answers: where the Service's port 53 leads (5353 on OpenShift).
pub(crate) fn port(service: Option<&Service>, pod: &Pod) -> u16 {
    let containers = || pod.spec.containers.iter().flat_map(|it| &it.ports);
    let named = |name: &str| {
        let udp = containers()
            .find(|it| it.name.as_deref() == Some(name) && it.protocol.as_deref() != Some("TCP"));
        udp.or_else(|| containers().find(|it| it.name.as_deref() == Some(name)))
            .map(|it| it.container_port)
    };
    let ports = service.map_or(&[][..], |service| &service.spec.ports);
    let udp = |it: &&digpod_bundle::k8s::ServicePort| it.protocol.as_deref() == Some("UDP");
    let dns = ports.iter().filter(|it| it.port == 53);
    let dns = dns.clone().find(udp).or_else(|| dns.clone().next());
    let target = dns.and_then(|it| it.target_port.as_ref());
    let number = match target {
        Some(serde_json::Value::Number(number)) => {
            number.as_i64().and_then(|it| i32::try_from(it).ok())
        }
        Some(serde_json::Value::String(name)) => named(name),
        _ if dns.is_some() => Some(53),
        _ => named("dns"),
    };
    number.and_then(|it| u16::try_from(it).ok()).unwrap_or(53)
}

fn slices_of(dns: &Dns) -> Call {
    let namespace = &dns.namespace;
    let name = dns
        .service
        .as_ref()
        .map_or("kube-dns", |service| service.metadata.name.as_str());
    let selector = encode(&format!("kubernetes.io/service-name={name}"));
    list(
        "endpointslices.discovery.k8s.io",
        Some(namespace),
        format!(
            "/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices?labelSelector={selector}"
        ),
    )
}

/// The Service's EndpointSlices.
pub(super) async fn endpoint_slices(api: &Api, sink: &Sink, dns: &Dns) {
    let call = slices_of(dns);
    let mut list = api.list::<EndpointSlice>(&call.path).await;
    for slice in list.iter_mut().flat_map(|it| &mut it.items) {
        redact::metadata(&mut slice.metadata);
    }
    sink.list(layout::DNS_ENDPOINT_SLICES, &call, &list);
}

/// The namespace of the pods: policies select on its labels.
pub(super) async fn namespace(api: &Api, sink: &Sink, namespace: &str) {
    let path = format!("/api/v1/namespaces/{namespace}");
    let call = get("namespaces", None, path);
    let mut found = api.get::<digpod_bundle::k8s::Namespace>(&call.path).await;
    if let Ok(namespace) = &mut found {
        redact::metadata(&mut namespace.metadata);
        namespace.metadata.managed_fields.clear();
    }
    sink.json_or_gap(layout::DNS_NAMESPACE, &call, &found);
}

/// Labels of a workload's pods that its selector asks for.
pub(super) fn fits(selector: &BTreeMap<String, String>, pod: &Pod) -> bool {
    !selector.is_empty()
        && selector
            .iter()
            .all(|(key, value)| pod.metadata.labels.get(key) == Some(value))
}
