//! By how much does a small push, given at some phase, move the clock of a cycle? The phase response curve.
//!
//! Z is the periodic solution of the adjoint equation Z' = −(∂f/∂x)ᵀ Z with Z·f = 1: a push δx at phase φ brings the
//! cycle forward by Z(φ)·δx seconds, to first order. It is collocated as the cycle is, on a mesh made finer until
//! Z·f = 1 holds between the mesh points too.
//!
//! Source: Ermentrout & Terman (2010), Mathematical foundations of neuroscience, section 8.2.

use super::branch::Cycle;
use super::bvp::{Equations, Local, Room, Unknown};
use super::closed::{Gap, Row};
use super::elimination::{Chain, Eliminated};
use super::flow::Flow;
use super::mesh::{DEGREE, Orbit, Rule, lagrange};
use super::newton::newton;
use crate::field::{Error, Field, Result, Table, Unit};

/// How well Z·f = 1 is to hold.
const WANTED: f64 = 1e-8;
const INTERVALS: usize = 3000;

/// The phase response curve of a cycle.
#[derive(Clone, Debug)]
pub struct PhaseResponse {
    /// The period, s.
    pub period: f64,
    /// The variables' names and units.
    pub variables: Vec<(String, Unit)>,
    /// The largest |Z·f − 1|, seen at 8 places of every mesh interval.
    pub defect: f64,
    /// State and Z, one above the other (coherent units; Z in s per unit).
    both: Orbit,
}

impl PhaseResponse {
    /// Z at a phase counted in periods: s per coherent unit of each variable.
    pub fn at(&self, phase: f64) -> Vec<f64> {
        self.both.at(phase.rem_euclid(1.0))[self.variables.len()..].to_vec()
    }
    /// The state at that phase (coherent units).
    pub fn state(&self, phase: f64) -> Vec<f64> {
        self.both.at(phase.rem_euclid(1.0))[..self.variables.len()].to_vec()
    }
    /// One row per mesh point: the phase from 0 to 1, the state, and Z of each variable, per shown unit, in s.
    pub fn table(&self) -> Table {
        let n = self.variables.len();
        let mesh = &self.both.mesh;
        let column = |i: usize, factor: f64| -> Vec<f64> {
            (0..mesh.len()).map(|j| self.both.nodes[(i, j * DEGREE)] * factor).collect()
        };
        let mut table = Table::new().number("phase", Unit::NONE, mesh.clone());
        for (i, (name, unit)) in self.variables.iter().enumerate() {
            table = table.number(name, unit.clone(), column(i, 1.0 / unit.factor));
        }
        for (i, (name, unit)) in self.variables.iter().enumerate() {
            table = table.number(&format!("z_{name}"), Unit::SECOND, column(n + i, unit.factor));
        }
        table
    }
}

/// The phase response curve of a cycle of `field`.
///
/// Errors: a cycle that does not belong to the field, or is not confirmed on a finer mesh; a second multiplier of one
/// (at a fold of cycles there is no phase response).
pub fn phase_response(field: &dyn Field, cycle: &Cycle) -> Result<PhaseResponse> {
    let names = field.names();
    if names.variables.len() != cycle.scale.len() || names.parameters.len() != cycle.p.len() {
        return Err(Error::usage("the cycle belongs to another field", "give the field that it was found with"));
    }
    let flow = Flow {
        field,
        p: cycle.p.clone(),
        free: Vec::new(),
        scale: cycle.scale.clone(),
        time: cycle.period,
        widths: Vec::new(),
    };
    let rule = Rule::new();
    let unconfirmed = |residual: f64| Error::NoConvergence {
        method: "Newton's method for the cycle and its phase response on a finer mesh",
        steps: 25,
        residual,
        last: cycle.at(0.0),
    };
    let mut shape = cycle.orbit.clone();
    let mut intervals = 2 * shape.intervals();
    let mut best: Option<PhaseResponse> = None;
    let n = flow.variables();
    while intervals <= INTERVALS {
        let orbit = shape.part(0, n).on(shape.adapted_mesh(intervals));
        let guess = Unknown { orbit, q: vec![1.0] };
        let rows = flow.conditions(&guess, &rule);
        let solved = newton(&flow, guess, &rows, &rule).ok_or_else(|| unconfirmed(f64::NAN))?;
        let z = adjoint(&flow, &solved.at, &rule).ok_or_else(|| unconfirmed(f64::NAN))?;
        let response = response(&flow, &solved.at, &z);
        if response.defect.is_nan() {
            return Err(unconfirmed(response.defect));
        }
        // Newton's method is done at 1e-9: what does not get better any more is at rounding.
        if best.as_ref().is_none_or(|b| response.defect < b.defect) {
            best = Some(response);
        }
        if best.as_ref().is_some_and(|b| b.defect < WANTED) {
            break;
        }
        shape = solved.at.orbit.above(&z);
        intervals = intervals * 3 / 2;
    }
    match best {
        Some(best) if best.defect < 1e-4 => Ok(best),
        other => Err(unconfirmed(other.map_or(f64::NAN, |b| b.defect))),
    }
}

/// The periodic solution of z' = −Aᵀ z with ∫ z·g ds = 1 in scaled coordinates, where u' = g.
fn adjoint(flow: &Flow, u: &Unknown, rule: &Rule) -> Option<Orbit> {
    let (n, intervals) = (flow.variables(), u.orbit.intervals());
    let mut chain = Chain::new(n, 1, intervals, rule);
    let mut norm = Row { nodes: nalgebra::DMatrix::zeros(n, u.orbit.nodes.ncols()), scalars: vec![0.0], value: 1.0 };
    let (mut local, mut x) = (Local::default(), Vec::new());
    u.orbit.combine_each(0..intervals, &rule.value, &mut x);
    flow.derivatives(&x, &u.q, &mut local);
    let one = |a: &[f64]| (0..n * n).map(|e| -a[e % n * n + e / n]).collect::<Vec<f64>>();
    let transposed: Vec<f64> = local.jacobian.chunks_exact(n * n).flat_map(one).collect();
    // The scalar, zero in the end, makes the equations regular: z' + Aᵀ z is never parallel to g.
    let fours = transposed.chunks(4 * DEGREE * n * n).zip(local.g.chunks(4 * DEGREE * n));
    for (four, (transposed, g)) in fours.enumerate() {
        chain.put(4 * four, &u.orbit, rule, transposed, g);
    }
    for (j, g) in local.g.chunks_exact(DEGREE * n).enumerate() {
        for (c, g) in g.chunks_exact(n).enumerate() {
            for (k, value) in rule.value[c].iter().enumerate() {
                let share = u.orbit.width(j) * rule.weight[c] * value;
                (0..n).for_each(|i| norm.nodes[(i, j * DEGREE + k)] += share * g[i]);
            }
        }
    }
    let chain = Eliminated::new(chain)?;
    let gap = Gap::of_rows(vec![1.0], n, intervals);
    let (nodes, _) = chain.close(&vec![1.0; n], &[norm])?.solve(&chain, &gap)?;
    Some(Orbit { mesh: u.orbit.mesh.clone(), nodes })
}

/// State and response in the field's units, with the largest |Z·f − 1|.
fn response(flow: &Flow, u: &Unknown, z: &Orbit) -> PhaseResponse {
    let n = flow.variables();
    let period = u.q[0] * flow.time;
    let names = flow.field.names();
    let (mut x, mut push, mut f) = (Vec::new(), Vec::new(), Vec::new());
    let eighths: [_; 8] = std::array::from_fn(|s| lagrange(s as f64 / 8.0));
    for (from, to) in [(&u.orbit, &mut x), (z, &mut push)] {
        from.combine_each(0..from.intervals(), &eighths, to);
    }
    flow.rates(&x, &[], &mut Room::default(), &mut f);
    let mut defect = 0.0f64;
    for (push, f) in push.chunks_exact(n).zip(f.chunks_exact(n)) {
        let product: f64 = push.iter().zip(f).map(|(z, f)| z * f * u.q[0]).sum();
        let apart = (product - 1.0).abs();
        defect = if apart <= defect { defect } else { apart };
    }
    let mut both = u.orbit.above(z);
    for (i, s) in flow.scale.iter().enumerate() {
        both.nodes.row_mut(i).iter_mut().for_each(|v| *v *= s);
        both.nodes.row_mut(n + i).iter_mut().for_each(|v| *v *= period / s);
    }
    let variables = names.variables.iter().map(|q| (q.name.clone(), q.unit.clone())).collect();
    PhaseResponse { period, variables, defect, both }
}
