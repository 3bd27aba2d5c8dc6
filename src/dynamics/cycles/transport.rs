//! Which places of two neighbouring solutions belong together? Those at which they have gone equally far along their way.
//!
//! A jump that moves by more than its width, or a spike that takes an ever smaller share of a growing period, differs
//! everywhere from its neighbour at the same phase, and hardly at all at the same share of its length. There solutions are
//! compared and extrapolated, and their meshes with them.

use super::bvp::Unknown;
use super::mesh::{DEGREE, Orbit, Rule, places};
use nalgebra::DMatrix;

/// How much time counts beside length: it keeps places apart where a solution rests.
const TIME: f64 = 0.1;
/// The smallest share of its width that an interval keeps.
const SHRUNK: f64 = 0.3;
/// How far around its start a neighbour's start is looked for, as a share of the way.
const AROUND: f64 = 0.3;

/// How far along its way a function has come at its nodes, from 0 to 1.
fn progress(orbit: &Orbit) -> Vec<f64> {
    let places = places(&orbit.mesh);
    let d = orbit.variables();
    let x = orbit.nodes.as_slice();
    let step = |k: usize| {
        let ends = x[k * d..][..d].iter().zip(&x[(k + 1) * d..][..d]);
        ends.map(|(a, b)| (b - a) * (b - a)).sum::<f64>().sqrt()
    };
    let steps: Vec<f64> = (0..places.len() - 1).map(step).collect();
    let length = steps.iter().sum::<f64>().max(f64::MIN_POSITIVE);
    let mut come = vec![0.0];
    for (k, step) in steps.iter().enumerate() {
        come.push(come[k] + (step / length + TIME * (places[k + 1] - places[k])) / (1.0 + TIME));
    }
    come
}

/// Where on its way a function comes nearest to its neighbour's start: the place, and how far it has come there. Just before
/// its own start both are negative.
fn start(from: &[f64], orbit: &Orbit, come: &[f64], signs: &[f64]) -> (f64, f64) {
    let places = places(&orbit.mesh);
    let d = orbit.variables();
    let x = orbit.nodes.as_slice();
    let (mut best, mut nearest) = ((0.0, 0.0), f64::INFINITY);
    for k in (0..places.len() - 1).filter(|&k| come[k + 1] < AROUND || come[k] > 1.0 - AROUND) {
        let late = come[k] > 0.5;
        let at = |k: usize, i: usize| if late { signs[i] * x[k * d + i] } else { x[k * d + i] };
        let (mut along, mut length) = (0.0, f64::MIN_POSITIVE);
        for (i, from) in from.iter().enumerate() {
            let way = at(k + 1, i) - at(k, i);
            along += way * (from - at(k, i));
            length += way * way;
        }
        let share = (along / length).clamp(0.0, 1.0);
        let mix = |a: f64, b: f64| a + share * (b - a);
        let apart: f64 = (0..d).map(|i| (mix(at(k, i), at(k + 1, i)) - from[i]).powi(2)).sum();
        if apart < nearest {
            let turn = if late { 1.0 } else { 0.0 };
            nearest = apart;
            best = (mix(places[k], places[k + 1]) - turn, mix(come[k], come[k + 1]) - turn);
        }
    }
    best
}

/// `other` on a mesh each point of which belongs to one of the mesh of `solution`; it starts where it comes nearest to the
/// start of `solution`.
pub fn beside(solution: &Unknown, other: &Unknown, signs: &[f64]) -> Unknown {
    let (orbit, d) = (&other.orbit, other.orbit.variables());
    let (there, come) = (places(&orbit.mesh), progress(orbit));
    let (from, ahead) = start(&solution.orbit.nodes.as_slice()[..d], orbit, &come, signs);
    let mut mesh: Vec<f64> = progress(&solution.orbit)
        .into_iter()
        .step_by(DEGREE)
        .map(|wanted| {
            let turns = (wanted + ahead).floor();
            let wanted = wanted + ahead - turns;
            let k = come.partition_point(|&c| c <= wanted).clamp(1, come.len() - 1) - 1;
            there[k] + (wanted - come[k]) / (come[k + 1] - come[k]) * (there[k + 1] - there[k]) + turns - from
        })
        .collect();
    let intervals = mesh.len() - 1;
    (mesh[0], mesh[intervals]) = (0.0, 1.0);
    let mut nodes = DMatrix::zeros(d, intervals * DEGREE + 1);
    for (place, x) in places(&mesh).into_iter().zip(nodes.as_mut_slice().chunks_exact_mut(d)) {
        let turns = (place + from).floor();
        orbit.write(place + from - turns, x);
        if turns != 0.0 {
            x.iter_mut().zip(signs).for_each(|(x, sign)| *x *= sign);
        }
    }
    Unknown { orbit: Orbit { mesh, nodes }, q: other.q.clone() }
}

/// The combination of solutions whose nodes belong together with these shares; `None` where it has no mesh.
pub fn combined(all: &[Unknown], shares: &[f64]) -> Option<Unknown> {
    let mut sum = all[0].scaled(shares[0]);
    sum.orbit.mesh.iter_mut().for_each(|t| *t *= shares[0]);
    for (one, share) in all.iter().zip(shares).skip(1) {
        sum = sum.moved(one, *share);
        sum.orbit.mesh.iter_mut().zip(&one.orbit.mesh).for_each(|(t, other)| *t += share * other);
    }
    let intervals = sum.orbit.intervals();
    (sum.orbit.mesh[0], sum.orbit.mesh[intervals]) = (0.0, 1.0);
    // No interval may vanish.
    let kept = |j: usize| sum.orbit.width(j) > SHRUNK * all[0].orbit.width(j);
    (0..intervals).all(kept).then_some(sum)
}

/// How far apart two solutions are whose nodes belong together.
pub fn apart(a: &Unknown, b: &Unknown, rule: &Rule) -> f64 {
    let way = b.moved(a, -1.0);
    let way = Unknown { orbit: Orbit { mesh: a.orbit.mesh.clone(), ..way.orbit }, q: way.q };
    way.dot(&way, rule).sqrt()
}

/// A solution between two neighbours, or beyond them; `None` where it has no mesh.
pub fn between(a: &Unknown, b: &Unknown, share: f64, signs: &[f64]) -> Option<Unknown> {
    combined(&[a.clone(), beside(a, b, signs)], &[1.0 - share, share])
}

#[cfg(test)]
mod tests {
    use super::super::mesh::Transfer;
    use super::*;
    use std::f64::consts::TAU;

    /// Jumps of width 1/500 where sin 2π(t − shift) = −duty, beside a wave that does not jump.
    fn wave(shift: f64, duty: f64) -> Unknown {
        let x = |t: f64, i: usize| match i {
            0 => (80.0 * ((TAU * (t - shift)).sin() + duty)).tanh(),
            _ => (TAU * t).cos(),
        };
        let fine = Orbit::from_fn(Orbit::uniform(400), 2, x);
        Unknown { orbit: Orbit::from_fn(fine.adapted_mesh(60), 2, x), q: vec![1.0] }
    }

    #[test]
    fn theory_a_jump_that_moved_by_many_widths_is_the_same_jump() {
        let rule = Rule::new();
        let (one, other) = (wave(0.2, 0.0), wave(0.2, 0.1));
        let same_phase = apart(&one, &other.on(&Transfer::new(&other.orbit.mesh, one.orbit.mesh.clone())), &rule);
        // Two units over twice the time by which a jump has moved.
        let moved = 0.1f64.asin() / TAU;
        assert!((same_phase / (2.0 * (2.0 * moved).sqrt()) - 1.0).abs() < 0.1, "{same_phase}");
        // What is left is what the other variable sees of the moved places.
        let left = apart(&one, &beside(&one, &other, &[1.0; 2]), &rule);
        assert!(left < TAU * moved, "{left}");
    }

    #[test]
    fn theory_a_neighbour_is_found_where_the_start_lies_within_a_jump() {
        let rule = Rule::new();
        let (one, other) = (wave(0.0, 0.0), wave(0.005, 0.0));
        let left = apart(&one, &beside(&one, &other, &[1.0; 2]), &rule);
        assert!(
            left < TAU * 0.005
                && apart(&one, &other.on(&Transfer::new(&other.orbit.mesh, one.orbit.mesh.clone())), &rule)
                    > 5.0 * left,
            "{left}"
        );
    }

    #[test]
    fn theory_what_moves_steadily_is_extrapolated_with_its_mesh() {
        let (one, other, wanted) = (wave(0.2, 0.0), wave(0.2, -0.01), wave(0.2, 0.01));
        let ahead = between(&one, &other, -1.0, &[1.0; 2]).unwrap();
        let edge = |u: &Unknown| {
            let falls = (0..2000).map(|k| 0.6 + 1e-4 * f64::from(k)).find(|t| u.orbit.at(*t)[0] < 0.0);
            falls.expect("the wave falls")
        };
        assert!((edge(&ahead) - edge(&wanted)).abs() < 3e-4, "{} {}", edge(&ahead), edge(&wanted));
        assert!(ahead.orbit.mesh.windows(2).all(|w| w[0] < w[1]));
    }
}
