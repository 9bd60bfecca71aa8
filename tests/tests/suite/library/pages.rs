//! Reading a list page by page.

use common::Platform;
use serde_json::json;
use tests::{Response, ScriptedServer};

use super::builder;

/// A page with these items and the cursor of the next one.
fn page(items: &[i64], after: Option<&str>) -> Response {
    let paging = json!({ "cursors": { "after": after } });
    Response::json(200, json!({ "items": items, "paging": paging }))
}

/// A server that sends these pages after the two calls that sign in.
fn server(pages: impl IntoIterator<Item = Response>) -> ScriptedServer {
    let owner = Response::json(200, json!({ "tenant_id": "my-tenant" }));
    let sign_in = [Response::token("t0ken"), owner];
    ScriptedServer::new(sign_in.into_iter().chain(pages))
}

fn sign_in(server: &ScriptedServer) -> Platform {
    builder(server).sign_in().expect("it can sign in")
}

fn targets(server: &ScriptedServer) -> Vec<String> {
    let calls = server.calls().into_iter().skip(2);
    calls.map(|call| call.target).collect()
}

/// The items of all pages, and the error after them.
fn read(platform: &Platform) -> (Vec<i64>, Option<String>) {
    let (mut items, mut error) = (Vec::new(), None);
    for page in platform.pages::<i64>("/api/list") {
        assert_eq!(error, None, "the error is the last item");
        match page {
            Ok(page) => items.extend(page.items),
            Err(cause) => error = Some(format!("{cause:#}")),
        }
    }
    (items, error)
}

#[test]
fn pages_follow_the_cursor_with_the_query_of_the_call() {
    let server = server([
        page(&[1, 2], Some("b/")),
        page(&[], Some("c")),
        page(&[3], None),
    ]);
    let platform = sign_in(&server);
    let call = platform.get("/api/list").query(&[("limit", "2")]);
    let mut items = Vec::new();
    for page in call.pages::<i64>() {
        items.extend(page.expect("a page").items);
    }
    assert_eq!(items, [1, 2, 3]);
    assert_eq!(
        targets(&server),
        [
            "/api/list?limit=2",
            "/api/list?limit=2&after=b%2F",
            "/api/list?limit=2&after=c"
        ]
    );
}

#[test]
fn a_repeated_cursor_is_an_error_after_the_pages() {
    let server = server([page(&[1], Some("a")), page(&[2], Some("a"))]);
    let (items, error) = read(&sign_in(&server));
    assert_eq!(items, [1, 2]);
    let error = error.expect("the list repeats");
    assert!(error.contains("a page that was already read"), "{error}");
    assert_eq!(targets(&server).len(), 2);
}

#[test]
fn a_repeated_cursor_of_an_empty_page_is_the_end() {
    let server = server([page(&[1], Some("a")), page(&[], Some("a"))]);
    assert_eq!(read(&sign_in(&server)), (vec![1], None));
    assert_eq!(targets(&server).len(), 2);
}

#[test]
fn an_error_ends_the_pages() {
    let server = server([page(&[1], Some("a")), Response::empty(404)]);
    let (items, error) = read(&sign_in(&server));
    assert_eq!(items, [1]);
    assert!(error.expect("the page is missing").contains("404"));
}

#[test]
fn a_page_is_read_when_it_is_needed() {
    let server = server([page(&[1], Some("a"))]);
    let platform = sign_in(&server);
    let mut pages = platform.pages::<i64>("/api/list");
    assert!(pages.next().is_some_and(|page| page.is_ok()));
    assert_eq!(targets(&server).len(), 1);
}
