//! Lines as wide as the terminal.

use digpod_report::wrap;

/// As the report's text is.
const NARROWEST: usize = 60;
const WIDEST: usize = 120;
/// How far further lines of an item stand in.
const HANG: usize = 2;

/// Text that grows downwards.
pub(super) struct Page {
    text: String,
    width: usize,
}

impl Page {
    pub(super) fn new(width: usize) -> Self {
        Self {
            text: String::new(),
            width: width.clamp(NARROWEST, WIDEST),
        }
    }

    pub(super) fn finish(self) -> String {
        self.text
    }

    /// A line that is not to be wrapped.
    pub(super) fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// A paragraph that stands so far in.
    pub(super) fn paragraph(&mut self, indent: usize, text: &str) {
        for line in wrap(text, self.width.saturating_sub(indent)) {
            self.line(&format!("{:indent$}{line}", ""));
        }
    }

    /// The same with further lines further in.
    pub(super) fn item(&mut self, indent: usize, text: &str) {
        let inner = self.width.saturating_sub(indent + HANG);
        for (at, line) in wrap(text, inner).iter().enumerate() {
            let indent = indent + if at == 0 { 0 } else { HANG };
            self.line(&format!("{:indent$}{line}", ""));
        }
    }
}
