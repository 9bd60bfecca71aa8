//! The rules by which the pages are generated and compared.

use tests::pages::{compare::is_equivalent, excerpt, redact::redact};

const SOURCE: &str =
    "fn a() {\n    // One.\n    b();\n\n    // Two.\n    c(\n        d,\n    );\n}\n";

#[test]
fn excerpt_is_a_paragraph_without_its_indentation() {
    assert_eq!(
        excerpt::find(SOURCE, "// One.", None).as_deref(),
        Ok("// One.\nb();\n")
    );
}

#[test]
fn excerpt_can_have_an_end() {
    assert_eq!(
        excerpt::find(SOURCE, "b();", Some(");")).as_deref(),
        Ok("b();\n\n// Two.\nc(\n    d,\n);\n")
    );
}

#[test]
fn excerpt_to_a_brace_contains_the_inner_braces() {
    let source = "fn a() {\n    if b {\n        c();\n    }\n}\n";
    assert_eq!(
        excerpt::find(source, "fn a", Some("}")).as_deref(),
        Ok(source)
    );
}

#[test]
fn excerpt_must_exist_and_be_unique() {
    assert!(excerpt::find(SOURCE, "// Three.", None).is_err());
    assert!(excerpt::find(SOURCE, "// Two.", Some("// One.")).is_err());
    assert!(excerpt::find(SOURCE, "//", None).is_err());
}

fn same(old: &str, new: &str) -> bool {
    let block = |text: &str| format!("```text\n{text}\n```\n");
    is_equivalent(&block(old), &block(new))
}

#[test]
fn comparison_ignores_ids_counts_bars_and_order() {
    assert!(same(
        "Page 1: 10 tasks\nPage 2: 4 tasks\nused  1.5 GiB  ######----  56 %",
        "Page 1: 10 tasks\nused   15.5 MiB  ###-------  33 %\nPage 2: 10 tasks\nPage 3: 1 task"
    ));
    assert!(same(
        "Rust Partner ABC123 v3.0\ncalls  GET  /api/2/tenants/0a1b2c3d…  200  2 times",
        "Rust Partner XYZ789 v3.0\ncalls  GET  /api/2/tenants/99999999…  200"
    ));
}

#[test]
fn comparison_detects_a_different_text_path_or_status() {
    let call = "calls  GET  /api/2/tenants  200";
    assert!(!same("It is locked", "It is unlocked"));
    assert!(!same(call, "calls  GET  /api/2/tenants  403"));
    assert!(!same(call, "calls  GET  /api/1/tenants  200"));
    // These two are the same in every run.
    assert!(!same(
        "calls  GET  /api/2/applications/6e6d758d…  200",
        "calls  GET  /api/2/applications/7459244f…  200"
    ));
    assert!(!is_equivalent(
        "```rust\nlet a = 1;\n```\n",
        "```rust\nlet a = 2;\n```\n"
    ));
}

#[test]
fn redaction_keeps_equal_ids_and_names_equal() {
    let one = redact(
        "Rust Partner ABC123 v3.0, 0a1b2c3d-0000-4000-8000-000000000000, 0a1b2c3d…, 127.0.0.1:4711, 2026-11-26T10:00:00Z",
    );
    let other = redact(
        "Rust Partner XYZ789 v3.0, 99999999-0000-4000-8000-000000000000, 99999999…, 127.0.0.1:815, 2027-01-02T03:04:05.678Z",
    );
    assert_eq!(one, other);
    assert!(one.starts_with("Rust Partner "), "{one}");
    assert!(
        one.ends_with(", 127.0.0.1:8080, YYYY-MM-DDThh:mm:ss"),
        "{one}"
    );
}

#[test]
fn redaction_keeps_different_ids_and_names_different() {
    let text = redact("ABC123 v3.0, DEF456 v3.0, 0a1b2c3d…, 1a1b2c3d…");
    let parts: Vec<_> = text.split(", ").collect();
    assert_ne!(parts[0], parts[1]);
    assert_ne!(parts[2], parts[3]);
}

#[test]
fn redaction_keeps_the_ids_of_applications() {
    let backup = "6e6d758d-8e74-3ae3-ac84-50eb0dff12eb";
    let text = format!("{backup}, 6e6d758d…");
    assert_eq!(redact(&text), text);

    let other = backup.replace("12eb", "12ec");
    assert_ne!(redact(&other), other);
}
