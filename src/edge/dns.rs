//! Asks DNS what the proof of domains must know, with limits and before any transaction (T106).
//!
//! This file only brings the answers; the desk judges what they are worth. Nobody waits for a name server
//! that keeps silent longer than once: a mail whose names are answered, or that needs none, does not wait for
//! the others of its batch, and a silent zone is left alone for some minutes (`silence.rs`).

mod server;
mod silence;
#[cfg(test)]
mod tests;

use crate::app::{Desk, Looked, Trouble, now};
use crate::desk::{Answer, Answers, Claim};
use futures_util::future::{Either, join_all, select};
use mail_auth::hickory_resolver::net::{DnsError, NetError};
use mail_auth::hickory_resolver::proto::op::ResponseCode;
use mail_auth::hickory_resolver::proto::rr::{Name, RData};
use server::{Server, Servers, TRY};
use silence::{ServerState, Silence, zone};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep, timeout, timeout_at};

/// THREATS: three tries, 5 s together, for all that one mail needs.
const TRIES: usize = 3;
const BUDGET: Duration = Duration::from_secs(5);
/// So long a batch stays together; then mails that have their answers go on without the others.
const TOGETHER: Duration = Duration::from_millis(300);
/// When names are not answered after this time, the server is asked whether it answers anything, and has so
/// long for that.
const DOUBT_AFTER: Duration = Duration::from_secs(1);
const DOUBT: Duration = Duration::from_secs(3);
/// The same for a server that answered nothing before.
const STILL_SILENT: Duration = Duration::from_millis(300);
/// Mails that are late hold so much in all, in KiB as they came. A batch up to [`SMALL_BYTES`] waits for
/// room; a larger one goes on with the answers that it has (T37).
const LATE_KIB: u32 = 8 << 10;
const SMALL_BYTES: u64 = 1 << 20;
/// The most records of one answer, and octets of one record, that are looked at.
const TEXTS_MAX: usize = 10;
const TEXT_BYTES_MAX: usize = 4_096;
/// RFC 6761 §6, RFC 2606 §2: nobody on the internet has names that end so.
const RESERVED: [&str; 4] = ["example", "invalid", "localhost", "test"];

/// Asks DNS for what a batch of mails needs. Cheap to share; blocking.
pub struct Names {
    servers: Servers,
    silence: Arc<Mutex<Silence>>,
    late: Arc<Semaphore>,
    runtime: Handle,
}

/// Mails that wait for answers of DNS, packed.
pub struct Late {
    mails: Vec<(Looked, Claim)>,
    coming: Coming,
    runtime: Handle,
    _room: OwnedSemaphorePermit,
}

/// Answers as they come.
struct Coming {
    answers: Answers,
    next: UnboundedReceiver<(String, Answer)>,
}

impl Coming {
    /// Waits until all answers are there, or this moment has come.
    async fn until(&mut self, end: Option<Instant>) {
        let all = async {
            while let Some((name, answer)) = self.next.recv().await {
                self.answers.insert(name, answer);
            }
        };
        match end {
            // What comes later is not lost: it waits in the channel.
            Some(end) => drop(timeout_at(end, all).await),
            None => all.await,
        }
    }

    fn has(&self, claim: &Claim) -> bool {
        claim.names().iter().all(|name| self.answers.contains_key(name))
    }
}

impl Names {
    /// Through `[dns] server`, or the system's servers.
    pub fn new(server: Option<SocketAddr>, runtime: Handle) -> Self {
        let _inside = runtime.enter();
        Self::through(Servers::new(server), runtime.clone())
    }

    fn through(servers: Servers, runtime: Handle) -> Self {
        let late = Arc::new(Semaphore::new(LATE_KIB as usize));
        Self { servers, silence: Arc::default(), late, runtime }
    }

    /// Puts into each mail what DNS says about its domain, however long that takes within the budget. Not to
    /// be called on an async thread.
    pub fn prove(&self, desk: &Desk, batch: &mut [Looked]) -> Result<(), Trouble> {
        let claims = claims(desk, batch)?;
        let mut coming = self.ask(&claims);
        self.runtime.block_on(coming.until(None));
        for (looked, claim) in batch.iter_mut().zip(claims) {
            if let Some(claim) = claim {
                desk.intake().proven(looked, &claim, &coming.answers);
            }
        }
        Ok(())
    }

    /// The same, but does not wait long: gives back the mails that have their answers or need none, and
    /// those that are late. Not to be called on an async thread.
    pub fn prove_soon(
        &self,
        desk: &Desk,
        batch: Vec<Looked>,
    ) -> Result<(Vec<Looked>, Option<Late>), Trouble> {
        let claims = claims(desk, &batch)?;
        let mut coming = self.ask(&claims);
        self.runtime.block_on(coming.until(Some(Instant::now() + TOGETHER)));
        let (mut soon, mut late) = (Vec::new(), Vec::new());
        let is_late = |c: &Option<Claim>| c.as_ref().is_some_and(|claim| !coming.has(claim));
        let sizes = batch.iter().zip(&claims).filter(|(_, claim)| is_late(claim)).map(|(l, _)| l.mail.size);
        let room = self.room(sizes.sum());
        for (mut looked, claim) in batch.into_iter().zip(claims) {
            match claim {
                Some(claim) if room.is_some() && !coming.has(&claim) => {
                    looked.bytes.pack();
                    late.push((looked, claim));
                }
                Some(claim) => {
                    desk.intake().proven(&mut looked, &claim, &coming.answers);
                    soon.push(looked);
                }
                None => soon.push(looked),
            }
        }
        let late = room.map(|room| {
            let runtime = self.runtime.clone();
            Late { mails: late, coming, runtime, _room: room }
        });
        Ok((soon, late))
    }

    /// Room for so many octets of late mails. `None`: none is needed, or there is none.
    fn room(&self, bytes: u64) -> Option<OwnedSemaphorePermit> {
        if bytes == 0 {
            return None;
        }
        let kib = u32::try_from(bytes / 1024 + 1).unwrap_or(LATE_KIB).min(LATE_KIB);
        let now = self.late.clone().try_acquire_many_owned(kib).ok();
        if now.is_some() || bytes > SMALL_BYTES {
            return now;
        }
        // Whoever waits for names ends within the budget, but may be the one who asks here.
        let later = async { timeout(BUDGET, self.late.clone().acquire_many_owned(kib)).await };
        self.runtime.block_on(later).ok()?.ok()
    }

    /// Begins to ask for the names of all claims.
    fn ask(&self, claims: &[Option<Claim>]) -> Coming {
        self.ask_for(claims.iter().flatten().flat_map(Claim::names).collect())
    }

    fn ask_for(&self, names: BTreeSet<String>) -> Coming {
        let (found, next) = unbounded_channel();
        if !names.is_empty() {
            let _inside = self.runtime.enter();
            let (server, is_new) = self.servers.now();
            let is_system = self.servers.are_the_systems();
            let asking = Asking { server, is_system, silence: self.silence.clone() };
            if is_new {
                *asking.silence() = Silence::default();
            }
            self.runtime.spawn(asking.all(names, found));
        }
        Coming { answers: Answers::new(), next }
    }
}

/// What each mail claims about its domain.
fn claims(desk: &Desk, batch: &[Looked]) -> Result<Vec<Option<Claim>>, Trouble> {
    batch.iter().map(|l| desk.intake().domain_claim(l)).collect()
}

impl Late {
    /// The mails that are late.
    pub fn mails(&self) -> impl Iterator<Item = &Looked> {
        self.mails.iter().map(|(looked, _)| looked)
    }

    /// Waits for the rest of the budget. Not to be called on an async thread.
    pub fn wait(mut self, desk: &Desk) -> Vec<Looked> {
        self.runtime.block_on(self.coming.until(None));
        let proven = |(mut looked, claim): (Looked, Claim)| {
            desk.intake().proven(&mut looked, &claim, &self.coming.answers);
            looked
        };
        self.mails.into_iter().map(proven).collect()
    }
}

/// The questions of one batch.
struct Asking {
    /// `None`: there is no server, so nothing can be looked up.
    server: Option<Server>,
    /// It is the system's, which is never asked for reserved names.
    is_system: bool,
    silence: Arc<Mutex<Silence>>,
}

/// How a question ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ended {
    Answered,
    /// The server could not say, and said so; or nobody was asked.
    Failed,
    /// Somebody waited for nothing.
    Silent,
}

impl Asking {
    fn silence(&self) -> MutexGuard<'_, Silence> {
        self.silence.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All names at once, within the budget. Each is told as soon as it is answered.
    async fn all(self, names: BTreeSet<String>, found: UnboundedSender<(String, Answer)>) {
        let server = match &self.server {
            Some(server) if self.speaks(server).await => server,
            Some(_) | None => {
                names.into_iter().for_each(|name| drop(found.send((name, Answer::Failed))));
                return;
            }
        };
        let end = Instant::now() + BUDGET;
        let each = names.iter().map(|name| async {
            let (answer, ended) = self.one(server, name, end).await;
            // Whoever waited has gone where this fails.
            let _ = found.send((name.clone(), answer));
            ended
        });
        let doubt = async {
            sleep(DOUBT_AFTER).await;
            server.speaks(DOUBT).await
        };
        let (ends, speaks) = match select(Box::pin(join_all(each)), Box::pin(doubt)).await {
            Either::Left((ends, _)) => (ends, true),
            Either::Right((speaks, each)) => (each.await, speaks),
        };
        self.remember(&names, &ends, speaks);
    }

    /// Notes which zones kept silent, and whether the server did.
    fn remember(&self, names: &BTreeSet<String>, ends: &[Ended], speaks: bool) {
        let at = now();
        let all = || names.iter().zip(ends);
        let mut silence = self.silence();
        if !speaks && ends.contains(&Ended::Silent) {
            tracing::warn!("the name server keeps silent; while it does, no domain proves its mail");
            silence.server_kept_silent(at);
        }
        for (name, _) in all().filter(|(_, ended)| **ended == Ended::Silent) {
            let answers =
                |(other, ended): (&String, &Ended)| *ended == Ended::Answered && zone(other) == zone(name);
            tracing::info!("DNS: nobody answers for {name}; it is left alone for some minutes");
            silence.note(name, all().any(answers), at);
        }
    }

    /// Whether there is any use in asking this server.
    async fn speaks(&self, server: &Server) -> bool {
        let state = self.silence().server(now());
        match state {
            ServerState::Speaks => return true,
            ServerState::KeepsSilent => return false,
            ServerState::KeptSilent => {}
        }
        let speaks = server.speaks(STILL_SILENT).await;
        match speaks {
            true => self.silence().server_speaks(),
            false => self.silence().server_kept_silent(now()),
        }
        speaks
    }

    async fn one(&self, server: &Server, name: &str, end: Instant) -> (Answer, Ended) {
        let reserved = name.rsplit('.').next().is_some_and(|top| RESERVED.contains(&top));
        if self.is_system && reserved || self.silence().is_left_alone(name, now()) {
            return (Answer::Failed, Ended::Failed);
        }
        let began = Instant::now();
        match timeout_at(end, texts(server, name)).await.unwrap_or(Answer::Failed) {
            // It is the wait that makes silence, whatever was said after it.
            Answer::Failed if began.elapsed() >= TRY => (Answer::Failed, Ended::Silent),
            Answer::Failed => (Answer::Failed, Ended::Failed),
            answer => (answer, Ended::Answered),
        }
    }
}

async fn texts(server: &Server, name: &str) -> Answer {
    // The dot at the end says that the name is whole: the system adds no domain of its own to it.
    let Ok(name) = Name::from_str_relaxed(format!("{name}.")) else { return Answer::Nothing };
    for _ in 0..TRIES {
        match server.resolver.txt_lookup(name.clone()).await {
            Ok(found) => {
                return Answer::Texts(
                    found
                        .answers()
                        .iter()
                        .filter_map(|r| match &r.data {
                            RData::TXT(text) => Some(text.txt_data.concat()),
                            _ => None,
                        })
                        .filter(|text| text.len() <= TEXT_BYTES_MAX)
                        .take(TEXTS_MAX)
                        .map(|text| String::from_utf8_lossy(&text).into_owned())
                        .collect(),
                );
            }
            Err(NetError::Dns(DnsError::NoRecordsFound(none)))
                if matches!(none.response_code, ResponseCode::NXDomain | ResponseCode::NoError) =>
            {
                return Answer::Nothing;
            }
            Err(e) => tracing::debug!("DNS, {name}: {e}"),
        }
    }
    Answer::Failed
}

/// For a command that has no runtime of its own.
pub fn with<T>(server: Option<SocketAddr>, work: impl FnOnce(&Names) -> T) -> std::io::Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let done = work(&Names::new(server, runtime.handle().clone()));
    runtime.shutdown_background();
    Ok(done)
}
