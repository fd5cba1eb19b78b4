//! Texts that look like Corefiles, right and wrong.

use proptest::prelude::*;

/// Any row of things that mean something in a Corefile.
pub(crate) fn soup() -> impl Strategy<Value = String> {
    let word = proptest::sample::select(vec![
        "{",
        "}",
        "\n",
        "\n",
        "\n",
        " ",
        "import",
        "custom/a",
        "(s)",
        "s",
        "forward",
        ".",
        ".:53",
        "corp.internal",
        "\"",
        "\\",
        "\\\"",
        "#x",
        "# note\n",
        "# note  ",
        "é",
        "1.1.1.1",
        ",",
        "a,",
        "\r\n",
        "\r",
        "\u{feff}",
        "\u{a0}",
        "\u{2028}",
        "\t",
        "\"q r\"",
        "\"\"",
        "\"{\"",
        "\"a\nb\"",
        "8.8.8.8#dns",
        "{$HOME}",
        " {\n",
        "\n}\n",
        "\n\n\n",
        "errors\n",
        "health {\n lameduck 5s\n }\n",
    ]);
    let space = proptest::sample::select(vec![" ", "", " ", "\n"]);
    proptest::collection::vec((word, space), 0..40).prop_map(|words| {
        let parts = words.into_iter().flat_map(|(word, space)| [word, space]);
        parts.collect()
    })
}
