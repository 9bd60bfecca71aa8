//! Questions that get no answer.

use serde_json::json;
use tests::{ScriptedServer, TestHome};

#[test]
fn nothing_is_sent_without_an_answer_to_every_question() {
    let cases: &[(&str, &[u8])] = &[
        ("create_api_client", b""),
        ("create_api_client", b"\n"),
        ("create_api_client", b" \t \r\n"),
        ("create_api_client", b"\xff\xfe\n"),
        ("create_api_client", b"admin\n"),
        ("create_api_client", b"admin\n\n"),
        ("create_api_client", b"admin\n   "),
        (
            "create_user_for_customer_activate_assign_backup_user_role",
            b"",
        ),
        (
            "create_user_for_customer_activate_assign_backup_user_role",
            b"\n",
        ),
        (
            "create_user_for_customer_activate_assign_backup_user_role",
            b"john",
        ),
        (
            "create_user_for_customer_activate_assign_backup_user_role",
            b"john\n \n",
        ),
        ("tenants/search_for_tenant_or_user", b""),
        ("users/search_for_tenant_or_user", b"  \n"),
    ];
    let mut told = String::new();
    for (name, input) in cases {
        let server = ScriptedServer::unused();
        let home = TestHome::new(&server.url());
        let home = match *name {
            "create_api_client" => home,
            _ => home.signed_in().put("customer.json", json!({ "id": "c" })),
        };

        let outcome = home.example(name).input(input).refused(2);

        assert_eq!(server.conversation(), "");
        told += &format!("{name} < {:?}\n{outcome}\n", String::from_utf8_lossy(input));
    }
    insta::assert_snapshot!(told, @r#"
    create_api_client < ""
    ! Login:
    ! error: no login was given: the input ended
    ! help: Run it again and type an answer, or pipe in one line per prompt.
    exit 2

    create_api_client < "\n"
    ! Login:
    ! error: Login is empty
    ! help: Run it again and type an answer.
    exit 2

    create_api_client < " \t \r\n"
    ! Login:
    ! error: Login is empty
    ! help: Run it again and type an answer.
    exit 2

    create_api_client < "��\n"
    ! Login:
    ! error: Login cannot be read: stream did not contain valid UTF-8
    ! help: Type it at a terminal, or pipe it in as a line of UTF-8.
    exit 2

    create_api_client < "admin\n"
    ! Login:
    ! Password:
    ! error: no password was given: the input ended
    ! help: Run it again and type an answer, or pipe in one line per prompt.
    exit 2

    create_api_client < "admin\n\n"
    ! Login:
    ! Password:
    ! error: Password is empty
    ! help: Run it again and type an answer.
    exit 2

    create_api_client < "admin\n   "
    ! Login:
    ! Password:
    ! error: Password is empty
    ! help: Run it again and type an answer.
    exit 2

    create_user_for_customer_activate_assign_backup_user_role < ""
    ! Login of the new user:
    ! error: no login of the new user was given: the input ended
    ! help: Run it again and type an answer, or pipe in one line per prompt.
    exit 2

    create_user_for_customer_activate_assign_backup_user_role < "\n"
    ! Login of the new user:
    ! error: Login of the new user is empty
    ! help: Run it again and type an answer.
    exit 2

    create_user_for_customer_activate_assign_backup_user_role < "john"
    ! Login of the new user:
    ! E-mail address of the new user:
    ! error: no e-mail address of the new user was given: the input ended
    ! help: Run it again and type an answer, or pipe in one line per prompt.
    exit 2

    create_user_for_customer_activate_assign_backup_user_role < "john\n \n"
    ! Login of the new user:
    ! E-mail address of the new user:
    ! error: E-mail address of the new user is empty
    ! help: Run it again and type an answer.
    exit 2

    tenants/search_for_tenant_or_user < ""
    ! Text to search for:
    ! error: no text to search for was given: the input ended
    ! help: Run it again and type an answer, or pipe in one line per prompt.
    exit 2

    users/search_for_tenant_or_user < "  \n"
    ! Text to search for:
    ! error: Text to search for is empty
    ! help: Run it again and type an answer.
    exit 2
    "#);
}
