//! Files that hold secrets are read into memory that is wiped (T83).

use std::fs::File;
use std::io::{ErrorKind, Read, Result};
use zeroize::Zeroizing;

/// The bytes of a file, at most so many. The memory has room for all of them from the beginning: what grows
/// leaves copies behind.
pub(super) fn read(mut file: File, bytes_max: usize) -> Result<Zeroizing<Vec<u8>>> {
    let about = file.metadata()?;
    // A pipe does not say how much comes.
    let told = about.is_file().then(|| usize::try_from(about.len()).ok()).flatten();
    let room = told.unwrap_or(bytes_max).min(bytes_max);
    let mut bytes = Zeroizing::new(vec![0; room]);
    let mut filled = 0;
    while filled < room {
        match file.read(&mut bytes[filled..]) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use crate::config::Secret;
    use std::io::Write;
    use zeroize::ZeroizeOnDrop;

    fn is_wiped<T: ZeroizeOnDrop>() {}

    /// What holds a secret wipes it; whoever reads one in gets no other text.
    #[test]
    fn t83_copies_of_secrets_are_wiped() {
        is_wiped::<secrecy::SecretString>();
        is_wiped::<Secret>();
        is_wiped::<crate::desk::seal::Keys>();
        is_wiped::<zeroize::Zeroizing<Vec<u8>>>();
        // It is all that the file holds, and no more than was asked for.
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(b"secret\n").expect("written");
        for (bytes_max, wanted) in [(100, &b"secret\n"[..]), (3, b"sec")] {
            std::io::Seek::rewind(&mut file).expect("rewound");
            let bytes = super::read(file.try_clone().expect("a handle"), bytes_max).expect("read");
            assert_eq!((&bytes[..], bytes.capacity()), (wanted, wanted.len()), "it never grew");
        }
    }
}
