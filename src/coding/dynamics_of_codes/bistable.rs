//! Can a recurrent population hold two states, and what does scaling its weights do to that?
//!
//! τ dr/dt = −r + 1/(1 + e^(−(wr + I − θ)/s)) is bistable iff w > 4s. Saddle-nodes at r = (1 ∓ q)/2, q = √(1 − 4s/w),
//! I = θ + s ln(r/(1−r)) − wr; the range of I between them is wq − 2s ln((1+q)/(1−q)) wide, centred at θ − w/2. The
//! potential is V(r) = r²/2 − (s/w) ln(1 + e^((wr+I−θ)/s)). Integral homeostasis of the threshold,
//! τ_h dθ/dt = r − r*, holds r* iff w r*(1−r*)/s < 1: a set point on the unstable branch cannot be held.
//! Sources: Brunel 2003; Renart, Brunel & Wang 2003.
//!
//! ```
//! use homeostat::coding::dynamics_of_codes::BistableUnit;
//! let unit = BistableUnit { weight: 8.0, threshold: 0.0, softness: 1.0 };
//! assert!((unit.width()? - 2.131359901).abs() < 1e-9);
//! assert_eq!(unit.fixed_points(-4.0)?.len(), 3);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use crate::coding::checks;
use crate::coding::quadrature::root;
use crate::field::{Error, Result};
use crate::num::Scalar;

/// A recurrent population with a sigmoid of slope 1/(4s).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BistableUnit {
    /// Recurrent weight w.
    pub weight: f64,
    /// Threshold θ.
    pub threshold: f64,
    /// Softness s of the threshold.
    pub softness: f64,
}

impl BistableUnit {
    /// The same unit with all weights scaled.
    pub fn scaled(&self, factor: f64) -> Self {
        BistableUnit { weight: self.weight * factor, ..*self }
    }
    /// The rates at the two saddle-nodes; `None` unless w > 4s.
    pub fn folds(&self) -> Result<Option<(f64, f64)>> {
        Ok(self.opening()?.map(|q| ((1.0 - q) / 2.0, (1.0 + q) / 2.0)))
    }
    /// The input at which `rate` is a fixed point.
    pub fn input_at(&self, rate: f64) -> Result<f64> {
        self.check()?;
        checks::within("the rate", rate, f64::MIN_POSITIVE, 1.0 - f64::EPSILON / 2.0)?;
        Ok(self.threshold + self.softness * (rate.ln() - (-rate).ln_1p()) - self.weight * rate)
    }
    /// The inputs between which there are two stable states, low to high; `None` unless w > 4s.
    pub fn range(&self) -> Result<Option<(f64, f64)>> {
        match self.folds()? {
            None => Ok(None),
            Some((low, high)) => Ok(Some((self.input_at(high)?, self.input_at(low)?))),
        }
    }
    /// How wide that range is; 0 unless w > 4s.
    pub fn width(&self) -> Result<f64> {
        let q = self.opening()?.unwrap_or(0.0);
        Ok(self.weight * q - 2.0 * self.softness * (q.ln_1p() - (-q).ln_1p()))
    }
    /// The middle of the range, θ − w/2, where both states are equally deep.
    pub fn centre(&self) -> f64 {
        self.threshold - self.weight / 2.0
    }
    /// All fixed points at an input, in order (one or three; two at a saddle-node).
    pub fn fixed_points(&self, input: f64) -> Result<Vec<f64>> {
        self.check()?;
        checks::finite("the input", input)?;
        let f = |r: f64| ((self.weight * r + input - self.threshold) / self.softness).sigmoid() - r;
        // Between the folds of the S-shaped curve every branch is monotone.
        let mut ends = vec![0.0];
        if let Some((low, high)) = self.folds()? {
            ends.extend([low, high]);
        }
        ends.push(1.0);
        let mut found = Vec::new();
        for pair in ends.windows(2) {
            let (a, b) = (f(pair[0]), f(pair[1]));
            if a == 0.0 {
                found.push(pair[0]);
            } else if a.signum() != b.signum() && b != 0.0 {
                found.push(root("a fixed point", f, pair[0], pair[1])?);
            }
        }
        if f(1.0) == 0.0 {
            found.push(1.0);
        }
        Ok(found)
    }
    /// The potential V(r) at an input; dr/dt = −V'(r)/τ.
    pub fn potential(&self, rate: f64, input: f64) -> f64 {
        let drive = (self.weight * rate + input - self.threshold) / self.softness;
        0.5 * rate * rate - self.softness / self.weight * drive.softplus()
    }
    /// The curvature V''(r).
    pub fn curvature(&self, rate: f64, input: f64) -> f64 {
        let p = ((self.weight * rate + input - self.threshold) / self.softness).sigmoid();
        1.0 - self.weight / self.softness * p * (1.0 - p)
    }
    /// The potential barrier from the low and from the high state at an input; an error unless there are three.
    pub fn barriers(&self, input: f64) -> Result<(f64, f64)> {
        let points = self.fixed_points(input)?;
        let &[low, top, high] = points.as_slice() else {
            return Err(Error::domain(
                "the input",
                format!("{input}: there are not two stable states"),
                "stay inside `range`",
            ));
        };
        let v = |r| self.potential(r, input);
        Ok((v(top) - v(low), v(top) - v(high)))
    }
    /// The weight above which integral homeostasis cannot hold the set point r*: s/(r*(1 − r*)).
    pub fn largest_held_weight(&self, set_point: f64) -> Result<f64> {
        self.check()?;
        checks::within("the set point", set_point, f64::MIN_POSITIVE, 1.0 - f64::EPSILON / 2.0)?;
        Ok(self.softness / (set_point * (1.0 - set_point)))
    }
    /// The angular frequency (rad/s) of the Hopf bifurcation there, √(r*(1−r*)/(s τ τ_h)), time constants in s.
    pub fn homeostatic_frequency(&self, set_point: f64, tau: f64, tau_h: f64) -> Result<f64> {
        let weight = self.largest_held_weight(set_point)?;
        checks::positive("τ", tau)?;
        Ok((1.0 / (weight * tau * checks::positive("τ_h", tau_h)?)).sqrt())
    }
    /// q = √(1 − 4s/w), if w > 4s.
    fn opening(&self) -> Result<Option<f64>> {
        self.check()?;
        let square = 1.0 - 4.0 * self.softness / self.weight;
        Ok((self.weight > 0.0 && square > 0.0).then(|| square.sqrt()))
    }
    fn check(&self) -> Result<()> {
        checks::finite("the weight", self.weight)?;
        checks::finite("the threshold", self.threshold)?;
        checks::positive("the softness", self.softness)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::ledger::{close, printed};
    use proptest::prelude::*;

    const UNIT: BistableUnit = BistableUnit { weight: 8.0, threshold: 0.0, softness: 1.0 };

    #[test]
    fn theory_c26_landscape() {
        let (low, high) = UNIT.folds().unwrap().unwrap();
        printed(low, 0.1464466094);
        printed(high, 0.8535533906);
        let (from, to) = UNIT.range().unwrap().unwrap();
        printed(from, -5.065679951);
        printed(to, -2.934320049);
        printed(UNIT.width().unwrap(), 2.131359901);
        let points = UNIT.fixed_points(-4.0).unwrap();
        printed(points[0], 0.02124798796);
        printed(points[1], 0.5);
        printed(points[2], 0.978752012);
        printed(UNIT.barriers(-4.0).unwrap().0, 0.04081548593);
        for (factor, width) in [(0.9, 1.581124175), (0.75, 0.8301858213), (0.6, 0.2255623412), (0.5, 0.0)] {
            printed(UNIT.scaled(factor).width().unwrap(), width);
        }
        for (factor, barrier) in [(0.9, 0.03291648422), (0.75, 0.01919902815)] {
            let weaker = UNIT.scaled(factor);
            printed(weaker.barriers(weaker.centre()).unwrap().0, barrier);
        }
        printed(UNIT.largest_held_weight(0.2).unwrap(), 6.25);
        printed(UNIT.homeostatic_frequency(0.2, 0.01, 10.0).unwrap(), 1.264911064);
    }

    proptest! {
        #[test]
        fn law_c26_fixed_points_are_extrema(w in 0.5f64..12.0, input in -8.0f64..2.0) {
            let unit = BistableUnit { weight: w, ..UNIT };
            let points = unit.fixed_points(input).unwrap();
            prop_assert!(points.len() == 1 || points.len() == 3);
            for (i, &r) in points.iter().enumerate() {
                let h = 1e-5;
                let slope = (unit.potential(r + h, input) - unit.potential(r - h, input)) / (2.0 * h);
                prop_assert!(slope.abs() < 1e-9);
                // Stable and unstable alternate.
                prop_assert!((unit.curvature(r, input) > -1e-9) == (i % 2 == 0));
            }
            let inside = unit.range().unwrap().is_some_and(|(a, b)| input > a && input < b);
            prop_assert_eq!(inside, points.len() == 3);
        }
    }

    #[test]
    fn limit_c26_edge_of_bistability() {
        assert_eq!(BistableUnit { weight: 4.0, ..UNIT }.width().unwrap(), 0.0);
        assert!(BistableUnit { weight: 4.0, ..UNIT }.folds().unwrap().is_none());
        // Just beyond it the width is 4s q³/3.
        let q: f64 = 1e-3;
        let unit = BistableUnit { weight: 4.0 / (1.0 - q * q), ..UNIT };
        close(unit.width().unwrap() / (8.0 * q.powi(3) / 3.0), 1.0, 1e-4);
        assert!(UNIT.barriers(0.0).is_err());
    }
}
