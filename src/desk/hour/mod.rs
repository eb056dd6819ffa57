//! What happens because time passes.

pub mod digest;
pub mod due;
pub mod passed;
