//! resolv.conf files, of a pod or of a node.

use digpod_bundle::layout;

use crate::found::{Found, Name};
use crate::section::Section;

/// Words that begin a line.
const KEYWORDS: [&str; 5] = ["nameserver", "search", "domain", "options", "sortlist"];

/// Only lines of resolv.conf and comments, among them a `nameserver` or `search`.
pub(crate) fn recognise(section: &Section<'_>) -> Option<Found> {
    let mut words = section
        .text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with(['#', ';']))
        .map(|line| line.split_ascii_whitespace().next().unwrap_or(""));
    let mut telling = false;
    let all = words.all(|word| {
        telling |= matches!(word, "nameserver" | "search");
        KEYWORDS.contains(&word)
    });
    if !all || !telling {
        return None;
    }
    let conf = digpod_resolv::parse(section.text);
    let servers = match conf.nameservers.len() {
        0 => "no `nameserver`".to_owned(),
        1 => "one `nameserver`".to_owned(),
        number => format!("{number} `nameserver` lines"),
    };
    Some(if digpod_resolv::looks_like_pod(&conf) {
        Found::new(
            "resolv.conf of a pod",
            format!("{servers}, search list or options as the kubelet writes them for pods"),
        )
        .with_text(
            Name::Only(layout::WORKLOAD_RESOLV_CONF.to_owned()),
            section.text,
        )
    } else {
        Found::new(
            "resolv.conf of a node",
            format!("{servers}, no cluster search domains"),
        )
        .with_text(
            Name::Numbered("nodes/unknown".to_owned(), "/resolv.conf".to_owned()),
            section.text,
        )
    })
}
