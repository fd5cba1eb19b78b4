//! Reads a log and prints what it says: `dnslog-count [--signatures] [--all] [FILE]`, or from standard input.

use std::fs::File;
use std::io::{self, Read, Write as _};

use digpod_dnslog::{Detail, Scanner};

mod report;

/// Fits in the second cache beside the tables.
const PIECE: usize = 256 * 1024;

fn main() -> io::Result<()> {
    let mut detail = Detail::Everything;
    let mut entries = 10;
    let mut input: Box<dyn Read> = Box::new(io::stdin());
    for argument in std::env::args().skip(1) {
        if argument == "--signatures" {
            detail = Detail::Signatures;
        } else if argument == "--all" {
            entries = 1_000;
        } else {
            input = Box::new(File::open(argument)?);
        }
    }
    let mut scanner = Scanner::with_detail(detail).top(entries);
    let mut piece = vec![0; PIECE];
    loop {
        match input.read(&mut piece)? {
            0 => break,
            length => scanner.feed(&piece[..length]),
        }
    }
    io::stdout().write_all(report::text(&scanner.finish(), entries.into()).as_bytes())
}
