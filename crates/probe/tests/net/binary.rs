//! The binary as a container runtime starts it.

use std::process::{Command, Output};

use crate::dns_server::Server;
use digpod_probe::{Outcome, parse_output};

fn probe() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_digpod-probe"));
    command.env_clear();
    command
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

async fn plan_for_a_live_server() -> (String, Server) {
    let server = Server::start(|query| vec![query.answer(3, &[])]).await;
    let plan = format!(
        r#"{{"format":1,"vantage":"control","timeoutMs":20000,"budgetMs":60000,
            "questions":[{{"target":{{"kind":"server","address":"{}","role":"upstream"}},
            "name":"app.corp.internal.","type":"A","transport":"udp","class":"custom",
            "tries":2,"intervalMs":0}}]}}"#,
        server.address
    );
    (plan, server)
}

async fn output(mut command: Command) -> Output {
    tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_comes_as_argument_environment_or_file() {
    let (plan, _server) = plan_for_a_live_server().await;
    let file = std::env::temp_dir().join(format!("digpod-plan-{}.json", std::process::id()));
    std::fs::write(&file, &plan).unwrap();
    let mut by_argument = probe();
    by_argument.args(["--plan", &plan, "--node=n1"]);
    let mut by_environment = probe();
    by_environment
        .env("DIGPOD_PLAN", &plan)
        .env("NODE_NAME", "n1");
    let mut by_file = probe();
    by_file.arg("--plan-file").arg(&file).args(["--node", "n1"]);
    for command in [by_argument, by_environment, by_file] {
        let result = output(command).await;
        assert_eq!(result.status.code(), Some(0), "{}", text(result.stderr));
        let output = parse_output(&text(result.stdout));
        assert!(output.complete);
        assert_eq!(output.vantage, "control");
        assert_eq!(output.node.as_deref(), Some("n1"));
        assert_eq!(output.started.len(), "2026-11-25T05:50:03Z".len());
        let outcomes: Vec<Outcome> = output.records.iter().map(|r| r.outcome).collect();
        assert_eq!(outcomes, [Outcome::Nxdomain; 2]);
    }
    std::fs::remove_file(file).unwrap();
}

#[test]
fn what_cannot_be_used_is_said_in_one_line() {
    // 8,192 bytes are the most that is read of a datagram.
    let sized = |payload: u16| {
        let target = r#"{"kind":"server","address":"127.0.0.1:53","role":"upstream"}"#;
        format!(
            r#"{{"format":1,"timeoutMs":100,"budgetMs":100,"questions":[{{"target":{target},"name":"a.test.",
            "type":"A","transport":"udp","class":"custom","tries":0,"intervalMs":0,"payload":{payload}}}]}}"#
        )
    };
    let fits = probe().args(["--plan", &sized(8_192)]).output().unwrap();
    assert_eq!(fits.status.code(), Some(0), "{fits:?}");
    let too_large = sized(8_193);
    let cases: [(&[&str], &str); 7] = [
        (
            &[],
            "no plan; pass one with --plan, --plan-file or DIGPOD_PLAN",
        ),
        (&["--plan"], "--plan needs a value"),
        (
            &["--plna", "{}"],
            "unknown argument \"--plna\"; --help shows the known ones",
        ),
        (
            &["--plan", "nonsense"],
            "plan is not readable: expected ident at line 1 column 2; pass the plan as one JSON \
             argument: --plan '{\"format\":1, ...}'",
        ),
        (
            &["--plan", r#"{"format":2}"#],
            "plan has format 2, this probe reads format 1; use the probe image of the same \
             release as digpod",
        ),
        (
            &["--plan", r#"{"format":1,"timeoutMs":1000}"#],
            "plan's budgetMs is 0 or missing; give every plan a timeout and a budget in \
             milliseconds",
        ),
        (
            &["--plan", &too_large],
            "plan allows UDP answers of 8193 bytes, the most is 8192; ask for larger answers over TCP",
        ),
    ];
    for (args, problem) in cases {
        let result = probe().args(args).output().unwrap();
        assert_eq!(result.status.code(), Some(2));
        assert_eq!(text(result.stderr), format!("digpod-probe: {problem}\n"));
        assert!(result.stdout.is_empty());
    }
}

#[test]
fn the_version_is_printed_without_a_plan() {
    let result = probe().arg("--version").output().unwrap();
    assert_eq!(result.status.code(), Some(0));
    assert_eq!(
        text(result.stdout),
        format!("digpod-probe {}\n", env!("CARGO_PKG_VERSION"))
    );
}
