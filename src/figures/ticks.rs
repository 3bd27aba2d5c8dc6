//! Where do the ticks stand, and what do they say?
//!
//! Linear axes tick at 1, 2, 2.5 or 5 times a power of ten; logarithmic ones at decades, at some digits of them, or like
//! linear ones, the first of these with three labels. Labels stand clear of each other. What they have in common, a power
//! of ten or an origin far away, is said once at the axis.

use super::canvas::POINT;
use super::panel::TICK;
use super::text::{decade, decimal, width};

/// A tick: where, what it says (minor ticks say nothing), and whether it is a major one.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tick {
    pub at: f64,
    pub label: String,
    pub major: bool,
}

/// Ticks and what their labels have in common.
#[derive(Clone, Debug, Default)]
pub(super) struct Marked {
    pub ticks: Vec<Tick>,
    /// The labels count in ten to this power.
    pub power: i32,
    /// What was subtracted from the values: ` − 1000000`.
    pub from: String,
}

/// A label with more digits than this after the first counts from an origin.
const FAR: i32 = 6;
/// How many labels are enough.
const ENOUGH: usize = 3;

impl Marked {
    fn labels(&self) -> impl Iterator<Item = &Tick> {
        self.ticks.iter().filter(|t| t.major)
    }
}

/// A stretch of paper with ticks along it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paper {
    /// Its length in millimetres.
    pub length: f64,
    /// Do the labels stand above each other?
    pub upright: bool,
}

impl Paper {
    /// About how many labels.
    fn wanted(self) -> f64 {
        (self.length / if self.upright { 8.0 } else { 11.0 }).max(2.0)
    }
    /// Half of what a label takes of the stretch, with the space beside it.
    fn half(self, label: &str) -> f64 {
        if self.upright { 1.5 } else { width(label, TICK) * POINT / 2.0 + 0.4 }
    }
    /// Do the labels stand clear of each other, with values at `place` (0 to 1)?
    fn holds(self, marked: &Marked, place: &dyn Fn(f64) -> f64) -> bool {
        let labels: Vec<&Tick> = marked.labels().collect();
        labels.windows(2).all(|pair| {
            let apart = (place(pair[1].at) - place(pair[0].at)) * self.length;
            apart > self.half(&pair[0].label) + self.half(&pair[1].label)
        })
    }
    /// The first of these with enough labels, or the one with most of them.
    fn best(self, all: impl Iterator<Item = Marked>, place: &dyn Fn(f64) -> f64) -> Marked {
        let mut best = Marked::default();
        for marked in all.filter(|m| self.holds(m, place)) {
            if marked.labels().count() > best.labels().count() {
                best = marked;
            }
            if best.labels().count() >= ENOUGH {
                break;
            }
        }
        best
    }
}

/// The ticks of a linear axis.
pub(super) fn linear(low: f64, high: f64, paper: Paper) -> Marked {
    even(low, high, paper, &|v| (v - low) / (high - low))
}

/// Ticks at even steps: the wanted step, coarser ones if the labels touch, finer ones if there are too few of them.
fn even(low: f64, high: f64, paper: Paper, place: &dyn Fn(f64) -> f64) -> Marked {
    let rough = (high - low) / paper.wanted();
    let (power, digits) = (rough.log10().floor() as i32, [1.0, 2.0, 2.5, 5.0]);
    let first = match rough / ten(power) {
        r if r <= 1.0 => 0,
        r if r <= 2.0 => 1,
        r if r <= 5.0 => 3,
        _ => 4,
    };
    let steps = [0, 1, 2, 3, -1, -2, -3, -4].map(|more: i32| {
        let at = first + more;
        (digits[at.rem_euclid(4) as usize], power + at.div_euclid(4))
    });
    let with = |most: i32| {
        paper.best(steps.iter().filter_map(|&(digit, power)| stepped(low, high, digit, power, most)), place)
    };
    // Where even two labels touch, an origin makes them short.
    let plain = with(FAR);
    if plain.labels().count() > 1 { plain } else { with(1) }
}

/// Ticks at multiples of `digit` times ten to the `power`, from an origin where labels would have more than `most` digits
/// after the first; none if that is more than the range.
fn stepped(low: f64, high: f64, digit: f64, power: i32, most: i32) -> Option<Marked> {
    let (step, span) = (digit * ten(power), high - low);
    // The last place of the labels, and into how many minor steps a step falls.
    let (last, parts) = (if digit == 2.5 { power - 1 } else { power }, if digit == 2.0 { 4 } else { 5 });
    let (origin, from) = match common(low, high) - last {
        long if long >= most && low.signum() == high.signum() => origin(low, span),
        _ => (0.0, String::new()),
    };
    let (low_from, high_from) = (low - origin, high - origin);
    let common = if most < FAR { common(low_from, high_from) } else { common_power(low_from, high_from) };
    let decimals = (common - last).max(0) as usize;
    let fine = step / f64::from(parts);
    let slack = 1e-9 * step;
    let (start, end) = (((low_from - slack) / fine).ceil() as i64, ((high_from + slack) / fine).floor() as i64);
    let tick = |k: i64| {
        let (value, major) = (k as f64 * fine, k.rem_euclid(parts.into()) == 0);
        let label = if major { decimal(value / ten(common), decimals) } else { String::new() };
        Tick { at: (origin + value).clamp(low, high), label, major }
    };
    (step <= span).then(|| Marked { ticks: (start..=end).map(tick).collect(), power: common, from })
}

/// A power of ten, to the last bit.
fn ten(power: i32) -> f64 {
    format!("1e{power}").parse().unwrap_or(f64::NAN)
}

/// The power of ten of the larger end.
fn common(low: f64, high: f64) -> i32 {
    low.abs().max(high.abs()).log10().floor() as i32
}

/// The power of ten that is better said once at the axis than at every tick.
fn common_power(low: f64, high: f64) -> i32 {
    let power = common(low, high);
    if (-2..5).contains(&power) { 0 } else { power }
}

/// A round number below a range far away from zero, and how subtracting it is written.
fn origin(low: f64, span: f64) -> (f64, String) {
    let mut place = span.log10().ceil() as i32;
    let mut count = (low / ten(place) + 1e-9).floor() as i64;
    let value = count as f64 * ten(place);
    while count % 10 == 0 && count != 0 {
        (count, place) = (count / 10, place + 1);
    }
    let sign = if count < 0 { '+' } else { '−' };
    let digits = count.abs().to_string();
    let exponent = place + digits.len() as i32 - 1;
    let text = match (-4..9).contains(&exponent) {
        true => decimal(value.abs(), (-place).max(0) as usize),
        false => format!(
            "{}×{}",
            decimal(count.abs() as f64 / ten(digits.len() as i32 - 1), digits.len() - 1),
            decade(exponent)
        ),
    };
    (value, format!(" {sign} {text}"))
}

/// How far apart the logarithms of two positive numbers are, of whatever sizes.
pub(super) fn logs(from: f64, to: f64) -> f64 {
    let more = (to - from) / from;
    if more.abs() < 0.5 { more.ln_1p() } else { to.ln() - from.ln() }
}

/// The ticks of a logarithmic axis.
pub(super) fn logarithmic(low: f64, high: f64, paper: Paper) -> Marked {
    let place = |v: f64| logs(low, v) / logs(low, high);
    let span = logs(low, high) / std::f64::consts::LN_10;
    let sparse = (span / paper.wanted()).ceil().max(1.0) as i32;
    let decades = (1..=sparse).rev().map(|every| decimal_ticks(low, high, every, &[1]));
    let digits =
        [&[1, 2, 5][..], &[1, 2, 3, 4, 5, 7], &[1, 3]].into_iter().map(|named| decimal_ticks(low, high, 1, named));
    // Steps of a range over decades would crowd at its upper end.
    let near = (span < 2.5).then(|| even(low, high, paper, &place));
    paper.best(decades.chain(digits).chain(near), &place)
}

/// Ticks at the digits of every decade, of which those in `named` are labelled in every so many decades.
fn decimal_ticks(low: f64, high: f64, every: i32, named: &[i32]) -> Marked {
    let (first, last) = ((low.log10() - 1e-9).floor() as i32, (high.log10() + 1e-9).ceil() as i32);
    // Digits are written out, those far from one as multiples of the highest decade.
    let digits = named.len() > 1;
    let power = if digits { common_power(low, high) } else { 0 };
    let mut ticks = Vec::new();
    for exponent in first..=last {
        // Without decades skipped the digits between are minor ticks; with, the decades are.
        for digit in 1..=(if every == 1 { 9 } else { 1 }) {
            let at = ten(exponent) * f64::from(digit);
            if at < low * (1.0 - 1e-9) || at > high * (1.0 + 1e-9) {
                continue;
            }
            let major = named.contains(&digit) && exponent.rem_euclid(every) == 0;
            let label = match major {
                true if digits => decimal(at / ten(power), (power - exponent).max(0) as usize),
                true => decade(exponent),
                false => String::new(),
            };
            ticks.push(Tick { at: at.clamp(low, high), label, major });
        }
    }
    Marked { ticks, power, ..Marked::default() }
}

#[cfg(test)]
mod tests {
    use super::super::axis::{Axis, Ruler};
    use super::*;
    use proptest::prelude::*;

    const ACROSS: Paper = Paper { length: 60.0, upright: false };

    fn words(marked: &Marked) -> Vec<&str> {
        marked.labels().map(|t| t.label.as_str()).collect()
    }

    #[test]
    fn theory_linear_ticks_are_round() {
        assert_eq!(words(&linear(-0.5, 2.0, ACROSS)), ["−0.5", "0.0", "0.5", "1.0", "1.5", "2.0"]);
        assert_eq!(words(&linear(0.0, 2.4e6, ACROSS)), ["0.0", "0.5", "1.0", "1.5", "2.0"]);
        assert_eq!(words(&linear(100.0, 101.0, ACROSS)), ["100.0", "100.2", "100.4", "100.6", "100.8", "101.0"]);
        // The wanted half would be alone.
        assert_eq!(words(&linear(0.05, 0.95, Paper { length: 40.0, ..ACROSS })), ["0.25", "0.50", "0.75"]);
    }

    #[test]
    fn theory_log_ticks_start_at_the_first_decade() {
        assert_eq!(words(&logarithmic(0.1, 1000.0, ACROSS)), ["10^{−1}", "1", "10", "10^{2}", "10^{3}"]);
        assert_eq!(words(&logarithmic(1.0, 10.0, ACROSS)), ["1", "2", "5", "10"]);
        assert_eq!(words(&logarithmic(0.5, 40.0, ACROSS)), ["0.5", "1", "2", "5", "10", "20"]);
        assert_eq!(words(&logarithmic(3.1, 3.9, ACROSS)), ["3.2", "3.4", "3.6", "3.8"]);
    }

    /// The value that a label says, with what the axis says for all of them.
    fn said(label: &str, axis: &str) -> f64 {
        let plain = |text: &str| {
            let text = text.replace('−', "-").replace('}', "");
            match text.split_once("10^{") {
                Some((digits, power)) => {
                    format!("{}e{power}", if digits.is_empty() { "1" } else { digits.trim_end_matches('×') })
                }
                None => text,
            }
            .parse::<f64>()
            .unwrap()
        };
        let (from, power) = match axis.split_once(" (") {
            Some((from, power)) => (from, plain(&power.replace(')', ""))),
            None => (axis, 1.0),
        };
        let from = match from.trim().chars().next() {
            Some(sign) => plain(from.trim()[sign.len_utf8()..].trim()) * if sign == '+' { -1.0 } else { 1.0 },
            None => 0.0,
        };
        from + plain(label) * power
    }

    /// Ranges of every size and place: from 1e-280 to 1e280, around zero and far from it.
    fn ranges() -> impl Strategy<Value = (f64, f64)> {
        let end = (-280.0..280.0, any::<bool>()).prop_map(|(e, s)| 10f64.powf(e) * if s { -1.0 } else { 1.0 });
        let near = (end.clone(), -13.0..0.0).prop_map(|(a, e): (f64, f64)| (a, a + a.abs() * 10f64.powf(e)));
        prop_oneof![(end.clone(), end), near, (-10.0..10.0, -10.0..10.0)].prop_map(|(a, b)| (a.min(b), a.max(b)))
    }

    proptest! {
        #[test]
        fn law_every_numeric_axis_has_labels_that_say_where_they_stand(
            (low, high) in ranges(), log: bool, fixed: bool, upright: bool, length in 30.0..160.0f64,
        ) {
            let axis = if log { Axis::log("", "") } else { Axis::linear("", "") };
            let (low, high) = if log && low <= 0.0 { (low.abs().min(high.abs()), low.abs().max(high.abs())) } else { (low, high) };
            let axis = if fixed { axis.range(low, high) } else { axis };
            let paper = Paper { length, upright };
            let ruler = Ruler::new(&axis, [low, high], 0.05, paper);
            let labels: Vec<&Tick> = ruler.ticks.iter().filter(|t| t.major).collect();
            prop_assert!(labels.len() >= 2, "{:?}", ruler);
            for pair in labels.windows(2) {
                let apart = (ruler.place(pair[1].at) - ruler.place(pair[0].at)) * length;
                prop_assert!(apart > paper.half(&pair[0].label) + paper.half(&pair[1].label), "{:?}", ruler);
                prop_assert!(pair[0].label != pair[1].label, "{:?}", ruler);
            }
            for tick in labels {
                prop_assert!((ruler.low..=ruler.high).contains(&tick.at), "{:?}", ruler);
                let off = (said(&tick.label, &ruler.label) - tick.at).abs();
                prop_assert!(off <= 1e-3 * (ruler.high - ruler.low) + 1e-15 * tick.at.abs() || off <= 1e-9 * tick.at.abs() && log, "{:?} {off}", ruler);
            }
        }
    }
}
