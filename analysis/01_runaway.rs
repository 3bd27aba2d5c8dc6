//! # Does Hebbian plasticity alone explode or fall silent?
//!
//! What fires together wires together, and what is wired together fires more: a positive feedback.
//! The field says that without homeostasis activity runs away or dies, and that a saturating neuron is no cure.
//! We take four small models in which all of this can be solved, and ask how fast it happens.

use homeostat::notebook::prelude::*;

pub fn run(nb: &mut Notebook) -> Result<()> {
    // ## Growth along one direction
    //
    // A linear neuron $r = w \cdot x$ with Hebb's rule follows $\tau_w \dot w = C w$ with the correlations $C$ of its
    // inputs ($\mu = 1/\tau_w$).
    let hebb = model("feedforward+hebb")?.with("mu", "0.1 s")?;
    nb.model(&hebb)?;

    // The only fixed point is silence, and it is unstable: each eigenvector of $C$ grows with $\lambda_k/\tau_w$.
    let p = hebb.names().defaults();
    let silence = fixed_points(&hebb, &p, &Region::new([(-5.0, 5.0); 2])?, &Search::default())?;
    let only = silence.only()?;
    nb.claim_proven("silence is the only fixed point", silence.complete, "interval branch and bound over the box")?;
    nb.claim_proven(
        "silence is unstable",
        !only.is_stable() && only.stability_proven,
        "an eigenvalue over the enclosure has a positive real part",
    )?;

    let (c11, c12, c22) = (hebb["C_0_0"], hebb["C_0_1"], hebb["C_1_1"]);
    let (mean, split) = ((c11 + c22) / 2.0, ((c11 - c22) / 2.0).hypot(c12));
    let (lambda1, lambda2) = (mean + split, mean - split);
    let tau_w = 1.0 / hebb["mu"];
    let close = Tol::Order { h: 1e-9, p: 1 };
    nb.claim("larger eigenvalue of C", only.eigenvalues[0].0 * tau_w, lambda1, close)?;
    nb.claim("smaller eigenvalue of C", only.eigenvalues[1].0 * tau_w, lambda2, close)?;
    nb.claim("growth rate", only.eigenvalues[0].0, lambda1 / tau_w, close)?;

    // The doubling time is $\tau_w \ln 2/\lambda_1$, and all other directions are forgotten with the rate
    // $(\lambda_1 - \lambda_2)/\tau_w$.
    // Both are read off a simulation: once along the leading eigenvector, once from a start off it.
    let lead = [c12, lambda1 - c11];
    let length = |w: &[f64]| w[0].hypot(w[1]);
    let twice = 2.0 * length(&lead);
    let doubled = Watch::when("doubled", move |w, _| w[0].hypot(w[1]) - twice).stop();
    let run = integrate(&hebb, &p, &lead, 100.0, &Integration { watch: vec![doubled], ..Integration::default() })?;
    nb.claim("doubling time", run.end(), tau_w * 2f64.ln() / lambda1, Tol::Order { h: 1e-8, p: 1 })?;

    let free = integrate(
        &hebb,
        &p,
        &[-0.4, 1.0],
        40.0,
        &Integration { record: Record::Every(0.1), ..Integration::default() },
    )?;
    let off = |w: &[f64]| ((w[1] * lead[0] - w[0] * lead[1]) / (w[0] * lead[0] + w[1] * lead[1])).abs().ln();
    let (early, late) = (free.at(5.0)?, free.at(25.0)?);
    let forgetting = (off(&early) - off(&late)) / 20.0;
    nb.claim("direction rate", forgetting, (lambda1 - lambda2) / tau_w, Tol::Order { h: 1e-7, p: 1 })?;

    // ## A fixed threshold: silence or blow-up
    //
    // With a fixed threshold $\theta$ between depression and potentiation, $\tau_w \dot w = x r (r - \theta)$, the neuron
    // falls silent from below $\theta$ and diverges *in finite time* from above.
    let fixed = model("neuron+hebb_threshold")?.with("x", "1 Hz")?;
    nb.model(&fixed)?;
    let p = fixed.names().defaults();
    let both = fixed_points(&fixed, &p, &Region::new([(-0.5, 5.0)])?, &Search::default())?;
    nb.claim("fixed points with a fixed threshold", both.points.len() as f64, 2.0, Tol::Exact)?;
    nb.claim_proven("there are no others", both.complete, "interval branch and bound over the box")?;
    let (x, theta, tau_w) = (fixed["x"], fixed["theta"], fixed["tau_w"]);
    let speed = x * x * theta / tau_w;
    nb.claim("eigenvalue of silence", both.points[0].eigenvalues[0].0, -speed, close)?;
    nb.claim("eigenvalue of the separatrix", both.points[1].eigenvalues[0].0, speed, close)?;

    // From $r_0 > \theta$ the rate diverges at $t^* = \frac{\tau_w}{x^2\theta} \ln \frac{r_0}{r_0 - \theta}$; the
    // simulation finds the singularity by itself.
    let courses: Vec<_> = [0.3, 0.6, 0.9, 1.1, 1.5, 2.5]
        .iter()
        .map(|&w| integrate(&fixed, &p, &[w], 30.0, &Integration::default()))
        .collect::<Result<_>>()?;
    let Stop::BlowUp(end) = &courses[4].stopped else { panic!("the run from 1.5 θ must blow up") };
    nb.claim("time of the blow-up", end.t, (1.5f64 / 0.5).ln() / speed, Tol::Order { h: 1e-6, p: 1 })?;

    // From below, $r_0 = 0.6\,\theta$ is halved after $\frac{\tau_w}{x^2\theta} \ln \frac{2\theta - r_0}{\theta - r_0}$.
    let halved = Watch::crossing(fixed.names(), "w", 0.3)?.stop();
    let run = integrate(&fixed, &p, &[0.6], 50.0, &Integration { watch: vec![halved], ..Integration::default() })?;
    nb.claim("time to half the rate", run.end(), (1.4f64 / 0.4).ln() / speed, Tol::Order { h: 1e-8, p: 1 })?;

    let growth = figures::trajectory(&free, &["w_0", "w_1"])?.title("correlated inputs");
    let mut fate = Panel::new(Axis::linear("time", "s").range(0.0, 30.0), Axis::linear("r", "Hz").range(0.0, 6.0))
        .title("fixed threshold");
    for run in &courses {
        let up = run.x[0][0] > 1.0;
        let (name, ink) = if up { ("blows up", Ink::Unstable) } else { ("falls silent", Ink::Data) };
        fate = fate.add(Line::new(name, &run.t, &run.column("r")?).ink(ink));
    }
    fate = fate.add(Rule::horizontal("θ", theta));
    if let Stop::BlowUp(end) = &courses[4].stopped {
        fate = fate.add(Rule::vertical("t*", end.t).ink(Ink::Unstable));
    }
    nb.figure(
        "runaway",
        Figure::row([growth, fate]).caption(
            "**a** Weights from two correlated inputs: whatever the start, both end up growing along the leading eigenvector. **b** Rate with a fixed threshold from six starts; $t^*$ is the end of the solution that starts at $1.5\\,\\theta$.",
        ),
    )?;

    // ## The gain singularity of a recurrent network
    //
    // A recurrent population at rest has the rate $r = I/(1 - w)$.
    // Hebb's rule on $w$ takes it to the singularity $w = 1$ after $t^* = (1 - w_0)^3/(3 \mu I^2)$, and
    // $(1 - w)^3 = (1 - w_0)^3 - 3 \mu I^2 t$.
    let recurrent = model("steady_population+hebb")?.with("mu", "0.001 s")?.with("I", "1 Hz")?;
    nb.model(&recurrent)?;
    let p = recurrent.names().defaults();
    let (mu, input, w0) = (recurrent["mu"], recurrent["I"], 0.2f64);
    let run = integrate(&recurrent, &p, &[w0], 400.0, &Integration::default())?;
    let Stop::BlowUp(end) = &run.stopped else { panic!("a recurrent weight under Hebb's rule must blow up") };
    let t_end = (1.0 - w0).powi(3) / (3.0 * mu * input * input);
    nb.claim("time of the gain singularity", end.t, t_end, Tol::Order { h: 1e-6, p: 1 })?;
    let exact = |t: f64| input / ((1.0 - w0).powi(3) - 3.0 * mu * input * input * t).max(0.0).cbrt();
    let half = input / (1.0 - run.at(t_end / 2.0)?[0]);
    nb.claim("rate at half the time", half, exact(t_end / 2.0), Tol::Order { h: 1e-7, p: 1 })?;

    // ## Saturation bounds the rate, not the weight
    //
    // A neuron that saturates at $R$ with the same rule has one unstable weight
    // $w_s = \left(h + \tfrac{1}{\beta}\ln\tfrac{\theta}{R - \theta}\right)/x$ between growing and shrinking for ever.
    // Only a hard bound on the weight stops it: the neuron sits on its floor or its ceiling.
    let saturating =
        model("neuron+sigmoid_rate+hebb_threshold")?.with("x", "1 Hz")?.with("h", "2 Hz")?.with("theta", "4 Hz")?;
    nb.model(&saturating)?;
    let p = saturating.names().defaults();
    let (ceiling, beta, h, theta) = (saturating["R"], saturating["beta"], saturating["h"], saturating["theta"]);
    let middle = fixed_points(&saturating, &p, &Region::new([(-10.0, 10.0)])?, &Search::default())?;
    let separatrix = middle.only()?;
    let w_s = (h + (theta / (ceiling - theta)).ln() / beta) / x;
    nb.claim("separating weight", separatrix.enclosure[0], w_s, close)?;
    let slope = x * x * beta * theta * theta * (1.0 - theta / ceiling) / tau_w;
    nb.claim("eigenvalue there", separatrix.eigenvalues[0].0, slope, close)?;
    let mut rate = [0.0];
    saturating.rate(&[100.0], &p, &mut rate);
    nb.claim("growth when saturated", rate[0], x * ceiling * (ceiling - theta) / tau_w, close)?;

    let bounded = |start: f64| -> Result<_> {
        let bounds = vec![Bound::new(saturating.names(), "w", 0.0, 5.0)?];
        integrate(&saturating, &p, &[start], 40.0, &Integration { bounds, ..Integration::default() })
    };
    let (down, up) = (bounded(w_s - 0.01)?, bounded(w_s + 0.01)?);
    nb.claim("from just below to the floor", down.last()[0], 0.0, Tol::Exact)?;
    nb.claim("from just above to the ceiling", up.last()[0], 5.0, Tol::Exact)?;

    let gain = Panel::new(Axis::linear("time", "s"), Axis::log("r", "Hz").range(1.0, 100.0))
        .title("recurrent weight")
        .add(Line::of("(1 − w)^{3} falls linearly", (0.0, t_end * (1.0 - 1e-6)), 800, exact))
        .add(Line::new("simulation", &run.t, &run.column("r")?).ink(Ink::Unstable).dashed())
        .add(Rule::vertical("t*", t_end));
    let mut weight =
        Panel::new(Axis::linear("time", "s"), Axis::linear("w", "").range(0.0, 5.4)).title("saturating rate");
    for (run, name, ink) in [(&up, "to the ceiling", Ink::Unstable), (&down, "to the floor", Ink::Data)] {
        weight = weight.add(Line::new(name, &run.t, &run.column("w")?).ink(ink));
    }
    let tuning = Panel::new(Axis::linear("input x", "Hz"), Axis::linear("r", "Hz").including(0.0))
        .title("what is left of the response")
        .add(Line::of("before", (0.0, 3.0), 200, |x| ceiling / (1.0 + (-beta * (w_s * x - h)).exp())))
        .add(
            Line::of("ceiling", (0.0, 3.0), 200, |x| ceiling / (1.0 + (-beta * (5.0 * x - h)).exp()))
                .ink(Ink::Unstable),
        )
        .add(Line::of("floor", (0.0, 3.0), 200, |_| ceiling / (1.0 + (beta * h).exp())).ink(Ink::Data));
    nb.figure(
        "saturation",
        Figure::row([gain, weight.add(Rule::horizontal("w_{s}", w_s)), tuning]).caption(
            "**a** A recurrent weight under Hebb's rule reaches the gain singularity in finite time. **b** Weight of a saturating neuron between hard bounds, from starts just above and just below the separating weight $w_s$. **c** Its response to the input before, at the ceiling and at the floor.",
        ),
    )?;

    nb.verdict(
        Verdict::Holds,
        "In all four models there is no stable fixed point at work: weights grow exponentially along one direction, blow up in finite time, or fall silent. Saturation bounds the rate but leaves the weight to its bounds, and the neuron at its floor or ceiling no longer answers its input.",
    )
}
