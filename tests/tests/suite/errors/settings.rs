//! Settings that are missing, broken or wrong. Nothing is sent, whatever else is in order.

use serde_json::{Value, json};
use tests::{TestHome, redactions};

const SETTINGS: &str = "cyber.platform.cfg.json";
const DEFAULTS: &str = "cyber.platform.cfg.defaults.json";

fn sound() -> Value {
    json!({
        "base_url": "http://127.0.0.1:1/",
        "partner_tenant": "partner",
        "customer_tenant": "customer",
        "edition": "pck_per_gigabyte",
        "switch_edition": "pck_per_workload",
        "cyber_protection_application_id": "6e6d758d-8e74-3ae3-ac84-50eb0dff12eb",
    })
}

fn told(home: &TestHome) -> String {
    home.example("get_tenant_usage").refused(2).to_string()
}

#[test]
fn settings_that_are_no_settings() {
    let mut all = String::new();
    for content in [
        "",
        "{\"base_url\": \"http://",
        "[]",
        "null",
        "\"text\"",
        "{} {}",
        "\u{feff}{}",
    ] {
        let home = TestHome::empty().put_text(SETTINGS, content);
        all += &format!("{content:?}\n{}\n", told(&home));
    }
    insta::assert_snapshot!(all, @r#"
    ""
    ! error: HOME/cyber.platform.cfg.json is not JSON: EOF while parsing a value at line 1 column 0
    ! help: Correct the file: it must be one JSON object.
    exit 2

    "{\"base_url\": \"http://"
    ! error: HOME/cyber.platform.cfg.json is not JSON: EOF while parsing a string at line 1 column 21
    ! help: Correct the file: it must be one JSON object.
    exit 2

    "[]"
    ! error: HOME/cyber.platform.cfg.json cannot be used: not a JSON object
    ! help: Correct the file: it must be one JSON object.
    exit 2

    "null"
    ! error: HOME/cyber.platform.cfg.json cannot be used: not a JSON object
    ! help: Correct the file: it must be one JSON object.
    exit 2

    "\"text\""
    ! error: HOME/cyber.platform.cfg.json cannot be used: not a JSON object
    ! help: Correct the file: it must be one JSON object.
    exit 2

    "{} {}"
    ! error: HOME/cyber.platform.cfg.json is not JSON: trailing characters at line 1 column 4
    ! help: Correct the file: it must be one JSON object.
    exit 2

    "\u{feff}{}"
    ! error: HOME/cyber.platform.cfg.json is not JSON: expected value at line 1 column 1
    ! help: Correct the file: it must be one JSON object.
    exit 2
    "#);
}

#[test]
fn defaults_that_are_no_settings() {
    let home = TestHome::empty()
        .put(SETTINGS, sound())
        .put_text(DEFAULTS, "[");
    insta::assert_snapshot!(told(&home), @"
    ! error: HOME/cyber.platform.cfg.defaults.json is not JSON: EOF while parsing a list at line 1 column 1
    ! help: Correct the file: it must be one JSON object.
    exit 2
    ");
}

#[test]
fn a_needed_key_that_no_source_gives() {
    let mut all = String::new();
    for (key, _) in sound().as_object().expect("an object") {
        let mut settings = sound();
        settings.as_object_mut().expect("an object").remove(key);
        let home = TestHome::empty()
            .put(SETTINGS, settings)
            .put(DEFAULTS, json!({}));
        all += &format!("{}\n", told(&home));
    }
    insta::assert_snapshot!(all, @r#"
    ! error: base_url is neither in HOME/cyber.platform.cfg.json nor in cyber.platform.cfg.defaults.json beside it
    ! help: Add "base_url" to cyber.platform.cfg.json, or set CYBER_PLATFORM_BASE_URL.
    exit 2

    ! error: partner_tenant is neither in HOME/cyber.platform.cfg.json nor in cyber.platform.cfg.defaults.json beside it
    ! help: Add "partner_tenant" to cyber.platform.cfg.json, or set CYBER_PLATFORM_PARTNER_TENANT.
    exit 2

    ! error: customer_tenant is neither in HOME/cyber.platform.cfg.json nor in cyber.platform.cfg.defaults.json beside it
    ! help: Add "customer_tenant" to cyber.platform.cfg.json, or set CYBER_PLATFORM_CUSTOMER_TENANT.
    exit 2

    ! error: edition is neither in HOME/cyber.platform.cfg.json nor in cyber.platform.cfg.defaults.json beside it
    ! help: Add "edition" to cyber.platform.cfg.json, or set CYBER_PLATFORM_EDITION.
    exit 2

    ! error: switch_edition is neither in HOME/cyber.platform.cfg.json nor in cyber.platform.cfg.defaults.json beside it
    ! help: Add "switch_edition" to cyber.platform.cfg.json, or set CYBER_PLATFORM_SWITCH_EDITION.
    exit 2

    ! error: cyber_protection_application_id is neither in HOME/cyber.platform.cfg.json nor in cyber.platform.cfg.defaults.json beside it
    ! help: Add "cyber_protection_application_id" to cyber.platform.cfg.json, or set CYBER_PLATFORM_CYBER_PROTECTION_APPLICATION_ID.
    exit 2
    "#);
}

#[test]
fn a_value_of_another_type() {
    let mut all = String::new();
    for value in [json!(1), json!(true), json!([]), json!({}), json!("  ")] {
        let mut settings = sound();
        settings["edition"] = value.clone();
        let home = TestHome::empty().put(SETTINGS, settings);
        all += &format!("{value}\n{}\n", told(&home));
    }
    insta::assert_snapshot!(all, @r#"
    1
    ! error: edition in HOME/cyber.platform.cfg.json is not a text, or is empty
    ! help: Correct "edition" there, or remove it to use the default.
    exit 2

    true
    ! error: edition in HOME/cyber.platform.cfg.json is not a text, or is empty
    ! help: Correct "edition" there, or remove it to use the default.
    exit 2

    []
    ! error: edition in HOME/cyber.platform.cfg.json is not a text, or is empty
    ! help: Correct "edition" there, or remove it to use the default.
    exit 2

    {}
    ! error: edition in HOME/cyber.platform.cfg.json is not a text, or is empty
    ! help: Correct "edition" there, or remove it to use the default.
    exit 2

    "  "
    ! error: edition in HOME/cyber.platform.cfg.json is not a text, or is empty
    ! help: Correct "edition" there, or remove it to use the default.
    exit 2
    "#);
}

#[test]
fn a_base_url_that_cannot_be_one() {
    let mut all = String::new();
    for url in [
        "dev-cloud.acronis.com",
        "127.0.0.1:8080",
        "localhost:8080/",
        "//dev-cloud.acronis.com/",
        "https://",
        "ftp://dev-cloud.acronis.com/",
        "file:///etc/passwd",
        "nonsense",
        "https://dev-cloud.acronis.com:port/",
        "https://dev-cloud.acronis.com/?a=b",
        "https://dev-cloud.acronis.com/#a",
        "https://admin@dev-cloud.acronis.com/",
        "https://:pass@dev-cloud.acronis.com/",
        "http://dev-cloud.acronis.com/",
        "http://10.0.0.1:8080/",
        "http://0.0.0.0:8080/",
        "http://localhost.example.com/",
        "http://127.0.0.1.example.com/",
        "http://[::2]/",
    ] {
        let mut settings = sound();
        settings["base_url"] = url.into();
        let home = TestHome::empty().put(SETTINGS, settings);
        all += &format!("{url}\n{}\n", told(&home));
    }
    insta::assert_snapshot!(all, @"
    dev-cloud.acronis.com
    ! error: base_url in HOME/cyber.platform.cfg.json is not a URL: relative URL without a base
    ! help: Write it like https://dev-cloud.acronis.com/ (your data center) or http://127.0.0.1:8080/ (the sandbox).
    exit 2

    127.0.0.1:8080
    ! error: base_url in HOME/cyber.platform.cfg.json is not a URL: relative URL without a base
    ! help: Write it like https://dev-cloud.acronis.com/ (your data center) or http://127.0.0.1:8080/ (the sandbox).
    exit 2

    localhost:8080/
    ! error: base_url in HOME/cyber.platform.cfg.json does not start with https:// (or http:// for this machine)
    ! help: Write it like https://dev-cloud.acronis.com/ (your data center) or http://127.0.0.1:8080/ (the sandbox).
    exit 2

    //dev-cloud.acronis.com/
    ! error: base_url in HOME/cyber.platform.cfg.json is not a URL: relative URL without a base
    ! help: Write it like https://dev-cloud.acronis.com/ (your data center) or http://127.0.0.1:8080/ (the sandbox).
    exit 2

    https://
    ! error: base_url in HOME/cyber.platform.cfg.json is not a URL: empty host
    ! help: Write it like https://dev-cloud.acronis.com/ (your data center) or http://127.0.0.1:8080/ (the sandbox).
    exit 2

    ftp://dev-cloud.acronis.com/
    ! error: base_url in HOME/cyber.platform.cfg.json does not start with https:// (or http:// for this machine)
    ! help: Write it like https://dev-cloud.acronis.com/ (your data center) or http://127.0.0.1:8080/ (the sandbox).
    exit 2

    file:///etc/passwd
    ! error: base_url in HOME/cyber.platform.cfg.json does not start with https:// (or http:// for this machine)
    ! help: Write it like https://dev-cloud.acronis.com/ (your data center) or http://127.0.0.1:8080/ (the sandbox).
    exit 2

    nonsense
    ! error: base_url in HOME/cyber.platform.cfg.json is not a URL: relative URL without a base
    ! help: Write it like https://dev-cloud.acronis.com/ (your data center) or http://127.0.0.1:8080/ (the sandbox).
    exit 2

    https://dev-cloud.acronis.com:port/
    ! error: base_url in HOME/cyber.platform.cfg.json is not a URL: invalid port number
    ! help: Write it like https://dev-cloud.acronis.com/ (your data center) or http://127.0.0.1:8080/ (the sandbox).
    exit 2

    https://dev-cloud.acronis.com/?a=b
    ! error: base_url in HOME/cyber.platform.cfg.json has a query or fragment
    ! help: Write it like https://dev-cloud.acronis.com/ (your data center) or http://127.0.0.1:8080/ (the sandbox).
    exit 2

    https://dev-cloud.acronis.com/#a
    ! error: base_url in HOME/cyber.platform.cfg.json has a query or fragment
    ! help: Write it like https://dev-cloud.acronis.com/ (your data center) or http://127.0.0.1:8080/ (the sandbox).
    exit 2

    https://admin@dev-cloud.acronis.com/
    ! error: base_url in HOME/cyber.platform.cfg.json contains a login or password
    ! help: Remove it. Only create_api_client needs a login and password, and it prompts for them.
    exit 2

    https://:pass@dev-cloud.acronis.com/
    ! error: base_url in HOME/cyber.platform.cfg.json contains a login or password
    ! help: Remove it. Only create_api_client needs a login and password, and it prompts for them.
    exit 2

    http://dev-cloud.acronis.com/
    ! error: base_url in HOME/cyber.platform.cfg.json is plain http:// to another machine, which would expose your credentials
    ! help: Use https://; plain http:// is for the sandbox on this machine only.
    exit 2

    http://10.0.0.1:8080/
    ! error: base_url in HOME/cyber.platform.cfg.json is plain http:// to another machine, which would expose your credentials
    ! help: Use https://; plain http:// is for the sandbox on this machine only.
    exit 2

    http://0.0.0.0:8080/
    ! error: base_url in HOME/cyber.platform.cfg.json is plain http:// to another machine, which would expose your credentials
    ! help: Use https://; plain http:// is for the sandbox on this machine only.
    exit 2

    http://localhost.example.com/
    ! error: base_url in HOME/cyber.platform.cfg.json is plain http:// to another machine, which would expose your credentials
    ! help: Use https://; plain http:// is for the sandbox on this machine only.
    exit 2

    http://127.0.0.1.example.com/
    ! error: base_url in HOME/cyber.platform.cfg.json is plain http:// to another machine, which would expose your credentials
    ! help: Use https://; plain http:// is for the sandbox on this machine only.
    exit 2

    http://[::2]/
    ! error: base_url in HOME/cyber.platform.cfg.json is plain http:// to another machine, which would expose your credentials
    ! help: Use https://; plain http:// is for the sandbox on this machine only.
    exit 2
    ");
}

#[test]
fn other_values_that_cannot_be_right() {
    let mut all = String::new();
    for (key, value) in [
        ("user_agent", json!("two\nlines")),
        ("user_agent", json!(7)),
        ("wait_seconds", json!(0)),
        ("wait_seconds", json!(-1)),
        ("connect_timeout_seconds", json!("soon")),
        ("read_timeout_seconds", json!(86_401)),
        ("retry_total_seconds", json!("NaN")),
        ("retry_total_seconds", json!(true)),
        ("log", json!("verbose")),
        ("log", json!(true)),
        ("credential_store", json!("safe")),
        ("credential_store", json!(["file"])),
        ("credential_store", json!("keyring")),
    ] {
        let mut settings = sound();
        settings[key] = value.clone();
        let home = TestHome::empty().put(SETTINGS, settings);
        all += &format!("{value}\n{}\n", told(&home));
    }
    insta::assert_snapshot!(all, @r#"
    "two\nlines"
    ! error: user_agent in HOME/cyber.platform.cfg.json contains characters that are not allowed in an HTTP header
    ! help: Write it like Product/1.0 (what it does), in ASCII.
    exit 2

    7
    ! error: user_agent in HOME/cyber.platform.cfg.json is not a text, or is empty
    ! help: Correct "user_agent" there, or remove it to use the default.
    exit 2

    0
    ! error: wait_seconds in HOME/cyber.platform.cfg.json is not a number of seconds from 0.001 to 86400
    ! help: Write it like 600, or remove it to use that default.
    exit 2

    -1
    ! error: wait_seconds in HOME/cyber.platform.cfg.json is not a number of seconds from 0.001 to 86400
    ! help: Write it like 600, or remove it to use that default.
    exit 2

    "soon"
    ! error: connect_timeout_seconds in HOME/cyber.platform.cfg.json is not a number of seconds from 0.001 to 86400
    ! help: Write it like 10, or remove it to use that default.
    exit 2

    86401
    ! error: read_timeout_seconds in HOME/cyber.platform.cfg.json is not a number of seconds from 0.001 to 86400
    ! help: Write it like 60, or remove it to use that default.
    exit 2

    "NaN"
    ! error: retry_total_seconds in HOME/cyber.platform.cfg.json is not a number of seconds from 0.001 to 86400
    ! help: Write it like 180, or remove it to use that default.
    exit 2

    true
    ! error: retry_total_seconds in HOME/cyber.platform.cfg.json is not a text, or is empty
    ! help: Correct "retry_total_seconds" there, or remove it to use the default.
    exit 2

    "verbose"
    ! error: log in HOME/cyber.platform.cfg.json is neither debug nor off
    ! help: Set it to debug to see each call on standard error, or remove it.
    exit 2

    true
    ! error: log in HOME/cyber.platform.cfg.json is not a text, or is empty
    ! help: Correct "log" there, or remove it to use the default.
    exit 2

    "safe"
    ! error: credential_store in HOME/cyber.platform.cfg.json is neither file nor keyring
    ! help: Set it to keyring to keep secrets in the system keyring, or remove it.
    exit 2

    ["file"]
    ! error: credential_store in HOME/cyber.platform.cfg.json is not a text, or is empty
    ! help: Correct "credential_store" there, or remove it to use the default.
    exit 2

    "keyring"
    ! error: credential_store is keyring, but this build does not support it
    ! help: Add `--features keyring` to `cargo run`, or set credential_store to file.
    exit 2
    "#);
}

#[test]
fn a_variable_is_named_where_it_is_wrong() {
    let home = TestHome::empty().put(SETTINGS, sound());
    let outcome = home
        .example("get_tenant_usage")
        .env("CYBER_PLATFORM_BASE_URL", "nonsense")
        .refused(2);
    insta::assert_snapshot!(outcome, @"
    ! error: base_url in CYBER_PLATFORM_BASE_URL is not a URL: relative URL without a base
    ! help: Write it like https://dev-cloud.acronis.com/ (your data center) or http://127.0.0.1:8080/ (the sandbox).
    exit 2
    ");
}

#[test]
fn no_settings_at_all() {
    let _redacted = redactions::scripted();
    let home = TestHome::empty();
    insta::assert_snapshot!(told(&home), @"
    ! error: HOME/cyber.platform.cfg.json is missing
    ! help: Copy cyber.platform.cfg.json from the checkout to this folder, or unset CYBER_PLATFORM_HOME.
    exit 2
    ");

    let nowhere = home.path("nowhere");
    let outcome = home
        .example("get_tenant_usage")
        .env("CYBER_PLATFORM_HOME", &nowhere)
        .refused(2);
    insta::assert_snapshot!(outcome, @"
    ! error: CYBER_PLATFORM_HOME is HOME/nowhere, which is not a folder
    ! help: Create the folder and put cyber.platform.cfg.json into it, or unset the variable.
    exit 2
    ");

    let outcome = home
        .example("get_tenant_usage")
        .standing_in(home.folder())
        .refused(2);
    insta::assert_snapshot!(outcome, @"
    ! error: no cyber.platform.cfg.json in HOME or any folder above it
    ! help: Change to a folder of the checkout, or set CYBER_PLATFORM_HOME to the folder that holds it.
    exit 2
    ");
}
