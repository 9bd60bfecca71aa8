//! A home of its own for a test, with what earlier examples would have left there.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::run::{Outcome, Run};

/// The tenant of the API client that [`TestHome::client`] puts into home.
pub const ME: &str = "my-tenant";
/// The id of that API client.
pub const CLIENT_ID: &str = "my-client";
/// Its secret, with a character that has to be quoted in many places.
pub const CLIENT_SECRET: &str = "client-s3cret/+\u{e4}";
/// The token that [`TestHome::token`] puts into home.
pub const TOKEN: &str = "kept-t0ken";
/// The token that [`TestHome::for_customer`] puts into home beside it.
pub const CUSTOMER_TOKEN: &str = "customer-t0ken";
/// A person's login.
pub const LOGIN: &str = "admin@example.com";
/// A person's password: a colon separates it from the login, so one within it must not.
pub const PASSWORD: &str = "pass:w\u{f6}rd of admin";

/// The files with a secret, and where in them it is.
const SECRET: [(&str, &str); 4] = [
    ("api_client.json", "client_secret"),
    ("api_token.json", "access_token"),
    ("api_customer_scoped_token.json", "access_token"),
    ("agent_installation_token.json", "token"),
];

/// A fresh home, which goes when the test ends.
#[derive(Debug)]
pub struct TestHome {
    home: TempDir,
    secrets: Vec<String>,
}

impl TestHome {
    /// A home with settings for the platform at `base_url`, and nothing else.
    pub fn new(base_url: &str) -> Self {
        Self::empty().put(
            "cyber.platform.cfg.json",
            json!({
                "base_url": base_url,
                "partner_tenant": "partner",
                "customer_tenant": "customer",
                "edition": "pck_per_gigabyte",
                "switch_edition": "pck_per_workload",
                "cyber_protection_application_id": "6e6d758d-8e74-3ae3-ac84-50eb0dff12eb",
            }),
        )
    }

    /// A home with nothing in it, not even settings.
    pub fn empty() -> Self {
        let home = tempfile::Builder::new()
            .prefix("home-")
            .tempdir()
            .expect("a temporary folder can be made");
        let secrets = [CLIENT_SECRET, PASSWORD, TOKEN].map(str::to_owned).to_vec();
        Self { home, secrets }
    }

    /// With an API client.
    #[must_use]
    pub fn client(self) -> Self {
        self.put(
            "api_client.json",
            json!({ "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "tenant_id": ME }),
        )
    }

    /// With an API client and a token that lasts.
    #[must_use]
    pub fn signed_in(self) -> Self {
        self.client().token("api_token.json", TOKEN, 7200)
    }

    /// With an API client, a token that lasts, and one for a customer.
    #[must_use]
    pub fn for_customer(self) -> Self {
        self.signed_in()
            .token("api_customer_scoped_token.json", CUSTOMER_TOKEN, 7200)
    }

    /// With a token that ends in so many seconds.
    #[must_use]
    pub fn token(self, name: &str, token: &str, seconds: i64) -> Self {
        self.keep_token(name, token, seconds);
        self.secret(token)
    }

    /// Puts such a token there in one step, as another process would.
    pub fn keep_token(&self, name: &str, token: &str, seconds: i64) {
        let content =
            json!({ "access_token": token, "expires_on": now() + seconds, "token_type": "bearer" });
        let on_its_way = format!("{name}.new");
        self.write(&on_its_way, &format!("{content:#}\n"));
        fs::rename(self.path(&on_its_way), self.path(name)).expect("home is writable");
    }

    /// With a file of home as an example would keep it.
    #[must_use]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "so that `json!` needs no `&`"
    )]
    pub fn put(self, name: &str, content: Value) -> Self {
        self.put_text(name, &format!("{content:#}\n"))
    }

    /// With a file of home, whatever it holds.
    #[must_use]
    pub fn put_text(self, name: &str, content: &str) -> Self {
        self.write(name, content);
        self
    }

    /// For the owner alone where there is a secret in it.
    fn write(&self, name: &str, content: &str) {
        fs::write(self.path(name), content).expect("home is writable");
        #[cfg(unix)]
        if SECRET.iter().any(|(file, _)| name.starts_with(file)) {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o600))
                .expect("it is ours");
        }
    }

    /// With something more that no output may show.
    #[must_use]
    pub fn secret(mut self, secret: &str) -> Self {
        self.secrets.push(secret.to_owned());
        self
    }

    /// What no output may show: what is known from the start, and what is kept in home by now.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let mut secrets = self.secrets.clone();
        for (file, field) in SECRET {
            let content = fs::read(self.path(file)).unwrap_or_default();
            // Some tests are about files that are broken.
            let content: Value = serde_json::from_slice(&content).unwrap_or_default();
            let secret = content.get(field).and_then(Value::as_str);
            // A short one would be found in words.
            secrets.extend(secret.filter(|secret| secret.len() > 5).map(str::to_owned));
        }
        secrets
    }

    /// Whether a file of this name holds a secret.
    pub fn is_secret(name: &str) -> bool {
        SECRET.iter().any(|(file, _)| *file == name)
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        self.home.path()
    }

    /// The path of a file in home.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    /// An example that is about to run here: by its name, or by `package/name` where two have one name.
    pub fn example(&self, name: &str) -> Run<'_> {
        Run::new(self, name)
    }

    /// Runs an example that asks for nothing.
    pub fn run(&self, name: &str) -> Outcome {
        self.example(name).end()
    }

    /// The JSON in a file of home.
    pub fn file(&self, name: &str) -> Value {
        serde_json::from_slice(&self.bytes(name))
            .unwrap_or_else(|cause| panic!("{name} is not JSON: {cause}"))
    }

    /// The text in a file of home.
    pub fn text(&self, name: &str) -> String {
        String::from_utf8(self.bytes(name)).unwrap_or_else(|cause| panic!("{name}: {cause}"))
    }

    /// The bytes in a file of home.
    pub fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|cause| panic!("{name}: {cause}"))
    }

    /// The mode of a file of home, `600`.
    #[cfg(unix)]
    pub fn mode(&self, name: &str) -> String {
        use std::os::unix::fs::PermissionsExt;
        let metadata =
            fs::metadata(self.path(name)).unwrap_or_else(|cause| panic!("{name}: {cause}"));
        format!("{:o}", metadata.permissions().mode() & 0o7777)
    }

    /// The names of all files in home, one line each.
    pub fn names(&self) -> String {
        self.contents().into_keys().collect::<Vec<_>>().join("\n")
    }

    /// All of home: names and bytes. The file that is only there to be locked says nothing.
    pub fn contents(&self) -> BTreeMap<String, Vec<u8>> {
        fs::read_dir(self.folder())
            .expect("home is readable")
            .map(|entry| entry.expect("home is readable").file_name())
            .filter(|name| name != ".cyber-platform.lock")
            .map(|name| {
                let name = name.to_string_lossy().into_owned();
                let content = fs::read(self.path(&name)).unwrap_or_default();
                (name, content)
            })
            .collect()
    }
}

/// Unix time in seconds.
pub fn now() -> i64 {
    let elapsed = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("it is later than 1970");
    i64::try_from(elapsed.as_secs()).expect("it is earlier than the end of time")
}
