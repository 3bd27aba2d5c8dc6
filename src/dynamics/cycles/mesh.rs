//! How is a periodic orbit written down? Polynomials of degree m on mesh intervals of the unit circle.
//!
//! On each interval the orbit is the polynomial through m + 1 equally spaced nodes; neighbours share their end node.
//! The equations hold at the m Gauss points of each interval, which
//! gives order 2m at the mesh points (de Boor & Swartz 1973).

use crate::num::gauss_legendre;
use crate::num::linalg::four::Four;
use crate::num::linalg::{Kernel, Size, sized};
use nalgebra::{DMatrix, DVector};
use std::cell::RefCell;
use std::ops::Range;

/// The degree of the polynomials.
pub const DEGREE: usize = 7;
/// The largest |t (t − 1/m) … (t − 1)|/(m + 1)! on [0, 1].
const SHARE: f64 = 2.756e-9;

/// Values of the Lagrange polynomials on the nodes 0, 1/m, …, 1 at `t`.
#[inline]
pub fn lagrange(t: f64) -> [f64; DEGREE + 1] {
    // 1/∏ (t_k − t_j) = (−1)^(m−k) (m choose k) m^m / m!, and the factors t − t_j before and behind each node.
    let mut far = [0.0; DEGREE + 1];
    far.iter_mut().enumerate().for_each(|(k, far)| *far = t * DEGREE as f64 - k as f64);
    let (mut value, mut product) = (FINITE_DIFFERENCE, 1.0);
    for k in 0..=DEGREE {
        value[k] *= product;
        product *= far[k];
    }
    product = 1.0 / FACTORIAL;
    for k in 0..=DEGREE {
        let k = DEGREE - k;
        value[k] *= product;
        product *= far[k];
    }
    value
}

/// m!
const FACTORIAL: f64 = {
    let (mut product, mut k) = (1.0, 1);
    while k <= DEGREE {
        product *= k as f64;
        k += 1;
    }
    product
};

/// The m-th difference of m + 1 values: (−1)^(m−k) (m choose k).
const FINITE_DIFFERENCE: [f64; DEGREE + 1] = {
    let mut share = [1.0; DEGREE + 1];
    let mut k = DEGREE;
    while k > 0 {
        share[k - 1] = -share[k] * k as f64 / (DEGREE + 1 - k) as f64;
        k -= 1;
    }
    share
};

/// Slopes of the same polynomials at `t`.
pub fn slopes(t: f64) -> [f64; DEGREE + 1] {
    let node = |k: usize| k as f64 / DEGREE as f64;
    std::array::from_fn(|k| {
        let others = || (0..=DEGREE).filter(|&j| j != k);
        let without =
            |i: usize| others().filter(|&j| j != i).map(|j| (t - node(j)) / (node(k) - node(j))).product::<f64>();
        others().map(|i| without(i) / (node(k) - node(i))).sum()
    })
}

/// The largest value on [0, 1] of the polynomial through these nodes: from the largest of them, by a parabola through three
/// places at a time.
fn peak(nodes: &[f64; DEGREE + 1]) -> f64 {
    let value = |t: f64| lagrange(t).iter().zip(nodes).map(|(share, x)| share * x).sum::<f64>();
    let best = (0..=DEGREE).max_by(|&a, &b| nodes[a].total_cmp(&nodes[b])).unwrap_or(0);
    let mut width = 1.0 / DEGREE as f64;
    let mut at = (best.clamp(1, DEGREE - 1)) as f64 * width;
    let mut found = nodes[best];
    for _ in 0..8 {
        let [a, b, c] = [at - width, at, at + width].map(value);
        let bend = a - 2.0 * b + c;
        found = found.max(b);
        if bend >= 0.0 || bend.is_nan() {
            break;
        }
        let next = (at + (0.5 * width * (a - c) / bend).clamp(-width, width)).clamp(0.0, 1.0);
        if (next - at).abs() < 1e-9 {
            break;
        }
        width = (next - at).abs().min(0.5 * width).max(1e-4);
        at = next;
    }
    found
}

/// The collocation rule on the unit interval: values and slopes of the polynomials at the Gauss points, and weights.
pub struct Rule {
    /// `value[c][k]`: polynomial k at Gauss point c.
    pub value: [[f64; DEGREE + 1]; DEGREE],
    /// `slope[c][k]`: its derivative there.
    pub slope: [[f64; DEGREE + 1]; DEGREE],
    /// The Gauss weights.
    pub weight: [f64; DEGREE],
    /// `mass[k][l]`: the integral of polynomial k times polynomial l.
    pub mass: [[f64; DEGREE + 1]; DEGREE + 1],
    /// `drift[k][l]`: the integral of polynomial k times the slope of polynomial l.
    pub drift: [[f64; DEGREE + 1]; DEGREE + 1],
    /// The memory of chains that are done with: to ask the system for it anew costs as much as to fill it.
    pub spare: RefCell<Vec<Vec<Four>>>,
}

impl Rule {
    /// The rule for [`DEGREE`].
    pub fn new() -> Self {
        let gauss = gauss_legendre(DEGREE);
        let points: [f64; DEGREE] = std::array::from_fn(|c| 0.5 * (1.0 + gauss[c].0));
        let weight: [f64; DEGREE] = std::array::from_fn(|c| 0.5 * gauss[c].1);
        let (value, slope) = (points.map(lagrange), points.map(slopes));
        let integral = |a: &[[f64; DEGREE + 1]; DEGREE], k: usize, l: usize| -> f64 {
            (0..DEGREE).map(|c| weight[c] * value[c][k] * a[c][l]).sum()
        };
        let table = |a| std::array::from_fn(|k| std::array::from_fn(|l| integral(a, k, l)));
        Rule { mass: table(&value), drift: table(&slope), value, slope, weight, spare: RefCell::default() }
    }
}

/// A function on [0, 1]: one column per node, [`DEGREE`] nodes per interval and one at the end.
#[derive(Clone, Debug)]
pub struct Orbit {
    /// Interval boundaries from 0 to 1.
    pub mesh: Vec<f64>,
    /// Values at the nodes, variables × (intervals · [`DEGREE`] + 1).
    pub nodes: DMatrix<f64>,
}

/// The combination of the nodes of an interval, one after the other, with these shares.
#[inline(always)]
pub fn combine_nodes(nodes: &[f64], n: impl Size, shares: &[f64; DEGREE + 1], out: &mut [f64]) {
    let (n, out) = (n.get(), &mut out[..n.get()]);
    out.fill(0.0);
    for (share, node) in shares.iter().zip(nodes.chunks_exact(n)) {
        for i in 0..n {
            out[i] += share * node[i];
        }
    }
}

/// The places of all nodes of a mesh.
pub fn places(mesh: &[f64]) -> Vec<f64> {
    let mut places = Vec::with_capacity((mesh.len() - 1) * DEGREE + 1);
    for w in mesh.windows(2) {
        places.extend((0..DEGREE).map(|k| w[0] + (w[1] - w[0]) * k as f64 / DEGREE as f64));
    }
    places.extend(mesh.last());
    places
}

impl Orbit {
    /// The function with the values of `f` (place, variable) at the nodes of `mesh`.
    pub fn from_fn(mesh: Vec<f64>, variables: usize, f: impl Fn(f64, usize) -> f64) -> Self {
        let places = places(&mesh);
        let nodes = DMatrix::from_fn(variables, places.len(), |i, node| f(places[node], i));
        Orbit { mesh, nodes }
    }
    /// The function with the values of `f` (place) at the nodes of `mesh`.
    pub fn from_states(mesh: Vec<f64>, f: impl Fn(f64) -> Vec<f64>) -> Self {
        let columns: Vec<DVector<f64>> = places(&mesh).into_iter().map(|t| DVector::from_vec(f(t))).collect();
        Orbit { nodes: DMatrix::from_columns(&columns), mesh }
    }
    /// A mesh of equal intervals.
    pub fn uniform(intervals: usize) -> Vec<f64> {
        (0..=intervals).map(|j| j as f64 / intervals as f64).collect()
    }
    /// The number of variables.
    pub fn variables(&self) -> usize {
        self.nodes.nrows()
    }
    /// The number of intervals.
    pub fn intervals(&self) -> usize {
        self.mesh.len() - 1
    }
    /// The width of an interval.
    pub fn width(&self, j: usize) -> f64 {
        self.mesh[j + 1] - self.mesh[j]
    }
    /// The nodes of interval j, one after the other.
    pub(super) fn nodes_of(&self, j: usize) -> &[f64] {
        let n = self.variables();
        &self.nodes.as_slice()[j * DEGREE * n..][..(DEGREE + 1) * n]
    }
    /// The combination of the nodes of each of some intervals with each of several shares, one place after the other.
    pub fn combine_each(&self, intervals: Range<usize>, table: &[[f64; DEGREE + 1]], out: &mut Vec<f64>) {
        out.resize(intervals.len() * table.len() * self.variables(), 0.0);
        sized(self.variables(), Combine { orbit: self, intervals, table, out });
    }
    /// The interval of a place, and how far inside of it the place is, in [0, 1].
    fn locate(&self, place: f64) -> (usize, f64) {
        let j = self.mesh.partition_point(|&s| s <= place).clamp(1, self.intervals()) - 1;
        (j, (place - self.mesh[j]) / self.width(j))
    }
    /// The value at a place in [0, 1].
    pub fn at(&self, place: f64) -> Vec<f64> {
        let mut x = vec![0.0; self.variables()];
        self.write(place, &mut x);
        x
    }
    /// The same, written to `x`.
    pub fn write(&self, place: f64, x: &mut [f64]) {
        let (j, t) = self.locate(place);
        combine_nodes(self.nodes_of(j), self.variables(), &lagrange(t), x);
    }
    /// Some of its variables.
    pub fn part(&self, from: usize, count: usize) -> Self {
        Orbit { mesh: self.mesh.clone(), nodes: self.nodes.rows(from, count).into_owned() }
    }
    /// This function with `other` below it: both on the same mesh.
    pub fn above(&self, other: &Orbit) -> Self {
        let (n, m) = (self.variables(), other.variables());
        let nodes = DMatrix::from_fn(n + m, self.nodes.ncols(), |i, k| match i < n {
            true => self.nodes[(i, k)],
            false => other.nodes[(i - n, k)],
        });
        Orbit { mesh: self.mesh.clone(), nodes }
    }
    /// Smallest and largest value of each variable: at the nodes, and between them where a polynomial turns.
    pub fn extremes(&self) -> Vec<(f64, f64)> {
        let one = |i: usize| (-self.largest(i, -1.0), self.largest(i, 1.0));
        (0..self.variables()).map(one).collect()
    }
    /// The largest value of sign · variable i.
    fn largest(&self, i: usize, sign: f64) -> f64 {
        let row = self.nodes.row(i);
        let top = row.iter().fold(f64::NEG_INFINITY, |a, v| a.max(sign * v));
        let on = |j: usize| -> [f64; DEGREE + 1] { std::array::from_fn(|k| sign * row[j * DEGREE + k]) };
        // An interval whose nodes stay below the top by more than they vary among themselves does not hold it.
        let holds = |nodes: &[f64; DEGREE + 1]| {
            let (lo, hi) = nodes.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(*v), b.max(*v)));
            hi + 0.5 * (hi - lo) >= top
        };
        (0..self.intervals()).map(on).filter(holds).map(|nodes| peak(&nodes)).fold(top, f64::max)
    }
    /// How finely the function is resolved: on each interval the (m+1)-th derivative to the power 1/(m+1), in units of
    /// the function's own swing.
    fn roughness(&self) -> Vec<f64> {
        let n = self.intervals();
        let swing: Vec<f64> = self.nodes.row_iter().map(|r| r.max() - r.min()).collect();
        let largest = swing.iter().fold(0.0f64, |a, b| a.max(*b));
        let scale: Vec<f64> = swing.iter().map(|s| s.max(1e-2 * largest).max(1e-300)).collect();
        // The m-th derivative is constant on an interval: a finite difference of the nodes.
        let mut high = Vec::new();
        self.combine_each(0..n, &[FINITE_DIFFERENCE], &mut high);
        for (j, high) in high.chunks_exact_mut(scale.len()).enumerate() {
            let h = (self.width(j) / DEGREE as f64).powi(DEGREE as i32);
            high.iter_mut().zip(&scale).for_each(|(high, s)| *high /= h * s);
        }
        let of = |j: usize| high[j * scale.len()..][..scale.len()].iter();
        let jump = |j: usize| {
            let (next, gap) = ((j + 1) % n, 0.5 * (self.width(j) + self.width((j + 1) % n)));
            of(next).zip(of(j)).map(|(a, b)| ((a - b) / gap).abs()).fold(0.0, f64::max)
        };
        let jumps: Vec<f64> = (0..n).map(jump).collect();
        (0..n).map(|j| (0.5 * (jumps[j] + jumps[(j + n - 1) % n])).powf(1.0 / (DEGREE + 1) as f64)).collect()
    }
    /// The error of interpolation, relative to the function's own swing: the largest over the intervals.
    pub fn error(&self) -> f64 {
        let rough = self.roughness();
        let worst = rough.iter().enumerate().map(|(j, r)| r * self.width(j)).fold(0.0, f64::max);
        SHARE * worst.powi(DEGREE as i32 + 1)
    }
    /// How many intervals per unit of length an interpolation with this error takes, on each interval.
    pub fn density(&self, error: f64) -> Vec<f64> {
        let allowed = (error / SHARE).powf(1.0 / (DEGREE + 1) as f64);
        self.roughness().into_iter().map(|r| r / allowed).collect()
    }
    /// A mesh of so many intervals on which every interval has the same share of the roughness.
    pub fn adapted_mesh(&self, intervals: usize) -> Vec<f64> {
        self.mesh_of_density(&self.roughness(), intervals)
    }
    /// A mesh of so many intervals that are as dense as `density` says on each interval of this one.
    pub fn mesh_of_density(&self, density: &[f64], intervals: usize) -> Vec<f64> {
        let n = self.intervals();
        let mean = density.iter().enumerate().map(|(j, r)| r * self.width(j)).sum::<f64>();
        // A floor keeps intervals from growing without limit where the orbit rests.
        let density: Vec<f64> = density.iter().map(|r| r + 0.2 * mean + 1e-30).collect();
        let mut cumulative = vec![0.0];
        (0..n).for_each(|j| cumulative.push(cumulative[j] + density[j] * self.width(j)));
        let total = cumulative[n];
        let mut mesh: Vec<f64> = (0..=intervals)
            .map(|k| {
                let target = total * k as f64 / intervals as f64;
                let j = cumulative.partition_point(|&c| c <= target).clamp(1, n) - 1;
                self.mesh[j] + (target - cumulative[j]) / density[j]
            })
            .collect();
        (mesh[0], mesh[intervals]) = (0.0, 1.0);
        mesh
    }
    /// The same function on another mesh.
    pub fn on(&self, mesh: Vec<f64>) -> Self {
        Transfer::new(&self.mesh, mesh).carry(self)
    }
}

/// How functions are carried from one mesh to another.
pub struct Transfer {
    mesh: Vec<f64>,
    /// For each node the interval that it lies in, and the shares of that one's nodes.
    places: Vec<(usize, [f64; DEGREE + 1])>,
}

impl Transfer {
    pub fn new(from: &[f64], to: Vec<f64>) -> Self {
        let mut j = 0;
        let place = |place: f64| {
            while j + 2 < from.len() && from[j + 1] <= place {
                j += 1;
            }
            (j, lagrange((place - from[j]) / (from[j + 1] - from[j])))
        };
        Transfer { places: places(&to).into_iter().map(place).collect(), mesh: to }
    }
    /// A function on the first mesh, on the second.
    pub fn carry(&self, orbit: &Orbit) -> Orbit {
        let mut nodes = DMatrix::zeros(orbit.variables(), self.places.len());
        sized(orbit.variables(), Carry { orbit, places: &self.places, out: nodes.as_mut_slice() });
        Orbit { mesh: self.mesh.clone(), nodes }
    }
}

/// See [`Orbit::combine_each`].
struct Combine<'a> {
    orbit: &'a Orbit,
    intervals: Range<usize>,
    table: &'a [[f64; DEGREE + 1]],
    out: &'a mut [f64],
}

impl Kernel for Combine<'_> {
    type Output = ();
    #[inline(always)]
    fn run(self, n: impl Size) {
        let mut out = self.out.chunks_exact_mut(n.get());
        for j in self.intervals {
            let nodes = self.orbit.nodes_of(j);
            for (shares, x) in self.table.iter().zip(&mut out) {
                combine_nodes(nodes, n, shares, x);
            }
        }
    }
}

/// See [`Transfer::carry`].
struct Carry<'a> {
    orbit: &'a Orbit,
    places: &'a [(usize, [f64; DEGREE + 1])],
    out: &'a mut [f64],
}

impl Kernel for Carry<'_> {
    type Output = ();
    #[inline(always)]
    fn run(self, n: impl Size) {
        for ((j, shares), x) in self.places.iter().zip(self.out.chunks_exact_mut(n.get())) {
            combine_nodes(self.orbit.nodes_of(*j), n, shares, x);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    #[test]
    fn theory_a_sine_is_interpolated_to_the_order_of_the_polynomials() {
        let error = |n: usize| {
            let orbit = Orbit::from_fn(Orbit::uniform(n), 1, |t, _| (TAU * t).sin());
            (0..1000)
                .map(|k| (orbit.at(k as f64 / 1000.0)[0] - (TAU * k as f64 / 1000.0).sin()).abs())
                .fold(0.0, f64::max)
        };
        let slope = (error(5) / error(10)).log2();
        assert!((slope - (DEGREE + 1) as f64).abs() < 0.3, "{slope}");
    }

    #[test]
    fn theory_the_error_of_a_sine_is_known_to_a_factor_of_two() {
        let orbit = Orbit::from_fn(Orbit::uniform(6), 1, |t, _| (TAU * t).sin());
        let error = |t: f64| (orbit.at(t)[0] - (TAU * t).sin()).abs();
        // Relative to the swing, which is two.
        let truth = (0..1000).map(|k| 0.5 * error(k as f64 / 1000.0)).fold(0.0, f64::max);
        assert!(orbit.error() > 0.5 * truth && orbit.error() < 2.0 * truth, "{} {truth}", orbit.error());
    }

    #[test]
    fn theory_the_share_of_the_highest_derivative_in_the_error() {
        let factorial = (1..=DEGREE + 1).map(|k| k as f64).product::<f64>();
        let nodes = |t: f64| (0..=DEGREE).map(|k| t - k as f64 / DEGREE as f64).product::<f64>().abs();
        let largest = (0..=20_000).map(|k| nodes(f64::from(k) / 20_000.0)).fold(0.0, f64::max);
        assert!((largest / factorial / SHARE - 1.0).abs() < 1e-4, "{}", largest / factorial);
    }

    #[test]
    fn theory_extremes_between_the_nodes_are_those_of_the_function() {
        let wave = |t: f64, i: usize| (TAU * (t - 0.137)).sin() * if i == 0 { 1.0 } else { -3.0 };
        let extremes = Orbit::from_fn(Orbit::uniform(12), 2, wave).extremes();
        for ((lo, hi), size) in extremes.into_iter().zip([1.0, 3.0]) {
            assert!((lo + size).abs() < 1e-9 && (hi - size).abs() < 1e-9, "{lo} {hi}");
        }
    }

    #[test]
    fn law_an_adapted_mesh_is_increasing_and_dense_where_the_orbit_is_fast() {
        let spike = |t: f64| (-((t - 0.5) / 0.03).powi(2)).exp();
        let orbit = Orbit::from_fn(Orbit::uniform(40), 1, |t, _| spike(t));
        let mesh = orbit.adapted_mesh(40);
        assert!(mesh.windows(2).all(|w| w[0] < w[1]));
        let near = mesh.iter().filter(|t| (**t - 0.5).abs() < 0.1).count();
        assert!(near > 15, "{near} of 41 mesh points near the spike");
    }
}
