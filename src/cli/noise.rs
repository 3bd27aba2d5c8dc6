//! How do fluctuations grow along a branch? What `homeostat continue --noise` adds to its answer.

use super::continue_answer::stacked;
use super::shell::{Answer, rows, short};
use crate::dynamics::continuation::{Branch, Vary};
use crate::dynamics::{AlongOptions, NoiseAlong, noise_along};
use crate::field::{Error, Result, Table};
use crate::figures;
use crate::lang::Model;
use serde_json::{Value, json};

/// Adds the fluctuations along each branch: a line each, an entry `noise` with one object per branch, the rows of all that
/// have a stable point, and the figure of the one that is valid at most points.
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
    let stable = || found.iter().enumerate().filter_map(|(k, noise)| Some((k + 1, noise.as_ref()?)));
    let valid = |noise: &NoiseAlong| noise.points.iter().filter(|q| q.valid).count();
    let tables: Vec<(usize, Table)> = stable().map(|(k, noise)| (k, noise.table())).collect();
    if !tables.is_empty() {
        answer.table = Some(stacked("branch", &tables));
    }
    if let Some((k, most)) = stable().reduce(|a, b| if valid(b.1) > valid(a.1) { b } else { a }) {
        answer.figure = Some(figures::noise_along(most, shown)?.to_svg());
        if tables.len() > 1 {
            answer.head.push(format!("a figure (--out FILE.svg) shows branch {k}"));
        }
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
        "noise on branch {branch}: the linearisation is valid at {valid} of {} points (strain up to {}); slowest recovery there {} 1/s; autocorrelations at a lag of {} s",
        noise.points.len(),
        short(noise.strain),
        short(slowest),
        short(noise.lag)
    )
}

/// As an object: the lag, the limit, and one row per point.
fn object(noise: &NoiseAlong) -> Value {
    json!({"lag": noise.lag, "strain": noise.strain, "points": rows(&noise.table())})
}
