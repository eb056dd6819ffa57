//! The desk's key: 32 random bytes in a file of mode 0600, or handed over by systemd (T81). Everything else
//! is derived.

use crate::store::error::{Error, Result};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fs;
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// The master key; wiped when dropped.
#[derive(Clone)]
pub struct Key([u8; 32]);

impl Drop for Key {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl ZeroizeOnDrop for Key {}

impl Key {
    /// Reads the key; makes one only where there is no database that would need the old one.
    pub fn read_or_make(file: &Path, database_exists: bool) -> Result<Self> {
        if file.exists() {
            return Self::read(file);
        }
        if database_exists {
            return Err(Error::Setup(format!(
                "the key file {} is missing, and the database cannot be read without it; put it back \
                 ([data] key_file)",
                file.display()
            )));
        }
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)
            .map_err(|e| Error::Sql(format!("no random numbers from the system: {e}")))?;
        let text = Zeroizing::new(data_encoding::HEXLOWER.encode(&bytes) + "\n");
        let cannot =
            |e: std::io::Error| Error::Full(format!("cannot make the key file {}: {e}", file.display()));
        let mut made =
            fs::OpenOptions::new().create_new(true).write(true).mode(0o600).open(file).map_err(cannot)?;
        made.write_all(text.as_bytes()).and_then(|()| made.sync_all()).map_err(cannot)?;
        Ok(Self(bytes))
    }

    /// Reads the key from its file, which nobody else may read: 64 hexadecimal digits.
    pub fn read(file: &Path) -> Result<Self> {
        let cannot =
            |e: std::io::Error| Error::Setup(format!("cannot read the key file {}: {e}", file.display()));
        let mode = fs::metadata(file).map_err(cannot)?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(Error::Setup(format!(
                "the key file {0} can be read by others; chmod 600 {0}",
                file.display()
            )));
        }
        let text = Zeroizing::new(fs::read_to_string(file).map_err(cannot)?);
        let bytes =
            data_encoding::HEXLOWER_PERMISSIVE.decode(text.trim().as_bytes()).ok().map(Zeroizing::new);
        match bytes.and_then(|b| <[u8; 32]>::try_from(b.as_slice()).ok()) {
            Some(key) => Ok(Self(key)),
            None => Err(Error::Setup(format!(
                "the key file {} does not hold 64 hexadecimal digits",
                file.display()
            ))),
        }
    }

    /// The key itself, from which the keys of seals are derived.
    pub fn master(&self) -> [u8; 32] {
        self.0
    }

    fn derive(&self, purpose: &str) -> [u8; 32] {
        let mut m = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes any key");
        m.update(b"maildesk/");
        m.update(purpose.as_bytes());
        m.finalize().into_bytes().into()
    }

    /// The first 16 bytes of a database under this key.
    pub fn salt(&self) -> [u8; 16] {
        self.derive("database-salt")[..16].try_into().expect("16 of 32")
    }

    /// Raw key and salt as SQLCipher takes them: 96 hexadecimal digits.
    pub fn raw_hex(&self) -> Zeroizing<String> {
        let mut hex = data_encoding::HEXLOWER.encode(&self.derive("database"));
        hex.push_str(&data_encoding::HEXLOWER.encode(&self.salt()));
        Zeroizing::new(hex)
    }
}
