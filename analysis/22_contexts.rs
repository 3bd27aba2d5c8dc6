//! # Does discriminability survive changes of context?
//!
//! Arousal and attention multiply responses, noise is shared, and input statistics change.
//! The field says that homeostasis keeps discriminability constant across such contexts.
//! We ask for d', Fisher information and its limits in a population, what a fluctuating gain costs, and what normalisation
//! can give back.

use homeostat::coding::codes::{Code, Distribution, Noise, Trust};
use homeostat::coding::fisher::{
    Context, ScaledUnit, TrialDesign, VonMises, brunel_nadal_information, corrected_linear_fisher, limited_fisher,
    shared_gain_loss,
};
use homeostat::coding::information::{dprime_information, two_alternative_accuracy, yes_no_accuracy};
use homeostat::lang::PartKind;
use homeostat::models::library;
use homeostat::notebook::prelude::*;
use homeostat::num::Stream;
use nalgebra::DMatrix;
use std::f64::consts::TAU;

pub fn run(nb: &mut Notebook) -> Result<()> {
    population(nb)?;
    limits(nb)?;
    gain(nb)?;
    contexts(nb)?;
    nb.verdict(
        Verdict::HoldsWhen("the gain acts after the noise, or total activity does not depend on the stimulus".into()),
        "Normalisation repairs a threshold that a gain has misplaced, and all of the loss if the noise came before the gain; \
         what late noise costs at low gain stays lost. A fluctuating gain that a population shares costs no Fisher \
         information exactly when the sum of its rates is the same for every stimulus, which is what a homeostatic or \
         divisive constraint imposes. Noise along the signal's own direction sets a limit that no gain moves.",
    )
}

// ## A population of tuned units
//
// Thirty-two units with von Mises tuning, $f_i(s) = b + A e^{\kappa(\cos(s - \varphi_i) - 1)}$, are counted for 0.5 s:
// $J = T\sum_i f_i'^2/f_i$ and $d' = \Delta s\sqrt J$.

const RING: &str = r#"
title   = "A ring of tuned units"
sources = ["dayan2001"]
equations = """
f[i] = b + A*exp(kappa*(cos(s - phi[i]) - 1))  : Hz
"""
[parameters]
s     = { value = 0.3, about = "stimulus (radian)" }
phi   = { value = 0, about = "preferred stimuli (radian)" }
A     = { value = "20 Hz", about = "height of the tuning curve" }
b     = { value = "1 Hz", about = "rate at rest" }
kappa = { value = 2, about = "sharpness" }
[sizes]
N = { value = 32, index = ["i"], about = "number of units" }
"#;

fn population(nb: &mut Notebook) -> Result<()> {
    let parts = library().with("ring_tuning", "ring_tuning.toml", Some(PartKind::Circuit), RING);
    let mut ring = Model::compose("ring_tuning", &parts)?;
    nb.model(&ring)?;
    for i in 0..32 {
        ring.set(&format!("phi_{i}"), &format!("{}", TAU * i as f64 / 32.0))?;
    }
    let names: Vec<String> = (0..32).map(|i| format!("f_{i}")).collect();
    let read: Vec<&str> = names.iter().map(String::as_str).collect();
    let p = ring.names().defaults();
    // Two stimuli 0.1 rad apart about 0.3 rad.
    let mut code = Code::new("s", Distribution::values(&[0.25, 0.35]), &read).noise(Noise::Counts { window: 0.5 });
    code.difference = Some(0.1);
    let reading = code.on(&ring)?.at(&p, &[])?;
    nb.claim("Fisher information", reading.fisher, 115.5825588, Tol::Printed(10))?;
    nb.claim("d' of 0.1 rad", reading.dprime, 1.075093292, Tol::Printed(10))?;
    // The information about which of the two was shown is that of their d'.
    let two = dprime_information(reading.dprime)?;
    if let Trust::Estimated(bits) = &reading.information.trust {
        nb.claim("bits about which of two", bits, two, Tol::sampling(bits, 4.0))?;
    }
    let printed = Tol::Printed(10);
    nb.claim("bits at d' = 1", dprime_information(1.0)?, 0.1607472198, printed)?;
    nb.claim("bits at d' = 2", dprime_information(2.0)?, 0.4859441541, printed)?;
    nb.claim("fraction correct at d' = 1", yes_no_accuracy(1.0)?, 0.6914624613, printed)?;
    nb.claim("of two alternatives", two_alternative_accuracy(1.0)?, 0.7602499389, printed)?;

    // The whole circle: uniform stimuli. In a long window the information goes as $\log_2$ of the range over the error,
    // $h(s) - \tfrac12\log_2(2\pi e/J)$; in a short one it cannot.
    let windows = [0.01, 0.03, 0.1, 0.3, 1.0];
    let (mut bits, mut errors, mut fine) = (Vec::new(), Vec::new(), Vec::new());
    for window in windows {
        let whole = Code::new("s", Distribution::Uniform { lo: 0.0, hi: TAU }, &read).noise(Noise::Counts { window });
        let found = whole.on(&ring)?.at(&p, &[])?;
        bits.push(found.information.value);
        errors.push(2.0 * found.information.trust.error());
        let tiled = VonMises::tiled(32, 20.0, 2.0, 1.0);
        let mean_log = (0..64).map(|k| {
            let s = TAU * k as f64 / 64.0;
            let j: f64 = tiled.rates(s).iter().zip(tiled.slopes(s)).map(|(f, d)| d * d / f).sum::<f64>() * window;
            j.log2()
        });
        fine.push(TAU.log2() - 0.5 * (TAU * std::f64::consts::E).log2() + 0.5 * mean_log.sum::<f64>() / 64.0);
    }
    let last = bits.len() - 1;
    nb.claim_holds(
        "in a window of 1 s the Fisher approximation is within sampling error and 0.03 bit",
        (bits[last] - fine[last]).abs() < 2.0 * errors[last] + 0.03,
        format!("{:.3} ± {:.3} bit against {:.3} bit", bits[last], 0.5 * errors[last], fine[last]),
    )?;
    nb.claim(
        "large-population approximation at Jσ² = 25",
        brunel_nadal_information(25.0, 1.0)?,
        2.321928095,
        Tol::Printed(10),
    )?;
    let tuning = Panel::new(Axis::linear("s", "rad"), Axis::linear("rate", "Hz").including(0.0));
    let tiled = VonMises::tiled(32, 20.0, 2.0, 1.0);
    let tuning = (0..8)
        .fold(tuning, |panel, k| panel.add(Line::of("", (0.0, TAU), 160, |s| tiled.rates(s)[4 * k]).ink(Ink::Hue(k))));
    let growth = Panel::new(Axis::log("window", "s"), Axis::linear("information", "bit").including(0.0))
        .add(Line::new("Fisher approximation", &windows, &fine).ink(Ink::Theory))
        .add(Points::new("counts, sampled ± 2 s.e.", &windows, &bits).error(&errors));
    nb.figure(
        "population",
        Figure::row([tuning, growth]).caption(
            "**a** Every fourth tuning curve of the ring. **b** Information of 32 Poisson counts about a stimulus anywhere on the circle, over the counting window.",
        ),
    )
}

// ## Correlations that limit information
//
// Noise of variance $\epsilon$ on the stimulus itself adds $\epsilon f'f'^\top$ to the covariance and leaves
// $J = J_0/(1 + \epsilon J_0) < 1/\epsilon$, however many units there are.

fn limits(nb: &mut Notebook) -> Result<()> {
    let limited = limited_fisher(89.24683671, 0.01)?;
    nb.claim("J of 50 units with noise on the stimulus", limited, 47.15895825, Tol::Printed(9))?;
    // The same from a model: noise on the stimulus parameter of a ring of linear units.
    let text = r#"
title   = "Linear units with slopes around a circle"
sources = ["dayan2001"]
equations = """
f[i] = 2*cos(phi[i] - 0.2)*s  : 1
"""
[parameters]
s   = { value = 0, about = "stimulus" }
phi = { value = 0, about = "place on the circle (radian)" }
[sizes]
N = { value = 50, index = ["i"], about = "number of units" }
"#;
    let parts = library().with("linear_ring", "linear_ring.toml", Some(PartKind::Circuit), text);
    let whole = Model::compose("linear_ring", &parts)?;
    let told = |n: usize, epsilon: f64| -> Result<f64> {
        let mut ring = whole.clone();
        let mut code = Code::new("s", Distribution::Gaussian { mean: 0.0, sd: 1.0 }, &[]);
        for i in 0..n {
            // The first n of 50 units, spread over the circle.
            let angle = TAU * i as f64 / n as f64;
            ring.set(&format!("phi_{i}"), &angle.to_string())?;
            code.read.push(format!("f_{i}"));
            code = code.noise(Noise::On { quantity: format!("f_{i}"), sd: (1.0 + 0.5 * angle.sin().powi(2)).sqrt() });
        }
        let code = code.noise(Noise::On { quantity: "s".into(), sd: epsilon.sqrt() });
        Ok(code.on(&ring)?.at(&ring.names().defaults(), &[])?.fisher)
    };
    nb.claim("J without it, from the model", told(50, 0.0)?, 89.24683671, Tol::Printed(10))?;
    nb.claim("J with it, from the model", told(50, 0.01)?, 47.15895825, Tol::Printed(10))?;

    // Measuring J from trials needs a correction: with as many trials as units the naive value is far too large.
    let design = TrialDesign { neurons: 10, trials: 50, ds: 1.0 };
    nb.claim("expected naive J", design.naive_mean(4.0)?, 4.956321839, Tol::Printed(10))?;
    nb.claim("standard deviation of the corrected J", design.variance(4.0)?.sqrt(), 1.06927133, Tol::Printed(9))?;
    let runs = 300;
    let mut found = Vec::new();
    for run in 0..runs {
        let mut draws = Stream::new(1, &[22, run]);
        // Ten independent units, of which the first moves by 2 between the stimuli: J = 4.
        let mut sample =
            |shift: f64| DMatrix::from_fn(50, 10, |_, j| draws.normal() + if j == 0 { shift } else { 0.0 });
        let (first, second) = (sample(0.0), sample(2.0));
        found.push(corrected_linear_fisher(&first, &second, 1.0)?.corrected());
    }
    let n = runs as f64;
    let mean = found.iter().sum::<f64>() / n;
    let sd = (found.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
    let estimate = Estimate::new(mean, "", sd / n.sqrt(), runs as usize, "mean over simulated experiments");
    let allowed = Tol::sampling(&estimate, 4.0);
    nb.claim("corrected J over simulated experiments", estimate, 4.0, allowed)?;

    // Every size while there are few, so that the curves have no corners.
    let sizes: Vec<usize> = (5..20).chain((20..=50).step_by(3)).collect();
    let x: Vec<f64> = sizes.iter().map(|&n| n as f64).collect();
    let curve = |epsilon: f64| sizes.iter().map(|&n| told(n, epsilon)).collect::<Result<Vec<f64>>>();
    let panel = Panel::new(Axis::log("units", ""), Axis::log("Fisher information", ""))
        .add(Line::new("independent", &x, &curve(0.0)?).ink(Ink::Theory))
        .add(Line::new("ε = 0.01", &x, &curve(0.01)?).ink(Ink::Data))
        .add(Line::new("ε = 0.1", &x, &curve(0.1)?).ink(Ink::Unstable))
        .add(Rule::horizontal("1/0.01", 100.0))
        .add(Rule::horizontal("1/0.1", 10.0));
    nb.figure(
        "limits",
        Figure::single(panel)
            .caption("Fisher information over the number of units, with noise of variance ε on the stimulus itself."),
    )
}

// ## What scaling all weights does
//
// A unit with mean $gf$ and variance $g^2f'^2v_i + Fgf + v_o$ has
// $J(g) = g^2f'^2/(g^2f'^2v_i + Fgf + v_o)$: signal-independent noise makes it grow as $g^2$, Poisson-like noise as $g$, and
// input noise bounds it by $1/v_i$.

fn gain(nb: &mut Notebook) -> Result<()> {
    let unit = ScaledUnit { mean: 10.0, slope: 4.0, input_variance: 0.04, fano: 1.0, output_variance: 25.0 };
    // The model: r = g w x, read as a count in 1 s with noise on the input (0.2 of the stimulus) and after the count.
    let neuron = model("neuron")?.with("w", "4")?.with("x", "2.5 Hz")?;
    let told = |gain: f64| -> Result<f64> {
        let neuron = neuron.clone().with("gain", &gain.to_string())?;
        let on = |quantity: &str, sd: f64| Noise::On { quantity: quantity.into(), sd };
        let code = Code::new("x", Distribution::values(&[2.4, 2.6]), &["r"])
            .noise(on("x", 0.2))
            .noise(on("r", 5.0))
            .noise(Noise::Counts { window: 1.0 });
        Ok(code.on(&neuron)?.at(&neuron.names().defaults(), &[])?.fisher)
    };
    for (gain, printed) in [(0.5, 0.1326259947), (1.0, 0.4489337823), (2.0, 1.345668629)] {
        nb.claim("J at three gains", told(gain)?, printed, Tol::Printed(10))?;
        nb.claim("closed form", told(gain)?, unit.fisher(gain)?, Tol::Rounding(64))?;
    }
    nb.claim("J at a gain without bound", told(1e7)?, unit.limit()?, Tol::Order { h: 1e-5, p: 1 })?;
    let slope = |unit: &ScaledUnit| -> Result<f64> { Ok((unit.fisher(1e-3)? / unit.fisher(1e-4)?).log10()) };
    nb.claim("exponent in output noise", slope(&ScaledUnit { fano: 0.0, ..unit })?, 2.0, Tol::Order { h: 1e-5, p: 1 })?;
    nb.claim(
        "exponent in Poisson-like noise",
        slope(&ScaledUnit { output_variance: 0.0, ..unit })?,
        1.0,
        Tol::Order { h: 1e-3, p: 1 },
    )?;

    // A gain that the whole population shares and that fluctuates from trial to trial costs
    // $\sigma_c^2(\sum f')^2/(1 + \sigma_c^2\sum f)$: nothing where the sum of rates does not depend on the stimulus.
    let ring = VonMises::tiled(32, 20.0, 2.0, 1.0);
    let (rates, slopes) = (ring.rates(0.3), ring.slopes(0.3));
    let whole = shared_gain_loss(&rates, &slopes, 0.05)?;
    nb.claim("loss of a full ring", whole, 0.0, Tol::Order { h: 1e-9, p: 1 })?;
    let part = shared_gain_loss(&rates[..20], &slopes[..20], 0.05)?;
    nb.claim("loss when a part of the ring is missing", part, 122.4807234 - 81.79728436, Tol::Printed(8))
}

// ## Contexts
//
// Two stimuli project to $M \pm d'/2$ with unit noise; a decoder's threshold was set at $M$. A context multiplies the mean by
// $c$. Frozen, the threshold is misplaced by $(c - 1)M$; normalised, it is not, and what is left is $\Phi(d'/2)$ for noise
// before the gain, $\Phi(c\,d'/2)$ for noise after it.

fn contexts(nb: &mut Notebook) -> Result<()> {
    let context = Context { dprime: 2.0, mean: 3.0 };
    for (c, frozen, late) in
        [(0.5, 0.567952561, 0.6914624613), (0.8, 0.7492515251, 0.7881446014), (1.5, 0.749325051, 0.9331927987)]
    {
        nb.claim("frozen decoder", context.frozen(c)?, frozen, Tol::Printed(9))?;
        nb.claim("normalised, late noise", context.normalised_late(c)?, late, Tol::Printed(10))?;
    }
    nb.claim("normalised, early noise", context.normalised_early()?, 0.8413447461, Tol::Printed(10))?;
    nb.claim("frozen over fluctuating contexts", context.frozen_average(0.2)?, 0.802989997, Tol::Printed(9))?;
    nb.claim(
        "normalised over fluctuating contexts",
        context.normalised_late_average(0.2)?,
        0.8366002162,
        Tol::Printed(9),
    )?;
    // A simulated observer: the fraction correct over draws of stimulus, noise and context.
    let mut draws = Stream::new(1, &[2210]);
    let n = 40_000;
    let mut correct = 0usize;
    for _ in 0..n {
        let (up, c) = (draws.uniform() < 0.5, 1.0 + 0.2 * draws.normal());
        let seen = c * (3.0 + if up { 1.0 } else { -1.0 }) + draws.normal();
        correct += usize::from((seen > 3.0) == up);
    }
    let part = correct as f64 / n as f64;
    let observer = Estimate::new(part, "", (part * (1.0 - part) / n as f64).sqrt(), n, "simulated observer");
    let allowed = Tol::sampling(&observer, 4.0);
    nb.claim("frozen decoder, simulated", observer, context.frozen_average(0.2)?, allowed)?;

    let of = |f: &dyn Fn(f64) -> Result<f64>, c: f64| f(c).unwrap_or(f64::NAN);
    let accuracy = Panel::new(Axis::linear("context c", ""), Axis::linear("fraction correct", "").range(0.45, 1.0))
        .add(Line::of("frozen", (0.2, 2.0), 160, |c| of(&|c| context.frozen(c), c)).ink(Ink::Unstable))
        .add(
            Line::of("normalised, early noise", (0.2, 2.0), 2, |_| context.normalised_early().unwrap_or(f64::NAN))
                .ink(Ink::Hue(2)),
        )
        .add(
            Line::of("normalised, late noise", (0.2, 2.0), 160, |c| of(&|c| context.normalised_late(c), c))
                .ink(Ink::Data),
        );
    let unit = ScaledUnit { mean: 10.0, slope: 4.0, input_variance: 0.04, fano: 1.0, output_variance: 25.0 };
    let scaled = Panel::new(Axis::log("gain", ""), Axis::log("Fisher information", ""))
        .add(Line::of_log("all noise", (0.05, 200.0), 160, |g| of(&|g| unit.fisher(g), g)).ink(Ink::Data))
        .add(
            Line::of_log("without input noise", (0.05, 200.0), 160, |g| {
                of(&|g| ScaledUnit { input_variance: 0.0, ..unit }.fisher(g), g)
            })
            .ink(Ink::Theory)
            .dashed(),
        )
        .add(Rule::horizontal("1/v_{i}", 25.0));
    nb.figure(
        "contexts",
        Figure::row([accuracy, scaled]).caption(
            "**a** Fraction correct of a decoder that was set at c = 1, in other contexts, frozen and normalised. **b** Fisher information of one unit over the scaling of its weights.",
        ),
    )
}
