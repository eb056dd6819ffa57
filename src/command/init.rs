//! `init`: writes a commented configuration, by questions or by flags, and makes the data folder, which
//! others cannot read.

use crate::config::{self, InitAnswers, InitServer, Tls};
use crate::edge::cli::args::InitArgs;
use crate::edge::cli::{Done, Exit, Failure, out};
use std::io::{IsTerminal, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

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
    let address = ask(
        "Address that customers write to",
        args.address.as_ref().map(ToString::to_string),
        "--address",
        None,
    )?;
    let domain = address.split_once('@').map_or("example.com", |(_, d)| d).to_owned();
    let name = ask("Name of the desk", args.name.clone(), "--name", None)?;
    let url = ask(
        "Where customers reach its pages",
        args.url.clone(),
        "--url",
        Some(format!("https://support.{domain}")),
    )?;
    let prefix = ask("Ticket prefix", args.prefix.clone(), "--prefix", Some("DESK".into()))?;
    let imap = ask("IMAP server", args.imap_host.clone(), "--imap-host", Some(format!("imap.{domain}")))?;
    let user = ask("User of the mailbox", args.imap_user.clone(), "--imap-user", Some(address.clone()))?;
    let smtp = ask("SMTP relay", args.smtp_host.clone(), "--smtp-host", Some(format!("smtp.{domain}")))?;
    let staff = match (&args.staff_address, &args.staff_name) {
        (Some(a), Some(n)) => Some((n.clone(), a.to_string())),
        (Some(a), None) => Some((a.local().to_owned(), a.to_string())),
        (None, _) => None,
    };
    let server = |host: String, tls: Tls, file: &str| InitServer {
        host,
        port: None,
        tls,
        user: Some(user.clone()),
        password_file: Some(PathBuf::from(file)),
    };
    Ok(InitAnswers {
        name,
        address,
        url,
        prefix,
        imap: server(imap, Tls::Implicit, "imap.password"),
        smtp: server(smtp, Tls::StartTls, "smtp.password"),
        staff,
        data_dir: args.data.clone().unwrap_or_else(|| "data".into()),
    })
}

/// The value of the flag. Without the flag a person is asked on the terminal; where there is none, the
/// default counts. Where there is no default, the error names the flag.
fn ask(
    question: &str,
    given: Option<String>,
    flag: &str,
    default: Option<String>,
) -> Result<String, Failure> {
    if let Some(given) = given {
        return Ok(given);
    }
    if !std::io::stdin().is_terminal() {
        return default
            .ok_or_else(|| Failure::new(Exit::Usage, format!("{question} is needed: give {flag}")));
    }
    let shown = default.as_ref().map(|d| format!(" [{d}]")).unwrap_or_default();
    let mut err = std::io::stderr();
    let _ = write!(err, "{question}{shown}: ");
    let _ = err.flush();
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    match (line.trim(), default) {
        ("", Some(default)) => Ok(default),
        ("", None) => Err(Failure::new(Exit::Usage, format!("{question} is needed"))),
        (given, _) => Ok(given.to_owned()),
    }
}
