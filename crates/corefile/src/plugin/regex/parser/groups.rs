//! What stands in round brackets: groups, their names, and flags.

use super::{Node, Parser, error};

impl Parser<'_> {
    pub(super) fn group(&mut self) -> Result<Option<Node>, String> {
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
}
