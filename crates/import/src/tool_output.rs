//! Output of the DNS tools that people run by hand: dig, host, nslookup.

use digpod_bundle::layout;

use crate::found::{Found, Name};
use crate::section::Section;

/// Tells the tool by the lines only it prints; a typed command decides between those that share
/// a line.
pub(crate) fn recognise(section: &Section<'_>, file: &str) -> Option<Found> {
    let (tool, sign) = tool(section)?;
    let why = match section.command {
        Some(command) => format!("{sign}, after the command `{command}`"),
        None => sign,
    };
    let (stem, ending) = file.rsplit_once('.').unwrap_or((file, "txt"));
    let entry = Name::Numbered(layout::tool_output(stem), format!(".{ending}"));
    Some(Found::new(format!("output of {tool}"), why).with_text(entry, section.text))
}

fn tool(section: &Section<'_>) -> Option<(&'static str, String)> {
    let lines = || section.text.lines().map(str::trim_end).take(400);
    let find = |test: &dyn Fn(&str) -> bool| {
        let line = lines().find(|line| test(line))?;
        Some(format!(
            "line `{}`",
            line.chars().take(60).collect::<String>()
        ))
    };
    let typed = |tool: &str| {
        section.command.is_some_and(|command| {
            command
                .split_ascii_whitespace()
                .any(|word| word.rsplit('/').next() == Some(tool))
        })
    };
    let header = || find(&|line| line.starts_with(";; ->>HEADER<<-"));
    let nslookup = || {
        let server = find(&|line| line.starts_with("Server:"))?;
        find(&|line| line.starts_with("Address"))?;
        Some(server)
    };
    let host = || {
        find(&|line| {
            line.starts_with("Trying \"")
                || line.starts_with("Using domain server:")
                || (line.starts_with("Host ") && line.contains(" not found: "))
                || line.contains(" has address ")
                || line.contains(" has IPv6 address ")
                || line.contains(" is an alias for ")
                || line.contains(" mail is handled by ")
                || line.contains(" domain name pointer ")
        })
    };
    let dig = || {
        find(&|line| line.starts_with("; <<>> DiG "))
            .or_else(|| find(&|line| line.starts_with(";; Query time: ")))
    };
    let failed = || {
        find(&|line| {
            line.starts_with(";; connection timed out; no servers could be reached")
                || line.starts_with(";; communications error to ")
                || line.starts_with("** server can't find ")
                || line.starts_with("*** Can't find ")
        })
    };
    if let Some(sign) = dig() {
        return Some(("dig", sign));
    }
    if let Some(sign) = nslookup() {
        return Some(("nslookup", sign));
    }
    if let Some(sign) = host() {
        return Some(("host", sign));
    }
    for tool in ["dig", "host", "nslookup"] {
        if typed(tool) {
            let sign = header().or_else(failed);
            return Some((tool, sign.unwrap_or_else(|| "some lines".to_owned())));
        }
    }
    if let Some(sign) = header() {
        return Some(("dig or host", sign));
    }
    failed().map(|sign| ("a DNS tool", sign))
}
