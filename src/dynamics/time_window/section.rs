//! Which part of a branch has one fixed point for every value of the parameter? The stretch from turn to turn.

use super::logarithm::Logarithmic;
use crate::dynamics::continuation::{Branch, Event, EventKind, Stopped};
use crate::dynamics::request::scales;
use crate::field::Field;
use crate::num::linalg::{Factored, spectral_abscissa};
use nalgebra::DVector;

/// Why a section ends.
#[derive(Clone, Debug)]
pub enum Halt {
    /// The branch turns round there.
    Turn(Option<Event>),
    /// The branch itself ends.
    Branch(Stopped),
}

/// A stretch of the parameter and a box of states, one range per variable.
type Piece = ((f64, f64), Vec<(f64, f64)>);

/// Fixed points over ascending values of the parameter.
pub struct Section<'a> {
    field: &'a Logarithmic<'a>,
    p: Vec<f64>,
    place: usize,
    /// Parameter and state, ascending.
    pub points: Vec<(f64, Vec<f64>)>,
    /// The special points on it, ascending.
    pub events: Vec<Event>,
    /// From where to where.
    pub ends: (f64, f64),
    /// Why it ends at either side.
    pub halts: (Halt, Halt),
}

impl<'a> Section<'a> {
    /// The section of `branch` around the point nearest to `q` and `at`.
    pub fn around(field: &'a Logarithmic<'a>, p: &[f64], place: usize, branch: &Branch, q: f64, at: &[f64]) -> Self {
        let sizes = scales(field.names(), at);
        let far = |k: usize| {
            let point = &branch.points[k];
            let state = point.at.iter().zip(at).zip(&sizes).map(|((a, b), s)| (a - b).abs() / s);
            state.fold((point.parameter - q).abs(), f64::max)
        };
        let here = (0..branch.points.len()).min_by(|&a, &b| far(a).total_cmp(&far(b))).unwrap_or(0);
        let q_at = |k: usize| branch.points[k].parameter;
        let (mut low, mut high) = (here, here);
        while high + 1 < branch.points.len() && q_at(high + 1) > q_at(high) {
            high += 1;
        }
        while low > 0 && q_at(low - 1) < q_at(low) {
            low -= 1;
        }
        let fold = |a: f64, b: f64| {
            let near = |e: &&Event| {
                e.kind == EventKind::Fold && e.parameter >= a.min(b) - 1.0 && e.parameter <= a.max(b) + 1.0
            };
            let found = branch.events.iter().filter(near);
            found.min_by(|x, y| (x.parameter - a).abs().total_cmp(&(y.parameter - a).abs())).cloned()
        };
        let halt = |k: usize, next: Option<usize>, stopped: &Stopped| match next {
            Some(next) => Halt::Turn(fold(q_at(k), q_at(next))),
            None => Halt::Branch(stopped.clone()),
        };
        let halts = (
            halt(low, low.checked_sub(1), &branch.stopped.0),
            halt(high, Some(high + 1).filter(|k| *k < branch.points.len()), &branch.stopped.1),
        );
        let end = |k: usize, halt: &Halt| match halt {
            Halt::Turn(Some(event)) => event.parameter,
            _ => q_at(k),
        };
        let ends = (end(low, &halts.0), end(high, &halts.1));
        let points = branch.points[low..=high].iter().map(|b| (b.parameter, b.at.clone())).collect();
        let inside = |e: &&Event| e.kind != EventKind::Fold && e.parameter > ends.0 && e.parameter < ends.1;
        let mut events: Vec<Event> = branch.events.iter().filter(inside).cloned().collect();
        events.sort_by(|a, b| a.parameter.total_cmp(&b.parameter));
        Section { field, p: p.to_vec(), place, points, events, ends, halts }
    }

    /// The parameters at the value `q` of the varied one.
    fn at(&self, q: f64) -> Vec<f64> {
        let mut p = self.p.clone();
        p[self.place] = q;
        p
    }

    /// The fixed point at `q`: between its neighbours on the branch, corrected by Newton's method and checked there.
    pub fn rest(&self, q: f64) -> Option<Vec<f64>> {
        let after = self.points.partition_point(|(at, _)| *at < q).clamp(1, self.points.len().max(2) - 1);
        let (a, b) = (self.points.get(after - 1)?, self.points.get(after).unwrap_or(&self.points[after - 1]));
        let share = if b.0 > a.0 { ((q - a.0) / (b.0 - a.0)).clamp(0.0, 1.0) } else { 0.0 };
        let mut x: Vec<f64> = a.1.iter().zip(&b.1).map(|(a, b)| a + share * (b - a)).collect();
        let (p, sizes) = (self.at(q), scales(self.field.names(), &x));
        let mut rates = DVector::zeros(x.len());
        for _ in 0..20 {
            self.field.rate(&x, &p, rates.as_mut_slice());
            let step = Factored::new(&self.field.jacobian(&x, &p)).ok()?.solve(&rates);
            x.iter_mut().zip(step.iter()).for_each(|(x, s)| *x -= s);
            let size = step.iter().zip(&sizes).map(|(s, size)| s.abs() / size).fold(0.0, f64::max);
            if !size.is_finite() {
                return None;
            }
            if size < 1e-13 {
                break;
            }
        }
        self.field.rate(&x, &p, rates.as_mut_slice());
        let step = Factored::new(&self.field.jacobian(&x, &p)).ok()?.solve(&rates);
        step.iter().zip(&sizes).all(|(s, size)| s.abs() < 1e-9 * size).then_some(x)
    }

    /// The largest real part of an eigenvalue of the fixed point at `q` (1/s).
    pub fn abscissa(&self, q: f64) -> Option<f64> {
        let x = self.rest(q)?;
        spectral_abscissa(&self.field.jacobian(&x, &self.at(q))).ok().filter(|a| a.is_finite())
    }

    /// Pieces over which no variable moves by more than a twentieth of its size: their parameters and a box of states
    /// with some room around.
    pub fn pieces(&self) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut first = 0;
        while first + 1 < self.points.len() {
            let sizes = scales(self.field.names(), &self.points[first].1);
            let extent = |last: usize| -> Vec<(f64, f64)> {
                let over = |i: usize| self.points[first..=last].iter().map(move |(_, x)| x[i]);
                (0..sizes.len())
                    .map(|i| (over(i).fold(f64::INFINITY, f64::min), over(i).fold(f64::NEG_INFINITY, f64::max)))
                    .collect()
            };
            let narrow = |last: usize| extent(last).iter().zip(&sizes).all(|((lo, hi), s)| hi - lo <= 0.05 * s);
            let mut last = first + 1;
            while last + 1 < self.points.len() && narrow(last + 1) {
                last += 1;
            }
            let pad = |((lo, hi), s): ((f64, f64), &f64)| {
                let pad = 1e-3 * s + 0.25 * (hi - lo);
                (lo - pad, hi + pad)
            };
            let room = extent(last).into_iter().zip(&sizes).map(pad).collect();
            pieces.push(((self.points[first].0, self.points[last].0), room));
            first = last;
        }
        pieces
    }
}
