//! Tables, as kubectl prints them: the server chooses the columns.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::objects::metadata;
use super::tables;
use crate::resources::Resource;

/// A column: its name, and whether it is shown only with `-o wide`.
pub(super) type Column = (&'static str, bool);

/// A `Table` of objects.
pub(super) fn of(
    resource: &Resource,
    objects: &[Arc<Value>],
    head: &Value,
    now: Timestamp,
) -> Value {
    let printer = tables::printer(resource);
    let columns = printer.columns.iter().map(|(name, wide)| {
        let format = if *name == "Name" { "name" } else { "" };
        json!({
            "name": name, "type": "string", "format": format, "description": "",
            "priority": i32::from(*wide),
        })
    });
    let rows = objects
        .iter()
        .map(|object| json!({"cells": (printer.cells)(object, now), "object": metadata(object)}));
    json!({
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": head,
        "columnDefinitions": columns.collect::<Vec<_>>(),
        "rows": rows.collect::<Vec<_>>(),
    })
}
