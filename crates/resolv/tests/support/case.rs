//! A lookup: the files, the name, what the servers say.

use std::collections::BTreeMap;
use std::net::IpAddr;

use digpod_resolv::{
    Chance, Environment, Family, Implementation, Message, Question, Rcode, RecordType, Reply,
    Settings, Simulation, Transport, Version, read_as, simulate_with,
};
use serde_json::{Value, json};

use super::generate;
use super::random::Random;

/// A program under test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Program {
    /// The system's glibc.
    Glibc,
    /// musl-tools.
    Musl,
    /// Go.
    Go,
}

impl Program {
    /// Its file name, and ours for it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Glibc => "glibc",
            Self::Musl => "musl",
            Self::Go => "go",
        }
    }

    /// The versions that Debian 12 has; `DIGPOD_REFERENCE_GLIBC` and `…_MUSL` say otherwise.
    pub(crate) fn implementation(self) -> Implementation {
        let other = std::env::var(format!(
            "DIGPOD_REFERENCE_{}",
            self.name().to_ascii_uppercase()
        ));
        match (other, self) {
            (Ok(version), _) => format!("{} {version}", self.name()).parse().unwrap(),
            (Err(_), Self::Glibc) => Implementation::Glibc(Version::new(2, 36, 0)),
            (Err(_), Self::Musl) => Implementation::Musl(Version::new(1, 2, 3)),
            (Err(_), Self::Go) => Implementation::GO,
        }
    }
}

/// Who is asked what, and how: the key of an answer.
pub(crate) type Key = (IpAddr, String, RecordType, Transport);

/// A lookup.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// Who looks up.
    pub(crate) program: Program,
    /// The file.
    pub(crate) conf: String,
    /// The host's name.
    pub(crate) hostname: String,
    /// The name.
    pub(crate) name: String,
    /// Addresses wanted.
    pub(crate) family: Family,
    /// `RES_OPTIONS`.
    pub(crate) res_options: Option<String>,
    /// `LOCALDOMAIN`.
    pub(crate) localdomain: Option<String>,
    /// Replies in the order the server gives them; the last one repeats.
    pub(crate) answers: BTreeMap<Key, Vec<Reply>>,
}

impl Case {
    /// The case with this number.
    pub(crate) fn generate(program: Program, index: usize) -> Self {
        let seed = 0x00d1_6b0d + index as u64 * 3 + program as u64;
        let mut random = Random::new(seed);
        loop {
            let case = generate::case(program, &mut random);
            // What waits long proves no more than what waits a little.
            if case.wait_ms() <= 6500 && case.is_steady() {
                return case;
            }
        }
    }

    /// A lookup that asks nothing, to see whether the harness works.
    pub(crate) fn trial() -> Self {
        Self {
            program: Program::Musl,
            conf: String::new(),
            hostname: "host".into(),
            name: "127.0.0.1".into(),
            family: Family::Any,
            res_options: None,
            localdomain: None,
            answers: BTreeMap::new(),
        }
    }

    /// What the program uses of the file.
    pub(crate) fn settings(&self) -> Settings {
        let environment = Environment {
            hostname: Some(&self.hostname),
            res_options: self.res_options.as_deref(),
            localdomain: self.localdomain.as_deref(),
        };
        read_as(&self.conf, self.program.implementation(), &environment)
    }

    /// What we predict.
    pub(crate) fn replay(&self) -> Simulation {
        self.replay_with(Chance::default())
    }

    /// What we predict if chance has it so.
    pub(crate) fn replay_with(&self, chance: Chance) -> Simulation {
        simulate_with(
            &self.settings(),
            &self.name,
            self.family,
            chance,
            |question| self.answer(question),
        )
    }

    /// What the server does with a question.
    pub(crate) fn answer(&self, question: &Question<'_>) -> Reply {
        if !has_server(question.address, question.transport) {
            return Reply::Closed;
        }
        let key = (
            question.address,
            question.name.to_owned(),
            question.record_type,
            question.transport,
        );
        let Some(replies) = self.answers.get(&key) else {
            return Reply::nx_domain();
        };
        let nth = usize::try_from(question.nth - 1).unwrap();
        replies[nth.min(replies.len() - 1)].clone()
    }

    /// The longest predicted wait, whichever server `rotate` begins with.
    fn wait_ms(&self) -> u64 {
        let waits = (0..3).map(|rotation| {
            let chance = Chance {
                rotation,
                ..Chance::default()
            };
            self.replay_with(chance).wait_ms
        });
        waits.max().unwrap_or(0)
    }

    /// Whether the same questions are asked where every reply that waits comes later still, as on a
    /// machine with coarse timers: else the machine would decide, not the program.
    fn is_steady(&self) -> bool {
        let mut late = self.clone();
        for reply in late.answers.values_mut().flatten() {
            if let Reply::Message(message) | Reply::Stray(message) = reply
                && message.after_ms > 0
            {
                message.after_ms += message.after_ms / 4 + 15;
            }
        }
        let questions = |case: &Self| -> Vec<_> {
            let asked = case.replay().asked.into_iter();
            let question = asked.map(|it| (it.address, it.transport, it.record_type, it.candidate));
            let mut questions: Vec<_> = question.collect();
            questions.sort();
            questions
        };
        questions(self) == questions(&late)
    }

    /// Whether it waits for something that does not come.
    pub(crate) fn is_slow(&self) -> bool {
        self.wait_ms() >= 400
    }

    /// For the harness.
    pub(crate) fn to_json(&self) -> String {
        let answers: Vec<Value> = self
            .answers
            .iter()
            .map(|((server, name, record_type, transport), replies)| {
                json!({
                    "server": server.to_string(),
                    "name": name,
                    "type": record_type.to_string(),
                    "transport": transport.to_string().to_ascii_lowercase(),
                    "replies": replies.iter().map(reply_json).collect::<Vec<_>>(),
                })
            })
            .collect();
        let environment: Vec<String> = [
            ("RES_OPTIONS", &self.res_options),
            ("LOCALDOMAIN", &self.localdomain),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some(format!("{name}={}", value.as_ref()?)))
        .collect();
        json!({
            "program": self.program.name(),
            "conf": self.conf,
            "environment": environment,
            "hostname": self.hostname,
            "name": self.name,
            "family": match self.family {
                Family::Any => "any",
                Family::V4 => "4",
                Family::V6 => "6",
            },
            "seconds": self.wait_ms() / 1000 + 4,
            "answers": answers,
        })
        .to_string()
    }

    /// For people, and the prediction.
    pub(crate) fn show(&self) -> String {
        format!(
            "{} {:?} {:?} host {:?} {:?} {:?}\n{:?}\npredicted:\n{}",
            self.program.name(),
            self.name,
            self.family,
            self.hostname,
            self.res_options,
            self.localdomain,
            self.conf,
            self.replay()
        )
    }
}

/// Whether the harness listens there.
pub(crate) fn has_server(address: IpAddr, transport: Transport) -> bool {
    let open = ["127.0.0.1", "::1", "127.0.0.11", "127.0.0.12", "127.0.0.13"];
    let udp_only = ["127.0.0.21", "127.0.0.22", "127.0.0.23"];
    let address = address.to_string();
    open.contains(&address.as_str())
        || transport == Transport::Udp && udp_only.contains(&address.as_str())
}

fn reply_json(reply: &Reply) -> Value {
    let (stray, message) = match reply {
        Reply::Message(message) => (false, message.clone()),
        Reply::Stray(message) => (true, message.clone()),
        Reply::Silence | Reply::Closed => return json!({"silent": true}),
    };
    let Message {
        rcode,
        addresses,
        alias,
        truncated,
        authoritative,
        recursion_available,
        additional,
        after_ms,
    } = message;
    json!({
        "stray": stray,
        "rcode": Rcode::number(rcode),
        "addresses": addresses.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "alias": alias,
        "tc": truncated,
        "aa": authoritative,
        "ra": recursion_available,
        "additional": additional,
        "after_ms": after_ms,
    })
}
