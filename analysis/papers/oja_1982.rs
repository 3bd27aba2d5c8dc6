//! # Oja 1982: a simplified neuron model as a principal component analyzer
//!
//! The paper takes Hebb's rule, keeps the weights at length one, and expands in the learning rate.
//! What is left is a local rule, $\Delta w = \gamma\,\eta\,(x - \eta\,w)$ with $\eta = w\cdot x$, and the paper argues that
//! it finds the leading eigenvector of the correlation matrix.
//! It prints no numbers; its two steps and its result are what can be reproduced.

use homeostat::notebook::prelude::*;
use homeostat::num::Stream;
use nalgebra::{DMatrix, DVector};

pub fn run(nb: &mut Notebook) -> Result<()> {
    // ## From Hebb's rule to Oja's
    //
    // With normalisation, $w' = (w + \gamma\eta x)/|w + \gamma\eta x|$. The paper keeps the first order in $\gamma$. What
    // it drops is of second order: halving $\gamma$ divides the difference by four.
    let mut draws = Stream::new(1982, &[1]);
    let mut random = |n: usize| DVector::from_fn(n, |_, _| draws.normal());
    for _ in 0..20 {
        let (w, x) = (random(5).normalize(), random(5));
        let eta = w.dot(&x);
        let dropped = |gamma: f64| {
            let exact = (&w + &x * (gamma * eta)).normalize();
            let first = &w + (&x - &w * eta) * (gamma * eta);
            (exact - first).norm()
        };
        nb.claim(
            "order of what is dropped",
            (dropped(1e-4) / dropped(5e-5)).log2(),
            2.0,
            Tol::Order { h: 1e-2, p: 1 },
        )?;
    }

    // ## What the rule finds
    //
    // Averaged over inputs the rule is $\dot w = Cw - (w^\top Cw)\,w$. All its fixed points in a box, for two inputs:
    let oja = model("feedforward+oja")?.with("alpha", "1")?;
    nb.model(&oja)?;
    let all = fixed_points(&oja, &oja.names().defaults(), &Region::new([(-2.0, 2.0); 2])?, &Search::default())?;
    nb.claim_proven(
        "silence and four eigenvectors",
        all.complete && all.points.len() == 5,
        "interval branch and bound",
    )?;
    nb.claim_proven(
        "the leading one and its mirror image are stable",
        all.stable().len() == 2 && all.points.iter().all(|f| f.stability_proven),
        "the spectrum over each enclosure",
    )?;
    let c = DMatrix::from_row_slice(2, 2, &[oja["C_0_0"], oja["C_0_1"], oja["C_1_0"], oja["C_1_1"]]);
    let leading = {
        let e = c.clone().symmetric_eigen();
        let k = if e.eigenvalues[0] > e.eigenvalues[1] { 0 } else { 1 };
        (e.eigenvalues[k], e.eigenvectors.column(k).into_owned())
    };
    for rest in all.stable() {
        let w = DVector::from_column_slice(&rest.at);
        nb.claim("length of the weights", w.norm(), 1.0, Tol::Order { h: 1e-10, p: 1 })?;
        nb.claim("cosine with the leading eigenvector", w.dot(&leading.1).abs(), 1.0, Tol::Order { h: 1e-10, p: 1 })?;
        nb.claim("mean squared output", (w.transpose() * &c * &w)[(0, 0)], leading.0, Tol::Order { h: 1e-10, p: 1 })?;
    }

    // ## Input by input
    //
    // The rule itself, with a gain that falls like $1/t$ as the paper's theorem asks for, on normal inputs with this $C$.
    let root = c.clone().cholesky().expect("C is a covariance").l();
    let mut draws = Stream::new(1982, &[2]);
    let mut w = DVector::from_vec(vec![0.1, -0.4]);
    let steps = 40_000usize;
    let (mut t, mut cosine, mut length) = (Vec::new(), Vec::new(), Vec::new());
    for step in 1..=steps {
        let x = &root * DVector::from_fn(2, |_, _| draws.normal());
        let eta = w.dot(&x);
        w += (&x - &w * eta) * (eta * 10.0 / (step as f64 + 100.0));
        if step % 200 == 0 || step < 200 && step % 10 == 0 {
            t.push(step as f64);
            cosine.push(w.dot(&leading.1).abs() / w.norm());
            length.push(w.norm());
        }
    }
    nb.claim_holds(
        "inputs one by one lead to the leading eigenvector",
        cosine[cosine.len() - 1] > 0.999 && (length[length.len() - 1] - 1.0).abs() < 0.02,
        format!("cosine {:.5}, length {:.4} after {steps} inputs", cosine[cosine.len() - 1], length[length.len() - 1]),
    )?;
    nb.figure(
        "online",
        Figure::single(
            Panel::new(Axis::log("inputs seen", ""), Axis::linear("", "").range(0.0, 1.5))
                .add(Line::new("length", &t, &length).ink(Ink::Data))
                .add(Line::new("cosine with the leading eigenvector", &t, &cosine).ink(Ink::Stable))
                .add(Rule::horizontal("1", 1.0)),
        )
        .caption("Oja's rule on random inputs with a falling learning rate."),
    )?;
    nb.verdict(
        Verdict::HoldsWhen("$\\lambda_1 > \\lambda_2$ and the first weights are not orthogonal to the leading eigenvector".into()),
        "The expansion is of first order as the paper says, the leading eigenvector at length one is the only attractor \
         (proven for the example), and the rule applied input by input goes there.",
    )
}
