//! Which rows of a long text stand on the screen: the arithmetic of a windowed list.
//!
//! Browsers stop at some ten million pixels, so beyond [`MAX_HEIGHT`] the scroll bar stands for a
//! share of the text and no longer for pixels.

/// Height of a row in pixels; the style sheet says the same.
pub const ROW: u32 = 20;
/// Rows that are kept in the page at most.
pub const MAX_ROWS: u32 = 200;
/// Tallest list in pixels; Firefox ends a little below 18 million.
const MAX_HEIGHT: f64 = 8_000_000.0;

/// A list of rows behind a window of `viewport` pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    /// Number of rows.
    pub total: u32,
    /// Height of what is visible, in pixels.
    pub viewport: f64,
}

impl Window {
    /// Height of the whole list in pixels.
    pub fn height(self) -> f64 {
        (f64::from(self.total) * f64::from(ROW))
            .min(MAX_HEIGHT)
            .max(self.viewport)
    }

    /// The row at the upper edge, with a fraction.
    fn top_row(self, scroll: f64) -> f64 {
        let most_scroll = (self.height() - self.viewport).max(0.0);
        let most_row = (f64::from(self.total) - self.viewport / f64::from(ROW)).max(0.0);
        if most_scroll <= 0.0 {
            0.0
        } else {
            (scroll / most_scroll).clamp(0.0, 1.0) * most_row
        }
    }

    /// First and one past the last visible row.
    pub fn visible(self, scroll: f64) -> (u32, u32) {
        let top = self.top_row(scroll);
        let first = whole(top);
        let last = whole(top + self.viewport / f64::from(ROW)).saturating_add(1);
        (first.min(self.total), last.min(self.total))
    }

    /// Rows to keep for a scroll position: the visible ones in the middle, at most [`MAX_ROWS`].
    pub fn rows(self, scroll: f64) -> (u32, u32) {
        let (first, last) = self.visible(scroll);
        let spare = MAX_ROWS.saturating_sub(last - first) / 2;
        let start = first.saturating_sub(spare);
        (start, start.saturating_add(MAX_ROWS).min(self.total))
    }

    /// Where to put rows that begin with `first`, in pixels from the top of the list.
    pub fn offset(self, scroll: f64, first: u32) -> f64 {
        let top = self.top_row(scroll);
        scroll - (top - f64::from(first)) * f64::from(ROW)
    }

    /// The scroll position that puts a row a third below the upper edge.
    pub fn scroll_to(self, row: u32) -> f64 {
        let visible = self.viewport / f64::from(ROW);
        let most_row = f64::from(self.total) - visible;
        if most_row <= 0.0 {
            return 0.0;
        }
        let top = (f64::from(row) - visible / 3.0).clamp(0.0, most_row);
        (self.height() - self.viewport) * top / most_row
    }
}

/// Rounds down; what is out of range is its nearest end.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast from float to integer saturates, which is what is wanted"
)]
fn whole(number: f64) -> u32 {
    number.floor() as u32
}

#[cfg(test)]
mod tests {
    use super::{MAX_ROWS, Window};

    const SHORT: Window = Window {
        total: 10,
        viewport: 600.0,
    };
    const LONG: Window = Window {
        total: 1_000,
        viewport: 600.0,
    };
    const HUGE: Window = Window {
        total: 100_000_000,
        viewport: 600.0,
    };

    #[test]
    fn a_short_text_is_there_as_a_whole() {
        assert_eq!(SHORT.rows(0.0), (0, 10));
        assert!(SHORT.offset(0.0, 0).abs() < 1e-6);
        assert!(SHORT.scroll_to(9).abs() < 1e-6);
    }

    #[test]
    fn rows_of_a_long_text_stand_at_their_own_pixels() {
        assert!((LONG.height() - 20_000.0).abs() < 1e-6);
        for scroll in [0.0, 137.0, 9_000.0, 19_400.0] {
            let (first, _) = LONG.rows(scroll);
            assert!((LONG.offset(scroll, first) - f64::from(first) * 20.0).abs() < 1e-3);
        }
    }

    #[test]
    fn every_row_can_be_reached_however_long_the_text_is() {
        for window in [LONG, HUGE] {
            for row in [0, 1, window.total / 3, window.total - 1] {
                let scroll = window.scroll_to(row);
                let (first, last) = window.visible(scroll);
                assert!((first..last).contains(&row), "{row} of {}", window.total);
                let (start, end) = window.rows(scroll);
                assert!(end - start <= MAX_ROWS && start <= first && last <= end);
            }
        }
    }

    #[test]
    fn the_end_of_the_scroll_bar_is_the_end_of_the_text() {
        for window in [SHORT, LONG, HUGE] {
            assert_eq!(
                window.visible(window.height() - window.viewport).1,
                window.total
            );
        }
    }
}
