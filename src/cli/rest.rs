//! At which fixed point is a model asked, and what stays where when a part is taken away?

use super::interrupt;
use super::model;
use super::shell::{Shell, short};
use crate::dynamics::{Search, fixed_points, settle};
use crate::field::{Error, Field, Result};
use crate::lang::{Model, PartKind};

/// The stable fixed point of the model with parameters `p`: the only one in the region, or where `--start` leads.
pub fn rest(model: &Model, p: &[f64], start_given: bool, range: &[String], shell: &Shell) -> Result<Vec<f64>> {
    let names = model.names();
    let start = names.start();
    let follow = || settle(model, p, &start).map(|rest| rest.at);
    if start.is_empty() {
        return Ok(start);
    }
    if start_given {
        return follow();
    }
    let search = Search { boxes: 20_000, stop: Some(interrupt::flag_ref()), ..Search::default() };
    let region = match model::region(model, range) {
        Ok(region) => region,
        Err(e) if range.is_empty() => {
            shell.warn(&format!("other fixed points were not looked for: {e}"));
            return follow();
        }
        Err(e) => return Err(e),
    };
    let found = fixed_points(model, p, &region, &search)?;
    interrupt::check("the search of fixed points")?;
    let stable: Vec<_> = found.points.iter().filter(|p| p.is_stable()).collect();
    if let [one, other, ..] = stable.as_slice() {
        let far = |q: usize| (one.at[q] - other.at[q]).abs() / (one.at[q].abs() + other.at[q].abs()).max(1e-300);
        let q = (0..start.len()).max_by(|&a, &b| far(a).total_cmp(&far(b))).unwrap_or(0);
        let quantity = &names.variables[q];
        let each = stable.iter().map(|p| short(p.at[q] / quantity.unit.factor)).collect::<Vec<_>>().join(", ");
        return Err(Error::usage(
            format!("{} rests at {} stable fixed points: {} = {each}", names.model, stable.len(), quantity.name),
            format!("say which one: --start {}={}", quantity.name, short(one.at[q] / quantity.unit.factor)),
        ));
    }
    if !found.complete {
        shell.warn("other fixed points could not be excluded within 20000 boxes; --start says which one is meant");
    }
    match stable.as_slice() {
        [only] => Ok(only.at.clone()),
        _ => follow().map_err(|e| {
            let why = format!("it does not come to a stable rest: {e}");
            Error::domain(&names.model, why, "set other parameters, or start elsewhere with --start")
        }),
    }
}

/// The parts whose absence is an experiment.
pub fn ablated(model: &Model) -> Vec<String> {
    let kinds = [PartKind::Plasticity, PartKind::Homeostasis, PartKind::Modulation];
    let parts = model.items().into_iter().zip(model.parts());
    parts.filter(|(_, part)| kinds.contains(&part.kind)).map(|(item, _)| item).collect()
}

/// What a missing part moved is a parameter again: it stays where it was.
pub fn hold(rest: &mut Model, whole: &Model, adapted: &[f64]) -> Result<()> {
    for (q, value) in whole.names().variables.iter().zip(adapted) {
        let shown = format!("{} {}", value / q.unit.factor, q.unit);
        let text = if q.unit.is_none() { format!("{}", value / q.unit.factor) } else { shown };
        if rest.names().parameter(&q.name).is_ok() || rest.names().variable(&q.name).is_ok() {
            rest.set(&q.name, &text)?;
        }
    }
    Ok(())
}
