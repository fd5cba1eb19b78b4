//! Any text as resolv.conf, read by every implementation: no panic, spans inside the text, every
//! lookup ends within its worst case, and the kubelet's file is read back.
#![no_main]

use digpod_resolv::kubelet::{Kubelet, Pod, SearchLimits, pod_dns};
use digpod_resolv::{
    Environment, Family, Implementation, Message, Rcode, Reply, Transport, Version, explain, parse,
    plan, read_as, simulate, worst_case_wait,
};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    // The first bytes choose the replies, then comes the name, then the file.
    let (choices, rest) = data.split_at(data.len().min(16));
    let text = String::from_utf8_lossy(rest);
    let (name, file) = text.split_once('\n').unwrap_or((&text, ""));
    let conf = parse(file);
    for field in conf
        .nameservers
        .iter()
        .chain(&conf.search)
        .chain(&conf.unknown)
    {
        assert_eq!(file.get(field.span.clone()), Some(field.text.as_str()));
    }
    for implementation in [
        Implementation::GLIBC,
        Implementation::Glibc(Version::new(2, 25, 0)),
        Implementation::MUSL,
        Implementation::Musl(Version::new(1, 2, 3)),
        Implementation::Musl(Version::new(1, 1, 24)),
        Implementation::GO,
    ] {
        check(implementation, name, file, choices);
    }
    host(file);
});

fn check(implementation: Implementation, name: &str, file: &str, choices: &[u8]) {
    let environment = Environment {
        hostname: Some("node.example"),
        ..Environment::default()
    };
    let settings = read_as(file, implementation, &environment);
    assert!((1..=3).contains(&settings.servers.len()));
    let spans = settings
        .observations
        .iter()
        .map(|it| &it.span)
        .chain(settings.search.iter().map(|it| &it.span))
        .chain(settings.servers.iter().map(|it| &it.span));
    for span in spans.flatten() {
        assert!(file.get(span.clone()).is_some());
    }
    for seen in &settings.observations {
        assert!(!seen.to_string().is_empty());
    }
    assert!(!explain(&settings, name, Family::Any).is_empty());
    let plan = plan(&settings, name, Family::Any);
    assert!(plan.candidates.len() <= settings.search.len() + 1);
    // Go has no limit on attempts; a replay of millions of questions proves nothing more.
    let questions = plan.candidates.len() as u64
        * u64::from(settings.attempts.value)
        * settings.servers.len() as u64;
    if questions > 2_000 {
        return;
    }
    let mut turn = 0;
    let mut by_tcp = false;
    let replay = simulate(&settings, name, Family::Any, |question| {
        turn += 1;
        by_tcp |= question.transport == Transport::Tcp;
        reply(
            choices
                .get(turn % choices.len().max(1))
                .copied()
                .unwrap_or(0),
        )
    });
    assert_eq!(replay.verdicts.len(), replay.plan.candidates.len());
    assert!(!replay.to_string().is_empty());
    if !by_tcp {
        assert!(replay.wait_ms <= worst_case_wait(&settings, name, Family::Any).longest_ms);
    }
}

fn reply(choice: u8) -> Reply {
    match choice % 12 {
        0 => Reply::Silence,
        1 => Reply::Closed,
        2 => Reply::addresses([[192, 0, 2, choice].into()]),
        3 => Reply::no_data(),
        4 => Reply::serv_fail().after(u32::from(choice)),
        5 => Reply::Stray(Message::new(Rcode::NoError)),
        6 => Reply::Message(Message {
            truncated: true,
            ..Message::new(Rcode::NoError)
        }),
        7 => Reply::Message(Message {
            alias: true,
            ..Message::new(Rcode::NoError)
        }),
        8 => Reply::Message(Message {
            recursion_available: false,
            ..Message::new(Rcode::NoError)
        }),
        9 => Reply::Message(Message::new(Rcode::from_number(choice >> 4))),
        _ => Reply::nx_domain(),
    }
}

fn host(file: &str) {
    let kubelet = Kubelet {
        cluster_dns: vec![[10, 0, 0, 10].into()],
        cluster_domain: "cluster.local".into(),
        host_resolv_conf: Some(file.into()),
        node_ips: Vec::new(),
        limits: SearchLimits::OLD,
    };
    let pod = Pod {
        namespace: "shop".into(),
        ..Pod::default()
    };
    let Ok(dns) = pod_dns(&kubelet, &pod) else {
        return;
    };
    assert!(dns.searches.join(" ").len() <= SearchLimits::OLD.characters);
    let written = dns.file().unwrap_or_default();
    let back = read_as(&written, Implementation::GO, &Environment::default());
    assert_eq!(back.servers.len(), 1);
    assert_eq!(back.ndots.value, 5);
    assert_eq!(
        back.search.first().map(|it| it.value.as_str()),
        Some("shop.svc.cluster.local")
    );
}
