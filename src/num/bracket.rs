//! Where between two ends of unlike sign is a function zero? Regula falsi that does not stick to one end.
//!
//! The Illinois method: an end that stays for a second time counts half. The order of convergence is 1.44, and the zero
//! stays between the ends (Dowell and Jarratt 1971). What has not become half as wide in three steps is halved.
//!
//! ```
//! use homeostat::num::Bracket;
//! let f = |x: f64| x * x - 2.0;
//! let mut bracket = Bracket::new((1.0, f(1.0)), (2.0, f(2.0))).expect("the signs differ");
//! while bracket.width() > 1e-12 {
//!     let x = bracket.next();
//!     if f(x).abs() < 1e-15 {
//!         break;
//!     }
//!     bracket.narrow(x, f(x));
//! }
//! assert!((bracket.next() - 2f64.sqrt()).abs() < 1e-12);
//! ```

/// Two places at which a function has unlike signs.
#[derive(Clone, Copy, Debug)]
pub struct Bracket {
    /// Places with the values there, as they count.
    ends: [(f64, f64); 2],
    /// Which end was moved last.
    moved: Option<usize>,
    /// The widths before the last three steps.
    before: [f64; 3],
}

impl Bracket {
    /// From two places with the values there; `None` unless the signs differ.
    pub fn new(low: (f64, f64), high: (f64, f64)) -> Option<Self> {
        (low.1 * high.1 < 0.0).then_some(Bracket { ends: [low, high], moved: None, before: [f64::INFINITY; 3] })
    }
    /// Where to look next.
    pub fn next(&self) -> f64 {
        let [(a, fa), (b, fb)] = self.ends;
        let at = a + (b - a) * (fa / (fa - fb));
        let slow = self.width() > 0.5 * self.before[0];
        if at > a.min(b) && at < a.max(b) && !slow { at } else { 0.5 * (a + b) }
    }
    /// Takes in the value that was found at a place in between.
    pub fn narrow(&mut self, at: f64, value: f64) {
        self.before = [self.before[1], self.before[2], self.width()];
        let end = usize::from(value * self.ends[0].1 < 0.0);
        self.ends[end] = (at, value);
        if self.moved == Some(end) {
            self.ends[1 - end].1 *= 0.5;
        }
        self.moved = Some(end);
    }
    /// How far the ends are apart.
    pub fn width(&self) -> f64 {
        (self.ends[1].0 - self.ends[0].0).abs()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A straight line is met at once, x³ − 0.1 in a dozen steps; bisection needs 47 for each.
    #[test]
    fn law_the_zero_stays_between_the_ends_and_is_met_soon() {
        for (f, zero, steps) in [
            (&(|x: f64| 3.0 * x - 1.0) as &dyn Fn(f64) -> f64, 1.0 / 3.0, 2),
            (&|x| x.powi(3) - 0.1, 0.1f64.cbrt(), 12),
            (&|x| (20.0 * x).exp() - 5.0, 5f64.ln() / 20.0, 24),
        ] {
            let mut bracket = Bracket::new((0.0, f(0.0)), (1.0, f(1.0))).unwrap();
            let mut used = 0;
            while (bracket.next() - zero).abs() > 1e-14 {
                let at = bracket.next();
                bracket.narrow(at, f(at));
                used += 1;
                assert!(used <= steps, "{zero}: {bracket:?}");
                let [low, high] = bracket.ends;
                assert!(low.0 <= zero && zero <= high.0);
            }
        }
        assert!(Bracket::new((0.0, 1.0), (1.0, 2.0)).is_none());
    }
}
