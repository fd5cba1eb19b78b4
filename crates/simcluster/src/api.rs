//! The Kubernetes API.

mod access;
mod admission;
mod body;
mod delete;
mod discovery;
mod exec;
mod log;
mod objects;
mod openapi;
mod path;
mod pod_security;
mod protobuf;
mod proxy;
mod rbac;
mod reviews;
mod status;
mod table;
mod tables;
mod watch;
mod write;

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{ConnectInfo, FromRequestParts as _, Request, State};
use axum::http::header::{CONTENT_TYPE, DATE, USER_AGENT};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};

use crate::cluster::Cluster;
use crate::fault::Harm;
use crate::tls::Peer;
use crate::{requests, time};
use path::{Call, Target};
use status::Refusal;

/// Most bytes of a request, as etcd allows.
const MAX_BODY: usize = 3 << 20;

/// What every handler gets.
struct Context {
    cluster: Arc<Cluster>,
    call: Call,
    headers: HeaderMap,
    /// Whether the client showed a certificate.
    certified: bool,
    user: User,
    body: Vec<u8>,
    harm: Option<Harm>,
}

/// Who asks.
#[derive(Clone, Debug, Default)]
struct User {
    name: String,
    uid: Option<String>,
    groups: Vec<String>,
}

type Answer = Result<Response, Refusal>;

/// Everything the API serves.
pub(crate) fn router(cluster: Arc<Cluster>) -> Router {
    Router::new().fallback(handle).with_state(cluster)
}

async fn handle(State(cluster): State<Arc<Cluster>>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let target = parts
        .uri
        .path_and_query()
        .map_or("/", |target| target.as_str())
        .to_owned();
    let call = Call::parse(&parts.method, &parts.uri);
    let peer = parts.extensions.get::<ConnectInfo<Peer>>();
    let certified = peer.is_some_and(|ConnectInfo(peer)| peer.certified);
    let agent = parts
        .headers
        .get(USER_AGENT)
        .and_then(|agent| agent.to_str().ok());
    cluster.requests.note(requests::Request {
        method: parts.method.to_string(),
        path: target.clone(),
        verb: call.verb.to_owned(),
        resource: call.resource_path(),
        namespace: call.namespace.clone(),
        name: call.name.clone(),
        user_agent: agent.unwrap_or_default().to_owned(),
    });
    tokio::time::sleep(cluster.faults.delay()).await;
    let harm = cluster.faults.harm(&target);
    match harm {
        Some(Harm::Hang) => std::future::pending().await,
        Some(Harm::Status(code)) => return Refusal::told(code).into_response(),
        Some(Harm::NotJson) => return body::page(),
        Some(Harm::Cut | Harm::Expire | Harm::ExpireAll | Harm::EndlessLog | Harm::Huge(_))
        | None => {}
    }
    let upgrade = WebSocketUpgrade::from_request_parts(&mut parts, &cluster).await;
    let mut response = match to_bytes(body, MAX_BODY).await {
        Ok(body) => {
            let context = Context {
                cluster,
                call,
                headers: parts.headers,
                certified,
                user: User::default(),
                body: body.to_vec(),
                harm,
            };
            serve(context, upgrade.ok()).unwrap_or_else(IntoResponse::into_response)
        }
        Err(_) => Refusal::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "RequestEntityTooLarge",
            "too large",
        )
        .into_response(),
    };
    if let Ok(date) = time::http(time::now()).parse() {
        response.headers_mut().insert(DATE, date);
    }
    if harm == Some(Harm::Cut) {
        body::cut(response).await
    } else {
        response
    }
}

fn serve(mut context: Context, upgrade: Option<WebSocketUpgrade>) -> Answer {
    if let Target::Public(path) = &context.call.target {
        // Open to everybody, but not to somebody with a wrong token.
        access::user(&context)?;
        return Ok(discovery::public(&context.cluster, path));
    }
    context.user = access::user(&context)?;
    access::check(&context)?;
    match context.call.target.clone() {
        Target::Discovery(path) => discovery::answer(&context.cluster, &path),
        Target::OpenApi(path) => openapi::answer(&path),
        Target::Review(kind) => reviews::answer(&context, kind),
        Target::Resource(resource) if !discovery::serves(&context.cluster, resource.group) => {
            Err(Refusal::no_such_path())
        }
        Target::Resource(resource) => {
            match (context.call.verb, context.call.subresource.as_str()) {
                ("get", "log") => log::answer(&context),
                ("get" | "create", "exec") => exec::answer(&context, upgrade),
                ("get", "proxy") => proxy::answer(&context),
                ("get", "" | "status") => objects::get(&context, resource),
                ("list", "") => objects::list(&context, resource),
                ("watch", "") => watch::answer(&context, resource),
                ("create", "") => write::create(&context, resource),
                ("update", "" | "status") => write::update(&context, resource),
                ("patch", "" | "status") => write::patch(&context, resource),
                ("delete", "") => delete::one(&context, resource),
                ("deletecollection", "") => delete::many(&context, resource),
                _ => Err(Refusal::no_such_path()),
            }
        }
        Target::Public(_) | Target::Unknown => Err(Refusal::no_such_path()),
    }
}

impl Context {
    fn query(&self, key: &str) -> &str {
        self.call.query(key)
    }

    fn dry_run(&self) -> bool {
        self.query("dryRun") == "All"
    }
}

/// A JSON answer.
fn json(status: StatusCode, value: &serde_json::Value) -> Response {
    (status, Json(value)).into_response()
}

/// A text answer.
fn plain(text: impl Into<Body>) -> Response {
    ([(CONTENT_TYPE, "text/plain")], text.into()).into_response()
}
