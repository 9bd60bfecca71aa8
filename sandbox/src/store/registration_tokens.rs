//! Registration tokens, with which an agent registers in a tenant.

use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{Store, agents, tenants};
use crate::clock::Timestamp;
use crate::domain::{ApiError, Caller, Id, Result, Right, TenantKind};
use crate::secrets;

/// The maximum lifetime of a token in seconds: one year.
pub(crate) const MAX_LIFETIME: i64 = 365 * 86_400;

/// A registration token.
#[derive(Clone, Debug)]
pub(crate) struct RegistrationToken {
    pub id: i64,
    /// For example `27F9-5234-41C3`.
    pub token: String,
    pub tenant_id: Id,
    /// The legacy integer id of the tenant.
    pub tenant_number: i64,
    /// What the token permits, as it was requested.
    pub scopes: Vec<String>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

const SELECT: &str = "
    SELECT r.id, r.token, r.tenant_id, t.number, r.scopes, r.created_at, r.expires_at
    FROM registration_tokens r JOIN tenants t ON t.id = r.tenant_id";

fn from_row(row: &Row<'_>) -> rusqlite::Result<RegistrationToken> {
    let scopes = serde_json::from_str(&row.get::<_, String>(4)?).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(4, Type::Text, Box::new(error))
    })?;
    Ok(RegistrationToken {
        id: row.get(0)?,
        token: row.get(1)?,
        tenant_id: row.get(2)?,
        tenant_number: row.get(3)?,
        scopes,
        created_at: row.get(5)?,
        expires_at: row.get(6)?,
    })
}

/// What a token permits.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Scope {
    /// To register in this tenant; `None` for the tenant of the token.
    Register(Option<Id>),
    /// To apply and revoke a plan of a tenant.
    Apply { tenant: Id, policy: Id },
}

impl Scope {
    /// Parses one of the two formats.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let register = |rest: &str| {
            let tenant = rest.strip_suffix(":backup_agent_admin")?;
            match tenant {
                "" => Some(Self::Register(None)),
                id => Some(Self::Register(Some(id.parse().ok()?))),
            }
        };
        let apply = |rest: &str| {
            let (tenant, policy) = rest.strip_suffix(":apply_revoke")?.split_once('|')?;
            Some(Self::Apply {
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

/// A token to be created.
#[derive(Debug)]
pub(crate) struct NewToken {
    pub tenant_id: Id,
    pub scopes: Vec<String>,
    /// The lifetime in seconds.
    pub expires_in: i64,
    /// The sandbox simulates the installation of an agent with each token. The agent registers after this time.
    pub installation_millis: i64,
}

fn find(db: &Connection, id: i64) -> Result<RegistrationToken> {
    db.prepare_cached(&format!("{SELECT} WHERE r.id = ?"))?
        .query_row([id], from_row)
        .optional()?
        .ok_or_else(|| ApiError::NotFound(format!("There is no registration token {id}.")))
}

impl Store {
    /// Creates a token; 403 if a scope is outside its tenant.
    pub(crate) fn create_registration_token(
        &self,
        caller: &Caller,
        new: &NewToken,
        now: Timestamp,
    ) -> Result<RegistrationToken> {
        self.write(|tx| {
            let tenant = tenants::require_writable(tx, caller, new.tenant_id)?;
            tenants::ensure_enabled(tx, &tenant)?;
            let mut agent_tenant = None;
            for scope in &new.scopes {
                match Scope::parse(scope)? {
                    Scope::Register(None) => agent_tenant = Some(tenant.clone()),
                    Scope::Register(Some(id)) => {
                        let scope_tenant = tenants::require_access(tx, caller, id, Right::Manage)?;
                        if !scope_tenant.path.starts_with(&tenant.path) {
                            let info = format!(
                                "scopes: tenant {} is not below tenant {}.",
                                scope_tenant.id, tenant.id
                            );
                            return Err(ApiError::denied(info));
                        }
                        agent_tenant = Some(scope_tenant);
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
            let token = grouped(&secrets::random(12)?.to_uppercase());
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
            let created = find(tx, tx.last_insert_rowid())?;
            let at = now.plus_millis(new.installation_millis);
            // Only customers and units (including personal tenants) have machines.
            let agent_tenant = agent_tenant
                .filter(|tenant| matches!(tenant.kind, TenantKind::Customer | TenantKind::Unit));
            if let Some(tenant) = agent_tenant.filter(|_| at < created.expires_at) {
                agents::schedule_registration(tx, &tenant, created.id, at)?;
            }
            Ok(created)
        })
    }

    /// The active tokens of a tenant, or of all tenants that the caller can manage, the oldest first.
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

    /// Finds an active token; 404 if there is none.
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

    /// Deletes a token. Its scheduled agent no longer registers.
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

/// Formats `27F9523441C3` as `27F9-5234-41C3`.
fn grouped(text: &str) -> String {
    let mut result = String::new();
    for (index, character) in text.chars().enumerate() {
        if index > 0 && index % 4 == 0 {
            result.push('-');
        }
        result.push(character);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_both_scope_formats() {
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
    fn groups_characters_by_four() {
        assert_eq!(grouped("27F9523441C3"), "27F9-5234-41C3");
    }
}
