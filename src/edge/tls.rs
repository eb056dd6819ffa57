//! TLS to mail servers (RFC 8314): certificates and host names are always checked, and no setting turns that
//! off (T97).

use crate::config::{Server, Tls};
use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;
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
    Ok(stream)
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
        Ok(Err(e)) => Err(format!(
            "TLS to {place} failed: {e}; where the certificate is your own, name its root with ca_file"
        )),
        Err(_) => Err(format!(
            "{place} does not finish the TLS handshake; does the port speak TLS from the start (implicit) or \
             STARTTLS?"
        )),
    }
}

/// TLS 1.2 or newer, the system's roots and those of `ca_file`.
fn client(server: &Server) -> Result<ClientConfig, String> {
    let builder =
        ClientConfig::builder_with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12]);
    let Some(file) = &server.ca_file else {
        let ready = builder
            .with_platform_verifier()
            .map_err(|e| format!("the system's certificates cannot be used: {e}"))?;
        return Ok(ready.with_no_client_auth());
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
    let provider = builder.crypto_provider().clone();
    match rustls_platform_verifier::Verifier::new_with_extra_roots(own.clone(), provider) {
        Ok(verifier) => {
            Ok(builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth())
        }
        Err(_) => {
            let mut roots = RootCertStore::empty();
            own.into_iter().try_for_each(|c| roots.add(c)).map_err(|e| cannot(&e))?;
            Ok(builder.with_root_certificates(roots).with_no_client_auth())
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
