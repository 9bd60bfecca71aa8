//! A CA file or a proxy that cannot be right. Nothing is sent.

use tests::{ScriptedServer, TestHome, redactions};

use super::certificates::Authority;

const BROKEN: &str = "-----BEGIN CERTIFICATE-----\nbm9uZQ==\n-----END CERTIFICATE-----\n";

fn home() -> TestHome {
    TestHome::new("https://platform.test/").signed_in()
}

#[test]
fn a_ca_file_that_cannot_be_used() {
    let _redacted = redactions::scripted();
    let cut = Authority::new().pem().replace("-----END", "-----");
    let mut told = String::new();
    for (what, content) in [
        ("nothing", ""),
        ("text", "not a certificate\n"),
        (
            "another thing",
            "-----BEGIN PUBLIC KEY-----\nbm9uZQ==\n-----END PUBLIC KEY-----\n",
        ),
        ("no Base64", &BROKEN.replace("bm9uZQ==", "?")),
        ("no certificate", BROKEN),
        (
            "one that is sound, and one that is not",
            &(Authority::new().pem() + BROKEN),
        ),
        ("cut", &cut),
    ] {
        let home = home().put_text("ca.pem", content);
        let run = home.example("get_tenant_usage");
        // A path that is not whole begins at home.
        let outcome = run.env("CYBER_PLATFORM_CA_FILE", "ca.pem").refused(2);
        told += &format!("{what}\n{outcome}\n");
    }
    let home = home();
    for file in ["missing.pem", "."] {
        let run = home.example("get_tenant_usage");
        told += &format!("{}\n", run.env("CYBER_PLATFORM_CA_FILE", file).refused(2));
    }
    insta::assert_snapshot!(told, @"
    nothing
    ! error: the CA file HOME/ca.pem contains no certificate
    ! help: Set ca_file, or CYBER_PLATFORM_CA_FILE, to a PEM file with one or more CA certificates, or remove it to trust only what the system trusts.
    exit 2

    text
    ! error: the CA file HOME/ca.pem contains no certificate
    ! help: Set ca_file, or CYBER_PLATFORM_CA_FILE, to a PEM file with one or more CA certificates, or remove it to trust only what the system trusts.
    exit 2

    another thing
    ! error: the CA file HOME/ca.pem contains no certificate
    ! help: Set ca_file, or CYBER_PLATFORM_CA_FILE, to a PEM file with one or more CA certificates, or remove it to trust only what the system trusts.
    exit 2

    no Base64
    ! error: the CA file HOME/ca.pem is not valid PEM
    ! help: Set ca_file, or CYBER_PLATFORM_CA_FILE, to a PEM file with one or more CA certificates, or remove it to trust only what the system trusts.
    exit 2

    no certificate
    ! error: the CA file HOME/ca.pem contains an invalid certificate
    ! help: Set ca_file, or CYBER_PLATFORM_CA_FILE, to a PEM file with one or more CA certificates, or remove it to trust only what the system trusts.
    exit 2

    one that is sound, and one that is not
    ! error: the CA file HOME/ca.pem contains an invalid certificate
    ! help: Set ca_file, or CYBER_PLATFORM_CA_FILE, to a PEM file with one or more CA certificates, or remove it to trust only what the system trusts.
    exit 2

    cut
    ! error: the CA file HOME/ca.pem is not valid PEM
    ! help: Set ca_file, or CYBER_PLATFORM_CA_FILE, to a PEM file with one or more CA certificates, or remove it to trust only what the system trusts.
    exit 2

    ! error: the CA file HOME/missing.pem cannot be read: No such file or directory (os error N)
    ! help: Set ca_file, or CYBER_PLATFORM_CA_FILE, to a PEM file with one or more CA certificates, or remove it to trust only what the system trusts.
    exit 2

    ! error: the CA file HOME/. cannot be read: Is a directory (os error N)
    ! help: Set ca_file, or CYBER_PLATFORM_CA_FILE, to a PEM file with one or more CA certificates, or remove it to trust only what the system trusts.
    exit 2
    ");
}

#[test]
fn without_tls_the_ca_file_is_not_read() {
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
fn a_proxy_that_cannot_be_one() {
    let mut told = String::new();
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
        told += &format!("{outcome}\n");
    }
    insta::assert_snapshot!(told, @"
    ! error: HTTPS_PROXY is not the address of a proxy
    ! help: Write it like http://proxy.example.com:3128, or unset it.
    exit 2

    ! error: https_proxy is not the address of a proxy
    ! help: Write it like http://proxy.example.com:3128, or unset it.
    exit 2

    ! error: ALL_PROXY is not the address of a proxy
    ! help: Write it like http://proxy.example.com:3128, or unset it.
    exit 2

    ! error: all_proxy is not the address of a proxy
    ! help: Write it like http://proxy.example.com:3128, or unset it.
    exit 2
    ");
}
