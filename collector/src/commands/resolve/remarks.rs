//! What resolvers make of a file that does not work as it looks: grouped, and drawn.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use digpod_resolv::{Observation, Seen, Settings};

use crate::draw::{Remark, Weight, draw};
use crate::error::plain;

/// Most remarks that are drawn; the rest is counted.
const MOST: usize = 20;
/// Most of them for a file that hardly is a resolv.conf.
const MOST_OF_ANOTHER: usize = 3;

/// Order of remarks: first what stops every lookup, then as they stand in the text.
type Place = (bool, usize, usize, Seen);

/// Remarks on a file, each with the resolvers that give it.
#[derive(Debug)]
pub(super) struct Remarks {
    /// Whether the file has a line that names a server.
    names_servers: bool,
    shown: Vec<(Place, Observation, Vec<String>)>,
    /// All places, so that those that are not shown are counted once.
    places: BTreeSet<Place>,
}

fn place(seen: &Observation) -> Place {
    let stops = matches!(
        seen.seen,
        Seen::SortlistHangs | Seen::SearchAborts | Seen::NoAttempts | Seen::NoTime
    );
    // What is absent stands at the end.
    let (start, end) = match &seen.span {
        Some(span) => (span.start, span.end),
        None => (usize::MAX, usize::MAX),
    };
    (!stops, start, end, seen.seen)
}

impl Remarks {
    pub(super) fn on(text: &str) -> Self {
        Self {
            names_servers: !digpod_resolv::parse(text).nameservers.is_empty(),
            shown: Vec::new(),
            places: BTreeSet::new(),
        }
    }

    /// Adds what one resolver makes of the file.
    pub(super) fn add(&mut self, settings: &Settings) {
        let who = settings.implementation.to_string();
        let mut seen: Vec<(Place, &Observation)> = settings
            .observations
            .iter()
            // Said once for all of them.
            .filter(|seen| self.names_servers || seen.seen != Seen::NoServer)
            .map(|seen| (place(seen), seen))
            .collect();
        seen.sort_by_key(|(place, _)| *place);
        self.places.extend(seen.iter().map(|(place, _)| *place));
        // What is among the first of all is among the first of each.
        for (place, seen) in seen.into_iter().take(MOST) {
            match self.shown.iter_mut().find(|(_, it, _)| it == seen) {
                Some((_, _, all)) => all.push(who.clone()),
                None => self.shown.push((place, seen.clone(), vec![who.clone()])),
            }
        }
    }

    /// Draws them under the lines of the text.
    pub(super) fn draw(mut self, path: &str, text: &str, colored: bool) -> String {
        let mut out = String::new();
        let mut most = MOST;
        if !self.names_servers {
            most = MOST_OF_ANOTHER;
            let _ = writeln!(
                out,
                "warning: {} has no nameserver line: is this a resolv.conf? Without one, loopback is asked.\n",
                plain(path)
            );
        }
        // Stable: of one place in the order of the resolvers.
        self.shown.sort_by_key(|(place, ..)| *place);
        self.shown.truncate(most);
        let last: BTreeSet<Place> = self.shown.iter().map(|(place, ..)| *place).collect();
        for (_, seen, who) in &self.shown {
            let title = format!("{}: {seen}", who.join(", "));
            match &seen.span {
                Some(span) => out.push_str(&draw(
                    &Remark {
                        weight: Weight::Warning,
                        title,
                        path: path.to_owned(),
                        text,
                        span: span.clone(),
                        label: String::new(),
                        help: seen.help().unwrap_or_default().to_owned(),
                    },
                    colored,
                )),
                None => {
                    let _ = writeln!(out, "note: {}\n", plain(&title));
                }
            }
        }
        let left = self.places.len().saturating_sub(last.len());
        if left > 0 {
            let s = if left == 1 { " is" } else { "s are" };
            let _ = writeln!(out, "note: {left} more remark{s} not shown\n");
        }
        out
    }
}
