//! Whether the digpod that created an object still runs: on the same machine its process id tells,
//! so that a run that was killed need not wait until its objects expire.

use std::path::Path;

/// Who this process is: what its id is counted in, and the id. `None` where that cannot be told.
pub(super) fn own() -> Option<String> {
    Some(format!("{}-{}", space()?, std::process::id()))
}

/// Whether a runner is known to have ended. One of another machine is never known to.
pub(super) fn has_ended(runner: &str) -> bool {
    let Some((at, id)) = runner.rsplit_once('-') else {
        return false;
    };
    id.parse::<u32>().is_ok()
        && space().is_some_and(|space| space == at)
        && !Path::new("/proc").join(id).exists()
}

/// A digest of boot, process namespace and user: within it process ids are visible and unique.
#[cfg(target_os = "linux")]
fn space() -> Option<String> {
    use std::os::unix::fs::MetadataExt as _;
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let namespace = std::fs::read_link("/proc/self/ns/pid").ok()?;
    // Where /proc hides the processes of others, only those of one's own user can be told to be gone.
    let user = std::fs::metadata("/proc/self").ok()?.uid();
    let all = format!("{boot} {} {user}", namespace.display());
    Some(
        digpod_bundle::sha256(all.as_bytes())
            .chars()
            .take(12)
            .collect(),
    )
}

#[cfg(not(target_os = "linux"))]
fn space() -> Option<String> {
    None
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::{has_ended, own, space};

    #[test]
    fn only_a_process_of_the_same_machine_is_known_to_have_ended() {
        let space = space().expect("Linux tells");
        assert!(!has_ended(&own().expect("Linux tells")), "this test runs");
        // Ids end far below this one.
        assert!(has_ended(&format!("{space}-4294967294")));
        assert!(!has_ended("000000000000-4294967294"), "another machine");
        assert!(!has_ended("nonsense"));
        assert!(!has_ended(&format!("{space}-../1")));
    }
}
