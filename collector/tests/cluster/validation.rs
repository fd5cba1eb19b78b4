//! Upstreams that validate, and a zone whose signatures do not hold.

use crate::played::Cluster;
use crate::running::collect;

#[test]
fn a_server_that_answers_only_without_validation_is_named_with_its_reason() {
    let faults = ["10.1.0.4", "10.1.0.5"].map(|it| format!("validates:corp.internal:{it}"));
    let Some(cluster) = Cluster::start("healthy", &faults.each_ref().map(String::as_str)) else {
        return;
    };
    let ended = collect(&cluster, &[]);
    let cause = &ended.report()["causes"][0];
    assert_eq!(
        cause["id"], "upstreams/upstream-answers-with-error",
        "{}",
        ended.out
    );
    let said = "answers app.corp.internal only when it is asked not to validate it";
    assert!(ended.words().contains(said), "{}", ended.out);
}
