//! How is a periodic orbit written down? Polynomials of degree m on mesh intervals of the unit circle.
//!
//! On each interval the orbit is the polynomial through m + 1 equally spaced nodes; neighbours share their end node,
//! and the last interval ends in the first node of all. The equations hold at the m Gauss points of each interval, which
//! gives order 2m at the mesh points (de Boor & Swartz 1973).

use nalgebra::DMatrix;

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

/// A periodic function: one column per node, [`DEGREE`] nodes per interval, the last node being the first again.
#[derive(Clone, Debug)]
pub struct Orbit {
    /// Interval boundaries from 0 to 1.
    pub mesh: Vec<f64>,
    /// Values at the nodes, variables × (intervals · [`DEGREE`]).
    pub nodes: DMatrix<f64>,
}

impl Orbit {
    /// The orbit with the values of `f` at the nodes of `mesh`.
    pub fn from_fn(mesh: Vec<f64>, variables: usize, f: impl Fn(f64, usize) -> f64) -> Self {
        let intervals = mesh.len() - 1;
        let at = |node: usize| {
            let (j, k) = (node / DEGREE, node % DEGREE);
            mesh[j] + (mesh[j + 1] - mesh[j]) * k as f64 / DEGREE as f64
        };
        let nodes = DMatrix::from_fn(variables, intervals * DEGREE, |i, node| f(at(node), i));
        Orbit { mesh, nodes }
    }
    /// A mesh of equal intervals.
    pub fn uniform(intervals: usize) -> Vec<f64> {
        (0..=intervals).map(|j| j as f64 / intervals as f64).collect()
    }
    /// The number of intervals.
    pub fn intervals(&self) -> usize {
        self.mesh.len() - 1
    }
    /// The place of node k (0 to m) of interval j.
    pub fn index(&self, j: usize, k: usize) -> usize {
        (j * DEGREE + k) % self.nodes.ncols()
    }
    /// The value at a phase in [0, 1).
    pub fn at(&self, phase: f64) -> Vec<f64> {
        let t = phase.rem_euclid(1.0);
        let j = self.mesh.partition_point(|&s| s <= t).clamp(1, self.intervals()) - 1;
        let (value, _) = lagrange((t - self.mesh[j]) / (self.mesh[j + 1] - self.mesh[j]));
        (0..self.nodes.nrows())
            .map(|i| (0..=DEGREE).map(|k| value[k] * self.nodes[(i, self.index(j, k))]).sum())
            .collect()
    }
    /// Smallest and largest value of a variable, looked for between the nodes too.
    pub fn extremes(&self, variable: usize) -> (f64, f64) {
        let samples = self.intervals() * 20;
        (0..samples).fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), s| {
            let (j, t) = (s / 20, (s % 20) as f64 / 20.0);
            let (value, _) = lagrange(t);
            let x: f64 = (0..=DEGREE).map(|k| value[k] * self.nodes[(variable, self.index(j, k))]).sum();
            (lo.min(x), hi.max(x))
        })
    }
    /// The mesh on which the (m+1)-th derivative to the power 1/(m+1) has the same integral over every interval.
    pub fn adapted_mesh(&self, scale: &[f64]) -> Vec<f64> {
        let n = self.intervals();
        // The m-th derivative is constant on an interval: a finite difference of the nodes.
        let binomial = |k: usize| (0..k).fold(1.0, |b, i| b * (DEGREE - i) as f64 / (i + 1) as f64);
        let width = |j: usize| self.mesh[j + 1] - self.mesh[j];
        let high: Vec<Vec<f64>> = (0..n)
            .map(|j| {
                let h = (width(j) / DEGREE as f64).powi(DEGREE as i32);
                let sign = |k: usize| if (DEGREE - k).is_multiple_of(2) { 1.0 } else { -1.0 };
                (0..self.nodes.nrows())
                    .map(|i| {
                        let term = |k: usize| sign(k) * binomial(k) * self.nodes[(i, self.index(j, k))];
                        (0..=DEGREE).map(term).sum::<f64>() / (h * scale[i])
                    })
                    .collect()
            })
            .collect();
        let jump = |j: usize| {
            let (a, b) = (&high[j], &high[(j + 1) % n]);
            let gap = 0.5 * (width(j) + width((j + 1) % n));
            a.iter().zip(b).map(|(x, y)| ((y - x) / gap).abs()).fold(0.0, f64::max)
        };
        let power = 1.0 / (DEGREE + 1) as f64;
        let raw: Vec<f64> = (0..n).map(|j| (0.5 * (jump(j) + jump((j + n - 1) % n))).powf(power)).collect();
        let mean = raw.iter().enumerate().map(|(j, r)| r * width(j)).sum::<f64>();
        // A floor keeps intervals from growing without limit where the orbit rests.
        let density: Vec<f64> = raw.iter().map(|r| r + 0.2 * mean + 1e-30).collect();
        let mut cumulative = vec![0.0];
        (0..n).for_each(|j| cumulative.push(cumulative[j] + density[j] * width(j)));
        let total = cumulative[n];
        let mut mesh: Vec<f64> = (0..=n)
            .map(|k| {
                let target = total * k as f64 / n as f64;
                let j = cumulative.partition_point(|&c| c <= target).clamp(1, n) - 1;
                self.mesh[j] + (target - cumulative[j]) / density[j]
            })
            .collect();
        (mesh[0], mesh[n]) = (0.0, 1.0);
        mesh
    }
    /// The same function on another mesh.
    pub fn on(&self, mesh: Vec<f64>) -> Self {
        let samples: Vec<Vec<f64>> = {
            let n = mesh.len() - 1;
            let at = |node: usize| {
                let (j, k) = (node / DEGREE, node % DEGREE);
                mesh[j] + (mesh[j + 1] - mesh[j]) * k as f64 / DEGREE as f64
            };
            (0..n * DEGREE).map(|node| self.at(at(node))).collect()
        };
        let nodes = DMatrix::from_fn(self.nodes.nrows(), samples.len(), |i, node| samples[node][i]);
        Orbit { mesh, nodes }
    }
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
    fn law_an_adapted_mesh_is_increasing_and_dense_where_the_orbit_is_fast() {
        let spike = |t: f64| (-((t - 0.5) / 0.03).powi(2)).exp();
        let orbit = Orbit::from_fn(Orbit::uniform(40), 1, |t, _| spike(t));
        let mesh = orbit.adapted_mesh(&[1.0]);
        assert!(mesh.windows(2).all(|w| w[0] < w[1]));
        let near = mesh.iter().filter(|t| (**t - 0.5).abs() < 0.1).count();
        assert!(near > 15, "{near} of 41 mesh points near the spike");
    }
}
