//! Properties that hold for every set of policies and every flow.

#[path = "reference/mod.rs"]
mod reference;
#[path = "support/seeded.rs"]
mod seeded;
#[path = "support/mod.rs"]
mod support;

#[path = "support/checks.rs"]
mod checks;

use digpod_netpol::{Endpoint, NetworkPolicy, Pod};
use proptest::prelude::{Strategy, any, prop, prop_oneof, proptest};
use reference::generate::{Kind, cases, rule};
use seeded::Seeded;
use serde_json::{Value, json};

const ANYTHING: Kind = Kind {
    invalid: true,
    everything: true,
};
const VALID: Kind = Kind {
    invalid: false,
    everything: true,
};

proptest! {
    #[test]
    fn explanations_point_into_the_policies_and_their_fixes_mend(seed in any::<u64>(), invalid: bool) {
        let kind = if invalid { ANYTHING } else { VALID };
        for case in cases(&mut Seeded(seed), kind, 12) {
            checks::check(&case);
        }
    }

    #[test]
    fn groups_of_pods_say_what_the_verdicts_of_each_pod_say(seed in any::<u64>()) {
        checks::check_reach(&cases(&mut Seeded(seed), ANYTHING, 12));
    }

    #[test]
    fn a_further_rule_never_takes_away_what_was_allowed(seed in any::<u64>()) {
        let mut source = Seeded(seed);
        let cases = cases(&mut source, VALID, 6);
        for case in &cases {
            let mut further = rule(&mut source, VALID, "from");
            further["to"] = further["from"].clone();
            checks::check_addition(case, &further);
        }
    }

    #[test]
    fn reading_never_panics(value in json_value()) {
        let _ = serde_json::from_value::<NetworkPolicy>(value.clone());
        let _ = serde_json::from_value::<Pod>(value);
    }
}

/// JSON with the API's own field names in the wrong places.
fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        proptest::strategy::Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        prop::sample::select(vec!["", "TCP", "Ingress", "10.0.0.0/8", "In"]).prop_map(Value::from),
    ];
    let keys = vec![
        "metadata",
        "spec",
        "status",
        "podSelector",
        "matchLabels",
        "egress",
        "to",
        "ports",
        "port",
        "ipBlock",
        "cidr",
        "labels",
        "namespace",
        "podIP",
        "hostNetwork",
        "containers",
    ];
    leaf.prop_recursive(6, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(prop::sample::select(keys.clone()), inner, 0..5)
                .prop_map(|map| json!(map)),
        ]
    })
}

#[test]
fn the_generator_is_read_back() {
    // Otherwise the properties would hold for nothing.
    let cases = cases(&mut Seeded(7), VALID, 50);
    let pods = cases.iter().map(|case| support::endpoint(&case.from));
    assert!(pods.filter(|end| matches!(end, Endpoint::Pod(_))).count() > 30);
}
