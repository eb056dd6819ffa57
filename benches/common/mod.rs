//! What the benchmarks share: sizes from the environment, figures of a process and of the disk, medians.
//! Built without optimisation (`cargo test` runs them so) they only prove that they run, with small sizes.

pub mod mails;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

/// A size from the environment, else `full` in a measuring build and `small` in a debug build.
pub fn size(name: &str, full: usize, small: usize) -> usize {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} must be a number, it is {text:?}")),
        Err(_) if cfg!(debug_assertions) => small,
        Err(_) => full,
    }
}

/// Where and when: figures without these say nothing.
pub fn heading(title: &str) {
    let cpus = std::thread::available_parallelism().map_or(0, usize::from);
    let build = if cfg!(debug_assertions) { "; a DEBUG build, its figures mean nothing" } else { "" };
    println!("{title}; {}, {cpus} CPUs{build}", jiff::Zoned::now().strftime("%Y-%m-%d %H:%M %Z"));
}

pub fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => sorted[n / 2],
        n => f64::midpoint(sorted[n / 2 - 1], sorted[n / 2]),
    }
}

pub fn ms(d: Duration) -> f64 {
    d.as_secs_f64() * 1000.0
}

/// Seconds of each of `times` small writes with an fsync, appended to a file in `dir`.
pub fn fsyncs(dir: &Path, times: usize) -> Vec<f64> {
    let path = dir.join("fsyncs");
    let mut file = fs::File::create(&path).expect("a file for fsyncs");
    let block = [7u8; 4096];
    let mut out = Vec::new();
    for _ in 0..times {
        let start = Instant::now();
        file.write_all(&block).and_then(|()| file.sync_all()).expect("fsync");
        out.push(start.elapsed().as_secs_f64());
    }
    fs::remove_file(&path).expect("the file for fsyncs");
    out
}

/// `VmRSS` or `VmHWM` of a process, in MiB.
pub fn memory(pid: u32, field: &str) -> f64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).expect("a living process");
    let line = status.lines().find(|l| l.starts_with(field)).expect("the field");
    line.split_whitespace().nth(1).and_then(|n| n.parse::<f64>().ok()).expect("a number") / 1024.0
}
