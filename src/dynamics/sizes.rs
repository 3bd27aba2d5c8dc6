//! How large are the variables of a result, so that what is zero but for rounding can be told from what is small?
//!
//! A variable is as large as it or another one of its dimension gets in the result, or as where it usually starts. What
//! [`vanishes`](crate::num::vanishes) beside that is shown as zero, but only where zero would do as well: in most of these
//! states zero is at rest in the variable's own equation, or makes no difference there that outlives rounding (both
//! enclosed by intervals). So a difference of two equal units that is left at 1e-108 is zero, and the probability 1e-30 of
//! a state that is entered at that rate is not.

use crate::field::Field;
use crate::num::{Interval, vanishes};

/// How large each variable is over these states of a field, each with its parameters (coherent units); zero for those whose
/// smallest values have a meaning.
pub fn sizes(field: &dyn Field, states: impl IntoIterator<Item = (Vec<f64>, Vec<f64>)>) -> Vec<f64> {
    let states: Vec<_> = states.into_iter().collect();
    let variables = &field.names().variables;
    let mut own: Vec<f64> = variables.iter().map(|q| q.value.abs()).collect();
    for (_, x) in &states {
        own.iter_mut().zip(x).for_each(|(size, v)| *size = size.max(v.abs()));
    }
    let alike = |i: usize| (0..own.len()).filter(move |&j| variables[j].unit.same_dimension(&variables[i].unit));
    let mut sizes: Vec<f64> = (0..own.len()).map(|i| alike(i).map(|j| own[j]).fold(0.0, f64::max)).collect();
    // In how many states each variable is that small, and in how many of them zero would not do.
    let mut counts = vec![(0, 0); own.len()];
    for (p, x) in &states {
        let tiny: Vec<usize> = (0..x.len()).filter(|&i| x[i] != 0.0 && vanishes(x[i], sizes[i])).collect();
        if tiny.is_empty() {
            continue;
        }
        let mut without = x.clone();
        tiny.iter().for_each(|&i| without[i] = 0.0);
        let (rates, rates_without) = (enclosed(field, p, x), enclosed(field, p, &without));
        for i in tiny {
            let wrong = !rates_without[i].contains(0.0) && rates[i].intersect(rates_without[i]).is_none();
            counts[i] = (counts[i].0 + 1, counts[i].1 + usize::from(wrong));
        }
    }
    // What decays to zero together is seen to contradict only while some of it is no longer and some is still counted.
    for (size, (tiny, wrong)) in sizes.iter_mut().zip(counts) {
        if tiny > 0 && 2 * wrong >= tiny {
            *size = 0.0;
        }
    }
    sizes
}

/// An enclosure of dx/dt at a state.
fn enclosed(field: &dyn Field, p: &[f64], x: &[f64]) -> Vec<Interval> {
    let points = |v: &[f64]| v.iter().map(|&v| Interval::point(v)).collect::<Vec<_>>();
    let mut rates = vec![Interval::ENTIRE; x.len()];
    field.interval(&points(x), &points(p), &mut rates);
    rates
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::{Law, Names, Quantity, Unit};
    use crate::num::Scalar;

    /// Two equal units by mean m and difference d, and a state o that is entered at the rate p.
    struct Units(Names);
    impl Units {
        fn new(unit: Unit) -> Self {
            let quantity = |name| Quantity { unit: unit.clone(), ..Quantity::plain(name, 0.0) };
            let variables = [quantity("m"), quantity("d"), Quantity::plain("o", 0.0)];
            Units(Names::new("units", variables, [Quantity::plain("p", 1e-30)]))
        }
    }
    impl Law for Units {
        fn law_names(&self) -> &Names {
            &self.0
        }
        fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
            let (a, b) = (x[0] + x[1], x[0] - x[1]);
            dx[0] = S::constant(1.0) - x[0];
            dx[1] = a.tanh() - b.tanh() - x[1] * 0.5;
            dx[2] = p[0] * (S::constant(1.0) - x[2]) - x[2];
        }
    }

    #[test]
    fn theory_what_the_symmetry_keeps_at_zero_is_zero_and_what_is_entered_rarely_is_not() {
        let of = |unit: Unit, x: [f64; 3]| sizes(&Units::new(unit), [(vec![1e-30], x.to_vec())]);
        for d in [1e-108, -3e-17, 5e-324] {
            assert_eq!(of(Unit::NONE, [1.0, d, 1e-30]), [1.0, 1.0, 0.0]);
        }
        // Another dimension says nothing about its size, and a value of its own says it.
        assert_eq!(of(Unit::SECOND, [1.0, 1e-12, 1e-30]), [1.0, 1.0, 1e-30]);
        assert!(!vanishes(1e-12, 1.0) && !vanishes(1e-30, 1e-30));
    }

    #[test]
    fn theory_what_decays_to_zero_is_zero_in_the_end_and_what_is_filled_at_a_tiny_rate_is_not() {
        let field = Units::new(Unit::NONE);
        let decay = (0..100).map(|t| {
            let (d, o) = (1e-3 * (-f64::from(t)).exp(), 1e-30 * (1.0 - (-f64::from(t)).exp()));
            (vec![1e-30], vec![1.0, d, o])
        });
        assert_eq!(sizes(&field, decay), [1.0, 1.0, 0.0]);
    }

    #[test]
    fn theory_a_variable_on_its_way_through_zero_is_zero_there() {
        // dm/dt is 1 with and without what is left of m.
        let found =
            sizes(&Units::new(Unit::NONE), [(vec![1e-30], vec![1e-17, 0.0, 0.0]), (vec![1e-30], vec![2.0, 0.0, 0.0])]);
        assert_eq!(found, [2.0; 3]);
    }
}
