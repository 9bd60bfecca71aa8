//! A CA file or a proxy that cannot be used. Nothing is sent.

use tests::{ScriptedServer, TestHome, redactions};

use super::certificates::Authority;

const BROKEN: &str = "-----BEGIN CERTIFICATE-----\nbm9uZQ==\n-----END CERTIFICATE-----\n";

fn home() -> TestHome {
    TestHome::new("https://platform.test/").signed_in()
}

#[test]
fn an_unusable_ca_file_is_reported() {
    const NO_CERTIFICATE: &str = "contains no certificate";
    const INVALID: &str = "contains an invalid certificate";
    const NO_PEM: &str = "is not valid PEM";

    let cut = Authority::new().pem().replace("-----END", "-----");
    for (content, expected) in [
        ("", NO_CERTIFICATE),
        ("not a certificate\n", NO_CERTIFICATE),
        (
            "-----BEGIN PUBLIC KEY-----\nbm9uZQ==\n-----END PUBLIC KEY-----\n",
            NO_CERTIFICATE,
        ),
        (&BROKEN.replace("bm9uZQ==", "?"), NO_PEM),
        (&cut, NO_PEM),
        (BROKEN, INVALID),
        (&(Authority::new().pem() + BROKEN), INVALID),
    ] {
        let home = home().put_text("ca.pem", content);
        let run = home.example("get_tenant_usage");
        // A path is relative to the home folder.
        let outcome = run.env("CYBER_PLATFORM_CA_FILE", "ca.pem").refused(2);
        assert_eq!(
            outcome.error(),
            format!("the CA file HOME/ca.pem {expected}"),
            "{content}"
        );
    }
}

#[test]
fn a_missing_ca_file_is_reported_with_help() {
    let _redacted = redactions::scripted();
    let home = home();
    let run = home.example("get_tenant_usage");
    let run = run.env("CYBER_PLATFORM_CA_FILE", "missing.pem");
    insta::assert_snapshot!(run.refused(2), @"
    ! error: the CA file HOME/missing.pem cannot be read: No such file or directory (os error N)
    ! help: Set ca_file, or CYBER_PLATFORM_CA_FILE, to a PEM file with one or more CA certificates, or remove it to trust only what the system trusts.
    exit 2
    ");
}

#[test]
fn ca_file_and_proxy_are_ignored_without_tls() {
    let server = ScriptedServer::new([tests::Response::no_items()]);
    let home = TestHome::new(&server.url()).signed_in();

    let run = home.example("get_tenant_usage");

    run.env("CYBER_PLATFORM_CA_FILE", "missing.pem")
        .env("HTTPS_PROXY", "nonsense://")
        .end()
        .success();
    assert_eq!(server.calls().len(), 1);
}

#[test]
fn an_invalid_proxy_is_reported_without_its_value() {
    for (name, value) in [
        ("HTTPS_PROXY", "ftp://me:proxy-s3cret@proxy.test:21"),
        ("https_proxy", "socks5://me:proxy-s3cret@proxy.test:1080"),
        ("ALL_PROXY", "http://me:proxy-s3cret@"),
        ("all_proxy", "me:proxy-s3cret@proxy.test:port"),
    ] {
        let home = home()
            .secret("proxy-s3cret")
            .put_text("ca.pem", &Authority::new().pem());
        let run = home.example("get_tenant_usage");
        let outcome = run
            .env("CYBER_PLATFORM_CA_FILE", "ca.pem")
            .env(name, value)
            .refused(2);
        assert_eq!(
            outcome.error(),
            format!("{name} is not the address of a proxy")
        );
        assert_eq!(
            outcome.help(),
            "Use the form http://proxy.example.com:3128, or unset the variable."
        );
    }
}
