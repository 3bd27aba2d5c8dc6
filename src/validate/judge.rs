//! What does a recording say about each prediction of a theory, and about the theory as a whole?

use super::clock::time_constant;
use super::frequency::frequency;
use super::mean::{half_width, mean};
use super::modes::mode;
use super::recording::{Recorded, Recording};
use super::transient::{Discard, mser5, trend};
use super::verdict::{Comparison, Verdict, holm};
use crate::field::{Error, Result, Unit};
use crate::num::Estimate;

/// Which property of a quantity is predicted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Its value at rest: the time average after the transient.
    Stationary,
    /// The slowest time in which it returns, −1/Re λ.
    RelaxationTime,
    /// The frequency with which it rings on the way, |Im λ|/2π.
    Ringing,
    /// The frequency of a sustained oscillation.
    Frequency,
    /// The τ of a law dq/dt = g/τ whose drive g was recorded too.
    TimeConstant,
}

impl What {
    /// In words.
    pub fn name(&self) -> &'static str {
        match self {
            What::Stationary => "stationary value",
            What::RelaxationTime => "relaxation time",
            What::Ringing => "ringing frequency",
            What::Frequency => "oscillation frequency",
            What::TimeConstant => "time constant",
        }
    }
}

/// How large a difference does not matter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Tolerance {
    /// In per cent of the prediction.
    Percent(f64),
    /// In the unit of the prediction.
    Absolute(f64),
}

/// What a theory says about a recording.
#[derive(Clone, Debug)]
pub struct Prediction {
    /// The quantity, as the recording's mapping names it.
    pub quantity: String,
    /// Which property of it.
    pub what: What,
    /// The other recorded variables of the state (relaxation, ringing) or the drive g (time constant).
    pub with: Vec<String>,
    /// The predicted value.
    pub value: f64,
    /// Its unit.
    pub unit: Unit,
    /// How wrong the theory may be by its own account (finite size, linearisation, time step), in `unit`: it widens the
    /// tolerance.
    pub error: f64,
    /// Standard error of the prediction where it was estimated, in `unit`.
    pub se: f64,
    /// Where it comes from: *proven*, *exact*, *estimated*, and from what.
    pub trust: String,
    /// Its own tolerance, if it has one.
    pub tolerance: Option<Tolerance>,
}

impl Prediction {
    /// An exact prediction.
    pub fn new(quantity: &str, what: What, value: f64, unit: Unit) -> Self {
        let (quantity, trust) = (quantity.to_string(), "exact".to_string());
        Prediction { quantity, what, with: Vec::new(), value, unit, error: 0.0, se: 0.0, trust, tolerance: None }
    }
    /// With the other variables of the state, or with the drive.
    pub fn with(self, others: &[&str]) -> Self {
        Prediction { with: others.iter().map(|s| s.to_string()).collect(), ..self }
    }
    /// With the error that the theory admits, and its reason.
    pub fn known_to(self, error: f64, because: &str) -> Self {
        Prediction { error, trust: because.into(), ..self }
    }
    /// With its own tolerance.
    pub fn within(self, tolerance: Tolerance) -> Self {
        Prediction { tolerance: Some(tolerance), ..self }
    }
}

/// How to judge.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The tolerance of predictions that have none of their own.
    pub tolerance: Tolerance,
    /// How often a true statement may be called false, over all predictions together.
    pub level: f64,
    /// The power at which the smallest detectable deviation is stated.
    pub power: f64,
    /// What is left away before stationary values and frequencies are measured.
    pub discard: Discard,
    /// Judge only this window (s).
    pub window: Option<(f64, f64)>,
}

impl Default for Options {
    fn default() -> Self {
        let tolerance = Tolerance::Percent(5.0);
        Options { tolerance, level: 0.05, power: 0.8, discard: Discard::Rule, window: None }
    }
}

/// What the recording says about one prediction.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// The prediction.
    pub prediction: Prediction,
    /// What was measured, in the unit of the prediction; `None` where nothing could be.
    pub measured: Option<Estimate>,
    /// Half the 95 % interval of the measured value.
    pub half_width: f64,
    /// Half the width of the band that counts as the same: tolerance plus the theory's own error, in the unit.
    pub band: f64,
    /// Holm-adjusted probabilities for agreement and for disagreement.
    pub p_agree: f64,
    /// See `p_agree`.
    pub p_disagree: f64,
    /// The smallest deviation that would have been called a disagreement, in the unit.
    pub detectable: f64,
    /// The answer.
    pub verdict: Verdict,
    /// Why there is no measured value, and what a reader should know.
    pub remarks: Vec<String>,
}

/// All judgements of a recording.
#[derive(Clone, Debug)]
pub struct Report {
    /// Where the recording came from.
    pub file: String,
    /// One judgement per prediction, in their order.
    pub judgements: Vec<Judgement>,
    /// The level that holds over all of them.
    pub level: f64,
    /// Remarks about the recording.
    pub remarks: Vec<String>,
}

/// A measured value before it is compared.
struct Measured {
    estimate: Estimate,
    freedom: f64,
    remarks: Vec<String>,
}

/// Judges a recording against predictions.
///
/// An error is a prediction that cannot belong to this recording (unknown quantity, wrong unit, no tolerance); a recording
/// that is too short or not stationary is an answer: *cannot tell*.
pub fn judge(recording: &Recording, predictions: &[Prediction], options: &Options) -> Result<Report> {
    if predictions.is_empty() {
        return Err(Error::usage("there is no prediction to judge", "name at least one"));
    }
    let part = match options.window {
        Some((from, until)) => recording.between(from, until)?,
        None => recording.clone(),
    };
    let mut judgements = Vec::new();
    let mut comparisons = Vec::new();
    for prediction in predictions {
        let band = band(prediction, options)?;
        let (measured, remarks) = match measure(&part, prediction, options, band)? {
            Ok(m) => (Some((m.estimate, m.freedom)), m.remarks),
            Err(why) => (None, vec![why]),
        };
        let comparison = measured.as_ref().map(|(estimate, freedom)| Comparison {
            difference: estimate.value - prediction.value,
            // An error of exactly zero would divide by zero; the rounding of the values is a floor.
            se: estimate.se.hypot(prediction.se).max(1e-15 * prediction.value.abs()).max(f64::MIN_POSITIVE),
            freedom: *freedom,
            tolerance: band,
        });
        comparisons.push(comparison);
        judgements.push(Judgement {
            prediction: prediction.clone(),
            half_width: measured.as_ref().map_or(f64::NAN, |(e, f)| e.se * half_width(*f, 0.95)),
            measured: measured.map(|(estimate, _)| estimate),
            band,
            p_agree: 1.0,
            p_disagree: 1.0,
            detectable: comparison.map_or(f64::INFINITY, |c| c.detectable(options.level, options.power)),
            verdict: Verdict::CannotTell,
            remarks,
        });
    }
    // What could not be measured counts as a comparison too: p = 1.
    let agree = holm(&comparisons.iter().map(|c| c.map_or(1.0, |c| c.p_agree())).collect::<Vec<_>>());
    let disagree = holm(&comparisons.iter().map(|c| c.map_or(1.0, |c| c.p_disagree())).collect::<Vec<_>>());
    for (k, judgement) in judgements.iter_mut().enumerate() {
        (judgement.p_agree, judgement.p_disagree) = (agree[k], disagree[k]);
        judgement.verdict = match (agree[k] < options.level, disagree[k] < options.level) {
            (true, _) => Verdict::Agrees,
            (_, true) => Verdict::Disagrees,
            _ => Verdict::CannotTell,
        };
    }
    Ok(Report { file: recording.file.clone(), judgements, level: options.level, remarks: recording.remarks.clone() })
}

/// Half the width of the band, in the unit of the prediction.
fn band(prediction: &Prediction, options: &Options) -> Result<f64> {
    let tolerance = prediction.tolerance.unwrap_or(options.tolerance);
    let half = match tolerance {
        Tolerance::Percent(p) => p / 100.0 * prediction.value.abs(),
        Tolerance::Absolute(a) => a,
    } + prediction.error;
    let name = format!("the {} of `{}`", prediction.what.name(), prediction.quantity);
    if !prediction.value.is_finite() || [prediction.error, prediction.se].iter().any(|e| *e < 0.0 || !e.is_finite()) {
        return Err(Error::domain(
            name,
            "is predicted as a number that is not finite",
            "check the theory's parameters",
        ));
    }
    if half <= 0.0 || !half.is_finite() {
        return Err(Error::usage(
            format!("{name} has the tolerance {half} {}", prediction.unit),
            "give a positive one; a prediction of 0 needs an absolute tolerance with a unit",
        ));
    }
    Ok(half)
}

/// Measures what is predicted; the inner error says why the recording does not tell.
fn measure(
    recording: &Recording,
    prediction: &Prediction,
    options: &Options,
    band: f64,
) -> Result<std::result::Result<Measured, String>> {
    let quantity = recording.quantity(&prediction.quantity)?;
    let others: Vec<&Recorded> = prediction.with.iter().map(|n| recording.quantity(n)).collect::<Result<_>>()?;
    let (dt, unit) = (recording.dt, &prediction.unit);
    let expected = match prediction.what {
        What::Stationary => &quantity.unit,
        What::RelaxationTime | What::TimeConstant => &Unit::SECOND,
        What::Ringing | What::Frequency => &Unit::HERTZ,
    };
    if !unit.same_dimension(expected) {
        let what = match prediction.what {
            What::Stationary => format!("the prediction for `{}`", prediction.quantity),
            what => format!("the predicted {}", what.name()),
        };
        return Err(Error::Units { quantity: what, expected: expected.to_string(), got: unit.to_string() });
    }
    let shown = |e: Estimate| Estimate {
        value: e.value / unit.factor,
        se: e.se / unit.factor,
        bias: e.bias / unit.factor,
        unit: if unit.is_none() { String::new() } else { unit.to_string() },
        ..e
    };
    let plain =
        |(estimate, freedom): (Estimate, f64)| Measured { estimate: shown(estimate), freedom, remarks: Vec::new() };
    Ok(match prediction.what {
        What::Stationary => stationary(recording, quantity, options, band * unit.factor).map(|mut m| {
            m.estimate = shown(m.estimate);
            m
        }),
        What::RelaxationTime | What::Ringing => {
            let count = quantity.series.len();
            if let Some(odd) = others.iter().find(|o| o.series.len() != count) {
                let what = format!(
                    "`{}` has {} columns where `{}` has {count}",
                    odd.columns.join(", "),
                    odd.series.len(),
                    prediction.quantity
                );
                return Err(Error::usage(what, "the variables of one state need as many repetitions as each other"));
            }
            let state = |r: usize| -> Vec<Vec<f64>> {
                std::iter::once(quantity).chain(others.iter().copied()).map(|q| q.series[r].clone()).collect()
            };
            let states: Vec<_> = (0..count).map(state).collect();
            mode(&states, dt).and_then(|m| match prediction.what {
                What::RelaxationTime => Ok(plain((m.relaxation, m.freedom))),
                _ => m
                    .ringing
                    .map(|r| plain((r, m.freedom)))
                    .ok_or("it does not ring: the leading eigenvalue is real".into()),
            })
        }
        What::Frequency => {
            let settled = |series: &Vec<f64>| -> std::result::Result<Vec<f64>, String> {
                Ok(series[discarded(recording, series, options)?.0..].to_vec())
            };
            let all: std::result::Result<Vec<_>, _> = quantity.series.iter().map(settled).collect();
            all.and_then(|all| frequency(&all, dt)).map(|f| plain((f.estimate, f.freedom)))
        }
        What::TimeConstant => {
            let [drive] = others[..] else {
                return Err(Error::usage(
                    "a time constant needs one recorded drive",
                    "name the quantity g of dq/dt = g/τ",
                ));
            };
            time_constant(&quantity.average(), &drive.average(), dt).map(|c| plain((c.estimate, c.freedom)))
        }
    })
}

/// How many samples to leave away, and a remark.
fn discarded(recording: &Recording, series: &[f64], options: &Options) -> std::result::Result<(usize, String), String> {
    match options.discard {
        Discard::Seconds(s) => {
            let count = (s / recording.dt).round() as usize;
            if count + 20 > series.len() {
                return Err(format!("after {s} s fewer than 20 samples are left"));
            }
            Ok((count, format!("the first {s} s were left away")))
        }
        Discard::Rule => match mser5(series) {
            Some(count) => {
                Ok((count, format!("the first {:.4} s were left away (MSER-5)", count as f64 * recording.dt)))
            }
            None => {
                Err("the recording has not settled by its middle (MSER-5): record longer, or say what to discard"
                    .into())
            }
        },
    }
}

fn stationary(
    recording: &Recording,
    quantity: &Recorded,
    options: &Options,
    band: f64,
) -> std::result::Result<Measured, String> {
    let series = quantity.average();
    let (cut, remark) = discarded(recording, &series, options)?;
    let rest = &series[cut..];
    let mut remarks = vec![remark];
    if let Some(drift) = trend(rest).filter(|t| t.p < 0.01) {
        let (rise, se) = (drift.rise / quantity.unit.factor, drift.se / quantity.unit.factor);
        let what = format!("it drifts by {rise:.3} ± {se:.3} {} over the recording", quantity.unit);
        if drift.rise.abs() > 0.5 * band {
            return Err(format!("not stationary: {what}; record longer or discard more"));
        }
        remarks.push(format!("{what}, which the tolerance allows"));
    }
    let m = mean(rest, "")?;
    let deviation = (rest.iter().map(|x| (x - m.estimate.value).powi(2)).sum::<f64>() / rest.len() as f64).sqrt();
    if let Ok(f) = frequency(&[rest.to_vec()], recording.dt)
        && deviation > band
        && f.irregularity < 0.2
    {
        let share = 100.0 * deviation / m.estimate.value.abs();
        remarks.push(format!(
            "it oscillates (period {:.4} s, standard deviation {share:.0} % of the mean): it is not at a fixed point",
            1.0 / f.estimate.value
        ));
    }
    remarks.extend(m.warnings);
    Ok(Measured { estimate: m.estimate, freedom: m.freedom, remarks })
}
