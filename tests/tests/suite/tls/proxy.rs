//! The way through a proxy, and proxies that do not let through.

use std::net::SocketAddr;

use tests::{Run, TestHome, raw_server::RawServer, redactions};

use super::{
    certificates::{Authority, NO_ITEMS, home},
    proxies::Proxy,
};

/// A host that no one but the proxy knows.
const HOST: &str = "platform.test";

fn through<'a>(home: &'a TestHome, proxy: &str) -> Run<'a> {
    home.example("get_tenant_usage")
        .env("CYBER_PLATFORM_CA_FILE", "ca.pem")
        .env("HTTPS_PROXY", proxy)
}

fn nowhere() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 1))
}

#[test]
fn a_call_goes_through_the_proxy_and_nobody_there_can_read_it() {
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
        seen.asked,
        ["CONNECT platform.test:443 HTTP/1.1\r\nHost: platform.test:443\r\n\r\n"]
    );
    // The first byte of a handshake, and nothing of the call in clear.
    assert_eq!(seen.passed.first(), Some(&0x16));
    let passed = String::from_utf8_lossy(&seen.passed).to_lowercase();
    for word in ["authorization", "kept-t0ken", "bearer", "get /api"] {
        assert!(!passed.contains(word), "{word}");
    }
}

#[test]
fn a_proxy_gets_its_own_login_and_nobody_else_sees_it() {
    let authority = Authority::new();
    let server = authority.server(HOST, NO_ITEMS);
    let proxy = Proxy::to(server.address());
    let home = home(HOST, 8443, &authority).secret("proxy-s3cret");

    // Without a scheme, as many write it.
    let value = format!("me:proxy-s3cret@{}", proxy.address);
    let outcome = through(&home, &value).arg("--verbose").end().success();

    assert!(outcome.stderr.contains("> GET https://platform.test:8443/"));
    // me:proxy-s3cret
    insta::assert_snapshot!(proxy.seen().asked.concat(), @"
    CONNECT platform.test:8443 HTTP/1.1
    Host: platform.test:8443
    Proxy-Authorization: Basic bWU6cHJveHktczNjcmV0
    ");
    let calls = server.calls().concat();
    assert!(!calls.to_lowercase().contains("proxy-"), "{calls}");
}

#[test]
fn the_certificate_is_checked_behind_a_proxy_too() {
    let authority = Authority::new();
    let server = authority.server("another.test", NO_ITEMS);
    let proxy = Proxy::to(server.address());
    let home = home(HOST, 443, &authority);

    insta::assert_snapshot!(
        through(&home, &format!("http://{}", proxy.address)).refused(1),
        @"
    ! error: read the usage: GET /api/2/tenants/my-tenant/usages: the certificate of platform.test:443 was issued for another host
    ! help: Nothing was sent. Check the host name in base_url.
    exit 1
    "
    );
    assert_eq!(server.calls(), Vec::<String>::new());
}

#[test]
fn a_proxy_that_refuses() {
    let _redacted = redactions::scripted();
    let mut told = String::new();
    for answer in [
        "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n",
        "nonsense\r\n\r\n",
    ] {
        let proxy = RawServer::new(move |stream| {
            stream.write_all(answer.as_bytes())?;
            stream.flush()
        });
        let home = home(HOST, 443, &Authority::new()).secret("proxy-s3cret");
        let value = format!("http://me:proxy-s3cret@{}", proxy.address());
        told += &format!("{}\n", through(&home, &value).refused(1));
        // What may pass is tried again, and that is all.
        told += &format!("asked: {}\n\n", proxy.calls().len());
    }
    insta::assert_snapshot!(told, @"
    ! warning: GET /api/2/tenants/my-tenant/usages: no connection to platform.test:443: tunnel error: proxy authorization required (HTTPS_PROXY sets the proxy 127.0.0.1:PORT); retrying in 0.0 s (attempt 2 of 5)
    ! warning: GET /api/2/tenants/my-tenant/usages: no connection to platform.test:443: tunnel error: proxy authorization required (HTTPS_PROXY sets the proxy 127.0.0.1:PORT); retrying in 0.0 s (attempt 3 of 5)
    ! warning: GET /api/2/tenants/my-tenant/usages: no connection to platform.test:443: tunnel error: proxy authorization required (HTTPS_PROXY sets the proxy 127.0.0.1:PORT); retrying in 0.0 s (attempt 4 of 5)
    ! warning: GET /api/2/tenants/my-tenant/usages: no connection to platform.test:443: tunnel error: proxy authorization required (HTTPS_PROXY sets the proxy 127.0.0.1:PORT); retrying in 0.0 s (attempt 5 of 5)
    ! error: read the usage: after 5 attempts: GET /api/2/tenants/my-tenant/usages: no connection to platform.test:443: tunnel error: proxy authorization required (HTTPS_PROXY sets the proxy 127.0.0.1:PORT)
    ! help: Nothing was sent. Check your network and the proxy: it must allow this host. If it needs a login: http://LOGIN:PASSWORD@HOST:PORT. Add the host to NO_PROXY to bypass it.
    exit 1

    asked: 5

    ! warning: GET /api/2/tenants/my-tenant/usages: no connection to platform.test:443: tunnel error: unsuccessful (HTTPS_PROXY sets the proxy 127.0.0.1:PORT); retrying in 0.0 s (attempt 2 of 5)
    ! warning: GET /api/2/tenants/my-tenant/usages: no connection to platform.test:443: tunnel error: unsuccessful (HTTPS_PROXY sets the proxy 127.0.0.1:PORT); retrying in 0.0 s (attempt 3 of 5)
    ! warning: GET /api/2/tenants/my-tenant/usages: no connection to platform.test:443: tunnel error: unsuccessful (HTTPS_PROXY sets the proxy 127.0.0.1:PORT); retrying in 0.0 s (attempt 4 of 5)
    ! warning: GET /api/2/tenants/my-tenant/usages: no connection to platform.test:443: tunnel error: unsuccessful (HTTPS_PROXY sets the proxy 127.0.0.1:PORT); retrying in 0.0 s (attempt 5 of 5)
    ! error: read the usage: after 5 attempts: GET /api/2/tenants/my-tenant/usages: no connection to platform.test:443: tunnel error: unsuccessful (HTTPS_PROXY sets the proxy 127.0.0.1:PORT)
    ! help: Nothing was sent. Check your network and the proxy: it must allow this host. If it needs a login: http://LOGIN:PASSWORD@HOST:PORT. Add the host to NO_PROXY to bypass it.
    exit 1

    asked: 5

    ! warning: GET /api/2/tenants/my-tenant/usages: no connection to platform.test:443: tunnel error: unsuccessful (HTTPS_PROXY sets the proxy 127.0.0.1:PORT); retrying in 0.0 s (attempt 2 of 5)
    ! warning: GET /api/2/tenants/my-tenant/usages: no connection to platform.test:443: tunnel error: unsuccessful (HTTPS_PROXY sets the proxy 127.0.0.1:PORT); retrying in 0.0 s (attempt 3 of 5)
    ! warning: GET /api/2/tenants/my-tenant/usages: no connection to platform.test:443: tunnel error: unsuccessful (HTTPS_PROXY sets the proxy 127.0.0.1:PORT); retrying in 0.0 s (attempt 4 of 5)
    ! warning: GET /api/2/tenants/my-tenant/usages: no connection to platform.test:443: tunnel error: unsuccessful (HTTPS_PROXY sets the proxy 127.0.0.1:PORT); retrying in 0.0 s (attempt 5 of 5)
    ! error: read the usage: after 5 attempts: GET /api/2/tenants/my-tenant/usages: no connection to platform.test:443: tunnel error: unsuccessful (HTTPS_PROXY sets the proxy 127.0.0.1:PORT)
    ! help: Nothing was sent. Check your network and the proxy: it must allow this host. If it needs a login: http://LOGIN:PASSWORD@HOST:PORT. Add the host to NO_PROXY to bypass it.
    exit 1

    asked: 5

    ! warning: GET /api/2/tenants/my-tenant/usages: no connection to platform.test:443: tunnel error: unsuccessful (HTTPS_PROXY sets the proxy 127.0.0.1:PORT); retrying in 0.0 s (attempt 2 of 5)
    ! warning: GET /api/2/tenants/my-tenant/usages: no connection to platform.test:443: tunnel error: unsuccessful (HTTPS_PROXY sets the proxy 127.0.0.1:PORT); retrying in 0.0 s (attempt 3 of 5)
    ! warning: GET /api/2/tenants/my-tenant/usages: no connection to platform.test:443: tunnel error: unsuccessful (HTTPS_PROXY sets the proxy 127.0.0.1:PORT); retrying in 0.0 s (attempt 4 of 5)
    ! warning: GET /api/2/tenants/my-tenant/usages: no connection to platform.test:443: tunnel error: unsuccessful (HTTPS_PROXY sets the proxy 127.0.0.1:PORT); retrying in 0.0 s (attempt 5 of 5)
    ! error: read the usage: after 5 attempts: GET /api/2/tenants/my-tenant/usages: no connection to platform.test:443: tunnel error: unsuccessful (HTTPS_PROXY sets the proxy 127.0.0.1:PORT)
    ! help: Nothing was sent. Check your network and the proxy: it must allow this host. If it needs a login: http://LOGIN:PASSWORD@HOST:PORT. Add the host to NO_PROXY to bypass it.
    exit 1

    asked: 5
    ");
}

#[test]
fn a_proxy_that_hangs_up() {
    let _redacted = redactions::scripted();
    let proxy = RawServer::new(|_| Err(std::io::ErrorKind::ConnectionAborted.into()));
    let home = home(HOST, 443, &Authority::new());

    let run = through(&home, &proxy.url());

    insta::assert_snapshot!(run.refused(1), @"
    ! warning: GET /api/2/tenants/my-tenant/usages: no connection to platform.test:443: tunnel error: unexpected end of file (HTTPS_PROXY sets the proxy 127.0.0.1:PORT); retrying in 0.0 s (attempt 2 of 5)
    ! warning: GET /api/2/tenants/my-tenant/usages: no connection to platform.test:443: tunnel error: unexpected end of file (HTTPS_PROXY sets the proxy 127.0.0.1:PORT); retrying in 0.0 s (attempt 3 of 5)
    ! warning: GET /api/2/tenants/my-tenant/usages: no connection to platform.test:443: tunnel error: unexpected end of file (HTTPS_PROXY sets the proxy 127.0.0.1:PORT); retrying in 0.0 s (attempt 4 of 5)
    ! warning: GET /api/2/tenants/my-tenant/usages: no connection to platform.test:443: tunnel error: unexpected end of file (HTTPS_PROXY sets the proxy 127.0.0.1:PORT); retrying in 0.0 s (attempt 5 of 5)
    ! error: read the usage: after 5 attempts: GET /api/2/tenants/my-tenant/usages: no connection to platform.test:443: tunnel error: unexpected end of file (HTTPS_PROXY sets the proxy 127.0.0.1:PORT)
    ! help: Nothing was sent. Check your network and the proxy: it must allow this host. If it needs a login: http://LOGIN:PASSWORD@HOST:PORT. Add the host to NO_PROXY to bypass it.
    exit 1
    ");
}

#[test]
fn a_proxy_that_is_not_there() {
    let _redacted = redactions::scripted();
    let home = home(HOST, 443, &Authority::new()).secret("proxy-s3cret");

    let run = through(&home, &format!("http://me:proxy-s3cret@{}", nowhere()));

    insta::assert_snapshot!(run.refused(1), @"
    ! warning: GET /api/2/tenants/my-tenant/usages: no connection to platform.test:443: Connection refused (os error N) (HTTPS_PROXY sets the proxy 127.0.0.1:PORT); retrying in 0.0 s (attempt 2 of 5)
    ! warning: GET /api/2/tenants/my-tenant/usages: no connection to platform.test:443: Connection refused (os error N) (HTTPS_PROXY sets the proxy 127.0.0.1:PORT); retrying in 0.0 s (attempt 3 of 5)
    ! warning: GET /api/2/tenants/my-tenant/usages: no connection to platform.test:443: Connection refused (os error N) (HTTPS_PROXY sets the proxy 127.0.0.1:PORT); retrying in 0.0 s (attempt 4 of 5)
    ! warning: GET /api/2/tenants/my-tenant/usages: no connection to platform.test:443: Connection refused (os error N) (HTTPS_PROXY sets the proxy 127.0.0.1:PORT); retrying in 0.0 s (attempt 5 of 5)
    ! error: read the usage: after 5 attempts: GET /api/2/tenants/my-tenant/usages: no connection to platform.test:443: Connection refused (os error N) (HTTPS_PROXY sets the proxy 127.0.0.1:PORT)
    ! help: Nothing was sent. Check your network and the proxy: it must allow this host. If it needs a login: http://LOGIN:PASSWORD@HOST:PORT. Add the host to NO_PROXY to bypass it.
    exit 1
    ");
}

#[test]
fn this_machine_is_reached_without_a_proxy() {
    let authority = Authority::new();
    let server = authority.server("127.0.0.1", NO_ITEMS);
    let home = home("127.0.0.1", server.address().port(), &authority);

    through(&home, &format!("http://{}", nowhere()))
        .end()
        .success();

    assert_eq!(server.calls().len(), 1);
}

/// The address without a place is this machine, but nothing that looks like it.
#[cfg(unix)]
#[test]
fn a_host_in_no_proxy_is_reached_without_a_proxy() {
    let authority = Authority::new();
    let server = authority.server("0.0.0.0", NO_ITEMS);
    let home = home("0.0.0.0", server.address().port(), &authority);

    through(&home, &format!("http://{}", nowhere()))
        .env("NO_PROXY", "localhost,0.0.0.0")
        .end()
        .success();

    assert_eq!(server.calls().len(), 1);
}
