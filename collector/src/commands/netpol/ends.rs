//! Ends of a flow as a user names them.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};

use digpod_netpol::{Endpoint, Pod};

use super::files::Files;
use crate::error::Failure;

/// Address of a pod that is only imagined (RFC 5737).
const IMAGINED: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
/// Labels of the pods of the cluster's DNS (rule catalogue, appendix G).
const DNS_LABELS: [(&str, &str); 4] = [
    ("k8s-app", "kube-dns"),
    ("k8s-app", "coredns"),
    ("app.kubernetes.io/name", "rke2-coredns"),
    ("dns.operator.openshift.io/daemonset-dns", "default"),
];
const FORMS: &str = "write NAMESPACE/POD, NAMESPACE/key=value[,key=value][@ADDRESS], or an address";

/// Somebody who is asked.
pub(super) struct To {
    /// The pod or the address.
    pub(super) endpoint: Endpoint,
    /// Number of the Service that it is asked through.
    pub(super) service: Option<usize>,
}

/// The pods or the address that FROM names.
pub(super) fn from(text: &str, files: &Files) -> Result<Vec<Endpoint>, Failure> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Ok(vec![
            pod_at(address, files).unwrap_or(Endpoint::Ip(address)),
        ]);
    }
    if text == "dns" {
        return dns(files);
    }
    named("FROM", text, files)
}

/// The pods, the Service's pods or the address that TO names.
pub(super) fn to(text: &str, files: &Files) -> Result<Vec<To>, Failure> {
    let plain = |endpoints: Vec<Endpoint>| {
        let to = |endpoint| To {
            endpoint,
            service: None,
        };
        endpoints.into_iter().map(to).collect()
    };
    if let Ok(address) = text.parse::<IpAddr>() {
        let of_service = files.services.iter().position(|it| it.has(address));
        return match of_service {
            Some(service) => behind(service, files),
            None => Ok(plain(vec![
                pod_at(address, files).unwrap_or(Endpoint::Ip(address)),
            ])),
        };
    }
    if text == "dns" {
        let pods = dns(files)?;
        let in_front = |number: &usize| {
            let service = files.services.get(*number);
            service.is_some_and(|it| {
                pods.iter()
                    .any(|pod| pod.pod().is_some_and(|pod| it.selects(pod)))
            })
        };
        return match (0..files.services.len()).find(in_front) {
            Some(service) => behind(service, files),
            None => Ok(plain(pods)),
        };
    }
    if let Some(service) = files.services.iter().position(|it| it.full_name() == text) {
        return behind(service, files);
    }
    if text == "all" {
        return Err(Failure::usage("TO cannot be `all`")
            .help("name one: NAMESPACE/POD, NAMESPACE/SERVICE, an address, or dns"));
    }
    named("TO", text, files).map(plain)
}

/// The pods behind a Service.
fn behind(service: usize, files: &Files) -> Result<Vec<To>, Failure> {
    let Some(found) = files.services.get(service) else {
        return Ok(Vec::new());
    };
    let pods: Vec<To> = pods(files)
        .filter(|(_, pod)| found.selects(pod))
        .map(|(endpoint, _)| To {
            endpoint: endpoint.clone(),
            service: Some(service),
        })
        .collect();
    if pods.is_empty() {
        return Err(Failure::new(format!(
            "the files have no pods behind Service {}",
            found.full_name()
        ))
        .help("policies are held against the pods behind a Service: add them to the files"));
    }
    Ok(pods)
}

fn named(which: &str, text: &str, files: &Files) -> Result<Vec<Endpoint>, Failure> {
    let wrong = |what: &str| Failure::usage(format!("{which} {text:?} {what}")).help(FORMS);
    let (namespace, pod) = text
        .split_once('/')
        .ok_or_else(|| wrong("names no pod and no address"))?;
    if !is_label_part(namespace) || namespace.contains('.') {
        return Err(wrong("names no namespace before its `/`"));
    }
    let known = files.known_namespaces();
    if !files.namespaces.is_empty() && !known.contains(namespace) {
        let known: Vec<&str> = known.into_iter().take(8).collect();
        return Err(Failure::new(format!(
            "{which}: there is no namespace {namespace} in the files"
        ))
        .help(format!("the files have: {}", known.join(", "))));
    }
    if pod.contains('=') {
        return labelled(namespace, pod, files)
            .ok_or_else(|| wrong("has labels that are not key=value"));
    }
    let found: Vec<Endpoint> = pods(files)
        .filter(|(_, it)| it.namespace == namespace && it.name == pod)
        .map(|(endpoint, _)| endpoint.clone())
        .collect();
    if !found.is_empty() {
        return Ok(found);
    }
    let here: Vec<&str> = pods(files)
        .filter(|(_, it)| it.namespace == namespace)
        .map(|(_, it)| it.name.as_str())
        .take(8)
        .collect();
    let help = if here.is_empty() {
        format!(
            "the files have no pods of namespace {namespace}: add `kubectl -n {namespace} get pods -o yaml`, or \
             give labels: {namespace}/app=web"
        )
    } else {
        format!("the files have: {}", here.join(", "))
    };
    Err(Failure::new(format!("there is no pod {namespace}/{pod} in the files")).help(help))
}

fn pods(files: &Files) -> impl Iterator<Item = (&Endpoint, &Pod)> {
    files
        .pods
        .iter()
        .filter_map(|endpoint| Some((endpoint, endpoint.pod()?)))
}

fn pod_at(address: IpAddr, files: &Files) -> Option<Endpoint> {
    let found = pods(files)
        .find(|(_, pod)| pod.ips.contains(&address) && !pod.host_network && !pod.finished);
    found.map(|(endpoint, _)| endpoint.clone())
}

fn dns(files: &Files) -> Result<Vec<Endpoint>, Failure> {
    let is_dns = |pod: &Pod| {
        DNS_LABELS
            .iter()
            .any(|(key, value)| pod.labels.get(*key).is_some_and(|it| it == value))
    };
    let found: Vec<Endpoint> = pods(files)
        .filter(|(_, pod)| is_dns(pod) && !pod.finished)
        .map(|(endpoint, _)| endpoint.clone())
        .collect();
    if found.is_empty() {
        return Err(
            Failure::new("there are no pods of the cluster's DNS in the files").help(
                "add `kubectl -n kube-system get pods -l k8s-app=kube-dns -o yaml`, or name TO: \
             kube-system/k8s-app=kube-dns",
            ),
        );
    }
    Ok(found)
}

/// Pods of the files with these labels, or else one that is imagined.
fn labelled(namespace: &str, text: &str, files: &Files) -> Option<Vec<Endpoint>> {
    let (labels, address) = match text.split_once('@') {
        Some((labels, address)) => (labels, Some(address.parse::<IpAddr>().ok()?)),
        None => (text, None),
    };
    let labels: BTreeMap<String, String> = labels
        .split(',')
        .map(|label| {
            let (key, value) = label.split_once('=')?;
            let key_name = key.rsplit('/').next().unwrap_or(key);
            let valid = is_label_part(key_name) && (value.is_empty() || is_label_part(value));
            valid.then(|| (key.to_owned(), value.to_owned()))
        })
        .collect::<Option<_>>()?;
    let has_all = |pod: &Pod| {
        labels
            .iter()
            .all(|(key, value)| pod.labels.get(key) == Some(value))
    };
    let found: Vec<Endpoint> = pods(files)
        .filter(|(_, pod)| pod.namespace == namespace && !pod.finished && has_all(pod))
        .map(|(endpoint, _)| endpoint.clone())
        .collect();
    if !found.is_empty() && address.is_none() {
        return Some(found);
    }
    Some(vec![
        Pod {
            namespace: namespace.to_owned(),
            labels,
            ips: vec![address.unwrap_or(IMAGINED)],
            ..Pod::default()
        }
        .into(),
    ])
}

/// Name or value of a label, as the API takes them; names of namespaces are stricter.
fn is_label_part(text: &str) -> bool {
    let edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    text.len() <= 63
        && edge(text.chars().next())
        && edge(text.chars().next_back())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

/// What an end is called for the user.
pub(super) fn shown(endpoint: &Endpoint) -> String {
    match endpoint {
        Endpoint::Pod(pod) if pod.name.is_empty() => {
            let labels: Vec<String> = pod
                .labels
                .iter()
                .map(|(key, value)| format!("{key}={value}"))
                .collect();
            format!("a pod {} in {}", labels.join(","), pod.namespace)
        }
        Endpoint::Pod(pod) => format!("{}/{}", pod.namespace, pod.name),
        Endpoint::Ip(address) => address.to_string(),
    }
}
