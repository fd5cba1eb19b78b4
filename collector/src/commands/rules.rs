//! `digpod explain` and `digpod rules`.

use std::fmt::Write as _;

use digpod_analysis::RULES;

use crate::error::Failure;
use crate::exit::Exit;
use crate::output::print;

pub(super) fn list() -> Result<Exit, Failure> {
    let width = RULES.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    let mut out = String::new();
    for rule in RULES {
        let _ = writeln!(
            out,
            "{:width$}  {:8}  {}",
            rule.id,
            rule.severity.as_str(),
            rule.summary()
        );
    }
    print(&out).map(|()| Exit::Done)
}

pub(super) fn explain(id: &str) -> Result<Exit, Failure> {
    if let Some(rule) = RULES.iter().find(|rule| rule.id == id) {
        let mut out = format!(
            "{} (severity {}, since {})\n\n",
            rule.id,
            rule.severity.as_str(),
            rule.since
        );
        for line in rule.markdown().lines() {
            let line = line
                .strip_prefix("## ")
                .map_or_else(|| line.to_owned(), str::to_uppercase);
            let _ = writeln!(out, "{}", line.trim_end());
        }
        return print(&out).map(|()| Exit::Done);
    }
    let word = id.rsplit('/').next().unwrap_or(id);
    let near: Vec<&str> = RULES
        .iter()
        .map(|rule| rule.id)
        .filter(|it| it.contains(word))
        .collect();
    let help = if near.is_empty() {
        "`digpod rules` lists them all".to_owned()
    } else {
        format!("did you mean {}?", near.join(" or "))
    };
    Err(Failure::usage(format!("there is no rule {id:?}")).help(help))
}
