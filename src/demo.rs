//! placeholder
use crate::edge::cli::Done;
pub fn run(_dir: Option<&std::path::Path>, _port: Option<u16>) -> Done { unimplemented!() }
