//! How fast Corefiles are read, split into pieces and formatted.

use std::hint::black_box;

use digpod_corefile::{Document, Source, format, parse};
use digpod_test_support::bench::{Work, compare};

/// The default of AKS.
const AKS: &str = ".:53 {
    errors
    ready
    health {
      lameduck 5s
    }
    kubernetes cluster.local in-addr.arpa ip6.arpa {
      pods insecure
      fallthrough in-addr.arpa ip6.arpa
      ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf
    cache 30
    loop
    reload
    loadbalance
    import custom/*.override
    template ANY ANY internal.cloudapp.net {
      match \"^(?:[^.]+\\.){4,}internal\\.cloudapp\\.net\\.$\"
      rcode NXDOMAIN
      fallthrough
    }
    template ANY ANY reddog.microsoft.com {
      rcode NXDOMAIN
    }
}
import custom/*.server
";

/// The default of kubeadm.
const KUBEADM: &str = ".:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf {
       max_concurrent 1000
    }
    cache 30 {
       disable success cluster.local
       disable denial cluster.local
    }
    loop
    reload
    loadbalance
}
";

const SIZE: usize = 1 << 20;

fn main() {
    // Zones differ, as they do in a file that CoreDNS takes.
    let stub = |number: usize| {
        format!(
            "zone{number}.corp.example:53 {{\n    errors\n    log . \"{{remote}} {{type}} {{name}}\" # team {number}\n    cache 30\n    forward . 10.{}.{}.4 10.{}.{}.5 {{\n        policy sequential\n        max_fails 3\n        health_check 5s\n    }}\n    hosts {{\n        10.2.3.4 api.zone{number}.corp.example db.zone{number}.corp.example\n        fallthrough\n    }}\n}}\n\n",
            number / 250,
            number % 250,
            number / 250,
            number % 250
        )
    };
    let large: String = (0..4000).map(stub).collect();
    run("a large Corefile of stub zones", &large, &[]);
    run(
        "the default of AKS, over and over",
        &AKS.repeat(SIZE / AKS.len()),
        &[],
    );
    run(
        "the default of kubeadm, over and over",
        &KUBEADM.repeat(SIZE / KUBEADM.len()),
        &[],
    );

    let files: Vec<Source> = (0..4000)
        .map(|number| Source::new(format!("custom/zone{number}.server"), stub(number)))
        .collect();
    run("the default of AKS with 4000 imported files", AKS, &files);

    compare(
        "pieces of a large Corefile and its text again",
        Work::Bytes(large.len()),
        || Document::read(large.as_bytes()).to_bytes(),
        "splitting it into words",
        || words(&large),
    );
    compare(
        "formatting a large Corefile",
        Work::Bytes(large.len()),
        || format(large.as_bytes()),
        "splitting it into words",
        || words(&large),
    );
}

fn run(what: &str, main: &str, files: &[Source]) {
    let imported: usize = files.iter().map(|file| file.text.len()).sum();
    compare(
        &format!("parsing {what} ({} KB)", (main.len() + imported) / 1000),
        Work::Bytes(main.len() + imported),
        || parse(Source::new("Corefile", main), files.to_vec()),
        "splitting it into words",
        || {
            let all = files.iter().map(|file| words(&file.text));
            (words(main), all.collect::<Vec<_>>())
        },
    );
}

/// The least that any reader of the language has to do: words of their own, line by line.
fn words(text: &str) -> Vec<Vec<String>> {
    let lines = text.lines();
    black_box(
        lines
            .map(|line| line.split_whitespace().map(str::to_owned).collect())
            .collect(),
    )
}
