//! How much memory the system can give now.
//!
//! Linux tells in text files, so no crate is needed for it; elsewhere nothing is known, and the engine refuses only what
//! no allocation could give. Swap does not count: a network that lives there takes days.

use std::path::{Path, PathBuf};

/// Bytes that can be taken without swapping and without the system ending the process: what is free in the machine, or
/// in the control groups of the process if that is less. `None` where the system does not tell.
pub(crate) fn available_bytes() -> Option<u64> {
    available_in(Path::new("/"))
}

fn available_in(root: &Path) -> Option<u64> {
    let groups = groups(root).into_iter().filter_map(|group| group.available());
    of_machine(root).into_iter().chain(groups).min()
}

/// What the kernel thinks new programs can have.
fn of_machine(root: &Path) -> Option<u64> {
    let text = std::fs::read_to_string(root.join("proc/meminfo")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

/// A control group, and its files in version 1 or 2.
struct Group {
    folder: PathBuf,
    files: &'static Files,
}

/// The names of a version.
struct Files {
    limit: &'static str,
    used: &'static str,
    /// The line of `memory.stat` with file pages that can be given up.
    inactive: &'static str,
}

const VERSION_1: Files = Files {
    limit: "memory.limit_in_bytes",
    used: "memory.usage_in_bytes",
    inactive: "total_inactive_file ",
};

const VERSION_2: Files = Files {
    limit: "memory.max",
    used: "memory.current",
    inactive: "inactive_file ",
};

/// The groups of this process with all that contain them. In a container the path can be that outside, of which only
/// the last folder is there, under the root.
fn groups(root: &Path) -> Vec<Group> {
    let Ok(text) = std::fs::read_to_string(root.join("proc/self/cgroup")) else {
        return Vec::new();
    };
    let mut groups = Vec::new();
    for line in text.lines() {
        // number:controllers:path; version 2 has no controllers.
        let mut parts = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(path)) = (parts.next(), parts.next()) else {
            continue;
        };
        let (mounts, files): (&[&str], _) = if controllers.is_empty() {
            (&["sys/fs/cgroup", "sys/fs/cgroup/unified"], &VERSION_2)
        } else if controllers.split(',').any(|controller| controller == "memory") {
            (&["sys/fs/cgroup/memory"], &VERSION_1)
        } else {
            continue;
        };
        for mount in mounts {
            for folder in Path::new(path.trim_start_matches('/')).ancestors() {
                let folder = root.join(mount).join(folder);
                groups.push(Group { folder, files });
            }
        }
    }
    groups
}

impl Group {
    /// What is left of its limit, if it has one.
    fn available(&self) -> Option<u64> {
        let read = |name: &str| std::fs::read_to_string(self.folder.join(name)).ok();
        let number = |name: &str| -> Option<u64> { read(name)?.trim().parse().ok() };
        // Without a limit version 2 says `max`.
        let limit = number(self.files.limit)?;
        let used = number(self.files.used)?;
        let statistics = read("memory.stat").unwrap_or_default();
        let inactive = statistics
            .lines()
            .find_map(|line| line.strip_prefix(self.files.inactive));
        let inactive = inactive.and_then(|bytes| bytes.trim().parse().ok()).unwrap_or(0);
        Some(limit.saturating_sub(used.saturating_sub(inactive)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A system with these files.
    fn available(files: &[(&str, &str)]) -> Option<u64> {
        let root = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = root.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        available_in(root.path())
    }

    const MACHINE: (&str, &str) = ("proc/meminfo", "MemTotal:  9000 kB\nMemAvailable:    5000 kB\n");

    #[test]
    fn the_machine_tells_what_is_free() {
        assert_eq!(available(&[]), None);
        assert_eq!(available(&[MACHINE]), Some(5_120_000));
        assert_eq!(available(&[("proc/meminfo", "MemAvailable: many kB\n")]), None);
        assert_eq!(
            available_bytes().is_some(),
            Path::new("/proc/meminfo").exists(),
            "the system of this test"
        );
    }

    /// Of all groups that contain the process, the one with least left counts; file pages can be given up.
    #[test]
    fn control_groups_of_version_2_limit_it() {
        let files = [
            MACHINE,
            ("proc/self/cgroup", "0::/user/session\n"),
            ("sys/fs/cgroup/user/session/memory.max", "max\n"),
            ("sys/fs/cgroup/user/session/memory.current", "700000\n"),
            ("sys/fs/cgroup/user/memory.max", "3000000\n"),
            ("sys/fs/cgroup/user/memory.current", "2000000\n"),
            ("sys/fs/cgroup/user/memory.stat", "anon 1\ninactive_file 500000\n"),
        ];
        assert_eq!(available(&files), Some(1_500_000));
        assert_eq!(available(&files[..4]), Some(5_120_000), "no limit");
    }

    #[test]
    fn control_groups_of_version_1_limit_it_and_containers_see_only_their_root() {
        let files = [
            MACHINE,
            ("proc/self/cgroup", "9:cpu:/x\n4:memory:/outside/of/here\n"),
            ("sys/fs/cgroup/memory/memory.limit_in_bytes", "1000000\n"),
            ("sys/fs/cgroup/memory/memory.usage_in_bytes", "1200000\n"),
            ("sys/fs/cgroup/memory/memory.stat", "total_inactive_file 100\n"),
        ];
        assert_eq!(available(&files), Some(0));
        assert_eq!(available(&files[..2]), Some(5_120_000));
    }
}
