//! The platform as an example sees it: signed in, with access to the files of the home folder.

use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::Result;
use reqwest::Method;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    auth::{ApiClient, TokenChoice, Tokens},
    config::Config,
    error::{Credential, UserError},
    folder::Home,
    http::{Authorizer, Call, HttpClient, Token},
    json::{CursorGuard, Id, Page},
};

/// A signed-in client of the platform, built by [`Platform::builder`].
///
/// An example shows the method, path, query and body of each call:
///
/// ```no_run
/// # use common::{Page, Platform, Id};
/// # fn example(platform: &Platform) -> anyhow::Result<()> {
/// let me = platform.tenant_id();
/// let children: Page<Id> = platform
///     .get(&format!("/api/2/tenants/{me}/children"))
///     .fetch()?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Platform {
    home: Home,
    config: Config,
    http: HttpClient,
    client: ApiClient,
    token_choice: TokenChoice,
    token: Mutex<Token>,
}

/// Builds a [`Platform`].
#[derive(Debug)]
pub struct PlatformBuilder {
    home: Home,
    config: Config,
    token: TokenChoice,
}

impl PlatformBuilder {
    /// Which token authorizes the calls; [`TokenChoice::Active`] by default.
    #[must_use]
    pub fn token(mut self, token: TokenChoice) -> Self {
        self.token = token;
        self
    }

    /// Signs in: loads the API client and a valid token, or issues a new one.
    ///
    /// # Errors
    /// A [`UserError`] if a file or a setting is missing or wrong; otherwise the error of the token call.
    pub fn sign_in(self) -> Result<Platform> {
        let Self {
            home,
            config,
            token: choice,
        } = self;
        let http = HttpClient::new(&config)?;
        let client = ApiClient::load(&home)?;
        let tokens = Tokens {
            home: &home,
            http: &http,
            client: &client,
            choice,
        };
        let token = tokens.choose()?;
        Ok(Platform {
            token_choice: choice,
            home,
            config,
            http,
            client,
            token: Mutex::new(token),
        })
    }
}

impl Platform {
    /// Starts a builder with a home folder and settings.
    #[must_use]
    pub fn builder(home: Home, config: Config) -> PlatformBuilder {
        PlatformBuilder {
            home,
            config,
            token: TokenChoice::Active,
        }
    }

    /// The UUID of the tenant that owns the API client.
    #[must_use]
    pub fn tenant_id(&self) -> &Id {
        &self.client.tenant_id
    }

    /// The settings, with defaults for those that are not set.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The home folder.
    #[must_use]
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// The HTTP client without a token: for calls that must not carry the API client's token, such as those of a user's
    /// session.
    #[must_use]
    pub fn http(&self) -> &HttpClient {
        &self.http
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
        Call::new(&self.http, method, path).authorized_by(self)
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
        let mut guard = CursorGuard::new(path);
        let mut page: Page<T> = self.get(path).query(query).fetch()?;
        loop {
            let next = page.next_cursor().map(str::to_owned);
            if let Some(found) = page.items.into_iter().find(&mut is_wanted) {
                return Ok(Some(found));
            }
            let Some(next) = next else {
                return Ok(None);
            };
            guard.check(&next)?;
            page = self
                .get(path)
                .query(query)
                .query(&[("after", &next)])
                .fetch()?;
        }
    }

    /// Loads a file that an earlier example has saved.
    ///
    /// # Errors
    /// See [`Home::load`].
    pub fn load<T: DeserializeOwned>(&self, name: &str) -> Result<T, UserError> {
        self.home.load(name)
    }

    /// Saves a response in the home folder, unchanged.
    ///
    /// # Errors
    /// See [`Home::save`].
    pub fn save(&self, name: &str, value: &impl Serialize) -> Result<(), UserError> {
        self.home.save(name, value)
    }

    /// Saves a downloaded file in the home folder.
    ///
    /// # Errors
    /// See [`Home::save_bytes`].
    pub fn save_bytes(&self, name: &str, content: &[u8]) -> Result<(), UserError> {
        self.home.save_bytes(name, content)
    }

    /// Removes a file from the home folder, if it exists.
    ///
    /// # Errors
    /// See [`Home::remove`].
    pub fn remove(&self, name: &str) -> Result<(), UserError> {
        self.home.remove(name)
    }
}

impl Platform {
    fn current_token(&self) -> MutexGuard<'_, Token> {
        self.token.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Authorizer for Platform {
    fn token(&self) -> Token {
        self.current_token().clone()
    }

    fn replace(&self, rejected: &Token) -> Result<Option<Token>> {
        // A customer-scoped token cannot be refreshed. A separate example exchanges the base token for a new one.
        if rejected.credential == Credential::CustomerToken {
            return Ok(None);
        }
        let tokens = Tokens {
            home: &self.home,
            http: &self.http,
            client: &self.client,
            choice: self.token_choice,
        };
        let token = tokens.refresh(Some(&rejected.value))?;
        *self.current_token() = token.clone();
        Ok(Some(token))
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_platform_can_be_shared_between_threads() {
        fn assert_send_and_sync<T: Send + Sync>() {}
        assert_send_and_sync::<super::Platform>();
    }
}
