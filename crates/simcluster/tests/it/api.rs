//! The API answers as Kubernetes does.

use crate::common::{call, get, play, send};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn lists_come_in_pages_that_join_to_the_whole() {
    let running = play("mixed-upstreams", &[]).await;
    let mut names = Vec::new();
    let mut more = String::new();
    loop {
        let page = get(&running, &format!("/api/v1/pods?limit=1{more}"))
            .await
            .json();
        for item in page["items"].as_array().unwrap() {
            assert!(item.get("kind").is_none());
            names.push(item["metadata"]["name"].as_str().unwrap().to_owned());
        }
        match page["metadata"]["continue"].as_str() {
            Some(token) => {
                assert_eq!(page["metadata"]["remainingItemCount"], 3 - names.len());
                more = format!("&continue={token}");
            }
            None => break,
        }
    }
    assert_eq!(
        names,
        [
            "coredns-6865d647c6-4kxq7",
            "coredns-6865d647c6-h9zvt",
            "web-7d9c5bb6c4-x2m8k"
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn selectors_choose_by_labels_and_fields() {
    let running = play("mixed-upstreams", &[]).await;
    let count = async |query: &str| {
        let list = get(&running, &format!("/api/v1/pods?{query}")).await.json();
        list["items"].as_array().unwrap().len()
    };
    assert_eq!(count("labelSelector=k8s-app%3Dkube-dns").await, 2);
    assert_eq!(count("labelSelector=k8s-app%21%3Dkube-dns").await, 1);
    assert_eq!(count("labelSelector=app+in+(web,api),tier").await, 1);
    assert_eq!(count("labelSelector=%21tier").await, 2);
    assert_eq!(
        count("fieldSelector=spec.nodeName%3Daks-user-17722-vmss000000").await,
        1
    );
    assert_eq!(count("fieldSelector=status.phase%3DPending").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_are_status_objects_in_the_words_of_the_api() {
    let running = play(
        "mixed-upstreams",
        &["forbid:list:pods:kube-system", "forbid:get:pods/log"],
    )
    .await;
    let answers = [
        get(&running, "/api/v1/namespaces/kube-system/pods").await,
        get(&running, "/api/v1/pods").await,
        get(&running, "/api/v1/namespaces/shop/pods/web-7d9c5bb6c4-x2m8k/log").await,
        get(&running, "/api/v1/namespaces/shop/pods/nope").await,
        get(&running, "/apis/apps/v1/namespaces/shop/deployments/nope").await,
        get(&running, "/apis/cilium.io/v2/ciliumnetworkpolicies").await,
        send(&running, "GET /api/v1/pods HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await.unwrap(),
        send(&running, "GET /api/v1/pods HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer x\r\n\r\n")
            .await
            .unwrap(),
        call(&running, "POST", "/api/v1/namespaces/nope/pods", Some(&json!({"metadata": {"name": "a"}}))).await.unwrap(),
        call(&running, "POST", "/api/v1/namespaces/shop/pods", Some(&json!({"metadata": {"name": "a"}}))).await.unwrap(),
        call(&running, "POST", "/api/v1/namespaces", Some(&json!({"metadata": {"name": "shop"}}))).await.unwrap(),
    ];
    let text: Vec<String> = answers
        .iter()
        .map(|reply| format!("{} {}", reply.status, reply.message()))
        .collect();
    insta::assert_snapshot!(text.join("\n"));
    assert_eq!(
        get(&running, "/api/v1/namespaces/shop/pods").await.status,
        200
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn access_reviews_agree_with_what_is_refused() {
    let running = play(
        "mixed-upstreams",
        &["forbid:list:secrets", "forbid:create:pods:shop"],
    )
    .await;
    let may = async |verb: &str, resource: &str, namespace: &str| {
        let attributes = json!({"verb": verb, "resource": resource, "namespace": namespace});
        let review = json!({"spec": {"resourceAttributes": attributes}});
        let path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
        call(&running, "POST", path, Some(&review))
            .await
            .unwrap()
            .json()["status"]["allowed"]
            == true
    };
    assert!(!may("list", "secrets", "kube-system").await);
    assert!(may("get", "secrets", "kube-system").await);
    assert!(!may("create", "pods", "shop").await);
    assert!(may("create", "pods", "default").await);
    let path = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews";
    let rules = call(
        &running,
        "POST",
        path,
        Some(&json!({"spec": {"namespace": "shop"}})),
    )
    .await
    .unwrap()
    .json();
    let rules = rules["status"]["resourceRules"].as_array().unwrap();
    let verbs = |name: &str| {
        rules
            .iter()
            .find(|rule| rule["resources"][0] == name)
            .unwrap()["verbs"]
            .to_string()
    };
    assert!(!verbs("pods").contains("create") && verbs("configmaps").contains("create"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resource_may_be_refused_in_one_api_group() {
    let running = play(
        "healthy",
        &["forbid:list:pods.metrics.k8s.io", "forbid:list:nodes."],
    )
    .await;
    let status = async |path: &str| get(&running, path).await.status;
    assert_eq!(status("/apis/metrics.k8s.io/v1beta1/pods").await, 403);
    assert_eq!(status("/api/v1/pods").await, 200);
    assert_eq!(status("/api/v1/nodes").await, 403);
    assert_eq!(status("/apis/metrics.k8s.io/v1beta1/nodes").await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watch_tells_what_happens_to_a_pod_until_it_is_gone() {
    let running = play("healthy", &[]).await;
    let now = get(&running, "/api/v1/pods").await.json();
    let version = now["metadata"]["resourceVersion"].as_str().unwrap();
    let path = format!(
        "/api/v1/namespaces/shop/pods?watch=true&timeoutSeconds=3&resourceVersion={version}&fieldSelector=metadata.name%3Dw"
    );
    let watch = get(&running, &path);
    let act = async {
        let pod = json!({"metadata": {"name": "w"}, "spec": {"containers": [{"name": "c", "image": "sleep"}]}});
        call(&running, "POST", "/api/v1/namespaces/shop/pods", Some(&pod))
            .await
            .unwrap();
        crate::common::phase(&running, "shop", "w", "Running").await;
        call(&running, "DELETE", "/api/v1/namespaces/shop/pods/w", None)
            .await
            .unwrap();
    };
    let (watch, ()) = tokio::join!(watch, act);
    let events: Vec<Value> = watch
        .body
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let kinds: Vec<&str> = events
        .iter()
        .map(|event| event["type"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        ["ADDED", "MODIFIED", "MODIFIED", "MODIFIED", "DELETED"]
    );
    assert!(
        events
            .iter()
            .all(|event| event["object"]["metadata"]["name"] == "w")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_fills_in_and_keeps_nothing() {
    let running = play("healthy", &[]).await;
    let pod = json!({"metadata": {"generateName": "p-"}, "spec": {"containers": [{"name": "c", "image": "x"}]}});
    let made = call(
        &running,
        "POST",
        "/api/v1/namespaces/shop/pods?dryRun=All",
        Some(&pod),
    )
    .await
    .unwrap();
    assert_eq!(made.status, 201);
    let made = made.json();
    let name = made["metadata"]["name"].as_str().unwrap();
    assert!(name.starts_with("p-") && made["spec"]["dnsPolicy"] == "ClusterFirst");
    assert_eq!(
        get(&running, &format!("/api/v1/namespaces/shop/pods/{name}"))
            .await
            .status,
        404
    );
    let patch = json!({"metadata": {"labels": {"a": "b"}}});
    let shop = "/api/v1/namespaces/shop?dryRun=All";
    assert_eq!(
        call(&running, "PATCH", shop, Some(&patch))
            .await
            .unwrap()
            .json()["metadata"]["labels"]["a"],
        "b"
    );
    assert!(
        get(&running, "/api/v1/namespaces/shop").await.json()["metadata"]["labels"]
            .get("a")
            .is_none()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_a_namespace_deletes_what_is_in_it() {
    let running = play("healthy", &[]).await;
    let namespace = json!({"metadata": {"name": "digpod-x", "labels": {"run": "1"}}});
    assert_eq!(
        call(&running, "POST", "/api/v1/namespaces", Some(&namespace))
            .await
            .unwrap()
            .status,
        201
    );
    let account = get(
        &running,
        "/api/v1/namespaces/digpod-x/serviceaccounts/default",
    )
    .await;
    assert_eq!(account.status, 200);
    let pod =
        json!({"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "x"}]}});
    call(
        &running,
        "POST",
        "/api/v1/namespaces/digpod-x/pods",
        Some(&pod),
    )
    .await
    .unwrap();
    call(&running, "DELETE", "/api/v1/namespaces/digpod-x", None)
        .await
        .unwrap();
    while get(&running, "/api/v1/namespaces/digpod-x").await.status == 200 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(
        get(&running, "/api/v1/namespaces/digpod-x/pods/p")
            .await
            .status,
        404
    );
    let list = get(&running, "/api/v1/namespaces?labelSelector=run%3D1")
        .await
        .json();
    assert_eq!(list["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn deletecollection_deletes_by_label() {
    let running = play("healthy", &[]).await;
    for (name, run) in [("a", "1"), ("b", "1"), ("c", "2")] {
        let map = json!({"metadata": {"name": name, "labels": {"run": run}}});
        call(
            &running,
            "POST",
            "/api/v1/namespaces/shop/configmaps",
            Some(&map),
        )
        .await
        .unwrap();
    }
    let path = "/api/v1/namespaces/shop/configmaps?labelSelector=run%3D1";
    assert_eq!(
        call(&running, "DELETE", path, None).await.unwrap().status,
        200
    );
    let left = get(
        &running,
        "/api/v1/namespaces/shop/configmaps?labelSelector=run",
    )
    .await
    .json();
    assert_eq!(left["items"].as_array().unwrap().len(), 1);
    assert_eq!(left["items"][0]["metadata"]["name"], "c");
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_noted_with_verb_and_resource() {
    let running = play("healthy", &[]).await;
    get(
        &running,
        "/api/v1/namespaces/shop/pods/web-7d9c5bb6c4-x2m8k/log?tailLines=1",
    )
    .await;
    let requests = running.requests();
    let last = requests.last().unwrap();
    assert_eq!(
        (last.verb.as_str(), last.resource.as_str()),
        ("get", "pods/log")
    );
    assert_eq!(
        (last.namespace.as_str(), last.name.as_str()),
        ("shop", "web-7d9c5bb6c4-x2m8k")
    );
}
