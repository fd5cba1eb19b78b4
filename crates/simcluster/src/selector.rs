//! Label and field selectors.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::json::{at, list, text};

/// Whether an object has these labels.
pub(crate) fn has_labels(object: &Value, labels: &BTreeMap<String, String>) -> bool {
    labels
        .iter()
        .all(|(key, value)| label(object, key) == Some(value))
}

fn label<'a>(object: &'a Value, key: &str) -> Option<&'a str> {
    object.get("metadata")?.get("labels")?.get(key)?.as_str()
}

/// What one condition asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Test {
    In(Vec<String>),
    NotIn(Vec<String>),
    Exists,
    Absent,
}

impl Test {
    fn holds(&self, value: Option<&str>) -> bool {
        match self {
            Self::In(values) => value.is_some_and(|value| values.iter().any(|v| v == value)),
            Self::NotIn(values) => value.is_none_or(|value| values.iter().all(|v| v != value)),
            Self::Exists => value.is_some(),
            Self::Absent => value.is_none(),
        }
    }
}

/// Both selectors of a request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Selector {
    labels: Vec<(String, Test)>,
    fields: Vec<(String, Test)>,
}

impl Selector {
    /// Reads `labelSelector` and `fieldSelector`.
    pub(crate) fn parse(labels: &str, fields: &str) -> Result<Self, String> {
        let labels = split(labels)
            .into_iter()
            .map(condition)
            .collect::<Result<_, _>>()?;
        let fields = split(fields)
            .into_iter()
            .map(condition)
            .collect::<Result<_, _>>()?;
        Ok(Self { labels, fields })
    }

    /// Whether it says nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.labels.is_empty() && self.fields.is_empty()
    }

    /// Labels without which no object fits.
    pub(crate) fn needed(&self) -> impl Iterator<Item = &str> {
        self.labels
            .iter()
            .filter(|(_, test)| matches!(test, Test::In(_) | Test::Exists))
            .map(|(key, _)| key.as_str())
    }

    /// Whether an object fits.
    pub(crate) fn fits(&self, object: &Value) -> bool {
        self.labels
            .iter()
            .all(|(key, test)| test.holds(label(object, key)))
            && self
                .fields
                .iter()
                .all(|(path, test)| test.holds(Some(&field(object, path))))
    }
}

/// A field as its selector sees it: what is not there is empty.
fn field(object: &Value, path: &str) -> String {
    match at(object, path) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => String::new(),
        Some(other) => other.to_string(),
    }
}

/// Splits at commas outside parentheses.
fn split(selector: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    let parts = selector.split(|letter: char| {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        letter == ',' && depth == 0
    });
    parts
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect()
}

fn condition(text: &str) -> Result<(String, Test), String> {
    let bad = || format!("unable to parse requirement: {text:?}");
    let own = |text: &str| text.trim().to_owned();
    if let Some((key, values)) = text.split_once('(') {
        let values = values
            .strip_suffix(')')
            .ok_or_else(bad)?
            .split(',')
            .map(own)
            .collect();
        let (key, word) = key.trim().rsplit_once(' ').ok_or_else(bad)?;
        return match word {
            "in" => Ok((own(key), Test::In(values))),
            "notin" => Ok((own(key), Test::NotIn(values))),
            _ => Err(bad()),
        };
    }
    if let Some((key, value)) = text.split_once("!=") {
        return Ok((own(key), Test::NotIn(vec![own(value)])));
    }
    if let Some((key, value)) = text.split_once("==").or_else(|| text.split_once('=')) {
        return Ok((own(key), Test::In(vec![own(value)])));
    }
    match text.strip_prefix('!') {
        Some(key) => Ok((own(key), Test::Absent)),
        None => Ok((own(text), Test::Exists)),
    }
}

/// Whether a selector of an object (`matchLabels`, `matchExpressions`) fits these labels.
pub(crate) fn expression_fits(expression: &Value, value: Option<&str>) -> bool {
    let values = || {
        list(expression, "values")
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect()
    };
    let number = |text: &str| text.parse::<i64>().ok();
    let first = list(expression, "values").first().and_then(Value::as_str);
    match text(expression, "operator") {
        "In" => Test::In(values()).holds(value),
        "NotIn" => Test::NotIn(values()).holds(value),
        "Exists" => Test::Exists.holds(value),
        "DoesNotExist" => Test::Absent.holds(value),
        "Gt" => value.and_then(number) > first.and_then(number),
        "Lt" => value.is_some() && value.and_then(number) < first.and_then(number),
        _ => false,
    }
}
