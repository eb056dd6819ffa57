//! `probe`: the desk writes to itself, and each mail must come back through the relay and the mailbox: the
//! one true test of an installation (T104). By hand it finds out what the servers allow; the daemon repeats
//! it as `[probe] every_minutes` says.

use crate::app::{Desk, Sent};
use crate::config::{Config, MailSource};
use crate::desk::probe::{Kind, Probe, Verdict};
use crate::edge::cli::{Done, Exit, Failure, out};
use crate::edge::dns::Names;
use crate::edge::imap::Peek;
use crate::edge::maildir::untaken::{Beside, MaildirError};
use crate::edge::smtp;
use indicatif::ProgressBar;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// The mails of a probe by hand.
const ALL: [Kind; 3] = [Kind::Plain, Kind::PlusAddress, Kind::PlusSender];
/// Once the plain mail is back, the others get so much longer.
const GRACE: Duration = Duration::from_secs(30);
/// How often the memory of the desk is asked, and how often the mailbox itself.
const ASK: Duration = Duration::from_millis(250);
const PEEK: Duration = Duration::from_secs(2);
/// The daemon waits so long for its own probe.
const WAIT: Duration = Duration::from_secs(300);

/// Prints what came of each mail; 1 where mail does not go round as the configuration needs it.
pub fn run(config: &Config, wait: Duration, as_json: bool) -> Done {
    let desk = Desk::open(config)?;
    let daemon = super::lock::is_held(&config.data.dir);
    if !daemon {
        out::complain(
            "no daemon runs: this command looks into the mailbox itself; it takes in and changes nothing",
        );
    }
    let bar = ProgressBar::new_spinner();
    bar.enable_steady_tick(Duration::from_millis(100));
    // DNS is asked on a thread that may block.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let done = runtime.block_on(async {
        bar.set_message("opening the mailbox");
        let names = Arc::new(Names::new(config.dns_server, tokio::runtime::Handle::current()));
        let mut places = if daemon { Vec::new() } else { places(config, &desk, &names).await? };
        bar.set_message("handing the mails to the relay");
        let ids = send_probes(config, &desk, &ALL, wait).await?;
        let waits = |back: usize, all: usize, left: Duration| {
            bar.set_message(format!("{back} of {all} came back; waiting for {} s at most", left.as_secs()));
        };
        come_back(&desk, &ids, wait, &mut places, waits).await
    });
    bar.finish_and_clear();
    let probes = done?;
    let mut verdict = desk.probes().verdict(&probes);
    if !verdict.good && daemon {
        let ill =
            desk.condition().parts_kept()?.into_iter().filter(|h| !h.good && h.part.starts_with("mailbox:"));
        verdict.advice.extend(ill.map(|h| format!("the daemon says of {}: {}", h.part, h.detail)));
    }
    print(&probes, &verdict, daemon, as_json)?;
    Ok(if verdict.good { Exit::Good } else { Exit::Negative })
}

/// Writes one probe of each kind and sends it; gives back their numbers. Fails where the relay neither took
/// nor refused any of them.
async fn send_probes(
    config: &Config,
    desk: &Desk,
    kinds: &[Kind],
    wait: Duration,
) -> Result<Vec<i64>, Failure> {
    let mails = kinds.iter().map(|k| desk.probes().write(*k)).collect::<Result<Vec<_>, _>>()?;
    let ids: Vec<i64> = mails.iter().map(|m| m.id).collect();
    let hello = config.desk.address.domain();
    let unavailable =
        |why: &str| Failure::new(Exit::Unavailable, format!("the relay of [smtp] takes no mail: {why}"));
    let sent = tokio::time::timeout(wait, smtp::send_now(&config.smtp, hello, mails)).await;
    let sent = sent.map_err(|_| unavailable(&format!("it did not answer within {} s", wait.as_secs())))?;
    for (id, how) in &sent {
        desk.probes().settle(*id, how)?;
    }
    let later = sent.iter().map(|(_, how)| match how {
        Sent::Deferred(why) | Sent::RelayAway(why) | Sent::WithoutFiles(why) | Sent::Unknown(why) => {
            Some(why)
        }
        Sent::Accepted(_) | Sent::Refused(_) | Sent::RelayRefuses(_) => None,
    });
    match later.collect::<Option<Vec<_>>>() {
        Some(all) if !all.is_empty() => Err(unavailable(all[0])),
        _ => Ok(ids),
    }
}

/// Waits until each came back or was refused, or the time is over. We look into `places` ourselves; where
/// there are none, a daemon takes the mails in. `progress` hears how many came back, of how many, and the
/// time left.
async fn come_back(
    desk: &Desk,
    ids: &[i64],
    wait: Duration,
    places: &mut [Place],
    progress: impl Fn(usize, usize, Duration),
) -> Result<Vec<Probe>, Failure> {
    let mut end = Instant::now() + wait;
    let (mut peeked, mut plain_is_back) = (Instant::now(), false);
    loop {
        if !places.is_empty() && peeked.elapsed() >= PEEK {
            for place in places.iter_mut() {
                place.look(desk).await?;
            }
            peeked = Instant::now();
        }
        let (d, all) = (desk.clone(), ids.to_vec());
        let probes = tokio::task::spawn_blocking(move || d.probes().some(&all)).await;
        let probes = probes.map_err(|_| Failure::new(Exit::Io, "the program failed (a bug)"))??;
        if !plain_is_back && probes.iter().any(|p| p.kind == Kind::Plain && p.back.is_some()) {
            plain_is_back = true;
            end = end.min(Instant::now() + GRACE);
        }
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() || probes.iter().all(Probe::settled) {
            return Ok(probes);
        }
        progress(probes.iter().filter(|p| p.back.is_some()).count(), probes.len(), left);
        tokio::time::sleep(ASK).await;
    }
}

/// A mailbox into which we look ourselves, because no daemon does.
struct Place {
    mailbox: String,
    way: Way,
    names: Arc<Names>,
}

enum Way {
    Imap(Box<Peek>),
    /// The folder, and the names of the mails that are known.
    Maildir(PathBuf, HashSet<String>),
}

/// The mails of a Maildir that nobody took in: unique name, path.
fn not_taken(desk: &Desk, mailbox: &str, folder: &Path) -> Result<Vec<(String, PathBuf)>, Failure> {
    // A probe is a new file: nothing of it is compared.
    let beside = Beside { desk, mailbox, folder, bytes_max: 0 };
    beside.not_taken().map_err(|e| match e {
        MaildirError::Folder(why) => Failure::new(Exit::Unavailable, format!("mailbox {mailbox}: {why}")),
        MaildirError::Desk(trouble) => trouble.into(),
    })
}

/// Opens every mailbox, before anything is sent.
async fn places(config: &Config, desk: &Desk, names: &Arc<Names>) -> Result<Vec<Place>, Failure> {
    let mut out = Vec::new();
    for mailbox in &config.mailboxes {
        let cannot =
            |why: String| Failure::new(Exit::Unavailable, format!("mailbox {}: {why}", mailbox.name));
        let way = match &mailbox.source {
            MailSource::Maildir { folder, .. } => {
                let known = not_taken(desk, &mailbox.name, folder)?;
                Way::Maildir(folder.clone(), known.into_iter().map(|(name, _)| name).collect())
            }
            MailSource::Imap { .. } => match Peek::open(mailbox).await.map_err(cannot)? {
                Some(peek) => Way::Imap(Box::new(peek)),
                None => continue,
            },
        };
        out.push(Place { mailbox: mailbox.name.clone(), way, names: names.clone() });
    }
    Ok(out)
}

impl Place {
    async fn look(&mut self, desk: &Desk) -> Result<(), Failure> {
        let gone = |why: String| Failure::new(Exit::Unavailable, format!("mailbox {}: {why}", self.mailbox));
        let new: Vec<Vec<u8>> = match &mut self.way {
            Way::Imap(peek) => peek.new_mails().await.map_err(gone)?,
            Way::Maildir(folder, known) => {
                let all = not_taken(desk, &self.mailbox, folder)?;
                all.into_iter()
                    .filter(|(name, _)| known.insert(name.clone()))
                    .filter_map(|(_, path)| std::fs::read(path).ok())
                    .collect()
            }
        };
        let mut probes: Vec<_> =
            new.into_iter().filter_map(|raw| desk.probes().look(&self.mailbox, raw)).collect();
        let (names, d) = (self.names.clone(), desk.clone());
        let noted = tokio::task::spawn_blocking(move || {
            names.prove(&d, &mut probes)?;
            probes.iter().try_for_each(|looked| d.probes().notice(looked))
        });
        Ok(noted.await.map_err(|_| Failure::new(Exit::Io, "the program failed (a bug)"))??)
    }
}

/// The daemon's own probe: one mail that leaves as letters leave, again and again; `/healthz` and `status`
/// show how it went.
pub async fn every(config: Arc<Config>, minutes: u64, desk: Desk, mut stopped: watch::Receiver<bool>) {
    while !*stopped.borrow() {
        let open = |d: &Desk| {
            d.condition().parts().iter().filter(|h| h.part.starts_with("mailbox:")).all(|h| h.good)
        };
        // While a mailbox is closed or has a fault no probe is sent: the mailbox says so by itself.
        let pause = match open(&desk) {
            false => Duration::from_secs(1),
            true => {
                let (good, words) = tokio::select! {
                    told = once(&config, &desk) => told,
                    _ = stopped.changed() => return,
                };
                if !good {
                    tracing::warn!("the probe failed; see maildesk status");
                }
                let d = desk.clone();
                let _ = tokio::task::spawn_blocking(move || d.condition().set("probe", good, &words)).await;
                Duration::from_secs(minutes * 60)
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stopped.changed() => return,
        }
    }
}

async fn once(config: &Config, desk: &Desk) -> (bool, String) {
    let tried = async {
        let ids = send_probes(config, desk, &[Kind::Letter], WAIT).await?;
        come_back(desk, &ids, WAIT, &mut [], |_, _, _| {}).await
    };
    match tried.await {
        Err(why) => (false, why.text),
        Ok(probes) => {
            let verdict = desk.probes().verdict(&probes);
            match verdict.advice.into_iter().next() {
                Some(advice) if !verdict.good => (false, advice),
                _ => (true, "a mail to ourselves came back".into()),
            }
        }
    }
}

fn print(probes: &[Probe], verdict: &Verdict, daemon: bool, as_json: bool) -> Done {
    if as_json {
        let rows: Vec<Value> = probes.iter().map(value).collect();
        return out::json(
            &json!({"good": verdict.good, "daemon": daemon, "probes": rows, "advice": verdict.advice}),
        );
    }
    let rows =
        probes.iter().map(|p| vec![p.kind.as_str().to_owned(), p.to.clone(), state(p).to_owned(), detail(p)]);
    out::table(&["probe", "to", "state", "detail"], rows.collect(), "")?;
    for advice in &verdict.advice {
        out::line(format!("- {advice}"))?;
    }
    out::line(if verdict.good {
        "mail goes out and comes in"
    } else {
        "mail does not go round as the configuration needs it"
    })
}

fn value(p: &Probe) -> Value {
    let seen = p.back.as_ref().map(|b| &b.seen);
    json!({
        "kind": p.kind.as_str(),
        "to": p.to,
        "state": state(p),
        "sent_at": out::time(p.sent_at),
        "relay": p.relay,
        "refused": p.refused,
        "came_back_at": p.back.as_ref().map(|b| out::time(b.at)),
        "mailbox": p.back.as_ref().and_then(|b| b.mailbox.clone()),
        "message_id_kept": seen.map(|s| s.id_kept),
        "dkim": seen.map(|s| s.signature.as_str()),
        "dmarc_policy": seen.map(|s| s.policy.as_str()),
        "authentication_results": seen.map(|s| s.stamp.as_str()),
        "stamped_by": seen.and_then(|s| s.stamped_by.clone()),
    })
}

fn state(p: &Probe) -> &'static str {
    match (&p.back, &p.refused) {
        (Some(_), _) => "back",
        (None, Some(_)) => "refused",
        (None, None) => "lost",
    }
}

fn detail(p: &Probe) -> String {
    match (&p.back, &p.refused) {
        (Some(_), _) => brief(p),
        (None, Some(why)) => why.clone(),
        (None, None) => format!("did not come back in time; the relay had said: {}", p.relay),
    }
}

/// What became of a probe, in a few words.
pub fn brief(p: &Probe) -> String {
    match &p.back {
        Some(back) => {
            let place = back.mailbox.as_ref().map(|m| format!(" in mailbox {m}")).unwrap_or_default();
            format!("came back after {} s{place}", (back.at - p.sent_at).max(0))
        }
        None => state(p).to_owned(),
    }
}
