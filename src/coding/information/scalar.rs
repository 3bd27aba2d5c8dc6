//! What does any scalar channel carry, given its input density and its noise?
//!
//! I = h(R) − ∫ p(s) h(R|s) ds with f(r) = ∫ p(s) f(r|s) ds, by nested adaptive quadrature; the error of f(r) is carried
//! through the logarithm, δ(f ln f) = |1 + ln f| δf, so the answer has a bound. Source: Cover & Thomas, chapter 8.
//!
//! ```
//! use homeostat::coding::information::additive_noise_information;
//! use homeostat::num::Scalar;
//! // A response uniform on [0, 1] in Gaussian noise of width 0.01: between the leading term and 0.03 bit above.
//! let sigma = 0.01;
//! let density = |r: f64| (r / sigma).normal_cdf() - ((r - 1.0) / sigma).normal_cdf();
//! let noise = (sigma * (2.0 * std::f64::consts::PI * std::f64::consts::E).sqrt()).log2();
//! let bits = additive_noise_information(density, (-0.1, 1.1), noise, 1e-10)?;
//! assert!((bits.value - 4.622821369).abs() < 1e-9);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use crate::coding::checks;
use crate::coding::quadrature::{Integral, integrate};
use crate::field::{Error, Result};
use std::cell::{Cell, RefCell};
use std::f64::consts::LN_2;

/// A channel from a scalar input to a scalar response.
#[derive(Clone, Copy)]
pub struct ScalarChannel<'a> {
    /// The density p(s) of the input.
    pub prior: &'a dyn Fn(f64) -> f64,
    /// Where p(s) lives; either end may be infinite.
    pub inputs: (f64, f64),
    /// The density f(r|s) of the response, called as `likelihood(r, s)`.
    pub likelihood: &'a dyn Fn(f64, f64) -> f64,
    /// Where f(r|s) lives for every s; either end may be infinite.
    pub responses: (f64, f64),
}

impl ScalarChannel<'_> {
    /// I(s; r) in bits to about `tolerance` bits; the bound of the answer includes the inner integrals.
    pub fn information(&self, tolerance: f64) -> Result<Integral> {
        checks::positive("the tolerance", tolerance)?;
        let total = integrate("the input density", self.prior, self.inputs.0, self.inputs.1, 0.01 * tolerance)?;
        if (total.value - 1.0).abs() > 1e-6_f64.max(total.error) {
            return Err(Error::domain("the input density", format!("integrates to {}", total.value), "normalise it"));
        }
        let fine = 1e-3 * tolerance;
        let trouble = RefCell::new(None);
        let nested = |result: Result<Integral>, worst: &Cell<f64>| match result {
            Ok(inner) => {
                worst.set(worst.get().max(inner.error));
                inner.value
            }
            Err(error) => {
                trouble.borrow_mut().get_or_insert(error);
                f64::NAN
            }
        };
        let worst = Cell::new(0.0);
        // h(R) in nats, with the first-order effect of the error of f(r).
        let spread = Cell::new(0.0f64);
        let density = |r: f64| {
            let inner = |s: f64| {
                let p = (self.prior)(s);
                if p == 0.0 { 0.0 } else { p * (self.likelihood)(r, s) }
            };
            let f = nested(integrate("f(r)", inner, self.inputs.0, self.inputs.1, fine), &worst);
            if f > 0.0 {
                spread.set(spread.get().max(worst.get() * (1.0 + f.ln()).abs().min(50.0)));
            }
            f
        };
        let output =
            integrate("h(R)", |r| minus_x_ln_x(density(r)), self.responses.0, self.responses.1, 0.3 * tolerance);
        let output = output.map_err(|e| trouble.borrow_mut().take().unwrap_or(e))?;
        let worst = Cell::new(0.0);
        let noise = |s: f64| {
            let p = (self.prior)(s);
            if p == 0.0 {
                return 0.0;
            }
            let inner = |r: f64| minus_x_ln_x((self.likelihood)(r, s));
            p * nested(integrate("h(R|s)", inner, self.responses.0, self.responses.1, fine), &worst)
        };
        let conditional = integrate("h(R|S)", noise, self.inputs.0, self.inputs.1, 0.3 * tolerance);
        let conditional = conditional.map_err(|e| trouble.borrow_mut().take().unwrap_or(e))?;
        let value = (output.value - conditional.value) / LN_2;
        let error = (output.error + conditional.error + spread.get() + worst.get()) / LN_2;
        if value < -error.max(tolerance) {
            return Err(Error::domain(
                "f(r|s)",
                "the information comes out negative",
                "is f(r|s) a density in r for every s?",
            ));
        }
        Ok(Integral { value: value.max(0.0), error })
    }
}

/// I(S;R) = h(R) − h(noise) in bits for additive noise: the density of the response, where it lives, and the noise's
/// entropy log₂(σ√(2πe)) or any other, in bits.
pub fn additive_noise_information(
    density: impl Fn(f64) -> f64,
    responses: (f64, f64),
    noise_entropy: f64,
    tolerance: f64,
) -> Result<Integral> {
    checks::finite("the noise entropy", noise_entropy)?;
    Ok(differential_entropy(density, responses, tolerance)?.plus(-noise_entropy))
}

/// The differential entropy −∫ f log₂ f in bits of a density on `support`.
pub fn differential_entropy(density: impl Fn(f64) -> f64, support: (f64, f64), tolerance: f64) -> Result<Integral> {
    checks::positive("the tolerance", tolerance)?;
    let total = integrate("the density", &density, support.0, support.1, 1e-9)?;
    if (total.value - 1.0).abs() > 1e-6 {
        return Err(Error::domain(
            "the density",
            format!("integrates to {}", total.value),
            "normalise it or widen the support",
        ));
    }
    let nats = integrate("f ln f", |r| minus_x_ln_x(density(r)), support.0, support.1, tolerance * LN_2)?;
    Ok(nats.scaled(1.0 / LN_2))
}

/// I(K;R) in bits for finitely many inputs with probabilities `p` and response densities `density(k, r)`.
pub fn finite_input_information(
    p: &[f64],
    density: impl Fn(usize, f64) -> f64,
    responses: (f64, f64),
    tolerance: f64,
) -> Result<Integral> {
    checks::distribution("the input distribution", p)?;
    checks::positive("the tolerance", tolerance)?;
    let integrand = |r: f64| {
        let each: Vec<f64> = (0..p.len()).map(|k| if p[k] > 0.0 { density(k, r) } else { 0.0 }).collect();
        let total: f64 = each.iter().zip(p).map(|(f, p)| f * p).sum();
        each.iter().zip(p).map(|(&f, p)| if f > 0.0 && *p > 0.0 { p * f * (f / total).ln() } else { f * 0.0 }).sum()
    };
    Ok(integrate("the information", integrand, responses.0, responses.1, tolerance * LN_2)?.scaled(1.0 / LN_2))
}

fn minus_x_ln_x(x: f64) -> f64 {
    if x > 0.0 { -x * x.ln() } else { x * 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::information::gaussian_rate;
    use crate::coding::ledger::{close, printed};
    use crate::num::Scalar;
    use std::f64::consts::{E, PI};

    fn normal(x: f64, sd: f64) -> f64 {
        (-0.5 * (x / sd).powi(2)).exp() / (sd * (2.0 * PI).sqrt())
    }

    #[test]
    fn theory_c03_uniform_response_in_noise() {
        let sigma = 0.01;
        let density = |r: f64| (r / sigma).normal_cdf() - ((r - 1.0) / sigma).normal_cdf();
        let noise = (sigma * (2.0 * PI * E).sqrt()).log2();
        printed(-noise, 4.596760605);
        let got = additive_noise_information(density, (-0.12, 1.12), noise, 1e-11).unwrap();
        printed(got.value, 4.622821369);
        assert!(got.error <= 1.1e-11);
    }

    #[test]
    fn theory_general_channel_is_right_within_its_bound() {
        // Gaussian input through Gaussian noise: ½ log2(1 + snr).
        let channel = ScalarChannel {
            prior: &|s| normal(s, 1.0),
            inputs: (-9.0, 9.0),
            likelihood: &|r, s| normal(r - s, 0.5),
            responses: (-14.0, 14.0),
        };
        let got = channel.information(1e-7).unwrap();
        let want = gaussian_rate(4.0).unwrap();
        assert!((got.value - want).abs() <= got.error.max(1e-12), "{got:?} against {want}");
        assert!(got.error < 2e-6);
    }

    #[test]
    fn law_information_is_symmetric_and_unchanged_by_invertible_maps() {
        // Response mapped by r → sinh(r): density divided by cosh.
        let plain = ScalarChannel {
            prior: &|s| if s.abs() <= 1.0 { 0.5 } else { 0.0 },
            inputs: (-1.0, 1.0),
            likelihood: &|r, s| normal(r - s, 0.6),
            responses: (-6.0, 6.0),
        };
        let bent = ScalarChannel {
            likelihood: &|r: f64, s| normal(r.asinh() - s, 0.6) / (1.0 + r * r).sqrt(),
            responses: (-(6f64.sinh()), 6f64.sinh()),
            ..plain
        };
        close(plain.information(1e-6).unwrap().value, bent.information(1e-6).unwrap().value, 3e-6);
    }

    #[test]
    fn law_bad_densities_are_refused() {
        let twice = ScalarChannel {
            prior: &|s| 2.0 * normal(s, 1.0),
            inputs: (-9.0, 9.0),
            likelihood: &|r, s| normal(r - s, 0.5),
            responses: (-14.0, 14.0),
        };
        assert!(twice.information(1e-4).is_err());
        assert!(differential_entropy(|_| f64::NAN, (0.0, 1.0), 1e-6).is_err());
    }

    #[test]
    fn theory_finite_inputs_far_apart_are_told_apart() {
        let got =
            finite_input_information(&[0.25, 0.75], |k, r| normal(r - 40.0 * k as f64, 1.0), (-12.0, 52.0), 1e-10);
        close(got.unwrap().value, 0.811_278_124_459_132_9, 1e-10);
    }
}
