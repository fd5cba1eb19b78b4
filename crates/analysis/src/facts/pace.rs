//! How long answers take in one place.

use digpod_probe::NameClass;

use super::{Facts, measured};
use crate::matrix::Row;
use crate::small;

/// A median from which on a server is slow, in microseconds.
pub(crate) const MEDIAN_US: u64 = 200_000;

/// Whether answers that no upstream delays, or else those of the other servers, take more than a
/// quarter as long in the same place.
pub(crate) fn is_slow_place(facts: &Facts<'_>, row: &Row) -> bool {
    let of_place = |other: &&Row| {
        other.vantage == row.vantage && other.server != row.server && other.answered() > 0
    };
    let others: Vec<&Row> = facts.probes.rows.iter().filter(of_place).collect();
    let own = |row: &&&Row| row.class == NameClass::Cluster;
    let own_work = others.iter().any(|row| own(&row));
    let mut medians: Vec<(u64, u32)> = (others.iter().filter(|row| !own_work || own(row)))
        .map(|row| (row.median_us, row.answered()))
        .collect();
    small::sort_by(&mut medians, Ord::cmp);
    let all = medians.iter().map(|(_, answered)| answered).sum();
    let usual = measured::weighted_median(&medians, all);
    row.median_us > MEDIAN_US && usual * 4 > row.median_us
}
