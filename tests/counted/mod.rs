//! Work is counted, not timed: as instructions of the processor. A busy or a slow machine counts the same
//! ones.
//!
//! The test starts itself once more under callgrind, which is part of valgrind. There each piece of work is a
//! call of [`counted_work`]; callgrind counts within it alone and writes one file a call. All instructions
//! count, those of other crates and of the standard library, too.

use std::path::Path;
use std::process::Command;

/// Set in the process that callgrind watches.
const INSIDE: &str = "MAILDESK_COUNTED";

/// The sizes of one input, in bytes. Callgrind is a hundred times as slow as the processor; so they are
/// small.
pub const SMALL: usize = 6_000;
pub const LARGE: usize = 2 * SMALL;

/// What a hostile input may cost, as a multiple of an ordinary one of its size.
const FACTOR_MAX: u64 = 20;

/// The instructions that each input takes. `None` inside callgrind, where the work is done and nothing is
/// judged.
pub fn instructions(inputs: &[&str], work: impl Fn(&str)) -> Option<Vec<u64>> {
    if std::env::var_os(INSIDE).is_some() {
        inputs.iter().for_each(|input| counted_work(&work, input));
        return None;
    }
    let test = std::thread::current().name().expect("a test has a name").to_owned();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("out");
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--toggle-collect=*counted_work", "--dump-after=*counted_work"])
        .arg(format!("--callgrind-out-file={}", file.display()))
        .arg(std::env::current_exe().expect("this test"))
        .args(["--exact", &test, "--test-threads=1"])
        .env(INSIDE, "1")
        .output()
        .expect("valgrind runs: apt install valgrind");
    let said = [output.stdout, output.stderr].map(|o| String::from_utf8_lossy(&o).into_owned());
    assert!(output.status.success() && said[0].contains("1 passed"), "{test}: {}", said.join("\n"));
    Some((1..=inputs.len()).map(|number| total(&file.with_extension(number.to_string()))).collect())
}

/// Judges the counts of an ordinary input of size [`LARGE`], and then of each hostile one, small and large.
///
/// Of twice the size, what is linear makes twice the work or, with what each input costs, less; a square
/// makes four times. Where twice the size is not even half as much work again, a limit ends it, and a mail of
/// a megabyte will cost about the same.
pub fn assert_linear(counts: &[u64], names: &[String]) {
    let (ordinary, hostile) = counts.split_first().expect("counts");
    assert_eq!(hostile.len(), names.len() * 2, "two for each name");
    let mut wrong = Vec::new();
    for (name, pair) in names.iter().zip(hostile.chunks(2)) {
        let (small, large) = (pair[0], pair[1]);
        let is_square = large * 4 > small * 9;
        let is_dear = large > ordinary * FACTOR_MAX && large * 2 > small * 3;
        if is_square || is_dear {
            wrong.push(format!("{name}: {small}, twice of it {large}"));
        }
    }
    assert!(wrong.is_empty(), "instructions, beside {ordinary} of an ordinary input:\n{}", wrong.join("\n"));
}

/// What callgrind counts within.
#[inline(never)]
fn counted_work(work: &dyn Fn(&str), input: &str) {
    work(input);
}

fn total(file: &Path) -> u64 {
    let text = std::fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let line = text.lines().find_map(|l| l.strip_prefix("totals: ").or(l.strip_prefix("summary: ")));
    line.and_then(|l| l.trim().parse().ok()).unwrap_or_else(|| panic!("no total in {}", file.display()))
}
