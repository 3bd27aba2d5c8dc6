//! Which equations does a curve of special points solve? Minimally augmented systems that stay regular at its own
//! special points.
//!
//! Fold: F = 0 and g = 0 with [J b; cᵀ 0][v; g] = [0; 1], regular through cusps and Bogdanov–Takens points.
//! Hopf: F = 0 and the bordered solution of (J − iω) v + b g = 0, cᵀv = 1, split as v = v₁ + iω v₂, g = g₁ + iω g₂, whose
//! parts are analytic in κ = ω²: g₁ = g₂ = 0 is regular through κ = 0, where the curve meets the folds.
//! Branch point: F + μ w = 0, [J F_λ]ᵀ w = 0, |w| = 1 (Moore); the crossing is unbroken where μ = 0.
//! Sources: Govaerts (2000), chapters 4 and 5; the splitting in κ is ours.

use super::super::extended::Extended;
use super::super::locate::unit;
use crate::num::linalg::{Factored, eigen, null_vectors};
use nalgebra::{Complex, DMatrix, DVector};

/// Which special point is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CurveKind {
    /// Two fixed points meet.
    Fold,
    /// A pair of eigenvalues ±iω.
    Hopf,
    /// Two branches cross.
    BranchPoint,
}

impl CurveKind {
    /// The name used in tables and JSON.
    pub fn name(self) -> &'static str {
        match self {
            CurveKind::Fold => "fold-curve",
            CurveKind::Hopf => "hopf-curve",
            CurveKind::BranchPoint => "branch-point-curve",
        }
    }
}

/// The equations of one curve, with the borders of the place where it is.
#[derive(Clone)]
pub struct System<'a> {
    pub problem: &'a Extended<'a>,
    pub kind: CurveKind,
    /// The unit of rates, 1/s: κ is counted in its square.
    pub rate: f64,
    b: DVector<f64>,
    c: DVector<f64>,
}

/// The equations at a place: values, derivatives, and the critical vectors (v and w; at a Hopf point v₁ and w₁).
pub struct Solved {
    pub value: DVector<f64>,
    pub matrix: DMatrix<f64>,
    pub v: DVector<f64>,
    pub w: DVector<f64>,
    /// The borders b and c that fit here.
    fitting: [DVector<f64>; 2],
}

impl<'a> System<'a> {
    /// The system with borders for the coordinates `z` (variables and two parameters); ω at a Hopf point.
    pub fn new(problem: &'a Extended<'a>, kind: CurveKind, z: &DVector<f64>, omega: f64) -> Option<Self> {
        let a = problem.square(z);
        let (b, c) = match kind {
            CurveKind::Hopf if omega > 0.0 => {
                let pairs = eigen(&a).ok()?;
                let far = |k: usize| (pairs.values[k] - Complex::new(0.0, omega)).norm();
                let k = (0..a.nrows()).min_by(|&i, &j| far(i).total_cmp(&far(j)))?;
                (both_axes(&pairs.left.column(k).into_owned())?, both_axes(&pairs.right.column(k).into_owned())?)
            }
            _ => {
                let (c, b) = null_vectors(&a).ok()?;
                (b, c.vector)
            }
        };
        // Between the two, so that κ is neither lost beside the variables nor longer than all of them.
        let usual = usual_rate(problem, z);
        let rate = if omega > 0.0 { (omega * usual).sqrt() } else { usual };
        Some(System { problem, kind, rate, b, c })
    }
    /// How many unknowns: one more than equations.
    pub fn unknowns(&self) -> usize {
        let (n, m) = (self.problem.variables(), self.problem.coordinates());
        match self.kind {
            CurveKind::Fold => m,
            CurveKind::Hopf => m + 1,
            CurveKind::BranchPoint => m + 1 + n,
        }
    }
    /// The unknowns at a special point.
    pub fn unknowns_of(&self, z: &DVector<f64>, omega: f64) -> DVector<f64> {
        let m = z.len();
        DVector::from_fn(self.unknowns(), |i, _| match i {
            i if i < m => z[i],
            i if i == m && self.kind == CurveKind::Hopf => (omega / self.rate).powi(2),
            i if i > m => self.b[i - m - 1],
            _ => 0.0,
        })
    }
    /// The coordinates without the auxiliary unknowns.
    pub fn coordinates(&self, u: &DVector<f64>) -> DVector<f64> {
        u.rows(0, self.problem.coordinates()).into_owned()
    }
    /// κ = ω² (1/s²) on a Hopf curve.
    pub fn kappa(&self, u: &DVector<f64>) -> f64 {
        u[self.problem.coordinates()] * self.rate.powi(2)
    }
    /// The same equations with borders that fit a solution.
    pub fn refreshed(&self, at: &Solved) -> Self {
        System { b: at.fitting[0].normalize(), c: at.fitting[1].normalize(), ..self.clone() }
    }
    /// The equations and their derivatives.
    pub fn solve(&self, u: &DVector<f64>) -> Option<Solved> {
        match self.kind {
            CurveKind::Fold => self.fold(u),
            CurveKind::Hopf => self.hopf(u),
            CurveKind::BranchPoint => self.branch_point(u),
        }
    }
    /// Upper rows F/rate and their derivatives, with room for `extra` rows.
    fn base(
        &self,
        u: &DVector<f64>,
        z: &DVector<f64>,
        full: &DMatrix<f64>,
        rows: usize,
    ) -> (DVector<f64>, DMatrix<f64>) {
        let n = self.problem.variables();
        let mut value = DVector::zeros(rows);
        let mut matrix = DMatrix::zeros(rows, u.len());
        value.rows_mut(0, n).copy_from(&(self.problem.value(z) / self.rate));
        matrix.view_mut((0, 0), full.shape()).copy_from(full);
        (value, matrix)
    }
    /// [J/rate b; cᵀ 0].
    fn bordered(&self, full: &DMatrix<f64>) -> DMatrix<f64> {
        let n = self.problem.variables();
        let mut out = DMatrix::zeros(n + 1, n + 1);
        out.view_mut((0, 0), (n, n)).copy_from(&full.columns(0, n));
        out.view_mut((0, n), (n, 1)).copy_from(&self.b);
        out.view_mut((n, 0), (1, n)).copy_from(&self.c.transpose());
        out
    }
    fn lift(&self, v: &DVector<f64>) -> DVector<f64> {
        super::super::locate::lift(v, self.problem.coordinates())
    }
    fn fold(&self, u: &DVector<f64>) -> Option<Solved> {
        let (n, m) = (self.problem.variables(), self.problem.coordinates());
        let full = self.problem.jacobian(u) / self.rate;
        let factored = Factored::of(self.bordered(&full)).ok()?;
        let (right, left) = (factored.solve(&unit(n + 1, n)), factored.solve_transposed(&unit(n + 1, n)));
        let (v, w) = (right.rows(0, n).into_owned(), left.rows(0, n).into_owned());
        let (mut value, mut matrix) = self.base(u, u, &full, n + 1);
        value[n] = right[n];
        let along = self.lift(&v);
        let slope = self.problem.bend(u, &along).tr_mul(&w) / -self.rate;
        matrix.view_mut((n, 0), (1, m)).copy_from(&slope.transpose());
        let fitting = [w.clone(), v.clone()];
        Some(Solved { value, matrix, v, w, fitting })
    }
    fn hopf(&self, u: &DVector<f64>) -> Option<Solved> {
        let (n, m) = (self.problem.variables(), self.problem.coordinates());
        let (z, kappa) = (self.coordinates(u), u[m]);
        let full = self.problem.jacobian(&z) / self.rate;
        let block = self.bordered(&full);
        let mut matrix = DMatrix::zeros(2 * n + 2, 2 * n + 2);
        matrix.view_mut((0, 0), (n + 1, n + 1)).copy_from(&block);
        matrix.view_mut((n + 1, n + 1), (n + 1, n + 1)).copy_from(&block);
        for i in 0..n {
            matrix[(i, n + 1 + i)] = kappa;
            matrix[(n + 1 + i, i)] = -1.0;
        }
        let factored = Factored::of(matrix).ok()?;
        let right = factored.solve(&unit(2 * n + 2, n));
        // g₁ and g₂ stand at n and 2n + 1; their gradients are left solutions.
        let lefts = [n, 2 * n + 1].map(|at| factored.solve_transposed(&unit(2 * n + 2, at)));
        let (v1, v2) = (right.rows(0, n).into_owned(), right.rows(n + 1, n).into_owned());
        let (mut value, mut rows) = self.base(u, &z, &full, n + 2);
        (value[n], value[n + 1]) = (right[n], right[2 * n + 1]);
        let [b1, b2] = [&v1, &v2].map(|v| self.problem.bend(&z, &self.lift(v)) / self.rate);
        for (row, left) in lefts.iter().enumerate() {
            let slope = -b1.tr_mul(&left.rows(0, n)) - b2.tr_mul(&left.rows(n + 1, n));
            rows.view_mut((n + row, 0), (1, m)).copy_from(&slope.transpose());
            rows[(n + row, m)] = -left.rows(0, n).dot(&v2);
        }
        // J turns v₂ into v₁ and v₁ into −κ v₂, so that v₁ + iω v₂ is the critical vector; on the left likewise.
        let [w1, w2] = [n + 1, 0].map(|from| lefts[1].rows(from, n).into_owned());
        let omega = kappa.max(0.0).sqrt();
        let critical = |re: &DVector<f64>, im: &DVector<f64>| re.zip_map(im, |re, im| Complex::new(re, omega * im));
        let fitting = [both_axes(&critical(&w1, &w2))?, both_axes(&critical(&v1, &v2))?];
        Some(Solved { value, matrix: rows, v: v1, w: w1, fitting })
    }
    fn branch_point(&self, u: &DVector<f64>) -> Option<Solved> {
        let (n, m) = (self.problem.variables(), self.problem.coordinates());
        let (z, mu, w) = (self.coordinates(u), u[m], u.rows(m + 1, n).into_owned());
        let full = self.problem.jacobian(&z) / self.rate;
        let (mut value, mut matrix) = self.base(u, &z, &full, 2 * n + 2);
        let shifted = value.rows(0, n) + &w * mu;
        value.rows_mut(0, n).copy_from(&shifted);
        matrix.view_mut((0, m), (n, 1)).copy_from(&w);
        (0..n).for_each(|i| matrix[(i, m + 1 + i)] = mu);
        // The first free parameter is the one that the branches cross in.
        let first = full.columns(0, n + 1).into_owned();
        value.rows_mut(n, n + 1).copy_from(&first.tr_mul(&w));
        matrix.view_mut((n, m + 1), (n + 1, n)).copy_from(&first.transpose());
        for j in 0..=n {
            let slope = self.problem.bend(&z, &unit(m, j)).tr_mul(&w) / self.rate;
            matrix.view_mut((n + j, 0), (1, m)).copy_from(&slope.transpose());
        }
        value[2 * n + 1] = 0.5 * (w.norm_squared() - 1.0);
        matrix.view_mut((2 * n + 1, m + 1), (1, n)).copy_from(&w.transpose());
        let v = self.c.clone();
        let fitting = [w.clone(), v.clone()];
        Some(Solved { value, matrix, v, w, fitting })
    }
}

/// The size of the Jacobian here and a little beside: at a branch point in one variable it is zero itself.
fn usual_rate(problem: &Extended, z: &DVector<f64>) -> f64 {
    let m = problem.coordinates();
    let beside = (0..2 * m).map(|k| z + unit(m, k / 2) * if k % 2 == 0 { 0.05 } else { -0.05 });
    let sizes = beside.chain([z.clone()]).map(|z| problem.jacobian(&z).norm()).filter(|s| s.is_finite());
    sizes.fold(f64::MIN_POSITIVE, f64::max)
}

/// The sum of the two axes of the ellipse that a complex vector turns through, each of length one: seen along it neither
/// axis vanishes, and one of them is what is left of the ellipse where its frequency is zero.
fn both_axes(q: &DVector<Complex<f64>>) -> Option<DVector<f64>> {
    let square: Complex<f64> = q.iter().map(|c| c * c).sum();
    // With this phase real and imaginary part are orthogonal, and the real part is the longer.
    let phase = Complex::from_polar(1.0, -0.5 * square.arg());
    let [long, short] = [q.map(|c| (c * phase).re), q.map(|c| (c * phase).im)];
    let along = long.try_normalize(0.0)?;
    Some(match short.try_normalize(1e-9 * long.norm()) {
        Some(across) => (along + across).normalize(),
        None => along,
    })
}
