//! How does a code change along a parameter, or along a branch of fixed points?
//!
//! Along a parameter the circuit adapts anew at every value, coming from its neighbour. Along a branch the fixed points are
//! known, unstable ones included: there the code is what would be read if the slow state were held.

use super::course::{states_in, worth};
use super::reading::Reading;
use super::response::Coder;
use crate::dynamics::continuation::Branch;
use crate::error::Result;
use crate::field::Table;

/// A code at one value of a parameter.
#[derive(Clone, Debug)]
pub struct Place {
    /// The parameter (coherent unit).
    pub parameter: f64,
    /// The state there (coherent units); empty where the circuit comes to no rest.
    pub state: Vec<f64>,
    /// Does the whole circuit stay there?
    pub stable: bool,
    /// What the code is worth there, or why it cannot be read.
    pub reading: Result<Reading>,
}

/// A code along a parameter.
#[derive(Clone, Debug)]
pub struct Sweep {
    /// The parameter's place in the field.
    pub parameter: usize,
    /// The places in the order of the values.
    pub places: Vec<Place>,
}

impl Coder<'_> {
    /// The code along a parameter: adapted at the first value from `start`, then each from its neighbour.
    ///
    /// Along the stimulus parameter the mean moves and the shape stays.
    ///
    /// # Errors
    /// An unknown parameter, or a value that is not finite. A place without rest is no error of the sweep.
    pub fn along(&self, p: &[f64], start: &[f64], parameter: &str, values: &[f64]) -> Result<Sweep> {
        let k = self.field.names().parameter(parameter)?;
        crate::coding::checks::all_finite(&format!("the values of `{parameter}`"), values)?;
        let mut from = start.to_vec();
        let mut places = Vec::with_capacity(values.len());
        for &value in values {
            let mut p = p.to_vec();
            p[k] = value;
            let mut coder = self.code.on(self.field)?;
            if k == self.stimulus {
                coder.code.distribution = coder.code.distribution.around(value);
            }
            let place = match coder.adapted(&p, &from) {
                Ok(state) => {
                    from.clone_from(&state);
                    Place { parameter: value, stable: true, reading: coder.at(&p, &state), state }
                }
                Err(e) => Place { parameter: value, stable: false, reading: Err(e), state: Vec::new() },
            };
            places.push(place);
        }
        Ok(Sweep { parameter: k, places })
    }
    /// The code along a branch of fixed points, which must have been followed under the mean stimulus.
    ///
    /// # Errors
    /// A branch in another parameter than this field has.
    pub fn along_branch(&self, p: &[f64], branch: &Branch) -> Result<Sweep> {
        let k = self.field.names().parameter(&branch.parameter.0)?;
        let mut places = Vec::with_capacity(branch.points.len());
        for point in &branch.points {
            let mut p = p.to_vec();
            p[k] = point.parameter;
            let mut coder = self.code.on(self.field)?;
            if k == self.stimulus {
                coder.code.distribution = coder.code.distribution.around(point.parameter);
            }
            let reading = coder.at(&p, &point.at);
            places.push(Place { parameter: point.parameter, state: point.at.clone(), stable: point.stable, reading });
        }
        Ok(Sweep { parameter: k, places })
    }
}

impl Sweep {
    /// The information in bits along the parameter; NaN where it cannot be read.
    pub fn information(&self) -> Vec<f64> {
        self.places.iter().map(|m| m.reading.as_ref().map_or(f64::NAN, |r| r.information.value)).collect()
    }
    /// One row per place: the parameter, the state, what is read, the numbers and their trust.
    pub fn table(&self, coder: &Coder) -> Table {
        let q = &coder.field().names().parameters[self.parameter];
        let values = self.places.iter().map(|m| m.parameter / q.unit.factor).collect();
        let table = Table::new().number(&q.name, q.unit.clone(), values);
        let lost = vec![f64::NAN; coder.field().names().variables.len()];
        let state = |m: &'_ Place| -> Vec<f64> { if m.state.is_empty() { lost.clone() } else { m.state.clone() } };
        let states: Vec<Vec<f64>> = self.places.iter().map(state).collect();
        let table = states_in(table, coder, &states.iter().map(Vec::as_slice).collect::<Vec<_>>());
        let table = table.flag("stable", self.places.iter().map(|m| m.stable).collect());
        worth(table, coder, &self.places.iter().map(|m| &m.reading).collect::<Vec<_>>())
    }
}
