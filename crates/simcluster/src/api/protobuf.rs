//! The few kinds that kubectl sends as protobuf whatever the server would rather have.

use serde_json::{Map, Value};

/// What every protobuf body of Kubernetes begins with.
pub(super) const MAGIC: &[u8] = b"k8s\0";

/// What a field holds; fields that are not listed are passed over.
enum Holds {
    Text,
    Message(&'static [Field]),
    Texts,
}

/// Number, name and content of a field.
type Field = (u64, &'static str, Holds);

const METADATA: Field = (
    1,
    "metadata",
    Holds::Message(&[
        (1, "name", Holds::Text),
        (2, "generateName", Holds::Text),
        (3, "namespace", Holds::Text),
        (11, "labels", Holds::Texts),
        (12, "annotations", Holds::Texts),
    ]),
);

const ATTRIBUTES: &[Field] = &[
    (1, "namespace", Holds::Text),
    (2, "verb", Holds::Text),
    (3, "group", Holds::Text),
    (4, "version", Holds::Text),
    (5, "resource", Holds::Text),
    (6, "subresource", Holds::Text),
    (7, "name", Holds::Text),
];

/// The fields of a kind.
fn fields(kind: &str) -> Option<&'static [Field]> {
    Some(match kind {
        "Namespace" | "ServiceAccount" | "SelfSubjectReview" | "DeleteOptions" => &[METADATA],
        "ConfigMap" => &[METADATA, (2, "data", Holds::Texts)],
        "SelfSubjectAccessReview" => &[
            METADATA,
            (
                2,
                "spec",
                Holds::Message(&[
                    (1, "resourceAttributes", Holds::Message(ATTRIBUTES)),
                    (
                        2,
                        "nonResourceAttributes",
                        Holds::Message(&[(1, "path", Holds::Text), (2, "verb", Holds::Text)]),
                    ),
                ]),
            ),
        ],
        "SelfSubjectRulesReview" => &[
            METADATA,
            (2, "spec", Holds::Message(&[(1, "namespace", Holds::Text)])),
        ],
        _ => return None,
    })
}

/// Reads a body; `None` if it is no protobuf of these kinds.
pub(super) fn read(body: &[u8]) -> Option<Value> {
    const TYPE: &[Field] = &[(1, "apiVersion", Holds::Text), (2, "kind", Holds::Text)];
    let envelope = split(body.strip_prefix(MAGIC)?)?;
    let part = |wanted: u64| {
        envelope
            .iter()
            .find(|(number, _)| *number == wanted)
            .map(|(_, part)| *part)
    };
    let head = message(part(1)?, TYPE)?;
    let kind = head.get("kind").and_then(Value::as_str)?.to_owned();
    let mut object = message(part(2)?, fields(&kind)?)?;
    object.extend(head);
    Some(Value::Object(object))
}

fn message(bytes: &[u8], fields: &[Field]) -> Option<Map<String, Value>> {
    let mut object = Map::new();
    for (number, bytes) in split(bytes)? {
        let Some((_, name, holds)) = fields.iter().find(|(n, _, _)| *n == number) else {
            continue;
        };
        let value = match holds {
            Holds::Text => text(bytes),
            Holds::Message(fields) => Value::Object(message(bytes, fields)?),
            Holds::Texts => {
                let pair = split(bytes)?;
                let part = |wanted: u64| {
                    pair.iter()
                        .find(|(n, _)| *n == wanted)
                        .map_or(&[][..], |(_, b)| *b)
                };
                let map = object
                    .entry(*name)
                    .or_insert_with(|| Value::Object(Map::new()));
                map[String::from_utf8_lossy(part(1)).as_ref()] = text(part(2));
                continue;
            }
        };
        object.insert((*name).to_owned(), value);
    }
    Some(object)
}

fn text(bytes: &[u8]) -> Value {
    String::from_utf8_lossy(bytes).into()
}

/// The length-delimited fields of a message.
fn split(mut bytes: &[u8]) -> Option<Vec<(u64, &[u8])>> {
    let mut parts = Vec::new();
    while !bytes.is_empty() {
        let tag = varint(&mut bytes)?;
        match tag & 7 {
            0 => {
                varint(&mut bytes)?;
            }
            1 => bytes = bytes.get(8..)?,
            2 => {
                let length = usize::try_from(varint(&mut bytes)?).ok()?;
                let (part, rest) = bytes.split_at_checked(length)?;
                parts.push((tag >> 3, part));
                bytes = rest;
            }
            5 => bytes = bytes.get(4..)?,
            _ => return None,
        }
    }
    Some(parts)
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}
