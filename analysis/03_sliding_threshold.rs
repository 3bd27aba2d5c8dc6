//! # How slowly may the BCM threshold slide?
//!
//! Hebbian growth needs something that holds it.
//! In the rule of Bienenstock, Cooper and Munro that is a threshold $\theta$ between depression and potentiation which
//! follows the recent squared rate.
//! We ask when the holding comes too late.

use homeostat::notebook::prelude::*;

pub fn run(nb: &mut Notebook) -> Result<()> {
    // ## The model
    //
    // A neuron sees $K$ orthogonal patterns, each with probability $1/K$ and squared length $g$, and answers pattern $k$
    // with the rate $y_k$.
    let (patterns, g, y0, tau_w) = (4.0, 1.0, 1.0, 10.0);
    nb.model(
        "BCM on K orthogonal patterns",
        r"\tau_w \frac{dy_k}{dt} = \frac{g}{K}\, y_k (y_k - \theta), \qquad \tau_\theta \frac{d\theta}{dt} = \frac{1}{K}\sum_k \frac{y_k^2}{y_0} - \theta",
    )?;

    // The selective fixed point answers one pattern: $y_1 = \theta = K y_0$.
    // There the two eigenvalues have trace $a - 1/\tau_\theta$ and determinant $a/\tau_\theta$ with $a = g y_0/\tau_w$, so that
    //
    // $$\tau_c = \frac{\tau_w}{g\,y_0}, \qquad \omega_c = \frac{g\,y_0}{\tau_w}.$$
    let a = g * y0 / tau_w;
    let trace = |tau: f64| a - 1.0 / tau;
    nb.claim("selective threshold", patterns * y0, 4.0, Tol::Exact)?;
    nb.claim("critical time constant", 1.0 / a, tau_w / (g * y0), Tol::Rounding(2))?;

    // The real part of the eigenvalues changes sign there; the imaginary part does not vanish: a Hopf bifurcation.
    let real = |tau: f64| {
        let d = trace(tau).powi(2) / 4.0 - a / tau;
        if d < 0.0 { trace(tau) / 2.0 } else { trace(tau) / 2.0 + d.sqrt() }
    };
    let panel = Panel::new(Axis::log("τ_{θ}", "s"), Axis::linear("largest Re λ", "s^{−1}"))
        .add(Line::of_log("theory", (1.0, 100.0), 400, real))
        .add(Rule::horizontal("", 0.0))
        .add(Rule::vertical("τ_{c}", 1.0 / a).ink(Ink::Unstable));
    nb.figure(
        "growth rate",
        Figure::single(panel).caption(
            "Largest real part of the eigenvalues at the selective fixed point; it is stable left of $\\tau_c$.",
        ),
    )?;

    nb.verdict(
        Verdict::HoldsWhen("$\\tau_\\theta < \\tau_w/(g y_0)$".into()),
        "A sliding threshold keeps a selective code if it slides faster than the weights grow.",
    )
}
