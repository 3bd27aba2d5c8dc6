//! What came out of a notebook's run?

use super::book::{Claim, Notebook, Output, Verdict};
use super::cells::{Cell, cells, claim_names};
use crate::field::Result;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A notebook: what its file is called, its text, and its function.
#[derive(Clone, Copy)]
pub struct Entry {
    /// The file's name without `.rs`; papers' notebooks have their folder in front: `papers/oja_1982`.
    pub name: &'static str,
    /// The text of the file.
    pub source: &'static str,
    /// What it does.
    pub run: fn(&mut Notebook) -> Result<()>,
}

impl Entry {
    /// The names of its claims, as they stand in its text.
    pub fn claim_names(&self) -> Vec<String> {
        claim_names(self.source)
    }
}

/// A notebook that has been run.
pub struct Page {
    /// Its name.
    pub name: String,
    /// Its heading.
    pub title: String,
    pub(super) blocks: Vec<Block>,
    /// What stopped it, if anything did.
    pub error: Option<String>,
    declared: Vec<String>,
}

/// A stretch of the page: prose, code, or what a line made.
pub(super) enum Block {
    Prose(String),
    Code { first: usize, last: usize, text: String },
    Made(Vec<Output>),
}

impl Page {
    /// Runs a notebook. An error or a panic ends it, and is told on the page.
    pub fn run(entry: &Entry) -> Page {
        let name = entry.name.rsplit('/').next().unwrap_or(entry.name);
        let mut nb = Notebook::new(name);
        // The notebook is not used after a panic but for what it had said.
        let ended = catch_unwind(AssertUnwindSafe(|| (entry.run)(&mut nb)));
        let error = match ended {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(error.to_string()),
            Err(panic) => Some(format!("panicked: {}", message(&*panic))),
        };
        let cells = cells(entry.source);
        let heading = cells.iter().find_map(|c| match c {
            Cell::Prose(text) => text.lines().find_map(|l| l.strip_prefix("# ")),
            Cell::Code(_) => None,
        });
        let title = heading.unwrap_or(name).trim().to_string();
        let blocks = weave(cells, nb.outputs);
        Page { name: entry.name.into(), title, blocks, error, declared: entry.claim_names() }
    }

    fn outputs(&self) -> impl Iterator<Item = &Output> {
        self.blocks.iter().flat_map(|b| if let Block::Made(o) = b { o.as_slice() } else { &[] })
    }
    /// The claims it made.
    pub fn claims(&self) -> impl Iterator<Item = &Claim> {
        self.outputs().filter_map(|o| if let Output::Claim(c) = o { Some(c) } else { None })
    }
    /// Its verdict, and why.
    pub fn verdict(&self) -> Option<(&Verdict, &str)> {
        self.outputs().find_map(|o| if let Output::Verdict(v, why) = o { Some((v, why.as_str())) } else { None })
    }
    pub(super) fn figures(&self) -> impl Iterator<Item = (&str, &crate::figures::Figure)> {
        self.outputs().filter_map(|o| if let Output::Figure(name, f) = o { Some((name.as_str(), f)) } else { None })
    }
    pub(super) fn tables(&self) -> impl Iterator<Item = (&str, &crate::field::Table)> {
        self.outputs().filter_map(|o| if let Output::Table(name, t) = o { Some((name.as_str(), t)) } else { None })
    }

    /// Everything that is wrong with the run besides claims that fail.
    pub fn complaints(&self) -> Vec<String> {
        let mut out: Vec<String> = self.error.iter().cloned().collect();
        for name in &self.declared {
            if self.claims().all(|c| c.name != *name) {
                out.push(format!("the claim `{name}` was never reached"));
            }
        }
        for claim in self.claims().filter(|c| !self.declared.contains(&c.name)) {
            out.push(format!(
                "the name of the claim `{}` (line {}) is not a literal in its call",
                claim.name, claim.line
            ));
        }
        if self.error.is_none() && self.verdict().is_none() {
            out.push("it ends without a verdict".into());
        }
        out
    }
}

fn message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|s| s.to_string());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "without a message".into())
}

/// Puts every output under the statement that made it; neighbouring statements with outputs share one place, and the
/// claims of a stretch of code share one table under it.
fn weave(cells: Vec<Cell>, outputs: Vec<(usize, Output)>) -> Vec<Block> {
    let mut waiting = outputs;
    // A loop's outputs come in the order of the run; the page is in the order of the lines.
    waiting.sort_by_key(|(line, _)| *line);
    let mut blocks = Vec::new();
    for cell in cells {
        let statements = match cell {
            Cell::Prose(text) => {
                blocks.push(Block::Prose(text));
                continue;
            }
            Cell::Code(statements) => statements,
        };
        let (mut code, mut made): (Vec<_>, Vec<Output>) = (Vec::new(), Vec::new());
        for statement in statements {
            let here = waiting.iter().take_while(|(line, _)| *line <= statement.last).count();
            let new: Vec<Output> = waiting.drain(..here).map(|(_, o)| o).collect();
            let shown = made.iter().any(|o| !matches!(o, Output::Claim(_)));
            if new.is_empty() && shown {
                emit(&mut blocks, &mut code, &mut made);
            }
            code.push(statement);
            made.extend(new);
        }
        emit(&mut blocks, &mut code, &mut made);
    }
    if !waiting.is_empty() {
        blocks.push(Block::Made(waiting.into_iter().map(|(_, o)| o).collect()));
    }
    blocks
}

fn emit(blocks: &mut Vec<Block>, code: &mut Vec<super::cells::Statement>, made: &mut Vec<Output>) {
    if let (Some(first), Some(last)) = (code.first().map(|s| s.first), code.last().map(|s| s.last)) {
        let text: Vec<String> = code.drain(..).map(|s| s.text).collect();
        blocks.push(Block::Code { first, last, text: text.join("\n").trim_end().to_string() });
    }
    if !made.is_empty() {
        blocks.push(Block::Made(std::mem::take(made)));
    }
}
