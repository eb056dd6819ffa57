//! The limit of memory: a control group where this machine lets us make one, else the peak of the process
//! alone is held against it.

use std::fs;
use std::path::PathBuf;

pub struct Limit {
    group: Option<Group>,
}

struct Group {
    dir: PathBuf,
    /// Which of the two generations of control groups.
    second: bool,
}

impl Limit {
    /// Puts a process under a limit, in MiB.
    pub fn on(pid: u32, mib: u64) -> Limit {
        let bytes = (mib << 20).to_string();
        let name = format!("maildesk-attacks-{pid}");
        for (root, file, second) in [
            ("/sys/fs/cgroup", "memory.max", true),
            ("/sys/fs/cgroup/memory", "memory.limit_in_bytes", false),
        ] {
            let dir = PathBuf::from(root).join(&name);
            if fs::create_dir(&dir).is_err() {
                continue;
            }
            let group = Group { dir, second };
            // No swap: the unit has none to spare either, and a group without this file has none.
            let _ = fs::write(group.dir.join("memory.swap.max"), "0");
            let set = fs::write(group.dir.join(file), &bytes)
                .and_then(|()| fs::write(group.dir.join("cgroup.procs"), pid.to_string()));
            if group.dir.join(file).exists() && set.is_ok() {
                return Limit { group: Some(group) };
            }
        }
        Limit { group: None }
    }

    pub fn way(&self) -> &'static str {
        match &self.group {
            Some(g) if g.second => "a control group",
            Some(_) => "a control group of the first generation",
            None => "nobody here: the peak of the process is held against the limit",
        }
    }

    /// What the group had at most, with the pages of files that it holds.
    pub fn told(&self) -> String {
        let Some(group) = &self.group else { return String::new() };
        let file = if group.second { "memory.peak" } else { "memory.max_usage_in_bytes" };
        let peak = fs::read_to_string(group.dir.join(file)).ok().and_then(|t| t.trim().parse::<u64>().ok());
        peak.map(|bytes| format!(" ({} MiB with its files in the cache)", bytes >> 20)).unwrap_or_default()
    }

    /// Whether the kernel ended a process for it.
    pub fn was_met(&self) -> bool {
        let Some(group) = &self.group else { return false };
        let file = if group.second { "memory.events" } else { "memory.oom_control" };
        let text = fs::read_to_string(group.dir.join(file)).unwrap_or_default();
        text.lines().any(|l| l.strip_prefix("oom_kill ").is_some_and(|n| n.trim() != "0"))
    }
}

impl Drop for Limit {
    fn drop(&mut self) {
        if let Some(group) = &self.group {
            // It goes once its process is gone, at the latest with the next start of the machine.
            let _ = fs::remove_dir(&group.dir);
        }
    }
}

/// What VmHWM says from now on counts from here (proc(5), clear_refs).
pub fn forget_peak(pid: u32) {
    let _ = fs::write(format!("/proc/{pid}/clear_refs"), "5");
}
