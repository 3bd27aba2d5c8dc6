//! What happened between two neighbouring orbits? It is told from test functions, whose signs change at special orbits.
//!
//! * dλ/ds, the parameter along the branch: a fold, where a multiplier passes +1 too.
//! * ∏ (μ − 1) over all multipliers but the trivial one: a fold, or a branch point where the parameter does not turn.
//! * ∏ (μ + 1): a period doubling.
//! * ∏ (μ_i μ_j − 1) over pairs: a torus bifurcation, or a neutral pair of real multipliers, which is nothing.
//!
//! Each factor is divided by 1 + |μ|, because multipliers grow beyond 10⁵⁰ on the way to a saddle. Two crossings of one kind
//! leave the sign as it is: where the parabola through three neighbours comes near to zero between them, or where the number
//! of multipliers outside of the unit circle is not explained by the signs, the step is looked at in parts.

use super::branch::{CycleEvent, CycleEventKind};
use super::locate::REFINED;
use super::special::Critical;
use super::tracker::{Tracker, UNMOVED, distance};
use super::walk::Here;
use nalgebra::Complex;

/// How often a step is divided for a closer look.
const DIVIDED: usize = 6;
/// What of a test is more than the error of two multipliers that meet.
const CLEAR: f64 = 1e-2;
/// How near to zero, relative to the nearer end, a parabola must come for a closer look.
const NEAR: f64 = 0.1;

/// A function along a branch that passes zero at special orbits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Test {
    Turn,
    Plus,
    Minus,
    Round,
}

impl Test {
    const ALL: [Test; 4] = [Test::Turn, Test::Plus, Test::Minus, Test::Round];
    /// Its value at an orbit; NaN where the multipliers are not known.
    pub fn at(self, here: &Here) -> f64 {
        match (self, here.multipliers()) {
            (Test::Turn, _) => here.tangent.q[1],
            (_, None) => f64::NAN,
            (Test::Plus, Some(m)) => m.others.iter().map(|m| scaled(*m, -1.0)).product::<Complex<f64>>().re,
            (Test::Minus, Some(m)) => m.others.iter().map(|m| scaled(*m, 1.0)).product::<Complex<f64>>().re,
            (Test::Round, Some(m)) => pairs(&m.others),
        }
    }
}

/// (μ + shift)/(1 + |μ|).
fn scaled(m: Complex<f64>, shift: f64) -> Complex<f64> {
    (m + shift) / (1.0 + m.norm())
}

/// ∏ (μ_i μ_j − 1)/(1 + |μ_i μ_j|) over i < j.
fn pairs(all: &[Complex<f64>]) -> f64 {
    let mut product = Complex::from(1.0);
    for (i, a) in all.iter().enumerate() {
        for b in &all[i + 1..] {
            // The product of two may leave the range of numbers.
            let size = (a.norm().ln() + b.norm().ln()).exp();
            product *= if size < 1e15 { scaled(a * b, -1.0) } else { (a / a.norm()) * (b / b.norm()) };
        }
    }
    product.re
}

/// Are the two whose product is nearest to one in size a complex pair?
fn turns_at_one(all: &[Complex<f64>]) -> bool {
    let two = all.iter().enumerate().flat_map(|(i, a)| all[i + 1..].iter().map(move |b| (a, b)));
    let far = |(a, b): &(&Complex<f64>, &Complex<f64>)| (a.norm().ln() + b.norm().ln()).abs();
    two.min_by(|x, y| far(x).total_cmp(&far(y))).is_some_and(|(a, b)| a.im != 0.0 && b.im != 0.0)
}

/// Multipliers outside of the unit circle.
fn outside(here: &Here) -> Option<usize> {
    here.multipliers().map(|m| m.others.iter().filter(|m| m.norm() > 1.0).count())
}

/// What was seen between two orbits.
#[derive(Default)]
pub struct Seen {
    pub events: Vec<CycleEvent>,
    /// Multipliers that pass +1 while the parameter stands still to rounding: folds that cannot be told apart.
    pub still: usize,
}

impl Seen {
    pub fn extend(&mut self, more: Seen) {
        self.events.extend(more.events);
        self.still += more.still;
    }
}

/// Where the tests are known beside an interval: the distance from its start, negative before it.
pub struct Beside {
    at: f64,
    tests: [f64; 4],
}

impl Beside {
    pub fn new(at: f64, here: &Here) -> Self {
        Beside { at, tests: Test::ALL.map(|t| t.at(here)) }
    }
}

/// Two neighbouring orbits a step apart.
#[derive(Clone, Copy)]
pub struct Between<'h> {
    pub a: &'h Here,
    pub b: &'h Here,
    pub step: f64,
}

impl Between<'_> {
    /// Does the parameter move by less than what is told from none?
    fn still(&self) -> bool {
        let slope = |h: &Here| Test::Turn.at(h).abs();
        let moved = (self.b.u.q[1] - self.a.u.q[1]).abs();
        moved.max(slope(self.a).max(slope(self.b)) * self.step) < UNMOVED
    }
    fn passes(&self, test: Test) -> bool {
        test.at(self.a) * test.at(self.b) < 0.0
    }
    /// Is a test away from zero at both ends, by more than the error of multipliers that are all nearly one?
    fn clearly(&self, test: Test) -> bool {
        test.at(self.a).abs().min(test.at(self.b).abs()) > CLEAR
    }
    /// Where in the interval, as a share of it, a test may pass zero twice.
    pub fn suspect(&self, beside: &Beside) -> Option<f64> {
        let still = self.still();
        let tests = Test::ALL.into_iter().zip(beside.tests).filter(|(t, _)| *t != Test::Turn || !still);
        tests.filter_map(|(t, other)| hidden([t.at(self.a), t.at(self.b), other], beside.at / self.step)).next()
    }
}

/// The extremum within (0, 1) of the parabola through y₀ at 0, y₁ at 1 and y₂ at `x`, if it lies beyond zero or near it.
fn hidden([a, b, other]: [f64; 3], x: f64) -> Option<f64> {
    let bend = ((other - a) / x - (b - a)) / (x - 1.0);
    let slope = (b - a) - bend;
    let at = -0.5 * slope / bend;
    let value = a + slope * at + bend * at * at;
    let sought = a * b > 0.0 && (0.02..=0.98).contains(&at) && value * a.signum() < NEAR * a.abs().min(b.abs());
    sought.then_some(at)
}

impl Tracker<'_> {
    /// What happened between two neighbouring orbits, in the order in which it is passed.
    pub fn events(&self, between: Between, beside: Option<&Beside>) -> Seen {
        let mut seen = Seen::default();
        self.look(between, beside, DIVIDED, between.still(), &mut seen);
        seen
    }
    fn look(&self, between: Between, beside: Option<&Beside>, depth: usize, still: bool, seen: &mut Seen) {
        let Between { a, b, .. } = between;
        let (Some(before), Some(after)) = (outside(a), outside(b)) else {
            // Told once: where the multipliers are lost.
            if outside(a).is_some() {
                seen.events.push(self.unlocated(CycleEventKind::Unexplained, between));
            }
            return;
        };
        if depth > 0
            && let Some(share) = beside.and_then(|beside| between.suspect(beside))
            && self.divide(between, share, depth, still, seen)
        {
            return;
        }
        let [turns, plus, minus, round] = Test::ALL.map(|test| between.passes(test));
        let change = before.abs_diff(after);
        let singly = usize::from(plus) + usize::from(minus);
        let lone_turn = turns && !plus && !still;
        // Where the parameter stands still, a multiplier that is one up to its error lies on either side of the circle.
        let either = still && !between.clearly(Test::Plus);
        if (lone_turn || change > singly + 2 * usize::from(round))
            && !either
            && depth > 0
            && self.divide(between, 0.5, depth, still, seen)
        {
            return;
        }
        let mut found = Vec::new();
        let mut explained = singly;
        if plus && still && turns && between.clearly(Test::Plus) {
            found.push(self.still_fold(between));
        } else if plus && still {
            seen.still += 1;
        } else if turns && !still {
            found.push(self.special_event(Critical::Fold, Test::Turn, between));
        } else if plus {
            found.push(self.branch_point(between));
        }
        if minus {
            found.push(self.special_event(Critical::Doubling, Test::Minus, between));
        }
        if round && let Some(torus) = self.torus(between) {
            found.push(torus);
            explained += 2;
        }
        if change > explained && either {
            seen.still += 1;
        } else if lone_turn || change > explained {
            found.push(self.unlocated(CycleEventKind::Unexplained, between));
        }
        // As far as the period tells.
        let ahead = (b.u.q[0] - a.u.q[0]).signum();
        found.sort_by(|x, y| (ahead * x.cycle.period).total_cmp(&(ahead * y.cycle.period)));
        seen.events.extend(found);
    }
    /// Looks at both parts of an interval; false if there is no orbit at `share` of it.
    fn divide(&self, between: Between, share: f64, depth: usize, still: bool, seen: &mut Seen) -> bool {
        let Between { a, b, step } = between;
        let near = share * step;
        let Some(middle) = self.walker.advance(a, near) else { return false };
        let rest = distance(&self.walker, &middle, b);
        let (before, behind) = (Beside::new(-near, a), Beside::new(near + rest, b));
        self.look(Between { a, b: &middle, step: near }, Some(&behind), depth - 1, still, seen);
        self.look(Between { a: &middle, b, step: rest }, Some(&before), depth - 1, still, seen);
        true
    }
    /// A canard explosion folds within the last digits of the parameter, and its fold does not follow from the extended
    /// equations: they lose it along the branch to the same digits. There the multiplier tells where it is.
    fn still_fold(&self, between: Between) -> CycleEvent {
        let kind = CycleEventKind::Fold;
        let solved = self.special_event(Critical::Fold, Test::Plus, between);
        if solved.verified {
            return solved;
        }
        let finer = self.walker.refined(between.a, REFINED);
        let on_finer = Between { a: finer.as_ref().unwrap_or(between.a), ..between };
        let Some(at) = self.between(on_finer, Test::Plus, 1e-12) else { return self.unlocated(kind, between) };
        let along = (at.tangent.orbit.clone(), at.tangent.q[0]);
        self.event(kind, &at, Some(along), between)
    }
    /// Where a real multiplier other than the trivial one passes one although the parameter does not turn.
    fn branch_point(&self, between: Between) -> CycleEvent {
        let kind = CycleEventKind::BranchPoint;
        let Some(at) = self.between(between, Test::Plus, 1e-12) else { return self.unlocated(kind, between) };
        let vector = self.crossing_direction(&at).map(|v| (v, 0.0));
        self.event(kind, &at, vector, between)
    }
    /// Where a pair of multipliers has the product one: a torus bifurcation if the pair is complex.
    fn torus(&self, between: Between) -> Option<CycleEvent> {
        let turning = |h: &Here| h.multipliers().is_some_and(|m| m.others.iter().any(|m| m.im != 0.0));
        let Some(near) = self.between(between, Test::Round, 1e-3) else {
            let perhaps = turning(between.a) || turning(between.b);
            return perhaps.then(|| self.unlocated(CycleEventKind::Torus, between));
        };
        near.multipliers()
            .is_some_and(|m| turns_at_one(&m.others))
            .then(|| self.special_event(Critical::Torus, Test::Round, between))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn theory_a_parabola_beyond_zero_is_suspected() {
        let parabola = |x: f64| (x - 0.3) * (x - 0.5);
        let three = |other: f64| [parabola(0.0), parabola(1.0), parabola(other)];
        for other in [-0.7, 1.8] {
            assert!((hidden(three(other), other).unwrap() - 0.4).abs() < 1e-12);
        }
        // Far from zero, or passing it once, there is nothing hidden.
        assert!(hidden([2.0, 2.1, 3.0], -1.0).is_none() && hidden([1.0, -1.0, 2.0], -1.0).is_none());
        assert!(hidden([f64::NAN, 1.0, 1.0], -1.0).is_none() && hidden([1.0, 1.0, 1.0], -1.0).is_none());
    }
}
