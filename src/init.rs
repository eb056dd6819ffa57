//! placeholder
use crate::edge::cli::{Done, args::InitArgs};
pub fn run(_a: &InitArgs, _f: &std::path::Path) -> Done { unimplemented!() }
