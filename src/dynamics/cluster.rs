//! Which undecided boxes belong together? Boxes that touch, or are nearer than a millionth of the region, are one place.

use super::Undecided;
use super::krawczyk::newton;
use super::search::Stopped;
use super::system::{System, finite, middle};
use crate::num::Interval;
use std::collections::BTreeMap;

/// At most this many boxes are compared with each other; more are first put together on a grid.
const MOST: usize = 2048;

/// A box that stands for `1` many.
type Lump = (Vec<Interval>, usize);

/// The connected places that some boxes make up, ordered by their coordinates.
pub(super) fn clusters(sys: &System, boxes: &[Vec<Interval>], region: &[Interval], stopped: Stopped) -> Vec<Undecided> {
    let lumps = lump(boxes, region);
    // Each group is the list of its members' places; joining keeps the smaller name.
    let mut group: Vec<usize> = (0..lumps.len()).collect();
    fn root(group: &mut [usize], mut i: usize) -> usize {
        while group[i] != i {
            group[i] = group[group[i]];
            i = group[i];
        }
        i
    }
    for i in 0..lumps.len() {
        for j in 0..i {
            if near(&lumps[i].0, &lumps[j].0, region) {
                let (a, b) = (root(&mut group, i), root(&mut group, j));
                group[usize::max(a, b)] = usize::min(a, b);
            }
        }
    }
    let mut places: BTreeMap<usize, Lump> = BTreeMap::new();
    for (i, (x, count)) in lumps.iter().enumerate() {
        let place = places.entry(root(&mut group, i)).or_insert_with(|| (x.clone(), 0));
        place.0.iter_mut().zip(x).for_each(|(a, b)| *a = a.hull(*b));
        place.1 += count;
    }
    places.into_values().map(|(hull, boxes)| describe(sys, hull, boxes, stopped)).collect()
}

/// Do two boxes touch, or nearly? Rounding can dismiss a box between two that it cannot dismiss.
fn near(a: &[Interval], b: &[Interval], region: &[Interval]) -> bool {
    let gap = |((a, b), r): ((&Interval, &Interval), &Interval)| {
        f64::max(a.lo() - b.hi(), b.lo() - a.hi()) <= 1e-6 * r.width()
    };
    a.iter().zip(b).zip(region).all(gap)
}

/// Few enough boxes to compare: those in one cell of a grid become one, on the finest grid of powers of two that does.
fn lump(boxes: &[Vec<Interval>], region: &[Interval]) -> Vec<Lump> {
    if boxes.len() <= MOST {
        return boxes.iter().map(|x| (x.clone(), 1)).collect();
    }
    for bits in (0..16).rev() {
        let mut cells: BTreeMap<Vec<u64>, Lump> = BTreeMap::new();
        for x in boxes {
            let cell = x
                .iter()
                .zip(region)
                .map(|(x, r)| ((x.mid() - r.lo()) / (r.hi() - r.lo()) * f64::from(1 << bits)) as u64)
                .collect();
            let lump = cells.entry(cell).or_insert_with(|| (x.clone(), 0));
            lump.0.iter_mut().zip(x).for_each(|(a, b)| *a = a.hull(*b));
            lump.1 += 1;
            if cells.len() > MOST {
                break;
            }
        }
        if cells.len() <= MOST {
            return cells.into_values().collect();
        }
    }
    Vec::new()
}

fn describe(sys: &System, hull: Vec<Interval>, boxes: usize, stopped: Stopped) -> Undecided {
    let residual =
        |x: &[f64]| sys.rate(x).iter().fold(0.0_f64, |m, v| if v.is_nan() { f64::NAN } else { m.max(v.abs()) });
    let c = middle(&hull);
    let unit: Vec<f64> = hull.iter().map(|i| i.width().max(f64::MIN_POSITIVE)).collect();
    let near = newton(sys, &c, &unit, &hull, 60).filter(|z| residual(z) <= residual(&c)).unwrap_or(c);
    let size = residual(&near);
    let why = if !finite(&sys.value(&hull)) {
        "the equations are not defined, or not bounded, in a part of it"
    } else if stopped != Stopped::Finished {
        "the search ended before it was small enough"
    } else {
        "the Jacobian may be singular: a double root, a line of fixed points, a near miss of two branches, or a kink"
    };
    Undecided { hull, boxes, nearest: (near, size), why: why.into() }
}
