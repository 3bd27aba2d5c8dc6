//! Did a test change its sign twice within a step, so that its ends look as if nothing had happened?
//!
//! Through three neighbouring points a parabola is laid; where its vertex comes near zero or beyond, the branch is asked
//! there. Two folds or two Hopf points within one step are seen that way, unless the test is far from a parabola.

use super::detect::Found;
use super::walker::{Here, Marked, Trace, Walker};

/// A vertex farther from zero than this share of its neighbours is no reason to look.
const NEAR: f64 = 0.25;

impl Walker<'_> {
    /// What happened twice since the last point but one and left no trace in the signs. What lies before the last point of
    /// the trace is added to it; what lies between the point that is added behind it and `next` is the answer.
    pub(super) fn twins(&self, trace: &mut Trace, next: &Here) -> Vec<Found> {
        let [.., beside, here] = &trace.points[..] else { return Vec::new() };
        let last = trace.points.len() - 1;
        let mark = |after: usize| move |(event, z)| Marked { event, z, after };
        if let Some(middle) = self.between_twins(next, beside, here) {
            let seen = trace.marks.iter().any(|m| m.after == last);
            if let Some([first, second]) = self.pieces(beside, &middle, here).filter(|_| !seen) {
                trace.marks.extend(first.into_iter().map(mark(last)).chain(second.into_iter().map(mark(last + 1))));
                trace.points.insert(last, middle);
            }
            return Vec::new();
        }
        let Some(middle) = self.between_twins(beside, here, next) else { return Vec::new() };
        let Some([first, second]) = self.pieces(here, &middle, next) else { return Vec::new() };
        trace.marks.extend(first.into_iter().map(mark(last + 1)));
        trace.points.push(middle);
        second
    }
    /// What happens on either side of a point between two others, if something does on both.
    fn pieces(&self, a: &Here, middle: &Here, b: &Here) -> Option<[Vec<Found>; 2]> {
        let both = [(a, middle), (middle, b)].map(|(a, b)| self.events(a, b));
        both.iter().all(|piece| !piece.is_empty()).then_some(both)
    }
    /// A point between `from` and `to` at which the direction of the parameter or the real part of the pair nearest to the
    /// axis has another sign than at both; `beside` is their neighbour, whichever side it is on.
    fn between_twins(&self, beside: &Here, from: &Here, to: &Here) -> Option<Here> {
        let n = self.problem.variables();
        let turn = |h: &Here| Some(h.tangent[n]);
        let pair = |h: &Here| h.pair().map(|l| l.re);
        self.dip(beside, from, to, turn).or_else(|| self.dip(beside, from, to, pair))
    }
    fn dip(&self, beside: &Here, from: &Here, to: &Here, test: impl Fn(&Here) -> Option<f64>) -> Option<Here> {
        let values = [test(beside)?, test(from)?, test(to)?];
        let sign = values[1].signum();
        if values.iter().any(|f| f * sign <= 0.0) {
            return None;
        }
        let place = |h: &Here| {
            let components = h.z.iter().zip(&from.z).zip(&to.z);
            let (along, length) = components.fold((0.0, 0.0), |(along, length), ((h, from), to)| {
                (along + (h - from) * (to - from), length + (to - from) * (to - from))
            });
            along / length
        };
        let mut three = [(place(beside), values[0]), (0.0, values[1]), (1.0, values[2])];
        for _ in 0..4 {
            let (at, value) = vertex(three)?;
            let least = three.iter().map(|(_, f)| f.abs()).fold(f64::INFINITY, f64::min);
            if !(0.02..=0.98).contains(&at) || value * sign > NEAR * least {
                return None;
            }
            let here = self.between(from, to, at)?;
            let found = test(&here)?;
            if found * sign < 0.0 {
                return Some(here);
            }
            // Nearer to the vertex: the farthest of the three goes.
            let far = (0..3).max_by(|&i, &j| (three[i].0 - at).abs().total_cmp(&(three[j].0 - at).abs()))?;
            three[far] = (place(&here), found);
        }
        None
    }
}

/// Where the parabola through three points has its vertex, and how high that is.
fn vertex([(a, fa), (b, fb), (c, fc)]: [(f64, f64); 3]) -> Option<(f64, f64)> {
    let (first, second) = ((fb - fa) / (b - a), (fc - fb) / (c - b));
    let bend = (second - first) / (c - a);
    // f = fa + first (s − a) + bend (s − a)(s − b).
    let at = 0.5 * (a + b) - 0.5 * first / bend;
    let value = fa + first * (at - a) + bend * (at - a) * (at - b);
    (at.is_finite() && value.is_finite()).then_some((at, value))
}

#[cfg(test)]
mod tests {
    use super::vertex;

    #[test]
    fn theory_a_parabola_has_its_vertex() {
        let f = |s: f64| 3.0 * (s - 0.4) * (s - 0.4) - 0.5;
        let (at, value) = vertex([-1.0, 0.0, 1.0].map(|s| (s, f(s)))).unwrap();
        assert!((at - 0.4).abs() < 1e-14 && (value + 0.5).abs() < 1e-14, "{at} {value}");
        assert!(vertex([-1.0, 0.0, 1.0].map(|s| (s, 2.0 * s))).is_none());
    }
}
