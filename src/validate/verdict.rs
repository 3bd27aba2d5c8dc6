//! Does a measured number agree with a predicted one?
//!
//! *No significant difference* is not agreement. A number **agrees** if a difference as large as the tolerance is excluded
//! (two one-sided tests: Schuirmann 1987), **disagrees** if a difference as small as the tolerance is excluded, and
//! otherwise the data **cannot tell**; then the smallest deviation that they could have shown is reported.
//! Several comparisons are corrected by Holm's method, for agreement and for disagreement alike.

use super::mean::{quantile, upper_tail};

/// The three answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// A difference as large as the tolerance is excluded.
    Agrees,
    /// The data are compatible with both, or unfit to be judged.
    CannotTell,
    /// A difference as small as the tolerance is excluded.
    Disagrees,
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Verdict::Agrees => "agrees",
            Verdict::CannotTell => "cannot tell",
            Verdict::Disagrees => "disagrees",
        })
    }
}

/// A measured value, its error, and the band around the prediction in which it counts as the same.
#[derive(Clone, Copy, Debug)]
pub struct Comparison {
    /// Measured minus predicted.
    pub difference: f64,
    /// Standard error of the difference.
    pub se: f64,
    /// Degrees of freedom of the standard error.
    pub freedom: f64,
    /// Half the width of the band.
    pub tolerance: f64,
}

impl Comparison {
    /// The probability of a difference as small as this if the true one were outside the band.
    pub fn p_agree(&self) -> f64 {
        let below = upper_tail(self.freedom, (self.difference + self.tolerance) / self.se);
        let above = upper_tail(self.freedom, (self.tolerance - self.difference) / self.se);
        below.max(above)
    }
    /// The probability of a difference as large as this if the true one were inside the band.
    pub fn p_disagree(&self) -> f64 {
        upper_tail(self.freedom, (self.difference.abs() - self.tolerance) / self.se)
    }
    /// The smallest true deviation from the prediction that would have been called a disagreement with this power.
    pub fn detectable(&self, level: f64, power: f64) -> f64 {
        self.tolerance + (quantile(self.freedom, 1.0 - level) + quantile(self.freedom, power)) * self.se
    }
}

/// Holm's adjusted p-values, in the order of `p`.
pub fn holm(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
    let mut adjusted = vec![0.0; p.len()];
    let mut largest: f64 = 0.0;
    for (rank, &k) in order.iter().enumerate() {
        largest = largest.max(p[k] * (p.len() - rank) as f64).min(1.0);
        adjusted[k] = largest;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::Stream;

    #[test]
    fn theory_holm_steps_down() {
        let adjusted = holm(&[0.01, 0.04, 0.03, 0.005]);
        let wanted = [0.03, 0.06, 0.06, 0.02];
        assert!(adjusted.iter().zip(wanted).all(|(a, b)| (a - b).abs() < 1e-15), "{adjusted:?}");
    }

    #[test]
    fn theory_the_three_answers() {
        let compare = |difference, se| Comparison { difference, se, freedom: 1e6, tolerance: 0.25 };
        assert!(compare(0.05, 0.05).p_agree() < 1e-4);
        assert!(compare(0.5, 0.05).p_disagree() < 1e-6);
        let wide = compare(0.1, 0.3);
        assert!(wide.p_agree() > 0.05 && wide.p_disagree() > 0.05);
        // 1.645 and 0.842 are the normal quantiles of 95 % and 80 %.
        assert!((wide.detectable(0.05, 0.8) - (0.25 + 0.3 * (1.644854 + 0.841621))).abs() < 1e-3);
    }

    #[test]
    fn law_at_the_edge_of_the_band_both_errors_are_as_rare_as_the_level() {
        let mut draw = Stream::new(11, &[1]);
        let (mut agree, mut disagree, n) = (0, 0, 20_000);
        for _ in 0..n {
            let difference = 1.0 + 0.2 * draw.normal();
            let c = Comparison { difference, se: 0.2, freedom: 1e6, tolerance: 1.0 };
            agree += usize::from(c.p_agree() < 0.05);
            disagree += usize::from(c.p_disagree() < 0.05);
        }
        for count in [agree, disagree] {
            assert!((count as f64 / f64::from(n) - 0.05).abs() < 0.006, "{count}");
        }
    }

    #[test]
    fn law_among_many_true_predictions_one_is_called_wrong_as_rarely_as_the_level() {
        let mut draw = Stream::new(12, &[1]);
        let families = 4000;
        let alarms = (0..families)
            .filter(|_| {
                // Ten predictions, each wrong by exactly what is tolerated: the worst case.
                let p: Vec<f64> = (0..10)
                    .map(|_| Comparison {
                        difference: 1.0 + 0.2 * draw.normal(),
                        se: 0.2,
                        freedom: 1e6,
                        tolerance: 1.0,
                    })
                    .map(|c| c.p_disagree())
                    .collect();
                holm(&p).iter().any(|&p| p < 0.05)
            })
            .count();
        assert!((alarms as f64 / f64::from(families) - 0.05).abs() < 0.012, "{alarms}");
    }
}
