//! What do the lines of a part say about the whole model? Local names become full ones, ports what they are bound to.

use super::place::Placed;
use super::stage::{Info, Role, Stage};
use super::walk::{binary, free_letters, made, number, reindex, running};
use crate::error::{Error, Result};
use crate::field::Pace;
use crate::lang::ast::{Assign, Expr, Index, Kind, Span};
use crate::lang::part::PartKind;
use std::collections::BTreeMap;

/// A line of one part in full names.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// The part.
    pub part: usize,
    pub assign: Assign,
    pub derivative: bool,
    /// The full name on the left.
    pub target: String,
    pub at: Vec<Index>,
    pub right: Expr,
    pub span: Span,
}

/// A parameter and what the modulations make of it where its owner reads it.
pub(crate) type Modulated = BTreeMap<String, Expr>;

/// All parts at their places, and the lines that they write.
pub(crate) struct Binder<'a> {
    pub stage: &'a mut Stage,
    pub placed: &'a [Placed],
    pub modulated: &'a Modulated,
    /// In a fact names may also be the circuit's, and a family may be read without its indices.
    pub loose: bool,
}

impl Binder<'_> {
    /// All lines of all parts; own quantities of the mechanisms enter the table.
    pub fn lines(&mut self) -> Result<Vec<Line>> {
        for part in 1..self.placed.len() {
            self.own_quantities(part)?;
        }
        let mut lines = Vec::new();
        for part in 0..self.placed.len() {
            if self.placed[part].part.kind == PartKind::Transfer {
                continue;
            }
            for equation in &self.placed[part].part.clone().equations {
                lines.push(self.line(part, equation)?);
            }
        }
        Ok(lines)
    }

    /// Declares the parameters and variables of a mechanism. A variable has the indices on which its equation depends.
    fn own_quantities(&mut self, at: usize) -> Result<()> {
        let placed = &self.placed[at];
        let part = placed.part.clone();
        let base = at * 10_000;
        for (place, p) in part.parameters.iter().enumerate() {
            let info = Info {
                local: p.name.clone(),
                owner: at,
                role: Role::Parameter,
                letters: Vec::new(),
                unit: p.unit.clone(),
                given: Some(p.given.clone()),
                range: p.range,
                pace: p.pace,
                about: p.about.clone(),
                rank: base + 5_000 + place,
            };
            self.stage.table.insert(placed.full(&p.name), info);
        }
        let own: Vec<_> = part.equations.iter().filter(|e| part.port(&e.name).is_none()).collect();
        let own = if part.kind == PartKind::Transfer { Vec::new() } else { own };
        for (place, e) in own.iter().enumerate() {
            let said = part.variable(&e.name);
            let letters = match said.and_then(|v| v.per.as_deref()) {
                Some(port) => match placed.ports.get(port) {
                    Some(bound) => self.outside(free_letters(bound)),
                    None => {
                        let at = said.map_or(0, |v| v.at);
                        return Err(part.error(at, format!("`per` names no port: `{port}`"), "write `per = \"w\"`"));
                    }
                },
                None => match e.indices.is_empty() {
                    true => Vec::new(),
                    false => placed.partner.iter().cloned().collect(),
                },
            };
            let info = Info {
                local: e.name.clone(),
                owner: at,
                role: if e.derivative { Role::Variable } else { Role::Algebra },
                letters,
                unit: e.unit.clone(),
                given: said.and_then(|v| v.start.clone()),
                range: said.and_then(|v| v.range),
                pace: said.and_then(|v| v.pace).or(Some(pace_of(part.kind))),
                about: said.map(|v| v.about.clone()).unwrap_or_default(),
                rank: base + place,
            };
            self.stage.table.insert(placed.full(&e.name), info);
        }
        self.infer_letters(at, &own)
    }

    /// The least set of indices that is consistent: of own quantities whose indices are not declared.
    fn infer_letters(&mut self, at: usize, own: &[&crate::lang::ast::Equation]) -> Result<()> {
        let placed = &self.placed[at];
        loop {
            let mut changed = false;
            for e in own {
                if placed.part.variable(&e.name).is_some_and(|v| v.per.is_some()) {
                    continue;
                }
                let scratch = self.stage.letters.clone();
                let right = self.rewrite(at, &e.right, &mut Vec::new(), &[])?;
                self.stage.letters = scratch;
                let open = self.open(&right);
                let full = placed.full(&e.name);
                if let Some(info) = self.stage.table.get_mut(&full) {
                    for letter in open {
                        if !info.letters.contains(&letter) {
                            info.letters.push(letter);
                            changed = true;
                        }
                    }
                    let place = |l: &String| placed.order.iter().position(|o| o == l).unwrap_or(usize::MAX);
                    info.letters.sort_by_key(|l| (place(l), l.clone()));
                }
            }
            if !changed {
                return Ok(());
            }
        }
    }

    /// An expression of part `at` in full names.
    pub fn expression(&mut self, at: usize, expr: &Expr) -> Result<Expr> {
        self.rewrite(at, expr, &mut Vec::new(), &[])
    }

    fn outside(&self, mut letters: Vec<String>) -> Vec<String> {
        letters.retain(|l| Some(l.as_str()) != self.stage.ensemble_index());
        letters
    }

    /// The indices that an expression depends on; `mean` binds the ensemble's.
    pub fn open(&self, expr: &Expr) -> Vec<String> {
        open_letters(expr, self.stage.ensemble_index())
    }

    fn line(&mut self, at: usize, e: &crate::lang::ast::Equation) -> Result<Line> {
        let placed = &self.placed[at];
        let part = placed.part.clone();
        let left = made(Kind::Name(e.name.clone(), e.indices.clone()), e.span);
        let left = self.rewrite_raw(at, &left)?;
        let Kind::Name(target, indices) = left.kind else {
            let cause = format!("`{}` is bound to something that is not a quantity", e.name);
            return Err(part.equation_error(e.span, cause, "bind the port to a quantity of the circuit"));
        };
        let own: Vec<String> = running(&indices).map(str::to_string).collect();
        let right = self.rewrite(at, &e.right, &mut Vec::new(), &own)?;
        let info = self
            .stage
            .table
            .get(&target)
            .ok_or_else(|| part.equation_error(e.span, format!("`{}` is not a quantity", e.name), ""))?;
        if !info.unit.same_dimension(&e.unit) {
            return Err(Error::Units {
                quantity: format!("`{}`, which `{}` writes,", info.local, placed.label),
                expected: info.unit.to_string(),
                got: e.unit.to_string(),
            });
        }
        if at > 0 && info.owner == 0 && info.role == Role::Parameter {
            // A parameter that a mechanism drives becomes a variable; one that it defines becomes algebra.
            let role = if e.derivative { Role::Variable } else { Role::Algebra };
            let kind = pace_of(part.kind);
            if let Some(info) = self.stage.table.get_mut(&target) {
                info.role = role;
                info.pace = info.pace.or(Some(kind));
            }
        }
        let (assign, derivative, span) = (e.assign, e.derivative, e.span);
        Ok(Line { part: at, assign, derivative, target, at: indices, right, span })
    }

    /// A name of a part without modulation: the left side of a line.
    fn rewrite_raw(&mut self, at: usize, left: &Expr) -> Result<Expr> {
        match &left.kind {
            Kind::Name(name, indices) => self.name(at, name, indices, left.span, &[], &[], false),
            _ => Ok(left.clone()),
        }
    }

    /// An expression of part `at` in full names. `bound`: its own running sums and what they became.
    fn rewrite(
        &mut self,
        at: usize,
        expr: &Expr,
        bound: &mut Vec<(String, Option<String>)>,
        left: &[String],
    ) -> Result<Expr> {
        let span = expr.span;
        let circuit = at == 0;
        Ok(match &expr.kind {
            Kind::Number(..) => expr.clone(),
            Kind::Name(name, indices) => {
                let sums = bound.clone();
                return self.name(at, name, indices, span, &sums, left, true);
            }
            Kind::Neg(a) => made(Kind::Neg(Box::new(self.rewrite(at, a, bound, left)?)), span),
            Kind::Binary(op, a, b) => {
                let (a, b) = (self.rewrite(at, a, bound, left)?, self.rewrite(at, b, bound, left)?);
                made(Kind::Binary(*op, Box::new(a), Box::new(b)), span)
            }
            Kind::Call(name, list) => {
                let list = list.iter().map(|a| self.rewrite(at, a, bound, left)).collect::<Result<Vec<_>>>()?;
                match (circuit, list.len()) {
                    (true, 1) if self.is_phi(name) => self.transfer(name, list, span)?,
                    _ => made(Kind::Call(name.clone(), list), span),
                }
            }
            Kind::Sum(letter, body) => {
                let like = if circuit { Some(letter.clone()) } else { self.placed[at].partner.clone() };
                let fresh = like.map(|like| self.stage.letters.fresh(&like));
                bound.push((letter.clone(), fresh.clone()));
                let body = self.rewrite(at, body, bound, left)?;
                bound.pop();
                match fresh {
                    Some(fresh) => made(Kind::Sum(fresh, Box::new(body)), span),
                    // A single synapse: the sum has one term.
                    None => body,
                }
            }
        })
    }

    #[allow(clippy::too_many_arguments)]
    fn name(
        &mut self,
        at: usize,
        name: &str,
        indices: &[Index],
        span: Span,
        sums: &[(String, Option<String>)],
        left: &[String],
        modulate: bool,
    ) -> Result<Expr> {
        let placed = &self.placed[at];
        let part = placed.part.clone();
        if crate::lang::units::is_noise(name) {
            // Each member of a family has its own noise; a shared name is shared noise.
            let list = left.iter().map(|l| Index::Running(l.clone(), 0)).collect();
            return Ok(made(Kind::Name(placed.full(name), list), span));
        }
        if let Some(size) = part.sizes.iter().find(|s| s.name == name) {
            let value = match (at, &placed.partner) {
                (0, _) => self.stage.sizes.get(&size.name).copied().unwrap_or(1),
                (_, Some(partner)) => self.stage.letters.size(partner).unwrap_or(1),
                (_, None) => 1,
            };
            return Ok(number(value as f64));
        }
        let full = placed.full(name);
        let bound = match placed.ports.get(name) {
            Some(bound) => bound.clone(),
            None => match self.stage.table.get(&full) {
                Some(info) if at > 0 || (self.loose && indices.is_empty()) => {
                    let list = info.letters.iter().map(|l| Index::Running(l.clone(), 0)).collect();
                    made(Kind::Name(full.clone(), list), span)
                }
                Some(_) => made(Kind::Name(full.clone(), indices.to_vec()), span),
                None if self.loose && at > 0 => return self.name(0, name, indices, span, sums, left, modulate),
                None => return Ok(made(Kind::Name(name.into(), indices.to_vec()), span)),
            },
        };
        let indexed = match at {
            0 => self.circuit_indices(bound, sums),
            _ => self.partner_indices(at, bound, name, indices, span, sums)?,
        };
        match self.modulated.get(&full).filter(|_| modulate && !placed.ports.contains_key(name)) {
            None => Ok(Expr { span, ..indexed }),
            Some(effective) => {
                // The modulated value stands where the owner reads its parameter.
                let Kind::Name(_, list) = &indexed.kind else { return Ok(indexed) };
                let letters = self.stage.table.get(&full).map(|i| i.letters.clone()).unwrap_or_default();
                let map: BTreeMap<String, Index> = letters.into_iter().zip(list.iter().cloned()).collect();
                Ok(reindex(effective, &map, &mut self.stage.letters))
            }
        }
    }

    /// In the circuit only its own sums rename indices.
    fn circuit_indices(&mut self, bound: Expr, sums: &[(String, Option<String>)]) -> Expr {
        let Kind::Name(name, list) = &bound.kind else { return bound };
        let renamed = list
            .iter()
            .map(|index| match index {
                Index::Running(letter, shift) => match sums.iter().rev().find(|(own, _)| own == letter) {
                    Some((_, Some(fresh))) => Index::Running(fresh.clone(), *shift),
                    _ => index.clone(),
                },
                fixed => fixed.clone(),
            })
            .collect();
        made(Kind::Name(name.clone(), renamed), bound.span)
    }

    /// In a mechanism `w[j]` is the weight from partner j.
    fn partner_indices(
        &mut self,
        at: usize,
        bound: Expr,
        name: &str,
        indices: &[Index],
        span: Span,
        sums: &[(String, Option<String>)],
    ) -> Result<Expr> {
        let placed = &self.placed[at];
        let (Some(index), Some(partner)) = (indices.first(), &placed.partner) else { return Ok(bound) };
        let has = free_letters(&bound).iter().any(|l| l == partner);
        if indices.len() > 1 || !has {
            let cause = format!("`{name}` has no index of its own for each presynaptic partner");
            let help = "write it without an index";
            return Err(placed.part.equation_error(span, cause, help));
        }
        let to = match index {
            Index::Running(letter, shift) => match sums.iter().rev().find(|(own, _)| own == letter) {
                Some((_, Some(fresh))) => Index::Running(fresh.clone(), *shift),
                _ => Index::Running(partner.clone(), *shift),
            },
            Index::Fixed(n) => Index::Fixed(*n),
        };
        let map = BTreeMap::from([(partner.clone(), to)]);
        Ok(reindex(&bound, &map, &mut self.stage.letters))
    }

    fn is_phi(&self, name: &str) -> bool {
        self.stage.circuit.populations.iter().any(|p| p.phi.as_deref() == Some(name))
    }

    /// The transfer function that the circuit calls `name`, of one argument; the identity if no part defines it.
    fn transfer(&mut self, name: &str, mut list: Vec<Expr>, span: Span) -> Result<Expr> {
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

/// The free indices of an expression, where `mean` binds the index of the ensemble.
pub(crate) fn open_letters(expr: &Expr, ensemble: Option<&str>) -> Vec<String> {
    fn strip(expr: &Expr, ensemble: &str) -> Expr {
        let kind = match &expr.kind {
            Kind::Call(name, list) if name == "mean" => {
                // Whatever is averaged no longer depends on the index: a sum over it says so.
                let list = list.iter().map(|a| strip(a, ensemble)).collect();
                let inner = made(Kind::Call("mean".into(), list), expr.span);
                Kind::Sum(ensemble.into(), Box::new(inner))
            }
            Kind::Neg(a) => Kind::Neg(Box::new(strip(a, ensemble))),
            Kind::Binary(op, a, b) => Kind::Binary(*op, Box::new(strip(a, ensemble)), Box::new(strip(b, ensemble))),
            Kind::Call(name, list) => Kind::Call(name.clone(), list.iter().map(|a| strip(a, ensemble)).collect()),
            Kind::Sum(letter, a) => Kind::Sum(letter.clone(), Box::new(strip(a, ensemble))),
            kind => kind.clone(),
        };
        Expr { kind, span: expr.span }
    }
    match ensemble {
        None => free_letters(expr),
        Some(index) => free_letters(&strip(expr, index)),
    }
}

/// The pace on which a part of this kind acts, if its file does not say.
fn pace_of(kind: PartKind) -> Pace {
    match kind {
        PartKind::Circuit | PartKind::Transfer => Pace::Neural,
        PartKind::Plasticity => Pace::Plastic,
        PartKind::Homeostasis | PartKind::Modulation => Pace::Homeostatic,
    }
}

/// What every modulation of the composition makes of the parameters that it names.
pub(crate) fn modulations(stage: &Stage, placed: &[Placed]) -> Result<Modulated> {
    let mut all = Modulated::new();
    for modulation in placed.iter().filter(|p| p.part.kind == PartKind::Modulation) {
        let mut hits = 0;
        for (name, effective) in &modulation.part.modulates {
            for (owner, other) in placed.iter().enumerate().filter(|(_, p)| p.part.kind != PartKind::Modulation) {
                for full in named_parameters(stage, placed, owner, name) {
                    hits += 1;
                    let indices: Vec<Index> = match stage.table.get(&full) {
                        Some(info) => info.letters.iter().map(|l| Index::Running(l.clone(), 0)).collect(),
                        None => Vec::new(),
                    };
                    let now = all
                        .get(&full)
                        .cloned()
                        .unwrap_or_else(|| made(Kind::Name(full.clone(), indices), Span::default()));
                    let change = &mut |e: Expr| -> Result<Expr> {
                        match &e.kind {
                            Kind::Name(n, _) if n == name => Ok(now.clone()),
                            Kind::Name(n, _) if modulation.part.parameter(n).is_some() => {
                                Ok(made(Kind::Name(modulation.full(n), Vec::new()), e.span))
                            }
                            Kind::Name(n, _) => {
                                let cause =
                                    format!("`{n}` is neither `{name}` nor a parameter of `{}`", modulation.label);
                                Err(modulation.part.error(
                                    0,
                                    cause,
                                    "a modulation maps a parameter with its own level and gains",
                                ))
                            }
                            _ => Ok(e),
                        }
                    };
                    let made = super::walk::rebuild(effective.clone(), change)?;
                    all.insert(full, made);
                }
                let _ = other;
            }
        }
        if hits == 0 {
            let names: Vec<&str> = modulation.part.modulates.iter().map(|(n, _)| n.as_str()).collect();
            let cause = format!("`{}` finds nothing to modulate here", modulation.label);
            return Err(Error::usage(cause, format!("it acts on parameters called {}", names.join(", "))));
        }
    }
    Ok(all)
}

/// The parameters of a part that go by `name`: by its own name, or as a port of a population of the circuit.
fn named_parameters(stage: &Stage, placed: &[Placed], owner: usize, name: &str) -> Vec<String> {
    let part = &placed[owner].part;
    let mut out = Vec::new();
    if part.parameter(name).is_some() {
        out.push(placed[owner].full(name));
    }
    for population in part.populations.iter().filter(|_| owner == 0) {
        for (port, expr) in population.quantities.iter().filter(|(port, _)| port == name) {
            let _ = port;
            if let Kind::Name(local, _) = &expr.kind
                && part.parameter(local).is_some()
                && !out.contains(&format!("{}.{local}", stage.label))
            {
                out.push(format!("{}.{local}", stage.label));
            }
        }
    }
    out
}
