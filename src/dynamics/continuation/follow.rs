//! What is asked of a branch: which parameter, how far, from where?

use super::branch::Branch;
use super::extended::Extended;
use super::walker::{Trace, Walker};
use crate::field::{Error, Field, Result};

/// Which parameter moves, and how far.
#[derive(Clone, Debug)]
pub struct Vary {
    parameter: usize,
    range: (f64, f64),
}

impl Vary {
    /// The parameter with this index, over this range (coherent units).
    pub fn new(parameter: usize, range: (f64, f64)) -> Self {
        Vary { parameter, range }
    }
    /// The parameter's index.
    pub fn parameter(&self) -> usize {
        self.parameter
    }
    /// The parameter's range.
    pub fn range(&self) -> (f64, f64) {
        self.range
    }
    /// Does the parameter exist, and is the range one?
    pub(super) fn check(&self, field: &dyn Field) -> Result<()> {
        let (lo, hi) = self.range;
        let Some(quantity) = field.names().parameters.get(self.parameter) else {
            return Err(Error::usage(format!("there is no parameter number {}", self.parameter), "give its index"));
        };
        if lo < hi && (hi - lo).is_finite() {
            return Ok(());
        }
        Err(Error::usage(format!("the range {lo} to {hi} of `{}` is empty", quantity.name), "give LO:HI"))
    }
}

/// How a branch is followed. Lengths are in scaled coordinates: the whole range of the parameter is one.
#[derive(Clone, Debug)]
pub struct Options {
    /// The first step.
    pub step: f64,
    /// The smallest step before giving up.
    pub step_min: f64,
    /// The largest step; a variable that is larger than its typical size may move as many times farther.
    pub step_max: f64,
    /// The largest number of points in each direction.
    pub points: usize,
    /// Where the variables may go (coherent units); `None` for anywhere.
    pub region: Option<Vec<(f64, f64)>>,
}

impl Default for Options {
    fn default() -> Self {
        Options { step: 0.01, step_min: 1e-9, step_max: 0.05, points: 2000, region: None }
    }
}

/// The branch of fixed points through `start` (a fixed point at the parameters `p`), followed both ways.
///
/// Errors: a parameter or range that makes no sense, or a start from which no fixed point is found. A branch that ends
/// is not an error: [`Branch::stopped`] says why.
pub fn follow(field: &dyn Field, p: &[f64], start: &[f64], vary: &Vary, options: &Options) -> Result<Branch> {
    vary.check(field)?;
    let names = field.names();
    crate::dynamics::request::check_lengths(names, p, start)?;
    let (lo, hi) = vary.range;
    let at = p[vary.parameter];
    if !(lo..=hi).contains(&at) {
        let quantity = &names.parameters[vary.parameter];
        let [at, lo, hi] = [at, lo, hi].map(|v| quantity.unit.rounded(v));
        let what = format!("`{}` = {at} lies outside its range {lo} to {hi}", quantity.name);
        return Err(Error::usage(what, "start inside of the range"));
    }
    let size = |i: usize, x: f64| match x.abs().max(names.variables[i].value.abs()) {
        s if s > 1e-12 => s,
        _ => 1.0,
    };
    let scale: Vec<f64> = start.iter().enumerate().map(|(i, &x)| size(i, x)).chain([hi - lo]).collect();
    let problem = Extended::new(field, p, &[vary.parameter], scale);
    let walker = Walker::new(field, problem, vary, options);
    let first = walker.start(start, at)?;
    Ok(walker.branch(both_ways(&walker, &first)))
}

/// The curve through a point, followed both ways.
pub(super) fn both_ways(walker: &Walker, first: &super::walker::Here) -> Trace {
    use super::branch::Stopped;
    let back = walker.walk(first, -1.0);
    match back.stopped.1 {
        Stopped::Closed => Trace { stopped: (Stopped::Closed, Stopped::Closed), ..back },
        _ => Trace::join(back, walker.walk(first, 1.0)),
    }
}
