//! Search for tenants and users by the beginnings of words.

use rusqlite::{Connection, params};

use super::Store;
use super::contact::Contact;
use super::tenants::{self, path_end};
use crate::clock::Timestamp;
use crate::domain::{Caller, Id, Result, Right, TenantKind};

/// A tenant or user that the search found.
#[derive(Debug)]
pub(crate) struct Hit {
    /// The tenant or user.
    pub object: Object,
    pub id: Id,
    /// The parent of the tenant, or the user's tenant.
    pub parent_id: Id,
    /// The names of the tenants from the root of the search down to the object.
    pub path: Vec<String>,
    /// The first name of the user or of the tenant's contact.
    pub first_name: Option<String>,
    /// The last name of the user or of the tenant's contact.
    pub last_name: Option<String>,
    pub deleted_at: Option<Timestamp>,
}

/// The fields that only tenants or only users have.
#[derive(Debug)]
pub(crate) enum Object {
    Tenant { kind: TenantKind, name: String },
    User { login: String },
}

impl Store {
    /// Finds the tenants and users below `top` with a word that begins with this text. Tenants are first.
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
                    let searchable: String = row.get(7)?;
                    if !begins_a_word(&searchable, &text) {
                        continue;
                    }
                    let home = row.get(8)?;
                    let Some(home) = tenants::find_any(db, home)?.filter(|home| {
                        tenants::require_right(db, caller, home, Right::View).is_ok()
                    }) else {
                        continue;
                    };
                    let contact: Contact = super::document(row, 5)?;
                    let given = |name: String| Some(name).filter(|name| !name.is_empty());
                    let is_tenant = row.get_ref(0)?.as_str() == Ok("tenant");
                    let object = if is_tenant {
                        Object::Tenant {
                            kind: home.kind,
                            name: row.get(4)?,
                        }
                    } else {
                        Object::User { login: row.get(4)? }
                    };
                    hits.push(Hit {
                        object,
                        id: row.get(1)?,
                        parent_id: row.get(2)?,
                        path: names(db, &top.path, &home.path, is_tenant)?,
                        first_name: given(contact.firstname),
                        last_name: given(contact.lastname),
                        deleted_at: row.get(6)?,
                    });
                }
            }
            Ok(hits)
        })
    }
}

/// The names of the tenants from the root of the search down to the object. `exclude_last` leaves the tenant itself out.
fn names(db: &Connection, top: &str, path: &str, exclude_last: bool) -> Result<Vec<String>> {
    let mut numbers: Vec<i64> = Vec::new();
    let above = top.trim_matches('/').split('/').count() - 1;
    for part in path.trim_matches('/').split('/').skip(above) {
        numbers.extend(part.parse::<i64>().ok());
    }
    if exclude_last {
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

/// Whether a word begins with the text.
fn begins_a_word(searchable: &str, text: &str) -> bool {
    searchable.match_indices(text).any(|(at, _)| {
        searchable
            .get(..at)
            .and_then(|before| before.chars().next_back())
            .is_none_or(|before| !before.is_alphanumeric())
    })
}

#[cfg(test)]
mod tests {
    use super::begins_a_word;

    #[test]
    fn matches_only_beginnings_of_words() {
        assert!(begins_a_word("rust partner\nada@example.com", "part"));
        assert!(begins_a_word("rust partner\nada@example.com", "exam"));
        assert!(begins_a_word("rust partner", "rust part"));
        assert!(!begins_a_word("rust partner", "artner"));
    }
}
