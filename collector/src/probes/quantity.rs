//! Quantities as Kubernetes writes them: `200m`, `64Mi`, `1e3`.

/// A quantity in thousandths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Quantity(i128);

/// One.
pub(super) const ONE: Quantity = Quantity(1_000);

impl Quantity {
    /// What is left after taking that away, at least nothing.
    pub(super) fn less(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0).max(0))
    }

    /// A share of so many equal ones.
    pub(super) fn divided_down(self, parts: u32) -> Self {
        Self(self.0 / i128::from(parts.max(1)))
    }

    /// Divided by a ratio, rounded up; a ratio below one cannot be kept by anybody.
    pub(super) fn divided_up(self, ratio: Self) -> Self {
        let ratio = ratio.0.max(1);
        Self((self.0.saturating_mul(1_000) + ratio - 1) / ratio)
    }
}

/// Reads one; `None` if it is none.
pub(super) fn parse(text: &str) -> Option<Quantity> {
    let at = text.find(|c: char| !(c.is_ascii_digit() || "+-.".contains(c)));
    let (number, unit) = text.split_at(at.unwrap_or(text.len()));
    let (factor, by): (i128, i128) = match unit {
        "n" => (1, 1_000_000),
        "u" => (1, 1_000),
        "m" => (1, 1),
        "" => (1_000, 1),
        "k" => (1_000_000, 1),
        "M" => (1_000_000_000, 1),
        "G" => (1_000_000_000_000, 1),
        "T" => (1_000_000_000_000_000, 1),
        "P" => (1_000_000_000_000_000_000, 1),
        "Ki" => (1_000 << 10, 1),
        "Mi" => (1_000 << 20, 1),
        "Gi" => (1_000 << 30, 1),
        "Ti" => (1_000 << 40, 1),
        "Pi" => (1_000 << 50, 1),
        _ => {
            let exponent: u32 = unit.strip_prefix(['e', 'E'])?.parse().ok()?;
            (1_000_i128.checked_mul(10_i128.checked_pow(exponent)?)?, 1)
        }
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let whole: i128 = if whole.is_empty() {
        0
    } else {
        whole.parse().ok()?
    };
    let digits = part.get(..part.len().min(9))?;
    let scale = 10_i128.pow(u32::try_from(digits.len()).ok()?);
    let part: i128 = if digits.is_empty() {
        0
    } else {
        digits.parse().ok()?
    };
    let scaled = whole.checked_mul(scale)?.checked_add(part)?;
    Some(Quantity(scaled.checked_mul(factor)? / scale / by))
}

/// Units that memory is written in.
const BINARY: &[(&str, i128)] = &[("Gi", 1 << 30), ("Mi", 1 << 20), ("Ki", 1 << 10)];

/// Writes one: whole numbers in the largest unit that divides them, others in thousandths.
pub(super) fn format(quantity: Quantity) -> String {
    if quantity.0 % 1_000 != 0 {
        return format!("{}m", quantity.0);
    }
    let whole = quantity.0 / 1_000;
    let unit = BINARY.iter().find(|(_, size)| whole % size == 0);
    match unit.filter(|_| whole != 0) {
        Some((unit, size)) => format!("{}{unit}", whole / size),
        None => whole.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::{format, parse};

    #[test]
    fn quantities_read_as_kubernetes_does() {
        for (text, plain) in [
            ("10m", "10m"),
            ("1", "1"),
            ("0.5", "500m"),
            (".5", "500m"),
            ("1.5Gi", "1536Mi"),
            ("64Mi", "64Mi"),
            ("64000000", "62500Ki"),
            ("0", "0"),
            ("2k", "2000"),
            ("1e3", "1000"),
            ("100u", "0"),
        ] {
            let read = parse(text).map(format);
            assert_eq!(read.as_deref(), Some(plain), "{text}");
        }
        for text in ["x", "1x", "1e", "1.2.3", "1e99"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
