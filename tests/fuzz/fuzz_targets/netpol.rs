//! Policies, namespaces and pods from a stranger: never a panic, and always what brute force says.
#![no_main]

#[path = "../../../crates/netpol/tests/support/checks.rs"]
mod checks;
#[path = "../../../crates/netpol/tests/reference/mod.rs"]
mod reference;
#[path = "../../../crates/netpol/tests/support/mod.rs"]
mod support;

use digpod_netpol::{Namespace, NetworkPolicy, Pod};
use libfuzzer_sys::fuzz_target;
use reference::brute::Case;
use reference::generate::{Kind, Source, cases, rule};
use serde_json::Value;

/// Choices from the input; all the same once it is used up.
struct Bytes<'a>(&'a [u8]);

impl Source for Bytes<'_> {
    fn below(&mut self, n: usize) -> usize {
        let Some((first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        usize::from(*first) % n
    }
}

fuzz_target!(|data: &[u8]| {
    match data.split_first() {
        Some((b'{', _)) => json(data),
        Some((flags, rest)) => {
            let kind = Kind {
                invalid: flags & 1 != 0,
                everything: flags & 2 != 0,
            };
            let mut bytes = Bytes(rest);
            let cases = cases(&mut bytes, kind, 3);
            let mut further = rule(&mut bytes, kind, "from");
            further["to"] = further["from"].clone();
            for case in &cases {
                checks::check(case);
                checks::check_addition(case, &further);
            }
            checks::check_reach(&cases);
        }
        None => {}
    }
});

/// A case as JSON, in the shape that the reference program reads.
fn json(data: &[u8]) {
    let Ok(value) = serde_json::from_slice::<Value>(data) else {
        return;
    };
    let list = |field: &str| value[field].as_array().cloned().unwrap_or_default();
    let (policies, namespaces) = (list("policies"), list("namespaces"));
    let port = value["port"].as_u64().and_then(|port| port.try_into().ok());
    let protocol = value["protocol"].as_str().unwrap_or("UDP").to_owned();
    let (from, to) = (value["from"].clone(), value["to"].clone());
    // Where the crate reads nothing, there is nothing to compare.
    let read = policies.iter().all(|it| reads::<NetworkPolicy>(it, "spec"))
        && namespaces
            .iter()
            .all(|it| reads::<Namespace>(it, "metadata"))
        && [&from, &to].into_iter().all(is_endpoint)
        && matches!(protocol.as_str(), "TCP" | "UDP" | "SCTP");
    if !read || !has_lists_where_the_api_has_them(&value, "") {
        return;
    }
    checks::check(&Case {
        policies,
        namespaces,
        from,
        to,
        protocol,
        port: port.unwrap_or(53),
    });
}

fn reads<T: serde::de::DeserializeOwned>(value: &Value, inside: &str) -> bool {
    value[inside].is_object() && serde_json::from_value::<T>(value.clone()).is_ok()
}

fn is_endpoint(value: &Value) -> bool {
    match &value["ip"] {
        Value::Null => reads::<Pod>(value, "metadata"),
        ip => ip
            .as_str()
            .is_some_and(|ip| ip.parse::<std::net::IpAddr>().is_ok()),
    }
}

/// serde would take a list for an object; the API server does not.
fn has_lists_where_the_api_has_them(value: &Value, key: &str) -> bool {
    const LISTS: [&str; 15] = [
        "policies",
        "namespaces",
        "ingress",
        "egress",
        "from",
        "to",
        "ports",
        "matchExpressions",
        "values",
        "except",
        "policyTypes",
        "containers",
        "initContainers",
        "podIPs",
        "hostIPs",
    ];
    match value {
        Value::Array(items) => {
            LISTS.contains(&key)
                && items
                    .iter()
                    .all(|item| has_lists_where_the_api_has_them(item, "an item"))
        }
        Value::Object(fields) => fields
            .iter()
            .all(|(key, value)| has_lists_where_the_api_has_them(value, key)),
        _ => true,
    }
}
