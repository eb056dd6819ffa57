//! A port that speaks HTTP/1.1, in clear or over TLS; used by the pages and by the metrics.
//!
//! hyper is driven by hand and not by `axum::serve`, which has no timeout for slow heads and no bound for
//! their size (T77). `head.rs` refuses what hyper reads too leniently, `crowd.rs` says who may stay (T116).

mod counted;
mod crowd;
mod head;
mod network;
mod room;
mod wire;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use counted::{Counted, Way};
pub use crowd::{Crowd, Limits, Place};
use head::HEAD_BYTES_MAX;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
pub use network::{Network, is_within};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;
use wire::Wire;

/// Fields of a request's head.
const HEAD_FIELDS_MAX: usize = 100;
/// A head, or a TLS handshake, that takes longer ends the connection.
const HEAD_TIME: Duration = Duration::from_secs(10);
/// A connection whose head, or whose end, is waited for so long is given up, whoever else waits for it.
const QUIET_TIME: Duration = Duration::from_secs(60);
/// Bytes that the system keeps of what we have written for a reader (Linux doubles them for what it needs
/// itself). A slow reader is seen to read by the room that it makes there, and many readers hold little.
const SEND_BYTES: u32 = 64 * 1024;
/// Connections that the system keeps until we take them.
const WAITING_MAX: u32 = 1_024;
/// How long requests in flight may take after the order to stop.
const STOP_TIME: Duration = Duration::from_secs(2);

/// The other end of the connection that a request came in by.
#[derive(Clone)]
pub struct Peer {
    /// Its address.
    pub ip: IpAddr,
    /// Its place among all connections.
    pub place: Arc<Place>,
}

/// A bound port.
pub struct Port {
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    crowd: Crowd,
    limits: Limits,
}

/// Why a port cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum PortError {
    /// The address, and what the system says.
    #[error("cannot listen on {0}: {1}")]
    Listen(SocketAddr, std::io::Error),
    /// The file, and what is wrong with it.
    #[error("cannot use the certificate {0}: {1}")]
    Certificate(PathBuf, String),
}

impl Port {
    /// Binds, and reads the certificate chain and the key, if any. `proxies`: (address, bits) of those whose
    /// connections are other people's.
    pub async fn bind(
        listen: SocketAddr,
        tls: Option<&(PathBuf, PathBuf)>,
        proxies: &[(IpAddr, u8)],
    ) -> Result<Self, PortError> {
        let tls = tls.map(acceptor).transpose()?;
        let listener = open(listen).map_err(|why| PortError::Listen(listen, why))?;
        let limits = Limits::default();
        Ok(Self { listener, tls, crowd: Crowd::new(limits.clone(), proxies), limits })
    }

    /// A port in clear with other limits, for tests.
    #[cfg(test)]
    pub async fn with_limits(limits: Limits, proxies: &[(IpAddr, u8)]) -> Self {
        let listener = open(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a port");
        Self { listener, tls: None, crowd: Crowd::new(limits.clone(), proxies), limits }
    }

    /// The address that was bound, with its true port where the configured one is 0.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `shutdown` becomes true, or its sender is gone; then lets requests in flight end.
    pub async fn serve(self, pages: Router, shutdown: watch::Receiver<bool>) {
        let mut connections = JoinSet::new();
        let mut stop = shutdown.clone();
        loop {
            let next = tokio::select! {
                next = self.accept() => next,
                // A panic ended one connection, and nothing else.
                Some(_) = connections.join_next() => continue,
                () = stopped(&mut stop) => break,
            };
            if let Some((stream, peer)) = next {
                let ends = ends(self.limits.ends_after, shutdown.clone());
                let served = serve_connection(stream, peer.clone(), self.tls.clone(), pages.clone(), ends);
                let goes_after = self.limits.goes_after;
                connections.spawn(async move {
                    tokio::select! {
                        () = served => {}
                        () = peer.place.sent_away() => tracing::debug!("a connection makes room for others"),
                        () = stood_still(&peer.place, goes_after) => tracing::debug!("a reader is too slow"),
                    }
                });
            }
        }
        drop(self.listener);
        let _ =
            tokio::time::timeout(STOP_TIME, async { while connections.join_next().await.is_some() {} }).await;
    }

    async fn accept(&self) -> Option<(TcpStream, Peer)> {
        match self.listener.accept().await {
            Ok((stream, peer)) => {
                let _ = stream.set_nodelay(true);
                let place = self.crowd.enter(peer.ip(), Instant::now())?;
                Some((stream, Peer { ip: peer.ip(), place }))
            }
            Err(why) => {
                // Most often the process has too many open files: a pause lets other connections end.
                tracing::warn!(%why, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(200)).await;
                None
            }
        }
    }
}

/// A port whose connections hold few bytes in the system.
fn open(listen: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if listen.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    // Connections have it from the port.
    socket.set_send_buffer_size(SEND_BYTES)?;
    socket.bind(listen)?;
    socket.listen(WAITING_MAX)
}

/// Waits until a reader has taken too little for so long, or nothing goes on at all.
async fn stood_still(place: &Place, goes_after: Duration) {
    loop {
        let now = Instant::now();
        let left = goes_after.saturating_sub(place.slow_for(now));
        let left = left.min(QUIET_TIME.saturating_sub(place.quiet_for(now)));
        if left.is_zero() {
            return;
        }
        tokio::time::sleep(left).await;
    }
}

/// Waits until a connection takes no more requests: it is old, or all of them end.
async fn ends(after: Duration, mut shutdown: watch::Receiver<bool>) {
    let _ = tokio::time::timeout(after, stopped(&mut shutdown)).await;
}

async fn stopped(shutdown: &mut watch::Receiver<bool>) {
    let _ = shutdown.wait_for(|stop| *stop).await;
}

/// One connection, after its TLS handshake if there is one.
async fn serve_connection(
    stream: TcpStream,
    peer: Peer,
    tls: Option<TlsAcceptor>,
    pages: Router,
    ends: impl Future<Output = ()>,
) {
    match tls {
        None => serve_requests(stream, peer, pages, ends).await,
        Some(tls) => match tokio::time::timeout(HEAD_TIME, tls.accept(stream)).await {
            Ok(Ok(stream)) => serve_requests(stream, peer, pages, ends).await,
            Ok(Err(why)) => tracing::debug!(%why, "TLS handshake failed"),
            Err(_) => tracing::debug!("TLS handshake took too long"),
        },
    }
}

/// Requests and responses on one connection, until it ends.
async fn serve_requests<S>(stream: S, peer: Peer, pages: Router, ends: impl Future<Output = ()>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let wire = Wire::new(stream, peer.place.clone());
    let service = service_fn(move |request| answer(request, peer.clone(), pages.clone()));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_buf_size(HEAD_BYTES_MAX)
        .max_headers(HEAD_FIELDS_MAX)
        .serve_connection(TokioIo::new(wire), service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = ends => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(why) = ended {
        tracing::debug!(%why, "connection ended early");
    }
}

/// One request. What two readers could read differently gets 400, and then the connection closes (T77); it
/// closes after a chunked body, too, since where that ends is not looked at.
async fn answer(
    request: hyper::Request<hyper::body::Incoming>,
    peer: Peer,
    pages: Router,
) -> Result<hyper::Response<Counted<Body>>, std::convert::Infallible> {
    let place = peer.place.clone();
    let is_chunked = request.headers().contains_key(header::TRANSFER_ENCODING);
    let response = if place.is_ambiguous() {
        place.is_asked(Instant::now());
        StatusCode::BAD_REQUEST.into_response()
    } else {
        place.asks(!hyper::body::Body::is_end_stream(request.body()), Instant::now());
        let mut request = request.map(|body| Body::new(Counted::new(body, place.clone(), Way::In)));
        request.extensions_mut().insert(peer);
        pages.oneshot(request).await?
    };
    let mut response: Response = response;
    if is_chunked || response.status() == StatusCode::BAD_REQUEST {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    let bytes = hyper::body::Body::size_hint(response.body()).exact().unwrap_or(0);
    if !place.holds_answer(usize::try_from(bytes).unwrap_or(usize::MAX), Instant::now()) {
        tracing::debug!(bytes, "no room for an answer");
        let again = [(header::RETRY_AFTER, "30"), (header::CONNECTION, "close")];
        response = (StatusCode::SERVICE_UNAVAILABLE, again).into_response();
    }
    place.reads(Instant::now());
    Ok(response.map(|body| Counted::new(body, place, Way::Out)))
}

fn acceptor((chain_file, key_file): &(PathBuf, PathBuf)) -> Result<TlsAcceptor, PortError> {
    let wrong = |file: &PathBuf, why: &dyn ToString| PortError::Certificate(file.clone(), why.to_string());
    let chain: Vec<_> = CertificateDer::pem_file_iter(chain_file)
        .and_then(Iterator::collect)
        .map_err(|why| wrong(chain_file, &why))?;
    let key = PrivateKeyDer::from_pem_file(key_file).map_err(|why| wrong(key_file, &why))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|why| wrong(chain_file, &why))?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|why| wrong(chain_file, &why))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

#[cfg(test)]
mod tests;
