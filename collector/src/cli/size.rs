//! Sizes, as people and Kubernetes write them.

/// Smallest bundle that is worth writing.
const LEAST: u64 = 100_000;

/// `25MB`, `25M`, `500kB`, `10MiB`, `10Mi`, `4000000` in bytes.
pub(super) fn size(text: &str) -> Result<u64, String> {
    let bad = || format!("{text:?} is no size; write it as 25MB, 500kB or 10MiB");
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let number: u64 = text
        .strip_suffix(unit)
        .and_then(|number| number.parse().ok())
        .ok_or_else(bad)?;
    let factor = match unit.trim_end_matches('B') {
        "" => 1,
        "k" | "K" => 1_000,
        "M" => 1_000_000,
        "G" => 1_000_000_000,
        "Ki" => 1 << 10,
        "Mi" => 1 << 20,
        "Gi" => 1 << 30,
        _ => return Err(bad()),
    };
    let size = number.checked_mul(factor).ok_or_else(bad)?;
    if size < LEAST {
        return Err(format!(
            "{text:?} leaves no room for a bundle; 25MB is usual, 100kB the least"
        ));
    }
    Ok(size)
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_are_as_people_and_kubernetes_write_them() {
        for (text, bytes) in [
            ("25MB", 25_000_000),
            ("25M", 25_000_000),
            ("500kB", 500_000),
            ("10MiB", 10 << 20),
            ("10Mi", 10 << 20),
            ("4000000", 4_000_000),
        ] {
            assert_eq!(size(text), Ok(bytes));
        }
        for bad in [
            "",
            "MB",
            "25 MB",
            "25X",
            "-1",
            "2.5MB",
            "99k",
            "99999999999999999999G",
        ] {
            assert!(size(bad).is_err(), "{bad}");
        }
    }
}
