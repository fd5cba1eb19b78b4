//! The plan that a probe container is given.

use digpod_probe::Plan;
use serde_json::Value;

use crate::json::{list, text};

/// The plan of a probe container: from its arguments, or from its environment.
pub(crate) fn plan(container: &Value) -> Result<Plan, String> {
    let words: Vec<&str> = list(container, "command")
        .iter()
        .chain(list(container, "args"))
        .filter_map(Value::as_str)
        .collect();
    let after = words
        .iter()
        .position(|word| *word == "--plan")
        .and_then(|n| words.get(n + 1).copied());
    let joined = words.iter().find_map(|word| word.strip_prefix("--plan="));
    let env = list(container, "env")
        .iter()
        .find(|var| text(var, "name") == "DIGPOD_PLAN");
    let plan = after
        .or(joined)
        .or(env.map(|var| text(var, "value")))
        .ok_or("no plan; pass one with --plan, --plan-file or DIGPOD_PLAN")?;
    Plan::from_json(plan).map_err(|bad| format!("{bad}; {}", bad.help()))
}
