//! Registration tokens: with one an agent, installed on a machine, finds the tenant that it belongs to.

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::Value;

use super::document;
use super::{Store, agents, tenants};
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Id, Result, Right, TenantKind};
use crate::secrets;

/// The longest life of a token, a year, in seconds.
pub(crate) const LONGEST: i64 = 365 * 86_400;

/// A registration token.
#[derive(Clone, Debug)]
pub(crate) struct RegistrationToken {
    /// Its number.
    pub id: i64,
    /// `27F9-5234-41C3`.
    pub token: String,
    /// The tenant that it was made in.
    pub tenant_id: Id,
    /// The legacy integer id of that tenant.
    pub tenant_number: i64,
    /// What it lets an agent do, a list of texts.
    pub scopes: Value,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

const SELECT: &str = "
    SELECT r.id, r.token, r.tenant_id, t.number, r.scopes, r.created_at, r.expires_at
    FROM registration_tokens r JOIN tenants t ON t.id = r.tenant_id";

fn from_row(row: &Row<'_>) -> rusqlite::Result<RegistrationToken> {
    Ok(RegistrationToken {
        id: row.get(0)?,
        token: row.get(1)?,
        tenant_id: row.get(2)?,
        tenant_number: row.get(3)?,
        scopes: document(row, 4)?,
        created_at: row.get(5)?,
        expires_at: row.get(6)?,
    })
}

/// What an agent with the token may do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Scope {
    /// Register in this tenant, in the token's own if none is named.
    Register(Option<Id>),
    /// Have a plan of a tenant applied at once.
    Apply {
        /// The plan's tenant.
        tenant: Id,
        /// The plan.
        policy: Id,
    },
}

impl Scope {
    /// Reads one of the two forms that there are.
    pub(crate) fn parse(text: &str) -> Result<Scope> {
        let register = |rest: &str| {
            let tenant = rest.strip_suffix(":backup_agent_admin")?;
            match tenant {
                "" => Some(Scope::Register(None)),
                id => Some(Scope::Register(Some(id.parse().ok()?))),
            }
        };
        let apply = |rest: &str| {
            let (tenant, policy) = rest.strip_suffix(":apply_revoke")?.split_once('|')?;
            Some(Scope::Apply {
                tenant: tenant.parse().ok()?,
                policy: policy.parse().ok()?,
            })
        };
        text.strip_prefix("urn:acronis.com:tenant-id:")
            .and_then(register)
            .or_else(|| {
                text.strip_prefix("urn:acronis.com::policy_management:")
                    .and_then(apply)
            })
            .ok_or_else(|| {
                ApiError::bad(format!(
                    "scopes: {text:?} is neither urn:acronis.com:tenant-id:{{tenant}}:backup_agent_admin nor \
                     urn:acronis.com::policy_management:{{tenant}}|{{policy}}:apply_revoke."
                ))
            })
    }
}

/// A token that is asked for.
#[derive(Debug)]
pub(crate) struct NewToken {
    /// The tenant it is made in.
    pub tenant_id: Id,
    /// As they were written.
    pub scopes: Vec<String>,
    /// Seconds.
    pub expires_in: i64,
    /// Here somebody installs an agent with each token at once: after so many milliseconds it registers.
    pub installing: i64,
}

fn find(db: &Connection, id: i64) -> Result<RegistrationToken> {
    db.prepare_cached(&format!("{SELECT} WHERE r.id = ?"))?
        .query_row([id], from_row)
        .optional()?
        .ok_or_else(|| ApiError::NotFound(format!("There is no registration token {id}.")))
}

impl Store {
    /// Makes a token.
    ///
    /// A scope that leads out of the token's tenant: 403.
    pub(crate) fn create_registration_token(
        &self,
        caller: &Caller,
        new: &NewToken,
        now: Timestamp,
    ) -> Result<RegistrationToken> {
        self.write(|tx| {
            let tenant = tenants::require_writable(tx, caller, new.tenant_id)?;
            tenants::ensure_enabled(tx, &tenant)?;
            let mut home = None;
            for scope in &new.scopes {
                match Scope::parse(scope)? {
                    Scope::Register(None) => home = Some(tenant.clone()),
                    Scope::Register(Some(inside)) => {
                        let inside = tenants::require_access(tx, caller, inside, Right::Manage)?;
                        if !inside.path.starts_with(&tenant.path) {
                            let info = format!(
                                "scopes: tenant {} is not in tenant {}.",
                                inside.id, tenant.id
                            );
                            return Err(ApiError::denied(info));
                        }
                        home = Some(inside);
                    }
                    Scope::Apply { tenant: owner, .. } => {
                        tenants::require_access(tx, caller, owner, Right::View)?;
                    }
                }
            }
            tx.execute(
                "DELETE FROM registration_tokens WHERE expires_at <= ?",
                [now],
            )?;
            let token = in_groups(&secrets::random(12)?.to_uppercase());
            tx.execute(
                "INSERT INTO registration_tokens (token, tenant_id, scopes, created_at, expires_at)
                 VALUES (?, ?, ?, ?, ?)",
                params![
                    token,
                    tenant.id,
                    serde_json::to_string(&new.scopes)?,
                    now,
                    now.plus_millis(new.expires_in * 1000)
                ],
            )?;
            let made = find(tx, tx.last_insert_rowid())?;
            let at = now.plus_millis(new.installing);
            // Machines are in customers, their units, and the personal tenants of their users.
            let home =
                home.filter(|home| matches!(home.kind, TenantKind::Customer | TenantKind::Unit));
            if let Some(home) = home.filter(|_| at < made.expires_at) {
                agents::schedule_registration(tx, &home, made.id, at)?;
            }
            Ok(made)
        })
    }

    /// The tokens of a tenant that have not ended, the oldest first; those of all tenants in reach if none is named.
    pub(crate) fn registration_tokens(
        &self,
        caller: &Caller,
        tenant: Option<Id>,
        now: Timestamp,
    ) -> Result<Vec<RegistrationToken>> {
        self.read(|db| {
            if let Some(id) = tenant {
                tenants::require_access(db, caller, id, Right::Manage)?;
            }
            let found: Vec<RegistrationToken> = db
                .prepare_cached(&format!(
                    "{SELECT} WHERE r.expires_at > ?1 AND (?2 IS NULL OR r.tenant_id = ?2)
                     AND t.deleted_at IS NULL ORDER BY r.id"
                ))?
                .query_map(params![now, tenant], from_row)?
                .collect::<rusqlite::Result<_>>()?;
            let visible = |token: &RegistrationToken| {
                tenant.is_some()
                    || tenants::require_access(db, caller, token.tenant_id, Right::Manage).is_ok()
            };
            Ok(found.into_iter().filter(visible).collect())
        })
    }

    /// A token that has not ended.
    pub(crate) fn registration_token(
        &self,
        caller: &Caller,
        id: i64,
        now: Timestamp,
    ) -> Result<RegistrationToken> {
        self.read(|db| {
            let token = find(db, id)?;
            tenants::require_access(db, caller, token.tenant_id, Right::Manage)?;
            if token.expires_at <= now {
                return Err(ApiError::NotFound(format!(
                    "Registration token {id} has expired."
                )));
            }
            Ok(token)
        })
    }

    /// Ends a token: no agent registers with it any more.
    pub(crate) fn delete_registration_token(
        &self,
        caller: &Caller,
        id: i64,
        now: Timestamp,
    ) -> Result<()> {
        self.write(|tx| {
            let token = find(tx, id)?;
            tenants::require_writable(tx, caller, token.tenant_id)?;
            tx.execute("DELETE FROM registration_tokens WHERE id = ?", [id])?;
            agents::cancel_registration(tx, id, now)?;
            Ok(())
        })
    }
}

/// `27F9523441C3` as `27F9-5234-41C3`.
fn in_groups(text: &str) -> String {
    let mut grouped = String::new();
    for (place, character) in text.chars().enumerate() {
        if place > 0 && place % 4 == 0 {
            grouped.push('-');
        }
        grouped.push(character);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_has_one_of_two_forms() {
        let id = "4b07e4a1-a49b-4d4e-b8f2-253f1fef98ad";
        let some: Id = id.parse().unwrap();
        let register =
            |tenant: &str| format!("urn:acronis.com:tenant-id:{tenant}:backup_agent_admin");
        assert_eq!(Scope::parse(&register("")).unwrap(), Scope::Register(None));
        assert_eq!(
            Scope::parse(&register(id)).unwrap(),
            Scope::Register(Some(some))
        );
        assert_eq!(
            Scope::parse(&format!(
                "urn:acronis.com::policy_management:{id}|{id}:apply_revoke"
            ))
            .unwrap(),
            Scope::Apply {
                tenant: some,
                policy: some
            }
        );
        for bad in [
            "",
            "backup_agent_admin",
            "urn:acronis.com:tenant-id::root_admin",
            &register("7"),
            &format!("urn:acronis.com::policy_management:{id}:apply_revoke"),
        ] {
            assert!(Scope::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_token_is_written_in_groups() {
        assert_eq!(in_groups("27F9523441C3"), "27F9-5234-41C3");
    }
}
