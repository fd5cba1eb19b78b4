//! Kubernetes objects as YAML or JSON: one, a list, or several documents.

use serde_json::Value;

use crate::found::Found;
use crate::kinds::Placing;
use crate::places::Seen;
use crate::{json_places, yaml_places};

/// Documents with a `kind`.
pub(crate) fn recognise(text: &str) -> Option<Found> {
    let (form, documents) = documents(text);
    if documents.is_empty() {
        return None;
    }
    let mut placing = Placing::new(text);
    for document in documents {
        match document {
            Ok(document) => placing.document(document),
            Err(error) => placing.broken(&error),
        }
    }
    placing.finish(form)
}

/// The form of a text and every document in it that has a `kind`.
pub(crate) fn documents(text: &str) -> (&'static str, Vec<Result<Document, String>>) {
    if text.trim_start().starts_with('{') {
        ("JSON", json_documents(text))
    } else {
        ("YAML", yaml_documents(text))
    }
}

/// A document and where its values stand.
pub(crate) struct Document {
    pub(crate) value: Value,
    pub(crate) seen: Vec<Seen>,
}

/// All documents up to the first that is broken.
fn json_documents(text: &str) -> Vec<Result<Document, String>> {
    let mut documents = Vec::new();
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    loop {
        let start = stream.byte_offset();
        let Some(next) = stream.next() else { break };
        match next {
            Ok(value) => {
                let first = 1 + newlines(text.get(..start));
                let document = text.get(start..stream.byte_offset()).unwrap_or("");
                let seen = json_places::seen(document, first);
                documents.push(Ok(Document { value, seen }));
            }
            Err(error) => {
                let claims = text.contains("\"apiVersion\"") && text.contains("\"kind\"");
                if claims {
                    documents.push(Err(error.to_string()));
                }
                break;
            }
        }
    }
    documents
}

/// Every document with a `kind` at its top; text before the first is left out.
fn yaml_documents(text: &str) -> Vec<Result<Document, String>> {
    let mut documents = Vec::new();
    let mut start = 0;
    let mut at = 0;
    let mut take = |range: std::ops::Range<usize>| {
        let document = text.get(range.clone()).unwrap_or("");
        let has = |key: &str| document.lines().any(|line| line.starts_with(key));
        if !has("kind:") {
            return;
        }
        let first = 1 + newlines(text.get(..range.start));
        match serde_saphyr::from_str_with_options::<Value>(document, options()) {
            Ok(value) => documents.push(Ok(Document {
                value,
                seen: yaml_places::seen(document, first),
            })),
            Err(error) if has("apiVersion:") => documents.push(Err(in_file(&error, first))),
            Err(_) => {}
        }
    };
    for line in text.split_inclusive('\n') {
        if line.trim_end() == "---" || line.starts_with("--- ") {
            take(start..at);
            start = at + line.len();
        }
        at += line.len();
    }
    take(start..text.len());
    documents
}

/// Room for the largest list somebody may send, but less depth than the parser's own limit: it
/// recurses, and a browser's stack is small.
fn options() -> serde_saphyr::Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: 48,
            max_events: 20_000_000,
            max_nodes: 10_000_000,
            max_total_scalar_bytes: 512 << 20,
        },
    }
}

/// What the YAML parser says, with the line of the text that the document begins on line `first` of.
fn in_file(error: &serde_saphyr::Error, first: usize) -> String {
    let text = error.to_string();
    let text = text.lines().next().unwrap_or("");
    let Some(location) = error.location() else {
        return text.to_owned();
    };
    let own = format!("line {} column {}", location.line(), location.column());
    let line = u64::try_from(first).unwrap_or(1) + location.line() - 1;
    text.replacen(
        &own,
        &format!("line {line} column {}", location.column()),
        1,
    )
}

fn newlines(text: Option<&str>) -> usize {
    text.unwrap_or("")
        .bytes()
        .filter(|byte| *byte == b'\n')
        .count()
}
