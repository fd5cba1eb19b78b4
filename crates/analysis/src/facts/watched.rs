//! What came of asking until it fails (`--until-failure`).

use digpod_bundle::{Bundle, Place, layout};
use digpod_probe::Watched;

use super::{Cited, missing};

/// The watch from the failing pod's place, if there was one that can be read.
pub(crate) fn read(bundle: &Bundle) -> Option<Cited<Watched>> {
    let entry = layout::probe_watch("workload");
    let watched: Watched = missing::read(bundle, &entry).ok()?;
    let pointer = match watched.failure {
        Some(_) => "/failure/outcome",
        None => "/tries",
    };
    Some(Cited::new(watched, Place::json(&entry, pointer)))
}
