//! How many fixed points are there in a region, for *every* value of one parameter?
//!
//! Boxes of states are dismissed for a whole range of the parameter at once. Where a fixed point moves through a box, so
//! that its middle cannot be dismissed for all of the range, the range is halved, and only the boxes that are left are
//! looked at again: states and parameter are cut together, far from the branches in long pieces and near them in short ones.
//! When each box that is left lies where a proven fixed point is alone, their number is proven for the range.

use super::contract::{Left, Rest, contract};
use super::fixed_points::{check, defined_somewhere};
use super::krawczyk::Enclosed;
use super::map_cut::Measure;
use super::search::{Found, Ground};
use super::stability_map::settled;
use super::system::{System, inside, meet};
use super::{Region, region};
use crate::field::{Field, Result};
use crate::num::Interval;
use rayon::prelude::*;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};

/// A box whose middle is kept open by the parameter waits for a shorter range from this share of the parameter in the
/// spread of the equations on.
const BLURRED: f64 = 0.3;

/// So many boxes are looked at for a range that will be halved in any case.
const FEW: usize = 8;

/// A range of a parameter with the number of fixed points that is proven for all of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Counted {
    pub range: (f64, f64),
    pub points: Option<usize>,
}

/// How hard to try.
pub(crate) struct Effort<'a> {
    /// A range shorter than this share of the whole one is not halved any more.
    pub narrowest: f64,
    /// A box narrower than this share of the region in every variable is not cut for one range.
    pub smallest: f64,
    /// At most so many boxes are looked at for one range.
    pub once: usize,
    /// The work ends when so many were looked at.
    pub boxes: usize,
    /// Set to true from elsewhere, it ends the work early.
    pub stop: Option<&'a AtomicBool>,
}

/// A range on its way, with the boxes of states in which fixed points may be.
struct Open {
    range: (f64, f64),
    boxes: Vec<Vec<Interval>>,
    /// Fixed points of the range that it was cut from, and states near which others may be.
    points: Vec<Enclosed>,
    guesses: Vec<Vec<f64>>,
}

/// Ranges of one parameter in increasing order, which together are the whole one, each with the number of fixed points in
/// `region` that is proven for all of it, if one is. `guesses` are states near those in its middle.
///
/// Errors: a region or parameters that make no sense; a field that is a number nowhere.
pub(crate) fn counts(
    field: &dyn Field,
    p: &[f64],
    (parameter, whole): (usize, (f64, f64)),
    states: &Region,
    guesses: Vec<Vec<f64>>,
    effort: &Effort,
) -> Result<Vec<Counted>> {
    region::check(whole.0, whole.1, || format!("the range of `{}`", field.names().parameters[parameter].name))?;
    let measure = Measure::of(whole);
    let mut centre = p.to_vec();
    centre[parameter] = measure.centre(whole);
    check(field.names(), &centre, states)?;
    let space = states.intervals();
    defined_somewhere(&System::at(field, &centre), &space, 16)?;
    let all: Vec<Interval> = centre.iter().map(|&v| Interval::point(v)).collect();
    let mut queue = vec![Open { range: whole, boxes: vec![space.clone()], points: vec![], guesses }];
    let (mut told, mut spent) = (Vec::new(), 0);
    while !queue.is_empty() && spent <= effort.boxes && !effort.stop.is_some_and(|s| s.load(Ordering::Relaxed)) {
        let work = |open: Open| {
            let mut q = all.clone();
            q[parameter] = Interval::new(open.range.0, open.range.1);
            (open.range, look(&System::new(field, q), &space, open, effort))
        };
        let looked: Vec<((f64, f64), Looked)> = queue.into_par_iter().map(work).collect();
        queue = Vec::new();
        for ((a, b), Looked { number, points, failed, left, boxes }) in looked {
            spent += boxes;
            let middle = measure.centre((a, b));
            let long = measure.length((a, b)) > effort.narrowest * measure.length(whole) && a < middle && middle < b;
            if number.is_some() || !long {
                told.push(Counted { range: (a, b), points: number });
                continue;
            }
            for range in [(a, middle), (middle, b)] {
                queue.push(Open { range, boxes: left.clone(), points: points.clone(), guesses: failed.clone() });
            }
        }
    }
    told.extend(queue.into_iter().map(|open| Counted { range: open.range, points: None }));
    told.sort_by(|a, b| a.range.0.total_cmp(&b.range.0));
    Ok(told)
}

/// What was seen for a range.
struct Looked {
    /// How many fixed points, if that is proven for all of it.
    number: Option<usize>,
    points: Vec<Enclosed>,
    /// Approximate fixed points that could not be proven.
    failed: Vec<Vec<f64>>,
    /// Every fixed point is in one of these boxes.
    left: Vec<Vec<Interval>>,
    /// How many boxes were looked at.
    boxes: usize,
}

fn look(sys: &System, space: &[Interval], open: Open, effort: &Effort) -> Looked {
    let ground = Ground::new(sys, space, effort.smallest, true);
    let mut found = Found::default();
    let mut guesses = open.guesses;
    for q in open.points {
        match ground.again(&q) {
            Some(again) => found.points.push(again),
            None => guesses.push(q.from),
        }
    }
    ground.start(guesses, &mut found);
    // Where a fixed point is not proven the range will be halved: only what is far from it is dismissed for all of it.
    let once = if found.failed.is_empty() { effort.once } else { FEW };
    let mut queue = VecDeque::from(open.boxes);
    // Boxes in which a fixed point is alone, and boxes of which nothing is known.
    let (mut settling, mut waiting) = (Vec::new(), Vec::new());
    while let Some(x) = queue.pop_front() {
        let alone = |x: &[Interval], found: &Found| found.points.iter().any(|q| inside(x, &q.alone));
        if alone(&x, &found) {
            settling.push(x);
            continue;
        }
        if found.boxes >= once {
            waiting.push(x);
            continue;
        }
        found.boxes += 1;
        let Rest::Open(left) = contract(sys, x) else { continue };
        if left.alone && left.defined && !alone(&left.x, &found) {
            let candidate = ground.candidate(&left.x, &found.points);
            ground.prove(candidate.into_iter(), &mut found);
        }
        let holds = |q: &Enclosed| left.alone && inside(&q.tight, &left.x);
        if alone(&left.x, &found) || found.points.iter().any(holds) {
            settling.push(left.x);
            continue;
        }
        let known =
            |left: &Left| found.points.iter().any(|q| q.alone.iter().zip(&left.x).all(|(a, x)| a.contains(x.mid())));
        let sides = ground.open(&left.x);
        if sides.is_empty() || (left.blurred > BLURRED && !known(&left)) {
            waiting.push(left.x);
        } else {
            queue.extend(ground.cut(left, &found.points, &sides));
        }
    }
    let inside: Vec<Enclosed> = found.points.iter().filter(|q| meet(&q.tight, space)).cloned().collect();
    let proven = waiting.is_empty() && settled(sys, &inside, space);
    waiting.append(&mut settling);
    let failed = found.failed.into_iter().map(|(z, _)| z).collect();
    Looked { number: proven.then_some(inside.len()), points: found.points, failed, left: waiting, boxes: found.boxes }
}

#[cfg(test)]
mod tests {
    use super::*;

    example!(
        /// Folds at p = ∓2/(3√3).
        Cubic, "x", "p", |x, p, dx| {
        dx[0] = p[0] + x[0] - x[0].powi(3);
    });
    example!(
        /// A closed branch x² + p² = 1/4 beside the line y = p.
        Ring, "x y", "p", |x, p, dx| {
        dx[0] = x[0].square() + p[0].square() - 0.25;
        dx[1] = p[0] - x[1];
    });

    fn all(field: &dyn Field, region: &[(f64, f64)], whole: (f64, f64), boxes: usize) -> Vec<Counted> {
        let region = Region::new(region.iter().copied()).unwrap();
        let effort = Effort { narrowest: 1e-4, smallest: 1e-3, once: 64, boxes, stop: None };
        counts(field, &[0.0], (0, whole), &region, vec![], &effort).unwrap()
    }
    /// The ranges are the whole one, `truth` holds at both ends of each that is proven; the answer is what share that is.
    fn share(told: &[Counted], whole: (f64, f64), truth: impl Fn(f64) -> usize) -> f64 {
        assert_eq!((told[0].range.0, told[told.len() - 1].range.1), whole);
        assert!(told.windows(2).all(|w| w[0].range.1 == w[1].range.0));
        let proven = told.iter().filter(|c| c.points.is_some());
        let length = proven.map(|c| {
            let (a, b) = c.range;
            assert_eq!([c.points; 2], [a, b].map(|p| Some(truth(p))), "{c:?}");
            b - a
        });
        length.sum::<f64>() / (whole.1 - whole.0)
    }

    #[test]
    fn theory_the_number_is_proven_but_beside_folds_without_any_guess() {
        let cubic = |p: f64| if p.abs() < 2.0 / 27.0_f64.sqrt() { 3 } else { 1 };
        let told = all(&Cubic::new(), &[(-3.0, 3.0)], (-2.0, 2.1), 20_000);
        assert!(share(&told, (-2.0, 2.1), cubic) > 0.995);
        let ring = |p: f64| if p.abs() < 0.5 { 2 } else { 0 };
        let told = all(&Ring::new(), &[(-2.0, 2.0), (-2.0, 2.0)], (-1.0, 1.1), 20_000);
        assert!(share(&told, (-1.0, 1.1), ring) > 0.99);
    }

    #[test]
    fn limit_without_boxes_nothing_is_proven() {
        let told = all(&Cubic::new(), &[(-3.0, 3.0)], (-2.0, 2.1), 0);
        assert!(told.iter().all(|c| c.points.is_none()), "{told:?}");
    }
}
