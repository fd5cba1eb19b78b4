//! `cache`.

use super::{Outcome, Setup};
use crate::plugin::advice;
use crate::plugin::values;
use crate::tree::Word;

const MINUTE: i64 = 60_000_000_000;
const SECOND: i64 = 1_000_000_000;

#[derive(Default)]
struct State {
    serves_stale: bool,
    has_policy: bool,
}

pub(super) fn cache(setup: &mut Setup<'_>) {
    setup.each(
        |setup| {
            let args = setup.tokens.args();
            if let Some(first) = args.first()
                && let Ok(ttl) = values::atoi(&first.text)
            {
                positive_ttl(setup, first, ttl)?;
            }
            Ok(State::default())
        },
        property,
        |setup, state| {
            if state.has_policy && !state.serves_stale {
                return Err(setup.bare("serve_stale_policy requires serve_stale"));
            }
            Ok(())
        },
    );
}

fn property(setup: &mut Setup<'_>, state: &mut State, name: &str) -> Outcome {
    if setup.property(name).is_none() {
        let fault = setup.arg_err();
        return Err(fault.help(advice::unknown(setup.plugin, setup.version, name)));
    }
    match name {
        "success" | "denial" => capacity(setup),
        "prefetch" => prefetch(setup),
        "serve_stale" => {
            state.serves_stale = true;
            serve_stale(setup)
        }
        "serve_stale_policy" => {
            if state.has_policy {
                return Err(setup.bare("serve_stale_policy can only be specified once"));
            }
            state.has_policy = true;
            let args = setup.args(1, 1)?;
            match args.first() {
                Some(word) if !word.text.eq_ignore_ascii_case("prefer_positive") => {
                    let message = format!("invalid serve_stale_policy: {}", word.text);
                    Err(setup.bare(message).on(word))
                }
                _ => Ok(()),
            }
        }
        "servfail" => {
            let args = setup.args(1, 1)?;
            let Some(word) = args.first() else {
                return Ok(());
            };
            let ttl = setup.duration(word)?;
            if ttl < 0 {
                return Err(setup.bare("invalid negative ttl for servfail").on(word));
            }
            if ttl > 5 * MINUTE {
                let message = "caching SERVFAIL responses over 5 minutes is not permitted";
                return Err(setup.bare(message).on(word));
            }
            Ok(())
        }
        "disable" => {
            let args = setup.args(1, usize::MAX)?;
            match args.first() {
                Some(kind) if kind.text != "success" && kind.text != "denial" => {
                    let message = r#"cache type for disable must be "success" or "denial""#;
                    Err(setup.bare(message).on(kind))
                }
                _ => Ok(()),
            }
        }
        _ => setup.args(0, 0).map(|_| ()),
    }
}

fn positive_ttl(setup: &Setup<'_>, word: &Word, ttl: i64) -> Outcome {
    if ttl <= 0 {
        let message = format!("cache TTL can not be zero or negative: {ttl}");
        let help = "Write a TTL of at least 1 second; without `cache` nothing is kept.";
        return Err(setup.bare(message).on(word).help(help));
    }
    Ok(())
}

/// `success CAPACITY [TTL] [MINTTL]`
fn capacity(setup: &mut Setup<'_>) -> Outcome {
    let args = setup.args(1, usize::MAX)?;
    if let Some(word) = args.first() {
        setup.number(word)?;
    }
    if let Some(word) = args.get(1) {
        let ttl = setup.number(word)?;
        positive_ttl(setup, word, ttl)?;
    }
    if let Some(word) = args.get(2) {
        let least = setup.number(word)?;
        if least < 0 {
            let message = format!("cache min TTL can not be negative: {least}");
            return Err(setup.bare(message).on(word));
        }
    }
    Ok(())
}

fn prefetch(setup: &mut Setup<'_>) -> Outcome {
    let args = setup.args(1, 3)?;
    if let Some(word) = args.first() {
        let amount = setup.number(word)?;
        if amount < 0 {
            let message = format!("prefetch amount should be positive: {amount}");
            return Err(setup.bare(message).on(word));
        }
    }
    if let Some(word) = args.get(1) {
        setup.duration(word)?;
    }
    let Some(word) = args.get(2) else {
        return Ok(());
    };
    let Some(number) = word.text.strip_suffix('%') else {
        let last = word.text.bytes().last().map_or('\0', char::from);
        let message = format!("last character of percentage should be `%`, but is: '{last}'");
        return Err(setup.bare(message).on(word));
    };
    let number = values::atoi(number).map_err(|message| setup.bare(message).on(word))?;
    if !(10..=90).contains(&number) {
        let message = format!("percentage should fall in range [10, 90]: {number}");
        return Err(setup.bare(message).on(word));
    }
    Ok(())
}

/// `serve_stale [DURATION] [immediate [TTL [RECHECK]] | verify [TIMEOUT [TTL [RECHECK]]]]`; the
/// mode came with 1.9.2, what follows it with 1.14.4.
fn serve_stale(setup: &mut Setup<'_>) -> Outcome {
    let most = if setup.since(14, 4) {
        5
    } else if setup.since(9, 2) {
        2
    } else {
        1
    };
    let args = setup.args(0, most)?;
    if let Some(word) = args.first() {
        let up_to = setup.duration(word)?;
        if up_to < 0 {
            let message = "invalid negative duration for serve_stale";
            return Err(setup.bare(message).on(word));
        }
    }
    let Some(mode) = args.get(1) else {
        return Ok(());
    };
    let lower = mode.text.to_lowercase();
    if lower != "immediate" && lower != "verify" {
        let message = format!("invalid value for serve_stale refresh mode: {lower}");
        return Err(setup.bare(message).on(mode));
    }
    let rest = args.get(2..).unwrap_or_default();
    let rest = if lower == "verify" {
        if let Some(word) = rest.first() {
            let timeout = values::duration(&word.text).map_err(|message| {
                let message = format!("invalid serve_stale verify timeout: {message}");
                setup.bare(message).on(word).help(advice::DURATION)
            })?;
            if timeout < 0 {
                let message = "invalid negative timeout for serve_stale verify";
                return Err(setup.bare(message).on(word));
            }
        }
        rest.get(1..).unwrap_or_default()
    } else {
        if args.len() > 4 {
            return Err(setup.arg_err());
        }
        rest
    };
    if let Some(word) = rest.first() {
        stale_ttl(setup, word)?;
    }
    if let Some(word) = rest.get(1) {
        recheck(setup, word)?;
    }
    Ok(())
}

fn stale_ttl(setup: &Setup<'_>, word: &Word) -> Outcome {
    let ttl = values::duration(&word.text).map_err(|message| {
        let message = format!("invalid serve_stale response TTL: {message}");
        setup.bare(message).on(word).help(advice::DURATION)
    })?;
    let message = if ttl < 0 {
        "invalid negative response TTL for serve_stale"
    } else if ttl % SECOND != 0 {
        "serve_stale response TTL must be a whole number of seconds"
    } else if ttl / SECOND > i64::from(u32::MAX) {
        "serve_stale response TTL exceeds the DNS TTL range"
    } else {
        return Ok(());
    };
    Err(setup.bare(message).on(word))
}

fn recheck(setup: &Setup<'_>, word: &Word) -> Outcome {
    let recheck = values::duration(&word.text).map_err(|message| {
        let message = format!("invalid serve_stale failure recheck: {message}");
        setup.bare(message).on(word).help(advice::DURATION)
    })?;
    let message = if recheck < 0 {
        "invalid negative failure recheck for serve_stale"
    } else if recheck > 5 * MINUTE {
        "serve_stale failure recheck cannot exceed 5 minutes"
    } else {
        return Ok(());
    };
    Err(setup.bare(message).on(word))
}
