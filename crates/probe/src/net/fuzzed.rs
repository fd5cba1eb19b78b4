//! The door of the fuzz target `probe_reply`: replies are read as the engine reads them, without a
//! socket.

use super::message::{Asked, Reply};
use crate::plan::{Question, Target};
use crate::record::{Answer, Outcome};

/// Asks for a name and hands the query to `reply`; what its reply is taken for, or why it is none.
pub fn read_reply(
    name: &str,
    record_type: &str,
    udp: bool,
    reply: impl FnOnce(&[u8]) -> Vec<u8>,
) -> Result<(Outcome, Vec<Answer>), String> {
    let question = Question::once(Target::OwnEach, name, record_type);
    let sent = Asked::new(&question)?.send()?;
    match sent.read(&reply(&sent.bytes), udp) {
        Reply::Foreign(why) => Err(why),
        Reply::Truncated => Err("truncated".to_owned()),
        Reply::Answer(parsed) => Ok((parsed.outcome, parsed.answers)),
    }
}
