//! What does a model tell: at rest, along a parameter, through learning, around a perturbation?

use super::{Information, show};
use crate::cli::Outcome;
use crate::cli::interrupt;
use crate::cli::model;
use crate::cli::rest::{ablated, hold, rest};
use crate::cli::shell::Shell;
use crate::coding::codes::{Coder, Course, Reading, Sweep};
use crate::dynamics::continuation::{Options, Vary, follow};
use crate::field::{Field, Result};
use crate::lang::Model;

/// What was asked for.
pub(super) enum Found {
    Point(Box<Reading>),
    Sweep(Sweep),
    /// Moments that are told, and those between them that a figure shows as well.
    Course {
        told: Course,
        drawn: Course,
    },
}

/// How many times more moments a figure shows: a curve through those that are told would have corners.
const DRAWN: usize = 12;

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
            None => rest(&model, &coder.at_mean(&p), !self.start.is_empty(), &self.range, shell)?,
        };
        // The first error about the code itself (no noise, counts of negative rates) is the answer; elsewhere it is a row.
        let found = self.found(&model, &coder, &p, &adapted, shell)?;
        let mut variants = vec![Variant { without: None, model: model.clone(), found: Ok(found) }];
        if self.ablate {
            for part in ablated(&model) {
                interrupt::check("information")?;
                let mut less = model.without(&part)?;
                if self.along.is_some() || self.perturb.is_some() {
                    hold(&mut less, &model, &adapted)?;
                }
                variants.push(self.without(part, less, shell)?);
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
            self.found(&model, &coder, &p, &adapted, shell)
        });
        Ok(Variant { without: Some(part), model, found })
    }
    fn found(&self, model: &Model, coder: &Coder, p: &[f64], adapted: &[f64], shell: &Shell) -> Result<Found> {
        let names = model.names();
        let figure = shell.out.as_ref().is_some_and(|path| path.extension().is_some_and(|e| e == "svg"));
        let finer = if figure { DRAWN } else { 1 };
        let points = self.points.max(1) * finer;
        let course = |drawn: Course| Found::Course { told: drawn.every(finer), drawn };
        if let Some(text) = &self.through {
            let until = model::time("--through", text)?;
            return Ok(course(coder.through(p, &names.start(), until, points)?));
        }
        if let Some(text) = &self.perturb {
            let change = self.perturbation(names, text)?;
            return Ok(course(coder.perturbed(p, adapted, &change, points)?));
        }
        let Some(text) = &self.along else { return Ok(Found::Point(Box::new(coder.at(p, adapted)?))) };
        let (k, (lo, hi)) = model::range("--along", names, "parameter", text)?;
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
}
