//! From a case in JSON to the crate's answer.

use digpod_netpol::{
    Assumption, Endpoint, Flow, Namespace, NetworkPolicy, Pod, PolicySet, Protocol, Verdict,
};
use serde_json::Value;

use crate::reference::brute::{Answer, Case, is_pod};

pub(crate) fn read<T: serde::de::DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap_or_else(|error| panic!("{error}: {value}"))
}

pub(crate) fn compile(case: &Case) -> PolicySet {
    let policies: Vec<NetworkPolicy> = case.policies.iter().map(read).collect();
    let namespaces: Vec<Namespace> = case.namespaces.iter().map(read).collect();
    PolicySet::compile(policies, namespaces)
}

pub(crate) fn endpoint(value: &Value) -> Endpoint {
    if is_pod(value) {
        return read::<Pod>(value).into();
    }
    let text = value["ip"].as_str().expect("an address");
    Endpoint::Ip(text.parse().expect("an address"))
}

pub(crate) fn protocol(case: &Case) -> Protocol {
    Protocol::from_api(&case.protocol).expect("a protocol")
}

pub(crate) fn verdict(set: &PolicySet, case: &Case) -> Verdict {
    let (from, to) = (endpoint(&case.from), endpoint(&case.to));
    let flow = Flow {
        from: &from,
        to: &to,
        protocol: protocol(case),
        port: case.port,
    };
    let verdict = set.verdict(&flow);
    // Endpoints that were prepared give the same answer.
    let (from, to) = (set.prepare(&from), set.prepare(&to));
    assert_eq!(set.between(&from, &to, flow.protocol, flow.port), verdict);
    verdict
}

pub(crate) fn answer(set: &PolicySet, case: &Case) -> Answer {
    match verdict(set, case) {
        Verdict::Allowed(_) => Answer::Allowed,
        Verdict::Denied(_) => Answer::Denied,
        Verdict::NotEvaluated(_) => Answer::NotEvaluated,
        Verdict::Undetermined {
            depends_on,
            usual,
            other,
        } => {
            assert_ne!(usual.is_allowed(), other.is_allowed());
            assert_ne!(depends_on, digpod_netpol::Assumptions::NONE);
            // Settling what it depends on, as it is usually, settles the verdict unless something
            // else is open as well.
            let mut settled = set.clone();
            for assumption in Assumption::ALL {
                settled = settled.assuming(assumption, assumption.usual());
            }
            let again = match verdict(&settled, case) {
                Verdict::Allowed(_) => true,
                Verdict::Denied(_) => false,
                other => panic!("{other:?} although everything is settled"),
            };
            assert_eq!(again, usual.is_allowed());
            Answer::Depends {
                usually_allowed: usual.is_allowed(),
            }
        }
    }
}
