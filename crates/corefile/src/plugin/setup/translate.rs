//! Plugins that make records of others: `dns64`, `siit`, `dnssec`.

use super::{Outcome, Setup, no_end};
use crate::plugin::advice;
use crate::plugin::values::{self, cidr, quote};
use crate::tree::Word;

pub(super) fn dns64(setup: &mut Setup<'_>) {
    let mut uses = 0;
    while setup.next_use(&mut uses) {
        let line = setup.attempt(|setup| {
            let args = setup.args(0, 1)?;
            match args.first() {
                // Behind a prefix it reads no block.
                Some(word) => prefix(setup, word).map(|()| true),
                None => Ok(false),
            }
        });
        if line == Some(true) {
            continue;
        }
        while setup.tokens.next_block() {
            let name = setup.tokens.val();
            setup.attempt(|setup| {
                if setup.property(name).is_none() {
                    let help = advice::unknown(setup.plugin, setup.version, name);
                    return Err(setup.unknown().help(help));
                }
                if name != "prefix" {
                    return Ok(());
                }
                let word = setup.next_arg()?;
                prefix(setup, word)
            });
        }
    }
}

fn prefix(setup: &Setup<'_>, word: &Word) -> Outcome {
    let network =
        cidr(&word.text).map_err(|message| setup.bare(message).on(word).help(advice::CIDR))?;
    let shown = quote(&format!("{}/{}", network.address, network.prefix));
    if network.address.is_ipv4() {
        let message = format!("invalid netmask 32 IPv6 address: {shown}");
        return Err(setup.err(message).on(word));
    }
    let fine = match network.prefix {
        32 | 40 | 48 | 56 | 64 | 96 => true,
        72 | 80 | 88 => !setup.since(15, 0),
        _ => false,
    };
    if fine {
        return Ok(());
    }
    let message = format!("invalid prefix length {shown}");
    let help = "Use a prefix of 32, 40, 48, 56, 64 or 96 bits (RFC 6052).";
    Err(setup.err(message).on(word).help(help))
}

pub(super) fn siit(setup: &mut Setup<'_>) {
    setup.each(
        |setup| setup.args(0, 0).map(|_| ()),
        |setup, (), name| {
            if setup.property(name).is_none() {
                let help = advice::unknown(setup.plugin, setup.version, name);
                return Err(setup.unknown().help(help));
            }
            if name == "ipv6_prefix" {
                let word = setup.next_arg()?;
                return siit_prefix(setup, word);
            }
            let args = setup.args(2, 2)?;
            let (Some(v4), Some(v6)) = (args.first(), args.get(1)) else {
                return Ok(());
            };
            for (word, wants_v4) in [(v4, true), (v6, false)] {
                let Some(ip) = values::ip(&word.text) else {
                    return Err(setup.err("invalid IP address: \"<nil>\"").on(word));
                };
                let is_v4 = ip.to_canonical().is_ipv4();
                if is_v4 != wants_v4 {
                    let family = if wants_v4 { "IPv4" } else { "IPv6" };
                    let shown = quote(&ip.to_canonical().to_string());
                    let message = format!("invalid {family} address: {shown}");
                    return Err(setup.err(message).on(word));
                }
            }
            Ok(())
        },
        no_end,
    );
}

fn siit_prefix(setup: &Setup<'_>, word: &Word) -> Outcome {
    let network =
        cidr(&word.text).map_err(|message| setup.bare(message).on(word).help(advice::CIDR))?;
    let shown = quote(&format!("{}/{}", network.address, network.prefix));
    let std::net::IpAddr::V6(address) = network.address else {
        let message = format!("invalid netmask 32 IPv6 address: {shown}");
        return Err(setup.err(message).on(word));
    };
    if !matches!(network.prefix, 32 | 40 | 48 | 56 | 64 | 96) {
        let message =
            format!("invalid prefix length {shown}: must be one of /32, /40, /48, /56, /64, /96");
        return Err(setup.err(message).on(word));
    }
    if address.octets().get(8).is_some_and(|byte| *byte != 0) {
        let message = format!("invalid prefix {shown}: reserved octet (byte 8) must be zero");
        return Err(setup.err(message).on(word));
    }
    Ok(())
}

pub(super) fn dnssec(setup: &mut Setup<'_>) {
    setup.each(
        |setup| {
            setup.tokens.args();
            Ok(())
        },
        |setup, (), name| {
            if setup.property(name).is_none() {
                let help = advice::unknown(setup.plugin, setup.version, name);
                return Err(setup.unknown().help(help));
            }
            let word = setup.next_arg()?;
            match (name, word.text.as_str()) {
                ("key", "file") => setup.args(1, usize::MAX).map(|_| ()),
                ("key", "aws_secretsmanager") if setup.since(12, 0) => {
                    setup.args(1, usize::MAX).map(|_| ())
                }
                ("key", _) => Ok(()),
                _ => setup.number(word).map(|_| ()),
            }
        },
        no_end,
    );
}
