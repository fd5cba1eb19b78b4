//! 500 questions to BIND, Unbound and CoreDNS in four ways: the probe records what dig shows.
//!
//! Active when `DIGPOD_REFERENCE_DIG` names the folder of built programs (tests/reference/dig).
#![cfg(feature = "net")]
#![expect(clippy::unwrap_used, reason = "a helper that fails fails the test")]

mod compare;
mod questions;
#[path = "../shared/random.rs"]
mod random;
mod seen;
mod servers;
mod words;
mod zones;

use std::path::{Path, PathBuf};

use compare::{Class, Counts, compare, unread};
use questions::{Question, questions};
use seen::{WAYS, Way};
use servers::{Server, Servers};

/// What differs is asked again, alone: a packet may be lost on a machine that is busy.
const LOOKS: usize = 3;
/// Questions at most that are asked again, for each server and transport: more is no accident.
const LOOKED_AGAIN: usize = 20;
/// Differences that are shown.
const SHOWN: usize = 12;

#[test]
fn answers_equal_those_of_dig() {
    let Some(programs) = std::env::var_os("DIGPOD_REFERENCE_DIG").map(PathBuf::from) else {
        println!("not compared with dig: DIGPOD_REFERENCE_DIG names no folder");
        return;
    };
    let servers = Servers::start(&programs);
    let questions = questions();
    let mut differences = Vec::new();
    for server in &servers.all {
        for way in WAYS {
            let mut counts = Counts::default();
            let asked: Vec<&Question> = questions.iter().collect();
            let results = look(&programs, server, way, &asked);
            for (question, mut result) in questions.iter().zip(results) {
                for _ in 1..LOOKS {
                    if result.is_ok() || counts.looked_again == LOOKED_AGAIN {
                        break;
                    }
                    counts.looked_again += 1;
                    result = look(&programs, server, way, &[question]).remove(0);
                }
                match result {
                    Ok(class) => counts.add(&class),
                    Err(difference) => {
                        differences.push(format!(
                            "{} {} {question:?}: {difference}",
                            server.name, way.name
                        ));
                    }
                }
            }
            println!("{} over {}: {}", server.name, way.name, counts.show());
        }
    }
    for difference in differences.iter().take(SHOWN) {
        println!("---- {}", difference.chars().take(3000).collect::<String>());
    }
    assert!(
        differences.is_empty(),
        "{} answers differ\n{}",
        differences.len(),
        servers.logs()
    );
}

/// Asks with both and compares.
fn look(
    programs: &Path,
    server: &Server,
    way: Way,
    questions: &[&Question],
) -> Vec<Result<Class, String>> {
    let dig = seen::dig(programs, server, way, questions);
    let probe = seen::probe(server, way, questions);
    let pairs = dig.into_iter().zip(probe);
    pairs
        .map(|(dig, probe)| match (dig, probe) {
            (Ok(dig), Ok(probe)) => compare(&dig, &probe),
            (Ok(dig), Err(why)) => unread(&dig, why),
            (Err(why), _) => Err(why),
        })
        .collect()
}
