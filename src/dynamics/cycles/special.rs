//! Which equations does a special periodic orbit solve? The orbit together with its critical Floquet vector.
//!
//! * Fold: v' = T A v + κ f, v(1) = v(0): the orbit moves along v although the parameter does not.
//! * Period doubling: v' = T A v, v(1) = −v(0).
//! * Torus: (a + i b)' = T A (a + i b) − iθ (a + i b), periodic: a multiplier e^{iθ}.
//!
//! A = ∂f/∂x along the orbit. Together with u' = T f they are regular at a generic special orbit, so that Newton's method
//! finds it to rounding, and with one more parameter they define its curve (Doedel, Keller & Kernévez 1991).

use super::bvp::{Equations, Local, Unknown};
use super::closed::Row;
use super::flow::{At, Flow};
use super::mesh::Rule;
use nalgebra::DMatrix;

/// Which special orbit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Critical {
    Fold,
    Doubling,
    Torus,
}

/// The extended equations; the scalars are T, the free parameters, and κ or θ behind them.
pub struct Special<'a> {
    pub flow: Flow<'a>,
    pub kind: Critical,
}

impl Special<'_> {
    /// How many Floquet vectors are carried along.
    pub fn copies(&self) -> usize {
        if self.kind == Critical::Torus { 2 } else { 1 }
    }
    fn scalars(&self) -> usize {
        1 + self.flow.free.len() + usize::from(self.kind != Critical::Doubling)
    }
    fn free_values<'q>(&self, q: &'q [f64]) -> &'q [f64] {
        &q[1..=self.flow.free.len()]
    }
    /// κ or θ.
    fn extra(&self, q: &[f64]) -> f64 {
        if self.kind == Critical::Doubling { 0.0 } else { q[q.len() - 1] }
    }
    /// f and its first derivatives at the places `u`, into `local.first`.
    fn flow_along(&self, u: &[f64], q: &[f64], local: &mut Local) {
        let n = self.flow.variables();
        let x: Vec<f64> = u.chunks_exact(self.sizes().0).flat_map(|u| &u[..n]).copied().collect();
        self.flow.first(&x, self.free_values(q), &mut local.room, &mut local.first);
    }
    /// g from f and A, added to `g`.
    fn assemble(&self, u: &[f64], q: &[f64], first: At, g: &mut Vec<f64>) {
        let n = self.flow.variables();
        let extra = self.extra(q);
        g.extend(first.f.iter().map(|f| q[0] * f));
        for copy in 1..=self.copies() {
            let v = &u[copy * n..(copy + 1) * n];
            for i in 0..n {
                let along: f64 = (0..n).map(|l| first.along(i, l) * v[l]).sum();
                let more = match (self.kind, copy) {
                    (Critical::Fold, _) => extra * first.f[i],
                    (Critical::Doubling, _) => 0.0,
                    (Critical::Torus, 1) => extra * u[2 * n + i],
                    (Critical::Torus, _) => -extra * u[n + i],
                };
                g.push(q[0] * along + more);
            }
        }
    }
    /// g, added to `local.g`, and its derivatives at one place.
    fn derivatives_at(&self, place: usize, u: &[f64], q: &[f64], local: &mut Local) {
        let n = self.flow.variables();
        let (d, k) = self.sizes();
        let free = self.flow.free.len();
        let (extra, x) = (self.extra(q), &u[..n]);
        let Local { g, jacobian, by, first, room } = local;
        let first = first.at(place, n, n + free);
        let (jacobian, by) = (&mut jacobian[place * d * d..][..d * d], &mut by[place * d * k..][..d * k]);
        let mut second = Vec::new();
        self.assemble(u, q, first, g);
        let a = |i: usize, e: usize| first.along(i, e);
        for i in 0..n {
            (0..n).for_each(|l| jacobian[i * d + l] = q[0] * a(i, l));
            by[i * k] = first.f[i];
            (0..free).for_each(|j| by[i * k + 1 + j] = q[0] * a(i, n + j));
        }
        for copy in 1..=self.copies() {
            let v = &u[copy * n..(copy + 1) * n];
            self.flow.second(x, self.free_values(q), v, room, &mut second);
            for i in 0..n {
                let row = copy * n + i;
                for l in 0..n {
                    let fold = if self.kind == Critical::Fold { extra * a(i, l) } else { 0.0 };
                    jacobian[row * d + l] = q[0] * second[l * n + i] + fold;
                    jacobian[row * d + copy * n + l] += q[0] * a(i, l);
                }
                by[row * k] = (0..n).map(|l| a(i, l) * v[l]).sum();
                for j in 0..free {
                    let fold = if self.kind == Critical::Fold { extra * a(i, n + j) } else { 0.0 };
                    by[row * k + 1 + j] = q[0] * second[(n + j) * n + i] + fold;
                }
                match (self.kind, copy) {
                    (Critical::Fold, _) => by[row * k + k - 1] = first.f[i],
                    (Critical::Doubling, _) => {}
                    (Critical::Torus, 1) => {
                        jacobian[row * d + 2 * n + i] += extra;
                        by[row * k + k - 1] = u[2 * n + i];
                    }
                    (Critical::Torus, _) => {
                        jacobian[row * d + n + i] -= extra;
                        by[row * k + k - 1] = -u[n + i];
                    }
                }
            }
        }
    }
}

impl Equations for Special<'_> {
    fn sizes(&self) -> (usize, usize) {
        (self.flow.variables() * (1 + self.copies()), self.scalars())
    }
    fn signs(&self) -> Vec<f64> {
        let n = self.flow.variables();
        let back = if self.kind == Critical::Doubling { -1.0 } else { 1.0 };
        (0..self.sizes().0).map(|i| if i < n { 1.0 } else { back }).collect()
    }
    fn values(&self, u: &[f64], q: &[f64], local: &mut Local) {
        self.flow_along(u, q, local);
        local.g.clear();
        let n = self.flow.variables();
        let all = n + self.flow.free.len();
        for (place, u) in u.chunks_exact(self.sizes().0).enumerate() {
            self.assemble(u, q, local.first.at(place, n, all), &mut local.g);
        }
    }
    fn derivatives(&self, u: &[f64], q: &[f64], local: &mut Local) {
        let (d, k) = self.sizes();
        let places = u.len() / d;
        self.flow_along(u, q, local);
        local.g.clear();
        for (to, size) in [(&mut local.jacobian, d * d), (&mut local.by, d * k)] {
            to.clear();
            to.resize(places * size, 0.0);
        }
        (0..places).for_each(|place| self.derivatives_at(place, &u[place * d..][..d], q, local));
    }
    fn conditions(&self, reference: &Unknown, rule: &Rule) -> Vec<Row> {
        let n = self.flow.variables();
        let (d, k) = self.sizes();
        let free = self.flow.free.len();
        let values = reference.orbit.weights(rule, false);
        // ∫⟨v, v₀⟩ = ‖v₀‖ with the neighbour's v₀, or across: ∫(⟨b, a₀⟩ − ⟨a, b₀⟩) = 0.
        let weigh = |from: &dyn Fn(usize) -> Option<(usize, f64)>, value: f64| {
            let nodes = DMatrix::from_fn(d, values.ncols(), |i, c| from(i).map_or(0.0, |(j, s)| s * values[(j, c)]));
            Row { nodes, scalars: vec![0.0; k], value }
        };
        let mut length = weigh(&|i| (i >= n).then_some((i, 1.0)), 0.0);
        let mut rows = vec![Flow::phase(reference, n, 0, k, rule)];
        match self.kind {
            Critical::Doubling => {}
            Critical::Fold => {
                length.scalars[1 + free] = reference.q[1 + free];
                rows.push(Flow::phase(reference, n, n, k, rule));
            }
            Critical::Torus => {
                let across = |i: usize| match i / n {
                    0 => None,
                    1 => Some((i + n, -1.0)),
                    _ => Some((i - n, 1.0)),
                };
                rows.push(weigh(&across, 0.0));
            }
        }
        let square = length.nodes.dot(&reference.orbit.nodes)
            + length.scalars.iter().zip(&reference.q).map(|(a, b)| a * b).sum::<f64>();
        length.value = square.sqrt();
        rows.push(length);
        rows
    }
}
