//! The applications. Their ids are the same in all data centers of the platform.

use crate::domain::Id;

/// An application: a service that can be enabled for a tenant.
#[derive(Debug)]
pub(crate) struct Application {
    pub id: Id,
    pub name: &'static str,
    /// For example `backup`.
    pub application_type: &'static str,
    /// The base path of its own API.
    pub api_base_url: &'static str,
    /// The names of the usages that it measures.
    pub usages: &'static [&'static str],
    /// Whether only partners and folders can have it.
    pub partners_only: bool,
}

impl Application {
    /// Finds an application by id.
    pub(crate) fn find(id: Id) -> Option<&'static Self> {
        APPLICATIONS.iter().find(|application| application.id == id)
    }
}

/// The management console. Every tenant has it.
pub(crate) const PLATFORM: Id = Id::from_u128(0x7459244f_68f3_3bf4_9f53_5f63ecc1d91f);
/// Cyber Protection, disaster recovery included.
pub(crate) const BACKUP: Id = Id::from_u128(0x6e6d758d_8e74_3ae3_ac84_50eb0dff12eb);
/// File Sync & Share.
pub(crate) const FILES: Id = Id::from_u128(0xdfd85a5f_a464_32ab_81fd_99bcc66a070f);
/// Notary.
pub(crate) const NOTARY: Id = Id::from_u128(0xf9c5744e_bd1a_36b6_b0f0_ecd7483e1796);
/// Physical Data Shipping.
pub(crate) const SHIPPING: Id = Id::from_u128(0xb71b2c18_590a_303c_9d5a_8444fbe713ac);
/// Cyber Infrastructure.
pub(crate) const HCI: Id = Id::from_u128(0xcc29685d_a9ca_3e87_a83d_069f18b588f0);

/// All applications. Exactly one has the type `platform`.
pub(crate) static APPLICATIONS: [Application; 6] = [
    Application {
        id: PLATFORM,
        name: "Management Portal",
        application_type: "platform",
        api_base_url: "/mc/",
        usages: &[],
        partners_only: false,
    },
    Application {
        id: BACKUP,
        name: "Backup",
        application_type: "backup",
        api_base_url: "/bc/",
        usages: &[
            "assigned_compute_points",
            "child_storages",
            "compute_points",
            "dr_child_storages",
            "dr_cloud_servers",
            "dr_internet_access",
            "dr_storage",
            "google_drive",
            "google_mail",
            "google_team_drive",
            "gsuite_seats",
            "local_storage",
            "mailboxes",
            "mobiles",
            "nas",
            "o365_mailboxes",
            "o365_onedrive",
            "o365_sharepoint_sites",
            "o365_teams",
            "public_ips",
            "search_index_storage",
            "servers",
            "storage",
            "total_storage",
            "universal_devices",
            "virtualhosts",
            "vm_storage",
            "vms",
            "web_hosting_servers",
            "websites",
            "win_server_essentials",
            "workstations",
        ],
        partners_only: false,
    },
    Application {
        id: FILES,
        name: "File Sync & Share",
        application_type: "files_cloud",
        api_base_url: "/fc/",
        usages: &[
            "fc_child_storages",
            "fc_seats",
            "fc_storage",
            "fc_total_storage",
        ],
        partners_only: false,
    },
    Application {
        id: NOTARY,
        name: "Notary",
        application_type: "notary",
        api_base_url: "/notary/console",
        usages: &[
            "esignatures",
            "esignatures_api",
            "notarizations",
            "notarizations_api",
            "notarizations_total",
            "notary_storage",
        ],
        partners_only: false,
    },
    Application {
        id: SHIPPING,
        name: "Physical Data Shipping",
        application_type: "physical_data_shipping",
        api_base_url: "/pds/",
        usages: &["drives_shipped_from_cloud", "drives_shipped_to_cloud"],
        partners_only: false,
    },
    Application {
        id: HCI,
        name: "Cyber Infrastructure",
        application_type: "hci",
        api_base_url: "/hci/",
        usages: &[
            "hci_cifs_storage",
            "hci_compute_points",
            "hci_iscsi_storage",
            "hci_nfs_storage",
            "hci_s3_storage",
            "hci_storage",
        ],
        partners_only: true,
    },
];
