//! What is a model that can be asked? The composed equations, compiled, with their names and current values.
//!
//! A [`Model`] is a [`Field`](crate::field::Field): every method takes it. Changing a value keeps the equations; changing a
//! size composes them again.
//!
//! ```
//! use homeostat::{field::Field, lang::{Library, Model}};
//! let library = Library::default().with("cell", "cell.toml", None, r#"
//! title = "One cell"
//! equations = "dr/dt = (u - r)/tau : Hz"
//! [parameters]
//! u = { value = "5 Hz", about = "drive" }
//! tau = { value = "10 ms", about = "time constant" }
//! "#);
//! let mut cell = Model::compose("cell", &library).unwrap();
//! cell.set("tau", "20 ms").unwrap();
//! let p = cell.names().defaults();
//! let mut rate = [0.0];
//! cell.rate(&[3.0], &p, &mut rate);
//! assert_eq!(rate, [100.0]);
//! assert_eq!(cell["tau"], 0.02);
//! ```

mod compile;
mod values;

use super::compose::assemble::{Assembly, open};
use super::compose::facts::Fact;
use super::lift::lifted;
use super::tape::Tape;
use super::{Composition, Library, Part};
use crate::error::{Error, Result, nearest};
use crate::field::{Field, Law, Names, Quantity};
use crate::num::{Interval, Scalar};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

/// A composed model with its current values.
#[derive(Clone, Debug)]
pub struct Model {
    names: Names,
    compiled: Arc<Compiled>,
    library: Library,
    /// What was set, in order; replayed when a size changes.
    settings: Vec<(String, String)>,
}

/// What does not change with values.
#[derive(Debug)]
struct Compiled {
    assembly: Assembly,
    rates: Tape,
    /// c and g of every rate dx/dt = c(p) g(x; p).
    speeds: Tape,
    shapes: Tape,
    readouts: Tape,
    noise: Tape,
    /// Hard bounds: floor and ceiling of each limited variable, and the places of those with their declared ranges.
    limits: Tape,
    limited: Vec<(usize, Option<(f64, f64)>)>,
    facts: Vec<Fact>,
    fact_sides: Tape,
    sources: Vec<String>,
    /// Families by their displayed name: kind (true: variable), first place, sizes, unit as declared.
    families: BTreeMap<String, (bool, usize, Vec<usize>)>,
    /// The sizes of the circuit as numbers.
    sizes: BTreeMap<String, f64>,
}

impl Model {
    /// Composes `ei+istdp@w_ei+scaling@w_ee` from the parts of a library.
    pub fn compose(text: &str, library: &Library) -> Result<Model> {
        Model::with_sizes(&Composition::parse(text)?, library, &BTreeMap::new(), Vec::new())
    }

    fn with_sizes(
        composition: &Composition,
        library: &Library,
        sizes: &BTreeMap<String, usize>,
        settings: Vec<(String, String)>,
    ) -> Result<Model> {
        let opened = open(composition, library, 0)?;
        let mut own_sizes = BTreeMap::new();
        let circuit_sizes: Vec<String> =
            opened.parts.iter().flat_map(|(_, p)| p.sizes.iter()).map(|s| s.name.clone()).collect();
        let given = opened.settings.iter().chain(&settings);
        for (name, text) in given.filter(|(name, _)| circuit_sizes.contains(name)) {
            own_sizes.insert(name.clone(), values::size(name, text)?);
        }
        own_sizes.extend(sizes.clone());
        let assembly = Assembly::new(&opened, composition, &own_sizes)?;
        let late: Vec<(String, String)> = assembly.settings.iter().chain(&settings).cloned().collect();
        let (names, compiled) = compile::compile(assembly, opened.sources)?;
        let mut model = Model { names, compiled: Arc::new(compiled), library: library.clone(), settings: Vec::new() };
        for (name, text) in late.iter().filter(|(name, _)| !circuit_sizes.contains(name)) {
            model.put(name, text)?;
        }
        model.settings = settings;
        model.weights()?;
        model.within_bounds()?;
        Ok(model)
    }

    /// Where to look for each variable: its declared range, in the order of the variables.
    ///
    /// # Errors
    /// Names the variable that declares no range.
    pub fn ranges(&self) -> Result<Vec<(f64, f64)>> {
        let range = |q: &Quantity| {
            q.range.ok_or_else(|| {
                let help = format!("declare it in the part file, or give it: `--range {}=LO:HI`", q.name);
                Error::usage(format!("the variable `{}` has no declared range", q.name), help)
            })
        };
        self.names.variables.iter().map(range).collect()
    }

    /// The parts, the circuit first, in canonical order.
    pub fn parts(&self) -> Vec<&Part> {
        self.compiled.assembly.placed.iter().map(|p| p.part.as_ref()).collect()
    }
    /// The parts as they are written in a composition: `istdp@w_ei`.
    pub fn items(&self) -> Vec<String> {
        self.compiled.assembly.canonical.items.iter().map(|i| i.to_string()).collect()
    }
    /// The composition in canonical order: the same for every order in which it is written.
    pub fn composition(&self) -> &Composition {
        &self.compiled.assembly.canonical
    }
    /// The same model with one part taken away: the ablation experiment. Values that no longer exist are dropped.
    pub fn without(&self, part: &str) -> Result<Model> {
        let placed = &self.compiled.assembly.placed;
        let found: Vec<usize> = (0..placed.len())
            .filter(|&i| placed[i].item.to_string() == part || placed[i].label == part || placed[i].part.name == part)
            .collect();
        let [one] = found.as_slice() else {
            let all = self.items();
            return Err(match found.len() {
                0 => Error::unknown("part of the model", part, nearest(part, all.iter().map(String::as_str))),
                _ => Error::usage(
                    format!("`{part}` is there more than once"),
                    format!("write one of {}", all.join(", ")),
                ),
            });
        };
        let mut items = self.compiled.assembly.canonical.items.clone();
        items.remove(*one);
        let label = placed[*one].label.clone();
        let mut settings: Vec<(String, String)> = self.compiled.assembly.settings.clone();
        settings.extend(self.settings.clone());
        let rest = Model::with_sizes(&Composition { items }, &self.library, &BTreeMap::new(), Vec::new())?;
        let keeps = |name: &str| rest.place(name).is_ok() || rest.compiled.assembly.stage.sizes.contains_key(name);
        let kept: Vec<(&str, &str)> = settings
            .iter()
            .filter(|(name, _)| keeps(name) && !name.starts_with(&format!("{label}.")))
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        let mut rest = rest;
        rest.set_all(&kept)?;
        Ok(rest)
    }
    /// Keys of `references.bib` of everything in the model, each once, sorted.
    pub fn sources(&self) -> Vec<String> {
        let parts = self.parts().into_iter().flat_map(|p| p.sources.iter().cloned());
        let mut all: Vec<String> = parts.chain(self.compiled.sources.iter().cloned()).collect();
        all.sort();
        all.dedup();
        all
    }
    /// The closed forms that hold for exactly this composition.
    pub fn facts(&self) -> &[Fact] {
        &self.compiled.facts
    }
    /// The values that the facts compare, at variables `x` and parameters `p`.
    pub fn fact_values<S: Scalar>(&self, x: &[S], p: &[S]) -> Vec<S> {
        let mut out = vec![S::constant(0.0); self.compiled.fact_sides.outputs()];
        self.compiled.fact_sides.eval(x, p, &mut out);
        out
    }
    /// The model as an XPP file.
    pub fn ode(&self) -> Result<String> {
        super::ode::write(&self.names, &self.compiled.rates, &self.compiled.readouts, &self.compiled.noise)
    }
    /// How many operations one evaluation of the rates takes.
    pub fn operations(&self) -> usize {
        self.compiled.rates.len()
    }
    /// The equations in full, one line each, as composed: averages carried out, addends collected.
    pub fn equations(&self) -> Vec<super::ast::Equation> {
        super::compose::show::equations(&self.compiled.assembly)
    }
    /// The equations as aligned LaTeX.
    pub fn latex(&self) -> String {
        super::latex::aligned(&self.equations())
    }
    /// The families before they were expanded.
    pub(super) fn assembly(&self) -> &Assembly {
        &self.compiled.assembly
    }
    /// By displayed name of a family: is it a variable, its first place, its sizes.
    pub(super) fn shapes(&self) -> &BTreeMap<String, (bool, usize, Vec<usize>)> {
        &self.compiled.families
    }
    /// SHA-256 of the canonical form: equations, units, values. The same for every order of the parts.
    pub fn hash(&self) -> String {
        use sha2::{Digest, Sha256};
        let mut text = format!("{}\n", self.compiled.assembly.canonical);
        for equation in self.equations() {
            let _ = writeln!(text, "{equation}");
        }
        for q in self.names.variables.iter().chain(&self.names.parameters) {
            let _ = writeln!(text, "{} = {:016x} {:?} {}", q.name, q.value.to_bits(), q.unit.exponents, q.unit.factor);
        }
        Sha256::digest(text.as_bytes()).iter().fold(String::new(), |mut out, byte| {
            let _ = write!(out, "{byte:02x}");
            out
        })
    }
}

impl std::ops::Index<&str> for Model {
    type Output = f64;
    /// The value of a parameter, the start of a variable, or a size.
    ///
    /// # Panics
    /// If there is no such name; [`Model::get`] answers with an error instead.
    fn index(&self, name: &str) -> &f64 {
        match self.find(name) {
            Ok(value) => value,
            Err(error) => panic!("{error}"),
        }
    }
}

impl Law for Model {
    fn law_names(&self) -> &Names {
        &self.names
    }
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        self.compiled.rates.eval(x, p, dx);
    }
    fn factored<S: Scalar>(&self, x: &[S], p: &[S], c: &mut [S], g: &mut [S]) {
        self.compiled.speeds.eval(x, p, c);
        self.compiled.shapes.eval(x, p, g);
    }
    fn lift(&self, p: &[Interval]) -> Option<Box<dyn Field>> {
        let Compiled { rates, speeds, shapes, .. } = self.compiled.as_ref();
        Some(Box::new(lifted(&self.names, [rates, speeds, shapes], p)?))
    }
    fn readouts<S: Scalar>(&self, x: &[S], p: &[S], out: &mut [S]) {
        self.compiled.readouts.eval(x, p, out);
    }
    fn limits(&self, p: &[f64]) -> Vec<(usize, f64, f64)> {
        let x: Vec<f64> = self.names.start();
        let ends = self.compiled.limits.values(&x, p);
        let both = ends.chunks_exact(2).map(|ends| (ends[0], ends[1]));
        self.compiled.limited.iter().zip(both).map(|((at, _), (low, high))| (*at, low, high)).collect()
    }
    fn diffusion<S: Scalar>(&self, x: &[S], p: &[S], g: &mut [S]) {
        self.compiled.noise.eval(x, p, g);
    }
}
