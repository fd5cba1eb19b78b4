//! The bar at the top: what was opened, and what can be done with it.

use leptos::prelude::*;

use super::{help, start, subject_line, theme};
use crate::app::app;
use crate::{bug, dom};

/// The bar.
#[component]
pub(super) fn Header() -> impl IntoView {
    let app = app();
    theme::restore();
    let actions = move || {
        app.opened().map(|opened| {
        let subject = subject_line(&opened);
        let name = opened.name.clone();
        let (to_save, to_copy) = (opened.clone(), opened.clone());
        view! {
            <div class="subject">
                <p class="file">{name}</p>
                <p class="about">{subject}</p>
            </div>
            <div class="actions">
                <button type="button" id="copy-markdown" on:click=move |_| app.copy(&to_copy.markdown, "Copied: paste it into the ticket")>
                    "Copy as Markdown"
                </button>
                <button type="button" id="save-json" on:click=move |_| {
                    if let Err(error) = dom::save(&file_name(&to_save.name), "application/json", &to_save.json) {
                        bug::show(&format!("the report cannot be saved: {error:?}"));
                    }
                }>"Save report JSON"</button>
                <start::Pick words="Open another"/>
            </div>
        }
    })
    };
    view! {
        <header class="top">
            <a class="mark" href="#/" aria-label="digpod, to the cause">
                <svg viewBox="0 0 32 32" aria-hidden="true">
                    <rect width="32" height="32" rx="8" class="ground"/>
                    <circle cx="16" cy="16" r="8" class="ring"/>
                    <circle cx="16" cy="16" r="3" class="dot"/>
                </svg>
                <span>"digpod"</span>
            </a>
            {actions}
            <div class="tools">
                <button type="button" class="icon" id="theme" aria-label="Light or dark" title="Light or dark (t)" on:click=|_| theme::toggle()>
                    <svg viewBox="0 0 16 16" aria-hidden="true"><circle cx="8" cy="8" r="6.2" class="line"/><path d="M8 1.8a6.2 6.2 0 0 1 0 12.4z" fill="currentColor"/></svg>
                </button>
                <button type="button" class="icon" id="help" aria-label="Keys" title="Keys (?)" on:click=|_| help::open()>"?"</button>
            </div>
        </header>
    }
}

/// `incident.zip` is saved as `incident.report.json`.
fn file_name(bundle: &str) -> String {
    let stem = bundle.rsplit_once('.').map_or(bundle, |(stem, _)| stem);
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let stem: String = stem
        .chars()
        .map(|c| if plain(c) { c } else { '-' })
        .collect();
    format!("{stem}.report.json")
}
