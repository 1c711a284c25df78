//! Folders with macros: where a run connects, and which folders it makes below.

use outflow_model::Fault;
use outflow_model::template::{FolderTemplate, template_fault};

use super::TargetUrl;

/// The folders of one segment's files.
#[derive(Debug)]
pub struct Folders {
    /// Where the files go.
    pub target: TargetUrl,
    /// Where to connect: the target, or the folder above those that macros name.
    pub root: TargetUrl,
    /// The folders below `root` that are made when they are missing; may be empty.
    pub below: String,
}

impl Folders {
    /// The folders that `url`, given as `option`, means for a segment.
    ///
    /// # Errors
    /// `Input`: macros that do not exist, and folders that come out as none.
    pub fn of_segment(url: &TargetUrl, option: &str, id: &str, name: &str) -> Result<Folders, Fault> {
        // A bucket has no folders to make.
        let given = if matches!(url, TargetUrl::S3 { .. }) { None } else { first_macro(url.folder()) };
        let target = rendered(url, option, id, name)?;
        let (root, below) = split(&target, given);
        Ok(Folders { target, root, below })
    }
}

/// The folder above those that macros name, which is there before any run, and whether they name any.
///
/// # Errors
/// `Input`: macros that do not exist, and folders that are none.
pub fn above_macros(url: &TargetUrl, option: &str) -> Result<(TargetUrl, bool), Fault> {
    let (whole, given) = (rendered(url, option, "id", "name")?, first_macro(url.folder()));
    Ok((split(&whole, given).0, given.is_some()))
}

fn rendered(url: &TargetUrl, option: &str, id: &str, name: &str) -> Result<TargetUrl, Fault> {
    let text = url.folder();
    if text.is_empty() || text == "/" {
        return Ok(url.clone());
    }
    let refuse = |problems: Vec<_>| template_fault(option, text, &problems);
    let template = FolderTemplate::parse(text).map_err(refuse)?;
    Ok(url.with_folder(&template.render(id, name).map_err(refuse)?))
}

/// How many folders stand before the first that macros name, where they name one.
fn first_macro(folder: &str) -> Option<usize> {
    folder.trim_matches('/').split('/').position(|folder| folder.replace("%%", "").contains("%SEGMENT_"))
}

/// The target's first `given` folders, and the others.
fn split(target: &TargetUrl, given: Option<usize>) -> (TargetUrl, String) {
    let Some(given) = given else { return (target.clone(), String::new()) };
    let folders: Vec<&str> = target.folder().trim_matches('/').split('/').collect();
    let (above, below) = folders.split_at(given.min(folders.len()));
    (target.with_folder(&format!("/{}", above.join("/"))), below.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_made_from_the_first_that_a_macro_names() {
        for (folder, root, below) in [
            ("/srv/exports/acme-%SEGMENT_NAME%", "/srv/exports", "acme-n"),
            ("/srv/exports/%SEGMENT_NAME%/%SEGMENT_ID%", "/srv/exports", "n/i"),
            ("/srv/100%%/a%%%SEGMENT_ID%", "/srv/100%", "a%i"),
            ("/%SEGMENT_ID%", "/", "i"),
            ("/srv/100%%/a", "/srv/100%/a", ""),
            ("/srv/%%SEGMENT_ID", "/srv/%SEGMENT_ID", ""),
            ("/srv", "/srv", ""),
        ] {
            let url = TargetUrl::Folder { path: folder.into() };
            let folders = Folders::of_segment(&url, "--to", "i", "n").unwrap();
            assert_eq!((folders.root.folder(), folders.below.as_str()), (root, below), "{folder}");
            let (above, is_cut) = above_macros(&url, "the URL").unwrap();
            assert_eq!((above, is_cut), (folders.root, !below.is_empty()), "{folder}");
        }
    }

    #[test]
    fn in_a_bucket_macros_are_a_part_of_the_key() {
        for (url, target, above) in [
            ("s3://b/acme/%SEGMENT_NAME%", "s3://b/acme/n", "s3://b/acme"),
            ("s3://b/%SEGMENT_ID%", "s3://b/i", "s3://b"),
            ("s3://b", "s3://b", "s3://b"),
        ] {
            let url = TargetUrl::parse(url).unwrap();
            let folders = Folders::of_segment(&url, "--to", "i", "n").unwrap();
            assert_eq!((folders.root.to_string().as_str(), folders.below.as_str()), (target, ""));
            assert_eq!(above_macros(&url, "the URL").unwrap().0.to_string(), above);
        }
    }

    #[test]
    fn macros_that_do_not_exist_are_refused() {
        let url = TargetUrl::parse("s3://b/%SEGMENT%").unwrap();
        assert!(above_macros(&url, "the URL").unwrap_err().tried.contains("the URL"));
    }
}
