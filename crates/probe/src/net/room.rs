//! How much of what servers send is kept.
//!
//! A probe has some 64 MiB, and 64 KiB of a hostile answer can stand for ten megabytes of text: each
//! of its records may point to the same long name. A few such answers must not cost all the others.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::exchange::Exchange;
use crate::record::Answer;

/// Kept of any answer, whatever came before. Honest answers over UDP are smaller.
const SMALL: usize = 4 << 10;
/// Kept of all that are not small, together. The output has 4 MiB for everything.
const ALL: usize = 2 << 20;

/// What is left of it.
pub(super) struct Room {
    left: AtomicUsize,
    spent: AtomicBool,
}

impl Default for Room {
    fn default() -> Self {
        Self {
            left: AtomicUsize::new(ALL),
            spent: AtomicBool::new(false),
        }
    }
}

impl Room {
    /// Takes out of an exchange what is too much, and says so in it.
    pub(super) fn fit(&self, exchange: &mut Exchange) {
        let answers = &mut exchange.parsed.answers;
        // The bytes are shown as hexadecimal digits.
        let total = 2 * exchange.reply.len() + answers.iter().map(weight).sum::<usize>();
        if total <= SMALL || self.take(total) {
            return;
        }
        self.spent.store(true, Ordering::Relaxed);
        exchange.reply = Vec::new();
        let all = answers.len();
        let mut left = SMALL;
        let kept = answers.iter().take_while(|answer| {
            let room = left.checked_sub(weight(answer));
            left = room.unwrap_or_default();
            room.is_some()
        });
        let kept = kept.count();
        if kept < all {
            answers.truncate(kept);
            answers.shrink_to_fit();
            exchange.parsed.error = Some(format!(
                "the answer has {all} records, of which {kept} are kept: there is no \
                 room for more"
            ));
        }
    }

    /// Whether something was left out.
    pub(super) fn is_spent(&self) -> bool {
        self.spent.load(Ordering::Relaxed)
    }

    fn take(&self, weight: usize) -> bool {
        let take = |left: usize| left.checked_sub(weight);
        self.left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take)
            .is_ok()
    }
}

fn weight(answer: &Answer) -> usize {
    size_of::<Answer>() + answer.name.len() + answer.record_type.len() + answer.data.len()
}
