//! # Does homeostasis keep the dynamic range?
//!
//! A neuron answers between a floor and a ceiling. The field says that homeostasis and metaplasticity slide its thresholds
//! with history, prevent saturation, and so keep the range in which information is coded.
//! We ask what exactly is kept when the input shifts, what is lost without the mechanism, and which part of the mismatch
//! between input and response a threshold alone can repair.

use homeostat::coding::codes::{Code, Coder, Distribution, Noise};
use homeostat::coding::quadrature;
use homeostat::coding::regulation::mismatch_loss;
use homeostat::dynamics::{frozen, settle};
use homeostat::lang::PartKind;
use homeostat::models::library;
use homeostat::notebook::prelude::*;
use homeostat::num::Stream;
use homeostat::num::special::{normal_cdf, probit};
use rayon::prelude::*;

pub fn run(nb: &mut Notebook) -> Result<()> {
    range(nb)?;
    history(nb)?;
    let (threshold, gain) = equalisation(nb)?;
    nb.verdict(
        Verdict::HoldsWhen("the change of the input is a shift".into()),
        format!(
            "A threshold that holds the mean rate moves one for one with the mean input, so that saturated fraction and \
             information come back exactly, to the value that the set point has and not to the largest one. It cannot repair a change of the input's width: a unit twice too steep loses \
             {gain:.2} bit at the optimal threshold, a threshold two scales off {threshold:.2} bit. The relative dynamic \
             range of a Hill curve depends on its exponent only, not on floor, ceiling or threshold."
        ),
    )
}

// ## A shift of the input
//
// The rate is $r = r_{min} + (r_{max} - r_{min})\,\Phi((u - h)/b)$ for a drive $u$ with mean $\mu$ and standard deviation $s$,
// and its mean $\bar r = r_{min} + (r_{max} - r_{min})\,\Phi\big((\mu - h)/\sqrt{b^2 + s^2}\big)$. A homeostatic threshold holds
// $\bar r$ at $r_0$:
//
// $$h^* = \mu - \sqrt{b^2 + s^2}\;\Phi^{-1}\!\left(\frac{r_0 - r_{min}}{r_{max} - r_{min}}\right).$$

const RANGED: &str = r#"
title   = "A neuron between floor and ceiling, under a random drive"
sources = ["desai1999"]
equations = """
m = r_min + (r_max - r_min)*Phi((u - h)/sqrt(b**2 + s**2))  : Hz
r = r_min + (r_max - r_min)*Phi((u - h)/b)                  : Hz
"""
[populations]
n = { r = "m", theta = "h" }
[parameters]
u     = { value = "2 Hz", about = "drive; in the mean rate its mean" }
s     = { value = "1.5 Hz", about = "standard deviation of the drive" }
b     = { value = "1 Hz", about = "width of the threshold" }
h     = { value = "3 Hz", range = ["-20 Hz", "20 Hz"], about = "threshold" }
r_min = { value = "1 Hz", about = "floor" }
r_max = { value = "21 Hz", about = "ceiling" }
"#;

fn range(nb: &mut Notebook) -> Result<()> {
    let parts = library().with("ranged", "ranged.toml", Some(PartKind::Circuit), RANGED);
    let held = Model::compose("ranged+intrinsic", &parts)?.with("r0", "6 Hz")?;
    nb.model(&held)?;
    let p = held.names().defaults();
    let (mu, s, b, low, high, r0) = (held["u"], held["s"], held["b"], held["r_min"], held["r_max"], held["r0"]);
    let close = Tol::Order { h: 1e-9, p: 1 };
    let rest_at = |mu: f64| -> Result<homeostat::dynamics::FixedPoint> {
        let at = held.clone().with("u", &format!("{mu} Hz"))?;
        let found = fixed_points(&at, &at.names().defaults(), &Region::new([(-20.0, 20.0)])?, &Search::default())?;
        Ok(found.only()?.clone())
    };
    let rest = rest_at(mu)?;
    let h_star = mu - (b * b + s * s).sqrt() * probit((r0 - low) / (high - low));
    nb.claim_proven("one threshold, stable", rest.stability_proven && rest.is_stable(), "interval branch and bound")?;
    nb.claim("threshold at rest", rest.enclosure[0], h_star, close)?;
    nb.claim("printed", rest.enclosure[0], 3.21595368955, Tol::Printed(10))?;
    let moved = rest_at(mu + 2.0)?;
    nb.claim("it moves with the mean input", moved.at[0] - rest.at[0], 2.0, close)?;

    // The mean rate of the model is the average over the drive, here by quadrature; without the mechanism it goes up.
    let mean_rate = |mu: f64, h: f64| {
        let density = |u: f64| (-0.5 * ((u - mu) / s).powi(2)).exp() / (s * std::f64::consts::TAU.sqrt());
        let rate = |u: f64| density(u) * (low + (high - low) * normal_cdf((u - h) / b));
        quadrature::integrate("mean rate", rate, mu - 12.0 * s, mu + 12.0 * s, 1e-12).map(|i| i.value)
    };
    nb.claim("mean rate", mean_rate(mu, rest.at[0])?, r0, Tol::Order { h: 1e-9, p: 1 })?;
    nb.claim("mean rate after a shift, frozen", mean_rate(mu + 2.0, rest.at[0])?, 14.3637271046, Tol::Printed(10))?;

    // Saturated is a rate above nine tenths of the range: a fraction $\Phi((\mu - h - b z)/s)$ of the time, $z = \Phi^{-1}(0.9)$.
    let saturated = |mu: f64, h: f64| normal_cdf((mu - h - b * probit(0.9)) / s);
    let mut draws = Stream::new(1, &[10]);
    let mut sampled = |mu: f64, h: f64| {
        let n = 20_000;
        let above = (0..n).filter(|_| normal_cdf((mu + s * draws.normal() - h) / b) > 0.9).count();
        let part = above as f64 / n as f64;
        Estimate::new(part, "", (part * (1.0 - part) / n as f64).sqrt(), n, "share of draws")
    };
    // Before, after the shift with the threshold frozen, and adapted to it.
    for (mu, h, printed) in [
        (mu, rest.at[0], 0.0479560284357),
        (mu + 2.0, rest.at[0], 0.370069163827),
        (mu + 2.0, moved.at[0], 0.0479560284357),
    ] {
        nb.claim("saturated fraction: before, frozen, adapted", saturated(mu, h), printed, Tol::Printed(8))?;
        let share = sampled(mu, h);
        let allowed = Tol::sampling(&share, 4.0);
        nb.claim("the same, sampled", share, printed, allowed)?;
    }
    nb.claim("additive range from 10 to 90 %", 2.0 * b * probit(0.9), 2.56310313109, Tol::Printed(10))?;

    // What the rate tells about the drive, in noise of 1 Hz. With the mechanism it does not depend on the mean at all.
    let code = Code::new("u", Distribution::Gaussian { mean: mu, sd: s }, &["r"])
        .noise(Noise::On { quantity: "r".into(), sd: 1.0 });
    let bare = Model::compose("ranged", &parts)?.with("h", &format!("{} Hz", rest.at[0]))?;
    let means: Vec<f64> = (0..=20).map(|k| -6.0 + 0.8 * f64::from(k)).collect();
    let few = [-6.0, 2.0, 10.0];
    let along = |model: &Model, coder: &Coder, means: &[f64]| -> Result<Vec<f64>> {
        let (p, start) = (model.names().defaults(), model.names().start());
        Ok(coder.along(&p, &start, "u", means)?.information())
    };
    let with = along(&held, &code.on(&held)?, &few)?;
    let without = along(&bare, &code.on(&bare)?, &means)?;
    let here = code.on(&held)?.at(&p, &rest.at)?;
    nb.text(format!(
        "At rest the rate tells {:.4} bit about the drive (quadrature, error below {:.0e}).",
        here.information.value,
        here.information.trust.error()
    ));
    for bits in &with {
        nb.claim("information whatever the mean", *bits, here.information.value, Tol::Order { h: 1e-6, p: 1 })?;
    }
    nb.claim_holds(
        "without the mechanism it vanishes at floor and ceiling",
        without[0] < 0.02 * here.information.value && without[20] < 0.02 * here.information.value,
        format!("{:.1e} and {:.1e} bit at the ends of the figure", without[0], without[20]),
    )?;

    // Constant is not best: at 6 of 21 Hz the set point lies low in the range, and a shift upwards tells more when nothing
    // answers it.
    let most = without.iter().copied().fold(0.0, f64::max);
    nb.claim_holds(
        "the set point does not maximise the information",
        most > 1.05 * here.information.value,
        format!("a frozen threshold reaches {most:.2} bit where the mean drive lies mid-range"),
    )?;

    let curve = |h: f64| move |u: f64| low + (high - low) * normal_cdf((u - h) / b);
    let tuning = Panel::new(Axis::linear("drive u", "Hz"), Axis::linear("r", "Hz").including(0.0))
        .add(Line::of("before", (-3.0, 10.0), 200, curve(rest.at[0])))
        .add(Line::of("adapted to a shift", (-3.0, 10.0), 200, curve(moved.at[0])).ink(Ink::Data))
        .add(Rule::vertical("μ", mu))
        .add(Rule::vertical("μ + 2", mu + 2.0));
    let fraction = Panel::new(Axis::linear("mean drive", "Hz"), Axis::linear("saturated fraction", "").range(0.0, 1.0))
        .add(Line::of("frozen", (-6.0, 10.0), 200, |m| saturated(m, rest.at[0])).ink(Ink::Unstable).dashed())
        .add(Line::of("adapted", (-6.0, 10.0), 2, |_| saturated(mu, rest.at[0])).ink(Ink::Data));
    let information = Panel::new(Axis::linear("mean drive", "Hz"), Axis::linear("information", "bit").including(0.0))
        .add(Line::new("frozen", &means, &without).ink(Ink::Unstable).dashed())
        .add(Line::new("adapted", &few, &with).ink(Ink::Data));
    nb.figure(
        "shift",
        Figure::row([tuning, fraction, information]).caption(
            "**a** The response before and after the threshold has followed a shift of the mean drive. **b** The fraction of time above nine tenths of the range. **c** What the rate tells about the drive in noise of 1 Hz.",
        ),
    )
}

// ## History
//
// The modification threshold of the rule of Bienenstock, Cooper and Munro follows the squared rate: half the rate slides
// it to a quarter, so that a neuron deprived of input potentiates where it used to depress.

fn history(nb: &mut Notebook) -> Result<()> {
    let bcm = model("neuron+bcm")?;
    let held = frozen(&bcm, &["w"])?;
    let threshold = |w: f64| -> Result<f64> {
        let p: Vec<f64> = bcm.names().defaults().into_iter().chain([w]).collect();
        Ok(settle(&held, &p, &[5.0])?.at[0])
    };
    let shift = threshold(0.5)? / threshold(1.0)?;
    nb.claim("threshold after half the rate", shift, 0.25, Tol::Order { h: 1e-8, p: 1 })?;

    // The range of a Hill curve $r = r_{min} + (r_{max} - r_{min})\,I^n/(I^n + I_{50}^n)$ from 10 to 90 %, in decibel, is
    // $(10/n)\log_{10} 81$: neither floor nor ceiling nor $I_{50}$ enter.
    let decibel = |floor: f64, ceiling: f64, half: f64, n: f64| -> Result<f64> {
        let rate = |i: f64| floor + (ceiling - floor) * i.powf(n) / (i.powf(n) + half.powf(n));
        let level = |part: f64| {
            let (mut lo, mut hi) = (half * 1e-6, half * 1e6);
            for _ in 0..200 {
                let middle = (lo * hi).sqrt();
                if rate(middle) < floor + part * (ceiling - floor) { lo = middle } else { hi = middle }
            }
            hi
        };
        Ok(10.0 * (level(0.9) / level(0.1)).log10())
    };
    for (floor, ceiling, half) in [(0.0, 1.0, 1.0), (1.0, 21.0, 3.0), (5.0, 6.0, 0.01)] {
        let found = decibel(floor, ceiling, half, 1.4)?;
        nb.claim("range of a Hill curve", found, 13.6320358491, Tol::Printed(9))?;
    }
    Ok(())
}

// ## Threshold and gain against the distribution of the input
//
// A response $r = \sigma(a(x - \theta))$ in little noise $\sigma$ tells most when it is the cumulative distribution of the
// input: all rates are then equally frequent. For a logistic input of mean $m$ and scale $b$, $\kappa = ab$ and
// $d = a(m - \theta)$ measure the mismatch; the loss in nats is $d\coth(d/2) - 2$ for a threshold that is off, and at twice
// the right gain $\pi - 2 - \ln 2$.

fn equalisation(nb: &mut Notebook) -> Result<(f64, f64)> {
    let unit = model("neuron+sigmoid_rate")?.with("w", "1")?.with("R", "1 Hz")?.with("h", "10 Hz")?;
    nb.model(&unit)?;
    // Information of the unit with gain κ about an input whose mean is off by d, in noise of this width.
    let bits = |kappa: f64, d: f64, sigma: f64| -> Result<homeostat::coding::codes::Measured> {
        let unit = unit.clone().with("gain", &kappa.to_string())?;
        let stimulus = Distribution::Logistic { mean: 10.0 + d / kappa, scale: 1.0 };
        let code = Code::new("x", stimulus, &["r"]).noise(Noise::On { quantity: "r".into(), sd: sigma });
        Ok(code.on(&unit)?.at(&unit.names().defaults(), &[])?.information)
    };
    let best = bits(1.0, 0.0, 0.01)?;
    nb.claim("matched, noise 0.01", best.value, 4.622821369, Tol::Printed(8))?;
    let loss = |kappa: f64, d: f64| mismatch_loss(kappa, d).map(|i| i.value);
    let (off, steep) = (loss(1.0, 2.0)?, loss(2.0, 0.0)?);
    nb.claim("loss of a threshold two scales off", off, 0.903228908, Tol::Printed(9))?;
    nb.claim("loss of twice the gain", steep, 0.64697006, Tol::Printed(8))?;
    nb.claim("loss of half the gain", loss(0.5, 0.0)?, 0.3807899891, Tol::Printed(9))?;

    // In finite noise the loss is smaller, because the crowded ends of a mismatched response are blurred for both.
    let sigma = 0.03;
    let matched = bits(1.0, 0.0, sigma)?.value;
    let ds = [-4.0, -2.5, -1.0, 0.0, 1.0, 2.5, 4.0];
    let kappas = [0.25, 0.5, 0.7, 1.0, 1.4, 2.0, 4.0];
    let lost = |pairs: Vec<(f64, f64)>| -> Result<Vec<f64>> {
        pairs.into_par_iter().map(|(kappa, d)| Ok(matched - bits(kappa, d, sigma)?.value)).collect()
    };
    let by_threshold = lost(ds.iter().map(|&d| (1.0, d)).collect())?;
    let by_gain = lost(kappas.iter().map(|&k| (k, 0.0)).collect())?;
    let mut off_threshold = ds.iter().zip(&by_threshold).filter(|(d, _)| **d != 0.0);
    nb.claim_holds(
        "every error of the threshold loses information in noise too",
        off_threshold.all(|(_, lost)| *lost > 0.0),
        "six units in noise of 0.03, each with less information than the matched one",
    )?;
    nb.claim(
        "the loss is even in the threshold's error",
        by_threshold[1],
        by_threshold[5],
        Tol::Order { h: 1e-5, p: 1 },
    )?;
    // Equal frequencies are best without noise only. In noise the ends of the range are worth more, because there the noise
    // blurs to one side: a unit 1.4 times too steep tells a little more than the matched one.
    nb.claim_holds(
        "in noise of 0.03 a slightly steeper response tells more",
        by_gain[4] < -1e-3 && by_gain[5] > 0.0,
        format!("{:.4} bit more at 1.4 times the gain, {:.3} bit less at twice the gain", -by_gain[4], by_gain[5]),
    )?;
    let threshold =
        Panel::new(Axis::linear("threshold error d", "scales"), Axis::linear("information lost", "bit").including(0.0))
            .add(Line::of("low noise", (-4.0, 4.0), 161, |d| loss(1.0, d).unwrap_or(f64::NAN)))
            .add(Points::new("noise 0.03", &ds, &by_threshold));
    let gain = Panel::new(Axis::log("gain mismatch κ", ""), Axis::linear("information lost", "bit").including(0.0))
        .add(Line::of_log("low noise", (0.25, 4.0), 121, |k| loss(k, 0.0).unwrap_or(f64::NAN)))
        .add(Points::new("noise 0.03", &kappas, &by_gain));
    nb.figure(
        "mismatch",
        Figure::row([threshold, gain]).caption(
            "Information lost by a saturating response whose threshold (**a**) or gain (**b**) does not match its logistic input. Points: the model in noise of 0.03 of its range; lines: the limit of little noise.",
        ),
    )?;
    Ok((off, steep))
}
