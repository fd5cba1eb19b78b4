//! Finds the DNS Service: in the places where distributions have it, told apart from its copies by
//! what the kubelets write, and otherwise worked back from that address.

use std::future::Future;
use std::time::Duration;

use digpod_bundle::k8s::{Service, ServiceList};
use digpod_bundle::{Status, layout};

use super::source::{self, get, items, list};
use super::trail::{Hint, Trail, full_name};
use super::{addresses, encode, redact};
use crate::api::{Api, CallError};
use crate::sink::{Call, Sink};

/// Namespace of DNS everywhere but on OpenShift.
const USUAL: &str = "kube-system";
/// Services of these names are DNS (rule catalogue 0.1 and appendix G).
const NAMES: [&str; 4] = [
    "kube-dns",
    "coredns",
    "rke2-coredns-rke2-coredns",
    "dns-default",
];
/// How long the choice waits for what the cluster says of addresses; the Services alone mostly do.
const HINTS: Duration = Duration::from_secs(2);

/// The cluster's DNS, as far as the API shows it.
#[derive(Clone, Debug)]
pub(super) struct Dns {
    pub(super) namespace: String,
    pub(super) service: Option<Service>,
}

impl Default for Dns {
    fn default() -> Self {
        Self {
            namespace: USUAL.to_owned(),
            service: None,
        }
    }
}

/// Finds it.
pub(super) async fn service(
    api: &Api,
    sink: &Sink,
    trail: &Trail,
    hints: impl Future<Output = Vec<Hint>>,
) -> Dns {
    let ((mut found, failure), openshift, hints) = futures::join!(
        usual(api, trail),
        one(api, trail, "openshift-dns", "dns-default"),
        async { tokio::time::timeout(HINTS, hints).await.unwrap_or_default() },
    );
    found.extend(openshift);
    let settled = found
        .iter()
        .any(|service| score(service, &hints).points >= SETTLED);
    if !settled {
        for service in elsewhere(api, trail, &hints).await {
            if !found.iter().any(|it| same(it, &service)) {
                found.push(service);
            }
        }
    }
    for service in &mut found {
        redact::metadata(&mut service.metadata);
        service.metadata.managed_fields.clear();
    }
    found.sort_by_key(|service| {
        (
            std::cmp::Reverse(score(service, &hints).points),
            full_name(service),
        )
    });
    let call = failure
        .as_ref()
        .map_or_else(|| services_of(USUAL), |(call, _)| call.clone());
    match &failure {
        Some((call, error)) => sink.gap(layout::DNS_SERVICES, call, error),
        None => {
            let all = ServiceList {
                items: found.clone(),
                ..ServiceList::default()
            };
            source::add(sink, layout::DNS_SERVICES, &call, &all, found.is_empty());
        }
    }
    choose(sink, trail, found, &hints, failure)
}

/// The best one, if it can be what pods ask.
fn choose(
    sink: &Sink,
    trail: &Trail,
    found: Vec<Service>,
    hints: &[Hint],
    failure: Option<(Call, CallError)>,
) -> Dns {
    for service in &found {
        trail.candidate(service, score(service, hints).why);
    }
    let best = found
        .into_iter()
        .find(|service| !addresses(service).is_empty());
    let Some(service) = best else {
        match failure {
            Some((call, error)) => sink.gap(layout::DNS_SERVICE, &call, &error),
            None => sink.missing_because(
                layout::DNS_SERVICE,
                Status::NotFound,
                "no Service with port 53 in kube-system or openshift-dns, none elsewhere with a \
                 usual name or label, and none with an address that the kubelets write",
            ),
        }
        return Dns::default();
    };
    trail.choose("service", full_name(&service), score(&service, hints).why);
    let namespace = service.metadata.namespace.clone();
    let namespace = namespace.unwrap_or_else(|| USUAL.to_owned());
    let path = format!(
        "/api/v1/namespaces/{namespace}/services/{}",
        service.metadata.name
    );
    sink.json(layout::DNS_SERVICE, &format!("GET {path}"), &service);
    Dns {
        namespace,
        service: Some(service),
    }
}

/// How well a Service fits, and why.
struct Score {
    points: u32,
    why: String,
}

/// It has an address that a setting names, or a label or name that only DNS has.
const SETTLED: u32 = 4;

fn score(service: &Service, hints: &[Hint]) -> Score {
    let ips = addresses(service);
    let mut points = 0;
    let mut why = Vec::new();
    for (certain, worth) in [(true, 16), (false, 2)] {
        let hint = hints
            .iter()
            .find(|hint| hint.certain == certain && ips.contains(&hint.address));
        if let Some(hint) = hint {
            points += worth;
            why.push(format!("{} is {}", hint.address, hint.from));
        }
    }
    let label = service.metadata.labels.get("k8s-app").map(String::as_str);
    // NodeLocal DNSCache brings a second Service in front of the same pods, for itself.
    let upstream = service.metadata.name.ends_with("-upstream");
    if !upstream && matches!(label, Some("kube-dns" | "coredns")) {
        points += 4;
        why.push(format!("label k8s-app={}", label.unwrap_or_default()));
    }
    if NAMES.contains(&service.metadata.name.as_str()) {
        points += 4;
        why.push("a usual name".to_owned());
    }
    if ips.is_empty() {
        points = 0;
        why.push("no address of its own".to_owned());
    }
    if why.is_empty() {
        why.push("port 53, and nothing else that points at it".to_owned());
    }
    Score {
        points,
        why: why.join("; "),
    }
}

fn same(a: &Service, b: &Service) -> bool {
    a.metadata.name == b.metadata.name && a.metadata.namespace == b.metadata.namespace
}

fn serves_dns(service: &Service) -> bool {
    service.spec.ports.iter().any(|port| port.port == 53)
}

fn services_of(namespace: &str) -> Call {
    list(
        "services",
        Some(namespace),
        format!("/api/v1/namespaces/{namespace}/services?limit=500"),
    )
}

/// Services with port 53 in the usual namespace; by name where they may not be listed.
async fn usual(api: &Api, trail: &Trail) -> (Vec<Service>, Option<(Call, CallError)>) {
    let call = services_of(USUAL);
    match items(api, &call, 2, serves_dns).await {
        Ok((found, _)) => {
            trail.tried(&call.path, count(found.len()));
            (found, None)
        }
        Err(error) => {
            trail.tried(&call.path, error.reason.clone());
            let names = NAMES.iter().take(3);
            let named = names.map(|name| one(api, trail, USUAL, name));
            let found = futures::future::join_all(named).await;
            (found.into_iter().flatten().collect(), Some((call, error)))
        }
    }
}

async fn one(api: &Api, trail: &Trail, namespace: &str, name: &str) -> Option<Service> {
    let path = format!("/api/v1/namespaces/{namespace}/services/{name}");
    let call = get("services", Some(namespace), path);
    match api.get::<Service>(&call.path).await {
        Ok(service) => {
            trail.tried(&call.path, count(1));
            Some(service)
        }
        Err(error) => {
            trail.tried(&call.path, error.reason);
            None
        }
    }
}

/// Looks in all namespaces: for the addresses that the cluster names, for usual names and labels,
/// and at last through one page of Services.
async fn elsewhere(api: &Api, trail: &Trail, hints: &[Hint]) -> Vec<Service> {
    let addresses = hints.iter().map(|hint| {
        format!(
            "fieldSelector={}",
            encode(&format!("spec.clusterIP={}", hint.address))
        )
    });
    let names = NAMES
        .iter()
        .map(|name| format!("fieldSelector={}", encode(&format!("metadata.name={name}"))));
    let labels = [
        "k8s-app in (kube-dns,coredns)",
        "app.kubernetes.io/name in (coredns,rke2-coredns,kube-dns)",
    ];
    let labels = labels
        .iter()
        .map(|labels| format!("labelSelector={}", encode(labels)));
    let mut queries: Vec<String> = addresses.chain(names).chain(labels).collect();
    queries.dedup();
    let asked = queries.iter().map(|query| everywhere(api, trail, query));
    let found = futures::future::join_all(asked).await;
    let mut found: Vec<Service> = found.into_iter().flatten().collect();
    if found.is_empty() {
        found = everywhere(api, trail, "").await;
    }
    found
}

async fn everywhere(api: &Api, trail: &Trail, query: &str) -> Vec<Service> {
    let and = if query.is_empty() { "" } else { "&" };
    let path = format!("/api/v1/services?{query}{and}limit=500");
    let call = list("services", None, path);
    match items(api, &call, 1, serves_dns).await {
        Ok((found, more)) => {
            let cut = if more {
                "; only the first 500 were read"
            } else {
                ""
            };
            trail.tried(&call.path, format!("{}{cut}", count(found.len())));
            found
        }
        Err(error) => {
            trail.tried(&call.path, error.reason);
            Vec::new()
        }
    }
}

fn count(found: usize) -> String {
    match found {
        0 => "no Service with port 53".to_owned(),
        1 => "1 Service with port 53".to_owned(),
        n => format!("{n} Services with port 53"),
    }
}
