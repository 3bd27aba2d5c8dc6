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

use super::compose::assemble::{Assembly, open};
use super::compose::facts::{Fact, draft, meant_for};
use super::compose::lower::{Env, Lower, elements, sizes};
use super::compose::noise;
use super::compose::stage::Role;
use super::graph::Node;
use super::tape::Tape;
use super::{Composition, Given, Library, Part};
use crate::error::{Error, Result, nearest};
use crate::field::{Law, Names, Quantity};
use crate::num::Scalar;
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
    readouts: Tape,
    noise: Tape,
    facts: Vec<Fact>,
    fact_sides: Tape,
    sources: Vec<String>,
    /// Families by their displayed name: kind (true: variable), first place, sizes, unit as declared.
    families: BTreeMap<String, (bool, usize, Vec<usize>)>,
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
            own_sizes.insert(name.clone(), size(name, text)?);
        }
        own_sizes.extend(sizes.clone());
        let assembly = Assembly::new(&opened, composition, &own_sizes)?;
        let late: Vec<(String, String)> = assembly.settings.iter().chain(&settings).cloned().collect();
        let (names, compiled) = compile(assembly, opened.sources)?;
        let mut model = Model { names, compiled: Arc::new(compiled), library: library.clone(), settings: Vec::new() };
        for (name, text) in late.iter().filter(|(name, _)| !circuit_sizes.contains(name)) {
            model.put(name, text)?;
        }
        model.settings = settings;
        model.weights()?;
        Ok(model)
    }

    /// Sets a parameter, a whole family of them, a start, or a size: `set("tau_w", "20 s")`, `set("C", "[[1, 0], [0, 1]] Hz^2")`,
    /// `set("K", "4")` (which composes the model again).
    ///
    /// # Errors
    /// An unknown name, a value in another unit, a shape that does not fit.
    pub fn set(&mut self, name: &str, value: &str) -> Result<()> {
        self.set_all(&[(name, value)])
    }

    /// Sets several values at once: a size together with the families that depend on it.
    pub fn set_all(&mut self, values: &[(&str, &str)]) -> Result<()> {
        // What is set again is forgotten first, so that an old value need not fit a new size.
        let again = |name: &String| values.iter().any(|(n, _)| n.trim() == name);
        let mut settings: Vec<_> = self.settings.iter().filter(|(name, _)| !again(name)).cloned().collect();
        settings.extend(values.iter().map(|(name, value)| (name.trim().to_string(), value.trim().to_string())));
        let sizes = &self.compiled.assembly.stage.sizes;
        if values.iter().any(|(name, _)| sizes.contains_key(name.trim())) {
            let composition = self.compiled.assembly.asked.clone();
            *self = Model::with_sizes(&composition, &self.library, &BTreeMap::new(), settings)?;
            return Ok(());
        }
        let mut changed = self.clone();
        for (name, value) in values {
            changed.put(name.trim(), value)?;
        }
        changed.weights()?;
        changed.settings = settings;
        *self = changed;
        Ok(())
    }

    /// This model with one value changed.
    pub fn with(mut self, name: &str, value: &str) -> Result<Model> {
        self.set(name, value)?;
        Ok(self)
    }

    /// One value or a whole family.
    fn put(&mut self, name: &str, value: &str) -> Result<()> {
        let stage_sizes = &self.compiled.assembly.stage.sizes;
        let given = Given::among(name, value, &|n| stage_sizes.contains_key(n))?;
        let size_of = |n: &str| stage_sizes.get(n).copied();
        let (variable, first, shape) = self.place(name)?;
        let list = if variable { &mut self.names.variables } else { &mut self.names.parameters };
        let (values, unit) = given.spread(&shape, &size_of).map_err(|e| match e {
            Error::Domain { why, help, .. } => Error::domain(format!("`{name} = {value}`"), why, help),
            other => other,
        })?;
        let declared = &list[first].unit;
        let nothing = unit.is_none() && values.iter().all(|v| *v == 0.0);
        if !unit.same_dimension(declared) && !nothing {
            return Err(Error::Units {
                quantity: format!("`{name} = {value}`"),
                expected: if declared.is_none() { "a pure number".into() } else { declared.to_string() },
                got: if unit.is_none() { "none".into() } else { unit.to_string() },
            });
        }
        for (quantity, value) in list[first..].iter_mut().zip(values) {
            quantity.value = value;
        }
        Ok(())
    }

    /// Weights of patterns are probabilities.
    fn weights(&self) -> Result<()> {
        let stage = &self.compiled.assembly.stage;
        let Some(super::part::Ensemble::Patterns { weights, .. }) = &stage.circuit.ensemble else { return Ok(()) };
        let Some((false, first, shape)) = self.compiled.families.get(weights) else { return Ok(()) };
        let values: Vec<f64> =
            self.names.parameters[*first..].iter().take(shape.iter().product()).map(|q| q.value).collect();
        let total: f64 = values.iter().sum();
        match (total - 1.0).abs() <= 1e-9 && values.iter().all(|v| *v >= 0.0) {
            true => Ok(()),
            false => Err(Error::domain(
                format!("the weights `{weights}` of the patterns"),
                format!("they are probabilities and sum to {total}"),
                "give values that are not negative and sum to one",
            )),
        }
    }

    /// Where a name lives: (is it a variable, first place, shape). A part's name may be left out where that is clear.
    fn place(&self, name: &str) -> Result<(bool, usize, Vec<usize>)> {
        let plain = name.replace(" ", "");
        if let Some(family) = self.compiled.families.get(&plain) {
            return Ok(family.clone());
        }
        // One element: `w[0]`, `C[0,1]` or `w_0`, `C_0_1`.
        let element = plain.replace(['[', ','], "_").replace(']', "");
        let known = |list: &[Quantity]| list.iter().position(|q| q.name == element);
        if let Some(at) = known(&self.names.variables) {
            return Ok((true, at, Vec::new()));
        }
        if let Some(at) = known(&self.names.parameters) {
            return Ok((false, at, Vec::new()));
        }
        // `scaling.gamma` for `scaling@w_ee.gamma`.
        let loose = |full: &str| -> bool {
            let Some((label, local)) = full.rsplit_once('.') else { return false };
            let short = label.split(['@', '(']).next().unwrap_or(label);
            plain == format!("{short}.{local}") || plain == local
        };
        let all = self.names.variables.iter().chain(&self.names.parameters);
        let matches: Vec<&str> = all.clone().map(|q| q.name.as_str()).filter(|n| loose(n)).collect();
        match matches.as_slice() {
            [one] if plain.contains('.') => self.place(one),
            // A local name that is short elsewhere is found above; with its part's label it may be written out.
            [] => match plain.rsplit_once('.') {
                Some((label, local)) if self.owner_is(local, label) => self.place(local),
                _ => Err(self.unknown(name)),
            },
            several => Err(Error::unknown("quantity", name, several.iter().map(|s| s.to_string()).collect())),
        }
    }

    fn owner_is(&self, local: &str, label: &str) -> bool {
        let assembly = &self.compiled.assembly;
        let base = local.split('[').next().unwrap_or(local);
        assembly.placed.iter().any(|p| p.label == label && assembly.stage.table.contains_key(&p.full(base)))
    }

    fn unknown(&self, name: &str) -> Error {
        let all = self.names.variables.iter().chain(&self.names.parameters).map(|q| q.name.as_str());
        let families = self.compiled.families.keys().map(String::as_str);
        let sizes = self.compiled.assembly.stage.sizes.keys().map(String::as_str);
        Error::unknown("parameter or variable", name, nearest(name, all.chain(families).chain(sizes)))
    }

    /// The value of a parameter or the start of a variable by name, in the coherent unit.
    pub fn get(&self, name: &str) -> Result<f64> {
        if let Some(size) = self.compiled.assembly.stage.sizes.get(name.trim()) {
            return Ok(*size as f64);
        }
        let (variable, at, _) = self.place(name.trim())?;
        Ok(if variable { self.names.variables[at].value } else { self.names.parameters[at].value })
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
    /// The value of a parameter or the start of a variable.
    ///
    /// # Panics
    /// If there is no such name; [`Model::get`] answers with an error instead.
    fn index(&self, name: &str) -> &f64 {
        match self.place(name) {
            Ok((true, at, _)) => &self.names.variables[at].value,
            Ok((false, at, _)) => &self.names.parameters[at].value,
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
    fn readouts<S: Scalar>(&self, x: &[S], p: &[S], out: &mut [S]) {
        self.compiled.readouts.eval(x, p, out);
    }
    fn diffusion<S: Scalar>(&self, x: &[S], p: &[S], g: &mut [S]) {
        self.compiled.noise.eval(x, p, g);
    }
}

/// A size that is set by hand.
fn size(name: &str, text: &str) -> Result<usize> {
    let largest = super::part::LARGEST_SIZE;
    match text.trim().parse::<usize>() {
        Ok(n) if (1..=largest).contains(&n) => Ok(n),
        _ => Err(Error::domain(
            format!("`{name} = {text}`"),
            "a size is a whole number".to_string(),
            format!("give a whole number from 1 to {largest}"),
        )),
    }
}

/// The name of one element of a family: `w_0`, `C_0_1`.
fn element_name(name: &str, element: &[usize]) -> String {
    element.iter().fold(name.to_string(), |out, i| format!("{out}_{i}"))
}

/// Expands an assembly and compiles it.
fn compile(mut assembly: Assembly, sources: Vec<String>) -> Result<(Names, Compiled)> {
    let drafts = {
        let asked = [assembly.canonical.clone(), assembly.asked.clone()];
        let mut drafts = Vec::new();
        for at in 0..assembly.placed.len() {
            for text in assembly.placed[at].part.clone().facts.iter() {
                if meant_for(&assembly.placed[at].part, text, &[&asked[0], &asked[1]]) {
                    drafts.push(draft(&mut assembly, at, text)?);
                }
            }
        }
        drafts
    };
    let display = assembly.display();
    let ordered = assembly.ordered();
    let mut lower = Lower::new(&assembly.stage, &assembly.laws, &ordered)?;
    let mut names = Names { model: assembly.canonical.to_string(), ..Names::default() };
    let mut families = BTreeMap::new();
    let (mut rates, mut readouts) = (Vec::new(), Vec::new());
    let mut noise: Vec<(usize, String, Node)> = Vec::new();

    for (full, info) in &ordered {
        let shape = sizes(info, &assembly.stage.letters);
        let owner = &assembly.placed[info.owner].part;
        let name = &display[*full];
        let size_of = |n: &str| assembly.stage.sizes.get(n).copied();
        let values = match &info.given {
            None => vec![0.0; shape.iter().product()],
            Some(given) => {
                let at = owner.parameter(&info.local).map(|p| p.at).or(owner.variable(&info.local).map(|v| v.at));
                let complain = |(cause, help): (String, String)| {
                    owner.error(at.unwrap_or(0), format!("the value of `{}`: {cause}", info.local), help)
                };
                let (values, unit) = given.try_spread(&shape, &size_of).map_err(complain)?;
                if !unit.same_dimension(&info.unit) && !values.iter().all(|v| *v == 0.0) {
                    let cause = format!("`{}` is in {}, its value in {unit}", info.local, info.unit);
                    return Err(owner.error(at.unwrap_or(0), cause, "give the value in the unit of the quantity"));
                }
                values
            }
        };
        let quantities = elements(&shape).into_iter().zip(values).map(|(element, value)| Quantity {
            name: element_name(name, &element),
            unit: info.unit.clone(),
            value,
            range: info.range,
            pace: info.pace,
            about: info.about.clone(),
        });
        match info.role {
            Role::Parameter => {
                families.insert(name.clone(), (false, names.parameters.len(), shape.clone()));
                names.parameters.extend(quantities);
            }
            Role::Variable => {
                families.insert(name.clone(), (true, names.variables.len(), shape.clone()));
                for (element, quantity) in elements(&shape).into_iter().zip(quantities) {
                    let row = names.variables.len();
                    names.variables.push(quantity);
                    let mut terms = Vec::new();
                    for (law, mut env) in lower.driving(full, &element) {
                        let parts = noise::take_apart(&assembly.laws[law].addends, &assembly.placed)?;
                        if let Some(drift) = &parts.drift {
                            terms.push(lower.node(drift, &mut env)?);
                        }
                        for (source, indices, factor) in &parts.noise {
                            let values: Vec<usize> = indices
                                .iter()
                                .filter_map(|i| match i {
                                    super::ast::Index::Running(letter, _) => env.get(letter).copied(),
                                    super::ast::Index::Fixed(n) => Some(*n),
                                })
                                .collect();
                            let node = lower.node(factor, &mut env)?;
                            noise.push((row, element_name(source, &values), node));
                        }
                    }
                    rates.push(lower.graph.total(&terms));
                }
            }
            Role::Random => (),
            Role::Algebra => {
                for (element, quantity) in elements(&shape).into_iter().zip(quantities) {
                    readouts.push(lower.quantity(full, &element)?);
                    names.readouts.push(quantity);
                }
            }
        }
    }
    for law in assembly.laws.iter().filter(|l| !l.derivative) {
        noise::refuse(
            &law.right(),
            &format!("the definition of `{}`", display.get(&law.target).unwrap_or(&law.target)),
        )?;
    }
    for (full, mean) in &assembly.averages {
        let info = &assembly.stage.table[full];
        for element in elements(&sizes(info, &assembly.stage.letters)) {
            let mut env: Env = info.letters.iter().cloned().zip(element.iter().copied()).collect();
            readouts.push(lower.node(mean, &mut env)?);
            names.readouts.push(Quantity {
                name: element_name(&format!("mean_{}", display[full]), &element),
                about: format!("average of {} over the ensemble", info.local),
                unit: info.unit.clone(),
                value: 0.0,
                range: info.range,
                pace: info.pace,
            });
        }
    }
    unique(&names)?;

    let (mut facts, mut sides) = (Vec::new(), Vec::new());
    for drafted in drafts {
        let free: Vec<String> = {
            let mut all = Vec::new();
            for side in &drafted.sides {
                for letter in super::compose::walk::free_letters(side) {
                    if !all.contains(&letter) {
                        all.push(letter);
                    }
                }
            }
            all
        };
        let ranges: Vec<usize> = free.iter().map(|l| assembly.stage.letters.size(l).unwrap_or(1)).collect();
        for element in elements(&ranges) {
            let mut env: Env = free.iter().cloned().zip(element).collect();
            let base = sides.len();
            for side in &drafted.sides {
                sides.push(lower.node(side, &mut env)?);
            }
            let mut fact = drafted.fact.clone();
            for comparison in fact.conditions.iter_mut().chain(&mut fact.claims) {
                comparison.left += base;
                comparison.right += base;
            }
            facts.push(fact);
        }
    }

    // Noise sources in order of first appearance; short names where they are clear.
    let mut order: Vec<String> = Vec::new();
    for (_, source, _) in &noise {
        if !order.contains(source) {
            order.push(source.clone());
        }
    }
    let short = |full: &str| full.rsplit('.').next().unwrap_or(full).to_string();
    names.noises = order
        .iter()
        .map(|full| match order.iter().filter(|o| short(o) == short(full)).count() {
            1 => short(full),
            _ => full.clone(),
        })
        .collect();
    let zero = lower.graph.number(0.0);
    let mut matrix = vec![zero; names.variables.len() * order.len()];
    for (row, source, node) in noise {
        let column = order.iter().position(|o| *o == source).unwrap_or(0);
        let place = row * order.len() + column;
        matrix[place] = lower.graph.add(matrix[place], node);
    }
    let graph = &lower.graph;
    let tapes =
        (Tape::new(graph, &rates), Tape::new(graph, &readouts), Tape::new(graph, &matrix), Tape::new(graph, &sides));
    let compiled = Compiled {
        rates: tapes.0,
        readouts: tapes.1,
        noise: tapes.2,
        fact_sides: tapes.3,
        facts,
        sources,
        families,
        assembly,
    };
    Ok((names, compiled))
}

/// Expanded names must differ: `w_0` cannot be both an element of w and a quantity of its own.
fn unique(names: &Names) -> Result<()> {
    let mut seen = std::collections::BTreeSet::new();
    for quantity in names.variables.iter().chain(&names.parameters).chain(&names.readouts) {
        if !seen.insert(quantity.name.as_str()) {
            let cause = format!("two quantities are called `{}`", quantity.name);
            return Err(Error::usage(
                cause,
                "elements of a family w are called w_0, w_1, …; rename the other quantity",
            ));
        }
    }
    Ok(())
}
