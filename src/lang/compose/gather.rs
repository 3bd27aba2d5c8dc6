//! What drives each quantity in the end? Addends are collected, `rest` is resolved, contradictions are refused.

use super::bind::Line;
use super::place::Placed;
use super::stage::{Role, Stage};
use super::walk::{calls, made, number, rebuild, reindex, sum_of};
use crate::error::{Error, Result};
use crate::lang::ast::{Assign, Expr, Index, Kind};
use std::collections::BTreeMap;

/// What defines or drives a quantity, or some of its elements.
#[derive(Clone, Debug)]
pub(crate) struct Law {
    /// The full name.
    pub target: String,
    /// The element or elements: running indices as declared, or fixed ones.
    pub at: Vec<Index>,
    /// Is it the time derivative?
    pub derivative: bool,
    /// The addends with their parts.
    pub addends: Vec<(usize, Expr)>,
}

impl Law {
    /// All addends together.
    pub fn right(&self) -> Expr {
        sum_of(self.addends.iter().map(|(_, e)| e.clone()).collect())
    }
}

/// Checks the lines against each other and collects them by quantity.
pub(crate) fn gather(stage: &mut Stage, placed: &[Placed], lines: Vec<Line>) -> Result<Vec<Law>> {
    contradictions(stage, placed, &lines)?;
    let mut lines: Vec<Line> = lines.into_iter().map(|line| canonical(stage, line)).collect();
    let mut resolver = Resolver { stage, placed, lines: &lines.clone(), done: BTreeMap::new(), open: Vec::new() };
    for (at, line) in lines.iter_mut().enumerate() {
        line.right = resolver.resolved(at)?;
    }
    let mut laws: Vec<Law> = Vec::new();
    for line in lines {
        match laws.iter_mut().find(|law| law.target == line.target && law.at == line.at) {
            Some(law) => law.addends.push((line.part, line.right)),
            None => laws.push(Law {
                target: line.target,
                at: line.at,
                derivative: line.derivative,
                addends: vec![(line.part, line.right)],
            }),
        }
    }
    laws.sort_by_key(|law| stage.table.get(&law.target).map(|i| i.rank));
    Ok(laws)
}

/// A line of a family in the indices under which the family is declared.
fn canonical(stage: &mut Stage, line: Line) -> Line {
    let Some(info) = stage.table.get(&line.target) else { return line };
    let letters = info.letters.clone();
    let mut map = BTreeMap::new();
    for (declared, index) in letters.iter().zip(&line.at) {
        match index {
            Index::Running(letter, 0) if letter == declared => (),
            Index::Running(letter, 0) => {
                map.insert(letter.clone(), Index::Running(declared.clone(), 0));
            }
            _ => return line,
        }
    }
    if map.is_empty() {
        return line;
    }
    let at = letters.iter().map(|l| Index::Running(l.clone(), 0)).collect();
    let right = reindex(&line.right, &map, &mut stage.letters);
    Line { at, right, ..line }
}

fn contradictions(stage: &Stage, placed: &[Placed], lines: &[Line]) -> Result<()> {
    let who = |line: &Line| format!("`{}`", placed[line.part].label);
    for (at, line) in lines.iter().enumerate() {
        let info = &stage.table.get(&line.target);
        let local = info.map_or(line.target.as_str(), |i| i.local.as_str());
        let part = &placed[line.part].part;
        for index in &line.at {
            if let Index::Running(letter, shift) = index
                && *shift != 0
            {
                let cause = format!("the index `{letter}{shift:+}` on the left side");
                return Err(part.equation_error(line.span, cause, "write the left side without a shift"));
            }
        }
        for earlier in &lines[..at] {
            if earlier.target != line.target {
                continue;
            }
            let both = |what: &str, help: &str| {
                let cause = match earlier.part == line.part {
                    true => format!("`{local}` {what}"),
                    false => format!("`{local}` {what}, by {} and by {}", who(earlier), who(line)),
                };
                Err(part.equation_error(line.span, cause, help))
            };
            if earlier.derivative != line.derivative {
                return both("is driven (`d…/dt`) and defined (`=`)", "take one of the two parts away");
            }
            let same_elements = earlier.at == line.at || !any_fixed(earlier) || !any_fixed(line);
            if earlier.assign == Assign::Define && line.assign == Assign::Define && same_elements {
                return both(
                    "is defined twice",
                    "take one of the two away, or write the second as an addend with `+=`",
                );
            }
        }
        let defined = lines.iter().any(|l| l.target == line.target && l.assign == Assign::Define);
        if !line.derivative && line.assign == Assign::Add && !defined {
            let cause = format!("`{local} += …` adds to a quantity that no equation defines");
            return Err(part.equation_error(
                line.span,
                cause,
                format!("define it with `{local} = …`, or drive `d{local}/dt`"),
            ));
        }
        if line.part > 0 && info.is_some_and(|i| i.owner != line.part && i.role == Role::Algebra) && line.derivative {
            let cause = format!("`{local}` is defined by algebra and cannot be driven");
            return Err(part.equation_error(line.span, cause, "drive a parameter of the circuit"));
        }
    }
    Ok(())
}

fn any_fixed(line: &Line) -> bool {
    line.at.iter().any(|i| matches!(i, Index::Fixed(_)))
}

/// Resolves `rest(w)`: the sum of the other parts' addends to dw/dt.
struct Resolver<'a> {
    stage: &'a mut Stage,
    placed: &'a [Placed],
    lines: &'a [Line],
    done: BTreeMap<usize, Expr>,
    open: Vec<usize>,
}

impl Resolver<'_> {
    fn resolved(&mut self, at: usize) -> Result<Expr> {
        if let Some(done) = self.done.get(&at) {
            return Ok(done.clone());
        }
        let line = &self.lines[at];
        if !calls(&line.right, "rest") {
            return Ok(line.right.clone());
        }
        if self.open.contains(&at) {
            let names: Vec<&str> = self.open.iter().map(|&i| self.placed[self.lines[i].part].label.as_str()).collect();
            let cause = format!("the constraints {} wait for each other", names.join(", "));
            return Err(Error::usage(cause, "give an order without a circle"));
        }
        self.open.push(at);
        let part = line.part;
        let lines = self.lines;
        let out = rebuild(lines[at].right.clone(), &mut |e| match &e.kind {
            Kind::Call(name, list) if name == "rest" => match list.as_slice() {
                [Expr { kind: Kind::Name(target, indices), .. }] => self.rest(part, target, indices, &e),
                _ => {
                    let help = "write `rest(w)`: the other parts' addends to dw/dt";
                    Err(self.placed[part].part.equation_error(e.span, "`rest` needs the name of one quantity", help))
                }
            },
            _ => Ok(e),
        })?;
        self.open.pop();
        self.done.insert(at, out.clone());
        Ok(out)
    }

    fn rest(&mut self, part: usize, target: &str, indices: &[Index], at: &Expr) -> Result<Expr> {
        let lines = self.lines;
        let others: Vec<usize> = (0..lines.len())
            .filter(|&i| lines[i].target == target && lines[i].derivative && lines[i].part != part)
            .collect();
        let mut addends = Vec::new();
        for i in others {
            let other = lines[i].part;
            if calls(&lines[i].right, "rest") {
                let (mine, its) = (&self.placed[part], &self.placed[other]);
                match (mine.comes_after(its), its.comes_after(mine)) {
                    (true, false) => (),
                    (false, true) => continue,
                    _ => {
                        let (a, b) = (&mine.label, &its.label);
                        let cause = format!("`{a}` and `{b}` both constrain one weight, and their order matters");
                        let help =
                            format!("say which comes last: `{}(after={b})` or `{}(after={a})`", mine.item, its.item);
                        return Err(Error::usage(cause, help));
                    }
                }
            }
            let right = self.resolved(i)?;
            let letters = self.stage.table.get(target).map(|info| info.letters.clone()).unwrap_or_default();
            let map: BTreeMap<String, Index> = letters.into_iter().zip(indices.iter().cloned()).collect();
            addends.push(reindex(&right, &map, &mut self.stage.letters));
        }
        let sum = if addends.is_empty() { number(0.0) } else { sum_of(addends) };
        Ok(made(sum.kind, at.span))
    }
}

impl Placed {
    fn comes_after(&self, other: &Placed) -> bool {
        self.after.as_deref().is_some_and(|name| name == other.label || name == other.part.name)
    }
}
