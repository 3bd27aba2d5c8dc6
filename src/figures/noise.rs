//! What do fluctuations look like along a branch? Their size and their memory over the parameter.

use super::marks::Line;
use super::results::unit_label;
use super::{Axis, Figure, Ink, Panel, symbol};
use crate::dynamics::NoiseAlong;
use crate::field::{Error, Result, nearest};

/// The standard deviation of `quantity` (a variable or readout), its autocorrelation, and the recovery rate over the
/// parameter. Where the linearisation is not valid the lines are grey and dashed.
///
/// Errors: an unknown name.
pub fn noise_along(noise: &NoiseAlong, quantity: &str) -> Result<Figure> {
    let names = || noise.quantities.iter().map(|(name, _)| name.as_str());
    let Some(k) = names().position(|name| name == quantity) else {
        return Err(Error::unknown("variable or readout", quantity, nearest(quantity, names())));
    };
    let (name, unit) = &noise.parameter;
    let x: Vec<f64> = noise.points.iter().map(|q| q.parameter / unit.factor).collect();
    // A little wider than the branch, so that a divergence at its end does not lie on the frame.
    let ends = x.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), v| (v.min(lo), v.max(hi)));
    let room = 0.03 * (ends.1 - ends.0).max(f64::MIN_POSITIVE);
    let (low, high) = (ends.0 - room, ends.1 + room);
    let factor = noise.quantities[k].1.factor;
    let of = |f: &dyn Fn(&crate::dynamics::Fluctuations) -> f64| -> Vec<f64> {
        noise.points.iter().map(|q| q.fluctuations.as_ref().map_or(f64::NAN, f)).collect()
    };
    let draw = |label: &str, unit_of: &str, y: Vec<f64>| {
        // A line of valid stretches over the line of everything.
        let valid: Vec<f64> = noise.points.iter().zip(&y).map(|(q, y)| if q.valid { *y } else { f64::NAN }).collect();
        let rest: Vec<f64> = (0..y.len())
            .map(|i| {
                let near = |j: usize| noise.points.get(j).is_some_and(|q| !q.valid);
                if near(i) || near(i + 1) || i.checked_sub(1).is_some_and(near) { y[i] } else { f64::NAN }
            })
            .collect();
        // What diverges where it is not valid leaves the frame, so that the rest can be read; what is negative stays.
        let most = |y: &[f64]| y.iter().copied().filter(|v| v.is_finite()).fold(0.0, f64::max);
        let least = y.iter().copied().filter(|v| v.is_finite()).fold(0.0, f64::min);
        let (wanted, upright) = (1.5 * most(&valid), Axis::linear(label, unit_of).including(0.0));
        let leaves = wanted > 0.0 && wanted < most(&y) && least == 0.0;
        let upright = if leaves { upright.range(0.0, wanted) } else { upright };
        let mut panel = Panel::new(Axis::linear(&symbol(name), &unit_label(unit)).range(low, high), upright)
            .add(Line::new("linear noise", &x, &valid).ink(Ink::Data));
        if rest.iter().any(|v| v.is_finite()) {
            panel = panel.add(Line::new("not valid", &x, &rest).ink(Ink::Muted).dashed());
        }
        panel
    };
    let quantity_symbol = symbol(quantity);
    let lag: f64 = format!("{:.1e}", noise.lag).parse().unwrap_or(noise.lag);
    Ok(Figure::row([
        draw(
            &format!("s.d. of {quantity_symbol}"),
            &unit_label(&noise.quantities[k].1),
            of(&|f| f.deviations[k] / factor),
        ),
        draw(&format!("autocorrelation of {quantity_symbol}"), "", of(&|f| f.autocorrelations[k]))
            .title(&format!("at a lag of {lag} s"))
            .no_legend(),
        draw("recovery rate", "1/s", of(&|f| f.recovery)).no_legend(),
    ]))
}
