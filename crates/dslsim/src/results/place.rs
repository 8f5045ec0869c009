//! Places within the folder of results: the only ones that a model may write to.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

/// Why a name is no place within a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Outside {
    /// `..`
    #[error("is outside of the folder of results")]
    Above,
    /// `/home/…`
    #[error("is an absolute path")]
    Absolute,
    /// `''`, `figures/`
    #[error("is no name of a file")]
    NoFile,
}

/// The path of a file relative to the folder of results.
///
/// # Errors
/// The name would lead out of the folder, or names no file.
pub fn relative(name: &str) -> Result<PathBuf, Outside> {
    let mut inside = PathBuf::new();
    for part in Path::new(name).components() {
        match part {
            Component::Normal(x) => inside.push(x),
            Component::CurDir => {}
            Component::ParentDir => return Err(Outside::Above),
            Component::RootDir | Component::Prefix(_) => return Err(Outside::Absolute),
        }
    }
    if inside.as_os_str().is_empty() || name.ends_with('/') {
        return Err(Outside::NoFile);
    }
    Ok(inside)
}

/// The path of a file in `folder`. Symbolic links below the folder are followed as long as they stay in it.
///
/// # Errors
/// The path leads out of the folder, or what is there cannot be looked at.
pub fn within(folder: &Path, relative: &Path) -> io::Result<PathBuf> {
    let refuse = |at: &Path| {
        let text = format!("`{}` leads out of the folder of results", at.display());
        io::Error::new(io::ErrorKind::PermissionDenied, text)
    };
    let normal = |c: Component<'_>| matches!(c, Component::Normal(_));
    if !relative.components().all(normal) {
        return Err(refuse(&folder.join(relative)));
    }
    let mut path = folder.to_path_buf();
    let Ok(root) = folder.canonicalize() else {
        return Ok(path.join(relative));
    };
    for part in relative.components() {
        path.push(part);
        match fs::symlink_metadata(&path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => {}
            Err(e) => return Err(e),
            Ok(about) if !about.is_symlink() => {}
            // What a dangling link leads to is not known.
            Ok(_) if path.canonicalize().is_ok_and(|p| p.starts_with(&root)) => {}
            Ok(_) => return Err(refuse(&path)),
        }
    }
    Ok(path)
}

/// The same, with the folders on the way made.
///
/// # Errors
/// See [`within`]; a folder cannot be made.
pub fn prepared(folder: &Path, relative: &Path) -> io::Result<PathBuf> {
    let path = within(folder, relative)?;
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_in_the_folder() {
        assert_eq!(relative("a/./b.npz"), Ok(PathBuf::from("a/b.npz")));
        assert_eq!(relative("a/../../b"), Err(Outside::Above));
        assert_eq!(relative("/etc/passwd"), Err(Outside::Absolute));
        assert_eq!(relative("a/"), Err(Outside::NoFile));
        assert_eq!(relative("."), Err(Outside::NoFile));
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_within_the_folder_only() -> io::Result<()> {
        use std::os::unix::fs::symlink;
        let place = tempfile::tempdir()?;
        let out = place.path().join("out");
        fs::create_dir_all(out.join("inner"))?;
        symlink(place.path(), out.join("up"))?;
        symlink("inner", out.join("alias"))?;
        symlink("nowhere", out.join("dangling"))?;
        let refused = |name: &str| within(&out, Path::new(name)).is_err();
        assert!(refused("up/x.npz") && refused("up") && refused("dangling"));
        assert!(refused("../x.npz"));
        assert!(!refused("alias/x.npz") && !refused("inner/deep/x.npz"));
        assert!(prepared(&out, Path::new("up/new/x")).is_err());
        assert!(!place.path().join("new").exists());
        Ok(())
    }
}
