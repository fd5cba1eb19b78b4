//! What holds of every rule.

use std::path::Path;

use digpod_analysis::RULES;

#[test]
fn ids_are_unique_and_sorted() {
    let ids: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
    let mut sorted = ids.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(ids, sorted);
}

#[test]
fn an_id_is_the_path_of_the_rules_file() {
    for rule in RULES {
        let file = format!("src/rules/{}.rs", rule.id.replace('-', "_"));
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(&file);
        assert!(path.is_file(), "{} is not in {file}", rule.id);
        let lines = std::fs::read_to_string(&path).unwrap().lines().count();
        assert!(
            lines <= 150,
            "{file} has {lines} lines: what is shared becomes a fact"
        );
    }
}

#[test]
fn every_rule_tells_the_reader_four_things() {
    for rule in RULES {
        let docs = rule.markdown();
        let headings: Vec<&str> = docs
            .lines()
            .filter_map(|line| line.strip_prefix("## "))
            .collect();
        let wanted = ["What it does", "Why it matters", "How to fix", "Sources"];
        assert_eq!(headings, wanted, "headings of {}", rule.id);
        assert!(docs.contains("- <https://"), "{} names no source", rule.id);
        assert!(
            rule.summary().ends_with('.'),
            "summary of {}: {:?}",
            rule.id,
            rule.summary()
        );
    }
}

#[test]
fn every_rule_has_a_fixture() {
    for rule in RULES {
        let file = format!("tests/rules/{}.md", rule.id.replace('-', "_"));
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(&file);
        assert!(path.is_file(), "{} has no fixture {file}", rule.id);
    }
}
