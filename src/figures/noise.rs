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
        let mut panel =
            Panel::new(Axis::linear(&symbol(name), &unit_label(unit)), Axis::linear(label, unit_of).including(0.0));
        if rest.iter().any(|v| v.is_finite()) {
            panel = panel.add(Line::new("not valid", &x, &rest).ink(Ink::Muted).dashed());
        }
        panel.add(Line::new("linear noise", &x, &valid).ink(Ink::Data))
    };
    let quantity_symbol = symbol(quantity);
    Ok(Figure::row([
        draw(
            &format!("s.d. of {quantity_symbol}"),
            &unit_label(&noise.quantities[k].1),
            of(&|f| f.deviations[k] / factor),
        ),
        draw(&format!("autocorrelation of {quantity_symbol}"), "", of(&|f| f.autocorrelations[k])),
        draw("recovery rate", "1/s", of(&|f| f.recovery)),
    ]))
}
