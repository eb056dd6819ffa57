//! `init`: writes a commented configuration, by questions or by flags, and makes the data folder, which
//! others cannot read.

mod interview;

use crate::config::{self, InitAnswers};
use crate::edge::cli::args::InitArgs;
use crate::edge::cli::{Done, Exit, Failure, out};
use std::io::{IsTerminal, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

/// Writes the configuration to `file` and says what comes next; a file that is there is left as it is.
pub fn run(args: &InitArgs, file: &Path) -> Done {
    if file.exists() {
        return Err(Failure::new(
            Exit::CannotCreate,
            format!("{} exists already; edit it, or name another with --config", file.display()),
        ));
    }
    let answers = answers(args)?;
    let folder = file.parent().map(Path::to_owned).unwrap_or_default();
    let cannot =
        |e: std::io::Error| Failure::new(Exit::CannotCreate, format!("cannot write {}: {e}", file.display()));
    std::fs::create_dir_all(if folder.as_os_str().is_empty() { Path::new(".") } else { &folder })
        .map_err(cannot)?;
    write_new(file, config::template(&answers).as_bytes()).map_err(cannot)?;
    let mut secrets = Vec::new();
    for server in [&answers.imap, &answers.smtp] {
        let Some(name) = &server.password_file else { continue };
        let path = folder.join(name);
        // The operator puts the password into it: others could read one on the command line (T81).
        if write_new(&path, b"").is_ok() {
            secrets.push(path);
        }
    }
    let data = folder.join(&answers.data_dir);
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&data);
    made.map_err(|e| Failure::new(Exit::CannotCreate, format!("cannot make {}: {e}", data.display())))?;
    out::line(format!("{} is written. Next:", file.display()))?;
    for path in secrets {
        out::line(format!("  put the password into {}", path.display()))?;
    }
    out::line(format!("  maildesk --config {0} check\n  maildesk --config {0} run", file.display()))
}

fn write_new(path: &Path, text: &[u8]) -> std::io::Result<()> {
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text)?;
    file.sync_all()
}

fn answers(args: &InitArgs) -> Result<InitAnswers, Failure> {
    if !std::io::stdin().is_terminal() {
        return interview::answers(args, None);
    }
    let mut ask = |prompt: &str| {
        let mut err = std::io::stderr();
        write!(err, "{prompt}")?;
        err.flush()?;
        let mut line = String::new();
        let read = std::io::stdin().read_line(&mut line)?;
        Ok((read > 0).then_some(line))
    };
    interview::answers(args, Some(&mut ask))
}
