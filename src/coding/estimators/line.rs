//! How many values of one variable lie within a distance of each other?
//!
//! One variable needs no tree: its values are sorted once, and a neighbourhood is found by stepping outwards in doubling
//! steps and bisecting back.

use super::Points;
use super::tree::Tree;
use rayon::prelude::*;

/// How many other values of one variable lie nearer than `radius[i]` to value i, or at that distance too if `closed`.
pub(crate) struct Line {
    sorted: Vec<f64>,
    /// The place of every sample among the sorted values.
    place: Vec<u32>,
}

impl Line {
    /// The sorted values of one variable.
    pub fn new(values: &[f64]) -> Self {
        let order = super::points::sorted_order(values);
        let mut place = vec![0; values.len()];
        order.iter().enumerate().for_each(|(p, &i)| place[i as usize] = p as u32);
        Line { sorted: order.iter().map(|&i| values[i as usize]).collect(), place }
    }
    /// The count for sample i.
    pub fn count(&self, i: usize, radius: f64, closed: bool) -> u32 {
        let here = self.place[i] as usize;
        let x = self.sorted[here];
        let near = |d: f64| d < radius || (closed && d == radius);
        if !near(0.0) {
            return 0;
        }
        // Gallop outwards from the sample, then bisect: most neighbourhoods are small.
        let n = self.sorted.len();
        let mut step = 1;
        let (mut inside, mut outside) = (here, n);
        while inside + step < n {
            if near(self.sorted[inside + step] - x) {
                inside += step;
                step *= 2;
            } else {
                outside = inside + step;
                break;
            }
        }
        while outside - inside > 1 {
            let middle = (inside + outside) / 2;
            if near(self.sorted[middle] - x) { inside = middle } else { outside = middle }
        }
        let above = inside - here;
        let mut step = 1;
        let (mut inside, mut outside) = (here as isize, -1isize);
        while inside - step >= 0 {
            if near(x - self.sorted[(inside - step) as usize]) {
                inside -= step;
                step *= 2;
            } else {
                outside = inside - step;
                break;
            }
        }
        while inside - outside > 1 {
            let middle = (inside + outside) / 2;
            if near(x - self.sorted[middle as usize]) { inside = middle } else { outside = middle }
        }
        (above + here - inside as usize) as u32
    }
}

/// Counts of neighbours within a distance, in one variable by sorting and in several by a tree.
pub(crate) enum Marginal {
    /// One variable.
    Line(Line),
    /// Several variables.
    Tree(Tree),
}

impl Marginal {
    pub fn of(points: &Points) -> Self {
        if points.dimension() == 1 {
            Marginal::Line(Line::new(points.variable(0)))
        } else {
            Marginal::Tree(Tree::of(points))
        }
    }
    /// How many other samples lie within `radius[i]` of sample i.
    pub fn counts(&self, radius: &[f64], closed: bool) -> Vec<u32> {
        match self {
            Marginal::Tree(tree) => tree.count_within(radius, closed),
            Marginal::Line(line) => {
                let one = |(i, &r): (usize, &f64)| line.count(i, r, closed);
                radius.par_iter().enumerate().with_min_len(2048).map(one).collect()
            }
        }
    }
}
