//! How long does the complete list of fixed points take, each with its proof?
//!
//!     cargo bench --bench fixed_points
//!
//! Rate networks dr/dt = −r + tanh(W r), the weights a multiple of the identity plus a random part, the box [−1.5, 1.5]ⁿ.
//! The list is complete and every member proven, or the bench says so. `benches/peers/scipy_multistart.py` looks for the
//! same points by many starts of a Newton method, without proof; run both and divide.

use homeostat::dynamics::{Region, Search, fixed_points};
use homeostat::field::{Law, Names, Quantity};
use homeostat::num::Scalar;
use std::time::Instant;

struct Network {
    names: Names,
    n: usize,
}

impl Network {
    /// Weights from a linear congruential generator that the peer's script repeats. The first `two` units excite
    /// themselves enough to have two states, the others follow.
    fn new(n: usize, two: usize, own: f64, others: f64) -> Self {
        let mut state: u64 = 12345;
        let mut draw = || {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 11) as f64 / (1u64 << 53) as f64 * 2.0 - 1.0
        };
        let weights = (0..n * n).map(|k| {
            let random = others * draw();
            let itself = if k / n != k % n {
                0.0
            } else if k / n < two {
                own
            } else {
                0.3
            };
            Quantity::plain(&format!("W_{}_{}", k / n, k % n), itself + random)
        });
        let names = Names::new("network", (0..n).map(|i| Quantity::plain(&format!("r_{i}"), 0.1)), weights);
        Network { names, n }
    }
}

impl Law for Network {
    fn law_names(&self) -> &Names {
        &self.names
    }
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        for (i, dx) in dx.iter_mut().enumerate() {
            let row = &p[i * self.n..(i + 1) * self.n];
            let drive = row.iter().zip(x).fold(S::constant(0.0), |sum, (w, r)| sum + *w * *r);
            *dx = drive.tanh() - x[i];
        }
    }
}

/// Units, how many with two states, their weight onto themselves, size of the random part.
const NETWORKS: [(usize, usize, f64, f64); 5] =
    [(4, 4, 1.5, 0.2), (6, 3, 1.5, 0.1), (6, 6, 1.4, 0.35), (6, 6, 1.5, 0.25), (6, 6, 1.5, 0.1)];

fn main() {
    println!("{:<14} {:>6} {:>9} {:>9} {:>8} {:>9}", "network", "found", "complete", "boxes", "median s", "ms each");
    for (n, two, own, others) in NETWORKS {
        let field = Network::new(n, two, own, others);
        let region = Region::new((0..n).map(|_| (-1.5, 1.5))).unwrap_or_else(|e| panic!("{e}"));
        let p = field.names.defaults();
        let run = || {
            let start = Instant::now();
            let found = fixed_points(&field, &p, &region, &Search::default()).unwrap_or_else(|e| panic!("{e}"));
            (start.elapsed().as_secs_f64(), found)
        };
        let mut runs: Vec<_> = (0..5).map(|_| run()).collect();
        runs.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (seconds, found) = &runs[runs.len() / 2];
        let each = seconds * 1e3 / found.points.len() as f64;
        println!(
            "{:<14} {:>6} {:>9} {:>9} {seconds:>8.3} {each:>9.2}",
            format!("{n}-d {two}x{own}+{others}"),
            found.points.len(),
            found.complete,
            found.boxes
        );
    }
}
