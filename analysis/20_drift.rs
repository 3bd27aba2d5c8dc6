//! # Does homeostasis stop representations from drifting?
//!
//! Codes drift although behaviour is stable. The field says that homeostasis constrains the drift while codes are refined.
//! We let weights diffuse under a homeostatic constraint and ask in which directions they are held, how long a decoder that
//! does not follow lasts, and how often it must be realigned.

use homeostat::coding::memory::{RestoredCode, SphereDrift};
use homeostat::dynamics::{Ensemble, ensemble, linear_noise};
use homeostat::field::{Law, Names, Quantity};
use homeostat::notebook::prelude::*;
use homeostat::num::Scalar;

pub fn run(nb: &mut Notebook) -> Result<()> {
    let held = one_direction(nb)?;
    let period = sphere(nb)?;
    restored(nb)?;
    nb.verdict(
        Verdict::HoldsWhen("drift is measured along the regulated direction".into()),
        format!(
            "A controller of the mean rate bounds the variance of the rate and of nothing else: of the drift of ten weights it \
             removes {:.0} %, one direction in ten. A constraint on the norm turns diffusion into rotation with the half-life \
             ln 2/γ; a frozen decoder must be realigned every {period:.1} s to keep nine tenths of its d'. Only a force on \
             every coding direction keeps a code.",
            100.0 * held
        ),
    )
}

// ## One direction is held
//
// $N$ weights diffuse, $dw = -k\,n\,(n\cdot(w - w_0))\,dt + \sqrt{2D}\,dB$, and a homeostatic force acts along
// $n = \bar x/|\bar x|$ only, because the mean rate $\bar x\cdot w$ is all that it sees. Then
//
// $$\langle|w - w_0|^2\rangle = 2(N-1)Dt + \tfrac Dk\left(1 - e^{-2kt}\right).$$

/// The weights of one neuron, with diffusion and a controller of the mean rate; all inputs alike.
struct Held(Names);

const N: usize = 10;

impl Held {
    fn new() -> Self {
        let weights: Vec<Quantity> = (0..N).map(|i| Quantity::plain(&format!("w_{i}"), 0.0)).collect();
        let mut names = Names::new("held", weights, [Quantity::plain("k", 0.5), Quantity::plain("D", 0.01)]);
        names.noises = (0..N).map(|i| format!("xi_{i}")).collect();
        names.readouts = vec![Quantity::plain("rate", 0.0)];
        Held(names)
    }
}

impl Law for Held {
    fn law_names(&self) -> &Names {
        &self.0
    }
    fn rates<S: Scalar>(&self, w: &[S], p: &[S], dw: &mut [S]) {
        let mean = w.iter().fold(S::constant(0.0), |sum, w| sum + *w) / (N as f64);
        dw.iter_mut().for_each(|d| *d = -(p[0] * mean));
    }
    fn readouts<S: Scalar>(&self, w: &[S], _: &[S], out: &mut [S]) {
        // |x̄| = 3: each input has the mean 3/√N.
        out[0] = w.iter().fold(S::constant(0.0), |sum, w| sum + *w) * (3.0 / (N as f64).sqrt());
    }
    fn diffusion<S: Scalar>(&self, _: &[S], p: &[S], g: &mut [S]) {
        g.fill(S::constant(0.0));
        (0..N).for_each(|i| g[i * N + i] = (p[1] * 2.0).sqrt());
    }
}

/// A mean over members with its standard error.
fn mean(each: &[f64]) -> Estimate {
    let n = each.len() as f64;
    let mean = each.iter().sum::<f64>() / n;
    let variance = each.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0);
    Estimate::new(mean, "", (variance / n).sqrt(), each.len(), "ensemble mean")
}

fn one_direction(nb: &mut Notebook) -> Result<f64> {
    let field = Held::new();
    let (k, d, t) = (0.5, 0.01, 4.0);
    let msd = |t: f64| 2.0 * (N as f64 - 1.0) * d * t + d / k * (1.0 - (-2.0 * k * t).exp());
    let along = |t: f64| 9.0 * d / k * (1.0 - (-2.0 * k * t).exp());
    nb.claim("mean squared drift after 4 s", msd(t), 0.739633687222, Tol::Printed(10))?;
    nb.claim("variance of the rate after 4 s", along(t), 0.176703185, Tol::Printed(9))?;

    let options = Ensemble { members: 2000, dt: 0.01, record_every: 0.5, seed: 3, ..Ensemble::default() };
    let run = ensemble(&field, &[k, d], &[0.0; N], 8.0, &options)?;
    let (mut drift, mut rate, mut free) = (Vec::new(), Vec::new(), Vec::new());
    for j in 0..run.t.len() {
        let columns = (0..N).map(|i| run.samples(&format!("w_{i}"), j)).collect::<Result<Vec<&[f64]>>>()?;
        let squares: Vec<f64> = (0..run.members).map(|m| columns.iter().map(|c| c[m] * c[m]).sum()).collect();
        let rates: Vec<f64> = run.samples("rate", j)?.iter().map(|r| r * r).collect();
        // Across: the difference of two weights, which the controller does not see.
        let across: Vec<f64> = (0..run.members).map(|m| 0.5 * (columns[0][m] - columns[1][m]).powi(2)).collect();
        drift.push(mean(&squares));
        rate.push(mean(&rates));
        free.push(mean(&across));
    }
    // Euler's step of 0.01 s moves the variances by a relative k dt/2.
    for j in [4, 8, 16] {
        let (t, at) = (run.t[j], |e: &Estimate| Tol::Sampling { se: e.se + 0.003 * e.value, n: e.n, sigmas: 4.0 });
        nb.claim("squared drift of an ensemble", &drift[j], msd(t), at(&drift[j]))?;
        nb.claim("variance of the rate of an ensemble", &rate[j], along(t), at(&rate[j]))?;
        nb.claim("variance across of an ensemble", &free[j], 2.0 * d * t, at(&free[j]))?;
    }
    // Nothing holds the other directions, so that there is no stationary state: the linear noise is refused, and says so.
    let refused = linear_noise(&field, &[k, d], &[0.0; N]).err().map(|e| e.to_string());
    nb.claim_holds(
        "there is no stationary distribution",
        refused.as_ref().is_some_and(|why| why.contains("not stable")),
        "the linear noise approximation is refused: nine eigenvalues are zero",
    )?;
    nb.claim("variance of the rate in the end", along(1e3), 0.18, Tol::Rounding(8))?;
    let removed = |t: f64| 1.0 - msd(t) / (2.0 * N as f64 * d * t);
    nb.claim(
        "share of the drift that is removed in the end",
        removed(1e6),
        1.0 / N as f64,
        Tol::Order { h: 1e-5, p: 1 },
    )?;

    let values = |all: &[Estimate]| all.iter().map(|e| e.value).collect::<Vec<f64>>();
    let bars = |all: &[Estimate]| all.iter().map(|e| 2.0 * e.se).collect::<Vec<f64>>();
    let total = Panel::new(Axis::linear("time", "s"), Axis::linear("squared drift", "").including(0.0))
        .add(Line::of("theory", (0.0, 8.0), 100, msd))
        .add(Line::of("without the controller", (0.0, 8.0), 2, |t| 2.0 * N as f64 * d * t).ink(Ink::Unstable).dashed())
        .add(Points::new("2000 neurons", &run.t, &values(&drift)).error(&bars(&drift)));
    let one = Panel::new(Axis::linear("time", "s"), Axis::linear("variance of the rate", "Hz^{2}").including(0.0))
        .add(Line::of("theory", (0.0, 8.0), 100, along))
        .add(Points::new("2000 neurons", &run.t, &values(&rate)).error(&bars(&rate)))
        .add(Rule::horizontal("in the end", 0.18));
    nb.figure(
        "one direction",
        Figure::row([total, one]).caption(
            "**a** Squared distance of ten weights from their start, with a controller of the mean rate and without. **b** The variance of the rate, which alone is held.",
        ),
    )?;
    Ok(removed(1e6))
}

// ## A constraint on the norm
//
// If homeostasis holds $|w| = R$, diffusion becomes Brownian motion on a sphere:
// $\langle\cos\angle(w(t), w(0))\rangle = e^{-\gamma t}$ with $\gamma = (n - 1)D/R^2$.
// As Itô equations, $dw = -\frac{(n-1)D}{|w|^2}w\,dt + \sqrt{2D}\,(1 - ww^\top/|w|^2)\,dB$.

/// Weights that diffuse on a sphere.
struct Sphere(Names);

const ON: usize = 20;

impl Sphere {
    fn new() -> Self {
        let weights: Vec<Quantity> =
            (0..ON).map(|i| Quantity::plain(&format!("w_{i}"), if i == 0 { 1.0 } else { 0.0 })).collect();
        let mut names = Names::new("sphere", weights, [Quantity::plain("D", 1e-3)]);
        names.noises = (0..ON).map(|i| format!("xi_{i}")).collect();
        Sphere(names)
    }
}

impl Law for Sphere {
    fn law_names(&self) -> &Names {
        &self.0
    }
    fn rates<S: Scalar>(&self, w: &[S], p: &[S], dw: &mut [S]) {
        let square = w.iter().fold(S::constant(0.0), |sum, w| sum + *w * *w);
        for (d, w) in dw.iter_mut().zip(w) {
            *d = -(p[0] * (ON as f64 - 1.0) * *w / square);
        }
    }
    fn diffusion<S: Scalar>(&self, w: &[S], p: &[S], g: &mut [S]) {
        let square = w.iter().fold(S::constant(0.0), |sum, w| sum + *w * *w);
        let size = (p[0] * 2.0).sqrt();
        for i in 0..ON {
            for j in 0..ON {
                let own = S::constant(if i == j { 1.0 } else { 0.0 });
                g[i * ON + j] = size * (own - w[i] * w[j] / square);
            }
        }
    }
}

fn sphere(nb: &mut Notebook) -> Result<f64> {
    let closed = SphereDrift { dimension: ON, diffusion: 1e-3, radius: 1.0 };
    nb.claim("rate of rotation", closed.rate()?, 0.019, Tol::Rounding(8))?;
    nb.claim("half-life of a frozen decoder", closed.half_life()?, 36.48143056, Tol::Printed(10))?;
    nb.claim("overlap after 50 s", closed.similarity(50.0)?, 0.3867410235, Tol::Printed(10))?;
    let field = Sphere::new();
    let options = Ensemble { members: 64, dt: 0.1, record_every: 10.0, seed: 5, ..Ensemble::default() };
    let run = ensemble(&field, &[1e-3], &field.0.start(), 100.0, &options)?;
    let mut overlap = Vec::new();
    for j in 0..run.t.len() {
        let columns = (0..ON).map(|i| run.samples(&format!("w_{i}"), j)).collect::<Result<Vec<&[f64]>>>()?;
        let cosine: Vec<f64> =
            (0..run.members).map(|m| columns[0][m] / columns.iter().map(|c| c[m] * c[m]).sum::<f64>().sqrt()).collect();
        overlap.push(mean(&cosine));
    }
    for j in [2, 5, 10] {
        // Euler's step of 0.1 s and the members' spread.
        let e = &overlap[j];
        nb.claim(
            "overlap of an ensemble on the sphere",
            e,
            closed.similarity(run.t[j])?,
            Tol::Sampling { se: e.se + 0.002, n: e.n, sigmas: 4.0 },
        )?;
    }

    // A decoder that is realigned every $P$ has the mean $d' = d_0(1 - e^{-\gamma P})/(\gamma P)$.
    nb.claim("mean d' when realigned every 30 s", closed.mean_dprime(2.0, 30.0)?, 1.524472145, Tol::Printed(10))?;
    let period = closed.longest_period(0.9)?;
    nb.claim("longest period that keeps nine tenths", period, 11.29240744, Tol::Printed(9))?;
    let values: Vec<f64> = overlap.iter().map(|e| e.value).collect();
    let bars: Vec<f64> = overlap.iter().map(|e| 2.0 * e.se).collect();
    let rotation = Panel::new(Axis::linear("time", "s"), Axis::linear("overlap with the start", "").range(0.0, 1.05))
        .add(Line::of("theory", (0.0, 100.0), 120, |t| closed.similarity(t).unwrap_or(f64::NAN)))
        .add(Points::new("64 neurons ± 2 s.e.", &run.t, &values).error(&bars))
        .add(Rule::vertical("half-life", closed.half_life()?));
    let realigned =
        Panel::new(Axis::log("time between realignments", "s"), Axis::linear("mean d' / d_{0}", "").range(0.0, 1.05))
            .add(Line::of_log("theory", (1.0, 1000.0), 120, |p| closed.mean_dprime(1.0, p).unwrap_or(f64::NAN)))
            .add(Rule::horizontal("nine tenths", 0.9))
            .add(Rule::vertical(&format!("{period:.1} s"), period));
    nb.figure(
        "norm",
        Figure::row([rotation, realigned]).caption(
            "**a** Overlap of a weight vector of constant norm with its start. **b** Mean discriminability of a decoder that is realigned from time to time.",
        ),
    )?;
    Ok(period)
}

// ## A force on the coding directions
//
// Where a restoring rate $\kappa$ acts on a coding direction, its variance saturates at $D/\kappa$; null directions go on with
// $2Dt$. A decoder frozen at one moment of a stationary code has the relative error $2(1 - e^{-\kappa t})$, one that may rescale
// $1 - e^{-2\kappa t}$.

fn restored(nb: &mut Notebook) -> Result<()> {
    let code = RestoredCode { diffusion: 1e-3, kappa: 0.02 };
    nb.claim("variance of a coding direction after 30 s", code.coding_variance(30.0)?, 0.0349402894, Tol::Printed(9))?;
    nb.claim("variance of a null direction after 30 s", code.null_variance(30.0)?, 0.06, Tol::Rounding(8))?;
    nb.claim("error of a frozen decoder after 50 s", code.frozen_error(50.0)?, 1.264241118, Tol::Printed(10))?;
    nb.claim("error of a rescaled one", code.rescaled_error(50.0)?, 0.8646647168, Tol::Printed(10))?;
    // The same from the linear noise of an equation: variance and autocorrelation of the coding direction.
    struct Coding(Names);
    impl Law for Coding {
        fn law_names(&self) -> &Names {
            &self.0
        }
        fn rates<S: Scalar>(&self, u: &[S], p: &[S], du: &mut [S]) {
            du[0] = -(u[0] * p[0]);
        }
        fn diffusion<S: Scalar>(&self, _: &[S], p: &[S], g: &mut [S]) {
            g[0] = (p[1] * 2.0).sqrt();
        }
    }
    let parameters = [Quantity::plain("kappa", 0.02), Quantity::plain("D", 1e-3)];
    let names = Names::new("coding direction", [Quantity::plain("u", 0.0)], parameters);
    let field = Coding(Names { noises: vec!["xi".into()], ..names });
    let noise = linear_noise(&field, &[0.02, 1e-3], &[0.0])?;
    nb.claim("stationary variance", noise.covariance("u", "u")?, 1e-3 / 0.02, Tol::Rounding(32))?;
    let kept = noise.autocorrelation("u", 50.0)?;
    nb.claim("frozen error from the autocorrelation", 2.0 * (1.0 - kept), code.frozen_error(50.0)?, Tol::Rounding(64))?;
    nb.claim(
        "rescaled error from the autocorrelation",
        1.0 - kept * kept,
        code.rescaled_error(50.0)?,
        Tol::Rounding(64),
    )?;
    let variance = Panel::new(Axis::linear("time", "s"), Axis::linear("variance", "").including(0.0))
        .add(
            Line::of("coding direction", (0.0, 150.0), 120, |t| code.coding_variance(t).unwrap_or(f64::NAN))
                .ink(Ink::Data),
        )
        .add(
            Line::of("null direction", (0.0, 150.0), 2, |t| code.null_variance(t).unwrap_or(f64::NAN))
                .ink(Ink::Unstable)
                .dashed(),
        )
        .add(Rule::horizontal("D/κ", 0.05));
    let error = Panel::new(
        Axis::linear("time since the decoder was fixed", "s"),
        Axis::linear("relative error", "").including(0.0),
    )
    .add(Line::of("frozen", (0.0, 150.0), 120, |t| code.frozen_error(t).unwrap_or(f64::NAN)).ink(Ink::Unstable))
    .add(Line::of("rescaled", (0.0, 150.0), 120, |t| code.rescaled_error(t).unwrap_or(f64::NAN)).ink(Ink::Data))
    .add(Rule::horizontal("as good as none", 1.0));
    nb.figure(
        "restored",
        Figure::row([variance, error]).caption(
            "**a** A force on the coding direction bounds its variance; a null direction goes on. **b** Squared error of a decoder that does not follow, relative to the signal.",
        ),
    )
}
