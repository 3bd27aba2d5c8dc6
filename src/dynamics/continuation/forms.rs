//! Is it really the point that it is called, and what happens beside it? Checks and normal forms of codimension two.
//!
//! Everything is computed again from the returned coordinates. In all of them ⟨q,q⟩ = ⟨p,q⟩ = 1 in coherent units.
//!
//! * cusp: c of ṡ = c s³;
//! * Bogdanov–Takens: a, b of ẏ₀ = y₁, ẏ₁ = a y₀² + b y₀ y₁ (Kuznetsov 2004, section 8.4);
//! * generalized Hopf: l2 = Re c₂/ω;
//! * zero-Hopf: s = sign(G₂₀₀ G₀₁₁) and theta = Re H₁₁₀/G₂₀₀ (Kuznetsov 2004, section 8.5);
//! * Hopf–Hopf: the signs of the cubic coefficients of each pair alone, p11 and p22: simple if they agree.

use super::branch::{Check, EventKind};
use super::extended::Extended;
use super::linear::Linear;
use super::locate::lift;
use super::two::Degenerate;
use super::{centre, two};
use crate::num::linalg::{Factored, eigenvalues};
use nalgebra::{Complex, DMatrix, DVector};

type C = Complex<f64>;

/// Fills in frequencies, coefficients and the check of a located point; without a point it stays unverified.
pub fn describe(event: &mut Degenerate) {
    let Some(spot) = event.spot.clone() else { return };
    let problem = spot.system.problem;
    let z = spot.z();
    let here = Linear::at(problem, &z);
    let (speed, residual) = (here.speed(), here.value.norm());
    let Ok(values) = eigenvalues(&here.a) else { return };
    // How far the nearest eigenvalue is from where it should be.
    let off = |wanted: C| values.iter().map(|l| (l - wanted).norm()).fold(f64::INFINITY, f64::min);
    let zero = off(C::from(0.0));
    let at = |omega: f64| off(C::new(0.0, omega));
    let ours = spot.omega().filter(|w| *w > 0.0);
    let other = || two::pairs(&spot).into_iter().min_by(|x, y| x.re.abs().total_cmp(&y.re.abs())).map(|l| l.im);
    let (defining, leading) = match event.kind {
        EventKind::Cusp => {
            let c = centre::zero(&here, 3).map(|b| (b[0], b[1]));
            let Some((a, c)) = c else { return };
            event.coefficients = vec![("c", c)];
            (zero.max(a.abs() * size(problem)), c)
        }
        EventKind::BogdanovTakens => {
            let Some((a, b, defect)) = takens(&here) else { return };
            event.coefficients = vec![("a", a), ("b", b)];
            // A double eigenvalue moves with the root of a perturbation: the Jordan chain is what is checked.
            (defect * speed, if a == 0.0 { a } else { b })
        }
        EventKind::GeneralizedHopf => {
            let Some(omega) = ours else { return };
            event.omegas = vec![omega];
            let found = centre::hopf(&here, omega, 5);
            let l2 = found.and_then(|(_, c2)| c2).map(|c| c.re / omega);
            event.coefficients = l2.map(|l2| ("second_lyapunov", l2)).into_iter().collect();
            // That l1 is zero was seen against its values beside the point.
            (at(omega), l2.unwrap_or(f64::NAN))
        }
        EventKind::ZeroHopf => {
            let Some(omega) = ours.or_else(other) else { return };
            event.omegas = vec![omega];
            let found = zero_hopf(&here, omega);
            event.coefficients = found.map(|(s, theta)| vec![("s", s), ("theta", theta)]).unwrap_or_default();
            (zero.max(at(omega)), found.map_or(f64::NAN, |(s, _)| s))
        }
        EventKind::HopfHopf => {
            let (Some(first), Some(second)) = (ours, other()) else { return };
            event.omegas = vec![first, second];
            let cubic = [first, second].map(|w| centre::hopf(&here, w, 3).map(|(c1, _)| c1.re));
            if let [Some(p11), Some(p22)] = cubic {
                event.coefficients = vec![("p11", p11), ("p22", p22)];
            }
            let product = cubic.iter().map(|c| c.unwrap_or(f64::NAN)).product();
            (at(first).max(at(second)), product)
        }
        _ => return,
    };
    let sound = residual < 1e-9 * speed && defining < 1e-6 * speed && leading != 0.0;
    let check = Check { residual, defining, transversality: f64::NAN, nondegeneracy: leading };
    event.check = sound.then_some(check);
}

/// The length of the null vector's unit in scaled coordinates: makes a coefficient of s² a rate.
fn size(problem: &Extended) -> f64 {
    problem.units().iter().map(|s| s * s).sum::<f64>().sqrt()
}

/// a and b at a double zero, and how well J q₀ = 0, J q₁ = q₀ holds relative to ‖J‖.
fn takens(here: &Linear) -> Option<(f64, f64, f64)> {
    let Linear { problem, z, a: j, .. } = here;
    let (n, m) = (problem.variables(), problem.coordinates());
    let (v, w) = here.null()?;
    let length = v.vector.iter().zip(problem.units()).map(|(c, s)| c * c * s * s).sum::<f64>().sqrt();
    let q0 = &v.vector / length;
    let mut bordered = DMatrix::zeros(n + 1, n + 1);
    bordered.view_mut((0, 0), (n, n)).copy_from(j);
    bordered.view_mut((0, n), (n, 1)).copy_from(w);
    bordered.view_mut((n, 0), (1, n)).copy_from(&v.vector.transpose());
    let factored = Factored::of(bordered).ok()?;
    let with = |top: &DVector<f64>| DVector::from_fn(n + 1, |i, _| if i < n { top[i] } else { 0.0 });
    let (right, left) = (factored.solve(&with(&q0)), factored.solve_transposed(&with(w)));
    let q1 = right.rows(0, n).into_owned();
    // p₁ = α w and p₀ = α w₁ + β w with ⟨p₀, q₀⟩ = ⟨p₁, q₁⟩ = 1 and ⟨p₀, q₁⟩ = 0.
    let w1 = left.rows(0, n).into_owned();
    let alpha = 1.0 / w.dot(&q1);
    let p1 = w * alpha;
    let p0 = &w1 * alpha - &p1 * (w1.dot(&q1) * alpha);
    let b = |x: &DVector<f64>, y: &DVector<f64>| problem.second(z, &lift(x, m), &lift(y, m));
    let (b00, b01) = (b(&q0, &q0), b(&q0, &q1));
    let defect = (right[n].abs() / q0.norm()).max(v.sigma / v.norm.max(f64::MIN_POSITIVE));
    let (a, b) = (0.5 * p1.dot(&b00), p0.dot(&b00) + p1.dot(&b01));
    (a.is_finite() && b.is_finite()).then_some((a, b, defect))
}

/// s and theta at a zero-Hopf point.
fn zero_hopf(here: &Linear, omega: f64) -> Option<(f64, f64)> {
    let m = here.problem.coordinates();
    let (q0, p0) = here.null_pair()?;
    let (q1, p1) = here.pair(omega)?;
    let (re, im) = (lift(&q1.map(|c| c.re), m), lift(&q1.map(|c| c.im), m));
    let q0 = lift(&q0, m);
    let b = |x: &DVector<f64>, y: &DVector<f64>| here.problem.second(here.z, x, y);
    let g200 = 0.5 * p0.dot(&b(&q0, &q0));
    let g011 = p0.dot(&(b(&re, &re) + b(&im, &im)));
    let h110 = p1.dotc(&b(&q0, &re).zip_map(&b(&q0, &im), C::new));
    let found = ((g200 * g011).signum(), h110.re / g200);
    (found.1.is_finite() && g200 != 0.0).then_some(found)
}

/// The coefficients of a verified event on a branch: fold a; branch point a, b, c and its corank; Hopf l1 and l2.
pub fn on_branch(here: &Linear, kind: EventKind, omega: Option<f64>) -> Vec<(&'static str, f64)> {
    match kind {
        EventKind::Fold => centre::zero(here, 3).map(|b| vec![("a", b[0]), ("c", b[1])]).unwrap_or_default(),
        EventKind::BranchPoint => {
            let Some(b) = centre::zero(here, 3) else { return Vec::new() };
            let mut found = vec![("a", b[0]), ("c", b[1])];
            found.extend(crossing(here).map(|b| ("b", b)));
            found
        }
        EventKind::Hopf => {
            let found = omega.and_then(|w| Some((w, centre::hopf(here, w, 5)?.1?)));
            found.map(|(w, c2)| vec![("second_lyapunov", c2.re / w)]).unwrap_or_default()
        }
        _ => Vec::new(),
    }
}

/// How fast the critical eigenvalue changes with the parameter along the steepest branch through a branch point:
/// b = ⟨p, B(q, t)⟩ with t moving the parameter by one coherent unit.
fn crossing(here: &Linear) -> Option<f64> {
    let Linear { problem, z, .. } = here;
    let (n, m) = (problem.variables(), problem.coordinates());
    let (tangents, _) = super::normal_form::branch_tangents(here)?;
    let along = tangents.into_iter().filter(|t| t[n].abs() > 1e-8).max_by(|x, y| x[n].abs().total_cmp(&y[n].abs()))?;
    let unit = along.clone() / problem.parameter(&along, 0);
    let (q, p) = here.null_pair()?;
    Some(p.dot(&problem.second(z, &lift(&q, m), &unit)))
}
