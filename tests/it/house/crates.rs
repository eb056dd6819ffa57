//! T101, T102: what the lockfile may hold: crates of the registry alone, each with its checksum, and none of
//! a version with a fault that was known when this was written. What is known since is found by cargo-deny,
//! which tests/run calls where it is installed.

/// A crate, the first version that is sound as far as we know, and the fault of those before.
const FIRST_SOUND: [(&str, [u32; 3], &str); 5] = [
    ("ammonia", [4, 2, 3], "CVE-2026-63430: what is left of a page can run scripts"),
    ("idna", [1, 0, 3], "RUSTSEC-2024-0421: two names that look the same"),
    ("lettre", [0, 11, 23], "the newest; a panic in it ends one connection (T112)"),
    ("mail-parser", [0, 11, 6], "a mail that makes it panic"),
    ("time", [0, 3, 47], "RUSTSEC-2026-0009: a date that exhausts the stack"),
];

const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// What is wrong with a lockfile, a line each.
pub fn faults(lock: &str) -> Vec<String> {
    let mut out = Vec::new();
    for package in lock.split("[[package]]").skip(1) {
        let value = |key: &str| {
            let mut lines = package.lines().filter_map(|l| l.split_once(" = "));
            lines.find(|(k, _)| *k == key).map(|(_, v)| v.trim_matches('"').to_owned())
        };
        let name = value("name").unwrap_or_default();
        if name == env!("CARGO_PKG_NAME") {
            continue;
        }
        if value("source").as_deref() != Some(REGISTRY) {
            out.push(format!("{name} does not come from the registry"));
        }
        if value("checksum").is_none_or(|sum| sum.len() != 64) {
            out.push(format!("{name} has no checksum"));
        }
        let version = numbers(&value("version").unwrap_or_default());
        let old = FIRST_SOUND.iter().find(|(known, sound, _)| *known == name && version < *sound);
        if let Some((_, _, why)) = old {
            out.push(format!("{name} is too old: {why}"));
        }
    }
    out
}

fn numbers(version: &str) -> [u32; 3] {
    let plain = version.split(['-', '+']).next().unwrap_or_default();
    let mut parts = plain.split('.').map(|n| n.parse().unwrap_or(0));
    [(); 3].map(|()| parts.next().unwrap_or(0))
}
