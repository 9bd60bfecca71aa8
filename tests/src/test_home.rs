//! A temporary home folder, with the files that earlier examples would have written.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::run::{Outcome, Run};

/// The tenant of the API client of [`TestHome::client`].
pub const ME: &str = "my-tenant";
/// The id of that API client.
pub const CLIENT_ID: &str = "my-client";
/// Its secret, with a character that has to be quoted in many places.
pub const CLIENT_SECRET: &str = "client-s3cret/+\u{e4}";
/// The token of [`TestHome::signed_in`].
pub const TOKEN: &str = "kept-t0ken";
/// The customer-scoped token of [`TestHome::for_customer`].
pub const CUSTOMER_TOKEN: &str = "customer-t0ken";
/// The login of an administrator.
pub const LOGIN: &str = "admin@example.com";
/// Their password. It contains a colon, which also separates login and password in Basic credentials.
pub const PASSWORD: &str = "pass:w\u{f6}rd of admin";

/// The files with a secret, and the field that holds it.
const SECRET: [(&str, &str); 4] = [
    ("api_client.json", "client_secret"),
    ("api_token.json", "access_token"),
    ("api_customer_scoped_token.json", "access_token"),
    ("agent_installation_token.json", "token"),
];

/// A temporary home folder. It is removed on drop.
#[derive(Debug)]
pub struct TestHome {
    home: TempDir,
    secrets: Vec<String>,
}

impl TestHome {
    /// A home with settings for the platform at `base_url` and no other file.
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

    /// An empty home, without settings.
    pub fn empty() -> Self {
        let home = tempfile::Builder::new()
            .prefix("home-")
            .tempdir()
            .expect("a temporary folder can be created");
        let secrets = [CLIENT_SECRET, PASSWORD, TOKEN].map(str::to_owned).to_vec();
        Self { home, secrets }
    }

    /// Adds an API client.
    #[must_use]
    pub fn client(self) -> Self {
        self.put(
            "api_client.json",
            json!({ "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "tenant_id": ME }),
        )
    }

    /// Adds an API client and a token that is valid for two hours.
    #[must_use]
    pub fn signed_in(self) -> Self {
        self.client().token("api_token.json", TOKEN, 7200)
    }

    /// Adds an API client, a token and a customer-scoped token.
    #[must_use]
    pub fn for_customer(self) -> Self {
        self.signed_in()
            .token("api_customer_scoped_token.json", CUSTOMER_TOKEN, 7200)
    }

    /// Adds a token that expires in this many seconds.
    #[must_use]
    pub fn token(self, name: &str, token: &str, seconds: i64) -> Self {
        self.keep_token(name, token, seconds);
        self.secret(token)
    }

    /// Replaces a token atomically, as another process would.
    pub fn keep_token(&self, name: &str, token: &str, seconds: i64) {
        let content =
            json!({ "access_token": token, "expires_on": now() + seconds, "token_type": "bearer" });
        let on_its_way = format!("{name}.new");
        self.write(&on_its_way, &format!("{content:#}\n"));
        fs::rename(self.path(&on_its_way), self.path(name)).expect("home is writable");
    }

    /// Adds a JSON file, formatted as the examples write it.
    #[must_use]
    #[expect(
        clippy::needless_pass_by_value,
        reason = "so that `json!` needs no `&`"
    )]
    pub fn put(self, name: &str, content: Value) -> Self {
        self.put_text(name, &format!("{content:#}\n"))
    }

    /// Adds a file with any content.
    #[must_use]
    pub fn put_text(self, name: &str, content: &str) -> Self {
        self.write(name, content);
        self
    }

    /// Writes a file. One that holds a secret is readable by its owner only. Whatever the umask, no other user may
    /// change a file.
    fn write(&self, name: &str, content: &str) {
        fs::write(self.path(name), content).expect("home is writable");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let is_secret = SECRET.iter().any(|(file, _)| name.starts_with(file));
            let mode = if is_secret { 0o600 } else { 0o644 };
            fs::set_permissions(self.path(name), fs::Permissions::from_mode(mode))
                .expect("it is ours");
        }
    }

    /// Adds a secret that no output may show.
    #[must_use]
    pub fn secret(mut self, secret: &str) -> Self {
        self.secrets.push(secret.to_owned());
        self
    }

    /// What no output may show: the secrets known from the start and those in the files.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let mut secrets = self.secrets.clone();
        for (file, field) in SECRET {
            let content = read_regular(&self.path(file));
            // Some tests use broken files.
            let content: Value = serde_json::from_slice(&content).unwrap_or_default();
            let secret = content.get(field).and_then(Value::as_str);
            // A short one would also match parts of words.
            secrets.extend(secret.filter(|secret| secret.len() > 5).map(str::to_owned));
        }
        secrets
    }

    /// Whether a file of this name holds a secret.
    pub fn is_secret(name: &str) -> bool {
        SECRET.iter().any(|(file, _)| *file == name)
    }

    /// The path of the folder.
    pub fn folder(&self) -> &Path {
        self.home.path()
    }

    /// The path of a file in the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    /// Prepares a run of an example, by its name, or by `package/name` if two examples have this name.
    pub fn example(&self, name: &str) -> Run<'_> {
        Run::new(self, name)
    }

    /// Runs an example without input.
    pub fn run(&self, name: &str) -> Outcome {
        self.example(name).end()
    }

    /// The content of a JSON file.
    pub fn file(&self, name: &str) -> Value {
        serde_json::from_slice(&self.bytes(name))
            .unwrap_or_else(|cause| panic!("{name} is not JSON: {cause}"))
    }

    /// The content of a text file.
    pub fn text(&self, name: &str) -> String {
        String::from_utf8(self.bytes(name)).unwrap_or_else(|cause| panic!("{name}: {cause}"))
    }

    /// The content of a file.
    pub fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|cause| panic!("{name}: {cause}"))
    }

    /// The permissions of a file, like `600`.
    #[cfg(unix)]
    pub fn mode(&self, name: &str) -> String {
        use std::os::unix::fs::PermissionsExt;
        let metadata =
            fs::metadata(self.path(name)).unwrap_or_else(|cause| panic!("{name}: {cause}"));
        format!("{:o}", metadata.permissions().mode() & 0o7777)
    }

    /// The names of all files, one line each.
    pub fn names(&self) -> String {
        self.contents().into_keys().collect::<Vec<_>>().join("\n")
    }

    /// The lines of `created.jsonl`, without times and platform. Entries are numbered.
    pub fn created(&self) -> String {
        let mut entries = Vec::new();
        let mut lines = String::new();
        for line in self.text("created.jsonl").lines() {
            let line: Value = serde_json::from_str(line).expect("each line is JSON");
            let text = |key: &str| {
                let text = line.get(key).and_then(Value::as_str);
                text.unwrap_or_default().to_owned()
            };
            let entry = text("entry");
            if !entries.contains(&entry) {
                entries.push(entry.clone());
            }
            let number = entries.iter().position(|it| *it == entry).unwrap_or(0) + 1;
            let words = ["event", "kind", "name", "parent", "id"].map(text);
            let words = words.iter().filter(|word| !word.is_empty());
            let words: Vec<_> = words.map(String::as_str).collect();
            lines += &format!("{number} {}\n", words.join(" | "));
        }
        lines
    }

    /// All files: name and content. The lock file is left out: it is always empty. So is the record of what was created,
    /// which grows with every attempt to create something: see [`created`](Self::created).
    pub fn contents(&self) -> BTreeMap<String, Vec<u8>> {
        fs::read_dir(self.folder())
            .expect("home is readable")
            .map(|entry| entry.expect("home is readable").file_name())
            .filter(|name| name != ".cyber-platform.lock" && name != "created.jsonl")
            .map(|name| {
                let name = name.to_string_lossy().into_owned();
                let content = read_regular(&self.path(&name));
                (name, content)
            })
            .collect()
    }
}

/// The content of a regular file. Anything else, such as a pipe, which would block, counts as empty.
fn read_regular(path: &Path) -> Vec<u8> {
    let is_file = path.metadata().is_ok_and(|metadata| metadata.is_file());
    is_file
        .then(|| fs::read(path).ok())
        .flatten()
        .unwrap_or_default()
}

/// The Unix time in seconds.
pub fn now() -> i64 {
    let elapsed = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("the clock is after 1970");
    i64::try_from(elapsed.as_secs()).expect("the seconds fit into 64 bits")
}
