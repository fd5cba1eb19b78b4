//! Splits logs into pieces, so that any line is reached by unpacking one entry.

use crate::bundle::Bundle;
use crate::entry::BadName;
use crate::layout::{self, LogStream};
use crate::manifest::Item;

/// Size at which a new piece of a log begins.
pub const LOG_PIECE_BYTES: usize = 4 << 20;

/// Splits a log at line ends into pieces of about 4 MiB; the pieces joined are the log.
///
/// A line longer than a piece is cut, at a character if it is UTF-8. An empty log is one empty
/// piece.
pub fn log_pieces(log: &[u8]) -> Vec<&[u8]> {
    pieces(log, LOG_PIECE_BYTES)
}

impl Bundle {
    /// Adds a container's log in pieces; `item` is what is known of each of them.
    pub fn add_log(
        &mut self,
        pod: &str,
        container: &str,
        stream: LogStream,
        log: &[u8],
        item: &Item,
    ) -> Result<(), BadName> {
        for (number, piece) in (0..).zip(log_pieces(log)) {
            let name = layout::log(pod, container, stream, number);
            self.add_with(&name, piece, item.clone())?;
        }
        Ok(())
    }
}

fn pieces(log: &[u8], size: usize) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    let mut rest = log;
    while rest.len() > size {
        let (window, _) = rest.split_at(size);
        let cut = match window.iter().rposition(|byte| *byte == b'\n') {
            Some(at) => at + 1,
            None => size - incomplete_tail(window),
        };
        let (piece, after) = rest.split_at(cut);
        pieces.push(piece);
        rest = after;
    }
    if !rest.is_empty() || pieces.is_empty() {
        pieces.push(rest);
    }
    pieces
}

/// Bytes at the end that begin a character and do not finish it; never all of the bytes.
fn incomplete_tail(bytes: &[u8]) -> usize {
    let last = bytes.iter().rev().take(4);
    match last.clone().position(|byte| byte & 0xC0 != 0x80) {
        Some(at) if bytes.len() > 4 => match bytes.iter().rev().nth(at) {
            Some(lead) if *lead >= 0xC0 => at + 1,
            _ => 0,
        },
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::pieces;

    #[test]
    fn pieces_end_where_lines_end() {
        assert_eq!(pieces(b"ab\ncd\nef", 6), [&b"ab\ncd\n"[..], b"ef"]);
        assert_eq!(pieces(b"", 6), [b""]);
        let cut = pieces("aaaaaä".as_bytes(), 6);
        assert_eq!(cut, ["aaaaa".as_bytes(), "ä".as_bytes()]);
    }

    proptest! {
        #[test]
        fn pieces_joined_are_the_log(log: Vec<u8>, size in 5usize..40) {
            let pieces = pieces(&log, size);
            prop_assert!(pieces.iter().all(|piece| piece.len() <= size));
            prop_assert_eq!(pieces.concat(), log);
        }
    }
}
