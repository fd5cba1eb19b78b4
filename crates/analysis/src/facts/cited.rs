//! A value that remembers where it came from.

use std::ops::Deref;

use digpod_bundle::Place;

use crate::finding::Evidence;

/// A value and the place in the bundle that says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cited<T> {
    /// What was read.
    pub(crate) value: T,
    /// Where.
    pub(crate) place: Place,
}

impl<T> Cited<T> {
    /// Joins a value with its place.
    pub(crate) fn new(value: T, place: Place) -> Self {
        Self { value, place }
    }

    /// Makes evidence of it; the note says what to notice, a clause without a full stop.
    pub(crate) fn cite(&self, note: impl Into<String>) -> Evidence {
        cite(&self.place, note)
    }
}

impl<T> Deref for Cited<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// Makes evidence of a place.
pub(crate) fn cite(place: &Place, note: impl Into<String>) -> Evidence {
    Evidence {
        place: place.clone(),
        note: note.into(),
    }
}
