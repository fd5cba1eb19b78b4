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

/// The name of a pod, with its namespace before a slash where that may stand there.
pub(super) fn pod(typed: Option<&str>) -> Result<(), Failure> {
    let is_pod = |text: &str| {
        let (namespace, name) = text.split_once('/').unwrap_or(("default", text));
        is_label(namespace) && name.len() <= 253 && name.split('.').all(is_label)
    };
    // What is empty is told of as such.
    match typed.filter(|it| !it.trim().is_empty() && !is_pod(it)) {
        None => Ok(()),
        Some(text) => Err(Failure::usage(format!("{text:?} is no name of a pod"))
            .help("`kubectl get pods -A` lists them")),
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

#[cfg(test)]
mod tests {
    use super::pod;

    #[test]
    fn names_of_pods_are_told_from_slips() {
        for good in ["web-7d9c5bb6c4-x2m8k", "shop/web.0", "a"] {
            assert!(pod(Some(good)).is_ok(), "{good}");
        }
        for bad in ["we b", "Web", "shop/", "a/b/c", "-a", "a..b"] {
            assert!(pod(Some(bad)).is_err(), "{bad}");
        }
    }
}
