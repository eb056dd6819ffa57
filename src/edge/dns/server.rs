//! Whom DNS questions go to: `[dns] server`, or the servers that the system's file names at this moment.

use mail_auth::hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig, ResolverOpts};
use mail_auth::hickory_resolver::net::NetError;
use mail_auth::hickory_resolver::net::runtime::TokioRuntimeProvider;
use mail_auth::hickory_resolver::proto::rr::{Name, RecordType};
use mail_auth::hickory_resolver::{TokioResolver, system_conf};
use std::io::Read;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::timeout;

/// One question waits so long for its answer.
pub const TRY: Duration = Duration::from_millis(1_600);
/// Answers that are remembered, and for how long at most.
const CACHE_ANSWERS: u64 = 512;
const CACHE_TIME: Duration = Duration::from_secs(3_600);
const CACHE_TIME_NOTHING: Duration = Duration::from_secs(300);
/// The system's file, its port, and as much of the file as is read.
const SYSTEM_FILE: &str = "/etc/resolv.conf";
const SYSTEM_PORT: u16 = 53;
const SYSTEM_FILE_BYTES_MAX: u64 = 64 << 10;

/// Whoever answers questions at this moment. Cheap to copy.
#[derive(Clone)]
pub struct Server {
    /// Asks, and remembers what was answered.
    pub resolver: TokioResolver,
    /// Asks and remembers nothing.
    forgetful: TokioResolver,
}

impl Server {
    fn at(addresses: impl IntoIterator<Item = SocketAddr>) -> Option<Self> {
        let config = ResolverConfig::from_name_servers(addresses.into_iter().map(named).collect());
        let build = |cache_size: u64| {
            let mut options = ResolverOpts::default();
            options.attempts = 0;
            options.timeout = TRY;
            options.cache_size = cache_size;
            options.positive_max_ttl = Some(CACHE_TIME);
            options.negative_max_ttl = Some(CACHE_TIME_NOTHING);
            TokioResolver::builder_with_config(config.clone(), TokioRuntimeProvider::default())
                .with_options(options)
                .build()
                .ok()
        };
        Some(Self { resolver: build(CACHE_ANSWERS)?, forgetful: build(0)? })
    }

    /// Whether it answers anything at all within `most`: it is asked for the root, which each knows.
    pub async fn speaks(&self, most: Duration) -> bool {
        let asked = self.forgetful.lookup(Name::root(), RecordType::NS);
        match timeout(most, asked).await {
            Ok(Err(NetError::Timeout | NetError::NoConnections | NetError::Io(_))) | Err(_) => false,
            Ok(_) => true,
        }
    }
}

fn named(address: SocketAddr) -> NameServerConfig {
    let with_port = |mut c: ConnectionConfig| {
        c.port = address.port();
        c
    };
    let connections = vec![with_port(ConnectionConfig::udp()), with_port(ConnectionConfig::tcp())];
    NameServerConfig::new(address.ip(), true, connections)
}

/// Where it stands which servers there are.
enum Source {
    Configured(Option<Server>),
    System { file: PathBuf, port: u16, last: Mutex<LastRead> },
}

/// The system's file as it was read last, and the servers that it named when it named any. `None`: it was
/// never read, and never named one.
#[derive(Default)]
struct LastRead {
    text: Option<Vec<u8>>,
    server: Option<Server>,
}

/// The servers of this machine or of the configuration.
pub struct Servers(Source);

impl Servers {
    /// `None`: those of the system.
    pub fn new(configured: Option<SocketAddr>) -> Self {
        match configured {
            Some(address) => Self(Source::Configured(Server::at([address]))),
            None => Self::of_file(SYSTEM_FILE.into(), SYSTEM_PORT),
        }
    }

    /// Those that a file in the form of resolv.conf names, at this port.
    pub fn of_file(file: PathBuf, port: u16) -> Self {
        Self(Source::System { file, port, last: Mutex::default() })
    }

    /// They are the system's, which are never asked for reserved names.
    pub fn are_the_systems(&self) -> bool {
        matches!(self.0, Source::System { .. })
    }

    /// Who answers now, and whether these are others than before. A file that names nobody, as in the middle
    /// of being written, changes nothing.
    pub fn now(&self) -> (Option<Server>, bool) {
        let (file, port, last) = match &self.0 {
            Source::Configured(server) => return (server.clone(), false),
            Source::System { file, port, last } => (file, *port, last),
        };
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = Vec::new();
        // What cannot be read names nobody.
        let _ = std::fs::File::open(file).and_then(|f| f.take(SYSTEM_FILE_BYTES_MAX).read_to_end(&mut text));
        if last.text.as_ref() == Some(&text) {
            return (last.server.clone(), false);
        }
        let server = match system_conf::parse_resolv_conf(&text) {
            Ok((config, _)) => Server::at(config.name_servers().iter().map(|s| SocketAddr::new(s.ip, port))),
            Err(e) => {
                let then = if last.server.is_some() { "those before are asked" } else { "nobody is asked" };
                tracing::warn!("{} names no name server, {then}: {e}", file.display());
                None
            }
        };
        last.text = Some(text);
        let is_new = server.is_some();
        if is_new {
            last.server = server;
        }
        (last.server.clone(), is_new)
    }
}
