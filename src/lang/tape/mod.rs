//! How is a right-hand side evaluated, again and again, over any number? As a flat list of (operation, a, b).
//!
//! A tape is made once from a [`Graph`]; [`eval`](Tape::eval) runs it for every [`Scalar`]: values, lanes, duals, jets,
//! intervals. Registers that are no longer needed are used again; few registers live on the stack, many on the heap.
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

use super::graph::{Graph, Node, Operation};
use crate::num::Scalar;
use build::Builder;
pub use run::apply;

/// What one step does. Steps whose name ends in C take a number instead of the second register; steps with two
/// operations in their name do one after the other, in two roundings.
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
    /// The sum of b products, from the a-th of the list on.
    Dot,
    /// d and then so many products.
    DotAdd,
    Square,
    Cube,
    /// The Siegert rate; b counts the lists of six places.
    Siegert,
    /// Any other operation; d counts them.
    Other,
}

/// One step: `to = code(a, b, d)`. Places count the registers first, then the variables, then the parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Step {
    code: Code,
    to: u32,
    a: u32,
    b: u32,
    d: u32,
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
    outputs: Vec<u32>,
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
        self.outputs.len()
    }
    /// Evaluates all expressions at variables `x` and parameters `p` into `out`.
    ///
    /// # Panics
    /// If `x` or `p` is shorter than what the expressions read, or `out` than their number.
    pub fn eval<S: Scalar>(&self, x: &[S], p: &[S], out: &mut [S]) {
        assert!(x.len() >= self.needs.0 && p.len() >= self.needs.1, "the tape reads more variables or parameters");
        assert!(out.len() >= self.outputs.len(), "the tape has more outputs");
        self.run(x, p, out);
    }
    /// The values at x and p.
    pub fn values(&self, x: &[f64], p: &[f64]) -> Vec<f64> {
        let mut out = vec![0.0; self.outputs.len()];
        self.eval(x, p, &mut out);
        out
    }
    /// The expressions again as a graph: what a file in another language is written from.
    pub fn graph(&self) -> (Graph, Vec<Node>) {
        let mut g = Graph::default();
        let nothing = g.number(0.0);
        let mut r = vec![nothing; self.registers.max(1)];
        for &(to, c) in &self.numbers {
            r[to as usize] = g.number(c);
        }
        let read = |g: &mut Graph, r: &[Node], from: u32| match self.place(from) {
            Place::Register(at) => r.get(at).copied().unwrap_or(nothing),
            Place::Variable(at) => g.variable(at),
            Place::Parameter(at) => g.parameter(at),
        };
        for step in &self.steps {
            let [a, b, d] = [step.a, step.b, step.d].map(|from| read(&mut g, &r, from));
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
                Code::Dot | Code::DotAdd => {
                    let start = (step.code == Code::DotAdd).then_some(d);
                    let pairs = &self.pairs[step.a as usize..(step.a + step.b) as usize];
                    let sum = pairs.iter().fold(start, |sum, pair| {
                        let [a, b] = pair.map(|from| read(&mut g, &r, from));
                        let product = g.mul(a, b);
                        Some(sum.map_or(product, |sum| g.add(sum, product)))
                    });
                    sum.unwrap_or(nothing)
                }
                Code::Square => g.apply(Operation::Powi(2), &[a]),
                Code::Cube => g.apply(Operation::Powi(3), &[a]),
                Code::Siegert => {
                    let six = self.sixes[step.b as usize].map(|from| read(&mut g, &r, from));
                    g.siegert(six)
                }
                Code::Other => {
                    let operation = self.others[step.d as usize];
                    g.apply(operation, &[a, b][..operation.arity()])
                }
            };
        }
        let outputs = self.outputs.iter().map(|&from| read(&mut g, &r, from)).collect();
        (g, outputs)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::graph::Item;
    use crate::num::{Dual, Interval, LANES, Lanes};
    use proptest::prelude::*;

    /// A random graph: numbers, two variables, two parameters and smooth operations on earlier nodes.
    fn grow(recipe: &[(u8, u8, u8)]) -> (Graph, Vec<Node>) {
        let mut g = Graph::default();
        let mut nodes =
            vec![g.variable(0), g.variable(1), g.parameter(0), g.parameter(1), g.number(0.5), g.number(3.0)];
        for &(op, a, b) in recipe {
            let (a, b) = (nodes[a as usize % nodes.len()], nodes[b as usize % nodes.len()]);
            use Operation::*;
            let one = [Neg, Tanh, Sigmoid, Relu, Erf, Atan, Abs, Powi(2), Powi(3), Softplus];
            let bounded = |g: &mut Graph, node| g.apply(Tanh, &[node]);
            let new = match op % 17 {
                0 | 1 => g.add(a, b),
                2 => g.sub(a, b),
                3 => g.mul(a, b),
                // What is fused: a sum or product in a quotient or product, and a product below the line.
                4 | 5 => {
                    let inner = [g.add(a, b), g.sub(a, b), g.mul(a, b)][op as usize / 17 % 3];
                    let one = g.number(1.0);
                    let [below, other] = [a, b].map(|node| g.apply(Powi(2), &[node])).map(|node| g.add(node, one));
                    let node = match op % 17 {
                        4 => g.div(inner, below),
                        _ => {
                            let product = g.mul(below, other);
                            let quotient = g.div(a, product);
                            g.mul(inner, quotient)
                        }
                    };
                    bounded(&mut g, node)
                }
                // A sum of up to fifteen products.
                6 => {
                    let last = nodes.len() - 1;
                    let sum = (0..op as usize / 17).fold(a, |sum, k| {
                        let product = g.mul(nodes[(last + 7 * k) % nodes.len()], nodes[(last + k) % nodes.len()]);
                        if k % 5 == 4 { g.sub(sum, product) } else { g.add(sum, product) }
                    });
                    bounded(&mut g, sum)
                }
                k => {
                    let node = g.apply(one[k as usize - 7], &[a]);
                    bounded(&mut g, node)
                }
            };
            nodes.push(new);
        }
        let outputs = nodes.iter().rev().take(5).copied().collect();
        (g, outputs)
    }
    /// The same without registers, fusing or immediates.
    fn plain<S: Scalar>(g: &Graph, outputs: &[Node], x: &[S], p: &[S]) -> Vec<S> {
        let mut values: Vec<S> = Vec::new();
        for item in g.items() {
            values.push(match *item {
                Item::Number(bits) => S::constant(f64::from_bits(bits)),
                Item::Variable(k) => x[k],
                Item::Parameter(k) => p[k],
                Item::Apply(op, a, b) => apply(op, values[a.index()], values[b.index()]),
                Item::Siegert(_) => S::constant(f64::NAN),
            });
        }
        outputs.iter().map(|o| values[o.index()]).collect()
    }

    proptest! {
        #[test]
        fn law_tape_is_the_graph_for_every_scalar(
            recipe in prop::collection::vec(any::<(u8, u8, u8)>(), 0..300),
            x in prop::array::uniform2(-2.0..2.0f64),
            p in prop::array::uniform2(-2.0..2.0f64),
        ) {
            let (g, outputs) = grow(&recipe);
            let tape = Tape::new(&g, &outputs);
            let value = tape.values(&x, &p);
            let same = |a: f64, b: f64| a.to_bits() == b.to_bits() || (a == 0.0 && b == 0.0) || (a.is_nan() && b.is_nan());
            for (a, b) in value.iter().zip(plain(&g, &outputs, &x, &p)) {
                prop_assert!(same(*a, b), "{a} {b}");
            }
            let (again, roots) = tape.graph();
            for (a, b) in value.iter().zip(Tape::new(&again, &roots).values(&x, &p)) {
                prop_assert!(same(*a, b), "{a} {b}");
            }
            // Lanes: the same in every lane, whatever the others hold.
            let spread = |v: f64| Lanes(std::array::from_fn(|i| v + i as f64 * 0.1));
            let mut lanes = vec![Lanes([0.0; LANES]); outputs.len()];
            tape.eval(&x.map(spread), &p.map(spread), &mut lanes);
            for lane in [0, LANES - 1] {
                let one = tape.values(&x.map(|v| spread(v).0[lane]), &p.map(|v| spread(v).0[lane]));
                for (a, b) in lanes.iter().zip(one) {
                    prop_assert!(same(a.0[lane], b));
                }
            }
            // Duals carry the same value, intervals enclose it.
            let mut duals = vec![Dual::fixed(0.0); outputs.len()];
            tape.eval(&x.map(Dual::variable), &p.map(Dual::fixed), &mut duals);
            let mut boxes = vec![Interval::ENTIRE; outputs.len()];
            tape.eval(&x.map(|v| Interval::new(v - 1e-3, v + 1e-3)), &p.map(Interval::point), &mut boxes);
            for ((v, d), b) in value.iter().zip(duals).zip(boxes) {
                prop_assert!((v - d.v).abs() <= 1e-12 * (1.0 + v.abs()) && b.contains(*v), "{v} {d:?} {b:?}");
            }
        }
    }

    #[test]
    fn theory_registers_are_used_again_and_many_go_to_the_heap() {
        let mut g = Graph::default();
        let mut chain = g.variable(0);
        for k in 0..1000 {
            let p = g.parameter(k % 3);
            let product = g.mul(chain, p);
            chain = g.add(product, p);
        }
        let tape = Tape::new(&g, &[chain]);
        assert!(tape.registers <= 8, "{}", tape.registers);
        // Each product is computed in the step of its sum.
        assert_eq!(tape.len(), 1000);
        let x: Vec<f64> = (0..300).map(f64::from).collect();
        let variables: Vec<Node> = (0..300).map(|k| g.variable(k)).collect();
        let total = g.total(&variables);
        let squares: Vec<Node> = variables.iter().map(|v| g.mul(*v, *v)).collect();
        let all = g.total(&squares);
        assert_eq!(Tape::new(&g, &[total, all]).values(&x, &[1.0; 3]), [44850.0, 8_955_050.0]);
    }

    #[test]
    fn cross_siegert_is_that_of_the_literature() {
        // mpmath 1.3.0, 30 digits.
        let mut g = Graph::default();
        let nodes: Vec<Node> = (0..6).map(|k| g.variable(k)).collect();
        let rate = g.siegert([nodes[0], nodes[1], nodes[2], nodes[3], nodes[4], nodes[5]]);
        let twice = g.add(rate, rate);
        let tape = Tape::new(&g, &[twice, rate]);
        let x = [0.015, 0.005, 0.02, 0.002, 0.02, 0.01];
        let rate = tape.values(&x, &[])[1];
        assert!((rate / 9.460_799_805_759_126 - 1.0).abs() < 1e-13, "{rate}");
        let slopes = [
            2907.291063152294,
            3449.968348760977,
            -464.0893169914911,
            -89.5067329646519,
            -3178.6297059566356,
            271.3386428043416,
        ];
        for (k, slope) in slopes.into_iter().enumerate() {
            let mut duals = x.map(Dual::fixed);
            duals[k].d = 1.0;
            let mut out = [Dual::fixed(0.0); 2];
            tape.eval(&duals, &[], &mut out);
            assert!((out[1].d / slope - 1.0).abs() < 1e-12, "{k}: {}", out[1].d);
        }
    }

    #[test]
    fn theory_inexact_constants_are_enclosed() {
        let mut g = Graph::default();
        let (one, three, x) = (g.number(1.0), g.number(3.0), g.variable(0));
        let third = g.div(one, three);
        let y = g.mul(third, x);
        let mut out = [Interval::ENTIRE];
        Tape::new(&g, &[y]).eval(&[Interval::point(3.0)], &[], &mut out);
        assert!(out[0].contains(1.0) && out[0].width() > 0.0 && out[0].width() < 1e-14);
    }
}
