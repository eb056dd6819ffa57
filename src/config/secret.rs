//! Secrets of the configuration: `x`, `x_file` or `x_credential`, exactly one of them. They are read when the
//! configuration is, so that a fault shows at once, and no message ever holds one (T83, T84).

use super::reader::Reader;
use super::types::Secret;
use super::wiped;
use std::fs::File;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The three names of one secret.
pub(super) type Names = [&'static str; 3];

/// The password of a mailbox or a relay.
pub(super) const PASSWORD: Names = ["password", "password_file", "password_credential"];
/// The secret of `[turnstile]`.
pub(super) const SECRET: Names = ["secret", "secret_file", "secret_credential"];

/// A longer file is not the file of a secret.
const SECRET_BYTES_MAX: usize = 64 * 1024;

/// Is the secret given in any way?
pub(super) fn is_given(reader: &Reader, names: Names) -> bool {
    names.iter().any(|n| reader.has(n))
}

/// The secret. `None` where none is given, or where a fault was noted.
pub(super) fn secret(reader: &Reader, names: Names) -> Option<Secret> {
    let [plain, file, credential] = names;
    let given: Vec<_> = names.into_iter().filter(|n| reader.has(n)).collect();
    let inline = inline(reader, plain);
    let path = reader.path(file);
    let credential_path = credential_path(reader, credential);
    if let [first, second, ..] = given[..] {
        reader.wrong(second, format_args!("stands beside \"{first}\"; keep exactly one of the two"));
        return None;
    }
    let (key, read) = match (path, credential_path) {
        (Some(path), _) => (file, read_file(&path, 0o077)),
        // systemd grants the service user access by an ACL, whose mask shows as the group's bits.
        (_, Some(path)) => (credential, read_file(&path, 0o007)),
        _ => return inline,
    };
    read.inspect_err(|fault| reader.wrong(key, fault)).ok()
}

/// Refuses a file with a private key that others can read.
pub(super) fn refuse_loose(reader: &Reader, key: &'static str, path: &Path) {
    let mode = std::fs::metadata(path).map_or(0, |m| m.permissions().mode());
    if mode & 0o077 != 0 {
        reader.wrong(key, loose(path, mode));
    }
}

fn inline(reader: &Reader, key: &'static str) -> Option<Secret> {
    let text = Zeroizing::new(reader.text(key)?);
    if reader.report.loose {
        let advice = "stands in a file that others can read; chmod 600 the file, or move the secret to a \
                      file of its own";
        reader.warn_at(key, advice);
    }
    Some(Secret::new(&text))
}

fn credential_path(reader: &Reader, key: &'static str) -> Option<PathBuf> {
    let name = reader.parsed(key, "the name of a credential, without /", |t| {
        (!t.contains('/') && t != "." && t != "..").then(|| t.to_owned())
    })?;
    let Some(dir) = reader.report.credentials else {
        reader.wrong(
            key,
            "needs CREDENTIALS_DIRECTORY in the environment, which systemd sets for LoadCredential=; or give \
             a file instead",
        );
        return None;
    };
    Some(dir.join(name))
}

/// `others`: the bits of the mode that must not be set.
fn read_file(path: &Path, others: u32) -> Result<Secret, String> {
    let named = |e: std::io::Error| {
        format!("names {}, which cannot be read: {e}; make the file, or correct the name", path.display())
    };
    let file = File::open(path).map_err(named)?;
    let about = file.metadata().map_err(named)?;
    if !about.is_file() {
        return Err(format!("names {}, which is no file", path.display()));
    }
    let mode = about.permissions().mode();
    if mode & others != 0 {
        return Err(loose(path, mode));
    }
    let bytes = wiped::read(file, SECRET_BYTES_MAX).map_err(named)?;
    let text = std::str::from_utf8(&bytes).map_err(|e| named(std::io::Error::other(e)))?;
    let cut = text.strip_suffix('\n').unwrap_or(text);
    let secret = Secret::new(cut.strip_suffix('\r').unwrap_or(cut));
    match secret.expose() {
        "" => Err(format!("names {}, which is empty", path.display())),
        s if s.chars().any(char::is_control) => {
            Err(format!("names {}, which must hold one line without control characters", path.display()))
        }
        _ => Ok(secret),
    }
}

// T84: a secret that others can read is refused.
fn loose(path: &Path, mode: u32) -> String {
    format!(
        "names {0}, which others can read (mode {1:04o}); run chmod 600 {0}",
        path.display(),
        mode & 0o7777
    )
}
