//! What a resolver would do with a name, in sentences, before anything is asked.

use crate::simulate::wait_for_server;
use crate::{Family, Implementation, RecordType, Settings, plan, worst_case_wait};

/// What the resolver would do with `name`: what it makes of the file, the names it tries, the
/// servers it asks and how, what ends the walk, and how long it can take. One sentence a line.
///
/// ```
/// use digpod_resolv::{Environment, Family, explain, read_as};
///
/// let text = "nameserver 10.0.0.10\nsearch shop.svc.cluster.local\noptions ndots:5 rotate\n";
/// let settings = read_as(text, "musl 1.2.3".parse()?, &Environment::default());
/// let lines = explain(&settings, "web", Family::Any);
/// assert_eq!(lines[0], "musl 1.2.3 reads this file, and option rotate is not known here and ignored.");
/// assert_eq!(lines[1], "1. web.shop.svc.cluster.local. (search domain 1)");
/// # Ok::<(), digpod_resolv::UnknownImplementation>(())
/// ```
pub fn explain(settings: &Settings, name: &str, family: Family) -> Vec<String> {
    let implementation = settings.implementation;
    let mut lines = Vec::new();
    if settings.observations.is_empty() {
        lines.push(format!("{implementation} reads this file as it stands."));
    }
    for seen in &settings.observations {
        lines.push(format!("{implementation} reads this file, and {seen}."));
    }
    let plan = plan(settings, name, family);
    if let Some(unasked) = plan.unasked {
        lines.push(format!("{unasked}."));
        return lines;
    }
    for (index, candidate) in plan.candidates.iter().enumerate() {
        lines.push(format!("{}. {candidate}", index + 1));
    }
    lines.push(format!("{}.", questions(settings, &plan.types)));
    lines.push(servers(settings));
    lines.push(stop_rules(implementation).to_owned());
    let wait = worst_case_wait(settings, name, family);
    lines.push(if wait.for_ever {
        "If no server replies it never returns.".to_owned()
    } else {
        format!(
            "If no server replies it takes {} ms; whatever they reply by UDP, {} ms at most.",
            wait.silent_ms, wait.longest_ms
        )
    });
    lines
}

fn questions(settings: &Settings, types: &[RecordType]) -> String {
    let by = if settings.use_vc.value { "TCP" } else { "UDP" };
    let &[one] = types else {
        let how = match settings.implementation {
            Implementation::Glibc(_) if settings.use_vc.value => "over one connection",
            Implementation::Glibc(_) if settings.single_request_reopen.value => {
                "one after the other, each from its own socket"
            }
            Implementation::Glibc(_) if settings.single_request.value => {
                "one after the other from one socket"
            }
            Implementation::Go(_) if settings.single_request.value => {
                "one after the other, each from its own socket"
            }
            Implementation::Go(_) => "at the same time, each from its own socket",
            Implementation::Glibc(_) | Implementation::Musl(_) => {
                "at the same time from one socket"
            }
        };
        return format!("Each name is asked for A and AAAA by {by}, {how}");
    };
    format!("Each name is asked for {one} by {by}")
}

fn servers(settings: &Settings) -> String {
    let count = settings.servers.len();
    let timeout = settings.timeout_ms.value;
    let list =
        settings
            .servers
            .iter()
            .enumerate()
            .map(|(index, server)| match settings.implementation {
                Implementation::Glibc(_) => {
                    let wait = wait_for_server(timeout, index, count);
                    format!("{server} ({wait} ms)")
                }
                Implementation::Go(_) => format!("{server} ({timeout} ms)"),
                Implementation::Musl(_) => server.to_string(),
            });
    let list = list.collect::<Vec<_>>().join(", ");
    let attempts = settings.attempts.value;
    match settings.implementation {
        Implementation::Musl(_) => format!(
            "Every question goes to all servers at once ({list}), {attempts} times in {timeout} ms; the first NOERROR or NXDOMAIN counts, whoever sends it."
        ),
        Implementation::Glibc(_) | Implementation::Go(_) => {
            let start = if settings.rotate.value && settings.servers.len() > 1 {
                ", each question starting at another one"
            } else {
                ""
            };
            format!(
                "The servers are asked in this order{start}: {list}; the next one after an error such as SERVFAIL, or after that time without a reply; rounds: {attempts}."
            )
        }
    }
}

fn stop_rules(implementation: Implementation) -> &'static str {
    match implementation {
        Implementation::Glibc(_) => {
            "Addresses end the walk. No such name, no addresses and SERVFAIL lead to the next name; silence and other errors end the search list, then the name as it is gets its turn; if nobody listens on any server, all is over."
        }
        Implementation::Musl(_) => {
            "Only \"no such name\" leads to the next name: addresses, a name without addresses, silence and errors all end the walk."
        }
        Implementation::Go(_) => {
            "Addresses end the walk; anything else leads to the next name, even silence. The error about the name as it is is reported."
        }
    }
}
