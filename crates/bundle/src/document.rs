//! The form of one JSON document: `{"digpod": 1, "manifest": {...}, "entries": {name: ...}}`.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Deserialize;
use serde::de::{Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::bundle::Bundle;
use crate::entry::EntryName;
use crate::error::OpenError;
use crate::layout;
use crate::limits::{Limits, Meter};
use crate::manifest::FORMAT;
use crate::parts::{Parts, parse_manifest};
use crate::pretty::{NotPretty, pretty};

/// Deepest JSON that is written as JSON: what every reader takes.
const MAX_DEPTH: usize = 64;

/// Reads a bundle from its JSON document.
pub fn read_document(bytes: &[u8], limits: &Limits) -> Result<Bundle, OpenError> {
    let text = std::str::from_utf8(bytes)
        .map_err(|error| OpenError::Document(serde_json::Error::custom(error)))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let document: Document<'_> = serde_json::from_str(text).map_err(OpenError::Document)?;
    if document.digpod > u64::from(FORMAT) {
        return Err(OpenError::TooNew {
            found: document.digpod,
            newest: FORMAT,
        });
    }
    // The manifest's own format counts too; checked before anything else is unpacked.
    parse_manifest(document.manifest.get().as_bytes())?;
    let mut parts = Parts::default();
    let manifest = EntryName::new(layout::MANIFEST).map_err(OpenError::BadEntry)?;
    parts.add(manifest, document.manifest.get().as_bytes().to_vec())?;
    let mut meter = Meter::new(limits);
    for (name, content) in document.entries.0 {
        let name = EntryName::new(name).map_err(OpenError::BadEntry)?;
        let bytes = content.into_bytes(&name, limits, &meter)?;
        meter.add(name.as_str(), bytes.len() as u64)?;
        parts.add(name, bytes)?;
    }
    parts.into_bundle()
}

/// Writes a bundle as one JSON document; [`read_document`] gives back the same bytes.
///
/// JSON entries stand in it as JSON when they are laid out as [`Bundle::add_json`] does it,
/// other text as a string, the rest in base64.
pub fn write_document(bundle: &Bundle) -> String {
    let manifest = serde_json::to_string(bundle.manifest()).unwrap_or_default();
    let mut text = format!("{{\"digpod\":{FORMAT},\"manifest\":{manifest},\"entries\":{{");
    for (index, (name, bytes)) in bundle.entries().enumerate() {
        if index > 0 {
            text.push(',');
        }
        text.push_str(&quoted(name.as_str()));
        text.push_str(":{");
        match std::str::from_utf8(bytes) {
            Ok(entry) => match as_laid_out(entry) {
                Some(json) => text.extend(["\"json\":", json]),
                None => text.extend(["\"text\":", &quoted(entry)]),
            },
            Err(_) => text.extend(["\"base64\":", &quoted(&BASE64.encode(bytes))]),
        }
        text.push('}');
    }
    text.push_str("}}");
    // Cannot fail: the text was put together from valid JSON of bounded depth.
    let mut document = pretty(&text, usize::MAX, usize::MAX).unwrap_or(text);
    document.push('\n');
    document
}

/// The entry without its last line end, if it is JSON that comes back as it is.
fn as_laid_out(entry: &str) -> Option<&str> {
    let json = entry.strip_suffix('\n')?;
    let again = pretty(json, MAX_DEPTH, json.len()).ok()?;
    (again == json).then_some(json)
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document<'a> {
    digpod: u64,
    #[serde(borrow)]
    manifest: &'a RawValue,
    #[serde(borrow)]
    entries: Entries<'a>,
}

/// Pairs as they stand, so that a name that comes twice is seen.
struct Entries<'a>(Vec<(String, Content<'a>)>);

impl<'de: 'a, 'a> Deserialize<'de> for Entries<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Entries<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("entries by name")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Entries(pairs))
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Content<'a> {
    #[serde(borrow)]
    Json(&'a RawValue),
    Text(String),
    Base64(String),
}

impl Content<'_> {
    fn into_bytes(
        self,
        name: &EntryName,
        limits: &Limits,
        meter: &Meter,
    ) -> Result<Vec<u8>, OpenError> {
        match self {
            Self::Text(text) => Ok(text.into_bytes()),
            Self::Base64(text) => BASE64.decode(text).map_err(|error| {
                OpenError::Document(serde_json::Error::custom(format!(
                    "entry {:?}: {error}",
                    name.as_str()
                )))
            }),
            Self::Json(value) => {
                let room = usize::try_from(meter.room()).unwrap_or(usize::MAX);
                match pretty(value.get(), limits.nesting, room) {
                    Ok(mut text) => {
                        text.push('\n');
                        Ok(text.into_bytes())
                    }
                    Err(NotPretty::TooDeep) => Err(OpenError::TooDeep {
                        name: name.to_string(),
                        limit: limits.nesting,
                    }),
                    Err(_) => Err(OpenError::EntryTooLarge {
                        name: name.to_string(),
                        limit: limits.entry_bytes,
                    }),
                }
            }
        }
    }
}
