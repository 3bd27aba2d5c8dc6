//! # What is left when plasticity or homeostasis is taken away?
//!
//! Experiments block one of two mechanisms and look at what remains.
//! The field says that plasticity alone learns but runs away, that homeostasis alone keeps the rate but learns nothing, and
//! that each compensates in part for the loss of the other.
//! We take parts out of one composition and follow rate, selectivity and information through learning.

use homeostat::coding::codes::{Code, Course, Distribution, Noise};
use homeostat::coding::information::gaussian_rate;
use homeostat::coding::regulation::OldReadout;
use homeostat::lang::PartKind;
use homeostat::models::library;
use homeostat::notebook::prelude::*;
use homeostat::num::linalg::expm;
use nalgebra::{DMatrix, DVector, SymmetricEigen};

pub fn run(nb: &mut Notebook) -> Result<()> {
    let gained = arms(nb)?;
    let (fisher, bits) = compensation(nb)?;
    nb.verdict(
        Verdict::HoldsWhen("compensation is asked of a common gain: at most $\\cos^2$ of the Fisher information".into()),
        format!(
            "Direction is learned by plasticity only and range is held by homeostasis only; selectivity is the same with and \
             without scaling. In noise after the weights, learning and scaling together tell {gained:.2} bit more than \
             scaling alone, and less than unchecked growth: what homeostasis costs in information it pays for in range. \
             When plasticity is blocked, a gain recovers {:.0} % of the Fisher information and {:.0} % of the bits that a \
             new task needs, never the part that lies across the old readout.",
            100.0 * fisher,
            100.0 * bits
        ),
    )
}

// ## Four arms
//
// A neuron with two inputs of second moments $C$ learns by Hebb's rule and is held by scaling,
// $\dot w = \mu C w + \gamma(r_T - \bar x\cdot w)\,w$. Its readout $y = \sum_k w_k(e_k s + \xi_k) + \eta$ is asked about a
// pattern $e$, the leading eigenvector of $C$, of strength $s$. Each mechanism is then taken out of the composition.

const LEARNER: &str = r#"
title   = "A neuron that learns from correlated inputs and is asked about a pattern"
sources = ["miller1994"]
equations = """
r = sum(k, w[k]*x[k])                  : Hz
y = sum(k, w[k]*(e[k]*s + noise[k]))   : Hz
"""
[populations]
n     = { r = "r" }
input = { r = "x[k]" }
[synapses]
w = { pre = "input", post = "n", weight = "w[k]", sign = "+" }
[ensemble.moments]
"x[k]"      = "xbar[k]"
"x[i]*x[j]" = "C[i, j]"
[parameters]
w     = { value = [0.1, 0.5], range = [0, 20], about = "weights" }
C     = { value = [["1 Hz^2", "0.4 Hz^2"], ["0.4 Hz^2", "0.8 Hz^2"]], about = "second moments of the inputs" }
xbar  = { value = "1 Hz", about = "mean inputs" }
e     = { value = 1, about = "the pattern" }
s     = { value = "0 Hz", about = "its strength" }
noise = { value = "0 Hz", about = "noise of the inputs" }
[sizes]
K = { value = 2, index = ["k", "i", "j"], about = "number of inputs" }
"#;

fn arms(nb: &mut Notebook) -> Result<f64> {
    let c = DMatrix::from_row_slice(2, 2, &[1.0, 0.4, 0.4, 0.8]);
    let values = SymmetricEigen::new(c.clone());
    let leading = values.eigenvalues.imax();
    let e = values.eigenvectors.column(leading).map(f64::abs);
    let parts = library().with("learner", "learner.toml", Some(PartKind::Circuit), LEARNER);
    let mut both = Model::compose("learner+hebb+scaling", &parts)?;
    both.set_all(&[("mu", "0.01 s"), ("gamma", "0.02"), ("rT", "2 Hz")])?;
    both.set_all(&[("e_0", &e[0].to_string()), ("e_1", &e[1].to_string())])?;
    nb.model(&both)?;
    let hebb = both.without("scaling")?;
    let scaling = both.without("hebb")?;
    let none = hebb.without("hebb")?;
    let (mu, target, gamma, until) = (both["mu"], both["rT"], both["gamma"], 200.0);
    let w0 = DVector::from_vec(vec![0.1, 0.5]);

    let on = |quantity: &str, sd: f64| Noise::On { quantity: quantity.into(), sd };
    let code = Code::new("s", Distribution::Gaussian { mean: 0.0, sd: 1.0 }, &["y"])
        .noise(on("noise_0", 0.5))
        .noise(on("noise_1", 0.5))
        .noise(on("y", 1.0));
    let course = |model: &Model| -> Result<Course> {
        code.on(model)?.through(&model.names().defaults(), &model.names().start(), until, 40)
    };
    let (learned, grown, held, left) = (course(&both)?, course(&hebb)?, course(&scaling)?, course(&none)?);
    let weights = |course: &Course, k: usize| -> DVector<f64> {
        let state = &course.moments[k].state;
        if state.is_empty() { w0.clone() } else { DVector::from_vec(state.clone()) }
    };
    let rate = |w: &DVector<f64>| w.sum();
    let cosine = |w: &DVector<f64>| w.dot(&e) / w.norm();
    let end = |course: &Course| weights(course, 40);

    // Hebb's rule alone is linear, $w = e^{\mu C t}w_0$; scaling alone keeps the direction, and its rate is logistic,
    // $r(t) = r_T/\big[1 + (r_T/r_A - 1)e^{-\gamma r_T t}\big]$.
    let close = Tol::Order { h: 1e-6, p: 1 };
    let exact = expm(&(&c * (mu * until)))? * &w0;
    nb.claim("rate, Hebb alone", rate(&end(&grown)), exact.sum(), close)?;
    let r_a = w0.sum();
    let logistic = |t: f64| target / (1.0 + (target / r_a - 1.0) * (-gamma * target * t).exp());
    nb.claim("rate, scaling alone", rate(&end(&held)), logistic(until), close)?;
    let after = Tol::Printed(8);
    nb.claim("rate with both", rate(&end(&learned)), 2.64621652477, after)?;
    nb.claim("rate with Hebb alone", rate(&end(&grown)), 7.63904164695, after)?;
    nb.claim("rate with scaling alone", rate(&end(&held)), 1.99843573216, after)?;
    nb.claim("rate with none", rate(&end(&left)), 0.6, after)?;

    // Scaling multiplies all weights alike: it never changes what was learned.
    nb.claim("selectivity learned", cosine(&end(&learned)), 0.986601861607, Tol::Printed(9))?;
    nb.claim("the same without scaling", cosine(&end(&grown)), cosine(&end(&learned)), Tol::Order { h: 1e-9, p: 1 })?;
    nb.claim("selectivity without Hebb", cosine(&end(&held)), 0.758041124323, Tol::Printed(9))?;
    nb.claim("selectivity at the start", cosine(&w0), 0.758041124323, Tol::Printed(10))?;

    // Information through learning, from the model, against $\tfrac12\log_2\!\big(1 + (w\cdot e)^2/(\sigma_i^2|w|^2 + \sigma_o^2)\big)$
    // with the closed form of the weights.
    let bits = |w: &DVector<f64>| gaussian_rate(w.dot(&e).powi(2) / (0.25 * w.norm_squared() + 1.0));
    for k in [0, 10, 20, 40] {
        let t = grown.moments[k].t;
        let w = expm(&(&c * (mu * t)))? * &w0;
        nb.claim("bits through Hebbian growth", grown.information()[k], bits(&w)?, close)?;
        let w = &w0 * (logistic(t) / r_a);
        nb.claim("bits through scaling", held.information()[k], bits(&w)?, close)?;
    }
    let last = |course: &Course| course.information()[40];
    // Unchecked growth tells most: its weights outgrow the noise after them. The limit is set by the noise before them.
    let limit = gaussian_rate(4.0)?;
    nb.claim_holds(
        "growth > both > scaling > none, all below the limit",
        last(&grown) > last(&learned)
            && last(&learned) > last(&held)
            && last(&held) > last(&left)
            && last(&grown) < limit,
        format!(
            "{:.3}, {:.3}, {:.3}, {:.3} bit; limit {limit:.3} bit",
            last(&grown),
            last(&learned),
            last(&held),
            last(&left)
        ),
    )?;

    let arms = [
        ("both", &learned, Ink::Data),
        ("Hebb alone", &grown, Ink::Unstable),
        ("scaling alone", &held, Ink::Hue(2)),
        ("none", &left, Ink::Theory),
    ];
    let panel = |label: &str, unit: &str, of: &dyn Fn(&Course, usize) -> f64| {
        let mut panel = Panel::new(Axis::linear("time", "s"), Axis::linear(label, unit).including(0.0));
        for (name, arm, ink) in arms {
            let values: Vec<f64> = (0..=40).map(|k| of(arm, k)).collect();
            panel = panel.add(Line::new(name, &arm.times(), &values).ink(ink));
        }
        panel
    };
    let rates = panel("r", "Hz", &|arm, k| rate(&weights(arm, k))).add(Rule::horizontal("r_{T}", target));
    let selective = panel("selectivity", "", &|arm, k| cosine(&weights(arm, k))).no_legend();
    let information =
        panel("information", "bit", &|arm, k| arm.information()[k]).add(Rule::horizontal("limit", limit)).no_legend();
    nb.figure(
        "arms",
        Figure::row([rates, selective, information]).caption(
            "Rate (**a**), overlap of the weights with the pattern (**b**) and information about the pattern's strength (**c**) through learning, with each mechanism taken out of the composition. In **b** the curves with and without scaling lie on each other.",
        ),
    )?;
    Ok(last(&learned) - last(&held))
}

// ## How far does a gain compensate for blocked plasticity?
//
// A readout was learned for an old task and half of its drive is lost. The new signal lies at $\cos^2 = 0.6$ to the old
// readout. A gain restores the drive; only plasticity could turn the readout. With $\kappa(q) = q^2v/(q^2v + \sigma_o^2)$ the
// Fisher information is $\cos^2 F\kappa(q)$, $\cos^2 F\kappa(1)$ and $F\kappa(1)$.

const READOUT: &str = r#"
title   = "A readout of two noisy inputs"
sources = ["dayan2001"]
equations = """
y = q*(w1*(3*s + n1) + w2*n2)  : 1
"""
[parameters]
s  = { value = 0, about = "stimulus" }
n1 = { value = 0, about = "noise of the first input" }
n2 = { value = 0, about = "noise of the second input" }
w1 = { value = 1, about = "first weight" }
w2 = { value = 0, about = "second weight" }
q  = { value = 1, about = "part of the drive that is left" }
"#;

fn compensation(nb: &mut Notebook) -> Result<(f64, f64)> {
    let parts = library().with("readout", "readout.toml", Some(PartKind::Circuit), READOUT);
    let readout = Model::compose("readout", &parts)?;
    nb.model(&readout)?;
    let on = |quantity: &str| Noise::On { quantity: quantity.into(), sd: 1.0 };
    let code = Code::new("s", Distribution::Gaussian { mean: 0.0, sd: 1.0 }, &["y"])
        .noise(on("n1"))
        .noise(on("n2"))
        .noise(on("y"));
    let told = |cos2: f64, q: f64| -> Result<(f64, f64)> {
        let mut at = readout.clone();
        at.set_all(&[
            ("w1", &cos2.sqrt().to_string()),
            ("w2", &(1.0 - cos2).sqrt().to_string()),
            ("q", &q.to_string()),
        ])?;
        let reading = code.on(&at)?.at(&at.names().defaults(), &[])?;
        Ok((reading.fisher, reading.information.value))
    };
    let theory = OldReadout { fisher: 9.0, cosine_squared: 0.6, variance: 1.0, output_noise: 1.0 };
    let (nothing, gain, full) = (told(0.6, 0.5)?, told(0.6, 1.0)?, told(1.0, 1.0)?);
    let exact = Tol::Rounding(64);
    nb.claim("J, nothing responds", nothing.0, theory.nothing(0.5)?, exact)?;
    nb.claim("J, homeostasis alone", gain.0, theory.homeostasis()?, exact)?;
    nb.claim("J, full plasticity", full.0, theory.full_plasticity()?, exact)?;
    for (found, j, bits) in [(nothing, 1.08, 0.5282917642), (gain, 2.7, 0.9437626354), (full, 4.5, 1.229715809)] {
        nb.claim("printed J: nothing, gain, plasticity", found.0, j, Tol::Printed(10))?;
        nb.claim("printed bits: nothing, gain, plasticity", found.1, bits, Tol::Printed(10))?;
    }
    let fisher = (gain.0 - nothing.0) / (full.0 - nothing.0);
    let bits = (gain.1 - nothing.1) / (full.1 - nothing.1);
    nb.claim("recovered Fisher information", fisher, theory.recovered(0.5)?, exact)?;
    nb.claim("recovered information", bits, 0.5923248199, Tol::Printed(9))?;

    // No gain helps more: $J \le \cos^2 F$ for every gain.
    let strong = told(0.6, 1e6)?.0;
    nb.claim("J at a gain without bound", strong, 0.6 * 9.0, Tol::Order { h: 1e-9, p: 1 })?;
    let shares: Vec<f64> = (0..=20).map(|k| f64::from(k) / 20.0).collect();
    let recovered = |q: f64| -> Result<Vec<f64>> {
        shares.iter().map(|&c| OldReadout { cosine_squared: c, ..theory }.recovered(q)).collect()
    };
    let mut panel =
        Panel::new(Axis::linear("cos² of old and new direction", ""), Axis::linear("recovered J", "").range(0.0, 1.0));
    for (q, ink) in [(0.25, Ink::Unstable), (0.5, Ink::Data), (0.75, Ink::Hue(2))] {
        panel = panel.add(Line::new(&format!("q = {q}"), &shares, &recovered(q)?).ink(ink));
    }
    let gains = Panel::new(Axis::log("gain", ""), Axis::linear("Fisher information", "").including(0.0))
        .add(Line::of_log("old readout", (0.1, 10.0), 80, |q| told(0.6, q).map_or(f64::NAN, |t| t.0)).ink(Ink::Data))
        .add(
            Line::of_log("turned readout", (0.1, 10.0), 80, |q| told(1.0, q).map_or(f64::NAN, |t| t.0))
                .ink(Ink::Hue(2)),
        )
        .add(Rule::horizontal("cos² F", 5.4))
        .add(Rule::horizontal("F", 9.0));
    nb.figure(
        "compensation",
        Figure::row([panel.add(Points::new("computed", &[0.6], &[fisher])), gains]).caption(
            "**a** The part of the lost Fisher information that a gain alone brings back, over the overlap of the old readout with the new signal, for three remaining drives. **b** No gain passes cos² F.",
        ),
    )?;
    Ok((fisher, bits))
}
