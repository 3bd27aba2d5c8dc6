//! What does a field look like to the collocation? du/ds = T f(u; λ) in coordinates without units.

use super::bvp::{Equations, Local, Room, Unknown};
use super::closed::Row;
use super::mesh::Rule;
use crate::field::Field;
use crate::num::{Dual, FAN, Fan, LANES, Lanes};
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
    /// dx/dt scaled by the time at the places `x`, which stand one after the other, into `out`: f(x; λ) · time.
    pub fn rates(&self, x: &[f64], values: &[f64], room: &mut Room, out: &mut Vec<f64>) {
        let n = self.variables();
        let [state, p, rate] = &mut room.lanes;
        state.resize(n, Lanes([0.0; LANES]));
        rate.resize(n, Lanes([0.0; LANES]));
        p.clear();
        p.extend(self.parameters(values).iter().map(|&v| Lanes([v; LANES])));
        out.clear();
        for places in x.chunks(LANES * n) {
            let count = places.len() / n;
            for (i, (state, s)) in state.iter_mut().zip(&self.scale).enumerate() {
                *state = gather(places, n, i, *s);
            }
            self.field.lanes(state, p, rate);
            let value = |lane: usize, i: usize| rate[i].0[lane] * self.time / self.scale[i];
            out.extend((0..count).flat_map(|lane| (0..n).map(move |i| (lane, i))).map(|(lane, i)| value(lane, i)));
        }
    }
    /// f and its derivatives along each coordinate (variables, then free parameters) at the places `x`, which stand one
    /// after the other.
    pub fn first(&self, x: &[f64], values: &[f64], room: &mut Room, first: &mut First) {
        let (n, all) = (self.variables(), self.variables() + self.free.len());
        let [state, p, rate] = &mut room.fans;
        let splat = |v: f64| Lanes([v; LANES]);
        state.resize(n, Fan::fixed(splat(0.0)));
        rate.resize(n, Fan::fixed(splat(0.0)));
        p.clear();
        p.extend(self.parameters(values).iter().map(|&v| Fan::fixed(splat(v))));
        first.f.resize(x.len(), 0.0);
        first.columns.resize(x.len() * all, 0.0);
        for (block, places) in x.chunks(LANES * n).enumerate() {
            let (from, count) = (block * LANES, places.len() / n);
            for (i, (state, s)) in state.iter_mut().zip(&self.scale).enumerate() {
                state.v = gather(places, n, i, *s);
            }
            for base in (0..all).step_by(FAN) {
                let directions = || (base..all.min(base + FAN)).enumerate();
                let seed = |state: &mut [Fan<Lanes>], p: &mut [Fan<Lanes>], on: f64| {
                    for (k, e) in directions() {
                        match e < n {
                            true => state[e].d[k] = splat(on * self.scale[e]),
                            false => p[self.free[e - n]].d[k] = splat(on * self.widths[e - n]),
                        }
                    }
                };
                seed(state, p, 1.0);
                self.field.fan_lanes(state, p, rate);
                seed(state, p, 0.0);
                for (i, lane) in (0..n).flat_map(|i| (0..count).map(move |lane| (i, lane))) {
                    let (place, share) = (from + lane, self.time / self.scale[i]);
                    first.f[place * n + i] = rate[i].v.0[lane] * share;
                    directions()
                        .for_each(|(k, e)| first.columns[(place * all + e) * n + i] = rate[i].d[k].0[lane] * share);
                }
            }
        }
    }
    /// B((v, 0), e): the second derivative along the direction v of the variables and along each coordinate e (variables,
    /// then free parameters), in columns of n.
    ///
    /// A field without second derivatives gets a central difference of its exact first derivative.
    pub fn second(&self, x: &[f64], values: &[f64], v: &[f64], room: &mut Room, out: &mut Vec<f64>) {
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
            let [state, p, rate] = &mut room.seconds;
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
            self.second_by_differences(x, values, v, length, room, out);
        }
    }
    fn second_by_differences(
        &self,
        x: &[f64],
        values: &[f64],
        v: &[f64],
        length: f64,
        room: &mut Room,
        out: &mut [f64],
    ) {
        let h = 1e-5;
        let mut first = First::default();
        out.fill(0.0);
        for sign in [1.0, -1.0] {
            let moved: Vec<f64> = x.iter().zip(v).map(|(a, b)| a + sign * h * b / length).collect();
            self.first(&moved, values, room, &mut first);
            let share = sign * length / (2.0 * h);
            out.iter_mut().zip(&first.columns).for_each(|(out, entry)| *out += share * entry);
        }
    }
    /// ∫⟨u, r'⟩ ds = 0 for the first `n` variables of a function with `d`, on those from `offset` on.
    pub fn phase(reference: &Unknown, n: usize, offset: usize, scalars: usize, rule: &Rule) -> Row {
        let d = reference.orbit.variables();
        let along = reference.orbit.part(0, n).weights(rule, true);
        let nodes = DMatrix::from_fn(d, along.ncols(), |i, c| match (offset..offset + n).contains(&i) {
            true => along[(i - offset, c)],
            false => 0.0,
        });
        Row { nodes, scalars: vec![0.0; scalars], value: 0.0 }
    }
}

/// Variable i of `n` at up to [`LANES`] places, scaled; lanes that are left over repeat the last place.
fn gather(places: &[f64], n: usize, i: usize, scale: f64) -> Lanes {
    let last = places.len() / n - 1;
    Lanes(std::array::from_fn(|lane| places[lane.min(last) * n + i] * scale))
}

/// A rate with its first derivatives at some places, one place after the other.
#[derive(Default)]
pub struct First {
    pub f: Vec<f64>,
    /// One column of n per coordinate: variables, then free parameters.
    pub columns: Vec<f64>,
}

impl First {
    /// What stands there for one of the places, of `n` variables and `all` coordinates.
    pub fn at(&self, place: usize, n: usize, all: usize) -> At<'_> {
        At { f: &self.f[place * n..][..n], columns: &self.columns[place * n * all..][..n * all] }
    }
}

/// A rate with its first derivatives at one place: see [`First`].
#[derive(Clone, Copy)]
pub struct At<'a> {
    pub f: &'a [f64],
    columns: &'a [f64],
}

impl At<'_> {
    /// ∂f_i along coordinate e.
    pub fn along(self, i: usize, e: usize) -> f64 {
        self.columns[e * self.f.len() + i]
    }
}

impl Equations for Flow<'_> {
    fn sizes(&self) -> (usize, usize) {
        (self.variables(), 1 + self.free.len())
    }
    fn signs(&self) -> Vec<f64> {
        vec![1.0; self.variables()]
    }
    fn values(&self, u: &[f64], q: &[f64], local: &mut Local) {
        self.rates(u, &q[1..], &mut local.room, &mut local.g);
        local.g.iter_mut().for_each(|v| *v *= q[0]);
    }
    fn derivatives(&self, u: &[f64], q: &[f64], local: &mut Local) {
        let (n, k) = self.sizes();
        let Local { g, jacobian, by, room, first } = local;
        self.first(u, &q[1..], room, first);
        g.clear();
        g.extend(first.f.iter().map(|v| q[0] * v));
        jacobian.resize(u.len() * n, 0.0);
        by.resize(u.len() * k, 0.0);
        for (place, (jacobian, by)) in jacobian.chunks_exact_mut(n * n).zip(by.chunks_exact_mut(n * k)).enumerate() {
            let at = first.at(place, n, n + k - 1);
            for (i, (row, by)) in jacobian.chunks_exact_mut(n).zip(by.chunks_exact_mut(k)).enumerate() {
                row.iter_mut().enumerate().for_each(|(l, to)| *to = q[0] * at.along(i, l));
                by[0] = at.f[i];
                by[1..].iter_mut().enumerate().for_each(|(e, to)| *to = q[0] * at.along(i, n + e));
            }
        }
    }
    fn conditions(&self, reference: &Unknown, rule: &Rule) -> Vec<Row> {
        let (n, k) = self.sizes();
        vec![Flow::phase(reference, n, 0, k, rule)]
    }
}
