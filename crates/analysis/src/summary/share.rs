//! What so many tries say of all tries there could be.

/// The share of tries that fail, in percent: with which bounds tries are in keeping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// A smaller share is excluded.
    pub low: u32,
    /// A larger share is excluded.
    pub high: u32,
}

impl Share {
    /// Each bound holds with 95 %. Where none or all failed, by the binomial itself or, of many, the
    /// rule of three (Hanley and Lippman-Hand, JAMA 249, 1983): 0 of n leave 3/n possible. Otherwise Wilson's score interval
    /// (JASA 22, 1927) with z = 1.645. Nothing is known without tries.
    pub fn of(failed: u32, tries: u32) -> Self {
        let (k, n) = (u64::from(failed.min(tries)), u64::from(tries));
        if n == 0 {
            return Self { low: 0, high: 100 };
        }
        let unseen = unseen(n);
        if k == 0 {
            return Self {
                low: 0,
                high: unseen,
            };
        }
        if k == n {
            return Self {
                low: 100 - unseen,
                high: 100,
            };
        }
        // All in thousandths: z² = 2.706, z²/2 = 1.353, z²/4 = 0.6765.
        let root = (k * (n - k) * 1_000_000 / n + 676_500).isqrt();
        let (middle, off) = (1_000 * k + 1_353, 1_645 * root / 1_000);
        let whole = 1_000 * n + 2_706;
        Self {
            low: percent(100 * middle.saturating_sub(off) / whole),
            high: percent((100 * (middle + off)).div_ceil(whole)),
        }
    }
}

/// The least share in percent of which n tries in a row would miss all no more than once in twenty.
fn unseen(n: u64) -> u32 {
    // 100 to the 19th is the last power that a u128 holds.
    match u32::try_from(n) {
        Ok(n) if n < 19 => {
            let misses = |share: &u32| 20 * u128::from(100 - share).pow(n) <= 100_u128.pow(n);
            (0..100).find(misses).unwrap_or(100)
        }
        _ => percent(300_u64.div_ceil(n)),
    }
}

fn percent(value: u64) -> u32 {
    u32::try_from(value.min(100)).unwrap_or(100)
}

#[cfg(test)]
mod tests {
    use super::Share;

    #[test]
    fn few_tries_exclude_little() {
        let of = |failed, tries| {
            let share = Share::of(failed, tries);
            (share.low, share.high)
        };
        assert_eq!(of(0, 0), (0, 100));
        assert_eq!(of(0, 3), (0, 64));
        assert_eq!(of(0, 10), (0, 26));
        assert_eq!(of(0, 18), (0, 16));
        assert_eq!(of(0, 20), (0, 15));
        assert_eq!(of(0, 300), (0, 1));
        assert_eq!(of(10, 10), (74, 100));
        // Wilson, z = 1.645: 0.1989 to 0.6404 and 0.3416 to 0.6584.
        assert_eq!(of(4, 10), (19, 65));
        assert_eq!(of(13, 26), (34, 66));
        assert_eq!(of(u32::MAX, u32::MAX), (99, 100));
    }
}
