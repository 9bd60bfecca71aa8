//! Responses that are too large, endless or cut short, and successes that contain an error.

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
use tests::{Outcome, Response, ScriptedServer, TestHome, raw_server::RawServer, test_home::ME};

/// The limit that `common` sets for JSON.
const LARGEST: usize = 32 * 1024 * 1024;
const MIB: u64 = 1024 * 1024;
const TOO_LARGE: &str =
    "read the usage: GET /api/2/tenants/my-tenant/usages: unexpected response: larger than 32 MiB";

/// The outcome of `get_tenant_usage` for a response, head and body. The file of an earlier run stays as it was.
fn respond_with(
    response: impl Fn(&mut dyn Write) -> io::Result<()> + Send + Sync + 'static,
) -> Outcome {
    let server = RawServer::new(move |stream| response(stream));
    let file = format!("tenant_usage_{ME}.json");
    let home = TestHome::new(&server.url())
        .signed_in()
        .put_text(&file, "of an earlier run");

    let run = home.example("get_tenant_usage");
    // Memory stays limited: four times the largest response, and what a process needs anyway.
    #[cfg(target_os = "linux")]
    let run = run
        .env("MALLOC_ARENA_MAX", "1")
        .shell("ulimit -v 192000; exec \"$0\"");
    let outcome = run.refused(1);

    // Each retry is logged.
    let attempts = 1 + outcome.stderr.matches("warning: ").count();
    assert_eq!(server.calls().len(), attempts, "{outcome}");
    outcome
}

#[test]
fn a_response_of_a_gigabyte_is_rejected_at_the_limit() {
    let sent = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&sent);
    let outcome = respond_with(move |stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")?;
        let part = vec![b' '; 1024 * 1024];
        for _ in 0..1024 {
            stream.write_all(&part)?;
            count.fetch_add(MIB, Ordering::Relaxed);
        }
        Err(io::ErrorKind::ConnectionAborted.into())
    });

    assert_eq!(outcome.error(), TOO_LARGE);
    // The rest is in the system's buffers.
    let sent = sent.load(Ordering::Relaxed);
    assert!(sent < LARGEST as u64 + 32 * MIB, "{sent}");
}

#[test]
fn a_response_that_announces_too_much_is_not_read() {
    let outcome = respond_with(|stream| {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", LARGEST + 1);
        stream.write_all(head.as_bytes())
    });

    assert_eq!(outcome.error(), TOO_LARGE);
}

#[test]
fn a_small_response_that_decompresses_to_too_much_is_rejected() {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    let part = vec![b' '; 1024 * 1024];
    for _ in 0..200 {
        packed.write_all(&part).expect("memory can be written");
    }
    let packed = packed.finish().expect("memory can be written");
    assert!(packed.len() < 2 * 1024 * 1024);
    let outcome = respond_with(move |stream| {
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
            packed.len()
        );
        stream.write_all(head.as_bytes())?;
        stream.write_all(&packed)
    });

    assert_eq!(outcome.error(), TOO_LARGE);
}

/// A response whose body is `text` with as many `part`s as fit below the limit, compressed.
fn compressed(
    status: u16,
    start: &str,
    part: &str,
    end: &str,
) -> impl Fn(&mut dyn Write) -> io::Result<()> + use<> {
    let parts = (LARGEST - start.len() - end.len()) / part.len();
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    for text in [start, &part.repeat(parts), end] {
        packed
            .write_all(text.as_bytes())
            .expect("memory can be written");
    }
    let packed = packed.finish().expect("memory can be written");
    assert!(packed.len() < 2 * 1024 * 1024);
    move |stream| {
        let head = format!(
            "HTTP/1.1 {status} Status\r\nContent-Encoding: gzip\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            packed.len()
        );
        stream.write_all(head.as_bytes())?;
        stream.write_all(&packed)
    }
}

const TOO_MANY: &str = "too many values for the size of the response";

/// Compressed responses that would need gigabytes, and their errors: status, start, part, end, error. The first two
/// represent the others in a short run.
const BOMBS: [(u16, &str, &str, &str, &str); 10] = [
    (200, r#"{"items":["#, "0,", "0]}", TOO_MANY),
    (
        400,
        r#"{"error":{"code":["#,
        "0,",
        "0]}}",
        "400 Bad Request",
    ),
    (200, r#"{"items":["#, "{},", "{}]}", TOO_MANY),
    (200, r#"{"items":["#, "[],", "[]]}", TOO_MANY),
    (200, r#"{"items":["#, "\"\",", "\"\"]}", TOO_MANY),
    (200, "{", "\"a\":0,", "\"a\":0}", TOO_MANY),
    (200, r#"{"error":["#, "0,", "0]}", TOO_MANY),
    (200, r#"{"error":{"code":["#, "0,", "0]}}", "200 OK"),
    (
        200,
        r#"{"items":""#,
        "\u{80}",
        "\"}",
        "a string is longer than 1 MiB",
    ),
    (400, "[", "0,", "0]", "400 Bad Request"),
];

fn assert_little_memory((status, start, part, end, expected): (u16, &str, &str, &str, &str)) {
    let outcome = respond_with(compressed(status, start, part, end));
    assert!(
        outcome.error().contains(expected),
        "{start}{part}: {outcome}"
    );
}

#[test]
fn a_small_response_does_not_need_much_memory() {
    BOMBS.into_iter().take(2).for_each(assert_little_memory);
}

#[test]
#[ignore = "nine more responses, which take half a minute"]
fn no_small_response_needs_much_memory() {
    BOMBS.into_iter().skip(2).for_each(assert_little_memory);

    let usage = format!(
        r#"{{"name":"n","measurement_unit":"m","value":1,"x":"{}"}}"#,
        "x".repeat(1000)
    );
    let list = format!("{usage},");
    let twice = format!(r#"{usage}],"items":5}}"#);
    assert_little_memory((
        200,
        r#"{"items":["#,
        &list,
        &twice,
        "duplicate field `items`",
    ));
}

#[test]
fn endless_chunks_are_rejected_at_the_limit() {
    let outcome = respond_with(|stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")?;
        let chunk = [b"8000\r\n".as_slice(), &[b' '; 0x8000], b"\r\n"].concat();
        loop {
            stream.write_all(&chunk)?;
        }
    });

    assert_eq!(outcome.error(), TOO_LARGE);
}

#[test]
fn a_response_that_trickles_forever_times_out() {
    let server = RawServer::new(|stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")?;
        loop {
            // Each byte arrives in time, the last one never.
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

    assert!(
        outcome.error().ends_with("was cut short: timed out"),
        "{outcome}"
    );
    let took = begun.elapsed();
    assert!(took >= Duration::from_secs(1), "{took:?}");
}

#[test]
fn a_flood_of_interim_responses_times_out() {
    let server = RawServer::new(|stream| {
        let interim = b"HTTP/1.1 102 Processing\r\n\r\n".repeat(1000);
        loop {
            stream.write_all(&interim)?;
        }
    });
    let home = TestHome::new(&server.url()).signed_in();
    let run = home.example("get_tenant_usage");
    let begun = Instant::now();

    run.env("CYBER_PLATFORM_READ_TIMEOUT_SECONDS", "1")
        .env("CYBER_PLATFORM_RETRY_TOTAL_SECONDS", "2")
        .refused(1);

    let took = begun.elapsed();
    assert!(took < Duration::from_secs(4), "{took:?}");
}

#[test]
fn no_kind_of_call_follows_a_redirect() {
    for example in [
        "create_report_retrieve",
        "issue_access_token",
        "issue_customer_scoped_token_for_bc",
    ] {
        for status in [301, 302, 303, 307, 308] {
            let elsewhere = ScriptedServer::unused();
            let redirect = Response::empty(status).header("Location", &elsewhere.url());
            let server = ScriptedServer::new([redirect]);
            let home = TestHome::new(&server.url())
                .signed_in()
                .put("customer.json", json!({ "id": "c-1" }));

            let outcome = home.example(example).refused(1);

            let expected = "Redirects are not followed";
            assert!(outcome.help().starts_with(expected), "{outcome}");
            assert_eq!(server.calls().len(), 1);
            assert_eq!(elsewhere.conversation(), "");
        }
    }
}

#[test]
fn a_get_is_retried_after_invalid_http() {
    for (response, expected) in [
        // Longer than announced, then shorter.
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{\"items\": []}",
            "unexpected response: invalid JSON (EOF while parsing a value at line 1 column 9)",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"items\": []}",
            "was cut short: end of file before message length reached",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{\"items\": []}",
            "was cut short: end of file before message length reached",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: much\r\n\r\n{\"items\": []}",
            "invalid content-length parsed",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 13\r\nContent-Length: 5\r\n\r\n{\"items\": []}",
            "invalid content-length parsed",
        ),
        (
            "HTTP/1.1 200 OK\r\nContent-Le",
            "connection closed before message completed",
        ),
        ("SSH-2.0-OpenSSH_9.9\r\n", "invalid HTTP version parsed"),
    ] {
        let outcome = respond_with(move |stream| {
            stream.write_all(response.as_bytes())?;
            Err(io::ErrorKind::ConnectionAborted.into())
        });

        assert!(outcome.error().ends_with(expected), "{response}: {outcome}");
        // Complete JSON that is invalid would be the same the second time.
        let is_final = expected.starts_with("unexpected response");
        let retries = outcome.stderr.matches("warning: ").count();
        assert_eq!(retries, if is_final { 0 } else { 4 }, "{outcome}");
    }
}

#[test]
fn a_response_of_ten_megabytes_is_saved_completely() {
    let texts = vec!["ä".repeat(512 * 1024); 10];
    let server = ScriptedServer::new([Response::json(200, json!({ "items": [], "texts": texts }))]);
    let home = TestHome::new(&server.url()).signed_in();

    home.run("get_tenant_usage").success();

    let saved = home.file(&format!("tenant_usage_{ME}.json"));
    assert_eq!(saved.get("texts"), Some(&texts.into()));
    assert_eq!(server.calls().len(), 1);
}

#[cfg(target_os = "linux")]
#[test]
fn saving_a_large_response_does_not_need_much_memory() {
    let usage = format!(
        r#"{{"name":"n","measurement_unit":"m","value":1,"x":"{}"}}"#,
        "x".repeat(1000)
    );
    let items = vec![usage; 30 * 1024].join(",");
    let text = format!(r#"{{"items":[{items}]}}"#);
    assert!(text.len() > 30 * 1024 * 1024);
    let server = ScriptedServer::new([Response::text(200, &text)]);
    let home = TestHome::new(&server.url()).signed_in();

    home.example("get_tenant_usage")
        .env("MALLOC_ARENA_MAX", "1")
        .shell("ulimit -v 192000; exec \"$0\"")
        .end()
        .success();
}

#[test]
fn a_report_of_forty_mebibytes_is_saved_completely() {
    let csv = format!("{}\n", "a,b,c,d,".repeat(128)).repeat(40 * 1024);
    let server = ScriptedServer::new([
        Response::json(201, json!({ "id": "r-1" })),
        Response::items(json!([{ "id": "s-1", "status": "saved" }])),
        Response::empty(200).body("text/csv", &csv),
    ]);
    let home = TestHome::new(&server.url()).signed_in();

    home.run("create_report_retrieve").success();

    assert_eq!(
        home.bytes(&format!("report_for_tenant_{ME}.csv")).len(),
        csv.len()
    );
}

#[test]
fn a_success_that_contains_an_error_is_an_error() {
    for (example, status, body, expected) in [
        (
            "get_tenant_usage",
            200,
            json!({ "error": { "code": 1004, "message": "Access denied.", "domain": "D" } }),
            "200 OK, code 1004, Access denied. [request 5f0c]",
        ),
        (
            "get_tenant_usage",
            200,
            json!({ "items": [], "error": "invalid_token", "error_description": "It has expired." }),
            "200 OK, code invalid_token, It has expired. [request 5f0c]",
        ),
        (
            "create_report_retrieve",
            201,
            json!({ "id": "r-1", "error": { "message": "Only half of it was created." } }),
            "201 Created, Only half of it was created. [request 5f0c]",
        ),
        (
            "issue_access_token",
            200,
            json!({ "error": "invalid_client", "access_token": "new-t0ken", "expires_on": 4_102_444_800_u32 }),
            "200 OK, code invalid_client [request 5f0c]",
        ),
    ] {
        let response = Response::json(status, body).header("X-Request-Id", "5f0c");
        let server = ScriptedServer::new([response]);
        let home = TestHome::new(&server.url()).signed_in().secret("new-t0ken");

        let outcome = home.example(example).refused(1);

        assert!(outcome.error().ends_with(expected), "{outcome}");
        assert_eq!(
            outcome.help(),
            "The response reports success and an error at once. Check what was changed before you retry."
        );
        assert_eq!(server.calls().len(), 1);
    }
}

#[test]
fn an_error_in_place_of_a_file_is_an_error_and_saves_nothing() {
    let server = ScriptedServer::new([
        Response::json(201, json!({ "id": "r-1" })),
        Response::items(json!([{ "id": "s-1", "status": "saved" }])),
        Response::json(200, json!({ "error": { "code": 410, "message": "Gone." } })),
    ]);
    let home = TestHome::new(&server.url())
        .signed_in()
        .put_text(&format!("report_for_tenant_{ME}.csv"), "of an earlier run");

    insta::assert_snapshot!(home.example("create_report_retrieve").refused(1), @"
    ! error: download the report: GET /api/2/reports/r-1/stored/s-1: 200 OK, code 410, Gone.
    ! help: The response reports success and an error at once. Check what was changed before you retry.
    ! done: order the report
    ! next: the platform still generates the report; this is harmless. Run the example again for a new one.
    exit 1
    ");
    assert_eq!(server.calls().len(), 3);
}

#[test]
fn an_empty_error_field_is_ignored() {
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
