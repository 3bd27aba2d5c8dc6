//! Who are the nearest neighbours of every sample in the maximum norm, and how many samples lie within a distance?
//!
//! A k-d tree with leaves of up to 16 samples, stored leaf by leaf and variable by variable, so that a sample is compared
//! with a whole leaf in one loop of fixed length. All samples of a leaf walk through the tree together; each leaves the
//! walk where it has no business. Distances are differences of the numbers as given, so that a sample at exactly the k-th
//! distance is seen to be there. Leaves are searched in parallel; the result does not depend on the number of threads.

use super::Points;
use rayon::prelude::*;

/// Most samples in a leaf: one bit each in a [`Mask`].
const LEAF: usize = 16;
/// Which samples of a leaf are still walking.
type Mask = u16;
/// A number for each sample of a leaf.
type Row = [f64; LEAF];

struct Node {
    start: u32,
    end: u32,
    /// The right child; the left one is the next node. 0 for a leaf.
    right: u32,
    /// The variable that was divided; the number of the block for a leaf.
    which: u32,
    /// Where it was divided.
    split: f64,
}

/// A k-d tree over samples.
pub(crate) struct Tree {
    dim: usize,
    len: usize,
    /// Sample at each place of the tree.
    order: Vec<u32>,
    /// `blocks[leaf * dim + v]`; infinite where a leaf has fewer samples.
    blocks: Vec<Row>,
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

/// The larger of two numbers that are not NaN.
#[inline(always)]
fn larger(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}

impl Tree {
    /// A tree over all samples.
    pub fn new(points: &[&[f64]]) -> Self {
        let (dim, len) = (points.len(), points.first().map_or(0, |c| c.len()));
        let (order, blocks) = ((0..len as u32).collect(), Vec::new());
        let mut tree = Tree { dim, len, order, blocks, nodes: Vec::new(), boxes: Vec::new(), leaves: Vec::new() };
        let mut order = std::mem::take(&mut tree.order);
        tree.build(points, &mut order, 0);
        tree.blocks.reserve(tree.leaves.len() * dim);
        for &leaf in &tree.leaves {
            let node = &tree.nodes[leaf as usize];
            for column in points {
                let mut row = [f64::INFINITY; LEAF];
                let places = &order[node.start as usize..node.end as usize];
                row.iter_mut().zip(places).for_each(|(r, &i)| *r = column[i as usize]);
                tree.blocks.push(row);
            }
        }
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
        let end = (start + part.len()) as u32;
        self.nodes.push(Node { start: start as u32, end, right: 0, which: self.leaves.len() as u32, split: 0.0 });
        let (mut widest, mut width) = (0, -1.0);
        for (v, column) in points.iter().enumerate() {
            let (mut lo, mut hi) = (f64::INFINITY, f64::NEG_INFINITY);
            for &i in part.iter() {
                let x = column[i as usize];
                lo = if x < lo { x } else { lo };
                hi = larger(x, hi);
            }
            self.boxes.push(lo);
            self.boxes.push(hi);
            if hi - lo > width {
                (widest, width) = (v, hi - lo);
            }
        }
        if part.len() <= LEAF {
            self.leaves.push(here as u32);
            return;
        }
        // Samples that all coincide are divided too, by their numbers: a leaf has room for so many only.
        let column = points[widest];
        // Full leaves on the left: a comparison with a leaf costs the same however many samples it has.
        let middle = part.len().div_ceil(LEAF) / 2 * LEAF;
        part.select_nth_unstable_by(middle, |&a, &b| column[a as usize].total_cmp(&column[b as usize]).then(a.cmp(&b)));
        (self.nodes[here].which, self.nodes[here].split) = (widest as u32, column[part[middle] as usize]);
        let (left, right) = part.split_at_mut(middle);
        self.build(points, left, start);
        self.nodes[here].right = self.nodes.len() as u32;
        self.build(points, right, start + middle);
    }

    fn corner(&self, node: usize) -> &[f64] {
        &self.boxes[node * 2 * self.dim..(node + 1) * 2 * self.dim]
    }
    /// The samples of a leaf, one row per variable.
    fn block(&self, leaf: usize) -> &[Row] {
        let block = self.nodes[leaf].which as usize;
        &self.blocks[block * self.dim..(block + 1) * self.dim]
    }
    /// The maximum-norm distance of two boxes; 0 if they meet.
    #[inline]
    fn gap(&self, a: usize, b: usize) -> f64 {
        let mut gap = 0.0;
        for (a, b) in self.corner(a).chunks_exact(2).zip(self.corner(b).chunks_exact(2)) {
            gap = larger(gap, larger(a[0] - b[1], b[0] - a[1]));
        }
        gap
    }
    /// The maximum-norm distance of every sample of a leaf from the box of a node; 0 inside.
    #[inline]
    fn gaps(&self, node: usize, home: &[Row]) -> Row {
        let mut gaps = [0.0; LEAF];
        for (row, ends) in home.iter().zip(self.corner(node).chunks_exact(2)) {
            for j in 0..LEAF {
                gaps[j] = larger(gaps[j], larger(ends[0] - row[j], row[j] - ends[1]));
            }
        }
        gaps
    }
    /// The largest maximum-norm distance of every sample of a leaf from points in the box of a node.
    #[inline]
    fn reaches(&self, node: usize, home: &[Row]) -> Row {
        let mut reaches = [0.0; LEAF];
        for (row, ends) in home.iter().zip(self.corner(node).chunks_exact(2)) {
            for j in 0..LEAF {
                reaches[j] = larger(reaches[j], larger(ends[1] - row[j], row[j] - ends[0]));
            }
        }
        reaches
    }
    /// Distances of sample j of `home` from all samples of a leaf; none if, after some variables, none can be as near as
    /// `limit`.
    #[inline]
    fn distances(&self, home: &[Row], j: usize, leaf: &[Row], limit: f64) -> Option<Row> {
        let mut d = [0.0; LEAF];
        for (mine, theirs) in home.chunks(3).zip(leaf.chunks(3)) {
            for (row, column) in mine.iter().zip(theirs) {
                let x = row[j];
                for i in 0..LEAF {
                    d[i] = larger((x - column[i]).abs(), d[i]);
                }
            }
            let mut some = false;
            for v in &d {
                some |= *v <= limit;
            }
            if !some {
                return None;
            }
        }
        Some(d)
    }

    /// The k nearest neighbours of every sample among the others; `1 ≤ k < n`.
    pub fn nearest(&self, k: usize, keep_neighbours: bool) -> Nearest {
        let search = |leaves: &[u32]| -> Vec<(f64, u32)> {
            let mut found = Vec::with_capacity(leaves.len() * LEAF * k);
            let mut stack = Vec::with_capacity(64);
            leaves.iter().for_each(|&leaf| self.search_leaf(leaf as usize, k, &mut stack, &mut found));
            found
        };
        // Chunks of a fixed size: the division does not depend on the number of threads.
        let found: Vec<Vec<(f64, u32)>> = self.leaves.par_chunks(32).map(search).collect();
        let mut distance = vec![0.0; self.len];
        let mut neighbours = vec![0; if keep_neighbours { k * self.len } else { 0 }];
        // Leaves are in the order of their places.
        for (place, best) in found.iter().flat_map(|f| f.chunks(k)).enumerate() {
            let sample = self.order[place] as usize;
            distance[sample] = best[k - 1].0;
            if keep_neighbours {
                let kept = &mut neighbours[sample * k..(sample + 1) * k];
                kept.iter_mut().zip(best).for_each(|(n, b)| *n = self.order[b.1 as usize]);
            }
        }
        Nearest { distance, neighbours }
    }

    /// Appends the k best (distance, place) of every place of a leaf, sorted by distance.
    fn search_leaf(&self, leaf: usize, k: usize, stack: &mut Vec<u32>, found: &mut Vec<(f64, u32)>) {
        let (start, end) = (self.nodes[leaf].start as usize, self.nodes[leaf].end as usize);
        let home = self.block(leaf);
        let first = found.len();
        found.resize(first + k * (end - start), (f64::INFINITY, u32::MAX));
        let best = &mut found[first..];
        // The k-th distance of every sample; −1 keeps the empty places out of every comparison.
        let mut limit = [-1.0; LEAF];
        limit[..end - start].fill(f64::INFINITY);
        // The leaf itself first: it gives distances to prune with.
        self.compare(leaf, leaf, home, k, &[0.0; LEAF], &mut limit, best);
        let mut widest = limit.iter().copied().fold(0.0, larger);
        stack.clear();
        stack.push(0);
        while let Some(node) = stack.pop() {
            let node = node as usize;
            if node == leaf || self.gap(node, leaf) >= widest {
                continue;
            }
            let Node { right, which, split, .. } = self.nodes[node];
            if right == 0 {
                let gaps = self.gaps(node, home);
                if gaps.iter().zip(&limit).any(|(g, l)| g < l) {
                    self.compare(node, leaf, home, k, &gaps, &mut limit, best);
                    widest = limit.iter().copied().fold(0.0, larger);
                }
                continue;
            }
            // The child on the side of the leaf is looked at first.
            let (low, high) = (node as u32 + 1, right);
            if home[which as usize][0] < split { stack.extend([high, low]) } else { stack.extend([low, high]) }
        }
    }

    /// Compares the samples of `leaf` with those of `node` and keeps the k best of each.
    #[allow(clippy::too_many_arguments)]
    #[inline]
    fn compare(
        &self,
        node: usize,
        leaf: usize,
        home: &[Row],
        k: usize,
        gaps: &Row,
        limit: &mut Row,
        best: &mut [(f64, u32)],
    ) {
        let from = self.nodes[node].start as usize;
        let size = self.nodes[node].end as usize - from;
        let theirs = self.block(node);
        for (j, mine) in best.chunks_mut(k).enumerate() {
            if gaps[j] >= limit[j] {
                continue;
            }
            let Some(d) = self.distances(home, j, theirs, limit[j]) else { continue };
            for (i, &d) in d.iter().enumerate().take(size) {
                if d < mine[k - 1].0 && (node != leaf || i != j) {
                    let mut slot = k - 1;
                    while slot > 0 && mine[slot - 1].0 > d {
                        mine[slot] = mine[slot - 1];
                        slot -= 1;
                    }
                    mine[slot] = (d, (from + i) as u32);
                }
            }
            limit[j] = mine[k - 1].0;
        }
    }

    /// How many other samples lie nearer than `radius[i]` to sample i, or at that distance too if `closed`.
    pub fn count_within(&self, radius: &[f64], closed: bool) -> Vec<u32> {
        let count = |leaves: &[u32]| -> Vec<u32> {
            let mut found = Vec::with_capacity(leaves.len() * LEAF);
            let mut stack = Vec::with_capacity(64);
            leaves.iter().for_each(|&leaf| self.count_leaf(leaf as usize, radius, closed, &mut stack, &mut found));
            found
        };
        let found: Vec<Vec<u32>> = self.leaves.par_chunks(32).map(count).collect();
        let mut out = vec![0; self.len];
        found.iter().flatten().zip(&self.order).for_each(|(&c, &sample)| out[sample as usize] = c);
        out
    }

    /// Appends the counts of the places of a leaf.
    fn count_leaf(
        &self,
        leaf: usize,
        radius: &[f64],
        closed: bool,
        stack: &mut Vec<(u32, Mask)>,
        found: &mut Vec<u32>,
    ) {
        let (start, end) = (self.nodes[leaf].start as usize, self.nodes[leaf].end as usize);
        let near = |d: f64, r: f64| d < r || (closed && d == r);
        let home = self.block(leaf);
        let mut radii = [-1.0; LEAF];
        radii.iter_mut().zip(&self.order[start..end]).for_each(|(r, &i)| *r = radius[i as usize]);
        let widest = radii.iter().copied().fold(0.0, larger);
        let mut counts = [0u32; LEAF];
        stack.clear();
        stack.push((0, Mask::MAX >> (LEAF - (end - start))));
        while let Some((node, mask)) = stack.pop() {
            let node = node as usize;
            if !near(self.gap(node, leaf), widest) {
                continue;
            }
            let (gaps, reaches) = (self.gaps(node, home), self.reaches(node, home));
            let size = self.nodes[node].end - self.nodes[node].start;
            let (mut touched, mut inside): (Mask, Mask) = (0, 0);
            for j in 0..LEAF {
                touched |= Mask::from(near(gaps[j], radii[j])) << j;
                inside |= Mask::from(near(reaches[j], radii[j])) << j;
            }
            inside &= mask;
            let mut left = mask & touched & !inside;
            for (j, c) in counts.iter_mut().enumerate() {
                *c += size * u32::from(inside >> j & 1);
            }
            if left == 0 {
                continue;
            }
            let right = self.nodes[node].right;
            if right != 0 {
                stack.push((right, left));
                stack.push((node as u32 + 1, left));
                continue;
            }
            let theirs = self.block(node);
            while left != 0 {
                let j = left.trailing_zeros() as usize;
                left &= left - 1;
                if let Some(d) = self.distances(home, j, theirs, radii[j]) {
                    // Empty places are infinitely far.
                    counts[j] += d.iter().map(|&d| u32::from(near(d, radii[j]))).sum::<u32>();
                }
            }
        }
        // A sample is not its own neighbour; it was counted where its distance 0 counts.
        let others = |(c, &r): (&u32, &f64)| c - u32::from(near(0.0, r));
        found.extend(counts.iter().zip(&radii).take(end - start).map(others));
    }
}

#[cfg(test)]
#[path = "tree_tests.rs"]
mod tests;
