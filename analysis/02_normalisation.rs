//! # Does it matter how weights are held?
//!
//! Runaway can be stopped in several ways: by a local decay (Oja), by taking the same amount from every weight
//! (subtractive normalisation), or the same fraction (multiplicative normalisation).
//! The field says that the way decides what is learned.
//! We compare the three on two correlated inputs, exactly.

use homeostat::notebook::prelude::*;
use homeostat::num::linalg::{eigenvalues, expm};
use nalgebra::{DMatrix, DVector};

pub fn run(nb: &mut Notebook) -> Result<()> {
    // ## A local decay: Oja's rule
    //
    // $\tau_w \dot w = C w - \alpha\,(w^\top C w)\,w$ has fixed points at $\pm e_k/\sqrt\alpha$ for the eigenvectors $e_k$
    // of $C$, and only the leading pair is stable.
    let oja = model("feedforward+oja")?.with("w_0", "0.3")?.with("w_1", "-0.1")?;
    nb.model(&oja)?;
    let p = oja.names().defaults();
    let all = fixed_points(&oja, &p, &Region::new([(-3.0, 3.0); 2])?, &Search::default())?;
    nb.claim("fixed points of Oja's rule", all.points.len() as f64, 5.0, Tol::Exact)?;
    nb.claim_proven("there are no others", all.complete, "interval branch and bound over the box")?;
    nb.claim("stable ones", all.stable().len() as f64, 2.0, Tol::Exact)?;

    let close = Tol::Order { h: 1e-9, p: 1 };
    let (c11, c12, c22) = (oja["C_0_0"], oja["C_0_1"], oja["C_1_1"]);
    let (mean, split) = ((c11 + c22) / 2.0, ((c11 - c22) / 2.0).hypot(c12));
    let (lambda1, lambda2) = (mean + split, mean - split);
    let (tau_w, alpha) = (1.0 / oja["mu"], oja["alpha"]);
    let stable = all.stable();
    let rest = stable[0];
    nb.claim("length of the stable weights", rest.at[0].hypot(rest.at[1]), 1.0 / alpha.sqrt(), close)?;
    nb.claim("eigenvalue across", rest.eigenvalues[0].0, (lambda2 - lambda1) / tau_w, close)?;
    nb.claim("eigenvalue along", rest.eigenvalues[1].0, -2.0 * lambda1 / tau_w, close)?;

    // The whole trajectory is known: with $u = e^{Ct/\tau_w} w_0$ it is $w = u/\sqrt{1 + \alpha(|u|^2 - |w_0|^2)}$.
    let c = DMatrix::from_row_slice(2, 2, &[c11, c12, c12, c22]);
    let start = [0.3, -0.1];
    let exact = |t: f64| -> Result<DVector<f64>> {
        let u = expm(&(&c * (t / tau_w)))? * DVector::from_column_slice(&start);
        let grown = 1.0 + alpha * (u.norm_squared() - start[0] * start[0] - start[1] * start[1]);
        Ok(u / grown.sqrt())
    };
    let options = Integration { record: Record::Every(0.25), ..Integration::default() };
    let run = integrate(&oja, &p, &start, 60.0, &options)?;
    let (now, wanted) = (run.at(12.0)?, exact(12.0)?);
    nb.claim("first weight after 12 s", now[0], wanted[0], Tol::Order { h: 1e-8, p: 1 })?;
    nb.claim("second weight after 12 s", now[1], wanted[1], Tol::Order { h: 1e-8, p: 1 })?;
    for (t, w) in run.t.iter().zip(&run.x) {
        let off = exact(*t)? - DVector::from_column_slice(w);
        nb.claim("distance from the exact trajectory", off.norm(), 0.0, Tol::Order { h: 1e-8, p: 1 })?;
    }

    let mut plane =
        Panel::new(Axis::linear("w_{1}", "").range(-2.0, 2.0), Axis::linear("w_{2}", "").range(-2.0, 2.0)).title("Oja");
    for k in 0..12 {
        let angle = std::f64::consts::TAU * (k as f64 + 0.25) / 12.0;
        for radius in [0.25, 1.9] {
            let from = [radius * angle.cos(), radius * angle.sin()];
            let way = integrate(&oja, &p, &from, 80.0, &Integration::default())?;
            plane = plane.add(Line::new("", &way.column("w_0")?, &way.column("w_1")?).ink(Ink::Muted).width(0.6));
        }
    }
    for (name, ink, shape, keep) in
        [("stable", Ink::Stable, Shape::Disc, true), ("unstable", Ink::Unstable, Shape::Ring, false)]
    {
        let chosen: Vec<_> = all.points.iter().filter(|f| f.is_stable() == keep).collect();
        let (x, y): (Vec<f64>, Vec<f64>) = chosen.iter().map(|f| (f.at[0], f.at[1])).unzip();
        plane = plane.add(Points::new(name, &x, &y).ink(ink).shape(shape).size(1.2));
    }
    let line: Vec<DVector<f64>> = run.t.iter().map(|&t| exact(t)).collect::<Result<_>>()?;
    let part = |k: usize| line.iter().map(|w| w[k]).collect::<Vec<f64>>();
    let sparse: Vec<usize> = (0..run.t.len()).step_by(20).collect();
    let pick = |k: usize| sparse.iter().map(|&i| run.x[i][k]).collect::<Vec<f64>>();
    let times: Vec<f64> = sparse.iter().map(|&i| run.t[i]).collect();
    let course = Panel::new(Axis::linear("time", "s"), Axis::linear("weight", ""))
        .title("one trajectory")
        .add(Line::new("exact", &run.t, &part(0)))
        .add(Line::new("exact", &run.t, &part(1)))
        .add(Points::new("w_{1}, simulated", &times, &pick(0)))
        .add(Points::new("w_{2}, simulated", &times, &pick(1)).ink(Ink::Unstable).shape(Shape::Square));
    nb.figure(
        "oja",
        Figure::row([plane, course]).caption(
            "**a** All five fixed points of Oja's rule, each proven, with trajectories: every start but the stable manifold of the others ends at the leading eigenvector. **b** The trajectory from $(0.3, -0.1)$ against its closed form.",
        ),
    )?;

    // ## Subtractive against multiplicative
    //
    // Two inputs with correlations $c_s$ within and $c_d$ between, and the sum $S = w_1 + w_2$ held.
    // Around $w_1 = w_2$ the difference grows with
    //
    // $$\text{subtractive: } \frac{c_s - c_d}{\tau_w}, \qquad \text{multiplicative: } -\frac{2 c_d}{\tau_w}.$$
    let held = |how: &str| -> Result<Model> {
        model(&format!("feedforward+hebb+{how}"))?
            .with("mu", "0.1 s")?
            .with("C", "[[1, 0.3], [0.3, 1]] Hz^2")?
            .with("w_0", "1.1")?
            .with("w_1", "0.9")
    };
    let (subtractive, multiplicative) = (held("normalise_subtractive")?, held("normalise_multiplicative")?);
    nb.model(&subtractive)?;
    nb.model(&multiplicative)?;

    let (cs, cd) = (subtractive["C_0_0"], subtractive["C_0_1"]);
    // The rate of the difference mode is what the Jacobian does to (1, −1).
    let difference = |m: &Model| {
        let j = m.jacobian(&[1.0, 1.0], &m.names().defaults());
        (j[(0, 0)] - j[(0, 1)] - j[(1, 0)] + j[(1, 1)]) / 2.0
    };
    nb.claim("difference, subtractive", difference(&subtractive), (cs - cd) / tau_w, Tol::Rounding(64))?;
    nb.claim("difference, multiplicative", difference(&multiplicative), -2.0 * cd / tau_w, Tol::Rounding(64))?;
    let sum = |m: &Model| -> Result<f64> {
        let spectrum = eigenvalues(&m.jacobian(&[1.0, 1.0], &m.names().defaults()))?;
        Ok(spectrum.iter().map(|l| l.norm()).fold(f64::INFINITY, f64::min))
    };
    nb.claim("sum, subtractive", sum(&subtractive)?, 0.0, Tol::Order { h: 1e-14, p: 1 })?;
    nb.claim("sum, multiplicative", sum(&multiplicative)?, 0.0, Tol::Order { h: 1e-14, p: 1 })?;

    // Both are solved exactly: the difference grows exponentially under subtraction; under multiplication
    // $w = S u/(u_1 + u_2)$ with $u = e^{Ct/\tau_w} w_0$, so that the direction is that of free Hebbian growth.
    let total = 2.0;
    let apart = integrate(&subtractive, &p2(&subtractive), &[1.1, 0.9], 60.0, &options)?;
    let together = integrate(&multiplicative, &p2(&multiplicative), &[1.1, 0.9], 60.0, &options)?;
    let exact_subtractive = |t: f64| total / 2.0 + 0.1 * ((cs - cd) * t / tau_w).exp();
    let exact_multiplicative = |t: f64| {
        let (plus, minus) = (((cs + cd) * t / tau_w).exp(), 0.1 * ((cs - cd) * t / tau_w).exp());
        total * (plus + minus) / (2.0 * plus)
    };
    let tight = Tol::Order { h: 1e-8, p: 1 };
    nb.claim("first weight after 15 s, subtractive", apart.at(15.0)?[0], exact_subtractive(15.0), tight)?;
    nb.claim("first weight after 15 s, multiplicative", together.at(15.0)?[0], exact_multiplicative(15.0), tight)?;
    for run in [&apart, &together] {
        for w in &run.x {
            nb.claim("the sum is conserved", w[0] + w[1], total, Tol::Order { h: 1e-10, p: 1 })?;
        }
    }

    // With anticorrelated inputs ($c_d < 0$) multiplication segregates too; with $c_s < c_d$ subtraction no longer does.
    let sign = |how: &str, matrix: &str| -> Result<f64> { Ok(difference(&held(how)?.with("C", matrix)?)) };
    nb.claim_holds(
        "multiplication segregates anticorrelated inputs",
        sign("normalise_multiplicative", "[[1, -0.3], [-0.3, 1]] Hz^2")? > 0.0,
        "the difference grows for c_d = −0.3 c_s",
    )?;
    nb.claim_holds(
        "subtraction segregates only if inputs correlate more within than between",
        sign("normalise_subtractive", "[[1, 1.2], [1.2, 1]] Hz^2")? < 0.0,
        "the difference shrinks for c_d = 1.2 c_s",
    )?;

    let bounds =
        vec![Bound::new(subtractive.names(), "w_0", 0.0, 2.0)?, Bound::new(subtractive.names(), "w_1", 0.0, 2.0)?];
    let winner =
        integrate(&subtractive, &p2(&subtractive), &[1.1, 0.9], 60.0, &Integration { bounds, ..options.clone() })?;
    let both = Panel::new(Axis::linear("time", "s"), Axis::linear("weight", "").range(0.0, 2.1))
        .title("C_{12} = 0.3")
        .add(Line::new("subtractive", &winner.t, &winner.column("w_0")?).ink(Ink::Unstable))
        .add(Line::new("subtractive", &winner.t, &winner.column("w_1")?).ink(Ink::Unstable))
        .add(Line::new("multiplicative", &together.t, &together.column("w_0")?).ink(Ink::Data))
        .add(Line::new("multiplicative", &together.t, &together.column("w_1")?).ink(Ink::Data));
    let map = Panel::new(
        Axis::linear("correlation between, c_{d}/c_{s}", ""),
        Axis::linear("growth of the difference", "s^{−1}"),
    )
    .add(Line::of("subtractive", (-1.0, 1.0), 2, |d| (1.0 - d) * cs / tau_w).ink(Ink::Unstable))
    .add(Line::of("multiplicative", (-1.0, 1.0), 2, |d| -2.0 * d * cs / tau_w).ink(Ink::Data))
    .add(Rule::horizontal("", 0.0))
    .add(Note::new("inputs segregate", 0.3, 0.15))
    .add(Note::new("inputs stay together", -0.3, -0.14));
    nb.figure(
        "held sum",
        Figure::row([both, map]).caption(
            "**a** Two positively correlated inputs from almost equal weights (bounds at 0 and 2): subtraction makes one win, multiplication equalises them. **b** Growth of the difference over the correlation between the inputs.",
        ),
    )?;

    nb.verdict(
        Verdict::Holds,
        "All three stop the runaway, and they learn different things: Oja's decay and multiplication keep the direction of the leading correlations, subtraction makes the inputs compete whenever they correlate more within than between.",
    )
}

/// The current parameters of a model.
fn p2(model: &Model) -> Vec<f64> {
    model.names().defaults()
}
