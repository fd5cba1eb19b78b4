//! Prints the report of each case of a literate fixture:
//! `show FIXTURE.md [WIDTH [human|color|markdown|json]]`.

use std::io::Write as _;

use digpod_report::{HumanOptions, human, json, markdown, report};

fn main() -> Result<(), String> {
    let mut stdout = std::io::stdout().lock();
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("which fixture?")?;
    let width = arguments
        .next()
        .map_or(Ok(80), |it| it.parse())
        .map_err(|_| "no width")?;
    let form = arguments.next().unwrap_or_default();
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    for case in digpod_test_support::cases(&text)? {
        let report = report(&case.bundle, &digpod_analysis::analyse(&case.bundle));
        let text = match form.as_str() {
            "markdown" => markdown(&report),
            "json" => json(&report),
            color => human(
                &report,
                &HumanOptions {
                    color: color == "color",
                    width,
                },
            ),
        };
        writeln!(stdout, "===== {} =====\n{text}", case.heading)
            .map_err(|error| error.to_string())?;
    }
    Ok(())
}
