//! The search for tenants and users by the beginnings of words.

use rusqlite::{Connection, params};
use serde::Serialize;

use super::Store;
use super::tenants::{self, path_end};
use crate::clock::Timestamp;
use crate::domain::{Caller, Id, Result, Right};

/// A tenant or user that was found, as the platform answers it.
#[derive(Debug, Serialize)]
pub(crate) struct Hit {
    /// `tenant` or `user`.
    pub obj_type: &'static str,
    /// UUID.
    pub id: Id,
    /// The tenant above, or the user's own.
    pub parent_id: Id,
    /// The names of the tenants from the root of the search down to it.
    pub path: Vec<String>,
    /// What kind of tenant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The tenant's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The user's login.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub login: Option<String>,
    /// Of the user, or of the tenant's contact.
    pub first_name: Option<String>,
    /// Of the user, or of the tenant's contact.
    pub last_name: Option<String>,
    /// When it was deleted.
    pub deleted_at: Option<Timestamp>,
}

impl Store {
    /// What contains a word that begins with this text, tenants first, in the tree below `top`.
    pub(crate) fn search(
        &self,
        caller: &Caller,
        top: Id,
        text: &str,
        allow_deleted: bool,
        limit: usize,
    ) -> Result<Vec<Hit>> {
        let text = text.to_lowercase();
        self.read(|db| {
            let top = tenants::require_access(db, caller, top, Right::View)?;
            let mut hits = Vec::new();
            for sql in [
                "SELECT 'tenant', id, parent_id, kind, name, contact, deleted_at, search, id
                 FROM tenants WHERE path >= ?1 AND path < ?2 AND owner_id IS NULL
                 AND instr(search, ?3) > 0 AND (?4 OR deleted_at IS NULL) ORDER BY name, number",
                "SELECT 'user', u.id, u.tenant_id, '', u.login, u.contact, u.deleted_at, u.search,
                     u.tenant_id
                 FROM users u JOIN tenants t ON t.id = u.tenant_id
                 WHERE t.path >= ?1 AND t.path < ?2 AND instr(u.search, ?3) > 0
                 AND (?4 OR u.deleted_at IS NULL) ORDER BY u.login_key, u.number",
            ] {
                let mut statement = db.prepare_cached(sql)?;
                let mut rows =
                    statement.query(params![top.path, path_end(&top.path), text, allow_deleted])?;
                while let Some(row) = rows.next()? {
                    if hits.len() == limit {
                        return Ok(hits);
                    }
                    let searched: String = row.get(7)?;
                    if !begins_a_word(&searched, &text) {
                        continue;
                    }
                    let home = row.get(8)?;
                    let Some(home) = tenants::find_any(db, home)?.filter(|home| {
                        tenants::require_right(db, caller, home, Right::View).is_ok()
                    }) else {
                        continue;
                    };
                    let contact: tenants::Contact = super::users::document(row, 5)?;
                    let person = |field: &str| {
                        Some(super::contact::text(&contact, field).to_owned())
                            .filter(|name| !name.is_empty())
                    };
                    let tenant = row.get_ref(0)?.as_str() == Ok("tenant");
                    let label: String = row.get(4)?;
                    let (name, login) = if tenant {
                        (Some(label), None)
                    } else {
                        (None, Some(label))
                    };
                    hits.push(Hit {
                        obj_type: if tenant { "tenant" } else { "user" },
                        id: row.get(1)?,
                        parent_id: row.get(2)?,
                        path: names(db, &top.path, &home.path, tenant)?,
                        kind: tenant.then(|| home.kind.as_str().to_owned()),
                        name,
                        login,
                        first_name: person("firstname"),
                        last_name: person("lastname"),
                        deleted_at: row.get(6)?,
                    });
                }
            }
            Ok(hits)
        })
    }
}

/// The names from the root of the search down to what was found; a tenant's own is not among them.
fn names(db: &Connection, top: &str, path: &str, but_last: bool) -> Result<Vec<String>> {
    let mut numbers: Vec<i64> = Vec::new();
    let above = top.trim_matches('/').split('/').count() - 1;
    for part in path.trim_matches('/').split('/').skip(above) {
        numbers.extend(part.parse::<i64>().ok());
    }
    if but_last {
        numbers.pop();
    }
    numbers
        .into_iter()
        .map(|number| {
            Ok(db
                .prepare_cached("SELECT name FROM tenants WHERE number = ?")?
                .query_row([number], |row| row.get(0))?)
        })
        .collect()
}

fn begins_a_word(searched: &str, text: &str) -> bool {
    searched.match_indices(text).any(|(at, _)| {
        searched
            .get(..at)
            .and_then(|before| before.chars().next_back())
            .is_none_or(|before| !before.is_alphanumeric())
    })
}

#[cfg(test)]
mod tests {
    use super::begins_a_word;

    #[test]
    fn words_match_by_their_beginning() {
        assert!(begins_a_word("rust partner\nada@example.com", "part"));
        assert!(begins_a_word("rust partner\nada@example.com", "exam"));
        assert!(begins_a_word("rust partner", "rust part"));
        assert!(!begins_a_word("rust partner", "artner"));
    }
}
