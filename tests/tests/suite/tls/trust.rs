//! Which certificates are accepted.

use std::io::Write;

use common::Platform;
use tests::{Outcome, ScriptedServer, TestHome, raw_server::RawServer, redactions};

use super::certificates::{Authority, NO_ITEMS, home};

/// Runs an example that trusts the authority of its home in addition to the system's.
fn run(home: &TestHome) -> Outcome {
    home.example("get_tenant_usage")
        .env("CYBER_PLATFORM_CA_FILE", home.path("ca.pem"))
        .end()
}

/// The report of a run whose call was never sent.
fn not_sent(home: &TestHome, server: &RawServer) -> String {
    let before = home.contents();
    let outcome = run(home).failed(1);
    assert_eq!(server.calls(), Vec::<String>::new());
    assert_eq!(home.contents(), before);
    outcome.to_string()
}

#[test]
fn a_certificate_of_an_authority_in_the_ca_file_is_accepted() {
    let authority = Authority::new();
    for host in ["127.0.0.1", "localhost"] {
        let server = authority.server(host, NO_ITEMS);
        let home = home(host, server.address().port(), &authority);

        run(&home).success();

        let calls = server.calls();
        assert_eq!(calls.len(), 1);
        let call = calls.concat().to_lowercase();
        assert!(call.contains("authorization: bearer kept-t0ken"), "{call}");
    }
}

#[test]
fn a_ca_file_in_the_settings_can_contain_two_certificates() {
    let (one, other) = (Authority::new(), Authority::new());
    let server = one.server("127.0.0.1", NO_ITEMS);
    let home = home("127.0.0.1", server.address().port(), &one);
    let mut settings = home.file("cyber.platform.cfg.json");
    settings
        .as_object_mut()
        .expect("an object")
        .insert("ca_file".to_owned(), "two.pem".into());
    let home = home
        .put("cyber.platform.cfg.json", settings)
        .put_text("two.pem", &format!("# two\n{}\n{}", other.pem(), one.pem()));

    home.run("get_tenant_usage").success();

    assert_eq!(server.calls().len(), 1);
}

/// A response that issues a token and also names the tenant of the API client.
const SIGNED_IN: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 77\r\n\r\n\
                         {\"access_token\": \"t0ken\", \"expires_on\": 4102444800, \"tenant_id\": \"my-tenant\"}";

#[test]
fn a_program_can_trust_a_ca_file_without_a_home_folder() {
    let authority = Authority::new();
    let server = authority.server("127.0.0.1", SIGNED_IN);
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(authority.pem().as_bytes())
        .expect("it is written");
    let url = format!("https://{}/", server.address());
    let builder = || Platform::builder(&url, "my-client", "client-s3cret");

    let platform = builder().ca_file(file.path()).sign_in();
    assert_eq!(platform.expect("it can sign in").tenant_id(), "my-tenant");
    assert_eq!(server.calls().len(), 2);

    let error = builder().sign_in().expect_err("nothing is trusted");
    assert!(format!("{error:#}").contains("is not trusted"), "{error:#}");
    assert_eq!(server.calls().len(), 2);
}

#[test]
fn a_certificate_of_an_unknown_authority_is_rejected() {
    let _redacted = redactions::scripted();
    let trusted = Authority::new();
    // Even if it has the name of a trusted one.
    for name in ["Another authority", "A test's authority"] {
        let server = Authority::named(name).server("127.0.0.1", NO_ITEMS);
        let home = home("127.0.0.1", server.address().port(), &trusted);

        insta::allow_duplicates! {
            insta::assert_snapshot!(not_sent(&home, &server), @"
            ! error: read the usage: GET /api/2/tenants/my-tenant/usages: the certificate of 127.0.0.1:PORT is not trusted: no certificate authority trusted by this machine issued it
            ! help: Nothing was sent. If your company's proxy inspects traffic, set CYBER_PLATFORM_CA_FILE to a PEM file with its CA certificate. Otherwise check base_url.
            exit 1
            ");
        }
    }
}

#[test]
fn a_certificate_of_another_host_is_rejected() {
    let _redacted = redactions::scripted();
    let authority = Authority::new();
    let server = authority.server("platform.test", NO_ITEMS);
    let home = home("127.0.0.1", server.address().port(), &authority);

    insta::assert_snapshot!(not_sent(&home, &server), @"
    ! error: read the usage: GET /api/2/tenants/my-tenant/usages: the certificate of 127.0.0.1:PORT was issued for another host
    ! help: Nothing was sent. Check the host name in base_url.
    exit 1
    ");
}

#[test]
fn an_expired_certificate_is_rejected() {
    let _redacted = redactions::scripted();
    let authority = Authority::new();
    let server = authority.server_until("127.0.0.1", 2021, NO_ITEMS);
    let home = home("127.0.0.1", server.address().port(), &authority);

    insta::assert_snapshot!(not_sent(&home, &server), @"
    ! error: read the usage: GET /api/2/tenants/my-tenant/usages: the certificate of 127.0.0.1:PORT has expired
    ! help: Nothing was sent. Check this machine's clock. If it is right, the server's operator, or your company's proxy, must renew the certificate.
    exit 1
    ");
}

#[test]
fn a_server_without_tls_is_reported() {
    let _redacted = redactions::scripted();
    let server = RawServer::with(
        |mut stream| {
            stream.write_all(NO_ITEMS.as_bytes())?;
            Ok(Box::new(stream))
        },
        |_| Ok(()),
    );
    let home = home("127.0.0.1", server.address().port(), &Authority::new());

    insta::assert_snapshot!(run(&home).failed(1), @"
    ! error: read the usage: GET /api/2/tenants/my-tenant/usages: no secure connection to 127.0.0.1:PORT: received corrupt message of type InvalidContentType
    ! help: Nothing was sent. Check base_url in cyber.platform.cfg.json: the server at that address may not support TLS.
    exit 1
    ");
}

#[test]
fn a_redirect_to_plain_http_is_not_followed() {
    let authority = Authority::new();
    let plain = ScriptedServer::unused();
    for status in [301, 302, 307, 308] {
        let response = format!(
            "HTTP/1.1 {status} Elsewhere\r\nLocation: {}api/2/x\r\nContent-Length: 0\r\n\r\n",
            plain.url()
        );
        let server = authority.server("127.0.0.1", response.leak());
        let home = home("127.0.0.1", server.address().port(), &authority);

        let outcome = run(&home).failed(1);

        assert!(
            outcome.stderr.contains("Redirects are not followed"),
            "{outcome}"
        );
        assert_eq!(server.calls().len(), 1);
    }
    assert_eq!(plain.conversation(), "");
}
