//! What is a population's transfer function? The one that a transfer part defines, else the identity.

use super::bind::Binder;
use super::place::Placed;
use super::walk::{binary, number, reindex};
use crate::error::{Error, Result};
use crate::lang::ast::{Expr, Kind, Span};
use crate::lang::part::PartKind;
use std::collections::BTreeMap;

impl Binder<'_> {
    pub(super) fn is_phi(&self, name: &str) -> bool {
        self.stage.circuit.populations.iter().any(|p| p.phi.as_deref() == Some(name))
    }

    /// The transfer function that the circuit calls `name`, of one argument; the identity if no part defines it.
    pub(super) fn transfer(&mut self, name: &str, mut list: Vec<Expr>, span: Span) -> Result<Expr> {
        let circuit = self.stage.circuit.clone();
        let of: Vec<&str> =
            circuit.populations.iter().filter(|p| p.phi.as_deref() == Some(name)).map(|p| p.name.as_str()).collect();
        let fits = |p: &Placed| match &p.population {
            Some(population) => of.contains(&population.as_str()),
            None => true,
        };
        let found: Vec<usize> = (0..self.placed.len())
            .filter(|&i| self.placed[i].part.kind == PartKind::Transfer && fits(&self.placed[i]))
            .collect();
        let argument = list.pop().unwrap_or_else(|| number(0.0));
        match found.as_slice() {
            [] => {
                self.identity_unit(name, &argument)?;
                Ok(argument)
            }
            [one] => {
                self.transfer_unit(*one, &argument)?;
                let body = self.placed[*one].part.equations[0].right.clone();
                let body = self.rewrite(*one, &body, &mut Vec::new(), &[])?;
                let full = self.placed[*one].full("u");
                Ok(self.put(&body, &["u", full.as_str()], &argument))
            }
            [a, b, ..] => {
                let (a, b) = (&self.placed[*a].label, &self.placed[*b].label);
                let cause = format!("`{a}` and `{b}` both define the transfer function `{name}`");
                let help = "keep one of them, or attach each to a population of its own";
                let _ = span;
                Err(Error::usage(cause, help))
            }
        }
    }

    /// The identity is a transfer function only if drive and rate have one unit.
    fn identity_unit(&self, name: &str, argument: &Expr) -> Result<()> {
        let circuit = &self.stage.circuit;
        let population = circuit.populations.iter().find(|p| p.phi.as_deref() == Some(name));
        let rate = population.and_then(|p| p.quantities.iter().find(|(port, _)| port == "r"));
        let Some(Expr { kind: Kind::Name(rate, _), .. }) = rate.map(|(_, e)| self.stage.qualified(e)) else {
            return Ok(());
        };
        let table = &self.stage.table;
        let source = crate::lang::Source::new(&circuit.file, "");
        let got = crate::lang::units::infer(&source, argument, &|n| table.get(n).map(|i| i.unit.clone()))?;
        match table.get(&rate) {
            Some(info) if !info.unit.same_dimension(&got) => {
                let cause = format!("`{name}` turns {} into {}", crate::lang::units::describe(&got), info.unit);
                Err(Error::usage(cause, "attach a transfer part that does so; without one the rate is the drive"))
            }
            _ => Ok(()),
        }
    }

    /// Is the drive in the unit that the transfer part expects?
    fn transfer_unit(&self, at: usize, argument: &Expr) -> Result<()> {
        let part = &self.placed[at].part;
        let Some(wanted) = part.port("u").and_then(|p| p.unit.clone()) else { return Ok(()) };
        let table = &self.stage.table;
        let source = crate::lang::Source::new(&part.file, "");
        let got = crate::lang::units::infer(&source, argument, &|name| table.get(name).map(|i| i.unit.clone()))?;
        match got.same_dimension(&wanted) {
            true => Ok(()),
            false => Err(Error::Units {
                quantity: format!("the drive that the circuit gives to `{}`", part.name),
                expected: wanted.to_string(),
                got: got.to_string(),
            }),
        }
    }

    /// The body with `argument` for the port `u`.
    fn put(&mut self, body: &Expr, port: &[&str], argument: &Expr) -> Expr {
        let kind = match &body.kind {
            Kind::Name(name, _) if port.contains(&name.as_str()) => {
                return reindex(argument, &BTreeMap::new(), &mut self.stage.letters);
            }
            Kind::Neg(a) => Kind::Neg(Box::new(self.put(a, port, argument))),
            Kind::Binary(op, a, b) => {
                return Expr {
                    span: body.span,
                    ..binary(*op, self.put(a, port, argument), self.put(b, port, argument))
                };
            }
            Kind::Call(name, list) => {
                Kind::Call(name.clone(), list.iter().map(|a| self.put(a, port, argument)).collect())
            }
            Kind::Sum(letter, a) => Kind::Sum(letter.clone(), Box::new(self.put(a, port, argument))),
            kind => kind.clone(),
        };
        Expr { kind, span: body.span }
    }
}
