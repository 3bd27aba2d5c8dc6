//! What is an integral, and how far can its value be trusted?
//!
//! Adaptive Gauss–Kronrod (7, 15): the worst piece is halved until the sum of the pieces' error bounds is below the
//! tolerance. An infinite end is mapped by x = t/(1 − t²). The error bound is the difference of the two rules, which for a
//! smooth integrand is far above the true error of the better one, plus rounding.
//! Source: Kronrod 1965; Piessens et al. 1983 (QUADPACK).
//!
//! ```
//! use homeostat::coding::quadrature::integrate;
//! let gauss = integrate("gauss", |x| (-x * x).exp(), f64::NEG_INFINITY, f64::INFINITY, 1e-12)?;
//! assert!((gauss.value - std::f64::consts::PI.sqrt()).abs() <= gauss.error.max(1e-14));
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use crate::field::{Error, Result};

/// A number with an error bound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Integral {
    /// The value.
    pub value: f64,
    /// |value − truth| is at most this, as far as the two rules show.
    pub error: f64,
}

impl Integral {
    /// This times a constant.
    pub fn scaled(self, factor: f64) -> Self {
        Integral { value: self.value * factor, error: self.error * factor.abs() }
    }
    /// This plus a number that has no error.
    pub fn plus(self, offset: f64) -> Self {
        Integral { value: self.value + offset, ..self }
    }
}

/// Positive Kronrod nodes; the odd places (and 0) are the Gauss nodes.
const NODES: [f64; 8] = [
    0.991_455_371_120_812_6,
    0.949_107_912_342_758_5,
    0.864_864_423_359_769_1,
    0.741_531_185_599_394_4,
    0.586_087_235_467_691_1,
    0.405_845_151_377_397_2,
    0.207_784_955_007_898_47,
    0.0,
];
const KRONROD: [f64; 8] = [
    0.022_935_322_010_529_224,
    0.063_092_092_629_978_55,
    0.104_790_010_322_250_18,
    0.140_653_259_715_525_92,
    0.169_004_726_639_267_9,
    0.190_350_578_064_785_4,
    0.204_432_940_075_298_9,
    0.209_482_141_084_727_82,
];
const GAUSS: [f64; 4] =
    [0.129_484_966_168_869_7, 0.279_705_391_489_276_64, 0.381_830_050_505_118_9, 0.417_959_183_673_469_4];

/// More pieces than this are not made.
const PIECES: usize = 4_000;

struct Piece {
    a: f64,
    b: f64,
    value: f64,
    error: f64,
    /// ∫|f|, the scale of the rounding error.
    size: f64,
}

/// ∫ₐᵇ f(x) dx to the absolute tolerance `tolerance` or to rounding; either end may be infinite.
///
/// `what` names the integrand in errors. A value that is not finite is an error that says where; a tolerance that
/// cannot be reached is [`Error::NoConvergence`].
pub fn integrate(what: &str, f: impl Fn(f64) -> f64, a: f64, b: f64, tolerance: f64) -> Result<Integral> {
    if a.is_nan() || b.is_nan() || tolerance.is_nan() {
        return Err(Error::domain(what, "an end of the integral is NaN", "give numbers or infinities"));
    }
    if a == b {
        return Ok(Integral { value: 0.0, error: 0.0 });
    }
    if a > b {
        return Ok(integrate(what, f, b, a, tolerance)?.scaled(-1.0));
    }
    if a.is_finite() && b.is_finite() {
        return finite_range(what, &f, a, b, tolerance);
    }
    // x = t/(1 − t²) on (−1, 1), shifted so that a finite end is t = 0.
    let (shift, lo, hi) = match (a.is_finite(), b.is_finite()) {
        (true, false) => (a, 0.0, 1.0),
        (false, true) => (b, -1.0, 0.0),
        _ => (0.0, -1.0, 1.0),
    };
    let mapped = |t: f64| {
        let u = 1.0 - t * t;
        if u <= 0.0 {
            return 0.0;
        }
        let value = f(shift + t / u);
        // Far out an integrable tail is 0; do not let 0 × ∞ make NaN of it.
        if value == 0.0 { 0.0 } else { value * (1.0 + t * t) / (u * u) }
    };
    finite_range(what, &mapped, lo, hi, tolerance)
}

fn finite_range(what: &str, f: &dyn Fn(f64) -> f64, a: f64, b: f64, tolerance: f64) -> Result<Integral> {
    // A few pieces to begin with, so that a narrow peak between the first nodes is not overlooked.
    const FIRST: usize = 12;
    let width = (b - a) / FIRST as f64;
    let mut pieces: Vec<Piece> = Vec::with_capacity(64);
    for i in 0..FIRST {
        let hi = if i + 1 == FIRST { b } else { a + width * (i + 1) as f64 };
        pieces.push(rule(what, f, a + width * i as f64, hi)?);
    }
    loop {
        let value: f64 = pieces.iter().map(|p| p.value).sum();
        let error: f64 = pieces.iter().map(|p| p.error).sum();
        let rounding = 4.0 * f64::EPSILON * pieces.iter().map(|p| p.size).sum::<f64>();
        if error <= tolerance.max(rounding) {
            return Ok(Integral { value, error: error + rounding });
        }
        // The list is short: a scan for the worst piece costs less than fifteen evaluations.
        let worst = (0..pieces.len()).max_by(|&i, &j| pieces[i].error.total_cmp(&pieces[j].error)).unwrap_or(0);
        let Piece { a: lo, b: hi, .. } = pieces[worst];
        let mid = 0.5 * (lo + hi);
        if pieces.len() >= PIECES || mid <= lo || mid >= hi {
            return Err(Error::NoConvergence {
                method: "adaptive quadrature",
                steps: pieces.len(),
                residual: error,
                last: vec![lo, hi],
            });
        }
        pieces[worst] = rule(what, f, lo, mid)?;
        pieces.push(rule(what, f, mid, hi)?);
    }
}

fn rule(what: &str, f: &dyn Fn(f64) -> f64, a: f64, b: f64) -> Result<Piece> {
    let (centre, half) = (0.5 * (a + b), 0.5 * (b - a));
    let at = |x: f64| {
        let y = f(x);
        if y.is_finite() {
            Ok(y)
        } else {
            Err(Error::domain(what, format!("the integrand is {y} at {x:e}"), "narrow the range or mend the integrand"))
        }
    };
    let middle = at(centre)?;
    let (mut kronrod, mut gauss, mut size) = (KRONROD[7] * middle, GAUSS[3] * middle, KRONROD[7] * middle.abs());
    for i in 0..7 {
        let (left, right) = (at(centre - half * NODES[i])?, at(centre + half * NODES[i])?);
        kronrod += KRONROD[i] * (left + right);
        size += KRONROD[i] * (left.abs() + right.abs());
        if i % 2 == 1 {
            gauss += GAUSS[i / 2] * (left + right);
        }
    }
    let (value, raw) = (kronrod * half, ((kronrod - gauss) * half).abs());
    // The raw difference is the error of the seven-point rule. The fifteen-point rule is better; the 1.5th power of the
    // ratio to the integral of |f| is the usual, still cautious, estimate of its error.
    let scale = size * half;
    let error = if scale > 0.0 { scale * (200.0 * raw / scale).powf(1.5).min(1.0).min(raw / scale) } else { raw };
    Ok(Piece { a, b, value, error, size: scale })
}

/// The root of a continuous `f` in [a, b], whose ends have opposite signs, to the last bits (bisection and secant).
pub(crate) fn root(what: &'static str, f: impl Fn(f64) -> f64, a: f64, b: f64) -> Result<f64> {
    let (mut a, mut b) = (a, b);
    let (mut fa, mut fb) = (f(a), f(b));
    if fa == 0.0 {
        return Ok(a);
    }
    if fb == 0.0 {
        return Ok(b);
    }
    if fa.is_nan() || fb.is_nan() || fa.signum() == fb.signum() {
        return Err(Error::domain(what, format!("no change of sign between {a:e} and {b:e}"), "widen the range"));
    }
    for step in 0..300 {
        // Alternate a safeguarded secant step with bisection.
        let middle = 0.5 * (a + b);
        if middle == a || middle == b {
            break;
        }
        let secant = b - fb * (b - a) / (fb - fa);
        let inside = secant > a.min(b) && secant < a.max(b);
        let x = if step % 3 != 2 && inside { secant } else { middle };
        let fx = f(x);
        if fx.is_nan() {
            return Err(Error::domain(what, format!("is NaN at {x:e}"), "narrow the range"));
        }
        if fx == 0.0 {
            return Ok(x);
        }
        if fx * fa < 0.0 {
            (b, fb) = (x, fx);
        } else {
            (a, fa) = (x, fx);
        }
    }
    Ok(if fa.abs() < fb.abs() { a } else { b })
}

/// Where a unimodal `f` is largest in [a, b] (golden section), and its value there.
#[allow(dead_code)]
pub(crate) fn maximum(f: impl Fn(f64) -> f64, a: f64, b: f64) -> (f64, f64) {
    let ratio = 0.5 * (5f64.sqrt() - 1.0);
    let (mut a, mut b) = (a, b);
    let (mut x, mut y) = (b - ratio * (b - a), a + ratio * (b - a));
    let (mut fx, mut fy) = (f(x), f(y));
    for _ in 0..200 {
        if fx >= fy {
            (b, y, fy) = (y, x, fx);
            x = b - ratio * (b - a);
            fx = f(x);
        } else {
            (a, x, fx) = (x, y, fy);
            y = a + ratio * (b - a);
            fy = f(y);
        }
        if b - a <= 1e-15 * a.abs().max(b.abs()) {
            break;
        }
    }
    if fx >= fy { (x, fx) } else { (y, fy) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::ledger::close;

    #[test]
    fn theory_polynomials_are_exact() {
        // Kronrod 15 is exact to degree 22.
        for degree in 0..=22 {
            let got = rule("power", &|x: f64| x.powi(degree), -1.0, 1.0).unwrap().value;
            close(got, if degree % 2 == 1 { 0.0 } else { 2.0 / f64::from(degree + 1) }, 4e-16);
        }
    }

    #[test]
    fn theory_integrals_lie_within_their_bounds() {
        let pi = std::f64::consts::PI;
        type Case<'a> = (&'a dyn Fn(f64) -> f64, f64, f64, f64);
        let cases: [Case; 6] = [
            (&|x: f64| (-x * x / 2.0).exp(), f64::NEG_INFINITY, f64::INFINITY, (2.0 * pi).sqrt()),
            (&|x: f64| (-x).exp(), 0.0, f64::INFINITY, 1.0),
            (&|x: f64| x.sqrt(), 0.0, 1.0, 2.0 / 3.0),
            (&|x: f64| 1.0 / (1.0 + x * x), f64::NEG_INFINITY, 0.0, pi / 2.0),
            (&|x: f64| if x > 0.0 { -x.ln() } else { 0.0 }, 0.0, 1.0, 1.0),
            // A peak of width 1e-3 in a range of 10.
            (
                &|x: f64| 1e-3 / (pi * ((x - 0.3) * (x - 0.3) + 1e-6)),
                -5.0,
                5.0,
                (4.7e3f64.atan() + 5.3e3f64.atan()) / pi,
            ),
        ];
        for (i, (f, a, b, truth)) in cases.iter().enumerate() {
            let got = integrate("case", f, *a, *b, 1e-10).unwrap();
            assert!((got.value - truth).abs() <= 1.5e-10, "case {i}: {got:?} against {truth}");
            assert!(got.error <= 1.1e-10, "case {i}: {got:?}");
        }
    }

    #[test]
    fn law_not_a_number_is_an_error_that_says_where() {
        let message = integrate("f", |x| (x - 0.5).ln(), 0.0, 1.0, 1e-8).unwrap_err().to_string();
        assert!(message.contains("NaN at"), "{message}");
        assert!(integrate("f", |x| x, f64::NAN, 1.0, 1e-8).is_err());
        // A divergent integral is an error, never a number.
        assert!(integrate("1/x", |x| 1.0 / x, 0.0, 1.0, 1e-10).is_err());
        assert!(integrate("1/x", |x| 1.0 / x, 1.0, f64::INFINITY, 1e-10).is_err());
    }

    #[test]
    fn theory_root_and_maximum() {
        close(root("cos", f64::cos, 0.0, 3.0).unwrap(), std::f64::consts::FRAC_PI_2, 2e-16);
        assert!(root("square", |x| x * x + 1.0, -1.0, 1.0).is_err());
        let (at, value) = maximum(|x| x * (-x).exp(), 0.0, 10.0);
        close(at, 1.0, 2e-8);
        close(value, (-1f64).exp(), 1e-15);
    }
}
