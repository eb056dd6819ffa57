//! A port that speaks HTTP/1.1, in clear or over TLS; used by the pages and by the metrics.
//!
//! hyper is driven by hand and not by `axum::serve`, which has no timeout for slow heads and no bound for
//! their size (T77). RFC 9112 §6.3: hyper refuses two lengths and closes after a length beside `chunked`.

use axum::Router;
use axum::body::Body;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

/// Bytes of a request's head.
const HEAD_BYTES_MAX: usize = 16 * 1024;
/// Fields of a request's head.
const HEAD_FIELDS_MAX: usize = 100;
/// A head, or a TLS handshake, that takes longer ends the connection.
const HEAD_TIME: Duration = Duration::from_secs(10);
/// Connections at a time; more wait to be accepted.
const CONNECTIONS_MAX: usize = 512;
/// A connection ends after this time, whatever it does: the other side may be one that never reads.
const CONNECTION_TIME: Duration = Duration::from_secs(900);
/// How long requests in flight may take after the order to stop.
const STOP_TIME: Duration = Duration::from_secs(2);

/// The other end of the connection that a request came in by.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

/// A bound port.
pub struct Port {
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
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
    /// Binds, and reads the certificate chain and the key, if any.
    pub async fn bind(listen: SocketAddr, tls: Option<&(PathBuf, PathBuf)>) -> Result<Self, PortError> {
        let tls = tls.map(acceptor).transpose()?;
        let listener = TcpListener::bind(listen).await.map_err(|why| PortError::Listen(listen, why))?;
        Ok(Self { listener, tls })
    }

    /// The address that was bound, with its true port where the configured one is 0.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `shutdown` becomes true, or its sender is gone; then lets requests in flight end.
    pub async fn serve(self, pages: Router, shutdown: watch::Receiver<bool>) {
        let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
        let mut stop = shutdown.clone();
        loop {
            let next = tokio::select! {
                next = self.accept(&room) => next,
                () = stopped(&mut stop) => break,
            };
            if let Some((stream, peer, place)) = next {
                let (tls, pages, shutdown) = (self.tls.clone(), pages.clone(), shutdown.clone());
                tokio::spawn(async move {
                    let served = serve_connection(stream, Peer(peer), tls, pages, shutdown);
                    let _ = tokio::time::timeout(CONNECTION_TIME, served).await;
                    drop(place);
                });
            }
        }
        drop(self.listener);
        let all = u32::try_from(CONNECTIONS_MAX).expect("a small number");
        let _ = tokio::time::timeout(STOP_TIME, room.acquire_many(all)).await;
    }

    async fn accept(&self, room: &Arc<Semaphore>) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
        let place = room.clone().acquire_owned().await.ok()?;
        match self.listener.accept().await {
            Ok((stream, peer)) => {
                let _ = stream.set_nodelay(true);
                Some((stream, peer, place))
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

async fn stopped(shutdown: &mut watch::Receiver<bool>) {
    let _ = shutdown.wait_for(|stop| *stop).await;
}

/// One connection, after its TLS handshake if there is one.
async fn serve_connection(
    stream: TcpStream,
    peer: Peer,
    tls: Option<TlsAcceptor>,
    pages: Router,
    shutdown: watch::Receiver<bool>,
) {
    match tls {
        None => serve_requests(stream, peer, pages, shutdown).await,
        Some(tls) => match tokio::time::timeout(HEAD_TIME, tls.accept(stream)).await {
            Ok(Ok(stream)) => serve_requests(stream, peer, pages, shutdown).await,
            Ok(Err(why)) => tracing::debug!(%why, "TLS handshake failed"),
            Err(_) => tracing::debug!("TLS handshake took too long"),
        },
    }
}

/// Requests and responses on one connection, until it ends.
async fn serve_requests<S>(stream: S, peer: Peer, pages: Router, mut shutdown: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(peer);
        pages.clone().oneshot(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_buf_size(HEAD_BYTES_MAX)
        .max_headers(HEAD_FIELDS_MAX)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stopped(&mut shutdown) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(why) = ended {
        tracing::debug!(%why, "connection ended early");
    }
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
