//! How a pod's search list looks: what the kubelet puts first, and how to know it again.

use crate::ResolvConf;

/// What the kubelet puts first into the search list of a `ClusterFirst` pod
/// (pkg/kubelet/network/dns, `generateSearchesForDNSClusterFirst`).
pub fn cluster_search(namespace: &str, cluster_domain: &str) -> [String; 3] {
    let domain = cluster_domain.trim_matches('.');
    [
        format!("{namespace}.svc.{domain}"),
        format!("svc.{domain}"),
        domain.to_owned(),
    ]
}

/// Whether it is a pod's: its search list has `<namespace>.svc.<domain>` and `svc.<domain>`.
pub fn looks_like_pod(conf: &ResolvConf) -> bool {
    cluster_domain(conf).is_some()
}

/// The cluster domain that a pod's search list shows.
pub fn cluster_domain(conf: &ResolvConf) -> Option<&str> {
    let services = conf.search.iter().filter_map(|field| {
        let (namespace, domain) = trim(&field.text).split_once(".svc.")?;
        (!namespace.is_empty() && !namespace.contains('.')).then_some(domain)
    });
    let mut services = services.filter(|domain| !domain.is_empty());
    services.find(|domain| {
        conf.search
            .iter()
            .any(|field| trim(&field.text).strip_prefix("svc.") == Some(domain))
    })
}

fn trim(domain: &str) -> &str {
    domain.strip_suffix('.').unwrap_or(domain)
}
