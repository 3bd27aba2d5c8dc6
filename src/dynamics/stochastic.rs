//! How is one step of a stochastic equation made? Euler-Maruyama and Milstein for dx = f dt + G dW (Itô).
//!
//! With step h and increments ΔW of variance h, x → x + f h + G ΔW (Euler-Maruyama). Its strong order, the power of h in
//! E|x_h − x| along the same noise, is 1/2, and 1 where G does not depend on x.
//! Milstein adds ½ Σⱼₖ (∂g_k/∂x · g_j)(ΔW_j ΔW_k − δ_jk h) and has strong order 1. In this form it needs noise that commutes,
//! ∂g_k·g_j = ∂g_j·g_k for all sources j, k, as diagonal noise does; this is checked at every step.
//! (Kloeden and Platen 1992, chapter 10.) Weak order is 1 for both.

use crate::error::{Error, Result};
use crate::field::Field;
use crate::num::{Dual, LANES, Lanes, Scalar};

/// Which scheme steps a stochastic equation?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scheme {
    /// Strong order 1/2, 1 for additive noise; weak order 1.
    #[default]
    EulerMaruyama,
    /// Strong order 1 for noise that commutes (diagonal noise always does); weak order 1.
    Milstein,
}

/// Steps of [`LANES`] members side by side, with their scratch space.
pub(crate) struct Kernel<'a> {
    field: &'a dyn Field,
    p: Vec<Lanes>,
    drift: Vec<Lanes>,
    noise: Vec<Lanes>,
    sources: usize,
    scheme: Scheme,
    slopes: Slopes,
    /// The entries (row, source, value) that are not zero, if the noise does not depend on the state.
    additive: Option<Vec<(usize, usize, f64)>>,
}

impl<'a> Kernel<'a> {
    pub fn new(field: &'a dyn Field, p: &[f64], scheme: Scheme) -> Self {
        let (n, sources) = (field.names().variables.len(), field.names().noises.len());
        let zero = Lanes::constant(0.0);
        let p_lanes: Vec<Lanes> = p.iter().map(|&v| Lanes::constant(v)).collect();
        Kernel {
            field,
            additive: additive(field, p).map(|g| entries(&g, sources)),
            p: p_lanes,
            drift: vec![zero; n],
            noise: vec![zero; n * sources],
            sources,
            scheme,
            slopes: Slopes::new(p, n, sources),
        }
    }

    /// Is the noise what it was taken for? `false` if it was taken as independent of the state and is another here.
    pub fn holds(&mut self, x: &[Lanes]) -> bool {
        let Some(additive) = &self.additive else { return true };
        self.field.noise_lanes(x, &self.p, &mut self.noise);
        let finite = x.iter().all(|x| x.0.iter().all(|v| v.is_finite()));
        let there = self.noise.iter().filter(|g| g.0 != [0.0; LANES]).count();
        let same = |(i, j, g): &(usize, usize, f64)| self.noise[i * self.sources + j].0 == [*g; LANES];
        !finite || (there == additive.len() && additive.iter().all(same))
    }
    /// From now on evaluates the noise at every step.
    pub fn forget(&mut self) {
        self.additive = None;
    }

    /// One step of length `h` with the increments `dw`, one per source.
    pub fn step(&mut self, x: &mut [Lanes], dw: &[Lanes], h: f64) -> Result<()> {
        self.field.lanes(x, &self.p, &mut self.drift);
        if let Some(additive) = &self.additive {
            let mut entries = additive.iter().peekable();
            for (i, (x, drift)) in x.iter_mut().zip(&self.drift).enumerate() {
                let mut step = *drift * h;
                while let Some((_, j, g)) = entries.next_if(|(row, ..)| *row == i) {
                    step = step + dw[*j] * *g;
                }
                *x = *x + step;
            }
            return Ok(());
        }
        if self.sources > 0 {
            self.field.noise_lanes(x, &self.p, &mut self.noise);
        }
        if self.scheme == Scheme::Milstein && self.sources > 0 {
            self.slopes.correct(self.field, x, dw, h, &mut self.drift)?;
        }
        for (i, x) in x.iter_mut().enumerate() {
            let row = &self.noise[i * self.sources..(i + 1) * self.sources];
            let mut step = self.drift[i] * h;
            for (g, dw) in row.iter().zip(dw) {
                step = step + *g * *dw;
            }
            *x = *x + step;
        }
        Ok(())
    }
}

/// The noise matrix if it does not depend on the state: asked at a state that is NaN, an equation that reads the state
/// answers NaN (there are no comparisons in a law). Fields written otherwise are caught by [`Kernel::holds`].
fn additive(field: &dyn Field, p: &[f64]) -> Option<Vec<f64>> {
    let names = field.names();
    let mut g = vec![0.0; names.variables.len() * names.noises.len()];
    field.noise(&vec![f64::NAN; names.variables.len()], p, &mut g);
    g.iter().all(|g| g.is_finite()).then_some(g)
}

/// The entries that are not zero, row by row.
fn entries(g: &[f64], sources: usize) -> Vec<(usize, usize, f64)> {
    let there = g.iter().enumerate().filter(|(_, g)| **g != 0.0);
    there.map(|(k, g)| (k / sources, k % sources, *g)).collect()
}

/// The slopes ∂g_k · g_j of the noise, member by member.
struct Slopes {
    p: Vec<Dual>,
    state: Vec<Dual>,
    pushed: Vec<Dual>,
    /// Entry (j, i, k): the derivative of G_ik along g_j.
    along: Vec<f64>,
    noise: Vec<f64>,
    sources: usize,
}

impl Slopes {
    fn new(p: &[f64], n: usize, sources: usize) -> Self {
        Slopes {
            p: p.iter().map(|&v| Dual::fixed(v)).collect(),
            state: vec![Dual::fixed(0.0); n],
            pushed: vec![Dual::fixed(0.0); n * sources],
            along: vec![0.0; n * sources * sources],
            noise: vec![0.0; n * sources],
            sources,
        }
    }

    /// Adds Milstein's term to the drift (divided by `h`).
    fn correct(&mut self, field: &dyn Field, x: &[Lanes], dw: &[Lanes], h: f64, drift: &mut [Lanes]) -> Result<()> {
        let (n, m) = (x.len(), self.sources);
        for lane in 0..LANES {
            for j in 0..m {
                // The first push has no direction and yields G itself.
                for pass in usize::from(j > 0)..2 {
                    for (i, s) in self.state.iter_mut().enumerate() {
                        *s = Dual { v: x[i].0[lane], d: if pass == 0 { 0.0 } else { self.noise[i * m + j] } };
                    }
                    field.noise_push(&self.state, &self.p, &mut self.pushed);
                    if pass == 0 {
                        self.noise.iter_mut().zip(&self.pushed).for_each(|(g, d)| *g = d.v);
                    }
                }
                let along = &mut self.along[j * n * m..(j + 1) * n * m];
                along.iter_mut().zip(&self.pushed).for_each(|(a, d)| *a = d.d);
            }
            for (i, drift) in drift.iter_mut().enumerate() {
                let mut sum = 0.0;
                for j in 0..m {
                    for k in 0..m {
                        let (jk, kj) = (self.along[(j * n + i) * m + k], self.along[(k * n + i) * m + j]);
                        if (jk - kj).abs() > 1e-9 * (jk.abs() + kj.abs()) {
                            return Err(not_commuting(field, i, j, k));
                        }
                        let both = dw[j].0[lane] * dw[k].0[lane] - if j == k { h } else { 0.0 };
                        sum += jk * both;
                    }
                }
                drift.0[lane] += 0.5 * sum / h;
            }
        }
        Ok(())
    }
}

fn not_commuting(field: &dyn Field, i: usize, j: usize, k: usize) -> Error {
    let names = field.names();
    Error::domain(
        format!("Milstein's scheme for {}", names.model),
        format!(
            "the noise sources `{}` and `{}` do not commute in the equation of `{}`, so that its order would not be 1",
            names.noises[j], names.noises[k], names.variables[i].name
        ),
        "use the Euler-Maruyama scheme, which has strong order 1/2 for every noise",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dynamics::testing::law;
    use crate::num::Stream;

    // Geometric Brownian motion, an Ornstein-Uhlenbeck process, and the multiplicative case of D23.
    law! {
        Geometric, [x = 1.0], [mu = 0.5, sigma = 0.8], 1,
        fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) { dx[0] = p[0] * x[0]; }
        fn diffusion<S: Scalar>(&self, x: &[S], p: &[S], g: &mut [S]) { g[0] = p[1] * x[0]; }
    }
    law! {
        OrnsteinUhlenbeck, [x = 1.0], [k = 2.0, sigma = 0.7], 1,
        fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) { dx[0] = -p[0] * x[0]; }
        fn diffusion<S: Scalar>(&self, _x: &[S], p: &[S], g: &mut [S]) { g[0] = p[1]; }
    }
    law! {
        DependentDepression, [w = 2.0], [alpha = 0.8, beta = 0.4, s = 0.6], 1,
        fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) { dx[0] = p[0] - p[1] * x[0]; }
        fn diffusion<S: Scalar>(&self, x: &[S], p: &[S], g: &mut [S]) { g[0] = p[2] * x[0]; }
    }
    // Two sources in both equations; they commute: g_1 and g_2 are proportional to fixed matrices that commute.
    law! {
        Commuting, [x = 1.0, y = 0.5], [a = 0.4, b = 0.3], 2,
        fn rates<S: Scalar>(&self, x: &[S], _p: &[S], dx: &mut [S]) { dx[0] = -x[0]; dx[1] = -x[1]; }
        fn diffusion<S: Scalar>(&self, x: &[S], p: &[S], g: &mut [S]) {
            (g[0], g[1], g[2], g[3]) = (p[0] * x[0], p[1] * x[1], p[0] * x[1], p[1] * x[0]);
        }
    }
    law! {
        NotCommuting, [x = 1.0, y = 0.5], [a = 1.0], 2,
        fn rates<S: Scalar>(&self, _x: &[S], _p: &[S], dx: &mut [S]) { dx.fill(S::constant(0.0)); }
        fn diffusion<S: Scalar>(&self, x: &[S], p: &[S], g: &mut [S]) {
            let zero = S::constant(0.0);
            (g[0], g[1], g[2], g[3]) = (p[0], zero, zero, x[0]);
        }
    }

    /// Mean absolute difference at t = 1 from `exact`, or from the same scheme with 2¹¹ steps, for 2^k steps.
    fn strong_errors(field: &dyn Field, scheme: Scheme, ks: &[u32], exact: Option<&dyn Fn(f64) -> f64>) -> Vec<f64> {
        let (p, start, m) = (field.names().defaults(), field.names().start(), field.names().noises.len());
        let (finest, groups) = (11u32, 30);
        let mut errors = vec![0.0; ks.len()];
        for group in 0..groups {
            let n = 1usize << finest;
            let scale = (1.0 / n as f64).sqrt();
            let mut fine = vec![Lanes::constant(0.0); n * m];
            for lane in 0..LANES {
                let mut stream = Stream::new(5, &[group, lane as u64]);
                fine.iter_mut().for_each(|dw| dw.0[lane] = scale * stream.normal());
            }
            let end = |k: u32| {
                let (steps, per) = (1usize << k, 1usize << (finest - k));
                let mut kernel = Kernel::new(field, &p, scheme);
                let mut x: Vec<Lanes> = start.iter().map(|&v| Lanes::constant(v)).collect();
                for step in 0..steps {
                    let mut dw = vec![Lanes::constant(0.0); m];
                    for part in 0..per {
                        (0..m).for_each(|j| dw[j] = dw[j] + fine[(step * per + part) * m + j]);
                    }
                    kernel.step(&mut x, &dw, 1.0 / steps as f64).expect("the noise commutes");
                }
                x[0]
            };
            let reference = match exact {
                Some(f) => {
                    let total = fine.iter().fold(Lanes::constant(0.0), |sum, dw| sum + *dw);
                    Lanes(total.0.map(f))
                }
                None => end(finest),
            };
            for (error, &k) in errors.iter_mut().zip(ks) {
                let x = end(k);
                *error += (0..LANES).map(|l| (x.0[l] - reference.0[l]).abs()).sum::<f64>();
            }
        }
        errors.iter().map(|e| e / (groups as usize * LANES) as f64).collect()
    }

    #[track_caller]
    fn slope(errors: &[f64], wanted: f64) {
        let slope = (errors[0] / errors[errors.len() - 1]).log2() / (errors.len() - 1) as f64;
        assert!((slope - wanted).abs() < 0.12, "strong order {slope}, not {wanted}: {errors:?}");
    }

    const STEPS: [u32; 4] = [4, 5, 6, 7];

    #[test]
    fn theory_strong_order_on_geometric_brownian_motion() {
        // x(1) = exp(μ − σ²/2 + σ W(1)).
        let exact = |w: f64| (0.5 - 0.32 + 0.8 * w).exp();
        slope(&strong_errors(&Geometric::new(), Scheme::EulerMaruyama, &STEPS, Some(&exact)), 0.5);
        slope(&strong_errors(&Geometric::new(), Scheme::Milstein, &STEPS, Some(&exact)), 1.0);
    }

    #[test]
    fn theory_strong_order_is_one_for_additive_noise() {
        slope(&strong_errors(&OrnsteinUhlenbeck::new(), Scheme::EulerMaruyama, &STEPS, None), 1.0);
    }

    #[test]
    fn theory_strong_order_for_weight_dependent_noise() {
        slope(&strong_errors(&DependentDepression::new(), Scheme::EulerMaruyama, &STEPS, None), 0.5);
        slope(&strong_errors(&DependentDepression::new(), Scheme::Milstein, &STEPS, None), 1.0);
    }

    #[test]
    fn theory_milstein_takes_sources_that_commute_and_refuses_others() {
        slope(&strong_errors(&Commuting::new(), Scheme::Milstein, &STEPS, None), 1.0);
        let field = NotCommuting::new();
        let mut kernel = Kernel::new(&field, &[1.0], Scheme::Milstein);
        let error = kernel.step(&mut [Lanes::constant(1.0); 2], &[Lanes::constant(0.1); 2], 0.01);
        assert!(error.expect_err("it does not commute").to_string().contains("do not commute"));
    }

    #[test]
    fn law_noise_that_reads_the_state_is_never_taken_as_additive() {
        assert_eq!(additive(&OrnsteinUhlenbeck::new(), &[2.0, 0.7]), Some(vec![0.7]));
        assert_eq!(additive(&Geometric::new(), &[0.5, 0.8]), None);
        law! {
            Rectified, [x = -1.0], [s = 1.0], 1,
            fn rates<S: Scalar>(&self, _x: &[S], _p: &[S], dx: &mut [S]) { dx[0] = S::constant(0.0); }
            fn diffusion<S: Scalar>(&self, x: &[S], p: &[S], g: &mut [S]) {
                g[0] = p[0] * x[0].relu().clip(S::constant(0.0), S::constant(1.0)) + x[0].step();
            }
        }
        assert_eq!(additive(&Rectified::new(), &[1.0]), None);
        // What was taken for additive and is not is noticed.
        let field = OrnsteinUhlenbeck::new();
        let mut kernel = Kernel::new(&field, &[2.0, 0.7], Scheme::EulerMaruyama);
        assert!(kernel.holds(&[Lanes::constant(0.1)]));
        kernel.additive = Some(vec![(0, 0, 0.6)]);
        assert!(!kernel.holds(&[Lanes::constant(0.1)]));
    }

    #[test]
    fn limit_without_difference_milstein_is_euler() {
        let field = OrnsteinUhlenbeck::new();
        let run = |scheme| {
            let mut x = [Lanes::constant(0.3)];
            let mut kernel = Kernel::new(&field, &[2.0, 0.7], scheme);
            kernel.forget();
            kernel.step(&mut x, &[Lanes::constant(0.2)], 0.01).expect("additive");
            x
        };
        assert_eq!(run(Scheme::EulerMaruyama), run(Scheme::Milstein));
    }
}
