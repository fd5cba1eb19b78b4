//! Corefiles from a stranger: never a panic, nothing lost, spans inside their texts, and formatting
//! changes no token.
#![no_main]

use digpod_corefile::plugin::{self, Version};
use digpod_corefile::{
    Corefile, Document, Options, PieceKind, Query, Source, Span, explain, format, lint, parse,
    parse_with,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    // A zero byte parts the Corefile from files that it may import.
    let mut parts = data.splitn(4, |byte| *byte == 0);
    let main = parts.next().unwrap_or_default();

    let document = Document::read(main);
    assert_eq!(document.to_bytes(), main);
    let once = format(main).bytes;
    assert_eq!(format(&once).bytes, once);
    assert_eq!(meaning(&Document::read(&once)), meaning(&document));

    let names = ["custom/a.server", "custom/b.override", "custom/c"];
    let files: Vec<Source> = names
        .iter()
        .zip(parts)
        .map(|(name, bytes)| Source::from_bytes(*name, bytes))
        .collect();
    let main = Source::from_bytes("Corefile", main);
    check(&parse(main.clone(), files.clone()));
    let environment = [("A", "b"), ("B", "{$B}"), ("C", "x\ny"), ("D", "{")];
    let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let environment = environment.into_iter().collect();
    let options = Options {
        environment: Some(&environment),
        directives: None,
    };
    check(&parse_with(main.clone(), files.clone(), &options));
    let linted = lint(main, files, Some(&environment), Version::NEWEST);
    check(&linted);
    for version in [Version::NEWEST, Version::new(1, 8, 4)] {
        for problem in plugin::check(&linted, version) {
            assert_eq!(linted.said(&problem).is_some(), problem.refused);
        }
        for (name, kind) in [
            ("app.corp.internal.", "A"),
            ("10.0.0.10.in-addr.arpa.", "PTR"),
        ] {
            let way = explain(&linted, version, &Query::new(name, kind));
            assert!(!way.sentences().is_empty());
        }
    }
});

/// Tokens, with whether each begins a line.
fn meaning(document: &Document) -> Vec<(String, bool)> {
    let mut tokens = Vec::new();
    let mut new_line = true;
    for piece in document.pieces() {
        new_line |= piece.kind() == PieceKind::Break;
        if let Some(value) = piece.value() {
            tokens.push((value, new_line));
            new_line = false;
        }
    }
    tokens
}

fn check(corefile: &Corefile) {
    let text = |span: Span| {
        let source = &corefile.sources()[span.source];
        source
            .text
            .get(span.start..span.end)
            .expect("a span inside its text")
            .to_owned()
    };
    for problem in &corefile.problems {
        text(problem.span);
        text(problem.place());
        assert_eq!(corefile.said(problem).is_some(), problem.refused);
    }
    for found in corefile.unbalanced() {
        text(found.brace);
    }
    for variable in &corefile.variables {
        text(variable.span);
    }
    for block in &corefile.blocks {
        for key in &block.keys {
            text(key.word.span);
        }
        for word in block.directives.iter().flat_map(|it| it.words()) {
            text(word.span);
        }
    }
    let _ = corefile.forward_for("app.corp.internal.");
}
