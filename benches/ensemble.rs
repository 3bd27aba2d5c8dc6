//! How much slower than hand-written Rust is an ensemble of a model that was read from a text file?
//!
//!     cargo bench --bench ensemble -- [STEPS] [MEMBERS] [text]
//!
//! A two-variable model with two noise sources is stepped by Euler-Maruyama: (1) written by hand for f64, member by member,
//! (2) as a compiled text through `ensemble`, (3) as a Rust `Law` through `ensemble`. All three use the same generator and
//! all threads. What is printed are ratios within one run; `benches/peers/brian2_ensemble.py` runs
//! Brian2 on the same work, in turns with the text alone.

use homeostat::dynamics::{Ensemble, ensemble};
use homeostat::field::{Field, Law, Names};
use homeostat::lang::{Library, Model};
use homeostat::num::{Scalar, Stream};
use rayon::prelude::*;
use std::time::Instant;

const TEXT: &str = r#"
title   = "A saturating rate under integral homeostasis, with noise"
sources = ["harnack2015"]
about   = "A benchmark."
kind    = "circuit"
example = "noisy"
equations = """
dr/dt     = (-r + gain*(u - theta) - c*r**3)/tau_r + a*sqrt(2/tau_r)*xi_r  : 1
dtheta/dt = (r - r0)/tau_theta + b*sqrt(2/tau_theta)*xi_theta            : 1
"""

[populations]
n = { r = "r" }

[parameters]
gain      = { value = 2, about = "gain" }
u         = { value = 1, about = "input" }
c         = { value = 0.1, about = "saturation" }
r0        = { value = 0.5, about = "set point" }
tau_r     = { value = "10 ms", about = "time constant of the rate" }
tau_theta = { value = "1 s", about = "time constant of homeostasis" }
a         = { value = 0.2, about = "noise of the rate" }
b         = { value = 0.05, about = "noise of the threshold" }

[variables]
r     = { start = 0.5, about = "rate" }
theta = { start = 0.5, about = "threshold" }
"#;

/// The same as a law in Rust, with the parameters of the text in their order by name.
struct Native {
    names: Names,
    place: [usize; 8],
}

impl Law for Native {
    fn law_names(&self) -> &Names {
        &self.names
    }
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        let [gain, u, c, r0, tau_r, tau_theta, _, _] = self.place.map(|i| p[i]);
        dx[0] = (-x[0] + gain * (u - x[1]) - c * x[0].powi(3)) / tau_r;
        dx[1] = (x[0] - r0) / tau_theta;
    }
    fn diffusion<S: Scalar>(&self, _x: &[S], p: &[S], g: &mut [S]) {
        let [_, _, _, _, tau_r, tau_theta, a, b] = self.place.map(|i| p[i]);
        let (zero, two) = (S::constant(0.0), S::constant(2.0));
        (g[0], g[1], g[2], g[3]) = (a * (two / tau_r).sqrt(), zero, zero, b * (two / tau_theta).sqrt());
    }
}

/// What one would write without this crate.
fn by_hand(steps: usize, members: usize, dt: f64) -> f64 {
    let [gain, u, c, r0, tau_r, tau_theta, a, b] = [2.0, 1.0, 0.1, 0.5, 0.01, 1.0, 0.2, 0.05];
    let (sr, st) = (a * f64::sqrt(2.0 / tau_r * dt), b * f64::sqrt(2.0 / tau_theta * dt));
    let ends: Vec<f64> = (0..members as u64)
        .into_par_iter()
        .map(|member| {
            let (mut first, mut second) = (Stream::new(1, &[member, 0]), Stream::new(1, &[member, 1]));
            let (mut r, mut theta) = (0.5, 0.5);
            for _ in 0..steps {
                let dr: f64 = (-r + gain * (u - theta) - c * r * r * r) / tau_r;
                let dtheta = (r - r0) / tau_theta;
                r += dr * dt + sr * first.normal();
                theta += dtheta * dt + st * second.normal();
            }
            r
        })
        .collect();
    ends.iter().sum::<f64>() / members as f64
}

fn timed(name: &str, steps: usize, members: usize, run: impl Fn() -> f64) -> f64 {
    let start = Instant::now();
    let mean = run();
    let seconds = start.elapsed().as_secs_f64();
    let each = seconds * 1e9 / (steps * members) as f64;
    println!("{name:<28} {seconds:>8.3} s  {each:>7.2} ns a step and member  (mean of r at the end {mean:.4})");
    seconds
}

fn main() {
    let mut arguments = std::env::args().skip(1).filter_map(|a| a.parse::<usize>().ok());
    let (steps, members) = (arguments.next().unwrap_or(20_000), arguments.next().unwrap_or(1000));
    let dt = 1e-4;
    let library = Library::default().with("noisy", "noisy.toml", None, TEXT);
    let model = Model::compose("noisy", &library).unwrap_or_else(|e| panic!("{e}"));
    let p = model.names().defaults();
    let place = ["gain", "u", "c", "r0", "tau_r", "tau_theta", "a", "b"]
        .map(|name| model.names().parameter(name).unwrap_or_else(|e| panic!("{e}")));
    let native = Native { names: model.names().clone(), place };
    let options = Ensemble { members, dt, ..Ensemble::default() };
    let through = |field: &dyn Field| {
        let run = ensemble(field, &p, &[0.5, 0.5], steps as f64 * dt, &options).unwrap_or_else(|e| panic!("{e}"));
        run.final_mean("r").unwrap_or_else(|e| panic!("{e}")).value
    };
    if std::env::args().any(|a| a == "text") {
        let start = Instant::now();
        through(&model);
        println!("seconds {}", start.elapsed().as_secs_f64());
        return;
    }
    println!("{members} members, {steps} steps");
    let hand = timed("by hand", steps, members, || by_hand(steps, members, dt));
    let text = timed("compiled text, ensemble", steps, members, || through(&model));
    let law = timed("Rust law, ensemble", steps, members, || through(&native));
    println!("compiled text / by hand = {:.2}   Rust law / by hand = {:.2}", text / hand, law / hand);
}
