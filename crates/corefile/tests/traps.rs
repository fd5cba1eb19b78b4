//! Mistakes people make and what CoreDNS makes of them; each message was compared with the parser
//! of CoreDNS 1.12.1.

use digpod_corefile::{Corefile, Source, parse};

const MAIN: &str = ".:53 {
    errors
    import custom/*.override
    loop
}
import custom/*.server
";

fn read(text: &str) -> Corefile {
    parse(Source::new("Corefile", text), Vec::new())
}

fn with(files: &[(&str, &str)]) -> Corefile {
    let files = files.iter().map(|(name, text)| Source::new(*name, *text));
    parse(Source::new("Corefile", MAIN), files.collect())
}

/// Blocks as `key key: directive directive`.
fn shape(corefile: &Corefile) -> Vec<String> {
    let words = |words: Vec<&str>| words.join(" ");
    let blocks = corefile.blocks.iter().map(|block| {
        let keys = words(block.keys.iter().map(|it| it.word.text.as_str()).collect());
        let names = words(
            block
                .directives
                .iter()
                .map(|it| it.name.text.as_str())
                .collect(),
        );
        format!("{keys}: {names}")
    });
    blocks.collect()
}

/// Problems as message, source and the text they point at; `!` marks those that CoreDNS refuses.
fn problems(corefile: &Corefile) -> Vec<String> {
    let problems = corefile.problems.iter().map(|problem| {
        let source = &corefile.sources()[problem.span.source];
        let text = &source.text[problem.span.start..problem.span.end];
        let mark = if problem.refused { "! " } else { "" };
        format!("{mark}{} [{} {text}]", problem.message, source.name)
    });
    problems.collect()
}

#[track_caller]
fn refused(text: &str, message: &str) {
    let corefile = read(text);
    let first = corefile.problems.iter().find(|problem| problem.refused);
    assert_eq!(
        first.map(|problem| problem.message.as_str()),
        Some(message),
        "{text}"
    );
}

#[test]
fn what_coredns_refuses_has_its_own_words() {
    for (text, message) in [
        (
            ". {\n errors\n forward . 1.1.1.1\n",
            "Unexpected token '1.1.1.1', expecting '}'",
        ),
        (". {", "Unexpected token '{', expecting '}'"),
        (". {\n cache {\n success 1\n", "Unexpected EOF"),
        (
            ". {\n errors }\n",
            "Unexpected '}' because no matching opening brace",
        ),
        (
            ". {\n cache {\n success 1\n } }\n",
            "Unexpected '}' because no matching opening brace",
        ),
        (
            ". {\n health\n {\n lameduck 5s\n }\n}\n",
            "Unexpected token '{', expecting argument",
        ),
        (
            "a, {\n}\n",
            "Expected another address but had '{' - check for extra comma",
        ),
        ("a,", "Unexpected EOF"),
        ("a: {\n}\n", "expecting data after last colon: \"a:\""),
        (
            ".:53{\n errors\n}\n",
            "zone is not a valid domain name: .:53{",
        ),
        (":53 {\n}\n", "zone is not a valid domain name: "),
        ("a..b {\n}\n", "zone is not a valid domain name: a..b"),
        ("::/0 {\n}\n", "invalid CIDR ::/0"),
        (
            ". {\n}\n.:53 {\n}\n",
            "cannot serve dns://.:53 - it is already defined",
        ),
        (
            "import\n",
            "Wrong argument count or unexpected line ending after 'import'",
        ),
        ("import \"\"\n", "Import requires a non-empty filepath"),
        (
            "import a b\n",
            "Import takes only one argument (glob pattern or file)",
        ),
        (
            "import custom.conf\n",
            "File to import not found: custom.conf",
        ),
        (
            "import */*.server\n",
            "Glob pattern may only contain one wildcard (*), but has others: /etc/coredns/*/*.server",
        ),
        (
            "(s) {\n errors\n}\n(s) {\n}\n",
            "redeclaration of previously declared snippet s",
        ),
        (
            "(s) {\n errors\n",
            "Unexpected token 'errors', expecting '}'",
        ),
        ("(s)\nerrors\n", "Unexpected token 'errors', expecting '{'"),
    ] {
        refused(text, message);
    }
    let corefile = parse(
        Source::new("Corefile", "import custom\n"),
        vec![Source::new("custom/a.server", "")],
    );
    assert_eq!(
        problems(&corefile),
        ["! Could not import /etc/coredns/custom: is a directory [Corefile custom]"]
    );
}

#[test]
fn the_braces_of_a_directive_that_begin_on_the_next_line_stay_with_it() {
    let corefile = read(". {\n health\n {\n lameduck 5s\n }\n errors\n}\n");
    assert_eq!(shape(&corefile), [".: health errors"]);
    assert_eq!(
        corefile.blocks[0].directives[0].properties[0].name.text,
        "lameduck"
    );
    assert_eq!(
        problems(&corefile),
        ["! Unexpected token '{', expecting argument [Corefile {]"]
    );
}

#[test]
fn an_inner_block_that_is_not_closed_swallows_the_directives_after_it() {
    let corefile = read(". {\n hosts {\n 10.0.0.1 a\n forward . 1.1.1.1\n}\n}\n");
    // CoreDNS says nothing: the file is balanced as it stands.
    assert_eq!(shape(&corefile), [".: hosts"]);
    let corefile = read(". {\n hosts {\n 10.0.0.1 a\n forward . 1.1.1.1\n}\n");
    assert_eq!(
        problems(&corefile),
        ["the server block is not closed: the last '}' belongs to a directive [Corefile .]"]
    );
}

#[test]
fn a_nested_block_is_refused_and_does_not_end_the_block_around_it() {
    let corefile = read(". {\n cache {\n inner {\n x y\n }\n success 1\n }\n errors\n}\n");
    assert_eq!(shape(&corefile), [".: cache errors"]);
    assert_eq!(
        problems(&corefile),
        ["! Unexpected token '{', expecting argument [Corefile {]"]
    );
}

#[test]
fn an_extra_brace_in_an_override_silently_ends_the_default_block() {
    let corefile = with(&[("custom/a.override", "log\n}\n")]);
    assert_eq!(shape(&corefile), [".:53: errors log", "loop: "]);
    assert_eq!(
        problems(&corefile),
        ["'}' closes a block that another file opened [custom/a.override }]"]
    );
}

#[test]
fn an_extra_brace_at_top_level_silently_becomes_a_zone() {
    let corefile = read(". {\n errors\n}\n}\n");
    assert_eq!(shape(&corefile), [".: errors", "}: "]);
    assert_eq!(
        problems(&corefile),
        ["'}' closes nothing: CoreDNS takes it for a zone [Corefile }]"]
    );
}

#[test]
fn a_brace_that_touches_the_zone_silently_becomes_part_of_it() {
    let corefile = read("contoso.com{\n errors\n}\n");
    assert_eq!(
        corefile.blocks[0].zones().collect::<Vec<_>>(),
        ["contoso.com{."]
    );
    assert_eq!(
        problems(&corefile),
        [
            "'contoso.com{' has no blank before its brace: CoreDNS takes it for a zone [Corefile contoso.com{]"
        ]
    );
}

#[test]
fn bare_directives_in_a_server_key_become_zones_and_clash_with_the_root() {
    let corefile = with(&[("custom/a.server", "forward . 1.2.3.4\n")]);
    assert_eq!(
        shape(&corefile),
        [".:53: errors loop", "forward . 1.2.3.4: "]
    );
    assert_eq!(
        problems(&corefile),
        ["! cannot serve dns://.:53 - it is already defined [custom/a.server .]"]
    );
}

#[test]
fn bare_directives_in_a_server_key_swallow_the_next_key() {
    let corefile = with(&[
        ("custom/a.server", "forward 1.2.3.4\n"),
        ("custom/b.server", "contoso.com:53 {\n errors\n}\n"),
    ]);
    assert_eq!(shape(&corefile)[1], "forward 1.2.3.4: contoso.com:53");
}

#[test]
fn a_block_that_a_key_leaves_open_swallows_the_next_key() {
    let corefile = with(&[
        (
            "custom/a.server",
            "a.example {\n forward . 10.1.0.4 {\n policy sequential\n }\n",
        ),
        ("custom/b.server", "b.example {\n errors\n}\n}\n"),
    ]);
    assert_eq!(shape(&corefile)[1], "a.example: forward b.example");
    assert_eq!(
        problems(&corefile),
        ["'}' closes a block that another file opened [custom/b.server }]"]
    );
}

#[test]
fn blocks_that_view_or_bind_tell_apart_may_share_their_key() {
    for plugin in ["view a {\n expr true\n }", "bind 10.0.0.1"] {
        let corefile = read(&format!(". {{\n {plugin}\n}}\n. {{\n errors\n}}\n"));
        assert_eq!(problems(&corefile), [""; 0], "{plugin}");
    }
}

#[test]
fn a_block_without_a_zone_is_ignored() {
    let corefile = read("{\n errors\n}\n. {\n log\n}\n");
    assert_eq!(shape(&corefile), [".: log"]);
    assert_eq!(
        problems(&corefile),
        ["a server block without a zone is ignored [Corefile {]"]
    );
}

#[test]
fn quotes_do_not_hide_a_brace() {
    assert_eq!(
        shape(&read(". \"{\"\n errors\n \"}\"\na {\n}\n")),
        [".: errors", "a: "]
    );
}

#[test]
fn an_import_works_wherever_a_line_may_begin() {
    let files = [
        ("custom/keys", "b {\n errors\n}\n"),
        ("custom/props", "policy sequential\nmax_fails 3\n"),
    ];
    let files = || {
        files
            .iter()
            .map(|(name, text)| Source::new(*name, *text))
            .collect()
    };
    let main = ". {\n forward . 1.1.1.1 {\n import custom/props\n expire 5s\n }\n}\na,\nimport custom/keys\n";
    let corefile = parse(Source::new("Corefile", main), files());
    assert_eq!(problems(&corefile), [""; 0]);
    assert_eq!(shape(&corefile), [".: forward", "a, b: errors"]);
    let properties = &corefile.blocks[0].directives[0].properties;
    let of = |at: usize| {
        (
            properties[at].name.text.as_str(),
            properties[at].name.span.source,
        )
    };
    assert_eq!(
        [of(0), of(1), of(2)],
        [("policy", 2), ("max_fails", 2), ("expire", 0)]
    );
    // Not at the start of a line it is an argument.
    let corefile = parse(
        Source::new("Corefile", ". {\n log import custom/props\n}\n"),
        files(),
    );
    assert_eq!(corefile.blocks[0].directives[0].args.len(), 2);
}

#[test]
fn paths_are_relative_to_the_file_that_imports() {
    let files = vec![
        Source::new(
            "custom/a.server",
            "import b.conf\nimport ../c.conf\nimport /etc/coredns/custom/?.abs\n",
        ),
        Source::new("custom/b.conf", "b {\n}\n"),
        Source::new("c.conf", "c {\n}\n"),
        Source::new("custom/d.abs", "d {\n}\n"),
        Source::new("custom/deep/e.server", "e {\n}\n"),
    ];
    let corefile = parse(Source::new("Corefile", "import custom/*.server\n"), files);
    assert_eq!(problems(&corefile), [""; 0]);
    assert_eq!(shape(&corefile), ["b: ", "c: ", "d: "]);
}

#[test]
fn a_file_that_imports_itself_ends() {
    for main in ["import Corefile\n", ". {\n errors\n}\nimport *\n"] {
        let corefile = read(main);
        let ends = corefile
            .problems
            .iter()
            .any(|it| it.message == "maximum file import depth (10000) exceeded");
        assert!(ends, "{main}");
    }
}

#[test]
fn networks_become_reverse_zones() {
    for (key, zones) in [
        ("10.0.0.0/8", "10.in-addr.arpa."),
        ("0.0.0.0/0", "in-addr.arpa."),
        ("10.1.2.3/32", "3.2.1.10.in-addr.arpa."),
        (
            "192.168.1.1/23",
            "0.168.192.in-addr.arpa. 1.168.192.in-addr.arpa.",
        ),
        (
            "2001:db8::/31",
            "8.b.d.0.1.0.0.2.ip6.arpa. 9.b.d.0.1.0.0.2.ip6.arpa.",
        ),
        ("2001:db8::/32:5353", "8.b.d.0.1.0.0.2.ip6.arpa."),
        ("10.0.0/8", "10.0.0/8."),
        ("10.0.0.0/33", "10.0.0.0/33."),
    ] {
        let corefile = read(&format!("{key} {{\n}}\n"));
        assert_eq!(
            corefile.blocks[0].zones().collect::<Vec<_>>().join(" "),
            zones,
            "{key}"
        );
    }
}

#[test]
fn a_forward_from_a_network_takes_its_reverse_names() {
    let corefile = read(
        ". {\n forward 10.0.0.0/8 10.1.0.4 {\n except 10.9.0.0/16\n }\n forward . 1.1.1.1\n}\n",
    );
    let to = |name: &str| {
        corefile
            .forward_for(name)
            .map(|(_, it)| it.to[0].text.clone())
    };
    assert_eq!(to("4.0.1.10.in-addr.arpa").as_deref(), Some("10.1.0.4"));
    assert_eq!(to("4.0.9.10.in-addr.arpa").as_deref(), Some("1.1.1.1"));
}
