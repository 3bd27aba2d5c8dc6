//! # What can scaling save of a memory?
//!
//! Weights decay, and with them what they store.
//! The field says that homeostatic scaling keeps memories within a viable range because it preserves relative weights,
//! where subtraction would erase them.
//! We ask what exactly is kept, against which noise it helps, and how strong scaling must be.

use homeostat::coding::memory::{ScaledTrace, subtraction_correlation, subtraction_cosine, subtraction_silenced};
use homeostat::dynamics::{Ensemble, ensemble};
use homeostat::lang::PartKind;
use homeostat::models::library;
use homeostat::notebook::prelude::*;
use homeostat::num::Stream;

// ## Decay and diffusion
//
// Weights decay within $\tau$ and diffuse. Both are mechanisms too, and meet scaling on a neuron with twenty inputs.

const DECAY: &str = r#"
title = "Weights decay to zero"
sources = ["turrigiano1998"]
equations = """
dw/dt += -w/tau  : 1
"""
[ports]
w = { about = "synaptic weight" }
[parameters]
tau = { value = "100 s", about = "time constant of the decay" }
"#;

const DIFFUSION: &str = r#"
title = "Weights diffuse"
sources = ["turrigiano1998"]
equations = """
dw/dt += s*sqrt(2/tau_n)*xi  : 1
"""
[ports]
w = { about = "synaptic weight" }
[parameters]
s     = { value = 0.04, about = "standard deviation of a weight that decays within tau_n" }
tau_n = { value = "100 s", about = "time constant of the noise" }
"#;

pub fn run(nb: &mut Notebook) -> Result<()> {
    let parts = library().with("decay", "decay.toml", Some(PartKind::Plasticity), DECAY).with(
        "diffusion",
        "diffusion.toml",
        Some(PartKind::Plasticity),
        DIFFUSION,
    );
    let compose = |text: &str| Model::compose(text, &parts);
    let close = Tol::Order { h: 1e-7, p: 1 };

    // On one synapse, scaling holds the rate at $r^* = r_T - 1/(\gamma\tau)$: below its target, and above silence only if
    //
    // $$\gamma\, r_T\, \tau > 1 .$$
    let one = compose("neuron+decay+scaling")?.with("rT", "5 Hz")?;
    nb.model(&one)?;
    let (tau, target, gamma) = (one["tau"], one["rT"], one["gamma"]);
    let found = fixed_points(&one, &one.names().defaults(), &Region::new([(0.01, 5.0)])?, &Search::default())?;
    let rest = found.only()?;
    nb.claim("rate held against decay", rest.enclosure[0].mid() * one["x"], target - 1.0 / (gamma * tau), close)?;
    let vary = Vary::new(one.names().parameter("gamma")?, (1e-4, 0.02));
    let branch = follow(&one, &one.names().defaults(), &rest.at, &vary, &continuation::Options::default())?;
    let lost = branch.first(EventKind::BranchPoint).expect("the branch meets silence");
    nb.claim("scaling too weak against decay below", lost.parameter, 1.0 / (target * tau), close)?;

    // Twenty weights $w_k = 1 + a\,p_k$ store a pattern $p_k = \pm1$. Its trace $T = \langle p_k w_k\rangle$ is multiplied
    // by whatever multiplies the mean: under scaling the contrast $T/\bar w$ is conserved, and with the mean the trace.
    // Subtractive normalisation keeps the same mean and loses the contrast as $e^{-t/\tau}$.
    let (inputs, a) = (20, 0.2);
    let pattern: Vec<f64> = (0..inputs).map(|k| if k % 2 == 0 { 1.0 } else { -1.0 }).collect();
    let start: Vec<f64> = pattern.iter().map(|p| 1.0 + a * p).collect();
    let neuron = |how: &str| -> Result<Model> {
        let mut m = compose(&format!("feedforward+decay{how}"))?.with("K", &inputs.to_string())?;
        m.set("xbar", "0.25 Hz")?;
        Ok(m)
    };
    let frozen = neuron("")?;
    let held = neuron("+scaling")?.with("rT", "5.5 Hz")?;
    let subtracted = neuron("+normalise_subtractive")?;
    let overlap = |w: &[f64]| w.iter().zip(&pattern).map(|(w, p)| w * p).sum::<f64>() / f64::from(inputs);
    let options = Integration { record: Record::Every(5.0), ..Integration::default() };
    let course = |m: &Model| integrate(m, &m.names().defaults(), &start, 300.0, &options);
    let (by_decay, by_scaling, by_subtraction) = (course(&frozen)?, course(&held)?, course(&subtracted)?);
    for (k, t) in by_scaling.t.iter().enumerate() {
        let w = &by_scaling.x[k];
        let mean = w.iter().sum::<f64>() / f64::from(inputs);
        nb.claim("contrast under scaling", overlap(w) / mean, a, close)?;
        let fading = a * (-t / tau).exp();
        nb.claim("trace under decay", overlap(&by_decay.x[k]), fading, close)?;
        nb.claim("trace under subtraction", overlap(&by_subtraction.x[k]), fading, close)?;
        let kept = by_subtraction.x[k].iter().sum::<f64>() / f64::from(inputs);
        nb.claim("mean under subtraction", kept, 1.0, close)?;
    }
    nb.claim("trace under scaling after 300 s", overlap(by_scaling.last()), a, Tol::Order { h: 1e-6, p: 1 })?;

    // One large subtraction, of $b$ from weights with an exponential distribution, also silences $1 - e^{-b}$ of them.
    // The closed forms against a sample:
    let b = 0.5;
    let mut draws = Stream::new(23, &[4]);
    let count = 200_000;
    let sample: Vec<(f64, f64)> = (0..count)
        .map(|_| {
            let w = -draws.open_uniform().ln();
            (w, (w - b).max(0.0))
        })
        .collect();
    let mean = |f: &dyn Fn(f64, f64) -> f64| sample.iter().map(|&(w, v)| f(w, v)).sum::<f64>() / f64::from(count);
    let cosine = mean(&|w, v| w * v) / (mean(&|w, _| w * w) * mean(&|_, v| v * v)).sqrt();
    let (mw, mv) = (mean(&|w, _| w), mean(&|_, v| v));
    let correlation =
        mean(&|w, v| (w - mw) * (v - mv)) / (mean(&|w, _| (w - mw).powi(2)) * mean(&|_, v| (v - mv).powi(2))).sqrt();
    let rough = Tol::Sampling { se: 1.0 / f64::from(count).sqrt(), n: 0, sigmas: 5.0 };
    nb.claim("cosine after subtraction, sampled", cosine, subtraction_cosine(b)?, rough)?;
    nb.claim("correlation after subtraction, sampled", correlation, subtraction_correlation(b)?, rough)?;
    nb.claim("silenced by subtraction, sampled", mean(&|_, v| f64::from(v == 0.0)), subtraction_silenced(b)?, rough)?;
    nb.claim("cosine after subtracting 0.5", subtraction_cosine(b)?, 0.9735009788, Tol::Printed(10))?;
    nb.claim("correlation after subtracting 0.5", subtraction_correlation(b)?, 0.989621062, Tol::Printed(9))?;
    nb.claim("silenced by subtracting 0.5", subtraction_silenced(b)?, 0.3934693403, Tol::Printed(10))?;

    // ### With noise
    //
    // Synaptic noise of stationary variance $\sigma_i^2$ and readout noise $\sigma_o^2$ stand against the trace.
    // A gain $e^{t/\tau}$ behind the synapses lifts it above the readout noise and lifts the synaptic noise with it:
    //
    // $$t^*_{frozen} = \frac\tau2\ln\frac{S_0^2 + \theta^2\sigma_i^2}{\theta^2(\sigma_i^2 + \sigma_o^2)}, \qquad
    //   t^*_{gain} = \frac\tau2\ln\frac{S_0^2 + \theta^2\sigma_i^2 - \theta^2\sigma_o^2}{\theta^2\sigma_i^2} .$$
    let law = ScaledTrace { strength: 10.0, synaptic_noise: 0.5, readout_noise: 1.0, tau };
    let (bare, lifted) = (law.frozen_lifetime(1.0)?, law.regulated_lifetime(1.0)?);
    nb.claim("lifetime, frozen", bare, 219.2261757, Tol::Printed(10))?;
    nb.claim("lifetime, with the gain", lifted, 299.196814, Tol::Printed(9))?;
    nb.claim("ratio of lifetimes", lifted / bare, 1.364785993, Tol::Printed(10))?;
    nb.claim("SNR of 60 s, frozen", law.frozen_snr(60.0)?, 5.063601956, Tol::Printed(10))?;
    nb.claim("SNR of 60 s, with the gain", law.regulated_snr(60.0)?, 7.955499252, Tol::Printed(10))?;
    nb.claim("at the end of both lives", law.frozen_snr(bare)? / law.regulated_snr(lifted)?, 1.0, Tol::Rounding(64))?;

    // Scaling that acts on the *weights* does more. Noise that comes in later was never multiplied by the earlier
    // factors: the weights walk instead of fading, and with the mean held at $\bar w$
    //
    // $$\mathrm{Var}\,\frac{T}{\bar w} = \frac{2\sigma_i^2 t}{\tau\,\bar w^2}\Bigl(1 + \frac{S_0^2}{\bar w^2}\Bigr), \qquad
    //   t^*_{scaling} \approx \frac{\tau}{2}\,\frac{S_0^2/\theta^2 - \sigma_o^2}{\sigma_i^2\,(1 + S_0^2/\bar w^2)},$$
    //
    // linear in the initial power instead of logarithmic. Twice one is that scaling cancels the noise of the mean by
    // moving all weights. Five hundred noisy copies of the composed neuron:
    let size = a / law.strength;
    let s = law.synaptic_noise * size * f64::from(inputs).sqrt();
    let noise = Ensemble { members: 512, dt: 0.5, seed: 23, record_every: 25.0, ..Ensemble::default() };
    let copies = |m: &Model| -> Result<(Vec<f64>, Vec<f64>, Vec<f64>)> {
        let noisy = m.clone().with("s", &s.to_string())?;
        let run = ensemble(&noisy, &noisy.names().defaults(), &start, 300.0, &noise)?;
        let mut out = (run.t.clone(), Vec::new(), Vec::new());
        for k in 0..run.t.len() {
            let weights = (0..inputs as usize)
                .map(|i| run.samples(&format!("w_{i}"), k).map(<[f64]>::to_vec))
                .collect::<Result<Vec<_>>>()?;
            let traces: Vec<f64> =
                (0..noise.members).map(|m| overlap(&weights.iter().map(|w| w[m]).collect::<Vec<f64>>())).collect();
            let mean = traces.iter().sum::<f64>() / noise.members as f64;
            let variance = traces.iter().map(|t| (t - mean).powi(2)).sum::<f64>() / (noise.members - 1) as f64;
            out.1.push(mean / size);
            out.2.push(variance / (size * size));
        }
        Ok(out)
    };
    let (t, fading, fading_noise) = copies(&neuron("+diffusion")?)?;
    let noisy = neuron("+diffusion+scaling")?.with("rT", "5.5 Hz")?;
    nb.model(&noisy)?;
    let (_, lasting, lasting_noise) = copies(&noisy)?;
    let walking = |t: f64| 2.0 * law.synaptic_noise.powi(2) * t / tau * (1.0 + a * a);
    let members = noise.members as f64;
    let sampled = |value: f64, h: f64| Tol::Sampling { se: value * (2.0 / members + h * h).sqrt(), n: 0, sigmas: 5.0 };
    for k in 1..t.len() {
        let stationary = law.synaptic_noise.powi(2) * (1.0 - (-2.0 * t[k] / tau).exp());
        nb.claim("noise of a decaying trace", fading_noise[k], stationary, sampled(stationary, 0.0))?;
        let of_mean = Tol::Sampling { se: (fading_noise[k] / members).sqrt() + 1e-2, n: 0, sigmas: 5.0 };
        nb.claim("a decaying trace", fading[k], law.strength * (-t[k] / tau).exp(), of_mean)?;
        // The loop of scaling is not infinitely fast and the mean weight moves a little: the law is of leading order.
        nb.claim("noise of a scaled trace", lasting_noise[k], walking(t[k]), sampled(walking(t[k]), 0.02))?;
        let of_mean = Tol::Sampling { se: (lasting_noise[k] / members).sqrt() + 2e-2, n: 0, sigmas: 5.0 };
        nb.claim("a scaled trace", lasting[k], law.strength, of_mean)?;
    }
    let scaled_life =
        tau / 2.0 * (law.strength.powi(2) - law.readout_noise.powi(2)) / (law.synaptic_noise.powi(2) * (1.0 + a * a));
    nb.text(format!(
        "Lifetimes of this trace: {bare:.0} s under decay, {lifted:.0} s with a gain behind the synapses, {scaled_life:.0} s with scaled weights."
    ));

    let snr = |mean: &[f64], variance: &[f64]| -> Vec<f64> {
        mean.iter().zip(variance).map(|(m, v)| m / (v + law.readout_noise.powi(2)).sqrt()).collect()
    };
    let value = |r: Result<f64>| r.unwrap_or(f64::NAN);
    let traces = Panel::new(Axis::linear("age", "s"), Axis::linear("SNR", "").including(0.0))
        .add(Line::of("decay", (0.0, 300.0), 200, |t| value(law.frozen_snr(t))).ink(Ink::Unstable))
        .add(Line::of("gain behind", (0.0, 300.0), 200, |t| value(law.regulated_snr(t))).ink(Ink::Hue(4)))
        .add(
            Line::of("scaled weights", (0.0, 300.0), 200, |t| {
                law.strength / (walking(t) + law.readout_noise.powi(2)).sqrt()
            })
            .ink(Ink::Stable),
        )
        .add(Points::new("composed neuron", &t, &snr(&fading, &fading_noise)).ink(Ink::Theory))
        .add(Points::new("composed neuron", &t, &snr(&lasting, &lasting_noise)).ink(Ink::Theory))
        .add(Rule::horizontal("θ", 1.0));
    let mut weights = Panel::new(Axis::linear("time", "s"), Axis::linear("weight", "").including(0.0));
    for (name, run, ink) in [
        ("decay", &by_decay, Ink::Unstable),
        ("decay and subtraction", &by_subtraction, Ink::Data),
        ("decay and scaling", &by_scaling, Ink::Stable),
    ] {
        for k in ["w_0", "w_1"] {
            weights = weights.add(Line::new(name, &run.t, &run.column(k)?).ink(ink));
        }
    }
    nb.figure(
        "scaling",
        Figure::row([weights, traces]).caption(
            "**a** A potentiated and a depressed weight without noise: subtraction keeps the mean and loses the difference, scaling keeps both. **b** Signal-to-noise ratio with noise in synapses and readout; points: 512 noisy copies of the composed neuron.",
        ),
    )?;
    nb.verdict(
        Verdict::HoldsWhen("$\\gamma\\,r_T\\,\\tau > 1$: scaling stronger than the decay".into()),
        "Scaling keeps the contrast of the weights exactly and, where it is stronger than the decay, the trace with it; \
         subtraction keeps the mean and loses the trace. Noise in the synapses remains the limit. A gain behind the \
         synapses amplifies it with the trace, so that the lifetime grows with the logarithm of the power; scaling of the \
         weights themselves lets it only diffuse, and the lifetime grows with the power.",
    )
}
