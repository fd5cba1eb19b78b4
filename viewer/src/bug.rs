//! A panic is a bug of the page: it is shown in the page and does not just stop it.

use wasm_bindgen::JsValue;
use web_sys::Element;

use crate::dom;

/// Tells panics to somebody.
pub(crate) fn report_to(tell: impl Fn(String) + Send + Sync + 'static) {
    std::panic::set_hook(Box::new(move |panic| tell(panic.to_string())));
}

/// Shows a bug over the page, without help of what may be broken.
pub(crate) fn show(text: &str) {
    // What cannot be shown any more cannot be helped either.
    let _ = try_show(text);
}

fn try_show(text: &str) -> Result<(), JsValue> {
    let document = dom::document();
    let Some(body) = document.body() else {
        return Ok(());
    };
    if let Some(boot) = document.get_element_by_id("boot") {
        boot.remove();
    }
    let shown = match document.get_element_by_id("bug") {
        Some(shown) => shown,
        None => document.create_element("section")?,
    };
    shown.set_id("bug");
    shown.set_attribute("role", "alert")?;
    shown.set_text_content(None);
    let add = |tag: &str, text: &str| -> Result<Element, JsValue> {
        let element = document.create_element(tag)?;
        element.set_text_content(Some(text));
        shown.append_child(&element)?;
        Ok(element)
    };
    add("h2", "This is a bug in the page")?;
    add(
        "p",
        "Your bundle is not at fault. Reload the page to go on, or run `digpod analyze` on the \
         bundle; and please report this text:",
    )?;
    add("pre", text)?;
    body.append_child(&shown)?;
    Ok(())
}
