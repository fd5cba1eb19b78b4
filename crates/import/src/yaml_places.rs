//! Lines of values in block-style YAML, as kubectl and people write it.
//!
//! A scanner for evidence only: values come from the YAML parser, and a text whose lines are not
//! where this says is given no place at all.

use digpod_bundle::json::escape_step;

use crate::places::Seen;

/// Everything seen in a document that begins on line `first` of the section.
pub(crate) fn seen(document: &str, first: usize) -> Vec<Seen> {
    let mut scanner = Scanner {
        lines: document.lines().collect(),
        first,
        open: Vec::new(),
        seen: Vec::new(),
    };
    scanner.scan();
    scanner.seen
}

struct Scanner<'a> {
    lines: Vec<&'a str>,
    first: usize,
    open: Vec<Open>,
    seen: Vec<Seen>,
}

/// A map or list that is not closed yet.
struct Open {
    indent: usize,
    list: bool,
    pointer: String,
    /// Number of the list's last item.
    index: usize,
    /// Pointer of the last value in it.
    last: String,
}

impl Scanner<'_> {
    fn scan(&mut self) {
        let mut at = 0;
        while let Some(line) = self.lines.get(at).copied() {
            let text = line.trim_start_matches(' ');
            let indent = line.len() - text.len();
            let text = text.trim_end();
            at += 1;
            if text.is_empty() || text.starts_with('#') || text.starts_with("---") {
                continue;
            }
            if self.seen.is_empty() {
                self.push(String::new(), at - 1, 0, None);
            }
            at = self.line(text, indent, at);
        }
    }

    /// Takes one line apart; returns the line to go on with.
    fn line(&mut self, mut text: &str, mut indent: usize, next: usize) -> usize {
        while let Some(rest) = text
            .strip_prefix('-')
            .filter(|rest| rest.is_empty() || rest.starts_with(' '))
        {
            self.item(indent, next - 1);
            let inner = rest.trim_start_matches(' ');
            indent += text.len() - inner.len();
            text = inner;
        }
        let Some((key, rest)) = key(text) else {
            return next;
        };
        let pointer = self.key(key, indent);
        let block = rest.starts_with(['|', '>']);
        if !block {
            // A scalar begins after its quote; what goes on below begins with its key.
            let before = text.len() - rest.trim_start_matches(['"', '\'']).len();
            let column = if rest.is_empty() {
                0
            } else {
                characters(text, before)
            };
            self.push(pointer, next - 1, indent + column, None);
            return next;
        }
        let deeper = |line: &&str| line.trim().is_empty() || indent_of(line) > indent;
        let rest_of = self.lines.get(next..).unwrap_or_default();
        let length = rest_of.iter().take_while(|line| deeper(line)).count();
        let given = rest
            .chars()
            .find_map(|c| c.to_digit(10))
            .map(|digit| indent + digit as usize);
        let first_text = rest_of
            .iter()
            .take(length)
            .find(|line| !line.trim().is_empty());
        let inner = given.or_else(|| first_text.map(|line| indent_of(line)));
        let block = inner.map(|inner| (self.first + next, inner));
        self.push(pointer, next - 1, indent, block);
        next + length
    }

    fn item(&mut self, indent: usize, line: usize) {
        self.close(|open| open.indent > indent);
        match self
            .open
            .last_mut()
            .filter(|open| open.list && open.indent == indent)
        {
            Some(list) => list.index += 1,
            None => self.open(indent, true),
        }
        let Some(list) = self.open.last_mut() else {
            return;
        };
        list.last = format!("{}/{}", list.pointer, list.index);
        let pointer = list.last.clone();
        self.push(pointer, line, indent, None);
    }

    fn key(&mut self, key: &str, indent: usize) -> String {
        self.close(|open| open.indent > indent || (open.indent == indent && open.list));
        if self.open.last().is_none_or(|open| open.indent < indent) {
            self.open(indent, false);
        }
        let Some(map) = self.open.last_mut() else {
            return String::new();
        };
        map.last = format!("{}/{}", map.pointer, escape_step(key));
        map.last.clone()
    }

    fn close(&mut self, over: impl Fn(&Open) -> bool) {
        while self.open.last().is_some_and(&over) {
            self.open.pop();
        }
    }

    fn open(&mut self, indent: usize, list: bool) {
        let pointer = self
            .open
            .last()
            .map_or(String::new(), |open| open.last.clone());
        self.open.push(Open {
            indent,
            list,
            pointer: pointer.clone(),
            index: 0,
            last: pointer,
        });
    }

    /// `line` counts from 0 within the document.
    fn push(&mut self, pointer: String, line: usize, column: usize, block: Option<(usize, usize)>) {
        self.seen.push(Seen {
            pointer,
            line: self.first + line,
            column,
            block,
        });
    }
}

/// Key and the rest of a line `key: rest` or `"key": rest`.
fn key(text: &str) -> Option<(&str, &str)> {
    for quote in ['"', '\''] {
        if let Some(rest) = text.strip_prefix(quote) {
            let (key, rest) = rest.split_once(quote)?;
            return Some((key, rest.strip_prefix(':')?.trim_start()));
        }
    }
    if let Some((key, rest)) = text.split_once(": ") {
        return Some((key.trim_end(), rest.trim_start()));
    }
    Some((text.strip_suffix(':')?, ""))
}

/// Characters in the first bytes of a text.
fn characters(text: &str, bytes: usize) -> usize {
    text.get(..bytes).map_or(0, |text| text.chars().count())
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

#[cfg(test)]
mod tests {
    use super::seen;

    #[test]
    fn keys_items_and_blocks_are_found_where_they_stand() {
        let text = "\
apiVersion: v1
items:
- data:
    a.server: |
      one:53 {
      }

    'b': text
  kind: ConfigMap
- - x
  - y: 1
";
        let places: Vec<String> = seen(text, 10)
            .iter()
            .map(|seen| {
                format!(
                    "{}:{}:{}:{:?}",
                    seen.pointer, seen.line, seen.column, seen.block
                )
            })
            .collect();
        let expected = [
            ":10:0:None",
            "/apiVersion:10:12:None",
            "/items:11:0:None",
            "/items/0:12:0:None",
            "/items/0/data:12:2:None",
            "/items/0/data/a.server:13:4:Some((14, 6))",
            "/items/0/data/b:17:9:None",
            "/items/0/kind:18:8:None",
            "/items/1:19:0:None",
            "/items/1/0:19:2:None",
            "/items/1/1:20:2:None",
            "/items/1/1/y:20:7:None",
        ];
        assert_eq!(places, expected);
    }
}
