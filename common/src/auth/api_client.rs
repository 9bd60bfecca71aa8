//! The API client: the account that the examples use.

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::{
    error::UserError,
    folder::{API_CLIENT, Home},
    json::{Id, non_empty_secret},
};

/// The API client in `api_client.json`.
#[derive(Debug, Clone, Deserialize)]
pub struct ApiClient {
    /// The UUID of the client, its login.
    pub client_id: Id,
    /// Its secret. The platform returns it once, when the client is created.
    #[serde(deserialize_with = "non_empty_secret")]
    pub client_secret: SecretString,
    /// The tenant to which the client belongs. The client can reach this tenant and everything below. A file that a
    /// user has written may lack it.
    pub tenant_id: Option<Id>,
}

/// The credentials of an API client. Also the response of `POST /api/2/clients`, the only one that has the secret.
#[derive(Debug, Clone, Deserialize)]
pub struct ClientCredentials {
    /// The UUID of the client, its login.
    pub client_id: Id,
    /// Its secret.
    #[serde(deserialize_with = "non_empty_secret")]
    pub client_secret: SecretString,
}

/// The owner of an API client, in the response of `GET /api/2/clients/{id}`.
#[derive(Debug, Clone, Deserialize)]
pub struct ClientOwner {
    /// The tenant to which the client belongs.
    pub tenant_id: Id,
}

impl ApiClient {
    /// Reads `api_client.json`.
    ///
    /// # Errors
    /// A [`UserError`] if the file is missing or broken, or lacks the id or the secret.
    pub fn load(home: &Home) -> Result<Self, UserError> {
        home.load(API_CLIENT)
    }

    /// The part that issues tokens, and the tenant.
    pub(crate) fn into_credentials(self) -> (ClientCredentials, Option<Id>) {
        let credentials = ClientCredentials {
            client_id: self.client_id,
            client_secret: self.client_secret,
        };
        (credentials, self.tenant_id)
    }
}

impl ClientCredentials {
    /// The credentials that a program has read from its own store.
    ///
    /// # Errors
    /// A [`UserError`] if one of them is empty, or the id has characters that no id has. It quotes neither: they may be in
    /// the wrong order.
    pub(crate) fn new(client_id: &str, client_secret: SecretString) -> Result<Self, UserError> {
        let invalid = |what| {
            UserError::new(
                format!("{what}; nothing was sent"),
                "Pass the client_id and the client_secret of an API client, in this order.",
            )
        };
        if client_secret.expose_secret().is_empty() {
            return Err(invalid("the client secret is empty"));
        }
        Ok(Self {
            client_id: Id::try_from(client_id.to_owned())
                .map_err(|_| invalid("the client id is not a valid id"))?,
            client_secret,
        })
    }
}
