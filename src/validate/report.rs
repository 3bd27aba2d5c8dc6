//! How is a verdict told: as a sentence, as a table, as an exit code, as residuals to draw?

use super::judge::{Judgement, Prediction, Report};
use super::recording::Recording;
use super::verdict::Verdict;
use crate::field::{Result, Table, Unit};

impl Judgement {
    /// The judgement in a sentence.
    pub fn sentence(&self) -> String {
        let p = &self.prediction;
        let unit = if p.unit.is_none() { String::new() } else { format!(" {}", p.unit) };
        let head = format!("{}, {}: theory {}{unit}", p.quantity, p.what.name(), digits(p.value));
        let Some(measured) = &self.measured else {
            return format!("{head}; cannot tell: {}.", self.remarks.join("; "));
        };
        let difference = measured.value - p.value;
        let (percent, band) = (self.percent(difference), self.percent(self.band));
        let sigmas = difference.abs() / measured.se.hypot(p.se);
        let tail = match self.verdict {
            Verdict::Agrees => format!("agrees within {band} (difference {percent})"),
            Verdict::Disagrees => {
                format!("disagrees: it is off by {percent}, {sigmas:.1} standard errors, and {band} are allowed")
            }
            Verdict::CannotTell => {
                format!(
                    "cannot tell at a tolerance of {band}: a deviation of {} would have shown",
                    self.percent(self.detectable)
                )
            }
        };
        format!("{head}, measured {measured}; {tail}.")
    }
    /// A difference in per cent of the prediction, or in its unit where that is 0.
    fn percent(&self, difference: f64) -> String {
        match self.prediction.value {
            0.0 => format!("{} {}", digits(difference), self.prediction.unit),
            value => format!("{:.2} %", 100.0 * difference / value.abs()),
        }
    }
}

/// Up to six significant digits.
fn digits(value: f64) -> String {
    let text = format!("{value:.5e}");
    // The text has just been made from a number.
    let rounded: f64 = text.parse().unwrap_or(value);
    format!("{rounded}")
}

impl Report {
    /// The answer over all predictions: one disagreement is a disagreement, agreement needs all of them.
    pub fn verdict(&self) -> Verdict {
        let worst = self.judgements.iter().map(|j| j.verdict).max();
        worst.unwrap_or(Verdict::CannotTell)
    }
    /// 1 where the recording disagrees, else 0 (with a [`warning`](Report::warning) where it cannot tell).
    pub fn exit_code(&self) -> u8 {
        u8::from(self.verdict() == Verdict::Disagrees)
    }
    /// What to say on standard error although the exit code is 0.
    pub fn warning(&self) -> Option<String> {
        let open = self.judgements.iter().filter(|j| j.verdict == Verdict::CannotTell).count();
        (open > 0)
            .then(|| format!("{open} of {} predictions could not be judged by this recording", self.judgements.len()))
    }
    /// One sentence per prediction and one for the whole.
    pub fn sentences(&self) -> Vec<String> {
        let mut all: Vec<String> = self.judgements.iter().map(Judgement::sentence).collect();
        let count = self.judgements.len();
        let corrected = if count > 1 { format!(", corrected for {count} comparisons (Holm)") } else { String::new() };
        all.push(format!("Verdict: {} (error level {}{corrected}).", self.verdict(), self.level));
        all
    }
    /// One row per prediction.
    pub fn table(&self) -> Table {
        let number = |of: &dyn Fn(&Judgement) -> f64| self.judgements.iter().map(of).collect::<Vec<f64>>();
        let text = |of: &dyn Fn(&Judgement) -> String| self.judgements.iter().map(of).collect::<Vec<String>>();
        let measured = |of: fn(&crate::num::Estimate) -> f64| number(&|j| j.measured.as_ref().map_or(f64::NAN, of));
        Table::new()
            .text("quantity", text(&|j| j.prediction.quantity.clone()))
            .text("what", text(&|j| j.prediction.what.name().into()))
            .text("unit", text(&|j| j.prediction.unit.to_string()))
            .number("theory", Unit::NONE, number(&|j| j.prediction.value))
            .number("measured", Unit::NONE, measured(|e| e.value))
            .number("se", Unit::NONE, measured(|e| e.se))
            .number("n", Unit::NONE, measured(|e| e.n as f64))
            .number("half_width_95", Unit::NONE, number(&|j| j.half_width))
            .number("band", Unit::NONE, number(&|j| j.band))
            .number("p_agree", Unit::NONE, number(&|j| j.p_agree))
            .number("p_disagree", Unit::NONE, number(&|j| j.p_disagree))
            .number("detectable", Unit::NONE, number(&|j| j.detectable))
            .text("verdict", text(&|j| j.verdict.to_string()))
            .text("trust", text(&|j| j.prediction.trust.clone()))
            .text("remarks", text(&|j| j.remarks.join("; ")))
    }
}

/// The recording of a quantity (average over its repetitions) beside a predicted stationary value: time, value, theory,
/// residual, for a figure.
pub fn residuals(recording: &Recording, prediction: &Prediction) -> Result<Table> {
    let quantity = recording.quantity(&prediction.quantity)?;
    let factor = prediction.unit.factor;
    let values: Vec<f64> = quantity.average().iter().map(|x| x / factor).collect();
    let rest = values.iter().map(|x| x - prediction.value).collect();
    Ok(Table::new()
        .number("t", Unit::SECOND, recording.time.clone())
        .number(&prediction.quantity, prediction.unit.clone(), values)
        .number("theory", prediction.unit.clone(), vec![prediction.value; recording.time.len()])
        .number("residual", prediction.unit.clone(), rest))
}
