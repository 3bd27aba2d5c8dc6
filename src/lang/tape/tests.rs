//! Does a tape compute what its graph says, for every scalar?

use super::*;
use crate::lang::graph::Item;
use crate::num::{Dual, Interval, LANES, Lanes};
use proptest::prelude::*;

/// A random graph: numbers, two variables, two parameters and smooth operations on earlier nodes.
fn grow(recipe: &[(u8, u8, u8)]) -> (Graph, Vec<Node>) {
    let mut g = Graph::default();
    let mut nodes = vec![g.variable(0), g.variable(1), g.parameter(0), g.parameter(1), g.number(0.5), g.number(3.0)];
    for &(op, a, b) in recipe {
        let (a, b) = (nodes[a as usize % nodes.len()], nodes[b as usize % nodes.len()]);
        use Operation::*;
        let one = [Neg, Tanh, Sigmoid, Relu, Erf, Atan, Abs, Powi(2), Powi(3), Softplus];
        let bounded = |g: &mut Graph, node| g.apply(Tanh, &[node]);
        let new = match op % 18 {
            0 | 1 => g.add(a, b),
            2 => g.sub(a, b),
            3 => g.mul(a, b),
            // What is fused: a sum or product in a quotient or product, and a product below the line.
            4 | 5 => {
                let inner = [g.add(a, b), g.sub(a, b), g.mul(a, b)][op as usize / 18 % 3];
                let one = g.number(1.0);
                let [below, other] = [a, b].map(|node| g.apply(Powi(2), &[node])).map(|node| g.add(node, one));
                let node = match op % 18 {
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
                let sum = (0..op as usize / 18).fold(a, |sum, k| {
                    let product = g.mul(nodes[(last + 7 * k) % nodes.len()], nodes[(last + k) % nodes.len()]);
                    if k % 5 == 4 { g.sub(sum, product) } else { g.add(sum, product) }
                });
                bounded(&mut g, sum)
            }
            // Three operations in one step.
            17 => {
                let (c, d) = (nodes[0], nodes[nodes.len() / 2]);
                let node = three(&mut g, op as usize / 18, [a, b, c, d]);
                bounded(&mut g, node)
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
/// Three operations that are one step, by number.
fn three(g: &mut Graph, which: usize, [a, b, c, d]: [Node; 4]) -> Node {
    let (sum, difference, product, square) = (g.add(a, b), g.sub(a, b), g.mul(a, b), g.apply(Operation::Powi(2), &[a]));
    match which % 9 {
        0 => {
            let other = g.mul(c, d);
            g.sub(product, other)
        }
        1 => {
            let rest = g.sub(sum, c);
            g.mul(rest, d)
        }
        2 => {
            let inner = g.mul(difference, c);
            g.mul(inner, d)
        }
        3 => {
            let factor = g.mul(c, d);
            g.mul(difference, factor)
        }
        4 => {
            let inner = g.add(c, product);
            g.div(inner, d)
        }
        5 => {
            let inner = g.sub(c, product);
            g.div(inner, d)
        }
        6 => g.div(square, b),
        7 => {
            let quotient = g.div(square, b);
            let inner = g.sub(quotient, c);
            g.div(inner, d)
        }
        _ => {
            // Read again elsewhere, so that nothing may be absorbed.
            let inner = g.mul(difference, c);
            let outer = g.mul(inner, d);
            g.add(outer, inner)
        }
    }
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
            // A divisor that is zero leaves nothing to compare.
            let near = (v - d.v).abs() <= 1e-12 * (1.0 + v.abs()) && b.contains(*v);
            prop_assert!(near || (v.is_nan() && d.v.is_nan()), "{v} {d:?} {b:?}");
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

#[test]
fn law_three_operations_are_one_step_with_three_roundings() {
    for which in 0..9 {
        let mut g = Graph::default();
        let four = [g.variable(0), g.variable(1), g.parameter(0), g.parameter(1)];
        let node = three(&mut g, which, four);
        // An output twice, a variable and a number as outputs: what is computed, and what is only copied.
        let number = g.number(0.25);
        let outputs = [node, four[1], node, number];
        let tape = Tape::new(&g, &outputs);
        assert_eq!(tape.len(), if which == 8 { 2 } else { 1 }, "{which}");
        let (x, p) = ([1.0 / 3.0, -0.7], [1.1, std::f64::consts::PI]);
        assert_eq!(tape.values(&x, &p), plain(&g, &outputs, &x, &p), "{which}");
        let lanes = [x, p].map(|v| v.map(|v| Lanes([v; LANES])));
        let mut out = [Lanes([f64::NAN; LANES]); 4];
        tape.eval(&lanes[0], &lanes[1], &mut out);
        assert_eq!(out.map(|o| o.0[7]).to_vec(), plain(&g, &outputs, &x, &p), "{which}");
    }
}

/// e^5.2 x: the power is no step, an interval holds its exact value, and a file written from the tape has it again.
#[test]
fn theory_an_expression_of_numbers_alone_is_evaluated_once() {
    let mut g = Graph::default();
    let (x, exponent) = (g.variable(0), g.number(5.2));
    let power = g.apply(Operation::Exp, &[exponent]);
    let product = g.mul(power, x);
    let tape = Tape::new(&g, &[product, power]);
    assert_eq!(tape.len(), 1);
    assert_eq!(tape.values(&[2.0], &[]), [2.0 * 5.2_f64.exp(), 5.2_f64.exp()]);
    let mut boxes = [Interval::ENTIRE; 2];
    tape.eval(&[Interval::point(1.0)], &[], &mut boxes);
    // e^5.2 for the f64 nearest to 5.2 is 181.27224187515121157…
    assert!(
        boxes.iter().all(|b| b.lo() < b.hi() && b.contains(181.272_241_875_151_21) && b.width() < 1e-12),
        "{boxes:?}"
    );
    let mut slope = [Dual::fixed(0.0); 2];
    tape.eval(&[Dual::variable(2.0)], &[], &mut slope);
    assert_eq!((slope[0].d, slope[1].d), (5.2_f64.exp(), 0.0));
    let (again, roots) = tape.graph();
    assert_eq!(Tape::new(&again, &roots).values(&[2.0], &[]), tape.values(&[2.0], &[]));
    assert!(again.items().iter().any(|item| matches!(item, Item::Apply(Operation::Exp, ..))));
}

/// 1/(1 + e^x) and ln(1 + e^x) as equations write them: one step, the operations that they are for plain numbers, and over
/// a box slopes that no product of enclosures gives, up to 1/4 and up to 1.
#[test]
fn theory_a_logistic_function_as_written_has_a_sharp_slope_over_a_box() {
    let mut g = Graph::default();
    let (x, one) = (g.variable(0), g.number(1.0));
    let power = g.apply(Operation::Exp, &[x]);
    let sum = g.add(one, power);
    let (falling, soft) = (g.div(one, sum), g.apply(Operation::Ln, &[sum]));
    for (root, steepest, lowest) in [(falling, -0.25, -0.25), (soft, 1.0, 0.0)] {
        let tape = Tape::new(&g, &[root]);
        assert_eq!(tape.len(), 1);
        let sum = 0.3_f64.exp() + 1.0;
        assert_eq!(tape.values(&[0.3], &[]), [if root == soft { sum.ln() } else { 1.0 / sum }]);
        let mut slope = [Dual::fixed(Interval::ENTIRE)];
        tape.eval(&[Dual::variable(Interval::new(-5.0, 6.0))], &[], &mut slope);
        let d = slope[0].d;
        assert!(d.mag() < f64::abs(steepest) + 1e-12 && d.lo() > lowest - 1e-12, "{d:?}");
        // σ(−5) = 0.00669…, σ'(6) = 0.002466…
        let (near, far) = if root == soft { (0.006_7, 0.997_5) } else { (-0.002_467, -0.249) };
        assert!(d.contains(near) && d.contains(far), "{d:?}");
        let (again, roots) = tape.graph();
        assert_eq!(Tape::new(&again, &roots), tape);
    }
    // Where the sum is read twice it is computed once.
    assert_eq!(Tape::new(&g, &[falling, soft]).len(), 4);
}
