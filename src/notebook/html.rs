//! How does a run become a page? Self-contained HTML: no script, no font, no picture from elsewhere.

use super::book::{Claim, Output, Trust, Verdict};
use super::page::{Block, Page};
use super::{highlight, markdown, show};
use crate::field::Table;

/// The look of every page.
const STYLE: &str = include_str!("style.css");
/// A table longer than this is cut on the page (its file has every row).
const ROWS: usize = 24;

/// Text as it may stand in HTML.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

/// A name as it may stand in an address or a file's name.
pub(super) fn slug(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || "-_".contains(c) { c } else { '-' }).collect()
}

/// A whole page; `depth` is how many folders below the report it lies.
pub(super) fn frame(title: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n{body}</main>\n</body>\n</html>\n",
        markdown::plain(title)
    )
}

/// The page of a notebook.
pub(super) fn page(page: &Page) -> Result<String, String> {
    let (held, all) = (page.claims().filter(|c| c.holds).count(), page.claims().count());
    let home = "../".repeat(page.name.matches('/').count());
    let class = if held == all && page.error.is_none() { "good" } else { "bad" };
    let mut body = format!(
        "<nav><a href=\"{home}index.html\">all notebooks</a> · <a href=\"{}.ipynb\">as a Jupyter notebook</a></nav>\n",
        slug(page.name.rsplit('/').next().unwrap_or(""))
    );
    let mut figures = 0;
    let mut head_done = false;
    for block in &page.blocks {
        match block {
            Block::Prose(text) => {
                let html = markdown::html(text)?;
                // What became of the claims stands right under the heading.
                let summary = format!("</h1>\n<p class=\"sum {class}\">{held} of {all} claims hold</p>");
                body += &if head_done { html.clone() } else { html.replacen("</h1>", &summary, 1) };
                head_done |= html.contains("</h1>");
            }
            Block::Code { first, last, text } => {
                body += &format!(
                    "<details class=\"code\"><summary>code, lines {first}–{last}</summary><pre><code>{}</code></pre></details>\n",
                    highlight::rust(text)
                );
            }
            Block::Made(outputs) => body += &made(page, outputs, &mut figures)?,
        }
    }
    if let Some(error) = &page.error {
        body += &format!("<p class=\"stop\">The notebook stopped here: {}</p>\n", escape(error));
    }
    Ok(frame(&page.title, &body))
}

/// What a stretch of code made; neighbouring claims share a table.
fn made(page: &Page, outputs: &[Output], figures: &mut usize) -> Result<String, String> {
    let mut out = String::new();
    let mut claims: Vec<&Claim> = Vec::new();
    for output in outputs {
        if let Output::Claim(claim) = output {
            claims.push(claim);
            continue;
        }
        out += &claim_table(&std::mem::take(&mut claims));
        out += &match output {
            Output::Claim(_) => String::new(),
            Output::Text(text) => markdown::html(text)?,
            Output::Figure(name, figure) => {
                *figures += 1;
                let stem = format!("{}/{}", slug(page.name.rsplit('/').next().unwrap_or("")), slug(name));
                format!(
                    "<figure id=\"{}\">\n<div class=\"paper\">{}</div>\n<figcaption><b>Figure {figures}.</b> {} \
                     <span class=\"files\"><a href=\"{stem}.csv\">numbers</a> · <a href=\"{stem}.svg\">SVG</a></span></figcaption>\n</figure>\n",
                    slug(name),
                    figure.to_svg(),
                    markdown::inline(figure.caption_text())?
                )
            }
            Output::Table(name, table) => data_table(page, name, table),
            Output::Model(name, latex) => format!(
                "<figure class=\"model\">\n{}\n<figcaption>{}</figcaption>\n</figure>\n",
                markdown::math(latex, true)?,
                escape(name)
            ),
            Output::Verdict(verdict, why) => {
                let (class, word) = verdict_words(verdict)?;
                format!(
                    "<section class=\"verdict {class}\"><h2>Verdict: {word}</h2>\n{}</section>\n",
                    markdown::html(why)?
                )
            }
        };
    }
    out += &claim_table(&claims);
    Ok(out)
}

/// The class and the words of a verdict.
pub(super) fn verdict_words(verdict: &Verdict) -> Result<(&'static str, String), String> {
    Ok(match verdict {
        Verdict::Holds => ("holds", "holds".into()),
        Verdict::HoldsWhen(condition) => ("when", format!("holds when {}", markdown::inline(condition)?)),
        Verdict::DoesNot => ("not", "does not hold in this model".into()),
    })
}

/// The row of a claim, after its first cell.
pub(super) fn claim_cells(claim: &Claim) -> String {
    // What counts in a claim is of size one.
    let side = |value| show::beside(value, 1.0);
    let (theory, measured) = match (&claim.numbers, claim.trust) {
        (Some(n), Trust::Proven(lo, hi)) if lo.is_finite() && hi.is_finite() => (side(n.theory), side(0.5 * (lo + hi))),
        (Some(n), _) => (side(n.theory), side(n.measured)),
        (None, _) => ("–".into(), if claim.holds { "true".into() } else { "false".into() }),
    };
    let times = if claim.times > 1 { format!(" (worst of {})", claim.times) } else { String::new() };
    let (class, word) = if claim.holds { ("good", "✓ holds") } else { ("bad", "✗ fails") };
    format!(
        "<td class=\"n\">{theory}</td><td class=\"n\">{measured}</td><td>{}{times}</td><td>{}</td><td class=\"{class}\">{word}</td>",
        escape(&claim.why),
        escape(&show::trust(&claim.trust)),
    )
}

fn claim_table(claims: &[&Claim]) -> String {
    if claims.is_empty() {
        return String::new();
    }
    let mut out = String::from(
        "<div class=\"wide\"><table class=\"claims\">\n<thead><tr><th>claim</th><th>theory</th><th>measured</th>\
         <th>tolerance or reason</th><th>trust</th><th></th></tr></thead>\n<tbody>\n",
    );
    for claim in claims {
        let name = escape(&claim.name);
        out += &format!("<tr id=\"claim-{}\"><td>{name}</td>{}</tr>\n", slug(&claim.name), claim_cells(claim));
    }
    out + "</tbody>\n</table></div>\n"
}

fn data_table(page: &Page, name: &str, table: &Table) -> String {
    let mut out = format!("<div class=\"wide\"><table id=\"{}\">\n<caption>{}", slug(name), escape(name));
    let stem = slug(page.name.rsplit('/').next().unwrap_or(""));
    out += &format!(
        " <span class=\"files\"><a href=\"{stem}/{}.csv\">numbers</a></span></caption>\n<thead><tr>",
        slug(name)
    );
    for column in table.columns() {
        let unit = if column.unit.is_none() { String::new() } else { format!(" ({})", column.unit) };
        out += &format!("<th>{}{}</th>", escape(&column.name), escape(&unit));
    }
    out += "</tr></thead>\n<tbody>\n";
    for k in 0..table.rows().min(ROWS) {
        let cells: Vec<String> =
            show::row(table, k).iter().map(|c| format!("<td class=\"n\">{}</td>", escape(c))).collect();
        out += &format!("<tr>{}</tr>\n", cells.concat());
    }
    out += "</tbody>\n</table></div>\n";
    if table.rows() > ROWS {
        out += &format!("<p class=\"more\">{} more rows in the file</p>\n", table.rows() - ROWS);
    }
    out
}
