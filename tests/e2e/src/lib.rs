//! A cluster to test on: a real one by its kubeconfig, or one that simcluster plays with the same
//! content. `cargo xtask e2e` says in the environment where both are.

#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a test that cannot go on has failed"
)]

mod cluster;
pub mod faults;
mod run;
mod simulated;
mod view;

pub use cluster::{Cluster, Guard};
pub use run::{Ended, Run};
pub use view::{nodes_files, objects};

/// The name that cannot be resolved.
pub const NAME: &str = "app.corp.internal";
/// The pod that cannot resolve it: objects/shop.yaml.
pub const POD: [&str; 4] = ["-n", "shop", "--pod", "web"];

/// Makes two tests of a function: on the real cluster, and on simcluster playing the same fault.
#[macro_export]
macro_rules! on_both {
    ($($test:ident),+ $(,)?) => {$(
        mod $test {
            #[test]
            fn real() {
                if let Some(cluster) = $crate::Cluster::real() {
                    super::$test(&cluster);
                }
            }

            #[test]
            fn simulated() {
                if let Some(cluster) = $crate::Cluster::simulated(&[]) {
                    super::$test(&cluster);
                }
            }
        }
    )+};
}
