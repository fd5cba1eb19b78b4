//! What stands in square brackets: classes of characters.

use super::super::Set;
use super::super::classes::{perl_class, posix_class};
use super::{Node, Parser, error};

impl Parser<'_> {
    pub(super) fn class(&mut self) -> Result<Node, String> {
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
