//! Kubernetes objects of a text one by one, and where their values stand in it.

use serde_json::Value;

use crate::kinds::{by_item, kind_of};
use crate::objects::{self, Document};
use crate::places::Seen;

/// What a text of YAML or JSON holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Objects {
    /// The objects in order, the items of lists one by one.
    pub objects: Vec<Object>,
    /// Documents that do not parse, in words for the user.
    pub broken: Vec<String>,
}

/// An object and where its values stand.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    /// The object as the API gives it; `kind` of a list's item is filled in.
    pub value: Value,
    seen: Vec<Seen>,
}

/// Where a value stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Line {
    /// Line of the text, from 1.
    pub line: usize,
    /// Characters before it on that line.
    pub column: usize,
}

impl Object {
    /// Its `kind`.
    pub fn kind(&self) -> &str {
        kind_of(&self.value)
    }

    /// Where the value at an RFC 6901 pointer stands, or else the nearest value around it.
    pub fn line(&self, pointer: &str) -> Option<Line> {
        let mut pointer = pointer;
        loop {
            if let Some(seen) = self.seen.iter().find(|seen| seen.pointer == pointer) {
                return Some(Line {
                    line: seen.line,
                    column: seen.column,
                });
            }
            pointer = pointer.rsplit_once('/')?.0;
        }
    }
}

/// Reads every object of a text, as `kubectl get -o yaml` or `-o json` prints them or as they
/// stand in a manifest; text before the first object is left out.
pub fn objects(text: &str) -> Objects {
    let mut found = Objects::default();
    for document in objects::documents(text).1 {
        match document {
            Ok(document) => found.take(document),
            Err(error) => found.broken.push(error),
        }
    }
    found
}

impl Objects {
    fn take(&mut self, document: Document) {
        let Document { mut value, seen } = document;
        let kind = kind_of(&value).to_owned();
        let items = value.get_mut("items").map(Value::take);
        let (Some(item_kind), Some(Value::Array(items))) = (kind.strip_suffix("List"), items)
        else {
            self.objects.push(Object { value, seen });
            return;
        };
        let mut places = by_item(seen, items.len());
        for (index, mut item) in items.into_iter().enumerate() {
            // Items of a typed list do not say it themselves.
            if kind_of(&item).is_empty()
                && let Some(fields) = item.as_object_mut()
            {
                fields.insert("kind".to_owned(), item_kind.into());
            }
            self.objects.push(Object {
                value: item,
                seen: places
                    .get_mut(index)
                    .map(std::mem::take)
                    .unwrap_or_default(),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::objects;

    #[test]
    fn items_of_a_list_come_one_by_one_with_their_kind_and_lines() {
        let text = "\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicyList
items:
- metadata:
    name: a
- metadata:
    name: b
  spec:
    egress:
    - to: []
";
        let found = objects(text);
        let kinds: Vec<&str> = found.objects.iter().map(super::Object::kind).collect();
        assert_eq!(kinds, ["NetworkPolicy", "NetworkPolicy"]);
        let line = |pointer: &str| found.objects[1].line(pointer).map(|at| at.line);
        assert_eq!(line("/metadata/name"), Some(7));
        // What is not there is shown where it would stand.
        assert_eq!(line("/spec/egress/0/to/0/podSelector"), Some(10));
        assert_eq!(line(""), Some(6));
    }
}
