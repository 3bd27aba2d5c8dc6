//! What is `mean(…)`? Nothing, a sum over patterns, or given moments: the circuit says it.
//!
//! With given moments an average is expanded into products of random quantities; every product must be one that the
//! circuit declares. One that it does not know is an error, never a guess.

use super::gather::Law;
use super::stage::Stage;
use super::walk::{binary, free_letters, made, number, rebuild, reindex, running, sum_of};
use crate::error::{Error, Result};
use crate::lang::ast::{Expr, Index, Kind, Op};
use crate::lang::part::Ensemble;
use std::collections::{BTreeMap, BTreeSet};

/// Most products that one average may be expanded into.
const MOST_TERMS: usize = 2_000;
/// Highest power of a random quantity.
const HIGHEST_POWER: i32 = 8;

/// Averages over the circuit's ensemble.
pub(crate) struct Averages<'a> {
    stage: &'a mut Stage,
    /// Definitions of random quantities: full name to indices and right-hand side.
    random: BTreeMap<String, (Vec<String>, Expr)>,
    /// Random quantities without a definition.
    base: BTreeSet<String>,
    moments: Vec<Moment>,
}

/// One declared moment: a product of random quantities and its average.
struct Moment {
    factors: Vec<(String, Vec<Index>)>,
    average: Expr,
    text: String,
}

/// A product: a factor that is not random, running sums around it, and random factors.
#[derive(Clone)]
struct Term {
    factor: Expr,
    sums: Vec<String>,
    random: Vec<(String, Vec<Index>)>,
}

impl<'a> Averages<'a> {
    /// Averages on this circuit, given the laws of the model.
    pub fn new(stage: &'a mut Stage, laws: &[Law]) -> Result<Averages<'a>> {
        let mut averages = Averages { stage, random: BTreeMap::new(), base: BTreeSet::new(), moments: Vec::new() };
        let Some(Ensemble::Moments(list)) = averages.stage.circuit.ensemble.clone() else { return Ok(averages) };
        let label = averages.stage.label.clone();
        let qualify = |e: &Expr| -> Expr {
            let Ok(out) = rebuild(e.clone(), &mut |mut e| -> std::result::Result<Expr, std::convert::Infallible> {
                if let Kind::Name(name, _) = &mut e.kind {
                    *name = format!("{label}.{name}");
                }
                Ok(e)
            });
            out
        };
        for (key, average) in &list {
            averages.base.extend(super::walk::names(&qualify(key)));
            averages.moments.push(Moment { factors: Vec::new(), average: qualify(average), text: key.to_string() });
        }
        for (at, (key, _)) in list.iter().enumerate() {
            let terms = averages.terms(&qualify(key))?;
            match terms.as_slice() {
                [term] if term.sums.is_empty() && super::walk::is_number(&term.factor, 1.0) => {
                    averages.moments[at].factors = term.random.clone();
                }
                _ => {
                    let cause = format!("the moment `{key}` is not a product of random quantities");
                    return Err(averages.stage.circuit.error(0, cause, "write `\"x[i]*x[j]\" = \"C[i,j]\"`"));
                }
            }
        }
        averages.close(laws);
        Ok(averages)
    }

    /// Algebra that depends on something random is random.
    fn close(&mut self, laws: &[Law]) {
        loop {
            let before = self.random.len();
            for law in laws.iter().filter(|l| !l.derivative) {
                if self.random.contains_key(&law.target) {
                    continue;
                }
                let right = law.right();
                if self.reads_random(&right) {
                    let letters =
                        law.at.iter().filter_map(|i| running(std::slice::from_ref(i)).next().map(str::to_string));
                    self.random.insert(law.target.clone(), (letters.collect(), right.clone()));
                }
            }
            if self.random.len() == before {
                return;
            }
        }
    }

    fn is_random(&self, name: &str) -> bool {
        self.base.contains(name) || self.random.contains_key(name)
    }
    /// Does it read something random outside an average?
    pub fn reads_random(&self, expr: &Expr) -> bool {
        match &expr.kind {
            Kind::Name(name, _) => self.is_random(name),
            Kind::Number(..) => false,
            Kind::Neg(a) | Kind::Sum(_, a) => self.reads_random(a),
            Kind::Binary(_, a, b) => self.reads_random(a) || self.reads_random(b),
            Kind::Call(name, list) => name != "mean" && list.iter().any(|a| self.reads_random(a)),
        }
    }
    /// The random quantities that algebra defines: their averages are readouts.
    pub fn random(&self) -> Vec<String> {
        self.random.keys().cloned().collect()
    }
    /// What varies over the ensemble in an expression in which nothing may: for a message.
    pub fn varying(&self, expr: &Expr) -> Option<String> {
        match &expr.kind {
            Kind::Name(name, _) => self.is_random(name).then(|| name.clone()),
            Kind::Number(..) => None,
            Kind::Neg(a) | Kind::Sum(_, a) => self.varying(a),
            Kind::Binary(_, a, b) => self.varying(a).or_else(|| self.varying(b)),
            Kind::Call(name, _) if name == "mean" => None,
            Kind::Call(_, list) => list.iter().find_map(|a| self.varying(a)),
        }
    }

    /// The expression with every average carried out.
    pub fn resolve(&mut self, expr: &Expr) -> Result<Expr> {
        if !super::walk::calls(expr, "mean") {
            return Ok(expr.clone());
        }
        rebuild(expr.clone(), &mut |e| match &e.kind {
            Kind::Call(name, list) if name == "mean" => match list.as_slice() {
                [inner] => self.mean(inner),
                _ => Err(Error::usage("`mean` has one argument", "write `mean(pre*post)`")),
            },
            _ => Ok(e),
        })
    }

    /// The average of an expression.
    pub fn mean(&mut self, inner: &Expr) -> Result<Expr> {
        match self.stage.circuit.ensemble.clone() {
            None => Ok(inner.clone()),
            Some(Ensemble::Patterns { index, weights }) => {
                if !free_letters(inner).contains(&index) {
                    return Ok(inner.clone());
                }
                let fresh = self.stage.letters.fresh(&index);
                let to = Index::Running(fresh.clone(), 0);
                let map = BTreeMap::from([(index, to.clone())]);
                let body = reindex(inner, &map, &mut self.stage.letters);
                let weight = made(Kind::Name(format!("{}.{weights}", self.stage.label), vec![to]), inner.span);
                Ok(made(Kind::Sum(fresh, Box::new(binary(Op::Mul, weight, body))), inner.span))
            }
            Some(Ensemble::Moments(_)) => {
                if !self.reads_random(inner) {
                    return Ok(inner.clone());
                }
                let terms = self.terms(inner)?;
                let each = terms.into_iter().map(|t| self.average(t)).collect::<Result<Vec<_>>>()?;
                Ok(made(sum_of(each).kind, inner.span))
            }
        }
    }

    fn average(&mut self, term: Term) -> Result<Expr> {
        let moment = if term.random.is_empty() { None } else { Some(self.moment(&term.random)?) };
        let mut out = match moment {
            Some(moment) if super::walk::is_number(&term.factor, 1.0) => moment,
            Some(moment) => binary(Op::Mul, term.factor, moment),
            None => term.factor,
        };
        for letter in term.sums.into_iter().rev() {
            out = made(Kind::Sum(letter, Box::new(out.clone())), out.span);
        }
        Ok(out)
    }

    /// The declared average of a product.
    fn moment(&mut self, product: &[(String, Vec<Index>)]) -> Result<Expr> {
        for at in 0..self.moments.len() {
            let Some(map) = matched(&self.moments[at].factors, product) else { continue };
            let average = self.moments[at].average.clone();
            return Ok(reindex(&average, &map, &mut self.stage.letters));
        }
        let short = |name: &str| name.rsplit('.').next().unwrap_or(name).to_string();
        let factors: Vec<String> = product.iter().map(|(name, _)| short(name)).collect();
        let known: Vec<&str> = self.moments.iter().map(|m| m.text.as_str()).collect();
        let cause = format!("`{}` does not know the average of {}", self.stage.circuit.name, factors.join("*"));
        let help = format!(
            "it knows {}; a rule with higher moments needs a circuit of patterns, or one that declares this moment",
            known.join(", ")
        );
        Err(Error::usage(cause, help))
    }

    /// An expression as a sum of products.
    fn terms(&mut self, expr: &Expr) -> Result<Vec<Term>> {
        if !self.reads_random(expr) {
            return Ok(vec![Term { factor: expr.clone(), sums: Vec::new(), random: Vec::new() }]);
        }
        let terms = match &expr.kind {
            Kind::Name(name, indices) => match self.random.get(name).cloned() {
                Some((letters, right)) => {
                    let map: BTreeMap<String, Index> = letters.into_iter().zip(indices.iter().cloned()).collect();
                    let body = reindex(&right, &map, &mut self.stage.letters);
                    self.terms(&body)?
                }
                None => {
                    let random = vec![(name.clone(), indices.clone())];
                    vec![Term { factor: number(1.0), sums: Vec::new(), random }]
                }
            },
            Kind::Neg(a) => {
                let mut terms = self.terms(a)?;
                terms.iter_mut().for_each(|t| t.factor = made(Kind::Neg(Box::new(t.factor.clone())), expr.span));
                terms
            }
            Kind::Binary(Op::Add, a, b) => {
                let mut terms = self.terms(a)?;
                terms.extend(self.terms(b)?);
                terms
            }
            Kind::Binary(Op::Sub, a, b) => {
                let minus = made(Kind::Neg(b.clone()), b.span);
                let mut terms = self.terms(a)?;
                terms.extend(self.terms(&minus)?);
                terms
            }
            Kind::Binary(Op::Mul, a, b) => {
                let (a, b) = (self.terms(a)?, self.terms(b)?);
                self.product(a, b)?
            }
            Kind::Binary(Op::Div, a, b) if !self.reads_random(b) => {
                let mut terms = self.terms(a)?;
                terms.iter_mut().for_each(|t| t.factor = binary(Op::Div, t.factor.clone(), (**b).clone()));
                terms
            }
            Kind::Binary(Op::Pow, a, n) => match &n.kind {
                Kind::Number(n, _) if n.fract() == 0.0 && (1.0..=f64::from(HIGHEST_POWER)).contains(n) => {
                    let mut terms = self.terms(a)?;
                    for _ in 1..*n as i32 {
                        // The sums of each factor run on their own.
                        let again = self.terms(a)?;
                        terms = self.product(terms, again)?;
                    }
                    terms
                }
                _ => return Err(self.nonlinear(expr)),
            },
            Kind::Sum(letter, body) => {
                let mut terms = self.terms(body)?;
                terms.iter_mut().for_each(|t| t.sums.insert(0, letter.clone()));
                terms
            }
            Kind::Call(name, _) if name == "mean" => Vec::new(),
            _ => return Err(self.nonlinear(expr)),
        };
        match terms.len() > MOST_TERMS {
            true => Err(Error::usage(
                format!("an average has more than {MOST_TERMS} products"),
                "write the rule with fewer powers, or use a circuit of patterns",
            )),
            false => Ok(terms),
        }
    }

    fn product(&mut self, a: Vec<Term>, b: Vec<Term>) -> Result<Vec<Term>> {
        if a.len().saturating_mul(b.len()) > MOST_TERMS {
            let help = "write the rule with fewer powers, or use a circuit of patterns";
            return Err(Error::usage(format!("an average has more than {MOST_TERMS} products"), help));
        }
        let mut out = Vec::new();
        for x in &a {
            for y in &b {
                let (x, y) = (self.renamed(x), self.renamed(y));
                let factor = match (super::walk::is_number(&x.factor, 1.0), super::walk::is_number(&y.factor, 1.0)) {
                    (true, _) => y.factor,
                    (_, true) => x.factor,
                    _ => binary(Op::Mul, x.factor, y.factor),
                };
                let sums = x.sums.into_iter().chain(y.sums).collect();
                let random = x.random.into_iter().chain(y.random).collect();
                out.push(Term { factor, sums, random });
            }
        }
        Ok(out)
    }

    /// The same term with running indices of its own.
    fn renamed(&mut self, term: &Term) -> Term {
        let mut map = BTreeMap::new();
        let mut sums = Vec::new();
        for letter in &term.sums {
            let fresh = self.stage.letters.fresh(letter);
            map.insert(letter.clone(), Index::Running(fresh.clone(), 0));
            sums.push(fresh);
        }
        let factor = reindex(&term.factor, &map, &mut self.stage.letters);
        let random = term
            .random
            .iter()
            .map(|(name, list)| {
                let name_expr = made(Kind::Name(name.clone(), list.clone()), factor.span);
                match reindex(&name_expr, &map, &mut self.stage.letters).kind {
                    Kind::Name(name, list) => (name, list),
                    _ => (name.clone(), list.clone()),
                }
            })
            .collect();
        Term { factor, sums, random }
    }

    fn nonlinear(&self, expr: &Expr) -> Error {
        let shown: String = expr.to_string().chars().take(80).collect();
        let known: Vec<&str> = self.moments.iter().map(|m| m.text.as_str()).collect();
        let cause = format!("`{}` does not know the average of `{shown}`", self.stage.circuit.name);
        let help = format!("it knows averages of {}; nonlinear functions need a circuit of patterns", known.join(", "));
        Error::usage(cause, help)
    }
}

/// How the placeholders of a declared product have to be chosen to give `product`, in any order of its factors.
fn matched(pattern: &[(String, Vec<Index>)], product: &[(String, Vec<Index>)]) -> Option<BTreeMap<String, Index>> {
    fn go(
        pattern: &[(String, Vec<Index>)],
        left: &mut Vec<(String, Vec<Index>)>,
        map: &mut BTreeMap<String, Index>,
    ) -> bool {
        let Some(((name, indices), rest)) = pattern.split_first() else { return left.is_empty() };
        for at in 0..left.len() {
            if left[at].0 != *name || left[at].1.len() != indices.len() {
                continue;
            }
            let before = map.clone();
            let fits = indices.iter().zip(&left[at].1).all(|(placeholder, index)| match placeholder {
                Index::Running(letter, 0) => match map.get(letter) {
                    Some(known) => known == index,
                    None => {
                        map.insert(letter.clone(), index.clone());
                        true
                    }
                },
                other => other == index,
            });
            if fits {
                let taken = left.remove(at);
                if go(rest, left, map) {
                    return true;
                }
                left.insert(at, taken);
            }
            *map = before;
        }
        false
    }
    let mut map = BTreeMap::new();
    (pattern.len() == product.len() && go(pattern, &mut product.to_vec(), &mut map)).then_some(map)
}
