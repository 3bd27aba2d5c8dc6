//! # Does fast plasticity shape fast rhythms and slow homeostasis slow ones?
//!
//! A homeostat watches the mean and pushes back. What it does to a fluctuation depends on how fast that is.
//! The field says that fast synaptic changes alter high-frequency components and slow homeostasis reshapes low ones.
//! We ask what a homeostatic loop takes from each band and where that goes, what Hebbian amplification adds, how many bits
//! per second it costs in which band, and how surely a recording can show any of it.

use homeostat::coding::spectra::{
    Averages, Averaging, HebbLoop, HighPassChannel, IntegralLoop, Loop, bode_integral, sensitivity, spectra,
    theory_band_power, transfer,
};
use homeostat::dynamics::{Ensemble, ensemble, linear_noise};
use homeostat::lang::{Library, PartKind};
use homeostat::models::library;
use homeostat::notebook::prelude::*;
use homeostat::num::Stream;
use std::f64::consts::{LN_2, TAU};

const NOISE: &str = r#"
title = "White noise on a rate"
sources = ["gardiner2009"]
equations = """
dr/dt += sigma*xi  : Hz
"""
[ports]
r = { unit = "Hz", about = "rate" }
[parameters]
sigma = { value = "200 Hz/s**0.5", about = "strength: standard deviation gained in one second" }
"#;

const SLOW_INPUT: &str = r#"
title = "Input that wanders"
sources = ["gardiner2009"]
about = "An Ornstein-Uhlenbeck process of variance A squared."
equations = """
dI/dt += -I/tau_u + A*sqrt(2/tau_u)*xi  : Hz
"""
[ports]
I = { unit = "Hz", about = "input" }
[parameters]
tau_u = { value = "0.5 s", about = "how long the input remembers" }
A     = { value = "1 Hz", about = "standard deviation" }
"#;

const AMPLIFIED: &str = r#"
title = "A rate with fast amplification and slow feedback"
sources = ["zenke2017"]
equations = """
r         = u + h - k*theta  : Hz
dh/dt     = (-h + a*r)/tau_f  : Hz
dtheta/dt = r/tau_h           : Hz
"""
[parameters]
u     = { value = "0 Hz", about = "input" }
a     = { value = 0.6, about = "Hebbian amplification" }
k     = { value = 1, about = "gain of the feedback" }
tau_f = { value = "0.5 s", about = "time constant of the amplification" }
tau_h = { value = "10 s", about = "time constant of the feedback" }
"#;

fn parts() -> Library {
    library()
        .with("noise", "noise.toml", Some(PartKind::Homeostasis), NOISE)
        .with("slow_input", "slow_input.toml", Some(PartKind::Homeostasis), SLOW_INPUT)
        .with("amplified", "amplified.toml", Some(PartKind::Circuit), AMPLIFIED)
}

pub fn run(nb: &mut Notebook) -> Result<()> {
    let crossover = waterbed(nb)?;
    amplification(nb)?;
    bits(nb)?;
    recordings(nb)?;
    nb.verdict(
        Verdict::HoldsWhen(format!(
            "$f < \\frac{{1}}{{2\\pi}}\\sqrt{{g/(2\\tau_r\\tau_\\theta)}}$ ({crossover:.2} Hz here) is what homeostasis \
             reduces; and, with amplification $a > 1$, $\\tau_h < k\\tau_f/(a - 1)$"
        )),
        "A homeostat is a high pass. What it takes from slow fluctuations it gives to faster ones: the Bode integral is \
         zero and the variance under white input does not change at all. Bits are lost in the slow bands only, and only \
         if noise comes in behind the homeostat.",
    )
}

// ## The waterbed
//
// A rate with time constant $\tau_r$ and gain $g$ has its threshold moved by integral control within $\tau_\theta$. What
// is left of a disturbance at $s = i\omega$ is the sensitivity
//
// $$S(s) = \frac{s\tau_\theta(1 + s\tau_r)}{s\tau_\theta(1 + s\tau_r) + g}, \qquad
//   |S|^2 = \frac{x^2 + 4\zeta^2x}{(1-x)^2 + 4\zeta^2x}, \quad x = \omega^2/\omega_n^2,$$
//
// with $\omega_n = \sqrt{g/(\tau_r\tau_\theta)}$ and $\zeta = \tfrac12\sqrt{\tau_\theta/(g\tau_r)}$: 0 for the slowest
// changes, 1 at $\omega_n/\sqrt2$, above 1 beyond.

fn waterbed(nb: &mut Notebook) -> Result<f64> {
    let circuit = model("leaky+intrinsic")?.with("gain", "2")?.with("tau_theta", "1 s")?;
    nb.model(&circuit)?;
    let p = circuit.names().defaults();
    let (g, tau_r, tau_theta) = (circuit["gain"], circuit["tau_r"], circuit["tau_theta"]);
    let mut rest = vec![0.0; 2];
    rest[circuit.names().variable("r")?] = circuit["r0"];
    rest[circuit.names().variable("h")?] = circuit["w"] * circuit["x"] - circuit["r0"] / g;
    // From the model: the response with the mechanism over that with its variable held.
    let of = Loop { input: "I", output: "r", held: &["h"] };
    let seen = sensitivity(&circuit, &p, &rest, &of)?;
    let omega_n = (g / (tau_r * tau_theta)).sqrt();
    let zeta = 0.5 * (tau_theta / (g * tau_r)).sqrt();
    let size = |f: f64| {
        let x = (TAU * f / omega_n).powi(2);
        ((x * x + 4.0 * zeta * zeta * x) / ((1.0 - x).powi(2) + 4.0 * zeta * zeta * x)).sqrt()
    };
    for f in [0.01, 0.1, 1.0, 5.0, 30.0, 200.0] {
        nb.claim("sensitivity of the composed model", seen(f)?.norm(), size(f), Tol::Order { h: 1e-10, p: 1 })?;
    }
    nb.claim("natural frequency (rad/s)", omega_n, 14.1421356237, Tol::Printed(12))?;
    nb.claim("damping", zeta, 3.53553390593, Tol::Printed(12))?;
    nb.claim("sensitivity at ω_n/√2", seen(omega_n / 2f64.sqrt() / TAU)?.norm(), 1.0, Tol::Order { h: 1e-10, p: 1 })?;
    let law = IntegralLoop { tau: tau_r, tau_h: tau_theta, gain: g };
    let (peak, height) = law.peak()?;
    nb.claim("peak (rad/s)", peak, 33.2413531932, Tol::Printed(12))?;
    nb.claim("its height", seen(peak / TAU)?.norm(), 1.01679382048, Tol::Printed(12))?;
    nb.claim(
        "no frequency is amplified more",
        height,
        (1..4000).map(|k| size(0.01 * f64::from(k))).fold(0.0, f64::max),
        Tol::Order { h: 1e-6, p: 1 },
    )?;

    // Bode's integral $\int_0^\infty \ln|S|\,\mathrm d\omega$ is zero: every slow decibel reappears at faster frequencies.
    let area = bode_integral(&seen)?;
    nb.claim("Bode integral over ω_n", area.value / omega_n, 0.0, Tol::Order { h: 1e-6, p: 1 })?;
    // Against white input the variance is $g^2/2\tau_r$, whatever $\tau_\theta$: nothing is gained in all.
    let noisy = Model::compose("leaky+intrinsic+noise", &parts())?.with("gain", "2")?.with("sigma", "200 Hz/s**0.5")?;
    nb.model(&noisy)?;
    let variance = |tau_theta: f64| -> Result<f64> {
        let at = noisy.clone().with("tau_theta", &format!("{tau_theta} s"))?;
        linear_noise(&at, &at.names().defaults(), &rest)?.covariance("r", "r")
    };
    for tau_theta in [0.1, 1.0, 10.0, 1000.0] {
        nb.claim("variance under white input", variance(tau_theta)?, 200.0, Tol::Order { h: 1e-9, p: 1 })?;
    }
    // Against slow input it does gain: with a memory of $\tau_u = 0.5$ s the variance halves.
    let slow = Model::compose("leaky+intrinsic+slow_input", &parts())?.with("gain", "2")?.with("tau_theta", "1 s")?;
    let mut at = vec![0.0; slow.names().variables.len()];
    at[slow.names().variable("r")?] = circuit["r0"];
    at[slow.names().variable("h")?] = rest[circuit.names().variable("h")?];
    let held = linear_noise(&slow, &slow.names().defaults(), &at)?.covariance("r", "r")?;
    let tau_u = slow["tau_u"];
    nb.claim("variance under slow input", held, 1.9801980198, Tol::Printed(11))?;
    nb.claim(
        "the same in closed form",
        held,
        g * g * tau_u * tau_theta / (tau_r * tau_theta + tau_u * tau_theta + g * tau_u * tau_u),
        Tol::Order { h: 1e-10, p: 1 },
    )?;
    let free = slow.without("intrinsic")?;
    let mut at = vec![0.0; free.names().variables.len()];
    at[free.names().variable("r")?] = g * (circuit["w"] * circuit["x"]);
    let free = linear_noise(&free, &free.names().defaults(), &at)?.covariance("r", "r")?;
    nb.claim("variance without homeostasis", free, 3.92156862745, Tol::Printed(11))?;

    // The other set of numbers in the ledger, slower by far.
    let slower = IntegralLoop { tau: 0.01, tau_h: 10.0, gain: 1.0 };
    nb.claim("corner (Hz)", slower.corner()?, 0.01591549431, Tol::Printed(10))?;
    for (f, printed) in [(0.001, 0.0627084407), (0.01, 0.5321687679), (1.0, 1.000871051)] {
        nb.claim("sensitivity of a slow loop", slower.sensitivity(TAU * f)?.norm(), printed, Tol::Printed(9))?;
    }
    let ringing = IntegralLoop { tau: 0.01, tau_h: 0.02, gain: 1.0 };
    nb.claim(
        "peak of a fast loop: the root of the golden ratio",
        ringing.peak()?.1,
        (0.5 * (1.0 + 5f64.sqrt())).sqrt(),
        Tol::Rounding(32),
    )?;
    // The ledger of this project gives the place with its last digits wrong, as 89.94537204; the closed form decides.
    let (k, tau, tau_h) = (1.0f64, 0.01f64, 0.02f64);
    let place = k / (2.0 * tau * tau_h) + (k * (k * tau + 2.0 * tau_h)).sqrt() / (2.0 * tau.powf(1.5) * tau_h);
    nb.claim("place of that peak (rad/s)", ringing.peak()?.0, place.sqrt(), Tol::Order { h: 1e-12, p: 1 })?;

    // Played and measured: eight records of 16 s of the noisy circuit with a fast homeostat, and the power of its bands.
    let played = noisy.clone().with("tau_theta", "0.1 s")?;
    let theory = linear_noise(&played, &played.names().defaults(), &rest)?;
    let options = Ensemble { members: 8, dt: 5e-4, seed: 15, record_every: 1e-3, ..Ensemble::default() };
    let run = ensemble(&played, &played.names().defaults(), &rest, 16.0, &options)?;
    let mut bands = (Vec::new(), Vec::new(), Vec::new());
    let estimated: Vec<_> = (0..8)
        .map(|m| spectra(&[&run.path("r", m)?], 1000.0, Averaging::Welch { segment: 4096 }))
        .collect::<Result<_>>()?;
    for (lo, hi) in [(0.5, 2.0), (2.0, 8.0), (8.0, 32.0), (32.0, 128.0)] {
        let powers: Vec<f64> =
            estimated.iter().map(|s| s.band_power(0, lo, hi).map(|p| p.value)).collect::<Result<_>>()?;
        let mean = powers.iter().sum::<f64>() / 8.0;
        let se = (powers.iter().map(|p| (p - mean).powi(2)).sum::<f64>() / 56.0).sqrt();
        let expected = theory_band_power(&theory, "r", lo, hi)?.value;
        // Euler's steps change the power by about dt/τ_r.
        let se_all = se.hypot(0.05 * 0.5 * expected);
        nb.claim("power of a band, played", mean, expected, Tol::Sampling { se: se_all, n: 0, sigmas: 5.0 })?;
        bands.0.push((lo * hi).sqrt());
        bands.1.push(mean / (2.0 * (hi - lo)));
        bands.2.push(2.0 * se / (2.0 * (hi - lo)));
    }

    let mut panel = Panel::new(Axis::log("frequency", "Hz"), Axis::log("|S|", "").range(0.01, 2.0));
    for (k, tau) in [10.0, 1.0, 0.1].into_iter().enumerate() {
        let law = IntegralLoop { tau_h: tau, ..law };
        let line = move |f: f64| law.sensitivity(TAU * f).map_or(f64::NAN, |s| s.norm());
        panel = panel.add(Line::of_log(&format!("τ_{{θ}} = {tau} s"), (0.005, 200.0), 300, line).ink(Ink::Hue(k)));
    }
    panel = panel.add(Rule::horizontal("1", 1.0));
    let without = |f: f64| g * g / (1.0 + (TAU * f * tau_r).powi(2));
    let power = Panel::new(Axis::log("frequency", "Hz"), Axis::log("S_{rr}", "Hz").range(0.02, 10.0))
        .add(Line::of_log("no homeostasis", (0.1, 200.0), 200, without).ink(Ink::Muted))
        .add(Line::of_log("τ_{θ} = 0.1 s", (0.1, 200.0), 200, |f| theory.spectrum("r", f).unwrap_or(f64::NAN)))
        .add(Points::new("bands, played", &bands.0, &bands.1).error(&bands.2).size(1.0));
    nb.figure(
        "waterbed",
        Figure::row([panel, power]).caption(
            "**a** What integral control leaves of a disturbance. **b** Spectrum of the rate under white input, without and with a fast homeostat: slow power is moved to where it rings.",
        ),
    )?;
    Ok(omega_n / 2f64.sqrt() / TAU)
}

// ## Hebbian amplification in the same loop
//
// Fast plasticity that follows the rate, $\tau_f\dot h = -h + a r$, amplifies changes slower than $\tau_f$ by $1/(1-a)$;
// the feedback takes away those slower than $\tau_h$. In between there is a band that belongs to plasticity,
//
// $$G(s) = \Bigl[1 - \frac{a}{1 + s\tau_f} + \frac{k}{s\tau_h}\Bigr]^{-1} .$$

fn amplification(nb: &mut Notebook) -> Result<()> {
    let circuit = Model::compose("amplified", &parts())?;
    nb.model(&circuit)?;
    let response = transfer(&circuit, &circuit.names().defaults(), &[0.0, 0.0], "u", "r")?;
    let law = HebbLoop { hebb: 0.6, tau_f: 0.5, gain: 1.0, tau_h: 10.0 };
    for (f, printed) in [(0.001, 0.06281945313), (0.05, 2.117650695), (10.0, 1.000454527)] {
        let size = response.at(f)?.norm();
        nb.claim("response of the composed model", size, printed, Tol::Printed(10))?;
        nb.claim("response in closed form", law.response(TAU * f)?.norm(), size, Tol::Order { h: 1e-10, p: 1 })?;
    }
    // The three regimes, where they are far apart.
    let wide = circuit.clone().with("tau_h", "100000 s")?.with("tau_f", "0.01 s")?;
    let at = transfer(&wide, &wide.names().defaults(), &[0.0, 0.0], "u", "r")?;
    nb.claim("middle of a wide band", at.at(0.05)?.norm(), 1.0 / (1.0 - 0.6), Tol::Order { h: 1e-3, p: 1 })?;
    nb.claim("far above", at.at(1e5)?.norm(), 1.0, Tol::Order { h: 1e-6, p: 1 })?;
    nb.claim("far below", response.at(1e-7)?.norm(), 0.0, Tol::Order { h: 1e-4, p: 1 })?;

    // With $a > 1$ plasticity alone runs away and homeostasis has to be *fast*: stable only for
    // $\tau_h < k\tau_f/(a - 1)$. There it is lost in an oscillation.
    let strong = circuit.clone().with("a", "1.5")?.with("tau_h", "0.3 s")?;
    let vary = Vary::new(strong.names().parameter("tau_h")?, (0.2, 3.0));
    let branch = follow(&strong, &strong.names().defaults(), &[0.0, 0.0], &vary, &continuation::Options::default())?;
    let hopf = branch.first(EventKind::Hopf).expect("homeostasis becomes too slow");
    nb.claim("slowest homeostasis that holds a = 1.5 (s)", hopf.parameter, 1.0, Tol::Order { h: 1e-8, p: 1 })?;
    let critical = HebbLoop { hebb: 1.5, ..law }.critical_tau_h()?;
    nb.claim("critical time in closed form (s)", critical, hopf.parameter, Tol::Order { h: 1e-8, p: 1 })?;

    let line = |law: HebbLoop| move |f: f64| law.response(TAU * f).map_or(f64::NAN, |g| g.norm());
    let weak = HebbLoop { gain: 1e-12, ..law };
    let panel = Panel::new(Axis::log("frequency", "Hz"), Axis::log("|G|", "").range(0.05, 5.0))
        .add(Line::of_log("both", (0.0005, 30.0), 300, line(law)))
        .add(Line::of_log("plasticity only", (0.0005, 30.0), 300, line(weak)).ink(Ink::Unstable).dashed())
        .add(
            Line::of_log("homeostasis only", (0.0005, 30.0), 300, line(HebbLoop { hebb: 0.0, ..law }))
                .ink(Ink::Stable)
                .dashed(),
        );
    let edge = Panel::new(Axis::linear("amplification a", ""), Axis::log("slowest τ_{h}", "s").range(0.1, 100.0))
        .add(Line::of("kτ_{f}/(a − 1)", (1.005, 3.0), 200, |a| 0.5 / (a - 1.0)))
        .add(Points::new("located bifurcation", &[1.5], &[hopf.parameter]).size(1.0))
        .add(Note::new("stable", 1.3, 0.3).ink(Ink::Stable))
        .add(Note::new("runs away", 2.4, 5.0).ink(Ink::Unstable));
    nb.figure(
        "amplification",
        Figure::row([panel, edge]).caption(
            "**a** Response of the rate to input for plasticity, homeostasis and both ($a = 0.6$, $\\tau_f = 0.5$ s, $\\tau_h = 10$ s). **b** How fast homeostasis must be when amplification alone would run away.",
        ),
    )
}

// ## Bits by band
//
// A signal with memory, $\mathrm{SNR}(f) = a/(1 + f^2/f_c^2)$ over white noise, passes
// $R = \int_0^\infty\log_2(1 + \mathrm{SNR})\,\mathrm df$ bits per second. A homeostat in front of the noise is a high pass
// $f^2/(f^2 + f_h^2)$ on the signal and costs
//
// $$R = \frac{\pi}{\ln 2}\Bigl[\sqrt{(f_h + f_c)^2 + a f_c^2} - f_h - f_c\Bigr].$$

fn bits(nb: &mut Notebook) -> Result<()> {
    let open = HighPassChannel { snr: 8.0, corner: 10.0, high_pass: 0.0 };
    let held = HighPassChannel { high_pass: 0.5, ..open };
    nb.claim("bits per second without homeostasis", open.rate()?, 90.64720284, Tol::Printed(10))?;
    nb.claim("bits per second with it", held.rate()?, 89.15310888, Tol::Printed(10))?;
    nb.claim("what is left", held.rate()? / open.rate()?, 0.9835174842, Tol::Printed(10))?;
    // The bands from their closed form, against Simpson's rule on log₂(1 + SNR).
    let quadrature = |c: &HighPassChannel, lo: f64, hi: f64| -> Result<f64> {
        let n = 4000;
        let h = (hi - lo) / f64::from(n);
        let mut sum = 0.0;
        for k in 0..=n {
            let weight = match k {
                0 => 1.0,
                k if k == n => 1.0,
                k if k % 2 == 1 => 4.0,
                _ => 2.0,
            };
            let f = lo + h * f64::from(k);
            let passed = if c.high_pass == 0.0 { 1.0 } else { f * f / (f * f + c.high_pass.powi(2)) };
            sum += weight * (1.0 + passed * c.snr / (1.0 + (f / c.corner).powi(2))).ln() / LN_2;
        }
        Ok(sum * h / 3.0)
    };
    for (lo, hi, without, with) in [
        (0.0, 1.0, 3.16566453, 1.962233081),
        (1.0, 10.0, 25.24309146, 24.97112713),
        (10.0, 100.0, 50.88256414, 50.86395726),
    ] {
        nb.claim("bits of a band, without", open.band(lo, hi)?, without, Tol::Printed(9))?;
        nb.claim("bits of a band, with", held.band(lo, hi)?, with, Tol::Printed(9))?;
        nb.claim(
            "bits of a band, by quadrature",
            held.band(lo, hi)?,
            quadrature(&held, lo, hi)?,
            Tol::Order { h: 1e-8, p: 1 },
        )?;
    }
    let slow = 1.0 - held.band(0.0, 1.0)? / open.band(0.0, 1.0)?;
    let fast = 1.0 - held.band(10.0, 100.0)? / open.band(10.0, 100.0)?;
    nb.claim_holds(
        "homeostasis costs the slow band a thousand times more",
        slow / fast > 1000.0,
        format!("{:.1} % below 1 Hz, {:.3} % above 10 Hz", 100.0 * slow, 100.0 * fast),
    )?;

    // Measured on played records: signal and noisy response, the high pass before the noise, behind it, or nowhere.
    // Behind the noise it is invertible and costs nothing.
    let (rate, n) = (400.0, 1 << 15);
    let mut draws = Stream::new(15, &[1]);
    let keep = (-TAU * 10.0 / rate).exp();
    let (mut s, mut signal) = (0.0, Vec::with_capacity(n));
    for _ in 0..n {
        s = keep * s + (1.0 - keep * keep).sqrt() * draws.normal();
        signal.push(s);
    }
    // A signal of variance 1 with corner f_c has the density 1/(π f_c) at 0; noise of density 1/(8 π f_c).
    let sd = (rate / (8.0 * std::f64::consts::PI * 10.0)).sqrt();
    let noise: Vec<f64> = (0..n).map(|_| sd * draws.normal()).collect();
    let high_pass = |x: &[f64], corner: f64| {
        let keep = (-TAU * corner / rate).exp();
        let (mut y, mut before) = (0.0, 0.0);
        x.iter()
            .map(|&v| {
                y = keep * (y + v - before);
                before = v;
                y
            })
            .collect::<Vec<f64>>()
    };
    let add = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a + b).collect::<Vec<f64>>();
    let nowhere = add(&signal, &noise);
    let before = add(&high_pass(&signal, 0.5), &noise);
    let behind = high_pass(&nowhere, 0.5);
    let how = Averaging::Welch { segment: 2048 };
    let seen_in = |response: &[f64]| spectra(&[&signal, response], rate, how);
    let [nowhere, in_front, behind] = [seen_in(&nowhere)?, seen_in(&before)?, seen_in(&behind)?];
    // Bands well below half the sampling rate, where the sampled signal is the continuous one.
    for (lo, hi) in [(0.3, 1.5), (1.5, 6.0), (6.0, 40.0)] {
        let bits = |s: &homeostat::coding::spectra::Spectra| s.information_rate(0, 1, lo, hi);
        let (a, b, c) = (bits(&nowhere)?, bits(&in_front)?, bits(&behind)?);
        let allowed = |e: &homeostat::num::Estimate, truth: f64| Tol::Sampling {
            se: e.se.hypot(0.03 * truth),
            n: 0,
            sigmas: 4.0,
        };
        let (open, held) = (open.band(lo, hi)?, held.band(lo, hi)?);
        nb.claim("bits of a band, measured", a.corrected(), open, allowed(&a, open))?;
        nb.claim("with a high pass before the noise", b.corrected(), held, allowed(&b, held))?;
        nb.claim("with a high pass behind the noise", c.corrected(), a.corrected(), Tol::Order { h: 0.05, p: 1 })?;
    }

    let density = |c: HighPassChannel| move |f: f64| c.snr_at(f).map_or(f64::NAN, |s| s.ln_1p() / LN_2);
    let panel = Panel::new(Axis::log("frequency", "Hz"), Axis::linear("information", "bit/s/Hz").including(0.0))
        .add(Line::of_log("no homeostasis", (0.02, 100.0), 200, density(open)))
        .add(Line::of_log("f_{h} = 0.5 Hz", (0.02, 100.0), 200, density(held)).ink(Ink::Stable))
        .add(
            Line::of_log("f_{h} = 5 Hz", (0.02, 100.0), 200, density(HighPassChannel { high_pass: 5.0, ..open }))
                .ink(Ink::Unstable),
        );
    let seen = spectra(&[&signal, &before], rate, Averaging::Welch { segment: 1024 })?;
    let chosen: Vec<usize> = (1..=150).step_by(2).collect();
    let f: Vec<f64> = chosen.iter().map(|&j| seen.frequencies[j]).collect();
    let found: Vec<f64> =
        chosen.iter().map(|&j| seen.coherence(0, 1, j).map(|e| e.corrected())).collect::<Result<_>>()?;
    let expected = |f: f64| held.snr_at(f).map_or(f64::NAN, |s| s / (1.0 + s));
    let coherence = Panel::new(Axis::log("frequency", "Hz"), Axis::linear("coherence", "").range(0.0, 1.0))
        .add(Points::new("measured", &f, &found))
        .add(Line::of_log("theory", (0.3, 60.0), 200, expected));
    nb.figure(
        "bits",
        Figure::row([panel, coherence]).caption(
            "**a** Bits per second and Hz through a channel behind a homeostatic high pass. **b** Coherence of signal and response in a played record of 82 s, with the high pass at 0.5 Hz before the noise.",
        ),
    )
}

// ## How surely can a recording show it?
//
// With $K$ independent averages the coherence of two channels that have nothing in common is Beta$(1, K-1)$ distributed:
// its mean is $1/K$, and it feigns $1/((K-1)\ln 2)$ bits in every frequency bin.

fn recordings(nb: &mut Notebook) -> Result<()> {
    let ten = Averages::new(10.0)?;
    let (mean, variance) = ten.coherence_moments(0.0)?;
    nb.claim("feigned coherence, K = 10", mean, 0.1, Tol::Order { h: 1e-9, p: 1 })?;
    nb.claim("its variance", variance, 0.008181818182, Tol::Printed(10))?;
    nb.claim("5 % threshold", ten.significance_level(0.05)?, 0.2831288356, Tol::Printed(10))?;
    nb.claim("feigned bits", ten.spurious_bits(), 0.160299449, Tol::Printed(9))?;
    let welch = Averages::welch(15)?;
    nb.claim(
        "relative variance of Welch's spectrum, 15 segments",
        welch.relative_variance(),
        0.07012345679,
        Tol::Printed(10),
    )?;
    nb.claim("its degrees of freedom", welch.degrees(), 28.52112676, Tol::Printed(10))?;

    // Played from nothing but normal numbers: ten pairs of independent Fourier coefficients, again and again.
    let (trials, k) = (20_000usize, 10);
    let mut draws = Stream::new(15, &[2]);
    let threshold = ten.significance_level(0.05)?;
    let (mut sum, mut square, mut above, mut bits) = (0.0, 0.0, 0.0, 0.0);
    let mut sample = Vec::with_capacity(trials);
    for _ in 0..trials {
        let (mut xx, mut yy, mut re, mut im) = (0.0, 0.0, 0.0, 0.0);
        for _ in 0..k {
            let (a, b, c, d) = (draws.normal(), draws.normal(), draws.normal(), draws.normal());
            xx += a * a + b * b;
            yy += c * c + d * d;
            re += a * c + b * d;
            im += b * c - a * d;
        }
        let coherence = (re * re + im * im) / (xx * yy);
        sum += coherence;
        square += coherence * coherence;
        above += f64::from(coherence > threshold);
        bits -= (-coherence).ln_1p() / LN_2;
        sample.push(coherence);
    }
    let n = trials as f64;
    let se = (variance / n).sqrt();
    nb.claim("feigned coherence, played", sum / n, mean, Tol::Sampling { se, n: 0, sigmas: 5.0 })?;
    let spread = square / n - (sum / n).powi(2);
    // The fourth moment of Beta(1, 9) gives the error of a variance; twice the normal one is more than enough.
    nb.claim(
        "its variance, played",
        spread,
        variance,
        Tol::Sampling { se: 2.0 * variance * (2.0 / n).sqrt(), n: 0, sigmas: 5.0 },
    )?;
    let se = (0.05f64 * 0.95 / n).sqrt();
    nb.claim("false alarms at the 5 % threshold, played", above / n, 0.05, Tol::Sampling { se, n: 0, sigmas: 5.0 })?;
    let se = ten.spurious_bits() / n.sqrt();
    nb.claim("feigned bits, played", bits / n, ten.spurious_bits(), Tol::Sampling { se, n: 0, sigmas: 5.0 })?;

    // Welch's spectrum of white noise: how much fifteen half-overlapping segments scatter.
    let (segment, runs) = (64usize, 300);
    let mut heights = Vec::new();
    for run in 0..runs {
        let mut draws = Stream::new(15, &[3, run]);
        let x: Vec<f64> = (0..segment * 8).map(|_| draws.normal()).collect();
        let found = spectra(&[&x], 1.0, Averaging::Welch { segment })?;
        // Bins four apart are independent under Hann's window.
        heights.extend((6..=26).step_by(4).map(|j| found.power(0, j)));
    }
    let mean = heights.iter().sum::<f64>() / heights.len() as f64;
    let scatter = heights.iter().map(|h| (h / mean - 1.0).powi(2)).sum::<f64>() / heights.len() as f64;
    let se = welch.relative_variance() * (3.0 / heights.len() as f64).sqrt();
    nb.claim(
        "scatter of Welch's spectrum, played",
        scatter,
        welch.relative_variance(),
        Tol::Sampling { se, n: 0, sigmas: 5.0 },
    )?;
    nb.claim(
        "mean of Welch's spectrum, played",
        mean,
        1.0,
        Tol::Sampling { se: (scatter / heights.len() as f64).sqrt(), n: 0, sigmas: 5.0 },
    )?;

    let mut counts = vec![0.0; 40];
    sample.iter().for_each(|c| counts[((c * 40.0) as usize).min(39)] += 40.0 / n);
    let centres: Vec<f64> = (0..40).map(|k| (f64::from(k) + 0.5) / 40.0).collect();
    let null =
        Panel::new(Axis::linear("coherence found", "").range(0.0, 0.6), Axis::linear("density", "").including(0.0))
            .add(Points::new("played", &centres, &counts))
            .add(Line::of("Beta(1, 9)", (0.0, 0.6), 100, |c| 9.0 * (1.0 - c).powi(8)))
            .add(Rule::vertical("5 %", threshold));
    let feigned = Panel::new(Axis::log("averages K", ""), Axis::log("feigned", "").range(0.01, 2.0))
        .add(Line::of_log("coherence", (2.0, 100.0), 100, |k| 1.0 / k))
        .add(
            Line::of_log("5 % threshold", (2.0, 100.0), 100, |k| {
                Averages::new(k).and_then(|a| a.significance_level(0.05)).unwrap_or(f64::NAN)
            })
            .ink(Ink::Unstable),
        )
        .add(Line::of_log("bits per bin", (2.0, 100.0), 100, |k| 1.0 / ((k - 1.0) * LN_2)).ink(Ink::Data).dashed());
    nb.figure(
        "feigned coherence",
        Figure::row([null, feigned]).caption(
            "Channels that have nothing in common. **a** Coherence found with ten averages. **b** What $K$ averages feign, and what has to be exceeded.",
        ),
    )
}
