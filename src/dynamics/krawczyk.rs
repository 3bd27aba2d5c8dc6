//! Is there exactly one fixed point here, and how tightly can it be enclosed?
//!
//! With an approximate inverse Y of the Jacobian and a point z, the Krawczyk operator of a box E is
//! K(E) = z − Y f(z) + (I − Y J(E)) (E − z).
//! If K(E) lies strictly inside E, there is exactly one zero of f in E, and it is in K(E) (Krawczyk 1969, Moore 1977).
//! Two zeros a ≠ b in a box B would give 0 = f(a) − f(b) = M (a − b) with M in the hull of the Jacobians over B, so a
//! box over which Y J(B) is regular holds at most one: that box is usually much larger than E.
//! Both arguments need only a Lipschitz f, so they hold across kinks, where J is the hull of both sides.
//! With interval parameters the same sentences hold for every parameter in the box.

use super::system::{System, common, finite, inside, inverse, middle, precondition, regular};
use crate::num::Interval;

/// A fixed point that was proven.
#[derive(Clone, Debug)]
pub(super) struct Enclosed {
    /// The approximate fixed point that was proven.
    pub from: Vec<f64>,
    /// The fixed point is in this small box.
    pub tight: Vec<Interval>,
    /// It is the only one in this larger box.
    pub alone: Vec<Interval>,
}

/// One approximate zero of f near `x` by damped Newton steps, `None` if it does not arrive or leaves `limits`.
///
/// A step is accepted if the next Newton step would be shorter (the natural monotonicity test: the units of the
/// equations do not matter); lengths are measured in `unit`, one per variable.
pub(super) fn newton(sys: &System, start: &[f64], unit: &[f64], limits: &[Interval], steps: usize) -> Option<Vec<f64>> {
    let n = sys.n;
    let length = |d: &[f64]| d.iter().zip(unit).fold(0.0_f64, |m, (d, u)| m.max((d / u).abs()));
    let mut x = start.to_vec();
    let mut last = f64::INFINITY;
    for _ in 0..steps {
        let y = sys.inverse_jacobian(&x)?;
        let step = solve(&y, &sys.rate(&x), n);
        let size = length(&step);
        if !size.is_finite() {
            return None;
        }
        // At rounding level the steps stop shrinking.
        if size < 1e-15 || (size < 1e-10 && size >= 0.5 * last) {
            return Some(x);
        }
        last = size;
        let mut damping = f64::min(1.0, 0.5 / size);
        x = loop {
            let next: Vec<f64> = x.iter().zip(&step).map(|(x, d)| x - damping * d).collect();
            let after = length(&solve(&y, &sys.rate(&next), n));
            if after <= (1.0 - 0.25 * damping) * size || size < 1e-12 {
                break next;
            }
            damping *= 0.5;
            if damping < 1e-3 {
                return None;
            }
        };
        if x.iter().zip(limits).any(|(x, l)| !l.contains(*x)) {
            return None;
        }
    }
    (last < 1e-8).then_some(x)
}

fn solve(y: &[f64], f: &[f64], n: usize) -> Vec<f64> {
    (0..n).map(|i| (0..n).map(|j| y[i * n + j] * f[j]).sum()).collect()
}

/// Prove a fixed point near `z`, enclose it, and find a large box inside `limits` in which it is alone.
/// `Err` says why it could not be proven.
pub(super) fn enclose(sys: &System, z: &[f64], unit: &[f64], limits: &[Interval]) -> Result<Enclosed, &'static str> {
    let curve = Curve::new(sys, z, unit)?;
    let tight = curve.contracted();
    let alone = grow(sys, z, &tight, &curve.y, unit, limits);
    Ok(Enclosed { from: z.to_vec(), tight, alone })
}

/// A fixed point that is proven for every value of the interval parameters: it stays in the box
/// E(p) = z + S (p − p₀) + U that moves with them, so that U is small.
pub(super) struct Curve<'a> {
    sys: &'a System<'a>,
    z: &'a [f64],
    slopes: Vec<Vec<f64>>,
    path: Vec<Interval>,
    u: Vec<Interval>,
    /// The preconditioner of the proof, and Y f along the moving centre.
    y: Vec<f64>,
    shift: Vec<Interval>,
}

impl<'a> Curve<'a> {
    /// Prove a fixed point near `z` for every value of the parameters; `Err` says why it could not be proven. The Jacobian
    /// is then regular over all of [`over`](Curve::over) if any parameter is an interval.
    pub fn new(sys: &'a System<'a>, z: &'a [f64], unit: &[f64]) -> Result<Self, &'static str> {
        let n = sys.n;
        let (y, slopes) = sys.linear(z).ok_or("the Jacobian is singular to rounding")?;
        let (along, path) = sys.along(z, &slopes);
        let shift = along.times(&y);
        if !finite(&shift) {
            return Err("the equations have no interval value here");
        }
        // Inflate until the operator maps the box into itself.
        let mut radius: Vec<f64> =
            (0..n).map(|i| 2.0 * shift[i].mag() + 4.0 * f64::EPSILON * z[i].abs() + 1e-18 * unit[i]).collect();
        for attempt in 0..16 {
            let u: Vec<Interval> = radius.iter().map(|r| Interval::new(-r, *r)).collect();
            let a = precondition(&y, &sys.jacobian(&sum(&path, &u)).1, n);
            if attempt == 0 && !regular(&a, unit, n) {
                return Err("the Jacobian may be singular: a double root, a line of fixed points, or a jump");
            }
            let k = operator(&shift, &a, &u, n);
            if k.iter().zip(&u).all(|(k, u)| k.is_interior(*u)) {
                // With a moving box uniqueness follows from regularity over all of it.
                if sys.wide.is_empty() || regular(&a, unit, n) {
                    return Ok(Curve { sys, z, slopes, path, u: k, y, shift });
                }
                break;
            }
            radius = (0..n).map(|i| 1.2 * k[i].mag() + 0.1 * radius[i]).collect();
            if radius.iter().any(|r| !r.is_finite()) {
                break;
            }
        }
        Err("the Krawczyk test failed")
    }
    /// Where the fixed point is for all parameters.
    pub fn over(&self) -> Vec<Interval> {
        sum(&self.path, &self.u)
    }
    /// Where it is for the parameters `p`, which lie in those that it was proven for.
    pub fn at(&self, p: &[Interval]) -> Vec<Interval> {
        sum(&self.sys.path(self.z, &self.slopes, p), &self.u)
    }
    /// Where it is for all parameters, contracted to rounding.
    fn contracted(&self) -> Vec<Interval> {
        let Curve { sys, y, shift, .. } = self;
        let n = sys.n;
        let mut u = self.u.clone();
        // The mean value theorem needs the Jacobians on the way from the centre, u = 0, as well.
        for _ in 0..3 {
            let from_centre: Vec<Interval> = u.iter().map(|u| u.hull(Interval::point(0.0))).collect();
            let a = precondition(y, &sys.jacobian(&sum(&self.path, &from_centre)).1, n);
            let Some(next) = common(&operator(shift, &a, &u, n), &u) else { break };
            let gained = next.iter().zip(&u).any(|(a, b)| a.width() < 0.9 * b.width());
            u = next;
            if !gained {
                break;
            }
        }
        let tight = sum(&self.path, &u);
        if !sys.wide.is_empty() {
            return tight;
        }
        // Once more from a centre inside, with the rounding of that centre only.
        let c = middle(&tight);
        let a = precondition(y, &sys.jacobian(&tight).1, n);
        let from: Vec<Interval> = tight.iter().zip(&c).map(|(t, c)| *t - *c).collect();
        let k = operator(&sys.at_state(&c).times(y), &a, &from, n);
        let moved: Vec<Interval> = k.iter().zip(&c).map(|(k, c)| *k + *c).collect();
        common(&moved, &tight).unwrap_or(tight)
    }
}

fn sum(a: &[Interval], b: &[Interval]) -> Vec<Interval> {
    a.iter().zip(b).map(|(a, b)| *a + *b).collect()
}

/// K(U) = −shift + (I − A) U, with shift = Y f and A = Y J.
fn operator(shift: &[Interval], a: &[Interval], u: &[Interval], n: usize) -> Vec<Interval> {
    (0..n)
        .map(|i| {
            (0..n).fold(-shift[i], |sum, j| {
                let one = if i == j { 1.0 } else { 0.0 };
                sum + (Interval::point(one) - a[i * n + j]) * u[j]
            })
        })
        .collect()
}

/// How much the intervals of the parameters blur a fixed point near `z`: the largest row sum of the radii of Y J over
/// the box into which they may move it, in units of `unit`. Above one nothing can be proven. Not itself a proof.
pub(super) fn blur(sys: &System, z: &[f64], unit: &[f64]) -> f64 {
    let n = sys.n;
    let Some((y, slopes)) = sys.linear(z) else { return f64::INFINITY };
    let (along, path) = sys.along(z, &slopes);
    let e: Vec<Interval> = along.times(&y).iter().zip(&path).map(|(s, x)| *x - *s).collect();
    let a = precondition(&y, &sys.jacobian(&e).1, n);
    let row = |i: usize| (0..n).map(|j| 0.5 * a[i * n + j].width() * unit[j] / unit[i]).sum::<f64>();
    (0..n).map(row).fold(0.0, f64::max)
}

/// Does a box hold at most one zero?
fn single(sys: &System, b: &[Interval], y: &[f64], unit: &[f64]) -> bool {
    let n = sys.n;
    let a = precondition(y, &sys.jacobian(b).1, n);
    // The inverse at the middle of a large box fits it better than the one at the root.
    regular(&a, unit, n) || inverse(&middle(&a), n).is_some_and(|again| regular(&precondition(&again, &a, n), unit, n))
}

/// The smallest radius that is tried is 2⁻⁴⁶ of the region.
const SMALLEST: i32 = 46;

/// The largest box around `tight`, not outside `limits`, that a short search finds to hold only one zero.
fn grow(sys: &System, z: &[f64], tight: &[Interval], y: &[f64], unit: &[f64], limits: &[Interval]) -> Vec<Interval> {
    let n = sys.n;
    let alone = |b: &[Interval]| single(sys, b, y, unit);
    let around = |r: f64| -> Vec<Interval> {
        (0..n)
            .map(|i| {
                let full = Interval::new(z[i] - r * unit[i], z[i] + r * unit[i]).hull(tight[i]);
                full.intersect(limits[i].hull(tight[i])).unwrap_or(tight[i])
            })
            .collect()
    };
    // The radius as a power of a half, by longer and longer steps and then between the last two; it seldom is near one.
    let fits = |k: i32| alone(&around(0.5_f64.powi(k)));
    let (mut large, mut small) = (-1, 4);
    while !fits(small) {
        if small == SMALLEST {
            return tight.to_vec();
        }
        (large, small) = (small, (2 * small).min(SMALLEST));
    }
    while small - large > 1 {
        let k = (large + small) / 2;
        *(if fits(k) { &mut small } else { &mut large }) = k;
    }
    let mut r = 0.5_f64.powi(small);
    let mut best = around(r);
    if !inside(tight, &best) {
        return tight.to_vec();
    }
    if r < 1.0 && alone(&around(1.5 * r)) {
        r *= 1.5;
        best = around(r);
    }
    // Then each side on its own.
    for side in 0..2 * n {
        let i = side / 2;
        for _ in 0..3 {
            let mut wider = best.clone();
            let w = best[i].width();
            let grown = if side % 2 == 0 {
                Interval::new(best[i].lo() - w, best[i].hi())
            } else {
                Interval::new(best[i].lo(), best[i].hi() + w)
            };
            wider[i] = grown.intersect(limits[i].hull(tight[i])).unwrap_or(best[i]);
            if wider[i] == best[i] || !alone(&wider) {
                break;
            }
            best = wider;
        }
    }
    best
}
