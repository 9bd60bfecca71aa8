//! Calls through a proxy, and proxies that do not connect.

use std::{io, net::SocketAddr};

use tests::{Run, TestHome, raw_server::RawServer, redactions};

use super::{
    certificates::{Authority, NO_ITEMS, home},
    proxies::Proxy,
};

/// A host that only the proxy knows.
const HOST: &str = "platform.test";

fn through<'a>(home: &'a TestHome, proxy: &str) -> Run<'a> {
    home.example("get_tenant_usage")
        .env("CYBER_PLATFORM_CA_FILE", "ca.pem")
        .env("HTTPS_PROXY", proxy)
}

/// An address at which no server listens.
fn unused_address() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 1))
}

#[test]
fn a_call_through_a_proxy_is_encrypted() {
    let authority = Authority::new();
    let server = authority.server(HOST, NO_ITEMS);
    let proxy = Proxy::to(server.address());
    let home = home(HOST, 443, &authority);

    through(&home, &format!("http://{}/", proxy.address))
        .end()
        .success();

    assert_eq!(server.calls().len(), 1);
    let seen = proxy.seen();
    assert_eq!(
        seen.requests,
        ["CONNECT platform.test:443 HTTP/1.1\r\nHost: platform.test:443\r\n\r\n"]
    );
    // The first byte of a handshake, and nothing of the call in plain text.
    assert_eq!(seen.passed.first(), Some(&0x16));
    let passed = String::from_utf8_lossy(&seen.passed).to_lowercase();
    for word in ["authorization", "kept-t0ken", "bearer", "get /api"] {
        assert!(!passed.contains(word), "{word}");
    }
}

#[test]
fn only_the_proxy_receives_its_login() {
    let authority = Authority::new();
    let server = authority.server(HOST, NO_ITEMS);
    let proxy = Proxy::to(server.address());
    let home = home(HOST, 8443, &authority).secret("proxy-s3cret");

    // A common form, without a scheme.
    let value = format!("me:proxy-s3cret@{}", proxy.address);
    let outcome = through(&home, &value).arg("--verbose").end().success();

    assert!(outcome.stderr.contains("> GET https://platform.test:8443/"));
    // me:proxy-s3cret
    insta::assert_snapshot!(proxy.seen().requests.concat(), @"
    CONNECT platform.test:8443 HTTP/1.1
    Host: platform.test:8443
    Proxy-Authorization: Basic bWU6cHJveHktczNjcmV0
    ");
    let calls = server.calls().concat();
    assert!(!calls.to_lowercase().contains("proxy-"), "{calls}");
}

#[test]
fn certificates_are_checked_behind_a_proxy() {
    let authority = Authority::new();
    let server = authority.server("another.test", NO_ITEMS);
    let proxy = Proxy::to(server.address());
    let home = home(HOST, 443, &authority);

    let outcome = through(&home, &format!("http://{}", proxy.address)).refused(1);

    let expected = "the certificate of platform.test:443 was issued for another host";
    assert!(outcome.error().ends_with(expected), "{outcome}");
    assert_eq!(server.calls(), Vec::<String>::new());
}

#[test]
fn a_proxy_that_does_not_connect_is_reported_after_five_attempts() {
    for (response, expected) in [
        (
            "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n",
            "tunnel error: proxy authorization required",
        ),
        (
            "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
            "tunnel error: unsuccessful",
        ),
        (
            "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n",
            "tunnel error: unsuccessful",
        ),
        ("nonsense\r\n\r\n", "tunnel error: unsuccessful"),
        ("", "tunnel error: unexpected end of file"),
    ] {
        let proxy = RawServer::new(move |stream| {
            stream.write_all(response.as_bytes())?;
            Err(io::ErrorKind::ConnectionAborted.into())
        });
        let home = home(HOST, 443, &Authority::new()).secret("proxy-s3cret");
        let value = format!("http://me:proxy-s3cret@{}", proxy.address());

        let outcome = through(&home, &value).refused(1);

        let expected = format!(
            "no connection to platform.test:443: {expected} (HTTPS_PROXY sets the proxy {})",
            proxy.address()
        );
        assert!(outcome.error().ends_with(&expected), "{outcome}");
        assert_eq!(proxy.calls().len(), 5, "{outcome}");
    }
}

#[test]
fn an_unreachable_proxy_is_reported_with_help() {
    let _redacted = redactions::scripted();
    let home = home(HOST, 443, &Authority::new()).secret("proxy-s3cret");

    let run = through(
        &home,
        &format!("http://me:proxy-s3cret@{}", unused_address()),
    );

    let outcome = run.refused(1);
    insta::assert_snapshot!(outcome.error(), @"read the usage: after 5 attempts: GET /api/2/tenants/my-tenant/usages: no connection to platform.test:443: Connection refused (os error N) (HTTPS_PROXY sets the proxy 127.0.0.1:PORT)");
    insta::assert_snapshot!(outcome.help(), @"Nothing was sent. Check your network and the proxy: it must allow this host. If it needs a login: http://LOGIN:PASSWORD@HOST:PORT. Add the host to NO_PROXY to bypass it.");
}

#[test]
fn loopback_hosts_bypass_the_proxy() {
    let authority = Authority::new();
    let server = authority.server("127.0.0.1", NO_ITEMS);
    let home = home("127.0.0.1", server.address().port(), &authority);

    through(&home, &format!("http://{}", unused_address()))
        .end()
        .success();

    assert_eq!(server.calls().len(), 1);
}

/// `0.0.0.0` reaches this machine, but is not a loopback address.
#[cfg(unix)]
#[test]
fn hosts_in_no_proxy_bypass_the_proxy() {
    let authority = Authority::new();
    let server = authority.server("0.0.0.0", NO_ITEMS);
    let home = home("0.0.0.0", server.address().port(), &authority);

    through(&home, &format!("http://{}", unused_address()))
        .env("NO_PROXY", "localhost,0.0.0.0")
        .end()
        .success();

    assert_eq!(server.calls().len(), 1);
}
