//! Labels, strings and data that are hard to write and to show.

/// Labels that a text form has to escape, and some that it does not.
pub(crate) const ODD: [&str; 22] = [
    r"dot\.inside",
    r"blank\032inside",
    r"back\\slash",
    r"quote\034inside",
    r"paren\(\)",
    r"at\@sign",
    r"dollar\$",
    r"semi\;colon",
    r"\000",
    r"\255\254\128",
    r"\127del",
    r"\009tab\010line",
    "comma,colon:equal=",
    "slash/under_score",
    "-hyphen-",
    "plus+hash#",
    "tilde~^|{}[]<>?!%&'`",
    "xn--bcher-kva",
    "UPPER-and-Lower",
    r"\195\188ber",
    "0",
    r"star.\*.inside",
];

/// Character strings as a zone file has them.
pub(crate) const STRINGS: [&str; 16] = [
    r#""""#,
    r#""plain""#,
    r#""two words" "and more""#,
    r#""a \"quote\"""#,
    r#""back\\slash \\\" both""#,
    r#""\195\188 \226\130\172 \255""#,
    r#""\000\001\031\127\128""#,
    r#""tab\009 line\010 return\013""#,
    r#""semi;colon (paren) @ $""#,
    r#""v=spf1 include:_spf.example.test ~all""#,
    r#""" "" """#,
    r#""  blanks  at  both  ends  ""#,
    r#""'single' `back`""#,
    r#""\092DDD \\065""#,
    r#""k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQ==""#,
    r#""{\"json\": [1, 2]}""#,
];

/// Types whose data this probe shows in the form of RFC 3597, with what stands in the zone.
pub(crate) const GENERIC: [(&str, &str, u16, &str); 15] = [
    (
        "ds",
        "DS",
        43,
        "60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118",
    ),
    (
        "dnskey",
        "DNSKEY",
        48,
        "256 3 13 oJMRESz5E4gYzS/q6XDrvU1qMPYIjCWzJaOau8XNEZeqCYKD5ar0IRd8KqXXFJkqmVfRvMGPmM1x8fGAa2XhSA==",
    ),
    (
        "loc",
        "LOC",
        29,
        "51 30 12.748 N 0 7 39.612 W 0.00m 1m 10000m 10m",
    ),
    ("uri", "URI", 256, r#"10 1 "https://app.hard.test/a?b=c""#),
    ("rp", "RP", 17, "admin.hard.test. txt1.hard.test."),
    ("afsdb", "AFSDB", 18, "1 host.hard.test."),
    ("cert", "CERT", 37, "1 12345 8 AQIDBAUGBwg="),
    (
        "svcb",
        "SVCB",
        64,
        "1 svc.hard.test. alpn=\"h2,h3\" port=8443 ipv4hint=192.0.2.1",
    ),
    ("https", "HTTPS", 65, "1 . alpn=\"h2\" ipv6hint=2001:db8::1"),
    ("openpgpkey", "OPENPGPKEY", 61, "AQIDBAUGBwgJCgsM"),
    (
        "smimea",
        "SMIMEA",
        53,
        "3 0 1 D2ABDE240D7CD3EE6B4B28C54DF034B97983A1D16E8A410E4561CB106618E971",
    ),
    ("csync", "CSYNC", 62, "66 3 A NS AAAA"),
    ("spf", "SPF", 99, r#""v=spf1 -all""#),
    ("private", "TYPE65280", 65280, r"\# 5 0A0B0C0D0E"),
    ("empty", "TYPE65281", 65281, r"\# 0"),
];
