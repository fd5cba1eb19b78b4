//! Text of a stranger steers neither a terminal nor a page, and never breaks the layout.

use crate::sample;
use digpod_report::{HumanOptions, human, json, markdown, report, v1};

/// A sample in which whatever comes from the bundle is hostile.
fn hostile() -> v1::Report {
    let corefile = ".:53 {\n    errors\n    forward . \u{1b}[31m\u{202e}```` <img src=x> |a|b| \u{200b}www.evil.example\n}\n";
    let node = "search <script>alert(1)</script>\nnameserver 10.1.0.4\nnameserver 168.63.129.16\n";
    let mut analysis = sample::analysis();
    let text = "\u{1b}]0;x\u{7} </details><script>x</script> `` ```sh\n| a | [x](http://evil.example) @someone \u{2066}";
    text.clone_into(&mut analysis.diagnosis.headline);
    for finding in &mut analysis.findings {
        finding.message.push_str(text);
        finding.explanation = format!("- {text}");
        for piece in &mut finding.evidence {
            piece.note.push_str(text);
        }
        for step in &mut finding.fix {
            step.text.push_str(text);
        }
    }
    for row in &mut analysis.matrix {
        row.answers.push(text.to_owned());
        row.server.push_str(text);
    }
    let summary = &mut analysis.summary;
    for server in &mut summary.table.servers {
        server.address.push_str(text);
        server.pod = server.node.take().map(|node| format!("{node}{text}"));
    }
    for names in &mut summary.table.names {
        names.name = names.name.take().map(|name| format!("{name}{text}"));
        for from in &mut names.from {
            from.node = Some(text.to_owned());
        }
    }
    for walk in &mut summary.walks {
        walk.typed.push_str(text);
    }
    for gap in &mut analysis.gaps {
        gap.gap.reason.push_str(text);
    }
    report(&sample::bundle(corefile, node), &analysis)
}

fn is_hidden(c: char) -> bool {
    matches!(c, '\u{1b}' | '\u{7}' | '\u{202e}' | '\u{2066}' | '\u{200b}')
}

#[test]
fn nothing_hidden_reaches_any_form() {
    let report = hostile();
    for width in [40, 80, 120] {
        let options = HumanOptions {
            color: false,
            width,
        };
        assert!(!human(&report, &options).contains(is_hidden));
    }
    assert!(!markdown(&report).contains(is_hidden));
    assert!(!json(&report).contains(is_hidden));
}

#[test]
fn outside_of_code_nothing_becomes_html_or_a_link() {
    let text = markdown(&hostile());
    let mut fence: Option<String> = None;
    for line in text.lines() {
        let bare = line.trim_start();
        let run: String = bare.chars().take_while(|c| *c == '`').collect();
        match &fence {
            Some(open) => {
                if run.len() >= open.len() && bare.trim_end() == run {
                    fence = None;
                }
                continue;
            }
            None if run.len() >= 3 => {
                fence = Some(run);
                continue;
            }
            None => {}
        }
        assert!(!outside_code(line).contains(['<', '@']), "{line}");
        assert!(!line.contains("http:") && !line.contains("www."), "{line}");
    }
    assert_eq!(fence, None, "a fence is left open");
}

/// A line without its code spans.
fn outside_code(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find('`') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let run = from.len() - from.trim_start_matches('`').len();
        if before.ends_with('\\') {
            rest = from.get(1..).unwrap_or_default();
            continue;
        }
        let (marks, inside) = from.split_at(run);
        rest = match inside.find(marks) {
            Some(end) => inside.get(end + run..).unwrap_or_default(),
            None => inside,
        };
    }
    out.push_str(rest);
    out
}

#[test]
fn every_row_of_a_table_has_its_cells() {
    let text = markdown(&hostile());
    let bars = |row: &str| row.replace("\\|", "").matches('|').count();
    let mut tables: Vec<Vec<usize>> = Vec::new();
    let mut before = "";
    for line in text.lines() {
        if line.starts_with('|') {
            if !before.starts_with('|') {
                tables.push(Vec::new());
            }
            tables.last_mut().expect("a table").push(bars(line));
        }
        before = line;
    }
    // At a glance: from where and five servers. All answers: name, from, server, question, answer.
    let [glance, answers] = tables.as_slice() else {
        panic!("{} tables", tables.len());
    };
    assert!(glance.len() > 3 && answers.len() > 6);
    assert!(glance.iter().all(|bars| *bars == 7), "{glance:?}");
    assert!(answers.iter().all(|bars| *bars == 6), "{answers:?}");
}

#[test]
fn a_very_long_report_is_cut_between_blocks_and_says_so() {
    let mut report = sample::report();
    let row = report.matrix.first().cloned().expect("a row");
    for number in 0..2_000 {
        let mut row = row.clone();
        row.name = format!("host-{number}.corp.internal.");
        report.matrix.push(row);
    }
    let text = markdown(&report);
    assert!(text.len() <= 60_000, "{}", text.len());
    assert!(text.contains("Cut here: "));
    assert_eq!(text.matches("```").count() % 2, 0);
}

#[test]
fn a_long_line_is_cut_around_what_matters() {
    let node = format!("search {}\nnameserver 10.1.0.4\n", "x".repeat(5_000));
    let mut analysis = sample::analysis();
    let place = digpod_bundle::Place::text("probes/default-n1/resolv.conf", 150..160);
    let piece = digpod_analysis::Evidence {
        place,
        note: "here".to_owned(),
    };
    for finding in &mut analysis.findings {
        finding.evidence = vec![piece.clone()];
    }
    let report = report(&sample::bundle(sample::COREFILE, &node), &analysis);
    let text = human(
        &report,
        &HumanOptions {
            color: false,
            width: 60,
        },
    );
    let line = text
        .lines()
        .find(|line| line.contains("xxxx"))
        .expect("the line");
    assert!(
        line.contains("| ...xxx") && line.ends_with("x..."),
        "{line}"
    );
    assert!(text.contains("^^^^^^^^^^ here"), "{text}");
}
