//! Replies that are no honest answers, the same for the same name on every run.

use crate::dns_server::Query;
use crate::random::Random;

/// What an honest answer carries.
pub(crate) const HONEST: [u8; 4] = [192, 0, 2, 1];
/// What a forged one carries.
pub(crate) const FORGED: [u8; 4] = [203, 0, 113, 66];

impl Random {
    /// From the number in `h<number>.…`, the first label of the name that is asked.
    pub(crate) fn of(query: &Query) -> Self {
        let length = usize::from(query.bytes[12]);
        let label = std::str::from_utf8(&query.bytes[14..=12 + length]).unwrap();
        Self(label.parse().unwrap())
    }

    pub(crate) fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.next().to_le_bytes()[0]).collect()
    }
}

/// A message with a forged address that is no answer to this query: its head says so.
pub(crate) fn stray(query: &Query, random: &mut Random) -> Vec<u8> {
    let mut reply = query.answer(0, &[FORGED]);
    let end = 12 + query.question().len();
    match random.below(15) {
        // Another id: one bit of it, or all.
        0 => reply[random.below(2)] ^= 1 << random.below(8),
        1 => reply[..2].iter_mut().for_each(|byte| *byte ^= 0xff),
        // A query, or another operation.
        2 => reply[2] &= 0x7f,
        3 => reply[2] |= (1 + u8::try_from(random.below(15)).unwrap()) << 3,
        // Another letter of the name, the type, the class.
        4 => reply[14 + random.below(2)] ^= 1,
        5 => reply[end - 3] ^= 1 << random.below(8),
        6 => reply[end - 1] ^= 1 << random.below(8),
        // A dot where two labels meet: the text of the name is nearly the same.
        7 => {
            let first = usize::from(reply[12]);
            let second = reply[13 + first];
            reply[12] += 1 + second;
            reply[13 + first] = b'.';
        }
        // No question, or two.
        8 => reply[5] = 0,
        9 => reply[5] = 2 + u8::try_from(random.below(200)).unwrap(),
        // A question that points to itself, forward, or into its own middle.
        10 => reply[12..14].copy_from_slice(&[0xc0, 12]),
        11 => reply[12..14].copy_from_slice(&[0xc0, 0xff]),
        // A label that is longer than the message, or of a kind that is not known.
        12 => reply[12] = 63,
        13 => reply[12] = 0x80,
        // Cut off before the question ends.
        _ => reply.truncate(random.below(end)),
    }
    reply
}

/// A message with the head of an answer and a body that is none, or any bytes.
pub(crate) fn broken(query: &Query, random: &mut Random) -> Vec<u8> {
    let mut reply = query.answer(0, &[FORGED, FORGED]);
    let end = 12 + query.question().len();
    match random.below(9) {
        // Bytes, with and without a right id.
        0 => {
            let length = random.below(600);
            reply = random.bytes(length);
        }
        1 => {
            reply.truncate(2);
            let length = random.below(1200);
            reply.extend(random.bytes(length));
        }
        // A few bytes are others.
        2 | 3 => {
            for _ in 0..=random.below(6) {
                let place = random.below(reply.len());
                reply[place] = random.bytes(1)[0];
            }
        }
        // More records than there are.
        4 => reply[4 + 2 * (1 + random.below(3))] = 0xff,
        // Owners that point to themselves, to each other, or out of the message.
        5 => reply[end..end + 2].copy_from_slice(&[0xc0, u8::try_from(end).unwrap()]),
        6 => reply[end + 1] = 0xfe,
        // Data that is longer or shorter than it says.
        7 => reply[end + 11] = random.bytes(1)[0] | 5,
        // Truncated, and garbage behind it.
        _ => {
            reply[2] |= 2;
            reply.truncate(end);
            reply.extend(random.bytes(40));
        }
    }
    reply
}

/// Whether a reply answers a query, as the test sees it: id, QR, opcode, and the one question in
/// any case; or a refusal without question and answers.
pub(crate) fn answers(query: &[u8], reply: &[u8]) -> bool {
    if reply.len() < 12 || reply[..2] != query[..2] || reply[2] & 0xf8 != 0x80 {
        return false;
    }
    if reply[4..6] == [0, 0] {
        return !matches!(reply[3] & 15, 0 | 3) && reply[6..8] == [0, 0];
    }
    let mut end = 12;
    while query[end] != 0 {
        end += 1 + usize::from(query[end]);
    }
    end += 5;
    reply[4..6] == [0, 1]
        && reply
            .get(12..end)
            .is_some_and(|question| question.eq_ignore_ascii_case(&query[12..end]))
}
