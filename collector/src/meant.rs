//! What the names that were typed mean in the cluster: the question that DNS is asked, and the
//! Service behind it.

use std::collections::BTreeSet;

use digpod_bundle::layout;

/// The name as the DNS has it: what has no dot or ends in `svc`, and a name and a namespace that is
/// known to be there, is meant with the cluster's suffixes. Where it is not, the walk along the search
/// list shows it.
pub(crate) fn full_name(typed: &str, namespace: &str, domain: &str) -> String {
    let bare = typed.trim_end_matches('.');
    if typed.ends_with('.') {
        format!("{bare}.")
    } else if !bare.contains('.') {
        format!("{bare}.{namespace}.svc.{domain}.")
    } else if bare.to_ascii_lowercase().ends_with(".svc") {
        format!("{bare}.{domain}.")
    } else if is_service(bare, namespace) {
        format!("{bare}.svc.{domain}.")
    } else {
        format!("{bare}.")
    }
}

/// `web.shop` asked from namespace `shop`, `kubernetes.default`.
fn is_service(bare: &str, namespace: &str) -> bool {
    let other = |it: &str| {
        [namespace, "default", "kube-system"]
            .iter()
            .any(|known| it.eq_ignore_ascii_case(known))
    };
    bare.split_once('.').is_some_and(|(_, of)| other(of))
}

/// Namespace and name of each Service that these names mean, sorted. Where the cluster's domain is
/// not known yet, whatever follows `svc` is taken for it.
pub(crate) fn services<'a>(
    names: impl IntoIterator<Item = &'a str>,
    namespace: &str,
    domain: Option<&str>,
) -> BTreeSet<(String, String)> {
    let meant = |typed: &str| {
        let full = full_name(typed, namespace, domain.unwrap_or("cluster.local"));
        let lower = full.to_ascii_lowercase();
        let domain = match domain {
            Some(domain) => domain,
            None => lower.split_once(".svc.")?.1,
        };
        layout::service_meant(&full, domain)
    };
    names.into_iter().filter_map(meant).collect()
}

#[cfg(test)]
mod tests {
    use super::{full_name, services};

    #[test]
    fn what_is_typed_short_is_meant_within_the_cluster() {
        for (typed, full) in [
            ("redis", "redis.shop.svc.cluster.local."),
            ("redis.shop.svc", "redis.shop.svc.cluster.local."),
            ("redis.", "redis."),
            ("app.corp.internal", "app.corp.internal."),
            ("redis.shop", "redis.shop.svc.cluster.local."),
            (
                "kubernetes.Default",
                "kubernetes.Default.svc.cluster.local.",
            ),
            ("redis.blog", "redis.blog."),
            ("redis.shop.", "redis.shop."),
        ] {
            assert_eq!(full_name(typed, "shop", "cluster.local"), full, "{typed}");
        }
    }

    #[test]
    fn the_services_meant_are_those_of_this_cluster() {
        let typed = [
            "redis",
            "Redis.shop.svc",
            "api.blog.svc.corp.local",
            "db.blog.svc.cluster.local.",
            "redis.shop.svc.",
            "redis.blog",
            "app.corp.internal",
        ];
        let of = |domain| -> Vec<String> {
            let all = services(typed, "shop", domain).into_iter();
            all.map(|(namespace, name)| format!("{namespace}/{name}"))
                .collect()
        };
        assert_eq!(of(Some("cluster.local")), ["blog/db", "shop/redis"]);
        assert_eq!(of(Some("corp.local")), ["blog/api", "shop/redis"]);
        assert_eq!(of(None), ["blog/api", "blog/db", "shop/redis"]);
    }
}
