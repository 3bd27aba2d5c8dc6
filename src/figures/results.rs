//! How is a trajectory, a branch or a comparison drawn? One panel each, ready for more marks.

use super::axis::Axis;
use super::marks::{Line, Points, Rule, Shape};
use super::palette::Ink;
use super::panel::Panel;
use super::text::symbol;
use crate::dynamics::Trajectory;
use crate::field::{Result, Unit};
use crate::num::Estimate;

/// A unit as it stands at an axis: `Hz^{2}`, nothing for a pure number.
pub fn unit_label(unit: &Unit) -> String {
    if unit.is_none() && unit.symbol.is_empty() {
        return String::new();
    }
    let mut out = String::new();
    let mut open = false;
    let text = unit.to_string();
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        match c {
            '^' => {
                out += "^{";
                open = true;
            }
            '(' | ')' if open => {}
            '*' => out.push('·'),
            c => out.push(if open && c == '-' { '−' } else { c }),
        }
        let more = letters.peek().is_some_and(|n| n.is_ascii_digit() || "-(/.)".contains(*n));
        if open && c != '^' && !more {
            out.push('}');
            open = false;
        }
    }
    out
}

/// The unit of a variable or readout, and how many coherent units one of it is.
fn unit_of(trajectory: &Trajectory, name: &str) -> Result<Unit> {
    let names = &trajectory.names;
    Ok(match names.readout(name) {
        Ok(k) => names.readouts[k].unit.clone(),
        Err(_) => names.variables[names.variable(name)?].unit.clone(),
    })
}

/// Variables and readouts over time (s), each in the unit it is shown in. With one name the axis bears it, with
/// several the legend.
///
/// Errors: no such variable.
pub fn trajectory(trajectory: &Trajectory, names: &[&str]) -> Result<Panel> {
    let units: Vec<Unit> = names.iter().map(|n| unit_of(trajectory, n)).collect::<Result<_>>()?;
    let common = units.first().filter(|u| units.iter().all(|v| v == *u)).map(unit_label).unwrap_or_default();
    // Several of one family (`w_0`, `w_1`) share its letter.
    let head = |name: &str| symbol(name).split("_{").next().unwrap_or("").to_string();
    let label = match names {
        [one] => symbol(one),
        [first, rest @ ..] if rest.iter().all(|n| head(n) == head(first)) => head(first),
        _ => String::new(),
    };
    let mut panel = Panel::new(Axis::linear("time", "s"), Axis::linear(&label, &common));
    for (k, (name, unit)) in names.iter().zip(&units).enumerate() {
        let values: Vec<f64> = trajectory.column(name)?.iter().map(|v| v / unit.factor).collect();
        let series = if names.len() > 1 { symbol(name) } else { String::new() };
        panel = panel.add(Line::new(&series, &trajectory.t, &values).ink(Ink::Hue(k)));
    }
    Ok(panel)
}

/// A trajectory in the plane of two variables or readouts, with a ring where it starts.
///
/// Errors: no such variable.
pub fn phase(trajectory: &Trajectory, x: &str, y: &str) -> Result<Panel> {
    let (ux, uy) = (unit_of(trajectory, x)?, unit_of(trajectory, y)?);
    let column = |name: &str, unit: &Unit| -> Result<Vec<f64>> {
        Ok(trajectory.column(name)?.iter().map(|v| v / unit.factor).collect())
    };
    let (xs, ys) = (column(x, &ux)?, column(y, &uy)?);
    let panel = Panel::new(Axis::linear(&symbol(x), &unit_label(&ux)), Axis::linear(&symbol(y), &unit_label(&uy)));
    let start = Points::new("start", &xs[..xs.len().min(1)], &ys[..ys.len().min(1)]).shape(Shape::Ring);
    Ok(panel.add(Line::new("", &xs, &ys).ink(Ink::Data)).add(start))
}

/// One quantity as theory says it and as it was measured under several conditions: bars are ± 2 standard errors.
pub struct Compared<'a> {
    /// What the condition is called on the axis.
    pub name: &'a str,
    /// What theory says.
    pub theory: f64,
    /// What was measured.
    pub measured: Estimate,
    /// Deviations up to this are tolerated (0 if none is stated).
    pub tolerance: f64,
}

/// Theory against data: deviations from theory with their error bars, and what is tolerated, over the conditions.
pub fn comparison(label: &str, unit: &str, rows: &[Compared]) -> Panel {
    let x: Vec<f64> = (0..rows.len()).map(|k| k as f64).collect();
    let ticks = x.iter().zip(rows).map(|(&at, r)| (at, r.name));
    let wide = (-0.5, rows.len() as f64 - 0.5);
    let mut panel =
        Panel::new(Axis::linear("", "").range(wide.0, wide.1).named(ticks), Axis::linear(label, unit).including(0.0));
    for (k, row) in rows.iter().enumerate().filter(|(_, r)| r.tolerance > 0.0) {
        let at = [k as f64 - 0.35, k as f64 + 0.35];
        let band = super::Band::new("tolerated", &at, &[-row.tolerance; 2], &[row.tolerance; 2]);
        panel = panel.add(band.ink(Ink::Stable));
    }
    let deviation: Vec<f64> = rows.iter().map(|r| r.measured.corrected() - r.theory).collect();
    let bars: Vec<f64> = rows.iter().map(|r| 2.0 * r.measured.se).collect();
    panel
        .add(Rule::horizontal("theory", 0.0))
        .add(Points::new("measured ± 2 s.e.", &x, &deviation).error(&bars).size(0.9))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dynamics::{Integration, integrate};
    use crate::field::{Law, Names, Quantity};
    use crate::num::Scalar;

    #[test]
    fn theory_units_are_set_with_superscripts() {
        let label = |text: &'static str| unit_label(&Unit { exponents: [0; 7], factor: 1.0, symbol: text.into() });
        assert_eq!(label("Hz^2 V"), "Hz^{2} V");
        assert_eq!(label("s^-1"), "s^{−1}");
        assert_eq!(label("s^(1/2)"), "s^{1/2}");
        assert_eq!(unit_label(&Unit::NONE), "");
        let squared = &Unit::SECOND * &Unit::SECOND;
        assert_eq!(unit_label(&squared), "s^{2}");
    }

    /// dr/dt = −r.
    struct Decay(Names);
    impl Law for Decay {
        fn law_names(&self) -> &Names {
            &self.0
        }
        fn rates<S: Scalar>(&self, x: &[S], _: &[S], dx: &mut [S]) {
            dx[0] = -x[0];
        }
    }

    #[test]
    fn theory_a_trajectory_is_drawn_in_the_unit_it_is_shown_in() {
        let milli = Unit { exponents: Unit::HERTZ.exponents, factor: 1e3, symbol: "kHz".into() };
        let rate = Quantity { unit: milli, ..Quantity::plain("r_e", 2000.0) };
        let decay = Decay(Names::new("decay", [rate], []));
        let run = integrate(&decay, &[], &[2000.0], 1.0, &Integration::default()).unwrap();
        let data = super::super::Figure::single(trajectory(&run, &["r_e"]).unwrap()).data();
        assert_eq!(data.numbers("y").unwrap()[0], 2.0);
        assert!(trajectory(&run, &["r_i"]).is_err());
        assert!(phase(&run, "r_e", "r_e").is_ok());
    }
}
