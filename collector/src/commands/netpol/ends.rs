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

/// The pods or the address that a text names.
pub(super) fn read(text: &str, files: &Files, which: &str) -> Result<Vec<Endpoint>, Failure> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Ok(vec![
            pod_at(address, files).unwrap_or(Endpoint::Ip(address)),
        ]);
    }
    if text == "dns" {
        return dns(files);
    }
    let forms = "write NAMESPACE/POD, NAMESPACE/key=value[,key=value][@ADDRESS], or an address";
    let Some((namespace, pod)) = text.split_once('/').filter(|(it, _)| !it.is_empty()) else {
        return Err(
            Failure::usage(format!("{which} {text:?} names no pod and no address")).help(forms),
        );
    };
    if pod.contains('=') {
        return labelled(namespace, pod, files)
            .ok_or_else(|| Failure::usage(format!("{which} {text:?}: wrong labels")).help(forms));
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
            (!key.is_empty()).then(|| (key.trim().to_owned(), value.trim().to_owned()))
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
