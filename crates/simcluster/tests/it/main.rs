//! Scenarios through the doors that others use: HTTP, kubectl, the command, probe pods.

mod api;
mod common;
mod faults;
mod kubectl;
mod probes;
