//! Which of the Corefiles that were found is read, and what is said if there is none.

use super::Configuration;
use super::found::{Found, MapName, Piece};
use crate::error::Failure;

/// What node-cache replaces before CoreDNS reads the Corefile.
const PLACEHOLDER: &str = "__PILLAR__";
const BOTH: &str = "add the ConfigMap coredns, as `kubectl -n kube-system get configmap coredns \
                    coredns-custom -o yaml` prints both";

impl Found {
    /// The Corefile that was chosen by the name of its ConfigMap, or the likeliest.
    pub(super) fn finish(mut self, chosen: Option<&str>) -> Result<Configuration, Failure> {
        let mut left: Vec<Piece> = Vec::new();
        if let Some(chosen) = chosen {
            let is = |it: &Piece| it.map.as_ref().is_some_and(|map| map.is(chosen));
            if !self.mains.iter().any(is) {
                return Err(not_there(chosen, &self.mains));
            }
            (self.mains, left) = self.mains.into_iter().partition(is);
        }
        // The cluster's DNS comes first; node-local caches have a Corefile of their own.
        self.mains.sort_by_key(rank);
        if self.mains.is_empty() {
            self.without_corefile()?;
        }
        if self.mains.len() > 1 && self.mains.iter().any(|piece| piece.map.is_none()) {
            let names: Vec<&str> = self.mains.iter().map(|it| it.shown.as_str()).collect();
            return Err(
                Failure::usage(format!("several Corefiles: {}", names.join("; ")))
                    .help("give one at a time"),
            );
        }
        let mut mains = self.mains.into_iter();
        let Some(main) = mains.next() else {
            return Err(none(&[]));
        };
        left.extend(mains);
        if super::super::is_blank(&main.source.text) {
            return Err(Failure::new(format!("{} is empty", main.shown))
                .help("CoreDNS needs at least one server block, like `.:53 { ... }`"));
        }
        let mut configuration = Configuration {
            node_cache: main.source.text.contains(PLACEHOLDER)
                || main.map.as_ref().is_some_and(MapName::is_of_node_cache),
            ..Configuration::default()
        };
        if !left.is_empty() {
            configuration.notes.push(read_and_left(&main, &left));
        }
        let map = main.map.clone();
        let beside = self
            .imported
            .into_iter()
            .filter(|piece| belongs(piece, map.as_ref(), &left));
        for piece in std::iter::once(main).chain(beside) {
            configuration.sources.push(piece.source);
            configuration.shown.push(piece.shown);
        }
        Ok(configuration)
    }

    /// Takes a single file of server blocks for the Corefile; any other lack of one is an error.
    fn without_corefile(&mut self) -> Result<(), Failure> {
        let coredns = |(map, _): &&(MapName, Vec<String>)| map.name.contains("coredns");
        if let Some((map, keys)) = self.without.iter().find(coredns) {
            let keys = match keys.as_slice() {
                [] => "it has no keys".to_owned(),
                keys => format!("its keys: {}", keys.join(", ")),
            };
            return Err(Failure::new(format!(
                "ConfigMap {} has no key Corefile; {keys}",
                map.name
            ))
            .help("CoreDNS reads the key Corefile: give the ConfigMap that has it"));
        }
        if let Some(map) = self.imported.iter().find_map(|piece| piece.map.as_ref()) {
            return Err(Failure::new(format!(
                "this is {} without coredns: keys that a Corefile imports, and no Corefile",
                map.name
            ))
            .help(BOTH));
        }
        if let Some(map) = self.kube_dns.first() {
            return Err(Failure::new(format!(
                "ConfigMap {} is one of kube-dns (stubDomains, upstreamNameservers), and CoreDNS does not read it",
                map.name
            ))
            .help("give the ConfigMap of CoreDNS, which has a key Corefile"));
        }
        match self.imported.as_slice() {
            [] => {
                let names: Vec<&str> = self
                    .without
                    .iter()
                    .map(|(map, _)| map.name.as_str())
                    .collect();
                Err(none(&names))
            }
            [only] if !only.source.name.ends_with(".override") => {
                self.mains.append(&mut self.imported);
                Ok(())
            }
            several => {
                let names: Vec<&str> = several.iter().map(|it| it.shown.as_str()).collect();
                Err(Failure::new(format!(
                    "there is no Corefile in it, only what one may import: {}",
                    names.join(", ")
                ))
                .help("give the Corefile too, or the folder that has all of them"))
            }
        }
    }
}

fn rank(piece: &Piece) -> u8 {
    match &piece.map {
        Some(map) if map.is_of_node_cache() => 3,
        Some(map) if map.name == "coredns" => 0,
        Some(map) if map.name.contains("coredns") && !map.is_custom() => 1,
        _ => 2,
    }
}

/// Whether CoreDNS may see a piece beside its Corefile: not what stands beside another Corefile,
/// nor in another namespace.
fn belongs(piece: &Piece, main: Option<&MapName>, left: &[Piece]) -> bool {
    let (Some(own), Some(main)) = (&piece.map, main) else {
        return true;
    };
    let elsewhere = match (&own.namespace, &main.namespace) {
        (Some(one), Some(other)) => one != other,
        _ => false,
    };
    let of_another = left.iter().any(|it| it.map.as_ref() == Some(own));
    own == main || !(elsewhere || of_another)
}

fn name(piece: &Piece) -> String {
    match &piece.map {
        Some(MapName {
            namespace: Some(namespace),
            name,
        }) => format!("{namespace}/{name}"),
        Some(map) => map.name.clone(),
        None => piece.shown.clone(),
    }
}

fn read_and_left(main: &Piece, left: &[Piece]) -> String {
    let names: Vec<String> = left.iter().map(name).collect();
    format!(
        "read: the Corefile of ConfigMap {}; left out: {} (choose with --configmap NAME)",
        name(main),
        names.join(", ")
    )
}

fn not_there(chosen: &str, mains: &[Piece]) -> Failure {
    let names: Vec<String> = mains
        .iter()
        .filter(|piece| piece.map.is_some())
        .map(name)
        .collect();
    let failure = Failure::usage(format!(
        "--configmap {chosen}: no such ConfigMap with a Corefile"
    ));
    failure.help(if names.is_empty() {
        "there is none at all: leave --configmap out".to_owned()
    } else {
        format!("there are: {}", names.join(", "))
    })
}

fn none(others: &[&str]) -> Failure {
    let others: Vec<&str> = others
        .iter()
        .copied()
        .filter(|name| !name.is_empty())
        .collect();
    let but = if others.is_empty() {
        String::new()
    } else {
        format!(", only ConfigMap {}", others.join(", "))
    };
    Failure::new(format!("there is no Corefile in it{but}")).help(
        "give a Corefile, a folder as CoreDNS mounts it, the ConfigMap as `kubectl -n kube-system get \
         configmap coredns coredns-custom -o yaml` prints it, or a bundle",
    )
}
