//! Printing: a reader that went away is no error.

use std::io::{IsTerminal as _, Write as _};

use digpod_report::{HumanOptions, human, json, markdown, v1};

use crate::cli::{Color, FailOn, Format};
use crate::error::Failure;
use crate::exit::Exit;

/// Prints to standard output.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    print_bytes(text.as_bytes())
}

/// Prints bytes to standard output as they are.
pub(crate) fn print_bytes(bytes: &[u8]) -> Result<(), Failure> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Failure::new(format!(
            "cannot write to standard output: {error}"
        ))),
        _ => Ok(()),
    }
}

/// A report in the form that was asked for.
pub(crate) fn shown(report: &v1::Report, format: Format, color: Color) -> String {
    match format {
        Format::Json => json(report),
        Format::Markdown => markdown(report),
        Format::Human => human(
            report,
            &HumanOptions {
                color: colored(color),
                width: width(),
            },
        ),
    }
}

/// Whether to colour standard output.
pub(crate) fn colored(color: Color) -> bool {
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => {
            std::io::stdout().is_terminal()
                && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
                && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
        }
    }
}

/// 1 if a finding is at least so severe.
pub(crate) fn judged(report: &v1::Report, fail_on: Option<FailOn>) -> Exit {
    let Some(limit) = fail_on else {
        return Exit::Done;
    };
    let severity = |word: &str| match word {
        "critical" => FailOn::Critical,
        "high" => FailOn::High,
        "medium" => FailOn::Medium,
        "low" => FailOn::Low,
        _ => FailOn::Info,
    };
    let found = report
        .findings
        .iter()
        .any(|finding| severity(&finding.severity) >= limit);
    if found { Exit::Findings } else { Exit::Done }
}

/// Columns where nobody says how many there are.
const COLUMNS: usize = 100;

/// Columns of what standard output is shown on: what COLUMNS says, else the terminal's own. All that
/// is wrapped is wrapped for these.
pub(crate) fn width() -> usize {
    let said = std::env::var("COLUMNS").ok();
    let said = said.and_then(|columns| columns.parse().ok());
    let own = || {
        let (width, _) = terminal_size::terminal_size_of(std::io::stdout())?;
        Some(usize::from(width.0))
    };
    let known = said.filter(|it| *it > 0).or_else(own);
    known.filter(|it| *it > 0).unwrap_or(COLUMNS)
}
