//! Which files does a report consist of, and are they up to date?

use super::html::{escape, frame, slug, verdict_words};
use super::page::{Entry, Page};
use super::{html, ipynb, markdown, show};
use crate::data::{Format, to_bytes, write_bytes};
use crate::error::{Error, Result, nearest};
use rayon::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// The files of a report: path inside it, and content.
pub(super) type Files = BTreeMap<String, String>;

/// The files of one notebook: page, Jupyter notebook, and the numbers and the drawing of every figure.
pub(super) fn files(page: &Page) -> std::result::Result<Files, String> {
    let mut out = Files::new();
    out.insert(format!("{}.html", page.name), html::page(page)?);
    out.insert(format!("{}.ipynb", page.name), ipynb::ipynb(page)?);
    let csv = |table: &crate::field::Table| -> std::result::Result<String, String> {
        let bytes = to_bytes(&show::rounded(table), Format::Csv).map_err(|e| e.to_string())?;
        String::from_utf8(bytes).map_err(|e| e.to_string())
    };
    for (name, figure) in page.figures() {
        out.insert(format!("{}/{}.svg", page.name, slug(name)), figure.to_svg());
        out.insert(format!("{}/{}.csv", page.name, slug(name)), csv(&figure.data())?);
    }
    for (name, table) in page.tables() {
        out.insert(format!("{}/{}.csv", page.name, slug(name)), csv(table)?);
    }
    Ok(out)
}

/// The index page and `claims.json`.
pub(super) fn index(pages: &[&Page]) -> std::result::Result<Files, String> {
    let mut out = Files::new();
    out.insert("index.html".into(), index_html(pages)?);
    out.insert("claims.json".into(), format!("{:#}\n", claims_json(pages)));
    Ok(out)
}

fn index_html(pages: &[&Page]) -> std::result::Result<String, String> {
    let all: usize = pages.iter().map(|p| p.claims().count()).sum();
    let held: usize = pages.iter().map(|p| p.claims().filter(|c| c.holds).count()).sum();
    let class = if held == all { "good" } else { "bad" };
    let mut body = format!(
        "<h1>How do fast synaptic change and slow homeostasis together keep neural information reliable?</h1>\n\
         <p class=\"sum {class}\">{held} of {all} claims hold in {} notebooks</p>\n\
         <p>Every notebook takes a claim of the field, derives what a model says about it, checks that and ends with a \
         verdict. Every number is computed by the code on its page. <a href=\"claims.json\">All claims for programs</a>.</p>\n",
        pages.len()
    );
    let (papers, notebooks): (Vec<&Page>, Vec<&Page>) = pages.iter().partition(|p| p.name.starts_with("papers/"));
    for (heading, of) in [("Verdicts", notebooks), ("Papers, reproduced as far as their numbers can be had", papers)] {
        if !of.is_empty() {
            body += &verdicts(heading, &of)?;
        }
    }
    body += "<h2>Claims</h2>\n";
    for page in pages {
        body += &format!(
            "<h3><a href=\"{}.html\">{}</a></h3>\n<div class=\"wide\"><table class=\"claims\">\n<thead><tr><th>claim</th><th>theory</th>\
             <th>measured</th><th>tolerance or reason</th><th>trust</th><th></th></tr></thead>\n<tbody>\n",
            page.name,
            markdown::inline(&page.title)?
        );
        for claim in page.claims() {
            body += &format!(
                "<tr><td><a href=\"{}.html#claim-{}\">{}</a></td>{}</tr>\n",
                page.name,
                slug(&claim.name),
                escape(&claim.name),
                html::claim_cells(claim)
            );
        }
        body += "</tbody>\n</table></div>\n";
    }
    Ok(frame("homeostat: report", &body))
}

/// One line for every notebook: its verdict, and how many of its claims hold.
fn verdicts(heading: &str, pages: &[&Page]) -> std::result::Result<String, String> {
    let mut body = format!(
        "<h2>{heading}</h2>\n<div class=\"wide\"><table>\n<thead><tr><th>notebook</th><th>verdict</th><th>claims</th></tr></thead>\n\
         <tbody>\n"
    );
    for page in pages {
        let verdict = match page.verdict() {
            Some((verdict, _)) => verdict_words(verdict)?.1,
            None => "<span class=\"bad\">none</span>".into(),
        };
        let (held, all) = (page.claims().filter(|c| c.holds).count(), page.claims().count());
        body += &format!(
            "<tr><td><a href=\"{}.html\">{}</a></td><td>{verdict}</td><td class=\"n {}\">{held} of {all}</td></tr>\n",
            page.name,
            markdown::inline(&page.title)?,
            if held == all && page.error.is_none() { "good" } else { "bad" },
        );
    }
    Ok(body + "</tbody>\n</table></div>\n")
}

/// Every claim, for programs: numbers to six significant digits.
fn claims_json(pages: &[&Page]) -> Value {
    let round = |v: f64| if v.is_finite() { format!("{v:.5e}").parse().unwrap_or(v) } else { v };
    let notebooks: Vec<Value> = pages
        .iter()
        .map(|page| {
            let claims: Vec<Value> = page
                .claims()
                .map(|c| {
                    json!({
                        "name": c.name,
                        "holds": c.holds,
                        "theory": c.numbers.map(|n| round(n.theory)),
                        "measured": c.numbers.map(|n| if n.measured.abs() < 1e-14 { 0.0 } else { round(n.measured) }),
                        "tolerance": c.why,
                        "trust": show::trust(&c.trust),
                    })
                })
                .collect();
            let verdict = page.verdict().map(|(v, why)| match v {
                super::Verdict::Holds => json!({"verdict": "holds", "why": why}),
                super::Verdict::HoldsWhen(when) => json!({"verdict": "holds when", "condition": when, "why": why}),
                super::Verdict::DoesNot => json!({"verdict": "does not hold", "why": why}),
            });
            json!({"notebook": page.name, "title": page.title, "verdict": verdict, "claims": claims})
        })
        .collect();
    json!({ "notebooks": notebooks })
}

/// What a report says about itself.
pub struct Report {
    /// The notebooks that were run.
    pub pages: Vec<Page>,
    /// The files that were written, inside the report's folder.
    pub files: Vec<String>,
    /// What is wrong: `notebook: complaint`.
    pub complaints: Vec<String>,
}

/// Runs the notebooks that are named (all, if none is) and writes their report into `folder`.
///
/// The index and `claims.json` are written when all notebooks were run. A name may be shortened to what it starts with
/// (`03`).
pub fn report(entries: &[Entry], names: &[String], folder: &Path) -> Result<Report> {
    let mut chosen: Vec<&Entry> = Vec::new();
    for name in names {
        let stem = name.trim_end_matches(".rs").trim_start_matches("analysis/");
        let fits = |e: &&Entry| e.name.starts_with(stem) && !stem.is_empty();
        let found: Vec<&Entry> = entries.iter().filter(fits).collect();
        if found.is_empty() {
            return Err(Error::unknown("notebook", name, nearest(name, entries.iter().map(|e| e.name))));
        }
        chosen.extend(found.into_iter().filter(|e| chosen.iter().all(|c| c.name != e.name)).collect::<Vec<_>>());
    }
    let all = names.is_empty();
    if all {
        chosen = entries.iter().collect();
    }
    let pages: Vec<Page> = chosen.par_iter().map(|e| Page::run(e)).collect();
    let failed = |why: String| Error::domain("the report", why, "correct the notebook");
    let mut files = Files::new();
    for page in &pages {
        files.extend(self::files(page).map_err(failed)?);
    }
    if all {
        files.extend(index(&pages.iter().collect::<Vec<_>>()).map_err(failed)?);
    }
    for (path, content) in &files {
        write(&folder.join(path), content)?;
    }
    let mut complaints = Vec::new();
    for page in &pages {
        let claims = page.claims().filter(|c| !c.holds).map(|c| c.complaint.clone());
        complaints.extend(page.complaints().into_iter().chain(claims).map(|c| format!("{}: {c}", page.name)));
    }
    Ok(Report { pages, files: files.into_keys().collect(), complaints })
}

/// Writes a file and the folders above it.
pub(super) fn write(path: &Path, content: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)
            .map_err(|e| Error::Io { path: folder.display().to_string(), cause: e.to_string() })?;
    }
    write_bytes(path, content.as_bytes())
}
