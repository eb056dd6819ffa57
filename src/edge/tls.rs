//! TLS to mail servers (RFC 8314): certificates and host names are always checked, and no setting turns that
//! off (T97).

mod self_signed;

use crate::config::{Server, Tls};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;
use self_signed::{Naming, SelfSigned};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// A connection to a mail server, in TLS or (on loopback) in clear.
pub trait Stream: AsyncRead + AsyncWrite + Send + Sync + Unpin + std::fmt::Debug {}
impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin + std::fmt::Debug> Stream for T {}

/// How long a connection and a handshake may take.
pub const CONNECT: Duration = Duration::from_secs(30);
/// Octets of one line of a dialogue before TLS.
const LINE_MAX: usize = 2_000;

/// Opens a connection without TLS.
pub async fn tcp(server: &Server) -> Result<TcpStream, String> {
    let place = format!("{}:{}", server.host, server.port);
    let opened = timeout(CONNECT, TcpStream::connect((server.host.as_str(), server.port))).await;
    let stream = match opened {
        Ok(Ok(stream)) => stream,
        Ok(Err(e)) => {
            return Err(format!(
                "cannot connect to {place}: {e}; is the server up, and are host and port right?"
            ));
        }
        Err(_) => return Err(format!("{place} does not answer within {} s", CONNECT.as_secs())),
    };
    let _ = stream.set_nodelay(true);
    notice_death(&stream);
    Ok(stream)
}

/// A peer that is gone without a word is noticed within a minute, also while nobody speaks: the system asks
/// after it, and waits no longer for what it does not confirm.
fn notice_death(stream: &TcpStream) {
    let socket = socket2::SockRef::from(stream);
    let asks = socket2::TcpKeepalive::new()
        .with_time(Duration::from_secs(20))
        .with_interval(Duration::from_secs(5))
        .with_retries(4);
    // Where the system knows no such thing, the time limits of the protocols stay.
    let _ = socket.set_tcp_keepalive(&asks);
    #[cfg(target_os = "linux")]
    let _ = socket.set_tcp_user_timeout(Some(Duration::from_secs(40)));
}

/// The handshake. Nothing may have been read beyond the line that led to it: the caller reads line by line
/// (T96).
pub async fn handshake(server: &Server, tcp: TcpStream) -> Result<Box<dyn Stream>, String> {
    let place = format!("{}:{}", server.host, server.port);
    let name = ServerName::try_from(server.host.clone())
        .map_err(|_| format!("{} is no host name that TLS can check", server.host))?;
    let connector = tokio_rustls::TlsConnector::from(Arc::new(client(server)?));
    match timeout(CONNECT, connector.connect(name, tcp)).await {
        Ok(Ok(stream)) => Ok(Box::new(stream)),
        Ok(Err(e)) => Err(match wrong_certificate(&e) {
            Some(wrong) => format!(
                "TLS to {place} failed: the server's certificate {wrong}; where it is your own, name its \
                 root with ca_file"
            ),
            None => format!("TLS to {place} failed: {e}"),
        }),
        Err(_) => Err(format!(
            "{place} does not finish the TLS handshake; does the port speak TLS from the start (implicit) or \
             STARTTLS?"
        )),
    }
}

/// What is wrong with the server's certificate; `None`: something else failed.
fn wrong_certificate(error: &std::io::Error) -> Option<String> {
    use rustls::CertificateError as Wrong;
    let Some(rustls::Error::InvalidCertificate(wrong)) = error.get_ref()?.downcast_ref() else { return None };
    Some(match wrong {
        Wrong::Expired | Wrong::ExpiredContext { .. } => "has expired".to_owned(),
        Wrong::NotValidYet | Wrong::NotValidYetContext { .. } => "is not valid yet".to_owned(),
        Wrong::NotValidForName | Wrong::NotValidForNameContext { .. } => "is for another name".to_owned(),
        Wrong::UnknownIssuer => "is signed by nobody whom this machine trusts".to_owned(),
        Wrong::Other(why) if why.0.downcast_ref::<SelfSigned>().is_some() => "is signed by itself".to_owned(),
        Wrong::Revoked => "was revoked".to_owned(),
        other => format!("is not valid ({other:?})"),
    })
}

/// TLS 1.2 or newer, the system's roots and those of `ca_file`.
fn client(server: &Server) -> Result<ClientConfig, String> {
    let builder =
        ClientConfig::builder_with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12]);
    let verifier = verifier(server, builder.crypto_provider().clone())?;
    let ready = builder.dangerous().with_custom_certificate_verifier(Arc::new(Naming(verifier)));
    Ok(ready.with_no_client_auth())
}

/// Who checks certificates and names.
fn verifier(server: &Server, provider: Arc<CryptoProvider>) -> Result<Arc<dyn ServerCertVerifier>, String> {
    let Some(file) = &server.ca_file else {
        let verifier =
            Verifier::new(provider).map_err(|e| format!("the system's certificates cannot be used: {e}"))?;
        return Ok(Arc::new(verifier));
    };
    let cannot = |e: &dyn std::fmt::Display| format!("cannot read certificates from {}: {e}", file.display());
    let own: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(file)
        .map_err(|e| cannot(&e))?
        .collect::<Result<_, _>>()
        .map_err(|e| cannot(&e))?;
    if own.is_empty() {
        return Err(format!("{} holds no certificate in PEM form", file.display()));
    }
    // The system's roots count as well. A machine that has none can still reach a server of its own.
    match Verifier::new_with_extra_roots(own.clone(), provider.clone()) {
        Ok(verifier) => Ok(Arc::new(verifier)),
        Err(_) => {
            let mut roots = RootCertStore::empty();
            own.into_iter().try_for_each(|c| roots.add(c)).map_err(|e| cannot(&e))?;
            let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build();
            Ok(verifier.map_err(|e| cannot(&e))?)
        }
    }
}

/// Reads one line of a dialogue before TLS, and not an octet more.
pub async fn line(tcp: &mut TcpStream) -> Result<String, String> {
    let mut line = Vec::new();
    let read = async {
        while !line.ends_with(b"\n") {
            if line.len() >= LINE_MAX {
                return Err("the server sends a line without end".to_owned());
            }
            let byte = tcp.read_u8().await.map_err(|_| "the server closed the connection".to_owned())?;
            line.push(byte);
        }
        Ok(())
    };
    timeout(CONNECT, read).await.map_err(|_| "the server does not answer".to_owned())??;
    Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
}

/// Sends one line of a dialogue before TLS.
pub async fn say(tcp: &mut TcpStream, line: &str) -> Result<(), String> {
    let sent = timeout(CONNECT, tcp.write_all(format!("{line}\r\n").as_bytes())).await;
    sent.map_err(|_| "the server does not read".to_owned())?
        .map_err(|_| "the server closed the connection".to_owned())
}

/// T96: bytes that arrived between the answer to STARTTLS and the handshake are not the server's; somebody on
/// the way put them there.
pub fn nothing_waits(tcp: &TcpStream) -> Result<(), String> {
    let mut one = [0];
    match tcp.try_read(&mut one) {
        Err(e) if e.kind() == std::io::ErrorKind::WouldBlock => Ok(()),
        Ok(0) => Err("the server closed the connection after STARTTLS".into()),
        _ => {
            Err("the server sent more than its answer before TLS began; the connection is not to be trusted"
                .into())
        }
    }
}

/// Does this way of connecting begin in TLS?
pub fn implicit(server: &Server) -> bool {
    server.tls == Tls::Implicit
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The system gives up within a minute: while nobody speaks, and while something is not confirmed.
    #[test]
    fn a_peer_that_is_gone_is_noticed_within_a_minute() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("its address").port();
        let server = Server { host: "127.0.0.1".into(), port, tls: Tls::None, ca_file: None };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let stream = runtime.block_on(tcp(&server)).expect("a connection");
        let socket = socket2::SockRef::from(&stream);
        assert!(socket.keepalive().expect("asked"));
        let (first, pause, times) = (
            socket.tcp_keepalive_time().expect("asked"),
            socket.tcp_keepalive_interval().expect("asked"),
            socket.tcp_keepalive_retries().expect("asked"),
        );
        assert!(first + pause * times <= Duration::from_secs(60), "{first:?} {pause:?} {times}");
        let unconfirmed = socket.tcp_user_timeout().expect("asked").expect("some");
        assert!(unconfirmed <= Duration::from_secs(60), "{unconfirmed:?}");
    }
}
