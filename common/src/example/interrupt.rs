//! Ctrl-C: a run that is interrupted between two changes, or during one, reports them, as a run that fails midway does.

use std::sync::{Arc, Mutex};

use super::{help::About, logger::print_line, not_done, print_next, print_steps};
use crate::{http::Steps, term::end_line};

/// Reports the steps of the run if a signal ends it. On Windows, and if no handler can be installed, the run ends
/// without a report.
#[cfg(unix)]
pub(super) fn report_when_interrupted(about: About, steps: Arc<Mutex<Steps>>) {
    use std::{sync::PoisonError, thread};

    use signal_hook::{
        consts::TERM_SIGNALS, iterator::Signals, low_level::emulate_default_handler,
    };

    if about.item("If it fails midway").is_none() {
        return;
    }
    let Ok(mut signals) = Signals::new(TERM_SIGNALS) else {
        return;
    };
    thread::spawn(move || {
        for signal in signals.forever() {
            let steps = steps.lock().unwrap_or_else(PoisonError::into_inner);
            report(about, &steps);
            drop(steps);
            // If the process cannot be ended this way, the run continues.
            let _ = emulate_default_handler(signal);
        }
    });
}

#[cfg(not(unix))]
pub(super) fn report_when_interrupted(_: About, _: Arc<Mutex<Steps>>) {}

/// Prints nothing if nothing was changed.
#[cfg_attr(not(unix), expect(dead_code, reason = "no signals"))]
fn report(about: About, steps: &Steps) {
    if let Some(error) = describe(steps) {
        // The signal may have arrived at a prompt.
        end_line();
        print_line("error", &error);
        print_steps(&steps.done, &not_done(about.steps, &steps.done));
        print_next(about);
    }
}

/// The error; `None` if nothing was changed.
fn describe(steps: &Steps) -> Option<String> {
    match &steps.running {
        Some(step) => Some(format!("{step}: interrupted; it may have taken effect")),
        None if steps.done.is_empty() => None,
        None => Some("interrupted; completed steps are not undone".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Step;

    #[test]
    fn an_interruption_is_an_error_if_something_was_changed() {
        let step = |name: &str| Step {
            name: name.to_owned(),
            object: None,
        };
        let nothing = Steps::default();
        assert_eq!(describe(&nothing), None);
        let during_a_call = Steps {
            running: Some(step("lock the partner")),
            ..Steps::default()
        };
        let error = "lock the partner: interrupted; it may have taken effect";
        assert_eq!(describe(&during_a_call).as_deref(), Some(error));
        let between_calls = Steps {
            done: vec![step("lock the partner")],
            running: None,
        };
        let error = "interrupted; completed steps are not undone";
        assert_eq!(describe(&between_calls).as_deref(), Some(error));
    }
}
