//! Who are the nearest neighbours of every sample in the maximum norm?
//!
//! A k-d tree with leaves of up to 16 samples, stored leaf by leaf and variable by variable, so that a sample is compared
//! with a whole leaf in one loop of fixed length. All samples of a leaf walk through the tree together; each leaves the
//! walk where it has no business. Distances are differences of the numbers as given, so that a sample at exactly the k-th
//! distance is seen to be there. Leaves are searched in parallel; the result does not depend on the number of threads.

use super::Points;
use rayon::prelude::*;

/// Most samples in a leaf.
const LEAF: usize = 16;
/// The halves of parts with more samples are divided in parallel.
const PARALLEL: usize = 4096;
/// A number for each sample of a leaf.
type Row = [f64; LEAF];

#[derive(Clone, Default)]
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

/// Samples that become a subtree, with the room for its nodes and their boxes.
struct Part<'a> {
    /// The place of the first sample, the number of the first node and of the first leaf.
    start: usize,
    node: usize,
    leaf: usize,
    samples: &'a mut [u32],
    nodes: &'a mut [Node],
    boxes: &'a mut [f64],
}

impl Part<'_> {
    fn divide(self, points: &[&[f64]]) {
        let Part { start, node, leaf, samples, nodes, boxes } = self;
        let dim = points.len();
        let ((here, nodes), (corner, boxes)) = (nodes.split_at_mut(1), boxes.split_at_mut(2 * dim));
        let (mut widest, mut width) = (0, -1.0);
        for ((v, column), ends) in points.iter().enumerate().zip(corner.chunks_exact_mut(2)) {
            let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
            for &i in samples.iter() {
                let x = column[i as usize];
                low = if x < low { x } else { low };
                high = larger(x, high);
            }
            (ends[0], ends[1]) = (low, high);
            if high - low > width {
                (widest, width) = (v, high - low);
            }
        }
        let end = (start + samples.len()) as u32;
        here[0] = Node { start: start as u32, end, right: 0, which: leaf as u32, split: 0.0 };
        if samples.len() <= LEAF {
            return;
        }
        // Samples that all coincide are divided too, by their numbers: a leaf has room for so many only.
        let column = points[widest];
        // Full leaves on the left: a comparison with a leaf costs the same however many samples it has.
        let full = samples.len().div_ceil(LEAF) / 2;
        let middle = full * LEAF;
        samples
            .select_nth_unstable_by(middle, |&a, &b| column[a as usize].total_cmp(&column[b as usize]).then(a.cmp(&b)));
        (here[0].which, here[0].split) = (widest as u32, column[samples[middle] as usize]);
        here[0].right = (node + 2 * full) as u32;
        let many = samples.len() > PARALLEL;
        let (samples, nodes) = (samples.split_at_mut(middle), nodes.split_at_mut(2 * full - 1));
        let boxes = boxes.split_at_mut((2 * full - 1) * 2 * dim);
        let left = Part { start, node: node + 1, leaf, samples: samples.0, nodes: nodes.0, boxes: boxes.0 };
        let (start, node, leaf) = (start + middle, node + 2 * full, leaf + full);
        let right = Part { start, node, leaf, samples: samples.1, nodes: nodes.1, boxes: boxes.1 };
        if many {
            rayon::join(|| left.divide(points), || right.divide(points));
        } else {
            left.divide(points);
            right.divide(points);
        }
    }
}

impl Tree {
    /// A tree over all samples.
    pub fn new(points: &[&[f64]]) -> Self {
        let (dim, len) = (points.len(), points.first().map_or(0, |c| c.len()));
        let mut order: Vec<u32> = (0..len as u32).collect();
        // Leaves are full but the last, so their number and that of the nodes are known.
        let leaves = len.div_ceil(LEAF).max(1);
        let mut nodes = vec![Node::default(); 2 * leaves - 1];
        let mut boxes = vec![0.0; nodes.len() * 2 * dim];
        let whole = Part { start: 0, node: 0, leaf: 0, samples: &mut order, nodes: &mut nodes, boxes: &mut boxes };
        whole.divide(points);
        let leaves: Vec<u32> = (0..nodes.len() as u32).filter(|&i| nodes[i as usize].right == 0).collect();
        let fill = |(&leaf, rows): (&u32, &mut [Row])| {
            let node = &nodes[leaf as usize];
            let places = &order[node.start as usize..node.end as usize];
            for (column, row) in points.iter().zip(rows) {
                row.iter_mut().zip(places).for_each(|(r, &i)| *r = column[i as usize]);
            }
        };
        let mut blocks = vec![[f64::INFINITY; LEAF]; leaves.len() * dim];
        leaves.par_iter().zip(blocks.par_chunks_mut(dim.max(1))).with_min_len(256).for_each(fill);
        Tree { dim, len, order, blocks, nodes, boxes, leaves }
    }
    /// The same over the variables of `points`.
    pub fn of(points: &Points) -> Self {
        let columns: Vec<&[f64]> = (0..points.dimension()).map(|i| points.variable(i)).collect();
        Tree::new(&columns)
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
}

#[cfg(test)]
#[path = "tree_tests.rs"]
mod tests;
