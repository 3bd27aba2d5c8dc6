//! How are values set and found by name? Parameters, starts, whole families, sizes.

use super::Model;
use crate::error::{Error, Result};
use crate::field::Quantity;
use crate::lang::Given;
use crate::lang::part::{Ensemble, LARGEST_SIZE};
use std::collections::BTreeMap;

impl Model {
    /// Sets a parameter, a whole family of them, a start, or a size: `set("tau_w", "20 s")`, `set("C", "[[1, 0], [0, 1]] Hz^2")`,
    /// `set("K", "4")` (which composes the model again).
    ///
    /// # Errors
    /// An unknown name, a value in another unit, a shape that does not fit.
    pub fn set(&mut self, name: &str, value: &str) -> Result<()> {
        self.set_all(&[(name, value)])
    }

    /// Sets several values at once: a size together with the families that depend on it.
    pub fn set_all(&mut self, values: &[(&str, &str)]) -> Result<()> {
        // What is set again is forgotten first, so that an old value need not fit a new size.
        let again = |name: &String| values.iter().any(|(n, _)| n.trim() == name);
        let mut settings: Vec<_> = self.settings.iter().filter(|(name, _)| !again(name)).cloned().collect();
        settings.extend(values.iter().map(|(name, value)| (name.trim().to_string(), value.trim().to_string())));
        let sizes = &self.compiled.assembly.stage.sizes;
        if values.iter().any(|(name, _)| sizes.contains_key(name.trim())) {
            let composition = self.compiled.assembly.asked.clone();
            *self = Model::with_sizes(&composition, &self.library, &BTreeMap::new(), settings)?;
            return Ok(());
        }
        let mut changed = self.clone();
        for (name, value) in values {
            changed.put(name.trim(), value)?;
        }
        changed.weights()?;
        changed.within_bounds()?;
        changed.settings = settings;
        *self = changed;
        Ok(())
    }

    /// This model with one value changed.
    pub fn with(mut self, name: &str, value: &str) -> Result<Model> {
        self.set(name, value)?;
        Ok(self)
    }

    /// One value or a whole family.
    pub(super) fn put(&mut self, name: &str, value: &str) -> Result<()> {
        let stage_sizes = &self.compiled.assembly.stage.sizes;
        let given = Given::among(name, value, &|n| stage_sizes.contains_key(n))?;
        let size_of = |n: &str| stage_sizes.get(n).copied();
        let (variable, first, shape) = self.place(name)?;
        let list = if variable { &mut self.names.variables } else { &mut self.names.parameters };
        let (values, unit) = given.spread(&shape, &size_of).map_err(|e| match e {
            Error::Domain { why, help, .. } => Error::domain(format!("`{name} = {value}`"), why, help),
            other => other,
        })?;
        let declared = &list[first].unit;
        let nothing = unit.is_none() && values.iter().all(|v| *v == 0.0);
        if !unit.same_dimension(declared) && !nothing {
            return Err(Error::Units {
                quantity: format!("`{name} = {value}`"),
                expected: if declared.is_none() { "a pure number".into() } else { declared.to_string() },
                got: if unit.is_none() { "none".into() } else { unit.to_string() },
            });
        }
        for (quantity, value) in list[first..].iter_mut().zip(values) {
            quantity.value = value;
        }
        Ok(())
    }

    /// Hard bounds with the values as they are: the ranges in which to look lie within them, and so do the starts.
    pub(super) fn within_bounds(&mut self) -> Result<()> {
        let limits = crate::field::Law::limits(self, &self.names.defaults());
        for ((at, low, high), (_, declared)) in limits.into_iter().zip(&self.compiled.limited) {
            let quantity = &mut self.names.variables[at];
            let shown = |v: f64| quantity.unit.show(v);
            if low.is_nan() || high.is_nan() || low >= high {
                let why = format!("{} is not below {}", shown(low), shown(high));
                return Err(Error::domain(
                    format!("the bounds of `{}`", quantity.name),
                    why,
                    "give the lower one first",
                ));
            }
            if !(low..=high).contains(&quantity.value) {
                let why = format!("{} is outside its bounds [{}, {}]", shown(quantity.value), shown(low), shown(high));
                return Err(Error::domain(format!("the start of `{}`", quantity.name), why, "start inside"));
            }
            let (from, to) = declared.unwrap_or((low, high));
            let (from, to) = (from.max(low), to.min(high));
            quantity.range = Some(if from < to { (from, to) } else { (low, high) });
        }
        Ok(())
    }

    /// Weights of patterns are probabilities.
    pub(super) fn weights(&self) -> Result<()> {
        let stage = &self.compiled.assembly.stage;
        let Some(Ensemble::Patterns { weights, .. }) = &stage.circuit.ensemble else { return Ok(()) };
        let Some((false, first, shape)) = self.compiled.families.get(weights) else { return Ok(()) };
        let values: Vec<f64> =
            self.names.parameters[*first..].iter().take(shape.iter().product()).map(|q| q.value).collect();
        let total: f64 = values.iter().sum();
        match (total - 1.0).abs() <= 1e-9 && values.iter().all(|v| *v >= 0.0) {
            true => Ok(()),
            false => Err(Error::domain(
                format!("the weights `{weights}` of the patterns"),
                format!("they are probabilities and sum to {total}"),
                "give values that are not negative and sum to one",
            )),
        }
    }

    /// Where a name lives: (is it a variable, first place, shape). A part's name may be left out where that is clear.
    pub(super) fn place(&self, name: &str) -> Result<(bool, usize, Vec<usize>)> {
        let plain = name.replace(" ", "");
        if let Some(family) = self.compiled.families.get(&plain) {
            return Ok(family.clone());
        }
        // One element: `w[0]`, `C[0,1]` or `w_0`, `C_0_1`.
        let element = plain.replace(['[', ','], "_").replace(']', "");
        let known = |list: &[Quantity]| list.iter().position(|q| q.name == element);
        if let Some(at) = known(&self.names.variables) {
            return Ok((true, at, Vec::new()));
        }
        if let Some(at) = known(&self.names.parameters) {
            return Ok((false, at, Vec::new()));
        }
        // `scaling.gamma` for `scaling@w_ee.gamma`.
        let loose = |full: &str| -> bool {
            let Some((label, local)) = full.rsplit_once('.') else { return false };
            let short = label.split(['@', '(']).next().unwrap_or(label);
            plain == format!("{short}.{local}") || plain == local
        };
        let all = self.names.variables.iter().chain(&self.names.parameters);
        let matches: Vec<&str> = all.clone().map(|q| q.name.as_str()).filter(|n| loose(n)).collect();
        match matches.as_slice() {
            [one] if plain.contains('.') => self.place(one),
            // A local name that is short elsewhere is found above; with its part's label it may be written out.
            [] => match plain.rsplit_once('.') {
                Some((label, local)) if self.owner_is(local, label) => self.place(local),
                _ => Err(self.unknown(name)),
            },
            several => Err(Error::unknown("quantity", name, several.iter().map(|s| s.to_string()).collect())),
        }
    }

    fn owner_is(&self, local: &str, label: &str) -> bool {
        let assembly = &self.compiled.assembly;
        let base = local.split('[').next().unwrap_or(local);
        assembly.placed.iter().any(|p| p.label == label && assembly.stage.table.contains_key(&p.full(base)))
    }

    /// The value of a parameter, the start of a variable (coherent unit), or a size, by name.
    ///
    /// # Errors
    /// A name that nothing here has, with what is near; a quantity that is computed and has no value of its own.
    pub fn get(&self, name: &str) -> Result<f64> {
        self.find(name).copied()
    }

    /// The value that goes by a name.
    pub(super) fn find(&self, name: &str) -> Result<&f64> {
        if let Some(size) = self.compiled.sizes.get(name.trim()) {
            return Ok(size);
        }
        let (variable, at, _) = self.place(name.trim())?;
        Ok(if variable { &self.names.variables[at].value } else { &self.names.parameters[at].value })
    }

    fn unknown(&self, name: &str) -> Error {
        if self.names.readouts.iter().any(|q| q.name == name) {
            let help = "evaluate the readouts at a state (`Field::read`); parameters and starts can be set";
            return Error::usage(format!("`{name}` is computed from the state and has no value of its own"), help);
        }
        let all = self.names.variables.iter().chain(&self.names.parameters).map(|q| q.name.as_str());
        let families = self.compiled.families.keys().map(String::as_str);
        let sizes = self.compiled.sizes.keys().map(String::as_str);
        crate::field::unknown("parameter or variable", name, all.chain(families).chain(sizes))
    }
}

/// A size that is set by hand.
pub(super) fn size(name: &str, text: &str) -> Result<usize> {
    let largest = LARGEST_SIZE;
    match text.trim().parse::<usize>() {
        Ok(n) if (1..=largest).contains(&n) => Ok(n),
        _ => Err(Error::domain(
            format!("`{name} = {text}`"),
            "a size is a whole number".to_string(),
            format!("give a whole number from 1 to {largest}"),
        )),
    }
}
