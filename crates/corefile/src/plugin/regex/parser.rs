//! Reads RE2 syntax (Go's regexp/syntax with its Perl flags).

use super::classes::{perl_class, posix_class};
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

    fn group(&mut self) -> Result<Option<Node>, String> {
        let start = self.at - 1;
        let outer = self.flags;
        let mut index = None;
        if self.take("?") {
            // A name needs at least one letter behind its bracket.
            let named = [("P<", 2), ("<", 1)]
                .into_iter()
                .find_map(|(open, length)| {
                    let rest = self.rest().strip_prefix(open)?;
                    (!rest.is_empty()).then_some(length)
                });
            if let Some(skip) = named {
                let rest = self.rest().get(skip..).unwrap_or_default();
                let Some((name, _)) = rest.split_once('>') else {
                    let from = self.text.get(start..).unwrap_or_default();
                    return Err(error("invalid named capture", from));
                };
                let whole = self
                    .text
                    .get(start..self.at + skip + name.len() + 1)
                    .unwrap_or_default();
                let fine = !name.is_empty()
                    && name
                        .bytes()
                        .all(|byte| byte == b'_' || byte.is_ascii_alphanumeric());
                if !fine {
                    return Err(error("invalid named capture", whole));
                }
                self.at += skip + name.len() + 1;
                self.groups += 1;
                index = Some(self.groups);
            } else if !self.flag_group(start)? {
                return Ok(None);
            }
        } else {
            self.groups += 1;
            index = Some(self.groups);
        }
        let inner = self.alternatives()?;
        if !self.take(")") {
            return Err(error("missing closing )", self.text));
        }
        self.flags = outer;
        Ok(Some(Node::Group(Box::new(inner), index)))
    }

    /// `(?flags)` or `(?flags:`; whether a group follows.
    fn flag_group(&mut self, start: usize) -> Result<bool, String> {
        let mut flags = self.flags;
        let (mut on, mut any) = (true, false);
        loop {
            let c = self.bump();
            match c {
                Some('i') => flags.fold = on,
                Some('m') => flags.multi = on,
                Some('s') => flags.dot_all = on,
                Some('U') => flags.lazy = on,
                Some('-') if on => {
                    on = false;
                    any = false;
                    continue;
                }
                Some(':' | ')') if on || any => {
                    self.flags = flags;
                    return Ok(c == Some(':'));
                }
                _ => {
                    let from = self.text.get(start..self.at).unwrap_or_default();
                    return Err(error("invalid or unsupported Perl syntax", from));
                }
            }
            any = true;
        }
    }

    fn escape(&mut self) -> Result<Node, String> {
        let start = self.at - 1;
        let Some(c) = self.bump() else {
            return Err(error("trailing backslash at end of expression", ""));
        };
        if let Some(set) = perl_class(c) {
            return Ok(Node::Char(set));
        }
        Ok(match c {
            'A' => Node::Look(Look::TextStart),
            'z' => Node::Look(Look::TextEnd),
            'b' => Node::Look(Look::Word),
            'B' => Node::Look(Look::NotWord),
            'C' => {
                let what = self.text.get(start..self.at).unwrap_or_default();
                return Err(error("invalid escape sequence", what));
            }
            'p' | 'P' => Node::Char(self.unicode(start)?),
            _ => {
                self.at = start + 1;
                let c = self.escaped(start)?;
                self.literal(c)
            }
        })
    }

    /// A character written as an escape, for classes and outside.
    fn escaped(&mut self, start: usize) -> Result<char, String> {
        let Some(c) = self.bump() else {
            return Err(error("trailing backslash at end of expression", ""));
        };
        let code = match c {
            '1'..='7' => match self.peek() {
                Some('0'..='7') => {
                    self.at -= 1;
                    Some(self.octal())
                }
                _ => None,
            },
            '0' => {
                self.at -= 1;
                Some(self.octal())
            }
            'x' => self.hexadecimal(),
            'a' => Some(7),
            'f' => Some(12),
            'n' => Some(10),
            'r' => Some(13),
            't' => Some(9),
            'v' => Some(11),
            c if c.is_ascii() && !c.is_ascii_alphanumeric() => Some(u32::from(c)),
            _ => None,
        };
        code.and_then(char::from_u32).ok_or_else(|| {
            let end = self.at.min(self.text.len());
            let what = self.text.get(start..end).unwrap_or_default();
            error("invalid escape sequence", what)
        })
    }

    /// What follows `\x`: two digits, or any number of them in braces.
    fn hexadecimal(&mut self) -> Option<u32> {
        let first = self.bump()?;
        if first != '{' {
            let second = self.bump();
            return Some(first.to_digit(16)? * 16 + second?.to_digit(16)?);
        }
        let mut value = None;
        loop {
            let c = self.bump()?;
            if c == '}' {
                return value;
            }
            let digits = value.unwrap_or(0) * 16 + c.to_digit(16)?;
            if digits > 0x10_FFFF {
                return None;
            }
            value = Some(digits);
        }
    }

    fn octal(&mut self) -> u32 {
        let mut value = 0;
        for _ in 0..3 {
            let Some(digit) = self.peek().and_then(|c| c.to_digit(8)) else {
                break;
            };
            value = value * 8 + digit;
            self.bump();
        }
        value
    }

    /// A class of Unicode, whose name is checked and whose characters are not known here.
    fn unicode(&mut self, start: usize) -> Result<Set, String> {
        self.undecided = true;
        let name = if self.take("{") {
            let name = self.rest().split_once('}').map(|(name, _)| name);
            let Some(name) = name else {
                let from = self.text.get(start..).unwrap_or_default();
                return Err(error("invalid character class range", from));
            };
            self.at += name.len() + 1;
            name.strip_prefix('^').unwrap_or(name)
        } else {
            let from = self.at;
            self.bump();
            self.text.get(from..self.at).unwrap_or_default()
        };
        let general = matches!(name.as_bytes(), [first, rest @ ..]
            if b"CLMNPSZ".contains(first) && rest.len() <= 1);
        let script = name.len() > 2
            && name.starts_with(|c: char| c.is_ascii_uppercase())
            && name
                .bytes()
                .all(|byte| byte == b'_' || byte.is_ascii_alphabetic());
        if general || script {
            return Ok(Set { ranges: Vec::new() });
        }
        let what = self.text.get(start..self.at).unwrap_or_default();
        Err(error("invalid character class range", what))
    }

    fn class(&mut self) -> Result<Node, String> {
        let start = self.at - 1;
        let missing = |text: &str| {
            let from = text.get(start..).unwrap_or_default();
            error("missing closing ]", from)
        };
        let negated = self.take("^");
        let mut set = Set { ranges: Vec::new() };
        let mut first = true;
        loop {
            match self.peek() {
                None => return Err(missing(self.text)),
                Some(']') if !first => {
                    self.bump();
                    break;
                }
                _ => {}
            }
            first = false;
            if self.rest().starts_with("[:") && self.rest().contains(":]") {
                let name = self.rest().split_once(":]").map_or("", |(name, _)| name);
                let Some(ranges) = posix_class(name.strip_prefix("[:").unwrap_or(name)) else {
                    let what = format!("{name}:]");
                    return Err(error("invalid character class range", &what));
                };
                self.at += name.len() + 2;
                set.ranges.extend(ranges.ranges);
                continue;
            }
            if self.rest().starts_with('\\') {
                let next = self.rest().chars().nth(1);
                if let Some(perl) = next.and_then(perl_class) {
                    self.at += 2;
                    set.ranges.extend(perl.ranges);
                    continue;
                }
                if matches!(next, Some('p' | 'P')) {
                    let start = self.at;
                    self.at += 2;
                    self.unicode(start)?;
                    continue;
                }
            }
            let from = self.at;
            let low = self.class_char()?.ok_or_else(|| missing(self.text))?;
            let mut high = low;
            let rest = self.rest();
            if rest.starts_with('-') && !rest.starts_with("-]") && rest.len() > 1 {
                self.bump();
                high = self.class_char()?.ok_or_else(|| missing(self.text))?;
                if high < low {
                    let what = self.text.get(from..self.at).unwrap_or_default();
                    return Err(error("invalid character class range", what));
                }
            }
            set.ranges.push((u32::from(low), u32::from(high)));
        }
        if self.flags.fold {
            set = set.folded();
        }
        Ok(Node::Char(if negated { set.negated() } else { set }))
    }

    fn class_char(&mut self) -> Result<Option<char>, String> {
        let start = self.at;
        match self.bump() {
            Some('\\') => self.escaped(start).map(Some),
            c => Ok(c),
        }
    }
}
