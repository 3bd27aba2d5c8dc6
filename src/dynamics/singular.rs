//! Can a box hold a fixed point that ends, meets another one or crosses the border while a parameter moves?
//!
//! It cannot if over a neighbourhood of the box, for the whole range of the parameter, every Jacobian is regular and f does
//! not jump along the parameter, and if no fixed point of the box is on the border of the region. Then f takes no value
//! twice there, so for each value of the parameter the box holds one zero at most. And a zero goes on: a continuous
//! map that takes no value twice is open (Brouwer's invariance of domain), so its degree at the zero is ±1, and near values
//! of the parameter have a zero near it. Both need only a Lipschitz f, so they hold across kinks too.
//!
//! Otherwise the box is narrowed to what f(x; p) ∈ f(c; p₀) + ∂f/∂x (x − c) + ∂f/∂p (p − p₀) leaves of it.

use super::contract::{Left, Rest, contract, smear, sweep};
use super::system::{System, finite, inverse, middle, precondition, regular};
use crate::num::Interval;

/// A box that shrinks to less than this share is looked at once more as it is.
const SHRUNK: f64 = 0.3;

/// What became of a box.
pub(super) enum Seen {
    /// No fixed point.
    Empty,
    /// One at most for each value of the parameters, which goes on over all of them.
    Single(Vec<Interval>),
    /// Neither is proven; which share of what the equations spread over the box is due to the parameters.
    Open(Left, f64),
}

/// Look at one box of `space`.
pub(super) fn close_look(sys: &System, mut x: Vec<Interval>, space: &[Interval]) -> Seen {
    let n = sys.n;
    loop {
        // A fixed point on a side of the box goes on outside of it, but not outside of the region.
        let wider = |i: &Interval| Interval::new(i.lo().next_down(), i.hi().next_up());
        let around: Vec<Interval> = x.iter().zip(space).map(|(i, s)| wider(i).intersect(*s).unwrap_or(*i)).collect();
        let widths: Vec<f64> = around.iter().map(|i| i.width()).collect();
        let (value, jacobian, pushes) = sys.spread(&around);
        if value.iter().any(|v| !v.contains(0.0)) {
            return Seen::Empty;
        }
        let smear = smear(&jacobian, &widths, n);
        let defined = finite(&value);
        let left = |x| Left { x, alone: false, defined, smear, gap: None };
        if !(defined && finite(&jacobian) && pushes.iter().all(|push| finite(push))) {
            return Seen::Open(left(x), 0.0);
        }
        let better = inverse(&middle(&jacobian), n).map(|y| (precondition(&y, &jacobian, n), y));
        if better.as_ref().is_some_and(|(a, _)| regular(a, &widths, n)) && !on_border(sys, &x, space) {
            return Seen::Single(x);
        }
        let c = middle(&x);
        let at_middle = sys.at_state_from(&c, pushes);
        let values = at_middle.value();
        let before: f64 = x.iter().map(|i| i.width()).product();
        if !sweep(&jacobian, &values, &c, &mut x, n) {
            return Seen::Empty;
        }
        if let Some((a, y)) = better
            && !sweep(&a, &at_middle.times(&y), &c, &mut x, n)
        {
            return Seen::Empty;
        }
        let after: f64 = x.iter().map(|i| i.width()).product();
        // Not less either where the product underflows.
        if after.partial_cmp(&(SHRUNK * before)).is_none_or(|order| order.is_ge()) {
            return Seen::Open(left(x), blurred(&jacobian, &values, &widths, n));
        }
    }
}

/// May a fixed point in the box `x` lie on the border of `space`?
fn on_border(sys: &System, x: &[Interval], space: &[Interval]) -> bool {
    let open = |i: usize, border: f64| {
        let mut side = x.to_vec();
        side[i] = Interval::point(border);
        matches!(contract(sys, side), Rest::Open(_))
    };
    (0..sys.n).any(|i| {
        let (x, s) = (x[i], space[i]);
        (x.lo() <= s.lo() && open(i, s.lo())) || (x.hi() >= s.hi() && open(i, s.hi()))
    })
}

/// The part of the parameters, which spread the equations at the middle of a box, in their spread over all of it.
fn blurred(jacobian: &[Interval], at_middle: &[Interval], widths: &[f64], n: usize) -> f64 {
    let share = |i: usize| {
        let by_state: f64 = (0..n).map(|j| jacobian[i * n + j].mag() * widths[j]).sum();
        at_middle[i].width() / (at_middle[i].width() + by_state).max(f64::MIN_POSITIVE)
    };
    (0..n).map(share).sum::<f64>() / n as f64
}
