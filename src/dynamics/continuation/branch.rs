//! What is a branch? Points, what happens on them, and why it ends.

use crate::field::{Table, Unit};
use nalgebra::Complex;

/// What happens at a special point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// Two fixed points meet and vanish.
    Fold,
    /// A pair of eigenvalues crosses the imaginary axis.
    Hopf,
    /// Another branch crosses.
    BranchPoint,
    /// The equations have a kink, and the Jacobian jumps: the branch has a corner, or its stability changes at once.
    Kink,
    /// An eigenvalue changes its sign through infinity: the branch passes a place where the equations are not defined.
    Pole,
    /// Two folds meet.
    Cusp,
    /// Folds and Hopf points meet: a double zero eigenvalue.
    BogdanovTakens,
    /// The first Lyapunov coefficient vanishes: the cycles' branch turns from supercritical to subcritical.
    GeneralizedHopf,
    /// A zero eigenvalue and a pair ±iω.
    ZeroHopf,
    /// Two pairs ±iω.
    HopfHopf,
    /// The stability changes between two points, but no special point could be verified in between.
    Unexplained,
}

impl EventKind {
    /// The name used in tables and JSON.
    pub fn name(self) -> &'static str {
        match self {
            EventKind::Fold => "fold",
            EventKind::Hopf => "hopf",
            EventKind::BranchPoint => "branch-point",
            EventKind::Kink => "kink",
            EventKind::Pole => "pole",
            EventKind::Cusp => "cusp",
            EventKind::BogdanovTakens => "bogdanov-takens",
            EventKind::GeneralizedHopf => "generalized-hopf",
            EventKind::ZeroHopf => "zero-hopf",
            EventKind::HopfHopf => "hopf-hopf",
            EventKind::Unexplained => "unexplained",
        }
    }
}

/// What was checked again at the returned point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Check {
    /// ‖F‖ in scaled coordinates, 1/s.
    pub residual: f64,
    /// How far the critical eigenvalue is from the axis, 1/s.
    pub defining: f64,
    /// The speed with which the parameter moves through the event; zero means that it only touches.
    pub transversality: f64,
    /// The leading coefficient of the normal form; zero means a higher degeneracy.
    pub nondegeneracy: f64,
}

/// A special point on a branch.
#[derive(Clone, Debug)]
pub struct Event {
    /// What happens.
    pub kind: EventKind,
    /// The parameter there (coherent unit).
    pub parameter: f64,
    /// The state there (coherent units).
    pub at: Vec<f64>,
    /// The imaginary part of the critical pair, rad/s, at a Hopf point.
    pub omega: Option<f64>,
    /// Kuznetsov's first Lyapunov coefficient l1 with ⟨q,q⟩ = ⟨p,q⟩ = 1 in the variables' coherent units; negative is
    /// supercritical.
    pub first_lyapunov: Option<f64>,
    /// What was checked again at the point; `None` if it could not be verified.
    pub check: Option<Check>,
    /// An interval of the parameter (coherent unit) that is proven to hold such a point; `None` where it could not be
    /// proven, or was not tried (folds and Hopf points are).
    pub proof: Option<(f64, f64)>,
    /// Coefficients of the normal form by name, where they are defined; see [`normal_form`](super).
    pub coefficients: Vec<(&'static str, f64)>,
    /// How many points of its branch come before it.
    pub after: usize,
}

impl Event {
    /// A coefficient of the normal form by its name.
    pub fn coefficient(&self, name: &str) -> Option<f64> {
        self.coefficients.iter().find(|(n, _)| *n == name).map(|(_, v)| *v)
    }
}

/// A point of a branch.
#[derive(Clone, Debug)]
pub struct BranchPoint {
    /// The parameter (coherent unit).
    pub parameter: f64,
    /// The state (coherent units).
    pub at: Vec<f64>,
    /// The eigenvalues of the Jacobian, 1/s, by descending real part.
    pub eigenvalues: Vec<Complex<f64>>,
    /// Are all real parts negative?
    pub stable: bool,
}

/// Why a branch ends.
#[derive(Clone, Debug, PartialEq)]
pub enum Stopped {
    /// At an end of the parameter's range.
    Range,
    /// It left the region of states that was asked for.
    Region(String),
    /// It came back to its start.
    Closed,
    /// At the branch point from which it was followed.
    BranchPoint,
    /// A curve of Hopf points at a Bogdanov–Takens point, where their frequency is zero.
    BogdanovTakens,
    /// The number of points that was asked for.
    Points,
    /// The corrector failed at the smallest step; the reason.
    Failed(String),
}

impl Stopped {
    /// The name used in tables and JSON.
    pub fn name(&self) -> String {
        match self {
            Stopped::Range => "range".into(),
            Stopped::Region(variable) => format!("region: {variable}"),
            Stopped::Closed => "closed".into(),
            Stopped::BranchPoint => "branch point".into(),
            Stopped::BogdanovTakens => "bogdanov-takens".into(),
            Stopped::Points => "points".into(),
            Stopped::Failed(why) => format!("failed: {why}"),
        }
    }
}

/// A curve of fixed points in one parameter: from one end to the other.
#[derive(Clone, Debug)]
pub struct Branch {
    /// The parameter's name and unit.
    pub parameter: (String, Unit),
    /// The variables' names and units.
    pub variables: Vec<(String, Unit)>,
    /// The points in order.
    pub points: Vec<BranchPoint>,
    /// The special points in order along the branch.
    pub events: Vec<Event>,
    /// Why it ends at its first and at its last point.
    pub stopped: (Stopped, Stopped),
}

impl Branch {
    /// The first event of a kind, in order along the branch.
    pub fn first(&self, kind: EventKind) -> Option<&Event> {
        self.events.iter().find(|e| e.kind == kind)
    }
    /// Does it pass through this state at this parameter value, to a thousandth of the branch's extent?
    pub fn passes(&self, parameter: f64, at: &[f64]) -> bool {
        let value = |q: &BranchPoint, i: usize| if i < at.len() { q.at[i] } else { q.parameter };
        let extent = |i: usize| {
            let all = self.points.iter().map(|q| value(q, i));
            let (lo, hi) = all.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| (a.min(x), b.max(x)));
            (hi - lo).max(1e-6 * lo.abs().max(hi.abs())).max(1e-300)
        };
        let scale: Vec<f64> = (0..=at.len()).map(extent).collect();
        let place = |i: usize, v: f64| v / scale[i];
        let target: Vec<f64> = (0..=at.len()).map(|i| place(i, *at.get(i).unwrap_or(&parameter))).collect();
        // The distance from each stretch, also where it turns at a fold.
        self.points.windows(2).any(|pair| {
            let from: Vec<f64> = (0..=at.len()).map(|i| place(i, value(&pair[0], i))).collect();
            let chord: Vec<f64> = (0..=at.len()).map(|i| place(i, value(&pair[1], i)) - from[i]).collect();
            let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
            let away: Vec<f64> = target.iter().zip(&from).map(|(t, f)| t - f).collect();
            let share = (dot(&away, &chord) / dot(&chord, &chord).max(1e-300)).clamp(0.0, 1.0);
            away.iter().zip(&chord).all(|(d, c)| (d - share * c).abs() < 1e-3)
        })
    }
    /// The points as rows, in the units that the quantities are shown in.
    pub fn table(&self) -> Table {
        let shown = |unit: &Unit, v: f64| v / unit.factor;
        let (name, unit) = &self.parameter;
        let mut table =
            Table::new().number(name, unit.clone(), self.points.iter().map(|q| shown(unit, q.parameter)).collect());
        for (i, (name, unit)) in self.variables.iter().enumerate() {
            table = table.number(name, unit.clone(), self.points.iter().map(|q| shown(unit, q.at[i])).collect());
        }
        table.flag("stable", self.points.iter().map(|q| q.stable).collect())
    }
    /// The events as rows.
    pub fn event_table(&self) -> Table {
        let (name, unit) = &self.parameter;
        let number = |f: &dyn Fn(&Event) -> f64| self.events.iter().map(f).collect::<Vec<_>>();
        let mut table = Table::new().text("event", self.events.iter().map(|e| e.kind.name().into()).collect()).number(
            name,
            unit.clone(),
            number(&|e| e.parameter / unit.factor),
        );
        for (i, (name, unit)) in self.variables.iter().enumerate() {
            table = table.number(name, unit.clone(), number(&|e| e.at[i] / unit.factor));
        }
        table
            .number("omega", Unit::HERTZ, number(&|e| e.omega.unwrap_or(f64::NAN)))
            .number("first_lyapunov", Unit::NONE, number(&|e| e.first_lyapunov.unwrap_or(f64::NAN)))
            .flag("verified", self.events.iter().map(|e| e.check.is_some()).collect())
            .flag("proven", self.events.iter().map(|e| e.proof.is_some()).collect())
    }
}
