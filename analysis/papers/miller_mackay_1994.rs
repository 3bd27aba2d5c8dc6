//! # Miller & MacKay 1994: the role of constraints in Hebbian learning
//!
//! Hebb's rule needs a constraint on the sum of the weights. The paper shows that the form of the constraint decides the
//! outcome: *multiplicative* constraints lead to the leading eigenvector of the unconstrained rule, *subtractive* ones to
//! the extremes, where all weights but at most one have reached a bound.
//! It argues in closed form, and so do we.

use homeostat::notebook::prelude::*;
use homeostat::num::linalg::{eigenvalues, expm};
use nalgebra::{DMatrix, DVector};

pub fn run(nb: &mut Notebook) -> Result<()> {
    // ## Two inputs
    //
    // Correlation $c_s$ within and $c_d$ between two inputs; the sum is held at 2. Around equal weights the difference
    // grows at $(c_s - c_d)/\tau$ under the subtractive and at $-2c_d/\tau$ under the multiplicative constraint.
    let held = |how: &str| -> Result<Model> {
        model(&format!("feedforward+hebb+normalise_{how}"))?.with("mu", "0.1 s")?.with("C", "[[1, 0.3], [0.3, 1]] Hz^2")
    };
    let (subtractive, multiplicative) = (held("subtractive")?, held("multiplicative")?);
    nb.model(&subtractive)?;
    nb.model(&multiplicative)?;
    let difference = |m: &Model| {
        let j = m.jacobian(&[1.0, 1.0], &m.names().defaults());
        (j[(0, 0)] - j[(0, 1)] - j[(1, 0)] + j[(1, 1)]) / 2.0
    };
    nb.claim("growth of a difference, subtractive (1/s)", difference(&subtractive), 0.07, Tol::Rounding(64))?;
    nb.claim("growth of a difference, multiplicative (1/s)", difference(&multiplicative), -0.06, Tol::Rounding(64))?;
    let end = |m: &Model| integrate(m, &m.names().defaults(), &[1.1, 0.9], 15.0, &Integration::default());
    nb.claim(
        "first weight after 15 s, multiplicative",
        end(&multiplicative)?.last()[0],
        1.04065696597,
        Tol::Order { h: 1e-7, p: 1 },
    )?;
    nb.claim(
        "first weight after 15 s, subtractive",
        end(&subtractive)?.last()[0],
        1.28576511181,
        Tol::Order { h: 1e-7, p: 1 },
    )?;

    // ## Eight inputs
    //
    // Inputs in a row with correlations that fall with distance. Under the multiplicative constraint the weights are
    // $w(t) = S\,u/\sum u$ with $u = e^{Ct/\tau}w_0$ and go to the leading eigenvector, whose neighbours decay at
    // $(\lambda_k - \lambda_1)/\tau$.
    let n = 8usize;
    let c = DMatrix::from_fn(n, n, |i, j| (-((i as f64 - j as f64) / 2.0).powi(2) / 2.0).exp());
    let rows: Vec<String> = c
        .row_iter()
        .map(|r| format!("[{}]", r.iter().map(|v| format!("{v:?}")).collect::<Vec<_>>().join(", ")))
        .collect();
    let start: Vec<f64> = (0..n).map(|k| 1.0 + 0.04 * ((7 * k + 3) % 5) as f64 - 0.08).collect();
    let sum: f64 = start.iter().sum();
    let many = |how: &str| -> Result<Model> {
        model(&format!("feedforward+hebb+normalise_{how}"))?
            .with("K", "8")?
            .with("mu", "0.1 s")?
            .with("C", &format!("[{}] Hz^2", rows.join(", ")))
    };
    let scaled = many("multiplicative")?;
    let options = Integration { record: Record::Every(0.5), ..Integration::default() };
    let run = integrate(&scaled, &scaled.names().defaults(), &start, 60.0, &options)?;
    for t in [1.0, 5.0, 20.0] {
        let u = expm(&(&c * (0.1 * t)))? * DVector::from_column_slice(&start);
        let wanted = &u * (sum / u.sum());
        let off = (DVector::from_vec(run.at(t)?) - wanted).amax();
        nb.claim("distance from the closed form, multiplicative", off, 0.0, Tol::Order { h: 1e-6, p: 1 })?;
    }
    let spectrum = c.clone().symmetric_eigen();
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&i, &j| spectrum.eigenvalues[j].total_cmp(&spectrum.eigenvalues[i]));
    let leading = spectrum.eigenvectors.column(order[0]).into_owned();
    let rest = &leading * (sum / leading.sum());
    let decay = eigenvalues(&scaled.jacobian(rest.as_slice(), &scaled.names().defaults()))?;
    for (found, &k) in decay.iter().skip(1).zip(order.iter().skip(1)) {
        let theory = 0.1 * (spectrum.eigenvalues[k] - spectrum.eigenvalues[order[0]]);
        nb.claim("decay of the other eigenvectors", found.re, theory, Tol::Order { h: 1e-8, p: 1 })?;
    }

    // Under the subtractive constraint with weights between 0 and 2 everything ends at a bound, but at most one weight.
    let cut = many("subtractive")?;
    let bounds: Vec<Bound> =
        (0..n).map(|k| Bound::new(cut.names(), &format!("w_{k}"), 0.0, 2.0)).collect::<Result<_>>()?;
    let mut interior = Vec::new();
    let mut last = None;
    for seed in 0..6u64 {
        let mut draws = homeostat::num::Stream::new(1994, &[seed]);
        let from: Vec<f64> = (0..n).map(|_| 0.8 + 0.4 * draws.uniform()).collect();
        let options = Integration { record: Record::Every(0.5), bounds: bounds.clone(), ..Integration::default() };
        let run = integrate(&cut, &cut.names().defaults(), &from, 150.0, &options)?;
        let inside = run.last().iter().filter(|w| (1e-6..2.0 - 1e-6).contains(*w)).count();
        nb.claim_holds("at most one weight is not at a bound", inside <= 1, "after 150 s from six random starts")?;
        interior.push(inside);
        last = Some(run);
    }
    let ended = last.expect("six runs");
    let lines = |run: &homeostat::dynamics::Trajectory, title: &str, until: f64| -> Result<Panel> {
        let mut panel =
            Panel::new(Axis::linear("time", "s").range(0.0, until), Axis::linear("weight", "").range(0.0, 2.1))
                .title(title);
        for k in 0..n {
            panel = panel.add(Line::new("", &run.t, &run.column(&format!("w_{k}"))?).ink(Ink::Hue(k)).width(0.9));
        }
        Ok(panel)
    };
    nb.figure(
        "constraints",
        Figure::row([lines(&run, "multiplicative", 60.0)?, lines(&ended, "subtractive", 60.0)?])
            .caption("Eight correlated inputs onto one neuron. **a** A multiplicative constraint leads to the graded leading eigenvector. **b** A subtractive one to the bounds."),
    )?;
    nb.verdict(
        Verdict::HoldsWhen("the leading eigenvector has a sum other than zero, for the multiplicative constraint".into()),
        "The form of the constraint decides: graded weights along the leading eigenvector, or weights at their bounds. The \
         subtractive constraint of the paper holds the sum among *all* weights; our bounds clip single weights, so that the \
         sum is held only until the first of them is reached.",
    )
}
