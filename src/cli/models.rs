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
                Error::unknown("kind of part", word, nearest(word, PartKind::ALL.iter().map(|k| k.word())))
            })?),
        };
        let parts = models::parts()?;
        let chosen: Vec<_> = parts.iter().filter(|p| kind.is_none_or(|k| p.kind == k)).collect();
        let column = |f: &dyn Fn(&crate::lang::Part) -> String| chosen.iter().map(|p| f(p)).collect::<Vec<_>>();
        let table = Table::new()
            .text("kind", column(&|p| p.kind.word().into()))
            .text("name", column(&|p| p.name.clone()))
            .text("title", column(&|p| p.title.clone()));
        let list: Vec<_> = chosen
            .iter()
            .map(|p| json!({"name": p.name, "kind": p.kind.word(), "title": p.title, "sources": p.sources}))
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
