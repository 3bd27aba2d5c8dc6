//! Which equations make a polynomial a periodic orbit? Collocation, condensed to one unknown state per interval.
//!
//! u' = T f(u; λ) at the Gauss points, u(0) = u(1), a phase condition, and one more row that picks a point of the
//! branch. Eliminating the inner nodes of each interval leaves x_{j+1} = G_j x_j + …; the product of the G_j is the
//! monodromy matrix, whose eigenvalues are the Floquet multipliers.

use super::mesh::{DEGREE, Orbit, Rule};
use crate::field::Field;
use crate::num::Dual;
use nalgebra::{DMatrix, DVector};

/// A periodic orbit, its period and the parameter, in scaled coordinates.
#[derive(Clone, Debug)]
pub struct Unknown {
    pub orbit: Orbit,
    pub period: f64,
    pub parameter: f64,
}

impl Unknown {
    /// self + step · direction.
    pub fn moved(&self, direction: &Unknown, step: f64) -> Self {
        let orbit = Orbit { mesh: self.orbit.mesh.clone(), nodes: &self.orbit.nodes + &direction.orbit.nodes * step };
        Unknown {
            orbit,
            period: self.period + step * direction.period,
            parameter: self.parameter + step * direction.parameter,
        }
    }
    /// ∫⟨u, v⟩ dt + T T' + λ λ'.
    pub fn dot(&self, other: &Unknown, rule: &Rule) -> f64 {
        let weights = functional(&other.orbit, rule, &rule.value, true);
        weights.dot(&self.orbit.nodes) + self.period * other.period + self.parameter * other.parameter
    }
}

/// The row of the functional u ↦ ∫⟨u, v⟩ dt (`table` of values, `width`) or ∫⟨u, v'⟩ dt (of slopes) over the nodes.
fn functional(v: &Orbit, rule: &Rule, table: &[[f64; DEGREE + 1]; DEGREE], width: bool) -> DMatrix<f64> {
    let mut row = DMatrix::zeros(v.nodes.nrows(), v.nodes.ncols());
    for j in 0..v.intervals() {
        let h = if width { v.mesh[j + 1] - v.mesh[j] } else { 1.0 };
        for (c, shares) in table.iter().enumerate() {
            let at_point: Vec<f64> = (0..v.nodes.nrows())
                .map(|i| shares.iter().enumerate().map(|(l, s)| s * v.nodes[(i, v.index(j, l))]).sum())
                .collect();
            for k in 0..=DEGREE {
                let share = h * rule.weight[c] * rule.value[c][k];
                at_point.iter().enumerate().for_each(|(i, x)| row[(i, v.index(j, k))] += share * x);
            }
        }
    }
    row
}

/// The problem: a field, its parameters, which one is free, and the scales.
pub struct Collocation<'a> {
    pub field: &'a dyn Field,
    pub p: Vec<f64>,
    pub free: usize,
    /// One scale per variable (coherent units per scaled unit).
    pub scale: Vec<f64>,
    /// Scale of the period (s) and of the parameter.
    pub period_scale: f64,
    pub parameter_scale: f64,
    pub rule: Rule,
}

/// One Newton step's answer: the increment, the tangent along the branch, and the maps over the intervals.
pub struct Linear {
    pub residual: f64,
    pub step: Unknown,
    pub tangent: Unknown,
    pub maps: Vec<DMatrix<f64>>,
}

impl Collocation<'_> {
    /// f, ∂f/∂x and ∂f/∂λ in scaled coordinates at a scaled state.
    fn evaluate(&self, x: &[f64], parameter: f64) -> (Vec<f64>, DMatrix<f64>, Vec<f64>) {
        let n = x.len();
        let mut xd: Vec<Dual> = x.iter().zip(&self.scale).map(|(v, s)| Dual::fixed(v * s)).collect();
        let mut pd: Vec<Dual> = self.p.iter().map(|&v| Dual::fixed(v)).collect();
        pd[self.free] = Dual::fixed(parameter * self.parameter_scale);
        let mut out = vec![Dual::fixed(0.0); n];
        let mut jacobian = DMatrix::zeros(n, n);
        for j in 0..n {
            xd[j].d = self.scale[j];
            self.field.push(&xd, &pd, &mut out);
            xd[j].d = 0.0;
            (0..n).for_each(|i| jacobian[(i, j)] = out[i].d / self.scale[i]);
        }
        pd[self.free].d = self.parameter_scale;
        self.field.push(&xd, &pd, &mut out);
        let value = out.iter().zip(&self.scale).map(|(o, s)| o.v / s).collect();
        let slope = out.iter().zip(&self.scale).map(|(o, s)| o.d / s).collect();
        (value, jacobian, slope)
    }
    fn state(&self, u: &Unknown, j: usize, c: usize) -> Vec<f64> {
        (0..u.orbit.nodes.nrows())
            .map(|i| (0..=DEGREE).map(|k| self.rule.value[c][k] * u.orbit.nodes[(i, u.orbit.index(j, k))]).sum())
            .collect()
    }
    /// One Newton step at `u`, in the hyperplane through `anchor` normal to `normal`; phase fixed against `reference`.
    ///
    /// `None` if the linear system is singular or something is not finite.
    pub fn linear(&self, u: &Unknown, anchor: &Unknown, normal: &Unknown, reference: &Orbit) -> Option<Linear> {
        let (n, intervals) = (u.orbit.nodes.nrows(), u.orbit.intervals());
        let (inner, size) = (DEGREE * n, intervals * n + 2);
        let (column_t, column_p) = (intervals * n, intervals * n + 1);
        let phase = functional(reference, &self.rule, &self.rule.slope, false);
        let arc = functional(&normal.orbit, &self.rule, &self.rule.value, true);
        let mut matrix = DMatrix::zeros(size, size);
        let mut right = DVector::zeros(size);
        let mut residual = 0.0f64;
        let mut condensed = Vec::with_capacity(intervals);
        let time = u.period * self.period_scale;
        for j in 0..intervals {
            let h = u.orbit.mesh[j + 1] - u.orbit.mesh[j];
            let mut nodes = DMatrix::zeros(inner, inner);
            // Columns: the left node, T, λ, the residual.
            let mut rest = DMatrix::zeros(inner, n + 3);
            for c in 0..DEGREE {
                let (f, jacobian, slope) = self.evaluate(&self.state(u, j, c), u.parameter);
                for i in 0..n {
                    let row = c * n + i;
                    let mut value = -h * time * f[i];
                    for k in 0..=DEGREE {
                        value += self.rule.slope[c][k] * u.orbit.nodes[(i, u.orbit.index(j, k))];
                        for l in 0..n {
                            let diagonal = if i == l { self.rule.slope[c][k] } else { 0.0 };
                            let entry = diagonal - h * time * jacobian[(i, l)] * self.rule.value[c][k];
                            match k {
                                0 => rest[(row, l)] = entry,
                                _ => nodes[(row, (k - 1) * n + l)] = entry,
                            }
                        }
                    }
                    rest[(row, n)] = -h * self.period_scale * f[i];
                    rest[(row, n + 1)] = -h * time * slope[i];
                    rest[(row, n + 2)] = value;
                    residual = residual.max(value.abs());
                }
            }
            // d = −A⁻¹(L d₀ + …): the nodes 1 to m of the interval.
            let map = -nodes.lu().solve(&rest)?;
            let last = map.rows(inner - n, n);
            let next = (j + 1) % intervals;
            for i in 0..n {
                let row = j * n + i;
                matrix[(row, next * n + i)] += 1.0;
                for l in 0..n {
                    matrix[(row, j * n + l)] -= last[(i, l)];
                }
                matrix[(row, column_t)] = -last[(i, n)];
                matrix[(row, column_p)] = -last[(i, n + 1)];
                right[row] = last[(i, n + 2)];
            }
            for (row, functional) in [(column_t, &phase), (column_p, &arc)] {
                for l in 0..n {
                    matrix[(row, j * n + l)] += functional[(l, j * DEGREE)];
                }
                for k in 1..DEGREE {
                    for i in 0..n {
                        let share = functional[(i, j * DEGREE + k)];
                        let from = map.row((k - 1) * n + i);
                        (0..n).for_each(|l| matrix[(row, j * n + l)] += share * from[l]);
                        matrix[(row, column_t)] += share * from[n];
                        matrix[(row, column_p)] += share * from[n + 1];
                        right[row] -= share * from[n + 2];
                    }
                }
            }
            condensed.push(map);
        }
        matrix[(column_p, column_t)] += normal.period;
        matrix[(column_p, column_p)] += normal.parameter;
        right[column_t] -= phase.dot(&u.orbit.nodes);
        right[column_p] -= normal.dot(&u.moved(anchor, -1.0), &self.rule);
        let lu = matrix.lu();
        let solution = lu.solve(&right)?;
        let mut ahead = DVector::zeros(size);
        ahead[column_p] = 1.0;
        let ahead = lu.solve(&ahead)?;
        let expand = |x: &DVector<f64>, with_residual: f64| {
            let mut nodes = DMatrix::zeros(n, intervals * DEGREE);
            for (j, map) in condensed.iter().enumerate() {
                for i in 0..n {
                    nodes[(i, j * DEGREE)] = x[j * n + i];
                }
                for k in 1..DEGREE {
                    for i in 0..n {
                        let from = map.row((k - 1) * n + i);
                        nodes[(i, j * DEGREE + k)] = (0..n).map(|l| from[l] * x[j * n + l]).sum::<f64>()
                            + from[n] * x[column_t]
                            + from[n + 1] * x[column_p]
                            + from[n + 2] * with_residual;
                    }
                }
            }
            let orbit = Orbit { mesh: u.orbit.mesh.clone(), nodes };
            Unknown { orbit, period: x[column_t], parameter: x[column_p] }
        };
        let maps = condensed.iter().map(|map| map.view((inner - n, 0), (n, n)).into_owned()).collect();
        let step = expand(&solution, 1.0);
        let tangent = expand(&ahead, 0.0);
        let length = tangent.dot(&tangent, &self.rule).sqrt();
        if !length.is_finite() || !residual.is_finite() {
            return None;
        }
        let zero = Unknown {
            orbit: Orbit { mesh: u.orbit.mesh.clone(), nodes: DMatrix::zeros(n, intervals * DEGREE) },
            period: 0.0,
            parameter: 0.0,
        };
        Some(Linear { residual, step, tangent: zero.moved(&tangent, 1.0 / length), maps })
    }
}
