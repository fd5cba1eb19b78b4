//! The evaluator agrees with brute force on random policies and flows.

#[path = "reference/mod.rs"]
mod reference;
#[path = "support/seeded.rs"]
mod seeded;
#[path = "support/mod.rs"]
mod support;

#[path = "support/count.rs"]
mod count;

use std::collections::BTreeMap;

use reference::brute;
use reference::generate::{Kind, cases};
use seeded::Seeded;

/// Flows asked of each set of policies.
const FLOWS: usize = 10;

#[test]
fn equals_brute_force_on_random_policies_and_flows() {
    let wanted = count::count("DIGPOD_REFERENCE_CASES", 100_000);
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut seed = 0;
    while counts.values().sum::<usize>() < wanted {
        let kind = Kind {
            invalid: seed % 2 == 1,
            everything: seed % 4 < 3,
        };
        let cases = cases(&mut Seeded(seed), kind, FLOWS);
        let set = support::compile(&cases[0]);
        for case in &cases {
            let expected = brute::answer(case);
            let found = support::answer(&set, case);
            assert_eq!(found, expected, "seed {seed}: {case:#?}");
            *counts.entry(format!("{expected:?}")).or_default() += 1;
        }
        seed += 1;
    }
    println!("{counts:?}");
    // A comparison in which hardly anything is decided would say little.
    assert!(
        counts.values().all(|count| *count * 100 > wanted),
        "{counts:?}"
    );
    assert_eq!(counts.len(), 5, "{counts:?}");
}
