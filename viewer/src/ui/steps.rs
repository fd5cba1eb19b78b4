//! Things to do, with commands to copy.

use digpod_report::v1::Step;
use leptos::prelude::*;

use super::prose::Prose;
use crate::app::app;

/// Steps in their order.
#[component]
pub(super) fn Steps(steps: Vec<Step>) -> impl IntoView {
    view! {
        <ol class="steps">
            {steps.into_iter().map(|step| view! { <li><One step/></li> }).collect_view()}
        </ol>
    }
}

/// One step.
#[component]
pub(super) fn One(step: Step) -> impl IntoView {
    // Below the sentence there may be lines to paste.
    let (text, lines) = match step.text.split_once('\n') {
        Some((text, lines)) => (text.to_owned(), Some(lines.to_owned())),
        None => (step.text, None),
    };
    view! {
        <p><Prose text/></p>
        {lines.map(|command| view! { <Command command what="lines"/> })}
        {step.command.map(|command| view! { <Command command/> })}
    }
}

/// A command, ready to paste.
#[component]
pub(super) fn Command(
    command: String,
    #[prop(default = "command")] what: &'static str,
) -> impl IntoView {
    let app = app();
    let text = command.clone();
    let done = match what {
        "lines" => "Lines copied",
        _ => "Command copied",
    };
    view! {
        <div class="command">
            <pre tabindex="0"><code>{command}</code></pre>
            <button type="button" class="small" on:click=move |_| app.copy(&text, done)>
                "Copy"<span class="unseen">" the "{what}</span>
            </button>
        </div>
    }
}
