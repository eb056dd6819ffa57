//! What is remembered between two looks at a Maildir: nothing of a file, so that an idle folder costs the
//! same whatever was ever taken in. A part whose times stay as they are is not listed again.

use super::folder::Stamp;
use std::array;
use std::time::{Duration, Instant};

/// Some file systems count whole seconds or pairs of them: what changed within the same one shows in no time.
const GRAIN: Duration = Duration::from_secs(2);
/// A part is listed again after this, whatever its times say: not every file system keeps them.
const LOOK_ANYWAY: Duration = Duration::from_secs(3600);
/// The same where something was left: the rights of a file change without its folder.
const LEFT_AGAIN: Duration = Duration::from_secs(20);

/// Several things of a kind, of which the first is named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Few {
    count: usize,
    first: String,
}

impl Few {
    /// One more.
    pub fn add(&mut self, what: impl FnOnce() -> String) {
        if self.count == 0 {
            self.first = what();
        }
        self.count += 1;
    }

    fn with(mut self, other: &Self) -> Self {
        if self.count == 0 {
            self.first.clone_from(&other.first);
        }
        self.count += other.count;
        self
    }

    /// `one` and `many` follow the count.
    fn words(&self, one: &str, many: &str) -> Option<String> {
        let told = if self.count == 1 { one } else { many };
        (self.count > 0).then(|| format!("{} {told}: {}", self.count, self.first))
    }
}

/// What a look left where it was.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Left {
    /// Pipes, links, folders and the like.
    pub odd: Few,
    /// Files that cannot be read.
    pub unread: Few,
    /// Mails that were taken in and cannot be moved to `cur`.
    pub unmoved: Few,
}

impl Left {
    fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    fn with(self, other: &Self) -> Self {
        Self {
            odd: self.odd.with(&other.odd),
            unread: self.unread.with(&other.unread),
            unmoved: self.unmoved.with(&other.unmoved),
        }
    }

    /// All of it in words; empty where nothing was left.
    pub fn words(&self) -> String {
        let all = [
            self.unread
                .words("file cannot be read, and waits", "files cannot be read, and wait where they are"),
            self.odd
                .words("entry is no file, and is passed over", "entries are no files, and are passed over"),
            self.unmoved.words(
                "mail was taken in and cannot be moved to cur",
                "mails were taken in and cannot be moved to cur",
            ),
        ];
        all.into_iter().flatten().collect::<Vec<_>>().join("; ")
    }
}

/// The last look at a part.
#[derive(Debug)]
struct Part {
    stamp: Stamp,
    /// Since when it is seen with this stamp.
    since: Instant,
    listed_at: Instant,
    left: Left,
}

/// The last looks at both parts.
#[derive(Debug, Default)]
pub struct Memory {
    parts: [Option<Part>; 2],
}

impl Memory {
    /// Which parts are to be listed.
    pub fn due(&self, stamps: &[Stamp; 2], at: Instant) -> [bool; 2] {
        let changed = |n: usize| self.parts[n].as_ref().is_none_or(|p| p.stamp != stamps[n]);
        let any_changed = changed(0) || changed(1);
        array::from_fn(|n| {
            let Some(part) = &self.parts[n] else { return true };
            let has_left = !part.left.is_nothing();
            let again = if has_left { LEFT_AGAIN } else { LOOK_ANYWAY };
            changed(n)
                || part.listed_at.duration_since(part.since) < GRAIN
                || at.duration_since(part.listed_at) >= again
                || (any_changed && has_left)
        })
    }

    /// A part was listed, and everything taken in that could be. `stamp` and `at` are from before that.
    pub fn looked(&mut self, n: usize, stamp: Stamp, at: Instant, left: Left) {
        let since = self.parts[n].as_ref().filter(|p| p.stamp == stamp).map_or(at, |p| p.since);
        self.parts[n] = Some(Part { stamp, since, listed_at: at, left });
    }

    /// What is left in both parts.
    pub fn left(&self) -> Left {
        self.parts.iter().flatten().fold(Left::default(), |all, part| all.with(&part.left))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_listed_again_only_where_something_may_have_changed() {
        let stamp = |n| (1, n, [0; 4]);
        let begin = Instant::now();
        let at = |secs| begin + Duration::from_secs(secs);
        let mut memory = Memory::default();
        let stamps = [stamp(1), stamp(2)];
        assert_eq!(memory.due(&stamps, at(0)), [true, true]);
        let both = |memory: &mut Memory, secs| {
            (0..2).for_each(|n| memory.looked(n, stamps[n], at(secs), Left::default()));
        };
        both(&mut memory, 0);
        assert_eq!(memory.due(&stamps, at(30)), [true, true], "it may have changed in the same second");
        both(&mut memory, 1);
        assert_eq!(memory.due(&stamps, at(30)), [true, true]);
        both(&mut memory, 2);
        assert_eq!(memory.due(&stamps, at(30)), [false, false]);
        assert_eq!(memory.due(&[stamp(3), stamp(2)], at(30)), [true, false]);
        assert_eq!(memory.due(&stamps, at(3602)), [true, true], "not every file system keeps times");
        let mut left = Left::default();
        left.unmoved.add(|| "x".into());
        memory.looked(0, stamps[0], at(31), left);
        assert_eq!(memory.due(&stamps, at(32)), [false, false]);
        assert_eq!(memory.due(&stamps, at(51)), [true, false]);
        assert_eq!(memory.due(&[stamp(1), stamp(4)], at(32)), [true, true], "cur may be writable again");
        assert!(memory.left().words().starts_with("1 mail was taken in"));
    }
}
