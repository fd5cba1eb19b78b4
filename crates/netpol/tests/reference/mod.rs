//! An independent evaluator, straight from the API's documentation, and cases to compare with.

pub(crate) mod address;
pub(crate) mod brute;
pub(crate) mod generate;
