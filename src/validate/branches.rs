//! Do simulated averages lie on a branch of fixed points?
//!
//! At each parameter value the stable states of the branches are found again by Newton's method, the nearest is the
//! prediction, and the average is compared with it as everywhere here: *agrees* only if a difference as large as the tolerance
//! is excluded. All values together are corrected for their number by Holm's method.
//! A noisy average differs from the fixed point of the noise-free equations by the order of the variance: the tolerance
//! says how much of that is allowed.
//!
//! ```
//! use homeostat::dynamics::continuation::{Options as Steps, Vary, follow};
//! use homeostat::field::{Law, Names, Quantity};
//! use homeostat::num::{Estimate, Scalar};
//! use homeostat::validate::{Options, Simulated, Verdict, against_branches};
//!
//! /// dx/dt = λ − x.
//! struct Follows(Names);
//! impl Law for Follows {
//!     fn law_names(&self) -> &Names { &self.0 }
//!     fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) { dx[0] = p[0] - x[0]; }
//! }
//! let field = Follows(Names::new("follows", [Quantity::plain("x", 1.0)], [Quantity::plain("lambda", 1.0)]));
//! let vary = Vary::new(0, (0.5, 4.0));
//! let branch = follow(&field, &[1.0], &[1.0], &vary, &Steps::default())?;
//! let average = |at: f64, value: f64| Simulated { parameter: at, mean: Estimate::new(value, "", 0.01, 400, ""), freedom: 399.0 };
//! let averages = [average(1.0, 1.01), average(2.0, 1.99), average(3.0, 3.6)];
//! let report = against_branches(&field, &[1.0], &vary, &[branch], "x", &averages, &Options::default())?;
//! let verdicts: Vec<Verdict> = report.points.iter().map(|p| p.verdict).collect();
//! assert_eq!(verdicts, [Verdict::Agrees, Verdict::Agrees, Verdict::Disagrees]);
//! # Ok::<(), homeostat::Error>(())
//! ```

use super::judge::{Options, Tolerance};
use super::mean::{half_width, mean};
use super::verdict::{Comparison, Verdict, holm};
use crate::dynamics::continuation::{Branch, Vary};
use crate::field::{Error, Field, Result, Table, Unit};
use crate::num::Estimate;
use crate::num::linalg::{solve, spectral_abscissa};
use nalgebra::DVector;

/// A simulated average of one variable at one parameter value.
#[derive(Clone, Debug)]
pub struct Simulated {
    /// The parameter (coherent unit).
    pub parameter: f64,
    /// The average, in the unit in which the variable is shown.
    pub mean: Estimate,
    /// Degrees of freedom of its standard error.
    pub freedom: f64,
}

impl Simulated {
    /// The average of independent runs, each a series after its transient.
    ///
    /// Eight runs or more have the error that their spread shows; of fewer, the error of each knows how correlated its samples
    /// are.
    ///
    /// # Errors
    /// Runs that are too short or do not fluctuate: their average has no standard error.
    pub fn of_runs(parameter: f64, runs: &[Vec<f64>], unit: &Unit) -> Result<Simulated> {
        let name = if unit.is_none() { String::new() } else { unit.to_string() };
        if runs.len() >= MANY {
            return Simulated::of_many(parameter, runs, &name);
        }
        let each = runs.iter().map(|run| mean(run, &name)).collect::<std::result::Result<Vec<_>, _>>();
        let each =
            each.map_err(|why| Error::domain(format!("the average at {parameter}"), why, "simulate for longer"))?;
        if each.is_empty() {
            return Err(Error::usage("an average of no runs", "simulate at least one"));
        }
        let count = each.len() as f64;
        let value = each.iter().map(|m| m.estimate.value).sum::<f64>() / count;
        let variance: f64 = each.iter().map(|m| m.estimate.se.powi(2)).sum();
        let n = each.iter().map(|m| m.estimate.n).sum();
        let how = format!("mean over {} runs, errors from autoregressions", each.len());
        // Welch and Satterthwaite, for runs whose errors are known differently well.
        let spread: f64 = each.iter().map(|m| m.estimate.se.powi(4) / m.freedom).sum();
        let freedom = if spread > 0.0 { variance.powi(2) / spread } else { count };
        Ok(Simulated { parameter, mean: Estimate::new(value, &name, variance.sqrt() / count, n, how), freedom })
    }

    /// With the error that the spread between the runs shows.
    fn of_many(parameter: f64, runs: &[Vec<f64>], unit: &str) -> Result<Simulated> {
        let count = runs.len() as f64;
        let means: Vec<f64> = runs.iter().map(|run| run.iter().sum::<f64>() / run.len() as f64).collect();
        let value = means.iter().sum::<f64>() / count;
        let se = (means.iter().map(|m| (m - value).powi(2)).sum::<f64>() / (count - 1.0) / count).sqrt();
        if se > 0.0 && value.is_finite() {
            let how = format!("mean over {} runs, error from their spread", runs.len());
            return Ok(Simulated {
                parameter,
                mean: Estimate::new(value, unit, se, runs.len(), how),
                freedom: count - 1.0,
            });
        }
        let why = "the runs do not differ, or are not finite";
        Err(Error::domain(format!("the average at {parameter}"), why, "simulate with noise, each run with its own"))
    }
}

/// From so many runs on their spread says how well the average is known.
const MANY: usize = 8;

/// What one average says.
#[derive(Clone, Debug)]
pub struct OnBranch {
    /// The average.
    pub simulated: Simulated,
    /// The number of the branch it is nearest to, and the stable value there, in the shown unit; `None` where no branch is
    /// stable.
    pub nearest: Option<(usize, f64)>,
    /// Half the width of the band that counts as the same.
    pub band: f64,
    /// Half the 95 % interval of the average.
    pub half_width: f64,
    /// Holm-adjusted probabilities for agreement and for disagreement.
    pub p_agree: f64,
    /// See `p_agree`.
    pub p_disagree: f64,
    /// The answer.
    pub verdict: Verdict,
}

/// All averages against all branches.
#[derive(Clone, Debug)]
pub struct AgainstBranches {
    /// The parameter and the variable, with their units.
    pub axes: [(String, Unit); 2],
    /// One answer per average, in their order.
    pub points: Vec<OnBranch>,
    /// The error level that holds over all of them.
    pub level: f64,
}

impl AgainstBranches {
    /// Disagrees if any average does, agrees if all do.
    pub fn verdict(&self) -> Verdict {
        self.points.iter().map(|p| p.verdict).max().unwrap_or(Verdict::CannotTell)
    }
    /// One row per average, in shown units.
    pub fn table(&self) -> Table {
        let [(parameter, unit), (variable, shown)] = &self.axes;
        let number = |of: &dyn Fn(&OnBranch) -> f64| self.points.iter().map(of).collect::<Vec<f64>>();
        Table::new()
            .number(parameter, unit.clone(), number(&|p| p.simulated.parameter / unit.factor))
            .number("branch", Unit::NONE, number(&|p| p.nearest.map_or(f64::NAN, |n| (n.0 + 1) as f64)))
            .number(&format!("{variable} theory"), shown.clone(), number(&|p| p.nearest.map_or(f64::NAN, |n| n.1)))
            .number(&format!("{variable} simulated"), shown.clone(), number(&|p| p.simulated.mean.value))
            .number("se", shown.clone(), number(&|p| p.simulated.mean.se))
            .number("band", shown.clone(), number(&|p| p.band))
            .number("p_agree", Unit::NONE, number(&|p| p.p_agree))
            .number("p_disagree", Unit::NONE, number(&|p| p.p_disagree))
            .text("verdict", self.points.iter().map(|p| p.verdict.to_string()).collect())
    }
}

/// Judges simulated averages of `variable` against the stable parts of branches in a parameter.
///
/// `p` has one value per parameter; the one that varies is replaced.
///
/// # Errors
/// No averages, an unknown variable, a value or error that is not finite, a tolerance that is none.
pub fn against_branches(
    field: &dyn Field,
    p: &[f64],
    vary: &Vary,
    branches: &[Branch],
    variable: &str,
    simulated: &[Simulated],
    options: &Options,
) -> Result<AgainstBranches> {
    let k = field.names().variable(variable)?;
    let shown = field.names().variables[k].unit.clone();
    let varied = &field.names().parameters[vary.parameter()];
    if simulated.is_empty() {
        return Err(Error::usage("there is no average to judge", "simulate at one parameter value at least"));
    }
    let mut comparisons = Vec::new();
    let mut points = Vec::new();
    for one in simulated {
        let (value, se) = (one.mean.corrected(), one.mean.se);
        if !(value.is_finite() && se.is_finite() && one.freedom > 0.0) {
            let what = format!("the average of `{variable}` at {} = {}", varied.name, one.parameter);
            return Err(Error::domain(what, "is not finite, or has no error", "leave it away, or simulate for longer"));
        }
        let stable = branches.iter().enumerate().flat_map(|(b, branch)| {
            stable_states(field, p, vary.parameter(), branch, one.parameter).into_iter().map(move |x| (b, x))
        });
        let nearest = stable
            .map(|(b, x)| (b, x[k] / shown.factor))
            .min_by(|a, b| (a.1 - value).abs().total_cmp(&(b.1 - value).abs()));
        let band = match options.tolerance {
            Tolerance::Percent(percent) => percent / 100.0 * nearest.map_or(f64::NAN, |n| n.1.abs()),
            Tolerance::Absolute(band) => band,
        };
        if nearest.is_some() && !(band > 0.0 && band.is_finite()) {
            return Err(Error::usage(
                format!("the tolerance of `{variable}` at {} = {} is {band}", varied.name, one.parameter),
                "give a positive one; a prediction of 0 needs an absolute tolerance with a unit",
            ));
        }
        let comparison = nearest.map(|(_, theory)| Comparison {
            difference: value - theory,
            se: se.max(1e-15 * theory.abs()).max(f64::MIN_POSITIVE),
            freedom: one.freedom,
            tolerance: band,
        });
        comparisons.push(comparison);
        points.push(OnBranch {
            simulated: one.clone(),
            nearest,
            band,
            half_width: se * half_width(one.freedom, 0.95),
            p_agree: 1.0,
            p_disagree: 1.0,
            verdict: Verdict::CannotTell,
        });
    }
    let agree = holm(&comparisons.iter().map(|c| c.map_or(1.0, |c| c.p_agree())).collect::<Vec<_>>());
    let disagree = holm(&comparisons.iter().map(|c| c.map_or(1.0, |c| c.p_disagree())).collect::<Vec<_>>());
    for (i, point) in points.iter_mut().enumerate() {
        (point.p_agree, point.p_disagree) = (agree[i], disagree[i]);
        point.verdict = match (agree[i] < options.level, disagree[i] < options.level) {
            (true, _) => Verdict::Agrees,
            (_, true) => Verdict::Disagrees,
            _ => Verdict::CannotTell,
        };
    }
    let axes = [(varied.name.clone(), varied.unit.clone()), (variable.to_string(), shown)];
    Ok(AgainstBranches { axes, points, level: options.level })
}

/// The stable states of a branch at a parameter value (coherent units): from between its points, by Newton's method.
pub fn stable_states(field: &dyn Field, p: &[f64], parameter: usize, branch: &Branch, value: f64) -> Vec<Vec<f64>> {
    let mut p = p.to_vec();
    p[parameter] = value;
    let mut found: Vec<Vec<f64>> = Vec::new();
    for pair in branch.points.windows(2) {
        let (a, b) = (&pair[0], &pair[1]);
        if (a.parameter - value) * (b.parameter - value) > 0.0 || a.parameter == b.parameter {
            continue;
        }
        let share = (value - a.parameter) / (b.parameter - a.parameter);
        let start = DVector::from_iterator(a.at.len(), a.at.iter().zip(&b.at).map(|(a, b)| a + share * (b - a)));
        let Some(x) = newton(field, &p, start) else { continue };
        let stable = spectral_abscissa(&field.jacobian(x.as_slice(), &p)).is_ok_and(|s| s < 0.0);
        let known =
            found.iter().any(|y| y.iter().zip(x.iter()).all(|(y, x)| (y - x).abs() <= 1e-9 * x.abs().max(1e-12)));
        if stable && !known {
            found.push(x.as_slice().to_vec());
        }
    }
    found
}

/// The fixed point near `x`; `None` if Newton's method does not settle there.
fn newton(field: &dyn Field, p: &[f64], mut x: DVector<f64>) -> Option<DVector<f64>> {
    let mut rate = vec![0.0; x.len()];
    for _ in 0..30 {
        field.rate(x.as_slice(), p, &mut rate);
        let step = solve(&field.jacobian(x.as_slice(), p), &DVector::from_column_slice(&rate)).ok()?;
        x -= &step;
        if !x.iter().all(|v| v.is_finite()) {
            return None;
        }
        if step.iter().zip(x.iter()).all(|(s, x)| s.abs() <= 1e-12 * x.abs().max(1e-9)) {
            return Some(x);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dynamics::continuation::{self, follow};
    use crate::field::{Law, Names, Quantity};
    use crate::num::{Scalar, Stream};

    /// dx/dt = λ + x − x³: three branches joined by two folds.
    struct Fold(Names);
    impl Law for Fold {
        fn law_names(&self) -> &Names {
            &self.0
        }
        fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
            dx[0] = p[0] + x[0] - x[0].square() * x[0];
        }
    }

    fn folded() -> (Fold, Vary, Branch) {
        let field = Fold(Names::new("fold", [Quantity::plain("x", 1.0)], [Quantity::plain("lambda", 1.0)]));
        let vary = Vary::new(0, (-1.0, 1.0));
        let start = [-1.324_717_957_244_746];
        let branch = follow(&field, &[-1.0], &start, &vary, &continuation::Options::default()).unwrap();
        (field, vary, branch)
    }

    #[test]
    fn theory_between_folds_both_stable_states_are_found_again_to_rounding() {
        let (field, _, branch) = folded();
        let mut at = stable_states(&field, &[0.0], 0, &branch, 0.0).concat();
        at.sort_by(f64::total_cmp);
        assert_eq!(at.len(), 2, "{at:?}");
        assert!((at[0] + 1.0).abs() < 1e-12 && (at[1] - 1.0).abs() < 1e-12, "{at:?}");
        assert_eq!(stable_states(&field, &[0.0], 0, &branch, 0.9).len(), 1);
    }

    #[test]
    fn law_averages_on_the_branch_agree_and_others_do_not_with_correlated_samples() {
        let (field, vary, branch) = folded();
        let branches = [branch];
        let mut draw = Stream::new(3, &[]);
        // Independent runs of correlated samples around a value.
        let mut runs = |value: f64| -> Vec<Vec<f64>> {
            (0..4)
                .map(|_| {
                    let mut noise = 0.0;
                    let mut next = || {
                        noise = 0.9 * noise + 0.02 * draw.normal();
                        value + noise
                    };
                    (0..3000).map(|_| next()).collect()
                })
                .collect()
        };
        let mut average = |at: f64, value: f64| Simulated::of_runs(at, &runs(value), &Unit::NONE).unwrap();
        let averages = [average(0.0, 1.0), average(0.0, -1.0), average(0.0, 0.5)];
        let report = against_branches(&field, &[0.0], &vary, &branches, "x", &averages, &Options::default()).unwrap();
        let verdicts: Vec<Verdict> = report.points.iter().map(|p| p.verdict).collect();
        assert_eq!(verdicts, [Verdict::Agrees, Verdict::Agrees, Verdict::Disagrees]);
        assert_eq!(report.verdict(), Verdict::Disagrees);
        assert_eq!(report.table().rows(), 3);
        // The error is that of correlated samples: √(1.9/0.1) times that of independent ones.
        let white = 0.02 / (1.0f64 - 0.81).sqrt() / 12_000f64.sqrt();
        let ratio = averages[0].mean.se / white;
        assert!((3.0..6.0).contains(&ratio), "{ratio}");
    }

    #[test]
    fn law_requests_that_make_no_sense_are_refused_and_what_has_no_prediction_is_not_judged() {
        let (field, vary, branch) = folded();
        let branches = [branch];
        let average =
            |at: f64, se: f64| Simulated { parameter: at, mean: Estimate::new(1.0, "", se, 100, ""), freedom: 99.0 };
        let judge = |of: &[Simulated]| against_branches(&field, &[0.0], &vary, &branches, "x", of, &Options::default());
        assert!(judge(&[]).is_err());
        assert!(judge(&[average(0.0, f64::NAN)]).is_err());
        // Outside of the branch there is nothing to compare with.
        let report = judge(&[average(5.0, 0.1)]).unwrap();
        assert_eq!((report.verdict(), report.points[0].nearest), (Verdict::CannotTell, None));
        // Averages without fluctuation have no error; many runs need no samples but their averages.
        assert!(Simulated::of_runs(0.0, &vec![vec![1.0; 100]; 9], &Unit::NONE).is_err());
        let many: Vec<Vec<f64>> = (0..9).map(|k| vec![f64::from(k); 3]).collect();
        let average = Simulated::of_runs(0.0, &many, &Unit::NONE).unwrap();
        assert_eq!((average.mean.value, average.freedom), (4.0, 8.0));
        assert!((average.mean.se - 7.5f64.sqrt() / 3.0).abs() < 1e-12);
        assert!(Simulated::of_runs(0.0, &[vec![1.0; 100]], &Unit::NONE).is_err());
    }
}
