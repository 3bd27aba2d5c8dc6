//! Where do the ticks stand, and what do they say?
//!
//! Linear axes tick at 1, 2 or 5 times a power of ten; logarithmic ones at the decades, with minor ticks between.

use super::text::{decade, decimal};

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
    pub(super) named: Option<Vec<(f64, String)>>,
}

impl Axis {
    /// A linear axis; `label` may contain `_{…}` and `^{…}`; an empty `unit` shows none.
    pub fn linear(label: &str, unit: &str) -> Self {
        let (label, unit) = (label.into(), unit.into());
        Axis { label, unit, scale: Scale::Linear, range: None, include: Vec::new(), named: None }
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
    /// This axis with words at values instead of numbers.
    pub fn named<S: Into<String>>(self, ticks: impl IntoIterator<Item = (f64, S)>) -> Self {
        Axis { named: Some(ticks.into_iter().map(|(at, name)| (at, name.into())).collect()), ..self }
    }
}

/// A tick: where, what it says (minor ticks say nothing), and whether it is a major one.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tick {
    pub at: f64,
    pub label: String,
    pub major: bool,
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
    /// The axis over the values `shown` with about `wanted` ticks; `pad` widens it by a fraction on either side.
    pub fn new(axis: &Axis, shown: impl IntoIterator<Item = f64>, pad: f64, wanted: f64) -> Ruler {
        let usable = |v: &f64| v.is_finite() && (axis.scale == Scale::Linear || *v > 0.0);
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in shown.into_iter().chain(axis.include.iter().copied()).filter(usable) {
            (low, high) = (low.min(value), high.max(value));
        }
        if low > high {
            (low, high) = if axis.scale == Scale::Log { (1.0, 10.0) } else { (0.0, 1.0) };
        }
        let (low, high) = match axis.range {
            Some((a, b)) if usable(&a) && usable(&b) && a < b => (a, b),
            _ => padded(low, high, axis.scale, pad),
        };
        let power = if axis.scale == Scale::Linear && axis.named.is_none() { common_power(low, high) } else { 0 };
        let ticks = match (&axis.named, axis.scale) {
            (Some(named), _) => {
                named.iter().map(|(at, name)| Tick { at: *at, label: name.clone(), major: true }).collect()
            }
            (None, Scale::Linear) => linear(low, high, wanted, power),
            (None, Scale::Log) => logarithmic(low, high, wanted),
        };
        let ticks = ticks.into_iter().filter(|t| t.at >= low && t.at <= high).collect();
        let unit = match (power, axis.unit.as_str()) {
            (0, "") => String::new(),
            (0, unit) => format!(" ({unit})"),
            (e, "") => format!(" (10^{{{}}})", decimal(f64::from(e), 0)),
            (e, unit) => format!(" (10^{{{}}} {unit})", decimal(f64::from(e), 0)),
        };
        Ruler { low, high, scale: axis.scale, ticks, label: format!("{}{unit}", axis.label) }
    }
    /// Where `value` lies: 0 at the low end, 1 at the high end; NaN where there is no place for it.
    pub fn place(&self, value: f64) -> f64 {
        match self.scale {
            Scale::Linear => (value - self.low) / (self.high - self.low),
            Scale::Log if value > 0.0 => (value / self.low).ln() / (self.high / self.low).ln(),
            Scale::Log => f64::NAN,
        }
    }
}

fn padded(low: f64, high: f64, scale: Scale, pad: f64) -> (f64, f64) {
    match scale {
        Scale::Linear if low == high => {
            let reach = if low == 0.0 { 1.0 } else { low.abs() * 0.1 };
            (low - reach, high + reach)
        }
        Scale::Linear => {
            let more = (high - low) * pad;
            // A quantity that does not go below zero does not get an axis that does.
            let floor = if low >= 0.0 && low - more < 0.0 { 0.0 } else { low - more };
            (floor, high + more)
        }
        Scale::Log => {
            let more = (high / low).powf(pad).max(if low == high { 2.0 } else { 1.0 });
            (low / more, high * more)
        }
    }
}

/// The power of ten that is better said once at the axis than at every tick.
fn common_power(low: f64, high: f64) -> i32 {
    let size = low.abs().max(high.abs());
    let power = size.log10().floor() as i32;
    if (-2..5).contains(&power) { 0 } else { power }
}

/// 1, 2 or 5 times a power of ten, and into how many minor steps it falls.
fn step(span: f64, wanted: f64) -> (f64, i32, u32) {
    let rough = span / wanted;
    let power = rough.log10().floor() as i32;
    let unit = 10f64.powi(power);
    match rough / unit {
        r if r <= 1.0 => (unit, power, 5),
        r if r <= 2.0 => (2.0 * unit, power, 4),
        r if r <= 5.0 => (5.0 * unit, power, 5),
        _ => (10.0 * unit, power + 1, 5),
    }
}

fn linear(low: f64, high: f64, wanted: f64, power: i32) -> Vec<Tick> {
    let (step, place, parts) = step(high - low, wanted);
    let decimals = (power - place).max(0) as usize;
    let fine = step / f64::from(parts);
    let slack = 1e-9 * step;
    let (first, last) = (((low - slack) / fine).ceil() as i64, ((high + slack) / fine).floor() as i64);
    (first..=last)
        .map(|k| {
            let at = (k as f64 * fine).clamp(low, high);
            let major = k.rem_euclid(i64::from(parts)) == 0;
            let label = if major { decimal(at / 10f64.powi(power), decimals) } else { String::new() };
            Tick { at, label, major }
        })
        .collect()
}

fn logarithmic(low: f64, high: f64, wanted: f64) -> Vec<Tick> {
    let (first, last) = ((low.log10() - 1e-9).floor() as i32, (high.log10() + 1e-9).ceil() as i32);
    let decades = (high / low).log10();
    let every = (decades / wanted).ceil().max(1.0) as i32;
    // Less than about a decade and a half: 1, 2, 5 get numbers too.
    let crowded = decades > 1.5;
    let mut ticks = Vec::new();
    for exponent in first..=last {
        let unit = 10f64.powi(exponent);
        for digit in 1..10 {
            let at = unit * f64::from(digit);
            if at < low * (1.0 - 1e-9) || at > high * (1.0 + 1e-9) {
                continue;
            }
            let named = match digit {
                1 => exponent.rem_euclid(every) == 0,
                2 | 5 => !crowded,
                3 | 4 | 7 => decades < 0.4,
                _ => false,
            };
            let label = match (named, digit) {
                (false, _) => String::new(),
                (true, 1) if crowded => decade(exponent),
                (true, _) if (-3..4).contains(&exponent) => decimal(at, (-exponent).max(0) as usize),
                (true, 1) => decade(exponent),
                (true, d) => format!("{d}×{}", decade(exponent)),
            };
            // Without decades skipped the digits between are minor ticks; with, the decades are.
            if digit == 1 || every == 1 {
                ticks.push(Tick { at: at.clamp(low, high), label, major: named });
            }
        }
    }
    ticks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(ruler: &Ruler) -> Vec<&str> {
        ruler.ticks.iter().filter(|t| t.major).map(|t| t.label.as_str()).collect()
    }

    #[test]
    fn theory_linear_ticks_are_round() {
        let ruler = Ruler::new(&Axis::linear("t", "s").range(-0.5, 2.0), [], 0.0, 5.0);
        assert_eq!(labels(&ruler), ["−0.5", "0.0", "0.5", "1.0", "1.5", "2.0"]);
        assert_eq!(ruler.label, "t (s)");
        let wide = Ruler::new(&Axis::linear("n", "Hz"), [0.0, 2.4e6], 0.0, 4.0);
        assert_eq!(labels(&wide), ["0", "1", "2"]);
        assert_eq!(wide.label, "n (10^{6} Hz)");
        let far = Ruler::new(&Axis::linear("t", "s").range(100.0, 101.0), [], 0.0, 4.0);
        assert_eq!(labels(&far), ["100.0", "100.5", "101.0"]);
    }

    #[test]
    fn theory_log_ticks_start_at_the_first_decade() {
        let ruler = Ruler::new(&Axis::log("f", "Hz").range(0.1, 1000.0), [], 0.0, 6.0);
        assert_eq!(labels(&ruler), ["10^{−1}", "1", "10", "10^{2}", "10^{3}"]);
        let near = Ruler::new(&Axis::log("f", "Hz").range(1.0, 10.0), [], 0.0, 6.0);
        assert_eq!(labels(&near), ["1", "2", "5", "10"]);
        assert_eq!(ruler.place(0.1), 0.0);
        assert!((ruler.place(1.0) - 0.25).abs() < 1e-12);
        assert!(ruler.place(-1.0).is_nan());
    }

    #[test]
    fn limit_flat_and_empty_data_still_have_an_axis() {
        let flat = Ruler::new(&Axis::linear("r", "Hz"), [5.0, 5.0], 0.05, 4.0);
        assert!(flat.low < 5.0 && flat.high > 5.0 && labels(&flat).len() > 1);
        let empty = Ruler::new(&Axis::log("r", "Hz"), [f64::NAN], 0.05, 4.0);
        assert!(empty.low < empty.high);
    }
}
