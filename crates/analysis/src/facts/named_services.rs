//! What the API says of the Services that the names in question mean.

use std::collections::BTreeSet;

use digpod_bundle::k8s::{EndpointSlice, EndpointSliceList, ObjectMeta, Service, ServicePort};
use digpod_bundle::{Bundle, Place, Status, layout};
use digpod_probe::unix_seconds;

use super::{Cited, Seen, addresses, cite, missing};
use crate::finding::Evidence;

/// The Service that a name means.
pub(crate) struct Named {
    pub(crate) namespace: String,
    pub(crate) service: String,
    /// What stands in front of it: the label of one of its endpoints.
    pub(crate) endpoint: Option<String>,
}

/// What DNS has to answer for it.
pub(crate) enum Truth {
    /// The API server has no such Service.
    Absent,
    /// Its own address.
    Address(Addresses),
    /// Those of its endpoints that are ready.
    Headless(Addresses),
    /// Another name.
    External(Cited<String>),
    /// Nothing: the Service has no port of this name and protocol.
    NoPort(Evidence),
}

/// The addresses that are right.
pub(crate) struct Addresses {
    /// In canonical form.
    pub(crate) right: BTreeSet<String>,
    /// Where they stand, and what to notice there.
    pub(crate) evidence: Evidence,
    /// Endpoints, ready or not, that the name may mean.
    pub(crate) endpoints: usize,
    /// When the object was changed last, as far as it tells.
    pub(crate) changed: Option<String>,
}

impl Named {
    /// Of a full name.
    pub(crate) fn of(name: &str, domain: &str) -> Option<Self> {
        let (namespace, service) = layout::service_meant(name, domain)?;
        let lower = name.to_ascii_lowercase();
        let front = lower.strip_suffix('.').unwrap_or(&lower);
        let front = front.strip_suffix(domain.to_ascii_lowercase().trim_end_matches('.'));
        let front = front?.strip_suffix(&format!("{service}.{namespace}.svc."))?;
        let endpoint = front.strip_suffix('.').map(str::to_owned);
        Some(Self {
            namespace,
            service,
            endpoint,
        })
    }

    /// Whether somebody tried to read it.
    pub(crate) fn was_wanted(&self, bundle: &Bundle) -> bool {
        let entry = layout::named_service(&self.namespace, &self.service);
        bundle.item(&entry).is_some()
    }

    /// What the bundle says of it, or why that is not known.
    pub(crate) fn truth(&self, bundle: &Bundle) -> Seen<Truth> {
        let entry = layout::named_service(&self.namespace, &self.service);
        if bundle.item(&entry).map(|it| it.status) == Some(Status::NotFound) {
            return Ok(Truth::Absent);
        }
        let service: Service = missing::read(bundle, &entry)?;
        let spec = &service.spec;
        if spec.type_.as_deref() == Some("ExternalName") {
            let name = spec.external_name.clone().unwrap_or_default();
            let place = Place::json(&entry, "/spec/externalName");
            return Ok(Truth::External(Cited::new(name, place)));
        }
        let front = self.endpoint.as_deref();
        let is_port_of = |it: &ServicePort| {
            let name = it.name.as_deref().unwrap_or_default();
            let protocol = it.protocol.as_deref().unwrap_or("TCP");
            front.is_some_and(|it| it.eq_ignore_ascii_case(&format!("_{name}._{protocol}")))
        };
        let of_port = front.is_some_and(is_port);
        if of_port && !spec.ports.iter().any(is_port_of) {
            let ports = Place::json(&entry, "/spec/ports");
            return Ok(Truth::NoPort(cite(&ports, "the ports of the Service")));
        }
        let of_endpoint = front.is_some() && !of_port;
        if spec.cluster_ip.as_deref() == Some("None") || of_endpoint {
            return self.endpoints(bundle).map(Truth::Headless);
        }
        let ips = spec.cluster_ips.iter().chain(&spec.cluster_ip);
        let right: BTreeSet<String> = ips.filter_map(|ip| canonical(ip)).collect();
        let shown = spec.cluster_ip.as_deref().unwrap_or("none");
        let place = Place::json(&entry, "/spec/clusterIP");
        Ok(Truth::Address(Addresses {
            right,
            evidence: cite(&place, format!("the Service's clusterIP is {shown}")),
            endpoints: 0,
            changed: newest(changes(&service.metadata).chain(&service.metadata.creation_timestamp)),
        }))
    }

    fn endpoints(&self, bundle: &Bundle) -> Seen<Addresses> {
        let entry = layout::named_endpoint_slices(&self.namespace, &self.service);
        let slices: EndpointSliceList = missing::read_list(bundle, &entry)?;
        if bundle.item(&entry).map(|it| it.status) == Some(Status::Truncated) {
            return Err(missing::gap(bundle, &entry));
        }
        let (mut all, mut right) = (BTreeSet::new(), BTreeSet::new());
        for (ip, ready) in slices.items.iter().flat_map(|it| self.of_slice(it)) {
            if ready {
                right.insert(ip.clone());
            }
            all.insert(ip);
        }
        let note = format!("{} of {} endpoints ready", right.len(), all.len());
        Ok(Addresses {
            right,
            evidence: cite(&Place::whole(&entry), note),
            endpoints: all.len(),
            // They are changed in place: when one was made tells nothing.
            changed: newest(slices.items.iter().flat_map(|it| changes(&it.metadata))),
        })
    }

    /// The addresses of a slice that the name may mean, each with whether it is ready: one that does
    /// not say is (`endpointsliceReady` of CoreDNS's plugin/kubernetes/object/endpoint.go).
    fn of_slice(&self, slice: &EndpointSlice) -> Vec<(String, bool)> {
        let mut found = Vec::new();
        for endpoint in &slice.endpoints {
            let ready = endpoint.conditions.ready.unwrap_or(true);
            let pod = endpoint.target_ref.as_ref().map(|it| it.name.as_str());
            for address in &endpoint.addresses {
                let own = endpoint.hostname.as_deref();
                let dashed = address.replace(['.', ':'], "-");
                // With `endpoint_pod_names` a pod's name is the label of those without a hostname.
                let meant = self.endpoint.as_deref().is_none_or(|label| {
                    own.map_or(label == dashed || Some(label) == pod, |own| own == label)
                        || is_port(label)
                });
                found.extend(canonical(address).filter(|_| meant).map(|ip| (ip, ready)));
            }
        }
        found
    }
}

/// An address as every text of it is compared.
pub(crate) fn canonical(address: &str) -> Option<String> {
    addresses::parse(address).map(|ip| ip.to_string())
}

/// `_sql._tcp`, which an SRV has in front of the Service: any of its endpoints.
fn is_port(front: &str) -> bool {
    front.starts_with('_')
}

/// When an object was written, as its managed fields tell.
fn changes(object: &ObjectMeta) -> impl Iterator<Item = &String> {
    let written = object.managed_fields.iter();
    written.filter_map(|it| it.time.as_ref())
}

fn newest<'a>(times: impl Iterator<Item = &'a String>) -> Option<String> {
    let known = times.filter_map(|it| Some((unix_seconds(it)?, it)));
    known.max().map(|(_, time)| time.clone())
}
