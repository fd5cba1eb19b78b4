//! Before there is a report: nothing yet, reading, or a file that cannot be opened.

use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::HtmlInputElement;

use super::steps::Command;
use crate::app::app;

/// A button that picks a bundle.
#[component]
pub(super) fn Pick(words: &'static str) -> impl IntoView {
    let app = app();
    let picked = move |event: web_sys::Event| {
        let input = event
            .target()
            .and_then(|it| it.dyn_into::<HtmlInputElement>().ok());
        let Some(input) = input else { return };
        let file = input.files().and_then(|files| files.get(0));
        // The same file may be picked again.
        input.set_value("");
        if let Some(file) = file {
            app.open_file(&file);
        }
    };
    view! {
        <label class="button">
            <input class="unseen" type="file" accept=".zip,.json" on:change=picked/>
            {words}
        </label>
    }
}

/// Nothing yet.
#[component]
pub(super) fn Empty() -> impl IntoView {
    view! {
        <div class="start">
            <h1>"Why does DNS fail in this cluster?"</h1>
            <p class="lead">"Open a bundle that digpod collected. It is read and analysed in this page."</p>
            <div class="drop">
                <svg viewBox="0 0 48 48" aria-hidden="true">
                    <path class="line" d="M8 28v10a2 2 0 0 0 2 2h28a2 2 0 0 0 2-2V28M24 6v24M15 21l9 9 9-9"/>
                </svg>
                <p>"Drop a bundle anywhere on this page, or"</p>
                <Pick words="Choose a file"/>
                <p class="quiet">"A .zip or its JSON document. Nothing is uploaded: this page cannot connect to anything."</p>
            </div>
            <p class="quiet">"No bundle yet? Collect one, with the namespace and a label of the failing pod, and the name that fails:"</p>
            <Command command="digpod collect -n NAMESPACE -l app=NAME app.corp.internal".to_owned()/>
        </div>
    }
}

/// The worker is busy.
#[component]
pub(super) fn Reading(name: String) -> impl IntoView {
    view! {
        <div class="start" role="status">
            <h1>"Reading "{name}"…"</h1>
            <p class="lead">"Unpacking, checking and analysing."</p>
            <div class="busy" aria-hidden="true"></div>
        </div>
    }
}

/// A file that cannot be opened.
#[component]
pub(super) fn Failed(name: String, message: String, help: Option<String>) -> impl IntoView {
    view! {
        <div class="start">
            <div class="failed" role="alert">
                <h1>"Cannot open "<span class="name">{name}</span></h1>
                <p class="lead">{crate::model::sentence(&message)}"."</p>
                {help.map(|help| view! { <p>"What to do: "{help}"."</p> })}
            </div>
            <Pick words="Choose another file"/>
        </div>
    }
}
