//! The partners, customers and users of the demo world.

use crate::catalogue::{STORAGE_DR, STORAGE_DR_GOOGLE};
use crate::domain::Id;

/// A customer of the demo world.
pub(super) struct Customer {
    pub(super) name: &'static str,
    pub(super) domain: &'static str,
    /// The trial ends after one full calendar month.
    pub(super) age_days: i64,
    pub(super) edition: &'static str,
    /// The disaster recovery storage.
    pub(super) recovery: Id,
    /// The number of workstations, on which the usage depends.
    pub(super) size: i64,
    /// First name, last name, role.
    pub(super) people: &'static [(&'static str, &'static str, &'static str)],
}

/// A partner of the demo world.
pub(super) struct Partner {
    pub(super) name: &'static str,
    pub(super) domain: &'static str,
    pub(super) brand_id: i64,
    /// First name, last name.
    pub(super) admin: (&'static str, &'static str),
    pub(super) customers: &'static [Customer],
}

pub(super) const PARTNERS: [Partner; 2] = [
    Partner {
        name: "Northlight IT Services",
        domain: "northlight.example",
        brand_id: 3579,
        admin: ("Nora", "North"),
        customers: &[
            Customer {
                name: "Alder Dental Practice",
                domain: "alder.example",
                age_days: 200,
                edition: "pck_per_gigabyte",
                recovery: STORAGE_DR,
                size: 4,
                people: &[
                    ("Anna", "Alder", "company_admin"),
                    ("Aron", "Ash", "backup_user"),
                ],
            },
            Customer {
                name: "Birch Logistics",
                domain: "birch.example",
                age_days: 9,
                edition: "pck_per_gigabyte",
                recovery: STORAGE_DR,
                size: 5,
                people: &[("Ben", "Birch", "company_admin")],
            },
            Customer {
                name: "Cedar Law Office",
                domain: "cedar.example",
                age_days: 150,
                edition: "pck_per_workload",
                recovery: STORAGE_DR_GOOGLE,
                size: 6,
                people: &[
                    ("Clara", "Cedar", "company_admin"),
                    ("Carl", "Cole", "backup_user"),
                    ("Cora", "Crane", "backup_user"),
                ],
            },
        ],
    },
    Partner {
        name: "Blue Harbour Cloud",
        domain: "blueharbour.example",
        brand_id: 3580,
        admin: ("Bruno", "Blue"),
        customers: &[
            Customer {
                name: "Dune Architects",
                domain: "dune.example",
                age_days: 300,
                edition: "pck_per_workload",
                recovery: STORAGE_DR,
                size: 8,
                people: &[
                    ("Dora", "Dune", "company_admin"),
                    ("Dan", "Dale", "backup_user"),
                ],
            },
            Customer {
                name: "Elm Bakery",
                domain: "elm.example",
                age_days: 4,
                edition: "standard",
                recovery: STORAGE_DR,
                size: 2,
                people: &[("Emil", "Elm", "company_admin")],
            },
        ],
    },
];

/// The customers of the administrator's own partner.
pub(super) const DIRECT: [Customer; 2] = [
    Customer {
        name: "Fern Consulting",
        domain: "fern.example",
        age_days: 120,
        edition: "pck_per_gigabyte",
        recovery: STORAGE_DR,
        size: 3,
        people: &[("Fay", "Fern", "company_admin")],
    },
    Customer {
        name: "Grove School",
        domain: "grove.example",
        age_days: 12,
        edition: "cyber_protect_std",
        recovery: STORAGE_DR,
        size: 7,
        people: &[
            ("Greta", "Grove", "company_admin"),
            ("Gus", "Green", "backup_user"),
        ],
    },
];
