//! Writes the generated parts of the pages, from the sources and from a run of the tour.
//!
//! ```text
//! cargo run -p tests --bin regenerate_pages
//! ```

use std::{fs, process::ExitCode};

use tests::{
    examples::checkout,
    pages::{self, Tour},
};

fn main() -> ExitCode {
    let files = match pages::generate(&Tour::run(checkout())) {
        Ok(files) => files,
        Err(problem) => {
            eprintln!("error: {problem}");
            return ExitCode::FAILURE;
        }
    };
    for (name, text) in files {
        let path = checkout().join(&name);
        if fs::read_to_string(&path).is_ok_and(|old| old == text) {
            continue;
        }
        if let Err(cause) = fs::write(&path, text) {
            eprintln!("error: cannot write {}: {cause}", name.display());
            return ExitCode::FAILURE;
        }
        println!("{}", name.display());
    }
    ExitCode::SUCCESS
}
