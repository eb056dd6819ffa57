//! Asks DNS what the proof of domains must know, with limits and before any transaction (T106).
//!
//! This file only brings the answers; the desk judges what they are worth.

use crate::app::{Desk, Looked, Trouble};
use crate::desk::{Answer, Answers, Claim};
use futures_util::future::join_all;
use mail_auth::hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig, ResolverOpts};
use mail_auth::hickory_resolver::net::runtime::TokioRuntimeProvider;
use mail_auth::hickory_resolver::net::{DnsError, NetError};
use mail_auth::hickory_resolver::proto::op::ResponseCode;
use mail_auth::hickory_resolver::proto::rr::{Name, RData};
use mail_auth::hickory_resolver::{TokioResolver, system_conf};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::time::{Instant, timeout_at};

/// THREATS: three tries, 5 s together, for all that one mail needs.
const TRIES: usize = 3;
const BUDGET: Duration = Duration::from_secs(5);
const TRY: Duration = Duration::from_millis(1_600);
/// Answers that are remembered, and for how long at most.
const CACHE_ANSWERS: u64 = 512;
const CACHE_TIME: Duration = Duration::from_secs(3_600);
const CACHE_TIME_NOTHING: Duration = Duration::from_secs(300);
/// The most records of one answer, and octets of one record, that are looked at.
const TEXTS_MAX: usize = 10;
const TEXT_BYTES_MAX: usize = 4_096;
/// RFC 6761 §6, RFC 2606 §2: nobody on the internet has names that end so.
const RESERVED: [&str; 4] = ["example", "invalid", "localhost", "test"];

/// Asks DNS for what a batch of mails needs. Cheap to share; blocking.
pub struct Names {
    /// `None`: there is no resolver, so nothing can be looked up.
    resolver: Option<TokioResolver>,
    /// It is the system's resolver, which is never asked for reserved names.
    system: bool,
    runtime: Handle,
}

impl Names {
    /// Through `[dns] server`, or the system's resolver.
    pub fn new(server: Option<SocketAddr>, runtime: Handle) -> Self {
        let (config, mut options) = match server {
            Some(server) => (only(server), ResolverOpts::default()),
            None => system_conf::read_system_conf().unwrap_or_else(|e| {
                tracing::warn!("the system's resolver cannot be read: {e}; no domain proves its mail");
                (ResolverConfig::default(), ResolverOpts::default())
            }),
        };
        options.attempts = 0;
        options.timeout = TRY;
        options.cache_size = CACHE_ANSWERS;
        options.positive_max_ttl = Some(CACHE_TIME);
        options.negative_max_ttl = Some(CACHE_TIME_NOTHING);
        let builder =
            TokioResolver::builder_with_config(config, TokioRuntimeProvider::default()).with_options(options);
        Self { resolver: builder.build().ok(), system: server.is_none(), runtime }
    }

    /// Puts into each mail what DNS says about its domain. Not to be called on an async thread.
    pub fn prove(&self, desk: &Desk, batch: &mut [Looked]) -> Result<(), Trouble> {
        let claims = batch.iter().map(|l| desk.intake().domain_claim(l)).collect::<Result<Vec<_>, _>>()?;
        let asked = claims.iter().map(|c| self.answers(c.as_ref().map(Claim::names).unwrap_or_default()));
        let answers = match claims.iter().any(Option::is_some) {
            true => self.runtime.block_on(join_all(asked)),
            false => return Ok(()),
        };
        for ((looked, claim), answers) in batch.iter_mut().zip(&claims).zip(&answers) {
            if let Some(claim) = claim {
                desk.intake().proven(looked, claim, answers);
            }
        }
        Ok(())
    }

    /// All names of one mail at once, within its budget.
    async fn answers(&self, names: Vec<String>) -> Answers {
        let end = Instant::now() + BUDGET;
        let all = names.iter().map(|name| async move {
            let answer = timeout_at(end, self.texts(name)).await.unwrap_or(Answer::Failed);
            (name.clone(), answer)
        });
        join_all(all).await.into_iter().collect()
    }

    async fn texts(&self, name: &str) -> Answer {
        let reserved = name.rsplit('.').next().is_some_and(|top| RESERVED.contains(&top));
        let (Some(resolver), false) = (&self.resolver, self.system && reserved) else {
            return Answer::Failed;
        };
        // The dot at the end says that the name is whole: the system adds no domain of its own to it.
        let Ok(name) = Name::from_str_relaxed(format!("{name}.")) else { return Answer::Nothing };
        for _ in 0..TRIES {
            match resolver.txt_lookup(name.clone()).await {
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
}

/// For a command that has no runtime of its own.
pub fn with<T>(server: Option<SocketAddr>, work: impl FnOnce(&Names) -> T) -> std::io::Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let done = {
        let _inside = runtime.enter();
        Names::new(server, runtime.handle().clone())
    };
    let done = work(&done);
    runtime.shutdown_background();
    Ok(done)
}

fn only(server: SocketAddr) -> ResolverConfig {
    let with_port = |mut c: ConnectionConfig| {
        c.port = server.port();
        c
    };
    let connections = vec![with_port(ConnectionConfig::udp()), with_port(ConnectionConfig::tcp())];
    ResolverConfig::from_name_servers(vec![NameServerConfig::new(server.ip(), true, connections)])
}
