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
    view! {
        <p><Prose text=step.text/></p>
        {step.command.map(|command| view! { <Command command/> })}
    }
}

/// A command, ready to paste.
#[component]
pub(super) fn Command(command: String) -> impl IntoView {
    let app = app();
    let text = command.clone();
    view! {
        <div class="command">
            <pre tabindex="0"><code>{command}</code></pre>
            <button type="button" class="small" on:click=move |_| app.copy(&text, "Command copied")>
                "Copy"<span class="unseen">" the command"</span>
            </button>
        </div>
    }
}
