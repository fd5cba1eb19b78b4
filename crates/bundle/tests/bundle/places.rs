//! Places are shown as lines and columns, in the original where there is one.

use digpod_bundle::{At, Bundle, Derived, DerivedValue, Item, Manifest, Place};
use proptest::prelude::*;

const COREFILE: &str = ".:53 {\n    errors\n    forward . 10.1.0.4\n}\n";

fn bundle() -> Bundle {
    let mut bundle = Bundle::new(Manifest::default());
    let map = serde_json::json!({"metadata": {"name": "coredns"}, "data": {"Corefile": COREFILE}});
    bundle.add_json("cm.json", &map, Item::default()).unwrap();
    bundle
        .add("a.log", "one\r\nzwölf two\nthree\n", "")
        .unwrap();
    bundle.add("empty.log", "", "").unwrap();
    bundle
}

/// The word as a fact would cite it.
fn forward() -> Place {
    let at = COREFILE.find("forward").unwrap();
    Place::json("cm.json", "/data/Corefile").within(at..at + "forward".len())
}

#[test]
fn text_is_shown_with_its_surroundings() {
    let at = bundle().locate(&Place::text("a.log", 12..15), 1);
    assert_eq!(
        (at.line, at.column, at.end_line, at.end_column),
        (2, 7, 2, 10)
    );
    assert_eq!(at.first_line, 1);
    assert_eq!(at.lines, ["one", "zwölf two", "three"]);
}

#[test]
fn an_entry_as_a_whole_is_its_first_line() {
    let at = bundle().locate(&Place::whole("a.log"), 0);
    assert_eq!(
        (at.line, at.column, at.end_line, at.end_column),
        (1, 1, 1, 4)
    );
    assert_eq!(at.lines, ["one"]);
}

#[test]
fn what_is_not_there_is_line_one_of_nothing() {
    for place in [
        Place::whole("nowhere"),
        Place::whole("empty.log"),
        Place::text("nowhere", 5..9),
        Place::json("nowhere", "/a").within(1..2),
    ] {
        let at = bundle().locate(&place, 3);
        assert_eq!(
            (at.line, at.column, at.end_line, at.end_column),
            (1, 1, 1, 1)
        );
        assert!(at.lines.is_empty());
    }
}

#[test]
fn a_value_is_shown_in_the_document_and_a_text_in_a_value_by_its_own_lines() {
    let at = bundle().locate(&Place::json("cm.json", "/metadata/name"), 0);
    assert!(!at.in_value);
    assert_eq!(
        (at.lines, at.pointer),
        (
            vec!["    \"name\": \"coredns\"".to_owned()],
            Some("/metadata/name".to_owned())
        )
    );
    let at = bundle().locate(&forward(), 0);
    assert!(at.in_value);
    assert_eq!((at.line, at.column, at.end_column), (3, 5, 12));
    assert_eq!(at.lines, ["    forward . 10.1.0.4"]);
}

#[test]
fn what_was_imported_is_shown_in_the_file_it_came_from() {
    let mut bundle = bundle();
    let file = "Name: coredns\nCorefile:\n  .:53 {\n      errors\n      forward . 10.1.0.4\n  }\n";
    bundle.add("imported/cm.txt", file, "").unwrap();
    let map = bundle.get("cm.json").unwrap().to_vec();
    let value = |pointer: &str, line, indent| DerivedValue {
        pointer: pointer.to_owned(),
        line,
        indent,
    };
    let item = Item {
        derived: Some(Derived {
            from: "imported/cm.txt".to_owned(),
            values: vec![value("", 1, 0), value("/data/Corefile", 3, 2)],
        }),
        ..Item::default()
    };
    bundle.add_with("cm.json", map, item).unwrap();
    let at = bundle.locate(&forward(), 0);
    assert_eq!(
        (at.entry.as_str(), at.line, at.column, at.end_column),
        ("imported/cm.txt", 5, 7, 14)
    );
    assert_eq!(at.lines, ["      forward . 10.1.0.4"]);
    // Of a value without a place of its own, what it is part of is shown.
    let at = bundle.locate(&Place::json("cm.json", "/metadata/name"), 0);
    assert_eq!((at.entry.as_str(), at.line), ("imported/cm.txt", 1));
}

proptest! {
    #[test]
    fn no_place_and_no_map_makes_it_panic(
        text in "\\PC{0,20}(\n|\r\n|é){0,3}\\PC{0,20}",
        at in prop_oneof![
            Just(At::Whole),
            any::<(usize, usize)>().prop_map(|(start, end)| At::Text { start, end }),
            (0usize..30, 0usize..30).prop_map(|(start, end)| At::Text { start, end }),
            ("(/[a-z0-9~]{0,3}){0,3}", any::<Option<(usize, usize)>>())
                .prop_map(|(pointer, inner)| At::Json { pointer, inner }),
        ],
        within in any::<(usize, usize)>(),
        map in any::<Option<(String, u32, u32)>>(),
        context: u32,
    ) {
        let mut bundle = Bundle::new(Manifest::default());
        bundle.add("file", text.clone(), "").unwrap();
        let derived = map.map(|(pointer, line, indent)| Derived {
            from: "file".to_owned(),
            values: vec![
                DerivedValue { pointer, line, indent },
                DerivedValue { pointer: String::new(), line, indent },
            ],
        });
        bundle.add_with("entry", text, Item { derived, ..Item::default() }).unwrap();
        let place = Place { entry: "entry".to_owned(), at };
        for place in [place.within(within.0..within.1), place] {
            let at = bundle.locate(&place, context);
            prop_assert!(at.line >= 1 && at.column >= 1);
            prop_assert!((at.end_line, at.end_column) >= (at.line, at.column));
            prop_assert!(at.first_line <= at.line);
        }
    }
}
