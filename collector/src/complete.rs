//! Completion: for kubectl, which asks a program of its own name for it, and for shells.
//!
//! Whatever goes wrong here is silent: a shell that waits for a word must not get an error.

mod cluster;
mod line;
mod shells;

use std::ffi::OsString;
use std::fmt::Write as _;

use crate::error::Failure;
use crate::exit::Exit;
use crate::output;

pub(crate) use shells::Shell;

use line::Wanted;

/// The shell may complete file names; cobra's `ShellCompDirectiveDefault`.
const FILES: u8 = 0;
/// It may not; cobra's `ShellCompDirectiveNoFileComp`.
const NO_FILES: u8 = 4;

/// Prints candidates and a directive, as cobra's `__complete` does and kubectl reads it from
/// `kubectl_complete-digpod`. The last word is the one to complete.
pub(crate) fn run(words: &[OsString]) -> Result<Exit, Failure> {
    let words: Vec<String> = words
        .iter()
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let (candidates, files) = candidates(&words);
    let mut text = String::new();
    for (word, about) in candidates {
        let line = if about.is_empty() {
            word
        } else {
            format!("{word}\t{about}")
        };
        let _ = writeln!(text, "{line}");
    }
    let _ = writeln!(text, ":{}", if files { FILES } else { NO_FILES });
    output::print(&text).map(|()| Exit::Done)
}

/// Prints the script that a shell reads.
pub(crate) fn script(shell: Shell) -> Result<Exit, Failure> {
    output::print(&shells::script(shell)).map(|()| Exit::Done)
}

fn candidates(words: &[String]) -> (Vec<(String, String)>, bool) {
    let line = line::read(words);
    let found = match line.wanted {
        Wanted::Words(words) => words,
        Wanted::Files => return (Vec::new(), true),
        Wanted::Nothing => Vec::new(),
        Wanted::Rules => digpod_analysis::RULES
            .iter()
            .map(|rule| (rule.id.to_owned(), String::new()))
            .collect(),
        Wanted::Contexts => plain(cluster::contexts(&line.flags)),
        Wanted::Clusters => plain(cluster::clusters(&line.flags)),
        Wanted::Users => plain(cluster::users(&line.flags)),
        Wanted::Namespaces => plain(cluster::namespaces(&line.flags)),
        Wanted::Pods => plain(cluster::pods(&line.flags, line.namespace.as_deref())),
    };
    let mut found: Vec<(String, String)> = found
        .into_iter()
        .filter(|(word, _)| word.starts_with(&line.begun))
        .map(|(word, about)| (format!("{}{word}", line.before), about))
        .collect();
    found.sort();
    found.dedup();
    (found, false)
}

fn plain(words: Vec<String>) -> Vec<(String, String)> {
    words
        .into_iter()
        .map(|word| (word, String::new()))
        .collect()
}
