//! How does the motion on a centre manifold begin? Coefficients of normal forms, order by order.
//!
//! A curve x(ρ) on the manifold is a polynomial in ρ, so that a jet through the field gives the Taylor coefficients of
//! F(x(ρ)) exactly; for a complex pair the angle is resolved by a discrete Fourier transform. Every order then needs
//! one linear system, the homological equation; where it is singular its solvability gives a coefficient
//! (Kuznetsov 2004, section 8.7). No multilinear forms are needed, at any order.
//!
//! Hopf: ż = iωz + c₁ z|z|² + c₂ z|z|⁴ with x = zq + c.c. + …; l1 = Re c₁/ω and, where l1 = 0, l2 = Re c₂/ω.
//! One zero eigenvalue: ṡ = a s² + c s³ + d s⁴ + …. In both ⟨q,q⟩ = ⟨p,q⟩ = 1 in the variables' coherent units.

use super::linear::Linear;
use crate::num::linalg::Factored;
use nalgebra::{Complex, DMatrix, DVector};
use std::f64::consts::PI;

type C = Complex<f64>;

/// c₁ and, where the field offers fifth-order series and `order` is 5, c₂ of the pair near ±iω at a fixed point.
pub fn hopf(here: &Linear, omega: f64, order: usize) -> Option<(C, Option<C>)> {
    let a = &here.a;
    let n = a.nrows();
    let (q, p) = here.pair(omega)?;
    let mut w = Manifold { n, terms: vec![((1, 0), q.clone())] };
    let mut found = Vec::new();
    for m in 2..=order {
        // Along −ρ there is nothing new: the m + 1 frequencies −m, 2 − m, …, m are told apart on half a turn.
        let angle = |t: usize| PI * t as f64 / (m + 1) as f64;
        let rays: Vec<DVector<f64>> = (0..=m).map(|t| coefficient(here, &w.ray(m, angle(t)), m)).collect();
        // The coefficient of the last order, that of z^j z̄^k with j + k = order and j = k + 1, reads no term with more z.
        for k in m.saturating_sub(order / 2 + 1)..=m / 2 {
            let (j, turn) = (m - k, (m - 2 * k) as f64);
            let mut right = DVector::<C>::zeros(n);
            for (t, ray) in rays.iter().enumerate() {
                let phase = C::from_polar(1.0 / (m + 1) as f64, -turn * angle(t));
                right.iter_mut().zip(ray).for_each(|(r, v)| *r += phase * v);
            }
            // Lower orders carried round by c₁: (j − 1) c₁ + (k − 1) c̄₁ times the term before.
            if let (Some(&c1), true) = (found.first(), k >= 1) {
                let c1: C = c1;
                let rate = c1 * (j as f64 - 1.0) + c1.conj() * (k as f64 - 1.0);
                right -= w.term(j - 1, k - 1) * rate;
            }
            let matrix = DMatrix::from_fn(n, n, |r, c| C::new(-a[(r, c)], if r == c { turn * omega } else { 0.0 }));
            if m == 2 * k + 1 {
                let c = p.dotc(&right);
                found.push(c);
                if m == order {
                    break;
                }
                right -= &q * c;
                w.terms.push(((j, k), bordered(&matrix, &q, &p, &right)?));
            } else {
                w.terms.push(((j, k), matrix.lu().solve(&right)?));
            }
        }
    }
    let sound = |c: &C| c.re.is_finite() && c.im.is_finite();
    found.first().copied().filter(sound).map(|c1| (c1, found.get(1).copied().filter(sound)))
}

/// The terms W_jk z^j z̄^k of the manifold; W_kj is the conjugate of W_jk.
struct Manifold {
    n: usize,
    terms: Vec<((usize, usize), DVector<C>)>,
}

impl Manifold {
    fn term(&self, j: usize, k: usize) -> DVector<C> {
        let (low, high) = (j.min(k), j.max(k));
        let found = self.terms.iter().find(|(at, _)| *at == (high, low));
        let term = found.map_or_else(|| DVector::zeros(self.n), |(_, w)| w.clone());
        if j < k { term.conjugate() } else { term }
    }
    /// The coefficients of ρ, ρ², … below order `m` along z = ρ e^{iφ}.
    fn ray(&self, m: usize, angle: f64) -> Vec<DVector<f64>> {
        let mut ray = vec![DVector::zeros(self.n); m];
        for ((j, k), w) in &self.terms {
            let weight = if j == k { 1.0 } else { 2.0 };
            let phase = C::from_polar(weight, (*j as f64 - *k as f64) * angle);
            ray[j + k - 1].iter_mut().zip(w).for_each(|(r, c)| *r += (c * phase).re);
        }
        ray
    }
}

/// The coefficient of order `m` of F along the curve with these coefficients of ρ, ρ², ….
fn coefficient(here: &Linear, curve: &[DVector<f64>], m: usize) -> DVector<f64> {
    match m {
        ..=3 => here.problem.along::<4>(here.z, curve, m),
        _ => here.problem.along::<6>(here.z, curve, m),
    }
}

/// x with M x = b and ⟨p, x⟩ = 0, for an M that q spans the null space of.
fn bordered(matrix: &DMatrix<C>, q: &DVector<C>, p: &DVector<C>, b: &DVector<C>) -> Option<DVector<C>> {
    let n = b.len();
    let full = DMatrix::from_fn(n + 1, n + 1, |i, j| match (i < n, j < n) {
        (true, true) => matrix[(i, j)],
        (true, false) => q[i],
        (false, true) => p[j].conj(),
        (false, false) => C::from(0.0),
    });
    let right = DVector::from_fn(n + 1, |i, _| if i < n { b[i] } else { C::from(0.0) });
    Some(full.lu().solve(&right)?.rows(0, n).into_owned())
}

/// The coefficients of s², s³, … up to `order` (3 or 5) of the motion along a simple zero eigenvalue.
pub fn zero(here: &Linear, order: usize) -> Option<Vec<f64>> {
    let n = here.a.nrows();
    let (q, p) = here.null_pair()?;
    let mut full = DMatrix::zeros(n + 1, n + 1);
    full.view_mut((0, 0), (n, n)).copy_from(&here.a);
    full.view_mut((0, n), (n, 1)).copy_from(&q);
    full.view_mut((n, 0), (1, n)).copy_from(&p.transpose());
    let full = Factored::of(full).ok()?;
    let (mut curve, mut found): (Vec<DVector<f64>>, Vec<f64>) = (vec![q.clone()], Vec::new());
    for m in 2..=order {
        let mut right = coefficient(here, &curve, m);
        // Lower orders carried along: Σ i h_i b_j with i + j = m + 1 and i ≥ 2.
        for i in 2..m {
            right -= &curve[i - 1] * (i as f64 * found[m - 1 - i]);
        }
        let b = p.dot(&right);
        found.push(b);
        if m == order {
            break;
        }
        let right = DVector::from_fn(n + 1, |i, _| if i < n { q[i] * b - right[i] } else { 0.0 });
        curve.push(full.solve(&right).rows(0, n).into_owned());
    }
    found.iter().all(|b| b.is_finite()).then_some(found)
}
