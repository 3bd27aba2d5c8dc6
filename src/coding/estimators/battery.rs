//! How far off are the estimators where the truth is known?
//!
//! Distributions whose mutual information has a closed form (or one integral): normal, dense and sparse, in one to five
//! dimensions a side; Student-t with heavy tails; the same variables bent (uniform margins, asinh, half-cube, wiggly, two
//! humps, swiss roll, spiral), for which nothing changes; additive noise, a parabola that correlations do not see,
//! independence, and labels against real variables. [`battery`] lists them, [`bias_table`] runs an estimator over
//! them. Sources of the set: Czyż et al. 2023; Gao et al. 2017.
//!
//! ```
//! use homeostat::coding::estimators::{Continuous, battery, bias_table};
//! let few: Vec<_> = battery().into_iter().take(2).collect();
//! let table = bias_table(&few, &Continuous { surrogates: 0, ..Default::default() }, 200, 4, 1)?;
//! assert_eq!(table.rows(), 2);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use super::digamma::{digamma, ln_gamma};
use super::{Continuous, Points, information};
use crate::coding::information::phi;
use crate::field::{Result, Table, Unit};
use crate::num::{Estimate, Stream};
use rayon::prelude::*;
use std::f64::consts::{LN_2, PI};

/// A joint distribution of real variables with known information.
#[derive(Clone, Copy)]
pub struct Known {
    /// What it is called.
    pub name: &'static str,
    /// The true information in bits.
    pub truth: f64,
    /// One sample: fills x and y.
    draw: fn(&mut Stream, &mut Vec<f64>, &mut Vec<f64>),
}

impl Known {
    /// n samples of the two sides.
    pub fn sample(&self, n: usize, draws: &mut Stream) -> Result<(Points, Points)> {
        let (mut x, mut y) = (Vec::new(), Vec::new());
        let mut columns: [Vec<Vec<f64>>; 2] = [Vec::new(), Vec::new()];
        for _ in 0..n {
            x.clear();
            y.clear();
            (self.draw)(draws, &mut x, &mut y);
            for (side, values) in columns.iter_mut().zip([&x, &y]) {
                side.resize(values.len(), Vec::with_capacity(n));
                side.iter_mut().zip(values).for_each(|(c, v)| c.push(*v));
            }
        }
        let points = |c: &Vec<Vec<f64>>| Points::columns(&c.iter().map(Vec::as_slice).collect::<Vec<_>>());
        Ok((points(&columns[0])?, points(&columns[1])?))
    }
}

/// −½ log₂(1 − ρ²).
fn pair_bits(rho: f64) -> f64 {
    -0.5 * (1.0 - rho * rho).log2()
}

/// Entropy in nats of a d-variate Student-t with ν degrees of freedom and unit scale.
fn student_entropy(nu: f64, d: usize) -> f64 {
    let (d, half) = (d as f64, 0.5 * (nu + d as f64));
    ln_gamma(0.5 * nu) - ln_gamma(half) + 0.5 * d * (nu * PI).ln() + half * (digamma(half) - digamma(0.5 * nu))
}

/// What a common scale adds to the information of Student-t variables, in bits.
fn student_bits(nu: f64, dx: usize, dy: usize) -> f64 {
    (student_entropy(nu, dx) + student_entropy(nu, dy) - student_entropy(nu, dx + dy)) / LN_2
}

/// All correlations c, d variables a side: I = ½ ln[det_x det_y/det_xy] in bits.
fn dense_bits(c: f64, d: usize) -> f64 {
    let ln_det = |d: f64| (d - 1.0) * (1.0 - c).ln() + (1.0 + (d - 1.0) * c).ln();
    0.5 * (2.0 * ln_det(d as f64) - ln_det(2.0 * d as f64)) / LN_2
}

/// A pair of normal variables with correlation ρ.
fn pair(draws: &mut Stream, rho: f64) -> (f64, f64) {
    let x = draws.normal();
    (x, rho * x + (1.0 - rho * rho).sqrt() * draws.normal())
}

/// `d` variables a side, all correlations c ≥ 0.
fn dense(draws: &mut Stream, c: f64, d: usize, x: &mut Vec<f64>, y: &mut Vec<f64>) {
    let common = draws.normal();
    let mut one = || c.sqrt() * common + (1.0 - c).sqrt() * draws.normal();
    x.extend((0..d).map(|_| one()));
    y.extend((0..d).map(|_| one()));
}

/// `d` variables a side of which the first `pairs` are correlated by ρ across sides.
fn sparse(draws: &mut Stream, rho: f64, pairs: usize, d: usize, x: &mut Vec<f64>, y: &mut Vec<f64>) {
    for i in 0..d {
        let (a, b) = pair(draws, if i < pairs { rho } else { 0.0 });
        x.push(a);
        y.push(b);
    }
}

/// Divides both sides by one χ-distributed scale.
fn student(draws: &mut Stream, nu: usize, x: &mut [f64], y: &mut [f64]) {
    let scale = ((0..nu).map(|_| draws.normal().powi(2)).sum::<f64>() / nu as f64).sqrt();
    x.iter_mut().chain(y).for_each(|v| *v /= scale);
}

/// Turns the first two variables by an angle that grows with the distance from the origin: volumes stay.
fn spiral(v: &mut [f64], speed: f64) {
    let angle = speed * v.iter().map(|x| x * x).sum::<f64>();
    let (s, c) = angle.sin_cos();
    (v[0], v[1]) = (c * v[0] - s * v[1], s * v[0] + c * v[1]);
}

/// The distributions, 24 of them.
pub fn battery() -> Vec<Known> {
    let known = |name, truth, draw| Known { name, truth, draw };
    vec![
        known("independent normal", 0.0, |d, x, y| sparse(d, 0.0, 0, 1, x, y)),
        known("independent heavy tails", 0.0, |d, x, y| {
            x.push(-d.open_uniform().ln());
            y.push((PI * (d.open_uniform() - 0.5)).tan());
        }),
        known("independent 3+3", 0.0, |d, x, y| sparse(d, 0.0, 0, 3, x, y)),
        known("normal 0.3", pair_bits(0.3), |d, x, y| sparse(d, 0.3, 1, 1, x, y)),
        known("normal 0.6", pair_bits(0.6), |d, x, y| sparse(d, 0.6, 1, 1, x, y)),
        known("normal 0.9", pair_bits(0.9), |d, x, y| sparse(d, 0.9, 1, 1, x, y)),
        known("normal 0.99", pair_bits(0.99), |d, x, y| sparse(d, 0.99, 1, 1, x, y)),
        known("dense normal 2+2", dense_bits(0.5, 2), |d, x, y| dense(d, 0.5, 2, x, y)),
        known("dense normal 5+5", dense_bits(0.5, 5), |d, x, y| dense(d, 0.5, 5, x, y)),
        known("sparse normal 3+3", 2.0 * pair_bits(0.8), |d, x, y| sparse(d, 0.8, 2, 3, x, y)),
        known("sparse normal 5+5", 2.0 * pair_bits(0.8), |d, x, y| sparse(d, 0.8, 2, 5, x, y)),
        known("student 3, 1+1", student_bits(3.0, 1, 1) + pair_bits(0.5), |d, x, y| {
            sparse(d, 0.5, 1, 1, x, y);
            student(d, 3, x, y);
        }),
        known("student 1, 1+1", student_bits(1.0, 1, 1), |d, x, y| {
            sparse(d, 0.0, 0, 1, x, y);
            student(d, 1, x, y);
        }),
        known("student 2, 2+2", student_bits(2.0, 2, 2) + pair_bits(0.7), |d, x, y| {
            sparse(d, 0.7, 1, 2, x, y);
            student(d, 2, x, y);
        }),
        known("student 2, 5+5", student_bits(2.0, 5, 5), |d, x, y| {
            sparse(d, 0.0, 0, 5, x, y);
            student(d, 2, x, y);
        }),
        known("uniform margins 0.75", pair_bits(0.75), |d, x, y| {
            let (a, b) = pair(d, 0.75);
            x.push(phi(a));
            y.push(phi(b));
        }),
        known("asinh student", student_bits(2.0, 1, 1) + pair_bits(0.75), |d, x, y| {
            sparse(d, 0.75, 1, 1, x, y);
            student(d, 2, x, y);
            x.iter_mut().chain(y.iter_mut()).for_each(|v| *v = v.asinh());
        }),
        known("half-cube", pair_bits(0.6), |d, x, y| {
            sparse(d, 0.6, 1, 1, x, y);
            x.iter_mut().chain(y.iter_mut()).for_each(|v| *v *= v.abs().sqrt());
        }),
        known("wiggly", pair_bits(0.8), |d, x, y| {
            sparse(d, 0.8, 1, 1, x, y);
            x.iter_mut().for_each(|v| *v += 0.4 * v.sin() + 0.2 * (1.7 * *v).sin());
            y.iter_mut().for_each(|v| *v += 0.3 * (2.5 * *v).cos());
        }),
        known("two humps", pair_bits(0.75), |d, x, y| {
            // The cube root sends a normal variable to humps at −1 and 1.
            sparse(d, 0.75, 1, 1, x, y);
            x.iter_mut().chain(y.iter_mut()).for_each(|v| *v = v.cbrt());
        }),
        known("swiss roll", pair_bits(0.8), |d, x, y| {
            let (a, b) = pair(d, 0.8);
            let t = 1.5 * PI * (1.0 + 2.0 * phi(a));
            x.extend([t * t.cos() / 21.0, t * t.sin() / 21.0]);
            y.push(b);
        }),
        known("spiral 2+2", 2.0 * pair_bits(0.6), |d, x, y| {
            sparse(d, 0.6, 2, 2, x, y);
            spiral(x, 0.5);
            spiral(y, -0.3);
        }),
        known("additive uniform noise", (0.1 - 0.2f64.ln()) / LN_2, |d, x, y| {
            x.push(d.uniform());
            y.push(x[0] + 0.2 * (d.uniform() - 0.5));
        }),
        // h(y) of y = x² + η/2 by quadrature (mpmath 1.3.0), less the noise's entropy.
        known("parabola", 1.15805499338, |d, x, y| {
            x.push(d.normal());
            y.push(x[0] * x[0] + 0.5 * d.normal());
        }),
    ]
}

/// Runs an estimator `runs` times on n samples of every distribution: truth, mean, bias, scatter, mean standard error,
/// and the part of the intervals value ± 1.96 se that cover the truth. The corrected value is judged; the column `raw`
/// is the bias of the value before its correction.
pub fn bias_table(known: &[Known], options: &Continuous, n: usize, runs: usize, seed: u64) -> Result<Table> {
    let bit = || Unit { symbol: "bit".into(), ..Unit::NONE };
    let mut rows: Vec<[f64; 7]> = Vec::new();
    for (i, one) in known.iter().enumerate() {
        let run = |r: usize| {
            let (x, y) = one.sample(n, &mut Stream::new(seed, &[i as u64, r as u64]))?;
            // Surrogates of their own for every run: a shared accident of theirs would look like bias.
            information(&x, &y, &Continuous { seed: options.seed + r as u64, ..*options })
        };
        let found: Vec<Estimate> = (0..runs).into_par_iter().map(run).collect::<Result<_>>()?;
        rows.push(summary(one.truth, &found));
    }
    let column = |j: usize| rows.iter().map(|r| r[j]).collect::<Vec<f64>>();
    Ok(Table::new()
        .text("distribution", known.iter().map(|k| k.name.into()).collect())
        .number("truth", bit(), column(0))
        .number("mean", bit(), column(1))
        .number("bias", bit(), column(2))
        .number("scatter", bit(), column(3))
        .number("se", bit(), column(4))
        .number("coverage", Unit::NONE, column(5))
        .number("raw", bit(), column(6)))
}

/// Truth, mean, bias, scatter, mean standard error and coverage of repeated estimates.
fn summary(truth: f64, found: &[Estimate]) -> [f64; 7] {
    let n = found.len() as f64;
    let mean = found.iter().map(Estimate::corrected).sum::<f64>() / n;
    let scatter = (found.iter().map(|e| (e.corrected() - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
    let se = found.iter().map(|e| e.se).sum::<f64>() / n;
    let covered = found.iter().filter(|e| e.z(truth).abs() <= 1.96).count() as f64 / n;
    let raw = found.iter().map(|e| e.value).sum::<f64>() / n - truth;
    [truth, mean, mean - truth, scatter, se, covered, raw]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rows of [`bias_table`], printed as comma-separated values.
    fn rows(known: &[Known], options: &Continuous, n: usize, runs: usize) -> Vec<(f64, f64, f64)> {
        println!("distribution,samples,runs,truth,mean,bias,scatter,se,coverage,raw");
        let one = |k: &Known| {
            let t = bias_table(std::slice::from_ref(k), options, n, runs, 1).unwrap();
            let at = |name: &str| t.numbers(name).unwrap()[0];
            let names = ["truth", "mean", "bias", "scatter", "se", "coverage", "raw"];
            let numbers: Vec<String> = names.iter().map(|c| format!("{:.4}", at(c))).collect();
            println!("{},{n},{runs},{}", k.name.replace(',', ""), numbers.join(","));
            (at("bias"), at("scatter"), at("coverage"))
        };
        known.iter().map(one).collect()
    }

    #[test]
    fn theory_battery_in_small() {
        // Bent, heavy-tailed and many-dimensional, n = 400, 6 runs: the mean within four of its standard errors plus
        // what is known to be left (0.05 bit).
        let names = ["half-cube", "student 1, 1+1", "sparse normal 3+3", "parabola"];
        let known: Vec<Known> = battery().into_iter().filter(|k| names.contains(&k.name)).collect();
        assert_eq!(known.len(), 4);
        for (one, (bias, _, _)) in
            known.iter().zip(rows(&known, &Continuous { surrogates: 4, ..Default::default() }, 400, 6))
        {
            assert!(bias.abs() < 4.0 * 0.09 / 6f64.sqrt() + 0.05, "{}: {bias}", one.name);
        }
    }

    #[test]
    #[ignore = "five minutes of two threads at opt-level 3: bias and coverage of the default over the whole battery"]
    fn theory_battery_in_full() {
        // Its output is tests/reference/estimators.csv. Curved in four dimensions, and sharp edges: of what is lost there
        // half is corrected, the stated error is wide and the answer warns.
        let hard = ["spiral 2+2", "additive uniform noise"];
        let known = battery();
        let found = rows(&known, &Continuous::default(), 1000, 60);
        for (one, (bias, _, coverage)) in known.iter().zip(found) {
            // 95 % of 60 ± 1.7: below 88 % is no chance.
            let allowed = if hard.contains(&one.name) { (0.12, 0.88) } else { (0.04, 0.88) };
            let held = bias.abs() < allowed.0 && coverage >= allowed.1;
            assert!(held, "{}: bias {bias}, coverage {coverage}", one.name);
        }
    }
}
