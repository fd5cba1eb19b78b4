//! Reports as people and programs read them, through the doors they use.

mod glance;
mod hostile;
mod json;
mod render;
mod sample;
mod summed;
