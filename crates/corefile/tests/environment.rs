//! Variables of the environment, in keys, names, arguments and imports.

use std::collections::BTreeMap;

use digpod_corefile::plugin::Version;
use digpod_corefile::{Corefile, Directive, Options, Source, lint, parse, parse_with};

fn with(text: &str, variables: &[(&str, &str)]) -> Corefile {
    let pairs = variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let environment: BTreeMap<String, String> = pairs.collect();
    let options = Options {
        environment: Some(&environment),
        ..Options::default()
    };
    let files = vec![Source::new("custom/a.conf", "cache 30\n")];
    parse_with(Source::new("Corefile", text), files, &options)
}

fn words(corefile: &Corefile) -> Vec<String> {
    let directives = corefile.blocks.iter().flat_map(|block| &block.directives);
    let words = directives.flat_map(Directive::words).map(|word| word.text);
    words.collect()
}

#[test]
fn values_take_the_place_of_names_and_the_word_keeps_its_place() {
    let text = "{$ZONE}:{%PORT%} {\n    {$NAME} . {$A}#x tls://{$A}\n}\n";
    let set = [
        ("ZONE", "corp.example"),
        ("PORT", "5353"),
        ("NAME", "forward"),
        ("A", "10.1.0.4"),
    ];
    let corefile = with(text, &set);
    let key = &corefile.blocks[0].keys[0];
    assert_eq!((key.zone.as_str(), key.port), ("corp.example.", 5353));
    assert_eq!(
        words(&corefile),
        ["forward", ".", "10.1.0.4", "tls://10.1.0.4"]
    );
    let span = corefile.blocks[0].directives[0].args[2].span;
    assert_eq!(&text[span.start..span.end], "tls://{$A}");
    assert_eq!(corefile.problems, []);
    assert_eq!(corefile.variables.len(), 5);
}

#[test]
fn a_value_with_blanks_stays_one_word() {
    let corefile = with(
        ". {\n    forward . {$UPSTREAMS}\n}\n",
        &[("UPSTREAMS", "1.1.1.1 8.8.8.8")],
    );
    assert_eq!(words(&corefile), ["forward", ".", "1.1.1.1 8.8.8.8"]);
}

#[test]
fn a_variable_that_is_not_set_leaves_nothing_and_is_reported() {
    let corefile = with(". {\n    forward . {$UPSTREAM}\n}\n", &[]);
    assert_eq!(words(&corefile), ["forward", ".", ""]);
    let problem = &corefile.problems[0];
    assert_eq!(
        problem.message,
        "environment variable UPSTREAM is not set: CoreDNS puts nothing there"
    );
    assert!(!problem.refused && corefile.variables[0].missing);
}

#[test]
fn without_an_environment_words_stay_as_they_are_written() {
    let corefile = parse(
        Source::new("Corefile", ". {\n    forward . {$UPSTREAM}\n}\n"),
        Vec::new(),
    );
    assert_eq!(words(&corefile), ["forward", ".", "{$UPSTREAM}"]);
    let variable = &corefile.variables[0];
    assert_eq!(
        (variable.name.as_str(), &variable.value),
        ("UPSTREAM", &None)
    );
    assert_eq!(corefile.problems, []);
}

#[test]
fn what_is_imported_may_be_a_variable() {
    let corefile = with(
        ". {\n    import {$FOLDER}/a.conf\n}\n",
        &[("FOLDER", "custom")],
    );
    assert_eq!(words(&corefile), ["cache", "30"]);
}

#[test]
fn a_brace_from_a_variable_opens_nothing() {
    let corefile = with(". {\n    cache 30 {$OPEN}\n}\n", &[("OPEN", "{")]);
    assert_eq!(words(&corefile), ["cache", "30", "{"]);
    assert_eq!(corefile.blocks[0].directives[0].properties, []);
}

#[test]
fn names_that_are_empty_or_do_not_end_stay() {
    let corefile = with(". {\n    log {$} {%%} {$A a{$A}b\n}\n", &[("A", "x")]);
    assert_eq!(words(&corefile), ["log", "{$}", "{%%}", "{$A", "axb"]);
}

#[test]
fn a_variable_that_names_itself_ends_here_and_never_in_coredns() {
    let corefile = with(". {\n    log {$A}\n}\n", &[("A", "x{$A}")]);
    assert!(corefile.problems[0].message.contains("never ends"));
}

#[test]
fn line_breaks_of_a_value_count_like_those_of_a_quoted_word() {
    // CoreDNS compares lines, and takes the line after the value for its continuation.
    let corefile = with(". {\n    log {$A}\n    cache 30\n}\n", &[("A", "x\ny")]);
    assert_eq!(words(&corefile), ["log", "x\ny", "cache", "30"]);
    assert_eq!(corefile.blocks[0].directives.len(), 1);
}

#[test]
fn what_a_variable_that_is_not_known_holds_is_not_judged() {
    let text = "{$ZONE}:53 {\n    forward . {$UPSTREAM}\n    cache {$TTL} {\n        success {$CAP}\n    }\n    bogus\n}\n";
    let corefile = lint(
        Source::new("Corefile", text),
        Vec::new(),
        None,
        Version::NEWEST,
    );
    let messages: Vec<_> = corefile
        .problems
        .iter()
        .map(|it| it.message.as_str())
        .collect();
    assert_eq!(messages, ["Unknown directive 'bogus'"]);
}
