//! Query lines, the quick way and the careful one.

use proptest::prelude::*;

use super::*;

fn field() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-z0-9.-]{1,20}",
        2 => "[0-9]{1,10}",
        1 => Just("-".to_owned()),
        1 => "[ -~]{0,12}",
    ]
}

prop_compose! {
    /// A line of plugin `log`, some fields taken by others.
    fn line()(
        client in prop_oneof![Just("10.244.1.7"), Just("[fd00::17]"), Just("1.2.3.4"), Just("")],
        port in 0_u32..70_000, id in 0_u32..70_000,
        kind in prop_oneof![Just("A"), Just("AAAA"), Just("TYPE65280"), Just("HTTPS"), Just("")],
        class in prop_oneof![9 => Just("IN"), 1 => Just("CH")],
        name in prop_oneof![4 => "[a-z0-9.-]{0,70}\\.", 1 => r"[a-z]{1,9}\\ [a-z]{1,9}\.", 1 => "[a-z.]{250,400}"],
        proto in prop_oneof![5 => Just("udp"), 2 => Just("tcp"), 1 => Just("https")],
        sizes in (0_u32..100_000, 0_u32..100_000, 0_u64..3_000_000_000),
        dnssec_ok in any::<bool>(),
        rcode in prop_oneof![Just("NOERROR"), Just("NXDOMAIN"), Just("BADVERS16"), Just("12"), Just("-")],
        flags in prop_oneof![Just("qr,aa,rd"), Just("qr,rd,ra"), Just("qr,aa,tc,rd,ra,z,ad,cd"), Just("-"), Just("qr,xx")],
        duration in prop_oneof![6 => "0\\.[0-9]{1,9}s", 1 => "[0-9]{1,3}\\.[0-9]{1,17}s", 1 => "[0-9]{1,4}(\\.[0-9]{1,3})?(µs|ms|m2s|h)"],
        end in prop_oneof![8 => Just(""), 1 => Just(" \"0\""), 1 => Just(" ")],
        other in proptest::option::weighted(0.3, (0_usize..14, field())),
    ) -> String {
        let mut fields = vec![
            format!("{client}:{port}"), "-".to_owned(), id.to_string(), format!("\"{kind}"), class.to_owned(), name,
            proto.to_owned(), sizes.0.to_string(), dnssec_ok.to_string(), format!("{}\"", sizes.1),
            rcode.to_owned(), flags.to_owned(), sizes.2.to_string(), duration,
        ];
        if let Some((at, field)) = other {
            fields[at] = field;
        }
        fields.join(" ") + end
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]
    #[test]
    fn the_quick_way_reads_what_the_careful_one_reads(line in line()) {
        let text = line.as_bytes();
        if let Some(quick) = quick(text, client_end(text)) {
            let line = quick.line(text).expect("inside the text");
            prop_assert_eq!(Some(line), QueryLine::parse_slowly(text));
            prop_assert_eq!(quick.record_type.bytes(), swar::load_short(line.record_type));
            prop_assert_eq!(quick.rcode.bytes(), swar::load_short(line.rcode));
        }
    }
}

#[test]
fn the_usual_line_takes_the_quick_way() {
    for line in [
        r#"10.244.1.7:38234 - 36651 "A IN kubernetes.default.svc.cluster.local. udp 65 false 1232" NOERROR qr,aa,rd 130 0.000109s"#,
        r#"10.0.0.7:5 - 1 "AAAA IN a. udp 3 true 512" SERVFAIL qr,rd,ra 1 0.000109274s"#,
        r#"10.244.1.7:51804 - 7412 "A IN big.contoso.com. tcp 33 false 65535" - - 0 6.001202323s"#,
        r#"[fd00::17]:50759 - 29008 "A IN example.org. udp 41 false 4096" NXDOMAIN qr,rd,ra,ad 68 0.037990251s"#,
    ] {
        assert!(
            quick(line.as_bytes(), client_end(line.as_bytes())).is_some(),
            "{line}"
        );
    }
}

#[test]
fn a_field_of_unusual_length_is_read_as_the_careful_way_does() {
    for line in [
        r#"10.0.0.7:38234 - 36651 "TYPE1234 IN a.example. udp 65 false 1232" NOERROR qr,aa,rd 130 0.000109274s"#,
        r#"10.0.0.7:38234 - 36651 "A IN a.example. udp 65 false 1232" NOERROR qr,aa,rdX12345678 0.000109274s"#,
        r#"10.0.0.7:38234 - 36651 "A IN a.example. udp 65 false 1232" NOERROR qr,aa,rd 130 1234567.123456789s"#,
        r#"10.0.0.7:38234 - 36651 "A IN a.example. udp 65 false 1232" NOERROR qr,aa,rd 130 0.12s"#,
        r#"10.0.0.7:38234 - 36651 "A IN a.example. udp 65 false 1232" NOERROR qr,aa,rd 130 0.00012s"#,
    ] {
        let line = line.as_bytes();
        assert_eq!(QueryLine::parse(line), QueryLine::parse_slowly(line));
    }
}

#[test]
fn a_record_type_of_eight_bytes_is_counted_whole() {
    let summary = crate::scan(b"[INFO] 10.0.0.7:38234 - 36651 \"TYPE1234 IN a.example. udp 65 false 1232\" NOERROR qr,aa,rd 130 0.000109274s\n");
    let types = summary.queries.expect("read in every detail").types;
    assert_eq!(types.len(), 1);
    assert_eq!(types[0].text, "TYPE1234");
}

#[test]
fn durations_are_nanoseconds_in_every_notation() {
    for (text, nanoseconds) in [
        ("0.000109s", 109_000),
        ("0.000109274s", 109_274),
        ("6.001202323s", 6_001_202_323),
        ("12s", 12_000_000_000),
        // Go has no shorter form for this sum of seconds and nanoseconds.
        ("1.0000010010000001s", 1_000_001_001),
        ("1.5ms", 1_500_000),
        ("345.1µs", 345_100),
        ("999ns", 999),
        ("1m2.5s", 62_500_000_000),
        ("1h0m0s", 3_600_000_000_000),
    ] {
        assert_eq!(
            duration(text.as_bytes(), 0, text.len()),
            Some(nanoseconds),
            "{text}"
        );
    }
    for text in [
        "",
        "s",
        "1",
        "1x",
        "1.5",
        ".s",
        "-1s",
        "1e3s",
        "99999999999999999999h",
    ] {
        assert_eq!(duration(text.as_bytes(), 0, text.len()), None, "{text}");
    }
}

#[test]
fn lines_of_the_first_releases_are_read() {
    let line = r#"127.0.0.1:50759 - [29/Aug/2018:14:20:00 +0000] 29008 "A IN example.org. udp 41 false 4096" NOERROR qr,rd,ra,ad 68 37.990251ms"#;
    let read = QueryLine::parse(line.as_bytes()).expect("1.1 to 1.2");
    assert_eq!(
        (read.client, read.port, read.id),
        (b"127.0.0.1".as_slice(), 50_759, 29_008)
    );
    assert_eq!(
        (read.name, read.nanoseconds),
        (b"example.org.".as_slice(), 37_990_251)
    );
    let line = r#"::1 - [29/Aug/2017:14:20:00 +0000] "AAAA IN example.com. udp 29 false 4096" NOERROR qr,rd,ra 66 1.23s"#;
    let read = QueryLine::parse(line.as_bytes()).expect("1.0");
    assert_eq!((read.client, read.port, read.id), (b"::1".as_slice(), 0, 0));
    assert_eq!(read.record_type, b"AAAA");
}
