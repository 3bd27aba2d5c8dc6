//! Which sums do many equations share? They become variables of their own, so that a search can cut them.
//!
//! In dxᵢ/dt = −xᵢ + φ(w (x₁ + … + xₙ) − θ) no cut of a single x narrows the drive. With s = x₁ + … + xₙ as one more
//! variable, and s − xᵢ for what all others but the i-th send, one cut of s narrows every unit.
//! Every number that such a rewriting puts in the place of another is equal to it as a real number, so enclosures of one
//! enclose the other.

use super::graph::{Graph, Item, Node};
use super::linear::{Sum, needed, sums};
use super::tape::Tape;
use crate::field::{Field, Law, Names, Quantity};
use crate::num::{Interval, Scalar};
use std::collections::{BTreeMap, BTreeSet};

/// A law with sums as its last variables.
struct Lifted {
    names: Names,
    rates: Tape,
    speeds: Tape,
    shapes: Tape,
}

impl Law for Lifted {
    fn law_names(&self) -> &Names {
        &self.names
    }
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        self.rates.eval(x, p, dx);
    }
    fn factored<S: Scalar>(&self, x: &[S], p: &[S], c: &mut [S], g: &mut [S]) {
        self.speeds.eval(x, p, c);
        self.shapes.eval(x, p, g);
    }
}

/// Rates, speeds and shapes with sums as further variables, for the parameters `p`; `None` where nothing is gained.
pub(super) fn lifted(names: &Names, tapes: [&Tape; 3], p: &[Interval]) -> Option<impl Field + use<>> {
    let n = names.variables.len();
    let mut graph = Graph::default();
    let written: Vec<Node> = tapes.iter().flat_map(|tape| tape.write(&mut graph)).collect();
    // Weights with the same value are the same number.
    let fixed = rebuilt(&mut graph, |graph, node, _| match graph.item(node) {
        Item::Parameter(k) if p[k].lo() == p[k].hi() => Some(graph.number(p[k].lo())),
        _ => None,
    });
    let roots: Vec<Node> = written.iter().map(|node| fixed[node.index()]).collect();
    let mut found = sums(&mut graph, &roots);
    let readers = readers(&graph, &found, &roots[2 * n..]);
    let mut given: Vec<Sum> = Vec::new();
    let mut changed = BTreeSet::new();
    while let Some(best) = best(&mut graph, &found, &readers) {
        let s = graph.variable(n + given.len());
        for (&node, sum) in &mut found {
            if let Some(shorter) = best.taken_from(sum, s, &mut graph) {
                *sum = shorter;
                changed.insert(node);
            }
        }
        // Written in the variables alone.
        given.push(best.0);
    }
    if given.is_empty() {
        return None;
    }
    let places: BTreeMap<Node, Node> =
        given.iter().enumerate().map(|(k, _)| (graph.variable(n + k), Node::at(k))).collect();
    let mut whole: Vec<Node> = Vec::new();
    for sum in &given {
        let node = sum.write(&mut graph, |atom| places.get(&atom).map_or(atom, |k| whole[k.index()]));
        whole.push(node);
    }
    let short = rebuilt(&mut graph, |graph, node, made| {
        let sum = found.get(&node).filter(|_| changed.contains(&node))?;
        Some(sum.write(graph, |atom| made.get(atom.index()).copied().unwrap_or(atom)))
    });
    let one = graph.number(1.0);
    let rows: Vec<Node> = (0..given.len())
        .map(|k| {
            let s = graph.variable(n + k);
            graph.sub(whole[k], s)
        })
        .collect();
    let tape = |from: usize, rows: &[Node]| {
        let nodes: Vec<Node> =
            roots[from..from + n].iter().map(|node| short[node.index()]).chain(rows.iter().copied()).collect();
        Tape::new(&graph, &nodes)
    };
    let mut names = names.clone();
    names.variables.extend((0..given.len()).map(|k| Quantity::plain(&format!("sum {k}"), 0.0)));
    Some(Lifted { names, rates: tape(0, &rows), speeds: tape(n, &vec![one; rows.len()]), shapes: tape(2 * n, &rows) })
}

/// Every node again, with something `instead` of some.
fn rebuilt(graph: &mut Graph, mut instead: impl FnMut(&mut Graph, Node, &[Node]) -> Option<Node>) -> Vec<Node> {
    let mut made: Vec<Node> = Vec::with_capacity(graph.len());
    for at in 0..graph.len() {
        let node = Node::at(at);
        let again = instead(graph, node, &made).unwrap_or_else(|| match graph.item(node) {
            Item::Apply(operation, a, b) => {
                let two = [made[a.index()], made[b.index()]];
                graph.apply(operation, &two[..operation.arity()])
            }
            Item::Siegert(six) => graph.siegert(six.map(|k| made[k.index()])),
            _ => node,
        });
        made.push(again);
    }
    made
}

/// How many of the equations read each sum.
fn readers(graph: &Graph, sums: &BTreeMap<Node, Sum>, equations: &[Node]) -> BTreeMap<Node, usize> {
    let mut readers: BTreeMap<Node, usize> = sums.keys().map(|node| (*node, 0)).collect();
    for equation in equations {
        let needed = needed(graph.items(), &[*equation]);
        readers.iter_mut().for_each(|(node, count)| *count += usize::from(needed[node.index()]));
    }
    readers
}

/// A sum that may become a variable.
struct Shared(Sum);

impl Shared {
    /// The factor with which most of its terms stand in a sum, and how many do.
    fn factor(&self, sum: &Sum, one: Node) -> Option<(Node, usize)> {
        let mut counts: BTreeMap<Node, usize> = BTreeMap::new();
        for (atom, own) in &self.0.terms {
            if let Some(factor) = ratio(sum.terms.get(atom), *own, one) {
                *counts.entry(factor).or_default() += 1;
            }
        }
        counts.into_iter().max_by_key(|(factor, count)| (*count, std::cmp::Reverse(*factor)))
    }
    /// How many terms fewer a sum would have.
    fn gain(&self, sum: &Sum, one: Node) -> usize {
        let (_, same) = self.factor(sum, one).unwrap_or((one, 0));
        // 1 for the variable, and those that are not there or stand with another factor.
        let of = self.0.terms.len();
        let other = of - same;
        let there = self.0.terms.keys().filter(|atom| sum.terms.contains_key(*atom)).count();
        there.saturating_sub(1 + other)
    }
    /// A sum with the variable `s` in the place of this one, if it is shorter.
    fn taken_from(&self, sum: &Sum, s: Node, graph: &mut Graph) -> Option<Sum> {
        let one = graph.number(1.0);
        if self.gain(sum, one) == 0 {
            return None;
        }
        let (factor, _) = self.factor(sum, one)?;
        let mut terms = sum.terms.clone();
        for (atom, own) in &self.0.terms {
            let before = terms.remove(atom);
            if ratio(before.as_ref(), *own, one) != Some(factor) {
                let taken = graph.mul(factor, *own);
                let rest = match before {
                    Some(c) => graph.sub(c, taken),
                    None => graph.neg(taken),
                };
                terms.insert(*atom, rest);
            }
        }
        terms.insert(s, factor);
        Some(Sum { terms, rest: sum.rest })
    }
}

/// c/own where that is plain to see.
fn ratio(c: Option<&Node>, own: Node, one: Node) -> Option<Node> {
    match c {
        Some(c) if own == one => Some(*c),
        Some(c) if *c == own => Some(one),
        _ => None,
    }
}

/// The sum that, as a variable, makes all sums together shortest.
fn best(graph: &mut Graph, sums: &BTreeMap<Node, Sum>, readers: &BTreeMap<Node, usize>) -> Option<Shared> {
    let (zero, one) = (graph.number(0.0), graph.number(1.0));
    // What stands with one coefficient, and all that stands in one sum.
    let mut sets: Vec<BTreeMap<Node, Node>> = Vec::new();
    for sum in sums.values() {
        let mut equal: BTreeMap<Node, BTreeMap<Node, Node>> = BTreeMap::new();
        for (atom, c) in &sum.terms {
            equal.entry(*c).or_default().insert(*atom, one);
        }
        for set in equal.into_values().chain([sum.terms.clone()]) {
            if set.len() >= LEAST && !sets.contains(&set) {
                sets.push(set);
            }
        }
    }
    // All others but one: together they are all.
    let units: Vec<_> = sets.iter().filter(|set| set.values().all(|c| *c == one)).cloned().collect();
    sets.extend(units.windows(2).map(|two| two.iter().flatten().map(|(a, c)| (*a, *c)).collect()));
    let gain = |terms: &BTreeMap<Node, Node>| {
        let shared = Shared(Sum { terms: terms.clone(), rest: zero });
        let gains = sums.iter().map(|(node, sum)| readers[node] * shared.gain(sum, one));
        (gains.sum::<usize>().saturating_sub(terms.len()), shared)
    };
    let all = sets.iter().map(gain).filter(|(gain, _)| *gain > 0);
    all.fold(None, |best: Option<(usize, Shared)>, next| match best {
        Some(best) if best.0 >= next.0 => Some(best),
        _ => Some(next),
    })
    .map(|(_, shared)| shared)
}

/// A sum of fewer terms is no variable.
const LEAST: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::graph::Operation;
    use crate::num::Stream;

    /// Units that hear all others through tanh, one of them one more than the rest.
    fn tape(n: usize) -> Tape {
        let mut g = Graph::default();
        let w = g.parameter(0);
        let x: Vec<Node> = (0..n).map(|k| g.variable(k)).collect();
        let heard: Vec<Node> = x.iter().map(|x| g.apply(Operation::Tanh, &[*x])).collect();
        let rates: Vec<Node> = (0..n)
            .map(|i| {
                let others: Vec<Node> = (0..n).filter(|j| *j != i).map(|j| heard[j]).collect();
                let sum = g.total(&others);
                let mut drive = g.mul(w, sum);
                if i == 1 {
                    drive = g.add(drive, heard[3]);
                }
                let drive = g.apply(Operation::Sigmoid, &[drive]);
                g.sub(drive, x[i])
            })
            .collect();
        Tape::new(&g, &rates)
    }

    #[test]
    fn law_rates_with_their_sums_are_the_rates() {
        let (n, mut draw) = (8, Stream::new(3, &[]));
        let rates = tape(n);
        let names =
            Names::new("net", (0..n).map(|k| Quantity::plain(&format!("x{k}"), 0.0)), [Quantity::plain("w", 1.0)]);
        let mut g = Graph::default();
        let ones = vec![g.number(1.0); n];
        let ones = Tape::new(&g, &ones);
        for wide in [0.0, 0.5] {
            let p = [Interval::new(-2.0, -2.0 + wide)];
            let lifted = lifted(&names, [&rates, &ones, &rates], &p).expect("all read one sum");
            assert_eq!(lifted.names().variables.len(), n + 1);
            let x: Vec<f64> = (0..n).map(|_| 4.0 * draw.uniform() - 2.0).collect();
            let sum: f64 = x.iter().map(|x| x.tanh()).sum();
            let (mut dx, x) = (vec![0.0; n + 1], [&x[..], &[sum]].concat());
            lifted.rate(&x, &[-2.0], &mut dx);
            for (a, b) in dx.iter().zip(rates.values(&x[..n], &[-2.0]).iter().chain([&0.0])) {
                assert!((a - b).abs() < 1e-14, "{a} {b}");
            }
        }
    }
}
