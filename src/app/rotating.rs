//! The rules under each generation of keys.

use crate::desk::Rules;
use std::sync::OnceLock;

/// The rules under every generation of keys that this process has seen; the last of them is in force. None of
/// them is ever taken out, so a reference to one stays good as long as the desk lives.
pub(super) struct Rotating {
    rules: Rules,
    next: OnceLock<Box<Rotating>>,
}

impl Rotating {
    pub(super) fn new(rules: Rules) -> Self {
        Self { rules, next: OnceLock::new() }
    }

    /// The rules under this generation, or under a later one that was seen already.
    pub(super) fn under(&self, generation: u32) -> &Rules {
        let mut at = self;
        loop {
            at = match at.next.get() {
                Some(next) => next,
                None if at.rules.keys.newest() >= generation => return &at.rules,
                None => at.next.get_or_init(|| {
                    let keys = at.rules.keys.up_to(generation);
                    Box::new(Self::new(Rules { keys, ..at.rules.clone() }))
                }),
            };
        }
    }
}
