//! Whether the files that rows name are there, as long as they were, and whether there are some that nothing names. Looks at
//! the newest rows first and stops when its time is over. What is in the files is not read.

use std::collections::HashSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use outflow_model::{Fault, FaultClass};
use outflow_profiles::dataset::DatasetVersion;
use outflow_profiles::membership::Evaluation;
use outflow_profiles::snapshot::{Part, Snapshot};
use outflow_store::{Artifact, Scope, Store};
use serde_json::json;

use super::Check;
use crate::environment;
use crate::numbers::{counted, thousands};

/// The time for each kind of files.
const SECS_MAX: u64 = 20;

/// Rows of one statement.
const AT_ONCE: usize = 100;

/// Paths of one question about rows.
const PATHS_AT_ONCE: usize = 100;

/// Files that are named.
const NAMED_MAX: usize = 3;

/// The janitor removes what nothing refers to after a day; what is older was left over.
const LEFT_OVER_AFTER: Duration = Duration::from_secs(3 * 24 * 60 * 60);

/// The sandbox's folder of departures.
const DEPARTURES: &str = "departures";

/// What a look found.
#[derive(Default)]
struct Look {
    looked_at: u64,
    missing: Vec<String>,
    missing_count: u64,
    is_cut: bool,
}

impl Look {
    fn at(&mut self, path: &Path, is_well: bool) {
        self.looked_at += 1;
        if !is_well {
            self.missing_count += 1;
            if self.missing.len() < NAMED_MAX {
                self.missing.push(path.display().to_string());
            }
        }
    }

    fn check(self, name: &str, what: &str, hint: &str) -> Check {
        let cut = if self.is_cut { format!("; not all, for {SECS_MAX} s were over") } else { String::new() };
        let looked_at = counted(self.looked_at, what);
        let detail = json!({"lookedAt": self.looked_at, "missing": self.missing_count, "complete": !self.is_cut});
        let check = if self.missing_count == 0 {
            Check::ok(name, format!("{looked_at} there{cut}"))
        } else {
            let missing = thousands(self.missing_count);
            let found = format!("{missing} of {looked_at} missing or cut: {}{cut}", self.missing.join(", "));
            Check::fail(name, FaultClass::Config, found, hint)
        };
        check.with(detail)
    }
}

pub(super) async fn look(store: &Store, data: &Path) -> Vec<Check> {
    vec![
        named("snapshots", artifacts(store).await),
        named("departures", departures(store).await),
        named("left over", left_over(store, data).await),
    ]
}

fn named(name: &str, found: Result<Check, Fault>) -> Check {
    found.unwrap_or_else(|fault| Check::of(name, &fault))
}

fn is_over(started: Instant) -> bool {
    started.elapsed().as_secs() >= SECS_MAX
}

/// What evaluations and exports work on: of every sandbox what counts now, and every evaluation that something refers to,
/// with all their files.
async fn artifacts(store: &Store) -> Result<Check, Fault> {
    let started = Instant::now();
    let mut paths = Vec::new();
    let mut is_cut = false;
    for sandbox in store.read().await?.sandboxes().await? {
        let mut reader = store.read().await?;
        if let Some(snapshot) = reader.current_snapshot(&sandbox).await? {
            paths.push((Artifact::Snapshot, PathBuf::from(snapshot.path)));
        }
        for (_, version) in reader.current_versions(&sandbox).await? {
            paths.extend(version.map(|version| (Artifact::DatasetVersion, PathBuf::from(version.path))));
        }
        drop(reader);
        let mut after: Option<String> = None;
        loop {
            if is_over(started) {
                is_cut = true;
                break;
            }
            let (of, scope) = (Artifact::Evaluation, Scope::Sandbox(&sandbox));
            let (rows, next) = store.read().await?.artifacts(of, scope, None, after.as_deref(), AT_ONCE).await?;
            let used = rows.into_iter().filter(|evaluation| evaluation.referenced);
            paths.extend(used.map(|evaluation| (of, PathBuf::from(evaluation.path))));
            after = next;
            if after.is_none() {
                break;
            }
        }
    }
    let look = blocking(move || {
        let mut look = Look { is_cut, ..Look::default() };
        for (kind, path) in paths {
            if is_over(started) {
                look.is_cut = true;
                break;
            }
            look_at(&mut look, kind, &path, started);
        }
        look
    });
    let hint = "refresh the datasets and evaluate the segments; where the folder was restored, restore it whole";
    Ok(look.await?.check("snapshots", "file", hint))
}

/// Looks at what says what an artifact is, and at its files.
fn look_at(look: &mut Look, kind: Artifact, path: &Path, started: Instant) {
    let parts = match kind {
        Artifact::Snapshot => Snapshot::load(path).ok().map(|snapshot| snapshot.parts),
        Artifact::DatasetVersion => DatasetVersion::load(path).ok().map(|version| version.parts),
        // It looks at all its files itself, and names the first that is not well.
        Artifact::Evaluation => {
            Evaluation::load(path).and_then(|evaluation| evaluation.check()).ok().map(|()| Vec::new())
        }
    };
    look.at(path, parts.is_some());
    for Part { file, bytes, .. } in parts.into_iter().flatten() {
        if is_over(started) {
            look.is_cut = true;
            break;
        }
        look.at(&file, file.metadata().is_ok_and(|metadata| metadata.len() == bytes));
    }
}

/// Who left: each row's file, as long as it was when it was named.
async fn departures(store: &Store) -> Result<Check, Fault> {
    let started = Instant::now();
    let mut look = Look::default();
    for sandbox in store.read().await?.audited().await? {
        let mut after: Option<String> = None;
        loop {
            if is_over(started) {
                look.is_cut = true;
                break;
            }
            let page = store.read().await?.departures(&sandbox, after.as_deref(), AT_ONCE).await?;
            let rows = page.departures.into_iter().filter(|row| !row.path.is_empty());
            let rows: Vec<(PathBuf, u64)> = rows.map(|row| (PathBuf::from(row.path), row.bytes)).collect();
            look = blocking(move || {
                for (path, bytes) in rows {
                    look.at(&path, path.metadata().is_ok_and(|metadata| metadata.len() == bytes));
                }
                look
            })
            .await?;
            after = page.next;
            if after.is_none() {
                break;
            }
        }
    }
    let hint = "whereabouts cannot tell of these: it lists them as unreadable. Restore the folder's departures from a backup; \
                several servers need one data folder";
    Ok(look.check("departures", "file", hint))
}

/// Files of departures that no row names, and halves of files that nobody finished.
async fn left_over(store: &Store, data: &Path) -> Result<Check, Fault> {
    let started = Instant::now();
    let now: SystemTime = environment::now().into();
    let top = data.join("data");
    let Old { files, unreadable, mut is_cut } = blocking(move || old_files(&top, now, started)).await?;
    let mut left_over: HashSet<PathBuf> = HashSet::new();
    for paths in files.chunks(PATHS_AT_ONCE) {
        if is_over(started) {
            is_cut = true;
            break;
        }
        let texts: Vec<String> = paths.iter().filter_map(|path| path.to_str().map(str::to_owned)).collect();
        let named = store.read().await?.departure_paths(&texts).await?;
        left_over.extend(texts.into_iter().filter(|path| !named.contains(path)).map(PathBuf::from));
    }
    let cut = if is_cut { format!("; not all, for {SECS_MAX} s were over") } else { String::new() };
    let count = left_over.len() as u64;
    let detail =
        json!({"leftOver": count, "unreadable": unreadable.len(), "complete": !is_cut && unreadable.is_empty()});
    if let Some(folder) = unreadable.first() {
        let unreadable = counted(unreadable.len() as u64, "folder");
        let found = format!("{unreadable} cannot be looked into, such as {}{cut}", folder.display());
        let hint = "run this as the user of the server; where that is so, mend the folder or its disk";
        return Ok(Check::warn("left over", found, hint).with(detail));
    }
    if left_over.is_empty() {
        return Ok(Check::ok("left over", format!("nothing{cut}")).with(detail));
    }
    let mut some: Vec<String> = left_over.iter().map(|path| path.display().to_string()).collect();
    some.sort();
    some.truncate(NAMED_MAX);
    let found = format!("{} that nothing refers to, such as {}{cut}", counted(count, "file"), some.join(", "));
    let hint = "a server on this folder removes them within a day; where none runs, they only take room";
    Ok(Check::warn("left over", found, hint).with(detail))
}

/// What was found in a folder.
#[derive(Default)]
struct Old {
    files: Vec<PathBuf>,
    /// Folders that nobody could look into.
    unreadable: Vec<PathBuf>,
    is_cut: bool,
}

/// Files of departures, and files with the ending of what is being written, that nobody has touched for long.
fn old_files(data: &Path, now: SystemTime, started: Instant) -> Old {
    let mut old = Old::default();
    let mut folders: Vec<PathBuf> = vec![data.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            // A server removes folders meanwhile, and makes the first one when it needs it.
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(_) => {
                old.unreadable.push(folder);
                continue;
            }
        };
        let is_of_departures = folder.components().any(|part| part.as_os_str() == DEPARTURES);
        for entry in entries {
            if is_over(started) {
                old.is_cut = true;
                return old;
            }
            let Ok(entry) = entry else {
                old.unreadable.push(folder);
                break;
            };
            let path = entry.path();
            let Ok(metadata) = entry.metadata() else { continue };
            if metadata.is_dir() {
                folders.push(path);
                continue;
            }
            let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
            let may_be = ending == "part" || (is_of_departures && matches!(ending, "departures" | "unfinished"));
            let age = metadata.modified().ok().and_then(|touched| now.duration_since(touched).ok());
            if may_be && age.is_some_and(|age| age > LEFT_OVER_AFTER) {
                old.files.push(path);
            }
        }
    }
    old
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Fault> {
    tokio::task::spawn_blocking(work).await.map_err(|e| Fault::internal("a thread died").because(e))
}

#[cfg(test)]
mod tests {
    use super::super::State;
    use super::*;

    #[test]
    fn what_is_missing_fails_and_is_named() {
        let mut look = Look::default();
        (0..5).for_each(|n| look.at(Path::new(&format!("/x/{n}")), n == 0));
        let check = look.check("departures", "file", "restore");
        assert_eq!(check.state, State::Fail(FaultClass::Config));
        assert_eq!(check.found, "4 of 5 files missing or cut: /x/1, /x/2, /x/3");
    }

    #[test]
    fn old_halves_are_found_and_young_ones_left_alone() {
        let temp = tempfile::tempdir().unwrap();
        let folder = temp.path().join("prod/departures/flow");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("a.departures"), "x").unwrap();
        std::fs::write(temp.path().join("prod/b.part"), "x").unwrap();
        std::fs::write(temp.path().join("prod/c.json"), "x").unwrap();
        let later = |days: u64| {
            let now = SystemTime::from(environment::now()) + Duration::from_secs(days * 24 * 3600);
            old_files(temp.path(), now, Instant::now()).files.len()
        };
        assert_eq!((later(1), later(4)), (0, 2));
    }

    #[test]
    fn what_cannot_be_looked_into_is_told_and_what_is_gone_is_not() {
        let temp = tempfile::tempdir().unwrap();
        let look = |path: &Path| old_files(path, SystemTime::from(environment::now()), Instant::now());
        assert!(look(&temp.path().join("none")).unreadable.is_empty());
        // Whoever may read everything gets no folder of this file either.
        std::fs::write(temp.path().join("file"), "").unwrap();
        assert_eq!(look(&temp.path().join("file")).unreadable, [temp.path().join("file")]);
    }

    #[test]
    fn parts_that_are_cut_are_found() {
        let temp = tempfile::tempdir().unwrap();
        let (path, part) = (temp.path().join("snapshot.json"), temp.path().join("part.parquet"));
        let looked = || {
            let mut look = Look::default();
            look_at(&mut look, Artifact::Snapshot, &path, Instant::now());
            (look.looked_at, look.missing)
        };
        assert_eq!(looked().1, [path.display().to_string()]);
        let snapshot = json!({"id": "s", "profiles": 1, "schema": {"fields": []}, "parts": [
            {"file": part, "rows": 1, "bytes": 3, "contentBytes": 3, "filled": []}]});
        std::fs::write(&path, snapshot.to_string()).unwrap();
        std::fs::write(&part, "abc").unwrap();
        assert_eq!(looked(), (2, Vec::new()));
        std::fs::write(&part, "ab").unwrap();
        assert_eq!(looked(), (2, vec![part.display().to_string()]));
    }
}
