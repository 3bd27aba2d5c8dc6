//! When does a solution cease to exist? Finite-time singularities, located and checked.
//!
//! Near a singularity at t* the relative rate φ = maxᵢ |ẋᵢ|/(sᵢ + |xᵢ|) (sᵢ the scale of the variable) grows as
//! φ ≈ A (t* − t)^(−β): β = 1 where a state diverges as (t* − t)^(−A) (r² growth: A = 1), β < 1 where the state stays
//! finite and only its rate diverges (a gain singularity). An adaptive method follows it: its steps shrink in proportion
//! to the time that is left, so it comes as near as rounding allows. When the steps have shrunk to 10⁻¹⁰ of the time, t*
//! and β are solved from three points of the tail one decade of φ apart, and again from three points one decade earlier.
//! Only if both agree and φ has grown by three decades is it called a blow-up; otherwise small steps are an error.
//! The error of t* is that of the integration, not of the extrapolation: it is measured by a second run with thirty times
//! wider tolerances.

/// A finite-time singularity.
#[derive(Clone, Debug, PartialEq)]
pub struct BlowUp {
    /// When the solution ends (s).
    pub t: f64,
    /// How far t may be off (s): the disagreement of two extrapolations, plus what a thirty times wider tolerance moves;
    /// infinite if that run did not find it.
    pub error: f64,
    /// The variable that moves fastest there.
    pub variable: String,
    /// β in φ ≈ A (t* − t)^(−β): 1 if the state diverges, less if only its rate does.
    pub beta: f64,
    /// The variable grows as (t* − t)^(−exponent); `None` if it stays finite and its rate diverges.
    pub exponent: Option<f64>,
}

/// The rise of the relative rate along a trajectory: (t, φ), increasing in both.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tail(Vec<(f64, f64)>);

/// One estimate from three points: the time that is left after the last, and β.
struct Fit {
    left: f64,
    beta: f64,
}

impl Tail {
    /// Adds a step; keeps only the last rise.
    pub fn push(&mut self, t: f64, phi: f64) {
        while self.0.last().is_some_and(|last| last.1 >= phi) {
            self.0.pop();
        }
        if phi > 0.0 && phi.is_finite() {
            self.0.push((t, phi));
        }
    }

    /// The singularity that the tail points at, as (t*, error, β, A), if it is one.
    pub fn singularity(&self, decades: f64) -> Option<(f64, f64, f64, f64)> {
        let last = *self.0.last()?;
        if last.1 < self.0[0].1 * 10f64.powf(decades) {
            return None;
        }
        let step = 10f64.powf(decades / 4.0).min(10.0);
        let near = self.fit(last, step)?;
        let earlier = self.before(last.1 / step)?;
        let far = self.fit(earlier, step)?;
        let (t_near, t_far) = (last.0 + near.left, earlier.0 + far.left);
        let agree = (t_near - t_far).abs();
        // The earlier fit must foresee the end to a few per cent of the time it still saw left.
        let sound = agree <= 0.05 * far.left + 4.0 * f64::EPSILON * t_near && (near.beta - far.beta).abs() < 0.1;
        let beta = near.beta;
        (sound && beta < 1.2).then_some((t_near, agree, beta, last.1 * near.left))
    }

    /// The last point with φ at most `phi`.
    fn before(&self, phi: f64) -> Option<(f64, f64)> {
        let after = self.0.partition_point(|point| point.1 <= phi);
        after.checked_sub(1).map(|i| self.0[i])
    }

    /// t* and β from `c` and the points one and two factors of `step` in φ before it.
    fn fit(&self, c: (f64, f64), step: f64) -> Option<Fit> {
        let b = self.before(c.1 / step)?;
        let a = self.before(b.1 / step)?;
        let (to_a, to_b) = (c.0 - a.0, c.0 - b.0);
        if !(to_b > 0.0 && to_a > to_b) {
            return None;
        }
        // (left + to_a)/left = (φc/φa)^(1/β) and the same for b; `gamma` = 1/β.
        let (ra, rb) = ((c.1 / a.1).ln(), (c.1 / b.1).ln());
        let mismatch = |gamma: f64| ((gamma * ra).exp_m1() / (gamma * rb).exp_m1()).ln() - (to_a / to_b).ln();
        let (mut lo, mut hi) = (0.2, 10.0);
        if mismatch(lo) > 0.0 || mismatch(hi) < 0.0 {
            return None;
        }
        for _ in 0..60 {
            let mid = 0.5 * (lo + hi);
            if mismatch(mid) < 0.0 { lo = mid } else { hi = mid }
        }
        Some(Fit { left: to_b / (lo * rb).exp_m1(), beta: 1.0 / lo })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn theory_power_laws_are_recovered() {
        for (beta, end) in [(1.0, 3.0), (2.0 / 3.0, 170.0), (0.5, 1e4)] {
            let mut tail = Tail::default();
            for k in 0..220 {
                let left: f64 = end * 0.9f64.powi(k);
                tail.push(end - left, 2.0 * left.powf(-beta));
            }
            let (t, error, found, _) = tail.singularity(3.0).expect("a power law is a singularity");
            assert!((t / end - 1.0).abs() < 1e-12, "{t}");
            assert!((found - beta).abs() < 1e-3 && error < 1e-9 * end, "{found} {error}");
        }
    }

    #[test]
    fn limit_exponential_growth_is_no_singularity() {
        let mut tail = Tail::default();
        // A doubly exponential rise has finite values at all times.
        (0..2000).for_each(|k| tail.push(k as f64 * 0.01, (k as f64 * 0.01).exp()));
        assert!(tail.singularity(3.0).is_none());
    }

    #[test]
    fn limit_a_fall_forgets_the_rise_before() {
        let mut tail = Tail::default();
        (1..100).for_each(|k| tail.push(k as f64, 1.0 / (100.0 - k as f64)));
        tail.push(100.0, 0.001);
        assert!(tail.singularity(1.0).is_none());
    }
}
