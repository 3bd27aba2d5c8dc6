//! Which circuits and mechanisms are there?

use super::Outcome;
use super::shell::{Answer, Shell};
use crate::field::{Error, Result, Table, nearest};
use crate::lang::PartKind;
use crate::models;
use serde_json::json;

/// List the parts of the catalogue
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  homeostat models\n  homeostat models --kind homeostasis")]
pub struct Models {
    /// Only one kind: circuit, transfer, plasticity, homeostasis, modulation
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
}

impl Models {
    pub fn run(&self, shell: &Shell) -> Result<Outcome> {
        let kind = match &self.kind {
            None => None,
            Some(word) => Some(PartKind::from_word(word).ok_or_else(|| {
                let all: Vec<&str> = PartKind::ALL.iter().map(|k| k.word()).collect();
                match nearest(word, all.iter().copied()) {
                    near if near.is_empty() => {
                        Error::usage(format!("there is no kind of part `{word}`"), format!("kinds: {}", all.join(", ")))
                    }
                    near => Error::unknown("kind of part", word, near),
                }
            })?),
        };
        let parts = models::parts()?;
        let chosen: Vec<_> = parts.iter().filter(|p| kind.is_none_or(|k| p.kind == k)).collect();
        let systems = if kind.is_none() { models::systems()? } else { Vec::new() };
        let rows: Vec<(&str, &str, &str, &[String])> = chosen
            .iter()
            .map(|p| (p.kind.word(), p.name.as_str(), p.title.as_str(), p.sources.as_slice()))
            .chain(systems.iter().map(|(name, m)| ("model", *name, m.title.as_str(), m.sources.as_slice())))
            .collect();
        let table = Table::new()
            .text("kind", rows.iter().map(|r| r.0.into()).collect())
            .text("name", rows.iter().map(|r| r.1.into()).collect())
            .text("title", rows.iter().map(|r| r.2.into()).collect());
        let list: Vec<_> = rows
            .iter()
            .map(|(kind, name, title, sources)| json!({"name": name, "kind": kind, "title": title, "sources": sources}))
            .collect();
        shell.answer(&Answer {
            table: Some(table),
            foot: vec![String::new(), "homeostat show NAME shows one; compose them with +: ei+istdp@w_ei".into()],
            json: json!(list),
            ..Answer::default()
        })?;
        Ok(Outcome::Done)
    }
}
