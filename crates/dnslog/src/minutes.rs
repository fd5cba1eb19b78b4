//! What happened when, minute by minute.

use std::collections::BTreeMap;

/// More steps than this are never kept: a day in minutes.
const MAX_STEPS: usize = 1_440;

/// Counts over the time that a log covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Minutes {
    /// Minutes of each step: 1 for logs with lines in up to 1,440 different minutes, and twice as
    /// much as often as needed for longer ones.
    pub width: u32,
    /// Steps in which there are lines, in order.
    pub steps: Vec<Step>,
}

/// Lines of one step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// Beginning in minutes since 1970-01-01T00:00Z.
    pub start: i64,
    /// Lines of any kind.
    pub lines: u64,
    /// Query lines.
    pub queries: u64,
    /// Errors of plugin `errors`; a consolidated line counts as often as it says.
    pub errors: u64,
    /// Queries answered with anything but NOERROR and NXDOMAIN, or not at all.
    pub failed: u64,
    /// Queries that took a second or longer.
    pub slow: u64,
}

impl Step {
    pub(crate) fn add(&mut self, other: &Self) {
        self.lines += other.lines;
        self.queries += other.queries;
        self.errors = self.errors.saturating_add(other.errors);
        self.failed += other.failed;
        self.slow += other.slow;
    }
}

/// Counts the present minute apart; the others are kept by their beginning.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    /// The present minute and what it has so far.
    pub(crate) now: Option<Step>,
    width: i64,
    steps: BTreeMap<i64, Step>,
}

impl Default for Clock {
    fn default() -> Self {
        Self {
            now: None,
            width: 1,
            steps: BTreeMap::new(),
        }
    }
}

impl Clock {
    /// Goes on with another minute, or with lines that have none.
    pub(crate) fn turn(&mut self, minute: Option<i64>) {
        if self.now.map(|step| step.start) == minute {
            return;
        }
        if let Some(step) = self.now.take() {
            self.put(step);
        }
        self.now = minute.map(|start| Step {
            start,
            ..Step::default()
        });
    }

    fn put(&mut self, step: Step) {
        let start = step.start.div_euclid(self.width) * self.width;
        self.steps
            .entry(start)
            .or_insert(Step {
                start,
                ..Step::default()
            })
            .add(&step);
        while self.steps.len() > MAX_STEPS {
            self.widen();
        }
    }

    #[cold]
    fn widen(&mut self) {
        self.width *= 2;
        for (_, step) in std::mem::take(&mut self.steps) {
            let start = step.start.div_euclid(self.width) * self.width;
            self.steps
                .entry(start)
                .or_insert(Step {
                    start,
                    ..Step::default()
                })
                .add(&step);
        }
    }

    pub(crate) fn merge(&mut self, mut other: Self) {
        self.turn(None);
        other.turn(None);
        while self.width < other.width {
            self.widen();
        }
        for (_, step) in other.steps {
            self.put(step);
        }
    }

    pub(crate) fn finish(mut self) -> Minutes {
        self.turn(None);
        Minutes {
            width: u32::try_from(self.width).unwrap_or(u32::MAX),
            steps: self.steps.into_values().collect(),
        }
    }
}

impl Default for Minutes {
    fn default() -> Self {
        Self {
            width: 1,
            steps: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn run(minutes: &[i64]) -> Minutes {
        let mut clock = Clock::default();
        for minute in minutes {
            clock.turn(Some(*minute));
            clock.now.as_mut().expect("a minute").lines += 1;
        }
        clock.finish()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn the_order_of_lines_does_not_matter_and_none_is_lost(
            minutes in proptest::collection::vec(-5_000_i64..40_000, 0..6_000), cut in 0_usize..6_000
        ) {
            let forward = run(&minutes);
            let mut sorted = minutes.clone();
            sorted.sort_unstable();
            prop_assert_eq!(&run(&sorted), &forward);
            prop_assert_eq!(forward.steps.iter().map(|step| step.lines).sum::<u64>(), minutes.len() as u64);
            prop_assert!(forward.steps.len() <= MAX_STEPS);

            let (first, second) = minutes.split_at(cut.min(minutes.len()));
            let (mut a, mut b) = (Clock::default(), Clock::default());
            for (clock, part) in [(&mut a, first), (&mut b, second)] {
                for minute in part {
                    clock.turn(Some(*minute));
                    clock.now.as_mut().expect("a minute").lines += 1;
                }
            }
            a.merge(b);
            prop_assert_eq!(a.finish(), forward);
        }
    }
}
