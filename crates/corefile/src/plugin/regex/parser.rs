//! Reads RE2 syntax (Go's regexp/syntax with its Perl flags).

mod brackets;
mod escapes;
mod groups;

use super::{Look, Set};

/// Deepest nesting that is read here; Go reads 1000 levels.
const MAX_DEPTH: usize = 250;
/// Stands for an error of ours, not of Go's.
pub(super) const TOO_DEEP: &str = "too deep";
/// Largest count of a repetition.
const MAX_REPEAT: u32 = 1000;
/// Most copies that nested repetitions may stand for together.
const MAX_COPIES: u64 = 1000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    Empty,
    Char(Set),
    Look(Look),
    Group(Box<Node>, Option<usize>),
    Concat(Vec<Node>),
    Alternate(Vec<Node>),
    /// Node, least, most, greedy.
    Repeat(Box<Node>, u32, Option<u32>, bool),
}

pub(super) struct Parsed {
    pub(super) tree: Node,
    pub(super) groups: usize,
    pub(super) undecided: bool,
}

#[derive(Clone, Copy)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the syntax has these four flags"
)]
struct Flags {
    fold: bool,
    multi: bool,
    dot_all: bool,
    lazy: bool,
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    flags: Flags,
    groups: usize,
    depth: usize,
    undecided: bool,
}

fn error(code: &str, what: &str) -> String {
    format!("error parsing regexp: {code}: `{what}`")
}

pub(super) fn parse(text: &str) -> Result<Parsed, String> {
    let mut parser = Parser {
        text,
        at: 0,
        flags: Flags {
            fold: false,
            multi: false,
            dot_all: false,
            lazy: false,
        },
        groups: 0,
        depth: 0,
        undecided: false,
    };
    let tree = parser.alternatives()?;
    if parser.peek() == Some(')') {
        return Err(error("unexpected )", text));
    }
    Ok(Parsed {
        tree,
        groups: parser.groups,
        undecided: parser.undecided,
    })
}

/// How many copies the deepest chain of counted repetitions stands for.
fn copies(node: &Node) -> u64 {
    match node {
        Node::Group(node, _) => copies(node),
        Node::Concat(nodes) | Node::Alternate(nodes) => nodes.iter().map(copies).max().unwrap_or(1),
        Node::Repeat(node, least, most, _) => {
            let count = u64::from(most.unwrap_or(*least).max(1));
            count.saturating_mul(copies(node))
        }
        _ => 1,
    }
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn bump(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn take(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            self.at += text.len();
        }
        found
    }

    fn alternatives(&mut self) -> Result<Node, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(TOO_DEEP.to_owned());
        }
        let flags = self.flags;
        let mut all = vec![self.sequence()?];
        while self.take("|") {
            all.push(self.sequence()?);
        }
        self.flags = flags;
        self.depth -= 1;
        Ok(match all.pop() {
            Some(only) if all.is_empty() => only,
            Some(last) => {
                all.push(last);
                Node::Alternate(all)
            }
            None => Node::Empty,
        })
    }

    fn sequence(&mut self) -> Result<Node, String> {
        let mut nodes: Vec<Node> = Vec::new();
        // Where the last repetition operator began, for `**`.
        let mut last_operator: Option<usize> = None;
        while let Some(c) = self.peek() {
            let start = self.at;
            if self.take("\\Q") {
                // An operator behind it repeats the last character only.
                let rest = self.rest();
                let (quoted, skip) = match rest.split_once("\\E") {
                    Some((quoted, _)) => (quoted, quoted.len() + 2),
                    None => (rest, rest.len()),
                };
                self.at += skip;
                nodes.extend(quoted.chars().map(|c| self.literal(c)));
                last_operator = None;
                continue;
            }
            match c {
                '|' | ')' => break,
                '*' | '+' | '?' | '{' => {
                    let Some((least, most)) = self.repetition(c)? else {
                        self.bump();
                        nodes.push(self.literal('{'));
                        last_operator = None;
                        continue;
                    };
                    let lazy = self.take("?");
                    let written = self.text.get(start..self.at).unwrap_or_default();
                    if let Some(before) = last_operator {
                        let both = self.text.get(before..self.at).unwrap_or_default();
                        return Err(error("invalid nested repetition operator", both));
                    }
                    let Some(node) = nodes.pop() else {
                        return Err(error("missing argument to repetition operator", written));
                    };
                    let greedy = lazy == self.flags.lazy;
                    let node = Node::Repeat(Box::new(node), least, most, greedy);
                    if copies(&node) > MAX_COPIES {
                        return Err(error("invalid repeat count", written));
                    }
                    nodes.push(node);
                    last_operator = Some(start);
                    continue;
                }
                _ => {
                    if let Some(node) = self.one(c)? {
                        nodes.push(node);
                    } else {
                        // `(?i)` stands for nothing that could be repeated.
                        last_operator = None;
                        continue;
                    }
                }
            }
            last_operator = None;
        }
        Ok(match nodes.pop() {
            None => Node::Empty,
            Some(only) if nodes.is_empty() => only,
            Some(last) => {
                nodes.push(last);
                Node::Concat(nodes)
            }
        })
    }

    /// The counts of `*`, `+`, `?`, `{n,m}`; `None` for a brace that counts nothing.
    fn repetition(&mut self, c: char) -> Result<Option<(u32, Option<u32>)>, String> {
        let counts = match c {
            '*' => (0, None),
            '+' => (1, None),
            '?' => (0, Some(1)),
            _ => {
                let rest = self.rest();
                let Some(body) = rest.get(1..).and_then(|rest| rest.split_once('}')) else {
                    return Ok(None);
                };
                let body = body.0;
                let (least, most) = match body.split_once(',') {
                    None => (body, Some(body)),
                    Some((least, "")) => (least, None),
                    Some((least, most)) => (least, Some(most)),
                };
                let number = |text: &str| {
                    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
                    let plain = digits && (text.len() == 1 || !text.starts_with('0'));
                    plain.then(|| text.parse().unwrap_or(u32::MAX))
                };
                let Some(low) = number(least) else {
                    return Ok(None);
                };
                let high = match most.map(number) {
                    None => None,
                    Some(None) => return Ok(None),
                    Some(high) => high,
                };
                let whole = rest.get(..body.len() + 2).unwrap_or_default();
                if low > MAX_REPEAT || high.is_some_and(|high| high > MAX_REPEAT || high < low) {
                    return Err(error("invalid repeat count", whole));
                }
                self.at += whole.len();
                return Ok(Some((low, high)));
            }
        };
        self.bump();
        Ok(Some(counts))
    }

    fn literal(&self, c: char) -> Node {
        let set = Set::of(c, c);
        Node::Char(if self.flags.fold { set.folded() } else { set })
    }

    fn one(&mut self, c: char) -> Result<Option<Node>, String> {
        self.bump();
        Ok(Some(match c {
            '(' => return self.group(),
            '[' => self.class()?,
            '^' => Node::Look(if self.flags.multi {
                Look::LineStart
            } else {
                Look::TextStart
            }),
            '$' => Node::Look(if self.flags.multi {
                Look::LineEnd
            } else {
                Look::TextEnd
            }),
            '.' => Node::Char(if self.flags.dot_all {
                Set::of('\0', char::MAX)
            } else {
                Set::of('\n', '\n').negated()
            }),
            '\\' => return self.escape().map(Some),
            c => self.literal(c),
        }))
    }
}
