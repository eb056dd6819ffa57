//! Time and randomness reach the desk as values: it reads no clock and draws nothing of its own.

use sha2::{Digest, Sha256};

/// Time and randomness, as values.
#[derive(Debug, Clone)]
pub struct Moment {
    /// Seconds since 1970, UTC.
    pub now: i64,
    seed: [u8; 32],
    drawn: u64,
}

impl Moment {
    /// `seed` is drawn anew for each decision; tests give a fixed one.
    pub fn new(now: i64, seed: [u8; 32]) -> Self {
        Self { now, seed, drawn: 0 }
    }

    /// The next 32 bytes that nobody can guess who does not know the seed.
    pub fn draw(&mut self) -> [u8; 32] {
        self.drawn += 1;
        Sha256::new().chain_update(self.seed).chain_update(self.drawn.to_be_bytes()).finalize().into()
    }
}
