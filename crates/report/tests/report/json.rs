//! The JSON form: what other programs rely on.

use crate::sample;
use digpod_report::{json, v1};

#[test]
fn it_reads_back_to_the_same_report() {
    let report = sample::report();
    let text = json(&report);
    assert!(text.ends_with("}\n"));
    let back: v1::Report = serde_json::from_str(&text).expect("a report");
    assert_eq!(back, report);
    assert_eq!(json(&back), text);
}

#[test]
fn it_holds_no_fractions() {
    fn check(value: &serde_json::Value) {
        match value {
            serde_json::Value::Number(number) => assert!(!number.is_f64(), "{number}"),
            serde_json::Value::Array(items) => items.iter().for_each(check),
            serde_json::Value::Object(fields) => fields.values().for_each(check),
            _ => {}
        }
    }
    check(&serde_json::from_str(&json(&sample::report())).expect("JSON"));
}

#[test]
fn it_has_the_shape_of_version_1() {
    insta::with_settings!({prepend_module_to_snapshot => false, omit_expression => true}, {
        insta::assert_snapshot!("json", json(&sample::report()));
    });
}

#[cfg(feature = "schema")]
mod schema {
    use digpod_analysis::analyse;
    use serde_json::{Value, from_str};

    use super::*;

    fn validator() -> jsonschema::Validator {
        let schema: Value = from_str(&digpod_report::schema()).expect("JSON");
        assert_eq!(schema["$id"], "urn:digpod:report:v1");
        jsonschema::validator_for(&schema).expect("a schema")
    }

    fn fixtures() -> Vec<digpod_test_support::Fixture> {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../analysis/tests");
        digpod_test_support::all_fixtures(root.as_ref()).expect("fixtures")
    }

    fn value(report: &v1::Report) -> Value {
        from_str(&json(report)).expect("JSON")
    }

    #[test]
    fn it_accepts_the_reports_of_all_fixtures() {
        let validator = validator();
        let mut reports = vec![sample::report()];
        for fixture in fixtures() {
            for case in fixture.cases {
                reports.push(digpod_report::report(&case.bundle, &analyse(&case.bundle)));
            }
        }
        assert!(reports.len() > 20, "{}", reports.len());
        for report in reports {
            let errors: Vec<String> = validator
                .iter_errors(&value(&report))
                .map(|it| it.to_string())
                .collect();
            assert_eq!(errors, Vec::<String>::new());
        }
    }

    #[test]
    fn it_refuses_what_is_no_report() {
        let validator = validator();
        for (pointer, wrong) in [
            ("/causes/0/fix", Value::from("none")),
            ("/causes/0/confidence", Value::from("certain")),
            ("/findings/0/severity", Value::from("huge")),
            ("/verdict", Value::from("maybe")),
            ("/findings/0/evidence/0/line", Value::from(-1)),
        ] {
            let mut value = value(&sample::report());
            *value.pointer_mut(pointer).expect("the field") = wrong;
            assert!(!validator.is_valid(&value), "{pointer}");
        }
    }
}
