//! Reports as people and programs read them. Snapshots stand beside this file.

use crate::sample;
use digpod_analysis::analyse;
use digpod_bundle::{Bundle, Item, Manifest, Status, layout};
use digpod_report::{HumanOptions, findings_text, human, markdown, report, v1};

fn shown(report: &v1::Report, width: usize) -> String {
    human(
        report,
        &HumanOptions {
            color: false,
            width,
        },
    )
}

macro_rules! snapshot {
    ($name:literal, $text:expr) => {
        insta::with_settings!({prepend_module_to_snapshot => false, omit_expression => true}, {
            insta::assert_snapshot!($name, $text);
        });
    };
}

#[test]
fn the_terminal_shows_the_cause_and_the_fix_before_anything_else() {
    let text = shown(&sample::report(), 80);
    let head: Vec<&str> = text.lines().take(6).collect();
    assert!(head.iter().any(|line| line.starts_with("Cause (proven): ")));
    assert!(head.iter().any(|line| line.starts_with("Fix: ")));
    snapshot!("human-80", text);
}

#[test]
fn a_wide_terminal_is_used() {
    snapshot!("human-120", shown(&sample::report(), 120));
}

#[test]
fn what_would_decide_between_two_causes_is_told() {
    let bundle = sample::bundle(sample::COREFILE, sample::NODE);
    snapshot!(
        "human-undetermined",
        shown(&report(&bundle, &sample::undetermined()), 80)
    );
}

#[test]
fn a_healthy_cluster_is_told_with_what_was_looked_at_and_what_not() {
    let bundle = sample::bundle(sample::COREFILE, sample::NODE);
    snapshot!(
        "human-healthy",
        shown(&report(&bundle, &sample::healthy()), 80)
    );
}

#[test]
fn a_bundle_that_shows_nothing_says_so() {
    let bundle = Bundle::new(Manifest::default());
    let text = shown(&report(&bundle, &analyse(&bundle)), 80);
    assert!(
        !text.contains("Cause") && text.contains("What could not be seen"),
        "{text}"
    );
}

/// One fault keeps many things away; a person on call reads it once.
#[test]
fn what_many_gaps_have_in_common_is_told_once() {
    let why = "the time allowed (--timeout 20s) is over";
    let late = |entry: &str| Item {
        entry: entry.to_owned(),
        status: Status::TimedOut,
        reason: Some(why.to_owned()),
        ..Item::default()
    };
    let mut manifest = Manifest::default();
    manifest.collected.interrupted = Some(why.to_owned());
    let mut bundle = Bundle::new(manifest);
    for entry in [
        layout::NODES,
        layout::NODE_METRICS,
        layout::DNS_EVENTS,
        layout::DNS_POD_METRICS,
        layout::DNS_PODS,
    ] {
        bundle.add_gap(late(entry)).unwrap();
    }
    let report = report(&bundle, &analyse(&bundle));
    let text = shown(&report, 80);
    let words: Vec<&str> = text.split_whitespace().collect();
    // Once in the headline, once of the five.
    assert_eq!(words.join(" ").matches(why).count(), 2, "{text}");
    assert_eq!(markdown(&report).matches("is over").count(), 2);
    snapshot!("human-late", text);
}

#[test]
fn no_line_but_a_command_is_wider_than_the_terminal() {
    let commands = ["az ", "kubectl ", "digpod "];
    for width in [60, 80, 100, 120] {
        for line in shown(&sample::report(), width).lines() {
            let command = commands.iter().any(|it| line.trim_start().starts_with(it));
            // A place cannot be wrapped.
            let place =
                line.contains("dns/") || line.contains("probes/") || line.contains("upstreams/");
            let fits = line.chars().count() <= width;
            assert!(fits || command || place, "{width}: {line}");
        }
    }
}

#[test]
fn a_here_document_can_be_pasted_as_it_is_shown() {
    let text = shown(&sample::report(), 80);
    assert!(
        text.contains("\nkubectl apply -f - <<'EOF'\nkind: ConfigMap\nEOF\n"),
        "{text}"
    );
}

#[test]
fn loose_files_are_named_with_what_they_were_taken_for() {
    let mut bundle = sample::bundle(sample::COREFILE, sample::NODE);
    for (file, taken_for, why) in [
        (
            "describe-cm.txt",
            "ConfigMap coredns (kubectl describe)",
            "it has `Name:` and `Data`",
        ),
        ("photo.jpg", "not recognised", "it is no text"),
    ] {
        let item = Item {
            source: Some(Item::taken_for_source(taken_for, why)),
            ..Item::default()
        };
        bundle
            .add_with(&format!("imported/{file}"), "…", item)
            .expect("a name");
    }
    let text = shown(&report(&bundle, &sample::healthy()), 200);
    let wanted = "describe-cm.txt: taken for ConfigMap coredns (kubectl describe), because it has `Name:` and `Data`";
    assert!(text.contains(wanted), "{text}");
    assert!(
        text.contains("photo.jpg: not recognised, it is no text"),
        "{text}"
    );
}

#[test]
fn colour_changes_no_word() {
    let report = sample::report();
    let options = HumanOptions {
        color: true,
        width: 100,
    };
    let colored = human(&report, &options);
    assert!(colored.contains("\u{1b}["));
    let mut plain = String::new();
    let mut escape = false;
    for c in colored.chars() {
        match c {
            '\u{1b}' => escape = true,
            'm' if escape => escape = false,
            c if !escape => plain.push(c),
            _ => {}
        }
    }
    let trimmed: Vec<&str> = plain.lines().map(str::trim_end).collect();
    let expected = shown(&report, 100);
    let expected: Vec<&str> = expected.lines().map(str::trim_end).collect();
    assert_eq!(trimmed, expected);
}

#[test]
fn a_ticket_gets_the_same_as_markdown() {
    snapshot!("markdown", markdown(&sample::report()));
}

#[test]
fn findings_have_a_plain_text_for_tests() {
    snapshot!("findings", findings_text(&sample::report()));
}
