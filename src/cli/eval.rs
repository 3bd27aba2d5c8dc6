//! What is the value of an expression, or its derivative?

use super::Outcome;
use super::shell::{Answer, Shell, short};
use crate::field::Result;
use crate::lang::eval::{Binding, derivative, evaluate};
use serde_json::json;

/// Evaluate an expression with units
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  \
    homeostat eval 'siegert(15 mV, 5 mV, 20 ms, 2 ms, 20 mV, 10 mV)'\n  \
    homeostat eval 'siegert(15 mV, 5 mV, 20 ms, 2 ms, 20 mV, 10 mV)' --derivative mu\n  \
    homeostat eval 'tau_w/(g*y0)' --set tau_w='10 s' --set g=1 --set y0=1")]
pub struct Eval {
    /// The expression, in the language of the model files
    expression: String,
    /// A name used in it: --set tau='20 ms'
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// Its derivative by a name, or by an argument of the function that is called
    #[arg(long, value_name = "NAME")]
    derivative: Option<String>,
}

impl Eval {
    pub fn run(&self, shell: &Shell) -> Result<Outcome> {
        let bindings = self.set.iter().map(|text| Binding::parse(text)).collect::<Result<Vec<_>>>()?;
        let answer = match &self.derivative {
            Some(by) => derivative(&self.expression, &bindings, by)?,
            None => evaluate(&self.expression, &bindings)?,
        };
        let unit = if answer.unit.is_none() { String::new() } else { answer.unit.to_string() };
        let line = format!("{} {unit}", if shell.quiet { short(answer.value) } else { format!("{}", answer.value) });
        shell.answer(&Answer {
            head: vec![line.trim_end().into()],
            json: json!({"value": answer.value, "unit": if unit.is_empty() { "1".into() } else { unit }}),
            ..Answer::default()
        })?;
        Ok(Outcome::Done)
    }
}
