//! The storages (infrastructure components) of the simulated data center.

use crate::domain::Id;

/// What a storage is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Capability {
    Backup,
    DisasterRecovery,
    /// File Sync & Share.
    FilesCloud,
}

impl Capability {
    /// The name in the API.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Backup => "backup",
            Self::DisasterRecovery => "disaster_recovery",
            Self::FilesCloud => "files_cloud",
        }
    }
}

/// A storage. The root tenant owns all storages.
#[derive(Debug)]
pub(crate) struct Storage {
    /// The `infra_id` of offering items and usages.
    pub id: Id,
    pub location_id: Id,
    pub name: &'static str,
    /// The address for agents.
    pub url: &'static str,
    /// `acronis` or `google`.
    pub backend_type: &'static str,
    pub capability: Capability,
}

impl Storage {
    /// Finds a storage by id.
    pub(crate) fn find(id: Id) -> Option<&'static Self> {
        STORAGES.iter().find(|storage| storage.id == id)
    }
}

/// The backup storage.
pub(crate) const STORAGE_BACKUP: Id = Id::from_u128(0xe72104a3_c013_4e18_bb71_7bce1dcdcaf2);
/// The first disaster recovery storage.
pub(crate) const STORAGE_DR: Id = Id::from_u128(0x2d67488d_f8b5_4733_a531_e2878ed0b887);
/// The second disaster recovery storage. A customer can have only one of the two, so clients have to filter.
pub(crate) const STORAGE_DR_GOOGLE: Id = Id::from_u128(0xba2976d0_c13e_4661_ae60_b4593583fce2);
/// The storage of File Sync & Share.
pub(crate) const STORAGE_FILES: Id = Id::from_u128(0xfd8731d5_ede9_4dd4_93e4_6066b044879c);

const LOCATION: Id = Id::from_u128(0xf79546d7_d051_4e19_96f3_4cc68c2c5575);
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
