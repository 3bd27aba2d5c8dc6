//! Is a file in order? A part, a model or an XPP file, read and compiled but not run.

use super::Outcome;
use super::model;
use super::shell::{Answer, Shell};
use crate::field::{Field, Result};
use serde_json::json;

/// Check a part, a model or an XPP file
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  homeostat check my_rule.toml\n  homeostat check wilson_cowan.ode\n  homeostat check ei+./my_rule.toml@w_ei"
)]
pub struct Check {
    /// The file, or a composition
    file: String,
}

impl Check {
    pub fn run(&self, shell: &Shell) -> Result<Outcome> {
        let (kind, says) = match model::part(&self.file)? {
            Some(part) => {
                let count = part.equations.len();
                (part.kind.word().to_string(), format!("{} equation{}", count, if count == 1 { "" } else { "s" }))
            }
            None => {
                let model = model::open(&self.file)?;
                let names = model.names();
                ("model".into(), format!("{} variables, {} parameters", names.variables.len(), names.parameters.len()))
            }
        };
        shell.answer(&Answer {
            head: vec![format!("{}: in order ({kind}, {says})", self.file)],
            json: json!({"file": self.file, "kind": kind, "ok": true}),
            ..Answer::default()
        })?;
        Ok(Outcome::Done)
    }
}
