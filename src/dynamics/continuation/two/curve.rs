//! What is a curve in the plane of two parameters? Points, what happens on them, and why it ends.

use super::super::branch::{Check, EventKind, Stopped};
use super::codim2::Degenerate;
use super::system::CurveKind;
use super::walk::{Spot, Trace};
use crate::field::{Table, Unit};

/// A point of a curve.
#[derive(Clone, Debug)]
pub struct CurvePoint {
    /// The first parameter (coherent unit).
    pub parameter: f64,
    /// The second parameter (coherent unit).
    pub other: f64,
    /// The state (coherent units).
    pub at: Vec<f64>,
    /// ω on a curve of Hopf points, rad/s.
    pub omega: Option<f64>,
    /// The first Lyapunov coefficient on a curve of Hopf points, in Kuznetsov's normalisation.
    pub first_lyapunov: Option<f64>,
    /// How many eigenvalues besides the critical ones are in the right half plane.
    pub unstable: usize,
}

/// A special point of codimension two.
#[derive(Clone, Debug)]
pub struct CurveEvent {
    /// What happens.
    pub kind: EventKind,
    /// The first parameter (coherent unit).
    pub parameter: f64,
    /// The second parameter (coherent unit).
    pub other: f64,
    /// The state (coherent units).
    pub at: Vec<f64>,
    /// The frequencies of the critical pairs, rad/s.
    pub omegas: Vec<f64>,
    /// What was checked again at the point; `None` if it was seen but could not be verified.
    pub check: Option<Check>,
    /// Coefficients of the normal form by name.
    pub coefficients: Vec<(&'static str, f64)>,
    /// How many points of its curve come before it.
    pub after: usize,
}

impl CurveEvent {
    /// A coefficient of the normal form by its name.
    pub fn coefficient(&self, name: &str) -> Option<f64> {
        self.coefficients.iter().find(|(n, _)| *n == name).map(|(_, v)| *v)
    }
}

/// A curve of folds, Hopf points or branch points in the plane of two parameters.
#[derive(Clone, Debug)]
pub struct Curve {
    /// Which special point it consists of.
    pub kind: CurveKind,
    /// The two parameters' names and units.
    pub parameters: [(String, Unit); 2],
    /// The variables' names and units.
    pub variables: Vec<(String, Unit)>,
    /// The points in order.
    pub points: Vec<CurvePoint>,
    /// The points of codimension two in order along the curve.
    pub events: Vec<CurveEvent>,
    /// Why it ends at its first and at its last point.
    pub stopped: (Stopped, Stopped),
    /// On a curve of branch points: the largest |μ| by which the equations had to be shifted for the branches to cross,
    /// 1/s in scaled coordinates. Above rounding, the branch point does not persist when the second parameter moves.
    pub shift: f64,
}

impl Curve {
    /// The first event of a kind, in order along the curve.
    pub fn first(&self, kind: EventKind) -> Option<&CurveEvent> {
        self.events.iter().find(|e| e.kind == kind)
    }
    /// The points as rows, in the units that the quantities are shown in.
    pub fn table(&self) -> Table {
        let number = |f: &dyn Fn(&CurvePoint) -> f64| self.points.iter().map(f).collect::<Vec<f64>>();
        let [(first, u1), (second, u2)] = &self.parameters;
        let mut table = Table::new()
            .text("curve", vec![self.kind.name().into(); self.points.len()])
            .number(first, u1.clone(), number(&|q| q.parameter / u1.factor))
            .number(second, u2.clone(), number(&|q| q.other / u2.factor));
        for (i, (name, unit)) in self.variables.iter().enumerate() {
            table = table.number(name, unit.clone(), number(&|q| q.at[i] / unit.factor));
        }
        table.number("omega", Unit::HERTZ, number(&|q| q.omega.unwrap_or(f64::NAN))).number(
            "first_lyapunov",
            Unit::NONE,
            number(&|q| q.first_lyapunov.unwrap_or(f64::NAN)),
        )
    }
    /// A trace in the units of the field.
    pub(super) fn of(trace: &Trace, parameters: [(String, Unit); 2], variables: Vec<(String, Unit)>) -> Curve {
        let first = &trace.points[0];
        let kind = first.system.kind;
        let shift = |s: &Spot| match kind {
            CurveKind::BranchPoint => s.u[s.system.problem.coordinates()].abs() * s.system.rate,
            _ => 0.0,
        };
        Curve {
            kind,
            parameters,
            variables,
            points: trace.points.iter().map(point).collect(),
            events: trace.marks.iter().map(|(d, after)| event(d, first, *after)).collect(),
            stopped: trace.stopped.clone(),
            shift: trace.points.iter().map(shift).fold(0.0, f64::max),
        }
    }
}

fn point(spot: &Spot) -> CurvePoint {
    let critical = match spot.system.kind {
        CurveKind::Hopf => 2,
        _ => 1,
    };
    let mut rest = spot.eigenvalues.clone();
    // The critical ones are those nearest to where they should be.
    let wanted = nalgebra::Complex::new(0.0, spot.omega().unwrap_or(0.0));
    let far = |l: &nalgebra::Complex<f64>| (nalgebra::Complex::new(l.re, l.im.abs()) - wanted).norm();
    rest.sort_by(|x, y| far(x).total_cmp(&far(y)));
    CurvePoint {
        parameter: spot.parameter(0),
        other: spot.parameter(1),
        at: spot.system.problem.state(&spot.u),
        omega: spot.omega(),
        first_lyapunov: spot.l1(),
        unstable: rest.iter().skip(critical).filter(|l| l.re > 0.0).count(),
    }
}

fn event(found: &Degenerate, first: &Spot, after: usize) -> CurveEvent {
    let problem = first.system.problem;
    CurveEvent {
        kind: found.kind,
        parameter: problem.parameter(&found.z, 0),
        other: problem.parameter(&found.z, 1),
        at: problem.state(&found.z),
        omegas: found.omegas.clone(),
        check: found.check,
        coefficients: found.coefficients.clone(),
        after,
    }
}
