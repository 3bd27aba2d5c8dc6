//! Which rhythms does a model have, or a recording show, and how do quantities share them?

use super::Outcome;
use super::model::{self, ModelArgs};
use super::rest::rest;
use super::shell::{Answer, Shell, rows, short};
use super::validate::matching;
use crate::coding::spectra::{
    Averaging, BANDS, Loop, Spectra, bode_integral, sensitivity, spectra, theory_band_power, theory_information_rate,
    transfer,
};
use crate::data::{self, ReadOptions};
use crate::dynamics::linear_noise;
use crate::field::{Error, Field, Result, Table, Unit};
use crate::figures::{Axis, Band, Figure, Ink, Line, Panel, symbol};
use serde_json::{Map, Value, json};
use std::path::Path;

/// Spectra, coherence and bands of a model (theory) or of a recording (estimated)
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Spectra are two-sided in Hz: their integral over all frequencies, negative ones too, is the variance. Coherence is \
    the squared magnitude; a positive phase means that the first quantity leads.\n\
    A model with white noise (`xi`) has spectra. With --input P any model has a linear response; --hold names the variables of a \
    mechanism, whose sensitivity and Bode integral are then given.\n\nExamples:\n  \
    homeostat spectrum leaky+intrinsic_sensor --input x --read r --hold h,c\n  \
    homeostat spectrum data/bcm_rate/stable_S1.csv --column y_0,theta_0 --rate 5"
)]
pub struct Spectrum {
    /// A model, or a table of data (.csv, .parquet)
    #[arg(value_name = "MODEL|DATA")]
    target: String,
    /// Variables or readouts of a model; all without it
    #[arg(long, value_name = "Q,…", value_delimiter = ',')]
    read: Vec<String>,
    /// The linear response to this parameter
    #[arg(long, value_name = "P")]
    input: Option<String>,
    /// The variables of a mechanism: what it does to slow and fast changes
    #[arg(long, value_name = "VAR,…", value_delimiter = ',', requires = "input")]
    hold: Vec<String>,
    /// Columns of a recording
    #[arg(long, value_name = "COLS", value_delimiter = ',')]
    column: Vec<String>,
    /// Samples per second of a recording
    #[arg(long, value_name = "HZ")]
    rate: Option<f64>,
    /// Segments of Welch's method, in samples; multitaper without it
    #[arg(long, value_name = "SAMPLES")]
    welch: Option<usize>,
    /// Time-bandwidth product of the tapers
    #[arg(long, default_value_t = 4.0, value_name = "NW")]
    nw: f64,
    /// From which frequency to which (Hz)
    #[arg(long, default_value = "0.1:200", value_name = "LO:HI")]
    frequencies: String,
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

/// Points of a theoretical curve.
const POINTS: usize = 240;

impl Spectrum {
    pub fn run(&self, shell: &Shell) -> Result<Outcome> {
        let answer = if self.column.is_empty() { self.theory(shell)? } else { self.estimated()? };
        shell.answer(&answer)?;
        Ok(Outcome::Done)
    }
    fn band(&self) -> Result<(f64, f64)> {
        let wrong = || {
            Error::usage(
                format!("--frequencies {}: this is no range", self.frequencies),
                "write LO:HI in Hz with 0 < LO < HI: 0.1:200",
            )
        };
        let (lo, hi) = self.frequencies.split_once(':').ok_or_else(wrong)?;
        match (lo.trim().parse::<f64>(), hi.trim().parse::<f64>()) {
            (Ok(lo), Ok(hi)) if lo > 0.0 && lo < hi && hi.is_finite() => Ok((lo, hi)),
            _ => Err(wrong()),
        }
    }
    fn theory(&self, shell: &Shell) -> Result<Answer> {
        let (lo, hi) = self.band()?;
        let arguments = ModelArgs { model: self.target.clone(), set: self.set.clone(), start: self.start.clone() };
        let model = arguments.load()?;
        let names = model.names();
        let p = names.defaults();
        if names.noises.is_empty() && self.input.is_none() {
            return Err(Error::usage(
                format!("{} has no white noise and so no spectrum", names.model),
                "add `xi` to an equation, or ask for the response to a parameter: --input P",
            ));
        }
        let at = rest(&model, &p, !self.start.is_empty(), &self.range, shell)?;
        let all: Vec<String> = names.variables.iter().chain(&names.readouts).map(|q| q.name.clone()).collect();
        let read = if self.read.is_empty() { all } else { self.read.clone() };
        let f: Vec<f64> = (0..=POINTS).map(|k| lo * (hi / lo).powf(k as f64 / POINTS as f64)).collect();
        let mut object = model::head(&model);
        object.insert("state".into(), model::values(&names.variables, &at));
        let mut head = Vec::new();
        let mut table = Table::new().number("f", Unit::HERTZ, f.clone());
        let mut panels = Vec::new();
        if !names.noises.is_empty() {
            let noise = linear_noise(&model, &p, &at)?;
            let mut panel = Panel::new(Axis::log("frequency", "Hz"), Axis::log("S", "per Hz"));
            let (mut bands, mut peaks) = (Map::new(), Map::new());
            for (k, name) in read.iter().enumerate() {
                let s = f.iter().map(|&f| noise.spectrum(name, f)).collect::<Result<Vec<f64>>>()?;
                let of = |b: &(&str, f64, f64)| {
                    Ok((b.0.to_string(), json!(theory_band_power(&noise, name, b.1, b.2)?.value)))
                };
                bands.insert(name.clone(), Value::Object(BANDS.iter().map(of).collect::<Result<Map<_, _>>>()?));
                let found = noise.peaks(name, lo, hi)?;
                let variance = noise.covariance(name, name)?;
                let at = found.iter().map(|(f, _)| format!("{} Hz", short(*f))).collect::<Vec<_>>().join(", ");
                let peak = if at.is_empty() { "no peak".into() } else { format!("peak at {at}") };
                head.push(format!("{name}: variance {}, {peak}", short(variance)));
                peaks.insert(name.clone(), json!(found));
                panel = panel.add(Line::new(&symbol(name), &f, &s).ink(Ink::Hue(k)));
                table = table.number(&format!("S {name}"), Unit::NONE, s);
            }
            object.insert("bands".into(), Value::Object(bands));
            object.insert("peaks".into(), Value::Object(peaks));
            panels.push(panel);
            if let [a, b, ..] = read.as_slice() {
                let coherence = f.iter().map(|&f| noise.coherence(a, b, f)).collect::<Result<Vec<f64>>>()?;
                let phase = f.iter().map(|&f| noise.phase(a, b, f)).collect::<Result<Vec<f64>>>()?;
                let label = format!("coherence of {}, {}", symbol(a), symbol(b));
                panels.push(
                    Panel::new(Axis::log("frequency", "Hz"), Axis::linear(&label, "").range(0.0, 1.0))
                        .add(Line::new("", &f, &coherence).ink(Ink::Theory)),
                );
                if let Ok(bits) = theory_information_rate(&noise, a, b, 0.0, f64::INFINITY) {
                    head.push(format!("{a} tells {} bit/s about {b}", short(bits.value)));
                    object.insert(
                        "information_rate".into(),
                        json!({"unit": "bit/s", "value": bits.value, "error": bits.error}),
                    );
                }
                table = table.number(&format!("coherence {a} {b}"), Unit::NONE, coherence).number(
                    &format!("phase {a} {b}"),
                    Unit::NONE,
                    phase,
                );
            }
        }
        if let Some(input) = &self.input {
            let mut panel = Panel::new(Axis::log("frequency", "Hz"), Axis::log("response", ""));
            for (k, name) in read.iter().enumerate() {
                let h = transfer(&model, &p, &at, input, name)?;
                let response = f.iter().map(|&f| h.at(f)).collect::<Result<Vec<_>>>()?;
                let gain: Vec<f64> = response.iter().map(|z| z.norm()).collect();
                head.push(format!("{name} follows {input} with the static gain {}", short(h.static_gain()?)));
                panel = panel.add(Line::new(&symbol(name), &f, &gain).ink(Ink::Hue(k)));
                table = table.number(&format!("gain {name}"), Unit::NONE, gain).number(
                    &format!("lag {name}"),
                    Unit::NONE,
                    response.iter().map(|z| z.arg()).collect(),
                );
            }
            panels.push(panel);
            if !self.hold.is_empty() {
                let held: Vec<&str> = self.hold.iter().map(String::as_str).collect();
                let output = read.iter().find(|name| !self.hold.contains(name)).ok_or_else(|| {
                    Error::usage("nothing is read that the mechanism does not own", "name a quantity with --read")
                })?;
                let s = sensitivity(&model, &p, &at, &Loop { input, output, held: &held })?;
                let size = f.iter().map(|&f| Ok(s(f)?.norm())).collect::<Result<Vec<f64>>>()?;
                match bode_integral(&s) {
                    Ok(bode) => {
                        head.push(format!(
                            "Bode integral of the mechanism {} rad/s (± {:.1e})",
                            short(bode.value),
                            bode.error
                        ));
                        object.insert(
                            "bode_integral".into(),
                            json!({"unit": "rad/s", "value": bode.value, "error": bode.error}),
                        );
                    }
                    Err(e) => {
                        shell.warn(&format!("Bode integral: {}", e.to_string().lines().next().unwrap_or_default()))
                    }
                }
                panels.push(
                    Panel::new(
                        Axis::log("frequency", "Hz"),
                        Axis::log(&format!("sensitivity of {}", symbol(output)), ""),
                    )
                    .add(Line::new("", &f, &size).ink(Ink::Theory)),
                );
                table = table.number("sensitivity", Unit::NONE, size);
            }
        }
        head.push(String::new());
        object.insert("trust".into(), json!("exact: linear response"));
        object.insert("rows".into(), rows(&table));
        Ok(Answer {
            head,
            table: Some(table),
            json: Value::Object(object),
            figure: Some(Figure::row(panels).to_svg()),
            ..Answer::default()
        })
    }
    fn estimated(&self) -> Result<Answer> {
        let set = data::read(Path::new(&self.target), &ReadOptions::default())?;
        let known: Vec<&str> = set.table.columns().iter().map(|c| c.name.as_str()).collect();
        let mut columns = Vec::new();
        for pattern in &self.column {
            columns.extend(matching(&known, pattern.trim())?);
        }
        let rate = self.rate.ok_or_else(|| Error::usage("how many samples a second?", "give --rate HZ"))?;
        let values = columns.iter().map(|c| set.numbers(c)).collect::<Result<Vec<&[f64]>>>()?;
        let how = match self.welch {
            Some(segment) => Averaging::Welch { segment },
            None => Averaging::Multitaper {
                nw: self.nw,
                tapers: ((2.0 * self.nw) as usize).saturating_sub(1).max(1),
                adaptive: false,
            },
        };
        let found: Spectra = spectra(&values, rate, how)?;
        let table = found.table(0.95)?;
        let mut head = vec![found.how.clone()];
        let mut bands = Map::new();
        let top = 0.5 * rate;
        for (c, name) in columns.iter().enumerate() {
            let mut own = Map::new();
            for (band, lo, hi) in BANDS.iter().filter(|b| b.2 <= top && b.2 > found.frequencies[1]) {
                if let Ok(power) = found.band_power(c, *lo, *hi) {
                    own.insert(band.to_string(), json!({"value": power.value, "se": power.se}));
                }
            }
            let total = found.band_power(c, 0.0, top)?;
            head.push(format!("{name}: power {total} below {} Hz", short(top)));
            own.insert("all".into(), json!({"value": total.value, "se": total.se}));
            bands.insert(name.clone(), Value::Object(own));
        }
        let mut object = json!({"file": self.target, "columns": columns, "rate": rate, "estimator": found.how, "trust": "estimated",
            "bandwidth": found.bandwidth, "level": 0.95, "bands": bands, "rows": rows(&table)});
        let f = &found.frequencies[1..];
        let mut panels = Vec::new();
        let mut panel = Panel::new(Axis::log("frequency", "Hz"), Axis::log("S", "per Hz"));
        for (c, name) in columns.iter().enumerate() {
            let of = |suffix: &str| table.numbers(&format!("S{c}{suffix}")).unwrap_or_default()[1..].to_vec();
            panel = panel
                .add(Band::new("", f, &of(" low"), &of(" high")).ink(Ink::Hue(c)))
                .add(Line::new(&symbol(name), f, &of("")).ink(Ink::Hue(c)));
        }
        panels.push(panel);
        if columns.len() > 1 {
            let coherence = found.coherence_table(0, 1, 0.95)?;
            let of = |name: &str| coherence.numbers(name).unwrap_or_default()[1..].to_vec();
            let label = format!("coherence of {}, {}", symbol(&columns[0]), symbol(&columns[1]));
            panels.push(
                Panel::new(Axis::log("frequency", "Hz"), Axis::linear(&label, "").range(0.0, 1.0))
                    .add(Band::new("95 %", f, &of("low"), &of("high")))
                    .add(Line::new("estimated", f, &of("coherence")).ink(Ink::Data))
                    .add(Line::new("by chance", f, &of("chance")).ink(Ink::Unstable).dashed()),
            );
            object["coherence"] = rows(&coherence);
            // What the second tells about the first if both are normal, in all and band by band.
            let told = |lo: f64, hi: f64| {
                let e = found.information_rate(0, 1, lo, hi).ok()?;
                Some((json!({"value": e.corrected(), "se": e.se}), e))
            };
            if let Some((all, e)) = told(0.0, top) {
                head.push(format!("information between {} and {}  {e}", columns[0], columns[1]));
                let mut own = Map::new();
                for (band, lo, hi) in BANDS.iter().filter(|b| b.2 <= top && b.2 > found.frequencies[1]) {
                    own.extend(told(*lo, *hi).map(|(value, _)| (band.to_string(), value)));
                }
                own.insert("all".into(), all);
                object["information_rate"] = Value::Object(own);
            }
        }
        head.push(String::new());
        Ok(Answer {
            head,
            table: Some(table),
            json: object,
            figure: Some(Figure::row(panels).to_svg()),
            ..Answer::default()
        })
    }
}
