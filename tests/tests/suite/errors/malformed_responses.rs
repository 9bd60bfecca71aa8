//! Answers that are not what they say: too large, too long, cut, without an end, a success with an error in it.

use std::{
    io::{self, Write},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use flate2::{Compression, write::GzEncoder};
use serde_json::json;
use tests::{
    Outcome, Response, ScriptedServer, TestHome, raw_server::RawServer, redactions, test_home::ME,
};

/// The bound that `common` sets.
const LARGEST: usize = 64 * 1024 * 1024;
const MIB: u64 = 1024 * 1024;

/// What `get_tenant_usage` makes of such an answer, head and body. A file of an earlier run stays as it was.
fn told(answer: impl Fn(&mut dyn Write) -> io::Result<()> + Send + Sync + 'static) -> Outcome {
    let server = RawServer::new(move |stream| answer(stream));
    let file = format!("tenant_usage_{ME}.json");
    let home = TestHome::new(&server.url())
        .signed_in()
        .put_text(&file, "of an earlier run");

    let run = home.example("get_tenant_usage");
    // Twice the bound and what a process has anyway: memory stays bounded.
    #[cfg(target_os = "linux")]
    let run = run.shell("ulimit -v 600000; exec \"$0\"");
    let outcome = run.refused(1);

    // What may pass is tried again, and told.
    let tries = 1 + outcome.stderr.matches("warning: ").count();
    assert_eq!(server.calls().len(), tries, "{outcome}");
    outcome
}

#[test]
fn an_answer_of_a_gigabyte_is_refused_at_the_bound() {
    let _redacted = redactions::scripted();
    let sent = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&sent);
    let outcome = told(move |stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")?;
        let part = vec![b' '; 1024 * 1024];
        for _ in 0..1024 {
            stream.write_all(&part)?;
            count.fetch_add(MIB, Ordering::Relaxed);
        }
        Err(io::ErrorKind::ConnectionAborted.into())
    });

    insta::assert_snapshot!(outcome, @"
    ! error: read the usage: GET /api/2/tenants/my-tenant/usages: unexpected response: larger than 64 MiB
    ! help: If a field is missing or has another type, the API may have changed. Otherwise check that base_url is the address of the platform itself, not of a proxy or a sign-in page.
    exit 1
    ");
    // The rest is what the system keeps under way.
    let sent = sent.load(Ordering::Relaxed);
    assert!(sent < LARGEST as u64 + 32 * MIB, "{sent}");
}

#[test]
fn an_answer_that_announces_too_much_is_not_read() {
    let _redacted = redactions::scripted();
    let outcome = told(|stream| {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", LARGEST + 1);
        stream.write_all(head.as_bytes())
    });

    insta::assert_snapshot!(outcome, @"
    ! error: read the usage: GET /api/2/tenants/my-tenant/usages: unexpected response: larger than 64 MiB
    ! help: If a field is missing or has another type, the API may have changed. Otherwise check that base_url is the address of the platform itself, not of a proxy or a sign-in page.
    exit 1
    ");
}

#[test]
fn a_small_answer_that_unpacks_to_too_much_is_refused() {
    let _redacted = redactions::scripted();
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    let part = vec![b' '; 1024 * 1024];
    for _ in 0..200 {
        packed.write_all(&part).expect("memory can be written");
    }
    let packed = packed.finish().expect("memory can be written");
    assert!(packed.len() < 2 * 1024 * 1024);
    let outcome = told(move |stream| {
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
            packed.len()
        );
        stream.write_all(head.as_bytes())?;
        stream.write_all(&packed)
    });

    insta::assert_snapshot!(outcome, @"
    ! error: read the usage: GET /api/2/tenants/my-tenant/usages: unexpected response: larger than 64 MiB
    ! help: If a field is missing or has another type, the API may have changed. Otherwise check that base_url is the address of the platform itself, not of a proxy or a sign-in page.
    exit 1
    ");
}

#[test]
fn chunks_without_an_end_are_refused_at_the_bound() {
    let _redacted = redactions::scripted();
    let outcome = told(|stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")?;
        let chunk = [b"8000\r\n".as_slice(), &[b' '; 0x8000], b"\r\n"].concat();
        loop {
            stream.write_all(&chunk)?;
        }
    });

    insta::assert_snapshot!(outcome, @"
    ! error: read the usage: GET /api/2/tenants/my-tenant/usages: unexpected response: larger than 64 MiB
    ! help: If a field is missing or has another type, the API may have changed. Otherwise check that base_url is the address of the platform itself, not of a proxy or a sign-in page.
    exit 1
    ");
}

#[test]
fn a_drip_without_an_end_is_left_when_time_is_up() {
    let server = RawServer::new(|stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")?;
        loop {
            // Each byte comes in time, and the last one never.
            stream.write_all(b"1\r\n \r\n")?;
            thread::park_timeout(Duration::from_millis(20));
        }
    });
    let home = TestHome::new(&server.url()).signed_in();
    let begun = Instant::now();

    let run = home.example("get_tenant_usage");
    let outcome = run
        .env("CYBER_PLATFORM_READ_TIMEOUT_SECONDS", "1")
        .env("CYBER_PLATFORM_RETRY_TOTAL_SECONDS", "2")
        .refused(1);

    assert!(outcome.stderr.contains("did not come whole"), "{outcome}");
    let took = begun.elapsed();
    assert!(took >= Duration::from_secs(1), "{took:?}");
}

#[test]
fn no_kind_of_call_follows_a_redirect() {
    for example in [
        "create_partner_tenant_and_assign_specific_edition",
        "issue_access_token",
        "issue_customer_scoped_token_for_bc",
    ] {
        for status in [301, 302, 303, 307, 308] {
            let elsewhere = ScriptedServer::unused();
            let leads = Response::empty(status).header("Location", &elsewhere.url());
            let server = ScriptedServer::new([leads]);
            let home = TestHome::new(&server.url())
                .signed_in()
                .put("customer.json", json!({ "id": "c-1" }));

            let outcome = home.example(example).refused(1);

            let told = "Redirects are not followed";
            assert!(outcome.stderr.contains(told), "{outcome}");
            assert_eq!(server.calls().len(), 1);
            assert_eq!(elsewhere.conversation(), "");
        }
    }
}

#[test]
fn a_length_that_is_wrong() {
    let _redacted = redactions::scripted();
    let mut told_all = String::new();
    for (what, answer) in [
        (
            "too long",
            "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"items\": []}",
        ),
        (
            "too short",
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{\"items\": []}",
        ),
        (
            "no number",
            "HTTP/1.1 200 OK\r\nContent-Length: much\r\n\r\n{\"items\": []}",
        ),
        (
            "two of them",
            "HTTP/1.1 200 OK\r\nContent-Length: 13\r\nContent-Length: 5\r\n\r\n{\"items\": []}",
        ),
        (
            "a chunk that is cut",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{\"items\": []}",
        ),
        ("a head that is cut", "HTTP/1.1 200 OK\r\nContent-Le"),
        ("no HTTP", "SSH-2.0-OpenSSH_9.9\r\n"),
    ] {
        let outcome = told(move |stream| {
            stream.write_all(answer.as_bytes())?;
            Err(io::ErrorKind::ConnectionAborted.into())
        });
        told_all += &format!("{what}\n{outcome}\n");
    }
    insta::assert_snapshot!(told_all, @"
    too long
    ! warning: GET /api/2/tenants/my-tenant/usages: the response from http://127.0.0.1:PORT/ was cut short: end of file before message length reached; retrying in 0.0 s (attempt 2 of 5)
    ! warning: GET /api/2/tenants/my-tenant/usages: the response from http://127.0.0.1:PORT/ was cut short: end of file before message length reached; retrying in 0.0 s (attempt 3 of 5)
    ! warning: GET /api/2/tenants/my-tenant/usages: the response from http://127.0.0.1:PORT/ was cut short: end of file before message length reached; retrying in 0.0 s (attempt 4 of 5)
    ! warning: GET /api/2/tenants/my-tenant/usages: the response from http://127.0.0.1:PORT/ was cut short: end of file before message length reached; retrying in 0.0 s (attempt 5 of 5)
    ! error: read the usage: after 5 attempts: GET /api/2/tenants/my-tenant/usages: the response from http://127.0.0.1:PORT/ was cut short: end of file before message length reached
    ! help: Try again later. If it happens every time, check base_url and your network.
    exit 1

    too short
    ! error: read the usage: GET /api/2/tenants/my-tenant/usages: unexpected response: invalid JSON (EOF while parsing a value at line 1 column 9)
    ! help: If a field is missing or has another type, the API may have changed. Otherwise check that base_url is the address of the platform itself, not of a proxy or a sign-in page.
    exit 1

    no number
    ! warning: GET /api/2/tenants/my-tenant/usages: no response from http://127.0.0.1:PORT/: invalid content-length parsed; retrying in 0.0 s (attempt 2 of 5)
    ! warning: GET /api/2/tenants/my-tenant/usages: no response from http://127.0.0.1:PORT/: invalid content-length parsed; retrying in 0.0 s (attempt 3 of 5)
    ! warning: GET /api/2/tenants/my-tenant/usages: no response from http://127.0.0.1:PORT/: invalid content-length parsed; retrying in 0.0 s (attempt 4 of 5)
    ! warning: GET /api/2/tenants/my-tenant/usages: no response from http://127.0.0.1:PORT/: invalid content-length parsed; retrying in 0.0 s (attempt 5 of 5)
    ! error: read the usage: after 5 attempts: GET /api/2/tenants/my-tenant/usages: no response from http://127.0.0.1:PORT/: invalid content-length parsed
    ! help: Try again later. If it happens every time, check base_url and your network.
    exit 1

    two of them
    ! warning: GET /api/2/tenants/my-tenant/usages: no response from http://127.0.0.1:PORT/: invalid content-length parsed; retrying in 0.0 s (attempt 2 of 5)
    ! warning: GET /api/2/tenants/my-tenant/usages: no response from http://127.0.0.1:PORT/: invalid content-length parsed; retrying in 0.0 s (attempt 3 of 5)
    ! warning: GET /api/2/tenants/my-tenant/usages: no response from http://127.0.0.1:PORT/: invalid content-length parsed; retrying in 0.0 s (attempt 4 of 5)
    ! warning: GET /api/2/tenants/my-tenant/usages: no response from http://127.0.0.1:PORT/: invalid content-length parsed; retrying in 0.0 s (attempt 5 of 5)
    ! error: read the usage: after 5 attempts: GET /api/2/tenants/my-tenant/usages: no response from http://127.0.0.1:PORT/: invalid content-length parsed
    ! help: Try again later. If it happens every time, check base_url and your network.
    exit 1

    a chunk that is cut
    ! warning: GET /api/2/tenants/my-tenant/usages: the response from http://127.0.0.1:PORT/ was cut short: end of file before message length reached; retrying in 0.0 s (attempt 2 of 5)
    ! warning: GET /api/2/tenants/my-tenant/usages: the response from http://127.0.0.1:PORT/ was cut short: end of file before message length reached; retrying in 0.0 s (attempt 3 of 5)
    ! warning: GET /api/2/tenants/my-tenant/usages: the response from http://127.0.0.1:PORT/ was cut short: end of file before message length reached; retrying in 0.0 s (attempt 4 of 5)
    ! warning: GET /api/2/tenants/my-tenant/usages: the response from http://127.0.0.1:PORT/ was cut short: end of file before message length reached; retrying in 0.0 s (attempt 5 of 5)
    ! error: read the usage: after 5 attempts: GET /api/2/tenants/my-tenant/usages: the response from http://127.0.0.1:PORT/ was cut short: end of file before message length reached
    ! help: Try again later. If it happens every time, check base_url and your network.
    exit 1

    a head that is cut
    ! warning: GET /api/2/tenants/my-tenant/usages: no response from http://127.0.0.1:PORT/: connection closed before message completed; retrying in 0.0 s (attempt 2 of 5)
    ! warning: GET /api/2/tenants/my-tenant/usages: no response from http://127.0.0.1:PORT/: connection closed before message completed; retrying in 0.0 s (attempt 3 of 5)
    ! warning: GET /api/2/tenants/my-tenant/usages: no response from http://127.0.0.1:PORT/: connection closed before message completed; retrying in 0.0 s (attempt 4 of 5)
    ! warning: GET /api/2/tenants/my-tenant/usages: no response from http://127.0.0.1:PORT/: connection closed before message completed; retrying in 0.0 s (attempt 5 of 5)
    ! error: read the usage: after 5 attempts: GET /api/2/tenants/my-tenant/usages: no response from http://127.0.0.1:PORT/: connection closed before message completed
    ! help: Try again later. If it happens every time, check base_url and your network.
    exit 1

    no HTTP
    ! warning: GET /api/2/tenants/my-tenant/usages: no response from http://127.0.0.1:PORT/: invalid HTTP version parsed; retrying in 0.0 s (attempt 2 of 5)
    ! warning: GET /api/2/tenants/my-tenant/usages: no response from http://127.0.0.1:PORT/: invalid HTTP version parsed; retrying in 0.0 s (attempt 3 of 5)
    ! warning: GET /api/2/tenants/my-tenant/usages: no response from http://127.0.0.1:PORT/: invalid HTTP version parsed; retrying in 0.0 s (attempt 4 of 5)
    ! warning: GET /api/2/tenants/my-tenant/usages: no response from http://127.0.0.1:PORT/: invalid HTTP version parsed; retrying in 0.0 s (attempt 5 of 5)
    ! error: read the usage: after 5 attempts: GET /api/2/tenants/my-tenant/usages: no response from http://127.0.0.1:PORT/: invalid HTTP version parsed
    ! help: Try again later. If it happens every time, check base_url and your network.
    exit 1
    ");
}

#[test]
fn an_answer_of_ten_megabytes_is_taken_whole() {
    let text = "ä".repeat(5 * 1024 * 1024);
    let server = ScriptedServer::new([Response::json(200, json!({ "items": [], "text": text }))]);
    let home = TestHome::new(&server.url()).signed_in();

    home.run("get_tenant_usage").success();

    let kept = home.file(&format!("tenant_usage_{ME}.json"));
    assert_eq!(kept.get("text"), Some(&text.into()));
    assert_eq!(server.calls().len(), 1);
}

#[test]
fn a_success_with_an_error_in_it_is_an_error() {
    let mut told = String::new();
    for (name, status, body) in [
        (
            "get_tenant_usage",
            200,
            json!({ "error": { "code": 1004, "message": "Access denied.", "domain": "D" } }),
        ),
        (
            "get_tenant_usage",
            200,
            json!({ "items": [], "error": "invalid_token", "error_description": "It has ended." }),
        ),
        (
            "create_partner_tenant_and_assign_specific_edition",
            201,
            json!({ "id": "p-1", "error": { "message": "Only half of it is made." } }),
        ),
        (
            "issue_access_token",
            200,
            json!({ "error": "invalid_client", "access_token": "new-t0ken", "expires_on": 4_102_444_800_u32 }),
        ),
    ] {
        let server =
            ScriptedServer::new([Response::json(status, body).header("X-Request-Id", "5f0c")]);
        let home = TestHome::new(&server.url())
            .signed_in()
            .secret("new-t0ken")
            .put("partner.json", json!({ "id": "earlier" }));
        told += &format!("{}\n", home.example(name).refused(1));
        assert_eq!(server.calls().len(), 1);
    }
    insta::assert_snapshot!(told, @"
    ! error: read the usage: GET /api/2/tenants/my-tenant/usages: 200 OK, code 1004, Access denied. [request 5f0c]
    ! help: The response reports success and an error at once. Check what was changed before you retry.
    exit 1

    ! error: read the usage: GET /api/2/tenants/my-tenant/usages: 200 OK, code invalid_token, It has ended. [request 5f0c]
    ! help: The response reports success and an error at once. Check what was changed before you retry.
    exit 1

    ! error: create the partner: POST /api/2/tenants: 201 Created, Only half of it is made. [request 5f0c]
    ! help: The response reports success and an error at once. Check what was changed before you retry.
    exit 1

    ! error: issue an access token: POST /api/2/idp/token: 200 OK, code invalid_client [request 5f0c]
    ! help: The response reports success and an error at once. Check what was changed before you retry.
    exit 1
    ");
}

#[test]
fn an_error_instead_of_a_file_is_an_error() {
    let server = ScriptedServer::new([
        Response::json(201, json!({ "id": "r-1" })),
        Response::json(
            200,
            json!({ "items": [{ "id": "s-1", "status": "saved" }] }),
        ),
        Response::json(200, json!({ "error": { "code": 410, "message": "Gone." } })),
    ]);
    let home = TestHome::new(&server.url())
        .signed_in()
        .put_text(&format!("report_for_tenant_{ME}.csv"), "of an earlier run");

    insta::assert_snapshot!(home.example("create_report_retrieve").refused(1), @"
    ! error: download the report: GET /api/2/reports/r-1/stored/s-1: 200 OK, code 410, Gone.
    ! help: The response reports success and an error at once. Check what was changed before you retry.
    ! done: order the report
    ! next: the platform still generates the report; this is harmless. Run the example again to order a new report.
    exit 1
    ");
    assert_eq!(server.calls().len(), 3);
}

#[test]
fn what_only_looks_like_an_error_is_none() {
    for error in [
        json!(null),
        json!(""),
        json!([]),
        json!({}),
        json!(false),
        json!({ "count": 0 }),
    ] {
        let server =
            ScriptedServer::new([Response::json(200, json!({ "items": [], "error": error }))]);
        let home = TestHome::new(&server.url()).signed_in();
        home.run("get_tenant_usage").success();
        assert_eq!(server.calls().len(), 1);
    }
}
