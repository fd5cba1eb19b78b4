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
    for part in contrast.names.iter().filter(|it| it.fails) {
        let reading = match part.reading.as_str() {
            "" => String::new(),
            said => format!(": {}", plain(said)),
        };
        out.paragraph(&format!("**{}**{reading}", plain(&reading::about(part))));
        out.add(&table(report, part));
    }
    for part in contrast.names.iter().filter(|it| !it.fails) {
        let (about, said) = (reading::about(part), reading::all_well(part));
        out.add(&format!("- {}: {said}\n", plain(&about)));
    }
    out.add("\n");
    if let Some(bounds) = reading::bounds(contrast) {
        out.paragraph(&bounds);
    }
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
    for row in &part.from {
        let label = format!("{} {}", reading::place(row), reading::stands(row));
        let cells = servers.iter().map(|(at, _)| {
            let cell = row.cells.get(*at).and_then(Option::as_ref);
            cell.map_or_else(String::new, words)
        });
        table.push_str(&line(plain(label.trim_end()), cells.collect()));
    }
    table.push('\n');
    table
}

/// `✓ 10/10`, `✗ timeout 10/10`, `≠ NXDOMAIN 4/10`.
fn words(cell: &ContrastCell) -> String {
    let said = format!(
        "{} {}/{}{}",
        cell.outcome,
        cell.count,
        cell.tries,
        reading::question(cell)
    );
    match reading::mark(cell) {
        Mark::Good => format!("✓ {}/{}", cell.count, cell.tries),
        Mark::Apart => format!("({})", plain(&cell.outcome)),
        Mark::Wrong => format!("≠ {}", plain(&said)),
        Mark::Silent => format!("✗ {}", plain(&said)),
    }
}
