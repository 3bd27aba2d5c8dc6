//! Which expressions are sums, and of what? Σ cⱼ aⱼ + c₀ with coefficients that read no variable.

use super::graph::{Graph, Item, Node, Operation};
use std::collections::BTreeMap;

/// Σ cⱼ aⱼ + c₀: each a is a variable or what a non-linear operation makes of variables.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sum {
    pub terms: BTreeMap<Node, Node>,
    pub rest: Node,
}

/// The sums in a graph that a non-linear operation reads, or that are one of `roots`, by their places.
pub(super) fn sums(graph: &mut Graph, roots: &[Node]) -> BTreeMap<Node, Sum> {
    let items = graph.items().to_vec();
    let needed = needed(&items, roots);
    let still = still(&items);
    let (zero, one) = (graph.number(0.0), graph.number(1.0));
    // How often each is read by another sum, and whether by anything else.
    let mut reads = vec![0; items.len()];
    let mut wanted = vec![false; items.len()];
    roots.iter().for_each(|root| wanted[root.index()] = true);
    for (item, _) in items.iter().zip(&needed).filter(|(_, needed)| **needed) {
        let added = added(*item, &still);
        for node in item.arguments() {
            match added.contains(&node) {
                true => reads[node.index()] += 1,
                false => wanted[node.index()] = true,
            }
        }
    }
    let mut sums: Vec<Option<Sum>> = vec![None; items.len()];
    for (at, item) in items.iter().enumerate().filter(|(at, _)| needed[*at]) {
        let own = Node::at(at);
        if still[at] {
            sums[at] = Some(Sum { terms: BTreeMap::new(), rest: own });
            continue;
        }
        let mut take = |node: Node| {
            let k = node.index();
            reads[k] = usize::saturating_sub(reads[k], 1);
            // What nobody else reads need not be copied.
            let sum = if reads[k] == 0 && !wanted[k] && !still[k] { sums[k].take() } else { sums[k].clone() };
            sum.unwrap_or(Sum { terms: BTreeMap::new(), rest: zero })
        };
        sums[at] = Some(match *item {
            Item::Apply(Operation::Neg, a, _) => take(a).map(graph, |g, c| g.neg(c)),
            Item::Apply(Operation::Mul, a, b) if still[b.index()] => take(a).map(graph, |g, c| g.mul(c, b)),
            Item::Apply(Operation::Mul, a, b) if still[a.index()] => take(b).map(graph, |g, c| g.mul(c, a)),
            Item::Apply(Operation::Div, a, b) if still[b.index()] => take(a).map(graph, |g, c| g.div(c, b)),
            Item::Apply(Operation::Add, a, b) => {
                let (left, right) = (take(a), take(b));
                left.plus(right, graph)
            }
            Item::Apply(Operation::Sub, a, b) => {
                let (left, right) = (take(a), take(b).map(graph, |g, c| g.neg(c)));
                left.plus(right, graph)
            }
            _ => Sum { terms: BTreeMap::from([(own, one)]), rest: zero },
        });
    }
    let is_sum = |at: usize| needed[at] && wanted[at] && !still[at] && !added(items[at], &still).is_empty();
    let found = sums.into_iter().enumerate().filter(|(at, _)| is_sum(*at));
    found.filter_map(|(at, sum)| Some((Node::at(at), sum?))).collect()
}

impl Sum {
    /// The same with every coefficient replaced. What is multiplied with zero is left out: where it is a number it adds
    /// nothing, and elsewhere more is said to be possible, not less.
    fn map(self, graph: &mut Graph, of: impl Fn(&mut Graph, Node) -> Node) -> Sum {
        let terms: Vec<(Node, Node)> = self.terms.into_iter().map(|(a, c)| (a, of(graph, c))).collect();
        let terms = terms.into_iter().filter(|(_, c)| graph.as_number(*c) != Some(0.0)).collect();
        Sum { terms, rest: of(graph, self.rest) }
    }
    fn plus(self, other: Sum, graph: &mut Graph) -> Sum {
        let rest = graph.add(self.rest, other.rest);
        let (mut terms, fewer) = match self.terms.len() < other.terms.len() {
            true => (other.terms, self.terms),
            false => (self.terms, other.terms),
        };
        for (atom, c) in fewer {
            let sum = terms.get(&atom).map_or(c, |old| graph.add(*old, c));
            match graph.as_number(sum) {
                Some(0.0) => terms.remove(&atom),
                _ => terms.insert(atom, sum),
            };
        }
        Sum { terms, rest }
    }
    /// The sum as an expression; terms with one coefficient are added first. `of` tells what stands for each a.
    pub fn write(&self, graph: &mut Graph, of: impl Fn(Node) -> Node) -> Node {
        let mut groups: Vec<(Node, Node)> = Vec::new();
        // From the last to the first: what was put in the place of many terms leads.
        for (&atom, &c) in self.terms.iter().rev() {
            let (atom, minus) = (of(atom), graph.neg(c));
            match groups.iter_mut().find(|(d, _)| *d == c || *d == minus) {
                Some((d, sum)) if *d == c => *sum = graph.add(*sum, atom),
                Some((_, sum)) => *sum = graph.sub(*sum, atom),
                None => groups.push((c, atom)),
            }
        }
        groups.into_iter().fold(self.rest, |sum, (c, group)| {
            let product = graph.mul(group, c);
            graph.add(sum, product)
        })
    }
}

/// Which nodes the `roots` are made of.
pub(super) fn needed(items: &[Item], roots: &[Node]) -> Vec<bool> {
    let mut needed = vec![false; items.len()];
    roots.iter().for_each(|root| needed[root.index()] = true);
    for at in (0..items.len()).rev() {
        if needed[at] {
            items[at].arguments().iter().for_each(|node| needed[node.index()] = true);
        }
    }
    needed
}

/// Which nodes read no variable.
fn still(items: &[Item]) -> Vec<bool> {
    let mut still: Vec<bool> = Vec::with_capacity(items.len());
    for item in items {
        let stands = !matches!(item, Item::Variable(_)) && item.arguments().iter().all(|node| still[node.index()]);
        still.push(stands);
    }
    still
}

/// The arguments whose sums an operation only adds or multiplies with what reads no variable.
fn added(item: Item, still: &[bool]) -> Vec<Node> {
    match item {
        Item::Apply(Operation::Add | Operation::Sub, a, b) => vec![a, b],
        Item::Apply(Operation::Neg, a, _) => vec![a],
        Item::Apply(Operation::Mul | Operation::Div, a, b) if still[b.index()] => vec![a],
        Item::Apply(Operation::Mul, a, b) if still[a.index()] => vec![b],
        _ => Vec::new(),
    }
}
