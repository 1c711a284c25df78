//! What identifies people, as a person hands it over: arguments, a file, or stdin. It goes into a request's body and nowhere
//! else: no message, no output and no log has it.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::Args;
use outflow_model::Fault;
use serde_json::{Value, json};

use crate::numbers::counted;

/// Bytes of a file at most: a million identities of 64 bytes.
const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// Identities that one request takes.
pub const AT_ONCE: usize = 10_000;

/// Bytes of the identities of one request at most, as JSON: requests have a mebibyte.
const LOT_BYTES_MAX: usize = 900 * 1024;

/// Who is meant.
#[derive(Args)]
pub struct IdentitiesArgs {
    /// What identifies people, as in Email:ada@example.org. Other users of this machine see arguments, and shells keep
    /// them: prefer --file
    #[arg(value_name = "NAMESPACE:ID")]
    identities: Vec<String>,
    /// File with one NAMESPACE:ID a line; - is stdin. Empty lines and lines that begin with # count for nothing
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// The namespace of all: then arguments and lines are the ids alone
    #[arg(long, value_name = "NAMESPACE")]
    namespace: Option<String>,
}

/// Who is meant, as the API takes them.
#[derive(Debug, Default, PartialEq)]
pub struct Identities {
    /// What one request takes each.
    pub lots: Vec<Vec<Value>>,
    /// Ids with blanks at an end, which belong to them.
    pub blank: u64,
}

impl Identities {
    fn of(found: Vec<Value>) -> Identities {
        let mut identities = Identities::default();
        let (mut lot, mut bytes) = (Vec::new(), 0);
        for one in found {
            let id = one["id"].as_str().unwrap_or_default();
            identities.blank += u64::from(id.trim() != id);
            let needed = one.to_string().len() + 1;
            if lot.len() == AT_ONCE || (!lot.is_empty() && bytes + needed > LOT_BYTES_MAX) {
                identities.lots.push(std::mem::take(&mut lot));
                bytes = 0;
            }
            bytes += needed;
            lot.push(one);
        }
        if !lot.is_empty() {
            identities.lots.push(lot);
        }
        identities
    }

    /// What a person should know of what was given.
    pub fn notes(&self) -> Vec<String> {
        let note = "note: blanks at the ends of ids belong to them, as in data that has them";
        let these = counted(self.blank, "id");
        if self.blank == 0 { Vec::new() } else { vec![format!("{note}: {these} here")] }
    }
}

impl IdentitiesArgs {
    /// All of them, in lots of [`AT_ONCE`] at most.
    ///
    /// # Errors
    /// `Input` for what is none, by its place and without repeating it; when the file cannot be read.
    pub fn read(&self) -> Result<Identities, Fault> {
        let mut found = Vec::new();
        for (at, given) in self.identities.iter().enumerate() {
            found.push(self.one(given, || format!("identity {}", at + 1))?);
        }
        if let Some(file) = &self.file {
            let text = text_of(file)?;
            for (at, line) in text.lines().enumerate().filter(|(_, line)| !is_nothing(line)) {
                found.push(self.one(line, || format!("line {} of {}", at + 1, file.display()))?);
            }
        }
        Ok(Identities::of(found))
    }

    fn one(&self, given: &str, place: impl Fn() -> String) -> Result<Value, Fault> {
        let given = given.strip_suffix('\r').unwrap_or(given);
        let (namespace, id) = match &self.namespace {
            Some(namespace) => (namespace.as_str(), given),
            None => given.split_once(':').unwrap_or(("", given)),
        };
        if namespace.is_empty() || id.trim().is_empty() {
            return Err(Fault::input(format!("{} is not NAMESPACE:ID", place()))
                .tried("read identities")
                .hint("write it as in Email:ada@example.org, or give --namespace and the ids alone"));
        }
        Ok(json!({"namespace": namespace, "id": id}))
    }
}

fn is_nothing(line: &str) -> bool {
    line.trim().is_empty() || line.starts_with('#')
}

/// The text of a file, or of stdin.
///
/// # Errors
/// `Input` when it cannot be read or is too large.
pub fn text_of(file: &Path) -> Result<String, Fault> {
    let tried = || format!("read {}", file.display());
    let failed = |e: std::io::Error| Fault::input("the identities cannot be read").tried(tried()).because(e);
    let mut text = String::new();
    if file.as_os_str() == "-" {
        std::io::stdin().lock().take(FILE_BYTES_MAX + 1).read_to_string(&mut text).map_err(failed)?;
    } else {
        let opened = std::fs::File::open(file).map_err(failed)?;
        opened.take(FILE_BYTES_MAX + 1).read_to_string(&mut text).map_err(failed)?;
    }
    if text.len() as u64 > FILE_BYTES_MAX {
        return Err(Fault::input("there are more than 64 MiB of identities").tried(tried()).hint("split the file"));
    }
    // Some editors write this mark before the text, to which it does not belong.
    if text.starts_with('\u{feff}') {
        text.remove(0);
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(identities: &[&str], namespace: Option<&str>) -> Result<Identities, Fault> {
        let identities = identities.iter().map(|&one| one.to_owned()).collect();
        IdentitiesArgs { identities, file: None, namespace: namespace.map(str::to_owned) }.read()
    }

    #[test]
    fn ids_may_hold_colons_and_namespaces_may_be_given_once() {
        assert_eq!(read(&["A:b:c"], None).unwrap().lots, [[json!({"namespace": "A", "id": "b:c"})]]);
        assert_eq!(read(&["b:c"], Some("A")).unwrap().lots, [[json!({"namespace": "A", "id": "b:c"})]]);
        assert_eq!(read(&[], None).unwrap(), Identities::default());
        let many: Vec<&str> = vec!["A:b"; AT_ONCE + 1];
        assert_eq!(read(&many, None).unwrap().lots.iter().map(Vec::len).collect::<Vec<_>>(), [AT_ONCE, 1]);
    }

    #[test]
    fn what_is_no_identity_is_told_by_its_place_and_not_repeated() {
        let fault = read(&["Email:x", "ada@example.org"], None).unwrap_err();
        assert!(
            fault.message.contains("identity 2") && !format!("{fault:?}").contains("ada@example.org is"),
            "{fault:?}"
        );
        let temp = tempfile::tempdir().unwrap();
        let file = temp.path().join("people");
        std::fs::write(&file, "# people\r\nEmail:a\r\n\nbob-17\n").unwrap();
        let mut args = IdentitiesArgs { identities: Vec::new(), file: Some(file.clone()), namespace: None };
        let fault = args.read().unwrap_err();
        assert!(fault.message.starts_with("line 4 of") && !fault.message.contains("bob"), "{}", fault.message);
        args.namespace = Some("CRMID".into());
        std::fs::write(&file, "17\r\n18").unwrap();
        assert_eq!(
            args.read().unwrap().lots,
            [[json!({"namespace": "CRMID", "id": "17"}), json!({"namespace": "CRMID", "id": "18"})]]
        );
    }

    #[test]
    fn a_lot_fits_into_a_request_and_blanks_are_told() {
        let long = format!("A:{}", "ä".repeat(10_000));
        let lots = read(&vec![&*long; 100], None).unwrap().lots;
        assert_eq!(lots.iter().map(Vec::len).sum::<usize>(), 100);
        assert!(lots.iter().all(|lot| json!(lot).to_string().len() <= LOT_BYTES_MAX + 2), "{}", lots.len());
        let temp = tempfile::tempdir().unwrap();
        let file = temp.path().join("people");
        std::fs::write(&file, "\u{feff}17\n18 \n").unwrap();
        let args = IdentitiesArgs { identities: Vec::new(), file: Some(file), namespace: Some("CRMID".into()) };
        let identities = args.read().unwrap();
        assert_eq!(identities.lots[0][0]["id"], "17");
        assert!(identities.notes()[0].ends_with("1 id here"), "{:?}", identities.notes());
    }
}
