//! How is a periodic orbit written down? Polynomials of degree m on mesh intervals of the unit circle.
//!
//! On each interval the orbit is the polynomial through m + 1 equally spaced nodes; neighbours share their end node.
//! The equations hold at the m Gauss points of each interval, which
//! gives order 2m at the mesh points (de Boor & Swartz 1973).

use nalgebra::{DMatrix, DVector};
use std::sync::OnceLock;

/// The degree of the polynomials.
pub const DEGREE: usize = 4;

/// Gauss-Legendre nodes and weights of [`DEGREE`] points on [0, 1].
fn gauss() -> ([f64; DEGREE], [f64; DEGREE]) {
    // Closed form for four points: x = ±√(3/7 ∓ (2/7)√(6/5)), w = (18 ± √30)/36 on [−1, 1].
    let s = (6.0f64 / 5.0).sqrt() * 2.0 / 7.0;
    let (inner, outer) = ((3.0 / 7.0 - s).sqrt(), (3.0 / 7.0 + s).sqrt());
    let (heavy, light) = ((18.0 + 30.0f64.sqrt()) / 72.0, (18.0 - 30.0f64.sqrt()) / 72.0);
    ([-outer, -inner, inner, outer].map(|x| 0.5 * (1.0 + x)), [light, heavy, heavy, light])
}

/// Values and slopes of the Lagrange polynomials on the nodes 0, 1/m, …, 1 at `t`.
pub fn lagrange(t: f64) -> ([f64; DEGREE + 1], [f64; DEGREE + 1]) {
    let node = |k: usize| k as f64 / DEGREE as f64;
    let (mut value, mut slope) = ([0.0; DEGREE + 1], [0.0; DEGREE + 1]);
    for k in 0..=DEGREE {
        let others = || (0..=DEGREE).filter(|&j| j != k);
        value[k] = others().map(|j| (t - node(j)) / (node(k) - node(j))).product();
        slope[k] = others()
            .map(|i| {
                let rest: f64 = others().filter(|&j| j != i).map(|j| (t - node(j)) / (node(k) - node(j))).product();
                rest / (node(k) - node(i))
            })
            .sum();
    }
    (value, slope)
}

/// The collocation rule on the unit interval: values and slopes of the polynomials at the Gauss points, and weights.
pub struct Rule {
    /// `value[c][k]`: polynomial k at Gauss point c.
    pub value: [[f64; DEGREE + 1]; DEGREE],
    /// `slope[c][k]`: its derivative there.
    pub slope: [[f64; DEGREE + 1]; DEGREE],
    /// The Gauss weights.
    pub weight: [f64; DEGREE],
}

impl Rule {
    /// The rule for [`DEGREE`].
    pub fn new() -> Self {
        let (points, weight) = gauss();
        let both = points.map(lagrange);
        Rule { value: both.map(|b| b.0), slope: both.map(|b| b.1), weight }
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

/// The places of all nodes of a mesh.
pub fn places(mesh: &[f64]) -> Vec<f64> {
    let inside = |w: &[f64]| (0..DEGREE).map(|k| w[0] + (w[1] - w[0]) * k as f64 / DEGREE as f64).collect::<Vec<_>>();
    mesh.windows(2).flat_map(inside).chain(mesh.last().copied()).collect()
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
    /// The combination of the nodes of interval j with these shares, written to `out`.
    pub fn combine(&self, j: usize, shares: &[f64; DEGREE + 1], out: &mut [f64]) {
        let n = self.variables();
        let from = &self.nodes.as_slice()[j * DEGREE * n..];
        for (i, o) in out.iter_mut().enumerate() {
            *o = shares.iter().enumerate().map(|(k, s)| s * from[k * n + i]).sum();
        }
    }
    /// The interval of a place, and how far inside of it the place is, in [0, 1].
    fn locate(&self, place: f64) -> (usize, f64) {
        let j = self.mesh.partition_point(|&s| s <= place).clamp(1, self.intervals()) - 1;
        (j, (place - self.mesh[j]) / self.width(j))
    }
    /// The value at a place in [0, 1].
    pub fn at(&self, place: f64) -> Vec<f64> {
        let (j, t) = self.locate(place);
        let mut x = vec![0.0; self.variables()];
        self.combine(j, &lagrange(t).0, &mut x);
        x
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
        let one = |i: usize| {
            let row = self.nodes.row(i);
            let (mut lo, mut hi) = (row.min(), row.max());
            for j in 0..self.intervals() {
                let inside = self.nodes.view((i, j * DEGREE), (1, DEGREE + 1));
                // Only an interval with a node near the extreme can hold it.
                let room = 0.5 * (inside.max() - inside.min());
                if inside.max() + room < hi && inside.min() - room > lo {
                    continue;
                }
                for s in 1..40 {
                    let value = finely()[s];
                    let x: f64 = (0..=DEGREE).map(|k| value[k] * inside[k]).sum();
                    (lo, hi) = (lo.min(x), hi.max(x));
                }
            }
            (lo, hi)
        };
        (0..self.variables()).map(one).collect()
    }
    /// How finely the function is resolved: on each interval the (m+1)-th derivative to the power 1/(m+1), in units of
    /// the function's own swing.
    fn roughness(&self) -> Vec<f64> {
        let n = self.intervals();
        let swing: Vec<f64> = self.nodes.row_iter().map(|r| r.max() - r.min()).collect();
        let largest = swing.iter().fold(0.0f64, |a, b| a.max(*b));
        let scale: Vec<f64> = swing.iter().map(|s| s.max(1e-2 * largest).max(1e-300)).collect();
        // The m-th derivative is constant on an interval: a finite difference of the nodes.
        let binomial = |k: usize| (0..k).fold(1.0, |b, i| b * (DEGREE - i) as f64 / (i + 1) as f64);
        let sign = |k: usize| if (DEGREE - k).is_multiple_of(2) { 1.0 } else { -1.0 };
        let shares: [f64; DEGREE + 1] = std::array::from_fn(|k| sign(k) * binomial(k));
        let mut high = DMatrix::zeros(self.variables(), n);
        for j in 0..n {
            let h = (self.width(j) / DEGREE as f64).powi(DEGREE as i32);
            self.combine(j, &shares, &mut high.as_mut_slice()[j * scale.len()..][..scale.len()]);
            (0..scale.len()).for_each(|i| high[(i, j)] /= h * scale[i]);
        }
        let jump = |j: usize| {
            let (next, gap) = ((j + 1) % n, 0.5 * (self.width(j) + self.width((j + 1) % n)));
            (0..scale.len()).map(|i| ((high[(i, next)] - high[(i, j)]) / gap).abs()).fold(0.0, f64::max)
        };
        let jumps: Vec<f64> = (0..n).map(jump).collect();
        (0..n).map(|j| (0.5 * (jumps[j] + jumps[(j + n - 1) % n])).powf(1.0 / (DEGREE + 1) as f64)).collect()
    }
    /// The error of interpolation, relative to the function's own swing: the largest over the intervals.
    pub fn error(&self) -> f64 {
        // max |t (t − 1/4) (t − 1/2) (t − 3/4) (t − 1)|/5! on [0, 1].
        const SHARE: f64 = 3.0e-5;
        let rough = self.roughness();
        let worst = rough.iter().enumerate().map(|(j, r)| r * self.width(j)).fold(0.0, f64::max);
        SHARE * worst.powi(DEGREE as i32 + 1)
    }
    /// A mesh of so many intervals on which every interval has the same share of the roughness.
    pub fn adapted_mesh(&self, intervals: usize) -> Vec<f64> {
        let n = self.intervals();
        let rough = self.roughness();
        let mean = rough.iter().enumerate().map(|(j, r)| r * self.width(j)).sum::<f64>();
        // A floor keeps intervals from growing without limit where the orbit rests.
        let density: Vec<f64> = rough.iter().map(|r| r + 0.2 * mean + 1e-30).collect();
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
        Orbit::from_states(mesh, |t| self.at(t))
    }
}

/// The polynomials at 41 equally spaced places, computed once.
fn finely() -> &'static [[f64; DEGREE + 1]; 41] {
    static TABLE: OnceLock<[[f64; DEGREE + 1]; 41]> = OnceLock::new();
    TABLE.get_or_init(|| std::array::from_fn(|s| lagrange(s as f64 / 40.0).0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    #[test]
    fn theory_gauss_points_integrate_degree_seven_exactly() {
        let (x, w) = gauss();
        for degree in 0..8 {
            let sum: f64 = x.iter().zip(&w).map(|(x, w)| w * x.powi(degree)).sum();
            assert!((sum - 1.0 / f64::from(degree + 1)).abs() < 1e-15, "{degree}");
        }
    }

    #[test]
    fn theory_a_sine_is_interpolated_to_fifth_order() {
        let error = |n: usize| {
            let orbit = Orbit::from_fn(Orbit::uniform(n), 1, |t, _| (TAU * t).sin());
            (0..1000)
                .map(|k| (orbit.at(k as f64 / 1000.0)[0] - (TAU * k as f64 / 1000.0).sin()).abs())
                .fold(0.0, f64::max)
        };
        let slope = (error(10) / error(20)).log2();
        assert!((slope - 5.0).abs() < 0.2, "{slope}");
    }

    #[test]
    fn theory_the_error_of_a_sine_is_known_to_a_factor_of_two() {
        let orbit = Orbit::from_fn(Orbit::uniform(12), 1, |t, _| (TAU * t).sin());
        let error = |t: f64| (orbit.at(t)[0] - (TAU * t).sin()).abs();
        // Relative to the swing, which is two.
        let truth = (0..1000).map(|k| 0.5 * error(k as f64 / 1000.0)).fold(0.0, f64::max);
        assert!(orbit.error() > 0.5 * truth && orbit.error() < 2.0 * truth, "{} {truth}", orbit.error());
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
