//! What a request is about, from its method, path and query.

use axum::http::{Method, Uri};

use crate::resources::{self, REVIEWS, Resource};

/// What a path names.
#[derive(Clone, Debug)]
pub(super) enum Target {
    /// Open to everybody: versions, health.
    Public(String),
    Discovery(String),
    OpenApi(String),
    Resource(&'static Resource),
    /// A review, by its kind.
    Review(&'static str),
    Unknown,
}

/// A request, read.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) verb: &'static str,
    pub(super) target: Target,
    pub(super) group: String,
    /// Plural name, also where it is not served.
    pub(super) resource: String,
    pub(super) subresource: String,
    /// Empty for cluster-wide requests.
    pub(super) namespace: String,
    /// Empty for lists.
    pub(super) name: String,
    /// What is asked of the object itself, after `proxy`.
    pub(super) proxied: String,
    query: Vec<(String, String)>,
}

impl Call {
    pub(super) fn parse(method: &Method, uri: &Uri) -> Self {
        let query = pairs(uri.query().unwrap_or_default());
        let mut call = Self {
            verb: "",
            target: Target::Unknown,
            group: String::new(),
            resource: String::new(),
            subresource: String::new(),
            namespace: String::new(),
            name: String::new(),
            proxied: String::new(),
            query,
        };
        let path = uri.path().trim_end_matches('/').to_owned();
        let parts: Vec<String> = path.split('/').skip(1).map(decoded).collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        match parts.as_slice() {
            ["version" | "healthz" | "livez" | "readyz", ..] => call.target = Target::Public(path),
            ["openapi", ..] => call.target = Target::OpenApi(path),
            [] | ["api" | "apis"] | ["api", "v1"] | ["apis", _] | ["apis", _, _] => {
                call.target = Target::Discovery(path);
            }
            ["api", "v1", rest @ ..] => call.resource("", "v1", rest),
            ["apis", group, version, rest @ ..] => call.resource(group, version, rest),
            _ => {}
        }
        call.verb = match (method.as_str(), call.resource.is_empty()) {
            ("GET" | "HEAD", false)
                if call.name.is_empty() && matches!(call.query("watch"), "true" | "1") =>
            {
                "watch"
            }
            ("GET" | "HEAD", false) if call.name.is_empty() => "list",
            ("GET" | "HEAD", _) => "get",
            ("POST", _) => "create",
            ("PUT", _) => "update",
            ("PATCH", _) => "patch",
            ("DELETE", _) if call.name.is_empty() => "deletecollection",
            ("DELETE", _) => "delete",
            _ => "",
        };
        call
    }

    fn resource(&mut self, group: &str, version: &str, rest: &[&str]) {
        let own = |text: &&str| (*text).to_owned();
        let rest = match rest {
            ["namespaces", name, sub @ ("status" | "finalize")] => &["namespaces", name, sub][..],
            ["namespaces", namespace, rest @ ..] if !rest.is_empty() => {
                self.namespace = own(namespace);
                rest
            }
            rest => rest,
        };
        group.clone_into(&mut self.group);
        self.resource = rest.first().map(own).unwrap_or_default();
        self.name = rest.get(1).map(own).unwrap_or_default();
        let below = rest.get(2..).unwrap_or_default();
        self.subresource = match below {
            ["proxy", path @ ..] => {
                self.proxied = path.join("/");
                "proxy".to_owned()
            }
            below => below.join("/"),
        };
        let review = REVIEWS
            .iter()
            .find(|(of, plural, _)| *of == group && *plural == self.resource);
        self.target = match (resources::find(group, version, &self.resource), review) {
            (Some(resource), _) => Target::Resource(resource),
            (None, Some((_, _, kind))) => Target::Review(kind),
            (None, None) => Target::Unknown,
        };
        // Reading one namespace happens in it, as the API's own attributes have it.
        if group.is_empty() && self.resource == "namespaces" {
            self.namespace.clone_from(&self.name);
        }
    }

    /// A parameter of the query, or the empty text.
    pub(super) fn query(&self, key: &str) -> &str {
        self.query
            .iter()
            .find(|(k, _)| k == key)
            .map_or("", |(_, value)| value)
    }

    /// Every value of a parameter that may stand more than once.
    pub(super) fn all(&self, key: &str) -> Vec<&str> {
        let pairs = self.query.iter().filter(|(k, _)| k == key);
        pairs.map(|(_, value)| value.as_str()).collect()
    }

    /// `pods`, `pods/log`.
    pub(super) fn resource_path(&self) -> String {
        if self.subresource.is_empty() {
            self.resource.clone()
        } else {
            format!("{}/{}", self.resource, self.subresource)
        }
    }

    /// The namespace that the objects of this call are stored under.
    pub(super) fn storage_namespace(&self) -> &str {
        match &self.target {
            Target::Resource(resource) if !resource.namespaced => "",
            _ => &self.namespace,
        }
    }
}

fn pairs(query: &str) -> Vec<(String, String)> {
    let pair = |part: &str| {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        (
            decoded(&key.replace('+', " ")),
            decoded(&value.replace('+', " ")),
        )
    };
    query
        .split('&')
        .filter(|part| !part.is_empty())
        .map(pair)
        .collect()
}

/// Takes percent encoding out.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        let value = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        if let (b'%', Some(value)) = (byte, value) {
            bytes.push(value);
            rest = after.get(2..).unwrap_or_default();
        } else {
            bytes.push(byte);
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
