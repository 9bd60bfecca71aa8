//! A platform in a program that runs async code.

use common::{Page, Platform};
use serde::de::IgnoredAny;
use serde_json::json;
use tests::{Response, ScriptedServer};
use tokio::runtime::Builder;

use super::builder;

fn read_list(platform: &Platform) -> usize {
    let page: Page<IgnoredAny> = platform.get("/api/2/list").fetch().expect("a list");
    page.items.len()
}

fn script() -> [Response; 3] {
    [
        Response::token("t0ken"),
        Response::json(200, json!({ "tenant_id": "my-tenant" })),
        Response::no_items(),
    ]
}

#[test]
fn a_platform_can_be_built_used_and_dropped_in_async_code() {
    for mut runtime in [Builder::new_current_thread(), Builder::new_multi_thread()] {
        let server = ScriptedServer::new(script());
        let runtime = runtime.build().expect("a runtime");
        runtime.block_on(async {
            let platform = builder(&server).sign_in().expect("it can sign in");
            assert_eq!(read_list(&platform), 0);
            drop(platform);
        });
        server.calls();
    }
}

#[test]
fn a_platform_can_be_used_on_a_blocking_thread_and_dropped_in_async_code() {
    let server = ScriptedServer::new(script());
    let runtime = Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        let builder = builder(&server);
        let work = move || {
            let platform = builder.sign_in().expect("it can sign in");
            assert_eq!(read_list(&platform), 0);
            platform
        };
        let platform = tokio::task::spawn_blocking(work).await;
        drop(platform.expect("the thread does not panic"));
    });
    server.calls();
}
