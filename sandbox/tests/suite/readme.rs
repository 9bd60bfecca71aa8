//! The example of a Rust test in the README.

use std::error::Error;

use sandbox::{Options, Sandbox};

use crate::support::http;

#[test]
fn my_program_retries_when_the_platform_is_busy() -> Result<(), Box<dyn Error>> {
    let sandbox = Sandbox::start(Options::default())?;
    let busy = sandbox.fault(r#"{"times":1,"then":{"status":503,"retry_after":1}}"#.parse()?);

    let client = sandbox.api_client()?;

    my_program(sandbox.url(), &client.client_id, &client.client_secret)?;

    assert_eq!(sandbox.fault_hits(busy), Some(1));
    Ok(())
}

fn my_program(url: &str, client_id: &str, client_secret: &str) -> Result<(), Box<dyn Error>> {
    let issue_token = || {
        let request = http().post(format!("{url}api/2/idp/token"));
        request
            .basic_auth(client_id, Some(client_secret))
            .form(&[("grant_type", "client_credentials")])
            .send()
    };
    if issue_token()?.status() == 503 {
        issue_token()?.error_for_status()?;
    }
    Ok(())
}
