//! The fault matrix: every example, every request it sends, every fault. The expected outcome of a case depends on the
//! kind of the request and on the fault (`expected.rs`). Each case checks the exit code and the message, that all files
//! are complete, that nothing was created twice, and that no secret was printed (`case.rs`).
//!
//! `cargo test` runs one case of each kind. The complete matrix takes minutes:
//! `cargo test -p tests faults -- --ignored --nocapture`. The variable `EXAMPLE=create_user` selects the examples whose
//! names contain this text, and `FAULT=Hang` selects one fault.

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
    collections::BTreeSet,
    env,
    panic::{self, AssertUnwindSafe},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use tests::examples;

use self::{
    case::Case,
    fault::{ALL, Fault},
    plan::{PLANS, Place, Plan},
    request::{KINDS, Kind},
};

/// A case spends most of its time waiting for the sandbox or for a pause to end.
const THREADS: usize = 6;

#[test]
#[ignore = "about 2,450 cases, which take minutes"]
fn every_fault_on_every_request_ends_as_expected() {
    let chosen = |variable: &str, text: &str| {
        let wanted = env::var(variable).ok();
        wanted.is_none_or(|wanted| text.contains(&wanted))
    };
    let plans: Vec<_> = PLANS
        .iter()
        .filter(|plan| chosen("EXAMPLE", &plan.name()))
        .collect();
    let cases = run(&plans, |place| {
        let cases = place.cases().into_iter();
        cases
            .filter(|case| chosen("FAULT", &format!("{:?}", case.fault)))
            .collect()
    });
    println!("fault matrix: {cases} cases, all as expected");
}

/// Examples that together send every kind of request.
const SAMPLE: [&str; 5] = [
    "create_user_for_customer_activate_assign_backup_user_role",
    "ipmpersonate_user_call_me",
    "create_report_retrieve",
    "create_dynamic_group",
    "create_a_backup_plan",
];

/// The faults that the sample injects into requests of every kind: one of each class. Reads get all faults.
const CLASSES: [Fault; 4] = [
    Fault::Status503,
    Fault::ResetBefore,
    Fault::ResetAfter,
    Fault::Empty,
];

#[test]
fn one_case_of_each_kind_ends_as_expected() {
    let plans: Vec<_> = PLANS
        .iter()
        .filter(|plan| SAMPLE.contains(&plan.example))
        .collect();
    let seen = Mutex::new(BTreeSet::new());
    let count = run(&plans, |place| {
        let mut cases = place.cases();
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        cases.retain(|case| {
            let kind = case.request.kind(case.example);
            let is_sampled = kind == Kind::Read || CLASSES.contains(&case.fault);
            is_sampled && seen.insert((kind, case.fault))
        });
        cases
    });
    assert_eq!(count, ALL.len() + (KINDS - 1) * CLASSES.len());
}

#[test]
fn every_example_is_in_the_matrix() {
    for example in examples::all() {
        let is_it = |plan: &Plan| examples::named(plan.example) == example;
        assert!(
            PLANS.iter().any(is_it),
            "{}/{} has no entry in PLANS, in faults/plan.rs",
            example.package,
            example.name
        );
    }
}

/// Runs the chosen cases of these plans and returns how many there were.
///
/// # Panics
/// If a case does not end as expected. The message lists all of these.
fn run(plans: &[&'static Plan], choose: impl Fn(&Place) -> Vec<Case> + Sync) -> usize {
    let (next, count) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let failures = Mutex::new(String::new());
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some(plan) = plans.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let place = Place::prepare(plan);
                    for case in choose(&place) {
                        count.fetch_add(1, Ordering::Relaxed);
                        if let Err(why) = run_case(&case, &place) {
                            let mut failures =
                                failures.lock().unwrap_or_else(PoisonError::into_inner);
                            *failures += &format!("{case}: {why}\n");
                        }
                    }
                }
            });
        }
    });
    let failures = failures
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    assert!(failures.is_empty(), "{failures}");
    count.into_inner()
}

fn run_case(case: &Case, place: &Place) -> Result<(), String> {
    panic::catch_unwind(AssertUnwindSafe(|| case.run(place)))
        .unwrap_or_else(|panic| Err(message(panic.as_ref()).to_owned()))
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("panicked")
}
