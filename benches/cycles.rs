//! How fast is a branch of cycles followed, and how does the cost grow with the number of variables?
//!
//!     cargo bench --bench cycles
//!
//! (1) The cycles of Wilson and Cowan's oscillator from its Hopf point to the homoclinic orbit. AUTO-07p needs 0.104 s of
//! its own solver time for equilibria and cycles of this model together, 395 points. (2) One Hopf normal form driving N − 2 stable
//! followers, N = 2 to 50: time per orbit, which grows as N³ at most.

use homeostat::dynamics::continuation::{EventKind, Options, Vary, follow};
use homeostat::dynamics::cycles::{CycleBranch, CycleOptions, from_hopf};
use homeostat::field::{Field, Law, Names, Quantity};
use homeostat::num::Scalar;
use std::time::Instant;

struct WilsonCowan(Names);
impl Law for WilsonCowan {
    fn law_names(&self) -> &Names {
        &self.0
    }
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        let gain = |u: S, a: f64, theta: f64| ((u - theta) * a).sigmoid() - 1.0 / (1.0 + (a * theta).exp());
        let e = gain(x[0] * 16.0 - x[1] * 12.0 + p[0], 1.3, 4.0);
        let i = gain(x[0] * 15.0 - x[1] * 3.0, 2.0, 3.7);
        dx[0] = (-x[0] + 1.0) * e - x[0];
        dx[1] = (-x[1] + 1.0) * i - x[1];
    }
}

/// x' = λ x − y − x r², y' = x + λ y − y r², and followers z_k' = x − (1 + k/10) z_k.
struct Driven(Names);
impl Law for Driven {
    fn law_names(&self) -> &Names {
        &self.0
    }
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        let growth = p[0] - (x[0].square() + x[1].square());
        dx[0] = growth * x[0] - x[1];
        dx[1] = x[0] + growth * x[1];
        (2..x.len()).for_each(|k| dx[k] = x[0] - x[k] * (1.0 + 0.1 * k as f64));
    }
}

fn names(model: &str, n: usize, start: f64) -> Names {
    let variables: Vec<Quantity> = (0..n).map(|k| Quantity::plain(&format!("x{k}"), start)).collect();
    Names::new(model, variables, [Quantity::plain("p", 1.0)])
}

/// The fastest of some runs, s, and the branch.
fn time(
    runs: usize,
    field: &dyn Field,
    p: f64,
    start: &[f64],
    range: (f64, f64),
    options: &CycleOptions,
) -> (f64, CycleBranch) {
    let vary = Vary::new(0, range);
    let branch = follow(field, &[p], start, &vary, &Options::default()).expect("fixed points");
    let hopf = branch.first(EventKind::Hopf).expect("a Hopf point");
    let mut best = f64::INFINITY;
    let mut found = None;
    for _ in 0..runs {
        let clock = Instant::now();
        found = Some(from_hopf(field, &[p], hopf, &vary, options).expect("cycles"));
        best = best.min(clock.elapsed().as_secs_f64());
    }
    (best, found.expect("at least one run"))
}

fn main() {
    let field = WilsonCowan(names("wilson-cowan", 2, 0.2));
    let options = CycleOptions { points: 200, step_max: 0.05, ..CycleOptions::default() };
    let (seconds, branch) = time(5, &field, 1.0, &[0.1, 0.05], (0.0, 4.0), &options);
    let (count, last) = (branch.points.len(), &branch.points[branch.points.len() - 1]);
    println!(
        "Wilson-Cowan: {count} orbits in {:.1} ms, {:.0} orbits/s; ends: {}",
        1e3 * seconds,
        count as f64 / seconds,
        branch.stopped.name()
    );
    println!(
        "  last orbit at P = {:.6}, period {:.9}, {} intervals",
        last.parameter,
        last.period,
        last.mesh().len() - 1
    );
    println!("     N   orbits   ms/orbit");
    for n in [2, 5, 10, 20, 50] {
        let field = Driven(names("driven", n, 0.0));
        let options = CycleOptions { points: 10, ..CycleOptions::default() };
        let (seconds, branch) = time(1, &field, -0.2, &vec![0.0; n], (-0.5, 1.0), &options);
        let count = branch.points.len();
        println!("{n:6} {count:8} {:10.2}", 1e3 * seconds / count as f64);
    }
}
