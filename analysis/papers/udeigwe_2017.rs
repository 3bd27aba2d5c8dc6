//! # Udeigwe, Munro & Ermentrout (2017): the BCM rule with a threshold that is not fast
//!
//! *Emergent dynamical properties of the BCM learning rule*, Journal of Mathematical Neuroscience 7:2.
//! One neuron with two weights sees two stimuli with equal probability; the averaged equations are studied where the threshold
//! is about as slow as the weights.
//! We follow the selective fixed point in the ratio of the two times, for stimuli with any overlap.
//! The numbers wanted here are closed forms of the same equations; values that the paper prints only for its own examples
//! with other stimuli are not reproduced, because those were not at hand.

use homeostat::notebook::prelude::*;

pub fn run(nb: &mut Notebook) -> Result<()> {
    // ## Two stimuli with overlap c
    //
    // With $\tau = \tau_\theta/\tau_w$, strength one and target one, the selective fixed point answers one stimulus with
    // $2 y_0$ and the other not at all.
    let bcm = model("overlap+bcm")?.with("y0", "1 Hz")?.with("tau_w", "1 s")?.with("tau_theta", "0.5 s")?;
    nb.model(&bcm)?;
    let (y0, tau_w, g) = (bcm["y0"], bcm["tau_w"], bcm["g"]);
    let close = Tol::Order { h: 1e-9, p: 1 };
    // The answers (y, 0) fix the weights: w = (y, −y c/√(1 − c²)) in these coordinates.
    let selective = |c: f64| vec![2.0 * y0 / g.sqrt(), -2.0 * y0 / g.sqrt() * c / (1.0 - c * c).sqrt(), 2.0 * y0];
    let region = Region::named(bcm.names(), &[("w_0", (-4.0, 4.0)), ("w_1", (-4.0, 4.0)), ("theta", (0.3, 5.0))])?;
    let all = fixed_points(&bcm, &bcm.names().defaults(), &region, &Search::default())?;
    nb.claim("fixed points besides silence", all.points.len() as f64, 3.0, Tol::Exact)?;
    nb.claim("stable ones", all.stable().len() as f64, 2.0, Tol::Exact)?;
    nb.claim_proven("the list is complete", all.complete, "interval branch and bound over the whole box")?;
    let theta = bcm.names().variable("theta")?;
    for rest in all.stable() {
        nb.claim("threshold when selective", rest.enclosure[theta], 2.0 * y0, close)?;
    }

    // ## Where the threshold comes too late
    //
    // The characteristic polynomial is $s^3 + b s^2 + (2ab - a^2(1 - c^2)) s + a^2 b (1 - c^2)$ with $a = g y_0/\tau_w$ and
    // $b = 1/\tau_\theta$, so that a Hopf bifurcation lies at
    //
    // $$\frac{\tau_\theta}{\tau_w} = \frac{1}{g\,y_0\,(1 - c^2)}, \qquad \omega = \frac{g\,y_0}{\tau_w}\sqrt{1 - c^2}.$$
    //
    // Orthogonal stimuli give the ratio one; overlap *raises* it.
    let located = |c: f64| -> Result<continuation::Event> {
        let at = bcm.clone().with("c", &c.to_string())?;
        let vary = Vary::new(at.names().parameter("tau_theta")?, (0.3, 12.0));
        let options = continuation::Options { step_max: 0.01, ..continuation::Options::default() };
        let branch = follow(&at, &at.names().defaults(), &selective(c), &vary, &options)?;
        Ok(branch.first(EventKind::Hopf).expect("the threshold becomes too slow").clone())
    };
    let ratio = |c: f64| 1.0 / (g * y0 * (1.0 - c * c));
    let overlaps = [0.0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
    let (mut ratios, mut gentle) = (Vec::new(), Vec::new());
    for c in overlaps {
        let hopf = located(c)?;
        nb.claim("critical ratio over the overlap", hopf.parameter / tau_w, ratio(c), close)?;
        let omega = g * y0 / tau_w * (1.0 - c * c).sqrt();
        nb.claim("frequency over the overlap", hopf.omega.unwrap_or(f64::NAN), omega, close)?;
        ratios.push(hopf.parameter / tau_w);
        gentle.push(hopf.first_lyapunov.is_some_and(|l| l < 0.0));
    }
    nb.claim("orthogonal stimuli: the two times are equal", ratios[0], 1.0, close)?;
    nb.claim("critical ratio at c = 0.5", ratios[3], 1.33333333333, Tol::Printed(9))?;
    nb.claim_holds(
        "orthogonal stimuli: oscillations start small",
        gentle[0],
        "the first Lyapunov coefficient is negative",
    )?;

    // ## Beyond it
    //
    // For orthogonal stimuli the other answer stays silent and two variables are left, $v' = a v(v - h)$,
    // $\tau_\theta h' = v^2 - h$ in units of the threshold at rest; the cycle grows as
    // $2\sqrt{1 - \tau_w/(g y_0 \tau_\theta)}$.
    let orthogonal = bcm.clone().with("c", "0")?;
    let start = selective(0.0);
    let mut panel = Panel::new(Axis::linear("time", "s"), Axis::linear("answer to the stimulus", "Hz").including(0.0));
    for (tau, name, ink) in
        [("0.5 s", "ratio 0.5", Ink::Stable), ("1.02 s", "1.02", Ink::Data), ("1.2 s", "1.2", Ink::Unstable)]
    {
        let at = orthogonal.clone().with("tau_theta", tau)?;
        let mut from = start.clone();
        from[0] *= 1.1;
        let options = Integration { record: Record::Every(0.05), ..Integration::default() };
        let run = integrate(&at, &at.names().defaults(), &from, 400.0, &options)?;
        let answers: Vec<f64> = run.column("w_0")?.iter().map(|w| w * g.sqrt()).collect();
        if tau == "1.02 s" {
            let late = &answers[answers.len() / 2..];
            let (low, high) = late.iter().fold((f64::MAX, f64::MIN), |(a, b), v| (a.min(*v), b.max(*v)));
            let amplitude = 2.0 * y0 * 2.0 * (1.0 - 1.0 / 1.02f64).sqrt();
            // Leading order in the distance: 2 % at this ratio.
            nb.claim("amplitude of the cycle", 0.5 * (high - low), amplitude, Tol::Order { h: 0.02, p: 1 })?;
        }
        panel = panel.add(Line::new(name, &run.t[..1200], &answers[..1200]).ink(ink));
    }
    let diagram = Panel::new(Axis::linear("overlap c", ""), Axis::linear("critical τ_{θ}/τ_{w}", "").including(0.0))
        .add(Line::of("theory", (0.0, 0.92), 200, ratio))
        .add(Points::new("located bifurcation", &overlaps, &ratios))
        .add(Note::new("oscillates", 0.3, 4.0).ink(Ink::Unstable))
        .add(Note::new("selective", 0.8, 0.8).ink(Ink::Stable));
    nb.figure(
        "ratio",
        Figure::row([diagram, panel]).caption(
            "**a** The largest stable ratio of the time of the threshold to that of the weights. **b** The answer to the stimulus that was selected, for orthogonal stimuli.",
        ),
    )?;
    nb.verdict(
        Verdict::HoldsWhen("$\\tau_\\theta/\\tau_w < 1/(g y_0 (1 - c^2))$".into()),
        "The paper's claim is confirmed: selectivity is lost in a Hopf bifurcation when the homeostatic time comes near that of the weights, at equality for orthogonal stimuli, and later for overlapping ones. Its numbers for three stimuli and for networks were not at hand.",
    )
}
