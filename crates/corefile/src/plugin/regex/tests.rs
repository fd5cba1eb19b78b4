//! What Go's regexp says of some patterns: its words, or what the whole match and the groups hold.

use super::{Found, Regex};

type Expected = Result<Option<&'static [Option<&'static str>]>, &'static str>;

/// Pattern, text, and what `regexp.Compile` and `FindStringSubmatch` give.
const GO: &[(&str, &str, Expected)] = &[
    (
        "(?i:}(?-s:",
        "",
        Err("error parsing regexp: missing closing ): `(?i:}(?-s:`"),
    ),
    (
        "(?<m>[\\d-]\\pL",
        "",
        Err("error parsing regexp: missing closing ): `(?<m>[\\d-]\\pL`"),
    ),
    (
        "(?P<n>",
        "",
        Err("error parsing regexp: missing closing ): `(?P<n>`"),
    ),
    (
        "(?=a)\\pL(?i)",
        "",
        Err("error parsing regexp: invalid or unsupported Perl syntax: `(?=`"),
    ),
    (
        "(?U)\\w(?=a)|[^\\d]",
        "",
        Err("error parsing regexp: invalid or unsupported Perl syntax: `(?=`"),
    ),
    (
        "-(?!a)\\07",
        "",
        Err("error parsing regexp: invalid or unsupported Perl syntax: `(?!`"),
    ),
    (
        "(?U){1,3}(?m)(?[a-^",
        "",
        Err("error parsing regexp: missing argument to repetition operator: `{1,3}`"),
    ),
    (
        "?\\_\\x{61}\\bé[--a]",
        "",
        Err("error parsing regexp: missing argument to repetition operator: `?`"),
    ),
    (
        "{1,3}|\\é",
        "",
        Err("error parsing regexp: missing argument to repetition operator: `{1,3}`"),
    ),
    (
        "a(?P<n>[[:alpha:]]\\S+\\Z",
        "",
        Err("error parsing regexp: invalid escape sequence: `\\Z`"),
    ),
    (
        "|\\Z{1,3}[a-\\07",
        "",
        Err("error parsing regexp: invalid escape sequence: `\\Z`"),
    ),
    (
        "|\\A\\S\\x{(?=a)+",
        "",
        Err("error parsing regexp: invalid escape sequence: `\\x{(`"),
    ),
    (
        "\\n{1001}(?m)",
        "",
        Err("error parsing regexp: invalid repeat count: `{1001}`"),
    ),
    (
        "{1001}+(?!a)|(?U)",
        "",
        Err("error parsing regexp: invalid repeat count: `{1001}`"),
    ),
    (
        "{1001}",
        "",
        Err("error parsing regexp: invalid repeat count: `{1001}`"),
    ),
    (
        "[a-(?!a)[--a]",
        "",
        Err("error parsing regexp: invalid character class range: `a-(`"),
    ),
    (
        "[z-a]b",
        "",
        Err("error parsing regexp: invalid character class range: `z-a`"),
    ),
    (
        "\\p{foo}\\zé",
        "",
        Err("error parsing regexp: invalid character class range: `\\p{foo}`"),
    ),
    (
        "\\.(?P<a-b>x)[-a][^\\d]",
        "",
        Err("error parsing regexp: invalid named capture: `(?P<a-b>`"),
    ),
    (
        "(?P<a-b>x)(?-s:",
        "",
        Err("error parsing regexp: invalid named capture: `(?P<a-b>`"),
    ),
    (
        "\\.example(?P<[a-c])\\z",
        "",
        Err("error parsing regexp: invalid named capture: `(?P<[a-c])\\z`"),
    ),
    (
        "[a-|\\07",
        "",
        Err("error parsing regexp: missing closing ]: `[a-|\\07`"),
    ),
    (
        "{,2}\\_[a-",
        "",
        Err("error parsing regexp: missing closing ]: `[a-`"),
    ),
    (
        "[^\\d]\\A-[a-",
        "",
        Err("error parsing regexp: missing closing ]: `[a-`"),
    ),
    (
        "[\\w.])",
        "",
        Err("error parsing regexp: unexpected ): `[\\w.])`"),
    ),
    (")", "", Err("error parsing regexp: unexpected ): `)`")),
    (
        "[^.])\\p{Greek}(.*)(?m)",
        "",
        Err("error parsing regexp: unexpected ): `[^.])\\p{Greek}(.*)(?m)`"),
    ),
    (
        "\\p{Greek}{0,}\\",
        "",
        Err("error parsing regexp: trailing backslash at end of expression: ``"),
    ),
    (
        "[a-b-c]\\",
        "",
        Err("error parsing regexp: trailing backslash at end of expression: ``"),
    ),
    (
        "\\x41\\",
        "",
        Err("error parsing regexp: trailing backslash at end of expression: ``"),
    ),
    (
        "[a\\]b]???-\\B",
        "",
        Err("error parsing regexp: invalid nested repetition operator: `???`"),
    ),
    (
        "\\07\\x{61}(?s-i:a)+{2}",
        "",
        Err("error parsing regexp: invalid nested repetition operator: `+{2}`"),
    ),
    (
        "\\n(?i){1,3}{2}[--a]",
        "",
        Err("error parsing regexp: invalid nested repetition operator: `{1,3}{2}`"),
    ),
    ("(.*)](?U)|b", "abab", Ok(Some(&[Some("b"), None]))),
    ("(.*)[a-z0-9-]", "aé", Ok(Some(&[Some("a"), Some("")]))),
    ("(.*)\\x{61}", "a", Ok(Some(&[Some("a"), Some("")]))),
    (
        "(.*)([^.]+)",
        "a\nb",
        Ok(Some(&[Some("a\nb"), Some("a"), Some("\nb")])),
    ),
    ("|(?s-i:a)([^.]+)*?{]", "A.b", Ok(Some(&[Some(""), None]))),
    (
        "\\w{0,}([^.]+){2}",
        "foo-1.example.",
        Ok(Some(&[Some("foo-1"), Some("1")])),
    ),
    (
        "(?s-i:a)(?m)([^.]+)",
        "a\nb",
        Ok(Some(&[Some("a\nb"), Some("\nb")])),
    ),
    (
        "([^.]+)[a\\]b]",
        "aab.bba",
        Ok(Some(&[Some("aab"), Some("aa")])),
    ),
    (
        "[a-b-c]((.*)(?<m>))",
        "a\nb",
        Ok(Some(&[Some("a"), Some(""), Some(""), Some("")])),
    ),
    (
        "(.*)+(?U)[\\w.]",
        "foo-1.example.",
        Ok(Some(&[Some("foo-1.example."), Some("foo-1.example")])),
    ),
    (
        "\\x{61}(.*)",
        "abab",
        Ok(Some(&[Some("abab"), Some("bab")])),
    ),
    ("[a-c]*?^(?s)(.*)^", "a\nb", Ok(Some(&[Some(""), Some("")]))),
    (
        "([^.]+)(?s)",
        "abab",
        Ok(Some(&[Some("abab"), Some("abab")])),
    ),
    (
        "\\d[a\\]b](.*)[a-z0-9-]\\07|",
        "x.y.example.org.",
        Ok(Some(&[Some(""), None])),
    ),
    (
        "(.*)[--a](?U)",
        "abab",
        Ok(Some(&[Some("aba"), Some("ab")])),
    ),
    ("[a-c]?(.*)", "aé", Ok(Some(&[Some("aé"), Some("é")]))),
    ("[a-][--a]\\w", "example.org.", Ok(None)),
    ("[a-][[:alpha:]]\\d{", "aé", Ok(None)),
    ("}\\Q*é(?<m>]\\x41", "a\nb", Ok(None)),
    ("](.*)\\x{61}", "abab", Ok(None)),
    ("\\Qa.b\\Eb\\07{2}", "b", Ok(None)),
    ("\\.org\\.$example", "A.b", Ok(None)),
    ("[\\x41-\\x43]", "abab", Ok(None)),
    ("\\Q*[a-?[a-c]\\x{\\_", "abab", Ok(None)),
    (
        r"^(?:[^.]+\.){4,}internal\.cloudapp\.net\.$",
        "a.b.c.d.internal.cloudapp.net.",
        Ok(Some(&[Some("a.b.c.d.internal.cloudapp.net.")])),
    ),
    (
        r"^(?:[^.]+\.){4,}internal\.cloudapp\.net\.$",
        "a.b.c.internal.cloudapp.net.",
        Ok(None),
    ),
    (
        r"(.*)\.my\.([a-z0-9-]+)\.example\.$",
        "web.my.shop.example.",
        Ok(Some(&[
            Some("web.my.shop.example."),
            Some("web"),
            Some("shop"),
        ])),
    ),
    (r"a(.*){0,}", "a", Ok(Some(&[Some("a"), Some("")]))),
];

#[test]
fn patterns_compile_and_match_as_in_go() {
    for (pattern, text, expected) in GO {
        match (Regex::new(pattern), expected) {
            (Err(ours), Err(theirs)) => assert_eq!(ours, *theirs, "{pattern}"),
            (Err(ours), Ok(_)) => panic!("{pattern} is refused: {ours}"),
            (Ok(_), Err(theirs)) => panic!("{pattern} is accepted, Go says: {theirs}"),
            (Ok(regex), Ok(groups)) => {
                let groups = groups.map_or(Found::NoMatch, |groups| {
                    Found::Match(
                        groups
                            .iter()
                            .map(|group| group.map(str::to_owned))
                            .collect(),
                    )
                });
                assert_eq!(regex.find(text), Some(groups), "{pattern} on {text:?}");
            }
        }
    }
}

#[test]
fn classes_of_unicode_are_accepted_and_not_decided() {
    let regex = Regex::new(r"\p{Greek}|a").expect("a pattern");
    assert_eq!(regex.find("a"), None);
}

#[test]
fn nested_repetitions_end_in_time_that_does_not_explode() {
    let regex = Regex::new("(a*)*b").expect("a pattern");
    assert_eq!(regex.find(&"a".repeat(250)), Some(Found::NoMatch));
    // More copies than Go takes.
    assert!(Regex::new("(a{100}){100}").is_err());
    let deep = "(".repeat(2000);
    assert_eq!(
        Regex::new(&deep)
            .map(|regex| regex.find("a"))
            .ok()
            .flatten(),
        None
    );
}
