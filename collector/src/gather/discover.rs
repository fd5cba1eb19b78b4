//! Finds the DNS Service: in the places where distributions have it, told apart from its copies by
//! what the kubelets write, and otherwise worked back from that address.

use std::future::Future;
use std::time::Duration;

use digpod_bundle::k8s::{Service, ServiceList};
use digpod_bundle::{Status, layout};

use super::source::{self, Unread, get, items, list};
use super::trail::{Hint, Trail, full_name};
use super::{addresses, encode, redact};
use crate::api::{Api, CallError, Listed};
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

/// A search: what was found and what would not say.
#[derive(Default)]
struct Search {
    found: Vec<Service>,
    failures: Vec<(Call, CallError)>,
    unread: Unread,
    /// The list of the usual namespace was refused; some of it may have been found by name.
    refused: Option<(Call, CallError)>,
}

impl Search {
    fn add(&mut self, other: Self) {
        for service in other.found {
            if !self.found.iter().any(|it| same(it, &service)) {
                self.found.push(service);
            }
        }
        self.failures.extend(other.failures);
    }
}

/// Finds it.
pub(super) async fn service(
    api: &Api,
    sink: &Sink,
    trail: &Trail,
    hints: impl Future<Output = Vec<Hint>>,
) -> Dns {
    let (mut search, openshift, hints) = futures::join!(
        usual(api, trail),
        one(api, trail, "openshift-dns", "dns-default"),
        async { tokio::time::timeout(HINTS, hints).await.unwrap_or_default() },
    );
    search.add(openshift);
    let settled = search
        .found
        .iter()
        .any(|service| score(service, &hints).points >= SETTLED);
    if !settled {
        search.add(elsewhere(api, trail, &hints).await);
        // A place that would not say counts where the others had nothing.
        for (call, error) in &search.failures {
            search.unread.failed(call, error);
        }
    }
    for service in &mut search.found {
        redact::metadata(&mut service.metadata);
        service.metadata.managed_fields.clear();
    }
    search.found.sort_by_key(|service| {
        (
            std::cmp::Reverse(score(service, &hints).points),
            full_name(service),
        )
    });
    let failure = search.failures.into_iter().next();
    let nothing = failure.as_ref().filter(|_| search.found.is_empty());
    if let Some((call, error)) = search.refused.as_ref().or(nothing) {
        sink.gap(layout::DNS_SERVICES, call, error);
    } else {
        let all = ServiceList {
            items: search.found.clone(),
            ..ServiceList::default()
        };
        let (call, empty) = (services_of(USUAL), search.found.is_empty());
        source::add_partly(
            sink,
            layout::DNS_SERVICES,
            &call,
            &all,
            empty,
            &search.unread,
        );
    }
    choose(sink, trail, search.found, &hints, failure)
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
        format!("/api/v1/namespaces/{namespace}/services"),
    )
}

/// Services with port 53 in the usual namespace; by name where they may not be listed.
async fn usual(api: &Api, trail: &Trail) -> Search {
    let mut search = listed(api, trail, services_of(USUAL)).await;
    search.refused = search.failures.first().cloned();
    if search.refused.is_some() {
        let by_name = NAMES
            .iter()
            .take(3)
            .map(|name| one(api, trail, USUAL, name));
        for found in futures::future::join_all(by_name).await {
            search.add(found);
        }
    }
    search
}

/// Those of a list that have port 53.
async fn listed(api: &Api, trail: &Trail, call: Call) -> Search {
    let mut search = Search::default();
    match items(api, &call, serves_dns).await {
        Ok(found) => {
            trail.tried(&call.path, told(&found));
            search.unread.cut(&call, &found.end);
            search.found = found.items;
        }
        Err(error) => {
            trail.tried(&call.path, error.reason.clone());
            search.failures.push((call, error));
        }
    }
    search
}

async fn one(api: &Api, trail: &Trail, namespace: &str, name: &str) -> Search {
    let path = format!("/api/v1/namespaces/{namespace}/services/{name}");
    let call = get("services", Some(namespace), path);
    let mut search = Search::default();
    match api.get::<Service>(&call.path).await {
        Ok(service) => {
            trail.tried(&call.path, count(1));
            search.found.push(service);
        }
        Err(error) => {
            trail.tried(&call.path, error.reason.clone());
            if error.status != Status::NotFound {
                search.failures.push((call, error));
            }
        }
    }
    search
}

/// Looks in all namespaces for the addresses that the cluster names, and for usual names and labels.
/// All Services are never listed: large clusters have tens of thousands.
async fn elsewhere(api: &Api, trail: &Trail, hints: &[Hint]) -> Search {
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
    let mut search = Search::default();
    for found in futures::future::join_all(asked).await {
        search.add(found);
    }
    search
}

async fn everywhere(api: &Api, trail: &Trail, query: &str) -> Search {
    let call = list("services", None, format!("/api/v1/services?{query}"));
    listed(api, trail, call).await
}

fn told(found: &Listed<Service>) -> String {
    let cut = found.end.missing();
    let cut = cut.map(|it| format!("; {it}")).unwrap_or_default();
    format!("{}{cut}", count(found.items.len()))
}

fn count(found: usize) -> String {
    match found {
        0 => "no Service with port 53".to_owned(),
        1 => "1 Service with port 53".to_owned(),
        n => format!("{n} Services with port 53"),
    }
}
