//! What happens beyond the special point? Coefficients of normal forms from Taylor series.
//!
//! Fold: a = ½⟨p, B(q,q)⟩. Hopf: Kuznetsov's first Lyapunov coefficient
//! l1 = Re[⟨p, C(q,q,q̄)⟩ − 2⟨p, B(q, A⁻¹B(q,q̄))⟩ + ⟨p, B(q̄, (2iω − A)⁻¹B(q,q))⟩]/(2ω), ⟨q,q⟩ = ⟨p,q⟩ = 1.

use super::branch::Check;
use super::extended::Extended;
use super::linear::Linear;
use super::locate::lift;
use crate::num::linalg::{eigenvalues, null_vector, solve};
use nalgebra::{Complex, DMatrix, DVector};

type C = Complex<f64>;

/// A complex direction of the variables, as real and imaginary directions of all coordinates.
struct Direction {
    re: DVector<f64>,
    im: DVector<f64>,
}

impl Direction {
    fn new(q: &DVector<C>, coordinates: usize) -> Self {
        Direction { re: lift(&q.map(|c| c.re), coordinates), im: lift(&q.map(|c| c.im), coordinates) }
    }
    fn conjugate(&self) -> Self {
        Direction { re: self.re.clone(), im: -&self.im }
    }
}

fn complex(re: DVector<f64>, im: DVector<f64>) -> DVector<C> {
    re.zip_map(&im, C::new)
}

/// B(u, v) of complex directions.
fn second(problem: &Extended, z: &DVector<f64>, u: &Direction, v: &Direction) -> DVector<C> {
    let both = |x: &DVector<f64>| problem.seconds_of(z, x, [&v.re, &v.im]);
    let ([rr, ri], [ir, ii]) = (both(&u.re), both(&u.im));
    complex(rr - ii, ri + ir)
}

/// C(q, q, q̄) by polarisation along the real and imaginary parts.
fn cubic(problem: &Extended, z: &DVector<f64>, q: &Direction) -> DVector<C> {
    let c = |u: &DVector<f64>| problem.third(z, u);
    let (aaa, bbb) = (c(&q.re), c(&q.im));
    let (plus, minus) = (c(&(&q.re + &q.im)), c(&(&q.re - &q.im)));
    let aab = (&plus - &minus) / 6.0 - &bbb / 3.0;
    let abb = (&plus + &minus) / 6.0 - &aaa / 3.0;
    complex(aaa + abb, aab + bbb)
}

/// ⟨p, v⟩ = p̄ᵀ v.
fn inner(p: &DVector<C>, v: &DVector<C>) -> C {
    p.dotc(v)
}

/// Terms of a coefficient that cancel to this share of their size cancel to rounding.
const ROUNDING: f64 = 1e-11;

/// The first Lyapunov coefficient at a Hopf point, zero where its terms cancel to rounding; `None` for a field without
/// jets or a double pair. q is normalised in the variables' own units, not in the scaled ones.
pub fn first_lyapunov(here: &Linear, omega: f64) -> Option<f64> {
    let Linear { problem, z, a, .. } = here;
    let (n, m) = (problem.variables(), problem.coordinates());
    let (q, p) = here.pair(omega)?;
    let direction = Direction::new(&q, m);
    let mixed = second(problem, z, &direction, &direction.conjugate()).map(|c| c.re);
    let doubled = second(problem, z, &direction, &direction);
    let h11 = solve(a, &mixed).ok()?;
    let resolvent = DMatrix::from_fn(n, n, |i, j| C::new(-a[(i, j)], if i == j { 2.0 * omega } else { 0.0 }));
    let h20 = resolvent.lu().solve(&doubled)?;
    let h11 = Direction { re: lift(&h11, m), im: DVector::zeros(m) };
    let terms = [
        inner(&p, &cubic(problem, z, &direction)),
        inner(&p, &second(problem, z, &direction, &h11)) * -2.0,
        inner(&p, &second(problem, z, &direction.conjugate(), &Direction::new(&h20, m))),
    ];
    let sum = terms.iter().map(|t| t.re).sum::<f64>();
    let size = terms.iter().map(|t| t.norm()).sum::<f64>();
    let l1 = if sum.abs() <= ROUNDING * size { 0.0 } else { sum / (2.0 * omega) };
    size.is_finite().then_some(l1)
}

/// How fast the critical pair crosses the axis with the first free parameter: d Re λ/d(scaled parameter), 1/s.
pub fn crossing_speed(here: &Linear, omega: f64) -> Option<f64> {
    let (n, m) = (here.problem.variables(), here.problem.coordinates());
    let (q, p) = here.pair(omega)?;
    // Along the branch dx/dλ = −J⁻¹ F_λ, and dλ_k = ⟨p, dJ q⟩.
    let slope = solve(&here.a, &-here.full.column(n).into_owned()).ok()?;
    let along = DVector::from_fn(m, |i, _| if i < n { slope[i] } else { f64::from(u8::from(i == n)) });
    let along = Direction { re: along, im: DVector::zeros(m) };
    Some(inner(&p, &second(here.problem, here.z, &Direction::new(&q, m), &along)).re)
}

/// The fold's check: the eigenvalue nearest to zero, wᵀ F_λ and a = ½ wᵀ B(v, v) with wᵀ v = 1.
pub fn fold_check(here: &Linear) -> Option<Check> {
    let Linear { problem, z, a, full, .. } = here;
    let (n, m) = (problem.variables(), problem.coordinates());
    let (v, w) = here.null()?;
    let overlap = w.dot(&v.vector);
    let w = if overlap.abs() > 1e-8 { w / overlap } else { w.clone() };
    let v = lift(&v.vector, m);
    Some(Check {
        residual: here.value.norm(),
        defining: eigenvalues(a).ok()?.iter().map(|l| l.norm()).fold(f64::INFINITY, f64::min),
        transversality: w.dot(&full.column(n)),
        nondegeneracy: 0.5 * w.dot(&problem.second(z, &v, &v)),
    })
}

/// The Hopf point's check.
pub fn hopf_check(here: &Linear, omega: f64, l1: Option<f64>) -> Option<Check> {
    let nearest = here.eigen()?.values.iter().map(|l| (l - C::new(0.0, omega)).norm()).fold(f64::INFINITY, f64::min);
    Some(Check {
        residual: here.value.norm(),
        defining: nearest,
        transversality: crossing_speed(here, omega)?,
        nondegeneracy: l1.unwrap_or(f64::NAN),
    })
}

/// The tangents of the branches through a branch point, from the algebraic branching equation wᵀB(t, t) = 0 on the
/// two-dimensional null space of [J F_λ]; with the discriminant that separates them.
pub fn branch_tangents(here: &Linear) -> Option<(Vec<DVector<f64>>, Check)> {
    let Linear { problem, z, a, full, .. } = here;
    let (n, m) = (problem.variables(), problem.coordinates());
    let w = null_vector(&full.transpose()).ok()?.vector;
    // Two orthonormal null directions of the n × (n + 1) matrix.
    let gram = full.tr_mul(full).symmetric_eigen();
    let mut order: Vec<usize> = (0..m).collect();
    order.sort_by(|&i, &j| gram.eigenvalues[i].total_cmp(&gram.eigenvalues[j]));
    let (e, f) = (gram.eigenvectors.column(order[0]).into_owned(), gram.eigenvectors.column(order[1]).into_owned());
    let form = |u: &DVector<f64>, v: &DVector<f64>| w.dot(&problem.second(z, u, v));
    let (ee, ef, ff) = (form(&e, &e), form(&e, &f), form(&f, &f));
    let discriminant = ef * ef - ee * ff;
    let check = Check {
        residual: here.value.norm(),
        defining: eigenvalues(a).ok()?.iter().map(|l| l.norm()).fold(f64::INFINITY, f64::min),
        transversality: w.dot(&full.column(n)),
        nondegeneracy: discriminant,
    };
    if discriminant <= 0.0 {
        return Some((Vec::new(), check));
    }
    // ee cos² + 2 ef cos sin + ff sin² = 0, solved on the side that does not cancel.
    let s = ef + ef.signum() * discriminant.sqrt();
    let s = if ef == 0.0 { discriminant.sqrt() } else { s };
    let directions = [(&e * -ff + &f * s), (&e * s - &f * ee)];
    let tangents = directions.iter().filter(|t| t.norm() > 0.0).map(|t| t.normalize()).collect();
    Some((tangents, check))
}
