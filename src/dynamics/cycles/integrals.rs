//! What are the scalar products of functions on a mesh? Integrals of products of polynomials, exact to rounding.

use super::mesh::{DEGREE, Orbit, Rule, combine_nodes};
use crate::num::linalg::{Kernel, Size, sized};
use nalgebra::DMatrix;

impl Orbit {
    /// ∫⟨u, v⟩ ds; both are on one mesh.
    pub fn dot(&self, other: &Orbit, rule: &Rule) -> f64 {
        debug_assert_eq!(self.intervals(), other.intervals(), "two functions on one mesh");
        sized(self.variables(), Dot(self, other, rule))
    }
    /// The weights of u ↦ ∫⟨u, v⟩ ds over the nodes, or with `slopes` of u ↦ ∫⟨u, v'⟩ ds.
    pub fn weights(&self, rule: &Rule, slopes: bool) -> DMatrix<f64> {
        let mut row = DMatrix::zeros(self.variables(), self.nodes.ncols());
        sized(self.variables(), Weights { v: self, rule, slopes, row: row.as_mut_slice() });
        row
    }
    /// Calls `take` with a node and the integrals of its polynomial times the function, or its slope, for each node of each
    /// interval; a node between two intervals comes twice.
    #[inline(always)]
    fn each_integral(&self, n: impl Size, rule: &Rule, slopes: bool, mut take: impl FnMut(usize, &[f64])) {
        let mut integral = vec![0.0; n.get()];
        for j in 0..self.intervals() {
            // The width of the interval cancels against the slope's.
            let (table, h) = if slopes { (&rule.drift, 1.0) } else { (&rule.mass, self.width(j)) };
            for (k, shares) in table.iter().enumerate() {
                combine_nodes(self.nodes_of(j), n, shares, &mut integral);
                integral.iter_mut().for_each(|x| *x *= h);
                take(j * DEGREE + k, &integral);
            }
        }
    }
}

struct Dot<'a>(&'a Orbit, &'a Orbit, &'a Rule);

impl Kernel for Dot<'_> {
    type Output = f64;
    #[inline(always)]
    fn run(self, n: impl Size) -> f64 {
        let Dot(u, v, rule) = self;
        let mut sum = 0.0;
        v.each_integral(n, rule, false, |node, integral| {
            let here = &u.nodes.as_slice()[node * n.get()..][..n.get()];
            sum += here.iter().zip(integral).map(|(a, b)| a * b).sum::<f64>();
        });
        sum
    }
}

struct Weights<'a> {
    v: &'a Orbit,
    rule: &'a Rule,
    slopes: bool,
    row: &'a mut [f64],
}

impl Kernel for Weights<'_> {
    type Output = ();
    #[inline(always)]
    fn run(self, n: impl Size) {
        self.v.each_integral(n, self.rule, self.slopes, |node, integral| {
            let to = &mut self.row[node * n.get()..][..n.get()];
            to.iter_mut().zip(integral).for_each(|(to, x)| *to += x);
        });
    }
}
