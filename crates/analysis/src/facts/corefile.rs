//! The effective Corefile: ConfigMap `coredns` with the keys of `coredns-custom` imported.

use digpod_bundle::k8s::ConfigMap;
use digpod_bundle::{Bundle, EntryName, Kind, Place, Status, json, layout};
use digpod_corefile::{Corefile, Source, Span};

use super::{Cited, Gap, Lack, Seen, missing};

/// Names under which distributions keep the Corefile, in the order they are looked for.
const NAMES: [&str; 3] = ["coredns", "rke2-coredns-rke2-coredns", "dns-default"];
/// The ConfigMap whose keys the Corefile imports.
pub(crate) const CUSTOM: &str = "coredns-custom";

/// The Corefile and its imports, parsed together.
#[derive(Debug)]
pub(crate) struct CorefileFact {
    /// The parsed whole.
    pub(crate) parsed: Corefile,
    /// Where each source's text stands, by the source's number.
    places: Vec<Place>,
}

impl CorefileFact {
    /// Where a span stands.
    pub(crate) fn place(&self, span: &Span) -> Place {
        match self.places.get(span.source) {
            Some(place) => place.within(span.start..span.end),
            None => Place::whole(&layout::config_map(NAMES[0])),
        }
    }
}

/// ConfigMaps that bear on the Corefile.
#[derive(Debug)]
pub(crate) struct ConfigMaps {
    /// The effective Corefile.
    pub(crate) corefile: Seen<CorefileFact>,
    /// `coredns-custom`: `None` where it is known not to exist.
    pub(crate) custom: Seen<Option<Cited<ConfigMap>>>,
    /// Every ConfigMap of the DNS namespace that was collected, by entry.
    pub(crate) all: Vec<Cited<ConfigMap>>,
}

impl ConfigMaps {
    pub(crate) fn read(bundle: &Bundle) -> Self {
        let custom = custom(bundle);
        Self {
            corefile: corefile(bundle, custom.as_ref().ok().and_then(Option::as_ref)),
            all: all(bundle),
            custom,
        }
    }
}

fn custom(bundle: &Bundle) -> Seen<Option<Cited<ConfigMap>>> {
    let entry = layout::config_map(CUSTOM);
    let absent = bundle
        .item(&entry)
        .is_some_and(|item| matches!(item.status, Status::NotFound | Status::NotApplicable));
    if absent && bundle.get(&entry).is_none() {
        return Ok(None);
    }
    let map = missing::read(bundle, &entry)?;
    Ok(Some(Cited::new(map, Place::json(&entry, ""))))
}

fn corefile(bundle: &Bundle, custom: Option<&Cited<ConfigMap>>) -> Seen<CorefileFact> {
    let entries = NAMES.map(layout::config_map);
    let found = entries.iter().find(|entry| bundle.get(entry).is_some());
    let entry = found.unwrap_or(&entries[0]);
    let map: ConfigMap = missing::read(bundle, entry)?;
    let text = map.data.get("Corefile").ok_or_else(|| Gap {
        lacks: Lack::Entry,
        entry: entry.clone(),
        reason: "has no key Corefile".to_owned(),
    })?;
    let main = Source {
        name: "Corefile".to_owned(),
        text: text.clone(),
    };
    let mut places = vec![Place::json(entry, "/data/Corefile")];
    let mut files = Vec::new();
    for (key, text) in custom.map(|map| &map.data).into_iter().flatten() {
        files.push(Source {
            name: format!("custom/{key}"),
            text: text.clone(),
        });
        places.push(data_place(key));
    }
    Ok(CorefileFact {
        parsed: digpod_corefile::parse(main, files),
        places,
    })
}

/// Where a key of `coredns-custom` stands.
pub(crate) fn data_place(key: &str) -> Place {
    let pointer = format!("/data/{}", json::escape_step(key));
    Place::json(&layout::config_map(CUSTOM), pointer)
}

fn all(bundle: &Bundle) -> Vec<Cited<ConfigMap>> {
    let is_map = |name: &EntryName| matches!(Kind::of(name), Kind::ConfigMap { .. });
    bundle
        .entries()
        .filter(|(name, _)| is_map(name))
        .filter_map(|(name, _)| {
            let map = missing::read(bundle, name.as_str()).ok()?;
            Some(Cited::new(map, Place::json(name.as_str(), "")))
        })
        .collect()
}
