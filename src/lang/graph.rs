//! What has to be computed, and only once? The equations as a graph in which equal expressions are one node.
//!
//! **What a literal means.** `0.1` means the `f64` nearest to it, exactly. Constants are folded only where the result is
//! exact (`2*3`, `1/4`, not `1/3`): an unfolded `1/3` is divided again by every scalar, so an interval evaluation encloses
//! the exact value of the written expression over those literals, and all scalars compute the same function.
//!
//! **What is simplified.** x + 0, x − 0, 1·x, x/1, −(−x), x¹, x⁰, x + (−y), (−1)·x: identities that hold for every value,
//! NaN and infinities included (up to the sign of a zero). x − x, 0·x and x/x stay: they are NaN where x is.
//! Sums and products are ordered before they are shared, because a + b and b + a are the same number.

use std::collections::HashMap;

/// An expression in a [`Graph`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node(u32);

impl Node {
    pub(super) fn at(index: usize) -> Node {
        Node(index as u32)
    }
    /// The place in the graph: arguments stand before what uses them.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// The operations that a tape runs; the second argument is missing (or a number) for those with one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)]
pub enum Operation {
    Add,
    Sub,
    Mul,
    Div,
    /// a^b with a variable exponent; a must not be negative.
    Powf,
    Max,
    Min,
    /// ∫ₐᵇ erfcx(−u) du.
    ErfcxIntegral,
    /// aᵇ/(aᵇ + 1).
    Hill,
    Neg,
    Exp,
    Ln,
    Sqrt,
    Tanh,
    Erf,
    Erfcx,
    /// The standard normal distribution function.
    Phi,
    Sin,
    Cos,
    Atan,
    Sigmoid,
    Softplus,
    Relu,
    Step,
    Abs,
    /// a^n, n a whole number.
    Powi(i32),
    /// a^c, c the constant with these bits; a must not be negative.
    Powc(u64),
}

impl Operation {
    /// How many arguments it has.
    pub fn arity(self) -> usize {
        if self <= Operation::Hill { 2 } else { 1 }
    }
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Item {
    /// A number, by its bits.
    Number(u64),
    /// The variable with this place in x.
    Variable(usize),
    /// The parameter with this place in p.
    Parameter(usize),
    /// An operation; for one argument the second node repeats the first.
    Apply(Operation, Node, Node),
    /// The Siegert rate of (mu, sigma, tau_m, tau_ref, theta, v_reset).
    Siegert([Node; 6]),
}

impl Item {
    /// The nodes that it reads.
    pub(super) fn arguments(&self) -> Vec<Node> {
        match self {
            Item::Apply(operation, a, b) => [*a, *b][..operation.arity()].to_vec(),
            Item::Siegert(six) => six.to_vec(),
            _ => Vec::new(),
        }
    }
}

/// Expressions with shared parts.
///
/// ```
/// use homeostat::lang::graph::{Graph, Operation};
/// let mut g = Graph::default();
/// let (x, p) = (g.variable(0), g.parameter(0));
/// let (a, b) = (g.mul(x, p), g.mul(p, x));
/// assert_eq!(a, b);
/// let root = g.apply(Operation::Sqrt, &[a]);
/// assert_eq!(homeostat::lang::tape::Tape::new(&g, &[root]).values(&[8.0], &[2.0]), [4.0]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Graph {
    items: Vec<Item>,
    known: HashMap<Item, Node>,
}

impl Graph {
    /// What a node is.
    pub fn item(&self, node: Node) -> Item {
        self.items[node.index()]
    }
    /// All nodes in order.
    pub(crate) fn items(&self) -> &[Item] {
        &self.items
    }
    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.items.len()
    }
    /// Is there no node yet?
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
    fn share(&mut self, item: Item) -> Node {
        *self.known.entry(item).or_insert_with(|| {
            self.items.push(item);
            // A graph of 2³² nodes does not fit into memory.
            Node(self.items.len() as u32 - 1)
        })
    }
    /// A number.
    pub fn number(&mut self, value: f64) -> Node {
        self.share(Item::Number(value.to_bits()))
    }
    /// A variable by its place.
    pub fn variable(&mut self, place: usize) -> Node {
        self.share(Item::Variable(place))
    }
    /// A parameter by its place.
    pub fn parameter(&mut self, place: usize) -> Node {
        self.share(Item::Parameter(place))
    }
    /// The number a node is, if it is one.
    pub fn as_number(&self, node: Node) -> Option<f64> {
        match self.item(node) {
            Item::Number(bits) => Some(f64::from_bits(bits)),
            _ => None,
        }
    }
    /// a + b.
    pub fn add(&mut self, a: Node, b: Node) -> Node {
        self.apply(Operation::Add, &[a, b])
    }
    /// a − b.
    pub fn sub(&mut self, a: Node, b: Node) -> Node {
        self.apply(Operation::Sub, &[a, b])
    }
    /// a b.
    pub fn mul(&mut self, a: Node, b: Node) -> Node {
        self.apply(Operation::Mul, &[a, b])
    }
    /// a/b.
    pub fn div(&mut self, a: Node, b: Node) -> Node {
        self.apply(Operation::Div, &[a, b])
    }
    /// −a.
    pub fn neg(&mut self, a: Node) -> Node {
        self.apply(Operation::Neg, &[a])
    }
    /// a^b: a whole constant exponent stays exact, ½ is the square root.
    pub fn pow(&mut self, a: Node, b: Node) -> Node {
        match self.as_number(b) {
            Some(n) if n == n.round() && n.abs() <= 1_000_000.0 => self.apply(Operation::Powi(n as i32), &[a]),
            Some(0.5) => self.apply(Operation::Sqrt, &[a]),
            Some(c) => self.apply(Operation::Powc(c.to_bits()), &[a]),
            None => self.apply(Operation::Powf, &[a, b]),
        }
    }
    /// The sum of all; zero if there are none.
    pub fn total(&mut self, terms: &[Node]) -> Node {
        match terms.split_first() {
            None => self.number(0.0),
            Some((first, rest)) => rest.iter().fold(*first, |sum, term| self.add(sum, *term)),
        }
    }
    /// The Siegert rate of (mu, sigma, tau_m, tau_ref, theta, v_reset).
    pub fn siegert(&mut self, arguments: [Node; 6]) -> Node {
        self.share(Item::Siegert(arguments))
    }
    /// An operation on one or two nodes.
    ///
    /// # Panics
    /// If the number of arguments is not that of the operation: a mistake in this program.
    pub fn apply(&mut self, operation: Operation, arguments: &[Node]) -> Node {
        assert_eq!(arguments.len(), operation.arity(), "arguments of {operation:?}");
        let (mut a, mut b) = (arguments[0], arguments[arguments.len() - 1]);
        if let Some(simple) = self.simplified(operation, a, b) {
            return simple;
        }
        let symmetric = matches!(operation, Operation::Add | Operation::Mul | Operation::Max | Operation::Min);
        if symmetric && a > b {
            (a, b) = (b, a);
        }
        self.share(Item::Apply(operation, a, b))
    }
    fn simplified(&mut self, operation: Operation, a: Node, b: Node) -> Option<Node> {
        use Operation::*;
        let (x, y) = (self.as_number(a), self.as_number(b));
        if let Some(value) = x.zip(y).and_then(|(x, y)| exact(operation, x, y)) {
            return Some(self.number(value));
        }
        let negated = |node: Node| match self.item(node) {
            Item::Apply(Neg, inner, _) => Some(inner),
            _ => None,
        };
        match operation {
            Add if y == Some(0.0) => Some(a),
            Add if x == Some(0.0) => Some(b),
            Add => match (negated(a), negated(b)) {
                (_, Some(inner)) => Some(self.sub(a, inner)),
                (Some(inner), None) => Some(self.sub(b, inner)),
                _ => None,
            },
            Sub if y == Some(0.0) => Some(a),
            Sub if x == Some(0.0) => Some(self.neg(b)),
            Sub => negated(b).map(|inner| self.add(a, inner)),
            Mul if y == Some(1.0) => Some(a),
            Mul if x == Some(1.0) => Some(b),
            Mul if y == Some(-1.0) => Some(self.neg(a)),
            Mul if x == Some(-1.0) => Some(self.neg(b)),
            Div if y == Some(1.0) => Some(a),
            Neg => negated(a),
            Powi(0) => Some(self.number(1.0)),
            Powi(1) => Some(a),
            _ => None,
        }
    }
}

/// The value of an operation on numbers where rounding plays no part in it; `None` elsewhere.
fn exact(operation: Operation, x: f64, y: f64) -> Option<f64> {
    use Operation::*;
    // Products of very small numbers would hide their rounding error below the smallest number.
    let sure = |v: f64, error: f64| (v.is_finite() && error == 0.0 && (v == 0.0 || v.abs() > 1e-250)).then_some(v);
    match operation {
        Neg => Some(-x),
        Add | Sub => {
            let y = if operation == Add { y } else { -y };
            let sum = x + y;
            // Knuth's error of a sum.
            let back = sum - x;
            sure(sum, (x - (sum - back)) + (y - back))
        }
        Mul if x == 0.0 || y == 0.0 => (x.is_finite() && y.is_finite()).then_some(0.0),
        Mul => sure(x * y, x.mul_add(y, -(x * y))),
        Div if y == 0.0 || (x != 0.0 && x.abs() < 1e-250) => None,
        Div => sure(x / y, (x / y).mul_add(y, -x)),
        Sqrt if x >= 0.0 && (x == 0.0 || x > 1e-250) => sure(x.sqrt(), x.sqrt().mul_add(x.sqrt(), -x)),
        Powi(n @ 2..=64) => (1..n).try_fold(x, |power, _| exact(Mul, power, x)),
        Abs => Some(x.abs()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn theory_only_exact_constants_are_folded() {
        let mut g = Graph::default();
        let n: Vec<Node> = [1.0, 2.0, 3.0, 4.0, 0.1, 0.2].into_iter().map(|v| g.number(v)).collect();
        let quarter = g.div(n[0], n[3]);
        assert_eq!(g.as_number(quarter), Some(0.25));
        let nine = g.pow(n[2], n[1]);
        assert_eq!(g.as_number(nine), Some(9.0));
        let third = g.div(n[0], n[2]);
        assert_eq!(g.as_number(third), None);
        // 0.1 + 0.2 is rounded in f64.
        let sum = g.add(n[4], n[5]);
        assert_eq!(g.as_number(sum), None);
    }

    #[test]
    fn law_what_may_be_nan_stays() {
        let mut g = Graph::default();
        let (x, zero, one) = (g.variable(0), g.number(0.0), g.number(1.0));
        for kept in [g.sub(x, x), g.mul(x, zero), g.div(x, x), g.div(one, zero)] {
            assert!(matches!(g.item(kept), Item::Apply(..)));
        }
        let same = [g.add(x, zero), g.mul(one, x), g.div(x, one), g.sub(x, zero), g.pow(x, one)];
        assert_eq!(same, [x; 5]);
        let minus = g.neg(x);
        assert_eq!(g.neg(minus), x);
        let y = g.variable(1);
        let (a, b) = (g.add(y, minus), g.sub(y, x));
        assert_eq!(a, b);
    }
}
