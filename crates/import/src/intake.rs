//! Takes files in one by one and keeps account of what was made of each.

use digpod_bundle::{Bundle, Derived, EntryName, Item, Manifest, Redaction, Tool, layout};

use crate::found::{Found, Name, Output};
use crate::section::sections;
use crate::text::{Text, decode};
use crate::{Imported, LooseFile, Recognised, recognise, secrets};

/// Said of a file that nothing recognised.
const NOT_RECOGNISED: &str = "not recognised";

pub(crate) struct Intake {
    bundle: Bundle,
    recognised: Vec<Recognised>,
}

impl Default for Intake {
    fn default() -> Self {
        let manifest = Manifest {
            tool: Tool {
                name: "digpod import".to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
                arguments: Vec::new(),
            },
            ..Manifest::default()
        };
        Self {
            bundle: Bundle::new(manifest),
            recognised: Vec::new(),
        }
    }
}

impl Intake {
    /// Goes on where something else has begun.
    pub(crate) fn on(imported: Imported) -> Self {
        Self {
            bundle: imported.bundle,
            recognised: imported.recognised,
        }
    }

    /// Takes all of them.
    pub(crate) fn all(mut self, files: Vec<LooseFile>) -> Imported {
        for file in files {
            self.take(file);
        }
        self.finish()
    }

    fn take(&mut self, file: LooseFile) {
        let plain = EntryName::sanitize_part(&file.name);
        let (stem, ending) = match plain.rsplit_once('.') {
            Some((stem, ending)) if !stem.is_empty() => (stem, format!(".{ending}")),
            _ => (plain.as_str(), String::new()),
        };
        let kept = self.free(&layout::imported(stem), &ending);
        let text = decode(&file.bytes);
        let credential = text
            .as_ref()
            .and_then(|text| secrets::credential(&text.text));
        let (founds, why_not) = recognise_all(text.as_ref(), &file.bytes, &plain);
        let line_map = text.is_some_and(|text| text.lines_hold) && credential.is_none();

        let mut taken_for: Vec<String> = Vec::new();
        let mut whys = Vec::new();
        let mut entries = Vec::new();
        for (found, first_line) in founds {
            let mut why = found.why;
            for output in found.outputs {
                let source = source(&found.taken_for, &why);
                let from = line_map.then_some((kept.as_str(), first_line));
                match self.add(output, source, from) {
                    Ok(entry) => entries.push(entry),
                    Err(note) => why = format!("{why}; {note}"),
                }
            }
            if !taken_for.contains(&found.taken_for) {
                taken_for.push(found.taken_for);
            }
            whys.push(why);
        }
        let mut taken_for = taken_for.join("; ");
        let mut why = whys.join("; ");
        if taken_for.is_empty() {
            NOT_RECOGNISED.clone_into(&mut taken_for);
            why_not.clone_into(&mut why);
        }
        let bytes = match credential {
            Some(credential) => {
                taken_for = format!("{taken_for}, not kept");
                let rest = if whys.is_empty() { "" } else { "; " };
                why = format!("it holds {credential}{rest}{}", whys.join("; "));
                self.redacted(&kept);
                format!("This file was not kept: it held {credential}.\n").into_bytes()
            }
            None => file.bytes,
        };
        let item = Item {
            source: Some(source(&taken_for, &why)),
            ..Item::default()
        };
        let added = self.bundle.add_with(&kept, bytes, item);
        debug_assert!(added.is_ok(), "the name is free and plain: {added:?}");
        self.recognised.push(Recognised {
            file: file.name,
            taken_for,
            why,
            entries,
        });
    }

    fn finish(self) -> Imported {
        Imported {
            bundle: self.bundle,
            recognised: self.recognised,
        }
    }

    /// Adds an entry; says so if there is one of its kind already.
    fn add(
        &mut self,
        output: Output,
        source: String,
        from: Option<(&str, usize)>,
    ) -> Result<String, String> {
        let name = match &output.entry {
            Name::Only(name) if self.bundle.get(name).is_some() => {
                return Err(format!(
                    "not used for {name}, which another file gave already"
                ));
            }
            Name::Only(name) => name.clone(),
            Name::Numbered(before, after) => self.free(before, after),
        };
        let derived = from.map(|(file, first_line)| Derived {
            from: file.to_owned(),
            values: output
                .values
                .into_iter()
                .map(|mut value| {
                    let above = u32::try_from(first_line.saturating_sub(1)).unwrap_or(u32::MAX);
                    value.line = value.line.saturating_add(above);
                    value
                })
                .collect(),
        });
        let item = Item {
            source: Some(source),
            derived,
            ..Item::default()
        };
        self.bundle
            .add_with(&name, output.bytes, item)
            .map_err(|error| error.to_string())?;
        Ok(name)
    }

    /// The name, with a number in it if it is taken.
    fn free(&self, before: &str, after: &str) -> String {
        let mut name = format!("{before}{after}");
        let mut number = 2u32;
        while self.bundle.get(&name).is_some() {
            name = format!("{before}-{number}{after}");
            number += 1;
        }
        name
    }

    fn redacted(&mut self, entry: &str) {
        self.bundle.edit_manifest(|manifest| {
            manifest.redactions.push(Redaction {
                rule: "credentials".to_owned(),
                entry: entry.to_owned(),
                count: 1,
            });
        });
    }
}

/// What each part of a file is, with the line it begins on; else why it is nothing.
fn recognise_all(
    text: Option<&Text<'_>>,
    bytes: &[u8],
    file: &str,
) -> (Vec<(Found, usize)>, &'static str) {
    let Some(text) = text else {
        return (Vec::new(), "it is no text");
    };
    if bytes.trim_ascii().is_empty() {
        return (Vec::new(), "it is empty");
    }
    let mut founds = Vec::new();
    for section in sections(&text.text) {
        if let Some(found) = recognise::recognise(&section, file) {
            founds.push((found, section.line));
        }
    }
    (founds, "its text is in no form that digpod knows")
}

/// How the manifest says it: [`Item::taken_for`] reads it back.
fn source(taken_for: &str, why: &str) -> String {
    Item::taken_for_source(taken_for, why)
}
