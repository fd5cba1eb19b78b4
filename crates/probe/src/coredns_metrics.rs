//! What CoreDNS's own metrics say of its upstreams.

use std::collections::BTreeSet;
use std::net::SocketAddr;

/// Series with a label `to`: of plugin forward up to CoreDNS 1.10, and of the proxy that it is
/// built on since 1.11 (<https://coredns.io/plugins/forward/#metrics>).
const SERIES: [&str; 2] = [
    "coredns_forward_requests_total{",
    "coredns_proxy_request_duration_seconds_count{",
];

/// The upstreams that CoreDNS has asked since it started, from its metrics in Prometheus' text
/// format. Those that speak TLS are left out: they are named the same, and plain DNS to their port
/// would say nothing.
///
/// ```
/// let text = "coredns_proxy_request_duration_seconds_count{rcode=\"NOERROR\",to=\"10.1.0.4:53\"} 3\n";
/// let upstreams = digpod_probe::upstreams_from_metrics(text);
/// assert!(upstreams.contains(&"10.1.0.4:53".parse().unwrap()));
/// ```
pub fn upstreams_from_metrics(text: &str) -> BTreeSet<SocketAddr> {
    let series = text
        .lines()
        .filter_map(|line| SERIES.iter().find_map(|name| line.strip_prefix(name)));
    series
        .filter_map(|labels| label(labels, "to")?.parse::<SocketAddr>().ok())
        .filter(|address| address.port() != 853)
        .collect()
}

/// How many queries CoreDNS refused since it started because `max_concurrent` of a `forward` was
/// reached (<https://coredns.io/plugins/forward/#metrics>); `None` where its metrics do not say.
pub fn refused_by_max_concurrent(text: &str) -> Option<u64> {
    let name = "coredns_forward_max_concurrent_rejects_total";
    let mut values = text.lines().filter_map(|line| {
        let rest = line.strip_prefix(name)?;
        let value: f64 = rest.split_ascii_whitespace().next_back()?.parse().ok()?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a counter; what is no whole number saturates"
        )]
        Some(value as u64)
    });
    let first = values.next()?;
    Some(values.fold(first, u64::saturating_add))
}

/// The value of a label: `a="b",to="10.0.0.1:53"} 4`. Values of `to` have nothing to be escaped.
fn label<'a>(labels: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = labels;
    loop {
        let (key, value) = rest.split_once("=\"")?;
        let (value, after) = value.split_once('"')?;
        if key.trim_start_matches(',').trim() == name {
            return Some(value);
        }
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::{refused_by_max_concurrent, upstreams_from_metrics};

    #[test]
    fn both_generations_of_series_name_upstreams() {
        let text = "# TYPE coredns_forward_requests_total counter\n\
            coredns_forward_requests_total{to=\"10.1.0.4:53\"} 12\n\
            coredns_proxy_request_duration_seconds_count{proxy_name=\"forward\",rcode=\"NOERROR\",to=\"[fd00::4]:5353\"} 3\n\
            coredns_proxy_request_duration_seconds_count{proxy_name=\"forward\",rcode=\"SERVFAIL\",to=\"[fd00::4]:5353\"} 1\n\
            coredns_forward_requests_total{to=\"9.9.9.9:853\"} 1\n\
            coredns_forward_requests_total{from=\"10.9.9.9:53\"} 1\n\
            coredns_forward_requests_total{to=\"10.1\n\
            coredns_dns_requests_total{to=\"10.7.7.7:53\"} 1\n";
        let found: Vec<String> = upstreams_from_metrics(text)
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(found, ["10.1.0.4:53", "[fd00::4]:5353"]);
    }

    #[test]
    fn refusals_are_summed_over_servers_and_unknown_where_they_are_not_told() {
        let text = "# TYPE coredns_forward_max_concurrent_rejects_total counter\n\
            coredns_forward_max_concurrent_rejects_total 4\n\
            coredns_forward_max_concurrent_rejects_total{x=\"y\"} 1.2e+01\n";
        assert_eq!(refused_by_max_concurrent(text), Some(16));
        assert_eq!(
            refused_by_max_concurrent("coredns_forward_requests_total 1\n"),
            None
        );
    }
}
