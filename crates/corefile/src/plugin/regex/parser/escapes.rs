//! What follows a backslash.

use super::super::classes::perl_class;
use super::super::{Look, Set};
use super::{Node, Parser, error};

impl Parser<'_> {
    pub(super) fn escape(&mut self) -> Result<Node, String> {
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
    pub(super) fn escaped(&mut self, start: usize) -> Result<char, String> {
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
    pub(super) fn unicode(&mut self, start: usize) -> Result<Set, String> {
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
}
