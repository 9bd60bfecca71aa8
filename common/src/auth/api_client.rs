//! The API client: the account that the examples use.

use secrecy::SecretString;
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
    /// The tenant to which the client belongs. The client can reach this tenant and everything below.
    pub tenant_id: Id,
}

/// The response to the creation of an API client: `POST /api/2/clients`. It is the only one that has the secret.
#[derive(Debug, Clone, Deserialize)]
pub struct NewApiClient {
    /// The UUID of the client.
    pub client_id: Id,
    /// Its secret.
    #[serde(deserialize_with = "non_empty_secret")]
    pub client_secret: SecretString,
}

impl ApiClient {
    /// Reads `api_client.json`.
    ///
    /// # Errors
    /// A [`UserError`] if the file is missing, broken or lacks a field.
    pub fn load(home: &Home) -> Result<Self, UserError> {
        home.load(API_CLIENT)
    }
}
