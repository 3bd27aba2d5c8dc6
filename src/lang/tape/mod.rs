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

use super::graph::{Graph, Node, Operation};
use crate::num::Scalar;
use build::Builder;

/// What one step does. Steps whose name ends in C take a number instead of the second register.
#[derive(Clone, Copy, Debug, PartialEq)]
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
    /// a b + d, in two roundings.
    MulAdd,
    /// d − a b, in two roundings.
    MulSub,
    Square,
    Cube,
    /// The Siegert rate; b counts the lists of six registers.
    Siegert,
    Other(Operation),
}

/// One step: `to = code(a, b)`.
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
        match self.registers {
            0..=8 => self.run(&mut Few([S::constant(0.0); 8]), x, p, out),
            9..=32 => self.run(&mut Few([S::constant(0.0); 32]), x, p, out),
            n => self.run(&mut Many(vec![S::constant(0.0); n]), x, p, out),
        }
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
        let read = |g: &mut Graph, r: &[Node], from: u32| match from & PLACE {
            VARIABLE => g.variable((from & !PLACE) as usize),
            PARAMETER => g.parameter((from & !PLACE) as usize),
            _ => r.get(from as usize).copied().unwrap_or(nothing),
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
                Code::MulAdd | Code::MulSub => {
                    let product = g.mul(a, b);
                    if step.code == Code::MulAdd { g.add(d, product) } else { g.sub(d, product) }
                }
                Code::Square => g.apply(Operation::Powi(2), &[a]),
                Code::Cube => g.apply(Operation::Powi(3), &[a]),
                Code::Siegert => {
                    let six = self.sixes[step.b as usize].map(|from| read(&mut g, &r, from));
                    g.siegert(six)
                }
                Code::Other(operation) if operation.arity() == 2 => g.apply(operation, &[a, b]),
                Code::Other(operation) => g.apply(operation, &[a]),
            };
        }
        let outputs = self.outputs.iter().map(|&from| read(&mut g, &r, from)).collect();
        (g, outputs)
    }
    fn run<S: Scalar>(&self, r: &mut impl Registers<S>, x: &[S], p: &[S], out: &mut [S]) {
        for &(to, c) in &self.numbers {
            r.set(to, S::constant(c));
        }
        for step in &self.steps {
            let get = |from| *read(r, x, p, from);
            let a = get(step.a);
            let value = match step.code {
                Code::Add => a + get(step.b),
                Code::Sub => a - get(step.b),
                Code::Mul => a * get(step.b),
                Code::Div => a / get(step.b),
                Code::AddC => a + step.c,
                Code::SubC => a - step.c,
                Code::MulC => a * step.c,
                Code::DivC => a / step.c,
                Code::FromC => S::constant(step.c) - a,
                Code::MulAdd => get(step.d) + a * get(step.b),
                Code::MulSub => get(step.d) - a * get(step.b),
                Code::Square => a.powi(2),
                Code::Cube => a.powi(3),
                Code::Siegert => {
                    let [mu, sigma, tau_m, tau_ref, theta, reset] = self.sixes[step.b as usize].map(get);
                    S::siegert(mu, sigma, tau_m, tau_ref, theta, reset)
                }
                Code::Other(operation) => apply(operation, a, get(step.b)),
            };
            r.set(step.to, value);
        }
        for (value, &from) in out.iter_mut().zip(&self.outputs) {
            *value = *read(r, x, p, from);
        }
    }
}

/// Where a step reads: the two highest bits of a place say of what.
const PLACE: u32 = 3 << 30;
const PARAMETER: u32 = 2 << 30;
const VARIABLE: u32 = 1 << 30;

/// What stands at a place. Variables and parameters are read where the caller has them: copying them into registers
/// would cost as much as a small right-hand side.
#[inline(always)]
fn read<'a, S>(r: &'a impl Registers<S>, x: &'a [S], p: &'a [S], from: u32) -> &'a S {
    match from & PLACE {
        0 => r.get(from),
        VARIABLE => &x[(from & !PLACE) as usize],
        _ => &p[(from & !PLACE) as usize],
    }
}

/// One operation on scalars: what the graph means, also used to evaluate without a tape.
#[inline(never)] // One copy per scalar: the loop around it is small then, and compiles quickly.
pub fn apply<S: Scalar>(operation: Operation, a: S, b: S) -> S {
    match operation {
        Operation::Add => a + b,
        Operation::Sub => a - b,
        Operation::Mul => a * b,
        Operation::Div => a / b,
        Operation::Powf => a.powf(b),
        Operation::Max => a.max(b),
        Operation::Min => a.min(b),
        Operation::ErfcxIntegral => a.erfcx_integral(b),
        Operation::Hill => a.hill(S::constant(1.0), b),
        Operation::Neg => -a,
        Operation::Exp => a.exp(),
        Operation::Ln => a.ln(),
        Operation::Sqrt => a.sqrt(),
        Operation::Tanh => a.tanh(),
        Operation::Erf => a.erf(),
        Operation::Erfcx => a.erfcx(),
        Operation::Phi => a.normal_cdf(),
        Operation::Sin => a.sin(),
        Operation::Cos => a.cos(),
        Operation::Atan => a.atan(),
        Operation::Sigmoid => a.sigmoid(),
        Operation::Softplus => a.softplus(),
        Operation::Relu => a.relu(),
        Operation::Step => a.step(),
        Operation::Abs => a.abs(),
        Operation::Powi(n) => a.powi(n),
        Operation::Powc(bits) => a.powc(f64::from_bits(bits)),
    }
}

/// Where values are kept while a tape runs.
trait Registers<S> {
    fn get(&self, at: u32) -> &S;
    fn set(&mut self, at: u32, value: S);
}
/// On the stack; N is a power of two, so the mask spares the bounds check.
struct Few<S, const N: usize>([S; N]);
impl<S: Copy, const N: usize> Registers<S> for Few<S, N> {
    #[inline(always)]
    fn get(&self, at: u32) -> &S {
        &self.0[at as usize & (N - 1)]
    }
    #[inline(always)]
    fn set(&mut self, at: u32, value: S) {
        self.0[at as usize & (N - 1)] = value;
    }
}
/// On the heap.
struct Many<S>(Vec<S>);
impl<S: Copy> Registers<S> for Many<S> {
    #[inline(always)]
    fn get(&self, at: u32) -> &S {
        &self.0[at as usize]
    }
    #[inline(always)]
    fn set(&mut self, at: u32, value: S) {
        self.0[at as usize] = value;
    }
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
            let new = match op % 14 {
                0 | 1 => g.add(a, b),
                2 => g.sub(a, b),
                3 => g.mul(a, b),
                k => {
                    let node = g.apply(one[k as usize - 4], &[a]);
                    g.apply(Tanh, &[node])
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
