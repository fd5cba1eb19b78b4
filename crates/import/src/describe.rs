//! ConfigMaps as `kubectl describe` prints them.

use digpod_bundle::DerivedValue;
use digpod_bundle::json::escape_step;
use digpod_bundle::k8s::ConfigMap;

use crate::found::{Found, Output, json, value};
use crate::kinds::config_map_entry;

/// Reads `Name:`, `Namespace:` and below `Data` / `====` each key with its text:
///
/// ```text
/// Corefile:
/// ----
/// .:53 {
/// ```
pub(crate) fn recognise(text: &str) -> Option<Found> {
    let lines: Vec<&str> = text
        .lines()
        .map(|line| line.trim_end_matches('\r'))
        .collect();
    let mut maps = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        if is_heading(&lines, at, "Data") {
            let head = head(&lines, at);
            let (map, values, next) = read(&lines, at + 2, head);
            maps.push((map, values));
            at = next;
        } else {
            at += 1;
        }
    }
    let names: Vec<&str> = maps
        .iter()
        .map(|(map, _)| map.metadata.name.as_str())
        .collect();
    let first = names.first()?;
    let why = format!("`Name: {first}`, then `Data` and `====`");
    let taken_for = format!(
        "ConfigMap {} as `kubectl describe` prints it",
        names.join(", ")
    );
    let mut found = Found::new(taken_for, why);
    for (map, values) in &maps {
        match config_map_entry(&map.metadata) {
            Ok(entry) => found.outputs.push(Output {
                entry,
                bytes: json(map),
                values: values.clone(),
            }),
            Err(note) => found.why = format!("{}; {note}", found.why),
        }
    }
    Some(found)
}

/// Name, namespace and the line of the name, from the lines above `Data`.
fn head(lines: &[&str], data: usize) -> (ConfigMap, usize) {
    let mut map = ConfigMap::default();
    for (number, line) in lines.iter().enumerate().take(data).rev() {
        if let Some(namespace) = line.strip_prefix("Namespace:") {
            map.metadata.namespace = Some(namespace.trim().to_owned()).filter(|n| !n.is_empty());
        } else if let Some(name) = line.strip_prefix("Name:") {
            name.trim().clone_into(&mut map.metadata.name);
            return (map, number);
        }
    }
    (map, data)
}

/// Reads keys and texts from the line after `====`; returns the line on which it stopped.
fn read(
    lines: &[&str],
    from: usize,
    (mut map, name_line): (ConfigMap, usize),
) -> (ConfigMap, Vec<DerivedValue>, usize) {
    let mut values = vec![value("", name_line + 1, 0)];
    let mut at = from;
    while let Some(line) = lines.get(at) {
        if is_end(lines, at) {
            break;
        }
        let Some(key) = key_at(lines, at) else {
            // Blank lines before the first key; anything else is not of this section.
            if line.trim().is_empty() {
                at += 1;
                continue;
            }
            break;
        };
        let first = at + 2;
        let mut end = first;
        // A ConfigMap has each key once: a second heading of the same name is part of a text.
        let is_new =
            |at| key_at(lines, at).is_some_and(|it| it != key && !map.data.contains_key(it));
        while end < lines.len() && !is_new(end) && !is_end(lines, end) {
            end += 1;
        }
        let body = lines.get(first..end).unwrap_or_default();
        // `describe` adds empty lines after a text; how many the text had itself is lost.
        let kept = body
            .iter()
            .rposition(|line| !line.is_empty())
            .map_or(0, |last| last + 1);
        let mut text = body.get(..kept).unwrap_or_default().join("\n");
        if !text.is_empty() {
            text.push('\n');
        }
        values.push(value(format!("/data/{}", escape_step(key)), first + 1, 0));
        map.data.insert(key.to_owned(), text);
        at = end;
    }
    (map, values, at)
}

/// The key of a text, if one begins here.
fn key_at<'a>(lines: &[&'a str], at: usize) -> Option<&'a str> {
    let key = lines.get(at)?.strip_suffix(':')?;
    let under = lines.get(at + 1)?.trim_end();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    (under == "----" && !key.is_empty() && key.chars().all(plain)).then_some(key)
}

/// Whether the texts end here: at the next heading, or where another object begins.
fn is_end(lines: &[&str], at: usize) -> bool {
    let line = lines.get(at).copied().unwrap_or("");
    let after_blank = at
        .checked_sub(1)
        .and_then(|above| lines.get(above))
        .is_none_or(|l| l.trim().is_empty());
    is_heading(lines, at, "BinaryData")
        || (after_blank && (line.starts_with("Events:") || (line.starts_with("Name:  "))))
}

fn is_heading(lines: &[&str], at: usize, heading: &str) -> bool {
    let is = |at: usize, text: &str| lines.get(at).is_some_and(|line| line.trim_end() == text);
    is(at, heading) && is(at + 1, "====")
}

#[cfg(test)]
mod tests {
    use super::recognise;

    #[test]
    fn a_heading_that_came_before_is_part_of_a_text() {
        let text = "Name:  coredns\n\nData\n====\nCorefile:\n----\na\nCorefile:\n----\nb\n";
        let found = recognise(text).unwrap();
        let map: serde_json::Value = serde_json::from_slice(&found.outputs[0].bytes).unwrap();
        assert_eq!(map["data"]["Corefile"], "a\nCorefile:\n----\nb\n");
    }
}
