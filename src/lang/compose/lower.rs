//! How do families become single quantities? Every element gets a place, every equation a node of the graph.

use super::gather::Law;
use super::stage::{Info, Role, Stage};
use super::walk::Letters;
use crate::error::{Error, Result};
use crate::lang::ast::{Expr, Index, Kind, Op};
use crate::lang::functions;
use crate::lang::graph::{Graph, Node};
use std::collections::BTreeMap;

/// Most elements (variables, parameters and readouts together).
const MOST_ELEMENTS: usize = 400_000;
/// Most nodes that are visited while equations are expanded.
const MOST_WORK: usize = 20_000_000;
/// Deepest chain of definitions and operations.
const DEEPEST: usize = 1_500;

/// Where an element's value comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Slot {
    /// Not looked at yet.
    Unseen,
    /// Being computed: seeing it again is a cycle.
    Open,
    /// Done.
    Done(Node),
}

/// A family in the expanded model.
#[derive(Clone, Debug)]
struct Family {
    sizes: Vec<usize>,
    role: Role,
    /// The place of the first element among its kind.
    base: usize,
    /// For algebra: the laws that define its elements.
    laws: Vec<usize>,
}

/// Expands expressions into a graph.
pub(crate) struct Lower<'a> {
    stage: &'a Stage,
    laws: &'a [Law],
    pub graph: Graph,
    families: BTreeMap<String, Family>,
    algebra: Vec<Slot>,
    chain: Vec<String>,
    depth: usize,
    work: usize,
}

/// Values of running indices.
pub(crate) type Env = BTreeMap<String, usize>;

/// The elements of a family in order: every combination of the values of its indices.
pub(crate) fn elements(sizes: &[usize]) -> Vec<Vec<usize>> {
    sizes.iter().fold(vec![Vec::new()], |all, &n| {
        all.into_iter()
            .flat_map(|head| {
                (0..n).map(move |i| {
                    let mut element = head.clone();
                    element.push(i);
                    element
                })
            })
            .collect()
    })
}

/// The sizes under which a quantity is declared.
pub(crate) fn sizes(info: &Info, letters: &Letters) -> Vec<usize> {
    info.letters.iter().map(|l| letters.size(l).unwrap_or(1)).collect()
}

impl<'a> Lower<'a> {
    /// Gives every element its place. `ordered`: all quantities by rank.
    pub fn new(stage: &'a Stage, laws: &'a [Law], ordered: &[(&String, &Info)]) -> Result<Lower<'a>> {
        let (mut families, mut counts) = (BTreeMap::new(), [0usize; 3]);
        for (full, info) in ordered {
            let sizes = sizes(info, &stage.letters);
            let count: usize = sizes.iter().product();
            let place = match info.role {
                Role::Variable => 0,
                Role::Parameter => 1,
                Role::Algebra => 2,
                Role::Random => continue,
            };
            let own = (0..laws.len()).filter(|&i| laws[i].target == **full && !laws[i].derivative).collect();
            families.insert((*full).clone(), Family { sizes, role: info.role, base: counts[place], laws: own });
            counts[place] += count;
            if counts.iter().sum::<usize>() > MOST_ELEMENTS {
                let cause = format!("the model has more than {MOST_ELEMENTS} quantities");
                return Err(Error::usage(cause, "choose smaller sizes"));
            }
        }
        Ok(Lower {
            stage,
            laws,
            graph: Graph::default(),
            families,
            algebra: vec![Slot::Unseen; counts[2]],
            chain: Vec::new(),
            depth: 0,
            work: 0,
        })
    }

    /// The node of an expression, with values for its free indices.
    pub fn node(&mut self, expr: &Expr, env: &mut Env) -> Result<Node> {
        self.depth += 1;
        self.work += 1;
        if self.depth > DEEPEST {
            let cause = format!("definitions and operations depend on each other more than {DEEPEST} deep");
            return Err(Error::usage(cause, "write the model with fewer intermediate definitions"));
        }
        if self.work > MOST_WORK {
            let cause = format!("the expanded equations have more than {MOST_WORK} terms");
            return Err(Error::usage(cause, "choose smaller sizes"));
        }
        let node = match &expr.kind {
            Kind::Number(value, _) => self.graph.number(*value),
            Kind::Name(name, indices) => self.element(name, indices, env)?,
            Kind::Neg(a) => {
                let a = self.node(a, env)?;
                self.graph.neg(a)
            }
            Kind::Binary(op, a, b) => self.binary(*op, a, b, env)?,
            Kind::Call(name, list) => self.call(name, list, env)?,
            Kind::Sum(letter, body) => self.sum(letter, body, env)?,
        };
        self.depth -= 1;
        Ok(node)
    }

    fn binary(&mut self, op: Op, a: &Expr, b: &Expr, env: &mut Env) -> Result<Node> {
        let (a, b) = (self.node(a, env)?, self.node(b, env)?);
        Ok(match op {
            Op::Add => self.graph.add(a, b),
            Op::Sub => self.graph.sub(a, b),
            Op::Mul => self.graph.mul(a, b),
            Op::Div => self.graph.div(a, b),
            Op::Pow => self.graph.pow(a, b),
        })
    }

    fn call(&mut self, name: &str, list: &[Expr], env: &mut Env) -> Result<Node> {
        let nodes = list.iter().map(|a| self.node(a, env)).collect::<Result<Vec<_>>>()?;
        let function = functions::get(name, nodes.len())?;
        Ok((function.build)(&mut self.graph, &nodes))
    }

    fn sum(&mut self, letter: &str, body: &Expr, env: &mut Env) -> Result<Node> {
        let size = self.stage.letters.size(letter).unwrap_or(1);
        let before = env.get(letter).copied();
        let mut terms = Vec::with_capacity(size);
        for value in 0..size {
            env.insert(letter.into(), value);
            terms.push(self.node(body, env)?);
        }
        match before {
            Some(value) => env.insert(letter.into(), value),
            None => env.remove(letter),
        };
        Ok(self.graph.total(&terms))
    }

    fn element(&mut self, name: &str, indices: &[Index], env: &mut Env) -> Result<Node> {
        let Some(family) = self.families.get(name) else {
            return match functions::constant(name) {
                Some(value) => Ok(self.graph.number(value)),
                None => Err(Error::unknown("quantity", name, Vec::new())),
            };
        };
        let short = name.rsplit('.').next().unwrap_or(name);
        if indices.len() != family.sizes.len() {
            let cause = format!("`{short}` has {} indices, and is read with {}", family.sizes.len(), indices.len());
            return Err(Error::usage(cause, "give each family all of its indices"));
        }
        let mut offset = 0;
        for (index, &size) in indices.iter().zip(&family.sizes) {
            let value = match index {
                Index::Fixed(n) => *n as i64,
                Index::Running(letter, shift) => match env.get(letter) {
                    Some(value) => *value as i64 + shift,
                    None => {
                        let cause = format!(
                            "the index `{}` of `{short}` has no value here",
                            letter.split('\'').next().unwrap_or(letter)
                        );
                        return Err(Error::usage(cause, "sum over it, average over it, or put it on the left side"));
                    }
                },
            };
            if value < 0 || value as usize >= size {
                let cause = format!("the element {value} of `{short}` is outside 0..{}", size - 1);
                return Err(Error::usage(cause, "indices count from 0; a shifted index must stay in its range"));
            }
            offset = offset * size + value as usize;
        }
        let place = family.base + offset;
        match family.role {
            Role::Variable => Ok(self.graph.variable(place)),
            Role::Parameter => Ok(self.graph.parameter(place)),
            Role::Algebra => self.algebra(name, place, offset),
            Role::Random => Err(Error::unknown("quantity", name, Vec::new())),
        }
    }

    fn algebra(&mut self, name: &str, place: usize, offset: usize) -> Result<Node> {
        let short = name.rsplit('.').next().unwrap_or(name).to_string();
        match self.algebra[place] {
            Slot::Done(node) => return Ok(node),
            Slot::Open => {
                let from = self.chain.iter().position(|c| *c == short).unwrap_or(0);
                let mut circle = self.chain[from..].to_vec();
                circle.push(short);
                let cause = format!("the algebra goes in a circle: {}", circle.join(" → "));
                let help = "make one of them a state variable with its own time constant, or solve for it by hand";
                return Err(Error::usage(cause, help));
            }
            Slot::Unseen => (),
        }
        let family = &self.families[name];
        let mut rest = offset;
        let mut element: Vec<usize> = family
            .sizes
            .iter()
            .rev()
            .map(|n| {
                let v = rest % n;
                rest /= n;
                v
            })
            .collect();
        element.reverse();
        let found = family.laws.clone().into_iter().find_map(|i| fits(&self.laws[i].at, &element).map(|env| (i, env)));
        let Some((law, mut env)) = found else {
            let cause = format!("the element {element:?} of `{short}` is not defined");
            return Err(Error::usage(cause, "define every element, or the whole family with running indices"));
        };
        self.algebra[place] = Slot::Open;
        self.chain.push(short);
        let right = self.laws[law].right();
        let node = self.node(&right, &mut env)?;
        self.chain.pop();
        self.algebra[place] = Slot::Done(node);
        Ok(node)
    }

    /// The node of one element of a quantity.
    pub fn quantity(&mut self, full: &str, element: &[usize]) -> Result<Node> {
        let indices: Vec<Index> = element.iter().map(|&i| Index::Fixed(i)).collect();
        self.element(full, &indices, &mut Env::new())
    }

    /// The laws that drive an element, with the values of their indices.
    pub fn driving(&self, full: &str, element: &[usize]) -> Vec<(usize, Env)> {
        (0..self.laws.len())
            .filter(|&i| self.laws[i].derivative && self.laws[i].target == full)
            .filter_map(|i| fits(&self.laws[i].at, element).map(|env| (i, env)))
            .collect()
    }
}

/// The values of the running indices on the left side that give this element, if it is one of the law's.
fn fits(at: &[Index], element: &[usize]) -> Option<Env> {
    let mut env = Env::new();
    for (index, &value) in at.iter().zip(element) {
        match index {
            Index::Fixed(n) if *n == value => (),
            Index::Fixed(_) => return None,
            Index::Running(letter, _) => {
                if env.insert(letter.clone(), value).is_some_and(|old| old != value) {
                    return None;
                }
            }
        }
    }
    (at.len() == element.len()).then_some(env)
}
