//! Which code do the flags declare?

use super::Information;
use crate::cli::model;
use crate::coding::codes::{Code, Distribution, Noise, Perturbation};
use crate::field::{Error, Field, Names, Quantity, Result, Unit};
use crate::lang::Model;

impl Information {
    pub(super) fn code(&self, model: &Model, seed: u64) -> Result<Code> {
        let names = model.names();
        let asked = self.stimulus.as_ref().ok_or_else(|| {
            let help = format!("name a parameter: --stimulus {}", names.parameters.first().map_or("x", |q| &q.name));
            Error::usage("which parameter carries the stimulus?", help)
        })?;
        if self.read.is_empty() {
            let all: Vec<&str> = names.variables.iter().chain(&names.readouts).map(|q| q.name.as_str()).collect();
            return Err(Error::usage("what is read?", format!("name quantities: --read {}", all.join(","))));
        }
        let (name, shape) = asked.split_once('=').map_or((asked.as_str(), None), |(n, s)| (n.trim(), Some(s.trim())));
        let mut code = Code::new(name, Distribution::Gaussian { mean: 1.0, sd: 1.0 }, &[]);
        code.read.clone_from(&self.read);
        code.held.clone_from(&self.hold);
        code.seed = seed;
        if let Ok(k) = names.parameter(name) {
            let quantity = &names.parameters[k];
            code.distribution = match shape {
                Some(shape) => distribution(quantity, shape)?,
                None => Distribution::Gaussian { mean: quantity.value, sd: 0.1 * quantity.value.abs() },
            };
            if let Some(text) = &self.difference {
                code.difference = Some(model::value("--difference", quantity, text)?);
            }
        }
        for text in &self.noise {
            code = code.noise(noise(names, &self.read, text)?);
        }
        Ok(code)
    }
    /// The perturbation of `--perturb P=V@T[:T]`.
    pub(super) fn perturbation(&self, names: &Names, text: &str) -> Result<Perturbation> {
        let wrong = || {
            let help = "write P=VALUE@TIME or P=VALUE@TIME:TIME: w=0.5@10 or 'w=0.5@10 s:60 s'";
            Error::usage(format!("--perturb {text}: this is no perturbation"), help)
        };
        let (name, rest) = text.split_once('=').ok_or_else(wrong)?;
        let (value, times) = rest.split_once('@').ok_or_else(wrong)?;
        let name = name.trim();
        let all = names.parameters.iter().chain(&names.variables);
        let quantity = all.clone().find(|q| q.name == name).ok_or_else(|| {
            let near = crate::field::nearest(name, all.map(|q| q.name.as_str()));
            Error::unknown("parameter or variable", name, near)
        })?;
        let value = model::value("--perturb", quantity, value)?;
        let (from, until) = match times.split_once(':') {
            Some((from, until)) => (from, Some(model::time("--perturb", until)?)),
            None => (times, None),
        };
        let from = model::time("--perturb", from)?;
        let end = match &self.until {
            Some(text) => model::time("--until", text)?,
            None => 2.0 * until.unwrap_or(from),
        };
        Ok(Perturbation { quantity: name.into(), value, from, until, end })
    }
}

/// `10:1`, `5..20`, `2,5,10`, `logistic:10:1`, `uniform:5:20`, `gaussian:10:1`.
fn distribution(quantity: &Quantity, text: &str) -> Result<Distribution> {
    let flag = "--stimulus";
    let value = |text: &str| model::value(flag, quantity, text);
    let wrong = || {
        let help = "write MEAN:SD, LO..HI, logistic:MEAN:SCALE or equally likely values V,V,…";
        Error::usage(format!("{flag} {}={text}: this is no distribution", quantity.name), help)
    };
    if let Some((lo, hi)) = text.split_once("..") {
        return Ok(Distribution::Uniform { lo: value(lo)?, hi: value(hi)? });
    }
    if text.contains(',') {
        return Ok(Distribution::values(&text.split(',').map(value).collect::<Result<Vec<f64>>>()?));
    }
    let parts: Vec<&str> = text.split(':').map(str::trim).collect();
    match parts.as_slice() {
        [mean, sd] | ["gaussian", mean, sd] => Ok(Distribution::Gaussian { mean: value(mean)?, sd: value(sd)? }),
        ["uniform", lo, hi] => Ok(Distribution::Uniform { lo: value(lo)?, hi: value(hi)? }),
        ["logistic", mean, scale] => Ok(Distribution::Logistic { mean: value(mean)?, scale: value(scale)? }),
        _ => Err(wrong()),
    }
}

fn noise(names: &Names, read: &[String], text: &str) -> Result<Noise> {
    if text.trim() == "field" {
        return Ok(Noise::Field);
    }
    let (name, size) = text.split_once('=').map(|(n, s)| (n.trim(), s.trim())).ok_or_else(|| {
        Error::usage(format!("--noise {text}: this is no noise"), "write Q=SD, counts=TIME or field: r='1 Hz'")
    })?;
    if name == "counts" || name == "poisson" {
        let window = Quantity { unit: Unit::SECOND, ..Quantity::plain("counts", 0.0) };
        return Ok(Noise::Counts { window: model::value("--noise", &window, size)? });
    }
    let readable = names.variables.iter().chain(&names.readouts).filter(|q| read.contains(&q.name));
    let mut all = names.parameters.iter().chain(readable);
    let sd = match all.find(|q| q.name == name) {
        Some(quantity) => model::value("--noise", quantity, size)?,
        // The code says what is wrong with the name.
        None => 0.0,
    };
    Ok(Noise::On { quantity: name.into(), sd })
}
