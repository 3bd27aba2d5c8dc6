//! How is a diagram told? Lines for people, rows, an object for programs, a figure.

use super::shell::{Answer, Shell, render, short};
use super::{cycle_answer, model, overlay};
use crate::dynamics::continuation::{Branch, Curve, Diagram, Plane};
use crate::dynamics::cycles::CycleBranch;
use crate::dynamics::{StabilityMap, sizes};
use crate::field::{Column, Field, Result, Table, Unit, Values};
use crate::figures::{self, Figure, Panel};
use crate::lang::Model;
use crate::validate::AgainstBranches;
use serde_json::{Map, Value, json};

/// What `continue` has found.
pub struct Found<'a> {
    pub model: &'a Model,
    pub parameter: usize,
    pub all: &'a Diagram,
    pub plane: Option<&'a Plane>,
    pub cycles: &'a [CycleBranch],
    pub map: Option<StabilityMap>,
    pub simulated: Option<AgainstBranches>,
    /// How long the solver took, s.
    pub seconds: f64,
}

impl Found<'_> {
    /// The answer in the forms that will be looked at.
    pub fn answer(&self, shown: &str, shell: &Shell) -> Result<Answer> {
        let curves = self.curves();
        let (sizes, variables) = (self.sizes(), &self.model.names().variables);
        let table = match curves.is_empty() {
            true => stacked("branch", &numbered(self.all.branches.iter().map(Branch::table))),
            false => stacked("number", &numbered(curves.iter().map(Curve::table))),
        }
        .sized(variables, &sizes);
        let panel = match curves.is_empty() {
            _ if !shell.wants_figure() => None,
            false => Some(figures::parameter_plane(curves, self.map.as_ref())?),
            true if self.all.branches.is_empty() => None,
            true => {
                let k = self.model.names().variable(shown)?;
                let size = sizes[k] / variables[k].unit.factor;
                let diagram = figures::bifurcations(&self.all.branches, self.cycles, shown)?.sized_y(size);
                Some(match &self.simulated {
                    Some(report) => overlay::draw(diagram, report),
                    None => diagram,
                })
            }
        };
        Ok(Answer {
            head: self.lines(&sizes),
            table: Some(table),
            json: if shell.wants_object() { self.json() } else { Value::Null },
            figure: panel.map(|p| self.figure(p, shown, &sizes).to_svg()),
            ..Answer::default()
        })
    }
    /// The diagram, with orbits and periods beside it where there are cycles.
    fn figure(&self, diagram: Panel, shown: &str, sizes: &[f64]) -> Figure {
        let beside = match self.plane {
            None => cycle_answer::panels(self.model, self.cycles, shown, sizes),
            Some(_) => Vec::new(),
        };
        match beside.is_empty() {
            true => Figure::single(diagram),
            false => Figure::row(std::iter::once(diagram).chain(beside)).height(60.0),
        }
    }
    /// How large each variable is over everything that was found.
    fn sizes(&self) -> Vec<f64> {
        let names = self.model.names();
        let at = |value: f64, other: Option<(&str, f64)>| {
            let mut p = names.defaults();
            p[self.parameter] = value;
            if let Some((k, value)) = other.and_then(|(name, value)| Some((names.parameter(name).ok()?, value))) {
                p[k] = value;
            }
            p
        };
        let branches = self.all.branches.iter();
        let fixed = branches.flat_map(|b| {
            b.points.iter().map(|q| (q.parameter, &q.at)).chain(b.events.iter().map(|e| (e.parameter, &e.at)))
        });
        let fixed = fixed.map(|(value, x)| (at(value, None), x.clone()));
        let orbits = self.cycles.iter().flat_map(|b| b.points.iter().chain(b.events.iter().map(|e| &e.cycle)));
        let orbits = orbits.flat_map(|c| c.mesh().iter().map(|&phase| (c.parameters().to_vec(), c.at(phase))));
        let curves = self.curves().iter().flat_map(|c| {
            c.points.iter().map(|q| (at(q.parameter, Some((&c.parameters[1].0, q.other))), q.at.clone()))
        });
        sizes(self.model, fixed.chain(orbits).chain(curves))
    }
    fn curves(&self) -> &[Curve] {
        self.plane.map_or(&[], |p| &p.curves)
    }
    /// How many points were computed.
    fn points(&self) -> usize {
        let branches: usize = self.all.branches.iter().map(|b| b.points.len()).sum();
        let curves: usize = self.curves().iter().map(|c| c.points.len()).sum();
        branches + curves + self.cycles.iter().map(|c| c.points.len()).sum::<usize>()
    }
    fn lines(&self, sizes: &[f64]) -> Vec<String> {
        let mut lines = Vec::new();
        for (k, branch) in self.all.branches.iter().enumerate() {
            let (first, last) = (branch.stopped.0.name(), branch.stopped.1.name());
            lines.push(format!("branch {}: {} points, ends: {first} and {last}", k + 1, branch.points.len()));
            if !branch.events.is_empty() {
                lines.extend(
                    render(&branch.event_table().sized(&self.model.names().variables, sizes))
                        .lines()
                        .map(|l| format!("  {l}")),
                );
            }
            let undecided = branch.events.iter().filter(|e| e.first_lyapunov == Some(0.0));
            lines.extend(undecided.map(|e| {
                let at = short(e.parameter / branch.parameter.1.factor);
                let why = "the first Lyapunov coefficient vanishes to rounding and does not tell how cycles begin";
                format!("  degenerate hopf at {} = {at}: {why}", branch.parameter.0)
            }));
        }
        lines.push(verdict(self.all, &self.model.names().parameters[self.parameter].unit));
        lines.extend(self.all.missing.iter().map(|m| format!("  {m}")));
        for curve in self.curves() {
            let (first, last) = (curve.stopped.0.name(), curve.stopped.1.name());
            lines.push(format!("{}: {} points, ends: {first} and {last}", curve.kind.name(), curve.points.len()));
            let names = curve.parameters.each_ref().map(|(name, _)| name.as_str());
            for event in &curve.events {
                let at = [event.parameter, event.other];
                let at = [0, 1].map(|i| format!("{} = {}", names[i], short(at[i] / curve.parameters[i].1.factor)));
                let coefficients = event.coefficients.iter().map(|(n, v)| format!(", {n} = {}", short(*v)));
                let seen = if event.check.is_some() { "" } else { " (seen, not verified)" };
                let rest: String = coefficients.collect();
                lines.push(format!("  {} at {}{rest}{seen}", event.kind.name(), at.join(", ")));
            }
        }
        lines.extend(self.cycles.iter().flat_map(|c| cycle_answer::lines(c, sizes)));
        lines.push(format!("{} points in {} s", self.points(), short(self.seconds)));
        lines.extend(self.simulated.iter().flat_map(overlay::lines));
        lines
    }
    fn json(&self) -> Value {
        let mut object = model::head(self.model);
        object.remove("parameters");
        let parameters = &self.model.names().parameters;
        object.insert("parameter".into(), json!(parameters[self.parameter].name));
        object.insert("complete".into(), json!(self.all.complete));
        let checked = self.all.checked.iter().map(|c| {
            json!({"parameter": c.parameter, "fixed_points": c.fixed_points, "passing": c.passing, "proven": c.proven})
        });
        object.insert("checked".into(), checked.collect());
        object.insert("proven_share".into(), json!(self.all.proven));
        object.insert("missing".into(), json!(self.all.missing));
        object.insert("points".into(), json!(self.points()));
        object.insert("seconds".into(), json!(self.seconds));
        let equilibria = self.all.branches.iter().map(|b| equilibrium(self.model, b));
        let cycles = self.cycles.iter().map(|c| cycle_answer::branch(self.model, c));
        object.insert("branches".into(), equilibria.chain(cycles).collect());
        if let Some(plane) = self.plane {
            if let Some(first) = plane.curves.first() {
                object.insert("other".into(), json!(first.parameters[1].0));
            }
            object.insert("curves".into(), plane.curves.iter().map(|c| curve(self.model, c)).collect());
            object.insert("notes".into(), json!(plane.notes));
        }
        if let Some(report) = &self.simulated {
            object.insert("simulated".into(), overlay::json(report));
        }
        Value::Object(object)
    }
}

/// Is the diagram complete, and where was that checked?
fn verdict(all: &Diagram, unit: &Unit) -> String {
    let one =
        |c: &crate::dynamics::continuation::Checked| format!("{} at {}", c.fixed_points, unit.rounded(c.parameter));
    let counts: Vec<String> = all.checked.iter().map(one).collect();
    match all.complete {
        true => {
            let between = match all.proven {
                share if share >= 1.0 - 1e-9 => ", and for every value between".into(),
                0.0 => String::new(),
                share => format!(", and between them but for {} % beside special points", short(100.0 * (1.0 - share))),
            };
            format!("complete: one branch through every proven fixed point ({}{between})", counts.join(", "))
        }
        false if counts.is_empty() => "not checked for completeness:".into(),
        false => format!("not shown to be complete (fixed points found: {}):", counts.join(", ")),
    }
}

/// Numbers from one.
fn numbered(tables: impl Iterator<Item = Table>) -> Vec<(usize, Table)> {
    tables.enumerate().map(|(k, t)| (k + 1, t)).collect()
}

/// Tables of one shape below each other, with a column of their numbers.
pub fn stacked(name: &str, tables: &[(usize, Table)]) -> Table {
    let numbers = tables.iter().flat_map(|(k, t)| vec![*k as f64; t.rows()]).collect();
    let mut all = Table::new().number(name, Unit::NONE, numbers);
    for (c, column) in tables.first().map(|(_, t)| t.columns()).unwrap_or_default().iter().enumerate() {
        let parts = || tables.iter().map(|(_, t)| &t.columns()[c].values);
        all = match column.values {
            Values::Flag(_) => {
                let flags = parts().flat_map(|v| if let Values::Flag(f) = v { &f[..] } else { &[] });
                all.flag(&column.name, flags.copied().collect())
            }
            Values::Text(_) => {
                let words = parts().flat_map(|v| if let Values::Text(w) = v { &w[..] } else { &[] });
                all.text(&column.name, words.cloned().collect())
            }
            Values::Number(_) => {
                let numbers = parts().flat_map(|v| if let Values::Number(x) = v { &x[..] } else { &[] });
                all.with(Column { values: Values::Number(numbers.copied().collect()), ..column.clone() })
            }
        };
    }
    all
}

fn named(coefficients: &[(&'static str, f64)]) -> Value {
    Value::Object(coefficients.iter().map(|(n, v)| (n.to_string(), json!(v))).collect::<Map<_, _>>())
}

fn equilibrium(model: &Model, branch: &Branch) -> Value {
    let variables = &model.names().variables;
    let state = |x: &[f64]| model::values(variables, x);
    let points =
        branch.points.iter().map(|q| json!({"parameter": q.parameter, "state": state(&q.at), "stable": q.stable}));
    let events = branch.events.iter().map(|e| {
        let mut event = json!({"kind": e.kind.name(), "parameter": e.parameter, "state": state(&e.at),
            "verified": e.check.is_some(), "proof": e.proof.map(|(lo, hi)| [lo, hi])});
        if let Some(omega) = e.omega {
            event["omega"] = json!(omega);
            event["first_lyapunov"] = json!(e.first_lyapunov);
        }
        if !e.coefficients.is_empty() {
            event["coefficients"] = named(&e.coefficients);
        }
        event
    });
    json!({"kind": "equilibrium", "points": points.collect::<Vec<_>>(), "events": events.collect::<Vec<_>>(),
        "stopped": branch.stopped.1.name(), "started": branch.stopped.0.name()})
}

fn curve(model: &Model, curve: &Curve) -> Value {
    let variables = &model.names().variables;
    let points = curve.points.iter().map(|q| {
        let mut point = json!({"parameter": q.parameter, "other": q.other, "state": model::values(variables, &q.at),
            "unstable": q.unstable});
        if let Some(omega) = q.omega {
            point["omega"] = json!(omega);
            point["first_lyapunov"] = json!(q.first_lyapunov);
        }
        point
    });
    let events = curve.events.iter().map(|e| {
        json!({"kind": e.kind.name(), "parameter": e.parameter, "other": e.other, "state": model::values(variables, &e.at),
            "omegas": e.omegas, "coefficients": named(&e.coefficients), "verified": e.check.is_some()})
    });
    json!({"kind": curve.kind.name(), "points": points.collect::<Vec<_>>(), "events": events.collect::<Vec<_>>(),
        "stopped": curve.stopped.1.name(), "started": curve.stopped.0.name()})
}
