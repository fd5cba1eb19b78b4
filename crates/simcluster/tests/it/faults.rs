//! Faults do what their names say, and nothing else.

use std::time::Duration;

use crate::common::{call, get, play, probe_pod};

const PODS: &str = "/api/v1/namespaces/shop/pods";

#[tokio::test(flavor = "multi_thread")]
async fn a_hanging_path_never_answers_and_others_do() {
    let running = play("healthy", &["hang:/nodes"]).await;
    let waited = tokio::time::timeout(
        Duration::from_millis(400),
        call(&running, "GET", "/api/v1/nodes", None),
    );
    assert!(waited.await.is_err());
    assert_eq!(get(&running, PODS).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_fault_may_pass_after_some_times() {
    let running = play("healthy", &["status:/pods:429:2", "status:/nodes:503"]).await;
    let first = get(&running, PODS).await;
    assert_eq!(first.status, 429);
    assert!(first.head.contains("retry-after: 1"), "{}", first.head);
    assert_eq!(first.json()["reason"], "TooManyRequests");
    assert_eq!(get(&running, PODS).await.status, 429);
    assert_eq!(get(&running, PODS).await.status, 200);
    assert_eq!(get(&running, "/api/v1/nodes").await.status, 503);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_answer_ends_early_and_a_proxy_answers_with_a_page() {
    let running = play("healthy", &["cut:/nodes", "not-json:/services"]).await;
    let cut = call(&running, "GET", "/api/v1/nodes", None)
        .await
        .unwrap_err();
    assert_eq!(cut.to_string(), "the body ended early");
    let page = get(&running, "/api/v1/services").await;
    assert_eq!(page.status, 200);
    assert!(page.body.starts_with("<html>"));
}

#[tokio::test(flavor = "multi_thread")]
async fn admission_refuses_in_the_words_of_pod_security() {
    let running = play("healthy", &["refuse-create:pods"]).await;
    let refused = call(&running, "POST", PODS, Some(&probe_pod("p", &[])))
        .await
        .unwrap();
    assert_eq!(refused.status, 403);
    let message = refused.message();
    assert!(
        message.starts_with("pods \"p\" is forbidden: violates PodSecurity \"restricted:latest\""),
        "{message}"
    );
    let dry = call(
        &running,
        "POST",
        &format!("{PODS}?dryRun=All"),
        Some(&probe_pod("p", &[])),
    )
    .await
    .unwrap();
    assert_eq!(dry.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn admission_may_refuse_only_the_network_of_the_node() {
    let running = play("healthy", &["refuse-create:pods:hostNetwork"]).await;
    let mut pod = probe_pod("p", &[]);
    let made = call(&running, "POST", PODS, Some(&pod)).await.unwrap();
    assert_eq!(made.status, 201);
    pod["metadata"]["name"] = "q".into();
    pod["spec"]["hostNetwork"] = true.into();
    let refused = call(&running, "POST", PODS, Some(&pod)).await.unwrap();
    assert_eq!(refused.status, 403);
    assert_eq!(
        refused.message(),
        "pods \"q\" is forbidden: violates PodSecurity \"baseline:latest\": host namespaces \
         (hostNetwork=true)"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_that_cannot_be_pulled_keeps_the_pod_pending() {
    let running = play("healthy", &["image-pull"]).await;
    call(&running, "POST", PODS, Some(&probe_pod("p", &[])))
        .await
        .unwrap();
    loop {
        let pod = get(&running, &format!("{PODS}/p")).await.json();
        assert!(pod["status"]["phase"] == "Pending");
        if pod["status"]["containerStatuses"][0]["state"]["waiting"]["reason"] == "ImagePullBackOff"
        {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let log = get(&running, &format!("{PODS}/p/log")).await;
    assert_eq!(log.status, 400);
    assert_eq!(
        log.message(),
        "container \"probe\" in pod \"p\" is waiting to start: ImagePullBackOff"
    );
}

#[test]
fn a_fault_that_nobody_knows_is_refused_with_the_known_ones() {
    let err = "explode:now"
        .parse::<digpod_simcluster::Fault>()
        .unwrap_err();
    insta::assert_snapshot!(err);
}
