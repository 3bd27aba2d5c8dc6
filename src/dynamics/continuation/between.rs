//! Can a branch hide between the values at which lists were compared? The number of fixed points for *every* value.
//!
//! For a whole range of the parameter the number of fixed points is proven at once, states and parameter cut together
//! ([`counts`]). Where more are proven than branches pass, or where nothing is proven
//! away from all special points, the list of fixed points is asked for in the middle, and what has no branch is followed.

use super::diagram::{Maker, undefined};
use super::follow::Vary;
use crate::dynamics::FixedPoints;
use crate::dynamics::counts::{Counted, Effort, counts};
use crate::field::{Field, Result};

/// A special point has nothing proven beside it, as far away as this share of the range.
const BESIDE: f64 = 0.01;
/// How near to a special point, as a share of the range, nothing is tried.
const CLOSE: f64 = 1e-3;

impl Maker<'_> {
    /// Ranges of the parameter with the number of fixed points that is proven for all of each.
    ///
    /// Nothing is tried right beside the special points that are known.
    pub fn count(&self, field: &dyn Field, p: &[f64], vary: &Vary) -> Result<Vec<Counted>> {
        let (lo, hi) = self.walker.range;
        // A range that is no harder than one value; one that is, is cut.
        let alone = self.lists.iter().map(|(_, list)| list.boxes).max().unwrap_or(0);
        let once = (4 * alone).clamp(64, 500);
        // What a box costs grows with the number of variables.
        let boxes = self.options.boxes * 8 / field.names().variables.len().max(2).pow(3);
        let mut all = Vec::new();
        for gap in self.cuts().windows(2).filter(|w| w[1] > w[0]) {
            let margin = (CLOSE * (hi - lo)).min(0.25 * (gap[1] - gap[0]));
            let beside = |at: f64, sign: f64| if at == lo || at == hi { at } else { at + sign * margin };
            let (a, b) = (beside(gap[0], 1.0), beside(gap[1], -1.0));
            let share = (b - a) / (hi - lo);
            let effort = Effort {
                narrowest: (1e-4 / share).min(0.5),
                smallest: 1e-3,
                once,
                boxes: (share * boxes as f64) as usize,
                stop: self.options.search.stop,
            };
            let branches = |at| self.passing(at).iter().map(|z| self.walker.problem.state(z)).collect();
            let nothing = |range| Counted { range, points: None };
            all.extend((gap[0] < a).then(|| nothing((gap[0], a))));
            match counts(field, p, (vary.parameter(), (a, b)), self.region, branches, &effort) {
                Err(e) if undefined(&e) => all.push(nothing((a, b))),
                other => all.extend(other?),
            }
            all.extend((b < gap[1]).then(|| nothing((b, gap[1]))));
        }
        Ok(all)
    }
    /// Compare the branches with the numbers of fixed points proven for whole ranges, and follow what has no branch.
    /// Answers for which share of the range they agree.
    pub fn between(
        &mut self,
        cells: &[Counted],
        list: impl Fn(f64, &[Vec<f64>]) -> Result<FixedPoints>,
    ) -> Result<f64> {
        let (lo, hi) = self.walker.range;
        let cuts = self.cuts();
        let mut proven = 0.0;
        let mut looked = 0;
        for Counted { range: (a, b), points } in runs(cells) {
            let at = a + 0.513 * (b - a);
            let mut passing: Vec<Vec<f64>> = self.passing(at).iter().map(|z| self.walker.problem.state(z)).collect();
            // A fixed point on the border of the region is in it or not as rounding has it.
            let border = passing.iter().any(|x| self.on_border(x));
            passing.retain(|x| self.region.contains(x));
            if points == Some(passing.len()) {
                proven += (b - a) / (hi - lo);
                continue;
            }
            // Beside a special point nothing can be proven, and nothing else needs to be there.
            let margin = BESIDE * (hi - lo);
            let special = border || cuts.iter().any(|v| (a - margin..=b + margin).contains(v));
            if points.is_none() && special && b - a < margin {
                continue;
            }
            let before = self.traces.len();
            if looked < self.options.checks && !self.interrupted() {
                looked += 1;
                match list(at, &passing) {
                    Ok(found) if found.points.len() > passing.len() => self.start(at, &found),
                    Err(e) if !undefined(&e) => return Err(e),
                    _ => {}
                }
            }
            if self.traces.len() == before {
                let what = match points {
                    Some(points) => format!("{points} fixed points are proven and {} branches pass", passing.len()),
                    None => "how many fixed points there are is not proven".into(),
                };
                let range = [a, b].map(|v| self.walker.shown(v)).join(" and ");
                self.missing.push(format!("{what} for {} between {range}", self.walker.parameter_name()));
            }
        }
        Ok(proven)
    }
    /// Is a state at the border of the region, to a thousandth of its width?
    fn on_border(&self, x: &[f64]) -> bool {
        let near = |(x, (lo, hi)): (&f64, &(f64, f64))| (x - lo).abs().min((x - hi).abs()) < 1e-3 * (hi - lo);
        x.iter().zip(self.region.ranges()).any(near)
    }
}

/// Neighbouring ranges of which the same is known, as one.
fn runs(cells: &[Counted]) -> Vec<Counted> {
    let mut all: Vec<Counted> = Vec::new();
    for cell in cells {
        match all.last_mut().filter(|last| last.points == cell.points) {
            Some(last) => last.range.1 = cell.range.1,
            None => all.push(cell.clone()),
        }
    }
    all
}
