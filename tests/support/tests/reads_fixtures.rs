//! What a fixture makes, and what its writer is told when it is wrong.

use digpod_bundle::Status;
use digpod_test_support::{cases, title};

const FIXTURE: &str = "\
# group/name

```text path=outputs/note.txt
shared
```

## First case

```corefile path=dns/configmaps/coredns-custom.json#a.server
a:53 {
}
```

```corefile path=dns/configmaps/coredns-custom.json#b.override
log
```

```json path=manifest.json
{\"items\": [{\"entry\": \"dns/pods.json\", \"status\": \"forbidden\"}]}
```

```sh
prose, no entry
```

## Second case

```text path=outputs/note.txt
replaced
```

```probe vantage=workload node=n1
10.0.0.10  service  app.corp.internal.  A  udp  OK×2,TIMEOUT  10.50.0.10
```
";

#[test]
fn blocks_become_entries_and_gaps() {
    let cases = cases(FIXTURE).unwrap();
    assert_eq!(title(FIXTURE), Some("group/name"));
    let headings: Vec<&str> = cases.iter().map(|case| case.heading.as_str()).collect();
    assert_eq!(headings, ["First case", "Second case"]);
    let first = &cases[0].bundle;
    assert_eq!(first.get("outputs/note.txt"), Some("shared\n".as_bytes()));
    assert_eq!(
        first.item("dns/pods.json").unwrap().status,
        Status::Forbidden
    );
    let map = first.text("dns/configmaps/coredns-custom.json").unwrap();
    assert!(map.contains("\"a.server\": \"a:53 {\\n}\\n\"") && map.contains("\"b.override\""));
    let second = &cases[1].bundle;
    assert_eq!(
        second.get("outputs/note.txt"),
        Some("replaced\n".as_bytes())
    );
    let records = second.get("probes/workload/records.json").unwrap();
    let output: digpod_probe::ProbeOutput = serde_json::from_slice(records).unwrap();
    let outcomes: Vec<&str> = output
        .records
        .iter()
        .map(|it| it.outcome.as_str())
        .collect();
    assert_eq!(outcomes, ["OK", "OK", "timeout"]);
    assert_eq!(output.node.as_deref(), Some("n1"));
}

#[test]
fn a_wrong_fixture_says_what_is_wrong_and_where() {
    let error = |text: &str| cases(text).unwrap_err();
    assert_eq!(
        error("# only a title\n"),
        "a fixture needs at least one `## case`"
    );
    assert_eq!(
        error("## a\n\n```json path=x\n"),
        "line 3: the block has no end"
    );
    assert_eq!(
        error("## a\n```json pth=x\n```\n"),
        "line 2: \"pth=x\" is not path=, vantage= or node="
    );
    assert!(error("## a\n```json path=../x\n```\n").contains("leaves its folder"));
    assert!(
        error("## a\n```json path=manifest.json\n[\n```\n")
            .starts_with("a: line 2: manifest.json does not parse")
    );
    let probe = |line: &str| error(&format!("## a\n```probe vantage=v\n{line}\n```\n"));
    assert!(probe("10.0.0.10 service x. A udp").contains("fewer than six words"));
    assert!(probe("10.0.0.10 friend x. A udp OK").contains("\"friend\" is no role"));
    assert!(probe("10.0.0.10 service x. A udp MAYBE×2").contains("\"MAYBE\" is no outcome"));
}
