//! # What does homeostasis do to the landscape of attractors?
//!
//! Memories are held by activity, in one of two states.
//! The field says that homeostasis favours stable attractor landscapes.
//! But scaling the weights of an attractor changes its depth, and a controller of the rate may forbid the very state it is
//! asked to hold.
//! We ask how much scaling an attractor survives, and which set points can be held at all.

use homeostat::coding::dynamics_of_codes::{BistableUnit, escape_time, kramers_time};
use homeostat::notebook::prelude::*;
use homeostat::num::Stream;

pub fn run(nb: &mut Notebook) -> Result<()> {
    bistability(nb)?;
    escape(nb)?;
    nb.verdict(
        Verdict::HoldsWhen("$w\\,r^*(1 - r^*) < s$; a set point between the two states of a bistable population cannot be held".into()),
        "Homeostasis by scaling does not favour attractors, it flattens them: a quarter less weight leaves 39 % of the \
         width of bistability, less than half of the barrier and a lifetime that is 42 times shorter, and below $w = 4s$ \
         there is one state. Integral control of the rate turns bistability into slow oscillations between both states.",
    )
}

// ## Two states
//
// A population that excites itself, $\tau\dot r = -r + \sigma((w r + I - h)/s)$, has two stable rates for
//
// $$w > 4s, \qquad r_\pm = \tfrac12(1 \pm q), \quad q = \sqrt{1 - 4s/w}, \qquad
//   \Delta I = w q - 2s\ln\frac{1+q}{1-q} .$$

/// The catalogue's population with a sigmoid whose largest rate is 1.
fn population(w: f64) -> Result<Model> {
    let mut m = model("population+sigmoid_rate")?;
    m.set_all(&[("R", "1 Hz"), ("beta", "1 s"), ("tau_m", "10 ms"), ("I", "-8 Hz"), ("w", &format!("{w:?}"))])?;
    Ok(m)
}

fn bistability(nb: &mut Notebook) -> Result<()> {
    let circuit = population(8.0)?;
    nb.model(&circuit)?;
    let unit = BistableUnit { weight: 8.0, threshold: 0.0, softness: 1.0 };
    let close = Tol::Order { h: 1e-8, p: 1 };

    // Followed in its input, the branch turns at two folds.
    let folds = |w: f64| -> Result<Vec<(f64, f64)>> {
        let at = population(w)?;
        let p = at.names().defaults();
        let low = fixed_points(&at, &p, &Region::new([(0.0, 0.2)])?, &Search::default())?;
        let vary = Vary::new(at.names().parameter("I")?, (-9.0, 1.0));
        let branch = follow(&at, &p, &low.only()?.at, &vary, &continuation::Options::default())?;
        Ok(branch.events.iter().filter(|e| e.kind == EventKind::Fold).map(|e| (e.parameter, e.at[0])).collect())
    };
    let located = folds(8.0)?;
    let (low, high) = unit.range()?.expect("8 > 4");
    let (r_low, r_high) = unit.folds()?.expect("8 > 4");
    nb.claim("folds of the branch", located.len() as f64, 2.0, Tol::Exact)?;
    nb.claim("where it is lost upwards", located[0].0, high, close)?;
    nb.claim("where it is lost downwards", located[1].0, low, close)?;
    nb.claim("rate at the upper input", located[0].1, r_low, Tol::Order { h: 1e-5, p: 1 })?;
    nb.claim("rate at the lower input", located[1].1, r_high, Tol::Order { h: 1e-5, p: 1 })?;
    nb.claim("lower rate at a fold, printed", r_low, 0.1464466094, Tol::Printed(10))?;
    nb.claim("width of bistability, printed", unit.width()?, 2.131359901, Tol::Printed(10))?;

    // In the middle both states are equally deep; all three fixed points, proven:
    let middle = circuit.clone().with("I", "-4 Hz")?;
    let found = fixed_points(&middle, &middle.names().defaults(), &Region::new([(-0.5, 1.5)])?, &Search::default())?;
    nb.claim_proven(
        "three fixed points, two stable",
        found.complete && found.points.len() == 3 && found.stable().len() == 2,
        "interval branch and bound over the box",
    )?;
    let mut rates: Vec<f64> = found.points.iter().map(|f| f.at[0]).collect();
    rates.sort_by(f64::total_cmp);
    for (r, closed) in rates.iter().zip(unit.fixed_points(-4.0)?) {
        nb.claim("fixed points at the centre", *r, closed, close)?;
    }
    nb.claim("the high rate, printed", rates[2], 0.978752012, Tol::Printed(9))?;
    nb.claim("the barrier, printed", unit.barriers(-4.0)?.0, 0.04081548593, Tol::Printed(10))?;
    // The potential's slope is the rate of change with its sign turned.
    for r in [0.1, 0.4, 0.8] {
        let h = 1e-6;
        let slope = (unit.potential(r + h, -4.0) - unit.potential(r - h, -4.0)) / (2.0 * h);
        let mut dr = [0.0];
        middle.rate(&[r], &middle.names().defaults(), &mut dr);
        nb.claim("slope of the potential", -slope, dr[0] * middle["tau_m"], Tol::Order { h: 1e-6, p: 1 })?;
    }

    // Scaling the weights narrows the range and lowers the barrier, until nothing is left at $w = 4s$.
    for (factor, width, barrier) in
        [(0.9, 1.581124175, 0.03291648422), (0.75, 0.8301858213, 0.01919902815), (0.6, 0.2255623412, f64::NAN)]
    {
        let scaled = unit.scaled(factor);
        nb.claim("width after scaling", scaled.width()?, width, Tol::Printed(10))?;
        let located = folds(8.0 * factor)?;
        nb.claim(
            "width of the branch after scaling",
            located[0].0 - located[1].0,
            width,
            Tol::Order { h: 1e-7, p: 1 },
        )?;
        if barrier.is_finite() {
            nb.claim("barrier after scaling", scaled.barriers(scaled.centre())?.0, barrier, Tol::Printed(10))?;
        }
    }
    nb.claim("width at half the weight", unit.scaled(0.5).width()?, 0.0, Tol::Exact)?;
    nb.claim("folds of the branch at half the weight", folds(4.0)?.len() as f64, 0.0, Tol::Exact)?;

    // ### A controller of the rate
    //
    // A threshold that integrates the error, $\tau_\theta\dot h = r - r^*$, is stable only while
    // $w\,r^*(1 - r^*) < s$: it can hold only set points at which the population alone would be stable. Beyond, at
    //
    // $$w_c = \frac{s}{r^*(1 - r^*)}, \qquad \omega = \sqrt{\frac{r^*(1 - r^*)}{s\,\tau\,\tau_\theta}},$$
    //
    // it makes the population wander between its two states.
    let mut held = model("population+sigmoid_rate+intrinsic")?;
    held.set_all(&[
        ("R", "1 Hz"),
        ("beta", "1 s"),
        ("tau_m", "10 ms"),
        ("tau_theta", "10 s"),
        ("r0", "0.2 Hz"),
        ("I", "0 Hz"),
        ("w", "4"),
    ])?;
    nb.model(&held)?;
    let (tau, tau_theta) = (held["tau_m"], held["tau_theta"]);
    let mut critical = (Vec::new(), Vec::new());
    for set_point in [0.1f64, 0.2, 0.35, 0.5, 0.7] {
        let at = held.clone().with("r0", &format!("{set_point} Hz"))?.with("w", "2")?;
        // At rest the drive gives the set point: h = w r* + I − ln(r*/(1 − r*)).
        let h = 2.0 * set_point - (set_point / (1.0 - set_point)).ln();
        let vary = Vary::new(at.names().parameter("w")?, (1.0, 14.0));
        let branch = follow(&at, &at.names().defaults(), &[set_point, h], &vary, &continuation::Options::default())?;
        let hopf = branch.first(EventKind::Hopf).expect("the set point cannot be held at large weights");
        nb.claim("largest weight that is held", hopf.parameter, unit.largest_held_weight(set_point)?, close)?;
        let omega = unit.homeostatic_frequency(set_point, tau, tau_theta)?;
        nb.claim("frequency where it is lost", hopf.omega.unwrap_or(f64::NAN), omega, Tol::Order { h: 1e-7, p: 1 })?;
        critical.0.push(set_point);
        critical.1.push(hopf.parameter);
    }
    nb.claim("largest weight at r* = 0.2", unit.largest_held_weight(0.2)?, 6.25, Tol::Rounding(8))?;
    nb.claim("frequency at r* = 0.2", unit.homeostatic_frequency(0.2, 0.01, 10.0)?, 1.264911064, Tol::Printed(10))?;

    // At $w = 8$ the set point 0.2 lies on the branch between the folds: the controller sweeps the threshold to and fro
    // and the rate jumps. The mean rate is the set point all the same: the controller is content, the code is gone.
    let swept = held.clone().with("w", "8")?;
    let options = Integration { record: Record::Every(0.05), ..Integration::default() };
    let run = integrate(&swept, &swept.names().defaults(), &[0.2, 3.0], 1000.0, &options)?;
    let rate = run.column("r")?;
    let jumps: Vec<usize> = (1..rate.len()).filter(|&k| rate[k - 1] < 0.5 && rate[k] >= 0.5).collect();
    let (first, last) = (jumps[0], jumps[jumps.len() - 1]);
    let swings = &rate[first..last];
    let mean = swings.iter().sum::<f64>() / swings.len() as f64;
    nb.claim("mean rate over whole swings", mean, 0.2, Tol::Order { h: 0.01, p: 1 })?;
    let away = swings.iter().filter(|r| (0.15..0.85).contains(*r)).count() as f64 / swings.len() as f64;
    nb.claim_holds(
        "the rate is nearly never between its two states",
        away < 0.05,
        format!("{:.2} % of the time between 0.15 and 0.85 Hz", 100.0 * away),
    )?;

    let mut diagram =
        Panel::new(Axis::linear("input I", "Hz").range(-7.0, -1.0), Axis::linear("r", "Hz").range(0.0, 1.0));
    for (k, factor) in [1.0, 0.75, 0.5].into_iter().enumerate() {
        let unit = unit.scaled(factor);
        let r: Vec<f64> = (1..400).map(|k| f64::from(k) / 400.0).collect();
        let inputs: Vec<f64> = r.iter().map(|&r| unit.input_at(r).unwrap_or(f64::NAN)).collect();
        diagram = diagram.add(Line::new(&format!("w = {}", 8.0 * factor), &inputs, &r).ink(Ink::Hue(k)));
    }
    let (i, r): (Vec<f64>, Vec<f64>) = located.iter().copied().unzip();
    diagram = diagram.add(Points::new("located folds", &i, &r).ink(Ink::Theory).size(1.0));
    let hold =
        Panel::new(Axis::linear("set point r^{*}", "Hz").range(0.0, 1.0), Axis::linear("w", "").range(0.0, 14.0))
            .add(Line::of("largest held weight", (0.06, 0.94), 200, |r| 1.0 / (r * (1.0 - r))))
            .add(Points::new("located bifurcation", &critical.0, &critical.1).size(1.0))
            .add(Rule::horizontal("4s", 4.0))
            .add(Note::new("held", 0.5, 2.2).ink(Ink::Stable))
            .add(Note::new("swings", 0.5, 8.0).ink(Ink::Unstable));
    let from = run.t.iter().position(|t| *t >= 500.0).unwrap_or(0);
    let sweep = Panel::new(Axis::linear("time", "s"), Axis::linear("r", "Hz"))
        .title("w = 8, r^{*} = 0.2 Hz")
        .add(Line::new("", &run.t[from..], &rate[from..]).ink(Ink::Data))
        .add(Rule::horizontal("r^{*}", 0.2));
    nb.figure(
        "bistability",
        Figure::row([diagram, hold, sweep]).caption(
            "**a** Rate over input for three scalings of the weight. **b** Which weights an integral controller of the threshold can hold. **c** Beyond, it drives the population to and fro.",
        ),
    )
}

// ## How long does a state last?
//
// Noise of diffusion $D$ takes the rate over the barrier, $\mathrm dr = -V'(r)\,\mathrm dt + \sqrt{2D}\,\mathrm dW$ in units
// of $\tau$. The mean time is a double integral; for high barriers Kramers' formula.

fn escape(nb: &mut Notebook) -> Result<()> {
    let double_well = |x: f64| x.powi(4) / 4.0 - x * x / 2.0;
    let time = |to: f64, d: f64| escape_time(double_well, f64::NEG_INFINITY, -1.0, to, d).map(|i| i.value);
    nb.claim("double well, D = 0.05", time(1.0, 0.05)?, 729.6707, Tol::Printed(7))?;
    nb.claim("to the top only", time(0.0, 0.05)?, 361.9038, Tol::Printed(7))?;
    nb.claim("double well, D = 0.1", time(1.0, 0.1)?, 66.26863, Tol::Printed(7))?;
    // Kramers' formula is the limit: its error falls in proportion to D.
    let error = |d: f64| -> Result<f64> { Ok(time(1.0, d)? / kramers_time(2.0, -1.0, 0.25, d)? - 1.0) };
    nb.claim("error of Kramers' formula over D", error(0.01)? / error(0.02)?, 0.5, Tol::Order { h: 0.1, p: 1 })?;

    let unit = BistableUnit { weight: 8.0, threshold: 0.0, softness: 1.0 };
    let life = |unit: &BistableUnit, d: f64| -> Result<f64> {
        let input = unit.centre();
        let at = unit.fixed_points(input)?;
        Ok(escape_time(|r| unit.potential(r, input), f64::NEG_INFINITY, at[0], at[2], d)?.value)
    };
    nb.claim("lifetime of a state", life(&unit, 0.005)?, 25644.9, Tol::Printed(6))?;
    nb.claim("after scaling by 0.9", life(&unit.scaled(0.9), 0.005)?, 6264.108, Tol::Printed(7))?;
    nb.claim("after scaling by 0.75", life(&unit.scaled(0.75), 0.005)?, 613.667, Tol::Printed(6))?;
    let at = unit.fixed_points(-4.0)?;
    let curvature = |r: f64| unit.curvature(r, -4.0);
    let kramers = kramers_time(curvature(at[0]), curvature(at[1]), unit.barriers(-4.0)?.0, 0.005)?;
    nb.claim("lifetime after Kramers", kramers, 24148.04, Tol::Printed(7))?;
    nb.claim(
        "what a quarter less weight costs",
        life(&unit, 0.005)? / life(&unit.scaled(0.75), 0.005)?,
        41.8,
        Tol::Printed(3),
    )?;

    // Played with the composed population: its own rate of change, noise added step by step, until the other state is
    // reached. The first passage of a discrete path is found late by half a step's noise, which we correct by moving the
    // goal (Siegmund's correction, 0.5826 of a step's standard deviation).
    let (d, dt, members) = (0.01, 0.04f64, 250usize);
    let mut played = (Vec::new(), Vec::new(), Vec::new());
    for (cell, factor) in [0.65, 0.75, 0.85].into_iter().enumerate() {
        let scaled = unit.scaled(factor);
        let circuit = population(8.0 * factor)?.with("I", &format!("{:?} Hz", scaled.centre()))?;
        let (p, tau) = (circuit.names().defaults(), circuit["tau_m"]);
        let at = scaled.fixed_points(scaled.centre())?;
        let step = (2.0 * d * dt).sqrt();
        let goal = at[2] - 0.5826 * step;
        let mut times = Vec::with_capacity(members);
        for member in 0..members as u64 {
            let mut draws = Stream::new(26, &[cell as u64, member]);
            let (mut r, mut t, mut dr) = (at[0], 0.0, [0.0]);
            while r < goal {
                circuit.rate(&[r], &p, &mut dr);
                r += dr[0] * tau * dt + step * draws.normal();
                t += dt;
            }
            times.push(t);
        }
        let mean = times.iter().sum::<f64>() / members as f64;
        let sd = (times.iter().map(|t| (t - mean).powi(2)).sum::<f64>() / (members - 1) as f64).sqrt();
        let se = sd / (members as f64).sqrt();
        nb.claim(
            "lifetime of a state, played",
            mean,
            life(&scaled, d)?,
            Tol::Sampling { se, n: members, sigmas: 5.0 },
        )?;
        // Escapes over a high barrier are as random as decay: their standard deviation is their mean.
        nb.claim_holds(
            "escapes are nearly memoryless",
            (0.7..1.2).contains(&(sd / mean)),
            format!("SD over mean {:.2}", sd / mean),
        )?;
        played.0.push(factor);
        played.1.push(mean);
        played.2.push(2.0 * se);
    }
    let factors: Vec<f64> = (0..=22).map(|k| 0.56 + 0.02 * f64::from(k)).collect();
    let lives = |d: f64| factors.iter().map(|f| life(&unit.scaled(*f), d)).collect::<Result<Vec<f64>>>();
    let mut panel = Panel::new(Axis::linear("scaling factor of the weight", ""), Axis::log("lifetime / τ", ""));
    for (k, d) in [0.005, 0.01, 0.02].into_iter().enumerate() {
        panel = panel.add(Line::new(&format!("D = {d}"), &factors, &lives(d)?).ink(Ink::Hue(k)));
    }
    panel =
        panel.add(Points::new("played, D = 0.01", &played.0, &played.1).error(&played.2).ink(Ink::Theory).size(1.0));
    let valleys = [1.0, 0.75, 0.6].into_iter().enumerate().fold(
        Panel::new(Axis::linear("r", "Hz"), Axis::linear("V(r) − V(½)", "")),
        |panel, (k, factor)| {
            let unit = unit.scaled(factor);
            let v = move |r: f64| unit.potential(r, unit.centre()) - unit.potential(0.5, unit.centre());
            panel.add(Line::of(&format!("w = {}", 8.0 * factor), (-0.1, 1.1), 120, v).ink(Ink::Hue(k)))
        },
    );
    nb.figure(
        "escape",
        Figure::row([valleys, panel]).caption(
            "**a** The potential at the centre of the bistable range for three weights. **b** Mean time until noise takes the population from the low to the high state; points: the composed population, played 250 times.",
        ),
    )
}
