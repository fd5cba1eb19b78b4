//! Speed of reading a pod's file and of replaying a lookup, beside a bare loop over its words.

use std::net::IpAddr;

use digpod_resolv::{Environment, Family, Implementation, Reply, parse, plan, read_as, simulate};
use digpod_test_support::bench::{Work, compare, measure};

const FILES: usize = 10_000;
const FILE: &str = "search shop.svc.cluster.local svc.cluster.local cluster.local corp.example\n\
                    nameserver 10.0.0.10\n\
                    options ndots:5 timeout:2 attempts:3\n";

fn main() {
    let bytes = FILES * FILE.len();
    let words = || {
        (0..FILES)
            .map(|_| {
                FILE.split_whitespace()
                    .map(str::to_owned)
                    .collect::<Vec<_>>()
                    .len()
            })
            .sum::<usize>()
    };
    compare(
        "parse a pod's file",
        Work::Bytes(bytes),
        || (0..FILES).map(|_| parse(FILE).search.len()).sum::<usize>(),
        "splitting it into words",
        words,
    );
    let environment = Environment::default();
    for implementation in [
        Implementation::GLIBC,
        Implementation::MUSL,
        Implementation::GO,
    ] {
        let name = implementation.name();
        compare(
            &format!("read it as {name} does"),
            Work::Items(FILES, "files"),
            || {
                (0..FILES)
                    .map(|_| read_as(FILE, implementation, &environment).search.len())
                    .sum::<usize>()
            },
            "splitting it into words",
            words,
        );
        let settings = read_as(FILE, implementation, &environment);
        let address: IpAddr = [192, 0, 2, 1].into();
        let lookup = || {
            simulate(&settings, "api.bank.example", Family::Any, |question| {
                if question.name == "api.bank.example." {
                    Reply::addresses([address])
                } else {
                    Reply::nx_domain()
                }
            })
            .asked
            .len()
        };
        compare(
            &format!("replay a lookup of ten questions with {name}"),
            Work::Items(FILES, "lookups"),
            || (0..FILES).map(|_| lookup()).sum::<usize>(),
            "its list of candidates alone",
            || {
                (0..FILES)
                    .map(|_| {
                        plan(&settings, "api.bank.example", Family::Any)
                            .candidates
                            .len()
                    })
                    .sum::<usize>()
            },
        );
        measure(
            &format!("replay a lookup that nobody answers with {name}"),
            Work::Items(FILES, "lookups"),
            || {
                (0..FILES)
                    .map(|_| {
                        simulate(&settings, "api.bank.example", Family::Any, |_| {
                            Reply::Silence
                        })
                        .asked
                        .len()
                    })
                    .sum::<usize>()
            },
        );
    }
}
