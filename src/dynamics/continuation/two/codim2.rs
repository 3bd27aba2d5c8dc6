//! What happens on a curve of special points? A second degeneracy: located to rounding and checked again.
//!
//! On folds: cusp (½⟨w, B(v,v)⟩ = 0), Bogdanov–Takens (⟨w, v⟩ = 0), zero-Hopf (a pair on the axis).
//! On Hopf points: Bogdanov–Takens (ω² = 0), generalized Hopf (l1 = 0), zero-Hopf (a zero eigenvalue), Hopf–Hopf (a
//! second pair). Each is the zero of a smooth function along the curve, found by regula falsi to rounding with every
//! trial point corrected onto the curve.

use super::super::branch::{Check, EventKind};
use super::super::forms;
use super::super::locate;
use super::system::CurveKind;
use super::walk::{Spot, between as on_chord};
use crate::num::Bracket;
use nalgebra::{Complex, DVector};

/// A second degeneracy on a curve.
#[derive(Clone)]
pub struct Degenerate<'a> {
    pub kind: EventKind,
    /// The point, or the middle of the stretch it was seen on.
    pub z: DVector<f64>,
    pub spot: Option<Spot<'a>>,
    pub omegas: Vec<f64>,
    pub check: Option<Check>,
    pub coefficients: Vec<(&'static str, f64)>,
    /// Does the curve end here?
    pub ends: bool,
}

/// The second degeneracies between two neighbours.
pub fn between<'a>(a: &Spot<'a>, b: &Spot<'a>) -> Vec<Degenerate<'a>> {
    let tests: &[EventKind] = match a.system.kind {
        CurveKind::Fold => &[EventKind::Cusp, EventKind::BogdanovTakens, EventKind::ZeroHopf],
        CurveKind::Hopf => {
            &[EventKind::BogdanovTakens, EventKind::GeneralizedHopf, EventKind::ZeroHopf, EventKind::HopfHopf]
        }
        CurveKind::BranchPoint => &[],
    };
    let mut found: Vec<Degenerate> = Vec::new();
    for &kind in tests {
        // Beyond the Bogdanov–Takens point a Hopf curve is no more.
        if found.iter().any(|d| d.ends) {
            break;
        }
        let (Some(fa), Some(fb)) = (test(a, kind), test(b, kind)) else { continue };
        // A curve that starts at such a point has it behind itself.
        if fa.abs() <= 1e-9 * fb.abs() || fa * fb > 0.0 || !counts(a, b, kind) {
            continue;
        }
        let spot = root(a, b, kind, fa, fb);
        let z = spot.as_ref().map_or_else(|| (a.z() + b.z()) * 0.5, |s| s.z());
        let ends = kind == EventKind::BogdanovTakens && a.system.kind == CurveKind::Hopf;
        let mut event = Degenerate { kind, z, spot, omegas: Vec::new(), check: None, coefficients: Vec::new(), ends };
        forms::describe(&mut event);
        found.push(event);
    }
    // l1 has a pole where another eigenvalue is on the axis: its change of sign there is no zero.
    let pole = found.iter().any(|d| matches!(d.kind, EventKind::ZeroHopf | EventKind::HopfHopf));
    found.retain(|d| !(pole && d.kind == EventKind::GeneralizedHopf && d.check.is_none()));
    found
}

/// The function that vanishes.
pub fn test(at: &Spot, kind: EventKind) -> Option<f64> {
    let problem = at.system.problem;
    match (kind, at.system.kind) {
        (EventKind::Cusp, _) => {
            let along = locate::lift(&at.v, problem.coordinates());
            Some(0.5 * at.w.dot(&problem.second(&at.z(), &along, &along)) / at.system.rate)
        }
        (EventKind::BogdanovTakens, CurveKind::Fold) => Some(at.w.dot(&at.v)),
        (EventKind::BogdanovTakens, _) => Some(at.u[problem.coordinates()]),
        (EventKind::GeneralizedHopf, _) => at.l1(),
        (EventKind::ZeroHopf, CurveKind::Fold) => nearest(pairs(at)).map(|l| l.re),
        (EventKind::ZeroHopf, _) => nearest(reals(at)).map(|l| l.re),
        (EventKind::HopfHopf, _) => nearest(pairs(at)).map(|l| l.re),
        _ => None,
    }
}

/// Did the number of eigenvalues of the right sort in the right half plane change too? Otherwise only the nearest one
/// became another.
fn counts(a: &Spot, b: &Spot, kind: EventKind) -> bool {
    let right = |all: Vec<Complex<f64>>| all.iter().filter(|l| l.re > 0.0).count();
    match (kind, a.system.kind) {
        (EventKind::ZeroHopf, CurveKind::Fold) | (EventKind::HopfHopf, _) => right(pairs(a)) != right(pairs(b)),
        (EventKind::ZeroHopf, _) => right(reals(a)) != right(reals(b)),
        _ => true,
    }
}

/// The complex pairs (Im > 0), without the critical one of a Hopf curve.
pub fn pairs(at: &Spot) -> Vec<Complex<f64>> {
    let mut all: Vec<Complex<f64>> = at.eigenvalues.iter().filter(|l| l.im > 0.0).copied().collect();
    if let Some(omega) = at.omega() {
        let far = |l: &Complex<f64>| (l - Complex::new(0.0, omega)).norm();
        let critical = (0..all.len()).min_by(|&i, &j| far(&all[i]).total_cmp(&far(&all[j])));
        critical.map(|k| all.remove(k));
    }
    all
}

fn reals(at: &Spot) -> Vec<Complex<f64>> {
    at.eigenvalues.iter().filter(|l| l.im == 0.0).copied().collect()
}

/// The one nearest to the imaginary axis.
fn nearest(all: Vec<Complex<f64>>) -> Option<Complex<f64>> {
    all.into_iter().min_by(|x, y| x.re.abs().total_cmp(&y.re.abs()))
}

/// The zero of the test between two neighbours, by regula falsi.
fn root<'a>(a: &Spot<'a>, b: &Spot<'a>, kind: EventKind, fa: f64, fb: f64) -> Option<Spot<'a>> {
    let scale = fa.abs().max(fb.abs());
    let mut bracket = Bracket::new((0.0, fa), (1.0, fb))?;
    let mut best: Option<(f64, Spot)> = None;
    for _ in 0..80 {
        let share = bracket.next();
        let Some((at, f)) = on_chord(a, b, share).and_then(|at| test(&at, kind).map(|f| (at, f))) else { break };
        // At rounding the values no longer get smaller.
        let smallest = best.as_ref().map_or(f64::INFINITY, |(f, _)| *f);
        if f.abs() < smallest {
            best = Some((f.abs(), at));
        }
        if f == 0.0 || bracket.width() < 1e-15 || (f.abs() < 1e-12 * scale && f.abs() > 0.1 * smallest) {
            break;
        }
        bracket.narrow(share, f);
    }
    best.filter(|(f, _)| *f < 1e-6 * scale).map(|(_, at)| at)
}
