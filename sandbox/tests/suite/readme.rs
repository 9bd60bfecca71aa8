//! The example of a Rust test in the README.

use std::error::Error;

use sandbox::{Options, Sandbox};

use crate::support::http;

#[test]
fn my_program_retries_when_the_platform_is_busy() -> Result<(), Box<dyn Error>> {
    let sandbox = Sandbox::start(Options::default())?;
    let busy = sandbox.fault(r#"{"times":1,"then":{"status":503,"retry_after":1}}"#.parse()?);

    my_program(
        sandbox.url(),
        sandbox.admin_login(),
        sandbox.admin_password(),
    )?;

    assert_eq!(sandbox.fault_hits(busy), Some(1));
    Ok(())
}

fn my_program(url: &str, login: &str, password: &str) -> Result<(), Box<dyn Error>> {
    let me = || {
        let request = http().get(format!("{url}api/2/users/me"));
        request.basic_auth(login, Some(password)).send()
    };
    if me()?.status() == 503 {
        me()?.error_for_status()?;
    }
    Ok(())
}
