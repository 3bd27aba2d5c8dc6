//! # What is lost by calling plasticity fast and homeostasis slow?
//!
//! Theories of homeostasis treat the fast side as settled.
//! We ask what that costs, what can no longer be seen, and how homeostasis behaves where the fast side is bistable or on
//! its way to an instability.

use homeostat::dynamics::slow_fast::{SlowFast, adiabatic, corrected, critical_manifold, relaxation, separation};
use homeostat::dynamics::{AlongOptions, Fluctuations, noise_along, slaved};
use homeostat::lang::PartKind;
use homeostat::models;
use homeostat::notebook::prelude::*;

/// Homeostasis of the rate that acts on the recurrent weight.
const WEIGHT_HOMEOSTASIS: &str = r#"
title   = "Rate homeostasis of a recurrent weight"
sources = ["frohlich2008"]
about   = "The weight grows while the rate is below its target: τ_w dw/dt = r0 − r for rates in Hz."
example = "population"
equations = """
dw/dt += (r0 - mean(post))/(y0*tau_w)  : 1
"""
[ports]
post = { unit = "Hz", about = "rate" }
w    = { about = "recurrent weight" }
[parameters]
r0    = { value = "5 Hz", range = ["1 Hz", "20 Hz"], about = "target rate" }
y0    = { value = "1 Hz", about = "unit of rates" }
tau_w = { value = "100 s", range = ["1 s", "10000 s"], pace = "homeostatic", about = "time constant" }
[[facts]]
says  = "at rest the rate is the target"
at    = "fixed point"
claim = "post == r0"
"#;

/// White noise on the rate.
const NOISE: &str = r#"
title   = "White noise on a rate"
sources = ["gardiner2009"]
about   = "dr = … + sigma dW."
example = "population"
equations = """
dr/dt += sigma*xi  : Hz
"""
[ports]
r = { unit = "Hz", about = "rate" }
[parameters]
sigma = { value = "0.05 Hz/s**0.5", about = "strength" }"#;

pub fn run(nb: &mut Notebook) -> Result<()> {
    let close = Tol::Order { h: 1e-9, p: 1 };

    // ## The cost of the reduction
    //
    // The smallest case is a rate under a slow threshold.
    // With $x = r - r_0$ and $y$ the negative deviation of the threshold it is
    // $\varepsilon\dot x = -x + y,\quad \dot y = -k x$ with $\varepsilon = \tau_r$ and $k = g/\tau_\theta$.
    // Setting $\varepsilon = 0$ slaves $x = y$, so that $\dot y = -ky$.
    // The exact slow eigenvalue is $s = (-1 + \sqrt{1 - 4\varepsilon k})/(2\varepsilon)
    // = -k(1 + \varepsilon k + 2\varepsilon^2k^2 + 5\varepsilon^3k^3 + \dots)$.
    let loop_at = |eps: f64| -> Result<_> {
        let mut at = model("leaky+intrinsic")?;
        at.set_all(&[("gain", "1"), ("tau_theta", "1 s"), ("tau_r", &format!("{eps} s"))])?;
        let rest = vec![at["r0"], at["w"] * at["x"] - at["r0"]];
        let division = SlowFast::new(&at, &["r"])?;
        let error = adiabatic(&at, &at.names().defaults(), &rest, &division)?;
        Ok((at, rest, division, error))
    };
    let (at, rest, division, error) = loop_at(0.05)?;
    nb.model(&at)?;
    nb.claim("slow eigenvalue at ε = 0.05", error.full[0].re, -1.05572809, Tol::Printed(9))?;
    nb.claim("reduced eigenvalue", error.reduced[0].re, -1.0, close)?;
    nb.claim("relative error of the reduction", error.error, 0.0557280900008, Tol::Printed(11))?;
    nb.claim("its estimate from the reduction alone", error.estimate, 0.05, close)?;
    let apart = separation(&at, &at.names().defaults(), &rest, &division)?;
    nb.claim("ratio of declared time constants", apart.declared.unwrap_or(f64::NAN), 0.05, close)?;
    let s = |sign: f64| (-1.0 + sign * (1.0f64 - 0.2).sqrt()) / 0.1;
    nb.claim("ratio of eigenvalues across the gap", apart.eigenvalues, s(1.0) / s(-1.0), close)?;
    // The slope of the slow manifold in $(y, x)$ is $-s/k$; ours is the slow eigenvector in $(h, r)$, with $h = -y$.
    let j = at.jacobian(&rest, &at.names().defaults());
    nb.claim("slope of the slow manifold", -j[(0, 1)] / (error.full[0].re - j[(0, 0)]), 1.05572809, Tol::Printed(9))?;

    // First order without the correction, second order with it.
    let eps: Vec<f64> = (0..8).map(|k| 0.04 * 0.5f64.powi(k)).collect();
    let (mut plain, mut better) = (Vec::new(), Vec::new());
    for e in &eps {
        let (_, _, _, error) = loop_at(*e)?;
        plain.push(error.error);
        better.push(error.remaining);
    }
    nb.claim("order of the reduction", (plain[6] / plain[7]).log2(), 1.0, Tol::Order { h: 2e-3, p: 1 })?;
    nb.claim("order with the first correction", (better[6] / better[7]).log2(), 2.0, Tol::Order { h: 2e-3, p: 1 })?;
    // Beyond $\varepsilon k = 1/4$ the slow mode is no longer one: the pair is complex and the rate overshoots.
    let (ringing, rest_of_it, ..) = loop_at(0.0999)?;
    let slower = ringing.clone().with("tau_theta", "0.39 s")?;
    let spectrum = |m: &Model| homeostat::num::linalg::eigenvalues(&m.jacobian(&rest_of_it, &m.names().defaults()));
    let below = ringing.clone().with("tau_theta", "0.41 s")?;
    nb.claim_holds(
        "the reduction ends at ε k = 1/4",
        spectrum(&slower)?[0].im != 0.0 && spectrum(&below)?[0].im == 0.0,
        "the pair is complex at ε k = 0.256 and real at 0.244",
    )?;

    // The same for a plastic circuit with three time scales, along whole trajectories: the recurrent population of the rate
    // detector, with the rate slaved.
    let circuit = model("population+triplet")?;
    let ends = |tau_m: &str| -> Result<[f64; 2]> {
        let at = circuit.clone().with("tau_m", tau_m)?;
        let p = at.names().defaults();
        let division = SlowFast::new(&at, &["r"])?;
        let start = [3.0, 0.5, 3.0];
        let plain = slaved(&at, &["r"], &start, &p)?;
        let better = corrected(&at, &division, &start, &p)?;
        let y = [0.55, 3.0];
        let Some(whole) = better.manifold(&y, &p) else { return Ok([f64::NAN; 2]) };
        let options = Integration { relative: 1e-11, absolute: 1e-13, ..Integration::default() };
        let truth = integrate(&at, &p, &whole, 20.0, &options)?.last()[1];
        let of = |slow: &dyn Field| integrate(slow, &p, &y, 20.0, &options).map(|run| (run.last()[0] - truth).abs());
        Ok([of(&plain)?, of(&better)?])
    };
    let (slow_rate, fast_rate) = (ends("20 ms")?, ends("10 ms")?);
    nb.claim("order along a trajectory", (slow_rate[0] / fast_rate[0]).log2(), 1.0, Tol::Order { h: 0.05, p: 1 })?;
    nb.claim("order with the correction", (slow_rate[1] / fast_rate[1]).log2(), 2.0, Tol::Order { h: 0.1, p: 1 })?;
    let cost = Panel::new(Axis::log("ε k", ""), Axis::log("relative error of the slow rate", ""))
        .add(Line::of_log("exact, reduced", (3e-4, 0.05), 100, |e| ((1.0 - (1.0 - 4.0 * e).sqrt()) / (2.0 * e)) - 1.0))
        .add(Line::of_log("2 (ε k)^{2}", (3e-4, 0.05), 100, |e| 2.0 * e * e).dashed())
        .add(Points::new("reduced", &eps, &plain))
        .add(Points::new("corrected", &eps, &better).shape(Shape::Ring));
    nb.figure(
        "cost",
        Figure::single(cost).caption(
            "What slaving the fast variable costs: first order in the separation; with the first correction of the slow manifold, second order.",
        ),
    )?;

    // ## Homeostasis of a bistable population
    //
    // A population with strong recurrence and a sigmoid gain has two states.
    // Its threshold integrates the deviation of the rate from a set point; $\varepsilon = \tau_r/\tau_\theta$.
    let bistable = |eps: f64, target: f64| -> Result<Model> {
        let mut at = model("population+sigmoid_rate+intrinsic")?;
        at.set_all(&[
            ("R", "1 Hz"),
            ("beta", "1 s"),
            ("w", "10"),
            ("I", "0 Hz"),
            ("gain", "1"),
            ("tau_m", "10 ms"),
            ("tau_theta", &format!("{} s", 0.01 / eps)),
            ("r0", &format!("{target} Hz")),
        ])?;
        Ok(at)
    };
    let at = bistable(1e-3, 0.3)?;
    nb.model(&at)?;
    let p = at.names().defaults();
    let division = SlowFast::new(&at, &["r"])?;
    let w = at["w"];
    let root = (1.0 - 4.0 / w).sqrt();
    let folds = [0.5 * (1.0 - root), 0.5 * (1.0 + root)];
    let sheet = |r: f64| w * r - (r / (1.0 - r)).ln();
    let start = [0.999, sheet(0.999)];
    let manifold = critical_manifold(&at, &p, &start, &division, "h", (-1.0, 11.0))?;
    let located = manifold.folds();
    nb.claim("folds of the critical manifold", located.len() as f64, 2.0, Tol::Exact)?;
    for (r, printed) in folds.into_iter().zip([0.112701665379, 0.887298334621]) {
        let fold =
            located.iter().min_by(|a, b| (a.at[0] - r).abs().total_cmp(&(b.at[0] - r).abs())).expect("there are two");
        nb.claim("rate at each fold over its closed form", fold.at[0] / r, 1.0, close)?;
        nb.claim("the same over the ledger's", fold.at[0] / printed, 1.0, Tol::Printed(11))?;
        nb.claim("threshold at each fold over its closed form", fold.parameter / sheet(r), 1.0, close)?;
    }
    nb.claim("fixed points on it", manifold.rests.len() as f64, 1.0, Tol::Exact)?;
    nb.claim("threshold at rest", manifold.rests[0].at[1], 3.84729786039, Tol::Printed(11))?;

    // The set point lies on the middle sheet, which repels: homeostasis cannot rest there, for any separation.
    // It loses stability where the set point passes a fold, exactly: the trace is $\beta w r_0(1 - r_0) - 1$ in units of
    // $\tau_r$, whatever $\varepsilon$.
    // The frequency of that singular Hopf point is $\sqrt{\varepsilon/w}/\tau_r$.
    for eps in [1e-2, 1e-3, 1e-4] {
        let at = bistable(eps, 0.5)?;
        let vary = Vary::new(at.names().parameter("r0")?, (0.05, 0.95));
        let branch = follow(&at, &at.names().defaults(), &[0.5, sheet(0.5)], &vary, &continuation::Options::default())?;
        let hopf: Vec<_> = branch.events.iter().filter(|e| e.kind == EventKind::Hopf && e.check.is_some()).collect();
        nb.claim("Hopf points over the set point", hopf.len() as f64, 2.0, Tol::Exact)?;
        for (event, r) in hopf.iter().zip(folds) {
            nb.claim("set point at each Hopf point over its closed form", event.parameter / r, 1.0, close)?;
            let omega = event.omega.unwrap_or(f64::NAN) * at["tau_m"];
            nb.claim(
                "frequency of each Hopf point over √(ε/w)",
                omega / (eps / w).sqrt(),
                1.0,
                Tol::Order { h: 1e-8, p: 1 },
            )?;
        }
    }

    // Instead it runs through a relaxation cycle: drift along a sheet to its fold, jump, drift back.
    // The legs are integrals of the slow flow; passing a fold adds a time of order $\varepsilon^{-1/3}$.
    let cycle = relaxation(&at, &p, &start, &division, (-5.0, 15.0))?;
    let unit = 1e-3 / at["tau_m"];
    nb.claim("period to leading order, T ε/τ_r", cycle.period * unit, 18.0600186858, Tol::Printed(10))?;
    let (up, down) = match cycle.legs[0].landing[0] > 0.5 {
        true => (&cycle.legs[0], &cycle.legs[1]),
        false => (&cycle.legs[1], &cycle.legs[0]),
    };
    nb.claim("time in the upper state", up.duration * unit, 5.28895740817, Tol::Printed(10))?;
    nb.claim("time in the lower state", down.duration * unit, 12.7710612777, Tol::Printed(10))?;
    nb.claim("landing on the upper sheet", up.landing[0], 0.998885687984, Tol::Printed(10))?;
    nb.claim("landing on the lower sheet", down.landing[0], 0.00111431201605, Tol::Printed(10))?;
    let (mut errors, mut nearer, mut smalls) = (Vec::new(), Vec::new(), Vec::new());
    let mut courses = Vec::new();
    for eps in [1e-2, 10f64.powf(-2.5), 1e-3, 10f64.powf(-3.5), 1e-4] {
        let at = bistable(eps, 0.3)?;
        let p = at.names().defaults();
        let cycle = relaxation(&at, &p, &start, &division, (-5.0, 15.0))?;
        let watch = vec![Watch::crossing(at.names(), "r", 0.5)?.rising()];
        let options = Integration { watch, relative: 1e-8, ..Integration::default() };
        let run = integrate(&at, &p, &[0.999, 4.0], 3.2 * cycle.corrected, &options)?;
        let crossings: Vec<f64> = run.events.iter().map(|e| e.t).collect();
        let period = crossings[crossings.len() - 1] - crossings[crossings.len() - 2];
        smalls.push(eps);
        errors.push(period / cycle.period - 1.0);
        nearer.push((period / cycle.corrected - 1.0).abs());
        courses.push(run);
    }
    let slope = (errors[0] / errors[4]).log10() / 2.0;
    nb.claim("order of the period in ε", slope, 2.0 / 3.0, Tol::Order { h: 0.1, p: 1 })?;
    nb.claim_holds(
        "with the passage of the folds it is nearer",
        nearer.iter().zip(&errors).all(|(a, b)| *a < 0.4 * b),
        format!("at ε = 10^-4 the error falls from {:.2} % to {:.3} %", 100.0 * errors[4], 100.0 * nearer[4]),
    )?;
    let stretch = |lo: f64, hi: f64| -> (Vec<f64>, Vec<f64>) {
        let r: Vec<f64> = (0..=200).map(|k| lo + (hi - lo) * f64::from(k) / 200.0).collect();
        (r.iter().map(|r| sheet(*r)).collect(), r)
    };
    let (low, middle, high) = (stretch(1e-4, folds[0]), stretch(folds[0], folds[1]), stretch(folds[1], 0.9999));
    let plane = |k: usize| (courses[k].column("h"), courses[k].column("r"));
    let mut portrait =
        Panel::new(Axis::linear("threshold h", "Hz").range(0.5, 9.5), Axis::linear("r", "Hz").range(-0.03, 1.03))
            .add(Line::new("attracting sheet", &low.0, &low.1).ink(Ink::Stable).width(1.6))
            .add(Line::new("", &high.0, &high.1).ink(Ink::Stable).width(1.6))
            .add(Line::new("repelling sheet", &middle.0, &middle.1).ink(Ink::Unstable).dashed());
    for (k, name) in [(0, "ε = 10^{-2}"), (4, "ε = 10^{-4}")] {
        let (h, r) = plane(k);
        portrait = portrait.add(Line::new(name, &h?, &r?).ink(Ink::Hue(if k == 0 { 0 } else { 3 })).width(0.7));
    }
    let portrait = portrait
        .add(Points::new("fixed point", &[manifold.rests[0].at[1]], &[0.3]).shape(Shape::Ring).ink(Ink::Theory));
    let period = Panel::new(Axis::log("ε", ""), Axis::log("relative error of the period", ""))
        .add(Points::new("leading order", &smalls, &errors))
        .add(Points::new("with the folds' passage", &smalls, &nearer).shape(Shape::Ring))
        .add(Line::of_log("ε^{2/3}", (8e-5, 1.2e-2), 50, |e| errors[4] * (e / 1e-4).powf(2.0 / 3.0)).dashed());
    nb.figure(
        "relaxation",
        Figure::row([portrait, period]).caption(
            "**a** The critical manifold of the bistable population and two simulated cycles of its homeostasis; the fixed point (ring) lies on the repelling sheet. **b** Simulated periods against the prediction.",
        ),
    )?;

    // ## The approach to an instability
    //
    // Homeostasis that acts on a recurrent weight makes up for lost input by moving the population towards its instability.
    // The margin is $I/r_0$: half the input, half the margin, and the rate's own time constant $\tau_r r_0/I$ doubles.
    let library = models::library()
        .with("weight_homeostasis", "notebook", Some(PartKind::Homeostasis), WEIGHT_HOMEOSTASIS)
        .with("noise", "notebook", Some(PartKind::Homeostasis), NOISE);
    let steady =
        Model::compose("steady_population+weight_homeostasis", &library)?.with("I", "2 Hz")?.with("r0", "5 Hz")?;
    nb.model(&steady)?;
    let weight = |m: &Model| -> Result<(f64, f64)> {
        let range = Region::named(m.names(), &[("w", (0.0, 0.95))])?;
        let found = fixed_points(m, &m.names().defaults(), &range, &Search::default())?;
        let rest = found.only()?;
        Ok((rest["w"], rest.eigenvalues[0].0))
    };
    let (r0, input) = (steady["r0"], steady["I"]);
    let (w_star, rate) = weight(&steady)?;
    nb.claim("weight at rest", w_star, 1.0 - input / r0, close)?;
    nb.claim("rate of the homeostasis", rate, -r0 * r0 / (input * steady["tau_w"]), close)?;
    let deprived = weight(&steady.clone().with("I", "1 Hz")?)?.0;
    nb.claim("weight with half the input", deprived, 0.8, close)?;
    nb.claim("the margin is halved", (1.0 - deprived) / (1.0 - w_star), 0.5, close)?;
    // With $w \le w_{max} = 0.95$ that works down to $I_{min} = r_0(1 - w_{max})$.
    let least = Vary::new(steady.names().parameter("I")?, (0.05, 4.0));
    let branch = follow(&steady, &steady.names().defaults(), &[w_star], &least, &continuation::Options::default())?;
    let capacity = branch
        .points
        .windows(2)
        .find(|q| (q[0].at[0] - 0.95) * (q[1].at[0] - 0.95) <= 0.0)
        .expect("the weight passes its bound");
    let share = (0.95 - capacity[0].at[0]) / (capacity[1].at[0] - capacity[0].at[0]);
    let least = capacity[0].parameter + share * (capacity[1].parameter - capacity[0].parameter);
    nb.claim("smallest input that is made up for", least, r0 * (1.0 - 0.95), Tol::Order { h: 1e-6, p: 1 })?;

    // Seen from outside, the population becomes slow and noisy before anything else happens.
    // We follow the noisy population with the rate homeostasis in the input.
    let noisy = Model::compose("population+weight_homeostasis+noise", &library)?
        .with("I", "2 Hz")?
        .with("tau_m", "10 ms")?
        .with("tau_w", "10000 s")?;
    nb.model(&noisy)?;
    let p = noisy.names().defaults();
    let place = noisy.names().parameter("I")?;
    let steps = continuation::Options { step_max: 0.001, ..continuation::Options::default() };
    let branch = follow(&noisy, &p, &[r0, 1.0 - input / r0], &Vary::new(place, (0.02, 4.0)), &steps)?;
    let noise = noise_along(&noisy, &p, place, &branch, &AlongOptions { lag: Some(0.01), ..AlongOptions::default() })?;
    let fast = |m: f64| m / (r0 * noisy["tau_m"]);
    let pick = |f: &dyn Fn(f64, &Fluctuations) -> f64| -> (Vec<f64>, Vec<f64>) {
        let valid = noise.points.iter().filter(|q| q.valid);
        valid.filter_map(|q| Some((q.parameter, f(q.parameter, q.fluctuations.as_ref().ok()?)))).unzip()
    };
    let (margin, spread) = pick(&|_, f| f.deviations[0]);
    let law = |i: f64| noisy["sigma"] / (2.0 * fast(i)).sqrt();
    let middle = margin.iter().position(|i| (*i - input).abs() < 1e-9).expect("the branch starts there");
    nb.claim("standard deviation of the rate", spread[middle], law(input), Tol::Order { h: 2e-3, p: 1 })?;
    let (_, memory) = pick(&|_, f| f.autocorrelations[0]);
    nb.claim(
        "its autocorrelation at 10 ms",
        memory[middle],
        (-fast(input) * 0.01).exp(),
        Tol::Order { h: 2e-3, p: 1 },
    )?;
    let exponent = noise.exponent(0.0, 0.1, |f| f.deviations[0].powi(2))?;
    nb.claim("exponent of the variance in the margin", exponent, -1.0, Tol::Order { h: 0.02, p: 1 })?;
    let refused = noise.points.iter().filter(|q| !q.valid).count();
    nb.text(format!(
        "Of {} points along the branch {refused} are refused: there the fluctuations shift the slowest eigenvalue by more than {:.0} %.",
        noise.points.len(),
        100.0 * noise.strain
    ));
    // As many points are shown in every octave: those nearest to even ratios of the input.
    let (least, most) = margin.iter().fold((f64::INFINITY, 0.0), |(a, b): (f64, f64), i| (a.min(*i), b.max(*i)));
    let even = (0..=16).map(|k| least * (most / least).powf(f64::from(k) / 16.0));
    let off = |k: usize, at: f64| (margin[k] / at).ln().abs();
    let shown: Vec<usize> =
        even.filter_map(|at| (0..margin.len()).min_by(|&i, &j| off(i, at).total_cmp(&off(j, at)))).collect();
    let [margin, spread, memory] =
        [&margin, &spread, &memory].map(|column| shown.iter().map(|&k| column[k]).collect::<Vec<f64>>());
    let warning = Panel::new(Axis::log("input I", "Hz"), Axis::log("s.d. of r", "Hz"))
        .add(Line::of_log("σ (τ_{r} r_{0}/2I)^{1/2}", (0.02, 4.0), 100, law))
        .add(Points::new("along the branch", &margin, &spread).shape(Shape::Ring));
    let correlation =
        Panel::new(Axis::log("input I", "Hz"), Axis::linear("autocorrelation at 10 ms", "").range(0.0, 1.0))
            .add(Line::of_log("exp(−I τ/(r_{0} τ_{r}))", (0.02, 4.0), 100, |i| (-fast(i) * 0.01).exp()))
            .add(Points::new("along the branch", &margin, &memory).shape(Shape::Ring));
    nb.figure(
        "warning",
        Figure::row([warning, correlation]).caption(
            "Early warnings while homeostasis makes up for lost input: **a** the standard deviation and **b** the autocorrelation of the rate, whose mean stays at its target throughout.",
        ),
    )?;

    nb.verdict(
        Verdict::HoldsWhen("$\\varepsilon k \\ll 1/4$ and the set point lies on an attracting sheet".into()),
        "Slaving the fast side costs an error of first order in the separation, and the reduction can tell how much. Where the set point lies on the repelling sheet of a bistable population, slow homeostasis gives up and down states instead of a steady code, with a period that the folds predict. Homeostasis of recurrent weights keeps the rate and spends the margin: variance and correlation time grow as the inverse of the input.",
    )
}
