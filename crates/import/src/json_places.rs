//! Lines of values in JSON.

use digpod_bundle::json::escape_step;

use crate::places::Seen;

/// Everything seen in a valid JSON document that begins on line `first` of the section.
pub(crate) fn seen(document: &str, first: usize) -> Vec<Seen> {
    let mut seen = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    let mut line = first;
    let mut line_start = document;
    let mut rest = document;
    let mut key: Option<String> = None;
    while let Some(next) = rest.chars().next() {
        let token = match next {
            '"' => string(rest),
            c if c.is_ascii_alphanumeric() || c == '-' => rest
                .find([',', '}', ']', ' ', '\t', '\r', '\n'])
                .unwrap_or(rest.len()),
            c => c.len_utf8(),
        };
        let (text, after) = rest.split_at_checked(token).unwrap_or((rest, ""));
        let here = rest;
        rest = after;
        match next {
            '\n' => {
                line += 1;
                line_start = after;
            }
            ' ' | '\t' | '\r' | ':' => {}
            ',' => {
                if let Some(list) = open.last_mut() {
                    list.index += 1;
                }
                key = None;
            }
            '}' | ']' => {
                open.pop();
                key = None;
            }
            '"' if key.is_none() && open.last().is_some_and(|open| !open.list) => {
                key = Some(serde_json::from_str(text).unwrap_or_default());
            }
            _ => {
                let pointer = match open.last() {
                    None => String::new(),
                    Some(list) if list.list => format!("{}/{}", list.pointer, list.index),
                    Some(map) => {
                        let key = key.as_deref().unwrap_or_default();
                        format!("{}/{}", map.pointer, escape_step(key))
                    }
                };
                let before = line_start.len() - here.len();
                let before = line_start
                    .get(..before)
                    .map_or(0, |text| text.chars().count());
                seen.push(Seen {
                    pointer: pointer.clone(),
                    line,
                    column: before + usize::from(next == '"'),
                    block: None,
                });
                if matches!(next, '{' | '[') {
                    open.push(Open {
                        list: next == '[',
                        pointer,
                        index: 0,
                    });
                    key = None;
                }
            }
        }
    }
    seen
}

/// An object or list that is not closed yet.
struct Open {
    list: bool,
    pointer: String,
    index: usize,
}

fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::seen;

    #[test]
    fn values_are_found_on_their_lines() {
        let text = "{\n \"a\": [1,\n  {\"b/c\": \"x\\\"y\"}],\n \"d\": {}\n}\n";
        let places: Vec<_> = seen(text, 1)
            .into_iter()
            .map(|seen| (seen.pointer, seen.line, seen.column))
            .collect();
        let expected = [
            ("", 1, 0),
            ("/a", 2, 6),
            ("/a/0", 2, 7),
            ("/a/1", 3, 2),
            ("/a/1/b~1c", 3, 11),
            ("/d", 4, 6),
        ];
        assert_eq!(
            places,
            expected.map(|(pointer, line, column)| (pointer.to_owned(), line, column))
        );
    }
}
