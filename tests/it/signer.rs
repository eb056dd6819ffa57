//! DKIM keys of the tests' own, and real signatures by them.

use crate::stage::stage;
use mail_auth::common::crypto::Ed25519Key;
use mail_auth::common::headers::HeaderWriter;
use mail_auth::dkim::DkimSigner;
use rcgen::{KeyPair, PKCS_ED25519};

/// What a careful server signs.
pub const FIELDS: [&str; 6] = ["From", "To", "Cc", "Subject", "Date", "Message-ID"];

/// A domain that signs, with its key in the zone at `s1._domainkey`.
pub struct Signer {
    pub domain: String,
    key: KeyPair,
}

impl Signer {
    pub fn new(domain: &str) -> Signer {
        let signer =
            Signer { domain: domain.to_owned(), key: KeyPair::generate_for(&PKCS_ED25519).expect("a key") };
        stage().dns.text(&signer.name(), &signer.record(""));
        signer
    }

    pub fn name(&self) -> String {
        format!("s1._domainkey.{}", self.domain)
    }

    /// The key record, with further tags such as `t=y; `.
    pub fn record(&self, tags: &str) -> String {
        format!("v=DKIM1; k=ed25519; {tags}p={}", data_encoding::BASE64.encode(self.key.public_key_raw()))
    }

    /// The mail with its signature on top.
    pub fn sign(&self, mail: &[u8]) -> Vec<u8> {
        self.sign_fields(mail, &FIELDS)
    }

    pub fn sign_fields(&self, mail: &[u8], fields: &[&str]) -> Vec<u8> {
        let key = Ed25519Key::from_pkcs8_maybe_unchecked_der(&self.key.serialize_der()).expect("a key");
        let signer =
            DkimSigner::from_key(key).domain(&self.domain).selector("s1").headers(fields.iter().copied());
        let signature = signer.sign(mail).expect("a signature");
        [signature.to_header().as_bytes(), mail].concat()
    }
}
