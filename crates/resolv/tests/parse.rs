//! resolv.conf as glibc and musl read it.

use digpod_resolv::{cluster_domain, cluster_search, looks_like_pod, parse};
use proptest::prelude::*;

fn texts(fields: &[digpod_resolv::Field]) -> Vec<&str> {
    fields.iter().map(|field| field.text.as_str()).collect()
}

#[test]
fn a_pod_file_gives_servers_search_list_and_options() {
    let conf = parse(
        "search shop.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.0.0.10\noptions ndots:5 rotate\n",
    );
    assert_eq!(texts(&conf.nameservers), ["10.0.0.10"]);
    assert_eq!(
        texts(&conf.search),
        cluster_search("shop", "cluster.local.")
    );
    assert_eq!(conf.ndots(), 5);
    assert!(
        conf.option("rotate")
            .is_some_and(|option| option.value.is_none())
    );
    assert_eq!(cluster_domain(&conf), Some("cluster.local"));
}

#[test]
fn the_last_search_line_counts() {
    let conf = parse("search a.example b.example\ndomain c.example ignored\n");
    assert_eq!(texts(&conf.search), ["c.example"]);
    assert_eq!(conf.search_lines.len(), 2);
}

#[test]
fn comments_and_indented_keywords_are_not_read() {
    let conf = parse(
        "# nameserver 1.1.1.1\n; nameserver 1.1.1.2\n nameserver 1.1.1.3\nnameserver 10.1.0.4 # first\n",
    );
    assert_eq!(texts(&conf.nameservers), ["10.1.0.4"]);
    assert_eq!(texts(&conf.unknown), [" nameserver 1.1.1.3"]);
}

#[test]
fn a_fourth_server_is_listed_and_not_used() {
    let conf =
        parse("nameserver 1.0.0.1\nnameserver 1.0.0.2\r\nnameserver 1.0.0.3\nnameserver 1.0.0.4");
    assert_eq!(conf.nameservers.len(), 4);
    assert_eq!(
        texts(conf.used_nameservers()),
        ["1.0.0.1", "1.0.0.2", "1.0.0.3"]
    );
}

#[test]
fn a_node_file_does_not_look_like_a_pods() {
    assert!(!looks_like_pod(&parse(
        "nameserver 10.1.0.4\nsearch corp.internal\n"
    )));
    assert!(!looks_like_pod(&parse(
        "nameserver 10.1.0.4\nsearch svc.example\n"
    )));
}

#[test]
fn ndots_is_one_by_default_and_fifteen_at_most() {
    assert_eq!(parse("").ndots(), 1);
    assert_eq!(parse("options ndots:99").ndots(), 15);
    assert_eq!(parse("options ndots:5 ndots:2").ndots(), 2);
    assert_eq!(parse("options ndots:x").ndots(), 1);
}

proptest! {
    #[test]
    fn any_text_parses_and_every_span_shows_its_word(
        text in "((nameserver|search|domain|options|#|;| |ndots:[0-9]{1,3}|[a-zé.0-9]{1,8}|\t|\r|\n)[ \n]?){0,40}"
    ) {
        let conf = parse(&text);
        for field in conf.nameservers.iter().chain(&conf.search).chain(&conf.unknown) {
            prop_assert_eq!(text.get(field.span.clone()), Some(field.text.as_str()));
        }
        for option in &conf.options {
            prop_assert!(text.get(option.span.clone()).is_some_and(|word| word.starts_with(&option.name)));
        }
        for line in &conf.search_lines {
            prop_assert!(text.get(line.clone()).is_some());
        }
    }

    #[test]
    fn arbitrary_text_never_panics(text in any::<String>()) {
        let conf = parse(&text);
        let _ = (conf.ndots(), looks_like_pod(&conf));
    }
}

#[test]
fn the_cluster_domain_is_found_for_any_namespace_and_with_final_dots() {
    let domain =
        |search: &str| cluster_domain(&parse(&format!("search {search}\n"))).map(str::to_owned);
    assert_eq!(
        domain("svc.svc.cluster.local svc.cluster.local cluster.local").as_deref(),
        Some("cluster.local")
    );
    assert_eq!(
        domain("shop.svc.k8s.example. svc.k8s.example. k8s.example.").as_deref(),
        Some("k8s.example")
    );
    assert_eq!(domain("a.svc.cluster.local svc.other.local"), None);
    assert_eq!(domain("a.b.svc.cluster.local svc.cluster.local"), None);
}
