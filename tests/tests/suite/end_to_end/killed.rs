//! Examples that are killed at any moment leave complete files in the home folder, old or new, and the next run
//! succeeds.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, hint,
    process::Child,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};
use serde_json::Value;
use tests::{
    SandboxProcess, TestHome,
    tutorial::{self, STEPS, Step},
};

/// One walk through the tutorial for each.
const SEEDS: [u64; 2] = [20_261_126, 4];
/// How many times each example is killed in a complete walk, at random moments of its run …
const AT_ANY_MOMENT: usize = 3;
/// … and soon after a change in its home, if it makes one.
const AT_A_CHANGE: usize = 2;
/// One example for each kind of file: a secret, a token that is replaced, a table, a response between further calls,
/// several files.
const SAMPLE: [&str; 5] = [
    "create_api_client",
    "issue_access_token",
    "create_report_retrieve",
    "create_partner_tenant_and_assign_specific_edition",
    "get_tasks",
];
/// These are rejected if an earlier run, killed or not, has already changed the platform.
const ONCE: [&str; 3] = ["apply_plan", "start_plan_execution", "revoke_plan"];

#[test]
fn a_killed_example_of_each_kind_leaves_complete_files_and_the_next_run_succeeds() {
    let mut walk = Walk::begin(SEEDS[0]);
    for example in SAMPLE {
        walk.kill(tutorial::named(example), 1, 1);
    }
    assert_eq!(walk.killed, 2 * SAMPLE.len());
}

#[test]
#[ignore = "over 200 killed runs, which take a minute"]
fn every_killed_example_leaves_complete_files_and_the_next_run_succeeds() {
    let (killed, running) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for seed in SEEDS {
            let (killed, running) = (&killed, &running);
            scope.spawn(move || {
                let mut walk = Walk::begin(seed);
                for step in STEPS.iter() {
                    walk.kill(step, AT_ANY_MOMENT, AT_A_CHANGE);
                }
                killed.fetch_add(walk.killed, Ordering::Relaxed);
                running.fetch_add(walk.running, Ordering::Relaxed);
            });
        }
    });
    let (killed, running) = (killed.into_inner(), running.into_inner());
    eprintln!("{killed} killed, {running} of them while they were running");
    assert!(killed >= 200, "{killed}");
    // The others had ended before they were killed.
    assert!(running * 3 > killed, "{running} of {killed} were running");
}

struct Walk {
    seed: u64,
    random: ChaCha8Rng,
    sandbox: SandboxProcess,
    home: TestHome,
    /// The shapes of the files that complete runs have written.
    shapes: BTreeMap<String, String>,
    runs: usize,
    killed: usize,
    running: usize,
}

impl Walk {
    fn begin(seed: u64) -> Self {
        let sandbox = SandboxProcess::start();
        Self {
            seed,
            random: ChaCha8Rng::seed_from_u64(seed),
            home: sandbox.home(),
            sandbox,
            shapes: BTreeMap::new(),
            runs: 0,
            killed: 0,
            running: 0,
        }
    }

    /// Runs an example, then again and again, killed and not killed in turn.
    fn kill(&mut self, step: &Step, at_any_moment: usize, at_a_change: usize) {
        let before = self.home.contents();
        let mut duration = self.run(step, false);
        let changes = self.home.contents() != before;
        for count in 0..at_any_moment + if changes { at_a_change } else { 0 } {
            self.prepare(step, count);
            let before = self.home.contents();
            let share = self.random.random_range(0.0..1.0);
            let number = self.runs;
            // Printed if a later assertion fails.
            eprintln!(
                "seed {}, run {number}: {} is killed",
                self.seed, step.example
            );
            let run = step.run(&self.sandbox, &self.home, number);
            let outcome = if count < at_any_moment {
                run.killed(|_| thread::sleep(duration.mul_f64(share)))
            } else {
                let home = self.home.folder();
                run.killed(|child| {
                    wait_for_a_change(child, || file_marks(home));
                    spin(Duration::from_micros(1500).mul_f64(share));
                })
            };
            self.runs += 1;
            self.killed += 1;
            self.running += usize::from(outcome.code.is_none());
            self.check(step, &before);
            duration = self.run(step, ONCE.contains(&step.example));
        }
    }

    /// Removes files so that the example does all that it can do.
    fn prepare(&self, step: &Step, count: usize) {
        let removed: &[&str] = match step.example {
            "create_api_client" => &["api_client.json", "api_token.json"],
            // Every other time it must issue a token too.
            _ if !step.for_customer && count.is_multiple_of(2) => &["api_token.json"],
            _ => &[],
        };
        for name in removed {
            // An earlier run may not have written it.
            let _ = fs::remove_file(self.home.path(name));
        }
    }

    /// Runs an example to its end, learns the shapes of its files, and measures how long it took.
    fn run(&mut self, step: &Step, may_be_rejected: bool) -> Duration {
        let exists = self.home.path("api_client.json").exists();
        let started = Instant::now();
        let outcome = step.run(&self.sandbox, &self.home, self.runs).end();
        let duration = started.elapsed();
        self.runs += 1;
        if step.example == "create_api_client" && exists {
            outcome.failed(2);
        } else if may_be_rejected && outcome.code == Some(1) {
            outcome.failed(1);
        } else {
            outcome.success();
        }
        for (name, content) in self.home.contents() {
            self.shapes.insert(name, shape(&content));
        }
        duration
    }

    /// Every file is unchanged, or has the shape of a file of a complete run.
    fn check(&self, step: &Step, before: &BTreeMap<String, Vec<u8>>) {
        let known: BTreeSet<_> = self.shapes.values().collect();
        let now = self.home.contents();
        for name in before.keys() {
            let is_removed = step.example == "delete_created_objects";
            assert!(is_removed || now.contains_key(name), "{name} is gone");
        }
        for (name, content) in now {
            let shape = shape(&content);
            // A killed process may leave an incomplete temporary file. No example reads it, and a later run removes it.
            let is_temporary = name.starts_with(".cyber-platform-");
            if before.get(&name) != Some(&content) && !is_temporary {
                let known = match self.shapes.get(&name) {
                    Some(expected) => *expected == shape,
                    // A file whose name contains a date.
                    None => known.contains(&shape),
                };
                let text = String::from_utf8_lossy(&content);
                assert!(known, "{name} is not complete, but {shape}:\n{text}");
            }
            let is_secret = |(file, expected): (&String, &String)| {
                TestHome::is_secret(file) && (*file == name || *expected == shape)
            };
            if self.shapes.iter().any(is_secret) {
                assert_eq!(self.home.mode(&name), "600", "{name}");
            }
        }
    }
}

/// The shape that all complete responses to one call share: the fields of an object, the lines of a table. A truncated
/// response does not have it.
fn shape(content: &[u8]) -> String {
    let text = String::from_utf8_lossy(content);
    let end = if text.ends_with('\n') { "" } else { ", cut" };
    match serde_json::from_str(&text) {
        Ok(Value::Object(fields)) => {
            let names: BTreeSet<_> = fields.keys().map(String::as_str).collect();
            format!("an object with {names:?}{end}")
        }
        // A part of an array is not JSON.
        Ok(Value::Array(_)) => format!("an array{end}"),
        _ => format!("{} lines{end}", text.lines().count()),
    }
}

/// Waits until home has changed, or the process has ended.
fn wait_for_a_change<T: PartialEq>(child: &mut Child, look: impl Fn() -> T) {
    let before = look();
    while look() == before && matches!(child.try_wait(), Ok(None)) {
        thread::yield_now();
    }
}

/// Waits more precisely than `sleep`.
fn spin(time: Duration) {
    let started = Instant::now();
    while started.elapsed() < time {
        hint::spin_loop();
    }
}

/// Metadata that distinguishes a file from the one that it replaced.
fn file_marks(home: &std::path::Path) -> BTreeSet<(std::ffi::OsString, u64, u64)> {
    use std::os::unix::fs::MetadataExt;

    let entries = fs::read_dir(home).expect("home is readable").flatten();
    entries
        .filter(|entry| entry.file_name() != ".cyber-platform.lock")
        .filter_map(|entry| {
            // It may have been removed in the meantime.
            let metadata = entry.metadata().ok()?;
            Some((entry.file_name(), metadata.ino(), metadata.size()))
        })
        .collect()
}
