//! Opens a file only if it is a regular one that no other user of this machine controls. Settings decide where
//! credentials are sent, and a pipe would block forever.

use std::{
    fs::{File, Metadata, OpenOptions},
    io,
    path::Path,
};

use crate::error::UserError;

/// Why a file is not used.
#[derive(Debug)]
pub(super) enum Rejected {
    /// It is missing, or the system does not open or read it.
    Unreadable(io::Error),
    /// It must not be used.
    Untrusted(Untrusted),
}

impl From<io::Error> for Rejected {
    fn from(cause: io::Error) -> Self {
        Self::Unreadable(cause)
    }
}

impl From<Untrusted> for Rejected {
    fn from(reason: Untrusted) -> Self {
        Self::Untrusted(reason)
    }
}

/// Why a file must not be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Untrusted {
    /// It is a symbolic link, which may lead anywhere.
    Link,
    /// It is a folder, a pipe, a socket or a device.
    NotRegular,
    /// It belongs to this user, who is neither the current one nor root.
    Owner(u32),
    /// Every user may write it.
    Writable,
}

impl Untrusted {
    pub(super) fn error(self, path: &Path) -> UserError {
        let path = path.display();
        match self {
            Self::Link => UserError::new(
                format!("{path} is a symbolic link"),
                "Replace the link with the file itself, or remove it.",
            ),
            Self::NotRegular => UserError::new(
                format!("{path} is not a regular file"),
                "Move or remove it: it must be a file.",
            ),
            Self::Owner(user) => UserError::new(
                format!("{path} belongs to another user (uid {user})"),
                "Use a folder with your own settings: --home or CYBER_PLATFORM_HOME. If you trust the file, you can also run \
                 `sudo chown $(id -u)` with its path.",
            ),
            Self::Writable => UserError::new(
                format!("every user of this machine can change {path}"),
                format!("Check its content, then run `chmod o-w {path}`."),
            ),
        }
    }
}

/// Opens a file, or creates it if the options say so.
pub(super) fn open(
    path: &Path,
    options: &mut OpenOptions,
    may_be_link: bool,
) -> Result<File, Rejected> {
    match path.symlink_metadata() {
        Ok(entry) if entry.is_symlink() => {
            if !may_be_link {
                return Err(Untrusted::Link.into());
            }
            system::check_owner(&entry)?;
        }
        // Opening a device can have an effect.
        Ok(entry) => check(&entry)?,
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => {}
        Err(cause) => return Err(cause.into()),
    }
    system::prepare(options, may_be_link);
    let file = options.open(path)?;
    // Another user may have replaced it in the meantime.
    check(&file.metadata()?)?;
    Ok(file)
}

fn check(metadata: &Metadata) -> Result<(), Untrusted> {
    if !metadata.is_file() {
        return Err(Untrusted::NotRegular);
    }
    system::check_owner(metadata)?;
    system::check_mode(metadata)
}

#[cfg(unix)]
mod system {
    use std::{
        fs::{Metadata, OpenOptions},
        os::unix::fs::{MetadataExt, OpenOptionsExt},
    };

    use rustix::{fs::OFlags, process::geteuid};

    use super::Untrusted;

    /// A pipe opens without waiting for its other end, a terminal without taking control, and a link only if it may.
    pub(super) fn prepare(options: &mut OpenOptions, may_be_link: bool) {
        let mut flags = OFlags::NONBLOCK | OFlags::NOCTTY;
        flags.set(OFlags::NOFOLLOW, !may_be_link);
        options.custom_flags(flags.bits().cast_signed());
    }

    pub(super) fn check_owner(metadata: &Metadata) -> Result<(), Untrusted> {
        let owner = metadata.uid();
        if owner == 0 || owner == geteuid().as_raw() {
            return Ok(());
        }
        Err(Untrusted::Owner(owner))
    }

    pub(super) fn check_mode(metadata: &Metadata) -> Result<(), Untrusted> {
        const WRITABLE_BY_OTHERS: u32 = 0o002;
        if metadata.mode() & WRITABLE_BY_OTHERS != 0 {
            return Err(Untrusted::Writable);
        }
        Ok(())
    }
}

#[cfg(not(unix))]
mod system {
    //! On Windows a file has the permissions of its folder, which in a profile is the user's own.

    use std::fs::{Metadata, OpenOptions};

    use super::Untrusted;

    pub(super) fn prepare(_: &mut OpenOptions, _: bool) {}

    pub(super) fn check_owner(_: &Metadata) -> Result<(), Untrusted> {
        Ok(())
    }

    pub(super) fn check_mode(_: &Metadata) -> Result<(), Untrusted> {
        Ok(())
    }
}
