//! How is a model written elsewhere? As an XPP file, as one flat TOML file, as LaTeX.

use super::Outcome;
use super::model::ModelArgs;
use super::shell::{Answer, Shell};
use crate::field::Result;
use crate::{data, lang};
use serde_json::json;

/// What to write.
#[derive(clap::ValueEnum, Clone, Copy, Debug)]
enum Form {
    /// An XPP .ode file
    Ode,
    /// One circuit file with all equations
    Toml,
    /// The equations as LaTeX
    Latex,
}

/// Write a model as an XPP file, as one TOML file, or as LaTeX
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  homeostat convert neuron+bcm --to ode --out bcm.ode\n  homeostat convert lecar.ode --to toml"
)]
pub struct Convert {
    #[command(flatten)]
    model: ModelArgs,
    /// The form
    #[arg(long)]
    to: Form,
}

impl Convert {
    pub fn run(&self, shell: &Shell) -> Result<Outcome> {
        let model = self.model.load()?;
        let text = match self.to {
            Form::Ode => model.ode()?,
            Form::Toml => lang::flat::toml(&model)?,
            Form::Latex => lang::latex::aligned(&model.equations()),
        };
        let text = text.trim_end().to_string();
        if let Some(path) = &shell.out {
            data::write_bytes(path, format!("{text}\n").as_bytes())?;
            shell.say(&format!("wrote {}", path.display()));
            return Ok(Outcome::Done);
        }
        shell.answer(&Answer { json: json!({"text": text}), head: vec![text], ..Answer::default() })?;
        Ok(Outcome::Done)
    }
}
