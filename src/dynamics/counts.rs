//! How many fixed points are there in a region, for *every* value of one parameter?
//!
//! A fixed point goes on along the parameter where its Jacobian is regular, and no other is near. So their number changes
//! only where one is singular or crosses the border of the region: over a range of the parameter in which neither happens
//! it is the number at any one value, where the list of all fixed points proves it.
//!
//! Boxes of states are dismissed for a whole range of the parameter at once ([`close_look`]). Where the parameter is in
//! the way the range is halved, and only the boxes that are left are looked at again: states and parameter are cut
//! together, far from singular fixed points in long pieces and near them in short ones.

use super::fixed_points::{check, defined_somewhere};
use super::map_cut::Measure;
use super::search::{Ground, Request, Search, Stopped, search};
use super::singular::{Seen, close_look};
use super::stability_map::apart;
use super::system::{System, inside};
use super::{Region, region};
use crate::field::{Field, Result};
use crate::num::Interval;
use rayon::prelude::*;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};

/// A side of the region on which a fixed point lies is moved outwards by this share of the width: the point belongs to it.
const OUTWARDS: f64 = 1e-9;

/// A box waits for a shorter range of the parameter if that has half the share of the leading variable in what the
/// equations spread over the box: what is cut in the parameter is cut in all boxes.
const BLURRED: f64 = 0.5;

/// But not if the box is longer in a variable than the range of the parameter by this factor, as shares of the whole.
const LONG: f64 = 16.0;

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

/// A range of the parameter on its way.
struct Open {
    range: (f64, f64),
    /// Every fixed point is in one of the boxes of these two kinds.
    boxes: Vec<Vec<Interval>>,
    /// In each of these there is one at most, which goes on over the range.
    single: Vec<Vec<Interval>>,
    /// How many boxes were looked at.
    looked: usize,
}

/// Ranges of one parameter in increasing order, which together are the whole one, each with the number of fixed points in
/// `region` that is proven for all of it, if one is. `near` tells states near fixed points at one value.
///
/// Errors: a region or parameters that make no sense; a field that is a number nowhere.
pub(crate) fn counts(
    field: &dyn Field,
    p: &[f64],
    (parameter, whole): (usize, (f64, f64)),
    states: &Region,
    near: impl Fn(f64) -> Vec<Vec<f64>>,
    effort: &Effort,
) -> Result<Vec<Counted>> {
    region::check(whole.0, whole.1, || format!("the range of `{}`", field.names().parameters[parameter].name))?;
    let measure = Measure::of(whole);
    let at = |value: Interval| {
        let mut q: Vec<Interval> = p.iter().map(|&v| Interval::point(v)).collect();
        q[parameter] = value;
        System::new(field, q)
    };
    let middle = measure.centre(whole);
    let centre = at(Interval::point(middle));
    check(field.names(), &centre.middle, states)?;
    defined_somewhere(&centre, &states.intervals(), 16)?;
    let space = around(&states.intervals(), &near(middle));
    let (mut proven, mut spent): (Vec<Open>, usize) = (Vec::new(), 0);
    let mut queue = vec![Open { range: whole, boxes: vec![space.clone()], single: Vec::new(), looked: 0 }];
    while !queue.is_empty() && spent <= effort.boxes && !effort.stop.is_some_and(|s| s.load(Ordering::Relaxed)) {
        let work = |open: Open| {
            let share = measure.length(open.range) / measure.length(whole);
            look(&at(Interval::new(open.range.0, open.range.1)), &space, open, share, effort)
        };
        let seen: Vec<Open> = queue.into_par_iter().map(work).collect();
        queue = Vec::new();
        for open in seen {
            spent += open.looked;
            let (a, b) = open.range;
            let middle = measure.centre((a, b));
            let long = measure.length((a, b)) > effort.narrowest * measure.length(whole) && a < middle && middle < b;
            if open.boxes.is_empty() {
                proven.push(open);
            } else if long {
                let half = |range| Open { range, boxes: open.boxes.clone(), single: open.single.clone(), looked: 0 };
                queue.extend([(a, middle), (middle, b)].map(half));
            }
        }
    }
    proven.sort_by(|a, b| a.range.0.total_cmp(&b.range.0));
    let mut told = Vec::new();
    let mut from = whole.0;
    let mut nothing = |told: &mut Vec<Counted>, to: f64, next: f64| {
        told.extend((from < to).then_some(Counted { range: (from, to), points: None }));
        from = next;
    };
    for run in proven.chunk_by(|a, b| a.range.1 == b.range.0) {
        let range = (run[0].range.0, run[run.len() - 1].range.1);
        nothing(&mut told, range.0, range.1);
        let length = |open: &Open| measure.length(open.range);
        let widest = run.iter().fold(&run[0], |best, open| if length(open) > length(best) { open } else { best });
        let value = measure.centre(widest.range);
        let options = Search { boxes: 64 * effort.once, starts: 0, stop: effort.stop, ..Search::default() };
        let points = number(&at(Interval::point(value)), &space, &widest.single, &near(value), &options);
        told.push(Counted { range, points });
    }
    nothing(&mut told, whole.1, whole.1);
    Ok(told)
}

/// The region with the sides on which a known fixed point lies moved outwards.
fn around(space: &[Interval], known: &[Vec<f64>]) -> Vec<Interval> {
    let side = |(k, i): (usize, &Interval)| {
        let out = OUTWARDS * i.width();
        let on = |end: f64| known.iter().any(|x| (x[k] - end).abs() < 0.5 * out);
        let moved = |end: f64, by: f64| if on(end) { end + by } else { end };
        Interval::new(moved(i.lo(), -out), moved(i.hi(), out))
    };
    space.iter().enumerate().map(side).collect()
}

/// How many fixed points are in `space`, where none is outside of `boxes`, if the list of them is proven.
fn number(
    sys: &System,
    space: &[Interval],
    boxes: &[Vec<Interval>],
    near: &[Vec<f64>],
    options: &Search,
) -> Option<usize> {
    let found =
        search(sys, Request { region: space, boxes: boxes.to_vec(), guesses: near, options, all_or_nothing: false });
    let whole = found.stopped == Stopped::Finished && found.undecided.is_empty();
    let within = found.points.iter().all(|q| inside(&q.tight, space));
    (whole && within && apart(sys, &found.points, space)).then_some(found.points.len())
}

/// Look at the boxes that are left for a range of the parameter, which has a `share` in the whole one.
fn look(sys: &System, space: &[Interval], open: Open, share: f64, effort: &Effort) -> Open {
    let ground = Ground::new(sys, space, effort.smallest, true);
    let mut queue = VecDeque::from(open.boxes);
    let mut seen = Open { boxes: Vec::new(), ..open };
    while let Some(x) = queue.pop_front() {
        if seen.looked >= effort.once {
            seen.boxes.push(x);
            continue;
        }
        seen.looked += 1;
        match close_look(sys, x, space) {
            Seen::Empty => {}
            Seen::Single(x) => seen.single.push(x),
            Seen::Open(left, blurred) => {
                let sides = ground.open(&left.x);
                let leading = sides.iter().fold(0.0, |m: f64, &j| m.max(left.smear[j])) / sys.n as f64;
                let wide = |&j: &usize| left.x[j].width() > LONG * share * space[j].width();
                let blurred = blurred > BLURRED * (1.0 - blurred) * leading && !sides.iter().any(wide);
                match sides.is_empty() || blurred {
                    true => seen.boxes.push(left.x),
                    false => queue.extend(ground.cut(left, &[], &sides)),
                }
            }
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dynamics::examples::{Root, Tip};
    use proptest::prelude::*;

    example!(
        /// x³ − 3(u + v)x²/2 + 3uvx = p has its folds at x = u and x = v.
        Planted, "x", "p u v", |x, p, dx| {
        dx[0] = p[0] - x[0].powi(3) + (p[1] + p[2]) * x[0].square() * 1.5 - p[1] * p[2] * x[0] * 3.0;
    });
    example!(
        /// T₅(x) = p for the fifth Chebyshev polynomial: two folds at p = 1 and two at p = −1.
        Chebyshev, "x", "p", |x, p, dx| {
        dx[0] = p[0] - (x[0].powi(5) * 16.0 - x[0].powi(3) * 20.0 + x[0] * 5.0);
    });
    example!(
        /// A closed branch x² + p² = 1/4 beside the line y = p.
        Ring, "x y", "p", |x, p, dx| {
        dx[0] = x[0].square() + p[0].square() - 0.25;
        dx[1] = p[0] - x[1];
    });
    example!(
        /// A small closed branch far from the line x = 3.
        Hidden, "x", "p", |x, p, dx| {
        dx[0] = -(x[0] - 3.0) * (x[0].square() + (p[0] - 0.3).square() - 0.0025);
    });
    example!(
        /// Fixed points 0 and p.
        Growth, "x", "p", |x, p, dx| {
        dx[0] = x[0] * (p[0] - x[0]);
    });
    example!(
        /// ±1 for positive p, nothing for negative p, and no Jacobian near zero ever vanishes.
        Jump, "x", "p", |x, p, dx| {
        dx[0] = x[0].square() + 1.0 - p[0].step() * 2.0;
    });
    example!(
        /// One fixed point whatever p, on both sides of a kink.
        Kink, "x", "p", |x, p, dx| {
        dx[0] = p[0] - x[0] - x[0].abs() * 0.5;
    });

    fn all(field: &dyn Field, p: &[f64], region: &[(f64, f64)], whole: (f64, f64), boxes: usize) -> Vec<Counted> {
        beside(field, p, region, whole, boxes, |_| vec![])
    }
    fn beside(
        field: &dyn Field,
        p: &[f64],
        region: &[(f64, f64)],
        whole: (f64, f64),
        boxes: usize,
        near: impl Fn(f64) -> Vec<Vec<f64>>,
    ) -> Vec<Counted> {
        let region = Region::new(region.iter().copied()).unwrap();
        let effort = Effort { narrowest: 1e-4, smallest: 1e-3, once: 64, boxes, stop: None };
        counts(field, p, (0, whole), &region, near, &effort).unwrap()
    }
    /// The ranges are the whole one, `truth` holds at both ends and inside of each that is proven; the answer is what
    /// share that is.
    fn share(told: &[Counted], whole: (f64, f64), truth: impl Fn(f64) -> usize) -> f64 {
        assert_eq!((told[0].range.0, told[told.len() - 1].range.1), whole);
        assert!(told.windows(2).all(|w| w[0].range.1 == w[1].range.0));
        let proven = told.iter().filter(|c| c.points.is_some());
        let length = proven.map(|c| {
            let (a, b) = c.range;
            (0..=64).for_each(|k| assert_eq!(c.points, Some(truth(a + (b - a) * f64::from(k) / 64.0)), "{c:?}"));
            b - a
        });
        length.sum::<f64>() / (whole.1 - whole.0)
    }

    #[test]
    fn theory_the_number_is_proven_but_beside_folds_without_any_guess() {
        let chebyshev = |p: f64| if p.abs() < 1.0 { 5 } else { 1 };
        let told = all(&Chebyshev::new(), &[0.0], &[(-1.5, 1.6)], (-2.0, 2.1), 20_000);
        assert!(share(&told, (-2.0, 2.1), chebyshev) > 0.998, "{told:?}");
        let ring = |p: f64| if p.abs() < 0.5 { 2 } else { 0 };
        let told = all(&Ring::new(), &[0.0], &[(-2.0, 2.0), (-2.0, 2.0)], (-1.0, 1.1), 20_000);
        assert!(share(&told, (-1.0, 1.1), ring) > 0.998, "{told:?}");
    }

    #[test]
    fn theory_a_small_closed_branch_that_no_guess_tells_of_is_seen() {
        let hidden = |p: f64| if (p - 0.3).abs() < 0.05 { 3 } else { 1 };
        let told = beside(&Hidden::new(), &[0.0], &[(-1.0, 4.0)], (0.0, 2.0), 20_000, |_| vec![vec![3.0]]);
        assert!(share(&told, (0.0, 2.0), hidden) > 0.998, "{told:?}");
        assert_eq!(told.iter().filter_map(|c| c.points).collect::<Vec<_>>(), [1, 3, 1]);
    }

    #[test]
    fn theory_a_fixed_point_on_the_border_belongs_to_the_region_and_one_that_crosses_it_is_seen() {
        let growth = |p: f64| if p < 1.0 { 2 } else { 1 };
        let near = |p: f64| vec![vec![0.0], vec![p]];
        let told = beside(&Growth::new(), &[0.0], &[(0.0, 1.0)], (0.5, 2.0), 20_000, near);
        assert!(share(&told, (0.5, 2.0), growth) > 0.998, "{told:?}");
        // Where the region ends because the equations do, nothing outside of it is asked for.
        let told = all(&Root::new(), &[0.0], &[(0.0, 4.0)], (0.1, 1.9), 20_000);
        assert_eq!(told, [Counted { range: (0.1, 1.9), points: Some(1) }]);
    }

    #[test]
    fn theory_kinks_are_crossed_and_jumps_are_not() {
        let told = all(&Kink::new(), &[0.0], &[(-3.0, 3.0)], (-1.0, 1.0), 20_000);
        assert_eq!(told, [Counted { range: (-1.0, 1.0), points: Some(1) }]);
        let pair = |p: f64| if p > 0.0 { 2 } else { 0 };
        // Beside the corner a box of the smallest width holds both fixed points.
        for (field, least) in [(&Jump::new() as &dyn Field, 0.998), (&Tip::new(), 0.996)] {
            let told = all(field, &[0.0], &[(-3.0, 3.0)], (-1.0, 1.1), 20_000);
            assert!(share(&told, (-1.0, 1.1), pair) > least, "{told:?}");
        }
    }

    #[test]
    fn limit_without_boxes_nothing_is_proven() {
        let told = all(&Chebyshev::new(), &[0.0], &[(-3.0, 3.0)], (-2.0, 2.1), 0);
        assert!(told.iter().all(|c| c.points.is_none()), "{told:?}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn law_the_number_changes_at_planted_folds_alone(u in -1.5f64..1.5, apart in 0.05f64..1.0, lo in -4.0f64..0.0) {
            let (v, whole) = (u + apart, (lo, lo + 4.0));
            let value = |x: f64| x.powi(3) - 1.5 * (u + v) * x * x + 3.0 * u * v * x;
            let truth = |p: f64| if value(v) < p && p < value(u) { 3 } else { 1 };
            let told = all(&Planted::new(), &[0.0, u, v], &[(-6.0, 6.1)], whole, 20_000);
            prop_assert!(share(&told, whole, truth) > 0.99, "{told:?}");
        }
    }
}
