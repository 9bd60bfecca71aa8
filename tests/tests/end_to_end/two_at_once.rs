//! Several examples in one home at the same moment.

use std::thread;

use tests::Live;

#[test]
fn all_of_them_succeed_and_one_token_is_left_which_is_accepted() {
    let live = Live::start();
    let stage = crate::with_client(&live);

    // One that has ended, and one that looks good and is refused.
    for (token, seconds) in [("old-t0ken", 0), ("unknown-t0ken", 7200)] {
        stage.keep_token("api_token.json", token, seconds);
        live.skip();
        let examples = [
            "get_tenant_usage",
            "navigate_through_tenants",
            "get_all_agents_info",
            "get_tenant_usage",
        ];
        thread::scope(|scope| {
            for example in examples {
                let stage = &stage;
                scope.spawn(move || stage.run(example).success());
            }
        });
        assert_eq!(live.count("POST /api/2/idp/token"), 1);
    }

    let kept = stage.file("api_token.json")["access_token"].clone();
    assert_ne!(kept, "unknown-t0ken");
    stage.run("get_tenant_usage").success();
    assert_eq!(
        stage.file("api_token.json")["access_token"],
        kept,
        "it is accepted"
    );
}
