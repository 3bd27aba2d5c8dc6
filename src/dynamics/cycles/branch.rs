//! What is a branch of periodic orbits? Points with period, extremes and multipliers, and what happens on them.

use super::homoclinic::Limit;
use super::mesh::Orbit;
use crate::field::{Table, Unit};
use nalgebra::Complex;

/// The smallest swing of a variable, relative to its size, in which orbits are compared.
const FLAT: f64 = 1e-3;

/// What happens on a branch of periodic orbits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CycleEventKind {
    /// Two cycles meet and vanish: a second multiplier is one.
    Fold,
    /// A multiplier is −1.
    PeriodDoubling,
    /// A complex pair of multipliers crosses the unit circle.
    Torus,
    /// Another branch of cycles crosses: a second multiplier is one, but the parameter does not turn.
    BranchPoint,
    /// The number of growing deviations changes between two orbits, but no special orbit was found in between.
    Unexplained,
}

impl CycleEventKind {
    /// The name used in tables and JSON.
    pub fn name(self) -> &'static str {
        match self {
            CycleEventKind::Fold => "cycle-fold",
            CycleEventKind::PeriodDoubling => "period-doubling",
            CycleEventKind::Torus => "torus",
            CycleEventKind::BranchPoint => "branch-point",
            CycleEventKind::Unexplained => "unexplained",
        }
    }
}

/// Why a branch of periodic orbits ends.
#[derive(Clone, Debug, PartialEq)]
pub enum CycleStop {
    /// At an end of the parameter's range.
    Range,
    /// The orbit shrank to a point: another Hopf point.
    Shrunk,
    /// The period grew beyond the limit: the orbit approaches a saddle, homoclinic-like.
    Period,
    /// The parameter stands still to rounding while the orbit goes on to change, ever slower per step: in a canard explosion
    /// the cycles of a whole range of sizes share all digits of the parameter.
    Canard,
    /// It came back to its start.
    Closed,
    /// The orbit became the one it was doubled from, gone round twice.
    Undoubled,
    /// Another branch of cycles crosses there.
    BranchPoint,
    /// The number of points that was asked for.
    Points,
    /// The user ended it.
    Interrupted,
    /// The corrector failed at the smallest step; the reason.
    Failed(String),
}

impl CycleStop {
    /// The name used in tables and JSON.
    pub fn name(&self) -> &str {
        match self {
            CycleStop::Range => "range",
            CycleStop::Shrunk => "hopf",
            CycleStop::Period => "homoclinic-like",
            CycleStop::Canard => "canard-explosion",
            CycleStop::Closed => "closed",
            CycleStop::Undoubled => "period-doubling",
            CycleStop::BranchPoint => "branch-point",
            CycleStop::Interrupted => "interrupted",
            CycleStop::Points => "points",
            CycleStop::Failed(why) => why,
        }
    }
}

/// A periodic orbit.
#[derive(Clone, Debug)]
pub struct Cycle {
    /// The parameter (coherent unit).
    pub parameter: f64,
    /// The period, s.
    pub period: f64,
    /// Smallest and largest value of each variable (coherent units).
    pub extremes: Vec<(f64, f64)>,
    /// The Floquet multipliers by descending modulus, the trivial one left out.
    pub multipliers: Vec<Complex<f64>>,
    /// How far the direction of the flow, whose multiplier is one, is carried away from itself on the way round, relative
    /// to the largest speed: what the multipliers' digits are worth.
    pub trivial_error: f64,
    /// How far ln of the product of all multipliers is from the integrated trace of the Jacobian (Liouville's formula).
    pub product_error: f64,
    /// The estimated error of the orbit between the mesh points, relative to the swing of each variable.
    pub error: f64,
    /// Are all multipliers inside the unit circle?
    pub stable: bool,
    /// All parameters of the field there (coherent units).
    pub(super) p: Vec<f64>,
    /// The orbit in scaled coordinates and the scales (coherent units).
    pub(super) orbit: Orbit,
    pub(super) scale: Vec<f64>,
}

impl Cycle {
    /// The state at a phase, counted in periods (coherent units).
    pub fn at(&self, phase: f64) -> Vec<f64> {
        self.orbit.at(phase.rem_euclid(1.0)).iter().zip(&self.scale).map(|(x, s)| x * s).collect()
    }
    /// How this orbit differs from another: in its period and the ends of its swings, relative to the larger of both.
    pub(super) fn differs(&self, other: &Cycle) -> impl Iterator<Item = f64> {
        let swing = |(lo, hi): (f64, f64)| (hi - lo).max(FLAT * lo.abs().max(hi.abs()));
        let swings = self.extremes.iter().zip(&other.extremes);
        let ends = swings.flat_map(move |(&a, &b)| {
            let size = swing(a).max(swing(b)).max(f64::MIN_POSITIVE);
            [(a.0 - b.0) / size, (a.1 - b.1) / size]
        });
        std::iter::once((self.period - other.period) / self.period.max(other.period)).chain(ends)
    }
    /// How far they are apart: the largest of these differences.
    pub(super) fn apart(&self, other: &Cycle) -> f64 {
        self.differs(other).fold(0.0, |largest, d| largest.max(d.abs()))
    }
    /// The orbit in coherent units.
    pub(super) fn states(&self) -> Orbit {
        let mut states = self.orbit.clone();
        states.nodes.row_iter_mut().zip(&self.scale).for_each(|(mut row, s)| row *= *s);
        states
    }
    /// The phases of the mesh points from 0 to 1, where the orbit is known best.
    pub fn mesh(&self) -> &[f64] {
        &self.orbit.mesh
    }
    /// All parameters of the field at this orbit, in the order of its names (coherent units).
    pub fn parameters(&self) -> &[f64] {
        &self.p
    }
}

/// A special periodic orbit.
#[derive(Clone, Debug)]
pub struct CycleEvent {
    /// What happens.
    pub kind: CycleEventKind,
    /// The orbit there.
    pub cycle: Cycle,
    /// How far the critical multiplier is from its defining value, seen again at the returned orbit.
    pub defining: f64,
    /// The largest |u' − T f(u)| between the collocation points, relative to the largest |T f|.
    pub defect: f64,
    /// The angle of the critical pair, rad, at a torus bifurcation.
    pub angle: Option<f64>,
    /// Is it located? `defect` is small, and so is `defining`, or the orbit solves the equations of the event and the sign
    /// that tells of it changes right beside: towards a saddle multipliers pass their critical value faster than rounding
    /// lets it be met.
    pub verified: bool,
    /// The parameter at the two neighbouring orbits between which it was seen (coherent unit).
    pub between: (f64, f64),
    /// The Floquet vector along the orbit (scaled), where another branch may start, with κ or θ.
    pub(super) vector: Option<(Orbit, f64)>,
}

/// A branch of periodic orbits in one parameter.
#[derive(Clone, Debug)]
pub struct CycleBranch {
    /// The parameter's name and unit.
    pub parameter: (String, Unit),
    /// The variables' names and units.
    pub variables: Vec<(String, Unit)>,
    /// The orbits in order.
    pub points: Vec<Cycle>,
    /// The special orbits in order.
    pub events: Vec<CycleEvent>,
    /// How often a multiplier passed +1 while the parameter stood still to rounding, as at the last turns towards a
    /// saddle-focus: these are no events.
    pub still: usize,
    /// Why it ends at its first point.
    pub started: CycleStop,
    /// Why it ends at its last point.
    pub stopped: CycleStop,
    /// What the period's growth at the last point leads to, if that is why it ends.
    pub limit: Option<Limit>,
}

impl CycleBranch {
    /// The first event of a kind, in order along the branch.
    pub fn first(&self, kind: CycleEventKind) -> Option<&CycleEvent> {
        self.events.iter().find(|e| e.kind == kind)
    }
    /// The orbits as rows: parameter, period, extremes, the leading multiplier, stability.
    pub fn table(&self) -> Table {
        let (name, unit) = &self.parameter;
        let column = |f: &dyn Fn(&Cycle) -> f64| self.points.iter().map(f).collect::<Vec<_>>();
        let mut table = Table::new().number(name, unit.clone(), column(&|c| c.parameter / unit.factor)).number(
            "period",
            Unit::SECOND,
            column(&|c| c.period),
        );
        for (i, (name, unit)) in self.variables.iter().enumerate() {
            table = table
                .number(&format!("{name}_min"), unit.clone(), column(&|c| c.extremes[i].0 / unit.factor))
                .number(&format!("{name}_max"), unit.clone(), column(&|c| c.extremes[i].1 / unit.factor));
        }
        let leading = |c: &Cycle| c.multipliers.first().map_or(0.0, |m| m.norm());
        table
            .number("multiplier", Unit::NONE, column(&leading))
            .flag("stable", self.points.iter().map(|c| c.stable).collect())
    }
}
