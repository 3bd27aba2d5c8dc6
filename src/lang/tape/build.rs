//! How does a graph become a tape? Nodes in order, registers used again, products and sums fused into one step.

use super::{Code, Step, Tape};
use crate::lang::graph::{Graph, Item, Node, Operation};

/// Assigns registers while it walks the graph in order.
pub(super) struct Builder<'a> {
    graph: &'a Graph,
    outputs: &'a [Node],
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
        let tape = Tape {
            steps: Vec::new(),
            sixes: Vec::new(),
            pairs: Vec::new(),
            others: Vec::new(),
            numbers: Vec::new(),
            outputs: Vec::new(),
            registers: 0,
            needs: (0, 0),
        };
        let n = graph.len();
        Builder { graph, outputs, uses: vec![0; n], register: vec![NOWHERE; n], free: Vec::new(), tape }
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
        self.tape.outputs = self.outputs.iter().map(|o| self.register[o.index()]).collect();
        self.settle();
        self.tape
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
            let third = (&mut step.d, step.code != Code::Other);
            places.into_iter().chain([third]).filter(|(_, is)| *is).for_each(|(at, _)| settle(at));
        }
        self.tape.pairs.iter_mut().flatten().for_each(settle);
        self.tape.sixes.iter_mut().flatten().for_each(settle);
        self.tape.outputs.iter_mut().for_each(settle);
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
        let to = self.take();
        self.register[at] = to;
        let a = reads[0];
        let or_a = |r: u32| if r == NOWHERE { a } else { r };
        let (mut b, mut d) = (or_a(reads[1]), or_a(reads[2]));
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
            self.tape.pairs.extend(reads.chunks_exact(2).map(|pair| [pair[0], pair[1]]));
        }
        if let Some(operation) = step.other {
            d = self.tape.others.len() as u32;
            self.tape.others.push(operation);
        }
        self.tape.steps.push(Step { code: step.code, to, a, b, d, c: step.c });
    }
    /// The step that computes a node, before fusing.
    fn step(&self, at: usize) -> Option<Plan> {
        let (operation, a, b) = match self.graph.items()[at] {
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
            let Some(Plan { code: outer, reads: [Some(a), Some(b), ..], .. }) = plans[at] else { continue };
            for (inner, other, first) in [(b, a, false), (a, b, true)] {
                let alone = reads[inner.index()] == 1;
                let Some(plan) = plans[inner.index()].filter(|_| alone) else { continue };
                if let ([Some(x), Some(y), None, ..], Some(code)) = (plan.reads, both(outer, plan.code, first)) {
                    plans[at] = Some(Plan::new(code, &[x, y, other]));
                    absorbed[inner.index()] = true;
                    break;
                }
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

/// The step that does `inner` and then `outer`; `first` if the inner result is the first argument of the outer.
fn both(outer: Code, inner: Code, first: bool) -> Option<Code> {
    Some(match (outer, inner, first) {
        (Code::Add, Code::Mul, _) => Code::MulAdd,
        (Code::Sub, Code::Mul, false) => Code::MulFrom,
        (Code::Sub, Code::Mul, true) => Code::MulSub,
        (Code::Mul, Code::Add, _) => Code::AddMul,
        (Code::Mul, Code::Sub, _) => Code::SubMul,
        (Code::Mul, Code::Mul, _) => Code::MulMul,
        (Code::Div, Code::Add, true) => Code::AddDiv,
        (Code::Div, Code::Sub, true) => Code::SubDiv,
        (Code::Div, Code::Mul, true) => Code::MulDiv,
        (Code::Div, Code::Mul, false) => Code::DivMul,
        _ => return None,
    })
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
