//! One table of who fails where.

use super::Blocks;
use super::escape::plain;
use crate::reading::{self, Mark};
use crate::v1::{ContrastCell, ContrastNames, Report};

/// A table for each kind of name that fails somewhere, a line for each other.
pub(super) fn glance(out: &mut Blocks, report: &Report) {
    let contrast = &report.contrast;
    if contrast.names.is_empty() {
        return;
    }
    out.paragraph("### At a glance: who fails, asked from where");
    if contrast.names.iter().any(|it| it.fails) {
        out.paragraph(
            "Each cell: A over UDP, n of m tries; ✓ right, ≠ wrong, ✗ no answer, in brackets \
             what does not count, as only digpod asks that there, empty where it was not asked; + AAAA or TCP, where it differs.",
        );
    }
    for part in contrast.names.iter().filter(|it| it.fails) {
        let reading = match part.reading.as_str() {
            "" => String::new(),
            said => format!(": {}", plain(said)),
        };
        out.paragraph(&format!("**{}**{reading}", plain(&reading::about(part))));
        out.add(&table(report, part));
    }
    if let Some(bounds) = reading::bounds(contrast, "✓") {
        out.paragraph(&bounds);
    }
    for part in contrast.names.iter().filter(|it| !it.fails) {
        let (about, said) = (
            reading::about(part),
            plain(&reading::all_well(contrast, part)),
        );
        out.add(&format!("- {}: {said}\n", plain(&about)));
    }
    out.add("\n");
}

fn table(report: &Report, part: &ContrastNames) -> String {
    let servers = report.contrast.servers.iter().enumerate();
    let asked = |at: usize| {
        part.from
            .iter()
            .any(|row| row.cells.get(at).is_some_and(Option::is_some))
    };
    let servers: Vec<_> = servers.filter(|(at, _)| asked(*at)).collect();
    let line = |first: String, cells: Vec<String>| format!("| {first} | {} |\n", cells.join(" | "));
    let heads = servers.iter().map(|(_, server)| {
        let head = [vec![reading::server(server)], reading::detail(server)];
        plain(&head.concat().join(" "))
    });
    let mut table = line("from".to_owned(), heads.collect());
    table.push_str(&line(
        "---".to_owned(),
        vec!["---".to_owned(); servers.len()],
    ));
    for group in reading::groups(part) {
        let Some(row) = group.rows.first() else {
            continue;
        };
        let cells = servers.iter().map(|(at, _)| {
            let cell = row.cells.get(*at).and_then(Option::as_ref);
            cell.map_or_else(String::new, words)
        });
        table.push_str(&line(plain(&group.label().join(" ")), cells.collect()));
    }
    table.push('\n');
    table
}

/// `✓ 10/10`, `✗ timeout 10/10`, `≠ NXDOMAIN 4/10`, and behind it `+ TCP ✗ timeout 2/2`.
fn words(cell: &ContrastCell) -> String {
    let question = match reading::question(cell).as_str() {
        "" => String::new(),
        question => format!(" {}", plain(question)),
    };
    let beside = cell.beside.iter().map(|it| {
        let question = plain(&reading::question(it));
        format!(" + {question} {}", said(it))
    });
    format!("{}{}{}", said(cell), question, beside.collect::<String>())
}

fn said(cell: &ContrastCell) -> String {
    let (outcome, share) = (plain(&reading::outcome(cell)), reading::share(cell));
    match reading::mark(cell) {
        Mark::Good if cell.outcome != "OK" => format!("✓ {outcome} {share}"),
        Mark::Good => format!("✓ {share}"),
        Mark::Apart => format!("({outcome})"),
        Mark::Wrong => format!("≠ {outcome} {share}"),
        Mark::Silent => format!("✗ {outcome} {share}"),
    }
}
