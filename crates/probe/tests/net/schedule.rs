//! Who is asked, in which order, how fast and until when.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

use digpod_probe::{Outcome, Plan, Question, Route, Setup, Target, Transport, run};
use proptest::prelude::*;

use crate::ask::{LONG, NAME, outcomes, plan, question, server};
use crate::dns_server::{Query, Server};

#[tokio::test]
async fn every_try_has_its_own_id_and_source_port() {
    let running = Server::start(|query| vec![query.answer(0, &[[10, 1, 2, 3]])]).await;
    let question = Question {
        tries: 20,
        ..question(server(running.address))
    };
    let output = run(&plan(LONG, vec![question]), Setup::direct("")).await;
    assert_eq!(output.records.len(), 20);
    let seen = running.seen();
    let ids: BTreeSet<u16> = seen.iter().map(Query::id).collect();
    let ports: BTreeSet<u16> = seen.iter().map(|query| query.from.port()).collect();
    // Twenty random numbers of 16 bits may meet once; a counter or a constant would not pass.
    assert!(ids.len() >= 18, "{ids:?}");
    assert!(ports.len() >= 18, "{ports:?}");
}

#[tokio::test]
async fn records_are_numbered_in_the_order_of_the_plan() {
    let running = Server::start(|query| vec![query.answer(3, &[])]).await;
    let twice = |interval_ms: u32| Question {
        tries: 2,
        interval_ms,
        ..question(server(running.address))
    };
    // The first question is still waiting for its second try when the other one is through.
    let plan = plan(LONG, vec![twice(300), twice(0)]);
    let output = run(&plan, Setup::direct("nameserver 10.0.0.10\n")).await;
    let order: Vec<_> = output.records.iter().map(|r| (r.n, r.try_)).collect();
    assert_eq!(order, [(1, 1), (2, 2), (3, 1), (4, 2)]);
    assert!(output.records[1].sent_us >= 300_000);
    assert!(output.complete);
    assert_eq!(output.announced, Some(4));
    assert_eq!(output.resolv_conf, "nameserver 10.0.0.10\n");
    assert_eq!(output.vantage, "workload");
}

/// Routes 10.1.0.n port 53 to the n-th of these servers.
fn routes(servers: &[&Server]) -> impl Fn(SocketAddr) -> Route + Send + Sync + 'static {
    let addresses: Vec<SocketAddr> = servers.iter().map(|server| server.address).collect();
    move |asked| {
        let SocketAddr::V4(asked) = asked else {
            return Route::Unreachable;
        };
        assert_eq!(asked.port(), 53);
        let n = usize::from(asked.ip().octets()[3]);
        n.checked_sub(1)
            .and_then(|n| addresses.get(n))
            .map_or(Route::Unreachable, |address| Route::To(*address))
    }
}

#[tokio::test]
async fn a_walk_goes_on_like_a_stub_resolver_and_stops_at_the_first_verdict() {
    let refused = Server::start(|query| vec![query.answer(5, &[])]).await;
    let notimp = Server::start(|query| vec![query.answer(4, &[])]).await;
    let nxdomain = Server::start(|query| vec![query.answer(3, &[])]).await;
    let knows = Server::start(|query| vec![query.answer(0, &[[10, 1, 2, 3]])]).await;
    let servers = [&refused, &notimp, &nxdomain, &knows];

    let setup = Setup::direct("nameserver 10.1.0.1\nnameserver 10.1.0.2\nnameserver 10.1.0.3\n")
        .routed(routes(&servers));
    let output = run(&plan(LONG, vec![question(Target::OwnWalk)]), setup).await;
    assert_eq!(
        outcomes(&output),
        [
            ("10.1.0.1:53", Outcome::Refused),
            ("10.1.0.2:53", Outcome::OtherRcode),
            ("10.1.0.3:53", Outcome::Nxdomain)
        ]
    );

    // NXDOMAIN is a verdict: the server after it is not asked, though it knows better.
    let setup =
        Setup::direct("nameserver 10.1.0.3\nnameserver 10.1.0.4\n").routed(routes(&servers));
    let output = run(&plan(LONG, vec![question(Target::OwnWalk)]), setup).await;
    assert_eq!(outcomes(&output), [("10.1.0.3:53", Outcome::Nxdomain)]);
    assert!(knows.seen().is_empty());

    // No resolver looks at a fourth server; what is no address does not count.
    let list = "nameserver nonsense\nnameserver 10.1.0.9\nnameserver 10.1.0.1\n\
                nameserver 10.1.0.2\nnameserver 10.1.0.4\n";
    let setup = Setup::direct(list).routed(routes(&servers));
    let output = run(&plan(LONG, vec![question(Target::OwnWalk)]), setup).await;
    assert_eq!(
        outcomes(&output),
        [
            ("10.1.0.9:53", Outcome::Unreachable),
            ("10.1.0.1:53", Outcome::Refused),
            ("10.1.0.2:53", Outcome::OtherRcode)
        ]
    );
    let steps: Vec<(u32, u32)> = output.records.iter().map(|r| (r.n, r.try_)).collect();
    assert_eq!(steps, [(1, 1), (2, 1), (3, 1)]);
}

#[tokio::test]
async fn each_own_server_is_asked_under_its_own_address() {
    let knows = Server::start(|query| vec![query.answer(0, &[[10, 1, 2, 3]])]).await;
    let nxdomain = Server::start(|query| vec![query.answer(3, &[])]).await;
    let list = "nameserver 10.1.0.1\nnameserver fe80::1%eth0\nnameserver 10.1.0.2\n";
    let setup = Setup::direct(list).routed(routes(&[&knows, &nxdomain]));
    let output = run(&plan(LONG, vec![question(Target::OwnEach)]), setup).await;
    assert_eq!(
        outcomes(&output),
        [
            ("10.1.0.1:53", Outcome::Ok),
            ("fe80::1%eth0", Outcome::Error),
            ("10.1.0.2:53", Outcome::Nxdomain)
        ]
    );
}

#[tokio::test]
async fn an_own_server_that_is_asked_the_same_by_its_address_is_not_asked_again() {
    let knows = Server::start(|query| vec![query.answer(0, &[[10, 1, 2, 3]])]).await;
    let nxdomain = Server::start(|query| vec![query.answer(3, &[])]).await;
    let list = "nameserver 10.1.0.1\nnameserver 10.1.0.2\n";
    let setup = || Setup::direct(list).routed(routes(&[&knows, &nxdomain]));
    let both = |named: Question| plan(LONG, vec![named, question(Target::OwnEach)]);
    let named = question(server("10.1.0.1:53"));
    let output = run(&both(named.clone()), setup()).await;
    assert_eq!(
        outcomes(&output),
        [
            ("10.1.0.1:53", Outcome::Ok),
            ("10.1.0.2:53", Outcome::Nxdomain)
        ]
    );

    // Another name, type or transport is another question.
    let tcp = Transport::Tcp;
    for other in [
        Question {
            name: "db.corp.internal.".to_owned(),
            ..named.clone()
        },
        Question {
            record_type: "AAAA".to_owned(),
            ..named.clone()
        },
        Question {
            transport: tcp,
            ..named.clone()
        },
    ] {
        let output = run(&both(other), setup()).await;
        assert_eq!(output.records.len(), 3, "{output:?}");
    }
}

#[tokio::test]
async fn what_cannot_be_asked_is_one_record_that_says_why() {
    let with = |name: &str, record_type: &str, target: Target| Question {
        name: name.to_owned(),
        record_type: record_type.to_owned(),
        tries: 5,
        ..question(target)
    };
    let plan = plan(
        LONG,
        vec![
            with("a..b.", "A", server("10.1.0.4:53")),
            with(NAME, "BOGUS", server("10.1.0.4:53")),
            with(NAME, "A", server("dns.example")),
            with(NAME, "A", Target::OwnEach),
            with(NAME, "A", Target::OwnWalk),
        ],
    );
    let output = run(
        &plan,
        Setup::direct("# empty\n").routed(|_| Route::Unreachable),
    )
    .await;
    let errors: Vec<_> = output
        .records
        .iter()
        .map(|record| {
            assert_eq!(record.outcome, Outcome::Error);
            (record.server.as_str(), record.error.as_deref().unwrap())
        })
        .collect();
    insta::assert_debug_snapshot!(errors);
}

#[tokio::test(start_paused = true)]
async fn dead_servers_end_the_run_with_its_budget_and_what_was_not_asked_is_known() {
    let many = |n: u8| Question {
        tries: 100,
        interval_ms: 100,
        ..question(server(format!("10.9.0.{n}:53")))
    };
    let plan = Plan {
        budget_ms: 4000,
        ..plan(1000, (1..=20).map(many).collect())
    };
    let start = tokio::time::Instant::now();
    let output = run(&plan, Setup::direct("").routed(|_| Route::Drop)).await;
    // To the timer's millisecond: the last tries start at 3 s and wait their whole second.
    assert!(
        start.elapsed() <= Duration::from_millis(4005),
        "{:?}",
        start.elapsed()
    );
    assert!(start.elapsed() >= Duration::from_millis(3900));

    assert_eq!(output.not_asked.len(), 20);
    for (missing, n) in output.not_asked.iter().zip(1..) {
        assert_eq!(missing.server, format!("10.9.0.{n}:53"));
        let asked = output
            .records
            .iter()
            .filter(|r| r.server == missing.server)
            .count();
        assert_eq!(u32::try_from(asked).unwrap() + missing.tries, 100);
        assert!(asked >= 29, "{asked}");
    }
    for record in &output.records {
        assert_eq!(record.outcome, Outcome::Timeout);
        assert!(record.latency_us >= 1_000_000, "no try is cut short");
    }
    assert!(output.complete);
}

#[tokio::test(start_paused = true)]
async fn a_walk_over_dead_servers_that_the_budget_ends_is_known() {
    let plan = Plan {
        budget_ms: 2500,
        ..plan(1000, vec![question(Target::OwnWalk)])
    };
    let list = "nameserver 10.9.0.1\nnameserver 10.9.0.2\nnameserver 10.9.0.3\n";
    let output = run(&plan, Setup::direct(list).routed(|_| Route::Drop)).await;
    assert_eq!(
        outcomes(&output),
        [
            ("10.9.0.1:53", Outcome::Timeout),
            ("10.9.0.2:53", Outcome::Timeout)
        ]
    );
    assert_eq!(output.not_asked.len(), 1);
    assert_eq!(output.not_asked[0].server, "10.9.0.3:53");
    assert_eq!(output.not_asked[0].tries, 1);
}

#[tokio::test(start_paused = true)]
async fn questions_share_the_rate_of_a_server_evenly() {
    let many = || Question {
        tries: 10,
        ..question(server("10.9.0.1:53"))
    };
    let plan = Plan {
        rate_per_server: 10,
        ..plan(1000, vec![many(), many()])
    };
    let output = run(&plan, Setup::direct("").routed(|_| Route::Drop)).await;
    let mut sent: Vec<u64> = output.records.iter().map(|r| r.sent_us).collect();
    sent.sort_unstable();
    assert_eq!(sent.len(), 20);
    // Timers have steps of a millisecond.
    assert!(
        sent.windows(2).all(|pair| pair[1] - pair[0] >= 98_000),
        "{sent:?}"
    );
    let last = |question: usize| output.records[question * 10 + 9].sent_us;
    assert!(
        last(0).abs_diff(last(1)) < 250_000,
        "neither waits for the other to finish"
    );
}

proptest! {
    #[test]
    fn no_name_and_no_type_makes_the_engine_panic(
        name in "\\PC*|[a-zA-Z0-9_.\\\\-]{0,300}|(\\\\[0-9]{1,3}){0,5}",
        record_type in "[A-Z0-9]{0,9}",
        resolv_conf in "(nameserver [0-9a-f:.%]{0,12}\n|\\PC*\n){0,4}",
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let ask = |target| Question { name: name.clone(), ..question(target) };
        let odd_type = Question { record_type: record_type.clone(), ..ask(Target::OwnEach) };
        let plan = plan(1000, vec![ask(server("10.9.0.1:53")), ask(Target::OwnWalk), odd_type]);
        let setup = Setup::direct(resolv_conf).routed(|_| Route::Unreachable);
        let output = runtime.block_on(run(&plan, setup));
        prop_assert!(output.records.len() >= 3);
        prop_assert!(output.records.iter().all(|record| !record.outcome.is_answer()));
    }
}
