//! Authentication: the API client, its access tokens, and the clock by which they expire.

mod api_client;
mod clock;
mod token;

pub use api_client::{ApiClient, NewApiClient};
pub use token::{
    AccessToken, TokenChoice, active_token, base_token, customer_token, refresh, save_token,
};
