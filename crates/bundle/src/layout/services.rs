//! The Services that the names in question mean.

use super::Kind;

/// A `Service` that a name in question means: `workload/services/<namespace>/<name>/service.json`.
/// One that the API server does not have is `not-found` in the manifest.
pub fn named_service(namespace: &str, name: &str) -> String {
    format!("workload/services/{namespace}/{name}/service.json")
}

/// `EndpointSliceList` of it: `workload/services/<namespace>/<name>/endpointslices.json`.
pub fn named_endpoint_slices(namespace: &str, name: &str) -> String {
    format!("workload/services/{namespace}/{name}/endpointslices.json")
}

/// Namespace and name of the Service that a name means, if it is one of this cluster's domain, lower
/// case. What stands in front of them (an endpoint's label, port and protocol of an SRV) is cut
/// (<https://github.com/kubernetes/dns/blob/master/docs/specification.md>).
pub fn service_meant(name: &str, domain: &str) -> Option<(String, String)> {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let domain = domain.trim_end_matches('.').to_ascii_lowercase();
    let within = name.strip_suffix(&domain)?.strip_suffix('.')?;
    let mut labels = within.rsplit('.');
    let (kind, namespace, service) = (labels.next()?, labels.next()?, labels.next()?);
    let meant = kind == "svc" && !namespace.is_empty() && !service.is_empty();
    meant.then(|| (namespace.to_owned(), service.to_owned()))
}

pub(super) fn of(namespace: &str, name: &str, file: &str) -> Kind {
    let (namespace, name) = (namespace.to_owned(), name.to_owned());
    match file {
        "service.json" => Kind::NamedService { namespace, name },
        "endpointslices.json" => Kind::NamedEndpointSlices { namespace, name },
        _ => Kind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::service_meant;

    #[test]
    fn a_name_of_the_cluster_means_a_service() {
        let redis = Some(("shop".to_owned(), "redis".to_owned()));
        for (name, meant) in [
            ("redis.shop.svc.cluster.local.", &redis),
            ("Redis.Shop.svc.cluster.local", &redis),
            ("redis-0.redis.shop.svc.cluster.local.", &redis),
            ("_db._tcp.redis.shop.svc.cluster.local.", &redis),
            ("10-1-2-3.shop.pod.cluster.local.", &None),
            ("shop.svc.cluster.local.", &None),
            ("redis.shop.svc.", &None),
            ("redis.shop.svc.other.local.", &None),
            ("app.corp.internal.", &None),
        ] {
            assert_eq!(service_meant(name, "cluster.local."), *meant, "{name}");
        }
    }
}
