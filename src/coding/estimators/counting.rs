//! How many samples lie in a box around each sample?
//!
//! In one variable they are a run of places ([`Line`]). In several, the distance gives such a run for every variable, and
//! what remains is to count the samples whose places lie in all runs: whole numbers, eight of which are compared at once.
//! A k-d tree over places keeps leaves of 16 samples; all samples of a leaf walk through it together and each leaves the
//! walk where a node lies wholly inside or outside its box. The result does not depend on the number of threads.

use super::Points;
use super::line::Line;
use rayon::prelude::*;

/// Most samples in a leaf: one bit each in a mask.
const LEAF: usize = 16;
const BITS: [u16; LEAF] = {
    let mut bits = [0; LEAF];
    let mut j = 0;
    while j < LEAF {
        bits[j] = 1 << j;
        j += 1;
    }
    bits
};

/// A place among the sorted values of a variable: 16 bits where they suffice, because then more fit into a register.
pub(crate) trait Place: Copy + Ord + Send + Sync {
    /// No sample has it.
    const NONE: Self;
    fn of(place: usize) -> Self;
    /// By how much `self` is above `other`, as bits: 0 if it is not.
    fn above(self, other: Self) -> Self;
    fn or(self, other: Self) -> Self;
    /// 1 if it is 0, and 0 otherwise, without a branch.
    fn vanishes(self) -> u16;
}

macro_rules! place {
    ($kind:ty) => {
        impl Place for $kind {
            const NONE: Self = <$kind>::MAX;
            fn of(place: usize) -> Self {
                place as $kind
            }
            #[inline(always)]
            fn above(self, other: Self) -> Self {
                self.saturating_sub(other)
            }
            #[inline(always)]
            fn or(self, other: Self) -> Self {
                self | other
            }
            #[inline(always)]
            fn vanishes(self) -> u16 {
                (1 as $kind).saturating_sub(self) as u16
            }
        }
    };
}
place!(u16);
place!(u32);

type Row<P> = [P; LEAF];

/// Which entries are 0, as bits.
#[inline(always)]
fn zeros<P: Place>(row: &Row<P>) -> u16 {
    let mut bits = [0; LEAF];
    for j in 0..LEAF {
        bits[j] = row[j].vanishes().wrapping_mul(BITS[j]);
    }
    bits.iter().fold(0, |mask, bit| mask | bit)
}

/// How many entries are 0.
#[inline(always)]
fn zero_count<P: Place>(row: &Row<P>) -> u32 {
    u32::from(row.iter().map(|v| v.vanishes()).sum::<u16>())
}

struct Node {
    start: u32,
    end: u32,
    /// The right child; the left one is the next node. 0 for a leaf.
    right: u32,
    /// The number of the leaf, of a leaf.
    leaf: u32,
}

/// A k-d tree over places.
pub(crate) struct Boxes<P> {
    lines: Vec<Line>,
    /// Sample at each place of the tree.
    order: Vec<u32>,
    nodes: Vec<Node>,
    /// The lowest and the highest place of every node, variable by variable.
    ends: Vec<(P, P)>,
    /// Nodes that are leaves, and their samples: `rows[leaf * dimension + v]`.
    leaves: Vec<u32>,
    rows: Vec<Row<P>>,
}

impl<P: Place> Boxes<P> {
    /// The tree of the places of these samples.
    pub fn new(points: &Points) -> Self {
        let lines: Vec<Line> = (0..points.dimension()).into_par_iter().map(|v| Line::new(points.variable(v))).collect();
        let mut order: Vec<u32> = (0..points.len() as u32).collect();
        let (nodes, ends, leaves, rows) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut tree = Boxes { lines, order: Vec::new(), nodes, ends, leaves, rows };
        tree.build(&mut order, 0);
        tree.order = order;
        tree
    }

    fn build(&mut self, part: &mut [u32], start: usize) {
        let here = self.nodes.len();
        let end = (start + part.len()) as u32;
        self.nodes.push(Node { start: start as u32, end, right: 0, leaf: self.leaves.len() as u32 });
        let (mut widest, mut width) = (0, 0);
        for (v, line) in self.lines.iter().enumerate() {
            let (mut low, mut high) = (usize::MAX, 0);
            for &i in part.iter() {
                let place = line.place(i as usize);
                (low, high) = (low.min(place), high.max(place));
            }
            self.ends.push((P::of(low), P::of(high)));
            if high - low > width {
                (widest, width) = (v, high - low);
            }
        }
        if part.len() <= LEAF {
            self.leaves.push(here as u32);
            for line in &self.lines {
                let mut row = [P::NONE; LEAF];
                row.iter_mut().zip(part.iter()).for_each(|(r, &i)| *r = P::of(line.place(i as usize)));
                self.rows.push(row);
            }
            return;
        }
        // Full leaves on the left: a comparison with a leaf costs the same however many samples it has.
        let middle = part.len().div_ceil(LEAF) / 2 * LEAF;
        let line = &self.lines[widest];
        part.select_nth_unstable_by_key(middle, |&i| line.place(i as usize));
        let (left, right) = part.split_at_mut(middle);
        self.build(left, start);
        self.nodes[here].right = self.nodes.len() as u32;
        self.build(right, start + middle);
    }

    /// How many other samples lie nearer than `radius[i]` to sample i, or at that distance too if `closed`.
    fn counts(&self, radius: &[f64], closed: bool) -> Vec<u32> {
        let count = |leaves: &[u32]| -> Vec<u32> {
            let mut found = Vec::with_capacity(leaves.len() * LEAF);
            let (mut stack, mut boxes) = (Vec::with_capacity(64), vec![[[P::NONE; LEAF]; 2]; self.lines.len()]);
            for &leaf in leaves {
                self.count_leaf(leaf as usize, radius, closed, &mut boxes, &mut stack, &mut found);
            }
            found
        };
        // Chunks of a fixed size: the division does not depend on the number of threads.
        let found: Vec<Vec<u32>> = self.leaves.par_chunks(32).map(count).collect();
        let mut out = vec![0; self.order.len()];
        found.iter().flatten().zip(&self.order).for_each(|(&c, &sample)| out[sample as usize] = c);
        out
    }

    /// Appends the counts of the samples of a leaf; `boxes` holds the lowest and highest places for each, by variable.
    fn count_leaf(
        &self,
        leaf: usize,
        radius: &[f64],
        closed: bool,
        boxes: &mut [[Row<P>; 2]],
        stack: &mut Vec<(u32, u16)>,
        found: &mut Vec<u32>,
    ) {
        let Node { start, end, .. } = self.nodes[leaf];
        let home = &self.order[start as usize..end as usize];
        let mut asked = 0;
        for (line, ends) in self.lines.iter().zip(boxes.iter_mut()) {
            for (j, &i) in home.iter().enumerate() {
                let (first, after) = line.run(i as usize, radius[i as usize], closed);
                if after > first {
                    (ends[0][j], ends[1][j]) = (P::of(first), P::of(after - 1));
                    asked |= BITS[j];
                }
            }
        }
        let d = self.lines.len();
        let mut counts = [0u32; LEAF];
        stack.clear();
        stack.push((0, asked));
        while let Some((node, mask)) = stack.pop() {
            let (mut apart, mut partly) = ([P::of(0); LEAF], [P::of(0); LEAF]);
            let corners = &self.ends[node as usize * d..(node as usize + 1) * d];
            for ([low, high], &(first, last)) in boxes.iter().zip(corners) {
                for j in 0..LEAF {
                    apart[j] = apart[j].or(first.above(high[j])).or(low[j].above(last));
                    partly[j] = partly[j].or(low[j].above(first)).or(last.above(high[j]));
                }
            }
            let touched = mask & zeros(&apart);
            let inside = touched & zeros(&partly);
            let Node { start, end, right, leaf } = self.nodes[node as usize];
            if inside != 0 {
                counts.iter_mut().zip(&BITS).filter(|(_, b)| inside & **b != 0).for_each(|(c, _)| *c += end - start);
            }
            let mut left = touched & !inside;
            if left == 0 {
                continue;
            }
            if right != 0 {
                stack.push((right, left));
                stack.push((node + 1, left));
                continue;
            }
            let theirs = &self.rows[leaf as usize * d..(leaf as usize + 1) * d];
            while left != 0 {
                let j = left.trailing_zeros() as usize;
                left &= left - 1;
                let mut out = [P::of(0); LEAF];
                for ([low, high], row) in boxes.iter().zip(theirs) {
                    let (low, high) = (low[j], high[j]);
                    for i in 0..LEAF {
                        out[i] = out[i].or(low.above(row[i])).or(row[i].above(high));
                    }
                }
                counts[j] += zero_count(&out);
            }
        }
        // A sample is not its own neighbour.
        found.extend(counts.iter().take(home.len()).map(|c| c.saturating_sub(1)));
    }
}

/// Counts of neighbours within a distance in one set of variables.
pub(crate) enum Marginal {
    /// One variable.
    Line(Line),
    /// Several variables of fewer than 65,536 samples.
    Few(Boxes<u16>),
    /// Several variables.
    Many(Boxes<u32>),
}

impl Marginal {
    pub fn of(points: &Points) -> Self {
        match (points.dimension(), points.len()) {
            (1, _) => Marginal::Line(Line::new(points.variable(0))),
            (_, n) if n <= usize::from(u16::MAX) => Marginal::Few(Boxes::new(points)),
            _ => Marginal::Many(Boxes::new(points)),
        }
    }
    /// How many other samples lie nearer than `radius[i]` to sample i, or at that distance too if `closed`.
    pub fn counts(&self, radius: &[f64], closed: bool) -> Vec<u32> {
        match self {
            Marginal::Few(boxes) => boxes.counts(radius, closed),
            Marginal::Many(boxes) => boxes.counts(radius, closed),
            Marginal::Line(line) => {
                let one = |(i, &r): (usize, &f64)| line.count(i, r, closed);
                radius.par_iter().enumerate().with_min_len(2048).map(one).collect()
            }
        }
    }
}
