//! How does the plane of two variables look? Nullclines, flow, fixed points, and the curves that divide it.
//!
//! Nullclines are the curves on which one variable rests; where two of them cross, the system does.
//! Through a saddle pass its stable manifold, which separates what goes to either side of it, and its unstable manifold,
//! along which it is left: both are integrated from its eigenvectors, the stable one backwards in time.
//!
//! ```
//! use homeostat::dynamics::{PlaneOptions, Region, Search, fixed_points, phase_plane};
//! use homeostat::field::{Law, Names, Quantity};
//! use homeostat::num::Scalar;
//!
//! /// dx/dt = x − x³, dy/dt = −y: two attractors, and a saddle between them.
//! struct Two(Names);
//! impl Law for Two {
//!     fn law_names(&self) -> &Names { &self.0 }
//!     fn rates<S: Scalar>(&self, x: &[S], _: &[S], dx: &mut [S]) {
//!         dx[0] = x[0] - x[0].square() * x[0];
//!         dx[1] = -x[1];
//!     }
//! }
//! let field = Two(Names::new("two", [Quantity::plain("x", 1.0), Quantity::plain("y", 0.0)], []));
//! let region = Region::new([(-2.0, 2.0), (-1.0, 1.0)])?;
//! let found = fixed_points(&field, &[], &region, &Search::default())?;
//! let plane = phase_plane(&field, &[], &region, &found.points, &PlaneOptions::default())?;
//! assert_eq!((plane.nullclines[0].len(), plane.nullclines[1].len()), (3, 1));
//! // The stable manifold of the saddle is the line x = 0.
//! let border = plane.separatrices.iter().find(|s| s.stable).expect("a saddle has one");
//! assert!(border.curve.iter().all(|p| p[0].abs() < 1e-6));
//! # Ok::<(), homeostat::Error>(())
//! ```
//!
//! Source: Strogatz (2015), Nonlinear dynamics and chaos, chapter 6.

use super::contour::contour;
use super::events::Watch;
use super::fixed_points::FixedPoint;
use super::integrate::{Integration, integrate};
use super::region::Region;
use super::stability::Stability;
use crate::field::{Error, Field, Names, Result, Unit};
use crate::num::Dual;

/// How finely a plane is looked at.
#[derive(Clone, Debug)]
pub struct PlaneOptions {
    /// Cells of the grid on which nullclines are looked for, each way.
    pub cells: usize,
    /// How far a chord of a nullcline may be from it, in widths of the region.
    pub tolerance: f64,
    /// Arrows of the flow, each way.
    pub arrows: usize,
    /// Where trajectories start (coherent units).
    pub starts: Vec<[f64; 2]>,
    /// The longest time of a trajectory or a separatrix, in relaxation times of the slowest fixed point.
    pub times: f64,
}

impl Default for PlaneOptions {
    fn default() -> Self {
        PlaneOptions { cells: 160, tolerance: 5e-4, arrows: 17, starts: Vec::new(), times: 40.0 }
    }
}

/// The stable or unstable manifold of a saddle, one of its two halves.
#[derive(Clone, Debug)]
pub struct Separatrix {
    /// From the saddle on (coherent units); it ends at the border, near another fixed point, or after the longest time.
    pub curve: Vec<[f64; 2]>,
    /// Stable: what starts on it goes to the saddle. Unstable: it leads away.
    pub stable: bool,
    /// The saddle.
    pub saddle: [f64; 2],
}

/// What the plane of two variables shows; states in coherent units.
#[derive(Clone, Debug)]
pub struct PhasePlane {
    /// Names and units of the two variables.
    pub variables: [(String, Unit); 2],
    /// What the plane covers.
    pub ranges: [(f64, f64); 2],
    /// The curves on which the first variable rests, and those on which the second does.
    pub nullclines: [Vec<Vec<[f64; 2]>>; 2],
    /// State and rate (per second) on a grid.
    pub flow: Vec<([f64; 2], [f64; 2])>,
    /// Both halves of both manifolds of every saddle.
    pub separatrices: Vec<Separatrix>,
    /// State and stability of every fixed point.
    pub fixed_points: Vec<([f64; 2], Stability)>,
    /// The trajectories that were asked for.
    pub trajectories: Vec<Vec<[f64; 2]>>,
    /// What could not be drawn, and why.
    pub remarks: Vec<String>,
}

/// The phase plane of a field with two variables in a region, with the fixed points that were found there.
///
/// # Errors
/// Another number of variables, or of options that make no picture.
pub fn phase_plane(
    field: &dyn Field,
    p: &[f64],
    region: &Region,
    found: &[FixedPoint],
    options: &PlaneOptions,
) -> Result<PhasePlane> {
    let names = field.names();
    let [x, y] = names.variables.as_slice() else {
        let what = format!("`{}` has {} variables, and a plane has two", names.model, names.variables.len());
        return Err(Error::usage(what, "freeze or slave the others, or look at another model"));
    };
    if options.cells < 2 || options.arrows < 2 || !(options.tolerance > 0.0 && options.times > 0.0) {
        return Err(Error::usage(
            "a phase plane of no points",
            "give at least 2 cells and arrows, and positive numbers",
        ));
    }
    let ranges = [region.ranges()[0], region.ranges()[1]];
    let state = |u: [f64; 2]| [0, 1].map(|k: usize| ranges[k].0 + u[k] * (ranges[k].1 - ranges[k].0));
    let rate = |at: [f64; 2]| {
        let mut out = [0.0; 2];
        field.rate(&at, p, &mut out);
        out
    };
    let nullclines = [0, 1].map(|k: usize| {
        let curves = contour(&|u| rate(state(u))[k], options.cells, options.tolerance);
        curves.into_iter().map(|curve| curve.into_iter().map(state).collect()).collect()
    });
    let place = |k: usize| (k as f64 + 0.5) / options.arrows as f64;
    let grid = (0..options.arrows.pow(2)).map(|k| state([place(k % options.arrows), place(k / options.arrows)]));
    let flow = grid.map(|at| (at, rate(at))).filter(|(_, v)| v.iter().all(|v| v.is_finite())).collect();
    let mut plane = PhasePlane {
        variables: [(x.name.clone(), x.unit.clone()), (y.name.clone(), y.unit.clone())],
        ranges,
        nullclines,
        flow,
        separatrices: Vec::new(),
        fixed_points: found.iter().map(|q| ([q.at[0], q.at[1]], q.stability)).collect(),
        trajectories: Vec::new(),
        remarks: Vec::new(),
    };
    let drawing =
        Drawing { field, p, ranges, until: options.times * slowest(found), rests: &plane.fixed_points.clone() };
    for saddle in found.iter().filter(|q| q.stability == Stability::Saddle) {
        for half in drawing.manifolds(saddle) {
            match half {
                Ok(half) => plane.separatrices.push(half),
                Err(e) => plane.remarks.push(format!("a separatrix of the saddle at {:?}: {e}", saddle.at)),
            }
        }
    }
    for start in &options.starts {
        match drawing.curve(field, *start, None) {
            Ok(curve) => plane.trajectories.push(curve),
            Err(e) => plane.remarks.push(format!("the trajectory from {start:?}: {e}")),
        }
    }
    Ok(plane)
}

/// The longest relaxation (or departure) time of the fixed points, s; 1 s without any.
fn slowest(found: &[FixedPoint]) -> f64 {
    let times = found.iter().flat_map(|q| q.eigenvalues.iter().map(|e| 1.0 / e.0.abs())).filter(|t| t.is_finite());
    times.fold(0.0, f64::max).clamp(0.0, 1e9).max(if found.is_empty() { 1.0 } else { f64::MIN_POSITIVE })
}

struct Drawing<'a> {
    field: &'a dyn Field,
    p: &'a [f64],
    ranges: [(f64, f64); 2],
    until: f64,
    rests: &'a [([f64; 2], Stability)],
}

impl Drawing<'_> {
    /// Both halves of both manifolds of a saddle.
    fn manifolds(&self, saddle: &FixedPoint) -> Vec<Result<Separatrix>> {
        let jacobian = self.field.jacobian(&saddle.at, self.p);
        let (a, b, c, d) = (jacobian[(0, 0)], jacobian[(0, 1)], jacobian[(1, 0)], jacobian[(1, 1)]);
        let widths = self.ranges.map(|(lo, hi)| hi - lo);
        let mut halves = Vec::new();
        for (eigenvalue, _) in &saddle.eigenvalues {
            // (J − λ) v = 0 from the row that says more.
            let rows = [[b, eigenvalue - a], [eigenvalue - d, c]];
            let size = |v: &[f64; 2]| (v[0] / widths[0]).hypot(v[1] / widths[1]);
            let v = if size(&rows[0]) > size(&rows[1]) { rows[0] } else { rows[1] };
            // A manifold bends away from its tangent with the square of this distance.
            let step = 1e-4 / size(&v);
            let stable = *eigenvalue < 0.0;
            for side in [step, -step] {
                let start = [saddle.at[0] + side * v[0], saddle.at[1] + side * v[1]];
                let here = [saddle.at[0], saddle.at[1]];
                let reversed = Reversed(self.field);
                let field: &dyn Field = if stable { &reversed } else { self.field };
                let curve = self.curve(field, start, Some(here));
                halves.push(curve.map(|curve| Separatrix { curve, stable, saddle: here }));
            }
        }
        halves
    }

    /// From `start` to the border, near a fixed point other than the one it `leaves`, or until the longest time.
    fn curve(&self, field: &dyn Field, start: [f64; 2], leaves: Option<[f64; 2]>) -> Result<Vec<[f64; 2]>> {
        let ranges = self.ranges;
        let outside = move |x: &[f64], _: &[f64]| {
            let over = |k: usize| {
                let (lo, hi) = ranges[k];
                (x[k] - 0.5 * (lo + hi)).abs() / (0.5 * (hi - lo)) - 1.0
            };
            over(0).max(over(1)) - 1e-9
        };
        let others: Vec<[f64; 2]> = self.rests.iter().map(|(at, _)| *at).filter(|at| leaves != Some(*at)).collect();
        let near = move |x: &[f64], _: &[f64]| {
            let far = |at: &[f64; 2]| {
                let over = |k: usize| (x[k] - at[k]) / (ranges[k].1 - ranges[k].0);
                over(0).hypot(over(1))
            };
            others.iter().map(far).fold(1.0, f64::min) - 1e-4
        };
        let watch = vec![Watch::when("border", outside).rising().stop(), Watch::when("rest", near).falling().stop()];
        let scales = Some(ranges.map(|(lo, hi)| hi - lo).to_vec());
        let options = Integration { watch, scales, dense: false, max_steps: 20_000, ..Integration::default() };
        let run = integrate(field, self.p, &start, self.until, &options)?;
        let mut curve: Vec<[f64; 2]> = leaves.into_iter().collect();
        curve.extend(run.x.iter().map(|x| [x[0], x[1]]));
        curve.push([run.last()[0], run.last()[1]]);
        Ok(curve)
    }
}

/// A field backwards in time.
struct Reversed<'a>(&'a dyn Field);

impl Field for Reversed<'_> {
    fn names(&self) -> &Names {
        self.0.names()
    }
    fn rate(&self, x: &[f64], p: &[f64], dx: &mut [f64]) {
        self.0.rate(x, p, dx);
        dx.iter_mut().for_each(|v| *v = -*v);
    }
    fn push(&self, x: &[Dual], p: &[Dual], dx: &mut [Dual]) {
        self.0.push(x, p, dx);
        dx.iter_mut().for_each(|v| *v = -*v);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dynamics::{Search, fixed_points};
    use crate::field::{Law, Quantity};
    use crate::num::Scalar;

    /// dx/dt = λ x, dy/dt = −2λ y + x²: the unstable manifold is y = x²/(4λ), the stable one x = 0.
    struct Bent(Names, f64);
    impl Law for Bent {
        fn law_names(&self) -> &Names {
            &self.0
        }
        fn rates<S: Scalar>(&self, x: &[S], _: &[S], dx: &mut [S]) {
            dx[0] = x[0] * self.1;
            dx[1] = x[0].square() - x[1] * (2.0 * self.1);
        }
    }

    fn bent(lambda: f64) -> Bent {
        Bent(Names::new("bent", [Quantity::plain("x", 0.1), Quantity::plain("y", 0.0)], []), lambda)
    }

    fn plane(field: &dyn Field, region: &Region, options: &PlaneOptions) -> PhasePlane {
        let found = fixed_points(field, &[], region, &Search::default()).unwrap();
        assert!(found.complete);
        phase_plane(field, &[], region, &found.points, options).unwrap()
    }

    #[test]
    fn theory_manifolds_of_a_bent_saddle_are_known() {
        for lambda in [1.0, 30.0] {
            let field = bent(lambda);
            let region = Region::new([(-1.0, 1.0), (-0.5 / lambda, 1.0 / lambda)]).unwrap();
            let plane = plane(&field, &region, &PlaneOptions::default());
            assert_eq!(plane.remarks, Vec::<String>::new());
            assert_eq!(plane.separatrices.iter().filter(|s| s.stable).count(), 2);
            for half in &plane.separatrices {
                for [x, y] in &half.curve {
                    let off = if half.stable { *x } else { (y - x * x / (4.0 * lambda)) * lambda };
                    assert!(off.abs() < 1e-7, "{lambda}: {x} {y}");
                }
                // Each half reaches the border.
                let [x, y] = half.curve[half.curve.len() - 1];
                let low = (y + 0.5 / lambda) * lambda;
                let border = [1.0 - x.abs(), low, 1.5 - low].into_iter().fold(1.0, |m: f64, v| m.min(v.abs()));
                assert!(border < 1e-6, "{x} {y}");
            }
        }
    }

    #[test]
    fn law_fixed_points_lie_on_both_nullclines_and_the_flow_is_the_rate() {
        let field = bent(1.0);
        let region = Region::new([(-1.0, 1.0), (-0.5, 1.0)]).unwrap();
        let plane = plane(&field, &region, &PlaneOptions { starts: vec![[0.5, 0.9]], ..PlaneOptions::default() });
        for curves in &plane.nullclines {
            let nearest = curves.concat().iter().map(|q| q[0].hypot(q[1])).fold(f64::INFINITY, f64::min);
            assert!(nearest < 0.02, "{nearest}");
        }
        for curve in &plane.nullclines[1] {
            assert!(curve.iter().all(|[x, y]| (y - x * x / 2.0).abs() < 1e-11));
        }
        for (at, v) in &plane.flow {
            assert_eq!(*v, [at[0], at[0] * at[0] - 2.0 * at[1]]);
        }
        assert_eq!(plane.flow.len(), 17 * 17);
        let run = &plane.trajectories[0];
        assert_eq!(run[0], [0.5, 0.9]);
        assert!((run[run.len() - 1][0] - 1.0).abs() < 1e-6, "{:?}", run.last());
    }

    #[test]
    fn law_a_plane_has_two_variables_and_a_picture_some_points() {
        let field = bent(1.0);
        let line = Bent(Names::new("line", [Quantity::plain("x", 0.1)], []), 1.0);
        let region = Region::new([(-1.0, 1.0), (-1.0, 1.0)]).unwrap();
        let said = phase_plane(&line, &[], &region, &[], &PlaneOptions::default()).unwrap_err().to_string();
        assert!(said.contains("has 1 variables"), "{said}");
        let none = PlaneOptions { cells: 0, ..PlaneOptions::default() };
        assert!(phase_plane(&field, &[], &region, &[], &none).is_err());
    }
}
