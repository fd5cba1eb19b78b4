//! Addresses that pods seem to ask for names, where the cluster says so without a single pod.

use std::net::IpAddr;

use digpod_bundle::k8s::{ConfigMap, Service, ServiceCidr};
use digpod_bundle::{Status, layout};
use serde::Serialize;

use super::source::{get, list};
use super::trail::{Hint, Trail};
use crate::api::Api;
use crate::sink::Sink;

/// Asks all of them.
pub(super) async fn hints(api: &Api, sink: &Sink, trail: &Trail) -> Vec<Hint> {
    let (kubelet, api_server, ranges) = futures::join!(
        kubelet_config(api, sink, trail),
        api_server(api, trail),
        ranges(api, sink),
    );
    let mut all: Vec<Hint> = kubelet
        .into_iter()
        .chain(api_server)
        .chain(ranges)
        .collect();
    all.sort();
    all.dedup();
    for hint in &all {
        trail.hint(hint.clone());
    }
    all
}

/// The kubelets' settings as kubeadm keeps them
/// (<https://kubernetes.io/docs/setup/production-environment/tools/kubeadm/kubelet-integration/>).
async fn kubelet_config(api: &Api, sink: &Sink, trail: &Trail) -> Vec<Hint> {
    let path = "/api/v1/namespaces/kube-system/configmaps/kubelet-config";
    let call = get("configmaps", Some("kube-system"), path.to_owned());
    let entry = layout::KUBELET_CONFIG;
    match api.get::<ConfigMap>(path).await {
        Ok(map) => {
            let text = map.data.get("kubelet").map_or("", String::as_str);
            let config = KubeletConfig::read(text);
            sink.json(entry, &format!("GET {path}"), &config);
            if let Some(domain) = &config.cluster_domain {
                trail.choose(
                    "domain",
                    domain,
                    "clusterDomain of ConfigMap kubelet-config",
                );
            }
            let certain = |address| Hint {
                address,
                from: "clusterDNS of ConfigMap kubelet-config".to_owned(),
                certain: true,
            };
            config.cluster_dns.into_iter().map(certain).collect()
        }
        Err(error) if error.status == Status::NotFound => {
            sink.missing_because(
                entry,
                Status::NotApplicable,
                "only kubeadm keeps the kubelets' settings in a ConfigMap",
            );
            Vec::new()
        }
        Err(error) => {
            sink.gap(entry, &call, &error);
            Vec::new()
        }
    }
}

/// A KubeletConfiguration, as far as it bears on DNS.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct KubeletConfig {
    #[serde(rename = "clusterDNS", skip_serializing_if = "Vec::is_empty")]
    pub(super) cluster_dns: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cluster_domain: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resolv_conf: Option<String>,
}

impl KubeletConfig {
    /// Reads the YAML that kubeadm writes: block style, one key a line.
    pub(super) fn read(text: &str) -> Self {
        let plain = |value: &str| value.trim().trim_matches(['"', '\'']).to_owned();
        let mut config = Self::default();
        let mut in_list = false;
        for line in text.lines() {
            let item = line.trim_start().strip_prefix("- ").filter(|_| in_list);
            if let Some(address) = item {
                config.cluster_dns.push(plain(address));
                continue;
            }
            in_list = false;
            let Some((key, value)) = line.split_once(':') else {
                continue;
            };
            match key {
                "clusterDNS" => {
                    in_list = true;
                    let flow = value.trim().trim_matches(['[', ']']);
                    let addresses = flow.split(',').map(plain);
                    config
                        .cluster_dns
                        .extend(addresses.filter(|it| !it.is_empty()));
                }
                "clusterDomain" => config.cluster_domain = Some(plain(value)),
                "resolvConf" => config.resolv_conf = Some(plain(value)),
                _ => {}
            }
        }
        config
    }
}

/// Service `kubernetes` has the first address of the range; DNS by custom the tenth
/// (`GetDNSIP` of kubeadm; AKS, EKS and k3s do the same).
async fn api_server(api: &Api, trail: &Trail) -> Option<Hint> {
    let path = "/api/v1/namespaces/default/services/kubernetes";
    let first = match api.get::<Service>(path).await {
        Ok(service) => service.spec.cluster_ip?,
        Err(error) => {
            trail.tried(path, error.reason);
            return None;
        }
    };
    Some(Hint {
        address: nine_further(first.parse().ok()?)?.to_string(),
        from: "the tenth address of the range in which Service default/kubernetes has the first"
            .to_owned(),
        certain: false,
    })
}

fn nine_further(ip: IpAddr) -> Option<IpAddr> {
    Some(match ip {
        IpAddr::V4(ip) => IpAddr::V4(u32::from(ip).checked_add(9)?.into()),
        IpAddr::V6(ip) => IpAddr::V6(u128::from(ip).checked_add(9)?.into()),
    })
}

/// ServiceCIDRs, served since Kubernetes 1.33.
async fn ranges(api: &Api, sink: &Sink) -> Vec<Hint> {
    let path = "/apis/networking.k8s.io/v1/servicecidrs";
    let call = list("servicecidrs.networking.k8s.io", None, path.to_owned());
    let mut ranges = match api.list::<ServiceCidr>(path).await {
        Ok(ranges) => ranges,
        Err(error) if error.status == Status::NotFound => {
            sink.missing_because(
                layout::SERVICE_CIDRS,
                Status::NotApplicable,
                "this API server has no ServiceCIDRs (they came with Kubernetes 1.33)",
            );
            return Vec::new();
        }
        Err(error) => {
            sink.gap(layout::SERVICE_CIDRS, &call, &error);
            return Vec::new();
        }
    };
    for range in &mut ranges.items {
        super::redact::metadata(&mut range.metadata);
    }
    sink.items(layout::SERVICE_CIDRS, &call, &ranges.items, &ranges.end);
    let cidrs = ranges.items.iter().flat_map(|range| &range.spec.cidrs);
    let tenth = |cidr: &String| -> Option<Hint> {
        let network: IpAddr = cidr.split('/').next()?.parse().ok()?;
        let first = nine_further(network)?;
        let tenth = match first {
            IpAddr::V4(ip) => IpAddr::V4(u32::from(ip).checked_add(1)?.into()),
            IpAddr::V6(ip) => IpAddr::V6(u128::from(ip).checked_add(1)?.into()),
        };
        Some(Hint {
            address: tenth.to_string(),
            from: format!("the tenth address of ServiceCIDR {cidr}"),
            certain: false,
        })
    };
    cidrs.filter_map(tenth).collect()
}

#[cfg(test)]
mod tests {
    use super::KubeletConfig;

    #[test]
    fn both_ways_to_write_a_list_are_read() {
        let block = "authentication:\n  anonymous:\n    enabled: false\nclusterDNS:\n- 10.96.0.10\n- \"fd00::a\"\nclusterDomain: cluster.local\nresolvConf: /run/systemd/resolve/resolv.conf\n";
        let config = KubeletConfig::read(block);
        assert_eq!(config.cluster_dns, ["10.96.0.10", "fd00::a"]);
        assert_eq!(config.cluster_domain.as_deref(), Some("cluster.local"));
        assert_eq!(
            KubeletConfig::read("clusterDNS: [10.1.0.10, 10.1.0.11]\n").cluster_dns,
            ["10.1.0.10", "10.1.0.11"]
        );
    }
}
