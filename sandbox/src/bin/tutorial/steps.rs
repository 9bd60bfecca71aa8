//! The steps of the tour, in the order of the tutorial.

/// One step: a binary, why it is run, and what is typed into it.
#[derive(Debug)]
pub(crate) struct Step {
    /// What is done.
    pub(crate) title: &'static str,
    /// Why, and what to look at.
    pub(crate) story: &'static str,
    /// The package of the binary.
    pub(crate) package: &'static str,
    /// The binary.
    pub(crate) binary: &'static str,
    /// The answers to its questions, in their order.
    pub(crate) answers: &'static [Answer],
}

/// What is typed at a prompt.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Answer {
    /// The administrator's login, as the sandbox told it.
    AdminLogin,
    /// The administrator's password, as the sandbox told it. It is typed, but not shown.
    AdminPassword,
    /// A text.
    Text(&'static str),
}

/// The main path of the tutorial.
pub(crate) const STEPS: &[Step] = &[
    Step {
        title: "Create an API client",
        story: "A program should not sign in with a person's password. So an administrator signs in once, by Basic \
                authentication, and creates an API client: an account for programs, in the administrator's own tenant \
                and with the administrator's rights. The answer is the only one that ever shows the client's secret.",
        package: "authorization",
        binary: "create_api_client",
        answers: &[Answer::AdminLogin, Answer::AdminPassword],
    },
    Step {
        title: "Issue an access token",
        story: "With its id and secret the API client gets a token, which signs all further calls. It lasts two \
                hours. The examples check before each run that 15 minutes are left, and issue a new one if not, so \
                this step is here to be seen: they would have done it by themselves.",
        package: "authorization",
        binary: "issue_access_token",
        answers: &[],
    },
    Step {
        title: "Create a partner",
        story: "Tenants form a tree: partners and folders, below them customers, below these units. A new tenant has \
                no services. Which offering items its parent can give depends on the kind of the child and on the \
                edition, so the example asks for them and enables all it is told.",
        package: "tenants",
        binary: "create_partner_tenant_and_assign_specific_edition",
        answers: &[],
    },
    Step {
        title: "Create a customer and end its trial",
        story: "The customer is made below the partner. A customer has one storage of a kind, so the items of a second \
                disaster-recovery storage are left out. New customers are in trial: the last call writes the pricing \
                back with the mode production. On the real platform this starts the billing, and there is no way back.",
        package: "tenants",
        binary: "create_customer_tenant_and_assign_specific_edition",
        answers: &[],
    },
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
    },
    Step {
        title: "Walk through the tenants",
        story: "From the API client's own tenant down to the last user. Lists of children and users hold ids only, so \
                each tenant and each user is read by a call of its own.",
        package: "tenants",
        binary: "navigate_through_tenants",
        answers: &[],
    },
    Step {
        title: "Find a tenant",
        story: "One call searches names, logins and e-mail addresses, in the given tenant and below.",
        package: "tenants",
        binary: "search_for_tenant_or_user",
        answers: &[Answer::Text("Rust")],
    },
    Step {
        title: "Find a user",
        story: "The tutorial has the same example in the folder of the users.",
        package: "users",
        binary: "search_for_tenant_or_user",
        answers: &[Answer::Text("grace")],
    },
    Step {
        title: "Read the usage",
        story: "What the tenant and all below it use now, against their quotas. The platform refreshes the figures \
                about every half hour; bills are made of reports, not of these.",
        package: "usage",
        binary: "get_tenant_usage",
        answers: &[],
    },
    Step {
        title: "Make a report and download it",
        story: "A report takes its time: it is ordered, looked for until its stored file is saved, and downloaded as \
                CSV.",
        package: "reports",
        binary: "create_report_retrieve",
        answers: &[],
    },
    Step {
        title: "Issue a token for one customer",
        story: "Protection plans and machines live in a customer's context. For these the API client exchanges its \
                token for one that reaches this customer only. While its file is there, all examples use it, so it \
                comes last.",
        package: "authorization",
        binary: "issue_customer_scoped_token_for_bc",
        answers: &[],
    },
];
