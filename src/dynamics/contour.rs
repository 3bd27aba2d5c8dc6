//! Where is a function of two variables zero? Curves whose vertices lie on it, and whose chords stay near it.
//!
//! Sign changes along the edges of a grid are refined to rounding (a pole is told from a zero by the size of the function
//! there), joined cell by cell, and chords are divided until their middle is within the tolerance of the curve.
//! What is smaller than a cell of the grid, or touches zero without crossing it, is not seen.
//!
//! Source: marching squares; Lorensen & Cline (1987), in two dimensions, with roots instead of interpolation.

use std::collections::BTreeMap;

/// A place in the unit square.
pub(super) type Spot = [f64; 2];

/// How often a chord may be divided.
const DEPTH: usize = 6;

/// The curves f = 0 in the unit square: `cells` cells a side, chords within `tolerance` of the curve.
pub(super) fn contour(f: &dyn Fn(Spot) -> f64, cells: usize, tolerance: f64) -> Vec<Vec<Spot>> {
    // The grid reaches a little over the square, so that a curve along a border lies inside of a cell.
    let step = 1.0 / cells as f64;
    let node = |k: usize| (k as f64 - 0.37) * step;
    let n = cells + 2;
    let values: Vec<f64> = (0..n * n).map(|k| f([node(k % n), node(k / n)])).collect();
    // An edge is 2 × its lower-left node, plus one if it is upright.
    let crossing = |edge: usize| -> Option<Spot> {
        let (low, high) = (edge / 2, edge / 2 + if edge.is_multiple_of(2) { 1 } else { n });
        let (a, b) = ([node(low % n), node(low / n)], [node(high % n), node(high / n)]);
        root(f, (a, values[low]), (b, values[high]))
    };
    let mut links: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut places: BTreeMap<usize, Spot> = BTreeMap::new();
    for j in 0..n - 1 {
        for i in 0..n - 1 {
            let at = j * n + i;
            // Around the cell: below, right, above, left.
            let around = [2 * at, 2 * (at + 1) + 1, 2 * (at + n), 2 * at + 1];
            let mut met = Vec::new();
            for edge in around {
                let place = places.get(&edge).copied().or_else(|| crossing(edge));
                if let Some(place) = place {
                    places.insert(edge, place);
                    met.push(edge);
                }
            }
            let pairs: Vec<(usize, usize)> = match met[..] {
                [a, b] => vec![(a, b)],
                [a, b, c, d] => {
                    // The value in the middle says which corners are joined.
                    let middle = f([node(i) + 0.5 * step, node(j) + 0.5 * step]);
                    if (middle >= 0.0) == (values[at] >= 0.0) { vec![(a, b), (c, d)] } else { vec![(a, d), (b, c)] }
                }
                _ => Vec::new(),
            };
            for (a, b) in pairs {
                links.entry(a).or_default().push(b);
                links.entry(b).or_default().push(a);
            }
        }
    }
    let curves = chains(&links);
    curves
        .into_iter()
        .map(|chain| chain.iter().map(|edge| places[edge]).collect::<Vec<_>>())
        .flat_map(|curve| inside(&divided(f, &curve, tolerance)))
        .collect()
}

/// The zero between two places of opposite sign; `None` if the signs are equal, a value is NaN, or it is a pole.
fn root(f: &dyn Fn(Spot) -> f64, (a, fa): (Spot, f64), (b, fb): (Spot, f64)) -> Option<Spot> {
    if !fa.is_finite() || !fb.is_finite() || (fa >= 0.0) == (fb >= 0.0) {
        return None;
    }
    let along = |t: f64| [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])];
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..52 {
        let middle = 0.5 * (low + high);
        let value = f(along(middle));
        if value.is_nan() {
            return None;
        }
        if (value >= 0.0) == (fa >= 0.0) { low = middle } else { high = middle }
    }
    let place = along(0.5 * (low + high));
    (f(place).abs() <= fa.abs().max(fb.abs())).then_some(place)
}

/// The links as chains: open ones from end to end, then closed ones, whose first edge comes again at the end.
fn chains(links: &BTreeMap<usize, Vec<usize>>) -> Vec<Vec<usize>> {
    let mut left = links.clone();
    let mut all = Vec::new();
    let ends: Vec<usize> = links.iter().filter(|(_, next)| next.len() == 1).map(|(edge, _)| *edge).collect();
    for start in ends.into_iter().chain(links.keys().copied()) {
        let mut chain = vec![start];
        let mut here = start;
        while let Some(next) = left.get_mut(&here).and_then(Vec::pop) {
            if let Some(back) = left.get_mut(&next)
                && let Some(k) = back.iter().position(|&e| e == here)
            {
                back.remove(k);
            }
            chain.push(next);
            here = next;
        }
        if chain.len() > 1 {
            all.push(chain);
        }
    }
    all
}

/// A curve with its chords divided until they are within the tolerance.
fn divided(f: &dyn Fn(Spot) -> f64, curve: &[Spot], tolerance: f64) -> Vec<Spot> {
    let mut out: Vec<Spot> = curve.first().copied().into_iter().collect();
    for pair in curve.windows(2) {
        divide(f, pair[0], pair[1], tolerance, DEPTH, &mut out);
        out.push(pair[1]);
    }
    out
}

fn divide(f: &dyn Fn(Spot) -> f64, a: Spot, b: Spot, tolerance: f64, depth: usize, out: &mut Vec<Spot>) {
    let middle = [0.5 * (a[0] + b[0]), 0.5 * (a[1] + b[1])];
    let across = [0.5 * (a[1] - b[1]), 0.5 * (b[0] - a[0])];
    let ends = [-1.0, 1.0].map(|s| [middle[0] + s * across[0], middle[1] + s * across[1]]);
    let Some(on) = root(f, (ends[0], f(ends[0])), (ends[1], f(ends[1]))) else { return };
    if depth > 0 && (on[0] - middle[0]).hypot(on[1] - middle[1]) > tolerance {
        divide(f, a, on, tolerance, depth - 1, out);
        out.push(on);
        divide(f, on, b, tolerance, depth - 1, out);
    }
}

/// The parts of a curve in the unit square.
fn inside(curve: &[Spot]) -> Vec<Vec<Spot>> {
    let within = |p: &Spot| p.iter().all(|v| (-1e-9..=1.0 + 1e-9).contains(v));
    curve.split(|p| !within(p)).filter(|part| part.len() > 1).map(<[Spot]>::to_vec).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn theory_a_circle_is_one_closed_curve_and_its_chords_are_near_it() {
        let circle = |[x, y]: Spot| (x - 0.5).powi(2) + (y - 0.5).powi(2) - 0.16;
        for tolerance in [1e-2, 1e-3, 1e-4] {
            let curves = contour(&circle, 20, tolerance);
            assert_eq!(curves.len(), 1);
            let curve = &curves[0];
            assert_eq!(curve.first(), curve.last());
            for pair in curve.windows(2) {
                let radius = |p: Spot| (p[0] - 0.5).hypot(p[1] - 0.5);
                let middle = [0.5 * (pair[0][0] + pair[1][0]), 0.5 * (pair[0][1] + pair[1][1])];
                assert!((radius(pair[0]) - 0.4).abs() < 1e-12, "{:?}", pair[0]);
                assert!((radius(middle) - 0.4).abs() < tolerance, "{middle:?}");
            }
        }
    }

    #[test]
    fn theory_crossing_lines_a_border_and_a_pole() {
        // Two lines that cross, one of them along a border.
        let lines = |[x, y]: Spot| y * (x - 0.3);
        let points: Vec<Spot> = contour(&lines, 16, 1e-3).concat();
        assert!(points.iter().all(|p| p[1].abs() < 1e-12 || (p[0] - 0.3).abs() < 1e-12), "{points:?}");
        assert!(points.iter().any(|p| p[1].abs() < 1e-12 && p[0] > 0.8));
        assert!(points.iter().any(|p| p[1] > 0.8));
        // 1/(x − 0.3) changes sign without a zero; a function that is not a number has none.
        assert!(contour(&|[x, _]: Spot| 1.0 / (x - 0.3), 16, 1e-3).is_empty());
        assert!(contour(&|_: Spot| f64::NAN, 16, 1e-3).is_empty());
    }

    #[test]
    fn law_two_branches_of_a_hyperbola_are_two_curves() {
        let hyperbola = |[x, y]: Spot| (x - 0.5) * (y - 0.5) - 0.01;
        assert_eq!(contour(&hyperbola, 25, 1e-3).len(), 2);
    }
}
