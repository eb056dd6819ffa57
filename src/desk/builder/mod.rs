//! A decision in the making, and the letters that it makes.

#[allow(clippy::module_inception, reason = "the builder of decisions is what the room is named after")]
pub mod decision;
pub mod draft;
pub mod gate;
mod send;
