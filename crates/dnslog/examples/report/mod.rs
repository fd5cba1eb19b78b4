//! A summary as text for people.

use std::fmt::{self, Write as _};

use digpod_dnslog::{Histogram, LogSummary, Share, Top};

/// All that a summary says, the `entries` most frequent names and clients.
pub(crate) fn text(summary: &LogSummary, entries: usize) -> String {
    let mut out = String::new();
    write(summary, entries, &mut out).expect("a string takes all");
    out
}

fn write(summary: &LogSummary, entries: usize, out: &mut String) -> fmt::Result {
    writeln!(
        out,
        "{} bytes, {} lines: {} queries, {} error lines, {} klog lines, {} unrecognised; confidence {} of 1000",
        summary.bytes,
        summary.lines,
        summary.query_lines,
        summary.error_lines,
        summary.klog_lines,
        summary.unrecognised,
        summary.confidence()
    )?;
    if let (Some(first), Some(last)) = (&summary.first_stamp, &summary.last_stamp) {
        let minutes = &summary.minutes;
        writeln!(
            out,
            "from {first} to {last}, {} steps of {} min",
            minutes.steps.len(),
            minutes.width
        )?;
    }
    for start in &summary.starts {
        let word = |text: &Option<String>| text.clone().unwrap_or_else(|| "?".to_owned());
        writeln!(
            out,
            "start of {} on {} with {}: {}",
            word(&start.version),
            word(&start.platform),
            word(&start.go),
            start.zones.join(", ")
        )?;
    }
    for error in &summary.startup_errors {
        let (plugin, file) = (
            error.plugin.as_deref().unwrap_or("-"),
            error.file.as_deref().unwrap_or("-"),
        );
        writeln!(
            out,
            "start-up error: plugin {plugin}, file {file}, line {:?}: {:?}",
            error.line, error.message
        )?;
    }
    trouble(summary, out)?;
    events(summary, out)?;
    queries(summary, entries, out)
}

fn trouble(summary: &LogSummary, out: &mut String) -> fmt::Result {
    for count in &summary.counts {
        let server = count.server.as_deref().unwrap_or("-");
        writeln!(
            out,
            "{:>10} {}, {server} ({} HINFO, {} TCP)",
            count.count,
            count.signature.as_str(),
            count.hinfo,
            count.tcp
        )?;
    }
    for failure in &summary.api_failures {
        writeln!(
            out,
            "{:>10} API failure: {:?}, {:?}",
            failure.count, failure.kind, failure.reason
        )?;
    }
    Ok(())
}

fn events(summary: &LogSummary, out: &mut String) -> fmt::Result {
    for count in &summary.event_counts {
        writeln!(out, "{:>10} event: {}", count.count, count.kind.as_str())?;
        for event in summary
            .events
            .iter()
            .filter(|event| event.kind == count.kind)
        {
            if let Some(detail) = &event.detail {
                writeln!(out, "{:>10} {detail}", "")?;
            }
        }
    }
    Ok(())
}

fn queries(summary: &LogSummary, entries: usize, out: &mut String) -> fmt::Result {
    if let Some(errors) = &summary.errors {
        writeln!(
            out,
            "{} errors, {} consolidated lines",
            errors.errors, errors.consolidated_lines
        )?;
        shares("error code", &errors.rcodes, out)?;
        shares("error type", &errors.types, out)?;
        top("error name", &errors.names, entries, out)?;
    }
    let Some(queries) = &summary.queries else {
        return Ok(());
    };
    writeln!(out, "{} queries read, {} not", queries.read, queries.unread)?;
    shares("type", &queries.types, out)?;
    shares("class", &queries.classes, out)?;
    shares("proto", &queries.protos, out)?;
    shares("code", &queries.rcodes, out)?;
    shares("flags", &queries.flags, out)?;
    top("name", &queries.names, entries, out)?;
    top("client", &queries.clients, entries, out)?;
    top("failing name", &queries.failing_names, entries, out)?;
    top("failing client", &queries.failing_clients, entries, out)?;
    top("slow name", &queries.slow_names, entries, out)?;
    times("all", &queries.latency, out)?;
    times("own", &queries.own_latency, out)?;
    times("upstream", &queries.upstream_latency, out)?;
    writeln!(
        out,
        "{} unanswered, {} slow, {} lost; {} cut, {} asked again over TCP, {} of them in vain; {} IPv6, {} DO; largest answer {} bytes",
        queries.unanswered,
        queries.slow,
        queries.lost,
        queries.truncated,
        queries.retried_over_tcp,
        queries.failed_over_tcp,
        queries.ipv6,
        queries.dnssec_ok,
        queries.largest_answer
    )
}

fn shares(what: &str, shares: &[Share], out: &mut String) -> fmt::Result {
    shares
        .iter()
        .try_for_each(|share| writeln!(out, "{:>10} {what} {}", share.count, share.text))
}

fn top(what: &str, top: &Top, entries: usize, out: &mut String) -> fmt::Result {
    if top.total == 0 {
        return Ok(());
    }
    writeln!(
        out,
        "{} {what}s, counts at most {} too low",
        top.tracked, top.max_error
    )?;
    for entry in top.entries.iter().take(entries) {
        writeln!(
            out,
            "{:>10} {what} {} ({} NXDOMAIN)",
            entry.count, entry.text, entry.nxdomain
        )?;
    }
    Ok(())
}

fn times(what: &str, times: &Histogram, out: &mut String) -> fmt::Result {
    if times.count() == 0 {
        return Ok(());
    }
    let at = |per_mille| times.percentile(per_mille).unwrap_or(0);
    writeln!(
        out,
        "{what} times in ns: p50 {}, p90 {}, p95 {}, p99 {}, max {}",
        at(500),
        at(900),
        at(950),
        at(990),
        times.max()
    )
}
