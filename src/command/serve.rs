//! `run`: the daemon, which is one desk, its mailboxes, the way out and the pages.

use super::lock;
use super::tasks::Tasks;
use crate::app::{Desk, Reads, Trouble};
use crate::config::{Config, MailSource};
use crate::edge::cli::{Done, Exit, Failure};
use crate::edge::dns::Names;
use crate::edge::{imap, maildir, metrics, smtp, systemd, wake_socket, web};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

/// After SIGTERM everything ends within this time.
const END: Duration = Duration::from_secs(8);
/// At the latest after this time the desk looks for what is due.
const HOUR: Duration = Duration::from_secs(20);

/// Runs until SIGTERM or SIGINT.
pub fn run(config: Config) -> Done {
    let lock = lock::hold(&config.data.dir)?;
    let desk = Desk::open_in_step(&config)?;
    desk.poison().count()?;
    let watch = desk.poison().watch();
    std::thread::spawn(move || exit_where_it_hangs(watch));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let d = desk.clone();
    let done = runtime.block_on(async { run_tasks(Arc::new(config), d, false, Signals::catch()?).await });
    runtime.shutdown_timeout(Duration::from_secs(1));
    if matches!(done, Ok(Exit::Good)) {
        desk.poison().forgive();
    }
    drop(lock);
    done
}

/// T34: nothing can stop a thread that reads a mail for ever, so the whole process ends (EX_SOFTWARE), and
/// its service manager starts it anew.
fn exit_where_it_hangs(watch: impl Fn() -> Reads) {
    loop {
        std::thread::sleep(Duration::from_millis(500));
        match watch() {
            Reads::On => {}
            Reads::NoMore => return,
            Reads::ForEver => {
                tracing::error!(
                    "reading a mail does not end: the daemon exits, and after its next start reads it alone"
                );
                std::process::exit(70);
            }
        }
    }
}

/// Runs every task of the daemon until a signal. `demo`: the pages answer to localhost, too.
pub async fn run_tasks(config: Arc<Config>, desk: Desk, demo: bool, mut signals: Signals) -> Done {
    let (stop, stopped) = watch::channel(false);
    let port = web::bind(&config).await.map_err(|e| Failure::new(Exit::Unavailable, e))?;
    let metrics_port = metrics::bind(&config).await.map_err(|e| Failure::new(Exit::Unavailable, e))?;
    let names = Arc::new(Names::new(config.dns_server, tokio::runtime::Handle::current()));
    let mut tasks = Tasks::new(desk.clone());
    for mailbox in config.mailboxes.clone() {
        // A mailbox that was never opened counts as disturbed.
        desk.condition().set(&format!("mailbox:{}", mailbox.name), false, "not opened yet");
        let (limits, d, names, stopped) =
            (config.limits.clone(), desk.clone(), names.clone(), stopped.clone());
        let name = format!("mailbox {}", mailbox.name);
        match mailbox.source {
            MailSource::Imap { .. } => tasks.lasting(&name, move || {
                imap::run(mailbox.clone(), limits.clone(), d.clone(), names.clone(), stopped.clone())
            }),
            MailSource::Maildir { .. } => tasks.lasting(&name, move || {
                maildir::run(mailbox.clone(), limits.clone(), d.clone(), names.clone(), stopped.clone())
            }),
        }
    }
    let (c, d, s) = (config.clone(), desk.clone(), stopped.clone());
    tasks.lasting("sender", move || {
        smtp::run(c.smtp.clone(), c.desk.address.domain().to_owned(), d.clone(), s.clone())
    });
    let (c, d, s) = (config.clone(), desk.clone(), stopped.clone());
    tasks.lasting("wake", move || wake_socket::listen(c.data.dir.clone(), d.clone(), s.clone()));
    if demo {
        tasks.single("web", web::run_demo(port, config.clone(), desk.clone(), stopped.clone()));
    } else {
        tasks.single("web", web::run(port, config.clone(), desk.clone(), stopped.clone()));
    }
    if let Some(port) = metrics_port {
        tasks.single("metrics", metrics::run(port, desk.clone(), stopped.clone()));
    }
    if config.probe_minutes > 0 {
        let (c, d, s) = (config.clone(), desk.clone(), stopped.clone());
        let every = move || super::probe::every(c.clone(), c.probe_minutes, d.clone(), s.clone());
        tasks.lasting("probe", every);
    }
    let (d, s) = (desk.clone(), stopped.clone());
    tasks.lasting("time", move || keep_time(d.clone(), s.clone()));
    systemd::ready();
    tracing::info!("maildesk {} is ready", env!("CARGO_PKG_VERSION"));
    let exit = tokio::select! {
        () = wait_for(&mut signals) => Exit::Good,
        () = tasks.watch() => Exit::Software,
    };
    systemd::stopping();
    tracing::info!("maildesk stops");
    let _ = stop.send(true);
    let ended = tokio::time::timeout(END, tasks.end()).await;
    if ended.is_err() {
        tracing::warn!("some work did not end in time; it goes on at the next start");
    }
    Ok(exit)
}

/// Does what time brings, and tells the watchdog so while the store can be read: on a full disk pages and
/// reading commands go on. What is known to come due is done at its second; what nobody announced is found by
/// the timer.
async fn keep_time(desk: Desk, mut stopped: watch::Receiver<bool>) {
    let step = systemd::watchdog_interval().unwrap_or(HOUR).min(HOUR);
    let mut tidied: Option<Instant> = None;
    loop {
        let (d, tidy) = (desk.clone(), tidied.is_none_or(|at| at.elapsed() >= HOUR));
        let worked = tokio::task::spawn_blocking(move || {
            let done = time_passes(&d, tidy);
            tell_hours(&d, &done);
            (done, d.condition().reads())
        });
        let (next, reads) = match worked.await {
            // At least a second: what cannot be done now must not keep the daemon busy.
            Ok((Ok(secs), reads)) => (step.min(Duration::from_secs(secs.max(1))), reads),
            Ok((Err(_), reads)) => (step, reads),
            Err(_) => {
                tracing::error!("the work that time brings failed (a bug)");
                (step, false)
            }
        };
        if reads {
            systemd::watchdog();
        }
        if tidy {
            tidied = Some(Instant::now());
        }
        tokio::select! {
            () = tokio::time::sleep(next) => {}
            _ = stopped.changed() => return,
        }
    }
}

/// What is due, then what is over; seconds until something comes due.
fn time_passes(desk: &Desk, tidy: bool) -> Result<u64, Trouble> {
    let hours = desk.hours();
    hours.pass()?;
    desk.condition().look_at_failed_letters()?;
    if tidy {
        hours.forget_expired().and_then(|()| hours.tidy())?;
    }
    hours.next()
}

/// How it goes with what time brings, for `status` and `/healthz`: the store cannot be written, or the
/// program fails on a part of it.
fn tell_hours(desk: &Desk, done: &Result<u64, Trouble>) {
    let odd = desk.hours().failing();
    let (good, detail) = match done {
        _ if !desk.hours().clock_is_right() => {
            let what = "the clock of this machine is wrong or jumped by more than a day, so nothing expires";
            (false, format!("{what}; once it is right, restart maildesk"))
        }
        Err(e) => (false, format!("the work that time brings failed: {e}")),
        Ok(_) if odd.is_empty() => (true, "what is due is done".to_owned()),
        Ok(_) => (false, format!("what time brings fails for {}; see the log", odd.join(", "))),
    };
    let known = desk.condition().parts().into_iter().find(|p| p.part == "hours");
    if !good && known.is_none_or(|p| p.detail != detail) {
        tracing::error!("{detail}");
    }
    desk.condition().set("hours", good, &detail);
}

/// The signals that the daemon answers to. They are caught from the moment this is made, before READY is
/// said.
pub struct Signals {
    term: Signal,
    int: Signal,
    hup: Signal,
}

impl Signals {
    /// From now on these signals no longer end the process.
    pub fn catch() -> std::io::Result<Self> {
        Ok(Self {
            term: signal(SignalKind::terminate())?,
            int: signal(SignalKind::interrupt())?,
            hup: signal(SignalKind::hangup())?,
        })
    }
}

async fn wait_for(signals: &mut Signals) {
    loop {
        tokio::select! {
            _ = signals.term.recv() => return,
            _ = signals.int.recv() => return,
            _ = signals.hup.recv() => {
                tracing::info!("SIGHUP: staff and passwords are read at the next start");
            }
        }
    }
}
