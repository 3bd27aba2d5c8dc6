//! What does a field look like to the collocation? du/ds = T f(u; λ) in coordinates without units.

use super::bvp::{Equations, Local, Room, Unknown, product};
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
    /// f and its first derivatives at the places `x`, which stand one after the other.
    pub fn first(&self, x: &[f64], values: &[f64], room: &mut Room, first: &mut First) {
        let (n, free) = (self.variables(), self.free.len());
        let [state, p, rate] = &mut room.fans;
        let splat = |v: f64| Lanes([v; LANES]);
        state.resize(n, Fan::fixed(splat(0.0)));
        rate.resize(n, Fan::fixed(splat(0.0)));
        p.clear();
        p.extend(self.parameters(values).iter().map(|&v| Fan::fixed(splat(v))));
        first.resize(x.len() / n, n, free);
        for (block, places) in x.chunks(LANES * n).enumerate() {
            let (from, count) = (block * LANES, places.len() / n);
            for (i, (state, s)) in state.iter_mut().zip(&self.scale).enumerate() {
                state.v = gather(places, n, i, *s);
            }
            for base in (0..n + free).step_by(FAN) {
                let directions = || (base..(n + free).min(base + FAN)).enumerate();
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
                for (i, (rate, s)) in rate.iter().zip(&self.scale).enumerate() {
                    let share = self.time / s;
                    (0..count).for_each(|lane| first.f[(from + lane) * n + i] = rate.v.0[lane] * share);
                    for (k, e) in directions() {
                        for lane in 0..count {
                            let place = from + lane;
                            let slot = match e < n {
                                true => &mut first.jacobian[(place * n + i) * n + e],
                                false => &mut first.by[(place * free + e - n) * n + i],
                            };
                            *slot = rate.d[k].0[lane] * share;
                        }
                    }
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
        let (n, h) = (x.len(), 1e-5);
        let mut first = First::default();
        out.fill(0.0);
        for sign in [1.0, -1.0] {
            let moved: Vec<f64> = x.iter().zip(v).map(|(a, b)| a + sign * h * b / length).collect();
            self.first(&moved, values, room, &mut first);
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

/// Variable i of `n` at up to [`LANES`] places, scaled; lanes that are left over repeat the last place.
fn gather(places: &[f64], n: usize, i: usize, scale: f64) -> Lanes {
    let last = places.len() / n - 1;
    Lanes(std::array::from_fn(|lane| places[lane.min(last) * n + i] * scale))
}

/// A rate with its first derivatives at some places, one place after the other.
#[derive(Default)]
pub struct First {
    pub f: Vec<f64>,
    /// By rows.
    pub jacobian: Vec<f64>,
    /// One column of n after the other, per free parameter.
    pub by: Vec<f64>,
}

impl First {
    fn resize(&mut self, places: usize, n: usize, free: usize) {
        self.f.resize(places * n, 0.0);
        self.jacobian.resize(places * n * n, 0.0);
        self.by.resize(places * n * free, 0.0);
    }
    /// What stands there for one of the places.
    pub fn at(&self, place: usize, n: usize, free: usize) -> At<'_> {
        At {
            f: &self.f[place * n..][..n],
            jacobian: &self.jacobian[place * n * n..][..n * n],
            by: &self.by[place * n * free..][..n * free],
        }
    }
}

/// A rate with its first derivatives at one place: see [`First`].
#[derive(Clone, Copy)]
pub struct At<'a> {
    pub f: &'a [f64],
    pub jacobian: &'a [f64],
    pub by: &'a [f64],
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
        for (to, from) in [(&mut *g, &first.f), (jacobian, &first.jacobian)] {
            to.clear();
            to.extend(from.iter().map(|v| q[0] * v));
        }
        by.clear();
        for place in 0..u.len() / n {
            let at = first.at(place, n, k - 1);
            for i in 0..n {
                by.push(at.f[i]);
                by.extend((1..k).map(|j| q[0] * at.by[(j - 1) * n + i]));
            }
        }
    }
    fn conditions(&self, reference: &Unknown, rule: &Rule) -> Vec<Row> {
        let (n, k) = self.sizes();
        vec![Flow::phase(reference, n, 0, k, rule)]
    }
}
