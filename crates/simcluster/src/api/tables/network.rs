//! The columns of Services, endpoint slices and network policies.

use serde_json::Value;

use super::{Printer, created, name, or_none, selector};
use crate::json::{at, list, number, text};

pub(super) const SERVICES: Printer = Printer {
    columns: &[
        ("Name", false),
        ("Type", false),
        ("Cluster-IP", false),
        ("External-IP", false),
        ("Port(s)", false),
        ("Age", false),
        ("Selector", true),
    ],
    cells: |service, now| {
        let kind = text(service, "spec.type");
        let external = match kind {
            "ExternalName" => text(service, "spec.externalName"),
            "LoadBalancer" => {
                let ingress = list(service, "status.loadBalancer.ingress").first();
                ingress.map_or("<pending>", |ingress| text(ingress, "ip"))
            }
            _ => "",
        };
        let ports = list(service, "spec.ports").iter().map(|port| {
            let node_port = match number(port, "nodePort") {
                0 => String::new(),
                port => format!(":{port}"),
            };
            let protocol = text(port, "protocol");
            let protocol = if protocol.is_empty() { "TCP" } else { protocol };
            format!("{}{node_port}/{protocol}", number(port, "port"))
        });
        let ports: Vec<String> = ports.collect();
        vec![
            name(service),
            if kind.is_empty() { "ClusterIP" } else { kind }.into(),
            or_none(text(service, "spec.clusterIP")),
            or_none(external),
            or_none(&ports.join(",")),
            created(service, now),
            selector(at(service, "spec.selector")),
        ]
    },
};

pub(super) const ENDPOINT_SLICES: Printer = Printer {
    columns: &[
        ("Name", false),
        ("AddressType", false),
        ("Ports", false),
        ("Endpoints", false),
        ("Age", false),
    ],
    cells: |slice, now| {
        let ports: Vec<String> = list(slice, "ports")
            .iter()
            .map(|port| number(port, "port").to_string())
            .collect();
        let endpoints = list(slice, "endpoints")
            .iter()
            .flat_map(|e| list(e, "addresses"));
        let endpoints: Vec<&str> = endpoints.filter_map(Value::as_str).collect();
        let mut shown = endpoints
            .iter()
            .take(3)
            .copied()
            .collect::<Vec<_>>()
            .join(",");
        if endpoints.len() > 3 {
            shown = format!("{shown} + {} more...", endpoints.len() - 3);
        }
        let unset = |text: &str| {
            if text.is_empty() {
                "<unset>".into()
            } else {
                text.into()
            }
        };
        vec![
            name(slice),
            text(slice, "addressType").into(),
            unset(&ports.join(",")),
            unset(&shown),
            created(slice, now),
        ]
    },
};

pub(super) const NETWORK_POLICIES: Printer = Printer {
    columns: &[("Name", false), ("Pod-Selector", false), ("Age", false)],
    cells: |policy, now| {
        vec![
            name(policy),
            selector(at(policy, "spec.podSelector.matchLabels")),
            created(policy, now),
        ]
    },
};
