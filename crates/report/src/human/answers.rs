//! Who was asked, and what they said: a block a name, a line a server.

use super::alike;
use super::text::Text;
use crate::beside;
use crate::table::{self, Block};
use crate::v1::Report;

/// The probe table.
pub(super) fn answers(text: &mut Text, report: &Report) {
    let blocks = table::blocks(report);
    if blocks.is_empty() {
        return notes(text, report);
    }
    text.title("Who was asked, and what they said (outcome, tries)");
    for block in &blocks {
        match alike::all_alike(report, block) {
            Some(said) => {
                let name = format!("{} ({}): {said}", block.name, block.class);
                text.item(2, "", &name);
            }
            None => whole(text, block),
        }
    }
    notes(text, report);
}

/// What was asked beside; what says nothing takes a line.
fn notes(text: &mut Text, report: &Report) {
    let notes = beside::notes(report);
    if notes.is_empty() {
        return;
    }
    text.title("Asked beside");
    for note in notes {
        text.item(2, if note.odd { "! " } else { "- " }, &note.text);
    }
}

fn whole(text: &mut Text, block: &Block<'_>) {
    let name = text.paint.strong(block.name);
    text.line(&format!("  {name} ({})", block.class));
    let servers = block.views.iter().flat_map(|view| &view.servers);
    let longest = servers
        .map(|server| server.server.chars().count())
        .max()
        .unwrap_or(0);
    // A long name of a server must not push the answers out of the width.
    let column = longest.min(text.width / 2);
    for view in &block.views {
        text.paragraph(4, &format!("from {}", view.from));
        for server in &view.servers {
            let answers: Vec<String> = server
                .answers
                .iter()
                .map(|(questions, said)| format!("{}: {said}", questions.join(", ")))
                .collect();
            text.item(
                6,
                &format!("{:column$}  ", server.server),
                &answers.join("; "),
            );
        }
    }
}
