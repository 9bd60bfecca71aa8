//! `--help`, `--version`, arguments that no example takes, and the headers that are the help text.

use std::fs;

use tests::{
    TestHome,
    examples::{self, Example},
};

/// The items of a header, in order. The help text of an example that signs in has another `Needs` before its own.
const ITEMS: [&str; 5] = ["Prompts", "Needs", "Calls", "Writes", "If it fails midway"];

fn source(example: &Example) -> String {
    fs::read_to_string(&example.source).expect("the source is text")
}

#[test]
fn help_is_the_header_of_the_source() {
    let outcome = TestHome::empty()
        .example("create_api_client")
        .arg("--help")
        .end()
        .success();
    insta::assert_snapshot!(outcome, @"
    Creates an API client: the account that all other examples use.

    Usage: create_api_client [OPTIONS]

    Options:
      -v, --verbose     Show each call and its response on standard error, without secrets
          --home <DIR>  Use this home folder, with your settings and saved files
          --replace     Create another API client, and keep the old file under another name
      -h, --help        Print help
      -V, --version     Print version

    Details:
    cargo run -p authorization --bin create_api_client

    The secret is saved in plain text. A real integration keeps it in a secure store.

    If the platform no longer accepts the client in api_client.json, or after a reset of the sandbox, add -- --replace.
    The old file is kept as api_client.1.json, and files about objects that do not exist here are renamed too.

    - Prompts: login and password of an administrator. They are used for these two calls and not saved.
    - Needs: no file. api_client.json must not exist yet, unless it is replaced: its secret cannot be retrieved again.
    - Calls: GET /api/2/users/me, POST /api/2/clients.
    - Writes: api_client.json.
    - If it fails midway: an API client may exist whose secret was never received or saved. Delete it in the management
      console, then run the example again.
    ");
}

#[test]
fn help_starts_with_the_danger_and_lists_all_that_is_needed() {
    let home = TestHome::empty();
    let name = "create_customer_tenant_and_assign_specific_edition";
    let help = home.example(name).arg("--help").end().success().stdout;
    let (before_usage, details) = help.split_once("\n\nUsage: ").expect("a usage");
    insta::assert_snapshot!(before_usage, @"
    Creates a customer tenant under the partner, enables the offering items of one edition and ends the trial.

    Ending the trial starts production: the customer is billed from then on. It cannot be undone.
    ");
    let needs: Vec<_> = details
        .lines()
        .filter(|line| line.contains("Needs"))
        .collect();
    insta::assert_snapshot!(needs.join("\n"), @"
    - Needs: api_client.json, which create_api_client writes.
    - Needs: partner.json, which create_partner_tenant_and_assign_specific_edition writes.
    ");
}

#[test]
fn every_example_has_a_summary_and_known_items_in_order() {
    // Help needs no settings, so home is empty.
    let home = TestHome::empty();
    for example in examples::all() {
        let name = format!("{}/{}", example.package, example.name);
        let source = source(example);
        let summary = source
            .lines()
            .next()
            .and_then(|line| line.strip_prefix("//! "));
        let summary = summary.expect("a summary").replace('`', "");
        for flag in ["--help", "-h"] {
            let help = home.example(&name).arg(flag).end().success().stdout;

            assert_eq!(help.lines().next(), Some(summary.as_str()), "{name}");
            assert!(help.contains("  --home <DIR>  "), "{name}");
            let mut items: Vec<_> = help
                .lines()
                .filter_map(|line| Some(line.strip_prefix("- ")?.split_once(':')?.0))
                .collect();
            items.dedup();
            let expected: Vec<_> = ITEMS
                .into_iter()
                .filter(|item| items.contains(item))
                .collect();
            assert_eq!(items, expected, "{name}");
            assert!(items.contains(&"Calls"), "{name}");
            let signs_in = !source.contains("run_without_token");
            assert_eq!(
                help.contains("\n- Needs: api_client.json, which create_api_client writes.\n"),
                signs_in || example.name == "issue_access_token",
                "{name}"
            );
        }
    }
}

#[test]
fn every_example_that_creates_something_explains_how_to_continue_after_a_failure() {
    for example in examples::all() {
        let source = source(example);
        let (header, _) = source.split_once("\n\nuse ").expect("a header");
        let creates = header.contains("POST `/api") && !header.contains("POST `/api/2/idp/token`");
        let explains = header.contains("\n//! - If it fails midway: ");
        assert!(!creates || explains, "{}", example.name);
        // Steps that are done are reported with how to continue.
        assert!(!source.contains(".step") || explains, "{}", example.name);
    }
}

/// A run that fails midway lists the declared steps that are not done, so they must be those that the code records. A
/// step on each item of a list, `.step_on(…)`, is not declared.
#[test]
fn the_declared_steps_are_those_of_the_code() {
    const RECORDED: &str = ".step(\"";
    /// A closure of `create_partner_tenant_and_lock` and a function of `prepare` take the step as an argument.
    const PASSED_ON: [&str; 2] = ["change(\"", "create(platform, \""];

    let prepare = examples::checkout().join("tenants/src/prepare.rs");
    let prepare = fs::read_to_string(prepare).expect("the source is text");
    for example in examples::all() {
        let source = source(example);
        let (_, code) = source.split_once("\nuse ").expect("a header");
        let mut recorded = Vec::new();
        for shared in ["create_customer_to_switch", "create_partner_to_lock"] {
            if code.contains(&format!("{shared}(platform)")) {
                recorded.extend(steps(function(&prepare, shared), &PASSED_ON));
                recorded.extend(steps(function(&prepare, "create"), &[RECORDED]));
            }
        }
        recorded.extend(steps(code, &[RECORDED, PASSED_ON[0]]));
        assert_eq!(declared(code), recorded, "{}", example.name);
    }
}

/// The texts in `common::about!().steps(…)`.
fn declared(code: &str) -> Vec<&str> {
    let list = [".steps(&[", "steps = &[", "STEPS: &[&str] = &["]
        .into_iter()
        .find_map(|start| code.split_once(start));
    let Some((_, list)) = list else {
        assert!(!code.contains(".steps("), "the list of steps is not found");
        return Vec::new();
    };
    let (list, _) = list.split_once(']').expect("the list ends");
    list.split('"').skip(1).step_by(2).collect()
}

/// The texts that follow these ones in the code, in order.
fn steps<'a>(code: &'a str, starts: &[&str]) -> Vec<&'a str> {
    let mut found: Vec<_> = starts
        .iter()
        .flat_map(|start| code.match_indices(start))
        .map(|(at, start)| at + start.len())
        .collect();
    found.sort_unstable();
    found
        .into_iter()
        .filter_map(|at| code.get(at..)?.split('"').next())
        .collect()
}

/// The source of a function.
fn function<'a>(source: &'a str, name: &str) -> &'a str {
    let (_, function) = source
        .split_once(&format!("fn {name}("))
        .unwrap_or_else(|| panic!("no function {name}"));
    function.split("\n}\n").next().unwrap_or_default()
}

#[test]
fn every_example_prints_its_version() {
    let home = TestHome::empty();
    for example in examples::all() {
        let name = format!("{}/{}", example.package, example.name);
        for flag in ["--version", "-V"] {
            let outcome = home.example(&name).arg(flag).end().success();
            assert_eq!(
                outcome.stdout,
                format!("{} {}\n", example.name, env!("CARGO_PKG_VERSION"))
            );
        }
    }
}

#[test]
fn an_unknown_argument_is_rejected() {
    let home = TestHome::empty();
    insta::assert_snapshot!(home.example("create_api_client").arg("partner").refused(2), @"
    ! error: unexpected argument 'partner' found
    ! help: create_api_client takes no arguments except --verbose, --home and --replace; it prompts for what it needs. See --help.
    exit 2
    ");

    for (argument, expected) in [
        ("--verbosely", "unexpected argument '--verbosely' found"),
        (
            "--verbose=1",
            "unexpected value '1' for '--verbose' found; no more were expected",
        ),
        ("-w", "unexpected argument '-w' found"),
        (
            "--help=1",
            "unexpected value '1' for '--help' found; no more were expected",
        ),
        ("", "unexpected argument '' found"),
    ] {
        let outcome = home.example("create_api_client").arg(argument).refused(2);
        assert_eq!(outcome.error(), expected);
    }

    for example in examples::all() {
        let name = format!("{}/{}", example.package, example.name);
        let outcome = home.example(&name).arg("unknown").refused(2);
        assert_eq!(outcome.error(), "unexpected argument 'unknown' found");
        assert!(outcome.help().starts_with(&example.name), "{outcome}");
    }
}
