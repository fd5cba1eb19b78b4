//! How many cases are tried.

/// A number from the environment, or the default.
pub(crate) fn count(variable: &str, default: usize) -> usize {
    std::env::var(variable)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}
