//! CoreDNS's `kubernetes` plugin: names of Services and pods, from the cluster's objects.

use std::net::IpAddr;

use digpod_corefile::{Directive, ServerBlock};
use hickory_proto::op::{Message, Query, ResponseCode};
use hickory_proto::rr::rdata::{CNAME, PTR, SOA};
use hickory_proto::rr::{Name, RData, Record, RecordType};
use serde_json::Value;

use super::pipeline::name as absolute;
use crate::cluster::Cluster;
use crate::json::{list, text, truth};

/// What the objects say of a name.
enum Found {
    Data(Vec<RData>),
    Nothing,
}

/// Answers a question that is in one of the plugin's zones; `false` passes it on.
pub(super) fn answer(
    cluster: &Cluster,
    block: &ServerBlock,
    question: &Query,
    reply: &mut Message,
) -> bool {
    let Some(directive) = block.directive("kubernetes") else {
        return false;
    };
    let zones: Vec<Name> = directive
        .args
        .iter()
        .filter_map(|word| absolute(&word.text))
        .collect();
    let Some(zone) = zones
        .iter()
        .filter(|z| z.zone_of(&question.name))
        .max_by_key(|z| z.num_labels())
    else {
        return false;
    };
    let reverse = zone.to_ascii().ends_with(".arpa.");
    let found = if reverse {
        pointer(cluster, &question.name)
    } else {
        forward(cluster, directive, zone, &question.name)
    };
    let ttl = ttl(directive);
    match found {
        Found::Data(data) => {
            let wanted = data.into_iter().filter(|data| {
                let kind = data.record_type();
                kind == question.query_type
                    || kind == RecordType::CNAME
                    || question.query_type == RecordType::ANY
            });
            for data in wanted {
                reply.add_answer(Record::from_rdata(question.name.clone(), ttl, data));
            }
        }
        Found::Nothing if falls_through(directive, &question.name) => return false,
        Found::Nothing => reply.metadata.response_code = ResponseCode::NXDomain,
    }
    reply.metadata.authoritative = true;
    if reply.answers.is_empty() {
        reply.add_authority(soa(zone, ttl));
    }
    true
}

fn ttl(directive: &Directive) -> u32 {
    let ttl = directive.properties.iter().find(|p| p.name.text == "ttl");
    ttl.and_then(|p| p.args.first()?.text.parse().ok())
        .unwrap_or(5)
}

fn falls_through(directive: &Directive, name: &Name) -> bool {
    let Some(property) = directive
        .properties
        .iter()
        .find(|p| p.name.text == "fallthrough")
    else {
        return false;
    };
    let mut zones = property.args.iter().filter_map(|word| absolute(&word.text));
    property.args.is_empty() || zones.any(|zone| zone.zone_of(name))
}

fn soa(zone: &Name, ttl: u32) -> Record {
    let below =
        |label: &str, zone: &Name| zone.prepend_label(label).unwrap_or_else(|_| zone.clone());
    let data = SOA::new(
        below("ns", &below("dns", zone)),
        below("hostmaster", zone),
        1,
        7200,
        1800,
        86400,
        ttl,
    );
    Record::from_rdata(zone.clone(), ttl, RData::SOA(data))
}

fn forward(cluster: &Cluster, directive: &Directive, zone: &Name, name: &Name) -> Found {
    let name = name.to_ascii().to_ascii_lowercase();
    let zone = zone.to_ascii().to_ascii_lowercase();
    let labels = name
        .strip_suffix(zone.as_str())
        .unwrap_or_default()
        .trim_end_matches('.');
    let labels: Vec<&str> = labels
        .split('.')
        .filter(|label| !label.is_empty())
        .collect();
    let namespace = |name: &str| {
        cluster
            .store
            .all("", "namespaces")
            .iter()
            .any(|ns| text(ns, "metadata.name") == name)
    };
    match labels.as_slice() {
        [] | ["svc" | "pod"] => Found::Data(Vec::new()),
        [ns, "svc" | "pod"] if namespace(ns) => Found::Data(Vec::new()),
        [ip, ns, "pod"] if namespace(ns) && pods_insecure(directive) => {
            let address = ip
                .replace('-', ".")
                .parse()
                .or_else(|_| ip.replace('-', ":").parse::<IpAddr>());
            address.map_or(Found::Nothing, |ip| Found::Data(vec![RData::from(ip)]))
        }
        [service, ns, "svc"] => service_data(cluster, service, ns, None),
        [endpoint, service, ns, "svc"] => service_data(cluster, service, ns, Some(endpoint)),
        _ => Found::Nothing,
    }
}

fn pods_insecure(directive: &Directive) -> bool {
    let pods = directive.properties.iter().find(|p| p.name.text == "pods");
    pods.and_then(|p| p.args.first())
        .is_some_and(|word| word.text == "insecure")
}

fn service_data(cluster: &Cluster, name: &str, namespace: &str, endpoint: Option<&str>) -> Found {
    let services = cluster.store.all("", "services");
    let service = services
        .iter()
        .find(|s| text(s, "metadata.name") == name && text(s, "metadata.namespace") == namespace);
    let Some(service) = service else {
        return Found::Nothing;
    };
    if let Some(target) = absolute(text(service, "spec.externalName"))
        && text(service, "spec.type") == "ExternalName"
    {
        return Found::Data(vec![RData::CNAME(CNAME(target))]);
    }
    let address = text(service, "spec.clusterIP").parse::<IpAddr>();
    if let (Ok(ip), None) = (address, endpoint) {
        return Found::Data(vec![RData::from(ip)]);
    }
    let data: Vec<RData> = endpoints(cluster, service)
        .into_iter()
        .filter(|(label, _)| endpoint.is_none_or(|endpoint| endpoint == label))
        .map(|(_, ip)| RData::from(ip))
        .collect();
    if data.is_empty() {
        Found::Nothing
    } else {
        Found::Data(data)
    }
}

/// Ready endpoints with the label that their own name has.
fn endpoints(cluster: &Cluster, service: &Value) -> Vec<(String, IpAddr)> {
    let mut found = Vec::new();
    for slice in cluster.store.all("discovery.k8s.io", "endpointslices") {
        let of = slice
            .pointer("/metadata/labels/kubernetes.io~1service-name")
            .and_then(Value::as_str);
        if of != Some(text(service, "metadata.name"))
            || text(&slice, "metadata.namespace") != text(service, "metadata.namespace")
        {
            continue;
        }
        for endpoint in list(&slice, "endpoints")
            .iter()
            .filter(|e| truth(e, "conditions.ready"))
        {
            for address in list(endpoint, "addresses").iter().filter_map(Value::as_str) {
                let Ok(ip) = address.parse() else { continue };
                let hostname = text(endpoint, "hostname");
                let dashed = address.replace(['.', ':'], "-");
                found.push((
                    if hostname.is_empty() {
                        dashed
                    } else {
                        hostname.to_owned()
                    },
                    ip,
                ));
            }
        }
    }
    found
}

/// The Service that has the address of a reverse name.
fn pointer(cluster: &Cluster, name: &Name) -> Found {
    let Ok(net) = name.parse_arpa_name() else {
        return Found::Nothing;
    };
    let ip = net.addr().to_string();
    let services = cluster.store.all("", "services");
    let service = services
        .iter()
        .find(|service| text(service, "spec.clusterIP") == ip);
    let target = service.and_then(|service| {
        let (name, namespace) = (
            text(service, "metadata.name"),
            text(service, "metadata.namespace"),
        );
        absolute(&format!(
            "{name}.{namespace}.svc.{}.",
            cluster.settings.cluster_domain
        ))
    });
    target.map_or(Found::Nothing, |target| {
        Found::Data(vec![RData::PTR(PTR(target))])
    })
}
