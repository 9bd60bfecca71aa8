//! What will happen to each object.

use std::{collections::BTreeSet, fmt};

use anyhow::{Context, Result};
use common::{ApiClient, CreatedObject, Id, ObjectKind, Platform, UserError};
use serde::de::IgnoredAny;

use super::{
    files::files_about,
    look_up::{CreatedTenant, contents, find_tenant, find_user, read},
};
use crate::PartialFailures;

/// An object that an example has created, and what will happen to it.
#[derive(Debug)]
pub struct Planned {
    /// The object. If it was found by its name, it has its id.
    pub object: CreatedObject,
    /// What will happen to it.
    pub action: Action,
    /// The response with its id was lost. It was found by its name, or its login.
    is_found_by_name: bool,
}

/// What will happen to an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// It is deleted.
    Delete,
    /// It is deleted together with the object of this name.
    DeleteWith(String),
    /// It was already deleted, or never created.
    Gone,
    /// It was deleted in this run.
    Deleted,
    /// It is not deleted, for this reason.
    Stays(String),
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Delete => f.write_str("is deleted"),
            Self::DeleteWith(name) => write!(f, "is deleted with {name}"),
            Self::Gone => f.write_str("does not exist"),
            Self::Deleted => f.write_str("deleted"),
            Self::Stays(reason) => write!(f, "stays: {reason}"),
        }
    }
}

/// What will happen to all objects.
#[derive(Debug)]
pub struct Plan {
    /// The objects, in the order of their deletion: what is inside a tenant precedes the tenant.
    pub objects: Vec<Planned>,
    /// The API client of this run, if an example has created it. It is deleted last.
    pub own_client: Option<Id>,
    /// The saved files about objects that do not exist any more.
    files: Vec<String>,
    /// The ids of what was deleted before this run.
    deleted: BTreeSet<Id>,
}

impl Plan {
    /// Looks up every object in `created.jsonl`, and decides what will happen to it. Changes nothing.
    ///
    /// # Errors
    /// A [`UserError`] if the record or `api_client.json` cannot be read; those of
    /// [`PartialFailures::skip_rejected`].
    pub fn prepare(platform: &Platform, failures: &mut PartialFailures) -> Result<Self> {
        let own_id = ApiClient::load(platform.home())?.client_id;
        let is_own = |object: &CreatedObject| {
            object.kind == ObjectKind::ApiClient && object.id.as_deref() == Some(&*own_id)
        };
        let recorded = platform.created_objects()?;
        recorded.warn_about_the_rest();
        let remaining = recorded.remaining.into_iter();
        let (own, created): (Vec<_>, Vec<_>) = remaining.partition(is_own);

        let mut planner = Planner {
            platform,
            recorded: created.iter().filter_map(|it| it.id.clone()).collect(),
            deleted: BTreeSet::new(),
        };
        let mut objects = Vec::new();
        // An object was created after the tenant that contains it.
        for mut object in created.into_iter().rev() {
            let is_id_unknown = object.id.is_none();
            let outcome = planner.plan(&mut object);
            let outcome = outcome.with_context(|| format!("look for {}", object.name));
            let action = failures.skip_rejected(outcome)?;
            let action = action.unwrap_or_else(|| stays("see the warning above"));
            objects.push(Planned {
                is_found_by_name: is_id_unknown && object.id.is_some(),
                object,
                action,
            });
        }
        follow_parents(&mut objects);
        let mut plan = Self {
            objects,
            own_client: own.into_iter().find_map(|client| client.id),
            files: Vec::new(),
            deleted: recorded.deleted,
        };
        plan.files = files_about(platform, &plan.gone());
        Ok(plan)
    }

    /// A table of the objects and files: name, kind, id, and what will happen.
    pub fn rows(&self) -> impl Iterator<Item = [String; 4]> {
        let files = self.files.iter().map(|file| {
            let [kind, id, what] = ["file", "", "is removed: its object does not exist"];
            [file, kind, id, what].map(str::to_owned)
        });
        self.objects.iter().map(Planned::row).chain(files)
    }

    /// Whether an object is deleted or a file is removed.
    #[must_use]
    pub fn deletes_something(&self) -> bool {
        let mut objects = self.objects.iter();
        objects.any(|it| it.action == Action::Delete) || !self.files.is_empty()
    }

    /// The objects that are deleted by a call of their own.
    pub fn to_delete(&mut self) -> impl Iterator<Item = &mut Planned> {
        let objects = self.objects.iter_mut();
        objects.filter(|it| it.action == Action::Delete)
    }

    /// The ids of what no longer exists.
    #[must_use]
    pub fn gone(&self) -> BTreeSet<Id> {
        let objects = self.objects.iter();
        let gone = objects.filter(|it| matches!(it.action, Action::Deleted | Action::Gone));
        let gone = gone.filter_map(|it| it.object.id.clone());
        gone.chain(self.deleted.iter().cloned()).collect()
    }

    /// Whether a tenant or a user stays, or was created since this plan was made, so that the API client is still needed
    /// to delete it.
    ///
    /// # Errors
    /// A [`UserError`] if the record cannot be read.
    pub fn is_partial(&self, platform: &Platform) -> Result<bool, UserError> {
        let stays = self.objects.iter().any(|planned| {
            matches!(planned.action, Action::Stays(_)) && has_own_call(planned.object.kind)
        });
        let is_known = |object: &CreatedObject| {
            let same =
                |it: &Planned| (it.object.kind, &it.object.name) == (object.kind, &object.name);
            self.objects.iter().any(same)
        };
        let recorded = platform.created_objects()?.remaining;
        let mut recorded = recorded.iter().filter(|it| has_own_call(it.kind));
        Ok(stays || recorded.any(|object| !is_known(object)))
    }
}

impl Planned {
    fn row(&self) -> [String; 4] {
        let id = self.object.id.as_deref().unwrap_or_default();
        [
            self.object.name.clone(),
            self.object.kind.to_string(),
            id.to_owned(),
            match self.is_found_by_name && self.action == Action::Delete {
                true => format!("{}; it was found by its name", self.action),
                false => self.action.to_string(),
            },
        ]
    }
}

struct Planner<'a> {
    platform: &'a Platform,
    /// All ids in the record.
    recorded: BTreeSet<Id>,
    /// The ids of what will be deleted.
    deleted: BTreeSet<Id>,
}

impl Planner<'_> {
    fn plan(&mut self, object: &mut CreatedObject) -> Result<Action> {
        let action = match object.kind {
            ObjectKind::Tenant => self.plan_tenant(object)?,
            ObjectKind::User => self.plan_user(object)?,
            ObjectKind::Report => self.plan_by_id("/api/2/reports", object)?,
            ObjectKind::ApiClient => self.plan_by_id("/api/2/clients", object)?,
            kind => stays(match kind {
                ObjectKind::RegistrationToken => "it expires an hour after it was issued",
                _ => "its customer stays; delete it in the management console",
            }),
        };
        if action == Action::Delete {
            self.deleted.extend(object.id.clone());
        }
        Ok(action)
    }

    fn plan_tenant(&self, object: &mut CreatedObject) -> Result<Action> {
        object.id = find_tenant(self.platform, object)?;
        let Some(id) = &object.id else {
            return Ok(Action::Gone);
        };
        let tenant: Option<CreatedTenant> = read(self.platform, &format!("/api/2/tenants/{id}"))?;
        let Some(tenant) = tenant else {
            return Ok(Action::Gone);
        };
        let lock = tenant.update_lock.filter(|lock| lock.enabled);
        if lock.is_some_and(|lock| lock.owner_id.as_ref() != Some(self.platform.tenant_id())) {
            return Ok(stays("another tenant has locked it"));
        }
        let contents = contents(self.platform, id)?;
        let other = contents.iter().find(|(_, id)| !self.deleted.contains(id));
        Ok(other.map_or(Action::Delete, |(kind, id)| {
            let why = if self.recorded.contains(id) {
                "which stays"
            } else {
                "which no example has created"
            };
            stays(&format!("it contains {kind} {id}, {why}"))
        }))
    }

    fn plan_user(&mut self, object: &mut CreatedObject) -> Result<Action> {
        let Some(user) = find_user(self.platform, object)? else {
            return Ok(Action::Gone);
        };
        object.id = Some(user.id);
        self.deleted.extend(user.personal_tenant_id);
        Ok(Action::Delete)
    }

    fn plan_by_id(&self, path: &str, object: &CreatedObject) -> Result<Action> {
        let Some(id) = &object.id else {
            let reason = "its id is unknown; if it exists, delete it in the management console";
            return Ok(stays(reason));
        };
        let found: Option<IgnoredAny> = read(self.platform, &format!("{path}/{id}"))?;
        Ok(found.map_or(Action::Gone, |_| Action::Delete))
    }
}

pub(super) fn stays(reason: &str) -> Action {
    Action::Stays(reason.to_owned())
}

/// Whether an object is deleted by a call of its own.
fn has_own_call(kind: ObjectKind) -> bool {
    matches!(
        kind,
        ObjectKind::Tenant | ObjectKind::User | ObjectKind::Report
    )
}

/// What is not deleted by a call of its own is deleted with the object to which it belongs, or does
/// not exist either.
fn follow_parents(plan: &mut [Planned]) {
    // Parents are at the end.
    for index in (0..plan.len()).rev() {
        let (before, rest) = plan.split_at_mut(index);
        let Some(parent) = rest.first() else { continue };
        let id = parent.object.id.as_ref();
        for object in before {
            let is_inside = id.is_some() && object.object.parent.as_ref() == id;
            if has_own_call(object.object.kind) || !is_inside {
                continue;
            }
            match &parent.action {
                Action::Delete => {
                    object.action = Action::DeleteWith(parent.object.name.clone());
                }
                Action::Gone => object.action = Action::Gone,
                Action::DeleteWith(_) | Action::Deleted | Action::Stays(_) => {}
            }
        }
    }
}
