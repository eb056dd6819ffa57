//! The bytes of mails: plain while they are read, packed (zstd) while they wait to be written and in the
//! database.

use std::borrow::Cow;

/// zstd level for kept mail (PERFORMANCE: 1 is where time and size meet).
const ZSTD_LEVEL: i32 = 1;

/// All of a mail: plain while DNS is asked about it, packed (zstd) while it waits to be written. Few are
/// asked for again then.
#[derive(Debug)]
pub enum Bytes {
    /// As they came.
    Plain(Vec<u8>),
    /// By zstd.
    Packed(Vec<u8>),
}

impl Bytes {
    /// As many as are held, in octets.
    pub fn held(&self) -> usize {
        match self {
            Self::Plain(bytes) | Self::Packed(bytes) => bytes.len(),
        }
    }
}

impl Bytes {
    /// Packs what is plain, to need less room.
    pub fn pack(&mut self) {
        if let Self::Plain(raw) = self {
            *self = Self::Packed(packed(raw));
        }
    }

    /// The whole mail.
    pub(super) fn raw(&self) -> Cow<'_, [u8]> {
        match self {
            Self::Plain(raw) => Cow::Borrowed(raw),
            Self::Packed(packed) => Cow::Owned(unpack(packed)),
        }
    }

    pub(super) fn packed(&self) -> Cow<'_, [u8]> {
        match self {
            Self::Plain(raw) => Cow::Owned(packed(raw)),
            Self::Packed(packed) => Cow::Borrowed(packed),
        }
    }
}

fn packed(raw: &[u8]) -> Vec<u8> {
    let mut packed = zstd::bulk::compress(raw, ZSTD_LEVEL).expect("compressing into memory cannot fail");
    // It was made as large as the mail may become.
    packed.shrink_to_fit();
    packed
}

/// The bytes of a kept mail. The frame says how many there are, so no buffer grows past them.
pub(super) fn unpack(packed: &[u8]) -> Vec<u8> {
    let size = zstd::zstd_safe::get_frame_content_size(packed).ok().flatten().unwrap_or(0);
    let mut raw = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    match zstd::stream::copy_decode(packed, &mut raw) {
        Ok(()) => raw,
        Err(_) => Vec::new(),
    }
}
