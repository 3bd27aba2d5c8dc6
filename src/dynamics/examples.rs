//! Which laws have known fixed points? Those, for the tests of this folder.

use crate::field::{Law, Names, Quantity};
use crate::num::Scalar;

/// Names of a law from the names of its variables and parameters, separated by spaces.
pub fn names(model: &str, variables: &str, parameters: &str) -> Names {
    let plain = |list: &str| list.split_whitespace().map(|n| Quantity::plain(n, 1.0)).collect::<Vec<_>>();
    Names::new(model, plain(variables), plain(parameters))
}

/// One law: a struct, its variables, its parameters, and its right-hand side.
macro_rules! example {
    ($(#[$doc:meta])* $name:ident, $variables:literal, $parameters:literal, |$x:ident, $p:ident, $dx:ident| $body:block) => {
        $(#[$doc])*
        pub struct $name(crate::field::Names);
        impl $name {
            pub fn new() -> Self {
                $name(crate::dynamics::examples::names(stringify!($name), $variables, $parameters))
            }
        }
        impl crate::field::Law for $name {
            fn law_names(&self) -> &crate::field::Names {
                &self.0
            }
            fn rates<S: crate::num::Scalar>(&self, $x: &[S], $p: &[S], $dx: &mut [S]) $body
        }
    };
}

/// D7: K orthogonal patterns and a sliding threshold; variables y_1 … y_K, theta; parameters g, y0, tau_w, tau_th.
pub struct Bcm(Names);
impl Bcm {
    pub fn new(k: usize) -> Self {
        let y: String = (1..=k).map(|i| format!("y{i} ")).collect();
        Bcm(names("bcm", &format!("{y} theta"), "g y0 tau_w tau_th"))
    }
}
impl Law for Bcm {
    fn law_names(&self) -> &Names {
        &self.0
    }
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        let k = x.len() - 1;
        let (g, y0, tau_w, tau_th) = (p[0], p[1], p[2], p[3]);
        let theta = x[k];
        let mut power = S::constant(0.0);
        for i in 0..k {
            dx[i] = g / tau_w * (x[i] * (x[i] - theta)) / k as f64;
            power = power + x[i].square();
        }
        dx[k] = (power / y0 / k as f64 - theta) / tau_th;
    }
}

example!(
    /// D8: two correlated patterns.
    Correlated, "y1 y2 theta", "g y0 c tau_w tau_th", |x, p, dx| {
    let (g, y0, c, tau_w, tau_th) = (p[0], p[1], p[2], p[3], p[4]);
    let drive = [x[0] * (x[0] - x[2]), x[1] * (x[1] - x[2])];
    dx[0] = g * (drive[0] + c * drive[1]) / tau_w * 0.5;
    dx[1] = g * (c * drive[0] + drive[1]) / tau_w * 0.5;
    dx[2] = ((x[0].square() + x[1].square()) / y0 * 0.5 - x[2]) / tau_th;
});

example!(
    /// D9: Hebb and multiplicative scaling with C = [[c11, c12], [c12, c22]] and mean input (1, 1).
    Scaling, "w1 w2", "mu gamma rT c11 c12 c22", |x, p, dx| {
    let hold = p[1] * (p[2] - (x[0] + x[1]));
    dx[0] = p[0] * (p[3] * x[0] + p[4] * x[1]) + hold * x[0];
    dx[1] = p[0] * (p[4] * x[0] + p[5] * x[1]) + hold * x[1];
});

example!(
    /// D10: weight-dependent scaling.
    Square, "w", "mu gamma vT u", |x, p, dx| {
    let v = p[3] * x[0];
    dx[0] = p[0] * p[3] * v + p[1] * (p[2] - v) * x[0].square();
});

example!(
    /// D11: two factors, w = H rho.
    TwoFactor, "rho H", "n r0 r_h x tau_rho tau_H", |x, p, dx| {
    let r = x[1] * x[0] * p[3];
    dx[0] = (r.hill(p[2], p[0]) - x[0]) / p[4];
    dx[1] = x[1] * (S::constant(1.0) - r / p[1]) / p[5];
});

example!(
    /// D13: integral control of a threshold through a sensor.
    Integral, "r c theta", "tau_r tau_s tau_th g u r0", |x, p, dx| {
    dx[0] = (p[3] * (p[4] - x[2]) - x[0]) / p[0];
    dx[1] = (x[0] - x[1]) / p[1];
    dx[2] = (x[1] - p[5]) / p[2];
});

example!(
    /// D14: homeostasis of mean and variance.
    Dual, "theta g", "m_z s_z m0 s0 tau_th tau_g", |x, p, dx| {
    let m = x[1] * p[0] - x[0];
    let q = m.square() + (x[1] * p[1]).square();
    dx[0] = (m - p[2]) / p[4];
    dx[1] = x[1] * (S::constant(1.0) - q / (p[2].square() + p[3].square())) / p[5];
});

example!(
    /// D15: two integral controllers of one rate.
    Conflict, "c1 c2", "I r1 r2 tau1 tau2", |x, p, dx| {
    let r = p[0] + x[0] + x[1];
    dx[0] = (p[1] - r) / p[3];
    dx[1] = (p[2] - r) / p[4];
});

example!(
    /// D2: fixed threshold.
    FixedThreshold, "r", "x theta tau_w", |x, p, dx| {
    dx[0] = p[0].square() * x[0] * (x[0] - p[1]) / p[2];
});

example!(
    /// D4: saturating neuron with a fixed threshold, dw/dt alone.
    Saturating, "w", "x R beta h theta tau_w", |x, p, dx| {
    let r = p[1] * (p[2] * (x[0] * p[0] - p[3])).sigmoid();
    dx[0] = p[0] * r * (r - p[4]) / p[5];
});

example!(
    /// D30 with the threshold as a parameter: the fast subsystem.
    Bistable, "r", "w theta", |x, p, dx| {
    dx[0] = (p[0] * x[0] - p[1]).sigmoid() - x[0];
});

/// Rate units with sigmoid gain, dr_i/dt = −r_i + σ(Σ_j w_ij r_j − θ); the weights are the parameters, row by row,
/// then θ.
pub struct Network(Names);
impl Network {
    pub fn new(n: usize) -> Self {
        let r: String = (1..=n).map(|i| format!("r{i} ")).collect();
        let w: String = (0..n * n).map(|k| format!("w{}_{} ", k / n + 1, k % n + 1)).collect();
        Network(names("network", &r, &format!("{w} theta")))
    }
    /// Self-excitation `own` against threshold own/2, and weak coupling that differs from pair to pair.
    pub fn weights(n: usize, own: f64, coupling: f64) -> Vec<f64> {
        let mut p: Vec<f64> =
            (0..n * n).map(|k| if k / n == k % n { own } else { coupling * (1.0 + k as f64).sin() }).collect();
        p.push(0.5 * own);
        p
    }
}
impl Law for Network {
    fn law_names(&self) -> &Names {
        &self.0
    }
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        let n = x.len();
        for i in 0..n {
            let drive = (0..n).fold(-p[n * n], |s, j| s + p[i * n + j] * x[j]);
            dx[i] = drive.sigmoid() - x[i];
        }
    }
}

example!(
    /// A fold with a corner: dx/dt = λ − |x|.
    Tip, "x", "lambda", |x, p, dx| {
    dx[0] = p[0] - x[0].abs();
});

example!(
    /// Not a number for x < 0: dx/dt = λ − √x.
    Root, "x", "lambda", |x, p, dx| {
    dx[0] = p[0] - x[0].sqrt();
});
