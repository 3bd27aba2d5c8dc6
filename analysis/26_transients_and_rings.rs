//! # What does homeostasis do to memories without separate states?
//!
//! Activity can also hold a memory by amplifying it for a moment, or as an angle on a ring.
//! The field says that homeostasis favours stable attractor landscapes.
//! We ask what scaling of the weights leaves of an amplification and of the items that a ring holds, and what it is worth
//! to make the ring even.

use homeostat::coding::dynamics_of_codes::{
    BalancedPair, RingAttractor, held_items, kreiss, numerical_abscissa, transient_growth,
};
use homeostat::dynamics::{Ensemble, ensemble};
use homeostat::lang::PartKind;
use homeostat::models::library;
use homeostat::notebook::prelude::*;
use homeostat::num::linalg::expm;
use nalgebra::DMatrix;
use std::f64::consts::{E, LN_2};

pub fn run(nb: &mut Notebook) -> Result<()> {
    amplification(nb)?;
    ring(nb)?;
    nb.verdict(
        Verdict::HoldsWhen("homeostasis makes units alike; scaling all weights by $f$ leaves no amplification for $f < 1/(1 + \\omega)$".into()),
        "Where homeostasis helps is uniformity: a ring whose heterogeneity is reduced five-fold diffuses freely again. \
         Scaling helps nothing here: with a fifth less self-excitation two items are held instead of three, and a balanced \
         pair amplifies nothing once its weights are scaled below the reciprocal of one plus its initial growth.",
    )
}

// ## Amplification without slow modes
//
// An excitatory and an inhibitory population with weights $w$ and $kw$ balance each other: all eigenvalues are fast,
// yet a small difference of the two drives a large common response, through the hidden feedforward weight $w(1 + k)$.

fn amplification(nb: &mut Notebook) -> Result<()> {
    let pair = BalancedPair { weight: 30.0 / 7.0, inhibition: 1.1 };
    let (w, kw) = (format!("{:?}", pair.weight), format!("{:?}", pair.weight * pair.inhibition));
    let circuit = model("ei")?
        .with("w_ee", &w)?
        .with("w_ie", &w)?
        .with("w_ei", &kw)?
        .with("w_ii", &kw)?
        .with("tau_e", "10 ms")?
        .with("tau_i", "10 ms")?
        .with("I_e", "0 Hz")?
        .with("I_i", "0 Hz")?;
    nb.model(&circuit)?;
    let tau = circuit["tau_e"];
    let p = circuit.names().defaults();
    let a = circuit.jacobian(&[0.0, 0.0], &p) * tau;
    let close = Tol::Order { h: 1e-9, p: 1 };
    nb.claim(
        "Jacobian of the circuit and of the pair",
        (&a - pair.jacobian()).amax(),
        0.0,
        Tol::Order { h: 1e-14, p: 1 },
    )?;
    nb.claim("hidden feedforward weight", pair.feedforward(), 9.0, Tol::Rounding(16))?;

    // The common response to a unit difference is $w_{FF}(e^{-t} - e^{-(1+l)t})/l$ with $l = (k-1)w$, time in units of
    // $\tau$; it peaks at $\ln(1+l)/l$. The circuit is integrated from that difference.
    let root = 0.5f64.sqrt();
    let options = Integration { record: Record::Every(0.01 * tau), ..Integration::default() };
    let run = integrate(&circuit, &p, &[root, -root], 6.0 * tau, &options)?;
    let common: Vec<f64> = run.x.iter().map(|x| root * (x[0] + x[1])).collect();
    for (t, r) in run.t.iter().zip(&common).step_by(20) {
        nb.claim("common response", *r, pair.response(t / tau)?, Tol::Order { h: 1e-6, p: 1 })?;
    }
    let peak = pair.peak_time()?;
    nb.claim("time of the peak", peak, 0.8322415359, Tol::Printed(10))?;
    nb.claim("height of the peak", pair.response(peak)?, 2.740959653, Tol::Printed(10))?;
    let seen = common.iter().copied().fold(0.0, f64::max);
    nb.claim("height of the peak, integrated", seen, pair.response(peak)?, Tol::Order { h: 1e-4, p: 1 })?;

    // No direction does better than the largest norm of $e^{At}$, which a search over times and singular values confirms.
    // The Kreiss constant $\mathcal K$ bounds it from both sides, $\mathcal K \le \max \le e\,n\,\mathcal K$.
    let growth = transient_growth(&a, 1e-10)?;
    let norm = |t: f64| expm(&(&a * t)).map(|e| e.svd(false, false).singular_values[0]);
    let mut searched = 0.0f64;
    for k in 0..=400 {
        searched = searched.max(norm(f64::from(k) * 0.01)?);
    }
    nb.claim("largest amplification", growth.peak, 2.793279595, Tol::Printed(10))?;
    nb.claim("largest amplification, searched", searched, growth.peak, Tol::Order { h: 1e-4, p: 1 })?;
    nb.claim("when", growth.at, 0.8017456462, Tol::Printed(7))?;
    nb.claim("initial growth", numerical_abscissa(&a)?, 3.290813437, Tol::Printed(10))?;
    let h = 1e-6;
    nb.claim(
        "initial growth by difference",
        (norm(h)? - 1.0) / h,
        numerical_abscissa(&a)?,
        Tol::Order { h: 1e-4, p: 1 },
    )?;
    let constant = kreiss(&a)?;
    nb.claim("Kreiss constant", constant, 2.002440521, Tol::Printed(8))?;
    nb.claim_holds(
        "the Kreiss bounds hold",
        constant <= growth.peak && growth.peak <= E * 2.0 * constant,
        format!("{constant:.4} ≤ {:.4} ≤ {:.4}", growth.peak, E * 2.0 * constant),
    )?;
    let jordan = DMatrix::from_row_slice(2, 2, &[-1.0, 10.0, 0.0, -1.0]);
    let exact = |t: f64| (-t).exp() * (10.0 * t + (100.0 * t * t + 4.0).sqrt()) / 2.0;
    let found = transient_growth(&jordan, 1e-10)?;
    nb.claim("a Jordan block", found.peak, exact(found.at), close)?;
    nb.claim("a Jordan block, printed", found.peak, 3.715955228, Tol::Printed(10))?;
    nb.claim("its Kreiss constant, b/4 + 1/b", kreiss(&jordan)?, 2.6, Tol::Order { h: 1e-7, p: 1 })?;

    // Scaling all weights scales the amplification too.
    let mut heights = (Vec::new(), Vec::new());
    for k in 0..=80 {
        let factor = 0.025 * f64::from(k);
        let at = BalancedPair { weight: factor * pair.weight, ..pair };
        heights.0.push(factor);
        heights.1.push(transient_growth(&at.jacobian(), 1e-8)?.peak);
    }
    // Nothing is amplified while $f\,(1 + \omega) < 1$, with $\omega$ the initial growth at full weights.
    let onset = 1.0 / (1.0 + numerical_abscissa(&a)?);
    for (factor, height) in heights.0.iter().zip(&heights.1) {
        let amplified = *height > 1.0 + 1e-9;
        nb.claim_holds(
            "amplification needs a scaling factor above 1/(1 + ω)",
            amplified == (*factor > onset),
            format!("onset at {onset:.4}"),
        )?;
    }
    let t: Vec<f64> = run.t.iter().map(|t| t / tau).collect();
    let course = Panel::new(Axis::linear("time / τ", ""), Axis::linear("response", ""))
        .add(Line::new("common mode", &t, &common).ink(Ink::Data))
        .add(Line::of("largest norm of e^{At}", (0.0, 6.0), 200, |t| norm(t).unwrap_or(f64::NAN)).dashed())
        .add(Line::of("e^{−t}", (0.0, 6.0), 200, |t| (-t).exp()).ink(Ink::Muted));
    let scale = Panel::new(
        Axis::linear("scaling factor of all weights", ""),
        Axis::linear("largest amplification", "").including(0.0),
    )
    .add(Line::new("", &heights.0, &heights.1).ink(Ink::Data));
    nb.figure(
        "amplification",
        Figure::row([course, scale]).caption(
            "**a** A balanced pair answers a unit difference of its two rates with a transient of both; dashed: the largest that any start gives. **b** How scaling all weights changes the largest amplification.",
        ),
    )
}

// ## A ring
//
// A continuous attractor holds an angle. Noise makes it diffuse, $\langle\cos\rangle = e^{-Dt}$; heterogeneity pins it to
// $n$ places, and the diffusion over long times is
//
// $$D_{eff} = \frac{D}{I_0(\epsilon/nD)^2} .$$

const HETEROGENEOUS: &str = r#"
title = "An angle on a heterogeneous ring"
sources = ["renart2003"]
equations = """
dphi/dt = -epsilon*sin(n*phi) + sqrt(2*D)*xi  : 1
"""
[parameters]
epsilon = { value = "0.08 Hz", about = "strength of the heterogeneity" }
n = { value = 4, about = "number of resting places" }
D = { value = "0.01 Hz", about = "diffusion of the angle" }
"#;

const ORDER: &str = r#"
title = "The order parameter of a homogeneous ring"
sources = ["burak2012"]
equations = """
dx/dt = x*(1 - (x**2 + y**2)/R**2)/tau + sqrt(2*D0)*xi_x  : 1
dy/dt = y*(1 - (x**2 + y**2)/R**2)/tau + sqrt(2*D0)*xi_y  : 1
"""
[parameters]
R = { value = 2, about = "length of the order parameter" }
tau = { value = "0.1 s", about = "time constant of its length" }
D0 = { value = "0.04 Hz", about = "noise of each component" }
"#;

fn ring(nb: &mut Notebook) -> Result<()> {
    let parts = library().with("heterogeneous", "heterogeneous.toml", Some(PartKind::Circuit), HETEROGENEOUS).with(
        "order",
        "order.toml",
        Some(PartKind::Circuit),
        ORDER,
    );
    let printed = RingAttractor { diffusion: 0.01, heterogeneity: 0.02, places: 4 };
    nb.claim("diffusion over a weak heterogeneity", printed.effective_diffusion()?, 0.008841757372, Tol::Printed(10))?;
    let evened = RingAttractor { heterogeneity: 0.004, ..printed };
    nb.claim(
        "after homeostasis of the heterogeneity",
        evened.effective_diffusion()? / 0.01,
        0.9950155852,
        Tol::Printed(10),
    )?;
    nb.claim("half of the similarity is left after", printed.half_life()?, LN_2 / 0.01, Tol::Rounding(8))?;

    // Played: a thousand angles, without heterogeneity, with a strong one, and with a fifth of it.
    let heterogeneous = Model::compose("heterogeneous", &parts)?;
    nb.model(&heterogeneous)?;
    let options = Ensemble { members: 1024, dt: 0.2, seed: 26, record_every: 20.0, ..Ensemble::default() };
    let mut spread =
        Panel::new(Axis::linear("time", "s"), Axis::linear("mean squared angle", "rad^{2}").including(0.0));
    for (k, epsilon) in [0.0, 0.016, 0.08].into_iter().enumerate() {
        let at = heterogeneous.clone().with("epsilon", &format!("{epsilon} Hz"))?;
        let run = ensemble(&at, &at.names().defaults(), &[0.0], 300.0, &options)?;
        let variance = run.variance("phi")?;
        let law = RingAttractor { heterogeneity: epsilon, ..printed };
        let d = law.effective_diffusion()?;
        // The slope between 100 s and 300 s; the variance of a variance of n normal numbers is 2 v²/n.
        let (mid, end) = (variance[5], variance[15]);
        let se = end * (2.0 / 1024f64).sqrt() / 400.0;
        let slope = (end - mid) / 400.0;
        nb.claim("diffusion on the ring, played", slope, d, Tol::Sampling { se, n: 0, sigmas: 5.0 })?;
        spread = spread
            .add(Line::of(&format!("ε = {epsilon} Hz"), (0.0, 300.0), 60, |t| 2.0 * d * t).ink(Ink::Hue(k)))
            .add(Points::new("played", &run.t, &variance).ink(Ink::Hue(k)));
    }

    // For a ring with an order parameter of length $R$ and noise $D_0$ in each component, $D = D_0/R^2$ to leading order.
    let order = Model::compose("order", &parts)?;
    nb.model(&order)?;
    let law = RingAttractor::homogeneous(order["D0"], order["R"])?;
    nb.claim("diffusion of a homogeneous ring", law.diffusion, 0.01, Tol::Rounding(4))?;
    let options = Ensemble { members: 1024, dt: 0.02, seed: 27, record_every: 5.0, ..Ensemble::default() };
    let run = ensemble(&order, &order.names().defaults(), &[2.0, 0.0], 40.0, &options)?;
    let mut similar = Vec::new();
    for k in 0..run.t.len() {
        let (x, y) = (run.samples("x", k)?, run.samples("y", k)?);
        let cosines: Vec<f64> = x.iter().zip(y).map(|(x, y)| x / x.hypot(*y)).collect();
        let mean = cosines.iter().sum::<f64>() / cosines.len() as f64;
        similar.push(mean);
        if k == 0 {
            continue;
        }
        let variance = cosines.iter().map(|c| (c - mean).powi(2)).sum::<f64>() / (cosines.len() - 1) as f64;
        let se = (variance / cosines.len() as f64).sqrt();
        nb.claim(
            "similarity on the ring, played",
            mean,
            law.similarity(run.t[k])?,
            Tol::Sampling { se, n: cosines.len(), sigmas: 5.0 },
        )?;
    }

    // How many items can be active together, if each excites itself by $w_s$ and all inhibit all by $w_I$? All $2^{10}$
    // states are asked whether they stay as they are.
    let items = |self_weight: f64, inhibition: f64, threshold: f64| {
        (0u32..1024)
            .filter(|state| {
                let active = f64::from(state.count_ones());
                (0..10).all(|k| {
                    let on = f64::from(state >> k & 1);
                    (self_weight * on - inhibition * active > threshold) == (on > 0.0)
                })
            })
            .map(u32::count_ones)
            .max()
            .unwrap_or(0)
    };
    for (self_weight, most) in [(2.3, 3.0), (2.3 * 1.5, 6.0), (2.3 * 0.8, 2.0)] {
        nb.claim("items held, counted", f64::from(items(self_weight, 0.4, 1.0)), most, Tol::Exact)?;
        nb.claim("items held", held_items(self_weight, 0.4, 1.0)? as f64, most, Tol::Exact)?;
    }

    let decay = Panel::new(Axis::linear("time", "s"), Axis::linear("similarity", "").including(0.0))
        .add(Line::of("e^{−Dt}", (0.0, 40.0), 80, |t| (-0.01 * t).exp()))
        .add(Points::new("order parameter, played", &run.t, &similar));
    let barrier = Panel::new(Axis::log("heterogeneity ε/nD", ""), Axis::log("D_{eff}/D", "")).add(Line::of_log(
        "",
        (0.1, 6.0),
        100,
        |e| {
            RingAttractor { diffusion: 1.0, heterogeneity: 4.0 * e, places: 4 }
                .effective_diffusion()
                .unwrap_or(f64::NAN)
        },
    ));
    nb.figure(
        "ring",
        Figure::row([spread, barrier, decay]).caption(
            "**a** Spread of a remembered angle over a ring with four resting places (lines: $2D_{eff}t$; points: 1024 played angles). **b** How heterogeneity slows diffusion. **c** Similarity of the held to the remembered angle for a ring with an order parameter of length 2.",
        ),
    )
}
