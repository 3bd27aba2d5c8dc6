//! # When does synaptic scaling reach its set point?
//!
//! Synaptic scaling multiplies all weights of a neuron up while its rate is below a target and down while it is above.
//! The field says that it tempers the drive, keeps relative weights, and restores the target.
//! We ask which of the three it does while Hebbian plasticity goes on.

use homeostat::notebook::prelude::*;
use homeostat::num::linalg::expm;
use nalgebra::{DMatrix, DVector};

pub fn run(nb: &mut Notebook) -> Result<()> {
    // ## Hebb's rule with scaling
    //
    // $\dot w = \mu C w + \gamma (r_T - r)\, w$ with the mean rate $r = \bar x \cdot w$.
    let both = model("feedforward+hebb+scaling")?.with("w_0", "0.3")?.with("w_1", "0.5")?;
    nb.model(&both)?;
    let p = both.names().defaults();
    let close = Tol::Order { h: 1e-9, p: 1 };
    let (mu, gamma, target) = (both["mu"], both["gamma"], both["rT"]);
    let (c11, c12, c22) = (both["C_0_0"], both["C_0_1"], both["C_1_1"]);
    let (mean, split) = ((c11 + c22) / 2.0, ((c11 - c22) / 2.0).hypot(c12));
    let (lambda1, lambda2) = (mean + split, mean - split);

    // Where weights are positive there is one fixed point, along the leading eigenvector.
    // Its rate is not the target but $r^* = r_T + \mu\lambda_1/\gamma$.
    let all = fixed_points(&both, &p, &Region::new([(0.05, 5.0); 2])?, &Search::default())?;
    nb.claim_proven(
        "one fixed point with positive weights",
        all.points.len() == 1 && all.complete,
        "interval branch and bound over the box",
    )?;
    let rest = all.only()?;
    nb.claim_proven("it is stable", rest.is_stable() && rest.stability_proven, "the spectrum over the enclosure")?;
    let rate = rest.at[0] + rest.at[1];
    let reached = target + mu * lambda1 / gamma;
    nb.claim("leading correlation", (rate - target) * gamma / mu, lambda1, close)?;
    nb.claim("rate at rest", rate, reached, close)?;
    let lead = [c12, lambda1 - c11];
    let share = lead[0] / (lead[0] + lead[1]);
    nb.claim("first weight at rest", rest.enclosure[0], reached * share, close)?;
    nb.claim("second weight at rest", rest.enclosure[1], reached * (1.0 - share), close)?;
    nb.claim("eigenvalue of the direction", rest.eigenvalues[0].0, mu * (lambda2 - lambda1), close)?;
    nb.claim("eigenvalue of the rate", rest.eigenvalues[1].0, -gamma * reached, close)?;

    // Scaling only changes the length: $w(t) = s(t)\, e^{\mu C t} w_0$ with a known $s(t)$.
    let c = DMatrix::from_row_slice(2, 2, &[c11, c12, c12, c22]);
    let start = [0.3, 0.5];
    let free = |t: f64| -> Result<DVector<f64>> { Ok(expm(&(&c * (mu * t)))? * DVector::from_column_slice(&start)) };
    let projected = |lambda: f64| {
        // Component of the mean input and of the start along the eigenvector of `lambda`.
        let e = [c12, lambda - c11];
        (e[0] + e[1]) * (e[0] * start[0] + e[1] * start[1]) / (e[0] * e[0] + e[1] * e[1])
    };
    let exact = |t: f64| -> Result<DVector<f64>> {
        let decay = (-gamma * target * t).exp();
        let filled: f64 = [lambda1, lambda2]
            .iter()
            .map(|&l| projected(l) * ((mu * l * t).exp() - decay) / (mu * l + gamma * target))
            .sum();
        Ok(free(t)? / (decay + gamma * filled))
    };
    let options = Integration { record: Record::Every(1.0), ..Integration::default() };
    let run = integrate(&both, &p, &start, 400.0, &options)?;
    let (now, wanted) = (run.at(50.0)?, exact(50.0)?);
    let tight = Tol::Order { h: 1e-8, p: 1 };
    nb.claim("rate after 50 s", now[0] + now[1], wanted.sum(), tight)?;
    nb.claim("first weight after 50 s", now[0], wanted[0], tight)?;
    nb.claim("second weight after 50 s", now[1], wanted[1], tight)?;
    for (t, w) in run.t.iter().zip(&run.x) {
        let u = free(*t)?;
        nb.claim("ratio of the weights is that of free Hebbian growth", w[0] / w[1], u[0] / u[1], tight)?;
    }

    // Without Hebb's rule relative weights do not change at all and the target is reached.
    let alone = both.without("hebb")?;
    let quiet = integrate(&alone, &alone.names().defaults(), &start, 400.0, &options)?;
    for w in &quiet.x {
        nb.claim("ratio of the weights without Hebb's rule", w[0] / w[1], start[0] / start[1], tight)?;
    }
    nb.claim("rate without Hebb's rule", quiet.last()[0] + quiet.last()[1], target, Tol::Order { h: 1e-6, p: 1 })?;

    let rates = |run: &homeostat::dynamics::Trajectory| run.x.iter().map(|w| w[0] + w[1]).collect::<Vec<f64>>();
    let course = Panel::new(Axis::linear("time", "s"), Axis::linear("r", "Hz").including(0.0))
        .add(Line::new("Hebb and scaling", &run.t, &rates(&run)).ink(Ink::Data))
        .add(Line::new("scaling alone", &quiet.t, &rates(&quiet)).ink(Ink::Stable))
        .add(Rule::horizontal("r_{T}", target))
        .add(Rule::horizontal("r*", reached));
    let ratio = |run: &homeostat::dynamics::Trajectory| run.x.iter().map(|w| w[0] / w[1]).collect::<Vec<f64>>();
    let shape = Panel::new(Axis::linear("time", "s"), Axis::linear("w_{1}/w_{2}", "").including(0.0))
        .add(Line::new("Hebb and scaling", &run.t, &ratio(&run)).ink(Ink::Data))
        .add(Line::new("scaling alone", &quiet.t, &ratio(&quiet)).ink(Ink::Stable))
        .add(Rule::horizontal("e_{1}", lead[0] / lead[1]));
    let error = Panel::new(Axis::log("γ/μ", "Hz"), Axis::log("(r* − r_{T})/r_{T}", "")).add(Line::of_log(
        "μλ_{1}/(γ r_{T})",
        (0.1, 1000.0),
        100,
        |k| lambda1 / (k * target),
    ));
    let ladder = [0.001, 0.004, 0.02, 0.1, 0.5];
    let mut missed = Vec::new();
    for gamma in ladder {
        let at = both.clone().with("gamma", &format!("{gamma}"))?;
        let found = fixed_points(&at, &at.names().defaults(), &Region::new([(0.05, 12.0); 2])?, &Search::default())?;
        let rate: f64 = found.only()?.at.iter().sum();
        let error = (rate - target) / target;
        nb.claim(
            "error of the set point over gamma",
            error,
            mu * lambda1 / (gamma * target),
            Tol::Order { h: 1e-8, p: 1 },
        )?;
        missed.push(error);
    }
    let strengths: Vec<f64> = ladder.iter().map(|g| g / mu).collect();
    nb.figure(
        "scaling",
        Figure::row([course, shape, error.add(Points::new("fixed point", &strengths, &missed))]).caption(
            "**a** Rate with Hebb's rule and scaling, and with scaling alone. **b** The ratio of the weights is decided by Hebb's rule; scaling leaves it alone. **c** The error of the set point falls only with the strength of scaling against that of learning.",
        ),
    )?;

    // ## Scaling with the squared weight
    //
    // With $\dot w = \mu x r + \gamma (v_T - r) w^2$ Hebbian growth is compensated at every input: one stable weight
    // $w^* = \left(v_T + \sqrt{v_T^2 + 4\mu x^3/\gamma}\right)/(2x)$.
    let squared = model("neuron+hebb+scaling_weight")?.with("x", "1 Hz")?;
    nb.model(&squared)?;
    let p = squared.names().defaults();
    let (x, mu2, gamma2, target2) = (squared["x"], squared["mu"], squared["gamma"], squared["vT"]);
    let root = (target2 * target2 + 4.0 * mu2 * x.powi(3) / gamma2).sqrt();
    let found = fixed_points(&squared, &p, &Region::new([(-0.05, 8.0)])?, &Search::default())?;
    nb.claim_proven(
        "silence and one weight, no more",
        found.points.len() == 2 && found.complete,
        "interval branch and bound over the box",
    )?;
    let weight = &found.points[1];
    let w_star = (target2 + root) / (2.0 * x);
    nb.claim("weight with squared scaling", weight.enclosure[0], w_star, close)?;
    nb.claim("rate with squared scaling", x * weight.at[0], x * w_star, close)?;
    nb.claim("eigenvalue with squared scaling", weight.eigenvalues[0].0, -gamma2 * w_star * root, close)?;
    nb.claim("eigenvalue of silence", found.points[0].eigenvalues[0].0, mu2 * x * x, close)?;

    // ## Two factors
    //
    // If the weight is a product $w = H\rho$ of a Hebbian factor that saturates and a homeostatic one, the target is
    // reached exactly.
    // The price is a bound on time: with $\kappa = n(1 - \rho^*)$, the elasticity of the Hebbian factor, it is stable for
    // every $\tau_H$ if $\kappa \le 1$, and otherwise only for $\tau_H < \tau_\rho/(\kappa - 1)$.
    let two = model("neuron+two_factor")?.with("x", "2 Hz")?;
    nb.model(&two)?;
    let p = two.names().defaults();
    let (n, r0, r_h, tau_rho, x) = (two["n"], two["r0"], two["r_h"], two["tau_rho"], two["x"]);
    let found = fixed_points(&two, &p, &Region::new([(0.05, 1.0), (0.5, 40.0)])?, &Search::default())?;
    let rest = found.only()?;
    let hill = |n: f64| r0.powf(n) / (r0.powf(n) + r_h.powf(n));
    let rho_star = hill(n);
    nb.claim("Hebbian factor at rest", rest["rho"], rho_star, close)?;
    nb.claim("homeostatic factor at rest", rest["H"], r0 / (rho_star * x), close)?;
    nb.claim("rate with two factors", rest["rho"] * rest["H"] * x, r0, close)?;
    let kappa = n * (1.0 - rho_star);
    // The first row of the linearisation in (ln ρ, ln H) is ((κ − 1)/τ_ρ, κ/τ_ρ).
    let j = two.jacobian(&rest.at, &p);
    nb.claim("elasticity", 1.0 + j[(0, 0)] * tau_rho, kappa, close)?;
    let vary = Vary::new(two.names().parameter("tau_H")?, (0.1, 2.0));
    let branch = follow(&two, &p, &rest.at, &vary, &continuation::Options::default())?;
    let hopf = branch.first(EventKind::Hopf).expect("kappa is above one");
    nb.claim("critical tau_H", hopf.parameter, tau_rho / (kappa - 1.0), close)?;
    nb.claim("frequency there", hopf.omega.unwrap_or(f64::NAN), (kappa - 1.0).sqrt() / tau_rho, close)?;

    // The steeper the Hebbian factor, the faster homeostasis must be.
    let steep = |n: f64| tau_rho / (n * (1.0 - hill(n)) - 1.0);
    let exponents = [2.0, 2.5, 3.0, 4.0, 5.0, 6.0];
    let mut located = Vec::new();
    for n in exponents {
        let at = two.clone().with("n", &format!("{n}"))?;
        let start = [hill(n), r0 / (hill(n) * x)];
        let vary = Vary::new(at.names().parameter("tau_H")?, (0.02, 20.0));
        let branch = follow(&at, &at.names().defaults(), &start, &vary, &continuation::Options::default())?;
        let hopf = branch.first(EventKind::Hopf).expect("kappa is above one");
        nb.claim("critical tau_H over n", hopf.parameter, steep(n), Tol::Order { h: 1e-8, p: 1 })?;
        located.push(hopf.parameter);
    }
    let window = Panel::new(
        Axis::linear("steepness n", "").range(1.0, 6.2),
        Axis::log("critical τ_{H}/τ_{ρ}", "").range(0.1, 30.0),
    )
    .add(Line::of("1/(κ − 1)", (1.72, 6.2), 400, steep))
    .add(Points::new("located bifurcation", &exponents, &located))
    .add(Note::new("stable", 2.6, 0.25).ink(Ink::Stable))
    .add(Note::new("oscillates", 4.6, 5.0).ink(Ink::Unstable));
    let mut runs = Panel::new(Axis::linear("time", "s"), Axis::linear("r", "Hz").including(0.0));
    for (tau, name, ink) in [("0.4 s", "τ_{H} = 0.4 s", Ink::Stable), ("0.65 s", "τ_{H} = 0.65 s", Ink::Unstable)] {
        let at = two.clone().with("tau_H", tau)?;
        let from = [rest.at[0] * 1.1, rest.at[1]];
        let options = Integration { record: Record::Every(0.05), ..Integration::default() };
        let run = integrate(&at, &at.names().defaults(), &from, 60.0, &options)?;
        runs = runs.add(Line::new(name, &run.t, &run.column("r")?).ink(ink));
    }
    nb.figure(
        "two factors",
        Figure::row([runs.add(Rule::horizontal("r_{0}", r0)), window]).caption(
            "**a** Rate of a neuron with a two-factor weight, homeostasis a little faster and a little slower than critical. **b** The critical time constant diverges where the elasticity of the Hebbian factor falls to one.",
        ),
    )?;

    nb.verdict(
        Verdict::HoldsWhen("the Hebbian term vanishes at rest, or $\\gamma \\gg \\mu$".into()),
        "Scaling always tempers the drive and never changes relative weights. Its set point is missed by $\\mu\\lambda_1/\\gamma$ as long as Hebbian growth goes on; it is reached exactly with a weight of two factors, if homeostasis is faster than $\\tau_\\rho/(\\kappa - 1)$.",
    )
}
