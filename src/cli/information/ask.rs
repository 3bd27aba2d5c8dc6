//! What does a model tell: at rest, along a parameter, through learning, around a perturbation?

use super::{Information, show};
use crate::cli::Outcome;
use crate::cli::interrupt;
use crate::cli::model;
use crate::cli::shell::{Shell, short};
use crate::coding::codes::{Coder, Course, Reading, Sweep};
use crate::dynamics::continuation::{Options, Vary, follow};
use crate::dynamics::{Search, fixed_points};
use crate::field::{Error, Field, Result};
use crate::lang::{Model, PartKind};

/// What was asked for.
pub(super) enum Found {
    Point(Box<Reading>),
    Sweep(Sweep),
    Course(Course),
}

/// A model with what it tells, and what was taken away from it.
pub(super) struct Variant {
    pub without: Option<String>,
    pub model: Model,
    pub found: Result<Found>,
}

impl Information {
    pub(super) fn ask(&self, shell: &Shell) -> Result<Outcome> {
        let model = self.model().load()?;
        let code = self.code(&model, shell.seed)?;
        let coder = code.on(&model)?;
        let p = model.names().defaults();
        let adapted = match self.through {
            Some(_) => Vec::new(),
            None => self.adapted(&model, &coder, &p, shell)?,
        };
        // The first error about the code itself (no noise, counts of negative rates) is the answer; elsewhere it is a row.
        let found = self.found(&model, &coder, &p, &adapted)?;
        let mut variants = vec![Variant { without: None, model: model.clone(), found: Ok(found) }];
        if self.ablate {
            for part in ablated(&model) {
                interrupt::check("information")?;
                let mut rest = model.without(&part)?;
                if self.along.is_some() || self.perturb.is_some() {
                    hold(&mut rest, &model, &adapted)?;
                }
                variants.push(self.without(part, rest, shell)?);
            }
        }
        shell.answer(&show::answer(self, &code, &variants)?)?;
        Ok(Outcome::Done)
    }
    fn without(&self, part: String, model: Model, shell: &Shell) -> Result<Variant> {
        let code = self.code(&model, shell.seed)?;
        let found = code.on(&model).and_then(|coder| {
            let p = model.names().defaults();
            let adapted = match self.through {
                Some(_) => Vec::new(),
                None => coder.adapted(&p, &model.names().start())?,
            };
            self.found(&model, &coder, &p, &adapted)
        });
        Ok(Variant { without: Some(part), model, found })
    }
    fn found(&self, model: &Model, coder: &Coder, p: &[f64], adapted: &[f64]) -> Result<Found> {
        let names = model.names();
        if let Some(text) = &self.through {
            let until = model::time("--through", text)?;
            return Ok(Found::Course(coder.through(p, &names.start(), until, self.points)?));
        }
        if let Some(text) = &self.perturb {
            let change = self.perturbation(names, text)?;
            return Ok(Found::Course(coder.perturbed(p, adapted, &change, self.points)?));
        }
        let Some(text) = &self.along else { return Ok(Found::Point(Box::new(coder.at(p, adapted)?))) };
        let (k, (lo, hi)) = model::range("--along", &names.parameters, "parameter", text)?;
        if self.branch {
            let mut at = coder.at_mean(p);
            at[k] = at[k].clamp(lo, hi);
            let start = coder.adapted(&at, adapted)?;
            let branch = follow(model, &at, &start, &Vary::new(k, (lo, hi)), &Options::default())?;
            return Ok(Found::Sweep(coder.along_branch(p, &branch)?));
        }
        let n = self.points.max(1) as f64;
        let values: Vec<f64> = (0..=self.points.max(1)).map(|i| lo + (hi - lo) * i as f64 / n).collect();
        Ok(Found::Sweep(coder.along(p, adapted, &names.parameters[k].name, &values)?))
    }
    /// The stable fixed point under the mean stimulus: the only one, or the one that `--start` leads to.
    fn adapted(&self, model: &Model, coder: &Coder, p: &[f64], shell: &Shell) -> Result<Vec<f64>> {
        let names = model.names();
        let start = names.start();
        if start.is_empty() || !self.start.is_empty() {
            return coder.adapted(p, &start);
        }
        let search = Search { boxes: 20_000, stop: Some(interrupt::flag_ref()), ..Search::default() };
        let region = match model::region(model, &self.range) {
            Ok(region) => region,
            Err(e) if self.range.is_empty() => {
                shell.warn(&format!("other fixed points were not looked for: {e}"));
                return coder.adapted(p, &start);
            }
            Err(e) => return Err(e),
        };
        let found = fixed_points(model, &coder.at_mean(p), &region, &search)?;
        interrupt::check("information")?;
        let stable: Vec<_> = found.points.iter().filter(|p| p.is_stable()).collect();
        if let [one, other, ..] = stable.as_slice() {
            let far = |q: usize| (one.at[q] - other.at[q]).abs() / (one.at[q].abs() + other.at[q].abs()).max(1e-300);
            let q = (0..start.len()).max_by(|&a, &b| far(a).total_cmp(&far(b))).unwrap_or(0);
            let quantity = &names.variables[q];
            let each = stable.iter().map(|p| short(p.at[q] / quantity.unit.factor));
            return Err(Error::usage(
                format!(
                    "{} rests at {} stable fixed points: {} = {}",
                    names.model,
                    stable.len(),
                    quantity.name,
                    each.collect::<Vec<_>>().join(", ")
                ),
                format!("say which one: --start {}={}", quantity.name, short(one.at[q] / quantity.unit.factor)),
            ));
        }
        if !found.complete {
            shell.warn("other fixed points could not be excluded within 20000 boxes; --start says which one is meant");
        }
        match stable.as_slice() {
            [only] => Ok(only.at.clone()),
            _ => coder.adapted(p, &start).map_err(|e| {
                let help = "ask for the information through learning instead (--through T), or set other parameters";
                Error::domain(
                    format!("{} under the mean stimulus", names.model),
                    format!("it does not come to a stable rest: {e}"),
                    help,
                )
            }),
        }
    }
}

/// The parts whose absence is an experiment.
fn ablated(model: &Model) -> Vec<String> {
    let kinds = [PartKind::Plasticity, PartKind::Homeostasis, PartKind::Modulation];
    let parts = model.items().into_iter().zip(model.parts());
    parts.filter(|(_, part)| kinds.contains(&part.kind)).map(|(item, _)| item).collect()
}

/// What a missing part moved is a parameter again: it stays where it was.
fn hold(rest: &mut Model, whole: &Model, adapted: &[f64]) -> Result<()> {
    for (q, value) in whole.names().variables.iter().zip(adapted) {
        let shown = format!("{} {}", value / q.unit.factor, q.unit);
        let text = if q.unit.is_none() { format!("{}", value / q.unit.factor) } else { shown };
        if rest.names().parameter(&q.name).is_ok() || rest.names().variable(&q.name).is_ok() {
            rest.set(&q.name, &text)?;
        }
    }
    Ok(())
}
