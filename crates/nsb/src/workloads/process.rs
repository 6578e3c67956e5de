//! What the operating system knows about this process. All of it is `None` where the system does not tell.

use std::fs;

/// CPU time of all threads so far, ended ones included, s.
pub(super) fn cpu_s() -> Option<f64> {
    #[cfg(unix)]
    {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
        Some(time.tv_sec as f64 + 1e-9 * time.tv_nsec as f64)
    }
    #[cfg(not(unix))]
    None
}

/// Time since the process was started, s; in steps of 10 ms.
pub(super) fn age_s() -> Option<f64> {
    /// Linux counts in hundredths of a second here, whatever the kernel's own tick.
    const TICKS_PER_S: f64 = 100.0;
    let status = fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program, in parentheses, may hold anything; field 22 of the whole is the 20th after it.
    let started: f64 = status.rsplit_once(')')?.1.split_whitespace().nth(19)?.parse().ok()?;
    let uptime = fs::read_to_string("/proc/uptime").ok()?;
    let uptime: f64 = uptime.split_whitespace().next()?.parse().ok()?;
    Some((uptime - started / TICKS_PER_S).max(0.0))
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn work_of_an_ended_thread_counts_as_cpu_time() {
        let Some(before) = cpu_s() else { return };
        let work = || {
            let (mut sum, start) = (0u64, Instant::now());
            while start.elapsed().as_secs_f64() < 0.05 {
                sum = std::hint::black_box(sum.wrapping_add(1));
            }
        };
        std::thread::spawn(work).join().unwrap();
        // A busy machine may give the thread less than all of 50 ms.
        assert!(cpu_s().unwrap() - before > 0.001);
    }

    #[test]
    fn a_process_grows_older_with_the_clock() {
        let (Some(first), start) = (age_s(), Instant::now()) else {
            return;
        };
        std::thread::sleep(std::time::Duration::from_millis(100));
        let (aged, passed) = (age_s().unwrap() - first, start.elapsed().as_secs_f64());
        // Both ends are rounded to 10 ms.
        assert!((aged - passed).abs() < 0.05, "{aged} s of {passed} s");
    }
}
