//! Words and ranks for what the matrix is made of.

use digpod_report::v1::MatrixRow;

const ROLES: [&str; 6] = [
    "DNS Service",
    "upstream",
    "in order",
    "its resolv.conf",
    "node-local cache",
    "CoreDNS pod",
];

/// Failing names first.
pub(super) fn class_rank(class: &str) -> usize {
    ["custom", "cluster", "public", "nonexistent"]
        .iter()
        .position(|it| *it == class)
        .unwrap_or(4)
}

/// The Service and the upstreams stand side by side: that comparison names most causes.
pub(super) fn role_rank(role: &str) -> usize {
    ROLES
        .iter()
        .position(|it| *it == role)
        .unwrap_or(ROLES.len())
}

/// What a server is.
pub(super) fn role(row: &MatrixRow) -> &'static str {
    match row.role.as_str() {
        "service" => "DNS Service",
        "node-local" => "node-local cache",
        "coredns-pod" => "CoreDNS pod",
        "upstream" => "upstream",
        _ if row.server == "resolv.conf" => "in order",
        _ => "its resolv.conf",
    }
}

/// An address; port 53 goes without saying.
pub(super) fn address(row: &MatrixRow) -> String {
    if row.server == "resolv.conf" {
        return "its resolv.conf".to_owned();
    }
    let address = row.server.strip_suffix(":53").unwrap_or(&row.server);
    address
        .trim_start_matches('[')
        .trim_end_matches(']')
        .to_owned()
}

/// The failing pod's place first, then what it is compared with.
pub(super) fn vantage_rank(id: &str) -> usize {
    match id {
        "workload" => 0,
        "working" => 1,
        "control" => 2,
        id if id.starts_with("default-") => 3,
        _ => 4,
    }
}

/// `A`, `AAAA over TCP`.
pub(super) fn question_words(row: &MatrixRow) -> String {
    if row.transport == "tcp" {
        format!("{} over TCP", row.record_type)
    } else {
        row.record_type.clone()
    }
}
