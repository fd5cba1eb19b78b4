//! The Services that the names in question mean, where these are names of the cluster. The cluster's
//! domain is not known before a run: whatever follows `svc` is taken for it.

use super::{DISCOVERY, GET, LIST, Place, Row, row};

pub(super) const ROWS: &[Row] = &[
    row(
        GET,
        "",
        "services",
        Place::Named,
        "the Service that a name in question means, to compare what DNS answers with it",
        "an answer that differs from the Service, and one that nobody has made, are not told apart",
    ),
    row(
        LIST,
        DISCOVERY,
        "endpointslices",
        Place::Named,
        "its endpoints, which a headless Service has as its addresses",
        "whether a headless Service has ready endpoints, and all of them are answered, is not known",
    ),
];
