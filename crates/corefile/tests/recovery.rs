//! One mistake never hides the rest; every problem says what CoreDNS would say, where, and what to
//! do; and the mistake is found where it is, not where CoreDNS stumbles over it.

mod common;

use digpod_corefile::plugin::Version;
use digpod_corefile::{Corefile, Options, Source, lint, parse, parse_with};
use proptest::prelude::*;

fn read(text: &str) -> Corefile {
    parse(Source::new("Corefile", text), Vec::new())
}

/// What CoreDNS says, and the line of the mistake where that is another one.
fn said(corefile: &Corefile) -> Vec<String> {
    let problems = corefile.problems.iter().map(|problem| {
        let said = corefile.said(problem);
        let said = said.unwrap_or_else(|| format!("({})", problem.message));
        let at = |span| corefile.path_and_line(span);
        if at(problem.place()) == at(problem.span) {
            return said;
        }
        let (path, line) = at(problem.place());
        let path = path.trim_start_matches("/etc/coredns/");
        format!("{said} <- {path}:{line}")
    });
    problems.collect()
}

#[test]
fn one_mistake_never_hides_the_rest() {
    let corefile = read(
        "a: {\n    errors }\n}\nimport nope.conf\n(s) {\n}\n(s) {\n}\n.:53{\n    cache {\n        success 1\n",
    );
    assert_eq!(
        said(&corefile),
        [
            "error inspecting server blocks: expecting data after last colon: \"a:\"",
            "/etc/coredns/Corefile:2 - Error during parsing: Unexpected '}' because no matching opening brace",
            "/etc/coredns/Corefile:4 - Error during parsing: File to import not found: nope.conf",
            "/etc/coredns/Corefile:7 - Error during parsing: redeclaration of previously declared snippet s",
            "error inspecting server blocks: zone is not a valid domain name: .:53{",
            "/etc/coredns/Corefile:11 - Error during parsing: Unexpected EOF <- Corefile:10",
        ]
    );
    let first = corefile.first_refusal().expect("a refusal");
    assert!(
        first.message.starts_with("Unexpected '}'"),
        "the parser comes before the keys"
    );
}

#[test]
fn coredns_names_the_last_word_and_we_the_block_that_is_open() {
    for (text, culprit) in [
        (".:53 {\n    errors\n    forward . 1.1.1.1\n", 1),
        (
            // The inner block takes the brace of the outer one.
            "a {\n    errors\n}\n.:53 {\n    hosts {\n        10.0.0.1 a\n    forward . 1.1.1.1\n}\nb {\n    errors\n",
            5,
        ),
        (
            // The block before the one that CoreDNS would name.
            "a {\n    errors\n\nb {\n    errors\n}\nc {\n    log\n",
            1,
        ),
    ] {
        let corefile = read(text);
        let refused = corefile
            .problems
            .iter()
            .rfind(|it| it.refused)
            .expect("a refusal");
        assert!(refused.message.ends_with("expecting '}'"), "{refused:?}");
        assert_eq!(corefile.path_and_line(refused.place()).1, culprit, "{text}");
    }
}

#[test]
fn the_key_that_leaves_a_block_open_is_found_and_not_its_neighbour() {
    let files = vec![
        Source::new(
            "custom/a.server",
            "a.example:53 {\n    forward . 10.1.0.4\n",
        ),
        Source::new("custom/b.server", "b.example:53 {\n    errors\n}\n"),
    ];
    let options = Options {
        directives: Some(&["errors", "forward"]),
        ..Options::default()
    };
    let main = Source::new(
        "Corefile",
        ".:53 {\n    errors\n}\nimport custom/*.server\n",
    );
    let corefile = parse_with(main, files, &options);
    assert_eq!(
        said(&corefile),
        [
            "/etc/coredns/custom/b.server:1 - Error during parsing: Unknown directive 'b.example:53' <- custom/a.server:1",
            "(the server block is not closed: the last '}' belongs to a directive)",
        ]
    );
}

#[test]
fn directives_without_a_block_are_found_and_not_the_block_after_them() {
    let files = vec![
        Source::new("custom/a.server", "forward 10.1.0.4\n"),
        Source::new("custom/b.server", "b.example:53 {\n    errors\n}\n"),
    ];
    let main = Source::new(
        "Corefile",
        ".:53 {\n    errors\n}\nimport custom/*.server\n",
    );
    let corefile = lint(main, files, None, Version::new(1, 12, 1));
    assert_eq!(
        said(&corefile),
        [
            "/etc/coredns/custom/b.server:1 - Error during parsing: Unknown directive 'b.example:53' <- custom/a.server:1",
            "('forward' stands outside any server block: CoreDNS takes its line for zones)",
        ]
    );
}

#[test]
fn a_mistake_in_a_snippet_is_said_once_however_often_it_is_imported() {
    let corefile = read("(s) {\n    import nope\n}\na {\n    import s\n}\nb {\n    import s\n}\n");
    assert_eq!(corefile.problems.len(), 1);
    assert_eq!(corefile.path_and_line(corefile.problems[0].span).1, 2);
}

#[test]
fn braces_are_counted_file_by_file() {
    let braces = |text: &str| {
        let corefile = read(text);
        let found = corefile.unbalanced();
        found
            .first()
            .map(|it| (corefile.path_and_line(it.brace).1, it.open))
    };
    assert_eq!(braces("a {\n    errors\n}\n"), None);
    assert_eq!(braces("a {\n    errors\n}\n}\n"), Some((4, false)));
    // Going by the indentation, the brace in line 3 is the one too many.
    assert_eq!(
        braces("a {\n    errors\n    }\n    log\n}\n"),
        Some((3, false))
    );
    assert_eq!(braces("a {\n    hosts {\n    log\n}\n"), Some((2, true)));
    assert_eq!(braces("a {\n    hosts {\n"), Some((2, true)));
}

#[test]
fn a_line_outside_any_block_is_named_when_the_plugins_are_known() {
    let files = vec![Source::new("custom/a.server", "log\n")];
    let main = Source::new(
        "Corefile",
        ".:53 {\n    errors\n}\nimport custom/*.server\n",
    );
    let corefile = lint(main, files, None, Version::new(1, 12, 1));
    assert_eq!(
        said(&corefile),
        ["('log' stands outside any server block: CoreDNS takes its line for zones)"]
    );
}

#[test]
fn a_pattern_that_takes_in_everything_fails_on_a_configmap_volume() {
    let files = vec![Source::new("custom/a.server", "a {\n}\n")];
    let corefile = parse(Source::new("Corefile", "import custom/*\n"), files);
    assert_eq!(
        said(&corefile),
        [
            "(in a mounted ConfigMap 'custom/*' takes in the folder '..data' too, and CoreDNS would not start)"
        ]
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn every_problem_has_its_words_its_place_and_help(
        main in common::soup(), a in common::soup(), c in common::soup()
    ) {
        let files = vec![Source::new("custom/a", a), Source::new("custom/c", c)];
        let corefile = parse(Source::new("Corefile", main), files);
        for problem in &corefile.problems {
            prop_assert!(!problem.help().is_empty(), "{:?}", problem);
            prop_assert_eq!(corefile.said(problem).is_some(), problem.refused);
            for span in [problem.span, problem.place()] {
                let source = &corefile.sources()[span.source];
                prop_assert!(source.text.get(span.start..span.end).is_some_and(|it| !it.is_empty()));
            }
        }
    }

    #[test]
    fn a_stray_mistake_leaves_the_other_blocks_as_they_are(
        mistake in prop::sample::select(vec![
            "errors }\n", "import\n", "import nope\n", "health\n {\n lameduck 5s\n }\n", "log \"a\n b\"\n",
        ]),
        before in 0_usize..4,
        after in 0_usize..4,
    ) {
        let block = |number: usize| format!("z{number}.example {{\n    errors\n    cache 30\n}}\n");
        let all = |numbers: std::ops::Range<usize>| numbers.map(block).collect::<String>();
        let text = format!(
            "{}bad.example {{\n    {mistake}    log\n}}\n{}", all(0..before), all(10..10 + after)
        );
        let corefile = read(&text);
        let whole = corefile.blocks.iter().filter(|block| {
            let names: Vec<_> = block.directives.iter().map(|it| it.name.text.as_str()).collect();
            names == ["errors", "cache"]
        });
        prop_assert_eq!(whole.count(), before + after);
    }
}

#[test]
fn a_quote_that_is_never_closed_is_to_blame_also_in_an_import() {
    let place = |corefile: &Corefile| {
        let found = corefile.problems.iter().map(|problem| {
            let place = problem.place();
            let source = &corefile.sources()[place.source];
            let word = source.text.get(place.start..place.end).unwrap_or_default();
            (
                source.name.clone(),
                source.line(place.start),
                word.to_owned(),
            )
        });
        found.collect::<Vec<_>>()
    };
    let new = Version::NEWEST;
    let main = Source::new("Corefile", ".:53 {\n    import a\n    whoami\n}\n");
    let open = Source::new("a", "log . \"{remote}\n");
    // CoreDNS accepts it: the file that is imported ends within the quote.
    let corefile = lint(main, vec![open], None, new);
    assert!(corefile.first_refusal().is_none());
    assert_eq!(place(&corefile), [("a".to_owned(), 1, "\"".to_owned())]);
    // Of all that CoreDNS would refuse what it stops at is left.
    let corefile = lint(
        Source::new("Corefile", ".:53 {\n    whoami\n    \"\n}\n"),
        Vec::new(),
        None,
        new,
    );
    let said: Vec<_> = corefile.problems.iter().map(|it| &it.message).collect();
    assert_eq!(said, ["Unknown directive '\n}\n'"]);
    assert_eq!(
        place(&corefile),
        [("Corefile".to_owned(), 3, "\"".to_owned())]
    );
    // What the plugin refuses stays refused, and the quote is its culprit.
    let main = Source::new("Corefile", ".:53 {\n    import a\n}\n");
    let open = Source::new("a", "forward . \"8.8.8.8\n");
    let corefile = lint(main, vec![open], None, Version::new(1, 11, 3));
    let refusal = corefile.first_refusal().expect("a refusal");
    assert!(
        refusal.message.starts_with("not an IP address"),
        "{refusal:?}"
    );
    assert_eq!(place(&corefile), [("a".to_owned(), 1, "\"".to_owned())]);
    let main = Source::new(
        "Corefile",
        ".:53 {\n    forward . 10.1.0.4 \"10.1.0.5\n    cache\n}\n",
    );
    let corefile = lint(main, Vec::new(), None, new);
    assert!(corefile.first_refusal().is_some());
    assert_eq!(
        place(&corefile),
        [("Corefile".to_owned(), 2, "\"".to_owned())]
    );
}

#[test]
fn a_brace_below_its_directive_is_one_mistake_in_every_plugin_and_version() {
    for version in [
        Version::new(1, 6, 0),
        Version::new(1, 11, 3),
        Version::NEWEST,
    ] {
        for plugin in [
            "forward . 10.1.0.4",
            "cache",
            "hosts",
            "log",
            "kubernetes",
            "template IN A",
            "errors",
        ] {
            let text = format!(
                ".:53 {{\n    {plugin}\n    {{\n        ttl 30\n        fallthrough\n    }}\n}}\n"
            );
            let corefile = lint(Source::new("Corefile", text), Vec::new(), None, version);
            let name = plugin.split(' ').next().unwrap_or_default();
            let help = format!("Put `{{` on the line of `{name}`.");
            let helps: Vec<&str> = corefile
                .problems
                .iter()
                .map(digpod_corefile::Problem::help)
                .collect();
            assert_eq!(helps, [help], "{name} {version}: {:?}", corefile.problems);
        }
    }
}

#[test]
fn placeholders_of_node_cache_are_no_mistakes() {
    let text = "__PILLAR__DNS__DOMAIN__:53 {\n    bind __PILLAR__LOCAL__DNS__ __PILLAR__DNS__SERVER__\n    \
                health __PILLAR__LOCAL__DNS__:8080\n    forward . __PILLAR__CLUSTER__DNS__\n}\n\
                .:53 {\n    forward . __PILLAR__UPSTREAM__SERVERS__\n}\n";
    for version in [Version::new(1, 9, 3), Version::NEWEST] {
        let corefile = lint(Source::new("Corefile", text), Vec::new(), None, version);
        assert_eq!(corefile.problems, []);
    }
}
