//! Bundles of any content, for tests.

use std::io::Cursor;

use digpod_bundle::{Bundle, Item, Limits, Manifest, Status, write_zip};
use proptest::prelude::*;

pub(crate) fn limits() -> Limits {
    Limits::default()
}

pub(crate) fn zip_of(bundle: &Bundle) -> Vec<u8> {
    let mut zip = Cursor::new(Vec::new());
    write_zip(bundle, &mut zip).unwrap();
    zip.into_inner()
}

pub(crate) fn any_entries() -> impl Strategy<Value = Vec<(String, Vec<u8>)>> {
    prop::collection::btree_map("[a-zé._ -]{1,6}(/[a-z0-9.]{1,5}){0,2}", any_content(), 0..8)
        .prop_map(|entries| {
            let mut bundle = Bundle::new(Manifest::default());
            entries
                .into_iter()
                .filter(|(name, bytes)| bundle.add(name, bytes.as_slice(), "").is_ok())
                .collect()
        })
}

pub(crate) fn any_bundle() -> impl Strategy<Value = Bundle> {
    (any_entries(), any::<[String; 3]>(), any::<Option<String>>()).prop_map(
        |(entries, [tool, context, text], interrupted)| {
            let mut manifest = Manifest::default();
            manifest.tool.name = tool;
            manifest.cluster.context = Some(context);
            manifest.symptom.text = Some(text);
            manifest.collected.interrupted = interrupted;
            let mut bundle = Bundle::new(manifest);
            for (name, bytes) in entries {
                bundle.add(&name, bytes, "GET /api").unwrap();
            }
            bundle
                .add_gap(Item {
                    entry: "zz/refused.json".to_owned(),
                    status: Status::Forbidden,
                    reason: Some("pods is forbidden".to_owned()),
                    ..Item::default()
                })
                .unwrap();
            bundle
        },
    )
}

fn any_content() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        any::<Vec<u8>>(),
        any::<String>().prop_map(String::into_bytes),
        any_json().prop_map(|json| json.to_string().into_bytes()),
        any_json().prop_map(|json| {
            let mut text = serde_json::to_string_pretty(&json).unwrap();
            text.push('\n');
            text.into_bytes()
        }),
        // Looks like JSON and is laid out oddly.
        Just(b"{\"a\" :1,\n\"a\":  2.50e3}\n".to_vec()),
        Just(b"\"\\u00e9\"\n".to_vec()),
        Just(b"[\n]\n".to_vec()),
        Just(b"1\n".to_vec()),
        Just(b" 1\n".to_vec()),
    ]
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        any::<String>().prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Into::into),
            prop::collection::btree_map(any::<String>(), inner, 0..5)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}
