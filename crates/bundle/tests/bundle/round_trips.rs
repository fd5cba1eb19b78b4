//! The three forms hold the same, and the same bundle gives the same bytes.

use std::io::Cursor;

use crate::common::{any_bundle, any_entries, limits, zip_of};
use digpod_bundle::{
    Bundle, Item, Manifest, read_document, read_folder, read_zip, write_document, write_folder,
};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_zip_gives_back_what_went_in(bundle in any_bundle()) {
        let zip = zip_of(&bundle);
        let back = read_zip(Cursor::new(&zip), &limits()).unwrap();
        prop_assert_eq!(&back, &bundle);
        prop_assert_eq!(zip_of(&back), zip);
        prop_assert_eq!(back.verify(), []);
    }

    #[test]
    fn a_document_gives_back_what_went_in(bundle in any_bundle()) {
        let document = write_document(&bundle);
        let back = read_document(document.as_bytes(), &limits()).unwrap();
        prop_assert_eq!(&back, &bundle);
        prop_assert_eq!(write_document(&back), document);
        prop_assert_eq!(zip_of(&back), zip_of(&bundle));
    }

    #[test]
    fn a_folder_gives_back_what_went_in(bundle in any_bundle()) {
        // Names that differ only by case or are hidden are no names for every file system.
        prop_assume!(bundle.entries().all(|(name, _)| {
            name.as_str().split('/').all(|part| !part.starts_with('.') && part.len() < 200)
        }));
        let folder = tempfile::tempdir().unwrap();
        write_folder(&bundle, folder.path()).unwrap();
        let back = read_folder(folder.path(), &limits()).unwrap();
        prop_assert_eq!(&back.bundle, &bundle);
        prop_assert!(back.skipped.is_empty());
    }

    #[test]
    fn the_order_in_which_entries_come_changes_nothing(
        (entries, shuffled) in any_entries()
            .prop_flat_map(|entries| (Just(entries.clone()), Just(entries).prop_shuffle()))
    ) {
        let build = |entries: &[(String, Vec<u8>)]| {
            let mut bundle = Bundle::new(Manifest::default());
            for (name, bytes) in entries {
                bundle.add(name, bytes.as_slice(), "test").unwrap();
            }
            bundle
        };
        // Which of two clashing names comes first decides; those are not in the set.
        let (one, two) = (build(&entries), build(&shuffled));
        prop_assert_eq!(zip_of(&one), zip_of(&two));
        prop_assert_eq!(write_document(&one), write_document(&two));
    }
}

#[test]
fn a_document_shows_json_as_json_text_as_text_and_the_rest_in_base64() {
    let mut bundle = Bundle::new(Manifest::default());
    bundle
        .add_json(
            "a.json",
            &serde_json::json!({"x": [1, {}]}),
            Item::default(),
        )
        .unwrap();
    bundle.add("b.json", "{\"x\":1}", "").unwrap();
    bundle.add("c.txt", "zwölf\n", "").unwrap();
    bundle.add("d.bin", [0xFF, 0x00], "").unwrap();
    let document: serde_json::Value = serde_json::from_str(&write_document(&bundle)).unwrap();
    let entries = &document["entries"];
    assert_eq!(entries["a.json"]["json"]["x"][0], 1);
    assert_eq!(entries["b.json"]["text"], "{\"x\":1}");
    assert_eq!(entries["c.txt"]["text"], "zwölf\n");
    assert_eq!(entries["d.bin"]["base64"], "/wA=");
}
