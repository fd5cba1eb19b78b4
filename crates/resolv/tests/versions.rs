//! What changes with the version, and the waits that people know by heart.

#![expect(clippy::unwrap_used, reason = "a test may fail so")]

use std::net::IpAddr;

use digpod_resolv::{
    Environment, Family, LookupError, Message, NameFault, Observation, Outcome, Question, Rcode,
    RecordType, Reply, Seen, Settings, StopRule, Transport, Unasked, Verdict, plan, read_as,
    simulate, worst_case_wait,
};

fn read(implementation: &str, text: &str) -> Settings {
    read_as(
        text,
        implementation.parse().unwrap(),
        &Environment::default(),
    )
}

fn seen(settings: &Settings) -> Vec<Seen> {
    settings.observations.iter().map(|it| it.seen).collect()
}

fn address() -> IpAddr {
    "192.0.2.1".parse().unwrap()
}

fn asked(
    settings: &Settings,
    name: &str,
    answer: impl FnMut(&Question<'_>) -> Reply,
) -> Vec<String> {
    simulate(settings, name, Family::Any, answer)
        .asked
        .iter()
        .map(|it| {
            format!(
                "{} {} {} {}",
                it.at_ms, it.record_type, it.transport, it.socket
            )
        })
        .collect()
}

#[test]
fn old_glibc_keeps_six_domains_and_cuts_the_seventh_of_new_ones_away() {
    let text = "search a.x b.x c.x d.x e.x f.x g.x\n";
    assert_eq!(read("glibc 2.25", text).search.len(), 6);
    assert!(seen(&read("glibc 2.25", text)).contains(&Seen::DomainBeyondLimit));
    assert_eq!(read("glibc 2.26", text).search.len(), 7);
}

#[test]
fn old_glibc_cuts_a_domain_where_255_characters_end() {
    let domain = "abcdefghi.".repeat(20);
    let text = format!("search {domain} {domain}\n");
    let settings = read("glibc 2.25", &text);
    assert_eq!(settings.search[1].value.len(), 255 - 201);
    assert!(seen(&settings).contains(&Seen::DomainCut));
}

#[test]
fn options_are_known_from_the_version_that_brought_them() {
    let text = "options no-aaaa trust-ad rotate\n";
    assert!(read("glibc 2.36", text).no_aaaa.value);
    let old = read("glibc 2.30", text);
    assert!(!old.no_aaaa.value && !old.trust_ad.value && old.rotate.value);
    let ignored = seen(&old)
        .iter()
        .filter(|it| **it == Seen::OptionIgnored)
        .count();
    assert_eq!(ignored, 2);
}

#[test]
fn musl_skips_a_line_that_does_not_fit_its_buffer() {
    let long = format!("search {}\n", "a".repeat(247));
    assert_eq!(read("musl", &long).search.len(), 1);
    let longer = format!("search {}\n", "a".repeat(248));
    assert_eq!(seen(&read("musl", &longer))[0], Seen::LineTooLong);
    assert!(read("musl", &longer).search.is_empty());
}

#[test]
fn musl_before_1_1_13_has_no_search_list() {
    assert!(read("musl 1.1.12", "search a.example\n").search.is_empty());
    assert_eq!(read("musl 1.1.13", "search a.example\n").search.len(), 1);
}

#[test]
fn a_lost_aaaa_reply_costs_glibc_fifteen_seconds_and_then_works() {
    let settings = read("glibc 2.36", "nameserver 10.0.0.10\n");
    let answer = |question: &Question<'_>| match question.record_type {
        RecordType::A => Reply::addresses([address()]),
        RecordType::Aaaa => Reply::Silence,
    };
    let replay = simulate(&settings, "bank.example", Family::Any, answer);
    assert_eq!(replay.outcome, Outcome::Addresses(vec![address()]));
    assert_eq!(replay.wait_ms, 15_000);
    assert_eq!(
        asked(&settings, "bank.example", answer),
        [
            "0 A UDP 1",
            "0 AAAA UDP 1",
            "5000 A UDP 1",
            "5000 AAAA UDP 1",
            "10000 A UDP 2",
            "10000 AAAA UDP 3",
        ]
    );
}

#[test]
fn a_reply_lost_once_costs_five_seconds() {
    let settings = read("glibc 2.36", "nameserver 10.0.0.10\n");
    let replay = simulate(&settings, "bank.example", Family::Any, |question| {
        match (question.record_type, question.nth) {
            (RecordType::Aaaa, 1) => Reply::Silence,
            (RecordType::Aaaa, _) => Reply::no_data(),
            (RecordType::A, _) => Reply::addresses([address()]),
        }
    });
    assert_eq!(replay.wait_ms, 5_000);
}

#[test]
fn silent_servers_cost_ten_twenty_and_twenty_eight_seconds() {
    for (servers, wait) in [(1, 10_000), (2, 20_000), (3, 28_000)] {
        let text = "nameserver 10.0.0.10\n".repeat(servers);
        let settings = read("glibc 2.36", &text);
        assert_eq!(
            worst_case_wait(&settings, "x.example", Family::Any).silent_ms,
            wait
        );
        assert_eq!(
            worst_case_wait(&read("musl", &text), "x.example", Family::Any).silent_ms,
            5_000
        );
    }
}

#[test]
fn musl_repeats_a_truncated_reply_by_tcp_from_1_2_4_on() {
    let answer = |question: &Question<'_>| match question.transport {
        Transport::Udp => Reply::Message(Message {
            truncated: true,
            ..Message::new(Rcode::NoError)
        }),
        Transport::Tcp => Reply::addresses([address()]),
    };
    let lookup = |version| {
        simulate(
            &read(version, "nameserver 10.0.0.10\n"),
            "bank.example",
            Family::V4,
            answer,
        )
        .outcome
    };
    assert_eq!(lookup("musl 1.2.3"), Outcome::Failed(LookupError::NoName));
    assert_eq!(lookup("musl 1.2.4"), Outcome::Addresses(vec![address()]));
}

#[test]
fn musl_up_to_1_2_0_takes_one_good_reply_of_two() {
    let answer = |question: &Question<'_>| match question.record_type {
        RecordType::A => Reply::addresses([address()]),
        RecordType::Aaaa => Reply::nx_domain(),
    };
    let lookup = |version| {
        simulate(
            &read(version, "nameserver 10.0.0.10\n"),
            "bank.example",
            Family::Any,
            answer,
        )
        .outcome
    };
    assert_eq!(lookup("musl 1.2.0"), Outcome::Addresses(vec![address()]));
    assert_eq!(lookup("musl 1.2.3"), Outcome::Failed(LookupError::NoName));
}

#[test]
fn single_request_after_an_error_waits_in_old_glibc() {
    let text = "nameserver 10.0.0.10\nnameserver 10.0.0.11\noptions single-request\n";
    let answer = |question: &Question<'_>| match question.server {
        0 => Reply::serv_fail(),
        _ => Reply::addresses([address()]),
    };
    let wait = |version| simulate(&read(version, text), "bank.example", Family::V4, answer).wait_ms;
    assert_eq!(wait("glibc 2.31"), 0);
    let wait =
        |version| simulate(&read(version, text), "bank.example", Family::Any, answer).wait_ms;
    assert_eq!(wait("glibc 2.31"), 5_000);
    assert_eq!(wait("glibc 2.36"), 0);
}

#[test]
fn search_of_the_root_ends_the_walk_of_musl_up_to_1_2_3() {
    let text = "nameserver 10.0.0.10\nsearch .\noptions ndots:2\n";
    let answer = |_: &Question<'_>| Reply::addresses([address()]);
    let old = simulate(
        &read("musl 1.2.3", text),
        "bank.example",
        Family::Any,
        answer,
    );
    assert_eq!(old.outcome, Outcome::Failed(LookupError::Again));
    assert_eq!(old.wait_ms, 5_000);
    let new = simulate(
        &read("musl 1.2.5", text),
        "bank.example",
        Family::Any,
        answer,
    );
    assert_eq!((new.stop.rule, new.wait_ms), (StopRule::Found, 0));
    let glibc = simulate(&read("glibc", text), "bank.example", Family::Any, answer);
    assert!(matches!(glibc.outcome, Outcome::Addresses(_)));
}

#[test]
fn glibc_looks_on_after_servfail_but_not_after_refused() {
    let text = "nameserver 10.0.0.10\nsearch a.example b.example\noptions ndots:2\n";
    let settings = read("glibc 2.36", text);
    let names = |first: Reply| {
        let mut names = Vec::new();
        simulate(&settings, "web", Family::V4, |question| {
            names.push(question.name.to_owned());
            if question.name == "web.a.example." {
                first.clone()
            } else {
                Reply::nx_domain()
            }
        });
        names.dedup();
        names
    };
    assert_eq!(
        names(Reply::serv_fail()),
        ["web.a.example.", "web.b.example.", "web."]
    );
    assert_eq!(names(Reply::refused()), ["web.a.example.", "web."]);
}

#[test]
fn the_environment_replaces_the_list_and_adds_options_for_glibc_only() {
    let environment = Environment {
        hostname: Some("host.node.example"),
        localdomain: Some("b.example c.example"),
        res_options: Some("ndots:3"),
    };
    let text = "search a.example\n";
    let glibc = read_as(text, "glibc".parse().unwrap(), &environment);
    assert_eq!(glibc.search[0].value, "b.example");
    assert_eq!((glibc.ndots.value, glibc.ndots.span), (3, None));
    let musl = read_as(text, "musl".parse().unwrap(), &environment);
    assert_eq!(
        (musl.search[0].value.as_str(), musl.ndots.value),
        ("a.example", 1)
    );
    let go = read_as("", "go".parse().unwrap(), &environment);
    assert_eq!(go.search[0].value, "node.example");
}

const WINDOWS: &str = "nameserver 10.0.0.10\r\nsearch a.example b.example\r\noptions ndots:5 rotate\r\noptions timeout:3\r\n";

#[test]
fn options_before_a_carriage_return_count_and_servers_do_not() {
    let glibc = read("glibc 2.36", WINDOWS);
    assert_eq!(glibc.servers[0].to_string(), "127.0.0.1");
    assert_eq!(glibc.search[1].value, "b.example\r");
    assert_eq!((glibc.ndots.value, glibc.timeout_ms.value), (5, 3000));
    assert!(glibc.rotate.value);
    let skipped = "the line ends with a carriage return; option timeout:3 counts all the same";
    let said = glibc
        .observations
        .iter()
        .find(|it| it.to_string() == skipped);
    let help = said.and_then(Observation::help);
    assert!(help.unwrap().contains("Windows line ends"));
    assert!(!seen(&glibc).contains(&Seen::OptionMisread));
    // Before CVE-2016-10739 was mended, white space after an address did no harm.
    let old = read("glibc 2.28", WINDOWS);
    assert_eq!(old.servers[0].to_string(), "10.0.0.10");
    for other in ["musl", "go"] {
        assert!(
            read(other, WINDOWS)
                .observations
                .iter()
                .all(|it| !it.text.contains('\r'))
        );
    }
}

#[test]
fn a_number_that_is_read_otherwise_is_named() {
    let said = |text: &str| read("glibc", text).observations[0].to_string();
    assert_eq!(
        said("options ndots:99\n"),
        "option ndots:99 is above the limit: 15 counts"
    );
    assert!(said("options ndots:x\n").ends_with(": 0 counts"));
    assert!(said("options ndots:4x\r\n").ends_with(": 4 counts"));
}

#[test]
fn a_lookup_that_never_returns_has_no_longest_wait() {
    for text in [
        "nameserver 10.0.0.10\nsortlist foo/8\n",
        "nameserver 10.0.0.10\noptions use-vc\n",
    ] {
        let settings = read("glibc", text);
        assert!(
            worst_case_wait(&settings, "bank.example", Family::Any).for_ever,
            "{text}"
        );
        let musl = read("musl", text);
        assert!(!worst_case_wait(&musl, "bank.example", Family::Any).for_ever);
    }
}

fn lines(implementation: &str, text: &str, reply: impl Fn(&Question<'_>) -> Reply) -> String {
    let settings = read(implementation, text);
    simulate(&settings, "bank.example.", Family::V4, |it| reply(it)).to_string()
}

#[test]
fn a_replay_says_what_is_really_asked_after_an_error() {
    let one = "nameserver 10.0.0.10\n";
    let failed = lines("glibc", one, |_| Reply::serv_fail());
    assert!(!failed.contains("next server"), "{failed}");
    assert!(
        failed.contains("SERVFAIL; it asks the same server again"),
        "{failed}"
    );
    assert!(
        failed.contains("attempt 2: SERVFAIL; it does not count"),
        "{failed}"
    );
    let two = "nameserver 10.0.0.10\nnameserver 10.0.0.11\n";
    let failed = lines("go", two, |_| Reply::serv_fail());
    assert!(
        failed.contains("SERVFAIL; it asks the next server"),
        "{failed}"
    );
}

#[test]
fn musl_with_errors_alone_is_not_said_to_have_no_reply() {
    let verdict = |reply: Reply| {
        let settings = read("musl", "nameserver 10.0.0.10\n");
        simulate(&settings, "bank.example", Family::Any, |_| reply.clone()).verdicts[0]
    };
    assert_eq!(verdict(Reply::serv_fail()), Verdict::ServFail);
    assert_eq!(verdict(Reply::refused()), Verdict::OtherError);
    assert_eq!(verdict(Reply::Silence), Verdict::TimedOut);
}

#[test]
fn musl_does_not_wait_for_servers_once_one_has_answered() {
    let two = "nameserver 10.0.0.10\nnameserver 10.0.0.11\nnameserver 10.0.0.12\n";
    let shown = lines("musl", two, |question| match question.server {
        0 => Reply::addresses([address()]),
        1 => Reply::addresses([address()]).after(5),
        _ => Reply::Silence,
    });
    assert_eq!(shown.matches("not needed any more").count(), 2, "{shown}");
    assert!(!shown.contains("waits"), "{shown}");
}

#[test]
fn what_is_wrong_with_a_name_is_said() {
    let long = "a".repeat(64);
    for (name, fault) in [
        ("", NameFault::Empty),
        ("a..b", NameFault::EmptyLabel),
        (long.as_str(), NameFault::LongLabel),
        (&"a.".repeat(130), NameFault::TooLong),
        ("-a", NameFault::Hyphen),
        ("a b", NameFault::Character),
        ("1.2.3.4.5", NameFault::NoLetter),
    ] {
        let go = plan(&read("go", ""), name, Family::Any);
        assert_eq!(go.unasked, Some(Unasked::NotAHostname(fault)), "{name:?}");
    }
    let musl = plan(&read("musl", ""), "a..b", Family::Any);
    assert_eq!(musl.candidates[0].fault(), Some(NameFault::EmptyLabel));
}

#[test]
fn sentences_repeat_only_the_start_of_a_long_line() {
    let settings = read("glibc", &format!("x{}\n", "y".repeat(100_000)));
    assert!(settings.observations[0].to_string().len() < 200);
}

#[test]
fn musl_does_not_wait_for_what_is_no_name() {
    let settings = read("musl", "nameserver 10.0.0.10\n");
    assert_eq!(
        worst_case_wait(&settings, "a..b", Family::Any).longest_ms,
        0
    );
}
