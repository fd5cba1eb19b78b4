//! What the probes saw, summed up for a reader: one table of who fails where, and the experiments
//! beside it. No judgement: that is the rules' part.

mod cell;
mod extras;
mod pattern;
mod share;
mod table;
mod tone;
mod walk;
mod watch;

pub use cell::{Cell, Question, Said};
pub use extras::{Doubt, PairCount, Pairs, Size};
pub use pattern::Pattern;
pub use share::Share;
pub use table::{From, Names, Server, Table};
pub use tone::{Tone, failed, tone};
pub use walk::{Lookup, Step, Walk};
pub use watch::Watch;

use digpod_bundle::{At, Place};

use crate::facts::Facts;

/// All of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Where asked from × what was asked, for each kind of name.
    pub table: Table,
    /// Names as typed, along the search list.
    pub walks: Vec<Walk>,
    /// A and AAAA in one moment.
    pub pairs: Vec<Pairs>,
    /// Questions that allow another size of answer.
    pub sizes: Vec<Size>,
    /// What came of asking until one try fails, if that was done.
    pub watch: Option<Watch>,
}

pub(crate) fn summary(facts: &Facts<'_>) -> Summary {
    Summary {
        table: table::table(facts),
        walks: walk::walks(facts),
        pairs: extras::pairs(facts),
        sizes: extras::sizes(facts),
        watch: watch::watch(facts),
    }
}

/// Entry and JSON pointer of a place.
fn link(place: &Place) -> (String, String) {
    let pointer = match &place.at {
        At::Json { pointer, .. } => pointer.clone(),
        At::Whole | At::Text { .. } => String::new(),
    };
    (place.entry.clone(), pointer)
}
