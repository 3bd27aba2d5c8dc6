//! Where does a neuron's excitability settle when it aims at exponentially distributed rates?
//!
//! y = 1/(1 + e^(−(ax + b))) with x ~ N(m, s²) descends KL(p_y ‖ Exp(μ)):
//! Δa = η[1/a + x − (2 + 1/μ)xy + xy²/μ], Δb = η[1 − (2 + 1/μ)y + y²/μ]. Two parameters cannot make the output exactly
//! exponential, so the mean is near μ and not μ. An affine shift of the input is undone exactly. Source: Triesch 2007.
//!
//! ```
//! use homeostat::coding::regulation::IntrinsicPlasticity;
//! let rest = IntrinsicPlasticity { target: 0.1, mean: 0.0, sd: 1.0 }.rest()?;
//! assert!((rest.slope - 1.238334674).abs() < 1e-8 && rest.mean_rate > 0.1);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use crate::coding::checks;
use crate::coding::quadrature::integrate;
use crate::field::{Error, Result};
use crate::num::Scalar;
use std::f64::consts::{E, LN_2, PI};

/// The rule and the statistics of its input.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct IntrinsicPlasticity {
    /// Target mean μ of the rate, in units of the largest rate.
    pub target: f64,
    /// Mean of the input.
    pub mean: f64,
    /// Standard deviation of the input.
    pub sd: f64,
}

/// Where excitability comes to rest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Excitability {
    /// Slope a.
    pub slope: f64,
    /// Offset b.
    pub offset: f64,
    /// Mean rate there.
    pub mean_rate: f64,
    /// KL divergence to the exponential that is left, in bits (the exponential is not cut off at 1).
    pub divergence: f64,
}

impl IntrinsicPlasticity {
    /// The average increments (Δa, Δb)/η at slope `a` and offset `b`.
    pub fn drift(&self, a: f64, b: f64) -> Result<[f64; 2]> {
        self.check()?;
        checks::positive("the slope", a)?;
        let mu = self.target;
        let da = self.average(|x, y| 1.0 / a + x - (2.0 + 1.0 / mu) * x * y + x * y * y / mu, a, b)?;
        let db = self.average(|_, y| 1.0 - (2.0 + 1.0 / mu) * y + y * y / mu, a, b)?;
        Ok([da, db])
    }
    /// KL(p_y ‖ Exp(μ)) in bits at slope `a` and offset `b`.
    pub fn divergence(&self, a: f64, b: f64) -> Result<f64> {
        self.check()?;
        checks::positive("the slope", a)?;
        // −h(y) + E[y]/μ + ln μ, h(y) = h(x) + E[ln a y(1 − y)].
        let mu = self.target;
        let input = 0.5 * (2.0 * PI * E * self.sd * self.sd).ln();
        let rest = self.average(
            |x, y| {
                let u = a * x + b;
                // ln y(1 − y) = −|u| − 2 ln(1 + e^(−|u|)), stable where y rounds to 0 or 1.
                let log = -u.abs() - 2.0 * (-u.abs()).exp().ln_1p();
                y / mu - log
            },
            a,
            b,
        )?;
        Ok((rest - a.ln() - input + mu.ln()) / LN_2)
    }
    /// The mean rate at slope `a` and offset `b`.
    pub fn mean_rate(&self, a: f64, b: f64) -> Result<f64> {
        self.check()?;
        self.average(|_, y| y, a, b)
    }
    /// The fixed point of the average rule, by Newton's method in the normalised input, re-checked there.
    pub fn rest(&self) -> Result<Excitability> {
        self.check()?;
        // Work with x = m + s z: a' = a s, b' = b + a m. The drift of (ln a', b') is smooth.
        let unit = IntrinsicPlasticity { mean: 0.0, sd: 1.0, ..*self };
        let drift = |v: [f64; 2]| {
            let a = v[0].exp();
            unit.drift(a, v[1]).map(|d| [d[0] * a, d[1]])
        };
        let mut v = [0.2f64, self.target.ln() - (-self.target).ln_1p() - 0.5];
        let mut size = f64::INFINITY;
        const STEPS: usize = 200;
        for _ in 0..STEPS {
            let f = drift(v)?;
            let now = f[0].hypot(f[1]);
            if now < 1e-12 || (now >= size && now < 1e-10) {
                let (a, b) = (v[0].exp() / self.sd, v[1] - v[0].exp() / self.sd * self.mean);
                let divergence = self.divergence(a, b)?;
                return Ok(Excitability { slope: a, offset: b, mean_rate: self.mean_rate(a, b)?, divergence });
            }
            size = now;
            let h = 1e-5;
            let partial = |k: usize| -> Result<[f64; 2]> {
                let (mut up, mut down) = (v, v);
                up[k] += h;
                down[k] -= h;
                let (fu, fd) = (drift(up)?, drift(down)?);
                Ok([(fu[0] - fd[0]) / (2.0 * h), (fu[1] - fd[1]) / (2.0 * h)])
            };
            let (p, q) = (partial(0)?, partial(1)?);
            let det = p[0] * q[1] - q[0] * p[1];
            let step = [(f[0] * q[1] - q[0] * f[1]) / det, (p[0] * f[1] - f[0] * p[1]) / det];
            // A step longer than 1 is shortened: far from rest the linear model is only a direction.
            let length = step[0].hypot(step[1]).max(1.0);
            v = [v[0] - step[0] / length, v[1] - step[1] / length];
        }
        Err(Error::NoConvergence { method: "intrinsic plasticity", steps: STEPS, residual: size, last: v.to_vec() })
    }
    fn check(&self) -> Result<()> {
        checks::within("the target rate", self.target, 1e-6, 0.5)?;
        checks::finite("the mean input", self.mean)?;
        checks::positive("the spread of the input", self.sd)?;
        Ok(())
    }
    /// E[f(x, y(x))] over the input.
    fn average(&self, f: impl Fn(f64, f64) -> f64, a: f64, b: f64) -> Result<f64> {
        let integrand = |z: f64| {
            let x = self.mean + self.sd * z;
            (-0.5 * z * z).exp() / (2.0 * PI).sqrt() * f(x, (a * x + b).sigmoid())
        };
        // Beyond twelve standard deviations less than 1e-30 of any rate is left.
        Ok(integrate("the average over the input", integrand, -12.0, 12.0, 1e-14)?.value)
    }
}

/// The entropy log₂(e μ) of an exponential distribution of mean μ, in bits: the most that a rate of this mean can have.
pub fn exponential_entropy(mean: f64) -> Result<f64> {
    Ok((E * checks::positive("the mean", mean)?).log2())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::ledger::{close, digits, printed};
    use crate::num::Stream;

    const RULE: IntrinsicPlasticity = IntrinsicPlasticity { target: 0.1, mean: 0.0, sd: 1.0 };

    #[test]
    fn theory_c04_rest() {
        let rest = RULE.rest().unwrap();
        printed(rest.slope, 1.238334674);
        printed(rest.offset, -2.702445162);
        digits(rest.mean_rate, 0.102774529, 9);
        printed(rest.divergence, 0.04761287948);
        printed(exponential_entropy(0.1).unwrap(), -1.879233054);
        let drift = RULE.drift(rest.slope, rest.offset).unwrap();
        assert!(drift.iter().all(|d| d.abs() < 1e-11), "{drift:?}");
    }

    #[test]
    fn law_c04_rest_is_the_minimum() {
        let rest = RULE.rest().unwrap();
        for (da, db) in [(0.1, 0.0), (-0.1, 0.0), (0.0, 0.1), (0.0, -0.1), (0.3, -0.4), (-0.5, 0.5)] {
            assert!(RULE.divergence(rest.slope + da, rest.offset + db).unwrap() > rest.divergence);
        }
    }

    #[test]
    fn law_c04_affine_shifts_are_undone() {
        let (plain, m, s) = (RULE.rest().unwrap(), 0.7, 2.5);
        let shifted = IntrinsicPlasticity { mean: m, sd: s, ..RULE }.rest().unwrap();
        close(shifted.slope, plain.slope / s, 1e-10);
        close(shifted.offset, plain.offset - plain.slope * m / s, 1e-10);
        close(shifted.divergence, plain.divergence, 1e-10);
    }

    #[test]
    fn theory_c04_online_rule_settles_there() {
        let (rest, eta) = (RULE.rest().unwrap(), 1e-3);
        let mut draws = Stream::new(4, &[4]);
        let (mut a, mut b) = (rest.slope, rest.offset);
        let (mut mean_a, mut mean_b) = (0.0, 0.0);
        let steps = 1_000_000;
        for _ in 0..steps {
            let x = draws.normal();
            let y = (a * x + b).sigmoid();
            a += eta * (1.0 / a + x - 12.0 * x * y + 10.0 * x * y * y);
            b += eta * (1.0 - 12.0 * y + 10.0 * y * y);
            mean_a += a / f64::from(steps);
            mean_b += b / f64::from(steps);
        }
        // The ledger allows 5e-3 for a long run; the averages over 1e6 steps scatter by about 4e-3.
        assert!((mean_a - rest.slope).abs() < 0.02 && (mean_b - rest.offset).abs() < 0.02, "{mean_a} {mean_b}");
    }

    #[test]
    fn law_bad_targets_are_refused() {
        assert!(IntrinsicPlasticity { target: 0.0, ..RULE }.rest().is_err());
        assert!(IntrinsicPlasticity { sd: f64::NAN, ..RULE }.rest().is_err());
        for target in [0.02, 0.3, 0.45] {
            let rule = IntrinsicPlasticity { target, ..RULE };
            let rest = rule.rest().unwrap();
            assert!(rule.drift(rest.slope, rest.offset).unwrap().iter().all(|d| d.abs() < 1e-9));
        }
    }
}
