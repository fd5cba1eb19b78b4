//! Short ways to say what a test asks.

use std::fmt::Display;

use digpod_probe::{
    Outcome, Plan, ProbeOutput, Question, Record, ServerRole, Setup, Target, Transport, run,
};

use crate::dns_server::{Behaviour, Server};

pub(crate) const NAME: &str = "app.corp.internal.";

pub(crate) fn question(target: Target) -> Question {
    Question::once(target, NAME, "A")
}

pub(crate) fn server(address: impl Display) -> Target {
    Target::Server {
        address: format!("{address}"),
        role: ServerRole::Upstream,
    }
}

/// Short waits where silence is expected, generous ones elsewhere: no test depends on the length.
pub(crate) fn plan(timeout_ms: u32, questions: Vec<Question>) -> Plan {
    Plan {
        format: 1,
        vantage: "workload".to_owned(),
        questions,
        timeout_ms,
        budget_ms: 60_000,
        rate_per_server: 0,
        ..Plan::default()
    }
}

pub(crate) const LONG: u32 = 20_000;
pub(crate) const SHORT: u32 = 1000;

/// One question to one server that behaves so.
pub(crate) async fn ask(
    behaviour: Behaviour,
    transport: Transport,
    timeout_ms: u32,
) -> (Record, Server) {
    let running = Server::start(behaviour).await;
    let question = Question {
        transport,
        ..question(server(running.address))
    };
    let plan = plan(timeout_ms, vec![question]);
    let mut output = run(&plan, Setup::direct("")).await;
    assert_eq!(output.records.len(), 1, "{output:?}");
    (output.records.remove(0), running)
}

pub(crate) fn outcomes(output: &ProbeOutput) -> Vec<(&str, Outcome)> {
    output
        .records
        .iter()
        .map(|record| (record.server.as_str(), record.outcome))
        .collect()
}
