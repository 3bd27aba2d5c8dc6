//! What can a notebook say? Claims, figures, tables, equations, words, and one verdict.

use super::show;
use crate::error::{Error, Result};
use crate::field::{Field, Quantity, Table};
use crate::figures::Figure;
use crate::lang::{Model, latex};
use crate::num::{Estimate, Interval, Tol};
use std::panic::Location;

/// How far a number can be trusted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Trust {
    /// An enclosure from interval arithmetic: from, to.
    Proven(f64, f64),
    /// A closed form or an exact computation, to rounding.
    Exact,
    /// A numerical method with a stated order or tolerance.
    Computed,
    /// A sample, with its standard error.
    Estimated(f64),
}

/// A measured number with its trust. A plain `f64` is exact or computed, whichever its tolerance says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    value: f64,
    trust: Option<Trust>,
}

impl From<f64> for Measured {
    fn from(value: f64) -> Self {
        Measured { value, trust: None }
    }
}
impl From<&Estimate> for Measured {
    fn from(e: &Estimate) -> Self {
        Measured { value: e.corrected(), trust: Some(Trust::Estimated(e.se)) }
    }
}
impl From<Estimate> for Measured {
    fn from(e: Estimate) -> Self {
        Measured::from(&e)
    }
}
impl From<Interval> for Measured {
    fn from(i: Interval) -> Self {
        Measured { value: 0.5 * (i.lo() + i.hi()), trust: Some(Trust::Proven(i.lo(), i.hi())) }
    }
}

/// A checked statement: what was measured, what theory says, and whether they agree.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Its name, unique in its notebook.
    pub name: String,
    /// The line that made it.
    pub line: usize,
    /// The two numbers and their tolerance; `None` for a statement that is true or false.
    pub numbers: Option<Numbers>,
    /// Does it hold?
    pub holds: bool,
    /// How it was decided: the tolerance or the reason given.
    pub why: String,
    /// How far the measured side can be trusted.
    pub trust: Trust,
    /// How often it was checked under this name; the worst case is shown.
    pub times: usize,
    /// What a failing test says.
    pub complaint: String,
}

/// The numbers of a claim.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Numbers {
    /// What was measured.
    pub measured: f64,
    /// What theory says.
    pub theory: f64,
    /// The error in units of what is allowed.
    pub strain: f64,
}

/// The answer of a notebook.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// The claim of the field holds in the model.
    Holds,
    /// It holds under this condition.
    HoldsWhen(String),
    /// It does not hold in the model.
    DoesNot,
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Verdict::Holds => f.write_str("holds"),
            Verdict::HoldsWhen(condition) => write!(f, "holds when {condition}"),
            Verdict::DoesNot => f.write_str("does not hold in this model"),
        }
    }
}

/// What a call left behind, to be shown under its line.
#[derive(Clone, Debug)]
pub(super) enum Output {
    Text(String),
    Claim(Claim),
    Figure(String, Figure),
    Table(String, Table),
    Model(String, String),
    Verdict(Verdict, String),
}

/// The page that is being written, and the claims that are being checked.
pub struct Notebook {
    /// The notebook's name: what its file is called.
    name: String,
    pub(super) outputs: Vec<(usize, Output)>,
}

impl Notebook {
    pub(super) fn new(name: &str) -> Self {
        Notebook { name: name.into(), outputs: Vec::new() }
    }

    /// The line of the caller in the notebook's file; a helper elsewhere counts for the line before.
    fn line(&self, caller: &Location) -> usize {
        let here = caller.file().replace('\\', "/").ends_with(&format!("{}.rs", self.name));
        if here { caller.line() as usize } else { self.outputs.last().map_or(0, |(line, _)| *line) }
    }

    /// Says something with computed numbers in it: Markdown with `$…$`.
    #[track_caller]
    pub fn text(&mut self, markdown: impl Into<String>) {
        let line = self.line(Location::caller());
        self.outputs.push((line, Output::Text(markdown.into())));
    }

    /// Checks that `measured` is what `theory` says, within `tol`.
    ///
    /// A claim that fails is a failed test and a red row; the notebook goes on. The name must be a literal, so that it
    /// is known before the run; in a loop the worst case is kept. An enclosure must lie within the tolerance with both
    /// its ends.
    #[track_caller]
    pub fn claim(&mut self, name: &str, measured: impl Into<Measured>, theory: f64, tol: Tol) -> Result<()> {
        let line = self.line(Location::caller());
        let measured = measured.into();
        let trust = measured.trust.unwrap_or(match tol {
            Tol::Exact | Tol::Rounding(_) => Trust::Exact,
            Tol::Sampling { se, .. } => Trust::Estimated(se),
            Tol::Order { .. } | Tol::Printed(_) => Trust::Computed,
        });
        let ends = match trust {
            Trust::Proven(lo, hi) => vec![lo, hi],
            _ => vec![measured.value],
        };
        let judged: Vec<_> = ends.iter().map(|&end| tol.judge(end, theory)).collect();
        let holds = judged.iter().all(|j| j.holds);
        let strain = judged
            .iter()
            .map(|j| match (j.error, j.allowed) {
                (0.0, _) => 0.0,
                (e, a) if a > 0.0 => e / a,
                _ => f64::INFINITY,
            })
            .fold(0.0, f64::max);
        let origin = format!("{}, line {line}", self.name);
        let complaint = tol.complaint(name, measured.value, theory, &origin);
        let numbers = Some(Numbers { measured: measured.value, theory, strain });
        self.record(Claim { name: name.into(), line, numbers, holds, why: tol.to_string(), trust, times: 1, complaint })
    }

    /// Checks a statement that a program proved (interval arithmetic, exact counting).
    #[track_caller]
    pub fn claim_proven(&mut self, name: &str, holds: bool, why: impl Into<String>) -> Result<()> {
        let line = self.line(Location::caller());
        self.statement(name, line, holds, why.into(), Trust::Proven(f64::NAN, f64::NAN))
    }

    /// Checks a statement that was computed, not proven.
    #[track_caller]
    pub fn claim_holds(&mut self, name: &str, holds: bool, why: impl Into<String>) -> Result<()> {
        let line = self.line(Location::caller());
        self.statement(name, line, holds, why.into(), Trust::Computed)
    }

    fn statement(&mut self, name: &str, line: usize, holds: bool, why: String, trust: Trust) -> Result<()> {
        let complaint = format!("{name}: does not hold; wanted: {why} ({}, line {line})", self.name);
        self.record(Claim { name: name.into(), line, numbers: None, holds, why, trust, times: 1, complaint })
    }

    fn record(&mut self, claim: Claim) -> Result<()> {
        let before = self.outputs.iter_mut().find_map(|(_, o)| match o {
            Output::Claim(old) if old.name == claim.name => Some(old),
            _ => None,
        });
        match before {
            None => self.outputs.push((claim.line, Output::Claim(claim))),
            Some(old) if old.line != claim.line => {
                let what = format!("two claims are called `{}` (lines {} and {})", claim.name, old.line, claim.line);
                return Err(Error::usage(what, "give each its own name"));
            }
            Some(old) => {
                let times = old.times + 1;
                // A failure is worse than any success; among equals the larger strain.
                let strain = |c: &Claim| c.numbers.map_or(0.0, |n| n.strain);
                if (claim.holds, -strain(&claim)) < (old.holds, -strain(old)) {
                    *old = claim;
                }
                old.times = times;
            }
        }
        Ok(())
    }

    /// Shows a figure; `name` is its file's name in the report.
    #[track_caller]
    pub fn figure(&mut self, name: &str, figure: Figure) -> Result<()> {
        let line = self.line(Location::caller());
        self.unique(name)?;
        self.outputs.push((line, Output::Figure(name.into(), figure)));
        Ok(())
    }

    /// Shows a table; `name` is its heading and its file's name in the report.
    #[track_caller]
    pub fn table(&mut self, name: &str, table: &Table) -> Result<()> {
        let line = self.line(Location::caller());
        self.unique(name)?;
        self.outputs.push((line, Output::Table(name.into(), table.clone())));
        Ok(())
    }

    /// Shows a composed model: its equations, made from the parts themselves, and the values of its parameters.
    #[track_caller]
    pub fn model(&mut self, model: &Model) -> Result<()> {
        let line = self.line(Location::caller());
        let latex = latex::aligned(&model.equations());
        // The entries of matrices and vectors (`C_0_1`) are in the equations by their family.
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        let single = |q: &&Quantity| !q.name.rsplit_once('_').is_some_and(|(_, last)| digits(last));
        let values: Vec<String> = model
            .names()
            .parameters
            .iter()
            .filter(single)
            .map(|q| {
                let unit = if q.unit.is_none() { String::new() } else { format!(" {}", q.unit) };
                format!("{} = {}{unit}", q.name, show::number(q.value / q.unit.factor))
            })
            .collect();
        let caption = format!("{}: {}", model.names().model, values.join(", "));
        self.outputs.push((line, Output::Model(caption, latex)));
        Ok(())
    }

    /// Shows equations given as LaTeX.
    #[track_caller]
    pub fn equations(&mut self, caption: &str, latex: &str) -> Result<()> {
        let line = self.line(Location::caller());
        self.outputs.push((line, Output::Model(caption.into(), latex.into())));
        Ok(())
    }

    /// Ends the notebook: does the claim of the field hold in the model, and why?
    #[track_caller]
    pub fn verdict(&mut self, verdict: Verdict, because: impl Into<String>) -> Result<()> {
        let line = self.line(Location::caller());
        if self.outputs.iter().any(|(_, o)| matches!(o, Output::Verdict(..))) {
            return Err(Error::usage("a second verdict", "a notebook ends with one"));
        }
        self.outputs.push((line, Output::Verdict(verdict, because.into())));
        Ok(())
    }

    /// A figure's or table's name is the name of a file, so there is one of each.
    fn unique(&self, name: &str) -> Result<()> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_ ".contains(c);
        if name.is_empty() || !name.chars().all(plain) {
            let what = format!("`{name}` cannot be the name of a figure or table");
            return Err(Error::usage(what, "use letters, digits, blanks, `-` and `_`: it becomes a file's name"));
        }
        let taken = self.outputs.iter().any(|(_, o)| match o {
            Output::Figure(n, _) | Output::Table(n, _) => n == name,
            _ => false,
        });
        match taken {
            true => Err(Error::usage(format!("two figures or tables are called `{name}`"), "give each its own name")),
            false => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(nb: &Notebook) -> Vec<&Claim> {
        nb.outputs.iter().filter_map(|(_, o)| if let Output::Claim(c) = o { Some(c) } else { None }).collect()
    }

    #[test]
    fn law_a_loop_keeps_its_worst_case() {
        let mut nb = Notebook::new("book");
        for error in [0.1, 0.4, 0.2] {
            nb.claim("loop", 1.0 + error, 1.0, Tol::Order { h: 0.5, p: 1 }).unwrap();
        }
        let claim = claims(&nb)[0];
        assert_eq!((claim.times, claim.holds), (3, true));
        assert!((claim.numbers.unwrap().measured - 1.4).abs() < 1e-12);
        nb.claim("nan", f64::NAN, 1.0, Tol::Rounding(9)).unwrap();
        assert!(!claims(&nb)[1].holds);
    }

    #[test]
    fn law_one_name_on_two_lines_is_an_error() {
        let mut nb = Notebook::new("book");
        nb.claim_holds("a", true, "").unwrap();
        assert!(nb.claim_holds("a", true, "").is_err());
    }

    #[test]
    fn law_an_enclosure_must_lie_within_the_tolerance() {
        let mut nb = Notebook::new("book");
        nb.claim("tight", Interval::new(0.999, 1.001), 1.0, Tol::Order { h: 0.01, p: 1 }).unwrap();
        nb.claim("wide", Interval::new(0.9, 1.1), 1.0, Tol::Order { h: 0.01, p: 1 }).unwrap();
        assert_eq!(claims(&nb).iter().map(|c| c.holds).collect::<Vec<_>>(), [true, false]);
    }
}
