//! From where to where does an axis go, and what is written at it?

use super::text::decade;
use super::ticks::{self, Marked, Paper, Tick};
use crate::num::vanishes;

/// How values lie along an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scale {
    Linear,
    Log,
}

/// One axis: what it shows, in which unit, and from where to where.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    pub(super) label: String,
    pub(super) unit: String,
    pub(super) scale: Scale,
    pub(super) range: Option<(f64, f64)>,
    pub(super) include: Vec<f64>,
    pub(super) size: f64,
    pub(super) named: Option<Vec<(f64, String)>>,
}

impl Axis {
    /// A linear axis; `label` may contain `_{…}` and `^{…}`; an empty `unit` shows none.
    pub fn linear(label: &str, unit: &str) -> Self {
        let (label, unit) = (label.into(), unit.into());
        Axis { label, unit, scale: Scale::Linear, range: None, include: Vec::new(), size: 0.0, named: None }
    }
    /// A logarithmic axis. Values that are not positive are not shown.
    pub fn log(label: &str, unit: &str) -> Self {
        Axis { scale: Scale::Log, ..Axis::linear(label, unit) }
    }
    /// This axis from `low` to `high` instead of wide enough for what is shown.
    pub fn range(self, low: f64, high: f64) -> Self {
        Axis { range: Some((low, high)), ..self }
    }
    /// This axis wide enough to show `value` too.
    pub fn including(mut self, value: f64) -> Self {
        self.include.push(value);
        self
    }
    /// This axis of a quantity that is so large: what vanishes beside that is drawn as zero (zero: nothing does).
    pub fn sized(self, size: f64) -> Self {
        Axis { size, ..self }
    }
    /// This axis with words at values instead of numbers.
    pub fn named<S: Into<String>>(self, ticks: impl IntoIterator<Item = (f64, S)>) -> Self {
        Axis { named: Some(ticks.into_iter().map(|(at, name)| (at, name.into())).collect()), ..self }
    }
}

/// An axis with its range decided: what maps values to places.
#[derive(Clone, Debug)]
pub(super) struct Ruler {
    pub low: f64,
    pub high: f64,
    pub scale: Scale,
    pub ticks: Vec<Tick>,
    /// The axis label with unit and common power of ten.
    pub label: String,
}

impl Ruler {
    /// The axis over the values `shown`, on a stretch of `paper`; `pad` widens it by a fraction on either side.
    pub fn new(axis: &Axis, shown: impl IntoIterator<Item = f64>, pad: f64, paper: Paper) -> Ruler {
        let usable = |v: &f64| v.abs() <= HUGE && (axis.scale == Scale::Linear || *v >= TINY);
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in shown.into_iter().chain(axis.include.iter().copied()).filter(usable) {
            (low, high) = (low.min(value), high.max(value));
        }
        if low > high {
            (low, high) = if axis.scale == Scale::Log { (1.0, 10.0) } else { (0.0, 1.0) };
        }
        let (low, high) = match axis.range {
            Some((a, b)) if usable(&a) && usable(&b) && a < b => padded(a, b, axis.scale, 0.0),
            _ if axis.size > 0.0 && vanishes(low.abs().max(high.abs()), axis.size) => (-axis.size, axis.size),
            _ => padded(low, high, axis.scale, pad),
        };
        let marked = match (&axis.named, axis.scale) {
            (Some(named), _) => {
                let tick = |(at, name): &(f64, String)| Tick { at: *at, label: name.clone(), major: true };
                Marked { ticks: named.iter().map(tick).collect(), ..Marked::default() }
            }
            (None, Scale::Linear) => ticks::linear(low, high, paper),
            (None, Scale::Log) => ticks::logarithmic(low, high, paper),
        };
        let unit = match (marked.power, axis.unit.as_str()) {
            (0, "") => String::new(),
            (0, unit) => format!(" ({unit})"),
            (e, "") => format!(" ({})", decade(e)),
            (e, unit) => format!(" ({} {unit})", decade(e)),
        };
        let ticks = marked.ticks.into_iter().filter(|t| t.at >= low && t.at <= high).collect();
        Ruler { low, high, scale: axis.scale, ticks, label: format!("{}{}{unit}", axis.label, marked.from) }
    }
    /// Where `value` lies: 0 at the low end, 1 at the high end; NaN where there is no place for it.
    pub fn place(&self, value: f64) -> f64 {
        match self.scale {
            Scale::Linear => (value - self.low) / (self.high - self.low),
            Scale::Log if value > 0.0 => ticks::logs(self.low, value) / ticks::logs(self.low, self.high),
            Scale::Log => f64::NAN,
        }
    }
}

/// The largest and the smallest size that has a place: beyond them there is no room for ticks in a double.
const HUGE: f64 = 1e300;
const TINY: f64 = 1e-290;

/// The range from `low` to `high` widened by the fraction `pad`, and to a range at all where the ends are the same to
/// rounding.
fn padded(low: f64, high: f64, scale: Scale, pad: f64) -> (f64, f64) {
    let size = low.abs().max(high.abs());
    let flat = vanishes(high - low, size) || size < TINY;
    match scale {
        Scale::Linear if flat => {
            let (middle, reach) = if size < TINY { (0.0, 1.0) } else { (low, low.abs() * 0.1) };
            (middle - reach, middle + reach)
        }
        Scale::Linear => {
            let more = (high - low) * pad;
            // A quantity that does not go below zero does not get an axis that does.
            let above = low >= 0.0 || vanishes(low, size);
            let floor = if above && low - more < 0.0 { 0.0 } else { low - more };
            (floor, high + more)
        }
        Scale::Log => {
            let more = if flat { 2.0 } else { (ticks::logs(low, high) * pad).exp() };
            ((low / more).max(TINY / 1e10), (high * more).min(HUGE * 1e5))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAPER: Paper = Paper { length: 60.0, upright: false };

    #[test]
    fn theory_log_values_lie_at_their_logarithms() {
        let ruler = Ruler::new(&Axis::log("f", "Hz").range(0.1, 1000.0), [], 0.0, PAPER);
        assert_eq!(ruler.place(0.1), 0.0);
        assert!((ruler.place(1.0) - 0.25).abs() < 1e-12);
        assert!(ruler.place(-1.0).is_nan());
    }

    #[test]
    fn theory_the_label_tells_unit_power_and_origin() {
        let label = |range: (f64, f64), unit| {
            Ruler::new(&Axis::linear("n", unit).range(range.0, range.1), [], 0.0, PAPER).label
        };
        assert_eq!(label((0.0, 2.4), "Hz"), "n (Hz)");
        assert_eq!(label((0.0, 2.4e6), "Hz"), "n (10^{6} Hz)");
        assert_eq!(label((0.0, 2.4e-6), ""), "n (10^{−6})");
        assert_eq!(label((1e6, 1e6 + 0.004), "s"), "n − 1000000 (10^{−3} s)");
        assert_eq!(label((-1e6 - 0.5, -1e6 + 0.5), "s"), "n + 1000001 (s)");
    }

    #[test]
    fn limit_flat_and_empty_data_still_have_an_axis() {
        let labels = |ruler: &Ruler| ruler.ticks.iter().filter(|t| t.major).count();
        // Equal, equal to rounding, zero, zero to underflow.
        for values in [[5.0, 5.0], [5.0, 5.0 + 4e-15], [0.0, 0.0], [0.0, 5e-324], [-1e-310, 1e-310]] {
            let flat = Ruler::new(&Axis::linear("r", "Hz"), values, 0.05, PAPER);
            assert!(flat.low <= values[0] - 0.1 && flat.high >= values[1] + 0.1 && labels(&flat) > 1, "{values:?}");
        }
        let tiny = Axis::linear("d", "").sized(2.0);
        let ends = |values: [f64; 2]| Ruler::new(&tiny, values, 0.0, PAPER);
        assert_eq!((ends([0.0, 1e-108]).low, ends([-4e-16, 2e-16]).high), (-2.0, 2.0));
        assert_eq!(ends([0.0, 1e-12]).high, 1e-12);
        let empty = Ruler::new(&Axis::log("r", "Hz"), [f64::NAN], 0.05, PAPER);
        assert!(empty.low < empty.high);
    }
}
