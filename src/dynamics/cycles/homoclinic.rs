//! What does a cycle meet when its period grows without limit? A saddle, or the place where two fixed points are born.
//!
//! Near a homoclinic orbit to a saddle the cycle waits there for T = −ln|λ − λ_h|/κ + …, κ the smaller of the leading
//! unstable and the leading stable rate; near a saddle-node on the cycle T² grows as 1/|λ − λ_c|. Either law gives the
//! parameter of the limit, and the two last estimates its error. The saddle quantity σ (leading unstable plus leading
//! stable rate) says which cycles there are beside it: a stable one for σ < 0 (Shilnikov).

use super::branch::Cycle;
use crate::field::Field;
use crate::num::linalg::{Factored, eigenvalues};
use nalgebra::{Complex, DVector};

/// Which limit a cycle approaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitKind {
    /// A homoclinic orbit to a saddle.
    Homoclinic,
    /// A homoclinic orbit to a saddle-focus, at which the parameter arrives by ever smaller turns to and fro.
    SaddleFocus,
    /// A saddle-node on the cycle (SNIC).
    SaddleNode,
    /// The period grows, but neither law could be confirmed.
    Unknown,
}

impl LimitKind {
    /// The name used in tables and JSON.
    pub fn name(self) -> &'static str {
        match self {
            LimitKind::Homoclinic => "homoclinic",
            LimitKind::SaddleFocus => "homoclinic-to-saddle-focus",
            LimitKind::SaddleNode => "saddle-node-on-cycle",
            LimitKind::Unknown => "unknown",
        }
    }
}

/// What a cycle of growing period approaches.
#[derive(Clone, Debug)]
pub struct Limit {
    /// Which limit.
    pub kind: LimitKind,
    /// The parameter there, extrapolated (coherent unit).
    pub parameter: f64,
    /// What the two last extrapolations say of it: how far they are apart, and what is still to come.
    pub error: f64,
    /// The fixed point that the orbit passes; at a saddle-node, where the orbit is slowest (coherent units).
    pub at: Vec<f64>,
    /// The eigenvalues of the Jacobian there, 1/s.
    pub eigenvalues: Vec<Complex<f64>>,
    /// Leading unstable plus leading stable rate, 1/s; NaN where there are not both.
    pub saddle_quantity: f64,
    /// The smallest distance of the last orbit from that point, relative to the orbit's swings.
    pub distance: f64,
}

/// The fixed point near the slowest place of a cycle, that place, and the smallest distance of the cycle from the point.
fn slowest(field: &dyn Field, cycle: &Cycle) -> (Option<(Vec<f64>, f64)>, Vec<f64>) {
    let n = cycle.scale.len();
    let swing: Vec<f64> = cycle.extremes.iter().map(|(lo, hi)| (hi - lo).max(1e-300)).collect();
    let mut rate = vec![0.0; n];
    let mut speed = |x: &[f64]| {
        field.rate(x, &cycle.p, &mut rate);
        rate.iter().zip(&swing).map(|(f, s)| (f / s).powi(2)).sum::<f64>()
    };
    let nodes: Vec<Vec<f64>> =
        cycle.orbit.nodes.column_iter().map(|c| c.iter().zip(&cycle.scale).map(|(x, s)| x * s).collect()).collect();
    let k = (0..nodes.len()).min_by(|&a, &b| speed(&nodes[a]).total_cmp(&speed(&nodes[b]))).unwrap_or(0);
    let found = rest(field, &cycle.p, &nodes[k], &swing).map(|x| {
        let apart =
            |y: &Vec<f64>| y.iter().zip(&x).zip(&swing).map(|((a, b), s)| ((a - b) / s).abs()).fold(0.0, f64::max);
        let distance = nodes.iter().map(apart).fold(f64::INFINITY, f64::min);
        (x, distance)
    });
    (found, nodes[k].clone())
}

/// Newton's method for a fixed point, not farther away than one swing.
fn rest(field: &dyn Field, p: &[f64], start: &[f64], swing: &[f64]) -> Option<Vec<f64>> {
    let mut x = start.to_vec();
    let mut f = vec![0.0; x.len()];
    for _ in 0..30 {
        field.rate(&x, p, &mut f);
        let step = Factored::new(&field.jacobian(&x, p)).ok()?.solve(&DVector::from_column_slice(&f));
        x.iter_mut().zip(step.iter()).for_each(|(x, s)| *x -= s);
        let near = x.iter().zip(start).zip(swing).all(|((a, b), s)| (a - b).abs() <= *s);
        if !near {
            return None;
        }
        if step.iter().zip(swing).all(|(s, w)| s.abs() < 1e-12 * w) {
            return Some(x);
        }
    }
    None
}

/// The leading stable and unstable rates.
fn leading(eigenvalues: &[Complex<f64>]) -> (f64, f64) {
    let stable = eigenvalues.iter().map(|l| l.re).filter(|r| *r < 0.0).fold(f64::NEG_INFINITY, f64::max);
    let unstable = eigenvalues.iter().map(|l| l.re).filter(|r| *r > 0.0).fold(f64::INFINITY, f64::min);
    (stable, unstable)
}

/// Does this orbit of long period spend its time at a saddle?
pub fn waits_at_saddle(field: &dyn Field, cycle: &Cycle) -> bool {
    let (Some((x, distance)), _) = slowest(field, cycle) else { return false };
    let Ok(values) = eigenvalues(&field.jacobian(&x, &cycle.p)) else { return false };
    let (stable, unstable) = leading(&values);
    distance < 0.05 && stable.is_finite() && unstable.is_finite()
}

/// Do the last turns of a branch (parameter, period) follow the law of a saddle-focus with the eigenvalues −ρ ± iω?
///
/// There λ − λ_h ~ e^{−ρT} cos(ωT + φ): the period grows by π/ω from one turn to the next, and the turns shrink by the
/// factor e^{−πρ/ω} (Glendinning & Sparrow 1984).
pub fn spirals(field: &dyn Field, cycle: &Cycle, turns: &[(f64, f64)]) -> bool {
    let [.., a, b, c] = turns[..] else { return false };
    let (Some((x, distance)), _) = slowest(field, cycle) else { return false };
    let Ok(values) = eigenvalues(&field.jacobian(&x, &cycle.p)) else { return false };
    let (stable, unstable) = leading(&values);
    let pair = |l: &&Complex<f64>| l.im > 0.0 && (l.re == stable || l.re == unstable);
    let Some(pair) = values.iter().find(pair) else { return false };
    let half = std::f64::consts::PI / pair.im;
    let shrinks = -(c.0 - b.0) / (b.0 - a.0);
    let in_time = [b.1 - a.1, c.1 - b.1].iter().all(|gap| (gap / half - 1.0).abs() < 0.1);
    let in_size = (shrinks / (-half * pair.re.abs()).exp() - 1.0).abs() < 0.2;
    distance < 0.05 && stable.is_finite() && unstable.is_finite() && in_time && in_size
}

/// Are the last turns of a branch (parameter, period) no longer told apart, at this resolution of the parameter, while the
/// orbit waits at a saddle?
pub fn arrived(field: &dyn Field, cycle: &Cycle, turns: &[(f64, f64)], resolution: f64) -> bool {
    let [.., a, b, c] = turns[..] else { return false };
    let same = |x: (f64, f64), y: (f64, f64)| (x.0 - y.0).abs() < resolution;
    same(a, b) && same(b, c) && waits_at_saddle(field, cycle)
}

/// The limit of a sequence whose steps shrink by nearly one factor (Aitken), and how far the two last estimates are apart.
fn aitken(turns: &[f64]) -> Option<(f64, f64)> {
    let [.., a, b, c, d] = turns[..] else { return None };
    let limit = |a: f64, b: f64, c: f64| c - (c - b).powi(2) / ((c - b) - (b - a));
    let (early, late) = (limit(a, b, c), limit(b, c, d));
    let shrinks = (d - c).abs() < (c - b).abs() && (c - b).abs() < (b - a).abs();
    (shrinks && late.is_finite()).then(|| (late, (late - early).abs()))
}

/// What the last orbits of a branch approach; `None` for fewer than four orbits. `turns` are the parameters at its folds.
pub fn limit(field: &dyn Field, points: &[Cycle], turns: &[f64]) -> Option<Limit> {
    let n = points.len();
    if n < 4 {
        return None;
    }
    let last = &points[n - 1];
    // Orbits whose periods are well apart, from the end backwards.
    let mut chosen = vec![last];
    for point in points.iter().rev() {
        let before: &Cycle = chosen[chosen.len() - 1];
        if point.period < before.period * 0.97 && chosen.len() < 4 {
            chosen.push(point);
        }
    }
    if chosen.len() < 3 {
        return None;
    }
    let (found, slow) = slowest(field, last);
    if let Some((at, distance)) = found.clone().filter(|(_, d)| *d < 0.05) {
        let values = eigenvalues(&field.jacobian(&at, &last.p)).ok()?;
        let (stable, unstable) = leading(&values);
        let spirals = |rate: f64| values.iter().any(|l| l.re == rate && l.im != 0.0);
        if stable.is_finite() && unstable.is_finite() {
            if let (Some((parameter, error)), true) = (aitken(turns), spirals(stable) || spirals(unstable)) {
                let saddle_quantity = unstable + stable;
                let kind = LimitKind::SaddleFocus;
                return Some(Limit { kind, parameter, error, at, eigenvalues: values, saddle_quantity, distance });
            }
            let rate = unstable.min(-stable);
            let extrapolate = |late: &Cycle, early: &Cycle| {
                let growth = (rate * (late.period - early.period)).exp_m1();
                late.parameter + (late.parameter - early.parameter) / growth
            };
            let (one, other) = (extrapolate(chosen[0], chosen[1]), extrapolate(chosen[1], chosen[2]));
            let (error, walked) = ((one - other).abs(), (last.parameter - chosen[2].parameter).abs());
            // The law holds, and its limit is no farther away than what was walked: an orbit that is merely slow goes on.
            let confirmed = (last.parameter - one).abs() <= walked && error <= 0.1 * (chosen[2].parameter - one).abs();
            return Some(Limit {
                kind: if confirmed { LimitKind::Homoclinic } else { LimitKind::Unknown },
                parameter: one,
                error,
                at,
                eigenvalues: values,
                saddle_quantity: unstable + stable,
                distance,
            });
        }
    }
    let inverse = |c: &Cycle| c.period.powi(-2);
    let extrapolate = |late: &Cycle, early: &Cycle| {
        let (a, b) = (inverse(late), inverse(early));
        late.parameter - a * (late.parameter - early.parameter) / (a - b)
    };
    let (one, other) = (extrapolate(chosen[0], chosen[1]), extrapolate(chosen[1], chosen[2]));
    let apart = (one - other).abs();
    // What the law leaves out is of order 1/T³: the sum of all further such differences.
    let shrinks = (chosen[1].period / chosen[0].period).powi(3);
    let error = apart * (shrinks / (1.0 - shrinks)).max(1.0);
    let values = eigenvalues(&field.jacobian(&slow, &last.p)).ok()?;
    let slowest_rate = values.iter().map(|l| l.norm()).fold(f64::INFINITY, f64::min);
    // The law holds, the ghost's rate is slow as the period is long, and it ends where the period is not yet infinite.
    let confirmed = apart < 0.1 * (last.parameter - one).abs() && slowest_rate * last.period < 60.0;
    let (stable, unstable) = leading(&values);
    Some(Limit {
        kind: if confirmed { LimitKind::SaddleNode } else { LimitKind::Unknown },
        parameter: one,
        error,
        at: slow,
        eigenvalues: values,
        saddle_quantity: if stable.is_finite() && unstable.is_finite() { stable + unstable } else { f64::NAN },
        distance: found.map_or(f64::NAN, |(_, d)| d),
    })
}
