//! What is the curve that a continuation follows? F(z) = 0 with z = (x, λ), in coordinates without units.
//!
//! Variables are divided by a typical size and the parameter by the width of its range, so that an arc length means
//! something, and by the root of their number, so that a thousand units that move alike go as far in a step as one; the
//! equations are divided by the same sizes, which leaves the eigenvalues (1/s) as they are.

use crate::field::Field;
use crate::num::{Dual, FAN, Fan, Jet};
use nalgebra::{DMatrix, DVector};

/// The equations of a fixed point, extended by one or more free parameters.
pub struct Extended<'a> {
    field: &'a dyn Field,
    p: Vec<f64>,
    free: Vec<usize>,
    scale: Vec<f64>,
    n: usize,
}

impl<'a> Extended<'a> {
    /// The parameters `free` (indices) become coordinates behind the variables; `scale` has one entry per coordinate.
    pub fn new(field: &'a dyn Field, p: &[f64], free: &[usize], mut scale: Vec<f64>) -> Self {
        let n = field.names().variables.len();
        assert_eq!(scale.len(), n + free.len(), "one scale per coordinate");
        scale[..n].iter_mut().for_each(|s| *s *= (n as f64).sqrt());
        Extended { field, p: p.to_vec(), free: free.to_vec(), scale, n }
    }
    /// The field.
    pub fn field(&self) -> &'a dyn Field {
        self.field
    }
    /// The sizes that the variables are divided by.
    pub fn units(&self) -> &[f64] {
        &self.scale[..self.n]
    }
    /// The size that the `j`-th free parameter is divided by.
    pub fn width(&self, j: usize) -> f64 {
        self.scale[self.n + j]
    }
    /// The number of variables.
    pub fn variables(&self) -> usize {
        self.n
    }
    /// The number of coordinates: variables and free parameters.
    pub fn coordinates(&self) -> usize {
        self.scale.len()
    }
    /// Coordinates of a state and the values of the free parameters.
    pub fn coordinates_of(&self, x: &[f64], free: &[f64]) -> DVector<f64> {
        DVector::from_iterator(self.scale.len(), x.iter().chain(free).zip(&self.scale).map(|(v, s)| v / s))
    }
    /// How far one unit of arc length leads along a tangent, for the length of a step: a variable that is larger than its
    /// typical size may move as many times farther, what is behind the coordinates may move freely.
    pub fn pace(&self, z: &DVector<f64>, tangent: &DVector<f64>) -> f64 {
        let large = z.rows(0, self.n).amax().max(1.0);
        let (state, free) = (tangent.rows(0, self.n), tangent.rows(self.n, self.free.len()));
        (state.norm() / large).hypot(free.norm()).max(1e-3)
    }
    /// The state in the units of the field.
    pub fn state(&self, z: &DVector<f64>) -> Vec<f64> {
        (0..self.n).map(|i| z[i] * self.scale[i]).collect()
    }
    /// The value of the `j`-th free parameter in its unit.
    pub fn parameter(&self, z: &DVector<f64>, j: usize) -> f64 {
        z[self.n + j] * self.scale[self.n + j]
    }
    /// All parameters, the free ones replaced.
    pub fn parameters(&self, z: &DVector<f64>) -> Vec<f64> {
        let mut p = self.p.clone();
        self.free.iter().enumerate().for_each(|(j, &k)| p[k] = self.parameter(z, j));
        p
    }
    /// F(z), per unit of time.
    pub fn value(&self, z: &DVector<f64>) -> DVector<f64> {
        let mut dx = vec![0.0; self.n];
        self.field.rate(&self.state(z), &self.parameters(z), &mut dx);
        DVector::from_iterator(self.n, dx.iter().zip(&self.scale).map(|(d, s)| d / s))
    }
    /// ∂F/∂z, variables × coordinates.
    pub fn jacobian(&self, z: &DVector<f64>) -> DMatrix<f64> {
        self.linearised(z).1
    }
    /// F(z) and ∂F/∂z.
    pub fn linearised(&self, z: &DVector<f64>) -> (DVector<f64>, DMatrix<f64>) {
        self.with_rows(z, 0)
    }
    /// The same with one more coordinate, zero, and the row `border` below the Jacobian.
    pub fn bordered(&self, z: &DVector<f64>, border: &DVector<f64>) -> (DVector<f64>, DMatrix<f64>) {
        let (value, mut matrix) = self.with_rows(z, 1);
        border.iter().enumerate().for_each(|(j, v)| matrix[(self.n, j)] = *v);
        (value, matrix)
    }
    /// F(z) and ∂F/∂z with so many rows of zeros below.
    fn with_rows(&self, z: &DVector<f64>, more: usize) -> (DVector<f64>, DMatrix<f64>) {
        let mut room = vec![Fan::fixed(0.0); 2 * self.n + self.p.len()];
        let (x, rest) = room.split_at_mut(self.n);
        let (out, p) = rest.split_at_mut(self.n);
        x.iter_mut().zip(z.as_slice()).zip(&self.scale).for_each(|((x, z), s)| x.v = z * s);
        p.iter_mut().zip(&self.p).for_each(|(p, v)| p.v = *v);
        self.free.iter().enumerate().for_each(|(j, &k)| p[k].v = self.parameter(z, j));
        let (rows, coordinates) = (self.n + more, self.scale.len());
        let mut jacobian = DMatrix::zeros(rows, coordinates);
        for from in (0..coordinates).step_by(FAN) {
            let lanes = || (from..coordinates.min(from + FAN)).enumerate();
            let mut seed = |on: f64| {
                for (lane, j) in lanes() {
                    let at = if j < self.n { &mut x[j] } else { &mut p[self.free[j - self.n]] };
                    at.d[lane] = on * self.scale[j];
                }
                if on != 0.0 {
                    self.field.fan(x, p, out);
                }
            };
            seed(1.0);
            seed(0.0);
            for (lane, j) in lanes() {
                let column = &mut jacobian.as_mut_slice()[j * rows..];
                column.iter_mut().zip(&*out).zip(&self.scale).for_each(|((d, o), s)| *d = o.d[lane] / s);
            }
        }
        let mut value = DVector::zeros(rows);
        value.as_mut_slice().iter_mut().zip(&*out).zip(&self.scale).for_each(|((v, o), s)| *v = o.v / s);
        (value, jacobian)
    }
    /// The Jacobian with respect to the variables alone.
    pub fn square(&self, z: &DVector<f64>) -> DMatrix<f64> {
        self.jacobian(z).columns(0, self.n).into_owned()
    }
    /// The Taylor coefficient of t^k in F(z + t u).
    fn series<const N: usize>(&self, z: &DVector<f64>, u: &DVector<f64>, k: usize) -> DVector<f64>
    where
        Self: Series<N>,
    {
        let line = |j: usize, at: f64| Jet::<N>::line(at, u[j] * self.scale[j]);
        let x: Vec<Jet<N>> = self.state(z).iter().enumerate().map(|(i, &v)| line(i, v)).collect();
        let mut p: Vec<Jet<N>> = self.p.iter().map(|&v| Jet::line(v, 0.0)).collect();
        self.free.iter().enumerate().for_each(|(j, &k)| p[k] = line(self.n + j, self.parameter(z, j)));
        let mut out = vec![Jet([0.0; N]); self.n];
        self.evaluate(&x, &p, &mut out);
        DVector::from_fn(self.n, |i, _| out[i].0[k] / self.scale[i])
    }
    /// The Taylor coefficient of ρ^k in F along the curve z + ρ c₁ + ρ² c₂ + … of states, parameters held.
    pub(super) fn along<const N: usize>(&self, z: &DVector<f64>, curve: &[DVector<f64>], k: usize) -> DVector<f64>
    where
        Self: Series<N>,
    {
        let jet = |i: usize, at: f64| {
            let mut jet = Jet::<N>::line(at, 0.0);
            curve.iter().zip(jet.0[1..].iter_mut()).for_each(|(c, slot)| *slot = c[i] * self.scale[i]);
            jet
        };
        let x: Vec<Jet<N>> = self.state(z).iter().enumerate().map(|(i, &v)| jet(i, v)).collect();
        let p: Vec<Jet<N>> = self.parameters(z).iter().map(|&v| Jet::line(v, 0.0)).collect();
        let mut out = vec![Jet([0.0; N]); self.n];
        self.evaluate(&x, &p, &mut out);
        DVector::from_fn(self.n, |i, _| out[i].0[k] / self.scale[i])
    }
    /// B(u, v): the second derivative of F along two directions of the coordinates.
    pub fn second(&self, z: &DVector<f64>, u: &DVector<f64>, v: &DVector<f64>) -> DVector<f64> {
        let [one] = self.seconds_of(z, u, [v]);
        one
    }
    /// B(u, v) for several v at once.
    pub fn seconds_of<const K: usize>(
        &self,
        z: &DVector<f64>,
        u: &DVector<f64>,
        v: [&DVector<f64>; K],
    ) -> [DVector<f64>; K] {
        let sizes = v.map(|v| v.norm());
        let unit = |k: usize, j: usize| if sizes[k] > 0.0 { v[k][j] / sizes[k] } else { 0.0 };
        match self.seconds(z, u, K, unit) {
            Some(all) => std::array::from_fn(|k| all.column(k) * sizes[k]),
            None => v.map(|v| self.bend(z, u) * v),
        }
    }
    /// B(u, ·): the derivative of the Jacobian along a direction of the coordinates, variables × coordinates.
    ///
    /// Exact to rounding; a field without second derivatives gets a central difference of its exact first derivative.
    pub fn bend(&self, z: &DVector<f64>, u: &DVector<f64>) -> DMatrix<f64> {
        let coordinates = self.scale.len();
        self.seconds(z, u, coordinates, |k, j| f64::from(u8::from(k == j))).unwrap_or_else(|| {
            let h = 1e-5 / u.norm().max(f64::MIN_POSITIVE);
            (self.jacobian(&(z + u * h)) - self.jacobian(&(z - u * h))) / (2.0 * h)
        })
    }
    /// B(u, e_k) in columns for `count` directions with the coordinates `direction(k, j)`; `None` where a field has none.
    fn seconds(
        &self,
        z: &DVector<f64>,
        u: &DVector<f64>,
        count: usize,
        direction: impl Fn(usize, usize) -> f64,
    ) -> Option<DMatrix<f64>> {
        let mut out = DMatrix::zeros(self.n, count);
        let size = u.norm();
        if size == 0.0 {
            return Some(out);
        }
        let (state, own) = (self.state(z), self.parameters(z));
        let mut rate = vec![Fan::fixed(Dual::fixed(0.0)); self.n];
        for from in (0..count).step_by(FAN) {
            let lanes = from..count.min(from + FAN);
            let fan = |j: usize, at: f64| {
                let mut fan = Fan::fixed(Dual::new(at, u[j] / size * self.scale[j]));
                lanes
                    .clone()
                    .enumerate()
                    .for_each(|(lane, k)| fan.d[lane] = Dual::fixed(direction(k, j) * self.scale[j]));
                fan
            };
            let x: Vec<Fan<Dual>> = state.iter().enumerate().map(|(i, &v)| fan(i, v)).collect();
            let mut p: Vec<Fan<Dual>> = own.iter().map(|&v| Fan::fixed(Dual::fixed(v))).collect();
            self.free.iter().enumerate().for_each(|(j, &k)| p[k] = fan(self.n + j, own[k]));
            self.field.second(&x, &p, &mut rate);
            for (lane, k) in lanes.clone().enumerate() {
                (0..self.n).for_each(|i| out[(i, k)] = rate[i].d[lane].d * size / self.scale[i]);
            }
        }
        out.iter().all(|b| b.is_finite()).then_some(out)
    }
    /// C(u, u, u): the third derivative of F along a direction; NaN for a field without jets.
    pub fn third(&self, z: &DVector<f64>, u: &DVector<f64>) -> DVector<f64> {
        self.series::<4>(z, u, 3) * 6.0
    }
}

/// Which order of series a field can be asked for.
pub(super) trait Series<const N: usize> {
    fn evaluate(&self, x: &[Jet<N>], p: &[Jet<N>], out: &mut [Jet<N>]);
}
impl Series<4> for Extended<'_> {
    fn evaluate(&self, x: &[Jet<4>], p: &[Jet<4>], out: &mut [Jet<4>]) {
        self.field.jet(x, p, out);
    }
}
impl Series<6> for Extended<'_> {
    fn evaluate(&self, x: &[Jet<6>], p: &[Jet<6>], out: &mut [Jet<6>]) {
        self.field.jet5(x, p, out);
    }
}
