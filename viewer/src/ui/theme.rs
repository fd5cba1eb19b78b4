//! Light or dark: as the system has it, until the reader says otherwise.

use crate::dom;

const KEY: &str = "digpod-theme";

/// Takes up what the reader chose last time.
pub(super) fn restore() {
    let chosen = dom::window().local_storage().ok().flatten();
    if let Some(theme) = chosen.and_then(|store| store.get_item(KEY).ok()).flatten()
        && (theme == "dark" || theme == "light")
    {
        set(&theme);
    }
}

/// The other one.
pub(super) fn toggle() {
    let theme = if is_dark() { "light" } else { "dark" };
    set(theme);
    // Some browsers keep nothing for files; then the choice lasts as long as the page.
    if let Ok(Some(store)) = dom::window().local_storage() {
        let _ = store.set_item(KEY, theme);
    }
}

fn is_dark() -> bool {
    let root = dom::document().document_element();
    match root
        .and_then(|root| root.get_attribute("data-theme"))
        .as_deref()
    {
        Some("dark") => true,
        Some("light") => false,
        _ => dom::window()
            .match_media("(prefers-color-scheme: dark)")
            .ok()
            .flatten()
            .is_some_and(|query| query.matches()),
    }
}

fn set(theme: &str) {
    if let Some(root) = dom::document().document_element() {
        // The name of the attribute is valid, so this cannot fail.
        let _ = root.set_attribute("data-theme", theme);
    }
}
