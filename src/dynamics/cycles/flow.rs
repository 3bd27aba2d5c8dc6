//! What does a field look like to the collocation? du/ds = T f(u; λ) in coordinates without units.

use super::bvp::{Equations, Local, Unknown, product};
use super::elimination::Row;
use super::mesh::Rule;
use crate::field::Field;
use crate::num::{Dual, FAN, Fan};
use nalgebra::DMatrix;

/// A field whose period and some parameters are unknown: q = (T, λ₁, …), each divided by its scale.
#[derive(Clone)]
pub struct Flow<'a> {
    pub field: &'a dyn Field,
    pub p: Vec<f64>,
    /// The free parameters.
    pub free: Vec<usize>,
    /// One scale per variable (coherent units).
    pub scale: Vec<f64>,
    /// The scale of the period (s).
    pub time: f64,
    /// The scale of each free parameter.
    pub widths: Vec<f64>,
}

impl Flow<'_> {
    pub fn variables(&self) -> usize {
        self.scale.len()
    }
    /// All parameters at these scaled values of the free ones.
    pub fn parameters(&self, values: &[f64]) -> Vec<f64> {
        let mut p = self.p.clone();
        self.free.iter().zip(values.iter().zip(&self.widths)).for_each(|(&k, (v, w))| p[k] = v * w);
        p
    }
    pub fn load(&self, x: &[f64], values: &[f64], local: &mut Local) {
        local.x.clear();
        local.x.extend(x.iter().zip(&self.scale).map(|(v, s)| Fan::fixed(v * s)));
        local.p.clear();
        local.p.extend(self.p.iter().map(|&v| Fan::fixed(v)));
        self.free.iter().zip(values.iter().zip(&self.widths)).for_each(|(&k, (v, w))| local.p[k].v = v * w);
        local.out.resize(x.len(), Fan::fixed(0.0));
    }
    /// dx/dt scaled by the time, into `out`: f(x; λ) · time.
    pub fn rate(&self, x: &[f64], values: &[f64], local: &mut Local, out: &mut [f64]) {
        let [state, p] = &mut local.plain;
        state.clear();
        state.extend(x.iter().zip(&self.scale).map(|(v, s)| v * s));
        p.clear();
        p.extend_from_slice(&self.p);
        self.free.iter().zip(values.iter().zip(&self.widths)).for_each(|(&k, (v, w))| p[k] = v * w);
        self.field.rate(state, p, out);
        out.iter_mut().zip(&self.scale).for_each(|(o, s)| *o *= self.time / s);
    }
    /// f, its derivative along each variable (`jacobian`, d × d in rows) and along each free parameter (`by`, columns).
    pub fn first(&self, x: &[f64], values: &[f64], local: &mut Local, first: &mut First) {
        let n = x.len();
        self.load(x, values, local);
        first.resize(n, self.free.len());
        let directions = n + self.free.len();
        for from in (0..directions).step_by(FAN) {
            let seed = |local: &mut Local, on: f64| {
                for (lane, e) in (from..directions.min(from + FAN)).enumerate() {
                    match e < n {
                        true => local.x[e].d[lane] = on * self.scale[e],
                        false => local.p[self.free[e - n]].d[lane] = on * self.widths[e - n],
                    }
                }
            };
            seed(local, 1.0);
            self.field.fan(&local.x, &local.p, &mut local.out);
            seed(local, 0.0);
            for (i, (out, s)) in local.out.iter().zip(&self.scale).enumerate() {
                let share = self.time / s;
                first.f[i] = out.v * share;
                for (lane, e) in (from..directions.min(from + FAN)).enumerate() {
                    let slot = if e < n { &mut first.jacobian[i * n + e] } else { &mut first.by[(e - n) * n + i] };
                    *slot = out.d[lane] * share;
                }
            }
        }
    }
    /// B((v, 0), e): the second derivative along the direction v of the variables and along each coordinate e (variables,
    /// then free parameters), in columns of n.
    ///
    /// A field without second derivatives gets a central difference of its exact first derivative.
    pub fn second(&self, x: &[f64], values: &[f64], v: &[f64], local: &mut Local, out: &mut Vec<f64>) {
        let n = x.len();
        let length = v.iter().map(|a| a * a).sum::<f64>().sqrt();
        out.clear();
        out.resize(n * (n + self.free.len()), 0.0);
        if length == 0.0 {
            return;
        }
        let directions = n + self.free.len();
        for from in (0..directions).step_by(FAN) {
            let lanes = from..directions.min(from + FAN);
            // Coordinate e at its value, moved by the lane that belongs to it, and by v if it is a variable.
            let fan = |e: usize, at: f64, unit: f64, along: f64| {
                let mut fan = Fan::fixed(Dual::new(at * unit, along * unit));
                lanes.clone().zip(&mut fan.d).filter(|(k, _)| *k == e).for_each(|(_, d)| *d = Dual::fixed(unit));
                fan
            };
            let [state, p, rate] = &mut local.seconds;
            state.clear();
            state.extend((0..n).map(|i| fan(i, x[i], self.scale[i], v[i] / length)));
            p.clear();
            p.extend(self.p.iter().map(|&v| Fan::fixed(Dual::fixed(v))));
            for (j, (&k, w)) in self.free.iter().zip(&self.widths).enumerate() {
                p[k] = fan(n + j, values[j], *w, 0.0);
            }
            rate.resize(n, Fan::fixed(Dual::fixed(0.0)));
            self.field.second(state, p, rate);
            for (lane, e) in lanes.clone().enumerate() {
                (0..n).for_each(|i| out[e * n + i] = length * rate[i].d[lane].d * self.time / self.scale[i]);
            }
        }
        if out.iter().any(|b| !b.is_finite()) {
            self.second_by_differences(x, values, v, length, local, out);
        }
    }
    fn second_by_differences(
        &self,
        x: &[f64],
        values: &[f64],
        v: &[f64],
        length: f64,
        local: &mut Local,
        out: &mut [f64],
    ) {
        let (n, h) = (x.len(), 1e-5);
        let mut first = First::default();
        out.fill(0.0);
        for sign in [1.0, -1.0] {
            let moved: Vec<f64> = x.iter().zip(v).map(|(a, b)| a + sign * h * b / length).collect();
            self.first(&moved, values, local, &mut first);
            let share = sign * length / (2.0 * h);
            for e in 0..n + self.free.len() {
                for i in 0..n {
                    let entry = if e < n { first.jacobian[i * n + e] } else { first.by[(e - n) * n + i] };
                    out[e * n + i] += share * entry;
                }
            }
        }
    }
    /// ∫⟨u, r'⟩ ds = 0 for the first `n` variables of a function with `d`, on those from `offset` on.
    pub fn phase(reference: &Unknown, n: usize, offset: usize, scalars: usize, rule: &Rule) -> Row {
        let d = reference.orbit.variables();
        let along = product(&reference.orbit.part(0, n), rule, true);
        let nodes = DMatrix::from_fn(d, along.ncols(), |i, c| match (offset..offset + n).contains(&i) {
            true => along[(i - offset, c)],
            false => 0.0,
        });
        Row { nodes, scalars: vec![0.0; scalars], value: 0.0 }
    }
}

/// A rate with its first derivatives.
#[derive(Default)]
pub struct First {
    pub f: Vec<f64>,
    pub jacobian: Vec<f64>,
    /// One column of n after the other, per free parameter.
    pub by: Vec<f64>,
}

impl First {
    fn resize(&mut self, n: usize, free: usize) {
        self.f.resize(n, 0.0);
        self.jacobian.resize(n * n, 0.0);
        self.by.resize(n * free, 0.0);
    }
}

impl Equations for Flow<'_> {
    fn sizes(&self) -> (usize, usize) {
        (self.variables(), 1 + self.free.len())
    }
    fn signs(&self) -> Vec<f64> {
        vec![1.0; self.variables()]
    }
    fn value(&self, u: &[f64], q: &[f64], local: &mut Local) {
        let mut g = std::mem::take(&mut local.g);
        g.resize(u.len(), 0.0);
        self.rate(u, &q[1..], local, &mut g);
        g.iter_mut().for_each(|v| *v *= q[0]);
        local.g = g;
    }
    fn derivatives(&self, u: &[f64], q: &[f64], local: &mut Local) {
        let (n, k) = self.sizes();
        let mut first = First {
            f: std::mem::take(&mut local.g),
            jacobian: std::mem::take(&mut local.jacobian),
            by: std::mem::take(&mut local.plain[0]),
        };
        self.first(u, &q[1..], local, &mut first);
        local.by.resize(n * k, 0.0);
        for i in 0..n {
            local.by[i * k] = first.f[i];
            (1..k).for_each(|j| local.by[i * k + j] = q[0] * first.by[(j - 1) * n + i]);
        }
        first.f.iter_mut().chain(&mut first.jacobian).for_each(|v| *v *= q[0]);
        (local.g, local.jacobian, local.plain[0]) = (first.f, first.jacobian, first.by);
    }
    fn conditions(&self, reference: &Unknown, rule: &Rule) -> Vec<Row> {
        let (n, k) = self.sizes();
        vec![Flow::phase(reference, n, 0, k, rule)]
    }
}
