//! `POINTER = TEXT`, `POINTER : JSON`, and `+ POINTER` for a new element of a list, which `-`
//! names: what the script's templates print.

use serde_json::{Map, Value};

/// Deepest pointer; the templates' have 8 parts.
const DEEPEST: usize = 16;

/// Reads them into one value. What fits nowhere is left out.
pub(super) fn read(text: &str) -> Value {
    let mut root = Value::Object(Map::new());
    let mut open: Option<(&str, String)> = None;
    for line in text.lines() {
        let line = line.trim_end_matches('\r');
        if let Some(pointer) = line.strip_prefix("+ /") {
            close(&mut root, open.take());
            if let Some(list) = at(&mut root, pointer) {
                push(list);
            }
        } else if let Some((pointer, sign, value)) = field(line) {
            close(&mut root, open.take());
            if sign == ':' {
                if let Ok(value) = serde_json::from_str(value)
                    && let Some(place) = at(&mut root, pointer)
                {
                    *place = value;
                }
            } else if !value.is_empty() {
                open = Some((pointer, value.to_owned()));
            }
        } else if let Some((_, value)) = &mut open
            && !line.is_empty()
        {
            // A text of several lines.
            value.push('\n');
            value.push_str(line);
        }
    }
    close(&mut root, open);
    root
}

fn close(root: &mut Value, open: Option<(&str, String)>) {
    if let Some((pointer, value)) = open
        && let Some(place) = at(root, pointer)
    {
        *place = value.into();
    }
}

/// `/metadata/name = web`: the pointer without its first slash, the sign, the rest.
fn field(line: &str) -> Option<(&str, char, &str)> {
    let rest = line.strip_prefix('/')?;
    let (pointer, rest) = rest.split_once(' ')?;
    let sign = rest
        .chars()
        .next()
        .filter(|sign| matches!(sign, '=' | ':'))?;
    let value = rest.get(1..)?;
    Some((pointer, sign, value.strip_prefix(' ').unwrap_or(value)))
}

/// The place a pointer names, made where it is not there yet.
fn at<'a>(root: &'a mut Value, pointer: &str) -> Option<&'a mut Value> {
    if pointer.split('/').count() > DEEPEST {
        return None;
    }
    let mut place = root;
    let mut parts = pointer.split('/').peekable();
    while let Some(part) = parts.next() {
        if part == "-" {
            place = place.as_array_mut()?.last_mut()?;
            continue;
        }
        // An element of a list that is not there leaves no trace of the list either.
        if parts.peek() == Some(&"-") {
            place = place.as_object_mut()?.get_mut(part)?;
            continue;
        }
        if place.is_null() {
            *place = Value::Object(Map::new());
        }
        place = place.as_object_mut()?.entry(part).or_insert(Value::Null);
    }
    Some(place)
}

fn push(list: &mut Value) {
    if list.is_null() {
        *list = Value::Array(Vec::new());
    }
    if let Some(list) = list.as_array_mut() {
        list.push(Value::Null);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::read;

    #[test]
    fn fields_and_elements_make_an_object() {
        let text = "
+ /items
/items/-/metadata/name = web
/items/-/metadata/labels : {\"app\":\"web\"}
/items/-/metadata/namespace = 

+ /items/-/spec/containers
/items/-/spec/containers/-/name = a
/items/-/spec/containers/-/ports : 
+ /items/-/spec/containers
/items/-/spec/containers/-/name = 53
/items/-/status/count : 3
/items/-/message = two

lines
+ /items
/items/-/metadata/name = other
";
        assert_eq!(
            read(text),
            json!({"items": [
                {"metadata": {"name": "web", "labels": {"app": "web"}},
                 "spec": {"containers": [{"name": "a"}, {"name": "53"}]},
                 "status": {"count": 3}, "message": "two\nlines"},
                {"metadata": {"name": "other"}},
            ]})
        );
    }

    #[test]
    fn nonsense_is_left_out() {
        assert_eq!(
            read("hello\n/a\n/ = x\n+ /-\n/a/- = 1\n/b : {\n"),
            json!({"": "x"})
        );
        let deep = format!("{} = x\n", "/a".repeat(1000));
        assert_eq!(read(&deep), json!({}));
    }
}
