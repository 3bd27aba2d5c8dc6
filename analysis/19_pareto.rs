//! # Can a code be stable and adaptable?
//!
//! A synapse that learns quickly follows the world and the noise alike.
//! The field says that rules and homeostatic targets can be optimised together, so that codes are stable yet adaptable.
//! Two wishes that pull apart have no best compromise but a *front* of them: choices that no other choice beats in both.
//! We find the fronts of a tracking synapse, of Hebbian learning under scaling, and of memory, and ask what moves a front
//! and what merely moves along it.

use homeostat::coding::memory::{Chain, Switch, Synapse};
use homeostat::dynamics::linear_noise;
use homeostat::lang::PartKind;
use homeostat::models::library;
use homeostat::notebook::prelude::*;
use homeostat::num::Stream;
use homeostat::num::pareto::{dominates, front, hypervolume, knee};
use std::f64::consts::LN_2;

pub fn run(nb: &mut Notebook) -> Result<()> {
    tracking(nb)?;
    let fastest = learning_under_scaling(nb)?;
    memory(nb)?;
    nb.verdict(
        Verdict::HoldsWhen(format!(
            "stability is bought with structure, not with rates: $0 < K \\le 1$ is all front; scaling buys accuracy up to \
             $\\gamma\\,r_T < {fastest:.3}/\\mathrm{{s}}$"
        )),
        "One learning rate gives a front, and every rate on it is best for some balance of lag and noise. Stronger scaling \
         moves the whole front of learning speed against rate error, until the lags of its own loop make it oscillate. In \
         memory the front of simple switches is a hyperbola, initial strength times half-life at most $\\sqrt N\\ln 2$; \
         hidden states lie beyond it.",
    )
}

// ## A synapse that tracks the world
//
// The target drifts, $s_{t+1} = s_t + \mathcal N(0, q)$, and is seen in noise, $y_t = s_t + \mathcal N(0, R)$. The synapse
// follows, $w_{t+1} = w_t + K(y_t - w_t)$. Its mean squared error has two parts, noise and lag,
//
// $$V(K) = \underbrace{\frac{RK}{2-K}}_{f_1} + \underbrace{\frac{q}{K(2-K)}}_{f_2}, \qquad
//   K^* = \frac{-q + \sqrt{q^2 + 4qR}}{2R} .$$

/// f₁ and f₂.
fn parts(k: f64, q: f64, r: f64) -> Vec<f64> {
    vec![r * k / (2.0 - k), q / (k * (2.0 - k))]
}

fn tracking(nb: &mut Notebook) -> Result<()> {
    let (q, r) = (0.01f64, 1.0f64);
    let error = |k: f64| parts(k, q, r).iter().sum::<f64>();
    let best = (-q + (q * q + 4.0 * q * r).sqrt()) / (2.0 * r);
    nb.claim("best rate", best, 0.0951249219725, Tol::Printed(12))?;
    nb.claim("its error", error(best), 0.105124921973, Tol::Printed(12))?;
    nb.claim("its error is q/K", error(best), q / best, Tol::Rounding(64))?;
    nb.claim("error at K = 0.3", error(0.3), 0.196078431373, Tol::Printed(12))?;
    // It is the steady gain of Kalman's filter, whose error variance iterates to its fixed point.
    let mut variance = r;
    for _ in 0..2000 {
        let predicted = variance + q;
        variance = predicted * r / (predicted + r);
    }
    nb.claim("gain of Kalman's filter", (variance + q) / (variance + q + r), best, Tol::Order { h: 1e-12, p: 1 })?;

    // Played: the error of a synapse that follows a drifting target.
    let rates = [0.02, 0.05, 0.0951249219725, 0.2, 0.4, 0.8, 1.2];
    let (mut played, mut bars) = (Vec::new(), Vec::new());
    for (cell, k) in rates.into_iter().enumerate() {
        let (runs, steps) = (40usize, 4000usize);
        let mut means = Vec::with_capacity(runs);
        for run in 0..runs {
            let mut draws = Stream::new(19, &[cell as u64, run as u64]);
            let (mut s, mut w, mut sum) = (0.0, 0.0, 0.0);
            for step in 0..steps + 400 {
                if step >= 400 {
                    // The error against the target that is about to be seen.
                    sum += (w - s) * (w - s);
                }
                let seen = s + r.sqrt() * draws.normal();
                w += k * (seen - w);
                s += q.sqrt() * draws.normal();
            }
            means.push(sum / steps as f64);
        }
        let mean = means.iter().sum::<f64>() / runs as f64;
        let se = (means.iter().map(|m| (m - mean).powi(2)).sum::<f64>() / (runs * (runs - 1)) as f64).sqrt();
        nb.claim("error of a tracking synapse, played", mean, error(k), Tol::Sampling { se, n: runs, sigmas: 5.0 })?;
        played.push(mean);
        bars.push(2.0 * se);
    }

    // In continuous time the same question is a model, and its error is what the linear noise theory of the composed
    // equations says: $\tfrac12(kR + q/k)$, best at $k = \sqrt{q/R}$.
    let tracker =
        Model::compose("tracker", &library().with("tracker", "tracker.toml", Some(PartKind::Circuit), TRACKER))?;
    nb.model(&tracker)?;
    let error_of = |k: f64| -> Result<f64> {
        let at = tracker.clone().with("k", &format!("{k:?} Hz"))?;
        linear_noise(&at, &at.names().defaults(), &[0.0])?.covariance("e", "e")
    };
    for k in [0.01, 0.1, 1.0] {
        nb.claim("error in continuous time", error_of(k)?, 0.5 * (k * r + q / k), Tol::Order { h: 1e-12, p: 1 })?;
    }
    let (low, high) = (error_of(0.0999)?, error_of(0.1001)?);
    nb.claim_holds(
        "it is least at √(q/R)",
        error_of(0.1)? < low.min(high),
        format!("{:.9} at 0.1, {low:.9} and {high:.9} beside it", error_of(0.1)?),
    )?;

    // ### Its front
    //
    // Every $K$ up to 1 is on the front, none above: $f_2 = q(R + f_1)^2/(4Rf_1)$. A filter that compares all pairs finds
    // the same.
    let grid: Vec<f64> = (1..=199).map(|i| f64::from(i) / 100.0).collect();
    let points: Vec<Vec<f64>> = grid.iter().map(|&k| parts(k, q, r)).collect();
    let kept = front(&points)?;
    let brute: Vec<usize> = (0..points.len()).filter(|&i| !points.iter().any(|p| dominates(p, &points[i]))).collect();
    nb.claim_holds(
        "the front is what all pairs leave",
        kept == brute,
        format!("{} of {} rates", kept.len(), grid.len()),
    )?;
    nb.claim("largest rate on the front", grid[kept[kept.len() - 1]], 1.0, Tol::Exact)?;
    nb.claim("rates on the front", kept.len() as f64, 100.0, Tol::Exact)?;
    for &i in &kept {
        let (f1, f2) = (points[i][0], points[i][1]);
        nb.claim("front in closed form", f2, q * (r + f1).powi(2) / (4.0 * r * f1), Tol::Order { h: 1e-12, p: 1 })?;
    }
    nb.claim("lag where the noise is R/4", parts(0.4, q, r)[1], 0.015625, Tol::Rounding(16))?;

    // Its hypervolume below the corner $(R, b)$ has a closed form; a fine front comes near it from below.
    let b = 1.0;
    let least = {
        // The smaller root of q(R + f)² = 4Rbf.
        let half = 2.0 * r * b / q - r;
        half - (half * half - r * r).sqrt()
    };
    nb.claim("least noise within the corner", least, 0.00251257867601, Tol::Printed(9))?;
    let exact = b * (r - least)
        - q / (4.0 * r) * (r * r * (r / least).ln() + 2.0 * r * (r - least) + 0.5 * (r * r - least * least));
    nb.claim("hypervolume", exact, 0.976283877878, Tol::Printed(11))?;
    let dense = |n: i32| -> Vec<Vec<f64>> {
        (0..=n).map(|i| 0.005 * 200f64.powf(f64::from(i) / f64::from(n))).map(|k| parts(k, q, r)).collect()
    };
    let (coarse, fine) = (hypervolume(&dense(200), &[r, b])?, hypervolume(&dense(400), &[r, b])?);
    nb.claim_holds("the front of points stays below it", coarse < fine && fine < exact, "finer grids gain volume")?;
    // The missing steps shrink in proportion to the spacing, so that twice the finer minus the coarser has none.
    nb.claim("hypervolume, extrapolated", 2.0 * fine - coarse, exact, Tol::Order { h: 1e-4, p: 1 })?;

    let on: Vec<f64> = kept.iter().map(|&i| points[i][0]).collect();
    let lag: Vec<f64> = kept.iter().map(|&i| points[i][1]).collect();
    let off: Vec<&Vec<f64>> = (0..points.len()).filter(|i| !kept.contains(i)).map(|i| &points[i]).collect();
    let (off_x, off_y): (Vec<f64>, Vec<f64>) = off.iter().filter(|p| p[0] < 30.0).map(|p| (p[0], p[1])).unzip();
    let compromise = parts(best, q, r);
    let errors = Panel::new(Axis::log("learning rate K", ""), Axis::log("mean squared error", ""))
        .add(Line::of_log("theory", (0.01, 1.9), 200, error))
        .add(Points::new("played", &rates, &played).error(&bars))
        .add(Rule::vertical("K^{*}", best));
    let plane = Panel::new(Axis::log("noise f_{1}", "").range(0.004, 30.0), Axis::log("lag f_{2}", ""))
        .add(Points::new("front, K ≤ 1", &on, &lag).ink(Ink::Stable))
        .add(Points::new("beaten, K > 1", &off_x, &off_y).ink(Ink::Unstable).shape(Shape::Cross))
        .add(Points::new("K^{*}", &compromise[..1], &compromise[1..]).ink(Ink::Theory).shape(Shape::Diamond).size(1.4));
    nb.figure(
        "tracking",
        Figure::row([errors, plane]).caption(
            "A synapse that tracks a drifting target, $q = 0.01$, $R = 1$. **a** Error over the learning rate. **b** Its two parts: rates up to 1 are the front, faster ones have more noise and more lag.",
        ),
    )
}

const TRACKER: &str = r#"
title = "The error of a synapse that tracks a drifting target"
sources = ["kalman1960"]
equations = """
de/dt = -k*e + k*sqrt(R)*xi_seen - sqrt(q)*xi_world  : 1
"""
[parameters]
k = { value = "0.1 Hz", about = "learning rate" }
R = { value = "1 s", about = "noise of what is seen: variance times correlation time" }
q = { value = "0.01 Hz", about = "drift of the target: variance per second" }
"#;

// ## Hebbian learning under scaling
//
// With Hebb's rule and scaling the direction of the weights settles at the speed $v = \mu(\lambda_1 - \lambda_2)$, and the
// rate misses its target by $e = \mu\lambda_1/(\gamma r_T)$. Faster learning costs accuracy in proportion,
//
// $$e = \frac{\lambda_1}{\gamma\,r_T(\lambda_1 - \lambda_2)}\,v .$$

/// Scaling that acts on a slow sensor of the rate.
const SENSED: &str = r#"
title = "Synaptic scaling with a sensor"
sources = ["vanrossum2000", "zenke2013"]
equations = """
dw/dt += gamma*(rT - c)*w  : 1
dc/dt  = (post - c)/tau_c  : Hz
"""
[ports]
post = { unit = "Hz", about = "postsynaptic rate" }
w    = { about = "synaptic weight" }
[parameters]
gamma = { value = 0.02, about = "strength: change per second and Hz" }
rT    = { value = "2 Hz", about = "target rate" }
tau_c = { value = "10 s", about = "time constant of the sensor" }
"#;

fn learning_under_scaling(nb: &mut Notebook) -> Result<f64> {
    let both = model("feedforward+hebb+scaling")?;
    nb.model(&both)?;
    let target = both["rT"];
    let (c11, c12, c22) = (both["C_0_0"], both["C_0_1"], both["C_1_1"]);
    let (mean, split) = ((c11 + c22) / 2.0, ((c11 - c22) / 2.0).hypot(c12));
    let (lambda1, lambda2) = (mean + split, mean - split);
    // Speed and error are read from the model: the slowest eigenvalue at its fixed point, and its rate there.
    let measured = |mu: f64, gamma: f64| -> Result<(f64, f64)> {
        let at = both.clone().with("mu", &format!("{mu:?} s"))?.with("gamma", &format!("{gamma:?}"))?;
        let region = Region::new([(0.05, 8.0); 2])?;
        let found = fixed_points(&at, &at.names().defaults(), &region, &Search::default())?;
        let rest = found.only()?;
        Ok((-rest.eigenvalues[0].0, (rest.at[0] + rest.at[1]) / target - 1.0))
    };
    let (v, e) = measured(0.01, 0.02)?;
    nb.claim("speed (1/s)", v, 0.00824621125124, Tol::Printed(10))?;
    nb.claim("relative error of the rate", e, 0.32807764064, Tol::Printed(10))?;
    nb.claim("slope of the front (s)", e / v, 39.7852578166, Tol::Printed(10))?;
    let (mut speeds, mut errors) = (vec![], vec![]);
    for gamma in [0.02, 0.05, 0.2] {
        for mu in [0.002, 0.005, 0.01] {
            let (v, e) = measured(mu, gamma)?;
            nb.claim(
                "error over speed",
                e / v,
                lambda1 / (gamma * target * (lambda1 - lambda2)),
                Tol::Order { h: 1e-8, p: 1 },
            )?;
            speeds.push(v);
            errors.push(e);
        }
    }
    // Of all nine choices those with the strongest scaling are the front: raising $\gamma$ moves it, $\mu$ moves along it.
    // The speed does not depend on $\gamma$; what the eigenvalues differ by in the last digits is not a difference.
    let slowness = |v: f64| (1e6 / v).round() / 1e6;
    let points: Vec<Vec<f64>> = speeds.iter().zip(&errors).map(|(v, e)| vec![slowness(*v), *e]).collect();
    nb.claim_holds(
        "the strongest scaling is the front",
        front(&points)? == [6, 7, 8],
        "pairs of slowness 1/v and error, nine choices of μ and γ",
    )?;

    // What ends this is the loop of scaling itself. With a neuron of time constant $\tau_r$ and a sensor of $\tau_c$ it is
    // of third order, and with $\lambda = \mu g x^2$ stable only while
    //
    // $$\gamma\,r_T < \Bigl(\frac1{\tau_r} + \frac1{\tau_c} + \lambda\Bigr)(1 + \lambda\tau_r) - \lambda .$$
    let parts = library().with("sensed", "sensed.toml", Some(PartKind::Homeostasis), SENSED);
    let mut lagging = Model::compose("leaky+hebb+sensed", &parts)?;
    lagging.set_all(&[("gain", "1"), ("x", "1 Hz"), ("tau_r", "100 ms"), ("mu", "0.01 s"), ("tau_c", "10 s")])?;
    nb.model(&lagging)?;
    let (tau_r, tau_c) = (lagging["tau_r"], lagging["tau_c"]);
    let limit = |tau_c: f64, lambda: f64| (1.0 / tau_r + 1.0 / tau_c + lambda) * (1.0 + lambda * tau_r) - lambda;
    let mut located = (Vec::new(), Vec::new());
    for tau_c in [0.1, 1.0, 10.0] {
        let at = lagging.clone().with("tau_c", &format!("{tau_c} s"))?.with("gamma", "0.1")?;
        let rate = target + 0.01 / 0.1;
        let mut start = vec![0.0; at.names().variables.len()];
        for name in ["r", "w", "c"] {
            start[at.names().variable(name)?] = rate;
        }
        let vary = Vary::new(at.names().parameter("gamma")?, (0.05, 20.0));
        let branch = follow(&at, &at.names().defaults(), &start, &vary, &continuation::Options::default())?;
        let hopf = branch.first(EventKind::Hopf).expect("the loop becomes too strong");
        nb.claim("strongest scaling", hopf.parameter * target, limit(tau_c, 0.01), Tol::Order { h: 1e-8, p: 1 })?;
        located.0.push(tau_c);
        located.1.push(hopf.parameter * target);
    }
    let fastest = limit(tau_c, 0.01);

    let mut plane = Panel::new(
        Axis::linear("learning speed v", "s^{−1}").including(0.0),
        Axis::linear("relative error of the rate", "").including(0.0),
    );
    for (k, gamma) in [0.02, 0.05, 0.2].into_iter().enumerate() {
        let slope = lambda1 / (gamma * target * (lambda1 - lambda2));
        plane = plane.add(Line::of(&format!("γ = {gamma}"), (0.0, 0.009), 2, |v| slope * v).ink(Ink::Hue(k)));
    }
    plane = plane.add(Points::new("composed model", &speeds, &errors).ink(Ink::Theory));
    let end = Panel::new(Axis::log("sensor τ_{c}", "s"), Axis::linear("largest γ r_{T}", "s^{−1}").including(0.0))
        .add(Line::of_log("theory", (0.05, 20.0), 100, |c| limit(c, 0.01)))
        .add(Points::new("located bifurcation", &located.0, &located.1).size(1.0));
    nb.figure(
        "learning under scaling",
        Figure::row([plane, end]).caption(
            "**a** Speed of learning against the error of the rate: the learning rate moves along a line, stronger scaling tilts it. **b** How strong scaling may be before its own loop oscillates, $\\tau_r = 0.1$ s.",
        ),
    )?;
    Ok(fastest)
}

// ## Memory
//
// A synapse wants strong traces at once and a long half-life. For switches the product is bounded, $\mathrm{SNR}_0\,
// t_{1/2} < \sqrt N \ln 2$, which the slowest of them approach: a front that is a hyperbola.

fn memory(nb: &mut Notebook) -> Result<()> {
    let n = 1e4f64;
    nb.claim("initial SNR at q = 0.2", Switch { q: 0.2, synapses: n }.snr(0.0)?, 20.0, Tol::Rounding(8))?;
    nb.claim("half-life at q = 0.2", Switch { q: 0.2, synapses: n }.half_life()?, 3.10628372, Tol::Printed(9))?;
    nb.claim("initial SNR at q = 0.05", Switch { q: 0.05, synapses: n }.snr(0.0)?, 5.0, Tol::Rounding(8))?;
    nb.claim("half-life at q = 0.05", Switch { q: 0.05, synapses: n }.half_life()?, 13.51340733, Tol::Printed(10))?;

    // What counts is how long a trace can be read. Candidates: switches, cascades and chains, each with its strength
    // when new and its lifetime at $\theta = 1$.
    let mut names = Vec::new();
    let mut candidates: Vec<Vec<f64>> = Vec::new();
    for k in 0..40 {
        let switch = Switch { q: 0.011 * 90f64.powf(f64::from(k) / 39.0), synapses: n };
        if let Some(life) = switch.lifetime(1.0)? {
            names.push("switch");
            candidates.push(vec![-switch.snr(0.0)?, -life]);
        }
    }
    for depth in 1..=10 {
        let cascade = Synapse::cascade(depth, 0.5)?;
        let new = cascade.snr(n, &[0])?[0];
        names.push("cascade");
        candidates.push(vec![-new, -(cascade.lifetime(n, 1.0)?.unwrap_or(0) as f64)]);
    }
    for m in 1..=12 {
        let chain = Chain::geometric(m, 0.25)?;
        names.push("chain");
        candidates.push(vec![-chain.snr(n, 0.0)?, -chain.lifetime(n, 1.0)?.unwrap_or(0.0)]);
    }
    let kept = front(&candidates)?;
    let alone: Vec<Vec<f64>> =
        names.iter().zip(&candidates).filter(|(n, _)| **n == "switch").map(|(_, c)| c.clone()).collect();
    // Among switches a small $q$ is beaten twice: below the best one both strength and lifetime fall.
    let best = Switch::best(n, 1.0)?;
    let slower = alone.iter().filter(|c| -c[0] < best.snr(0.0).unwrap_or(0.0) * 0.95);
    nb.claim_holds(
        "switches slower than the best one are beaten",
        slower.clone().count() > 3 && slower.clone().all(|c| alone.iter().any(|p| dominates(p, c))),
        format!("{} candidates with q below {:.4}", slower.count(), best.q),
    )?;
    let survivors = |kind: &str| kept.iter().filter(|&&i| names[i] == kind).count();
    nb.claim(
        "switches of moderate strength on the common front",
        kept.iter().filter(|&&i| names[i] == "switch" && -candidates[i][0] < 20.0).count() as f64,
        0.0,
        Tol::Exact,
    )?;
    nb.claim_holds(
        "chains of variables carry the front",
        survivors("chain") >= 3,
        format!(
            "{} switches, {} cascades, {} chains on it",
            survivors("switch"),
            survivors("cascade"),
            survivors("chain")
        ),
    )?;
    // A chain of one variable is a leaky synapse, and has its lifetime in closed form: $h = e^{-\alpha t}$, noise
    // $\nu = 1/(1 - e^{-2\alpha})$.
    let leaky = Chain::geometric(1, 0.25)?.lifetime(n, 1.0)?.unwrap_or(0.0);
    let closed = (n * (1.0 - (-0.5f64).exp())).sqrt().ln() / 0.25;
    nb.claim("lifetime of a leaky synapse", leaky, closed, Tol::Order { h: 1e-9, p: 1 })?;

    let of = |kind: &str| -> (Vec<f64>, Vec<f64>) {
        names.iter().zip(&candidates).filter(|(n, _)| **n == kind).map(|(_, c)| (-c[0], (-c[1]).max(0.1))).unzip()
    };
    let mut lives = Panel::new(
        Axis::log("SNR when new", "").range(1.0, 100.0),
        Axis::log("lifetime (memories)", "").range(1.0, 2000.0),
    );
    for (kind, ink, shape) in [
        ("switch", Ink::Hue(0), Shape::Disc),
        ("cascade", Ink::Hue(1), Shape::Square),
        ("chain", Ink::Hue(2), Shape::Triangle),
    ] {
        let (x, y) = of(kind);
        lives = lives.add(Points::new(kind, &x, &y).ink(ink).shape(shape));
    }
    let mut kept: Vec<(f64, f64)> = kept.iter().map(|&i| (-candidates[i][0], -candidates[i][1])).collect();
    kept.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (x, y): (Vec<f64>, Vec<f64>) = kept.into_iter().unzip();
    lives = lives.add(Line::new("front", &x, &y).dashed());
    let half = |q: f64| Switch { q, synapses: n };
    let rates: Vec<f64> = (0..60).map(|k| 0.003 * 300f64.powf(f64::from(k) / 59.0)).collect();
    let strength: Vec<f64> = rates.iter().map(|&q| half(q).snr(0.0)).collect::<Result<_>>()?;
    let lasting: Vec<f64> = rates.iter().map(|&q| half(q).half_life()).collect::<Result<_>>()?;
    let hyperbola = Panel::new(Axis::log("SNR when new", ""), Axis::log("half-life (memories)", ""))
        .add(Line::of_log("√N ln 2/SNR", (0.3, 90.0), 100, |s| n.sqrt() * LN_2 / s).dashed())
        .add(Points::new("switches", &strength, &lasting));
    let balanced: Vec<Vec<f64>> = strength.iter().zip(&lasting).map(|(s, h)| vec![1.0 / s, 1.0 / h]).collect();
    let corner = knee(&balanced)?;
    nb.text(match corner {
        Some(i) => format!(
            "In the plane of inverse strength and inverse half-life the knee of the switches is at $q = {:.3}$.",
            rates[i]
        ),
        None => "In the plane of inverse strength and inverse half-life the switches have no knee.".into(),
    });
    nb.figure(
        "memory",
        Figure::row([hyperbola, lives]).caption(
            "Ten thousand synapses. **a** The switches lie below a hyperbola that slow ones approach. **b** Strength when new and lifetime of switches (any $q$), cascades (1 to 10 depths) and chains (1 to 12 variables); dashed: the front of all.",
        ),
    )
}
