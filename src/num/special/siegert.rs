//! At which rate does a leaky integrate-and-fire neuron fire in white noise?
//!
//! τ_m dV/dt = −V + μ + σ √τ_m ξ(t), a spike and a reset to V_r at V = θ, then silence for τ_ref. (The free membrane
//! potential then has the standard deviation σ/√2.) With y = (V − μ)/σ,
//!
//! 1/ν = τ_ref + τ_m √π ∫_{y_r}^{y_θ} e^(u²) (1 + erf u) du.
//!
//! Sources: Siegert 1951; Brunel 2000, appendix A.
//!
//! The rate grows with μ, σ and V_r and falls with θ, τ_m and τ_ref, everywhere in the domain σ > 0, τ_m > 0,
//! τ_ref ≥ 0, V_r ≤ θ. For μ, V_r and θ that is plain from the sign of the integrand E(u) = erfcx(−u). For σ,
//! ∂/∂σ ∫ = −(y_θ E(y_θ) − y_r E(y_r))/σ, and u E(u) is increasing: its derivative is E (1 + 2u²) + 2u/√π, which at
//! u = −v < 0 is positive since erfcx(v) > 2/(√π (v + √(v² + 2))) and 1 + v² > v √(v² + 2).
//! An interval of rates therefore has its ends at corners of the box.

use super::{SQRT_PI, erfcx_integral, log_erfcx_integral};
use crate::num::{Dual, Interval, Jet, Scalar};

/// Beyond this distance of the threshold, in σ, the rate is below 10⁻³⁰⁰ Hz for every τ_m above 10⁻⁷ s.
const FAR: f64 = 26.5;

/// The firing rate ν(μ, σ, τ_m, τ_ref, θ, V_r), in the convention of the module; Hz for times in s.
///
/// Over `f64` the relative error is below 10⁻¹³ for every input that the numbers can hold (the arguments y carry two
/// words); a rate below 10⁻³⁰⁰ is 0 (see [`log_siegert`]); σ = 0 is the noiseless neuron; outside the domain
/// (σ < 0, τ_m ≤ 0, τ_ref < 0, θ < V_r) the answer is NaN. Over intervals it encloses the range, and is the
/// whole line outside the domain.
pub fn siegert<S: Scalar>(mu: S, sigma: S, tau_m: S, tau_ref: S, theta: S, v_reset: S) -> S {
    S::siegert(mu, sigma, tau_m, tau_ref, theta, v_reset)
}

/// ln ν, finite also where ν underflows. Domain and arguments as [`siegert`]; −∞ where a neuron without noise is silent.
pub fn log_siegert(mu: f64, sigma: f64, tau_m: f64, tau_ref: f64, theta: f64, v_reset: f64) -> f64 {
    if !inside(mu, sigma, tau_m, tau_ref, theta, v_reset) {
        return f64::NAN;
    }
    let log_integral = if sigma == 0.0 {
        noiseless(mu, theta, v_reset).ln()
    } else {
        let ((y, dy), (yr, dyr)) = (ratio(theta, mu, sigma), ratio(v_reset, mu, sigma));
        // d ln ∫ = (E(y_θ) dy_θ − E(y_r) dy_r)/∫; far out, E/∫ approaches 2y.
        let slope = if y > FAR { 2.0 * y - 1.0 / y } else { super::erfcx(-y) / erfcx_integral(yr, y) };
        let back = if y > FAR { 0.0 } else { super::erfcx(-yr) / erfcx_integral(yr, y) };
        let correction = slope * dy - back * dyr;
        log_erfcx_integral(yr, y) + if correction.is_finite() { correction } else { 0.0 }
    };
    let log_interval = log_integral + (tau_m * SQRT_PI).ln();
    if log_interval > 600.0 { -log_interval } else { -(tau_ref + log_interval.exp()).ln() }
}

/// [`siegert`] over f64.
pub(in crate::num) fn siegert_f64(mu: f64, sigma: f64, tau_m: f64, tau_ref: f64, theta: f64, v_reset: f64) -> f64 {
    if !inside(mu, sigma, tau_m, tau_ref, theta, v_reset) {
        return f64::NAN;
    }
    let integral = if sigma == 0.0 {
        noiseless(mu, theta, v_reset)
    } else {
        let ((y, dy), (yr, dyr)) = (ratio(theta, mu, sigma), ratio(v_reset, mu, sigma));
        let correction = super::erfcx(-y) * dy - super::erfcx(-yr) * dyr;
        erfcx_integral(yr, y) + if correction.is_finite() { correction } else { 0.0 }
    };
    let rate = 1.0 / (tau_ref + tau_m * SQRT_PI * integral);
    if rate < 1e-300 { 0.0 } else { rate }
}

fn inside(mu: f64, sigma: f64, tau_m: f64, tau_ref: f64, theta: f64, v_reset: f64) -> bool {
    mu.is_finite() && sigma >= 0.0 && tau_m > 0.0 && tau_ref >= 0.0 && theta >= v_reset
}

/// The integral in the limit σ → 0: ln((μ − V_r)/(μ − θ))/√π, infinite for a mean below the threshold.
fn noiseless(mu: f64, theta: f64, v_reset: f64) -> f64 {
    match mu > theta {
        true => libm::log1p((theta - v_reset) / (mu - theta)) / SQRT_PI,
        false => f64::INFINITY,
    }
}

/// (v − μ)/σ in two words, the second correcting the rounding of the first.
fn ratio(v: f64, mu: f64, sigma: f64) -> (f64, f64) {
    let difference = v - mu;
    let shadow = v - difference;
    let lost = (v - (difference + shadow)) + (shadow - mu);
    let y = difference / sigma;
    // difference − y σ without rounding, from the two halves of each factor.
    let head = |x: f64| f64::from_bits(x.to_bits() & !0x7ff_ffff);
    let ((yh, sh), product) = ((head(y), head(sigma)), y * sigma);
    let error = ((yh * sh - product) + yh * (sigma - sh) + (y - yh) * sh) + (y - yh) * (sigma - sh);
    let correction = ((difference - product) - error + lost) / sigma;
    (y, if correction.is_finite() { correction } else { 0.0 })
}

/// [`siegert`] over dual numbers: the derivative never meets ∞ · 0, since ν E(y) is formed first.
pub(in crate::num) fn siegert_dual<T: Scalar>(args: [Dual<T>; 6]) -> Dual<T> {
    let [mu, sigma, tau_m, tau_ref, theta, v_reset] = args;
    let rate = T::siegert(mu.v, sigma.v, tau_m.v, tau_ref.v, theta.v, v_reset.v);
    // dν = −ν [ν dτ_ref + (1 − ν τ_ref) dτ_m/τ_m + ν τ_m √π (E(y_θ) dy_θ − E(y_r) dy_r)].
    let end = |v: Dual<T>| {
        let y = (v - mu) / sigma;
        rate.zero_wins((-y.v).erfcx()) * (y.d * tau_m.v * SQRT_PI)
    };
    let change =
        rate * tau_ref.d + (T::constant(1.0) - rate * tau_ref.v) * tau_m.d / tau_m.v + end(theta) - end(v_reset);
    Dual { v: rate, d: -(rate * change) }
}

/// [`siegert`] over jets, by the jets of its parts, relative to the rate; flat beyond y_θ = 25.
pub(in crate::num) fn siegert_jet<const N: usize>(args: [Jet<N>; 6]) -> Jet<N> {
    let [mu, sigma, tau_m, tau_ref, theta, v_reset] = args;
    let value = siegert_f64(mu.0[0], sigma.0[0], tau_m.0[0], tau_ref.0[0], theta.0[0], v_reset.0[0]);
    let far = Jet::constant(25.0);
    let (y, yr) = ((theta - mu) / sigma, (v_reset - mu) / sigma);
    let mut rate = Jet::constant(1.0) / (tau_ref + tau_m * SQRT_PI * yr.min(far).erfcx_integral(y.min(far)));
    rate.0[0] = value;
    rate
}

/// [`siegert`] over intervals, from two corners of the box.
pub(in crate::num) fn siegert_interval(args: [Interval; 6]) -> Interval {
    let [mu, sigma, tau_m, tau_ref, theta, v_reset] = args;
    let sound = sigma.lo() > 0.0 && tau_m.lo() > 0.0 && tau_ref.lo() >= 0.0 && theta.lo() >= v_reset.hi();
    if !sound || args.iter().any(|x| !x.is_finite()) {
        return Interval::ENTIRE;
    }
    let at = |mu: f64, sigma: f64, tau_m: f64, tau_ref: f64, theta: f64, v_reset: f64| {
        let y = |v: f64| (Interval::point(v) - Interval::point(mu)) / Interval::point(sigma);
        let sqrt_pi = Interval::new(SQRT_PI.next_down(), SQRT_PI.next_up());
        let silence = Interval::point(tau_m) * sqrt_pi * y(v_reset).erfcx_integral(y(theta));
        Interval::point(1.0) / (silence.max(Interval::point(0.0)) + tau_ref)
    };
    let low = at(mu.lo(), sigma.lo(), tau_m.hi(), tau_ref.hi(), theta.hi(), v_reset.lo());
    let high = at(mu.hi(), sigma.hi(), tau_m.lo(), tau_ref.lo(), theta.lo(), v_reset.hi());
    Interval::new(low.lo().max(0.0), high.hi())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every line of the grid: μ and σ in mV, ln ν, ν in Hz, dν/dμ in Hz/mV.
    fn grid() -> Vec<[f64; 5]> {
        let text = include_str!("../../../tests/reference/siegert.csv");
        let rows = text.lines().skip(1).map(|line| line.split(',').map(|v| v.parse::<f64>().unwrap()));
        rows.map(|row| row.collect::<Vec<_>>().try_into().unwrap()).collect()
    }
    fn at<S: Scalar>(mu: S, sigma: f64) -> S {
        let c = S::constant;
        siegert(mu, c(sigma), c(0.02), c(0.002), c(20.0), c(10.0))
    }

    /// mpmath 1.3.0 at 40 digits, tests/reference/siegert.py: μ −100…1000 mV, σ 0.1…20 mV.
    #[test]
    fn cross_rates_on_the_grid() {
        let mut worst = (0.0, 0.0, 0.0);
        for [mu, sigma, log_rate, rate, _] in grid() {
            let got = at(mu, sigma);
            if rate > 1e-300 {
                let error = (got / rate - 1.0).abs();
                worst = if error > worst.0 { (error, mu, sigma) } else { worst };
            } else {
                assert_eq!(got, 0.0, "{mu} {sigma}");
            }
            let log = log_siegert(mu, sigma, 0.02, 0.002, 20.0, 10.0);
            assert!((log - log_rate).abs() < 1e-13 * log_rate.abs().max(1.0), "{mu} {sigma}: {log} {log_rate}");
        }
        assert!(worst.0 < 1e-14, "{worst:?}");
    }

    /// The slope dν/dμ, from the same file, also far into the mean-driven regime.
    #[test]
    fn cross_slopes_on_the_grid() {
        for [mu, sigma, _, rate, slope] in grid() {
            let got = at(Dual::variable(mu), sigma).d;
            if rate > 1e-300 {
                // The difference E(y_θ) − E(y_r) loses digits as (θ − V_r)/(μ − θ).
                let allowed = 1e-12 * f64::max(1.0, (mu - 20.0).abs() / 10.0);
                assert!((got / slope - 1.0).abs() < allowed, "{mu} {sigma}: {got} {slope}");
            } else {
                assert_eq!(got, 0.0, "{mu} {sigma}");
            }
        }
    }

    #[test]
    fn law_derivatives_by_all_arguments_agree_with_central_differences_and_jets() {
        let x = [0.017, 0.004, 0.02, 0.002, 0.02, 0.01];
        let value = |x: [f64; 6]| siegert(x[0], x[1], x[2], x[3], x[4], x[5]);
        for k in 0..6 {
            let of = |i: usize| if i == k { Dual::variable(x[i]) } else { Dual::fixed(x[i]) };
            let dual = siegert(of(0), of(1), of(2), of(3), of(4), of(5));
            let along = |i: usize| Jet::<4>::line(x[i], if i == k { 1.0 } else { 0.0 });
            let jet = siegert(along(0), along(1), along(2), along(3), along(4), along(5));
            let h = 1e-5 * x[k];
            let (mut up, mut down) = (x, x);
            up[k] += h;
            down[k] -= h;
            let central = (value(up) - value(down)) / (2.0 * h);
            assert!((dual.d / central - 1.0).abs() < 1e-7, "{k}: {} {central}", dual.d);
            assert!((jet.0[1] / dual.d - 1.0).abs() < 1e-11);
            let second = (value(up) - 2.0 * value(x) + value(down)) / (h * h);
            assert!((2.0 * jet.0[2] - second).abs() < 1e-3 * second.abs() + 1e-4 * (dual.d / x[k]).abs());
        }
    }

    #[test]
    fn law_boxes_enclose_their_points_and_know_their_slopes() {
        let of = |lo: f64, hi: f64| Interval::new(lo, hi);
        let x = [of(0.01, 0.02), of(0.003, 0.006), of(0.01, 0.03), of(0.001, 0.002), of(0.018, 0.02), of(0.005, 0.01)];
        let whole = siegert(x[0], x[1], x[2], x[3], x[4], x[5]);
        let slope = siegert(
            Dual::variable(x[0]),
            Dual::fixed(x[1]),
            Dual::fixed(x[2]),
            Dual::fixed(x[3]),
            Dual::fixed(x[4]),
            Dual::fixed(x[5]),
        );
        let mut stream = crate::num::Stream::new(21, &[]);
        for _ in 0..300 {
            let p = x.map(|v| v.lo() + stream.uniform() * (v.hi() - v.lo()));
            let d = |i: usize| if i == 0 { Dual::variable(p[i]) } else { Dual::fixed(p[i]) };
            let point = siegert(d(0), d(1), d(2), d(3), d(4), d(5));
            assert!(whole.contains(point.v) && slope.d.contains(point.d));
        }
        // Corners are attained, so the enclosure is as narrow as the rounding.
        let corner = siegert(0.02, 0.006, 0.01, 0.001, 0.018, 0.01);
        assert!(whole.hi() >= corner && whole.hi() < corner * (1.0 + 1e-12));
        assert_eq!(siegert(of(0.0, 1.0), of(0.0, 1.0), x[2], x[3], x[4], x[5]), Interval::ENTIRE);
    }

    #[test]
    fn limit_without_noise() {
        let exact = 1.0 / (0.002 + 0.02 * (15.0_f64 / 5.0).ln());
        assert!((siegert(25.0, 0.0, 0.02, 0.002, 20.0, 10.0) / exact - 1.0).abs() < 1e-15);
        assert!((siegert(25.0, 1e-5, 0.02, 0.002, 20.0, 10.0) / exact - 1.0).abs() < 1e-10);
        assert_eq!(siegert(20.0, 0.0, 0.02, 0.002, 20.0, 10.0), 0.0);
        assert_eq!(log_siegert(20.0, 0.0, 0.02, 0.002, 20.0, 10.0), f64::NEG_INFINITY);
        assert_eq!(siegert(15.0, 1e-300, 0.02, 0.002, 20.0, 10.0), 0.0);
    }

    #[test]
    fn law_outside_the_domain_is_not_a_number() {
        assert!(siegert(15.0, -1.0, 0.02, 0.002, 20.0, 10.0).is_nan());
        assert!(siegert(15.0, 1.0, 0.02, 0.002, 10.0, 20.0).is_nan());
        assert!(siegert(f64::NAN, 1.0, 0.02, 0.002, 20.0, 10.0).is_nan());
        assert!(log_siegert(15.0, 1.0, 0.0, 0.002, 20.0, 10.0).is_nan());
    }
}
