//! Who are the nearest neighbours of every sample in the maximum norm, and how many samples lie within a distance?
//!
//! A k-d tree whose leaves are runs of samples, stored variable by variable so that a leaf is compared in tight loops.
//! All samples of a leaf search together: one walk through the tree serves them all. Distances are differences of the
//! numbers as given, so that a sample at exactly the k-th distance is seen to be there. Leaves are searched in parallel;
//! the result does not depend on the number of threads.

use super::Points;
use rayon::prelude::*;

/// Most samples in a leaf.
const LEAF: usize = 12;

struct Node {
    start: u32,
    end: u32,
    /// The right child; the left one is the next node. 0 for a leaf.
    right: u32,
}

/// A k-d tree over samples.
pub(crate) struct Tree {
    dim: usize,
    len: usize,
    /// Sample at each place of the tree.
    order: Vec<u32>,
    /// `coordinates[v * len + place]`.
    coordinates: Vec<f64>,
    nodes: Vec<Node>,
    /// Low and high corner of every node, `2 * dim` numbers each.
    boxes: Vec<f64>,
    leaves: Vec<u32>,
}

/// The k nearest neighbours of every sample.
pub(crate) struct Nearest {
    /// Distance to the k-th neighbour, by sample.
    pub distance: Vec<f64>,
    /// The k neighbours of every sample, nearest first (ties in an unspecified but fixed order), if asked for.
    pub neighbours: Vec<u32>,
}

impl Tree {
    /// A tree over all samples.
    pub fn new(points: &[&[f64]]) -> Self {
        let (dim, len) = (points.len(), points.first().map_or(0, |c| c.len()));
        let mut tree = Tree {
            dim,
            len,
            order: (0..len as u32).collect(),
            coordinates: Vec::new(),
            nodes: Vec::new(),
            boxes: Vec::new(),
            leaves: Vec::new(),
        };
        let mut order = std::mem::take(&mut tree.order);
        tree.build(points, &mut order, 0);
        tree.coordinates = points.iter().flat_map(|c| order.iter().map(|&i| c[i as usize])).collect();
        tree.order = order;
        tree
    }
    /// The same over the variables of `points`.
    pub fn of(points: &Points) -> Self {
        let columns: Vec<&[f64]> = (0..points.dimension()).map(|i| points.variable(i)).collect();
        Tree::new(&columns)
    }

    fn build(&mut self, points: &[&[f64]], part: &mut [u32], start: usize) {
        let here = self.nodes.len();
        self.nodes.push(Node { start: start as u32, end: (start + part.len()) as u32, right: 0 });
        let (mut widest, mut width) = (0, -1.0);
        for (v, column) in points.iter().enumerate() {
            let (mut lo, mut hi) = (f64::INFINITY, f64::NEG_INFINITY);
            for &i in part.iter() {
                let x = column[i as usize];
                lo = lo.min(x);
                hi = hi.max(x);
            }
            self.boxes.push(lo);
            self.boxes.push(hi);
            if hi - lo > width {
                (widest, width) = (v, hi - lo);
            }
        }
        if part.len() <= LEAF || width <= 0.0 {
            self.leaves.push(here as u32);
            return;
        }
        let column = points[widest];
        let middle = part.len() / 2;
        part.select_nth_unstable_by(middle, |&a, &b| column[a as usize].total_cmp(&column[b as usize]).then(a.cmp(&b)));
        let (left, right) = part.split_at_mut(middle);
        self.build(points, left, start);
        self.nodes[here].right = self.nodes.len() as u32;
        self.build(points, right, start + middle);
    }

    fn corner(&self, node: usize) -> &[f64] {
        &self.boxes[node * 2 * self.dim..(node + 1) * 2 * self.dim]
    }
    /// The maximum-norm distance of two boxes; 0 if they meet.
    fn gap(&self, a: usize, b: &[f64]) -> f64 {
        let a = self.corner(a);
        let mut gap = 0.0f64;
        for v in 0..self.dim {
            gap = gap.max(a[2 * v] - b[2 * v + 1]).max(b[2 * v] - a[2 * v + 1]);
        }
        gap
    }
    /// The largest maximum-norm distance between points of two boxes.
    fn reach(&self, a: usize, b: &[f64]) -> f64 {
        let a = self.corner(a);
        let mut reach = 0.0f64;
        for v in 0..self.dim {
            reach = reach.max(a[2 * v + 1] - b[2 * v]).max(b[2 * v + 1] - a[2 * v]);
        }
        reach
    }
    /// Distances from one place of the tree to the places of a leaf.
    #[inline]
    fn distances(&self, place: usize, start: usize, end: usize, out: &mut Vec<f64>) {
        out.clear();
        out.resize(end - start, 0.0);
        for v in 0..self.dim {
            let column = &self.coordinates[v * self.len..(v + 1) * self.len];
            let x = column[place];
            for (d, y) in out.iter_mut().zip(&column[start..end]) {
                let gap = (x - y).abs();
                *d = if gap > *d { gap } else { *d };
            }
        }
    }

    /// The k nearest neighbours of every sample among the others; `1 ≤ k < n`.
    pub fn nearest(&self, k: usize, keep_neighbours: bool) -> Nearest {
        let search = |&leaf: &u32| self.search_leaf(leaf as usize, k);
        let found: Vec<Vec<(f64, u32)>> = self.leaves.par_iter().with_min_len(16).map(search).collect();
        let mut distance = vec![0.0; self.len];
        let mut neighbours = vec![0; if keep_neighbours { k * self.len } else { 0 }];
        for (&leaf, found) in self.leaves.iter().zip(&found) {
            let start = self.nodes[leaf as usize].start as usize;
            for (j, best) in found.chunks(k).enumerate() {
                let sample = self.order[start + j] as usize;
                distance[sample] = best[k - 1].0;
                if keep_neighbours {
                    let kept = &mut neighbours[sample * k..(sample + 1) * k];
                    kept.iter_mut().zip(best).for_each(|(n, b)| *n = self.order[b.1 as usize]);
                }
            }
        }
        Nearest { distance, neighbours }
    }

    /// The k best (distance, place) of every place of a leaf, sorted by distance.
    fn search_leaf(&self, leaf: usize, k: usize) -> Vec<(f64, u32)> {
        let (start, end) = (self.nodes[leaf].start as usize, self.nodes[leaf].end as usize);
        let mut best = vec![(f64::INFINITY, u32::MAX); k * (end - start)];
        let home: Vec<f64> = self.corner(leaf).to_vec();
        let mut buffer = Vec::with_capacity(LEAF);
        let mut radius = f64::INFINITY;
        let mut stack: Vec<(f64, u32)> = vec![(0.0, 0)];
        // The leaf itself first: it gives a radius to prune with.
        self.compare(leaf, start, end, k, &mut best, &mut buffer);
        radius = best.chunks(k).map(|b| b[k - 1].0).fold(0.0, f64::max).min(radius);
        while let Some((gap, node)) = stack.pop() {
            let node = node as usize;
            if gap > radius || node == leaf {
                continue;
            }
            if self.nodes[node].right == 0 {
                self.compare(node, start, end, k, &mut best, &mut buffer);
                radius = best.chunks(k).map(|b| b[k - 1].0).fold(0.0, f64::max);
                continue;
            }
            let (left, right) = (node + 1, self.nodes[node].right as usize);
            let (gl, gr) = (self.gap(left, &home), self.gap(right, &home));
            // The nearer child is looked at first.
            let (near, far) = if gl <= gr { ((gl, left), (gr, right)) } else { ((gr, right), (gl, left)) };
            if far.0 < radius {
                stack.push((far.0, far.1 as u32));
            }
            if near.0 < radius || near.0 == 0.0 {
                stack.push((near.0, near.1 as u32));
            }
        }
        best
    }

    /// Compares the places `start..end` with those of a leaf `node` and keeps the k best of each.
    fn compare(&self, node: usize, start: usize, end: usize, k: usize, best: &mut [(f64, u32)], buffer: &mut Vec<f64>) {
        let (from, to) = (self.nodes[node].start as usize, self.nodes[node].end as usize);
        let corner = self.corner(node);
        for place in start..end {
            let mine = &mut best[(place - start) * k..(place - start + 1) * k];
            if from != start {
                // Is any of the leaf near enough for this one?
                let mut gap = 0.0f64;
                for v in 0..self.dim {
                    let x = self.coordinates[v * self.len + place];
                    gap = gap.max(corner[2 * v] - x).max(x - corner[2 * v + 1]);
                }
                if gap >= mine[k - 1].0 {
                    continue;
                }
            }
            self.distances(place, from, to, buffer);
            for (j, &d) in buffer.iter().enumerate() {
                if d < mine[k - 1].0 && from + j != place {
                    let mut slot = k - 1;
                    while slot > 0 && mine[slot - 1].0 > d {
                        mine[slot] = mine[slot - 1];
                        slot -= 1;
                    }
                    mine[slot] = (d, (from + j) as u32);
                }
            }
        }
    }

    /// How many other samples lie nearer than `radius[i]` to sample i, or at that distance too if `closed`.
    pub fn count_within(&self, radius: &[f64], closed: bool) -> Vec<u32> {
        let near = |d: f64, r: f64| d < r || (closed && d == r);
        let count = |&leaf: &u32| {
            let leaf = leaf as usize;
            let (start, end) = (self.nodes[leaf].start as usize, self.nodes[leaf].end as usize);
            let radii: Vec<f64> = self.order[start..end].iter().map(|&i| radius[i as usize]).collect();
            let (low, high) = radii.iter().fold((f64::INFINITY, 0.0f64), |(l, h), &r| (l.min(r), h.max(r)));
            let home: Vec<f64> = self.corner(leaf).to_vec();
            let mut counts = vec![0u32; end - start];
            let mut all = 0u32;
            let mut buffer = Vec::with_capacity(LEAF);
            let mut stack = vec![0u32];
            while let Some(node) = stack.pop() {
                let node = node as usize;
                let (from, to) = (self.nodes[node].start as usize, self.nodes[node].end as usize);
                if !near(self.gap(node, &home), high) {
                    continue;
                }
                if near(self.reach(node, &home), low) {
                    all += (to - from) as u32;
                } else if self.nodes[node].right == 0 {
                    for place in start..end {
                        let r = radii[place - start];
                        self.distances(place, from, to, &mut buffer);
                        counts[place - start] += buffer.iter().map(|&d| u32::from(near(d, r))).sum::<u32>();
                    }
                } else {
                    stack.push(self.nodes[node].right);
                    stack.push(node as u32 + 1);
                }
            }
            // A sample is not its own neighbour; it was counted where its distance 0 counts.
            counts.iter().zip(&radii).map(|(c, &r)| c + all - u32::from(near(0.0, r))).collect::<Vec<u32>>()
        };
        let found: Vec<Vec<u32>> = self.leaves.par_iter().with_min_len(16).map(count).collect();
        let mut out = vec![0; self.len];
        for (&leaf, counts) in self.leaves.iter().zip(&found) {
            let start = self.nodes[leaf as usize].start as usize;
            counts.iter().enumerate().for_each(|(j, &c)| out[self.order[start + j] as usize] = c);
        }
        out
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;
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
                let counts = tree.count_within(&nearest.distance, closed);
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
        let c = columns(3, 2000, 5, 0.0);
        let slices: Vec<&[f64]> = c.iter().map(Vec::as_slice).collect();
        let run = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| Tree::new(&slices).nearest(3, true))
        };
        let (one, two) = (run(1), run(2));
        assert!(one.distance == two.distance && one.neighbours == two.neighbours);
    }
}
