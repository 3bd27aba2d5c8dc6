//! Which fields have cycles with closed forms? All carry a circle x² + y² = 1 of period 2π, with partners beside it.

use crate::field::{Law, Names, Quantity};
use crate::num::Scalar;

pub fn names(model: &str, variables: usize, parameters: usize) -> Names {
    let named = |letter: &str, count: usize| -> Vec<Quantity> {
        (0..count).map(|i| Quantity::plain(&format!("{letter}{i}"), 1.0)).collect()
    };
    Names::new(model, named("x", variables), named("p", parameters))
}

/// x' = x (1 − r²) − y, y' = x + y (1 − r²): multiplier exp(−4π).
fn circle<S: Scalar>(x: &[S], dx: &mut [S]) {
    let growth = -(x[0].square() + x[1].square()) + 1.0;
    dx[0] = growth * x[0] - x[1];
    dx[1] = x[0] + growth * x[1];
}

/// r' = r (λ + r² − r⁴), φ' = 1: a subcritical Hopf point at 0 and a fold of cycles at λ = −1/4, r² = 1/2.
pub struct Bautin(pub Names);
impl Law for Bautin {
    fn law_names(&self) -> &Names {
        &self.0
    }
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        let r2 = x[0].square() + x[1].square();
        let growth = p[0] + r2 - r2.square();
        dx[0] = growth * x[0] - x[1];
        dx[1] = x[0] + growth * x[1];
    }
}

/// D7 with one pattern, a τ_θ as the parameter: v' = v (v − h), h' = (v² − h)/p.
pub struct Bcm(pub Names);
impl Law for Bcm {
    fn law_names(&self) -> &Names {
        &self.0
    }
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        dx[0] = x[0] * (x[0] - x[1]);
        dx[1] = (x[0].square() - x[1]) / p[0];
    }
}

/// The circle and a partner that turns by half a turn per period: in its frame w₁' = a w₁, w₂' = −b w₂, minus |w|² w.
/// Multipliers −exp(2πa), −exp(−2πb); at a = 0 the cycle doubles to |w|² = a with period 4π.
pub struct Moebius(pub Names);
impl Law for Moebius {
    fn law_names(&self) -> &Names {
        &self.0
    }
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        circle(x, dx);
        let (a, b) = (p[0], p[1]);
        let (mean, half) = ((a - b) * 0.5, (a + b) * 0.5);
        let growth = mean - (x[2].square() + x[3].square());
        dx[2] = growth * x[2] + half * (x[0] * x[2] + x[1] * x[3]) - x[3] * 0.5;
        dx[3] = growth * x[3] + half * (x[1] * x[2] - x[0] * x[3]) + x[2] * 0.5;
    }
}

/// The mean field of Tsodyks, Pawelzik & Markram (1998) with facilitation; p₀ is the input E₀.
pub struct ShortTerm(pub Names);
impl Law for ShortTerm {
    fn law_names(&self) -> &Names {
        &self.0
    }
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        let release = x[2] * x[1] * x[0];
        let drive = (release * 3.07 + p[0]) / 1.5;
        dx[0] = (drive.softplus() * 1.5 - x[0]) / 0.013;
        dx[1] = (-x[1] + 1.0) / 0.2 - release;
        dx[2] = (-x[2] + 0.3) / 1.5 + (-x[2] + 1.0) * x[0] * 0.3;
    }
}

/// The circle and a rotating partner z' = (μ + iβ) z − |z|² z: multipliers exp(2π(μ ± iβ)).
pub struct Torus(pub Names);
impl Law for Torus {
    fn law_names(&self) -> &Names {
        &self.0
    }
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        circle(x, dx);
        let growth = p[0] - (x[2].square() + x[3].square());
        // The radius of the circle acts on the partner, so that the two are not apart.
        let growth = growth + (x[0].square() + x[1].square() - 1.0) * 0.3;
        dx[2] = growth * x[2] - p[1] * x[3];
        dx[3] = growth * x[3] + p[1] * x[2];
    }
}

/// The circle and a partner z' = a z − z³: multiplier exp(2πa), a symmetric branch point at a = 0 to z² = a.
pub struct Pitchfork(pub Names);
impl Law for Pitchfork {
    fn law_names(&self) -> &Names {
        &self.0
    }
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        circle(x, dx);
        dx[2] = (p[0] - x[2].square()) * x[2];
    }
}

/// Rössler's system x' = −y − z, y' = x + a y, z' = b + z (x − c), parameters (a, b, c).
pub struct Roessler(pub Names);
impl Law for Roessler {
    fn law_names(&self) -> &Names {
        &self.0
    }
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        dx[0] = -x[1] - x[2];
        dx[1] = x[0] + p[0] * x[1];
        dx[2] = p[1] + x[2] * (x[0] - p[2]);
    }
}

/// Van der Pol: x' = y, y' = μ (1 − x²) y − x.
pub struct VanDerPol(pub Names);
impl Law for VanDerPol {
    fn law_names(&self) -> &Names {
        &self.0
    }
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        dx[0] = x[1];
        dx[1] = p[0] * (-x[0].square() + 1.0) * x[1] - x[0];
    }
}

/// The circle and four linear partners with these growth rates, in an oblique frame that turns with the circle.
pub struct Stiff {
    pub names: Names,
    pub rates: [f64; 4],
}
impl Law for Stiff {
    fn law_names(&self) -> &Names {
        &self.names
    }
    fn rates<S: Scalar>(&self, x: &[S], _p: &[S], dx: &mut [S]) {
        circle(x, dx);
        let (c, s) = (x[0], x[1]);
        let z = &x[2..];
        // Two planes, each turning with the circle: y = R(−φ) z, y' = D y + shear, z' = R(φ) (…) + J z.
        for plane in 0..2 {
            let (a, b) = (z[2 * plane], z[2 * plane + 1]);
            let (y0, y1) = (c * a + s * b, c * b - s * a);
            // The slow one of each plane pushes the other.
            let (d0, d1) = (y0 * self.rates[plane] + y1 * 0.5, y1 * self.rates[3 - plane]);
            dx[2 + 2 * plane] = c * d0 - s * d1 - b;
            dx[3 + 2 * plane] = s * d0 + c * d1 + a;
        }
    }
}

/// Stuart-Landau with shear: r' = a r (1 − r²), φ' = ω + b (1 − r²), parameters (a, ω, b).
pub struct Clock(pub Names);
impl Law for Clock {
    fn law_names(&self) -> &Names {
        &self.0
    }
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        let rest = -(x[0].square() + x[1].square()) + 1.0;
        let (growth, turn) = (p[0] * rest, p[1] + p[2] * rest);
        dx[0] = growth * x[0] - turn * x[1];
        dx[1] = turn * x[0] + growth * x[1];
    }
}

/// r' = r (1 − r²), φ' = ω − cos φ: a saddle-node on the circle at ω = 1, period 2π/√(ω² − 1) above it.
pub struct Snic(pub Names);
impl Law for Snic {
    fn law_names(&self) -> &Names {
        &self.0
    }
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        let r2 = x[0].square() + x[1].square();
        let turn = p[0] - x[0] / r2.sqrt();
        let growth = -r2 + 1.0;
        dx[0] = growth * x[0] - turn * x[1];
        dx[1] = turn * x[0] + growth * x[1];
    }
}

/// FitzHugh-Nagumo: v' = v − v³/3 − w + I, w' = ε (v + a − b w), parameters (I, ε, a, b).
pub struct FitzHughNagumo(pub Names);
impl Law for FitzHughNagumo {
    fn law_names(&self) -> &Names {
        &self.0
    }
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        dx[0] = x[0] - x[0] * x[0].square() * (1.0 / 3.0) - x[1] + p[0];
        dx[1] = p[1] * (x[0] + p[2] - p[3] * x[1]);
    }
}

/// A bistable population with slow homeostasis: r' = −r + S(w r − θ), θ' = ε (r − r₀), with the parameters r₀, w, ε.
pub struct Sigmoid(pub Names);
impl Law for Sigmoid {
    fn law_names(&self) -> &Names {
        &self.0
    }
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        dx[0] = (p[1] * x[0] - x[1]).sigmoid() - x[0];
        dx[1] = p[2] * (x[0] - p[0]);
    }
}

/// x' = y, y' = x − x² − y (H − p), H = y²/2 − x²/2 + x³/3: the level H = p is a cycle for −1/6 < p < 0, and the
/// homoclinic orbit of the saddle at the origin for p = 0.
pub struct Loop(pub Names);
impl Law for Loop {
    fn law_names(&self) -> &Names {
        &self.0
    }
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        let energy = x[1].square() * 0.5 - x[0].square() * 0.5 + x[0] * x[0].square() * (1.0 / 3.0);
        dx[0] = x[1];
        dx[1] = x[0] - x[0].square() - x[1] * (energy - p[0]);
    }
}

/// r' = r (p₀ + p₁ s − s³) with s = r² − 1, φ' = 1.
pub struct CuspOfCycles(pub Names);
impl Law for CuspOfCycles {
    fn law_names(&self) -> &Names {
        &self.0
    }
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        let s = x[0].square() + x[1].square() - 1.0;
        let growth = p[0] + p[1] * s - s * s.square();
        dx[0] = growth * x[0] - x[1];
        dx[1] = x[0] + growth * x[1];
    }
}

/// Brusselator with A = 1: x' = 1 − (B + 1) x + x² y, y' = B x − x² y.
pub struct Brusselator(pub Names);
impl Law for Brusselator {
    fn law_names(&self) -> &Names {
        &self.0
    }
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        let joint = x[0].square() * x[1];
        dx[0] = joint - (p[0] + 1.0) * x[0] + 1.0;
        dx[1] = p[0] * x[0] - joint;
    }
}

/// Wilson and Cowan's oscillator in their limit-cycle set (1972, figure 11), the drive P as the parameter.
pub struct WilsonCowan(pub Names);
impl Law for WilsonCowan {
    fn law_names(&self) -> &Names {
        &self.0
    }
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        let gain = |u: S, a: f64, theta: f64| ((u - theta) * a).sigmoid() - 1.0 / (1.0 + (a * theta).exp());
        let e = gain(x[0] * 16.0 - x[1] * 12.0 + p[0], 1.3, 4.0);
        let i = gain(x[0] * 15.0 - x[1] * 3.0, 2.0, 3.7);
        dx[0] = (-x[0] + 1.0) * e - x[0];
        dx[1] = (-x[1] + 1.0) * i - x[1];
    }
}

/// Tsodyks and Markram's mean field with short-term plasticity (Cortes et al. 2013): E, x, u; the drive E₀ as parameter.
pub struct TsodyksMarkram(pub Names);
impl Law for TsodyksMarkram {
    fn law_names(&self) -> &Names {
        &self.0
    }
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        let gain = ((x[2] * x[1] * x[0] * 3.07 + p[0]) * (1.0 / 1.5)).softplus() * 1.5;
        dx[0] = (gain - x[0]) * (1.0 / 0.013);
        dx[1] = (-x[1] + 1.0) * (1.0 / 0.2) - x[2] * x[1] * x[0];
        dx[2] = (-x[2] + 0.3) * (1.0 / 1.5) + (-x[2] + 1.0) * x[0] * 0.3;
    }
}
