//! Arguments in, exit code out.
#![forbid(unsafe_code)]

use clap::{CommandFactory, Parser};
use maildesk::command::{audit, audit_log, check, demo, explain, init, probe, restore, serve, status};
use maildesk::config::{self, Config};
use maildesk::edge::cli::{self, Args, Call, Command, Done, Exit, Failure};
use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    // T84: whatever is made is its owner's alone, whoever starts the program.
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    let _ = rustls::crypto::ring::default_provider().install_default();
    let given: Vec<OsString> = std::env::args_os().skip(1).collect();
    // A mail server bounces a customer's mail on any other code than 0 and 75, so no parser that ends the
    // program comes before it is known that this is `deliver`.
    if let Some(call) = Call::read(&given) {
        return cli::guarded(&given, || {
            logs(false);
            cli::deliver(&load(call.config.as_ref())?, &call)
        });
    }
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(e) => {
            let _ = e.print();
            // clap ends with 2 for wrong usage; sysexits has 64 for it.
            return ExitCode::from(if e.use_stderr() { Exit::Usage as u8 } else { 0 });
        }
    };
    logs(matches!(args.command, Command::Run | Command::Demo { .. }));
    match command(&args) {
        Ok(exit) => ExitCode::from(exit as u8),
        Err(failure) => {
            cli::out::complain(&failure.text);
            ExitCode::from(failure.exit as u8)
        }
    }
}

/// Everything that needs no configuration, then everything that does.
fn command(args: &Args) -> Done {
    match &args.command {
        Command::Completions { shell } => {
            let mut out = Vec::new();
            clap_complete::generate(*shell, &mut Args::command(), "maildesk", &mut out);
            return cli::out::text(&String::from_utf8_lossy(&out));
        }
        Command::Man => {
            return cli::out::text(&cli::man::page()?);
        }
        Command::Demo { dir, port } => return demo::run(dir.as_deref(), *port),
        Command::Init(answers) => return init::run(answers, &config::locate(args.config.clone())),
        Command::Explain { files, in_order, json } => {
            return explain::run(load_if_there(args)?.as_ref(), files, *in_order, *json);
        }
        _ => {}
    }
    let config = load(args.config.as_ref())?;
    match &args.command {
        Command::Run => serve::run(config),
        Command::Check { json } => check::run(&config, *json),
        Command::Probe { wait, json } => probe::run(&config, std::time::Duration::from_secs(*wait), *json),
        Command::Audit(args) if args.log => audit_log::run(&config, args),
        Command::Audit(args) => audit::run(&config, args.json),
        Command::Status { json } => status::run(&config, *json),
        Command::Restore { file, yes } => restore::run(&config, file, *yes),
        other => cli::run(other, &config),
    }
}

fn load(named: Option<&PathBuf>) -> Result<Config, Failure> {
    let file = config::locate(named.cloned());
    let config = config::load(&file).map_err(|e| Failure::new(Exit::Config, e))?;
    for warning in &config.warnings {
        cli::out::complain(warning);
    }
    Ok(config)
}

/// The configuration for a command that works without one, too, but not with one that was named and is wrong.
fn load_if_there(args: &Args) -> Result<Option<Config>, Failure> {
    let named = args.config.is_some() || std::env::var_os("MAILDESK_CONFIG").is_some();
    let there = config::locate(args.config.clone()).exists();
    if named || there { load(args.config.as_ref()).map(Some) } else { Ok(None) }
}

/// Libraries that print what they read or send stay quiet, whatever RUST_LOG says (T83).
const QUIET: &str = "rustls_platform_verifier=warn,lettre=warn,hyper=warn,\
                     html5ever=off,rustls=warn,ammonia=off,tokio=warn,mio=warn,axum=warn,\
                     hickory_resolver=warn,hickory_net=warn,hickory_proto=warn,refinery_core=warn";

/// Logs to standard error: for people on a terminal, to journald where it listens, else one JSON object a
/// line.
fn logs(daemon: bool) {
    use tracing_subscriber::layer::SubscriberExt;
    use tracing_subscriber::util::SubscriberInitExt;
    use tracing_subscriber::{EnvFilter, Layer, fmt};
    let wanted = std::env::var("RUST_LOG").unwrap_or_else(|_| if daemon { "info" } else { "warn" }.into());
    let filter = EnvFilter::builder().parse_lossy(format!("{wanted},{QUIET}"));
    let terminal = std::io::stderr().is_terminal();
    let colour = terminal && std::env::var_os("NO_COLOR").is_none();
    let journal = std::env::var_os("JOURNAL_STREAM")
        .and_then(|_| tracing_journald::layer().ok())
        .filter(|_| daemon && !terminal);
    let layer = match journal {
        Some(journal) => journal.boxed(),
        None if terminal || !daemon => {
            fmt::layer().with_writer(std::io::stderr).with_ansi(colour).with_target(false).boxed()
        }
        None => fmt::layer().json().with_writer(std::io::stderr).boxed(),
    };
    tracing_subscriber::registry().with(layer.with_filter(filter)).init();
}
