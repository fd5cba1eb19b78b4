//! Whatever bytes go in come out again, and changing a token changes nothing else.

#[path = "common/bytes.rs"]
mod bytes;
mod common;

use digpod_corefile::{Directive, Document, EditError, PieceKind, Source, parse};
use proptest::prelude::*;

fn kinds(text: &str) -> Vec<(PieceKind, String)> {
    let document = Document::read(text.as_bytes());
    let pieces = document.pieces().iter();
    pieces
        .map(|piece| {
            (
                piece.kind(),
                String::from_utf8_lossy(piece.bytes()).into_owned(),
            )
        })
        .collect()
}

#[test]
fn everything_between_tokens_has_a_piece_of_its_own() {
    use PieceKind::{Blank, Break, Comment, Dangling, Hidden, Mark, Quoted, Word};
    let expected = [
        (Mark, "\u{feff}"),
        (Word, "."),
        (Blank, " "),
        (Word, "{"),
        (Blank, " "),
        (Comment, "# root\r"),
        (Break, "\n"),
        (Blank, "\t"),
        (Word, "forward"),
        (Blank, " "),
        (Word, "8.8.8.8"),
        (Hidden, "#dns"),
        (Blank, " "),
        (Quoted, "\"a\nb\""),
        (Word, "c"),
        (Blank, "\r"),
        (Break, "\n"),
        (Dangling, "\""),
    ];
    let text = "\u{feff}. { # root\r\n\tforward 8.8.8.8#dns \"a\nb\"c\r\n\"";
    let expected: Vec<_> = expected.map(|(kind, text)| (kind, text.to_owned())).into();
    assert_eq!(kinds(text), expected);
}

#[test]
fn each_byte_that_is_not_utf8_is_one_character_to_coredns() {
    let bytes = b"zone\xff\xe2\x82 {\n}\n";
    let document = Document::read(bytes);
    assert_eq!(document.to_bytes(), bytes);
    assert_eq!(document.pieces()[0].bytes(), b"zone\xff\xe2\x82");
    let value = document.pieces()[0].value();
    assert_eq!(value.as_deref(), Some("zone\u{fffd}\u{fffd}\u{fffd}"));
    let corefile = parse(Source::from_bytes("Corefile", bytes), Vec::new());
    assert_eq!(Some(&corefile.blocks[0].keys[0].word.text), value.as_ref());
}

#[test]
fn a_value_is_put_in_quotes_only_where_it_needs_them() {
    let set = |text: &str, token: &str, value: &str| {
        let mut document = Document::read(text.as_bytes());
        let number = document.find(token).expect("the token");
        let done = document.set(number, value);
        done.map(|()| String::from_utf8(document.to_bytes()).expect("UTF-8"))
    };
    assert_eq!(set("a  b # c", "b", "d"), Ok("a  d # c".to_owned()));
    assert_eq!(set("a b # c", "b", "d e"), Ok("a \"d e\" # c".to_owned()));
    assert_eq!(set("a \"b\"", "b", "d"), Ok("a \"d\"".to_owned()));
    assert_eq!(
        set("a b", "b", "say \"x\""),
        Ok("a \"say \\\"x\\\"\"".to_owned())
    );
    assert_eq!(set("a b", "b", ""), Ok("a \"\"".to_owned()));
    // Plain words keep their backslashes; in quotes the last one would escape the quote.
    assert_eq!(set("a b", "b", "c\\"), Ok("a c\\".to_owned()));
    assert_eq!(set("a b", "b", "c d\\"), Err(EditError::Unwritable));
    assert_eq!(set("a b#c d", "b", "x y"), Err(EditError::BeforeHidden));
    assert_eq!(
        Document::read(b" a").set(0, "b"),
        Err(EditError::NotAToken(0))
    );
}

fn values(document: &Document) -> Vec<Option<String>> {
    document
        .pieces()
        .iter()
        .map(digpod_corefile::Piece::value)
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_bytes_come_out_as_they_went_in(bytes in bytes::bytes()) {
        let document = Document::read(&bytes);
        prop_assert_eq!(document.to_bytes(), bytes);
        prop_assert!(document.pieces().iter().all(|piece| !piece.bytes().is_empty()));
    }

    #[test]
    fn the_parser_and_the_pieces_see_the_same_tokens(text in common::soup()) {
        let document = Document::read(text.as_bytes());
        let mut at = 0;
        let mut tokens = Vec::new();
        for piece in document.pieces() {
            let breaks = text[..at].matches('\n').count();
            prop_assert_eq!(piece.line() as usize, breaks + 1);
            let end = at + piece.bytes().len();
            if piece.kind().is_token() {
                tokens.push((at, end));
            }
            at = end;
        }
        prop_assert_eq!(at, text.len());
        let corefile = parse(Source::new("Corefile", text), Vec::new());
        for word in corefile.blocks.iter().flat_map(|block| &block.directives).flat_map(Directive::words) {
            prop_assert!(tokens.contains(&(word.span.start, word.span.end)));
        }
    }

    #[test]
    fn changing_a_token_changes_nothing_else(
        bytes in bytes::bytes(),
        which in any::<prop::sample::Index>(),
        value in prop_oneof![common::soup(), "[a-z\"\\\\# \u{feff}]{0,6}"],
    ) {
        let mut document = Document::read(&bytes);
        let pieces = document.pieces().iter().enumerate();
        let tokens: Vec<_> = pieces.filter(|(_, it)| it.kind().is_token()).map(|(at, _)| at).collect();
        prop_assume!(!tokens.is_empty());
        let number = tokens[which.index(tokens.len())];
        let mut expected = values(&document);
        if document.set(number, &value).is_ok() {
            expected[number] = Some(value);
        }
        prop_assert_eq!(values(&Document::read(&document.to_bytes())), expected);
    }
}
