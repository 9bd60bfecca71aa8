//! The fault matrix: every example, every request it makes, every fault. For each case what must come of it is known
//! beforehand, from the kind of the request and the fault (`expected.rs`), and looked at (`case.rs`): how it ended, what
//! it said, that its files are whole, that nothing was made twice, that no secret was shown.
//!
//! It prints how many cases there were and how many ended as expected. `cargo test -p tests --test faults -- NAME` runs
//! the cases whose line contains `NAME` and shows each.

#![expect(
    clippy::indexing_slicing,
    reason = "a field that is missing ends the case, as it would end a test"
)]

mod case;
mod expected;
mod fault;
mod plan;
mod proxy;
mod request;

use std::{
    any::Any,
    env,
    panic::{self, AssertUnwindSafe},
    process::ExitCode,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Instant,
};

use tests::examples::{self, Example};

use crate::plan::{PLANS, Place, Plan};

/// Most of a case is waiting: for the sandbox, for a pause to pass.
const THREADS: usize = 6;

fn main() -> ExitCode {
    let report = Report {
        // What `cargo test` hands to all test binaries is for the usual harness.
        filter: env::args().skip(1).find(|arg| !arg.starts_with('-')),
        count: AtomicUsize::new(0),
        failures: Mutex::default(),
    };
    // A failure is told at the end, in order, and not by the thread that has it.
    panic::set_hook(Box::new(|_| {}));
    for example in examples::all().iter().filter(|it| !has_plan(it)) {
        report.failed(format!("{}: there is no plan for it", example.name));
    }
    let (began, next) = (Instant::now(), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some(plan) = PLANS.get(next.fetch_add(1, Ordering::Relaxed)) {
                    run(plan, &report);
                }
            });
        }
    });
    report.print(began.elapsed().as_secs())
}

fn has_plan(example: &Example) -> bool {
    let whole = format!("{}/{}", example.package, example.name);
    PLANS
        .iter()
        .any(|plan| plan.example == example.name || plan.example == whole)
}

/// Runs all cases of an example, one after the other.
fn run(plan: &'static Plan, report: &Report) {
    let place = match panic::catch_unwind(|| Place::prepare(plan)) {
        Ok(place) => place,
        Err(panic) => {
            let why = message(panic.as_ref());
            return report.failed(format!("{}: cannot be prepared: {why}", plan.example));
        }
    };
    let filter = report.filter.as_deref();
    for case in place.cases() {
        if filter.is_some_and(|it| !case.to_string().contains(it)) {
            continue;
        }
        report.count.fetch_add(1, Ordering::Relaxed);
        match panic::catch_unwind(AssertUnwindSafe(|| case.run(&place))) {
            Ok(Ok(())) if filter.is_some() => println!("ok {case}"),
            Ok(Ok(())) => {}
            Ok(Err(why)) => report.failed(format!("{case}: {why}")),
            Err(panic) => report.failed(format!("{case}: {}", message(panic.as_ref()))),
        }
    }
}

struct Report {
    /// Only cases whose line contains this, and each is told.
    filter: Option<String>,
    count: AtomicUsize,
    failures: Mutex<Vec<String>>,
}

impl Report {
    fn failed(&self, what: String) {
        let failures = self.failures.lock();
        failures.unwrap_or_else(PoisonError::into_inner).push(what);
    }

    fn print(self, seconds: u64) -> ExitCode {
        let mut failures = self.failures.into_inner().unwrap_or_default();
        failures.sort();
        for failure in &failures {
            println!("FAILED {failure}\n");
        }
        let count = self.count.into_inner();
        println!(
            "fault matrix: {count} cases of {} examples, {} as expected, in {seconds} s",
            examples::all().len(),
            count.saturating_sub(failures.len()),
        );
        if failures.is_empty() && count > 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("panicked")
}
