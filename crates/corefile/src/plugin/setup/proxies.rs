//! Other plugins that ask other servers: `grpc` and the old `proxy`.

use super::forward::{MAX_UPSTREAMS, from_and_to, policy, too_many};
use super::{Setup, no_end};
use crate::plugin::advice;
use crate::plugin::upstream::{self, NotAnUpstream};

pub(super) fn grpc(setup: &mut Setup<'_>) {
    let mut last = Vec::new();
    setup.each(
        |setup| {
            let to = from_and_to(setup)?;
            for word in &to {
                let read = upstream::read(&word.text, setup.version);
                if let Err(NotAnUpstream::Empty(message) | NotAnUpstream::Unknown(message)) = read {
                    return Err(setup.bare(message).on(word));
                }
            }
            last = to;
            Ok(())
        },
        |setup, (), name| {
            if setup.property(name).is_none() {
                if name == "}" {
                    return Ok(());
                }
                let help = advice::unknown(setup.plugin, setup.version, name);
                return Err(setup.unknown().help(help));
            }
            match name {
                "except" => setup.args(1, usize::MAX).map(|_| ()),
                "tls" => setup.args(0, 3).map(|_| ()),
                "tls_servername" => setup.next_arg().map(|_| ()),
                "policy" => policy(setup),
                _ => {
                    setup.tokens.args();
                    Ok(())
                }
            }
        },
        no_end,
    );
    let (count, extra) = (last.len(), last.get(MAX_UPSTREAMS).copied());
    too_many(setup, count, extra);
}

pub(super) fn proxy(setup: &mut Setup<'_>) {
    setup.each(
        |setup| from_and_to(setup).map(|_| ()),
        |setup, (), name| {
            if setup.property(name).is_none() {
                return Err(setup.unknown());
            }
            match name {
                "except" | "protocol" => setup.args(1, usize::MAX).map(|_| ()),
                "policy" => {
                    let word = setup.next_arg()?;
                    let known = ["random", "least_conn", "round_robin", "first"];
                    if known.contains(&word.text.as_str()) {
                        return Ok(());
                    }
                    Err(setup.arg_err().on(word))
                }
                "fail_timeout" => {
                    let word = setup.next_arg()?;
                    setup.duration(word).map(|_| ())
                }
                "max_fails" => {
                    let word = setup.next_arg()?;
                    setup.number(word).map(|_| ())
                }
                "health_check" => {
                    let word = setup.next_arg()?;
                    setup.host_port(word)?;
                    if setup.tokens.next_arg()
                        && let Some(word) = setup.tokens.word()
                    {
                        setup.duration(word)?;
                    }
                    Ok(())
                }
                _ => Ok(()),
            }
        },
        no_end,
    );
}
