//! `explain`: a dry run at the desk of the configuration, or at nobody's desk where there is none.

use crate::app::Desk;
use crate::config::Config;
use crate::edge::cli::{self, Done};
use crate::edge::dns;
use std::path::PathBuf;

/// Prints what each mail is and what would follow. Without a configuration DNS is not asked.
pub fn run(config: Option<&Config>, files: &[PathBuf], in_order: bool, as_json: bool) -> Done {
    let Some(config) = config else {
        return cli::explain(&Desk::empty()?, None, files, in_order, as_json);
    };
    let desk = Desk::look(config)?;
    dns::with(config.dns_server, |names| cli::explain(&desk, Some(names), files, in_order, as_json))?
}
