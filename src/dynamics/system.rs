//! What does a proof ask of a field? Values and Jacobians over boxes of states, with parameters that are intervals too.
//!
//! Over a box of parameters it asks for g in dxᵢ/dt = cᵢ(p) gᵢ(x; p): both vanish together, and a time constant that
//! stands in c alone then is in no proof's way, however wide its range.

use crate::field::Field;
use crate::num::{Dual, FAN, Fan, Interval};

/// A field with its parameters: single numbers for a point, intervals for a box of parameters.
pub(super) struct System<'a> {
    pub field: &'a dyn Field,
    /// The middle of the parameters.
    pub middle: Vec<f64>,
    /// The parameters as intervals.
    pub p: Vec<Interval>,
    /// The places of the parameters that are not single numbers.
    pub wide: Vec<usize>,
    /// The same as numbers that depend on no variable.
    still: Vec<Dual<Interval>>,
    /// How many variables.
    pub n: usize,
    /// The speeds cᵢ over the parameters; without a wide parameter, or where a speed may vanish, none are set apart.
    pub speeds: Option<Vec<Interval>>,
}

impl<'a> System<'a> {
    pub fn new(field: &'a dyn Field, p: Vec<Interval>) -> Self {
        let middle = p.iter().map(|i| i.mid()).collect();
        let wide = p.iter().enumerate().filter(|(_, i)| i.lo() < i.hi()).map(|(k, _)| k).collect();
        let still = p.iter().map(|&v| Dual::fixed(v)).collect();
        let mut sys = System { field, middle, p, wide, still, n: field.names().variables.len(), speeds: None };
        if !sys.wide.is_empty() {
            sys.speeds = sys.speeds_at(&sys.p);
        }
        sys
    }
    /// The speeds over a box of parameters, unless one of them may vanish there.
    fn speeds_at(&self, p: &[Interval]) -> Option<Vec<Interval>> {
        let p: Vec<Dual<Interval>> = p.iter().map(|&v| Dual::fixed(v)).collect();
        // Speeds read no variable.
        let x = vec![Dual::fixed(Interval::point(0.0)); self.n];
        let (mut c, mut g) = (x.clone(), x.clone());
        self.field.factored_interval(&x, &p, &mut c, &mut g);
        c.iter().map(|c| (c.v.is_finite() && !c.v.contains(0.0)).then_some(c.v)).collect()
    }
    pub fn at(field: &'a dyn Field, p: &[f64]) -> Self {
        Self::new(field, p.iter().map(|&v| Interval::point(v)).collect())
    }
    /// f(x) in floating point, at the middle of the parameters.
    pub fn rate(&self, x: &[f64]) -> Vec<f64> {
        let mut dx = vec![0.0; self.n];
        self.field.rate(x, &self.middle, &mut dx);
        dx
    }
    /// An enclosure of f over a box by evaluating it there.
    pub fn value(&self, x: &[Interval]) -> Vec<Interval> {
        self.value_at(x, &self.p)
    }
    fn value_at(&self, x: &[Interval], p: &[Interval]) -> Vec<Interval> {
        let mut dx = vec![Interval::ENTIRE; self.n];
        if self.speeds.is_none() {
            self.field.interval(x, p, &mut dx);
            return dx;
        }
        let still = |v: &[Interval]| v.iter().map(|&v| Dual::fixed(v)).collect::<Vec<_>>();
        let mut out = still(&dx);
        self.push(&still(x), &still(p), &mut out);
        out.iter().map(|o| o.v).collect()
    }
    /// f and its derivative along a direction.
    fn push(&self, x: &[Dual<Interval>], p: &[Dual<Interval>], out: &mut [Dual<Interval>]) {
        match self.speeds {
            None => self.field.push_interval(x, p, out),
            Some(_) => self.field.factored_interval(x, p, &mut vec![Dual::fixed(Interval::ENTIRE); self.n], out),
        }
    }
    /// f at one state for all parameters, in parts that can be multiplied with a matrix before they are added.
    pub fn at_state(&self, z: &[f64]) -> AtState {
        let x = point(z);
        let still = vec![vec![0.0; self.n]; self.wide.len()];
        AtState { natural: Some(self.value(&x)), parts: self.parts(z, &x, &still) }
    }
    /// The same along z + S (p − p₀), where the state follows the parameters with the given slopes S, one vector for
    /// each parameter that is an interval; also the box that this state moves in.
    pub fn along(&self, z: &[f64], slopes: &[Vec<f64>]) -> (AtState, Vec<Interval>) {
        let x = self.path(z, slopes, &self.p);
        // A single state needs no mean value form.
        let natural = self.wide.is_empty().then(|| self.value(&x));
        (AtState { natural, parts: self.parts(z, &x, slopes) }, x)
    }
    /// Where z + S (p − p₀) is for the parameters `p`.
    pub fn path(&self, z: &[f64], slopes: &[Vec<f64>], p: &[Interval]) -> Vec<Interval> {
        let moves = |i: usize| slopes.iter().zip(&self.wide).map(move |(s, &k)| (p[k] - self.middle[k]) * s[i]);
        (0..self.n).map(|i| moves(i).fold(Interval::point(z[i]), |sum, m| sum + m)).collect()
    }
    fn parts(&self, z: &[f64], x: &[Interval], slopes: &[Vec<f64>]) -> Option<(Vec<Interval>, Vec<Push>)> {
        if self.wide.is_empty() {
            return None;
        }
        let at_middle = self.value_at(&point(z), &point(&self.middle));
        let mut pd = self.still.clone();
        let mut out = vec![Dual::fixed(Interval::ENTIRE); self.n];
        let mut pushes = Vec::new();
        for (&k, slope) in self.wide.iter().zip(slopes) {
            let xd: Vec<Dual<Interval>> =
                x.iter().zip(slope).map(|(&v, &d)| Dual::new(v, Interval::point(d))).collect();
            pd[k].d = Interval::point(1.0);
            self.push(&xd, &pd, &mut out);
            pd[k].d = Interval::point(0.0);
            pushes.push((out.iter().map(|o| o.d).collect(), self.p[k] - self.middle[k]));
        }
        Some((at_middle, pushes))
    }
    /// Enclosures of f, of its Jacobian (row-major) and of its derivatives in the interval parameters over a box.
    pub fn spread(&self, x: &[Interval]) -> (Vec<Interval>, Vec<Interval>, Vec<Vec<Interval>>) {
        let n = self.n;
        let mut xf: Vec<Fan<Interval>> = x.iter().map(|&v| Fan::fixed(v)).collect();
        let mut pf: Vec<Fan<Interval>> = self.p.iter().map(|&v| Fan::fixed(v)).collect();
        let mut out = [vec![Fan::fixed(Interval::ENTIRE); n], vec![Fan::fixed(Interval::ENTIRE); n]];
        let (mut jacobian, mut pushes) =
            (vec![Interval::ENTIRE; n * n], vec![vec![Interval::ENTIRE; n]; self.wide.len()]);
        for from in (0..n + self.wide.len()).step_by(FAN) {
            let lanes = || (from..(from + FAN).min(n + self.wide.len())).enumerate();
            let mut seed = |on: f64| {
                for (lane, j) in lanes() {
                    let at = if j < n { &mut xf[j] } else { &mut pf[self.wide[j - n]] };
                    at.d[lane] = Interval::point(on);
                }
                if on != 0.0 {
                    let [speeds, shapes] = &mut out;
                    self.field.factored_fan(&xf, &pf, speeds, shapes);
                    if self.speeds.is_none() {
                        shapes.iter_mut().zip(speeds).for_each(|(g, c)| *g = *c * *g);
                    }
                }
            };
            seed(1.0);
            seed(0.0);
            for (lane, j) in lanes() {
                for (i, o) in out[1].iter().enumerate() {
                    *(if j < n { &mut jacobian[i * n + j] } else { &mut pushes[j - n][i] }) = o.d[lane];
                }
            }
        }
        (out[1].iter().map(|o| o.v).collect(), jacobian, pushes)
    }
    /// f at one state for all parameters, from its derivatives in them over a box around that state.
    pub fn at_state_from(&self, z: &[f64], pushes: Vec<Vec<Interval>>) -> AtState {
        let at_middle = self.value_at(&point(z), &point(&self.middle));
        let pushes = self.wide.iter().zip(pushes).map(|(&k, push)| (push, self.p[k] - self.middle[k])).collect();
        AtState { natural: None, parts: Some((at_middle, pushes)) }
    }
    /// The approximate inverse of the Jacobian of dx/dt at `x` and the middle of the parameters, row-major.
    pub fn inverse_jacobian(&self, x: &[f64]) -> Option<Vec<f64>> {
        let j = self.field.jacobian(x, &self.middle);
        let rows: Vec<f64> = (0..self.n * self.n).map(|k| j[(k / self.n, k % self.n)]).collect();
        inverse(&rows, self.n)
    }
    /// The approximate inverse of the Jacobian of what is enclosed here (where speeds are set apart, the columns of that of
    /// dx/dt are multiplied by them), and how a fixed point near `z` follows the interval parameters, −J⁻¹ ∂f/∂p.
    pub fn linear(&self, z: &[f64]) -> Option<(Vec<f64>, Vec<Vec<f64>>)> {
        let n = self.n;
        let mut y = self.inverse_jacobian(z)?;
        let follow = |&k: &usize| {
            let push = self.field.parameter_derivative(z, &self.middle, k);
            let slope: Vec<f64> = (0..n).map(|i| -(0..n).map(|j| y[i * n + j] * push[j]).sum::<f64>()).collect();
            if slope.iter().all(|v| v.is_finite()) { slope } else { vec![0.0; n] }
        };
        let slopes = self.wide.iter().map(follow).collect();
        if self.speeds.is_some() {
            let speeds = self.speeds_at(&point(&self.middle))?;
            y.iter_mut().enumerate().for_each(|(at, v)| *v *= speeds[at % n].mid());
        }
        Some((y, slopes))
    }
    /// Enclosures of f and of its derivative in variable j over a box.
    pub fn column(&self, x: &[Interval], j: usize) -> (Vec<Interval>, Vec<Interval>) {
        let mut xd: Vec<Dual<Interval>> = x.iter().map(|&v| Dual::fixed(v)).collect();
        let mut out = vec![Dual::fixed(Interval::ENTIRE); self.n];
        self.along_axis(&mut xd, j, &mut out);
        (out.iter().map(|o| o.v).collect(), out.iter().map(|o| o.d).collect())
    }
    /// f and its derivative in variable j over a box whose sides depend on no variable.
    fn along_axis(&self, x: &mut [Dual<Interval>], j: usize, out: &mut [Dual<Interval>]) {
        x[j].d = Interval::point(1.0);
        self.push(x, &self.still, out);
        x[j].d = Interval::point(0.0);
    }
    /// Enclosures of f over a box X and of a matrix M (row-major) with f(x) = f(c) + M (x − c) for each x in it: column j
    /// needs the first j variables in X and has the others at c (Hansen 1968), where a Jacobian has all of them in X.
    /// `None` if f has no zero in X.
    pub fn slopes_from(&self, c: &[f64], x: &[Interval]) -> Option<(Vec<Interval>, Vec<Interval>)> {
        let n = self.n;
        let mut at: Vec<Dual<Interval>> = x.iter().map(|&v| Dual::fixed(v)).collect();
        let mut out = vec![Dual::fixed(Interval::ENTIRE); n];
        let (mut value, mut slopes) = (Vec::new(), vec![Interval::ENTIRE; n * n]);
        for j in (0..n).rev() {
            self.along_axis(&mut at, j, &mut out);
            // The last column knows f over all of X.
            if value.is_empty() {
                value = out.iter().map(|o| o.v).collect();
                if out.iter().any(|o| !o.v.contains(0.0)) {
                    return None;
                }
            }
            out.iter().enumerate().for_each(|(i, o)| slopes[i * n + j] = o.d);
            at[j].v = Interval::point(c[j]);
        }
        Some((value, slopes))
    }
    /// Enclosures of f and of its Jacobian (row-major) over a box.
    pub fn jacobian(&self, x: &[Interval]) -> (Vec<Interval>, Vec<Interval>) {
        let n = self.n;
        let mut xd: Vec<Dual<Interval>> = x.iter().map(|&v| Dual::fixed(v)).collect();
        let mut out = vec![Dual::fixed(Interval::point(0.0)); n];
        let (mut value, mut jacobian) = (vec![Interval::ENTIRE; n], vec![Interval::ENTIRE; n * n]);
        for j in 0..n {
            self.along_axis(&mut xd, j, &mut out);
            for (i, o) in out.iter().enumerate() {
                value[i] = o.v;
                jacobian[i * n + j] = o.d;
            }
        }
        (value, jacobian)
    }
    /// An enclosure of the Jacobian of dx/dt itself, speeds included, over a box.
    pub fn whole_jacobian(&self, x: &[Interval]) -> Vec<Interval> {
        let shape = self.jacobian(x).1;
        match &self.speeds {
            Some(c) => shape.iter().enumerate().map(|(at, j)| *j * c[at / self.n]).collect(),
            None => shape,
        }
    }
}

/// f(z + S (p − p₀); p): evaluated over all parameters where the state stands still, and as
/// f(z; p₀) + Σ (J S + ∂f/∂p)_k (p_k − p₀_k), which keeps the directions in which the parameters push.
pub(super) struct AtState {
    natural: Option<Vec<Interval>>,
    parts: Option<(Vec<Interval>, Vec<Push>)>,
}
/// A derivative along the k-th parameter, and how far that is from its middle.
type Push = (Vec<Interval>, Interval);

impl AtState {
    /// An enclosure of f.
    pub fn value(&self) -> Vec<Interval> {
        self.combine(|v| v.to_vec())
    }
    /// An enclosure of Y f.
    pub fn times(&self, y: &[f64]) -> Vec<Interval> {
        self.combine(|v| apply(y, v, v.len()))
    }
    /// The same linear map of all parts, which are then added; where there are two ways, both enclose the same values.
    fn combine(&self, map: impl Fn(&[Interval]) -> Vec<Interval>) -> Vec<Interval> {
        let natural = self.natural.as_ref().map(|v| map(v));
        let Some((at_middle, pushes)) = &self.parts else { return natural.unwrap_or_default() };
        let mut sum = map(at_middle);
        for (push, shift) in pushes {
            sum.iter_mut().zip(map(push)).for_each(|(s, d)| *s = *s + d * *shift);
        }
        match natural {
            Some(natural) => natural.iter().zip(&sum).map(|(a, b)| a.intersect(*b).unwrap_or(*a)).collect(),
            None => sum,
        }
    }
}

/// The box that is one state.
pub(super) fn point(x: &[f64]) -> Vec<Interval> {
    x.iter().map(|&v| Interval::point(v)).collect()
}
/// The middle of a box.
pub(super) fn middle(x: &[Interval]) -> Vec<f64> {
    x.iter().map(|i| i.mid()).collect()
}
/// Is the box `a` inside `b`?
pub(super) fn inside(a: &[Interval], b: &[Interval]) -> bool {
    a.iter().zip(b).all(|(a, b)| a.is_subset(*b))
}
/// Do two closed boxes have a point in common?
pub(super) fn meet(a: &[Interval], b: &[Interval]) -> bool {
    a.iter().zip(b).all(|(a, b)| a.lo() <= b.hi() && b.lo() <= a.hi())
}
/// The common part of two boxes that may not meet.
pub(super) fn common(a: &[Interval], b: &[Interval]) -> Option<Vec<Interval>> {
    a.iter().zip(b).map(|(a, b)| a.intersect(*b)).collect()
}
/// Are all entries finite?
pub(super) fn finite(a: &[Interval]) -> bool {
    a.iter().all(|i| i.is_finite())
}

/// The inverse of a real matrix (row-major) by elimination with partial pivoting; `None` if it is singular to rounding.
/// It is approximate: proofs only use it as a preconditioner.
pub(super) fn inverse(a: &[f64], n: usize) -> Option<Vec<f64>> {
    let mut a = a.to_vec();
    // Rows in different units are brought to one size first.
    let mut y = vec![0.0; n * n];
    for i in 0..n {
        let size = a[i * n..][..n].iter().fold(0.0_f64, |m, v| m.max(v.abs()));
        if !(size > 0.0 && size.is_finite()) {
            return None;
        }
        a[i * n..][..n].iter_mut().for_each(|v| *v /= size);
        y[i * n + i] = 1.0 / size;
    }
    for k in 0..n {
        let pivot = (k..n).max_by(|&i, &j| a[i * n + k].abs().total_cmp(&a[j * n + k].abs()))?;
        let top = a[pivot * n + k];
        if top.abs() < 1e-300 || top.is_nan() {
            return None;
        }
        if pivot != k {
            for j in 0..n {
                a.swap(k * n + j, pivot * n + j);
                y.swap(k * n + j, pivot * n + j);
            }
        }
        for j in 0..n {
            a[k * n + j] /= top;
            y[k * n + j] /= top;
        }
        for i in (0..n).filter(|&i| i != k) {
            let factor = a[i * n + k];
            if factor != 0.0 {
                for j in 0..n {
                    a[i * n + j] -= factor * a[k * n + j];
                    y[i * n + j] -= factor * y[k * n + j];
                }
            }
        }
    }
    y.iter().all(|v| v.is_finite()).then_some(y)
}

/// Y A for a real Y and an interval A, both row-major n × n.
pub(super) fn precondition(y: &[f64], a: &[Interval], n: usize) -> Vec<Interval> {
    let mut out = Vec::with_capacity(n * n);
    for i in 0..n {
        for j in 0..n {
            out.push((0..n).fold(Interval::point(0.0), |sum, k| sum + a[k * n + j] * y[i * n + k]));
        }
    }
    out
}
/// Y v for a real Y and an interval vector v.
pub(super) fn apply(y: &[f64], v: &[Interval], n: usize) -> Vec<Interval> {
    (0..n).map(|i| (0..n).fold(Interval::point(0.0), |sum, k| sum + v[k] * y[i * n + k])).collect()
}

/// Is every real matrix in A invertible? True if A is an H-matrix: with ⟨A⟩ᵢᵢ = mig Aᵢᵢ and ⟨A⟩ᵢⱼ = −mag Aᵢⱼ there is
/// a vector u > 0 with ⟨A⟩ u > 0 (Neumaier 1990, section 3.7). `u` starts the search for it.
pub(super) fn regular(a: &[Interval], u: &[f64], n: usize) -> bool {
    if !finite(a) || (0..n).any(|i| a[i * n + i].mig() == 0.0) {
        return false;
    }
    let mut u = u.to_vec();
    for _ in 0..4 {
        let off: Vec<f64> = (0..n)
            .map(|i| {
                // Rounded upwards, so that the comparison below is a proof.
                (0..n).filter(|&j| j != i).fold(0.0_f64, |s, j| (s + (a[i * n + j].mag() * u[j]).next_up()).next_up())
            })
            .collect();
        if (0..n).all(|i| off[i] < (a[i * n + i].mig() * u[i]).next_down()) {
            return true;
        }
        let next: Vec<f64> = (0..n).map(|i| 0.5 * u[i] + 0.5 * (off[i] / a[i * n + i].mig())).collect();
        if next.iter().any(|v| !v.is_finite()) {
            return false;
        }
        // A zero entry would prove nothing.
        let floor = 1e-6 * next.iter().fold(0.0_f64, |m, v| m.max(*v));
        u = next.into_iter().map(|v| v.max(floor)).collect();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn theory_inverse_and_regularity_of_small_matrices() {
        let y = inverse(&[2.0, 1.0, 0.0, 4.0], 2).unwrap();
        assert_eq!(y, vec![0.5, -0.125, 0.0, 0.25]);
        assert!(inverse(&[1.0, 2.0, 2.0, 4.0], 2).is_none());
        let wide = |lo, hi| Interval::new(lo, hi);
        // Every matrix [[1, b], [c, 1]] with bc < 1 is invertible; at bc = 1 one is not.
        let a = |b: f64, c: f64| [wide(1.0, 1.0), wide(-b, b), wide(-c, c), wide(1.0, 1.0)];
        assert!(regular(&a(0.9, 1.0), &[1.0, 1.0], 2));
        assert!(regular(&a(8.0, 0.1), &[1.0, 1.0], 2));
        assert!(!regular(&a(1.0, 1.0), &[1.0, 1.0], 2));
        assert!(!regular(&a(10.0, 0.1), &[1.0, 1.0], 2));
    }
}
