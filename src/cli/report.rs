//! Does every claim of the project hold? Run the notebooks and write their report.

use super::Outcome;
use super::shell::{Answer, Shell};
use crate::field::{Result, Table};
use crate::notebook::{self, Entry};
use serde_json::json;
use std::path::PathBuf;

/// Run the notebooks and write the report
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  homeostat report --open\n  homeostat report 03 04 --into my-report")]
pub struct Report {
    /// Notebooks by the beginning of their name: 03; all without one
    notebooks: Vec<String>,
    /// The folder that the report is written to
    #[arg(long, default_value = "reports", value_name = "FOLDER")]
    into: PathBuf,
    /// Open the report in a browser
    #[arg(long)]
    open: bool,
}

impl Report {
    pub fn run(&self, shell: &Shell, entries: &[Entry]) -> Result<Outcome> {
        let chosen = if self.notebooks.is_empty() { entries.len() } else { self.notebooks.len() };
        shell.say(&format!("running {chosen} notebook{}", if chosen == 1 { "" } else { "s" }));
        let report = notebook::report(entries, &self.notebooks, &self.into)?;
        let pages = &report.pages;
        let held = |page: &notebook::Page| page.claims().filter(|c| c.holds).count();
        let table = Table::new()
            .text("notebook", pages.iter().map(|p| p.name.to_string()).collect())
            .number("claims", crate::field::Unit::NONE, pages.iter().map(|p| p.claims().count() as f64).collect())
            .number("hold", crate::field::Unit::NONE, pages.iter().map(|p| held(p) as f64).collect())
            .text("verdict", pages.iter().map(|p| p.verdict().map_or("-".into(), |(v, _)| v.to_string())).collect());
        let index = self.into.join(if self.notebooks.is_empty() { "index.html" } else { "" });
        shell.answer(&Answer {
            table: Some(table),
            foot: report
                .complaints
                .iter()
                .cloned()
                .chain([String::new(), format!("written: {}", index.display())])
                .collect(),
            json: json!({"folder": self.into, "files": report.files, "complaints": report.complaints}),
            ..Answer::default()
        })?;
        if self.open && !open(&index) {
            shell.warn(&format!("no browser was found; open {} yourself", index.display()));
        }
        Ok(if report.complaints.is_empty() { Outcome::Done } else { Outcome::Disagrees })
    }
}

/// Asks the desktop to open a file; says whether that worked.
fn open(path: &std::path::Path) -> bool {
    let program = match std::env::consts::OS {
        "macos" => "open",
        "windows" => "explorer",
        _ => "xdg-open",
    };
    std::process::Command::new(program).arg(path).status().is_ok_and(|s| s.success())
}
