//! Names that do not collide.

use rand::seq::IndexedRandom;

/// Six characters of A–Z and 0–9, so that a tenant made twice has two names.
#[must_use]
pub fn random() -> String {
    const CHARACTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    let mut rng = rand::rng();
    (0..6)
        .filter_map(|_| CHARACTERS.choose(&mut rng))
        .map(|&character| char::from(character))
        .collect()
}
