//! The platform as an example sees it: signed in, with access to the files of the home folder.

use std::{
    path::PathBuf,
    sync::{Mutex, MutexGuard, PoisonError},
};

use anyhow::Result;
use reqwest::{Method, StatusCode};
use secrecy::SecretString;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    auth::{ApiClient, ClientCredentials, ClientOwner, TokenChoice, Tokens},
    config::{Config, RetryPolicy, Timeouts},
    error::{Credential, Failure, UserError, rejection_status},
    folder::{API_CLIENT, CUSTOMER_TOKEN, CreatedLog, CreatedObjects, Home, SavedTenant},
    http::{Authorizer, Call, HttpClient, Pages, Token},
    json::Id,
};

/// A signed-in client of the platform. A program of your own gets one from [`Platform::connect`]:
///
/// ```no_run
/// use common::{Id, Page, Platform};
///
/// # fn main() -> anyhow::Result<()> {
/// # let secret = String::new();
/// let platform = Platform::connect("https://eu2-cloud.acronis.com/", "the-client-id", secret)?;
/// let me = platform.tenant_id();
/// let children: Page<Id> = platform
///     .get(&format!("/api/2/tenants/{me}/children"))
///     .fetch()?;
/// # Ok(()) }
/// ```
///
/// Calls block the thread. In async code, make them inside `tokio::task::spawn_blocking`. A call outside of it works too,
/// but keeps the other tasks of its thread waiting.
#[derive(Debug)]
pub struct Platform {
    config: Config,
    tenant_id: Id,
    session: Session,
}

/// What authorizes the calls.
#[derive(Debug)]
struct Session {
    home: Home,
    http: HttpClient,
    client: ClientCredentials,
    token_choice: TokenChoice,
    token: Mutex<Token>,
}

/// Builds a [`Platform`]. An invalid value is an error of [`sign_in`](Self::sign_in).
#[derive(Debug)]
pub struct PlatformBuilder {
    home: Home,
    config: Result<Config, UserError>,
    /// Those of `api_client.json`, if there are none.
    credentials: Option<Result<ClientCredentials, UserError>>,
    token: TokenChoice,
}

impl PlatformBuilder {
    /// Which token authorizes the calls; [`TokenChoice::Active`] by default.
    #[must_use]
    pub fn token(mut self, token: TokenChoice) -> Self {
        self.token = token;
        self
    }

    /// Keeps tokens and saved responses in this folder, so that the next run uses them. By default they are in memory.
    #[must_use]
    pub fn home(mut self, home: Home) -> Self {
        self.home = home;
        self
    }

    /// The `User-Agent` of all calls: name and version of your program, such as `Provisioner/1.0`.
    #[must_use]
    pub fn user_agent(self, user_agent: &str) -> Self {
        self.configure(|config| config.set_user_agent(user_agent))
    }

    /// How long one attempt of a call may take.
    #[must_use]
    pub fn timeouts(self, timeouts: Timeouts) -> Self {
        self.configure(|config| {
            config.timeouts = timeouts;
            Ok(())
        })
    }

    /// How failed attempts are repeated.
    #[must_use]
    pub fn retry(self, retry: RetryPolicy) -> Self {
        self.configure(|config| {
            config.retry = retry;
            Ok(())
        })
    }

    /// A PEM file with certificates to trust in addition to the system's.
    #[must_use]
    pub fn ca_file(self, file: impl Into<PathBuf>) -> Self {
        self.configure(|config| {
            config.ca_file = Some(file.into());
            Ok(())
        })
    }

    fn configure(mut self, change: impl FnOnce(&mut Config) -> Result<(), UserError>) -> Self {
        self.config = self.config.and_then(|mut config| {
            change(&mut config)?;
            Ok(config)
        });
        self
    }

    /// Signs in: uses the valid token in the home folder, or issues a new one. If `api_client.json` is not used or does
    /// not contain the tenant of the API client, the tenant is looked up.
    ///
    /// # Errors
    /// A [`UserError`] if a file or a setting is missing or wrong; otherwise the error of the token call.
    pub fn sign_in(self) -> Result<Platform> {
        let (home, config, choice) = (self.home, self.config?, self.token);
        let http = HttpClient::new(&config)?.record_in(&home);
        let is_from_file = self.credentials.is_none();
        let (client, tenant_id) = match self.credentials {
            Some(credentials) => (credentials?, None),
            None => ApiClient::load(&home)?.into_credentials(),
        };
        // A sandbox may be at another port than before.
        if let Some(log) = http.created_log().filter(|_| !config.is_local()) {
            log.check_platform_of(&client.client_id)?;
        }
        let tokens = Tokens {
            home: &home,
            http: &http,
            client: &client,
            choice,
        };
        let token = tokens.choose()?;
        let session = Session {
            token_choice: choice,
            home,
            http,
            client,
            token: Mutex::new(token),
        };
        let tenant_id = match tenant_id {
            Some(tenant_id) => tenant_id,
            None => session.look_up_tenant(is_from_file)?,
        };
        Ok(Platform {
            config,
            tenant_id,
            session,
        })
    }
}

impl Platform {
    /// Signs in with the credentials of an API client. Needs no home folder and reads no settings: tokens are in memory and
    /// renewed when they expire. See [`builder`](Self::builder) to change a default.
    ///
    /// # Errors
    /// See [`PlatformBuilder::sign_in`].
    pub fn connect(
        base_url: &str,
        client_id: &str,
        client_secret: impl Into<SecretString>,
    ) -> Result<Self> {
        Self::builder(base_url, client_id, client_secret).sign_in()
    }

    /// Starts a builder with the address of the platform and the credentials of an API client.
    #[must_use]
    pub fn builder(
        base_url: &str,
        client_id: &str,
        client_secret: impl Into<SecretString>,
    ) -> PlatformBuilder {
        PlatformBuilder {
            home: Home::in_memory(),
            config: Config::new(base_url),
            credentials: Some(ClientCredentials::new(client_id, client_secret.into())),
            token: TokenChoice::Active,
        }
    }

    /// Starts a builder with a home folder, which contains `api_client.json`, and settings.
    #[must_use]
    pub fn from_home(home: Home, config: Config) -> PlatformBuilder {
        PlatformBuilder {
            home,
            config: Ok(config),
            credentials: None,
            token: TokenChoice::Active,
        }
    }

    /// The UUID of the tenant that owns the API client.
    #[must_use]
    pub fn tenant_id(&self) -> &Id {
        &self.tenant_id
    }

    /// The settings, with defaults for those that are not set.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The home folder.
    #[must_use]
    pub fn home(&self) -> &Home {
        &self.session.home
    }

    /// The HTTP client without a token: for calls that must not carry the API client's token, such as those of a user's
    /// session.
    #[must_use]
    pub fn http(&self) -> &HttpClient {
        &self.session.http
    }

    /// GET `path`.
    pub fn get(&self, path: &str) -> Call<'_> {
        self.call(Method::GET, path)
    }

    /// POST `path`.
    pub fn post(&self, path: &str) -> Call<'_> {
        self.call(Method::POST, path)
    }

    /// PUT `path`.
    pub fn put(&self, path: &str) -> Call<'_> {
        self.call(Method::PUT, path)
    }

    /// DELETE `path`.
    pub fn delete(&self, path: &str) -> Call<'_> {
        self.call(Method::DELETE, path)
    }

    fn call(&self, method: Method, path: &str) -> Call<'_> {
        self.session.call(method, path)
    }

    /// The pages of the list at `path`, one after the other. With a query: `platform.get(path).query(…).pages()`.
    ///
    /// ```no_run
    /// # use common::{Id, Platform};
    /// # fn example(platform: &Platform) -> anyhow::Result<()> {
    /// for page in platform.pages::<Id>("/api/2/list") {
    ///     for id in page?.items {
    ///         println!("{id}");
    ///     }
    /// }
    /// # Ok(()) }
    /// ```
    pub fn pages<T: DeserializeOwned>(&self, path: &str) -> Pages<'_, T> {
        self.get(path).pages()
    }

    /// The first item that `is_wanted` accepts in the list at `path`, whose pages are read one after the other.
    ///
    /// # Errors
    /// See [`Call::fetch`]; an [`UnexpectedResponse`](crate::UnexpectedResponse) if the list does not end.
    pub fn find_item<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, &str)],
        mut is_wanted: impl FnMut(&T) -> bool,
    ) -> Result<Option<T>> {
        for page in self.get(path).query(query).pages::<T>().strict() {
            if let Some(found) = page?.items.into_iter().find(&mut is_wanted) {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Loads a file that an earlier example has saved.
    ///
    /// # Errors
    /// See [`Home::load`].
    pub fn load<T: DeserializeOwned>(&self, name: &str) -> Result<T, UserError> {
        self.home().load(name)
    }

    /// Saves a response in the home folder, unchanged.
    ///
    /// # Errors
    /// See [`Home::save`].
    pub fn save(&self, name: &str, value: &impl Serialize) -> Result<(), UserError> {
        self.home().save(name, value)
    }

    /// Saves a new object in the home folder. If the file is about another one, that file is kept under the next free
    /// number, such as `partner.1.json`.
    ///
    /// # Errors
    /// See [`Home::save_new`].
    pub fn save_new(&self, name: &str, value: &impl Serialize) -> Result<(), UserError> {
        self.home().save_new(name, value)
    }

    /// What the examples have created on this platform: the content of `created.jsonl`.
    ///
    /// # Errors
    /// A [`UserError`] if the file cannot be read.
    pub fn created_objects(&self) -> Result<CreatedObjects, UserError> {
        let log = self.http().created_log();
        log.map_or_else(|| Ok(CreatedObjects::default()), CreatedLog::objects)
    }

    /// The customer inside which the customer-scoped token works: the one that the response with the token names, otherwise
    /// the one in `customer.json`.
    #[must_use]
    pub fn customer_id(&self) -> Option<Id> {
        let token = self.load::<TokenScope>(CUSTOMER_TOKEN).ok();
        let customer = || self.load::<SavedTenant>("customer.json").ok();
        token
            .and_then(TokenScope::tenant)
            .or_else(|| Some(customer()?.id))
    }

    /// Saves a downloaded file in the home folder.
    ///
    /// # Errors
    /// See [`Home::save_bytes`].
    pub fn save_bytes(&self, name: &str, content: &[u8]) -> Result<(), UserError> {
        self.home().save_bytes(name, content)
    }

    /// Removes a file from the home folder, if it exists.
    ///
    /// # Errors
    /// See [`Home::remove`].
    pub fn remove(&self, name: &str) -> Result<(), UserError> {
        self.home().remove(name)
    }
}

/// What a token is valid for, a part of the response with the token. It may be absent.
#[derive(Deserialize)]
struct TokenScope {
    scope: Option<String>,
}

impl TokenScope {
    fn tenant(self) -> Option<Id> {
        let scope = self.scope?;
        let tenant = scope.strip_prefix("urn:acronis.com:tenant-id:")?;
        tenant.to_owned().try_into().ok()
    }
}

impl Session {
    fn call(&self, method: Method, path: &str) -> Call<'_> {
        Call::new(&self.http, method, path).authorized_by(self)
    }

    fn look_up_tenant(&self, is_from_file: bool) -> Result<Id> {
        let chosen = self.current_token().clone();
        let is_for_customer = chosen.credential == Credential::CustomerToken;
        if is_for_customer {
            // It cannot read the API client, whose tenant is above the customer.
            let base = self.tokens(TokenChoice::Base).choose()?;
            *self.current_token() = base;
        }
        let path = format!("/api/2/clients/{}", self.client.client_id);
        let client = self.call(Method::GET, &path).fetch::<ClientOwner>();
        if is_for_customer {
            *self.current_token() = chosen;
        }
        let step = "look up the tenant of the API client";
        match client {
            Ok(client) => Ok(client.tenant_id),
            Err(error) if is_from_file && is_rejected(&error) => Err(error.context(Failure::new(
                step,
                format!(
                    "Add \"tenant_id\" to {API_CLIENT}: the id of the tenant in which the client was created. \
                     guide/src/account.md says where to find it."
                ),
            ))),
            Err(error) => Err(error.context(step)),
        }
    }

    fn tokens(&self, choice: TokenChoice) -> Tokens<'_> {
        Tokens {
            home: &self.home,
            http: &self.http,
            client: &self.client,
            choice,
        }
    }

    fn current_token(&self) -> MutexGuard<'_, Token> {
        self.token.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Authorizer for Session {
    fn token(&self) -> Token {
        self.current_token().clone()
    }

    fn replace(&self, rejected: &Token) -> Result<Option<Token>> {
        // A customer-scoped token cannot be refreshed. A separate example exchanges the base token for a new one.
        if rejected.credential == Credential::CustomerToken {
            // It ends with the API client. Then the client is what the user has to replace.
            let rejection = self.tokens(TokenChoice::Base).client_rejection();
            return rejection.map_or(Ok(None), Err);
        }
        let tokens = self.tokens(self.token_choice);
        let token = tokens.refresh(Some(&rejected.value))?;
        *self.current_token() = token.clone();
        Ok(Some(token))
    }
}

/// Whether the platform does not let the client read this object.
fn is_rejected(error: &anyhow::Error) -> bool {
    let status = rejection_status(error);
    matches!(status, Some(StatusCode::FORBIDDEN | StatusCode::NOT_FOUND))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_platform_can_be_shared_between_threads() {
        fn assert_send_and_sync<T: Send + Sync>() {}
        assert_send_and_sync::<super::Platform>();
    }
}
