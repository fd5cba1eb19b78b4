//! Exit codes, a table that users script against.

use std::process::ExitCode;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// 0: done, nothing at or above `--fail-on`.
    Done,
    /// 1: findings at or above `--fail-on`.
    Findings,
    /// 2: the command line is wrong.
    Usage,
    /// 3: could not read or collect.
    Failed,
    /// 4: collected in part; the bundle is valid and says what is missing.
    Partial,
}

impl Exit {
    /// Of two endings the larger number wins, but findings win over a partial collection.
    pub(crate) fn and(self, other: Self) -> Self {
        let rank = |exit: Self| match exit {
            Self::Done => 0,
            Self::Partial => 1,
            Self::Findings => 2,
            Self::Usage => 3,
            Self::Failed => 4,
        };
        if rank(self) >= rank(other) {
            self
        } else {
            other
        }
    }

    /// The number.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Findings => 1,
            Self::Usage => 2,
            Self::Failed => 3,
            Self::Partial => 4,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// The table as `--help` shows it.
pub(crate) const TABLE: &str = "Exit codes:
  0  done, nothing at or above --fail-on
  1  findings at or above --fail-on
  2  the command line is wrong
  3  could not read or collect
  4  collected in part: the bundle is valid and says what is missing";
