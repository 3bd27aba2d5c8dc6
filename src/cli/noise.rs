//! How do fluctuations grow along a branch? What `homeostat continue --noise` adds to its answer.

use super::shell::{Answer, rows, short};
use crate::dynamics::continuation::{Branch, Vary};
use crate::dynamics::{AlongOptions, NoiseAlong, noise_along};
use crate::field::{Error, Result};
use crate::figures;
use crate::lang::Model;
use serde_json::{Value, json};

/// Adds the fluctuations along each branch: a line each, an entry `noise` with one object per branch, and rows and figure of
/// the first branch with a stable point.
///
/// Errors: a model without noise.
pub fn add(answer: &mut Answer, model: &Model, p: &[f64], vary: &Vary, branches: &[Branch], shown: &str) -> Result<()> {
    let one = |branch: &Branch| match noise_along(model, p, vary.parameter(), branch, &AlongOptions::default()) {
        Ok(noise) => Ok(Some(noise)),
        Err(e @ Error::Usage { .. }) => Err(e),
        // A branch that is nowhere stable has no fluctuations around it.
        Err(_) => Ok(None),
    };
    let found: Vec<Option<NoiseAlong>> = branches.iter().map(one).collect::<Result<_>>()?;
    answer.head.extend(found.iter().enumerate().map(|(k, noise)| line(k + 1, noise.as_ref())));
    answer.json["noise"] = found.iter().map(|n| n.as_ref().map_or(Value::Null, object)).collect();
    if let Some(first) = found.iter().flatten().next() {
        answer.table = Some(first.table());
        answer.figure = Some(figures::noise_along(first, shown)?.to_svg());
    }
    Ok(())
}

/// What is known of it, in a line.
fn line(branch: usize, noise: Option<&NoiseAlong>) -> String {
    let Some(noise) = noise else { return format!("noise on branch {branch}: no stable point") };
    let valid = noise.points.iter().filter(|q| q.valid).count();
    let most = noise.points.iter().filter(|q| q.valid).filter_map(|q| q.fluctuations.as_ref().ok());
    let slowest = most.map(|f| f.recovery).fold(f64::INFINITY, f64::min);
    format!(
        "noise on branch {branch}: the linearisation is valid at {valid} of {} points (strain up to {}); slowest recovery there {} 1/s",
        noise.points.len(),
        short(noise.strain),
        short(slowest)
    )
}

/// As an object: the lag, the limit, and one row per point.
fn object(noise: &NoiseAlong) -> Value {
    json!({"lag": noise.lag, "strain": noise.strain, "points": rows(&noise.table())})
}
