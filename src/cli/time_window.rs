//! How fast and how slow may the homeostasis of a model be? `homeostat show MODEL --time-window`.

use super::Outcome;
use super::model;
use super::shell::{Answer, Shell, short};
use crate::dynamics::time_window::{self, Edge, TimeWindow, WindowOptions, homeostatic, usual_range};
use crate::dynamics::{Search, fixed_points};
use crate::field::{Error, Field, Result};
use crate::figures;
use crate::lang::{Fact, Model, Where};
use serde_json::{Value, json};

/// The windows of one parameter and of all fixed points that share them.
struct Found {
    window: TimeWindow,
    /// How many fixed points have these windows.
    alike: usize,
    /// For each window, what a closed form of the model says about its lower and its upper end.
    closed: Vec<[Option<f64>; 2]>,
}

/// Searches the windows of all homeostatic parameters, or of those in `over`, for every fixed point.
pub fn run(shell: &Shell, model: &Model, over: &[String], range: &[String]) -> Result<Outcome> {
    let names = model.names();
    let mut asked: Vec<(usize, (f64, f64))> =
        over.iter().map(|text| model::range("--over", names, "parameter", text)).collect::<Result<Vec<_>>>()?;
    let p = names.defaults();
    if asked.is_empty() {
        asked = homeostatic(names).into_iter().map(|k| (k, usual_range(names, k, p[k]))).collect();
    }
    if asked.is_empty() {
        return Err(Error::usage(
            format!("no parameter of {} is declared homeostatic", names.model),
            "name the time constant and a range: --over tau='1 s:1000 s'",
        ));
    }
    let region = model::region(model, range)?;
    let stop = Some(super::interrupt::flag_ref());
    let found = fixed_points(model, &p, &region, &Search { stop, ..Search::default() })?;
    if found.points.is_empty() {
        return Err(Error::usage(
            format!("no isolated fixed point of {} was found in the region", names.model),
            "widen the region with --range; on a line of fixed points there is no window of one of them",
        ));
    }
    let options = WindowOptions { stop, ..WindowOptions::default() };
    let mut all: Vec<Found> = Vec::new();
    let progress = shell.progress("windows");
    let total = (asked.len() * found.points.len()) as u64;
    for (k, &(place, searched)) in asked.iter().enumerate() {
        for (j, point) in found.points.iter().enumerate() {
            progress.tell((k * found.points.len() + j) as u64, total);
            match time_window::time_window(model, &p, &point.at, place, searched, &options) {
                Ok(window) => add(&mut all, model, &p, window),
                Err(e @ (Error::Usage { .. } | Error::UnknownName { .. })) => return Err(e),
                Err(e) => shell.warn(&format!("{} at fixed point {}: {e}", names.parameters[place].name, j + 1)),
            }
        }
    }
    progress.end();
    if !found.complete {
        shell.warn("the list of fixed points is not complete: see `homeostat fixed-points`");
    }
    // The lines say what the rows say; the rows are for a file.
    shell.answer_text(&answer(model, &all, found.complete))?;
    Ok(Outcome::Done)
}

/// Adds a window, or counts one more fixed point at the one that is alike.
fn add(all: &mut Vec<Found>, model: &Model, p: &[f64], window: TimeWindow) {
    let same = |a: &Edge, b: &Edge| a.kind == b.kind && (a.value / b.value - 1.0).abs() < 1e-9;
    let alike = |f: &&mut Found| {
        f.window.place == window.place
            && f.window.windows.len() == window.windows.len()
            && f.window
                .windows
                .iter()
                .zip(&window.windows)
                .all(|(a, b)| same(&a.lower, &b.lower) && same(&a.upper, &b.upper))
    };
    match all.iter_mut().find(alike) {
        Some(known) => known.alike += 1,
        None => {
            let closed = |e: &Edge| model.facts().iter().find_map(|fact| closed_form(model, p, &window, e, fact));
            let closed = window.windows.iter().map(|w| [closed(&w.lower), closed(&w.upper)]).collect();
            all.push(Found { window, alike: 1, closed });
        }
    }
}

/// Where a stability fact of the model changes its mind near a bound of a fixed point that does not move.
fn closed_form(model: &Model, p: &[f64], window: &TimeWindow, edge: &Edge, fact: &Fact) -> Option<f64> {
    if !fact.stability || fact.at != Where::FixedPoint || window.moves || !edge.is_bound() {
        return None;
    }
    let says = |value: f64| {
        let mut p = p.to_vec();
        p[window.place] = value;
        let values = model.fact_values(&window.at, &p);
        let hold = |list: &[crate::lang::Comparison]| list.iter().all(|c| c.holds(&values, 1e-9, 1.0));
        hold(&fact.conditions).then(|| hold(&fact.claims))
    };
    let (mut a, mut b) = (edge.value / 1.5, edge.value * 1.5);
    let first = says(a)?;
    if says(b)? == first {
        return None;
    }
    while b - a > 4.0 * f64::EPSILON * b {
        let middle = 0.5 * (a + b);
        *(if says(middle)? == first { &mut a } else { &mut b }) = middle;
    }
    Some(0.5 * (a + b))
}

fn answer(model: &Model, all: &[Found], complete: bool) -> Answer {
    let names = model.names();
    let windows: Vec<TimeWindow> = all.iter().map(|f| f.window.clone()).collect();
    let mut head = Vec::new();
    for f in all {
        let w = &f.window;
        let at = names.variables.iter().zip(&w.at).map(|(q, x)| format!("{} = {}", q.name, short(x / q.unit.factor)));
        let others = if f.alike > 1 { format!(" (and {} fixed points like it)", f.alike - 1) } else { String::new() };
        head.push(format!("{}\n  at {}{others}", w.sentence(), at.collect::<Vec<_>>().join(", ")));
        let factor = w.parameter.1.factor;
        head.push(match w.margin() {
            None => format!("  unstable at the present value {}", short(w.value / factor)),
            Some(m) if m.is_finite() => format!(
                "  stable at the present value {}: a factor of {} from the nearest bound",
                short(w.value / factor),
                short(m)
            ),
            Some(_) => format!("  stable at the present value {}; no bound in the range", short(w.value / factor)),
        });
        for (window, closed) in w.windows.iter().zip(&f.closed) {
            for (edge, closed) in [&window.lower, &window.upper].into_iter().zip(closed) {
                head.extend(bound_line(edge, *closed, factor));
            }
        }
    }
    let mut object = model::head(model);
    object.insert("complete".into(), json!(complete));
    object.insert("windows".into(), json!(all.iter().map(|f| found_json(model, f)).collect::<Vec<_>>()));
    let labels: Vec<String> = labels(&windows);
    Answer {
        head,
        table: Some(time_window::table(&windows)),
        foot: Vec::new(),
        json: Value::Object(object),
        figure: Some(figures::time_windows(&windows, &labels).to_svg()),
    }
}

/// What is known of a bound, in a line.
fn bound_line(edge: &Edge, closed: Option<f64>, factor: f64) -> Option<String> {
    if !edge.is_bound() {
        return None;
    }
    let mut line =
        format!("  bound {}: {}", short(edge.value / factor), if edge.verified { "verified" } else { "NOT verified" });
    if let Some((a, b)) = edge.proven {
        line += &format!("; stability proven to change between {} and {}", short(a / factor), short(b / factor));
    }
    if let Some(closed) = closed {
        line += &format!(
            "; closed form {}, relative difference {:.1e}",
            short(closed / factor),
            (edge.value / closed - 1.0).abs()
        );
    }
    Some(line)
}

/// Names of bars: the parameter, numbered where it has several.
fn labels(windows: &[TimeWindow]) -> Vec<String> {
    let of = |w: &TimeWindow| windows.iter().filter(|o| o.place == w.place).count();
    let mut seen = vec![0; windows.iter().map(|w| w.place + 1).max().unwrap_or(0)];
    windows
        .iter()
        .map(|w| {
            seen[w.place] += 1;
            let name = figures::symbol(&w.parameter.0);
            if of(w) > 1 { format!("{name}, point {}", seen[w.place]) } else { name }
        })
        .collect()
}

fn found_json(model: &Model, f: &Found) -> Value {
    let w = &f.window;
    let edge = |e: &Edge, closed: Option<f64>| {
        let mut out = json!({"kind": e.kind.name(), "value": e.value});
        if e.is_bound() {
            out["verified"] = json!(e.verified);
            out["proven_between"] = json!(e.proven.map(|(a, b)| [a, b]));
            out["closed_form"] = json!(closed);
        }
        if e.omega.is_some() {
            out["omega"] = json!(e.omega);
            out["first_lyapunov"] = json!(e.first_lyapunov);
        }
        out
    };
    let windows = w.windows.iter().zip(&f.closed).map(
        |(window, closed)| json!({"lower": edge(&window.lower, closed[0]), "upper": edge(&window.upper, closed[1])}),
    );
    let margin = w.margin().filter(|m| m.is_finite());
    json!({
        "parameter": w.parameter.0,
        "value": w.value,
        "searched": [w.searched.0, w.searched.1],
        "state": model::values(&model.names().variables, &w.at),
        "fixed_points": f.alike,
        "stable": w.present().is_some(),
        "margin": margin,
        "windows": windows.collect::<Vec<_>>(),
        "certified": w.certified.iter().map(|c| json!({"from": c.range.0, "to": c.range.1, "proven": c.proven.name()})).collect::<Vec<_>>(),
    })
}
