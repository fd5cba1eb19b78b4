//! Names as somebody types them, with the search list of the probe's own resolv.conf.

use std::net::SocketAddr;

use digpod_probe::{MAX_CANDIDATES, Outcome, Plan, Question, Record, Route, Setup, Target, run};

use crate::ask::{LONG, plan, question};
use crate::dns_server::Server;

fn typed(name: &str) -> Plan {
    let question = Question {
        name: name.to_owned(),
        search: true,
        ..question(Target::OwnWalk)
    };
    plan(LONG, vec![question])
}

async fn asked(name: &str, resolv_conf: &str) -> Vec<Record> {
    let running = Server::start(|query| {
        let lives = query.question().starts_with(b"\x03app\x04corp\x07example");
        vec![query.answer(
            if lives { 0 } else { 3 },
            if lives { &[[10, 1, 2, 3]] } else { &[] },
        )]
    })
    .await;
    let to = running.address;
    let setup = Setup::direct(resolv_conf).routed(move |asked: SocketAddr| {
        assert_eq!(asked, "10.0.0.10:53".parse().unwrap());
        Route::To(to)
    });
    run(&typed(name), setup).await.records
}

#[tokio::test]
async fn every_name_that_a_resolver_may_make_of_it_is_asked_for_a_and_aaaa() {
    let conf = "search shop.svc.cluster.local example\nnameserver 10.0.0.10\noptions ndots:5\n";
    let records = asked("app.corp", conf).await;
    let told: Vec<_> = records
        .iter()
        .map(|it| (it.name.as_str(), it.record_type.as_str(), it.outcome))
        .collect();
    assert_eq!(
        told,
        [
            ("app.corp.shop.svc.cluster.local.", "A", Outcome::Nxdomain),
            (
                "app.corp.shop.svc.cluster.local.",
                "AAAA",
                Outcome::Nxdomain
            ),
            ("app.corp.example.", "A", Outcome::Ok),
            ("app.corp.example.", "AAAA", Outcome::Ok),
            ("app.corp.", "A", Outcome::Nxdomain),
            ("app.corp.", "AAAA", Outcome::Nxdomain),
        ]
    );
    assert!(
        records
            .iter()
            .all(|it| it.typed.as_deref() == Some("app.corp"))
    );
}

#[tokio::test]
async fn a_final_dot_leaves_the_search_list_alone() {
    let records = asked("app.corp.", "search example\nnameserver 10.0.0.10\n").await;
    let names: Vec<&str> = records.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["app.corp.", "app.corp."]);
}

#[tokio::test]
async fn of_a_long_list_the_name_alone_is_still_asked() {
    let suffixes: Vec<String> = (0..40).map(|n| format!("d{n}.test")).collect();
    let suffixes = suffixes.join(" ");
    let records = asked("app", &format!("search {suffixes}\nnameserver 10.0.0.10\n")).await;
    assert_eq!(records.len(), 2 * MAX_CANDIDATES as usize);
    assert_eq!(records.last().unwrap().name, "app.");
    assert!(typed("app").most_queries() as usize >= records.len());
}
