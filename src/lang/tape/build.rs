//! How does a graph become a tape? Nodes in order, registers used again, products and sums fused into one step.

use super::{Code, PARAMETER, PLACE, Step, Tape, VARIABLE};
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

impl<'a> Builder<'a> {
    pub(super) fn new(graph: &'a Graph, outputs: &'a [Node]) -> Self {
        let tape = Tape {
            steps: Vec::new(),
            sixes: Vec::new(),
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
        let absorbed = self.absorbed(&needed);
        for at in (0..graph.len()).filter(|&at| needed[at] && !absorbed[at]) {
            let reads = self.fused(at, &absorbed).map(|s| s.reads).unwrap_or_default();
            reads.into_iter().flatten().for_each(|node| self.uses[node.index()] += 1);
        }
        // An output is read at the very end.
        self.outputs.iter().for_each(|o| self.uses[o.index()] += 1);
        self.load();
        for at in (0..graph.len()).filter(|&at| needed[at] && !absorbed[at]) {
            if let Some(step) = self.fused(at, &absorbed) {
                self.emit(at, step);
            }
        }
        self.tape.outputs = self.outputs.iter().map(|o| self.register[o.index()]).collect();
        self.tape
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
        let (mut b, d) = (or_a(reads[1]), or_a(reads[2]));
        if step.code == Code::Siegert {
            b = self.tape.sixes.len() as u32;
            self.tape.sixes.push(reads);
        }
        self.tape.steps.push(Step { code: step.code, to, a, b, d, c: step.c });
    }
    /// The step that computes a node, before fusing.
    fn step(&self, at: usize) -> Option<Plan> {
        let (operation, a, b) = match self.graph.items()[at] {
            Item::Apply(operation, a, b) => (operation, a, b),
            Item::Siegert(nodes) => return Some(Plan { code: Code::Siegert, reads: nodes.map(Some), c: 0.0 }),
            _ => return None,
        };
        let (x, y) = (self.graph.as_number(a), self.graph.as_number(b));
        let two = |code| Some(Plan { code, reads: read(&[a, b]), c: 0.0 });
        let with = |code, a, c| Some(Plan { code, reads: read(&[a]), c });
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
            (operation, ..) if operation.arity() == 2 => two(Code::Other(operation)),
            (operation, ..) => with(Code::Other(operation), a, 0.0),
        }
    }
    /// Products that only one sum reads: they are computed in the step of the sum.
    fn absorbed(&self, needed: &[bool]) -> Vec<bool> {
        let n = self.graph.len();
        let (mut reads, mut reader) = (vec![0u32; n], vec![0usize; n]);
        self.outputs.iter().for_each(|o| reads[o.index()] += 2);
        for at in (0..n).filter(|&at| needed[at]) {
            for node in self.step(at).map(|s| s.reads).unwrap_or_default().into_iter().flatten() {
                reads[node.index()] += 1;
                reader[node.index()] = at;
            }
        }
        let mut absorbed = vec![false; n];
        for at in (0..n).filter(|&at| needed[at]) {
            let Some(plan) = self.step(at) else { continue };
            let candidates = match plan.code {
                Code::Add => [plan.reads[1], plan.reads[0]],
                Code::Sub => [plan.reads[1], None],
                _ => continue,
            };
            let product =
                |node: Node| reads[node.index()] == 1 && self.step(node.index()).is_some_and(|s| s.code == Code::Mul);
            if let Some(node) = candidates.into_iter().flatten().find(|node| product(*node)) {
                absorbed[node.index()] = true;
            }
        }
        absorbed
    }
    /// The step that computes a node, with an absorbed product in it.
    fn fused(&self, at: usize, absorbed: &[bool]) -> Option<Plan> {
        let plan = self.step(at)?;
        if !matches!(plan.code, Code::Add | Code::Sub) {
            return Some(plan);
        }
        let [Some(a), Some(b), ..] = plan.reads else { return Some(plan) };
        let (product, other) = match (absorbed[a.index()], absorbed[b.index()]) {
            (_, true) => (b, a),
            (true, _) => (a, b),
            _ => return Some(plan),
        };
        let [Some(x), Some(y), ..] = self.step(product.index())?.reads else { return Some(plan) };
        let code = if plan.code == Code::Add { Code::MulAdd } else { Code::MulSub };
        Some(Plan { code, reads: read(&[x, y, other]), c: 0.0 })
    }
}

/// A step before registers are known: what it does, which nodes it reads, its number.
#[derive(Clone, Copy)]
struct Plan {
    code: Code,
    reads: [Option<Node>; 6],
    c: f64,
}

fn read(nodes: &[Node]) -> [Option<Node>; 6] {
    std::array::from_fn(|k| nodes.get(k).copied())
}
