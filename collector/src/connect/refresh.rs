//! A token that a plugin gave for a while: asked for anew before it ends, so that a run can remove
//! what it created.

use std::sync::Arc;

use futures::future::BoxFuture;
use http::header::AUTHORIZATION;
use http::{HeaderValue, Request};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;
use tower::BoxError;
use tower::filter::AsyncPredicate;

use super::plugin::Plugin;

/// A token that ends sooner than this is asked for anew.
const EARLY: SignedDuration = SignedDuration::from_secs(20);

/// Puts the token into requests.
#[derive(Clone)]
pub(super) struct Refresh(Arc<Mutex<State>>);

struct State {
    plugin: Plugin,
    token: String,
    expires: Timestamp,
}

impl Refresh {
    pub(super) fn new(plugin: Plugin, token: String, expires: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(State {
            plugin,
            token,
            expires,
        })))
    }

    async fn header(&self) -> Result<HeaderValue, BoxError> {
        let mut state = self.0.lock().await;
        if Timestamp::now() + EARLY >= state.expires {
            // The old token may still do; if not, the server says so.
            let credential = state.plugin.run().await;
            if let Ok(credential) = credential
                && let Some(token) = credential.token
            {
                state.token = token;
                state.expires = credential.expires.unwrap_or(Timestamp::MAX);
            }
        }
        let mut value = HeaderValue::try_from(format!("Bearer {}", state.token))?;
        value.set_sensitive(true);
        Ok(value)
    }
}

impl<B: Send + 'static> AsyncPredicate<Request<B>> for Refresh {
    type Future = BoxFuture<'static, Result<Request<B>, BoxError>>;
    type Request = Request<B>;

    fn check(&mut self, mut request: Request<B>) -> Self::Future {
        let refresh = self.clone();
        Box::pin(async move {
            let value = refresh.header().await?;
            request.headers_mut().insert(AUTHORIZATION, value);
            Ok(request)
        })
    }
}
