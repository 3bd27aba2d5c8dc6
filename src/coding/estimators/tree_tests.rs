//! Do trees and sorted places answer what a search through all points answers?

use super::*;
use crate::coding::estimators::counting::{Boxes, Marginal};
use crate::coding::estimators::line::Line;
use crate::num::Stream;
use proptest::prelude::*;

/// Columns with many ties when `grid` is above 0.
fn columns(dim: usize, n: usize, seed: u64, grid: f64) -> Vec<Vec<f64>> {
    let mut draws = Stream::new(seed, &[1]);
    let mut one = || {
        let x = draws.normal();
        if grid > 0.0 { (x / grid).round() * grid } else { x }
    };
    (0..dim).map(|_| (0..n).map(|_| one()).collect()).collect()
}

fn distance(c: &[Vec<f64>], i: usize, j: usize) -> f64 {
    c.iter().map(|v| (v[i] - v[j]).abs()).fold(0.0, f64::max)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn law_tree_equals_brute_force(dim in 1usize..6, n in 6usize..300, k in 1usize..5, seed in 0u64..1000, ties in 0usize..3) {
        let c = columns(dim, n, seed, [0.0, 0.5, 2.0][ties]);
        let slices: Vec<&[f64]> = c.iter().map(Vec::as_slice).collect();
        let tree = Tree::new(&slices);
        let nearest = tree.nearest(k, true);
        let lines: Vec<Line> = c.iter().map(|v| Line::new(v)).collect();
        for closed in [false, true] {
            let points = Points::columns(&slices).unwrap();
            let counts = Marginal::of(&points).counts(&nearest.distance, closed);
            // Places of 32 bits, which more samples need, count the same.
            let wide = Marginal::Many(Boxes::new(&points)).counts(&nearest.distance, closed);
            prop_assert_eq!(&wide, &counts);
            for i in 0..n {
                let mut all: Vec<f64> = (0..n).filter(|&j| j != i).map(|j| distance(&c, i, j)).collect();
                all.sort_by(f64::total_cmp);
                let r = all[k - 1];
                prop_assert_eq!(nearest.distance[i], r);
                let want = all.iter().filter(|&&d| d < r || (closed && d == r)).count();
                prop_assert_eq!(counts[i] as usize, want);
                let far = nearest.neighbours[i * k..(i + 1) * k].iter().map(|&j| distance(&c, i, j as usize));
                prop_assert!(far.zip(&all).all(|(a, &b)| a == b));
                let on_line = (0..n).filter(|&j| j != i).map(|j| (c[0][i] - c[0][j]).abs());
                let want = on_line.filter(|&d| d < r || (closed && d == r)).count();
                prop_assert_eq!(lines[0].count(i, r, closed) as usize, want);
            }
        }
    }
}

#[test]
fn law_threads_do_not_matter() {
    // More samples than are divided by one thread.
    let c = columns(3, 10_000, 5, 0.0);
    let slices: Vec<&[f64]> = c.iter().map(Vec::as_slice).collect();
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let nearest = Tree::new(&slices).nearest(3, true);
            let counts = Marginal::of(&Points::columns(&slices).unwrap()).counts(&nearest.distance, false);
            (nearest.distance, nearest.neighbours, counts)
        })
    };
    assert!(run(1) == run(2));
}

#[test]
fn law_guesses_of_ends_do_not_matter() {
    // One value far away puts all others into the first step of the table; runs are found all the same.
    let mut x: Vec<f64> = (0..500).map(|i| (f64::from(i) * 0.7).sin()).collect();
    x.extend([1e12, -3e4, f64::MIN_POSITIVE]);
    let line = Line::new(&x);
    for (i, here) in x.iter().enumerate() {
        for radius in [0.0, 1e-3, 0.5, 2.0, 1e5, 1e13, f64::INFINITY] {
            for closed in [false, true] {
                let near = |d: f64| d < radius || (closed && d == radius);
                let want = x.iter().enumerate().filter(|&(j, y)| j != i && near((here - y).abs())).count();
                assert_eq!(line.count(i, radius, closed) as usize, want, "{i} {radius} {closed}");
            }
        }
    }
}
