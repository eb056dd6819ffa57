//! Tells a certificate that is signed by itself from one whose issuer nobody knows, so that the operator
//! reads which it is. It refuses what is refused without it, and nothing else.

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, OtherError, RootCertStore, SignatureScheme};
use std::sync::Arc;

/// Why a certificate was refused that is signed by itself.
#[derive(Debug, thiserror::Error)]
#[error("it is signed by itself")]
pub struct SelfSigned;

/// Asks another verifier, and looks closer at what it refuses.
#[derive(Debug)]
pub struct Naming(pub Arc<dyn ServerCertVerifier>);

impl ServerCertVerifier for Naming {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified = self.0.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        verified.map_err(|e| match e {
            // One that may sign others, as most programs make them, is refused for that first.
            Error::InvalidCertificate(CertificateError::UnknownIssuer | CertificateError::Other(_))
                if is_self_signed(end_entity) =>
            {
                Error::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(SelfSigned))))
            }
            other => other,
        })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}

/// Its issuer is its subject (RFC 5280 §3.2): the bytes of that name stand in it twice.
fn is_self_signed(cert: &CertificateDer<'_>) -> bool {
    let mut one = RootCertStore::empty();
    if one.add(cert.clone().into_owned()).is_err() {
        return false;
    }
    let Some(name) = one.roots.first().map(|r| r.subject.as_ref()).filter(|n| !n.is_empty()) else {
        return false;
    };
    cert.as_ref().windows(name.len()).filter(|w| *w == name).count() > 1
}
