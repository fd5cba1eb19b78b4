//! The table at a glance and what stands beside it, from bundles to the terminal.

use digpod_analysis::analyse;
use digpod_report::{HumanOptions, human, report};

/// Sections about the probes.
const SECTIONS: [&str; 4] = ["At a glance", "Who was asked", "Asked beside", "Watch:"];

#[test]
fn the_eye_finds_the_row_or_the_column() {
    let cases = digpod_test_support::cases(include_str!("glance.md")).expect("cases");
    let mut all = String::new();
    for case in cases {
        let report = report(&case.bundle, &analyse(&case.bundle));
        let options = HumanOptions {
            color: false,
            width: 80,
        };
        let text = human(&report, &options);
        all.extend(["## ", &case.heading, "\n"]);
        let mut shown = false;
        let mut paragraph = false;
        for line in text.lines() {
            // A paragraph of the verdict goes on at the margin until its full stop.
            if line.starts_with(|c: char| !c.is_whitespace()) && !paragraph {
                shown = SECTIONS.iter().any(|it| line.starts_with(it));
            }
            paragraph = !line.ends_with('.') && (paragraph || line.starts_with("Watch:"));
            if shown {
                all.push_str(line);
                all.push('\n');
            }
        }
    }
    insta::with_settings!({prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!("glance", all);
    });
}
