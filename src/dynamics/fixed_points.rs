//! Where does a circuit rest? All fixed points in a region, each with a proof, and an honest list of what is open.
//!
//! f(x; p) = 0 is searched for by interval branch-and-bound, so nothing is missed for want of a good start:
//! every part of the region is either shown to hold no fixed point, or lies in a box in which exactly one was proven
//! ([`Proof::Unique`]), or is listed as undecided. [`FixedPoints::complete`] means that nothing is undecided.
//! A fixed point *on the border* of the region belongs to it; it is proven in a box that sticks out a little, so the
//! field must be defined there.
//! Fixed points with a singular Jacobian (double roots, lines, the origin of a quadratic law) cannot be proven from
//! first derivatives and stay in `undecided`; so do places where the field is not defined.
//! Sources: Krawczyk 1969, Hansen & Sengupta 1981, Neumaier 1990.
//!
//! ```
//! use homeostat::dynamics::{Region, Search, fixed_points};
//! use homeostat::field::{Law, Names, Quantity};
//! use homeostat::num::Scalar;
//!
//! /// A rate with recurrent excitation: dr/dt = −r + σ(w r − θ).
//! struct Rate(Names);
//! impl Law for Rate {
//!     fn law_names(&self) -> &Names { &self.0 }
//!     fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) { dx[0] = (x[0] * p[0] - p[1]).sigmoid() - x[0]; }
//! }
//! let rate = Rate(Names::new("rate", [Quantity::plain("r", 0.0)], ["w", "theta"].map(|n| Quantity::plain(n, 1.0))));
//! let all = fixed_points(&rate, &[10.0, 5.0], &Region::new([(0.0, 1.0)])?, &Search::default())?;
//! assert!(all.complete && all.points.len() == 3 && all.stable().len() == 2);
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use super::cluster::clusters;
use super::krawczyk::Enclosed;
use super::search::{Evenly, Found, Request, Search, Stopped, search};
use super::stability::{Stability, eigenvalues, judge, prove};
use super::system::{System, meet, middle, point};
use super::{Region, system};
use crate::field::{Error, Field, Names, Result, Table};
use crate::num::Interval;

/// How far a fixed point can be trusted.
#[derive(Clone, Debug, PartialEq)]
pub enum Proof {
    /// There is exactly one fixed point in the enclosure.
    Unique,
    /// Found numerically only; the reason why no proof was possible.
    Unproven(String),
}

/// A state at rest.
#[derive(Clone, Debug)]
pub struct FixedPoint {
    /// The state, one value per variable (coherent units).
    pub at: Vec<f64>,
    /// The fixed point lies in this box, if it is proven.
    pub enclosure: Vec<Interval>,
    /// Proven or not.
    pub proof: Proof,
    /// Eigenvalues (real, imaginary) of the Jacobian, per second, largest real part first.
    pub eigenvalues: Vec<(f64, f64)>,
    /// What the eigenvalues say.
    pub stability: Stability,
    /// Is the stability proven for every Jacobian over the enclosure?
    pub stability_proven: bool,
    /// The largest |dx/dt| at `at`, recomputed there (coherent units).
    pub residual: f64,
    /// Does the enclosure touch the border of the region, so that arithmetic cannot tell on which side the point is?
    pub on_border: bool,
    variables: Vec<String>,
}

impl std::ops::Index<&str> for FixedPoint {
    type Output = f64;
    /// The value of a variable by name.
    ///
    /// # Panics
    /// If there is no such variable, like an index out of range.
    fn index(&self, name: &str) -> &f64 {
        match self.variables.iter().position(|v| v == name) {
            Some(k) => &self.at[k],
            None => panic!("there is no variable `{name}`; there are {}", self.variables.join(", ")),
        }
    }
}

impl FixedPoint {
    /// Is it proven and stable?
    pub fn is_stable(&self) -> bool {
        self.stability == Stability::Stable
    }
}

/// A part of the region in which fixed points can be neither shown nor ruled out.
#[derive(Clone, Debug)]
pub struct Undecided {
    /// The smallest box around it.
    pub hull: Vec<Interval>,
    /// How many boxes of the search it consists of.
    pub boxes: usize,
    /// The state in it with the smallest |dx/dt| that was seen, and that |dx/dt|.
    pub nearest: (Vec<f64>, f64),
    /// What is in the way.
    pub why: String,
}

/// All fixed points in a region.
#[derive(Clone, Debug)]
pub struct FixedPoints {
    /// Those found, ordered by their coordinates.
    pub points: Vec<FixedPoint>,
    /// What could not be decided.
    pub undecided: Vec<Undecided>,
    /// Every fixed point in the region is in `points`, and each of them is proven.
    pub complete: bool,
    /// How many boxes were looked at.
    pub boxes: usize,
    /// Why the search ended.
    pub stopped: Stopped,
    names: Names,
}

impl FixedPoints {
    /// Those whose eigenvalues all have negative real parts.
    pub fn stable(&self) -> Vec<&FixedPoint> {
        self.points.iter().filter(|p| p.is_stable()).collect()
    }
    /// The only fixed point in the region; an error if there are others, none, or something undecided.
    pub fn only(&self) -> Result<&FixedPoint> {
        match (self.points.as_slice(), self.complete) {
            ([one], true) => Ok(one),
            (_, complete) => Err(Error::domain(
                "the only fixed point",
                format!(
                    "there are {} fixed points{}",
                    self.points.len(),
                    if complete { "" } else { " and something undecided" }
                ),
                "narrow the region around the one you want, or take it from the list",
            )),
        }
    }
    /// The names of the variables and parameters.
    pub fn names(&self) -> &Names {
        &self.names
    }
    /// One row per fixed point: the variables, the width of each enclosure, proof, stability, leading eigenvalue.
    pub fn table(&self) -> Table {
        let column = |f: &dyn Fn(&FixedPoint) -> f64| self.points.iter().map(f).collect::<Vec<f64>>();
        let mut table = Table::new();
        for (k, q) in self.names.variables.iter().enumerate() {
            table = table.number(&q.name, q.unit.clone(), column(&|p| p.at[k] / q.unit.factor));
        }
        let per_second = crate::field::Unit::HERTZ;
        let words = |f: &dyn Fn(&FixedPoint) -> &str| self.points.iter().map(|p| f(p).to_string()).collect();
        table
            .text("proof", words(&|p| if p.proof == Proof::Unique { "unique" } else { "unproven" }))
            .text("stability", words(&|p| p.stability.name()))
            .flag("stability_proof", self.points.iter().map(|p| p.stability_proven).collect())
            .number("eigenvalue_re", per_second.clone(), column(&|p| p.eigenvalues.first().map_or(f64::NAN, |e| e.0)))
            .number("eigenvalue_im", per_second, column(&|p| p.eigenvalues.first().map_or(f64::NAN, |e| e.1)))
            .number(
                "enclosure_width",
                crate::field::Unit::NONE,
                column(&|p| p.enclosure.iter().zip(&p.at).fold(0.0, |m, (e, x)| m.max(e.width() / x.abs().max(1.0)))),
            )
    }
}

/// All fixed points of `field` at the parameters `p` (coherent units) in a region.
///
/// Errors: a region or parameters of the wrong length, a parameter that is not finite, a field that is not a number
/// at any of the numerical starts.
pub fn fixed_points(field: &dyn Field, p: &[f64], region: &Region, options: &Search) -> Result<FixedPoints> {
    fixed_points_near(field, p, region, &[], options)
}

/// The same, with `guesses` at some of them, which spare the search most of its work.
pub fn fixed_points_near(
    field: &dyn Field,
    p: &[f64],
    region: &Region,
    guesses: &[Vec<f64>],
    options: &Search,
) -> Result<FixedPoints> {
    let names = field.names();
    check(names, p, region)?;
    let sys = System::at(field, p);
    let space = region.intervals();
    defined_somewhere(&sys, &space, options.starts)?;
    let found =
        search(&sys, Request { region: &space, boxes: vec![space.clone()], guesses, options, all_or_nothing: false });
    let mut points: Vec<FixedPoint> = found.points.iter().map(|e| proven(&sys, e, &space)).collect();
    points.extend(unproven(&sys, &found, &space));
    points.sort_by(|a, b| {
        a.at.iter().zip(&b.at).map(|(x, y)| x.total_cmp(y)).find(|o| o.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
    });
    let undecided = clusters(&sys, &found.undecided, &space, found.stopped);
    let complete =
        undecided.is_empty() && found.stopped == Stopped::Finished && points.iter().all(|p| p.proof == Proof::Unique);
    Ok(FixedPoints { points, undecided, complete, boxes: found.boxes, stopped: found.stopped, names: names.clone() })
}

/// Do lengths fit, and are the parameters numbers?
pub(super) fn check(names: &Names, p: &[f64], region: &Region) -> Result<()> {
    let (n, m) = (names.variables.len(), names.parameters.len());
    if region.dimension() != n {
        return Err(Error::usage(
            format!("a region of {} ranges for {n} variables", region.dimension()),
            "give one range per variable",
        ));
    }
    if p.len() != m {
        return Err(Error::usage(format!("{} values for {m} parameters", p.len()), "give one value per parameter"));
    }
    match p.iter().position(|v| !v.is_finite()) {
        None => Ok(()),
        Some(k) => Err(Error::domain(
            format!("the parameter `{}`", names.parameters[k].name),
            format!("{} is not a finite number", p[k]),
            "give every parameter a value",
        )),
    }
}

/// A field that is a number nowhere is an error that names a place.
pub(super) fn defined_somewhere(sys: &System, space: &[Interval], starts: usize) -> Result<()> {
    let numbers = |x: &[f64]| sys.rate(x).iter().all(|v| v.is_finite());
    let at = middle(space);
    let elsewhere = || {
        let evenly = Evenly::new(space);
        (0..starts.max(16)).any(|k| numbers(&evenly.at(k)))
    };
    if numbers(&at) || elsewhere() {
        return Ok(());
    }
    let which = sys.rate(&at).iter().position(|v| !v.is_finite()).unwrap_or(0);
    let names = &sys.field.names().variables;
    let place: Vec<String> = names.iter().zip(&at).map(|(q, x)| format!("{} = {x}", q.name)).collect();
    Err(Error::domain(
        format!("d{}/dt", names[which].name),
        format!("it is not a number at {}, nor anywhere else that was tried in the region", place.join(", ")),
        "check the parameters, and the region, for values outside the domain of the equations",
    ))
}

fn proven(sys: &System, found: &Enclosed, space: &[Interval]) -> FixedPoint {
    let on_border =
        !system::inside(&found.tight, space) || found.tight.iter().zip(space).any(|(t, s)| !t.is_interior(*s));
    let at = found.tight.iter().zip(space).map(|(t, s)| t.mid().clamp(s.lo(), s.hi())).collect();
    let (_, jacobian) = sys.jacobian(&found.tight);
    let proof = prove(&jacobian, &unit(space));
    describe(sys, at, found.tight.clone(), Proof::Unique, proof, on_border, space)
}

fn unit(space: &[Interval]) -> Vec<f64> {
    space.iter().map(|i| i.width()).collect()
}

fn describe(
    sys: &System,
    at: Vec<f64>,
    enclosure: Vec<Interval>,
    proof: Proof,
    stability: Option<Stability>,
    on_border: bool,
    space: &[Interval],
) -> FixedPoint {
    let eigenvalues = eigenvalues(&sys.field.jacobian(&at, &sys.middle), &unit(space));
    let residual = sys.rate(&at).iter().fold(0.0_f64, |m, v| m.max(v.abs()));
    FixedPoint {
        stability: stability.unwrap_or_else(|| judge(&eigenvalues)),
        stability_proven: stability.is_some(),
        variables: sys.field.names().variables.iter().map(|q| q.name.clone()).collect(),
        at,
        enclosure,
        proof,
        eigenvalues,
        residual,
        on_border,
    }
}

/// Numerical fixed points for a field that offers no intervals at all: all that can be said then.
fn unproven(sys: &System, found: &Found, space: &[Interval]) -> Vec<FixedPoint> {
    if sys.value(&point(&middle(space))).iter().any(|v| *v != Interval::ENTIRE) {
        return Vec::new();
    }
    found
        .failed
        .iter()
        .filter(|(z, _)| meet(&point(z), space))
        .map(|(z, why)| {
            let enclosure = vec![Interval::ENTIRE; sys.n];
            describe(sys, z.clone(), enclosure, Proof::Unproven(why.to_string()), None, false, space)
        })
        .collect()
}
