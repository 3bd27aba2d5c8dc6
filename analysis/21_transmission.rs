//! # Is a code restored when the rate is?
//!
//! A disturbance takes away part of a neuron's drive, and homeostasis brings its rate back.
//! The field concludes that the transmission of information is restored with it.
//! We ask what a receiver of the spikes gets before, during and after, where the noise has to be for the conclusion to
//! hold, and whether two mechanisms that restore the same rate restore the same code.

use homeostat::coding::codes::{Code, Distribution, Noise, Perturbation};
use homeostat::coding::information::{GaussianChannel, poisson_information, sparse_rate};
use homeostat::dynamics::settle;
use homeostat::lang::PartKind;
use homeostat::models::library;
use homeostat::notebook::prelude::*;

pub fn run(nb: &mut Notebook) -> Result<()> {
    gain(nb)?;
    counts(nb)?;
    let recovered = depression(nb)?;
    nb.verdict(
        Verdict::HoldsWhen("the noise enters after the gain and the mechanism is multiplicative".into()),
        format!(
            "A gain that follows the mean rate restores all of the information that a loss of drive had cost, exactly. What \
             is lost upstream of the gain stays lost. A threshold that restores the same mean rate behind a depressing \
             synapse brings back {:.0} % of the lost information: a restored rate is not a restored code.",
            100.0 * recovered
        ),
    )
}

fn on(quantity: &str, sd: f64) -> Noise {
    Noise::On { quantity: quantity.into(), sd }
}

// ## A gain in noise
//
// The rate is $r = g(wx - h)$ with a stimulus $x$ of standard deviation $\sigma_s$, noise $\sigma_i$ at the input and
// $\sigma_o$ at the output. Stimuli are short; the gain follows the mean rate slowly, and is held while a stimulus is shown.
//
// $$I = \tfrac12\log_2\!\left(1 + \frac{g^2 w^2\sigma_s^2}{g^2 w^2\sigma_i^2 + \sigma_o^2}\right)$$

fn gain(nb: &mut Notebook) -> Result<()> {
    let regulated = model("leaky+gain")?.with("r0", "10 Hz")?;
    nb.model(&regulated)?;
    let p = regulated.names().defaults();
    let stimulus = |sd: f64| Distribution::Gaussian { mean: 10.0, sd };
    let code = Code::new("x", stimulus(1.0), &["r"]).noise(on("x", 0.5)).noise(on("r", 1.0));
    let coder = code.on(&regulated)?;
    let unit = GaussianChannel { gain: 1.0, signal: 1.0, input_noise: 0.5, output_noise: 1.0 };

    // The adapted circuit has the gain $r_0/(wx) = 1$. Three quarters of the drive are taken away for 200 s.
    let start = regulated.names().start();
    let adapted = coder.adapted(&p, &start)?;
    let change = Perturbation { quantity: "w".into(), value: 0.25, from: 20.0, until: Some(220.0), end: 420.0 };
    let course = coder.perturbed(&p, &adapted, &change, 40)?;
    let bits = course.information();
    let close = Tol::Order { h: 1e-8, p: 1 };
    nb.claim("information before", bits[0], 0.4239984533, Tol::Printed(10))?;
    nb.claim("the same from the closed form", bits[0], unit.information()?, Tol::Rounding(64))?;
    nb.claim("right after the loss", bits[41], unit.driven(0.25).information()?, close)?;
    nb.claim("printed", bits[41], 0.04307832187, Tol::Printed(9))?;
    nb.claim("after homeostasis", bits[81], unit.information()?, Tol::Order { h: 1e-6, p: 1 })?;
    let limit = unit.limit()?;
    nb.claim_holds(
        "back at full drive with the gain four times too high: more, but below the limit",
        bits[82] > bits[0] && bits[82] < limit,
        format!("{:.4} bit against the limit ½ log₂(1 + σ_s²/σ_i²) = {limit:.4} bit", bits[82]),
    )?;

    // Without the mechanism the gain stays where it was.
    let bare = regulated.without("gain")?.with("gain", "1")?;
    let frozen_coder = code.on(&bare)?;
    let frozen_start = frozen_coder.adapted(&bare.names().defaults(), &bare.names().start())?;
    let frozen = frozen_coder.perturbed(&bare.names().defaults(), &frozen_start, &change, 40)?;
    nb.claim("without homeostasis it stays lost", frozen.information()[81], bits[41], close)?;

    // If the *signal* shrinks to a quarter while the noise at the input stays, the mean rate has no error to correct; a
    // mechanism that restores the driven variance doubles the gain and brings back an eighth of the loss.
    let weak = code.clone();
    let weak = Code { distribution: stimulus(0.25), ..weak };
    let at = |gain: f64| -> Result<f64> {
        let held = bare.clone().with("gain", &gain.to_string())?;
        let coder = weak.on(&held)?;
        let p = held.names().defaults();
        let state = coder.adapted(&p, &held.names().start())?;
        Ok(coder.at(&p, &state)?.information.value)
    };
    let (lost, regained) = (at(1.0)?, at(2.0)?);
    nb.claim("a weak signal", lost, 0.03519466395, Tol::Printed(9))?;
    nb.claim("with the variance restored", regained, 0.08496250072, Tol::Printed(9))?;
    nb.claim("share of the loss that returns", (regained - lost) / (bits[0] - lost), 0.1280024479, Tol::Printed(8))?;

    // Along the weight: with the mechanism the curve is flat wherever the drive can be restored.
    let weights: Vec<f64> = (1..=40).map(|k| 0.05 * f64::from(k)).collect();
    let held = coder.along(&p, &adapted, "w", &weights)?;
    for value in held.information() {
        nb.claim("information at any drive", value, unit.information()?, Tol::Order { h: 1e-6, p: 1 })?;
    }
    let loose = frozen_coder.along(&bare.names().defaults(), &frozen_start, "w", &weights)?;
    let time = Panel::new(Axis::linear("time", "s"), Axis::linear("information", "bit").including(0.0))
        .add(Line::new("with homeostasis", &course.times(), &bits).ink(Ink::Data))
        .add(Line::new("without", &frozen.times(), &frozen.information()).ink(Ink::Unstable).dashed())
        .add(Rule::vertical("w × 1/4", 20.0))
        .add(Rule::vertical("back", 220.0));
    let drive = Panel::new(Axis::linear("drive w", ""), Axis::linear("information", "bit").including(0.0))
        .add(Line::new("with homeostasis", &weights, &held.information()).ink(Ink::Data))
        .add(Line::new("without", &weights, &loose.information()).ink(Ink::Unstable))
        .add(
            Line::of("closed form", (0.05, 2.0), 200, |w| unit.driven(w).information().unwrap_or(f64::NAN))
                .ink(Ink::Theory)
                .dashed(),
        )
        .add(Rule::horizontal("limit", limit));
    nb.figure(
        "gain",
        Figure::row([time, drive]).caption(
            "**a** Information of a rate about its stimulus when three quarters of the drive are lost for 200 s. **b** The same in the adapted state over the drive, with and without the mechanism; no gain passes the limit that the input noise sets.",
        ),
    )
}

// ## Counting spikes
//
// A Poisson count has noise of its own, after every gain.
// Its information about five equally likely rates grows with the gain and is bounded by $\log_2 5$.

fn counts(nb: &mut Notebook) -> Result<()> {
    let neuron = model("neuron")?.with("w", "1")?;
    let rates = [2.0, 5.0, 10.0, 20.0, 40.0];
    let at = |gain: f64, window: f64| -> Result<f64> {
        let neuron = neuron.clone().with("gain", &gain.to_string())?;
        let code = Code::new("x", Distribution::values(&rates), &["r"]).noise(Noise::Counts { window });
        Ok(code.on(&neuron)?.at(&neuron.names().defaults(), &[])?.information.value)
    };
    for (gain, printed) in [(0.25, 0.3352527698), (1.0, 0.8440271967), (4.0, 1.538886254)] {
        nb.claim("bits of a count in 0.2 s", at(gain, 0.2)?, printed, Tol::Printed(10))?;
    }
    // In short windows every spike tells the same: $I/T \to \sum_k p_k\nu_k\log_2(\nu_k/\bar\nu)$.
    let limit = sparse_rate(&rates, &[0.2; 5])?;
    nb.claim("bits per second in short windows", limit, 8.478101358, Tol::Printed(10))?;
    nb.claim("the same from 0.01 ms", at(1.0, 1e-5)? / 1e-5, limit, Tol::Order { h: 2e-3, p: 1 })?;
    Ok(())
}

// ## Behind a depressing synapse
//
// A synapse with short-term depression passes on the drive $d(\nu) = U\nu/(1 + U\tau_d\nu)$ of a presynaptic rate $\nu$; the
// neuron answers with $R\,\sigma((g\,q\,d - h)/s)$ and its spikes are counted for 0.1 s.
// A perturbation leaves the part $q$ of the drive and short-term depression intact.
// Two mechanisms hold the same mean rate of 20 Hz over the five stimuli: a gain (synaptic scaling) and a threshold.

const DEPRESSING: &str = r#"
title   = "A neuron behind a depressing synapse, over the stimuli of an ensemble"
sources = ["tsodyks1997", "turrigiano2008"]
equations = """
r[s] = R*sigmoid((gain*q*U*nu[s]/(1 + U*tau_d*nu[s]) - h)/soft)  : Hz
"""
[populations]
n = { r = "r[s]", gain = "gain", theta = "h" }
[ensemble]
index   = "s"
weights = "p"
[parameters]
nu    = { value = ["2 Hz", "5 Hz", "10 Hz", "20 Hz", "40 Hz"], about = "presynaptic rates" }
p     = { value = "1/S", about = "probability of each" }
U     = { value = 0.5, about = "release probability" }
tau_d = { value = "0.2 s", about = "recovery time of the synapse" }
q     = { value = 1, about = "part of the drive that is left" }
gain  = { value = 0.3, range = [0.01, 5], about = "gain of the neuron" }
h     = { value = "1 Hz", range = ["-5 Hz", "5 Hz"], about = "threshold" }
soft  = { value = "0.2 Hz", about = "softness of the threshold" }
R     = { value = "100 Hz", about = "largest rate" }
[sizes]
S = { value = 5, index = ["s"], about = "number of stimuli" }
"#;

fn depression(nb: &mut Notebook) -> Result<f64> {
    let parts = library().with("depressing", "depressing.toml", Some(PartKind::Circuit), DEPRESSING);
    let compose = |text: &str| Model::compose(text, &parts);
    let scaled = compose("depressing+gain")?.with("r0", "20 Hz")?;
    nb.model(&scaled)?;

    // Rates and information of a model at rest, coming from its start.
    let told = |model: &Model| -> Result<(Vec<f64>, Vec<f64>, f64)> {
        let (names, p) = (model.names(), model.names().defaults());
        let start = names.start();
        let state = if start.is_empty() { start } else { settle(model, &p, &start)?.at };
        let mut rates = vec![0.0; names.readouts.len()];
        model.read(&state, &p, &mut rates);
        let rates: Vec<f64> = (0..5).map(|s| Ok(rates[names.readout(&format!("r_{s}"))?])).collect::<Result<_>>()?;
        let means: Vec<f64> = rates.iter().map(|r| 0.1 * r).collect();
        let bits = poisson_information(&means, &[0.2; 5])?;
        Ok((state, rates, bits))
    };
    let mean = |rates: &[f64]| rates.iter().sum::<f64>() / 5.0;
    let (state, before, whole) = told(&scaled)?;
    let gain = state[0];
    nb.claim("gain for 20 Hz", gain, 0.2494269414, Tol::Printed(8))?;
    nb.claim("bits before", whole, 0.6993339398, Tol::Printed(8))?;

    // Half of the drive is lost and nothing answers.
    let frozen = compose("depressing")?.with("gain", &gain.to_string())?.with("q", "0.5")?;
    let (_, low, lost) = told(&frozen)?;
    nb.claim("mean rate with everything frozen", mean(&low), 3.749855457, Tol::Printed(8))?;
    nb.claim("bits with everything frozen", lost, 0.0979828312, Tol::Printed(7))?;

    // The gain doubles and everything is as it was: the mechanism undoes the perturbation itself.
    let (doubled, again, all) = told(&scaled.clone().with("q", "0.5")?)?;
    nb.claim("gain after the loss", doubled[0] / gain, 2.0, Tol::Order { h: 1e-7, p: 1 })?;
    nb.claim("bits after scaling", all, whole, Tol::Order { h: 1e-7, p: 1 })?;

    // The threshold restores the same mean rate.
    let shifted =
        compose("depressing+intrinsic")?.with("r0", "20 Hz")?.with("q", "0.5")?.with("gain", &gain.to_string())?;
    let (threshold, moved, part) = told(&shifted)?;
    nb.claim("threshold that restores the rate", threshold[0], 0.6139299044, Tol::Printed(8))?;
    nb.claim("mean rate with it", mean(&moved), 20.0, Tol::Order { h: 1e-7, p: 1 })?;
    nb.claim("bits with it", part, 0.3207299909, Tol::Printed(8))?;
    let recovered = (part - lost) / (whole - lost);
    nb.claim("share of the loss that it brings back", recovered, 0.3704111567, Tol::Printed(7))?;

    let inputs = [2.0, 5.0, 10.0, 20.0, 40.0];
    let tuning = Panel::new(Axis::log("presynaptic rate", "Hz"), Axis::linear("r", "Hz").including(0.0))
        .add(Line::new("before, and after scaling", &inputs, &before).ink(Ink::Theory))
        .add(Points::new("after scaling", &inputs, &again).ink(Ink::Data))
        .add(Line::new("threshold moved", &inputs, &moved).ink(Ink::Hue(2)))
        .add(Line::new("frozen", &inputs, &low).ink(Ink::Unstable).dashed());
    let names = [(0.0, "before"), (1.0, "frozen"), (2.0, "threshold"), (3.0, "scaling")];
    let bits = Panel::new(
        Axis::linear("", "").range(-0.5, 3.5).named(names),
        Axis::linear("information", "bit").including(0.0),
    )
    .add(Points::new("", &[0.0, 1.0, 2.0, 3.0], &[whole, lost, part, all]).ink(Ink::Data))
    .add(Rule::horizontal("before", whole));
    nb.figure(
        "depression",
        Figure::row([tuning, bits]).caption(
            "**a** What the neuron answers to five presynaptic rates. Threshold and scaling restore the same mean rate of 20 Hz. **b** Information of its spike count in 0.1 s.",
        ),
    )?;
    Ok(recovered)
}
