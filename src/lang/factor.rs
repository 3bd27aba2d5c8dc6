//! Which part of a right-hand side is only its speed? c in dx/dt = c(p) g(x; p), a factor made of parameters.
//!
//! Time constants stand in such a factor. They move no fixed point, which a proof over a range of a time constant has to
//! know: an interval that is read twice forgets that it is one number.

use super::graph::{Graph, Item, Node, Operation};

/// (c, g) of every expression f = c g among `wanted`: c reads no variable, and is what stands around f or is common to
/// both sides of a sum.
pub(crate) fn factors(graph: &mut Graph, wanted: &[Node]) -> Vec<(Node, Node)> {
    let one = graph.number(1.0);
    // Arguments stand before what uses them, so one pass from below meets no expression twice.
    let items = graph.items().to_vec();
    let mut still: Vec<bool> = Vec::with_capacity(items.len());
    let mut parts: Vec<(Node, Node)> = Vec::with_capacity(items.len());
    for (at, item) in items.iter().enumerate() {
        let of = |node: Node| still[node.index()];
        let own = Node::at(at);
        let (stands, part) = match *item {
            Item::Number(_) | Item::Parameter(_) => (true, (one, own)),
            Item::Variable(_) => (false, (one, own)),
            Item::Siegert(six) => (six.iter().all(|node| of(*node)), (one, own)),
            Item::Apply(_, a, b) if of(a) && of(b) => (true, (one, own)),
            Item::Apply(operation, a, b) => {
                let ((ca, ga), (cb, gb)) = (parts[a.index()], parts[b.index()]);
                let part = match operation {
                    Operation::Neg => (ca, graph.neg(ga)),
                    Operation::Div if of(b) => (graph.div(ca, b), ga),
                    Operation::Mul if of(a) => (graph.mul(cb, a), gb),
                    Operation::Mul if of(b) => (graph.mul(ca, b), ga),
                    Operation::Add | Operation::Sub if ca == cb => (ca, graph.apply(operation, &[ga, gb])),
                    _ => (one, own),
                };
                (false, part)
            }
        };
        still.push(stands);
        parts.push(part);
    }
    wanted.iter().map(|node| parts[node.index()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn factor(graph: &mut Graph, f: Node) -> (Node, Node) {
        factors(graph, &[f])[0]
    }

    #[test]
    fn theory_what_stands_around_a_rate_is_its_speed() {
        let mut g = Graph::default();
        let (x, u, tau, k) = (g.variable(0), g.parameter(0), g.parameter(1), g.parameter(2));
        let gap = g.sub(u, x);
        // (u − x)/τ, k (u − x)/τ, and (u − x)/τ + x²/τ.
        let plain = g.div(gap, tau);
        let one = g.number(1.0);
        let rate = g.div(one, tau);
        assert_eq!(factor(&mut g, plain), (rate, gap));
        let weighted = g.mul(k, gap);
        let weighted = g.div(weighted, tau);
        let speed = g.div(k, tau);
        assert_eq!(factor(&mut g, weighted), (speed, gap));
        let square = g.mul(x, x);
        let more = g.div(square, tau);
        let sum = g.add(plain, more);
        let inner = g.add(gap, square);
        assert_eq!(factor(&mut g, sum), (rate, inner));
    }

    #[test]
    fn law_terms_with_speeds_of_their_own_stay_together() {
        let mut g = Graph::default();
        let (x, a, b) = (g.variable(0), g.parameter(0), g.parameter(1));
        let (fast, slow) = (g.div(x, a), g.div(x, b));
        let sum = g.add(fast, slow);
        let one = g.number(1.0);
        assert_eq!(factor(&mut g, sum), (one, sum));
        // A variable in the denominator is no speed, and what is only parameters is no speed of anything.
        let through = g.div(a, x);
        assert_eq!(factor(&mut g, through), (one, through));
        let alone = g.div(a, b);
        assert_eq!(factor(&mut g, alone), (one, alone));
    }
}
