//! What CoreDNS pods asked of their upstreams: the series that plugin `prometheus` shows of it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Mutex;

use crate::json::lock;

/// Answers of each upstream by rcode, for each pod's address.
#[derive(Debug, Default)]
pub(crate) struct Asked(Mutex<BTreeMap<(String, String, String), u64>>);

impl Asked {
    /// An upstream answered.
    pub(super) fn note(&self, pod: &str, upstream: SocketAddr, rcode: String) {
        let key = (pod.to_owned(), upstream.to_string(), rcode);
        *lock(&self.0).entry(key).or_default() += 1;
    }

    /// The page of a pod, as CoreDNS 1.11 and newer write it.
    pub(crate) fn metrics(&self, pod: &str) -> String {
        let mut page = String::from(
            "# HELP coredns_build_info A metric with a constant '1' value labeled by version, revision, and goversion from which CoreDNS was built.\n\
             # TYPE coredns_build_info gauge\n\
             coredns_build_info{goversion=\"go1.24.1\",revision=\"\",version=\"1.12.1\"} 1\n\
             # TYPE coredns_proxy_request_duration_seconds histogram\n",
        );
        for ((_, to, rcode), count) in lock(&self.0).iter().filter(|((of, ..), _)| of == pod) {
            let labels = format!("proxy_name=\"forward\",rcode=\"{rcode}\",to=\"{to}\"");
            let _ = writeln!(
                page,
                "coredns_proxy_request_duration_seconds_count{{{labels}}} {count}"
            );
        }
        page.push_str("go_goroutines 41\nprocess_open_fds 17\n");
        page
    }
}
