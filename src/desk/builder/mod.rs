//! A decision in the making, and the letters that it makes.

pub mod decision;
pub mod draft;
pub mod gate;
mod send;
