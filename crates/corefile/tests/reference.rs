//! Compares our reading of Corefiles with CoreDNS's own: see tests/reference/corefile.
//!
//! `DIGPOD_REFERENCE_COREFILE` names the program that is built there; without it nothing is
//! compared. `DIGPOD_REFERENCE_CASES` is the number of generated cases, 20,000 by default;
//! `DIGPOD_REFERENCE_SHOW` is how many new differences of a class are shown, 3 by default.

#[path = "reference/compare.rs"]
mod compare;
#[path = "reference/generate.rs"]
mod generate;
#[path = "reference/grammar.rs"]
mod grammar;
#[path = "reference/mutate.rs"]
mod mutate;
#[path = "reference/program.rs"]
mod program;

use std::collections::BTreeMap;

use compare::Difference;
use digpod_corefile::plugin::Version;
use generate::Case;
use program::Program;

/// Differences that are known, with the reason for each in "Where we differ" of the README.
const KNOWN: &[&str] = &[
    "CoreDNS panics",
    "a file that tsig lacks",
    "a URL",
    "a label selector",
    "a text of template",
    "a zone in upper case",
    "an expression",
];

#[test]
fn coredns_and_we_accept_the_same_corefiles_and_stop_at_the_same_line() {
    let Some(program) = Program::from_environment() else {
        println!("skipped: DIGPOD_REFERENCE_COREFILE does not name the reference program");
        return;
    };
    let count: u64 = std::env::var("DIGPOD_REFERENCE_CASES")
        .ok()
        .map_or(20_000, |text| text.parse().expect("a number of cases"));
    let show: usize = std::env::var("DIGPOD_REFERENCE_SHOW")
        .map_or(3, |text| text.parse().expect("a number of cases"));
    let examples = program.examples();
    let whole: Vec<String> = examples
        .iter()
        .filter(|case| case.plugins)
        .map(|case| String::from_utf8_lossy(&case.files[0].1).into_owned())
        .collect();
    let generated = (0..count).map(|number| generate::case(number, &whole));
    let generated = generated
        .filter(|case| program.version >= Version::new(1, 13, 0) || !compare::is_endless(case));
    let cases: Vec<Case> = examples.iter().cloned().chain(generated).collect();

    let reference = program.judge(&cases);
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut shown: BTreeMap<String, usize> = BTreeMap::new();
    for (number, (case, verdict)) in cases.iter().zip(&reference).enumerate() {
        let stage = if verdict.stage.is_empty() {
            "accepted"
        } else {
            &verdict.stage
        };
        let kind = if number < examples.len() {
            "examples"
        } else {
            "generated"
        };
        *counts.entry(format!("{kind} {stage}")).or_default() += 1;
        if let Err(Difference { class, details }) = compare::compare(&program, case, verdict) {
            let of_class = shown.entry(class.clone()).or_default();
            *of_class += 1;
            if *of_class <= show && !KNOWN.contains(&class.as_str()) {
                println!("--- case {number}: {class}\n{details}");
                for (name, text) in &case.files {
                    println!("[{name}]\n{}", String::from_utf8_lossy(text));
                }
            }
        }
    }
    println!("compared with CoreDNS {}", program.version);
    for (what, count) in &counts {
        println!("{count:>7} {what}");
    }
    for (class, count) in &shown {
        println!("{count:>7} differ: {class}");
    }
    let new: Vec<_> = shown
        .iter()
        .filter(|(class, _)| !KNOWN.contains(&class.as_str()))
        .collect();
    assert!(new.is_empty(), "differences that are not listed: {new:?}");
    // A new fault must not hide in a class that is known.
    let most = (cases.len() / 2_000).max(1);
    for (class, count) in &shown {
        assert!(
            *count <= most,
            "{count} differences of class {class:?}; {most} are usual for so many cases"
        );
    }
}
