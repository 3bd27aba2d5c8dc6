//! # How slowly may the BCM threshold slide?
//!
//! Hebbian growth needs something that holds it.
//! In the rule of Bienenstock, Cooper and Munro that is a threshold $\theta$ between depression and potentiation, which
//! follows the recent squared rate.
//! The field says: a threshold that follows activity makes a neuron selective.
//! We ask how many answers the rule allows, which of them last, and when the threshold comes too late.

use homeostat::notebook::prelude::*;

pub fn run(nb: &mut Notebook) -> Result<()> {
    // ## Orthogonal patterns
    //
    // A neuron sees $S = 4$ orthogonal patterns with equal probability and answers pattern $s$ with the rate $r_s$.
    // The threshold follows the mean of $r_s^2/y_0$ within $\tau_\theta$.
    let bcm = model("patterns+bcm")?.with("y0", "1 Hz")?.with("tau_w", "10 s")?.with("tau_theta", "5 s")?;
    nb.model(&bcm)?;

    // The weights are as many as the patterns, so a fixed point is a choice of patterns that are answered.
    // With $m$ of them every answer is $\theta = S y_0/m$, the others are silent: $2^S - 1$ choices, besides silence.
    // All are found and proven unique in the box, and nothing else is there.
    let p = bcm.names().defaults();
    let (patterns, y0, tau_w) = (bcm.get("S")?, bcm["y0"], bcm["tau_w"]);
    let mut region = vec![(-1.0, 5.0); 4];
    region.push((0.5, 5.0));
    let all = fixed_points(&bcm, &p, &Region::new(region)?, &Search::default())?;
    nb.claim("fixed points besides silence", all.points.len() as f64, 2f64.powf(patterns) - 1.0, Tol::Exact)?;
    nb.claim_proven("the list is complete", all.complete, "interval branch and bound over the whole box")?;

    // Silence is one more: every rate of change vanishes there.
    let mut still = vec![1.0; 5];
    bcm.rate(&[0.0; 5], &p, &mut still);
    nb.claim_holds("silence is a fixed point", still.iter().all(|d| *d == 0.0), "all rates of change are exactly 0")?;

    // Of the fifteen, four are stable, one for each pattern: the neuron has to choose.
    let stable = all.stable();
    nb.claim("stable fixed points", stable.len() as f64, patterns, Tol::Exact)?;
    nb.claim_proven(
        "stability is proven at each",
        all.points.iter().all(|f| f.stability_proven),
        "the spectrum over each enclosure lies on one side",
    )?;
    let selective = stable.into_iter().find(|f| f["w_0"] > 1.0).expect("one of the four answers pattern 0");
    nb.claim("threshold when selective", selective.enclosure[4], patterns * y0, Tol::Order { h: 1e-9, p: 1 })?;

    // ## When does the threshold come too late?
    //
    // Around the selective point $(r, \theta)$ has trace $a - 1/\tau_\theta$ and determinant $a/\tau_\theta$ with
    // $a = g y_0/\tau_w$, where $g = |x|^2$.
    // So there is a pair of eigenvalues that crosses the imaginary axis at
    //
    // $$\tau_c = \frac{\tau_w}{g\,y_0}, \qquad \omega_c = \frac{g\,y_0}{\tau_w},$$
    //
    // whatever the number of patterns.
    let a = y0 / tau_w;
    let b = 1.0 / bcm["tau_theta"];
    let (re, im) = selective.eigenvalues[0];
    nb.claim("growth rate at tau_theta = 5 s", re, (a - b) / 2.0, Tol::Order { h: 1e-9, p: 1 })?;
    nb.claim(
        "frequency at tau_theta = 5 s",
        im.abs(),
        (a * b - (a - b).powi(2) / 4.0).sqrt(),
        Tol::Order { h: 1e-9, p: 1 },
    )?;
    let pair = all.points.iter().find(|f| f["w_0"] > 1.0 && f["w_1"] > 1.0 && f["theta"] > 1.9 && f["theta"] < 2.1);
    let pair = pair.expect("two answered patterns are one of the choices");
    nb.claim("growth rate with two patterns", pair.eigenvalues[0].0, a / 2.0, Tol::Order { h: 1e-9, p: 1 })?;

    // We follow the selective point in $\tau_\theta$ and locate the bifurcation.
    let vary = Vary::new(bcm.names().parameter("tau_theta")?, (1.0, 20.0));
    let branch = follow(&bcm, &p, &selective.at, &vary, &continuation::Options::default())?;
    let hopf = branch.first(EventKind::Hopf).expect("the trace changes sign");
    nb.claim("critical tau_theta", hopf.parameter, tau_w / y0, Tol::Order { h: 1e-9, p: 1 })?;
    nb.claim("frequency at the bifurcation", hopf.omega.unwrap_or(f64::NAN), a, Tol::Order { h: 1e-9, p: 1 })?;
    let period = std::f64::consts::TAU / hopf.omega.unwrap_or(f64::NAN);
    nb.claim("period at the bifurcation", period, std::f64::consts::TAU / a, Tol::Order { h: 1e-9, p: 1 })?;
    nb.claim_holds(
        "the bifurcation is supercritical",
        hopf.first_lyapunov.is_some_and(|l| l < 0.0),
        "the first Lyapunov coefficient is negative",
    )?;

    // Between $\tau_\theta = (3 - 2\sqrt 2)/a$ and $(3 + 2\sqrt 2)/a$ the pair is complex, so that already on the stable
    // side the approach rings.
    let rings = |tau: f64| -> Result<bool> {
        // The pair belongs to the answered pattern (0) and the threshold (4); the others are silent and decouple.
        let at = bcm.clone().with("tau_theta", &format!("{tau} s"))?;
        let j = at.jacobian(&selective.at, &at.names().defaults());
        Ok((j[(0, 0)] - j[(4, 4)]).powi(2) + 4.0 * j[(0, 4)] * j[(4, 0)] < 0.0)
    };
    let edge = |mut quiet: f64, mut ringing: f64| -> Result<f64> {
        for _ in 0..60 {
            let middle = 0.5 * (quiet + ringing);
            if rings(middle)? { ringing = middle } else { quiet = middle }
        }
        Ok(0.5 * (quiet + ringing))
    };
    let root = 2.0 * 2f64.sqrt();
    nb.claim("ringing begins", edge(0.5, 5.0)?, (3.0 - root) / a, Tol::Order { h: 1e-6, p: 1 })?;
    nb.claim("ringing ends", edge(90.0, 30.0)?, (3.0 + root) / a, Tol::Order { h: 1e-6, p: 1 })?;

    // ## Beyond the bifurcation
    //
    // Its cycles are followed from there by collocation.
    // Near it their half-amplitude is $2\theta\sqrt{1 - \tau_c/\tau_\theta}$ to leading order, which we check at 2 %
    // beyond.
    let near = Vary::new(bcm.names().parameter("tau_theta")?, (1.0, 10.2));
    let options = CycleOptions::default();
    let cycles = cycles::from_hopf(&bcm, &p, hopf, &near, &options)?;
    let last = cycles.points.last().expect("the branch reaches 2 % beyond");
    let excess = 1.0 - hopf.parameter / last.parameter;
    nb.claim("parameter of the checked cycle", last.parameter, 1.02 * tau_w / y0, Tol::Order { h: 1e-9, p: 1 })?;
    let swing = (last.extremes[0].1 - last.extremes[0].0) / 2.0;
    nb.claim("half-amplitude 2 % beyond", swing, 2.0 * patterns * y0 * excess.sqrt(), Tol::Order { h: 0.02, p: 1 })?;

    // The same by simulation: below the critical time constant the answer settles, above it bursts and falls silent.
    let course = |tau: &str, until: f64| -> Result<_> {
        let at = bcm.clone().with("tau_theta", tau)?;
        let start = [1.2, 0.9, 0.8, 0.7, 1.0];
        let options = Integration { record: Record::Every(until / 1200.0), ..Integration::default() };
        integrate(&at, &at.names().defaults(), &start, until, &options)
    };
    let (settles, bursts) = (course("5 s", 300.0)?, course("20 s", 600.0)?);
    nb.claim("answer after 300 s", settles.last()[0], patterns * y0, Tol::Order { h: 1e-5, p: 1 })?;
    let draw = |run, title: &str| -> Result<Panel> {
        Ok(figures::trajectory(run, &["w_0", "w_1", "w_2", "w_3"])?.title(title).add(Rule::horizontal("S y_{0}", 4.0)))
    };
    nb.figure(
        "courses",
        Figure::row([draw(&settles, "τ_{θ} = 5 s")?, draw(&bursts, "τ_{θ} = 20 s")?])
            .caption("Answers to the four patterns (patterns of unit strength, so that $r_s = w_s$). **a** The threshold is fast: one pattern wins and its answer settles. **b** It is slow: the winner bursts and falls silent."),
    )?;

    // ## Overlapping patterns
    //
    // Two patterns with overlap $c$ share input.
    // Then the critical ratio is *larger*, $\tau_c/\tau_w = 1/(g y_0 (1 - c^2))$, and the frequency lower,
    // $\omega_c = (g y_0/\tau_w)\sqrt{1 - c^2}$.
    let overlap = model("overlap+bcm")?.with("y0", "1 Hz")?.with("tau_w", "10 s")?.with("tau_theta", "5 s")?;
    let critical = |c: f64| -> Result<_> {
        let at = overlap.clone().with("c", &format!("{c}"))?;
        // Pattern 0 is answered by 2 y0, pattern 1 not at all.
        let start = [2.0, -2.0 * c / (1.0 - c * c).sqrt(), 2.0];
        let vary = Vary::new(at.names().parameter("tau_theta")?, (2.0, 60.0));
        let branch = follow(&at, &at.names().defaults(), &start, &vary, &continuation::Options::default())?;
        Ok(branch.first(EventKind::Hopf).expect("stability is lost within the range").clone())
    };
    let half = critical(0.5)?;
    nb.claim("critical tau_theta at c = 0.5", half.parameter, tau_w / 0.75, Tol::Order { h: 1e-9, p: 1 })?;
    nb.claim("critical ratio at c = 0.5", half.parameter / tau_w, 1.0 / 0.75, Tol::Order { h: 1e-9, p: 1 })?;
    nb.claim("frequency at c = 0.5", half.omega.unwrap_or(f64::NAN), a * 0.75f64.sqrt(), Tol::Order { h: 1e-9, p: 1 })?;
    nb.claim("threshold at c = 0.5", half.at[2], 2.0 * y0, Tol::Order { h: 1e-9, p: 1 })?;

    let overlaps = [-0.85, -0.6, -0.3, 0.0, 0.3, 0.6, 0.85];
    let found: Vec<f64> = overlaps.iter().map(|&c| critical(c).map(|h| h.parameter / tau_w)).collect::<Result<_>>()?;
    let law = |c: f64| 1.0 / (1.0 - c * c);
    for (c, ratio) in overlaps.iter().zip(&found) {
        nb.claim("critical ratio over the overlaps", *ratio, law(*c), Tol::Order { h: 1e-8, p: 1 })?;
    }

    // Left, the whole diagram for orthogonal patterns; right, how far overlap moves the critical time constant.
    let far = Vary::new(bcm.names().parameter("tau_theta")?, (1.0, 14.0));
    let wide = cycles::from_hopf(&bcm, &p, hopf, &far, &CycleOptions::default())?;
    let at: Vec<f64> = wide.points.iter().map(|c| c.parameter).collect();
    let low: Vec<f64> = wide.points.iter().map(|c| c.extremes[0].0).collect();
    let high: Vec<f64> = wide.points.iter().map(|c| c.extremes[0].1).collect();
    let diagram = figures::branch(&branch, "w_0")?
        .add(Line::new("cycle, smallest and largest", &at, &low).ink(Ink::Data))
        .add(Line::new("cycle, smallest and largest", &at, &high).ink(Ink::Data));
    let curve = Panel::new(Axis::linear("overlap c", ""), Axis::linear("critical τ_{θ}/τ_{w}", "").range(0.0, 4.0))
        .add(Line::of("1/(1 − c^{2})", (-0.88, 0.88), 200, law))
        .add(Points::new("located bifurcation", &overlaps, &found))
        .add(Note::new("stable", 0.0, 0.45).ink(Ink::Stable))
        .add(Note::new("oscillates", 0.0, 2.4).ink(Ink::Unstable));
    nb.figure(
        "critical",
        Figure::row([diagram, curve]).caption(
            "**a** The answer to the preferred pattern over $\\tau_\\theta$: stable, then a cycle that grows from the Hopf bifurcation. **b** Overlap of the patterns raises the critical ratio.",
        ),
    )?;

    // ## Proven for whole ranges of parameters
    //
    // On one linear synapse the condition is $\tau_\theta < \tau_w w^{*2}$ with $w^* = y_0/x$.
    // Interval arithmetic proves existence, uniqueness and stability for *every* parameter in a cell at once; what it
    // cannot decide is a band around the border, and cells that are coarse against small $\tau_\theta$ and $y_0$.
    let synapse = model("neuron+bcm")?;
    nb.model(&synapse)?;
    let (slow, x) = (synapse["tau_w"], synapse["x"]);
    let border = |y0: f64| slow * (y0 / x).powi(2);
    let names = synapse.names();
    let over = [(names.parameter("tau_theta")?, (5.0, 150.0)), (names.parameter("y0")?, (2.0, 8.0))];
    let active = Region::named(names, &[("w", (0.1, 2.5)), ("theta", (0.5, 12.0))])?;
    let effort = MapOptions { narrowest: 1.0 / 64.0, ..MapOptions::default() };
    let map = stability_map(&synapse, &names.defaults(), &over, &active, &effort)?;
    let agrees = |cell: &MapCell| {
        let ((fast, slow), (low, high)) = (cell.ranges[0], cell.ranges[1]);
        match cell.verdict {
            MapVerdict::Stable => slow <= border(low),
            MapVerdict::Unstable => fast >= border(high),
            MapVerdict::Undecided => true,
            _ => false,
        }
    };
    nb.claim_proven(
        "every proven cell agrees with the closed form",
        map.cells.iter().all(agrees),
        "stable cells lie below the border, unstable ones above, and nothing else is proven",
    )?;
    let decided = 100.0 * (map.share("stable") + map.share("unstable"));
    nb.text(format!("{decided:.0} % of the box of parameters are decided at this cell size."));
    let edge: Vec<f64> = (0..=200).map(|k| 2.0 + 6.0 * f64::from(k) / 200.0).collect();
    let at: Vec<f64> = edge.iter().map(|&y| border(y)).collect();
    nb.figure(
        "proven",
        Figure::single(figures::stability_panel(&map).add(Line::new("theory", &at, &edge))).height(70.0).caption(
            "Certified map of the fixed point at work: in every green and every hatched cell its existence, uniqueness and (in)stability are proven for all parameters of the cell. The line is $\\tau_\\theta = \\tau_w (y_0/x)^2$.",
        ),
    )?;

    nb.verdict(
        Verdict::HoldsWhen("$\\tau_\\theta < \\tau_w/(g\\,y_0\\,(1 - c^2))$".into()),
        "A sliding threshold makes the neuron choose one pattern, and only such choices are stable. They last if the threshold slides faster than the weights grow; otherwise the answer oscillates, and far beyond it falls silent between bursts. Overlap of the patterns gives more time.",
    )
}
