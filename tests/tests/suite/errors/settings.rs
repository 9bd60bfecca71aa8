//! Settings that are missing or invalid. Nothing is sent, even if everything else is in order.

use serde_json::{Value, json};
use tests::{Outcome, TestHome, redactions};

const SETTINGS: &str = "cyber.platform.cfg.json";
const DEFAULTS: &str = "cyber.platform.cfg.defaults.json";

fn valid() -> Value {
    json!({
        "base_url": "http://127.0.0.1:1/",
        "partner_tenant": "partner",
        "customer_tenant": "customer",
        "edition": "pck_per_gigabyte",
        "switch_edition": "pck_per_workload",
        "cyber_protection_application_id": "6e6d758d-8e74-3ae3-ac84-50eb0dff12eb",
    })
}

/// The outcome of an example in a home folder with these settings.
fn rejected(settings: &Value) -> Outcome {
    let home = TestHome::empty().put(SETTINGS, settings.clone());
    home.example("get_tenant_usage").refused(2)
}

#[test]
fn a_settings_file_must_be_one_json_object() {
    for (content, expected) in [
        (
            "",
            "is not JSON: EOF while parsing a value at line 1 column 0",
        ),
        (
            "{\"base_url\": \"http://",
            "is not JSON: EOF while parsing a string at line 1 column 21",
        ),
        (
            "{} {}",
            "is not JSON: trailing characters at line 1 column 4",
        ),
        (
            "\u{feff}{}",
            "is not JSON: expected value at line 1 column 1",
        ),
        ("[]", "cannot be used: not a JSON object"),
        ("null", "cannot be used: not a JSON object"),
        ("\"text\"", "cannot be used: not a JSON object"),
    ] {
        for file in [SETTINGS, DEFAULTS] {
            let home = TestHome::empty().put(SETTINGS, valid());
            let home = home.put_text(file, content);
            let outcome = home.example("get_tenant_usage").refused(2);
            assert_eq!(outcome.error(), format!("HOME/{file} {expected}"));
            assert_eq!(
                outcome.help(),
                "Correct the file: it must be one JSON object."
            );
        }
    }
}

#[test]
fn a_required_setting_that_is_missing_is_named_with_its_variable() {
    for (key, _) in valid().as_object().expect("an object") {
        let mut settings = valid();
        settings.as_object_mut().expect("an object").remove(key);
        let home = TestHome::empty().put(SETTINGS, settings);
        let home = home.put(DEFAULTS, json!({}));
        let outcome = home.example("get_tenant_usage").refused(2);
        assert_eq!(
            outcome.error(),
            format!("{key} is neither in HOME/{SETTINGS} nor in {DEFAULTS} next to it")
        );
        assert_eq!(
            outcome.help(),
            format!(
                "Add \"{key}\" to {SETTINGS}, or set CYBER_PLATFORM_{}.",
                key.to_uppercase()
            )
        );
    }
}

#[test]
fn a_text_setting_must_be_a_string_that_is_not_empty() {
    for key in ["edition", "user_agent", "log", "credential_store"] {
        for value in [json!(1), json!(true), json!([]), json!({}), json!("  ")] {
            let mut settings = valid();
            settings[key] = value;
            let outcome = rejected(&settings);
            assert_eq!(
                outcome.error(),
                format!("{key} in HOME/{SETTINGS} is not a non-empty string")
            );
            assert_eq!(
                outcome.help(),
                format!("Correct \"{key}\" there, or remove it to use the default.")
            );
        }
    }
}

#[test]
fn a_base_url_must_be_https_or_on_this_machine() {
    const EXAMPLE: &str = "Use the form https://dev-cloud.acronis.com/ (your data center) or http://127.0.0.1:8080/ (the sandbox).";
    const NO_HTTPS: &str = "does not start with https:// (or http:// for this machine)";
    const NOT_HERE: &str =
        "is plain http:// to another machine, which would expose your credentials";
    const HTTPS: &str = "Use https://; plain http:// is for the sandbox on this machine only.";
    const LOGIN: &str = "contains a login or password";
    const NO_LOGIN: &str =
        "Remove it. Only create_api_client needs a login and password, and it prompts for them.";

    let not_a_url = "is not a URL: relative URL without a base";
    for (url, expected, expected_help) in [
        ("dev-cloud.acronis.com", not_a_url, EXAMPLE),
        ("127.0.0.1:8080", not_a_url, EXAMPLE),
        ("localhost:8080/", NO_HTTPS, EXAMPLE),
        ("//dev-cloud.acronis.com/", not_a_url, EXAMPLE),
        ("https://", "is not a URL: empty host", EXAMPLE),
        ("ftp://dev-cloud.acronis.com/", NO_HTTPS, EXAMPLE),
        ("file:///etc/passwd", NO_HTTPS, EXAMPLE),
        ("nonsense", not_a_url, EXAMPLE),
        (
            "https://dev-cloud.acronis.com:port/",
            "is not a URL: invalid port number",
            EXAMPLE,
        ),
        (
            "https://dev-cloud.acronis.com/?a=b",
            "has a query or fragment",
            EXAMPLE,
        ),
        (
            "https://dev-cloud.acronis.com/#a",
            "has a query or fragment",
            EXAMPLE,
        ),
        ("https://admin@dev-cloud.acronis.com/", LOGIN, NO_LOGIN),
        ("https://:pass@dev-cloud.acronis.com/", LOGIN, NO_LOGIN),
        ("http://dev-cloud.acronis.com/", NOT_HERE, HTTPS),
        ("http://10.0.0.1:8080/", NOT_HERE, HTTPS),
        ("http://0.0.0.0:8080/", NOT_HERE, HTTPS),
        ("http://localhost.example.com/", NOT_HERE, HTTPS),
        ("http://127.0.0.1.example.com/", NOT_HERE, HTTPS),
        ("http://[::2]/", NOT_HERE, HTTPS),
    ] {
        let mut settings = valid();
        settings["base_url"] = url.into();
        let outcome = rejected(&settings);
        assert_eq!(
            outcome.error(),
            format!("base_url in HOME/{SETTINGS} {expected}"),
            "{url}"
        );
        assert_eq!(outcome.help(), expected_help, "{url}");
    }
}

#[test]
fn a_number_of_seconds_must_be_in_range() {
    for (key, value, default) in [
        ("wait_seconds", json!(0), 600),
        ("wait_seconds", json!(-1), 600),
        ("connect_timeout_seconds", json!("soon"), 10),
        ("read_timeout_seconds", json!(86_401), 60),
        ("retry_total_seconds", json!("NaN"), 180),
    ] {
        let mut settings = valid();
        settings[key] = value;
        let outcome = rejected(&settings);
        assert_eq!(
            outcome.error(),
            format!("{key} in HOME/{SETTINGS} is not a number of seconds from 0.001 to 86400")
        );
        assert_eq!(
            outcome.help(),
            format!("Use the form {default}, or remove the setting to use that default.")
        );
    }
}

#[test]
fn a_number_must_not_be_another_type() {
    let mut settings = valid();
    settings["retry_total_seconds"] = true.into();
    let outcome = rejected(&settings);
    let expected = format!("retry_total_seconds in HOME/{SETTINGS} is not a number");
    assert_eq!(outcome.error(), expected);
}

#[test]
fn an_optional_setting_must_have_one_of_its_values() {
    let mut all = String::new();
    for (key, value) in [
        ("user_agent", "two\nlines"),
        ("log", "verbose"),
        ("credential_store", "safe"),
        ("credential_store", "keyring"),
    ] {
        let mut settings = valid();
        settings[key] = value.into();
        all += &format!("{}\n", rejected(&settings));
    }
    insta::assert_snapshot!(all, @"
    ! error: user_agent in HOME/cyber.platform.cfg.json contains characters that are not allowed in an HTTP header
    ! help: Use the form Product/1.0 (what it does), in ASCII.
    exit 2

    ! error: log in HOME/cyber.platform.cfg.json is neither debug nor off
    ! help: Set it to debug to see each call on standard error, or remove it.
    exit 2

    ! error: credential_store in HOME/cyber.platform.cfg.json is neither file nor keyring
    ! help: Set it to keyring to keep secrets in the system keyring, or remove it.
    exit 2

    ! error: credential_store is keyring, but this build does not support it
    ! help: Add `--features keyring` to `cargo run`, or set credential_store to file.
    exit 2
    ");
}

#[test]
fn an_invalid_variable_is_named() {
    let home = TestHome::empty().put(SETTINGS, valid());
    let outcome = home
        .example("get_tenant_usage")
        .env("CYBER_PLATFORM_BASE_URL", "nonsense")
        .refused(2);
    let expected = "base_url in CYBER_PLATFORM_BASE_URL is not a URL: ";
    assert!(outcome.error().starts_with(expected), "{outcome}");
}

#[test]
fn a_home_without_settings_is_reported() {
    let _redacted = redactions::scripted();
    let home = TestHome::empty();
    insta::assert_snapshot!(home.example("get_tenant_usage").refused(2), @"
    ! error: HOME/cyber.platform.cfg.json is missing
    ! help: Copy cyber.platform.cfg.json from the checkout to this folder, or unset CYBER_PLATFORM_HOME.
    exit 2
    ");

    let missing = home.path("missing");
    let outcome = home
        .example("get_tenant_usage")
        .env("CYBER_PLATFORM_HOME", &missing)
        .refused(2);
    insta::assert_snapshot!(outcome, @"
    ! error: CYBER_PLATFORM_HOME is HOME/missing, which is not a folder
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
