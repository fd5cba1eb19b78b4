//! What CoreDNS's vendored Caddyfile parser makes of a text, trap by trap.

use digpod_corefile::{Corefile, Policy, Source, parse};
use proptest::prelude::*;

const AKS: &str = ".:53 {
    errors
    kubernetes cluster.local in-addr.arpa ip6.arpa {
      pods insecure
      fallthrough in-addr.arpa ip6.arpa
    }
    forward . /etc/resolv.conf # upstreams of the node
    cache 30
    import custom/*.override
}
import custom/*.server
";

fn read(text: &str) -> Corefile {
    parse(Source::new("Corefile", text), Vec::new())
}

fn with(files: &[(&str, &str)]) -> Corefile {
    let files = files
        .iter()
        .map(|(name, text)| Source::new(*name, *text))
        .collect();
    parse(Source::new("Corefile", AKS), files)
}

fn names(corefile: &Corefile, block: usize) -> Vec<&str> {
    corefile.blocks[block]
        .directives
        .iter()
        .map(|it| it.name.text.as_str())
        .collect()
}

fn messages(corefile: &Corefile) -> Vec<&str> {
    corefile
        .problems
        .iter()
        .map(|problem| problem.message.as_str())
        .collect()
}

#[test]
fn the_default_corefile_of_aks_reads_without_a_problem() {
    let corefile = with(&[]);
    assert_eq!(messages(&corefile), [""; 0]);
    assert_eq!(
        names(&corefile, 0),
        ["errors", "kubernetes", "forward", "cache"]
    );
    let kubernetes = &corefile.blocks[0].directives[1];
    assert_eq!(kubernetes.properties[1].args.len(), 2);
    assert!(
        corefile
            .imports
            .iter()
            .all(|import| import.matched.is_empty())
    );
}

#[test]
fn imported_words_keep_the_file_they_came_from() {
    let corefile = with(&[
        (
            "custom/b.server",
            "b.example:53 {\n    forward . 10.1.0.5\n}\n",
        ),
        ("custom/a.override", "log\n"),
        ("custom/ignored.txt", "nonsense {"),
    ]);
    assert_eq!(messages(&corefile), [""; 0]);
    assert_eq!(
        names(&corefile, 0),
        ["errors", "kubernetes", "forward", "cache", "log"]
    );
    assert_eq!(corefile.blocks[0].directives[4].name.span.source, 2);
    assert_eq!(corefile.blocks[1].keys[0].word.span.source, 1);
    assert_eq!(
        corefile
            .imports
            .iter()
            .flat_map(|it| it.matched.clone())
            .collect::<Vec<_>>(),
        [2, 1]
    );
}

#[test]
fn the_longest_zone_answers_a_name() {
    let corefile = with(&[(
        "custom/corp.server",
        "corp.internal {\n  forward . 10.1.0.4\n}\n",
    )]);
    let to = |name: &str| {
        let (_, forward) = corefile.forward_for(name).expect("a forward");
        forward
            .to
            .iter()
            .map(|word| word.text.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(to("app.corp.internal."), ["10.1.0.4"]);
    assert_eq!(to("APP.Corp.Internal"), ["10.1.0.4"]);
    assert_eq!(to("notcorp.internal."), ["/etc/resolv.conf"]);
}

#[test]
fn a_block_without_a_forward_never_falls_back_to_a_shorter_zone() {
    let corefile = with(&[(
        "custom/corp.server",
        "corp.internal {\n  hosts {\n 10.0.0.1 a\n}\n}\n",
    )]);
    assert!(corefile.forward_for("app.corp.internal.").is_none());
}

#[test]
fn the_policy_is_random_unless_it_is_set() {
    let policy = |line: &str| {
        let corefile = read(&format!(
            ". {{\n forward . 1.1.1.1 1.0.0.1 {{\n {line}\n }}\n}}\n"
        ));
        corefile.forwards()[0].1.policy
    };
    assert_eq!(policy(""), Policy::Random);
    assert_eq!(policy("policy sequential"), Policy::Sequential);
    assert_eq!(policy("policy round_robin"), Policy::RoundRobin);
    assert_eq!(policy("policy fastest"), Policy::Unknown);
}

#[test]
fn an_exception_is_not_forwarded_unless_it_is_from_itself() {
    let corefile = read(
        ". {\n forward corp.internal 10.1.0.4 {\n except eu.corp.internal corp.internal\n }\n}\n",
    );
    assert!(corefile.forward_for("a.eu.corp.internal").is_none());
    assert!(corefile.forward_for("corp.internal").is_some());
}

#[test]
fn keys_are_made_normal() {
    let key = |text: &str| {
        let corefile = read(&format!("{text} {{\n}}\n"));
        let keys = &corefile.blocks[0].keys;
        keys.iter()
            .map(|key| format!("{} {} {}", key.scheme, key.zone, key.port))
            .collect::<Vec<_>>()
    };
    assert_eq!(key(".:53"), ["dns . 53"]);
    assert_eq!(key("Example.ORG"), ["dns example.org. 53"]);
    assert_eq!(key("dns://x:54"), ["dns x. 54"]);
    assert_eq!(key("tls://."), ["tls . 853"]);
    assert_eq!(key("10.1.0.0/16"), ["dns 1.10.in-addr.arpa. 53"]);
    assert_eq!(
        key("10.0.0.0/15"),
        ["dns 0.10.in-addr.arpa. 53", "dns 1.10.in-addr.arpa. 53"]
    );
    assert_eq!(key("a b"), ["dns a. 53", "dns b. 53"]);
}

#[test]
fn a_comma_continues_the_keys_on_the_next_line() {
    let corefile = read("a,\nb {\n errors\n}\n");
    assert_eq!(corefile.blocks[0].zones().collect::<Vec<_>>(), ["a.", "b."]);
}

#[test]
fn a_block_without_braces_takes_the_rest_of_the_file() {
    let corefile = read(".\nerrors\nforward . 1.1.1.1\n");
    assert_eq!(names(&corefile, 0), ["errors", "forward"]);
    assert_eq!(messages(&corefile), [""; 0]);
}

#[test]
fn a_hash_inside_a_word_hides_only_the_rest_of_that_word() {
    let corefile = read(". {\n forward . 8.8.8.8#dns second\n}\n");
    let words: Vec<_> = corefile.forwards()[0]
        .1
        .to
        .iter()
        .map(|word| word.text.clone())
        .collect();
    assert_eq!(words, ["8.8.8.8", "second"]);
}

#[test]
fn quotes_count_only_at_the_start_of_a_word() {
    let corefile = read(". {\n log \"a \\\" b\\d\" c\"d\n}\n");
    let args: Vec<_> = corefile.blocks[0].directives[0]
        .args
        .iter()
        .map(|word| word.text.as_str())
        .collect();
    assert_eq!(args, ["a \" b\\d", "c\"d"]);
}

#[test]
fn a_brace_that_touches_its_word_is_no_brace() {
    let corefile = read("contoso.com{\n errors\n}\n");
    assert_eq!(corefile.blocks[0].keys[0].word.text, "contoso.com{");
}

#[test]
fn an_open_block_names_the_last_word() {
    assert_eq!(
        messages(&read(". {\n errors\n forward . 1.1.1.1\n")),
        ["Unexpected token '1.1.1.1', expecting '}'"]
    );
    assert_eq!(
        messages(&read(". {\n cache {\n success 1\n"))[0],
        "Unexpected EOF"
    );
}

#[test]
fn a_brace_at_the_end_of_a_directive_is_refused() {
    assert_eq!(
        messages(&read(". {\n errors }\n}\n")),
        ["Unexpected '}' because no matching opening brace"]
    );
}

#[test]
fn bare_directives_in_a_server_key_become_zones() {
    let corefile = with(&[("custom/a.server", "forward . 1.2.3.4\n")]);
    assert_eq!(
        corefile.blocks[1].zones().collect::<Vec<_>>(),
        ["forward.", ".", "1.2.3.4."]
    );
}

#[test]
fn a_missing_file_is_a_problem_and_an_empty_glob_is_none() {
    assert_eq!(
        messages(&read("import custom.conf\n")),
        ["File to import not found: custom.conf"]
    );
    assert_eq!(messages(&read("import custom/*.server\n")), [""; 0]);
}

#[test]
fn a_snippet_is_spliced_where_it_is_imported() {
    let corefile = read("(common) {\n errors\n cache 30\n}\n. {\n import common\n}\n");
    assert_eq!(names(&corefile, 0), ["errors", "cache"]);
    assert!(corefile.imports[0].snippet);
}

#[test]
fn a_snippet_that_imports_itself_ends() {
    let corefile = read("(a) {\n import a\n}\n. {\n import a\n}\n");
    assert_eq!(
        messages(&corefile)[0],
        "maximum snippet import depth (10000) exceeded"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_soup_of_tokens_parses_and_spans_show_their_words(
        main in soup(), server in soup(), over in soup()
    ) {
        let corefile = parse(
            Source::new("Corefile", main),
            vec![Source::new("custom/a.server", server), Source::new("custom/b.override", over)],
        );
        let words = corefile.blocks.iter().flat_map(|block| {
            let directives = block.directives.iter().flat_map(|it| {
                let properties = it.properties.iter().flat_map(|it| std::iter::once(&it.name).chain(&it.args));
                std::iter::once(&it.name).chain(&it.args).chain(properties)
            });
            block.keys.iter().map(|key| &key.word).chain(directives)
        });
        for word in words {
            let text = corefile.sources()[word.span.source].text.get(word.span.start..word.span.end);
            let text = text.expect("a span inside its text");
            if !text.starts_with('"') && !text.contains('\r') {
                prop_assert_eq!(text, word.text.as_str());
            }
        }
        for problem in &corefile.problems {
            let text = &corefile.sources()[problem.span.source].text;
            prop_assert!(text.get(problem.span.start..problem.span.end).is_some());
        }
        let _ = corefile.forward_for("app.corp.internal.");
    }

    #[test]
    fn arbitrary_text_never_panics(text in any::<String>()) {
        let _ = read(&text).forwards().len();
    }
}

fn soup() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        Just("{"),
        Just("}"),
        Just("\n"),
        Just("\n"),
        Just(" "),
        Just("import"),
        Just("custom/*.server"),
        Just("custom/*.override"),
        Just("(s)"),
        Just("s"),
        Just("forward"),
        Just("."),
        Just(".:53"),
        Just("corp.internal"),
        Just("\""),
        Just("\\"),
        Just("#x"),
        Just("é"),
        Just("policy"),
        Just("sequential"),
        Just("1.1.1.1"),
        Just(","),
        Just("\r\n"),
        Just("\u{feff}"),
    ];
    proptest::collection::vec((word, prop_oneof![Just(" "), Just(""), Just(" ")]), 0..40).prop_map(
        |words| {
            words
                .into_iter()
                .flat_map(|(word, space)| [word, space])
                .collect()
        },
    )
}
