//! Severity, confidence and outcome as shape and word; colour only adds to them.

use leptos::prelude::*;

use crate::matrix::Tone;

/// `proven`: a full disc with a tick; `likely`: half full; `possible`: a dashed ring.
#[component]
pub(super) fn Confidence(level: String) -> impl IntoView {
    let shape = match level.as_str() {
        "proven" => view! {
            <circle cx="8" cy="8" r="7" fill="currentColor"/>
            <path d="M4.6 8.2l2.3 2.3 4.5-4.7" class="cut"/>
        }
        .into_any(),
        "likely" => view! {
            <circle cx="8" cy="8" r="6.2" class="line"/>
            <path d="M8 1.8a6.2 6.2 0 0 0 0 12.4z" fill="currentColor"/>
        }
        .into_any(),
        _ => view! { <circle cx="8" cy="8" r="6.2" class="line dashed"/> }.into_any(),
    };
    let explained = match level.as_str() {
        "proven" => "Proven: the bundle shows it directly",
        "likely" => "Likely: the bundle points to it and does not show it directly",
        _ => "Possible: it would explain what was seen",
    };
    view! {
        <span class=format!("badge confidence {level}") title=explained>
            <svg viewBox="0 0 16 16" aria-hidden="true">{shape}</svg>
            {level.clone()}
        </span>
    }
}

/// From octagon to dot.
#[component]
pub(super) fn Severity(level: String) -> impl IntoView {
    let shape = match level.as_str() {
        "critical" => view! {
            <path d="M5 1h6l4 4v6l-4 4H5l-4-4V5z" fill="currentColor"/>
            <path d="M5.3 5.3l5.4 5.4M10.7 5.3l-5.4 5.4" class="cut"/>
        }
        .into_any(),
        "high" => view! {
            <path d="M8 1.2l7 13H1z" fill="currentColor"/>
            <path d="M8 6v4M8 11.6v.8" class="cut"/>
        }
        .into_any(),
        "medium" => view! { <path d="M8 1l7 7-7 7-7-7z" fill="currentColor"/> }.into_any(),
        "low" => view! { <path d="M8 2.2l5.8 5.8L8 13.8 2.2 8z" class="line"/> }.into_any(),
        _ => view! {
            <circle cx="8" cy="8" r="6.2" class="line"/>
            <path d="M8 7.4v4M8 4.6v.8" class="line"/>
        }
        .into_any(),
    };
    view! {
        <span class=format!("badge severity {level}")>
            <svg viewBox="0 0 16 16" aria-hidden="true">{shape}</svg>
            {level.clone()}
        </span>
    }
}

/// The symbol of an outcome; the word stands beside it.
#[component]
pub(super) fn Outcome(tone: Tone) -> impl IntoView {
    let shape = match tone {
        Tone::Good => view! { <path d="M3 8.4l3.3 3.3L13 4.6" class="line"/> }.into_any(),
        Tone::Plain => view! { <path d="M3.5 8h9" class="line"/> }.into_any(),
        Tone::Mixed => view! { <path d="M2 10c2-5 4-5 6-2s4 3 6-2" class="line"/> }.into_any(),
        Tone::Bad => view! { <path d="M4 4l8 8M12 4l-8 8" class="line"/> }.into_any(),
        Tone::Silent => view! {
            <circle cx="8" cy="8" r="6" class="line"/>
            <path d="M8 4.6V8l2.4 1.6" class="line"/>
        }
        .into_any(),
    };
    view! {
        <svg class=format!("tone {}", tone.class()) viewBox="0 0 16 16" aria-hidden="true">{shape}</svg>
    }
}
