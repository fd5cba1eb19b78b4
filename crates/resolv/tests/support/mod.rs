//! Generated lookups, and their comparison with what real resolvers did.

pub(crate) mod case;
pub(crate) mod compare;
pub(crate) mod generate;
pub(crate) mod kubelet;
pub(crate) mod random;
