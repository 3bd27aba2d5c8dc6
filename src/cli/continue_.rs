//! How do fixed points and cycles move when a parameter changes?

use super::Outcome;
use super::continue_answer::Found;
use super::model::{self, ModelArgs};
use super::noise;
use super::overlay;
use super::shell::Shell;
use crate::dynamics::continuation::{Diagram, DiagramOptions, Event, EventKind, Vary, curves, diagram, diagram_from};
use crate::dynamics::cycles::{Cycle, CycleOptions, family, simulated};
use crate::dynamics::{MapOptions, Region, Search};
use crate::field::{Error, Field, Result};
use crate::lang::Model;
use crate::validate::Verdict;
use std::time::Instant;

/// Follow fixed points, and the cycles born at Hopf points, in a parameter
#[derive(clap::Args, Debug)]
#[group(skip)]
#[command(
    group = clap::ArgGroup::new("oscillations").multiple(true),
    after_help = "The branches start from every proven fixed point in the region, are switched at branch points, and are compared \
    with the proven list of fixed points between all special points. Special points are located by Newton's method and \
    checked again from the returned point.\n\nExamples:\n  \
    homeostat continue neuron+bcm --vary tau_theta='1 s:30 s'\n  \
    homeostat continue neuron+bcm --vary tau_theta=1:30 --cycles --out diagram.svg\n  \
    homeostat continue neuron+bcm --vary tau_theta=50:105 --cycles=1 --generations 0\n  \
    homeostat continue roessler.ode --vary c=2:4 --cycle-at c=2.5 --start x=3\n  \
    homeostat continue neuron+bcm --vary tau_theta=1:30 --and y0=1:20 --out plane.svg\n  \
    homeostat continue data/ode/mutual_inhibition.ode --vary i0=0:20 --range r1=0:12 --range r2=0:12 --simulate 8"
)]
pub struct Continue {
    #[command(flatten)]
    model: ModelArgs,
    /// The parameter and its range
    #[arg(long, value_name = "P=LO:HI")]
    vary: String,
    /// Where to look for a variable, instead of its declared range
    #[arg(long, value_name = "VAR=LO:HI")]
    range: Vec<String>,
    /// Follow the cycles from every Hopf point too, or from those with these numbers (1 is the first in the tables)
    #[arg(long, value_name = "K,…", num_args = 0..=1, require_equals = true, default_missing_value = "all", group = "oscillations")]
    cycles: Option<String>,
    /// Follow the cycle that a simulation from the start settles on at this value of the parameter (may be given again)
    #[arg(long, value_name = "P=VALUE", group = "oscillations")]
    cycle_at: Vec<String>,
    /// How long that simulation may take; as long as it needs without it
    #[arg(long, requires = "cycle_at", value_name = "T")]
    until: Option<String>,
    /// How many generations of doubled and crossing branches are followed from those cycles
    #[arg(long, default_value_t = 3, requires = "oscillations", value_name = "N")]
    generations: usize,
    /// Tell how fluctuations grow along the branches: early warnings, where the linearisation is valid
    #[arg(long)]
    noise: bool,
    /// A second parameter: curves of folds, Hopf points and branch points in the plane of both
    #[arg(long, value_name = "Q=LO:HI")]
    and: Option<String>,
    /// Draw the certified map of stability below the curves of --and
    #[arg(long, requires = "and")]
    map: bool,
    /// Look at no more than this many cells of the map
    #[arg(long, requires = "map", default_value_t = 4 * MapOptions::default().cells, value_name = "N")]
    cells: usize,
    /// The variable that the figure shows; the first without it
    #[arg(long, value_name = "VAR")]
    show: Option<String>,
    /// Simulate the model with its noise at N values of the parameter, from every stable state, and judge the averages
    #[arg(long, value_name = "N")]
    simulate: Option<usize>,
    /// How large a difference between simulation and branch does not matter: '5 %' or '0.2 Hz'
    #[arg(long, default_value = "5 %", requires = "simulate", value_name = "TOLERANCE")]
    tolerance: String,
}

impl Continue {
    pub fn run(&self, shell: &Shell) -> Result<Outcome> {
        let model = self.model.load()?;
        let names = model.names();
        let (parameter, range) = model::range("--vary", names, "parameter", &self.vary)?;
        let second = match &self.and {
            Some(text) => Some(model::range("--and", names, "parameter", text)?),
            None => None,
        };
        let shown = match &self.show {
            Some(name) => names.variable(name)?,
            None => 0,
        };
        let p = names.defaults();
        let vary = Vary::new(parameter, range);
        let clock = Instant::now();
        let stop = Some(super::interrupt::flag_ref());
        let follow = CycleOptions { stop, generations: self.generations, ..CycleOptions::default() };
        // What has no cycle is told before the branches are looked for.
        let settled = self.settled(&model, &vary, &follow)?;
        let search = Search { stop, ..DiagramOptions::default().search };
        let options = DiagramOptions { search, ..DiagramOptions::default() };
        let region = self.region(&model)?;
        let all = match &region {
            Some(region) => diagram(&model, &p, &vary, region, &options)?,
            None => {
                let mut all = diagram_from(&model, &p, &names.start(), &vary, &options.branch)?;
                all.missing.push("give the range of every variable for all of them: --range VAR=LO:HI".into());
                all
            }
        };
        let plane = match second {
            Some((other, range)) => {
                let region = region.clone().map_or_else(|| around(&all), Ok)?;
                let plane = curves(&model, &p, &all, &vary, &Vary::new(other, range), &region, &options)?;
                plane.notes.iter().for_each(|note| shell.warn(note));
                Some(plane)
            }
            None => None,
        };
        let hopfs = self.hopfs(&all)?;
        if self.cycles.is_some() && hopfs.is_empty() {
            let coincide = all.branches.iter().any(|b| b.first(EventKind::HopfHopf).is_some());
            shell.warn(match coincide {
                true => {
                    "Hopf points coincide, and which cycles start there is not told by the linearisation: \
                     break the symmetry, or start from a simulation with --cycle-at"
                }
                false => {
                    "no branch has a Hopf point in the range, and no cycles are followed from one: \
                     vary the parameter farther, or start from a simulation with --cycle-at"
                }
            });
        }
        let cycles = family(&model, &p, &hopfs, &settled, &vary, &follow)?;
        cycles.notes.iter().for_each(|note| shell.warn(note));
        let cycles = cycles.branches;
        let seconds = clock.elapsed().as_secs_f64();
        let map = match (second, &region) {
            (Some(second), Some(region)) if self.map => {
                let over = [(parameter, vary.range()), second];
                Some(super::stability::map(shell, &model, &over, region, self.cells)?)
            }
            (_, None) if self.map => {
                shell.warn("the map is left out: it needs the range of every variable: --range VAR=LO:HI");
                None
            }
            _ => None,
        };
        let simulated = match self.simulate {
            Some(count) => {
                let tolerance = super::validate::tolerance(&self.tolerance)?;
                Some(overlay::overlay(&model, shell, &vary, &all.branches, shown, count, tolerance)?)
            }
            None => None,
        };
        let disagrees = simulated.as_ref().is_some_and(|s| s.verdict() == Verdict::Disagrees);
        let shown = &names.variables[shown].name;
        let (plane, all, cycles) = (plane.as_ref(), &all, &cycles);
        let found = Found { model: &model, parameter, all, plane, cycles, map, simulated, seconds };
        let mut answer = found.answer(shown, shell)?;
        if self.noise {
            noise::add(&mut answer, &model, &p, &vary, &all.branches, shown)?;
        }
        shell.answer_text(&answer)?;
        Ok(if disagrees { Outcome::Disagrees } else { Outcome::Done })
    }
    /// The cycles that simulations settle on where it is asked for.
    fn settled(&self, model: &Model, vary: &Vary, options: &CycleOptions) -> Result<Vec<Cycle>> {
        let names = model.names();
        let until = self.until.as_ref().map_or(Ok(f64::INFINITY), |text| model::time("--until", text))?;
        let quantity = &names.parameters[vary.parameter()];
        let one = |text: &String| {
            let (name, value) = model::split("--cycle-at", text)?;
            if name != quantity.name {
                let what = format!("--cycle-at {text}: `{name}` is not the parameter that is varied");
                return Err(Error::usage(what, format!("write --cycle-at {}=VALUE", quantity.name)));
            }
            let mut p = names.defaults();
            p[vary.parameter()] = model::value("--cycle-at", quantity, value)?;
            let (lo, hi) = vary.range();
            if !(lo..=hi).contains(&p[vary.parameter()]) {
                let [lo, hi] = [lo, hi].map(|v| quantity.unit.rounded(v));
                let what = format!("--cycle-at {text}: this lies outside of the range {lo} to {hi} of --vary");
                return Err(Error::usage(what, "give a value inside of the range"));
            }
            simulated(model, &p, &names.start(), until, vary, options).map_err(|e| match e {
                Error::Domain { what, why, help } => {
                    Error::Domain { what: format!("--cycle-at {text}: {what}"), why, help }
                }
                other => other,
            })
        };
        self.cycle_at.iter().map(one).collect()
    }
    /// The Hopf points whose cycles are asked for.
    fn hopfs<'d>(&self, all: &'d Diagram) -> Result<Vec<&'d Event>> {
        let Some(text) = &self.cycles else { return Ok(Vec::new()) };
        let every: Vec<&Event> =
            all.branches.iter().flat_map(|b| &b.events).filter(|e| e.kind == EventKind::Hopf).collect();
        if text == "all" {
            return Ok(every);
        }
        let one = |word: &str| {
            let number = word.trim().parse::<usize>().ok().filter(|k| (1..=every.len()).contains(k));
            number.map(|k| every[k - 1]).ok_or_else(|| {
                let help =
                    format!("there are {}: --cycles=1 is the first in the tables, --cycles takes all", every.len());
                Error::usage(format!("--cycles={text}: `{word}` is not the number of a Hopf point"), help)
            })
        };
        text.split(',').map(one).collect()
    }
    /// Where to look; nothing if no range is given and not every variable declares one.
    fn region(&self, model: &Model) -> Result<Option<Region>> {
        let open = model.names().variables.iter().any(|q| q.range.is_none());
        if self.range.is_empty() && open {
            return Ok(None);
        }
        model::region(model, &self.range).map(Some)
    }
}

/// The box that the branches of a diagram lie in, a little wider.
fn around(all: &Diagram) -> Result<Region> {
    let points = || all.branches.iter().flat_map(|b| &b.points);
    let count = points().next().map_or(0, |q| q.at.len());
    Region::new((0..count).map(|i| {
        let (lo, hi) = points().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), q| (a.min(q.at[i]), b.max(q.at[i])));
        let pad = 0.5 * (hi - lo) + 1e-3 * lo.abs().max(hi.abs()) + 1e-9;
        (lo - pad, hi + pad)
    }))
}
