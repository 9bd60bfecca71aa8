//! Authentication: the API client, its access tokens, and the clock by which they expire.

mod api_client;
mod clock;
mod token;

pub use api_client::{ApiClient, ClientCredentials, ClientOwner};
pub use clock::ClockSkew;
pub(crate) use token::Tokens;
pub use token::{AccessToken, IssuedToken, TokenChoice};
