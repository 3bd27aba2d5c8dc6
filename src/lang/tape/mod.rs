//! How is a right-hand side evaluated, again and again, over any number? As a flat list of (operation, a, b).
//!
//! A tape is made once from a [`Graph`]; [`eval`](Tape::eval) runs it for every [`Scalar`]: values, lanes, duals, jets,
//! intervals. Registers that are no longer needed are used again; few registers live on the stack, many on the heap.
//! What reads neither variables nor parameters is evaluated once, when the tape is made.
//!
//! ```
//! use homeostat::lang::{graph::Graph, tape::Tape};
//! use homeostat::num::Dual;
//! let mut g = Graph::default();
//! let (x, tau) = (g.variable(0), g.parameter(0));
//! let decay = g.neg(x);
//! let rate = g.div(decay, tau);
//! let tape = Tape::new(&g, &[rate]);
//! let mut out = [Dual::fixed(0.0)];
//! tape.eval(&[Dual::variable(3.0)], &[Dual::fixed(2.0)], &mut out);
//! assert_eq!((out[0].v, out[0].d), (-1.5, -0.5));
//! ```

mod build;
mod run;
#[cfg(test)]
mod tests;

use super::graph::{Graph, Node, Operation};
use crate::num::{Interval, Scalar};
use build::Builder;
pub use run::apply;

/// What one step does. Steps whose name ends in C take a number instead of the second register; steps with several
/// operations in their name do one after the other, each with its own rounding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Code {
    Add,
    Sub,
    Mul,
    Div,
    AddC,
    SubC,
    MulC,
    DivC,
    /// c − a.
    FromC,
    /// d + a b.
    MulAdd,
    /// d − a b.
    MulFrom,
    /// a b − d.
    MulSub,
    /// (a + b) d.
    AddMul,
    /// (a − b) d.
    SubMul,
    /// (a b) d.
    MulMul,
    /// (a + b)/d.
    AddDiv,
    /// (a − b)/d.
    SubDiv,
    /// (a b)/d.
    MulDiv,
    /// d/(a b).
    DivMul,
    /// a b − d e.
    MulSubMul,
    /// ((a + b) − d) e.
    AddSubMul,
    /// ((a − b) d) e.
    SubMulMul,
    /// (a − b)(d e).
    SubMulBoth,
    /// (d + a b)/e.
    MulAddDiv,
    /// (d − a b)/e.
    MulFromDiv,
    /// a²/b.
    SquareDiv,
    /// (a²/b − d)/e: how a sliding threshold follows.
    SquareDivSubDiv,
    /// The sum of b products, from the a-th of the list on.
    Dot,
    /// d and then so many products.
    DotAdd,
    Square,
    Cube,
    /// 1/(1 + e^a), as it is written; its slope is known better than that of its parts.
    Logistic,
    /// ln(1 + e^a), likewise.
    Softplus,
    /// The Siegert rate; b counts the lists of six places.
    Siegert,
    /// Any other operation; d counts them.
    Other,
}

/// One step: `to = code(a, b, d, e)`. Places count the registers first, then the variables, then the parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Step {
    code: Code,
    to: u32,
    a: u32,
    b: u32,
    d: u32,
    e: u32,
    c: f64,
}

/// A compiled list of expressions.
#[derive(Clone, Debug, PartialEq)]
pub struct Tape {
    steps: Vec<Step>,
    /// The arguments of steps with six of them.
    sixes: Vec<[u32; 6]>,
    /// The factors of sums of products.
    pairs: Vec<[u32; 2]>,
    /// The operations of steps that are not arithmetic.
    others: Vec<Operation>,
    /// Numbers that need a register, with it.
    numbers: Vec<(u32, f64)>,
    /// Expressions without variables and parameters, which are evaluated once: their registers, values and enclosures.
    known: Vec<(u32, f64, Interval)>,
    /// Those expressions, if there are any.
    constants: Option<Box<Tape>>,
    /// Outputs that are no step's result, or not for the first time: to which register, from which place.
    copies: Vec<(u32, u32)>,
    /// How many outputs; the first registers are theirs.
    outputs: usize,
    registers: usize,
    /// How many variables and parameters there must at least be.
    needs: (usize, usize),
}

impl Tape {
    /// Compiles the expressions `outputs` of a graph.
    pub fn new(graph: &Graph, outputs: &[Node]) -> Tape {
        Builder::new(graph, outputs).build()
    }
    /// How many steps one evaluation takes.
    pub fn len(&self) -> usize {
        self.steps.len()
    }
    /// Is there nothing to compute?
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }
    /// How many expressions it evaluates.
    pub fn outputs(&self) -> usize {
        self.outputs
    }
    /// Evaluates all expressions at variables `x` and parameters `p` into `out`.
    ///
    /// # Panics
    /// If `x` or `p` is shorter than what the expressions read, or `out` than their number.
    pub fn eval<S: Scalar>(&self, x: &[S], p: &[S], out: &mut [S]) {
        assert!(x.len() >= self.needs.0 && p.len() >= self.needs.1, "the tape reads more variables or parameters");
        assert!(out.len() >= self.outputs, "the tape has more outputs");
        self.run(x, p, out);
    }
    /// The values at x and p.
    pub fn values(&self, x: &[f64], p: &[f64]) -> Vec<f64> {
        let mut out = vec![0.0; self.outputs];
        self.eval(x, p, &mut out);
        out
    }
    /// The expressions again as a graph: what a file in another language is written from.
    pub fn graph(&self) -> (Graph, Vec<Node>) {
        let mut g = Graph::default();
        let roots = self.write(&mut g);
        (g, roots)
    }
    /// Adds the expressions to a graph.
    pub(super) fn write(&self, g: &mut Graph) -> Vec<Node> {
        let nothing = g.number(0.0);
        let mut r = vec![nothing; self.registers.max(1)];
        for &(to, c) in &self.numbers {
            r[to as usize] = g.number(c);
        }
        let constants = self.constants.as_ref().map(|tape| tape.write(g)).unwrap_or_default();
        self.known.iter().zip(constants).for_each(|(&(to, ..), node)| r[to as usize] = node);
        let read = |g: &mut Graph, r: &[Node], from: u32| match self.place(from) {
            Place::Register(at) => r.get(at).copied().unwrap_or(nothing),
            Place::Variable(at) => g.variable(at),
            Place::Parameter(at) => g.parameter(at),
        };
        for step in &self.steps {
            let [a, b, d, e] = [step.a, step.b, step.d, step.e].map(|from| read(g, &r, from));
            let c = g.number(step.c);
            r[step.to as usize] = match step.code {
                Code::Add => g.add(a, b),
                Code::Sub => g.sub(a, b),
                Code::Mul => g.mul(a, b),
                Code::Div => g.div(a, b),
                Code::AddC => g.add(a, c),
                Code::SubC => g.sub(a, c),
                Code::MulC => g.mul(a, c),
                Code::DivC => g.div(a, c),
                Code::FromC => g.sub(c, a),
                Code::MulAdd | Code::MulFrom | Code::MulSub | Code::MulMul | Code::MulDiv | Code::DivMul => {
                    let product = g.mul(a, b);
                    match step.code {
                        Code::MulAdd => g.add(d, product),
                        Code::MulFrom => g.sub(d, product),
                        Code::MulSub => g.sub(product, d),
                        Code::MulMul => g.mul(product, d),
                        Code::MulDiv => g.div(product, d),
                        _ => g.div(d, product),
                    }
                }
                Code::AddMul | Code::AddDiv | Code::SubMul | Code::SubDiv => {
                    let plus = matches!(step.code, Code::AddMul | Code::AddDiv);
                    let sum = if plus { g.add(a, b) } else { g.sub(a, b) };
                    let times = matches!(step.code, Code::AddMul | Code::SubMul);
                    if times { g.mul(sum, d) } else { g.div(sum, d) }
                }
                Code::MulSubMul => {
                    let (left, right) = (g.mul(a, b), g.mul(d, e));
                    g.sub(left, right)
                }
                Code::AddSubMul => {
                    let sum = g.add(a, b);
                    let difference = g.sub(sum, d);
                    g.mul(difference, e)
                }
                Code::SubMulMul | Code::SubMulBoth => {
                    let difference = g.sub(a, b);
                    if step.code == Code::SubMulBoth {
                        let factor = g.mul(d, e);
                        g.mul(difference, factor)
                    } else {
                        let product = g.mul(difference, d);
                        g.mul(product, e)
                    }
                }
                Code::MulAddDiv | Code::MulFromDiv => {
                    let product = g.mul(a, b);
                    let sum = if step.code == Code::MulAddDiv { g.add(d, product) } else { g.sub(d, product) };
                    g.div(sum, e)
                }
                Code::SquareDiv | Code::SquareDivSubDiv => {
                    let square = g.apply(Operation::Powi(2), &[a]);
                    let quotient = g.div(square, b);
                    if step.code == Code::SquareDiv {
                        quotient
                    } else {
                        let difference = g.sub(quotient, d);
                        g.div(difference, e)
                    }
                }
                Code::Dot | Code::DotAdd => {
                    let start = (step.code == Code::DotAdd).then_some(d);
                    let pairs = &self.pairs[step.a as usize..(step.a + step.b) as usize];
                    let sum = pairs.iter().fold(start, |sum, pair| {
                        let [a, b] = pair.map(|from| read(g, &r, from));
                        let product = g.mul(a, b);
                        Some(sum.map_or(product, |sum| g.add(sum, product)))
                    });
                    sum.unwrap_or(nothing)
                }
                Code::Square => g.apply(Operation::Powi(2), &[a]),
                Code::Cube => g.apply(Operation::Powi(3), &[a]),
                Code::Logistic | Code::Softplus => {
                    let (power, one) = (g.apply(Operation::Exp, &[a]), g.number(1.0));
                    let sum = g.add(power, one);
                    if step.code == Code::Logistic { g.div(one, sum) } else { g.apply(Operation::Ln, &[sum]) }
                }
                Code::Siegert => {
                    let six = self.sixes[step.b as usize].map(|from| read(g, &r, from));
                    g.siegert(six)
                }
                Code::Other => {
                    let operation = self.others[step.d as usize];
                    g.apply(operation, &[a, b][..operation.arity()])
                }
            };
        }
        for &(to, from) in &self.copies {
            r[to as usize] = read(g, &r, from);
        }
        r.truncate(self.outputs);
        r
    }
    /// What a place stands for.
    fn place(&self, at: u32) -> Place {
        let at = at as usize;
        match at.checked_sub(self.registers) {
            None => Place::Register(at),
            Some(k) if k < self.needs.0 => Place::Variable(k),
            Some(k) => Place::Parameter(k - self.needs.0),
        }
    }
}

/// Where a step reads.
enum Place {
    Register(usize),
    Variable(usize),
    Parameter(usize),
}
