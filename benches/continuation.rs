//! How does the cost of following fixed points grow with the number of variables?
//!
//!     cargo bench --bench continuation
//!
//! A dense rate network, tau dr_i/dt = −r_i + tanh(Σ_j W_ij r_j + u), is followed in the input u, for N = 2 to 200: as a
//! law in Rust and as compiled text. A point costs one Jacobian (N directional derivatives of N² work) and a few
//! factorisations: N³. What is printed are points per second and the exponent between neighbouring rows.

use homeostat::dynamics::continuation::{Options, Vary, follow};
use homeostat::field::{Field, Law, Names, Quantity};
use homeostat::lang::{Library, Model};
use homeostat::num::Scalar;
use std::time::Instant;

const TEXT: &str = r#"
title   = "A dense network"
sources = ["dayan2001"]
about   = "A benchmark."
kind    = "circuit"
example = "dense"
equations = """
dr[i]/dt = (-r[i] + tanh(sum(j, W[i, j]*r[j]) + u))/tau : 1
"""

[populations]
n = { r = "r[i]" }

[sizes]
N = { value = 3, index = ["i", "j"], about = "number of units" }

[parameters]
W   = { diagonal = 0.1, off_diagonal = 0.003, about = "weight onto i from j" }
u   = { value = 0, about = "input" }
tau = { value = "10 ms", about = "time constant" }

[variables]
r = { start = 0, about = "rate" }
"#;

struct Dense(Names);

impl Law for Dense {
    fn law_names(&self) -> &Names {
        &self.0
    }
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        let n = x.len();
        for i in 0..n {
            let drive = (0..n).fold(p[0], |sum, j| sum + x[j] * if i == j { 0.1 } else { 0.003 });
            dx[i] = (drive.tanh() - x[i]) / p[1];
        }
    }
}

/// Points and the fastest of some runs, s.
fn time(field: &dyn Field, vary: &Vary, runs: usize) -> (usize, f64) {
    let (start, p) = (vec![0.0; field.names().variables.len()], field.names().defaults());
    let (mut points, mut best) = (0, f64::INFINITY);
    for _ in 0..runs {
        let from = Instant::now();
        let branch = follow(field, &p, &start, vary, &Options::default()).unwrap_or_else(|e| panic!("{e}"));
        best = best.min(from.elapsed().as_secs_f64());
        points = branch.points.len();
    }
    (points, best)
}

fn main() {
    let library = Library::default().with("dense", "dense.toml", None, TEXT);
    println!(
        "{:>5} {:>8} {:>14} {:>9} {:>14} {:>9}",
        "N", "points", "law, points/s", "exponent", "text, points/s", "exponent"
    );
    let mut before: Option<(f64, [f64; 2])> = None;
    for n in [2usize, 5, 10, 20, 50, 100, 200] {
        let variables: Vec<Quantity> = (0..n).map(|k| Quantity::plain(&format!("r{k}"), 0.0)).collect();
        let law = Dense(Names::new("dense", variables, [Quantity::plain("u", 0.0), Quantity::plain("tau", 0.01)]));
        let mut text = Model::compose("dense", &library).unwrap_or_else(|e| panic!("{e}"));
        text.set("N", &n.to_string()).unwrap_or_else(|e| panic!("{e}"));
        let place = text.names().parameter("u").unwrap_or_else(|e| panic!("{e}"));
        let runs = if n > 50 { 1 } else { 5 };
        let (points, by_law) = time(&law, &Vary::new(0, (-2.0, 2.0)), runs);
        let (others, by_text) = time(&text, &Vary::new(place, (-2.0, 2.0)), runs);
        let cost = [by_law / points as f64, by_text / others as f64];
        let grown = |k: usize| before.map(|(m, c)| (cost[k] / c[k]).ln() / (n as f64 / m).ln());
        let told = |k: usize| grown(k).map_or("-".to_string(), |e| format!("{e:.2}"));
        println!("{n:>5} {points:>8} {:>14.0} {:>9} {:>14.0} {:>9}", 1.0 / cost[0], told(0), 1.0 / cost[1], told(1));
        before = Some((n as f64, cost));
    }
}
