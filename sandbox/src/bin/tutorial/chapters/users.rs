//! Users.

use super::{Answer, Chapter, Step};

pub(crate) const CHAPTER: Chapter = Chapter {
    name: "users",
    title: "Users",
    story: "People who sign in, with the roles that say what they may do.",
    customer_token: false,
    steps: STEPS,
};

const STEPS: &[Step] = &[
    Step {
        title: "Create a user for the customer",
        story: "Is the login free? Then the user is made, gets a mail with an activation link, and the role \
                backup_user: without a role a user has no service at all.",
        package: "users",
        binary: "create_user_for_customer_activate_assign_backup_user_role",
        answers: &[
            Answer::Text("grace.hopper"),
            Answer::Text("grace@example.com"),
        ],
        needs: &["create_customer_tenant_and_assign_specific_edition"],
        then: "",
    },
    Step {
        title: "Create an administrator of the partner",
        story: "The same four calls for another tenant and another role: partner_admin manages the partner and all \
                below it.",
        package: "users",
        binary: "create_user_for_partner_activate_assign_admin_role",
        answers: &[
            Answer::Text("ada.lovelace"),
            Answer::Text("ada@example.com"),
        ],
        needs: &["create_partner_tenant_and_assign_specific_edition"],
        then: "",
    },
    Step {
        title: "Act as a user",
        story: "A support portal signs its people in where their customers are, without a password: the API client \
                gets a one-time token, whoever has it becomes the user, and a cookie is the session from then on. It \
                ends with the sign-out.",
        package: "users",
        binary: "ipmpersonate_user_call_me",
        answers: &[],
        needs: &["create_user_for_customer_activate_assign_backup_user_role"],
        then: "",
    },
    Step {
        title: "Find a user",
        story: "The tutorial has the same example in the folder of the users.",
        package: "users",
        binary: "search_for_tenant_or_user",
        answers: &[Answer::Text("grace")],
        needs: &["create_user_for_customer_activate_assign_backup_user_role"],
        then: "",
    },
];
