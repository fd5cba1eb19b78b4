//! Names that were typed: what is none is said before a cluster is asked.

use crate::error::Failure;

/// The name of a namespace, if one was typed.
pub(super) fn namespace(typed: Option<&str>) -> Result<(), Failure> {
    match typed.filter(|it| !is_label(it)) {
        None => Ok(()),
        Some(text) => Err(
            Failure::usage(format!("{text:?} is no name of a namespace"))
                .help("`kubectl get namespaces` lists them"),
        ),
    }
}

/// An RFC 1123 label, as Kubernetes wants it.
fn is_label(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=63).contains(&text.len())
        && text.chars().all(plain)
        && !text.starts_with('-')
        && !text.ends_with('-')
}
