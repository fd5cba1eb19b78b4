//! For the person on call: the cause and its fix come first, the rest below.
//!
//! Only ASCII is drawn and nothing is said by colour alone, so the same text fits a terminal, a log
//! and a chat. Commands are never wrapped.

mod alike;
mod answers;
mod cause;
mod excerpt;
mod glance;
mod paint;
mod pick;
mod rest;
mod text;

use crate::v1::Report;
use text::Text;

pub use text::wrap;

/// How the text is drawn.
#[derive(Clone, Copy, Debug)]
pub struct HumanOptions {
    /// Whether to colour. Nothing is said by colour alone.
    pub color: bool,
    /// Columns of the terminal; text is wrapped at 60 to 120.
    pub width: usize,
}

/// The report as terminal text.
pub fn human(report: &Report, options: &HumanOptions) -> String {
    let mut text = Text::new(options.color, options.width.clamp(60, 120));
    cause::verdict(&mut text, report);
    if let Some((first, others)) = report.causes.split_first() {
        cause::first(&mut text, report, first);
        cause::decide(&mut text, report, first);
        glance::glance(&mut text, report);
        cause::others(&mut text, others);
    } else {
        glance::glance(&mut text, report);
    }
    rest::findings(&mut text, report);
    answers::answers(&mut text, report);
    rest::gaps(&mut text, report);
    rest::inputs(&mut text, report);
    rest::footer(&mut text, report);
    text.finish()
}
