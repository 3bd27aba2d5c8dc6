//! How do notebooks become tests? Every claim is one, and so is whether the committed report is what the code says.

use super::compare::difference;
use super::page::{Entry, Page};
use super::report::{Files, files, index, write};
use crate::error::elided;
use libtest_mimic::{Arguments, Failed, Trial};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};

/// A notebook that is run when the first of its tests asks.
struct Lazy {
    entry: Entry,
    page: OnceLock<Page>,
}

impl Lazy {
    fn page(&self) -> &Page {
        self.page.get_or_init(|| Page::run(&self.entry))
    }
}

/// Runs the notebooks as tests: the `main` of their test program.
///
/// `analysis` is the folder of their files, `reports` that of the committed report; what differs from it is written to
/// `scratch`. With the environment variable `BLESS=1` the report is rewritten instead. Each notebook runs once, however
/// many of its claims are tested.
pub fn tests(entries: &[Entry], analysis: &Path, reports: &Path, scratch: &Path) -> ExitCode {
    let arguments = Arguments::from_args();
    let bless = std::env::var("BLESS").is_ok_and(|v| v == "1");
    let place = Arc::new(Place { reports: reports.into(), scratch: scratch.into(), bless });
    let books: Vec<Arc<Lazy>> = entries.iter().map(|e| Arc::new(Lazy { entry: *e, page: OnceLock::new() })).collect();
    let mut trials = vec![listed(entries, analysis)];
    for book in &books {
        trials.extend(of_one(book, &place));
    }
    trials.push(Trial::test("suite::index_is_current", {
        let (books, place) = (books.clone(), place.clone());
        move || {
            let pages: Vec<&Page> = books.iter().map(|b| b.page()).collect();
            place.current(index(&pages)?)
        }
    }));
    trials.push(Trial::test("suite::every_report_file_is_made", {
        let (books, place) = (books.clone(), place.clone());
        move || {
            let pages: Vec<&Page> = books.iter().map(|b| b.page()).collect();
            let mut made = index(&pages)?;
            for page in &pages {
                made.append(&mut files(page)?);
            }
            let left = left_over(&place.reports, &made)?;
            if left.is_empty() {
                Ok(())
            } else {
                Err(format!("no notebook makes, so delete: {}", elided(&left)).into())
            }
        }
    }));
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn of_one(book: &Arc<Lazy>, place: &Arc<Place>) -> Vec<Trial> {
    let name = book.entry.name;
    let runs = Trial::test(format!("{name}::runs"), {
        let book = book.clone();
        move || {
            let complaints = book.page().complaints();
            if complaints.is_empty() { Ok(()) } else { Err(complaints.join("\n").into()) }
        }
    });
    let claims = book.entry.claim_names().into_iter().map(|claim| {
        let book = book.clone();
        Trial::test(format!("{name}::claim::{}", claim.replace(char::is_whitespace, "_")), move || {
            match book.page().claims().find(|c| c.name == claim) {
                Some(c) if c.holds => Ok(()),
                Some(c) => Err(c.complaint.clone().into()),
                None => Err("this claim was never reached".into()),
            }
        })
    });
    let current = Trial::test(format!("{name}::report_is_current"), {
        let (book, place) = (book.clone(), place.clone());
        move || place.current(files(book.page())?)
    });
    std::iter::once(runs).chain(claims).chain([current]).collect()
}

/// Where the report is, and what to do with a fresh one.
struct Place {
    reports: PathBuf,
    scratch: PathBuf,
    bless: bool,
}

impl Place {
    /// Compares fresh files with the committed ones, or replaces these.
    fn current(&self, fresh: Files) -> Result<(), Failed> {
        let mut stale = Vec::new();
        for (path, content) in &fresh {
            let committed = std::fs::read_to_string(self.reports.join(path)).unwrap_or_default();
            let Some(difference) = difference(&committed, content) else { continue };
            let target = if self.bless { &self.reports } else { &self.scratch };
            write(&target.join(path), content).map_err(|e| e.to_string())?;
            stale.push(format!("{path}, {difference}"));
        }
        if stale.is_empty() || self.bless {
            return Ok(());
        }
        let more = if stale.len() > 1 { format!("\nand {} more files", stale.len() - 1) } else { String::new() };
        let advice = format!(
            "the fresh files are in {}; if they are right, BLESS=1 cargo test --test notebooks rewrites the report",
            self.scratch.display()
        );
        Err(format!("the report is stale: {}{more}\n{advice}", stale[0]).into())
    }
}

/// The files below a folder, as paths inside it.
fn below(folder: &Path) -> Result<Vec<String>, String> {
    let (mut out, mut folders) = (Vec::new(), vec![folder.to_path_buf()]);
    while let Some(next) = folders.pop() {
        let complain = |e: std::io::Error| format!("{}: {e}", next.display());
        for entry in std::fs::read_dir(&next).map_err(complain)? {
            let path = entry.map_err(complain)?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let inside = path.strip_prefix(folder).unwrap_or(&path).components();
            out.push(inside.map(|c| c.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/"));
        }
    }
    out.sort();
    Ok(out)
}

/// The files in the folder of the report that are not among those that were made.
fn left_over(reports: &Path, made: &Files) -> Result<Vec<String>, String> {
    let all = below(reports)?;
    Ok(all.into_iter().filter(|name| !made.contains_key(name)).collect())
}

/// A notebook that nobody lists would be a test that nobody runs.
fn listed(entries: &[Entry], analysis: &Path) -> Trial {
    let names: Vec<String> = entries.iter().map(|e| e.name.to_string()).collect();
    let folder = analysis.to_path_buf();
    Trial::test("suite::every_file_is_listed", move || {
        let mut missing = notebooks(&folder)?;
        missing.retain(|f| !names.contains(f));
        if missing.is_empty() {
            return Ok(());
        }
        Err(format!("not in analysis/list.rs: {missing:?}").into())
    })
}

/// The notebooks in a folder: every `.rs` but the list and the program themselves.
fn notebooks(folder: &Path) -> Result<Vec<String>, String> {
    let all = below(folder)?;
    let stems = all.iter().filter_map(|name| name.strip_suffix(".rs")).filter(|stem| !["main", "list"].contains(stem));
    Ok(stems.map(String::from).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_a_report_file_that_nothing_makes_is_named() {
        let reports = std::env::temp_dir().join(format!("homeostat-left-over-{}", std::process::id()));
        let made: Files = ["index.html", "papers/oja/online.svg"].map(|name| (name.into(), String::new())).into();
        for name in ["index.html", "papers/oja/online.svg", "papers/oja/offline.svg", "old.csv"] {
            write(&reports.join(name), "").unwrap();
        }
        let left = left_over(&reports, &made);
        std::fs::remove_dir_all(&reports).unwrap();
        assert_eq!(left.unwrap(), ["old.csv", "papers/oja/offline.svg"]);
    }
}
