//! The fault matrix: every example, every request it makes, every fault. For each case what must come of it is known
//! beforehand, from the kind of the request and the fault (`expected.rs`), and looked at (`case.rs`): how it ended, what
//! it said, that its files are whole, that nothing was made twice, that no secret was shown.
//!
//! It prints how many cases there were and how many ended as expected. `cargo test -p tests --test faults -- NAME` runs
//! the examples whose name contains `NAME`; `FAULT=Hang` in the environment leaves all other faults out.

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
    sync::atomic::{AtomicUsize, Ordering},
    time::Instant,
};

use libtest_mimic::{Arguments, Failed, Trial};
use tests::examples;

use crate::plan::{PLANS, Place, Plan};

/// Most of a case is waiting: for the sandbox, for a pause to pass.
const THREADS: usize = 6;

static CASES: AtomicUsize = AtomicUsize::new(0);
static PASSED: AtomicUsize = AtomicUsize::new(0);

fn main() -> ExitCode {
    let mut args = Arguments::from_args();
    args.test_threads.get_or_insert(THREADS);
    // What fails is told at the end, in order, and not by the thread that has it.
    panic::set_hook(Box::new(|_| {}));
    let trials = PLANS
        .iter()
        .map(|plan| Trial::test(plan.name(), || run(plan)));
    let trials = trials.chain([Trial::test("every_example_has_a_plan", all_are_there)]);

    let began = Instant::now();
    let conclusion = libtest_mimic::run(&args, trials.collect());
    let (cases, passed) = (
        CASES.load(Ordering::Relaxed),
        PASSED.load(Ordering::Relaxed),
    );
    if cases > 0 {
        println!(
            "fault matrix: {cases} cases, {passed} as expected, in {} s\n",
            began.elapsed().as_secs()
        );
    }
    conclusion.exit_code()
}

/// Runs all cases of an example, one after the other.
fn run(plan: &'static Plan) -> Result<(), Failed> {
    let place = Place::prepare(plan);
    let only = env::var("FAULT").ok();
    let mut failures = String::new();
    for case in place.cases() {
        if only
            .as_ref()
            .is_some_and(|it| *it != format!("{:?}", case.fault))
        {
            continue;
        }
        CASES.fetch_add(1, Ordering::Relaxed);
        let why = match panic::catch_unwind(AssertUnwindSafe(|| case.run(&place))) {
            Ok(Ok(())) => {
                PASSED.fetch_add(1, Ordering::Relaxed);
                continue;
            }
            Ok(Err(why)) => why,
            Err(panic) => message(panic.as_ref()).to_owned(),
        };
        failures += &format!("{case}: {why}\n");
    }
    if failures.is_empty() {
        Ok(())
    } else {
        Err(failures.into())
    }
}

fn all_are_there() -> Result<(), Failed> {
    for example in examples::all() {
        let whole = format!("{}/{}", example.package, example.name);
        let is_it = |plan: &Plan| plan.example == example.name || plan.example == whole;
        if !PLANS.iter().any(is_it) {
            return Err(format!("{whole} is not in the matrix").into());
        }
    }
    Ok(())
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("panicked")
}
