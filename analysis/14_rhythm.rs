//! # Does homeostasis keep a rhythm?
//!
//! An excitatory and an inhibitory population ring at a frequency, with a phase between them, and noise makes the rhythm
//! visible. Learning that strengthens recurrent excitation changes all of it.
//! The field says that homeostasis preserves oscillatory synchrony and phase relationships.
//! We let inhibition restore the *rate*, as inhibitory plasticity does, then the *frequency*, then frequency and damping,
//! and ask each time what became of the others.

use homeostat::dynamics::{Ensemble, LinearNoise, ensemble, linear_noise};
use homeostat::lang::PartKind;
use homeostat::models::library;
use homeostat::notebook::prelude::*;
use homeostat::num::linalg::{eigen, eigenvalues};
use nalgebra::{Complex, DMatrix, SMatrix};
use std::f64::consts::TAU;

/// White noise on the rate of a population.
const NOISE: &str = r#"
title = "White noise on a rate"
sources = ["wilson1972"]
equations = """
dr/dt += sigma*xi  : Hz
"""
[ports]
r = { unit = "Hz", about = "rate" }
[parameters]
sigma = { value = "100 Hz/s**0.5", about = "strength: standard deviation gained in one second" }
"#;

fn compose(text: &str) -> Result<Model> {
    Model::compose(text, &library().with("noise", "noise.toml", Some(PartKind::Homeostasis), NOISE))
}

/// Frequency (Hz), damping σ (1/s) and the lag of i behind e (rad) from the eigenvalues and eigenvectors of a Jacobian.
fn rhythm(a: &DMatrix<f64>) -> Result<(f64, f64, f64)> {
    let spectrum = eigen(a)?;
    let k = (0..2).find(|&k| spectrum.values[k].im > 0.0).expect("the pair rings");
    let v = spectrum.right.column(k);
    Ok((spectrum.values[k].im / TAU, spectrum.values[k].re, (v[0] / v[1]).arg()))
}

/// The weights of an E-I pair in the letters of the theory.
#[derive(Clone, Copy)]
struct Pair {
    w_ee: f64,
    w_ii: f64,
    /// P = w_ei w_ie.
    product: f64,
    tau_e: f64,
    tau_i: f64,
}

impl Pair {
    /// σ, the growth rate.
    fn sigma(&self) -> f64 {
        0.5 * ((self.w_ee - 1.0) / self.tau_e - (1.0 + self.w_ii) / self.tau_i)
    }
    fn omega(&self) -> f64 {
        let delta = (1.0 - self.w_ee) * (1.0 + self.w_ii) + self.product;
        (delta / (self.tau_e * self.tau_i) - self.sigma().powi(2)).sqrt()
    }
    fn lag(&self) -> f64 {
        (self.tau_i * self.omega()).atan2(1.0 + self.w_ii + self.tau_i * self.sigma())
    }
    /// The product that gives the frequency ω.
    fn for_frequency(&self, omega: f64) -> f64 {
        self.tau_e * self.tau_i * (omega.powi(2) + self.sigma().powi(2)) - (1.0 - self.w_ee) * (1.0 + self.w_ii)
    }
    /// The same weights in the composed circuit; the weight onto i from e stays.
    fn set(&self, circuit: &Model) -> Result<Model> {
        let w_ei = self.product / circuit["w_ie"];
        circuit
            .clone()
            .with("w_ee", &format!("{:?}", self.w_ee))?
            .with("w_ii", &format!("{:?}", self.w_ii))?
            .with("w_ei", &format!("{w_ei:?}"))
    }
}

pub fn run(nb: &mut Notebook) -> Result<()> {
    let limit = corrections(nb)?;
    spectra(nb)?;
    shapes(nb)?;
    nb.verdict(
        Verdict::HoldsWhen(format!(
            "learning changes $w_{{EE}}$ by $d < -2\\tau_E\\sigma = {limit}$, and then for the frequency only"
        )),
        "Inhibitory plasticity that restores the rate restores the determinant of the loop, and with it nearly the \
         frequency; the damping it leaves to learning. Restoring frequency does not restore the phase between the \
         populations, and restoring frequency and damping takes a second knob and moves the phase further away. Pure \
         scaling of rates is what leaves coherence and phase alone.",
    )
}

// ## What is kept
//
// Around its fixed point the circuit has
//
// $$A = \begin{pmatrix} (w_{EE}-1)/\tau_E & -w_{EI}/\tau_E \\ w_{IE}/\tau_I & -(1+w_{II})/\tau_I \end{pmatrix}, \quad
//   \sigma = \tfrac12\operatorname{tr}A, \quad \omega^2 = \frac{\Delta}{\tau_E\tau_I} - \sigma^2,$$
//
// $$\varphi = \operatorname{atan2}(\tau_I\omega,\, 1 + w_{II} + \tau_I\sigma),$$
//
// with $\Delta = (1 - w_{EE})(1 + w_{II}) + P$ and $P = w_{EI}w_{IE}$; $\varphi$ is the phase by which inhibition lags.

fn corrections(nb: &mut Notebook) -> Result<f64> {
    let mut circuit = model("ei")?;
    circuit.set_all(&[
        ("tau_e", "5 ms"),
        ("tau_i", "10 ms"),
        ("w_ee", "1.5"),
        ("w_ii", "0.5"),
        ("w_ei", "2"),
        ("w_ie", "2.25"),
        ("I_e", "12.5 Hz"),
        ("I_i", "0 Hz"),
    ])?;
    nb.model(&circuit)?;
    let before = Pair { w_ee: 1.5, w_ii: 0.5, product: 4.5, tau_e: circuit["tau_e"], tau_i: circuit["tau_i"] };
    let d = 0.2;
    let close = Tol::Order { h: 1e-10, p: 1 };
    let rest = [5.0, 7.5];
    let seen = |pair: &Pair| -> Result<(f64, f64, f64)> {
        let at = pair.set(&circuit)?;
        rhythm(&at.jacobian(&rest, &at.names().defaults()))
    };
    let omega = before.omega();

    // Learning adds $d = 0.2$ to $w_{EE}$. Then (a) inhibition restores the frequency,
    // $P_a = \tau_E\tau_I(\omega^2 + \sigma_a^2) - (1 - w_{EE} - d)(1 + w_{II})$, or (b) $w_{II}$ moves as well,
    // $w_{II}' = w_{II} + d\,\tau_I/\tau_E$, and restores the damping too.
    let learned = Pair { w_ee: 1.5 + d, ..before };
    let a = Pair { product: learned.for_frequency(omega), ..learned };
    let with_ii = Pair { w_ii: 0.5 + d * before.tau_i / before.tau_e, ..learned };
    let b = Pair { product: with_ii.for_frequency(omega), ..with_ii };
    // (c) Inhibitory plasticity knows nothing of frequencies. It holds $r_E$ at its target: with no input to the
    // inhibitory population this is $P_c = P + d\,(1 + w_{II})$, and the determinant $\Delta$ is what it was.
    let c = Pair { product: 4.5 + d * 1.5, ..learned };
    for (case, printed) in [
        (before, [43.4043863953, 1.14102089549]),
        (learned, [41.7990090843, 1.06633797427]),
        (a, [43.4043863953, 1.08212308326]),
        (b, [43.4043863953, 1.02669308559]),
    ] {
        let (frequency, sigma, lag) = seen(&case)?;
        nb.claim("frequency (Hz) from the eigenvalues", frequency, printed[0], Tol::Printed(12))?;
        nb.claim("lag of inhibition (rad) from the eigenvectors", lag, printed[1], Tol::Printed(12))?;
        nb.claim("frequency in closed form", frequency, case.omega() / TAU, close)?;
        nb.claim("lag in closed form", lag, case.lag(), close)?;
        nb.claim("growth rate in closed form", sigma, case.sigma(), close)?;
    }
    nb.claim("growth rate before (1/s)", before.sigma(), -25.0, Tol::Rounding(16))?;
    nb.claim("inhibition for the frequency, P_a", a.product, 4.77, Tol::Printed(12))?;
    nb.claim("inhibition for both, P_b", b.product, 5.08, Tol::Printed(12))?;
    nb.claim("w_ii for both", b.w_ii, 0.9, Tol::Rounding(8))?;

    // Case (c) is what the composed rule does when it is left to run.
    let plastic = {
        let mut m = model("ei+istdp@w_ei")?;
        m.set_all(&[
            ("tau_e", "5 ms"),
            ("tau_i", "10 ms"),
            ("w_ee", "1.7"),
            ("w_ii", "0.5"),
            ("w_ie", "2.25"),
            ("I_e", "12.5 Hz"),
            ("I_i", "0 Hz"),
            ("rho0", "5 Hz"),
            ("eta", "0.01 s"),
        ])?;
        m
    };
    nb.model(&plastic)?;
    let run = integrate(&plastic, &plastic.names().defaults(), &[5.0, 7.5, 2.0], 100.0, &Integration::default())?;
    let w_ei = run.last()[plastic.names().variable("w_ei")?];
    nb.claim("inhibition that the rule learns, P_c", w_ei * 2.25, c.product, Tol::Order { h: 1e-6, p: 1 })?;
    nb.claim("rate that it holds", run.last()[0], 5.0, Tol::Order { h: 1e-6, p: 1 })?;
    let (frequency, sigma, lag) = seen(&c)?;
    // Of the frequency it leaves an error that is the change of the damping alone,
    // $\omega_c^2 - \omega^2 = \sigma^2 - \sigma_c^2$.
    let left = (omega.powi(2) + before.sigma().powi(2) - learned.sigma().powi(2)).sqrt() / TAU;
    nb.claim("frequency that it leaves", frequency, left, close)?;
    nb.claim_holds(
        "restoring the rate nearly restores the frequency",
        (frequency * TAU - omega).abs() < 0.15 * (learned.omega() - omega).abs(),
        format!(
            "{frequency:.2} Hz after {:.2} Hz with nothing done and {:.2} Hz before",
            learned.omega() / TAU,
            omega / TAU
        ),
    )?;
    nb.claim_holds(
        "no correction restores the phase",
        [a.lag(), b.lag(), lag].iter().all(|l| (l - before.lag()).abs() > 0.05),
        format!("before {:.4}, (a) {:.4}, (b) {:.4}, (c) {lag:.4} rad", before.lag(), a.lag(), b.lag()),
    )?;
    nb.claim("damping that rate homeostasis leaves", sigma, a.sigma(), Tol::Rounding(16))?;

    // ### How far this carries
    //
    // The damping of (a) and (c) falls with $d$ and is gone at $d = -2\tau_E\sigma$: the rhythm of the right frequency
    // becomes an oscillation. Followed in $w_{EE}$, the circuit with plastic inhibition loses stability near there,
    // and the nearer, the slower its rule.
    let d_max = -2.0 * before.tau_e * before.sigma();
    nb.claim("largest change of excitation", d_max, 0.25, Tol::Rounding(16))?;
    let edge = |d: f64| -> Result<f64> {
        let at = Pair { w_ee: 1.5 + d, ..before };
        Ok(seen(&Pair { product: at.for_frequency(omega), ..at })?.1)
    };
    nb.claim("growth rate there", edge(d_max)?, 0.0, Tol::Order { h: 1e-9, p: 1 })?;
    nb.claim_holds("damped before, growing after", edge(0.24)? < 0.0 && edge(0.26)? > 0.0, "real part of the pair")?;
    let mut off = Vec::new();
    for eta in ["0.004 s", "0.001 s"] {
        let at = plastic.clone().with("eta", eta)?.with("w_ee", "1.5")?;
        let vary = Vary::new(at.names().parameter("w_ee")?, (1.4, 1.9));
        let branch = follow(&at, &at.names().defaults(), &[5.0, 7.5, 2.0], &vary, &continuation::Options::default())?;
        let hopf = branch.first(EventKind::Hopf).expect("damping is lost");
        nb.claim("onset of oscillations in w_ee", hopf.parameter, 1.5 + d_max, Tol::Order { h: 5e-3, p: 1 })?;
        off.push(hopf.parameter - 1.5 - d_max);
    }
    nb.claim(
        "shift of the onset, in proportion to the learning rate",
        off[0] / off[1],
        4.0,
        Tol::Order { h: 0.02, p: 1 },
    )?;

    let over = |f: &dyn Fn(f64) -> f64| -> (Vec<f64>, Vec<f64>) {
        (0..=100).map(|k| 0.0025 * f64::from(k)).map(|d| (d, f(d))).unzip()
    };
    let at = |d: f64| Pair { w_ee: 1.5 + d, ..before };
    let of_a = |d: f64| Pair { product: at(d).for_frequency(omega), ..at(d) };
    let of_c = |d: f64| Pair { product: 4.5 + d * 1.5, ..at(d) };
    let of_b = |d: f64| {
        let more = Pair { w_ii: 0.5 + d * before.tau_i / before.tau_e, ..at(d) };
        Pair { product: more.for_frequency(omega), ..more }
    };
    let panel = |label: &str, unit: &str, of: &dyn Fn(&Pair) -> f64| {
        let line = |name: &str, pair: &dyn Fn(f64) -> Pair, ink: Ink| {
            let (x, y) = over(&|d| of(&pair(d)));
            Line::new(name, &x, &y).ink(ink)
        };
        Panel::new(Axis::linear("change of w_{EE}", ""), Axis::linear(label, unit))
            .add(line("nothing", &at, Ink::Muted))
            .add(line("rate", &of_c, Ink::Unstable))
            .add(line("frequency", &of_a, Ink::Data).dashed())
            .add(line("both", &of_b, Ink::Stable))
    };
    nb.figure(
        "corrections",
        Figure::row([
            panel("frequency", "Hz", &|p| p.omega() / TAU),
            panel("growth rate σ", "s^{−1}", &|p| p.sigma()).no_legend(),
            panel("lag of inhibition", "rad", &|p| p.lag()).no_legend(),
        ])
        .caption("What learning does to a rhythm if inhibition does nothing, restores the rate, the frequency, or frequency and damping. **a** Frequency. **b** Damping. **c** Phase: nothing keeps it."),
    )?;
    Ok(d_max)
}

// ## The rhythm in the noise
//
// With white noise on both rates the fluctuations have the covariance $C$ with $AC + CA^\top + D = 0$ and the spectra
// $S(f) = (2\pi i f - A)^{-1} D\,(2\pi i f - A)^{-\dagger}$.

/// The circuit whose spectra the ledger gives, with its noise.
fn noisy() -> Result<Model> {
    let mut m = compose("ei+noise@e+noise@i")?;
    m.set_all(&[
        ("tau_e", "20 ms"),
        ("tau_i", "10 ms"),
        ("w_ee", "1.5"),
        ("w_ei", "2"),
        ("w_ie", "2.5"),
        ("w_ii", "0.5"),
        ("I_e", "0 Hz"),
        ("I_i", "0 Hz"),
        ("noise.sigma", "50 Hz/s**0.5"),
        ("noise@i.sigma", "100 Hz/s**0.5"),
    ])?;
    Ok(m)
}

/// ∫ of an even function over all frequencies, by Simpson's rule in f = c tan θ.
fn over_all_frequencies(f: impl Fn(f64) -> Result<f64>) -> Result<f64> {
    let (n, scale) = (400, 25.0);
    let h = 0.25 * TAU / f64::from(n);
    let mut sum = 0.0;
    // The integrand vanishes like 1/f² and its limit at θ = π/2 is finite: one step before it, by the trapezoid of the
    // last value, is enough at this resolution.
    for k in 0..n {
        let theta = (f64::from(k) + 0.5) * h;
        sum += f(scale * theta.tan())? * scale / theta.cos().powi(2);
    }
    Ok(2.0 * sum * h)
}

fn spectra(nb: &mut Notebook) -> Result<()> {
    let circuit = noisy()?;
    nb.model(&circuit)?;
    let p = circuit.names().defaults();
    let noise = linear_noise(&circuit, &p, &[0.0, 0.0])?;
    let (a, d) = (&noise.jacobian, &noise.noise * noise.noise.transpose());
    // In two dimensions the covariance has a closed form,
    // $C = -[\det A\,D + (A - \operatorname{tr}A)\,D\,(A - \operatorname{tr}A)^\top]/(2\operatorname{tr}A\det A)$.
    let (trace, det) = (a.trace(), a.determinant());
    let shifted = a - DMatrix::identity(2, 2) * trace;
    let closed = -(&d * det + &shifted * &d * shifted.transpose()) / (2.0 * trace * det);
    for (x, y, k, l, printed) in
        [("r_e", "r_e", 0, 0, 39.41176471), ("r_e", "r_i", 0, 1, 22.35294118), ("r_i", "r_i", 1, 1, 70.58823529)]
    {
        let c = noise.covariance(x, y)?;
        nb.claim("covariance", c, printed, Tol::Printed(10))?;
        nb.claim("covariance in closed form", c, closed[(k, l)], Tol::Order { h: 1e-12, p: 1 })?;
        let total = over_all_frequencies(|f| Ok(noise.cross_spectrum(x, y, f)?.re))?;
        nb.claim("integral of the spectrum", total, c, Tol::Order { h: 1e-4, p: 1 })?;
    }
    // The same from a thousand noisy copies of the circuit.
    let options = Ensemble { members: 1024, dt: 1e-4, seed: 14, ..Ensemble::default() };
    let run = ensemble(&circuit, &p, &[0.0, 0.0], 0.12, &options)?;
    for name in ["r_e", "r_i"] {
        let last = run.t.len() - 1;
        let variance = run.variance(name)?[last];
        let theory = noise.covariance(name, name)?;
        // Euler's steps add about |λ|dt/2 of the whole.
        let se = theory * (2.0 / 1024f64).sqrt() + 0.002 * theory;
        nb.claim("variance of a thousand copies", variance, theory, Tol::Sampling { se, n: 0, sigmas: 5.0 })?;
    }

    let at = 15.0;
    let pair = noise.cross_spectrum("r_e", "r_i", at)?;
    nb.claim("S_EE at 15 Hz", noise.spectrum("r_e", at)?, 0.6116915497, Tol::Printed(10))?;
    nb.claim("S_II at 15 Hz", noise.spectrum("r_i", at)?, 0.8614657614, Tol::Printed(10))?;
    nb.claim("S_EI at 15 Hz, real part", pair.re, 0.4070365988, Tol::Printed(10))?;
    nb.claim("S_EI at 15 Hz, imaginary part", pair.im, 0.52495773, Tol::Printed(8))?;
    nb.claim("coherence at 15 Hz", noise.coherence("r_e", "r_i", at)?, 0.8373817254, Tol::Printed(10))?;
    nb.claim("phase at 15 Hz, e leads (rad)", noise.phase("r_e", "r_i", at)?, 0.911254993, Tol::Printed(9))?;
    // The same by hand: the inverse of a complex 2 × 2 matrix.
    let by_hand = |f: f64| {
        let m =
            SMatrix::<Complex<f64>, 2, 2>::from_fn(|i, j| Complex::new(-a[(i, j)], if i == j { TAU * f } else { 0.0 }));
        let det = m[(0, 0)] * m[(1, 1)] - m[(0, 1)] * m[(1, 0)];
        (m[(1, 1)].norm_sqr() * d[(0, 0)] + m[(0, 1)].norm_sqr() * d[(1, 1)]) / det.norm_sqr()
    };
    for f in [0.0, 5.0, 20.0, 80.0, 300.0] {
        nb.claim("S_EE by hand", noise.spectrum("r_e", f)?, by_hand(f), Tol::Order { h: 1e-12, p: 1 })?;
    }
    let spectrum = eigenvalues(a)?;
    nb.claim("ringing frequency (Hz)", spectrum[0].im.abs() / TAU, 20.96001717, Tol::Printed(10))?;
    // The peak lies below the ringing frequency, at $\omega^2 = -Q + \sqrt{Q^2 + 2Q(\det A - \tfrac12\operatorname{tr}^2A) +
    // \det^2 A}$ with $Q = (A_{22}^2D_{11} + A_{12}^2D_{22})/D_{11}$.
    let peak = noise.peaks("r_e", 1.0, 100.0)?;
    let q = (a[(1, 1)].powi(2) * d[(0, 0)] + a[(0, 1)].powi(2) * d[(1, 1)]) / d[(0, 0)];
    let closed = (-q + (q * q + 2.0 * q * (det - trace * trace / 2.0) + det * det).sqrt()).sqrt() / TAU;
    nb.claim("peak of E (Hz)", peak[0].0, closed, Tol::Order { h: 1e-10, p: 1 })?;
    nb.claim("peak of E (Hz), printed", peak[0].0, 19.62281141, Tol::Printed(10))?;
    nb.claim("its height", peak[0].1, 0.7086765035, Tol::Printed(10))?;

    // ### What scaling leaves alone
    //
    // Coherence and phase do not change if every rate is multiplied by a factor of its own: $x \to Gx$ takes
    // $w_{EI} \to w_{EI}\,G_E/G_I$ and $w_{IE} \to w_{IE}\,G_I/G_E$. Synaptic scaling is this kind of change only if it
    // scales what comes in *and* what the others hear.
    let (ge, gi) = (3.0, 0.5);
    let mut scaled = circuit.clone();
    scaled.set_all(&[
        ("w_ei", &format!("{:?}", 2.0 * ge / gi)),
        ("w_ie", &format!("{:?}", 2.5 * gi / ge)),
        ("noise.sigma", &format!("{:?} Hz/s**0.5", 50.0 * ge)),
        ("noise@i.sigma", &format!("{:?} Hz/s**0.5", 100.0 * gi)),
    ])?;
    let same = linear_noise(&scaled, &scaled.names().defaults(), &[0.0, 0.0])?;
    for f in [1.0, 10.0, 20.0, 60.0] {
        let tight = Tol::Order { h: 1e-11, p: 1 };
        nb.claim(
            "coherence of scaled rates",
            same.coherence("r_e", "r_i", f)?,
            noise.coherence("r_e", "r_i", f)?,
            tight,
        )?;
        nb.claim("phase of scaled rates", same.phase("r_e", "r_i", f)?, noise.phase("r_e", "r_i", f)?, tight)?;
    }
    // Scaling of the excitatory synapses alone, by 0.9, is not.
    let mut tempered = circuit.clone();
    tempered.set_all(&[("w_ee", "1.35"), ("w_ie", "2.25")])?;
    let other = linear_noise(&tempered, &tempered.names().defaults(), &[0.0, 0.0])?;
    let shift = other.phase("r_e", "r_i", 20.0)? - noise.phase("r_e", "r_i", 20.0)?;
    nb.claim_holds(
        "scaling of excitatory weights moves the phase",
        shift.abs() > 0.02,
        format!("by {shift:.4} rad at 20 Hz"),
    )
}

// ## Spectra after learning
//
// The corrections of the first part, seen in the noise: frequency is where the peak is, damping how high and narrow it is,
// and coherence and phase are what another area can read.

fn shapes(nb: &mut Notebook) -> Result<()> {
    let base = {
        let mut m = compose("ei+noise@e+noise@i")?;
        m.set_all(&[("tau_e", "5 ms"), ("tau_i", "10 ms"), ("w_ie", "2.25"), ("I_e", "0 Hz"), ("I_i", "0 Hz")])?;
        m
    };
    let before = Pair { w_ee: 1.5, w_ii: 0.5, product: 4.5, tau_e: base["tau_e"], tau_i: base["tau_i"] };
    let learned = Pair { w_ee: 1.7, ..before };
    let rate = Pair { product: 4.8, ..learned };
    let more = Pair { w_ii: 0.9, ..learned };
    let both = Pair { product: more.for_frequency(before.omega()), ..more };
    let noise = |pair: &Pair| -> Result<LinearNoise> {
        let at = pair.set(&base)?;
        linear_noise(&at, &at.names().defaults(), &[0.0, 0.0])
    };
    let cases = [
        ("before", before, Ink::Theory),
        ("learned", learned, Ink::Muted),
        ("rate restored", rate, Ink::Unstable),
        ("frequency and damping restored", both, Ink::Stable),
    ];
    // Rate homeostasis leaves the peak where it was and makes it much higher: near a weakly damped resonance the power at
    // the peak goes like $1/\sigma^2$, the whole variance like $1/|\sigma|$.
    let (n0, n1) = (noise(&before)?, noise(&rate)?);
    let (p0, p1) = (n0.peaks("r_e", 5.0, 200.0)?[0], n1.peaks("r_e", 5.0, 200.0)?[0]);
    let ratio = (before.sigma() / rate.sigma()).powi(2);
    nb.claim("gain of peak power", p1.1 / p0.1, ratio, Tol::Order { h: 0.1, p: 1 })?;
    let variance = n1.covariance("r_e", "r_e")? / n0.covariance("r_e", "r_e")?;
    nb.claim("gain of variance", variance, ratio.sqrt(), Tol::Order { h: 0.1, p: 1 })?;
    nb.claim("shift of the peak (Hz), relative", p1.0 / p0.0, 1.0, Tol::Order { h: 0.02, p: 1 })?;

    let f: Vec<f64> = (0..=240).map(|k| 5.0 * 30f64.powf(f64::from(k) / 240.0)).collect();
    let mut power = Panel::new(Axis::log("frequency", "Hz"), Axis::log("S_{EE}", "Hz"));
    let mut coherence =
        Panel::new(Axis::log("frequency", "Hz"), Axis::linear("coherence", "").range(0.0, 1.0)).no_legend();
    let mut phase = Panel::new(Axis::log("frequency", "Hz"), Axis::linear("phase, e leads", "rad")).no_legend();
    for (name, pair, ink) in cases {
        let noise = noise(&pair)?;
        let of = |g: &dyn Fn(f64) -> Result<f64>| f.iter().map(|&f| g(f)).collect::<Result<Vec<f64>>>();
        power = power.add(Line::new(name, &f, &of(&|f| noise.spectrum("r_e", f))?).ink(ink));
        coherence = coherence.add(Line::new(name, &f, &of(&|f| noise.coherence("r_e", "r_i", f))?).ink(ink));
        phase = phase.add(Line::new(name, &f, &of(&|f| noise.phase("r_e", "r_i", f))?).ink(ink));
    }
    nb.figure(
        "spectra",
        Figure::row([power, coherence, phase]).caption(
            "Fluctuations of the circuit before learning, after it, and with inhibition that restores the rate, or frequency and damping. **a** Power of the excitatory rate. **b** Coherence of the two rates. **c** Their phase.",
        ),
    )
}
