//! A dry run for people to read.

use serde_json::Value;

use super::DryRun;
use super::objects::objects;
use super::page::Page;
use super::queries::queries;
use crate::error::plain;
use crate::probes::Intent;
use crate::rights::ApiCall;

/// Everything, part by part.
pub(super) fn text(run: &DryRun, width: usize) -> String {
    let mut page = Page::new(width);
    match &run.intent {
        Some(intent) => {
            let own = if intent.namespace.is_some() {
                "1 namespace, "
            } else {
                ""
            };
            page.paragraph(
                0,
                &format!(
                    "Nothing was created. A run with these flags would create {own}{} pods, send at most {} \
                     queries, and remove all of it.",
                    intent.probes.len(),
                    all_queries(intent),
                ),
            );
            page.line("\nOBJECTS it would create, and remove at its end");
            objects(&mut page, intent);
            page.line("\nQUERIES they would send");
            queries(&mut page, intent);
        }
        None => page.paragraph(
            0,
            "Nothing was created. A run with these flags would only read (--no-probe).",
        ),
    }
    page.line("\nCALLS to the API server (those with ? in some clusters only)");
    calls(&mut page, &run.calls);
    page.finish()
}

fn all_queries(intent: &Intent) -> u32 {
    let to_come = intent.to_come.map_or(0, |it| {
        let servers = u32::try_from(it.servers).unwrap_or(u32::MAX);
        servers.saturating_mul(it.queries_each)
    });
    let plans = intent.probes.iter().map(|it| it.plan.most_queries());
    plans.fold(to_come, u32::saturating_add)
}

/// By what they are for, since that is what a reader weighs them by.
fn calls(page: &mut Page, calls: &[ApiCall]) {
    let mut by: Vec<(&str, Vec<&ApiCall>)> = Vec::new();
    for call in calls {
        match by.iter_mut().find(|(purpose, _)| *purpose == call.purpose) {
            Some((_, calls)) => calls.push(call),
            None => by.push((call.purpose, vec![call])),
        }
    }
    for (purpose, calls) in by {
        page.item(2, purpose);
        for call in calls {
            let mark = if call.sometimes { "?" } else { " " };
            // To be copied.
            page.line(&format!(
                "   {mark} {:<6} {}",
                call.method,
                plain(&call.path)
            ));
        }
    }
    page.paragraph(
        2,
        "Lists come in pages. A GET is repeated where the server is busy, four times at most; nothing else \
         is.",
    );
}

/// A string of an object, for one line.
pub(super) fn word(object: &Value, pointer: &str) -> String {
    let text = object.pointer(pointer).and_then(Value::as_str);
    plain(text.unwrap_or_default())
}
