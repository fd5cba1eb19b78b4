//! Rows that say the same, told once.

use super::{on, place, stands};
use crate::v1::{ContrastCell, ContrastFrom, ContrastNames};

/// Nodes that are named; of more, how many they are.
const NAMED: usize = 4;

/// Rows of like places that are equal in each cell.
#[derive(Clone, Debug)]
pub struct Group<'a> {
    /// The rows; one where no other is equal to it.
    pub rows: Vec<&'a ContrastFrom>,
}

/// The rows of a part in their order, equal ones with the first of them.
pub fn groups(names: &ContrastNames) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for row in &names.from {
        let like = groups.iter_mut().find(|it| {
            let first = it.rows.first();
            first.is_some_and(|first| is_like(first, row))
        });
        match like {
            Some(group) => group.rows.push(row),
            None => groups.push(Group { rows: vec![row] }),
        }
    }
    groups
}

fn is_like(one: &ContrastFrom, other: &ContrastFrom) -> bool {
    let kind = |row: &ContrastFrom| row.vantage.split_once('-').map(|(kind, _)| kind.to_owned());
    let same = |(one, other): (&Option<ContrastCell>, &Option<ContrastCell>)| match (one, other) {
        (Some(one), Some(other)) => is_same(one, other),
        (None, None) => true,
        _ => false,
    };
    kind(one).is_some()
        && kind(one) == kind(other)
        && one.cells.len() == other.cells.len()
        && one.cells.iter().zip(&other.cells).all(same)
}

/// Whether two cells read the same; how fast, and where it is written, stands elsewhere.
fn is_same(one: &ContrastCell, other: &ContrastCell) -> bool {
    let key = |it: &ContrastCell| {
        (
            (it.tone.clone(), it.outcome.clone(), it.more.clone()),
            (it.count, it.tries),
            (it.record_type.clone(), it.transport.clone()),
        )
    };
    key(one) == key(other)
        && one.beside.len() == other.beside.len()
        && (one.beside.iter().zip(&other.beside)).all(|(one, other)| key(one) == key(other))
}

impl Group<'_> {
    /// `failing pod` and `on n1`, or `the same on 3 nodes` and `a, b, c`.
    pub fn label(&self) -> Vec<String> {
        let label = match self.rows.as_slice() {
            [] => vec![],
            [row] => vec![place(row), stands(row)],
            [first, ..] => self.many(first),
        };
        label.into_iter().filter(|it| !it.is_empty()).collect()
    }

    fn many(&self, first: &ContrastFrom) -> Vec<String> {
        let count = self.rows.len();
        let names = self.rows.iter();
        let mut names: Vec<&str> = names
            .map(|row| row.vantage.split_once('-').map_or("", |(_, node)| node))
            .collect();
        names.sort_unstable();
        let shown = names.get(..NAMED.min(count)).unwrap_or_default().join(", ");
        let more = match count.saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let what = if first.vantage.starts_with("node-") {
            format!("the same on {count} nodes:")
        } else {
            format!("the same from {count} pods with the lists of")
        };
        let one_pool = self.rows.iter().all(|row| row.pool == first.pool);
        let pool = if one_pool {
            on(None, first.pool.as_ref())
        } else {
            String::new()
        };
        vec![what, format!("{shown}{more}"), pool]
    }
}
