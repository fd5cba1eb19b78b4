//! The reference program: starts it, feeds it and reads its verdicts.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use digpod_corefile::plugin::Version;
use serde_json::{Value, json};

use super::generate::Case;

pub(crate) struct Program {
    path: String,
    /// Version of the CoreDNS in it.
    pub(crate) version: Version,
}

/// What CoreDNS makes of a case.
#[derive(Clone, Debug, Default)]
pub(crate) struct Verdict {
    /// `parse`, `zones`, `setup` or `serve`; empty if it is accepted.
    pub(crate) stage: String,
    pub(crate) directive: String,
    pub(crate) error: String,
    pub(crate) file: String,
    pub(crate) line: u64,
    /// Directives whose setups missed something of that machine.
    pub(crate) lacking: Vec<String>,
    pub(crate) panic: bool,
    pub(crate) blocks: Vec<Block>,
}

/// Text, file and line of a token.
pub(crate) type Token = (String, String, u64);

#[derive(Clone, Debug)]
pub(crate) struct Block {
    pub(crate) keys: Vec<String>,
    /// Name of a directive and its tokens.
    pub(crate) tokens: Vec<(String, Vec<Token>)>,
}

impl Program {
    pub(crate) fn from_environment() -> Option<Self> {
        let path = std::env::var("DIGPOD_REFERENCE_COREFILE").ok()?;
        // A folder holds the program under its name.
        let inside = std::path::Path::new(&path).join("corefile");
        let path = if inside.is_file() {
            inside.to_string_lossy().into_owned()
        } else {
            path
        };
        let version = run(&path, "version");
        let version = version
            .lines()
            .find_map(|line| line.strip_prefix("github.com/coredns/coredns v"))
            .expect("the version of CoreDNS");
        let version = Version::parse(version).expect("a version");
        Some(Self { path, version })
    }

    /// The texts in the READMEs of the plugins.
    pub(crate) fn examples(&self) -> Vec<Case> {
        let lines = run(&self.path, "examples");
        let cases = lines.lines().map(|line| {
            let value: Value = serde_json::from_str(line).expect("a case");
            Case {
                files: vec![(
                    "Corefile".to_owned(),
                    text(&value["files"][0]["text"]).into_bytes(),
                )],
                env: Vec::new(),
                plugins: value["plugins"] == Value::Bool(true),
            }
        });
        let cases: Vec<Case> = cases.collect();
        assert!(
            !cases.is_empty(),
            "no examples: the module of CoreDNS is not in the cache"
        );
        cases
    }

    pub(crate) fn judge(&self, cases: &[Case]) -> Vec<Verdict> {
        let mut child = Command::new(&self.path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the reference program starts");
        let mut stdin = child.stdin.take().expect("its input");
        let stdout = BufReader::new(child.stdout.take().expect("its output"));
        let verdicts: Vec<Verdict> = std::thread::scope(|scope| {
            scope.spawn(move || {
                for case in cases {
                    let files: Vec<Value> = case
                        .files
                        .iter()
                        .map(|(name, bytes)| match std::str::from_utf8(bytes) {
                            Ok(text) => json!({"name": name, "text": text}),
                            Err(_) => json!({"name": name, "bytes": BASE64_STANDARD.encode(bytes)}),
                        })
                        .collect();
                    let env: serde_json::Map<String, Value> = case
                        .env
                        .iter()
                        .map(|(name, value)| (name.clone(), json!(value)))
                        .collect();
                    let line = json!({"files": files, "env": env, "plugins": case.plugins});
                    writeln!(stdin, "{line}").expect("it reads");
                }
            });
            stdout
                .lines()
                .map(|line| read(&line.expect("a line")))
                .collect()
        });
        assert!(child.wait().expect("it ends").success());
        assert_eq!(verdicts.len(), cases.len());
        verdicts
    }
}

fn run(path: &str, command: &str) -> String {
    let output = Command::new(path).arg(command).output();
    let output = output.expect("the reference program runs");
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn read(line: &str) -> Verdict {
    let value: Value = serde_json::from_str(line).expect("a verdict");
    let blocks = value["blocks"].as_array().cloned().unwrap_or_default();
    let blocks = blocks.iter().map(|block| {
        let keys = block["keys"].as_array().cloned().unwrap_or_default();
        let tokens = block["tokens"].as_object().cloned().unwrap_or_default();
        let tokens = tokens.iter().map(|(name, all)| {
            let all = all.as_array().cloned().unwrap_or_default();
            let all = all.iter().map(|token| {
                let line = token["line"].as_u64().unwrap_or_default();
                (text(&token["text"]), text(&token["file"]), line)
            });
            (name.clone(), all.collect())
        });
        Block {
            keys: keys.iter().map(text).collect(),
            tokens: tokens.collect(),
        }
    });
    Verdict {
        stage: text(&value["stage"]),
        directive: text(&value["directive"]),
        error: text(&value["error"]),
        file: text(&value["file"]),
        line: value["line"].as_u64().unwrap_or_default(),
        lacking: value["lacking"]
            .as_array()
            .map_or_else(Vec::new, |names| names.iter().map(text).collect()),
        panic: value["panic"] == Value::Bool(true),
        blocks: blocks.collect(),
    }
}
