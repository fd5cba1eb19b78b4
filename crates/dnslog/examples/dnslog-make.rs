//! Writes a log of a busy cluster to standard output: `dnslog-make MIB [none|kubectl|cri|docker] [SEED]`.

use std::io::Write as _;

#[path = "../benches/maker/mod.rs"]
mod maker;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let size: u64 = arguments.first().map_or(Ok(1_024), |text| text.parse())?;
    let layer = arguments.get(1).map_or("kubectl", String::as_str);
    let layer = match layer {
        "none" => maker::Layer::None,
        "kubectl" => maker::Layer::Kubectl,
        "cri" => maker::Layer::Cri,
        "docker" => maker::Layer::Docker,
        _ => return Err("the layer is none, kubectl, cri or docker".into()),
    };
    let seed = arguments.get(2).map_or(Ok(1), |text| text.parse())?;
    let mut maker = maker::Maker::new(seed, layer);
    let mut out = std::io::stdout().lock();
    let mut text = Vec::with_capacity(1 << 20);
    let mut left = size << 20;
    while left > 0 {
        maker.push(&mut text);
        if text.len() >= 1 << 20 || text.len() as u64 >= left {
            let end = text.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            out.write_all(&text[..end])?;
            left -= end as u64;
            text.clear();
        }
    }
    Ok(())
}
