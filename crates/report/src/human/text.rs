//! Titles, paragraphs, list items and commands, wrapped to the width of the terminal.

use super::paint::Paint;
use crate::v1::Step;
use crate::words;

/// Text that grows downwards.
pub(super) struct Text {
    out: String,
    pub(super) paint: Paint,
    pub(super) width: usize,
}

impl Text {
    pub(super) fn new(color: bool, width: usize) -> Self {
        Self {
            out: String::new(),
            paint: Paint { color },
            width,
        }
    }

    pub(super) fn finish(self) -> String {
        self.out
    }

    /// A line that is laid out already.
    pub(super) fn line(&mut self, line: &str) {
        self.out.push_str(line.trim_end());
        self.out.push('\n');
    }

    /// An empty line, unless there is one.
    pub(super) fn gap(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    /// Begins a section.
    pub(super) fn title(&mut self, title: &str) {
        self.gap();
        let title = self.paint.strong(title);
        self.line(&title);
    }

    /// A paragraph.
    pub(super) fn paragraph(&mut self, indent: usize, text: &str) {
        self.item(indent, "", text);
    }

    /// A paragraph behind a mark; its further lines stand below its first word.
    pub(super) fn item(&mut self, indent: usize, mark: &str, text: &str) {
        let hang = indent + mark.chars().count();
        let lines = wrap(text, self.width.saturating_sub(hang));
        for (at, line) in lines.iter().enumerate() {
            let start = if at == 0 { mark } else { "" };
            self.line(&format!(
                "{:indent$}{start:width$}{line}",
                "",
                width = hang - indent
            ));
        }
    }

    /// Things to do, numbered if there are several.
    pub(super) fn steps(&mut self, steps: &[Step]) {
        for (at, step) in steps.iter().enumerate() {
            let mark = if steps.len() == 1 {
                String::new()
            } else {
                format!("{}. ", at + 1)
            };
            let (text, snippet) = words::snippet(&step.text);
            self.item(2, &mark, text);
            for line in snippet.lines() {
                self.line(&format!(
                    "{:indent$}{line}",
                    "",
                    indent = 2 + mark.len() + 2
                ));
            }
            if let Some(command) = &step.command {
                self.command(command, 2 + mark.len() + 2);
            }
        }
    }

    /// A command to paste. One of several lines stands at the margin between empty lines: its
    /// here-document would not end where its last line is indented.
    pub(super) fn command(&mut self, command: &str, indent: usize) {
        let at_margin = command.contains("<<");
        let indent = if at_margin { 0 } else { indent };
        if at_margin {
            self.gap();
        }
        for line in command.lines() {
            let line = self.paint.command(line);
            self.line(&format!("{:indent$}{line}", ""));
        }
        if at_margin {
            self.gap();
        }
    }
}

/// Lines of at most `width` characters; a longer word has a line for itself.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut length = 0;
    for word in text.split_whitespace() {
        let word_length = word.chars().count();
        if length > 0 && length + 1 + word_length > width {
            lines.push(std::mem::take(&mut line));
            length = 0;
        }
        if length > 0 {
            line.push(' ');
            length += 1;
        }
        line.push_str(word);
        length += word_length;
    }
    lines.push(line);
    lines
}
