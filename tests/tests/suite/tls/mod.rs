//! The examples over TLS, with certificates that the tests make: whom they trust, what they tell where they do not, and
//! that nothing is sent then. And the way through a proxy.

mod certificates;
mod proxies;
mod proxy;
mod settings;
mod trust;
