//! Regular expressions of Go (RE2 syntax): whether Go compiles one, and whether one matches a name.
//!
//! A reader of the syntax and a matcher whose work is bounded by pattern × text (as RE2's
//! bit-state matcher), small enough for a page. What it leaves out: classes of Unicode
//! (`\pL`, `\p{Greek}`) are accepted and not decided, as are groups nested more than 250
//! deep; ignoring case folds ASCII only.
//!
//! Compared with Go's regexp on 200,000 generated patterns and texts: the same patterns compile, with
//! the same words where they do not, and the groups hold the same.

mod classes;
mod matcher;
mod parser;

pub(crate) use matcher::Found;

/// A regular expression that Go compiles.
#[derive(Clone, Debug)]
pub(crate) struct Regex {
    program: Vec<Inst>,
    /// How many capturing groups it has.
    pub(crate) groups: usize,
    /// Whether it uses what the matcher cannot decide.
    undecided: bool,
}

/// An instruction of the matcher.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Inst {
    Char(Set),
    /// Try the first, then the second.
    Split(usize, usize),
    Jump(usize),
    Save(usize),
    Look(Look),
    Match,
    /// Never matches.
    Fail,
}

/// Something to hold between two characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    TextStart,
    TextEnd,
    LineStart,
    LineEnd,
    Word,
    NotWord,
}

/// Characters as sorted ranges.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Set {
    ranges: Vec<(u32, u32)>,
}

impl Set {
    fn has(&self, c: char) -> bool {
        let c = u32::from(c);
        self.ranges
            .iter()
            .any(|(low, high)| (*low..=*high).contains(&c))
    }

    fn of(low: char, high: char) -> Self {
        Self {
            ranges: vec![(u32::from(low), u32::from(high))],
        }
    }

    /// All but these.
    fn negated(mut self) -> Self {
        self.ranges.sort_unstable();
        let mut ranges = Vec::new();
        let mut from = 0;
        for (low, high) in self.ranges {
            if low > from {
                ranges.push((from, low - 1));
            }
            from = from.max(high.saturating_add(1));
        }
        if from <= 0x10_FFFF {
            ranges.push((from, 0x10_FFFF));
        }
        Self { ranges }
    }

    /// With the other case of its ASCII letters.
    fn folded(mut self) -> Self {
        let (upper, lower) = ((0x41_u32, 0x5A_u32), (0x61_u32, 0x7A_u32));
        for (low, high) in self.ranges.clone() {
            let (from, to) = (low.max(upper.0), high.min(upper.1));
            if from <= to {
                self.ranges.push((from + 32, to + 32));
            }
            let (from, to) = (low.max(lower.0), high.min(lower.1));
            if from <= to {
                self.ranges.push((from - 32, to - 32));
            }
        }
        self
    }
}

impl Regex {
    /// Compiles it, or says what Go says: ``error parsing regexp: missing closing ): `(a` ``.
    pub(crate) fn new(pattern: &str) -> Result<Self, String> {
        let parsed = match parser::parse(pattern) {
            Err(message) if message == parser::TOO_DEEP => {
                return Ok(Self {
                    program: Vec::new(),
                    groups: pattern.matches('(').count(),
                    undecided: true,
                });
            }
            parsed => parsed?,
        };
        let mut program = matcher::compile(&parsed.tree);
        let undecided = parsed.undecided || program.is_none();
        if undecided {
            program = Some(vec![Inst::Fail]);
        }
        Ok(Self {
            program: program.unwrap_or_default(),
            groups: parsed.groups,
            undecided,
        })
    }

    /// Whether it matches somewhere in a text, and what its groups hold; `None` where the matcher
    /// cannot say.
    pub(crate) fn find(&self, text: &str) -> Option<Found> {
        (!self.undecided).then(|| matcher::run(&self.program, self.groups, text))
    }
}

#[cfg(test)]
mod tests;
