//! Settings that are missing or invalid. Nothing is sent, even if everything else is in order.

use std::fs;

use common::{Config, Home, config};
use serde_json::{Value, json};
use tests::{Outcome, Response, ScriptedServer, TestHome, examples, redactions};

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
            r#"{"log": "off", "log": "debug"}"#,
            "cannot be used: \"log\" appears twice",
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
                "Correct the file: it must be one JSON object, saved as UTF-8."
            );
        }
    }
}

#[test]
fn an_unknown_setting_is_rejected_with_the_nearest_name() {
    for (key, expected) in [
        (
            "baseurl",
            "Did you mean \"base_url\"? Correct the name, or remove it.",
        ),
        (
            "editon",
            "Did you mean \"edition\"? Correct the name, or remove it.",
        ),
        (
            "password",
            "Remove it. The known settings are: base_url, partner_tenant, customer_tenant, edition, switch_edition, \
             cyber_protection_application_id, user_agent, wait_seconds, ca_file, credential_store, log, \
             connect_timeout_seconds, read_timeout_seconds, retry_pause_seconds, retry_total_seconds.",
        ),
    ] {
        for file in [SETTINGS, DEFAULTS] {
            for example in ["create_api_client", "get_tenant_usage"] {
                let server = ScriptedServer::unused();
                let home = TestHome::new(&server.url()).put(DEFAULTS, json!({}));
                let mut settings = home.file(file);
                settings[key] = "anything".into();
                let home = home.put(file, settings);

                let outcome = home.example(example).input("admin\npassword\n").refused(2);

                assert_eq!(
                    outcome.error(),
                    format!("\"{key}\" in HOME/{file} is an unknown setting")
                );
                assert_eq!(outcome.help(), expected);
                assert!(!outcome.stderr.contains("Login"), "{outcome}");
                assert_eq!(server.conversation(), "");
            }
        }
    }
}

#[test]
fn an_unknown_variable_is_rejected_with_the_nearest_name() {
    for (variable, expected) in [
        (
            "CYBER_PLATFORM_EDITON",
            "Did you mean CYBER_PLATFORM_EDITION? Correct the name, or unset it.",
        ),
        (
            "CYBER_PLATFORM_BASEURL",
            "Did you mean CYBER_PLATFORM_BASE_URL? Correct the name, or unset it.",
        ),
        (
            "CYBER_PLATFORM_HOEM",
            "Did you mean CYBER_PLATFORM_HOME? Correct the name, or unset it.",
        ),
        (
            "CYBER_PLATFORM_PASSWORD",
            "Unset it. A known name is CYBER_PLATFORM_ and one of: BASE_URL, PARTNER_TENANT, CUSTOMER_TENANT, EDITION, \
             SWITCH_EDITION, CYBER_PROTECTION_APPLICATION_ID, USER_AGENT, WAIT_SECONDS, CA_FILE, CREDENTIAL_STORE, \
             LOG, CONNECT_TIMEOUT_SECONDS, READ_TIMEOUT_SECONDS, RETRY_PAUSE_SECONDS, RETRY_TOTAL_SECONDS, HOME.",
        ),
    ] {
        let server = ScriptedServer::unused();
        let home = TestHome::new(&server.url()).signed_in();

        let outcome = home
            .example("get_tenant_usage")
            .env(variable, "anything")
            .refused(2);

        assert_eq!(
            outcome.error(),
            format!("the environment variable {variable} is unknown")
        );
        assert_eq!(outcome.help(), expected);
        assert_eq!(server.conversation(), "");
    }
}

#[test]
fn a_misspelled_home_is_reported_even_if_no_home_is_found() {
    let home = TestHome::empty();
    let outcome = home
        .example("get_tenant_usage")
        .standing_in(home.folder())
        .env("CYBER_PLATFORM_HOM", home.folder())
        .refused(2);
    assert_eq!(
        outcome.error(),
        "the environment variable CYBER_PLATFORM_HOM is unknown"
    );
}

#[test]
fn base_url_has_no_default() {
    for settings in [
        json!({}),
        json!({ "base_url": null }),
        json!({ "edition": "pck_per_gigabyte" }),
    ] {
        let home = TestHome::empty().put(SETTINGS, settings).signed_in();
        insta::allow_duplicates! {
            insta::assert_snapshot!(home.example("get_tenant_usage").refused(2), @"
            ! error: base_url is missing in HOME/cyber.platform.cfg.json
            ! help: Add it there, or set CYBER_PLATFORM_BASE_URL. Use the form https://dev-cloud.acronis.com/ (your data center) or http://127.0.0.1:8080/ (the sandbox).
            exit 2
            ");
        }
    }

    let home = TestHome::new("http://127.0.0.1:1/")
        .put(DEFAULTS, json!({ "base_url": "http://127.0.0.1:1/" }));
    insta::assert_snapshot!(home.example("get_tenant_usage").refused(2), @"
    ! error: base_url in HOME/cyber.platform.cfg.defaults.json is not used: it has no default
    ! help: Move it to cyber.platform.cfg.json.
    exit 2
    ");
}

#[test]
fn the_files_of_the_checkout_contain_what_is_built_in_and_the_address_of_the_sandbox() {
    let file = |name| {
        let content = fs::read(examples::checkout().join(name)).expect("the file is readable");
        serde_json::from_slice::<Value>(&content).expect("the file is JSON")
    };
    let home = TestHome::empty().put(SETTINGS, json!({ "base_url": "http://127.0.0.1:1/" }));
    let built_in = Config::read(&Home::new(home.folder())).expect("the settings are complete");
    let mut expected = json!({
        "partner_tenant": built_in.partner_tenant,
        "customer_tenant": built_in.customer_tenant,
        "edition": built_in.edition,
        "switch_edition": built_in.switch_edition,
        "cyber_protection_application_id": built_in.cyber_protection_application_id,
    });
    assert_eq!(file(DEFAULTS), expected);
    expected["base_url"] = "http://127.0.0.1:8080/".into();
    assert_eq!(file(SETTINGS), expected);
}

#[test]
fn a_base_url_alone_is_a_complete_settings_file() {
    let server = ScriptedServer::new([Response::no_items()]);
    let home = TestHome::empty()
        .put(SETTINGS, json!({ "base_url": server.url() }))
        .signed_in();

    home.run("get_tenant_usage").success();

    assert_eq!(server.calls().len(), 1);
}

#[test]
fn every_known_setting_is_accepted() {
    let server = ScriptedServer::new([Response::no_items()]);
    let settings = json!({
        "base_url": server.url(),
        "partner_tenant": "partner",
        "customer_tenant": "customer",
        "edition": "pck_per_gigabyte",
        "switch_edition": "pck_per_workload",
        "cyber_protection_application_id": "a",
        "user_agent": "Billing/1.0",
        "wait_seconds": 1,
        "ca_file": "ca.pem",
        "credential_store": "file",
        "log": "off",
        "connect_timeout_seconds": 1,
        "read_timeout_seconds": 1.5,
        "retry_pause_seconds": "0.5",
        "retry_total_seconds": 1,
    });
    let given: Vec<_> = settings.as_object().expect("an object").keys().collect();
    assert_eq!(given, config::KEYS.iter().collect::<Vec<_>>());
    let home = TestHome::empty().put(SETTINGS, settings).signed_in();

    home.run("get_tenant_usage").success();

    assert_eq!(server.calls().len(), 1);
}

#[test]
fn files_from_editors_on_windows_are_read() {
    let mark = |text: &str| format!("\u{feff}{text}");
    let utf_8 = |text: &str| mark(text).into_bytes();
    let utf_16 = |text: &str| {
        mark(text)
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect()
    };
    for encode in [&utf_8 as &dyn Fn(&str) -> Vec<u8>, &utf_16] {
        let server = ScriptedServer::new([Response::no_items()]);
        let home = TestHome::new(&server.url()).signed_in();
        for name in [SETTINGS, "api_client.json"] {
            let content = encode(&home.text(name));
            fs::write(home.path(name), content).expect("the test owns the file");
        }

        home.run("get_tenant_usage").success();

        assert_eq!(server.calls().len(), 1);
    }
}

#[test]
fn another_encoding_is_named() {
    for (content, expected) in [
        (b"{\"edition\": \"\xe4\"}".as_slice(), "is not UTF-8 text"),
        (b"{\0}\0", "is not UTF-8 text"),
        (b"\xff\xfe{", "is not valid UTF-16 text"),
    ] {
        let home = TestHome::empty();
        fs::write(home.path(SETTINGS), content).expect("the test owns the file");
        let outcome = home.example("get_tenant_usage").refused(2);
        assert_eq!(outcome.error(), format!("HOME/{SETTINGS} {expected}"));
        assert_eq!(
            outcome.help(),
            "Correct the file: it must be one JSON object, saved as UTF-8."
        );
    }
}

#[test]
fn the_path_of_the_console_is_dropped_with_a_note() {
    let server = ScriptedServer::new([Response::no_items()]);
    let url = format!("{}mc/app;group_id=1234/clients", server.url());
    let home = TestHome::new(&url).signed_in();

    let outcome = home.run("get_tenant_usage").success();

    let note = format!(
        "note: base_url in HOME/{SETTINGS} is a page of the console; the API is at {}\n",
        server.url()
    );
    assert!(outcome.stderr.contains(&note), "{outcome}");
    let path = &server.calls()[0].target;
    assert!(path.starts_with("/api/2/tenants/"), "{path}");
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
    insta::assert_snapshot!(home.example("get_tenant_usage").refused(2), @r#"
    ! error: HOME/cyber.platform.cfg.json is missing
    ! help: Create it with {"base_url": "https://…"}, the address of your data center, or use another folder with --home or CYBER_PLATFORM_HOME.
    exit 2
    "#);

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
    ! help: Change to a folder of the checkout, or name the folder that holds it with --home or CYBER_PLATFORM_HOME.
    exit 2
    ");
}

#[test]
fn the_option_home_overrides_the_variable() {
    let server = ScriptedServer::new([Response::items(json!([]))]);
    let home = TestHome::new(&server.url()).signed_in();
    let elsewhere = TestHome::empty();

    let run = home.example("get_all_agents_info");
    let run = run.env("CYBER_PLATFORM_HOME", elsewhere.path("missing"));
    // Relative to the current folder.
    let run = run.arg("--home").arg(".");
    let outcome = run.end().success();

    assert!(home.path("all_agents.json").is_file(), "{outcome}");
    assert_eq!(server.calls().len(), 1);
}

#[test]
fn an_error_about_the_home_folder_names_the_option() {
    let home = TestHome::empty();
    let run = |folder: &str| {
        let run = home.example("get_tenant_usage");
        run.arg(format!("--home={folder}")).refused(2)
    };
    insta::assert_snapshot!(run("missing"), @"
    ! error: --home is missing, which is not a folder
    ! help: Create the folder and put cyber.platform.cfg.json into it, or use another folder.
    exit 2
    ");
    insta::assert_snapshot!(run("."), @r#"
    ! error: ./cyber.platform.cfg.json is missing
    ! help: Create it with {"base_url": "https://…"}, the address of your data center, or use another folder with --home or CYBER_PLATFORM_HOME.
    exit 2
    "#);
    insta::assert_snapshot!(run(""), @"
    ! error: a value is required for '--home <DIR>' but none was supplied
    ! help: get_tenant_usage takes no arguments except --verbose, --home, --tenant and --json; it prompts for what it needs. See --help.
    exit 2
    ");
}
