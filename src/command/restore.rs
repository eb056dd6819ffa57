//! `restore`: puts a backup into the place of the database while no daemon runs.

use super::lock;
use crate::app::Trouble;
use crate::config::Config;
use crate::edge::cli::{Done, Exit, Failure, out};
use std::path::Path;

/// Asks first. A damaged backup is refused with 65; where a daemon runs, nothing happens (75).
pub fn run(config: &Config, file: &Path, yes: bool) -> Done {
    if !file.exists() {
        return Err(Failure::new(
            Exit::NoInput,
            format!("there is no file {}; name a backup that `maildesk backup` wrote", file.display()),
        ));
    }
    let _lock = lock::hold(&config.data.dir)?;
    out::sure(&format!("Replace the database in {} by {}?", config.data.dir.display(), file.display()), yes)?;
    crate::app::restore(config, file).map_err(|e| match e {
        Trouble::Broken(text) => Failure::new(Exit::Data, text),
        other => other.into(),
    })?;
    out::line(format!("{} is in place", file.display()))?;
    out::line(
        "Letters that waited in it may have left before, so they wait: maildesk outbox list, then retry or \
         cancel",
    )
}
