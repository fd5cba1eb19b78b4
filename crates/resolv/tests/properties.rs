//! What holds for any text: nothing panics, spans lie inside the text and show what was read, and
//! every lookup ends.

#![expect(clippy::unwrap_used, reason = "a test may fail so")]

use std::ops::Range;

use digpod_resolv::kubelet::{Kubelet, Pod, SearchLimits, pod_dns};
use digpod_resolv::{
    Environment, Family, Implementation, Outcome, Question, Reply, Settings, Version, parse, plan,
    read_as, simulate, worst_case_wait,
};
use proptest::prelude::*;

fn implementations() -> impl Strategy<Value = Implementation> {
    prop::sample::select(vec![
        Implementation::GLIBC,
        Implementation::Glibc(Version::new(2, 25, 0)),
        Implementation::Glibc(Version::new(2, 31, 0)),
        Implementation::MUSL,
        Implementation::Musl(Version::new(1, 2, 3)),
        Implementation::Musl(Version::new(1, 1, 24)),
        Implementation::Musl(Version::new(1, 1, 12)),
        Implementation::GO,
    ])
}

/// Anything, and what looks like a resolv.conf.
fn texts() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        "nameserver[ \t]{1,2}(10\\.0\\.0\\.[0-9]{1,3}|fd00::[0-9a-f]{1,4}(%eth0)?|[a-z0-9.:]{0,9})[ #\r]{0,2}",
        "(search|domain)([ \t]{1,2}[a-zé.#-]{1,12}){0,8}[ \r]{0,2}",
        "options( (ndots:[-0-9a-z]{0,3}|timeout:[0-9]{0,3}|attempts:[0-9]{0,2}|rotate|use-vc|single-request(-reopen)?|no-aaaa|no-tld-query|edns0)){0,4}",
        "sortlist [0-9./& ;\r]{0,12}",
        "search [a-z]{240,300}",
        ".{0,20}",
    ];
    prop::collection::vec(line, 0..8).prop_map(|lines| lines.join("\n"))
}

fn names() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,6}(\\.[a-z]{1,6}){0,6}\\.?",
        "[a-z0-9._-]{0,20}",
        ".{0,20}",
        "[a-z]{60,70}(\\.[a-z]{50,70}){0,4}",
    ]
}

fn replies() -> impl Strategy<Value = Vec<Reply>> {
    let reply = prop::sample::select(vec![
        Reply::nx_domain(),
        Reply::nx_domain().after(30),
        Reply::no_data(),
        Reply::serv_fail(),
        Reply::refused(),
        Reply::Silence,
        Reply::Closed,
        Reply::addresses(["192.0.2.1".parse().unwrap()]),
    ]);
    prop::collection::vec(reply, 1..12)
}

/// Whether Go keeps the name away from DNS.
fn is_onion(name: &str) -> bool {
    name.rsplit('.')
        .next()
        .is_some_and(|label| label == "onion")
        && name.contains('.')
}

fn spans(settings: &Settings) -> Vec<Range<usize>> {
    let servers = settings.servers.iter().map(|it| &it.span);
    let search = settings.search.iter().map(|it| &it.span);
    let seen = settings.observations.iter().map(|it| &it.span);
    let values = [
        &settings.ndots.span,
        &settings.timeout_ms.span,
        &settings.attempts.span,
        &settings.rotate.span,
        &settings.use_vc.span,
        &settings.no_aaaa.span,
    ];
    servers
        .chain(search)
        .chain(seen)
        .chain(values)
        .flatten()
        .cloned()
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn parsing_never_panics_and_words_stand_where_they_say(text in texts()) {
        let conf = parse(&text);
        for field in conf.nameservers.iter().chain(&conf.search).chain(&conf.unknown) {
            prop_assert_eq!(text.get(field.span.clone()), Some(field.text.as_str()));
        }
        for option in &conf.options {
            let word = match &option.value {
                Some(value) => format!("{}:{value}", option.name),
                None => option.name.clone(),
            };
            prop_assert_eq!(text.get(option.span.clone()), Some(word.as_str()));
        }
    }

    #[test]
    fn reading_never_panics_and_spans_lie_inside_the_text(text in texts(), implementation in implementations()) {
        let settings = read_as(&text, implementation, &Environment::default());
        prop_assert!(!settings.servers.is_empty());
        prop_assert!(settings.servers.len() <= 3);
        prop_assert!(settings.ndots.value <= 15);
        for span in spans(&settings) {
            prop_assert!(text.get(span.clone()).is_some(), "{span:?}");
        }
        for domain in &settings.search {
            if let Some(span) = &domain.span {
                prop_assert_eq!(text.get(span.clone()), Some(domain.value.as_str()));
            }
        }
        for seen in &settings.observations {
            prop_assert!(!seen.to_string().is_empty());
        }
    }

    #[test]
    fn each_search_domain_makes_at_most_one_candidate(text in texts(), name in names(), implementation in implementations()) {
        let settings = read_as(&text, implementation, &Environment::default());
        let plan = plan(&settings, &name, Family::Any);
        prop_assert!(plan.candidates.len() <= settings.search.len() + 1);
        if plan.candidates.is_empty() && plan.unasked.is_none() {
            // Go keeps such names away from DNS.
            prop_assert!(matches!(implementation, Implementation::Go(_)) && is_onion(&name));
        }
        for candidate in &plan.candidates {
            prop_assert!(candidate.name.ends_with('.'));
        }
    }

    #[test]
    fn every_lookup_ends_and_waits_no_longer_than_the_worst_case(
        text in texts(),
        name in names(),
        implementation in implementations(),
        replies in replies(),
    ) {
        let settings = read_as(&text, implementation, &Environment::default());
        let mut next = replies.iter().cycle();
        let mut by_tcp = false;
        let replay = simulate(&settings, &name, Family::Any, |question: &Question<'_>| {
            by_tcp |= question.transport == digpod_resolv::Transport::Tcp;
            next.next().cloned().unwrap_or(Reply::Silence)
        });
        prop_assert_eq!(replay.verdicts.len(), replay.plan.candidates.len());
        prop_assert!(!replay.to_string().is_empty());
        if !by_tcp {
            let worst = worst_case_wait(&settings, &name, Family::Any);
            prop_assert!(replay.wait_ms <= worst.longest_ms, "{} > {worst:?}", replay.wait_ms);
        }
        // A question is sent for a candidate that got a verdict, never after the end.
        for asked in &replay.asked {
            prop_assert!(asked.candidate < replay.plan.candidates.len());
            prop_assert!(asked.at_ms <= replay.wait_ms);
        }
        if let Outcome::Addresses(addresses) = &replay.outcome {
            prop_assert!(!addresses.is_empty());
        }
    }

    #[test]
    fn a_file_of_the_kubelet_is_read_back_as_it_was_meant(
        namespace in "[a-z]{1,12}",
        host in texts(),
        implementation in implementations(),
    ) {
        let kubelet = Kubelet {
            cluster_dns: vec!["10.96.0.10".parse().unwrap()],
            cluster_domain: "cluster.local".into(),
            host_resolv_conf: Some(host),
            node_ips: Vec::new(),
            limits: SearchLimits::OLD,
        };
        let pod = Pod { namespace: namespace.clone(), ..Pod::default() };
        let Ok(dns) = pod_dns(&kubelet, &pod) else { return Ok(()) };
        let file = dns.file().unwrap();
        let settings = read_as(&file, implementation, &Environment::default());
        prop_assert_eq!(settings.servers[0].to_string(), "10.96.0.10");
        prop_assert_eq!(settings.ndots.value, 5);
        // musl before 1.1.13 has no list, and musl skips a line of 255 bytes.
        if let Some(first) = settings.search.first() {
            prop_assert_eq!(&first.value, &format!("{namespace}.svc.cluster.local"));
        }
    }
}
