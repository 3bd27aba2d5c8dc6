//! How does a graph become a tape? Nodes in order, registers used again, products and sums fused into one step.

use super::{Code, Step, Tape};
use crate::lang::graph::{Graph, Item, Node, Operation};
use crate::num::Interval;

/// Assigns registers while it walks the graph in order.
pub(super) struct Builder<'a> {
    graph: &'a Graph,
    outputs: &'a [Node],
    /// What is evaluated once: operations on numbers alone.
    constant: Vec<bool>,
    /// Such nodes that have a register.
    known: Vec<Node>,
    /// How often each node is still to be read; 0 for what is not computed.
    uses: Vec<u32>,
    register: Vec<u32>,
    free: Vec<u32>,
    tape: Tape,
}

const NOWHERE: u32 = u32::MAX;
/// Most products of one step. All their factors wait in registers, so there should not be too many.
const TERMS: usize = 8;
/// A start and so many products.
const READS: usize = 1 + 2 * TERMS;
/// Until the number of registers is known, the two highest bits say that a place is a variable or a parameter.
const PLACE: u32 = 3 << 30;
const PARAMETER: u32 = 2 << 30;
const VARIABLE: u32 = 1 << 30;

impl<'a> Builder<'a> {
    pub(super) fn new(graph: &'a Graph, outputs: &'a [Node]) -> Self {
        let mut constant = vec![false; graph.len()];
        for (at, item) in graph.items().iter().enumerate() {
            let fixed = |node: &Node| constant[node.index()] || graph.as_number(*node).is_some();
            constant[at] = match item {
                Item::Apply(operation, a, b) => [a, b][..operation.arity()].iter().all(|node| fixed(node)),
                Item::Siegert(nodes) => nodes.iter().all(fixed),
                _ => false,
            };
        }
        Builder { constant, ..Self::whole(graph, outputs) }
    }
    /// Every operation is a step, also on numbers.
    fn whole(graph: &'a Graph, outputs: &'a [Node]) -> Self {
        let tape = Tape {
            steps: Vec::new(),
            sixes: Vec::new(),
            pairs: Vec::new(),
            others: Vec::new(),
            numbers: Vec::new(),
            known: Vec::new(),
            constants: None,
            copies: Vec::new(),
            outputs: outputs.len(),
            registers: outputs.len(),
            needs: (0, 0),
        };
        let n = graph.len();
        let (constant, known) = (vec![false; n], Vec::new());
        Builder {
            graph,
            outputs,
            constant,
            known,
            uses: vec![0; n],
            register: vec![NOWHERE; n],
            free: Vec::new(),
            tape,
        }
    }
    pub(super) fn build(mut self) -> Tape {
        let graph = self.graph;
        // Nodes that are needed, found from the outputs backwards; then how often each is read by a step.
        let mut needed = vec![false; graph.len()];
        self.outputs.iter().for_each(|o| needed[o.index()] = true);
        for at in (0..graph.len()).rev() {
            if !needed[at] {
                continue;
            }
            if let Some(step) = self.step(at) {
                for node in step.reads.into_iter().flatten() {
                    needed[node.index()] = true;
                }
            }
        }
        let (plans, absorbed) = self.fused(&needed);
        let made = || (0..graph.len()).filter(|&at| needed[at] && !absorbed[at]);
        for at in made() {
            let reads = plans[at].map(|plan| plan.reads).unwrap_or_default();
            reads.into_iter().flatten().for_each(|node| self.uses[node.index()] += 1);
        }
        // An output is read at the very end.
        self.outputs.iter().for_each(|o| self.uses[o.index()] += 1);
        self.load();
        for at in made() {
            if let Some(plan) = plans[at] {
                self.emit(at, plan);
            }
        }
        let places = self.outputs.iter().map(|o| self.register[o.index()]).zip(0..);
        self.tape.copies = places.filter(|(from, to)| from != to).map(|(from, to)| (to, from)).collect();
        self.settle();
        self.evaluate();
        self.tape
    }
    /// Evaluates what is constant, by the steps that would have computed it each time.
    fn evaluate(&mut self) {
        if self.known.is_empty() {
            return;
        }
        let tape = Builder::whole(self.graph, &self.known).build();
        let (values, mut boxes) = (tape.values(&[], &[]), vec![Interval::ENTIRE; self.known.len()]);
        tape.eval(&[], &[], &mut boxes);
        let registers = self.known.iter().map(|node| self.register[node.index()]);
        self.tape.known = registers.zip(values).zip(boxes).map(|((to, value), within)| (to, value, within)).collect();
        self.tape.constants = Some(Box::new(tape));
    }
    /// Turns marked places into numbers that count on behind the registers.
    fn settle(&mut self) {
        let (registers, variables) = (self.tape.registers as u32, self.tape.needs.0 as u32);
        let settle = |at: &mut u32| match *at & PLACE {
            VARIABLE => *at = registers + (*at & !PLACE),
            PARAMETER => *at = registers + variables + (*at & !PLACE),
            _ => {}
        };
        for step in &mut self.tape.steps {
            // Some steps count a list where others have a place.
            let dot = matches!(step.code, Code::Dot | Code::DotAdd);
            let places = [(&mut step.a, !dot), (&mut step.b, !dot && step.code != Code::Siegert)];
            let more = [(&mut step.d, step.code != Code::Other), (&mut step.e, true)];
            places.into_iter().chain(more).filter(|(_, is)| *is).for_each(|(at, _)| settle(at));
        }
        self.tape.pairs.iter_mut().flatten().for_each(settle);
        self.tape.sixes.iter_mut().flatten().for_each(settle);
        self.tape.copies.iter_mut().for_each(|(_, from)| settle(from));
    }
    /// Gives everything that is read but not computed its place: numbers in registers, the rest where the caller has it.
    fn load(&mut self) {
        for at in 0..self.graph.len() {
            if self.uses[at] == 0 {
                continue;
            }
            self.register[at] = match self.graph.items()[at] {
                Item::Number(bits) => {
                    let to = self.take();
                    self.tape.numbers.push((to, f64::from_bits(bits)));
                    to
                }
                Item::Variable(place) => {
                    self.tape.needs.0 = self.tape.needs.0.max(place + 1);
                    VARIABLE | place as u32
                }
                Item::Parameter(place) => {
                    self.tape.needs.1 = self.tape.needs.1.max(place + 1);
                    PARAMETER | place as u32
                }
                Item::Apply(..) | Item::Siegert(_) if self.constant[at] => {
                    self.known.push(Node::at(at));
                    self.take()
                }
                Item::Apply(..) | Item::Siegert(_) => continue,
            };
        }
    }
    fn take(&mut self) -> u32 {
        self.free.pop().unwrap_or_else(|| {
            self.tape.registers += 1;
            self.tape.registers as u32 - 1
        })
    }
    fn emit(&mut self, at: usize, step: Plan) {
        let reads = step.reads.map(|node| node.map_or(NOWHERE, |n| self.register[n.index()]));
        for node in step.reads.into_iter().flatten() {
            self.uses[node.index()] -= 1;
            let at = self.register[node.index()];
            if self.uses[node.index()] == 0 && at & PLACE == 0 {
                self.free.push(at);
            }
        }
        // The first output that is this node is where it is computed.
        let output = self.outputs.iter().position(|o| o.index() == at);
        let to = output.map_or_else(|| self.take(), |k| k as u32);
        self.register[at] = to;
        let a = reads[0];
        let or_a = |r: u32| if r == NOWHERE { a } else { r };
        let (mut b, mut d, mut e) = (or_a(reads[1]), or_a(reads[2]), or_a(reads[3]));
        if step.code == Code::Siegert {
            b = self.tape.sixes.len() as u32;
            self.tape.sixes.push(std::array::from_fn(|k| reads[k]));
        }
        let mut a = a;
        if matches!(step.code, Code::Dot | Code::DotAdd) {
            // The start, if there is one, stands last.
            let reads: Vec<u32> = reads.into_iter().filter(|r| *r != NOWHERE).collect();
            (a, b) = (self.tape.pairs.len() as u32, (reads.len() / 2) as u32);
            d = *reads.last().unwrap_or(&NOWHERE);
            e = d;
            self.tape.pairs.extend(reads.chunks_exact(2).map(|pair| [pair[0], pair[1]]));
        }
        if let Some(operation) = step.other {
            d = self.tape.others.len() as u32;
            self.tape.others.push(operation);
        }
        self.tape.steps.push(Step { code: step.code, to, a, b, d, e, c: step.c });
    }
    /// The step that computes a node, before fusing.
    fn step(&self, at: usize) -> Option<Plan> {
        let (operation, a, b) = match self.graph.items()[at] {
            _ if self.constant[at] => return None,
            Item::Apply(operation, a, b) => (operation, a, b),
            Item::Siegert(nodes) => {
                return Some(Plan::new(Code::Siegert, &nodes));
            }
            _ => return None,
        };
        let (x, y) = (self.graph.as_number(a), self.graph.as_number(b));
        let two = |code| Some(Plan::new(code, &[a, b]));
        let with = |code, a, c| Some(Plan { c, ..Plan::new(code, &[a]) });
        let other = |nodes| Some(Plan { other: Some(operation), ..Plan::new(Code::Other, nodes) });
        match (operation, x, y) {
            (Operation::Add, _, Some(c)) => with(Code::AddC, a, c),
            (Operation::Add, Some(c), _) => with(Code::AddC, b, c),
            (Operation::Mul, _, Some(c)) => with(Code::MulC, a, c),
            (Operation::Mul, Some(c), _) => with(Code::MulC, b, c),
            (Operation::Sub, _, Some(c)) => with(Code::SubC, a, c),
            (Operation::Sub, Some(c), _) => with(Code::FromC, b, c),
            (Operation::Div, _, Some(c)) => with(Code::DivC, a, c),
            (Operation::Add, ..) => two(Code::Add),
            (Operation::Sub, ..) => two(Code::Sub),
            (Operation::Mul, ..) => two(Code::Mul),
            (Operation::Div, ..) => two(Code::Div),
            (Operation::Powi(2), ..) => with(Code::Square, a, 0.0),
            (Operation::Powi(3), ..) => with(Code::Cube, a, 0.0),
            _ if operation.arity() == 2 => other(&[a, b]),
            _ => other(&[a]),
        }
    }
    /// The step for 1/(1 + e^a) or ln(1 + e^a), if the node is one of them, and the nodes inside it.
    fn gain(&self, at: usize) -> Option<(Plan, [Node; 2])> {
        let one = |node: &Node| self.graph.as_number(*node) == Some(1.0);
        let (code, sum) = match self.graph.items()[at] {
            Item::Apply(Operation::Div, a, b) if one(&a) => (Code::Logistic, b),
            Item::Apply(Operation::Ln, a, _) => (Code::Softplus, a),
            _ => return None,
        };
        let Item::Apply(Operation::Add, a, b) = self.graph.items()[sum.index()] else { return None };
        let power = if one(&a) { b } else { Some(a).filter(|_| one(&b))? };
        let Item::Apply(Operation::Exp, x, _) = self.graph.items()[power.index()] else { return None };
        Some((Plan::new(code, &[x]), [sum, power]))
    }
    /// The steps with what they absorb, and which nodes are absorbed: a sum or product that only one other sum, product
    /// or quotient reads is computed in the step of that one.
    fn fused(&self, needed: &[bool]) -> (Vec<Option<Plan>>, Vec<bool>) {
        let n = self.graph.len();
        let mut plans: Vec<Option<Plan>> = (0..n).map(|at| self.step(at).filter(|_| needed[at])).collect();
        let mut reads = vec![0u32; n];
        self.outputs.iter().for_each(|o| reads[o.index()] += 2);
        plans.iter().flatten().flat_map(|plan| plan.reads).flatten().for_each(|node| reads[node.index()] += 1);
        let mut absorbed = vec![false; n];
        for at in 0..n {
            if let Some((plan, inside)) =
                self.gain(at).filter(|(_, inside)| inside.iter().all(|k| reads[k.index()] == 1))
            {
                if plans[at].is_some() {
                    plans[at] = Some(plan);
                    inside.iter().for_each(|node| absorbed[node.index()] = true);
                }
                continue;
            }
            // Twice, as three operations fit into one step.
            for _ in 0..2 {
                let Some(outer) = plans[at] else { break };
                let joined = [1, 0, 2].into_iter().find_map(|place| {
                    let inner = outer.reads[place].filter(|node| reads[node.index()] == 1)?;
                    let plan = plans[inner.index()]?;
                    Some((outer.join(place, &plan)?, inner))
                });
                let Some((plan, inner)) = joined else { break };
                plans[at] = Some(plan);
                absorbed[inner.index()] = true;
            }
            // A chain of products, added one after the other, is one step.
            let Some(Plan { code: Code::MulAdd, reads: [Some(x), Some(y), Some(sum), ..], .. }) = plans[at] else {
                continue;
            };
            let alone = reads[sum.index()] == 1;
            let Some(before) = plans[sum.index()].filter(|_| alone) else { continue };
            if let Some(longer) = before.and_product(x, y) {
                plans[at] = Some(longer);
                absorbed[sum.index()] = true;
            }
        }
        (plans, absorbed)
    }
}

/// A step before registers are known: what it does, which nodes it reads, its number, its operation if it is no
/// arithmetic.
#[derive(Clone, Copy)]
struct Plan {
    code: Code,
    reads: [Option<Node>; READS],
    c: f64,
    other: Option<Operation>,
}

impl Plan {
    fn new(code: Code, nodes: &[Node]) -> Self {
        Plan { code, reads: std::array::from_fn(|k| nodes.get(k).copied()), c: 0.0, other: None }
    }
    /// The step that does `inner` and then this one, which reads it at `place`, if there is one.
    fn join(&self, place: usize, inner: &Plan) -> Option<Plan> {
        use Code::*;
        let ([Some(x), y, z, ..], [Some(a), b, d, ..]) = (inner.reads, self.reads) else { return None };
        let (first, other) = (place == 0, if place == 0 { b } else { Some(a) });
        let (code, reads) = match (self.code, inner.code) {
            (Add, Mul) => (MulAdd, [y, other, None]),
            (Sub, Mul) => (if first { MulSub } else { MulFrom }, [y, other, None]),
            (Mul, Add) => (AddMul, [y, other, None]),
            (Mul, Sub) => (SubMul, [y, other, None]),
            (Mul, Mul) => (MulMul, [y, other, None]),
            (Mul, SubMul) => (SubMulMul, [y, z, other]),
            (Div, Add) if first => (AddDiv, [y, other, None]),
            (Div, Sub) if first => (SubDiv, [y, other, None]),
            (Div, Mul) => (if first { MulDiv } else { DivMul }, [y, other, None]),
            (Div, MulAdd) if first => (MulAddDiv, [y, z, other]),
            (Div, MulFrom) if first => (MulFromDiv, [y, z, other]),
            (Div, Square) if first => (SquareDiv, [other, None, None]),
            (SubDiv, SquareDiv) if first => (SquareDivSubDiv, [y, b, d]),
            (MulFrom, Mul) if place == 2 => (MulSubMul, [y, Some(a), b]),
            (SubMul, Add) if first => (AddSubMul, [y, b, d]),
            (MulMul, Sub) if place == 2 => return Some(Plan::new(SubMulBoth, &[x, y?, a, b?])),
            (SubMul, Mul) if place == 2 => return Some(Plan::new(SubMulBoth, &[a, b?, x, y?])),
            _ => return None,
        };
        let nodes: Vec<Node> = [Some(x)].into_iter().chain(reads).flatten().collect();
        Some(Plan::new(code, &nodes))
    }
    /// A sum of products with one more, if this is one and there is room.
    fn and_product(&self, x: Node, y: Node) -> Option<Plan> {
        let nodes: Vec<Node> = self.reads.into_iter().flatten().collect();
        let (products, start) = match self.code {
            Code::Mul | Code::Dot => (nodes.as_slice(), None),
            Code::MulAdd | Code::DotAdd => (&nodes[..nodes.len() - 1], nodes.last()),
            _ => return None,
        };
        let code = if start.is_some() { Code::DotAdd } else { Code::Dot };
        let all: Vec<Node> = products.iter().chain([&x, &y]).chain(start).copied().collect();
        (products.len() < 2 * TERMS).then(|| Plan::new(code, &all))
    }
}
