//! glibc's `res_send.c`: one candidate, all servers, by UDP or TCP.

use super::{Errno, Replies, STABLE, State};
use crate::simulate::{Run, Sent, Then};
use crate::small;
use crate::{Message, Question, Rcode, RecordType, Reply, Transport};

/// What one server, or all of them, came to.
enum Exchange {
    Replies(Replies),
    NextServer,
    Truncated,
}

/// `__res_context_send`: all servers, `attempts` times. `None` if none gave a reply that counts.
pub(super) fn ask_servers<F: FnMut(&Question<'_>) -> Reply>(
    run: &mut Run<'_, F>,
    state: &mut State,
) -> Option<Replies> {
    state.errno = Errno::None;
    let count = run.settings.servers.len();
    let offset = if run.settings.rotate.value && count > 1 {
        let offset = state.rotation;
        state.rotation = state.rotation.wrapping_add(1);
        usize::try_from(offset).unwrap_or_default() % count
    } else {
        0
    };
    let mut stream = run.settings.use_vc.value;
    let mut stream_errno = Errno::TimedOut;
    let mut got_somewhere = false;
    for attempt in 1..=run.settings.attempts.value {
        for shift in 0..count {
            let server = (shift + offset) % count;
            if !stream {
                match by_datagram(run, state, server, attempt, &mut got_somewhere) {
                    Exchange::Replies(replies) => {
                        close(state);
                        return Some(replies);
                    }
                    Exchange::NextServer => continue,
                    Exchange::Truncated => stream = true,
                }
            }
            match by_stream(run, state, server, attempt, &mut stream_errno) {
                Exchange::Replies(replies) => return Some(replies),
                Exchange::NextServer | Exchange::Truncated => {}
            }
            if state.stuck {
                return None;
            }
        }
        if stream {
            // By TCP every server has one attempt.
            break;
        }
    }
    close(state);
    state.errno = match (stream, got_somewhere) {
        (true, _) => stream_errno,
        (false, true) => Errno::TimedOut,
        (false, false) => Errno::ConnectionRefused,
    };
    None
}

fn close(state: &mut State) {
    state.sockets.fill(None);
}

/// Milliseconds that glibc waits for the server with this index of `count`.
pub(crate) fn wait_for_server(timeout_ms: u64, server: usize, count: usize) -> u64 {
    let mut seconds = (timeout_ms / 1000) << server.min(8);
    if server > 0 {
        seconds /= u64::try_from(count).unwrap_or(1).max(1);
    }
    seconds.max(1) * 1000
}

/// `send_dg`: both questions to one server, in one go or one after the other. One reply of two
/// repeats them, first one by one, then from two sockets, for the rest of the process.
fn by_datagram<F: FnMut(&Question<'_>) -> Reply>(
    run: &mut Run<'_, F>,
    state: &mut State,
    server: usize,
    attempt: u32,
    got_somewhere: &mut bool,
) -> Exchange {
    let before = *got_somewhere;
    loop {
        let lost = match round(run, state, server, attempt, got_somewhere) {
            Round::Ended(exchange) => return exchange,
            Round::TimedOut(first) => first,
        };
        let Some(first) = lost else {
            *got_somewhere = true;
            return Exchange::NextServer;
        };
        // Perhaps the server or a firewall takes one question at a time.
        if !state.single {
            state.single = true;
            *got_somewhere = before;
        } else if !state.reopen {
            state.reopen = true;
            *got_somewhere = before;
            close(state);
        } else {
            return Exchange::Replies((Some(first), None));
        }
    }
}

/// How one sending of the questions ended.
enum Round {
    Ended(Exchange),
    /// The time was up; the reply that came to one of the questions, if any.
    TimedOut(Option<Message>),
}

fn round<F: FnMut(&Question<'_>) -> Reply>(
    run: &mut Run<'_, F>,
    state: &mut State,
    server: usize,
    attempt: u32,
    got_somewhere: &mut bool,
) -> Round {
    let count = run.settings.servers.len();
    let patience = wait_for_server(run.settings.timeout_ms.value, server, count);
    let deadline = run.now + patience;
    let mut datagrams = Datagrams {
        server,
        attempt,
        events: Vec::new(),
        unsent: state.types.iter().rev().copied().collect(),
        first: None,
        bad: false,
    };
    let at_once = if state.single { 1 } else { state.types.len() };
    for _ in 0..at_once {
        if datagrams.send_next(run, state).is_err() {
            return Round::Ended(Exchange::NextServer);
        }
    }
    while let Some(event) = datagrams.next(deadline) {
        run.now = run.now.max(event.at);
        *got_somewhere = true;
        state.any_reply = true;
        if let Some(exchange) = datagrams.take(run, state, event) {
            for event in &datagrams.events {
                run.mark(event.asked, Then::NotNeeded);
            }
            return Round::Ended(exchange);
        }
    }
    run.now = deadline;
    Round::TimedOut(datagrams.first)
}

fn open<F: FnMut(&Question<'_>) -> Reply>(
    run: &mut Run<'_, F>,
    state: &mut State,
    server: usize,
) -> u32 {
    let Some(slot) = state.sockets.get_mut(server) else {
        return run.new_socket();
    };
    *slot.get_or_insert_with(|| run.new_socket())
}

/// A reply on its way.
struct Event {
    at: u64,
    asked: usize,
    stray: bool,
    message: Message,
}

/// The questions to one server and the replies on their way.
struct Datagrams {
    server: usize,
    attempt: u32,
    events: Vec<Event>,
    /// Types that were not asked for yet, the next one last.
    unsent: Vec<RecordType>,
    /// The first reply that counts.
    first: Option<Message>,
    /// The first reply was an error: the second alone counts.
    bad: bool,
}

/// Nobody listens there.
struct Closed;

impl Datagrams {
    /// Sends the next question.
    fn send_next<F: FnMut(&Question<'_>) -> Reply>(
        &mut self,
        run: &mut Run<'_, F>,
        state: &mut State,
    ) -> Result<(), Closed> {
        let Some(record_type) = self.unsent.pop() else {
            return Ok(());
        };
        let sent = Sent {
            at: run.now,
            server: self.server,
            attempt: self.attempt,
            transport: Transport::Udp,
            socket: open(run, state, self.server),
        };
        let (asked, reply) = run.send(sent, record_type);
        let (stray, message) = match reply {
            Reply::Message(message) => (false, message),
            Reply::Stray(message) => (true, message),
            Reply::Silence => return Ok(()),
            Reply::Closed => {
                run.mark(asked, Then::NextServer);
                close(state);
                return Err(Closed);
            }
        };
        self.events.push(Event {
            at: run.now + u64::from(message.after_ms),
            asked,
            stray,
            message,
        });
        small::sort_by_key(&mut self.events, |event| event.at);
        Ok(())
    }

    /// The next reply before the deadline.
    fn next(&mut self, deadline: u64) -> Option<Event> {
        let first = self.events.first()?;
        (first.at < deadline).then(|| self.events.remove(0))
    }

    /// Looks at a reply; says what it decides, if it decides something.
    fn take<F: FnMut(&Question<'_>) -> Reply>(
        &mut self,
        run: &mut Run<'_, F>,
        state: &mut State,
        event: Event,
    ) -> Option<Exchange> {
        let Event { asked, message, .. } = event;
        let is_first = self.first.is_none() && !self.bad;
        if is_first {
            state.first_rcode = message.rcode;
        }
        if event.stray {
            run.mark(asked, Then::Ignored);
            return None;
        }
        let is_error = matches!(
            message.rcode,
            Rcode::ServFail | Rcode::NotImp | Rcode::Refused
        ) || message.is_lame_referral();
        if is_error {
            run.mark(asked, Then::NextServer);
            if run.settings.strict_error.value {
                close(state);
                return Some(Exchange::NextServer);
            }
            return self.take_error(state, is_first);
        }
        if message.truncated {
            run.mark(asked, Then::RepeatedByTcp);
            close(state);
            return Some(Exchange::Truncated);
        }
        run.mark(asked, Then::Taken);
        if !is_first {
            return Some(Exchange::Replies((self.first.take(), Some(message))));
        }
        if state.types.len() < 2 {
            return Some(Exchange::Replies((Some(message), None)));
        }
        self.first = Some(message);
        if !self.unsent.is_empty() {
            if state.reopen {
                close(state);
            }
            if self.send_next(run, state).is_err() {
                return Some(Exchange::NextServer);
            }
        }
        None
    }

    fn take_error(&mut self, state: &mut State, is_first: bool) -> Option<Exchange> {
        if !is_first {
            // The other reply alone decides, if it was one that counts.
            return Some(match self.first.take() {
                Some(first) => Exchange::Replies((Some(first), None)),
                None => Exchange::NextServer,
            });
        }
        let waits = state.types.len() > 1 && (!state.single || state.version < STABLE);
        if waits {
            self.bad = true;
            return None;
        }
        close(state);
        Some(Exchange::NextServer)
    }
}

/// `send_vc`: both questions over one connection; whatever is answered counts, and nothing limits
/// the wait.
fn by_stream<F: FnMut(&Question<'_>) -> Reply>(
    run: &mut Run<'_, F>,
    state: &mut State,
    server: usize,
    attempt: u32,
    errno: &mut Errno,
) -> Exchange {
    let socket = run.new_socket();
    let sent = Sent {
        at: run.now,
        server,
        attempt,
        transport: Transport::Tcp,
        socket,
    };
    let mut replies = Vec::new();
    for record_type in state.types.clone() {
        let (asked, reply) = run.send(sent, record_type);
        match reply {
            Reply::Closed => {
                run.mark(asked, Then::NextServer);
                *errno = Errno::ConnectionRefused;
                return Exchange::NextServer;
            }
            Reply::Message(message) => {
                state.any_reply = true;
                run.mark(asked, Then::Taken);
                replies.push(message);
            }
            Reply::Silence | Reply::Stray(_) => {
                run.mark(asked, Then::WaitedForever);
                state.stuck = true;
            }
        }
    }
    if state.stuck {
        return Exchange::NextServer;
    }
    small::sort_by_key(&mut replies, |message| message.after_ms);
    let wait = replies.last().map_or(0, |message| message.after_ms);
    run.now += u64::from(wait);
    let mut replies = replies.into_iter();
    let (first, second) = (replies.next(), replies.next());
    if let Some(first) = &first {
        state.first_rcode = first.rcode;
    }
    Exchange::Replies((first, second))
}
