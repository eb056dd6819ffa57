//! Every fixture, cut and damaged, still parses, folds, reports and is decided (HOUSE, tests; THREATS T34,
//! T39).
//!
//! Files up to 8 KB are cut at every byte, larger ones at 500 places; each is damaged at places drawn from a
//! fixed seed.

mod pure;

use std::path::{Path, PathBuf};

use pure::{House, Seeded};

/// Beyond this a file is cut at [`PLACES`] places alone.
const WHOLE: usize = 8 * 1024;
const PLACES: usize = 500;
/// Damaged copies of each file, and cuts of it that are also shown as HTML and taken as if staff had written
/// them.
const FLIPS: usize = 40;
const PAGES: usize = 20;

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { files(&path, out) } else { out.push(path) }
    }
}

fn mutate(house: &House, path: &Path, seed: u64) -> usize {
    let raw = std::fs::read(path).expect("a fixture");
    let mut draw = Seeded(seed);
    let cuts: Vec<usize> = if raw.len() <= WHOLE {
        (0..=raw.len()).collect()
    } else {
        (0..PLACES).map(|_| draw.below(raw.len())).collect()
    };
    for cut in &cuts {
        assert!(house.takes(&raw[..*cut]), "{} cut at {cut}", path.display());
    }
    for _ in 0..PAGES {
        let cut = cuts[draw.below(cuts.len())];
        assert!(house.explains(&raw[..cut]), "{} cut at {cut}", path.display());
    }
    for number in 0..FLIPS {
        let mut damaged = raw.clone();
        for _ in 0..=draw.below(8) {
            let at = draw.below(damaged.len());
            let byte = u8::try_from(draw.below(256)).expect("a byte");
            let hostile = [byte, 0, b'\n', b'\r', b'"', b'(', b'<', b'=', b'-', 0x1b, 0xff][draw.below(11)];
            if let Some(place) = damaged.get_mut(at) {
                *place = hostile;
            }
        }
        let fine = if number % 8 == 0 { house.explains(&damaged) } else { house.takes(&damaged) };
        assert!(fine, "{} damaged, number {number}", path.display());
    }
    cuts.len() + PAGES + FLIPS
}

#[test]
fn cut_and_damaged_mails_are_still_mails() {
    let mut all = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures"), &mut all);
    all.sort();
    assert!(all.len() > 50, "the fixtures are there");
    let workers = std::thread::available_parallelism().map_or(2, usize::from).clamp(1, 8);
    let tried: usize = std::thread::scope(|scope| {
        let share = |worker: usize| {
            let mine: Vec<(usize, &PathBuf)> = all.iter().enumerate().skip(worker).step_by(workers).collect();
            scope.spawn(move || {
                let house = House::new();
                mine.iter().map(|(number, path)| mutate(&house, path, *number as u64)).sum::<usize>()
            })
        };
        let running: Vec<_> = (0..workers).map(share).collect();
        running.into_iter().map(|w| w.join().expect("no panic in any of them")).sum()
    });
    println!("{tried} mails made of {} files", all.len());
}
