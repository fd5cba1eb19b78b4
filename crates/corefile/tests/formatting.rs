//! What `format` makes of texts: pretty ones, and never other ones.

#[path = "common/bytes.rs"]
mod bytes;
mod common;

use digpod_corefile::{Document, PieceKind, Source, format, parse};
use proptest::prelude::*;

#[track_caller]
fn formats(from: &str, to: &str) {
    let formatted = format(from.as_bytes());
    assert_eq!(String::from_utf8(formatted.bytes).expect("UTF-8"), to);
    assert_eq!(formatted.left, []);
}

#[track_caller]
fn stays(text: &str, lines: std::ops::Range<u32>) {
    let formatted = format(text.as_bytes());
    assert_eq!(String::from_utf8(formatted.bytes).expect("UTF-8"), text);
    assert_eq!(formatted.left, [lines]);
}

#[test]
fn indentation_follows_the_braces() {
    formats(
        "\u{feff}.:53 {\r\n  errors\r\n\thealth   {\r\n lameduck 5s   \r\n    }\r\n}\r\n",
        ".:53 {\n    errors\n    health {\n        lameduck 5s\n    }\n}\n",
    );
}

#[test]
fn blocks_stand_apart_and_empty_lines_do_not_pile_up() {
    formats(
        "\n\na {\n\n errors\n\n\n log\n\n}\nb {\n}\n\n\n# of c\nc {\n}\nimport custom/*.server\n\n\n",
        "a {\n    errors\n\n    log\n}\n\nb {\n}\n\n# of c\nc {\n}\nimport custom/*.server\n",
    );
}

#[test]
fn comments_stay_with_their_lines() {
    formats(
        "# first  \n.  {   # root\n  #  why\n errors#x   #  all\n   # last\n}\n# of b\nb {\n}\n# end",
        "# first\n. { # root\n    #  why\n    errors#x #  all\n    # last\n}\n\n# of b\nb {\n}\n# end\n",
    );
}

#[test]
fn quotes_stay_as_they_are() {
    formats(
        ". {\n log   .  \"{remote}   {type}\"\n rewrite name  \"a\n   b\"   c\n}\n",
        ". {\n    log . \"{remote}   {type}\"\n    rewrite name \"a\n   b\" c\n}\n",
    );
}

#[test]
fn keys_that_go_on_and_braces_on_the_next_line_stay_where_they_are() {
    formats("a,\n  b\n {\n errors\n}\n", "a,\nb\n{\n    errors\n}\n");
}

#[test]
fn what_is_imported_into_a_block_has_no_block_around_it() {
    formats(
        "  log\n  hosts {\n 10.0.0.1 a\n fallthrough\n }\n",
        "log\nhosts {\n    10.0.0.1 a\n    fallthrough\n}\n",
    );
}

#[test]
fn a_text_without_words_becomes_empty() {
    formats(" \r\n\t\n", "");
    formats("", "");
}

#[test]
fn blocks_whose_braces_do_not_match_are_left_alone() {
    stays(".  {\n   errors\n", 1..3);
    stays("  }\n", 1..2);
    stays(".  {\n  errors   }\n", 1..3);
    stays(".  {\n  health\n  {\n lameduck   5s\n }\n}\n", 1..7);
    let formatted = format(b"a  {\n}\nb {\n  hosts  {\n}\n");
    assert_eq!(formatted.bytes, b"a {\n}\nb {\n  hosts  {\n}\n");
    assert_eq!(formatted.left, vec![std::ops::Range { start: 3, end: 6 }]);
}

#[test]
fn a_configmap_can_hold_the_text_as_lines() {
    let formatted = format(b"\t.:53 {  \n\terrors \t\n} \n");
    let text = String::from_utf8(formatted.bytes).expect("UTF-8");
    // YAML's `|` takes no line that ends in a blank, and no first line that begins with one.
    assert!(text.lines().all(|line| line.trim_end() == line));
    assert!(!text.starts_with([' ', '\n', '\t']) && text.ends_with("}\n"));
}

/// Tokens as CoreDNS tells them apart, with whether each begins a line, and comments.
fn meaning(bytes: &[u8]) -> (Vec<(String, bool)>, Vec<String>) {
    let document = Document::read(bytes);
    let (mut tokens, mut comments) = (Vec::new(), Vec::new());
    let mut new_line = true;
    for piece in document.pieces() {
        match piece.kind() {
            PieceKind::Break => new_line = true,
            PieceKind::Comment => {
                comments.push(String::from_utf8_lossy(piece.bytes()).trim_end().to_owned());
            }
            _ => {
                if let Some(value) = piece.value() {
                    tokens.push((value, new_line));
                    new_line = false;
                }
            }
        }
    }
    (tokens, comments)
}

fn messages(text: &[u8]) -> Vec<String> {
    let corefile = parse(Source::from_bytes("Corefile", text), Vec::new());
    corefile.problems.into_iter().map(|it| it.message).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn formatting_changes_no_token_no_line_and_no_comment(bytes in bytes::bytes()) {
        prop_assert_eq!(meaning(&format(&bytes).bytes), meaning(&bytes));
    }

    #[test]
    fn formatting_twice_is_formatting_once(bytes in bytes::bytes()) {
        let once = format(&bytes).bytes;
        let twice = format(&once).bytes;
        prop_assert_eq!(String::from_utf8_lossy(&twice), String::from_utf8_lossy(&once));
    }

    #[test]
    fn coredns_says_the_same_of_a_formatted_text(bytes in bytes::bytes()) {
        prop_assert_eq!(messages(&format(&bytes).bytes), messages(&bytes));
    }
}
