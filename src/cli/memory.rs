//! How long does a memory last: in synapses with a rule, or in the weights of a model that goes on learning?

use super::Outcome;
use super::model::{self, ModelArgs};
use super::rest::{ablated, rest};
use super::shell::{Answer, Shell, short};
use crate::coding::memory::{Chain, Synapse, area_bound, pattern_trace, simulated_trace, trace_accuracy};
use crate::data;
use crate::dynamics::Ensemble;
use crate::field::{Error, Field, Result, Table, Unit};
use crate::figures::{Axis, Figure, Ink, Line, Panel, Points, Rule};
use crate::lang::Model;
use nalgebra::DMatrix;
use serde_json::{Value, json};
use std::path::Path;

/// Retention, lifetime and bounds of a memory in synapses or in a model
#[derive(clap::Args, Debug)]
#[command(
    after_help = "A RULE is switch:Q, cascade:DEPTHS:X, serial:STATES:EXIT, walk:L, chain:VARIABLES:ALPHA, or a .json file \
    {\"up\": [[…]], \"down\": [[…]], \"weights\": […]} with the transition matrices of potentiation and depression \
    (rows: from). Ages count the memories stored later; curves are exact to any age.\n\
    A MODEL stores --pattern as a displacement of its stable fixed point; the trace along the pattern follows from the \
    linearisation, decay and noise included, and is compared with a simulation.\n\nExamples:\n  \
    homeostat memory cascade:10:0.5 --synapses 1e6 --out retention.svg\n  \
    homeostat memory switch:0.03 --synapses 1e4 --json\n  \
    homeostat memory feedforward+oja+scaling --start w_0=1 --pattern w_0=0.01 --noise 0.001"
)]
pub struct Memory {
    /// A rule, a .json file with transition matrices, or a model
    #[arg(value_name = "RULE|MODEL")]
    target: String,
    /// How many synapses hold the memory
    #[arg(long, default_value_t = 1e4, value_name = "N")]
    synapses: f64,
    /// The signal-to-noise ratio that is just enough
    #[arg(long, default_value_t = 1.0, value_name = "SNR")]
    threshold: f64,
    /// The oldest age of the curve
    #[arg(long, default_value_t = 1_000_000, value_name = "AGE")]
    ages: u64,
    /// What is stored in a model: w_0=0.1,w_1=-0.1
    #[arg(long, value_name = "VAR=BY,…", value_delimiter = ',', allow_hyphen_values = true)]
    pattern: Vec<String>,
    /// Standard deviation of readout noise, in the unit of the pattern
    #[arg(long, default_value_t = 0.0, value_name = "SD")]
    noise: f64,
    /// The longest time of a model's curve; ten of its slowest time constants without it
    #[arg(long, value_name = "T")]
    until: Option<String>,
    /// Members of the simulated ensemble
    #[arg(long, default_value_t = 200, value_name = "N")]
    members: usize,
    /// The same without each mechanism
    #[arg(long)]
    ablate: bool,
    /// A parameter, a start or a size of a model
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
    /// Where a variable starts: it also says which of several fixed points is meant
    #[arg(long, value_name = "VAR=VALUE", allow_hyphen_values = true)]
    start: Vec<String>,
    /// Where to look for other fixed points, instead of the declared ranges
    #[arg(long, value_name = "VAR=LO:HI", allow_hyphen_values = true)]
    range: Vec<String>,
}

/// A synapse whose curve is known exactly.
enum Known {
    States(Synapse),
    Chain(Chain),
}

impl Memory {
    pub fn run(&self, shell: &Shell) -> Result<Outcome> {
        let answer = match self.rule()? {
            Some(rule) => self.retention(&rule)?,
            None => self.trace(shell)?,
        };
        shell.answer(&answer)?;
        Ok(Outcome::Done)
    }
    fn rule(&self) -> Result<Option<Known>> {
        if self.target.ends_with(".json") {
            return Ok(Some(Known::States(from_file(&self.target)?)));
        }
        let parts: Vec<&str> = self.target.split(':').collect();
        let number = |k: usize| -> Result<f64> {
            let text = parts.get(k).copied().unwrap_or("");
            let wrong = || {
                Error::usage(
                    format!("{}: `{text}` is not a number", self.target),
                    "write switch:0.1, cascade:10:0.5, serial:10:0.1, walk:5 or chain:8:0.25",
                )
            };
            text.parse().map_err(|_| wrong())
        };
        let whole = |k: usize| -> Result<usize> {
            let x = number(k)?;
            let wrong = || Error::usage(format!("{}: {x} is not a whole number", self.target), "give 1 or more");
            if x >= 1.0 && x.fract() == 0.0 && x <= 1000.0 { Ok(x as usize) } else { Err(wrong()) }
        };
        Ok(Some(match (parts[0], parts.len()) {
            ("switch", 2) => Known::States(Synapse::switch(number(1)?)?),
            ("cascade", 3) => Known::States(Synapse::cascade(whole(1)?, number(2)?)?),
            ("serial", 3) => Known::States(Synapse::serial(whole(1)?, number(2)?)?),
            ("walk", 2) => Known::States(Synapse::bounded_walk(whole(1)?)?),
            ("chain", 3) => Known::Chain(Chain::geometric(whole(1)?, number(2)?)?),
            ("switch" | "cascade" | "serial" | "walk" | "chain", _) => {
                let help = "write switch:Q, cascade:DEPTHS:X, serial:STATES:EXIT, walk:L or chain:VARIABLES:ALPHA";
                return Err(Error::usage(format!("{}: how many numbers does this rule have?", self.target), help));
            }
            _ => return Ok(None),
        }))
    }
    fn retention(&self, rule: &Known) -> Result<Answer> {
        let mut ages: Vec<u64> =
            (0..=240).map(|k| ((self.ages.max(1) as f64).powf(f64::from(k) / 240.0)).round() as u64).collect();
        ages.insert(0, 0);
        ages.dedup();
        let (signal, snr, lifetime, mut object, mut head);
        match rule {
            Known::States(synapse) => {
                signal = synapse.signal(&ages)?;
                snr = synapse.snr(self.synapses, &ages)?;
                lifetime = synapse.lifetime(self.synapses, self.threshold)?.map(|t| t as f64);
                let bound = area_bound(synapse.states());
                // The area theorem holds for weights in [−1, 1].
                let bounded = synapse.weight_variance() <= 1.0;
                let area = synapse.area()?;
                object = json!({"kind": "finite states", "states": synapse.states(), "area": area,
                    "bounds": {"initial": 1.0, "area": bound, "apply": bounded}, "slowest": synapse.slowest_decay()?});
                head = vec![format!("area {} of at most {}", short(area), short(bound))];
            }
            Known::Chain(chain) => {
                signal = ages.iter().map(|&t| chain.trace(t as f64)).collect::<Result<Vec<f64>>>()?;
                snr = ages.iter().map(|&t| chain.snr(self.synapses, t as f64)).collect::<Result<Vec<f64>>>()?;
                lifetime = chain.lifetime(self.synapses, self.threshold)?;
                object = json!({"kind": "chain", "variables": chain.rates.len(), "slowest": chain.slowest()});
                head = vec![format!("slowest time constant {} events", short(chain.slowest()))];
            }
        }
        let accuracy = snr.iter().map(|&s| trace_accuracy(s)).collect::<Result<Vec<f64>>>()?;
        let last = lifetime.map_or("never above the threshold".to_string(), |t| format!("{} events", short(t)));
        head.insert(
            0,
            format!("lifetime {last} (SNR >= {} of {} synapses)", short(self.threshold), short(self.synapses)),
        );
        head.push(String::new());
        let x: Vec<f64> = ages.iter().map(|&t| t as f64).collect();
        let table = Table::new()
            .number("age", Unit::NONE, x.clone())
            .number("signal", Unit::NONE, signal)
            .number("snr", Unit::NONE, snr.clone())
            .number("accuracy", Unit::NONE, accuracy);
        object["rule"] = json!(self.target);
        object["synapses"] = json!(self.synapses);
        object["threshold"] = json!(self.threshold);
        object["lifetime"] = json!(lifetime);
        object["trust"] = json!("exact");
        object["rows"] = super::shell::rows(&table);
        let floor = 1e-3 * self.threshold;
        let (px, py): (Vec<f64>, Vec<f64>) =
            x.iter().zip(&snr).filter(|(t, s)| **t > 0.0 && **s > floor).map(|(t, s)| (*t, *s)).unzip();
        let panel = Panel::new(Axis::log("age", "memories"), Axis::log("SNR", ""))
            .add(Line::new("", &px, &py).ink(Ink::Theory))
            .add(Rule::horizontal("threshold", self.threshold));
        // The screen gets every eighth row; files and JSON all of them.
        Ok(Answer {
            head,
            table: Some(table),
            json: object,
            figure: Some(Figure::single(panel).to_svg()),
            ..Answer::default()
        })
    }
    fn trace(&self, shell: &Shell) -> Result<Answer> {
        let arguments = ModelArgs { model: self.target.clone(), set: self.set.clone(), start: self.start.clone() };
        let whole = arguments.load()?;
        let mut object = Value::Object(model::head(&whole));
        let mut head = Vec::new();
        let mut panel = Panel::new(Axis::log("time since storage", "s"), Axis::log("trace", "of what was stored"));
        let mut ablations = Vec::new();
        let mut table = None;
        let without = if self.ablate { ablated(&whole) } else { Vec::new() };
        for (k, part) in std::iter::once(None).chain(without.into_iter().map(Some)).enumerate() {
            let name = part.as_ref().map_or("with all mechanisms".into(), |p| format!("without {p}"));
            let found = match &part {
                None => self.one(&whole, shell).map(Some)?,
                Some(part) => match whole.without(part).and_then(|m| self.one(&m, shell)) {
                    Ok(found) => Some(found),
                    Err(e) => {
                        let why = e.to_string().lines().next().unwrap_or_default().to_string();
                        head.push(format!("{name}: {why}"));
                        ablations.push(json!({"without": part, "why": why}));
                        None
                    }
                },
            };
            let Some(found) = found else { continue };
            head.push(format!("{name}: half-life {}, lifetime {}", found.word("half_life"), found.word("lifetime")));
            let ink = if k == 0 { Ink::Theory } else { Ink::Hue(k) };
            let label = if self.ablate { name.as_str() } else { "linearisation" };
            let size = found.rows.numbers("signal").and_then(|s| s.first().copied()).unwrap_or(1.0);
            let column = |name: &str| {
                found.rows.numbers(name).unwrap_or_default().iter().map(|v| v / size).collect::<Vec<f64>>()
            };
            let t = found.rows.numbers("t").unwrap_or_default();
            panel = panel.add(Line::new(label, &t[1..], &column("signal")[1..]).ink(ink));
            if k == 0 {
                let bars: Vec<f64> = column("se").iter().map(|e| 2.0 * e).collect();
                let every = |v: &[f64]| v.iter().skip(1).step_by(4).copied().collect::<Vec<f64>>();
                panel = panel.add(
                    Points::new("simulation ± 2 s.e.", &every(t), &every(&column("simulated"))).error(&every(&bars)),
                );
                for (key, value) in found.json.as_object().into_iter().flatten() {
                    object[key] = value.clone();
                }
                table = Some(found.rows);
            } else {
                let mut json = found.json;
                json["without"] = json!(part);
                ablations.push(json);
            }
        }
        if self.ablate {
            object["ablations"] = json!(ablations);
        }
        head.push(String::new());
        Ok(Answer { head, table, json: object, figure: Some(Figure::single(panel).to_svg()), ..Answer::default() })
    }
    fn one(&self, model: &Model, shell: &Shell) -> Result<Traced> {
        let names = model.names();
        if self.pattern.is_empty() {
            let all: Vec<String> = names.variables.iter().map(|q| format!("{}=0.1", q.name)).collect();
            return Err(Error::usage("what is stored?", format!("displace variables: --pattern {}", all.join(","))));
        }
        let mut pattern = Vec::new();
        for text in &self.pattern {
            let wrong = || Error::usage(format!("--pattern {text}: there is no `=`"), "write VAR=BY: w_0=0.1");
            let (name, by) = text.split_once('=').ok_or_else(wrong)?;
            let i = names.variable(name.trim())?;
            pattern.push((names.variables[i].name.as_str(), model::value("--pattern", &names.variables[i], by)?));
        }
        let unit = names.variables[names.variable(pattern[0].0)?].unit.clone();
        let p = names.defaults();
        let at = rest(model, &p, !self.start.is_empty(), &self.range, shell)?;
        let trace = pattern_trace(model, &p, &at, &pattern, self.noise * unit.factor)?;
        let until = match &self.until {
            Some(text) => model::time("--until", text)?,
            None => 10.0 * trace.slowest(),
        };
        let times: Vec<f64> =
            std::iter::once(0.0).chain((0..=80).map(|k| until * 1e-3f64.powf(1.0 - f64::from(k) / 80.0))).collect();
        let options = Ensemble {
            members: self.members,
            dt: until / 20_000.0,
            record_every: until / 2000.0,
            seed: shell.seed,
            interrupt: Some(super::interrupt::flag()),
            ..Ensemble::default()
        };
        let simulated = simulated_trace(model, &p, &at, &pattern, &times, &options)?;
        let each = |f: &dyn Fn(f64) -> Result<f64>| {
            times.iter().map(|&t| Ok(f(t)? / unit.factor)).collect::<Result<Vec<f64>>>()
        };
        let rows = Table::new()
            .number("t", Unit::SECOND, times.clone())
            .number("signal", unit.clone(), each(&|t| trace.signal(t))?)
            .number("noise", unit.clone(), each(&|t| trace.noise(t))?)
            .number("simulated", unit.clone(), simulated.iter().map(|e| e.value / unit.factor).collect())
            .number("se", unit.clone(), simulated.iter().map(|e| e.se / unit.factor).collect());
        let lifetime = trace.lifetime(self.threshold, until);
        let modes = trace.modes.iter().map(|(l, c)| json!({"eigenvalue": [l.re, l.im], "share": [c.re, c.im]}));
        let json = json!({
            "state": model::values(&names.variables, &at), "threshold": self.threshold,
            "half_life": trace.half_life(until)?, "lifetime": lifetime.as_ref().ok().copied().flatten(),
            "lifetime_note": lifetime.err().map(|e| e.to_string().lines().next().unwrap_or_default().to_string()),
            "modes": modes.collect::<Vec<_>>(), "trust": "linearisation", "rows": super::shell::rows(&rows),
        });
        Ok(Traced { rows, json })
    }
}

/// The trace of one model.
struct Traced {
    rows: Table,
    json: Value,
}

impl Traced {
    fn word(&self, key: &str) -> String {
        match (self.json[key].as_f64(), self.json["lifetime_note"].as_str()) {
            (Some(t), _) => format!("{} s", short(t)),
            (None, Some(note)) if key == "lifetime" => format!("not known ({note})"),
            _ => "none (never reached)".into(),
        }
    }
}

/// Transition matrices and weights from a JSON file.
fn from_file(file: &str) -> Result<Synapse> {
    let text = data::read_source(Path::new(file))?;
    let wrong = |cause: String| Error::Input {
        place: crate::field::Place { file: file.into(), ..Default::default() },
        cause,
        help: "write {\"up\": [[…]], \"down\": [[…]], \"weights\": […]}, rows that sum to 1".into(),
    };
    let value: Value = serde_json::from_str(&text).map_err(|e| wrong(e.to_string()))?;
    let row = |v: &Value, what: &str| -> Result<Vec<f64>> {
        let numbers = v.as_array().map(|a| a.iter().map(Value::as_f64).collect::<Option<Vec<f64>>>());
        numbers.flatten().ok_or_else(|| wrong(format!("`{what}` is not a list of numbers")))
    };
    let matrix = |what: &str| -> Result<DMatrix<f64>> {
        let rows = value[what].as_array().ok_or_else(|| wrong(format!("there is no list `{what}`")))?;
        let rows = rows.iter().map(|r| row(r, what)).collect::<Result<Vec<_>>>()?;
        let n = rows.len();
        if rows.iter().any(|r| r.len() != n) {
            return Err(wrong(format!("`{what}` is not square")));
        }
        Ok(DMatrix::from_fn(n, n, |i, j| rows[i][j]))
    };
    let fraction = value["fraction"].as_f64().unwrap_or(0.5);
    Synapse::with_fraction(matrix("up")?, matrix("down")?, row(&value["weights"], "weights")?, fraction)
}
