//! The file format, through the doors its users use.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;
mod hostile;
mod on_disk;
mod places;
mod round_trips;
