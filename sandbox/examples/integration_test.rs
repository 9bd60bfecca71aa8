//! A program, and its integration test on a sandbox in the same process. Copy it, and put your own code in the place of
//! the program.
//!
//! ```text
//! cargo test -p sandbox --example integration_test
//! ```
//!
//! The program lists the customers of a tenant. The environment has the address of the platform, and the API client:
//! `BASE_URL`, `CLIENT_ID`, `CLIENT_SECRET` and `TENANT_ID`.

use std::{env, error::Error, thread, time::Duration};

use reqwest::{StatusCode, blocking::Client, header::RETRY_AFTER};
use serde_json::Value;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let mut directory = Directory::new(
        env::var("BASE_URL")?,
        env::var("CLIENT_ID")?,
        env::var("CLIENT_SECRET")?,
    )?;
    for name in directory.customers(&env::var("TENANT_ID")?)? {
        println!("{name}");
    }
    Ok(())
}

/// The tenants that an API client can see.
struct Directory {
    http: Client,
    /// With a slash at the end.
    url: String,
    client: (String, String),
    token: Option<String>,
}

impl Directory {
    fn new(url: String, client_id: String, client_secret: String) -> Result<Self> {
        // This workspace builds reqwest without a TLS provider. An error means that there is one already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Ok(Self {
            http: Client::builder().user_agent("Directory/1.0").build()?,
            url,
            client: (client_id, client_secret),
            token: None,
        })
    }

    /// The names of the customers directly below a tenant.
    fn customers(&mut self, tenant: &str) -> Result<Vec<String>> {
        let path = format!("api/2/tenants/{tenant}/children?include_details=true");
        let children = self.get(&path)?;
        let items = children.get("items").and_then(Value::as_array);
        let customers = items.into_iter().flatten().filter_map(|child| {
            let is_customer = child.get("kind")? == "customer";
            let name = child.get("name")?.as_str()?;
            is_customer.then(|| name.to_owned())
        });
        Ok(customers.collect())
    }

    /// Signs in again if the token has expired, and waits once if the platform is busy.
    fn get(&mut self, path: &str) -> Result<Value> {
        let mut may_wait = true;
        loop {
            let is_new = self.token.is_none();
            let token = match self.token.take() {
                Some(token) => token,
                None => self.sign_in()?,
            };
            let request = self.http.get(format!("{}{path}", self.url));
            let response = request.bearer_auth(&token).send()?;
            match response.status() {
                StatusCode::UNAUTHORIZED if !is_new => {}
                StatusCode::SERVICE_UNAVAILABLE if may_wait => {
                    let seconds = response.headers().get(RETRY_AFTER);
                    let seconds = seconds.map_or(Ok("1"), |value| value.to_str())?;
                    thread::sleep(Duration::from_secs(seconds.parse()?));
                    may_wait = false;
                    self.token = Some(token);
                }
                _ => {
                    self.token = Some(token);
                    return Ok(response.error_for_status()?.json()?);
                }
            }
        }
    }

    fn sign_in(&self) -> Result<String> {
        let (id, secret) = &self.client;
        let request = self.http.post(format!("{}api/2/idp/token", self.url));
        let response: Value = request
            .basic_auth(id, Some(secret))
            .form(&[("grant_type", "client_credentials")])
            .send()?
            .error_for_status()?
            .json()?;
        let token = response.get("access_token").and_then(Value::as_str);
        Ok(token.ok_or("the response has no token")?.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use sandbox::{Filter, Options, Sandbox};

    use super::*;

    /// A sandbox of its own for each test: a free port, the demo world, no files. Dropping it stops it.
    struct Fixture {
        sandbox: Sandbox,
        directory: Directory,
        tenant: String,
    }

    impl Fixture {
        fn start() -> Result<Self> {
            let sandbox = Sandbox::start(Options::default())?;
            let client = sandbox.api_client()?;
            let url = sandbox.url().to_owned();
            Ok(Self {
                sandbox,
                directory: Directory::new(url, client.client_id, client.client_secret)?,
                tenant: client.tenant_id,
            })
        }

        fn customers(&mut self) -> Result<Vec<String>> {
            self.directory.customers(&self.tenant)
        }

        /// Method and status of each call that the program has made so far.
        fn calls(&self) -> Vec<String> {
            let calls = self.sandbox.requests(&Filter::default());
            let calls = calls.iter();
            calls
                .map(|call| format!("{} {}", call.method, call.status))
                .collect()
        }
    }

    #[test]
    fn lists_the_customers_but_not_the_partners() -> Result<()> {
        let mut fixture = Fixture::start()?;
        let customers = fixture.customers()?;
        assert_eq!(customers, ["Fern Consulting", "Grove School"]);
        Ok(())
    }

    #[test]
    fn uses_one_token_until_it_expires() -> Result<()> {
        let mut fixture = Fixture::start()?;
        fixture.customers()?;
        fixture.customers()?;
        assert_eq!(fixture.calls(), ["POST 200", "GET 200", "GET 200"]);

        // A token is valid for two hours. The test advances the sandbox's clock instead of waiting.
        fixture.sandbox.advance(Duration::from_secs(3 * 60 * 60))?;
        fixture.customers()?;
        let calls = fixture.calls().split_off(3);
        assert_eq!(calls, ["GET 401", "POST 200", "GET 200"]);
        Ok(())
    }

    #[test]
    fn waits_when_the_platform_is_busy() -> Result<()> {
        let mut fixture = Fixture::start()?;
        let busy = r#"{
            "match": { "method": "GET", "path": "/api/2/tenants/**" },
            "times": 1,
            "then": { "status": 503, "retry_after": 0 }
        }"#;
        let busy = fixture.sandbox.fault(busy.parse()?);

        assert_eq!(fixture.customers()?.len(), 2);

        assert_eq!(fixture.sandbox.fault_hits(busy), Some(1));
        assert_eq!(fixture.calls(), ["POST 200", "GET 503", "GET 200"]);
        Ok(())
    }

    #[test]
    fn gives_up_when_the_platform_stays_busy() -> Result<()> {
        let mut fixture = Fixture::start()?;
        let busy = r#"{
            "match": { "method": "GET" },
            "then": { "status": 503, "retry_after": 0 }
        }"#;
        fixture.sandbox.fault(busy.parse()?);

        let error = fixture.customers().expect_err("the platform is busy");
        assert!(error.to_string().contains("503"), "{error}");
        Ok(())
    }

    #[test]
    fn identifies_itself() -> Result<()> {
        let mut fixture = Fixture::start()?;
        fixture.customers()?;
        let tenants = Filter {
            path: Some("/api/2/tenants/*".to_owned()),
            ..Filter::default()
        };
        for call in fixture.sandbox.requests(&tenants) {
            assert_eq!(call.user_agent.as_deref(), Some("Directory/1.0"));
            assert_eq!(call.caller.as_ref(), Some(&fixture.directory.client.0));
        }
        Ok(())
    }
}
