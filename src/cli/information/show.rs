//! How does an answer about a model look: lines, rows, JSON, figure?

use super::Information;
use super::ask::{Found, Variant};
use crate::cli::model;
use crate::cli::shell::{Answer, rows, short};
use crate::coding::codes::{Code, Coder, Distribution, Noise, Reading, Trust};
use crate::field::{Field, Quantity, Result, Table};
use crate::figures::{Axis, Band, Figure, Ink, Line, Panel, Rule, symbol, unit_label};
use serde_json::{Map, Value, json};

pub(super) fn answer(asked: &Information, code: &Code, variants: &[Variant]) -> Result<Answer> {
    let whole = &variants[0];
    let mut object = model::head(&whole.model);
    let coder = code.on(&whole.model)?;
    declaration(&coder, &mut object);
    let (mut head, mut foot, mut table) = (Vec::new(), Vec::new(), None);
    let mut others = Vec::new();
    for variant in variants {
        let coder = code.on(&variant.model);
        let (Ok(found), Ok(coder)) = (&variant.found, &coder) else {
            let why = variant.found.as_ref().err().map(ToString::to_string).unwrap_or_default();
            foot.push(format!("{}: {}", name(variant), why.lines().next().unwrap_or_default()));
            others.push(json!({"without": variant.without, "model": variant.model.names().model, "why": why}));
            continue;
        };
        let shape = shaped(coder, found)?;
        if variant.without.is_none() {
            table = rows_of(coder, found);
            if let Found::Point(reading) = found {
                head.extend(lines(coder, reading));
                foot.extend(reading.warnings.iter().map(|w| format!("warning: {w}")));
            }
            object.extend(shape);
        } else {
            foot.push(format!("{}: {}", name(variant), summary(found)));
            let mut other = Map::new();
            other.insert("without".into(), json!(variant.without));
            other.insert("model".into(), json!(variant.model.names().model));
            other.extend(shape);
            others.push(Value::Object(other));
        }
    }
    if variants.len() > 1 {
        foot.insert(0, format!("{}: {}", name(whole), whole.found.as_ref().map(summary).unwrap_or_default()));
        object.insert("ablations".into(), json!(others));
    }
    let figure = figure(asked, code, variants)?.map(|f| f.to_svg());
    Ok(Answer { head, table, foot, json: Value::Object(object), figure })
}

fn name(variant: &Variant) -> String {
    match &variant.without {
        None => "with all mechanisms".into(),
        Some(part) => format!("without {part}"),
    }
}

/// The declaration of the code, for JSON.
fn declaration(coder: &Coder, object: &mut Map<String, Value>) {
    let code = coder.code();
    let distribution = match &code.distribution {
        Distribution::Gaussian { mean, sd } => json!({"kind": "gaussian", "mean": mean, "sd": sd}),
        Distribution::Logistic { mean, scale } => json!({"kind": "logistic", "mean": mean, "scale": scale}),
        Distribution::Uniform { lo, hi } => json!({"kind": "uniform", "range": [lo, hi]}),
        Distribution::Values { values, probabilities } => {
            json!({"kind": "values", "values": values, "probabilities": probabilities})
        }
    };
    let noise = code.noise.iter().map(|noise| match noise {
        Noise::Field => json!({"kind": "field"}),
        Noise::On { quantity, sd } => json!({"kind": "gaussian", "quantity": quantity, "sd": sd}),
        Noise::Counts { window } => json!({"kind": "counts", "window": window}),
    });
    object.insert("stimulus".into(), json!({"parameter": code.stimulus, "distribution": distribution}));
    object.insert("read".into(), json!(code.read));
    object.insert("noise".into(), json!(noise.collect::<Vec<_>>()));
    object.insert("held".into(), json!(coder.held_names()));
}

fn shaped(coder: &Coder, found: &Found) -> Result<Map<String, Value>> {
    let mut object = Map::new();
    match found {
        Found::Point(reading) => object.extend(point(coder, reading)),
        Found::Sweep(sweep) => {
            let q = &coder.field().names().parameters[sweep.parameter];
            object.insert("along".into(), json!(q.name));
            object.insert("rows".into(), rows(&sweep.table(coder)));
        }
        Found::Course { told: course, .. } => {
            object.insert("stopped".into(), json!(course.stopped.word()));
            object.insert("rows".into(), rows(&course.table(coder)));
        }
    }
    Ok(object)
}

/// A reading as JSON, the shape that the README promises.
fn point(coder: &Coder, reading: &Reading) -> Map<String, Value> {
    let names = coder.field().names();
    let i = &reading.information;
    let mut information = json!({
        "measure": "mutual information", "method": i.how, "trust": i.trust.word(), "unit": "bit", "value": i.value,
        "error": i.trust.error(), "linear": reading.linear_information,
    });
    if let Trust::Estimated(e) = &i.trust {
        information["se"] = json!(e.se);
        information["n"] = json!(e.n);
    }
    let by = |values: &[f64]| -> Value {
        let read = coder.code().read.iter().cloned();
        Value::Object(read.zip(values.iter().map(|v| json!(v))).collect())
    };
    let tuning: Map<String, Value> = coder
        .code()
        .read
        .iter()
        .enumerate()
        .map(|(i, name)| (name.clone(), json!(reading.tuning.1.iter().map(|row| row[i]).collect::<Vec<_>>())))
        .collect();
    let mut object = Map::new();
    object.insert("state".into(), model::values(&names.variables, &reading.state));
    object.insert("mean".into(), by(&reading.mean));
    object.insert("slope".into(), by(&reading.slope));
    let covariance: Vec<Vec<f64>> = reading.covariance.row_iter().map(|r| r.iter().copied().collect()).collect();
    object.insert("covariance".into(), json!(covariance));
    object.insert("information".into(), information);
    object.insert("fisher".into(), json!({"value": reading.fisher, "kind": "linear", "trust": "exact"}));
    object.insert(
        "dprime".into(),
        json!({"value": reading.dprime, "difference": reading.difference, "accuracy": reading.accuracy}),
    );
    object.insert("tuning".into(), json!({"stimulus": reading.tuning.0, "response": tuning}));
    object.insert("warnings".into(), json!(reading.warnings));
    object
}

fn lines(coder: &Coder, reading: &Reading) -> Vec<String> {
    let i = &reading.information;
    let size = match &i.trust {
        Trust::Exact => short(i.value),
        Trust::Bounded(error) => format!("{} (± {error:.1e})", short(i.value)),
        Trust::Estimated(e) => e.to_string().trim_end_matches(" bit").to_string(),
    };
    let q = stimulus(coder);
    let f = q.unit.factor;
    let (unit, inverse) = match unit_text(q) {
        text if text.is_empty() => (String::new(), String::new()),
        text => (format!(" {text}"), format!(" per ({text})^2")),
    };
    vec![
        format!("information  {size} bit  [{}: {}]", i.trust.word(), i.how),
        format!("fisher       {}{inverse}  [exact: linear]", short(reading.fisher * f * f)),
        format!(
            "d'           {} for stimuli {}{unit} apart; {} correct",
            short(reading.dprime),
            short(reading.difference / f),
            short(reading.accuracy)
        ),
        String::new(),
    ]
}

fn unit_text(q: &Quantity) -> String {
    if q.unit.is_none() { String::new() } else { q.unit.to_string() }
}

fn stimulus<'a>(coder: &'a Coder) -> &'a Quantity {
    let names = coder.field().names();
    let k = names.parameters.iter().position(|q| q.name == coder.code().stimulus);
    &names.parameters[k.expect("the coder was made for this parameter")]
}

fn summary(found: &Found) -> String {
    let range = |values: Vec<f64>| {
        let known: Vec<f64> = values.into_iter().filter(|v| v.is_finite()).collect();
        match (known.first(), known.last()) {
            (Some(first), Some(last)) => {
                let least = known.iter().copied().fold(f64::INFINITY, f64::min);
                let most = known.iter().copied().fold(0.0, f64::max);
                format!("{} to {} bit, between {} and {}", short(*first), short(*last), short(least), short(most))
            }
            _ => "cannot be read anywhere".into(),
        }
    };
    match found {
        Found::Point(reading) => format!("{} bit", short(reading.information.value)),
        Found::Sweep(sweep) => range(sweep.information()),
        Found::Course { told: course, .. } => range(course.information()),
    }
}

fn rows_of(coder: &Coder, found: &Found) -> Option<Table> {
    Some(match found {
        Found::Point(reading) => reading.tuning_table(coder),
        Found::Sweep(sweep) => sweep.table(coder),
        Found::Course { told: course, .. } => course.table(coder),
    })
}

fn figure(asked: &Information, code: &Code, variants: &[Variant]) -> Result<Option<Figure>> {
    let mut panel: Option<Panel> = None;
    for (k, variant) in variants.iter().enumerate() {
        let Ok(found) = &variant.found else { continue };
        let coder = code.on(&variant.model)?;
        let label = if variants.len() > 1 { name(variant) } else { String::new() };
        let ink = if k == 0 { Ink::Data } else { Ink::Hue(k) };
        let information = || Axis::linear("information", "bit").including(0.0);
        match found {
            Found::Point(reading) if k == 0 => return Ok(Some(tuning(&coder, reading))),
            Found::Point(_) => {}
            Found::Sweep(sweep) => {
                let q = &coder.field().names().parameters[sweep.parameter];
                let x: Vec<f64> = sweep.places.iter().map(|p| p.parameter / q.unit.factor).collect();
                let axis = || Axis::linear(&symbol(&q.name), &unit_label(&q.unit));
                let line = Line::new(&label, &x, &sweep.information()).ink(ink);
                panel = Some(panel.unwrap_or_else(|| Panel::new(axis(), information())).add(line));
            }
            Found::Course { drawn: course, .. } => {
                let line = Line::new(&label, &course.times(), &course.information()).ink(ink);
                let start = || Panel::new(Axis::linear("time", "s"), information());
                panel = Some(panel.unwrap_or_else(start).add(line));
            }
        }
    }
    if let (Some(text), Some(shown)) = (&asked.perturb, panel.as_mut()) {
        let change = asked.perturbation(variants[0].model.names(), text)?;
        for at in std::iter::once(change.from).chain(change.until) {
            *shown = shown.clone().add(Rule::vertical("", at));
        }
    }
    Ok(panel.map(Figure::single))
}

/// The tuning curves with a band of two standard deviations of the noise at the mean stimulus.
fn tuning(coder: &Coder, reading: &Reading) -> Figure {
    let q = stimulus(coder);
    let x: Vec<f64> = reading.tuning.0.iter().map(|s| s / q.unit.factor).collect();
    let panels = coder.quantities().into_iter().enumerate().map(|(i, quantity)| {
        let counts = coder.code().noise.iter().any(|n| matches!(n, Noise::Counts { .. }));
        let (factor, unit) =
            if counts { (1.0, String::new()) } else { (quantity.unit.factor, unit_label(&quantity.unit)) };
        let label = if counts { format!("counts of {}", symbol(&quantity.name)) } else { symbol(&quantity.name) };
        let y: Vec<f64> = reading.tuning.1.iter().map(|row| row[i] / factor).collect();
        let width = 2.0 * reading.covariance[(i, i)].sqrt() / factor;
        let (low, high): (Vec<f64>, Vec<f64>) = y.iter().map(|v| (v - width, v + width)).unzip();
        Panel::new(Axis::linear(&symbol(&q.name), &unit_label(&q.unit)), Axis::linear(&label, &unit))
            .add(Band::new("± 2 s.d. at the mean", &x, &low, &high))
            .add(Line::new("tuning", &x, &y).ink(Ink::Theory))
            .add(Rule::vertical("mean", reading.stimulus / q.unit.factor))
    });
    Figure::row(panels)
}
