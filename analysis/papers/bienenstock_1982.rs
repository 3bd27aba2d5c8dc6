//! # Bienenstock, Cooper & Munro 1982: theory for the development of neuron selectivity
//!
//! The paper proposes $\dot w = \phi(c, \theta)\,d$ with a threshold that is a *more than linear* function of the mean
//! response, $\theta = (\bar c/c_0)^p\,\bar c$, and shows for simple environments that only states of maximal selectivity
//! are stable. Selectivity is one minus the mean response over the largest.
//! The catalogue's rule lets $\theta$ follow the mean *square* (Intrator and Cooper 1992); here is the original.

use homeostat::lang::PartKind;
use homeostat::models::library;
use homeostat::notebook::prelude::*;

const ORIGINAL: &str = r#"
title = "Bienenstock-Cooper-Munro rule of 1982"
sources = ["bienenstock1982"]
about = "The threshold is a power of the mean response, at once."
equations = """
theta = (mean(post)/c0)**2*mean(post)                  : Hz
dw/dt += mean(pre*post*(post - theta))/(c0**3*tau_w)   : 1
"""
[ports]
pre  = { unit = "Hz", about = "presynaptic rate" }
post = { unit = "Hz", about = "postsynaptic rate" }
w    = { about = "synaptic weight" }
[parameters]
c0    = { value = "1 Hz", about = "scale of the response" }
tau_w = { value = "10 s", about = "time constant of the weights" }
"#;

pub fn run(nb: &mut Notebook) -> Result<()> {
    let parts = library().with("original", "original.toml", Some(PartKind::Plasticity), ORIGINAL);
    let close = Tol::Order { h: 1e-8, p: 1 };

    // ## Two and three patterns
    //
    // Orthogonal patterns of unit strength, so that weights are responses. With $m$ of $S$ patterns answered,
    // $\theta = c_0\,(S/m)^{(p+1)/p}$, here with $p = 2$.
    let (mut sizes, mut best, mut every) = (Vec::new(), Vec::new(), (Vec::new(), Vec::new()));
    for s in [2usize, 3] {
        let bcm = Model::compose("patterns+original", &parts)?.with("K", &s.to_string())?.with("S", &s.to_string())?;
        if s == 2 {
            nb.model(&bcm)?;
        }
        let p = bcm.names().defaults();
        let rates = |m: f64| (s as f64 / m).powf(1.5);
        // The box leaves out silence, where the rule has no linear part.
        let mut found = Vec::new();
        for corner in 1..(1usize << s) {
            let region: Vec<(f64, f64)> =
                (0..s).map(|k| if corner >> k & 1 == 1 { (0.6, 6.0) } else { (-0.3, 0.3) }).collect();
            let all = fixed_points(&bcm, &p, &Region::new(region)?, &Search::default())?;
            nb.claim_proven(
                "one fixed point for every choice of answered patterns",
                all.complete && all.points.len() == 1,
                "interval branch and bound over boxes around the choices",
            )?;
            found.extend(all.points);
        }
        let mut stable = 0;
        for rest in &found {
            let answered: Vec<f64> = rest.at.iter().copied().filter(|r| *r > 0.5).collect();
            for r in &answered {
                nb.claim("response to an answered pattern", *r, rates(answered.len() as f64), close)?;
            }
            let largest = rest.at.iter().copied().fold(0.0, f64::max);
            let selectivity = 1.0 - rest.at.iter().sum::<f64>() / s as f64 / largest;
            nb.claim("selectivity", selectivity, 1.0 - answered.len() as f64 / s as f64, close)?;
            let lasts = rest.is_stable();
            stable += usize::from(lasts);
            nb.claim_holds(
                "stable exactly if one pattern is answered",
                lasts == (answered.len() == 1),
                "the spectrum at each fixed point",
            )?;
            every.0.push(s as f64 + if lasts { -0.08 } else { 0.08 });
            every.1.push(selectivity);
        }
        nb.claim("stable states", stable as f64, s as f64, Tol::Exact)?;
        sizes.push(s as f64);
        best.push(1.0 - 1.0 / s as f64);
    }
    nb.claim("maximal selectivity with two patterns", best[0], 0.5, Tol::Exact)?;

    // From almost equal answers the neuron chooses.
    let two = Model::compose("patterns+original", &parts)?.with("K", "2")?.with("S", "2")?;
    let options = Integration { record: Record::Every(0.5), ..Integration::default() };
    let run = integrate(&two, &two.names().defaults(), &[1.05, 1.0], 150.0, &options)?;
    nb.claim("answer to the preferred pattern", run.last()[0], 2f64.powf(1.5), Tol::Order { h: 1e-4, p: 1 })?;
    nb.claim("answer to the other", run.last()[1], 0.0, Tol::Order { h: 0.05, p: 1 })?;
    let course = figures::trajectory(&run, &["w_0", "w_1"])?;
    let states = Panel::new(
        Axis::linear("patterns", "").named([(2.0, "2"), (3.0, "3")]).range(1.5, 3.5),
        Axis::linear("selectivity", "").range(-0.05, 1.0),
    )
    .add(Points::new("fixed points", &every.0, &every.1))
    .add(Points::new("1 − 1/S", &sizes, &best).ink(Ink::Stable).shape(Shape::Ring).size(1.8));
    nb.figure(
        "selectivity",
        Figure::row([course, states])
            .caption("The rule of 1982. **a** Two patterns: a small preference grows to a choice. **b** Selectivity of all fixed points; the stable ones are ringed."),
    )?;
    nb.verdict(
        Verdict::Holds,
        "With the threshold of the paper only states of maximal selectivity last, $1 - 1/S$ for $S$ orthogonal patterns, and \
         each is found and proven. The threshold acts at once, so the oscillations of later versions, whose threshold \
         has a time constant, cannot occur.",
    )
}
