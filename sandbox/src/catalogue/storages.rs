//! The storages (infrastructure components) of the one data centre that the sandbox stands for.

use crate::domain::Id;

/// What a storage can keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Capability {
    /// Backups.
    Backup,
    /// Machines that can be started in the cloud.
    DisasterRecovery,
    /// Files of File Sync & Share.
    FilesCloud,
}

impl Capability {
    /// The word of the wire.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Capability::Backup => "backup",
            Capability::DisasterRecovery => "disaster_recovery",
            Capability::FilesCloud => "files_cloud",
        }
    }
}

/// A storage of the data centre; the root tenant owns all of them.
#[derive(Debug)]
pub(crate) struct Storage {
    /// The `infra_id` of offering items and usages.
    pub id: Id,
    /// The location (data centre) it stands in.
    pub location_id: Id,
    /// For people.
    pub name: &'static str,
    /// Where agents reach it.
    pub url: &'static str,
    /// Who runs the disks: `acronis` or `google`.
    pub backend_type: &'static str,
    /// The one thing it keeps.
    pub capability: Capability,
}

impl Storage {
    /// The storage with this identifier.
    pub(crate) fn find(id: Id) -> Option<&'static Storage> {
        STORAGES.iter().find(|storage| storage.id == id)
    }
}

/// The one backup storage.
pub(crate) const STORAGE_BACKUP: Id = Id::from_u128(0xe72104a3_c013_4e18_bb71_7bce1dcdcaf2);
/// The first of two disaster-recovery storages.
pub(crate) const STORAGE_DR: Id = Id::from_u128(0x2d67488d_f8b5_4733_a531_e2878ed0b887);
/// The second disaster-recovery storage: a customer may have one of the two, which is why clients filter.
pub(crate) const STORAGE_DR_GOOGLE: Id = Id::from_u128(0xba2976d0_c13e_4661_ae60_b4593583fce2);
/// The storage of File Sync & Share.
pub(crate) const STORAGE_FILES: Id = Id::from_u128(0xfd8731d5_ede9_4dd4_93e4_6066b044879c);

const LOCATION: Id = Id::from_u128(0xf79546d7_d051_4e19_96f3_4cc68c2c5575);

/// All storages.
pub(crate) static STORAGES: [Storage; 4] = [
    Storage {
        id: STORAGE_BACKUP,
        location_id: LOCATION,
        name: "Backup storage",
        url: "acronis+fes://storage.sandbox.example:44445",
        backend_type: "acronis",
        capability: Capability::Backup,
    },
    Storage {
        id: STORAGE_DR,
        location_id: LOCATION,
        name: "Disaster recovery storage",
        url: "acronis+fes://recovery.sandbox.example:44445",
        backend_type: "acronis",
        capability: Capability::DisasterRecovery,
    },
    Storage {
        id: STORAGE_DR_GOOGLE,
        location_id: LOCATION,
        name: "Disaster recovery storage (Google)",
        url: "google+gcs://recovery.sandbox.example",
        backend_type: "google",
        capability: Capability::DisasterRecovery,
    },
    Storage {
        id: STORAGE_FILES,
        location_id: LOCATION,
        name: "Files storage",
        url: "acronis+fes://files.sandbox.example:44445",
        backend_type: "acronis",
        capability: Capability::FilesCloud,
    },
];
