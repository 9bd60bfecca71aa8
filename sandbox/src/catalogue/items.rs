//! The offering items: rows that editions share, and the editions that consist of them.
//!
//! Many editions contain the same items, under names that differ only in a prefix. A row describes an item; an edition
//! lists its rows and the prefix.

use super::{BACKUP, Capability, FILES, Item, ItemType, NOTARY, SHIPPING, Unit};
use crate::domain::Id;

/// An item, the same in every edition that contains it. Names are without the prefix of the edition.
#[derive(Clone, Copy)]
struct Row {
    name: &'static str,
    usage_name: &'static str,
    item_type: ItemType,
    unit: Unit,
    capability: Option<Capability>,
    partners_only: bool,
    needs: Option<&'static str>,
}

const fn count(name: &'static str) -> Row {
    Row {
        name,
        usage_name: name,
        item_type: ItemType::Count,
        unit: Unit::Quantity,
        capability: None,
        partners_only: false,
        needs: None,
    }
}

const fn feature(name: &'static str) -> Row {
    Row {
        item_type: ItemType::Feature,
        unit: Unit::None,
        ..count(name)
    }
}

const fn storage(name: &'static str, capability: Capability) -> Row {
    Row {
        item_type: ItemType::Infra,
        unit: Unit::Bytes,
        capability: Some(capability),
        ..count(name)
    }
}

/// An item of disaster recovery. It exists once per disaster recovery storage.
const fn recovery(name: &'static str, item_type: ItemType, unit: Unit) -> Row {
    Row {
        item_type,
        unit,
        capability: Some(Capability::DisasterRecovery),
        ..count(name)
    }
}

impl Row {
    const fn uses(self, usage_name: &'static str) -> Self {
        Self { usage_name, ..self }
    }

    const fn bytes(self) -> Self {
        Self {
            unit: Unit::Bytes,
            ..self
        }
    }

    const fn needs(self, name: &'static str) -> Self {
        Self {
            needs: Some(name),
            ..self
        }
    }

    const fn for_partners(self) -> Self {
        Self {
            partners_only: true,
            ..self
        }
    }
}

/// In both current billing modes.
const PACKS: &[Row] = &[
    storage("base_storage", Capability::Backup).uses("storage"),
    count("base_workstations").uses("workstations"),
    count("base_servers").uses("servers"),
    count("base_vms").uses("vms"),
    count("base_mobiles").uses("mobiles"),
    count("base_web_hosting_servers").uses("web_hosting_servers"),
    count("base_websites").uses("websites"),
    count("base_m365_seats").uses("mailboxes"),
    feature("base_m365_mailboxes")
        .uses("o365_mailboxes")
        .needs("base_m365_seats"),
    feature("base_m365_onedrive")
        .uses("o365_onedrive")
        .needs("base_m365_seats"),
    count("base_m365_sharepoint_sites").uses("o365_sharepoint_sites"),
    count("base_m365_teams").uses("o365_teams"),
    count("base_gworkspace_seats").uses("gsuite_seats"),
    feature("base_google_mail")
        .uses("google_mail")
        .needs("base_gworkspace_seats"),
    feature("base_google_drive")
        .uses("google_drive")
        .needs("base_gworkspace_seats"),
    feature("base_google_team_drive").uses("google_team_drive"),
    recovery("base_dr_base", ItemType::Feature, Unit::None).uses("dr_base"),
    recovery("base_adv_dr_storage", ItemType::Infra, Unit::Bytes)
        .uses("dr_storage")
        .needs("base_dr_base"),
    recovery("base_adv_dr_compute_points", ItemType::Infra, Unit::Seconds)
        .uses("compute_points")
        .needs("base_dr_base"),
    recovery("base_adv_dr_cloud_servers", ItemType::Infra, Unit::Quantity)
        .uses("dr_cloud_servers")
        .needs("base_dr_base"),
    recovery("base_adv_dr_internet_access", ItemType::Feature, Unit::None)
        .uses("dr_internet_access")
        .needs("base_dr_base"),
    count("pack_adv_backup_workstations"),
    count("pack_adv_backup_servers"),
    count("pack_adv_management"),
    count("pack_adv_security"),
    count("pack_adv_email_security").uses("pack_adv_email_security_mailboxes"),
    count("pack_adv_dlp"),
];

/// Only in billing per workload.
const PACKS_PER_WORKLOAD: &[Row] = &[
    count("base_nas").uses("nas"),
    recovery("base_adv_dr_public_ips", ItemType::Infra, Unit::Quantity)
        .uses("public_ips")
        .needs("base_dr_base"),
    count("pack_adv_backup_vms"),
    count("pack_adv_backup_web_hosting_servers"),
];

/// In all legacy editions.
const PROTECTION: &[Row] = &[
    count("workstations"),
    count("servers"),
    count("vms"),
    count("mobiles"),
    count("o365_sharepoint_sites"),
    count("o365_teams"),
    count("gsuite_seats"),
    feature("google_mail").needs("gsuite_seats"),
    feature("google_drive").needs("gsuite_seats"),
    feature("google_team_drive"),
    count("hosted_exchange"),
    count("websites"),
    count("web_hosting_servers"),
    storage("storage", Capability::Backup),
    feature("child_storages").for_partners(),
];

/// Mailboxes, under their older name.
const MAILBOXES: &[Row] = &[
    count("mailboxes"),
    feature("o365_mailboxes").needs("mailboxes"),
    feature("o365_onedrive").needs("mailboxes"),
];

/// Mailboxes, under their newer name.
const O365_SEATS: &[Row] = &[
    count("o365_seats").uses("mailboxes"),
    feature("o365_mailboxes").needs("o365_seats"),
    feature("o365_onedrive").needs("o365_seats"),
];

/// In the editions of 2020.
const DEVICES: &[Row] = &[
    count("win_server_essentials"),
    count("virtualhosts"),
    count("universal_devices"),
    recovery(
        "vpn_concurrent_connections",
        ItemType::Infra,
        Unit::Quantity,
    ),
];

/// Disaster recovery in the legacy editions. `dr_child_storages` is a feature without a storage.
const RECOVERY: &[Row] = &[
    feature("dr_child_storages")
        .needs("child_storages")
        .for_partners(),
    recovery("dr_storage", ItemType::Infra, Unit::Bytes),
    recovery("compute_points", ItemType::Infra, Unit::Seconds),
    recovery("public_ips", ItemType::Infra, Unit::Quantity),
    recovery("dr_cloud_servers", ItemType::Infra, Unit::Quantity),
    recovery("dr_internet_access", ItemType::Feature, Unit::None),
];

/// Protection per machine, in three tiers.
const PROTECTION_TIERS: &[Row] = &[
    count("p_ess_workstations").uses("workstations"),
    count("p_ess_servers").uses("servers"),
    count("p_ess_vms").uses("vms"),
    count("p_workstations").uses("workstations"),
    count("p_servers").uses("servers"),
    count("p_vms").uses("vms"),
    count("p_hosted_exchange").uses("hosted_exchange"),
    count("p_web_hosting_servers").uses("web_hosting_servers"),
    count("p_adv_workstations").uses("workstations"),
    count("p_adv_servers").uses("servers"),
    count("p_adv_vms").uses("vms"),
    count("p_adv_web_hosting_servers").uses("web_hosting_servers"),
];

const FILE_SHARE: &[Row] = &[
    count("fc_seats"),
    storage("fc_storage", Capability::FilesCloud),
];

const FILE_SHARE_LEGACY: &[Row] = &[feature("fc_child_storages").for_partners()];

/// Not part of an edition.
const LOCAL: &[Row] = &[count("local_storage").bytes()];

const NOTARIZATION: &[Row] = &[
    count("notary_storage").bytes(),
    count("notarizations"),
    count("esignatures"),
    count("document_templates"),
];

const DRIVES: &[Row] = &[
    count("drives_shipped_to_cloud"),
    count("drives_shipped_from_cloud"),
];

/// An edition: its rows and the prefix of their names.
struct Edition {
    application_id: Id,
    name: Option<&'static str>,
    prefix: &'static str,
    rows: &'static [&'static [Row]],
}

const fn edition(
    application_id: Id,
    name: Option<&'static str>,
    prefix: &'static str,
    rows: &'static [&'static [Row]],
) -> Edition {
    Edition {
        application_id,
        name,
        prefix,
        rows,
    }
}

const EDITIONS: &[Edition] = &[
    edition(BACKUP, Some("pck_per_gigabyte"), "pg_", &[PACKS]),
    edition(
        BACKUP,
        Some("pck_per_workload"),
        "pw_",
        &[PACKS, PACKS_PER_WORKLOAD],
    ),
    edition(
        BACKUP,
        Some("standard"),
        "",
        &[PROTECTION, MAILBOXES, DEVICES, RECOVERY],
    ),
    edition(
        BACKUP,
        Some("advanced"),
        "adv_",
        &[PROTECTION, O365_SEATS, DEVICES],
    ),
    edition(
        BACKUP,
        Some("disaster_recovery"),
        "dre_",
        &[PROTECTION, O365_SEATS, DEVICES, RECOVERY],
    ),
    edition(
        BACKUP,
        Some("cyber_protect_std"),
        "p_",
        &[PROTECTION, O365_SEATS, DEVICES],
    ),
    edition(
        BACKUP,
        Some("cyber_protect_adv"),
        "p_adv_",
        &[PROTECTION, O365_SEATS, DEVICES],
    ),
    edition(
        BACKUP,
        Some("cyber_protect_dre"),
        "p_dre_",
        &[PROTECTION, O365_SEATS, DEVICES, RECOVERY],
    ),
    edition(
        BACKUP,
        Some("per_gigabyte"),
        "pg_",
        &[PROTECTION, O365_SEATS],
    ),
    edition(
        BACKUP,
        Some("per_workload"),
        "pw_",
        &[PROTECTION, O365_SEATS, RECOVERY, PROTECTION_TIERS],
    ),
    edition(FILES, Some("fss_per_gigabyte"), "pg_base_", &[FILE_SHARE]),
    edition(FILES, Some("fss_per_user"), "pu_base_", &[FILE_SHARE]),
    edition(
        FILES,
        Some("fss_legacy"),
        "",
        &[FILE_SHARE, FILE_SHARE_LEGACY],
    ),
    edition(BACKUP, None, "", &[LOCAL]),
    edition(NOTARY, None, "", &[NOTARIZATION]),
    edition(SHIPPING, None, "", &[DRIVES]),
];

/// All items, by edition.
pub(super) fn build() -> Vec<Item> {
    let rows = EDITIONS.iter().flat_map(|edition| {
        let rows = edition.rows.iter().copied().flatten();
        rows.map(move |row| (edition, row))
    });
    rows.enumerate()
        .map(|(position, (edition, row))| item(position, edition, row))
        .collect()
}

fn item(position: usize, edition: &Edition, row: &Row) -> Item {
    let prefix = edition.prefix;
    Item {
        position,
        application_id: edition.application_id,
        name: format!("{prefix}{}", row.name),
        usage_name: row.usage_name,
        edition: edition.name,
        item_type: row.item_type,
        unit: row.unit,
        capability: row.capability,
        partners_only: row.partners_only,
        needs: row.needs.map(|name| format!("{prefix}{name}")),
    }
}
