//! How does a compiled model become an `.ode` file, so that it can be checked against XPPAUT?

use crate::error::{Error, Result};
use crate::field::{Names, Quantity, Unit};
use crate::lang::graph::{Graph, Item, Node, Operation};
use crate::lang::tape::Tape;
use std::collections::BTreeSet;
use std::fmt::Write;

/// Longest formula that is written in one piece; XPP reads lines of up to 1024 characters.
const LONG: usize = 200;
/// Longest name; XPP reads names of up to ten characters safely.
const NAME: usize = 10;

/// Names that XPP keeps for itself.
const TAKEN: &[&str] = &[
    "abs", "acos", "asin", "atan", "atan2", "aux", "b", "bdry", "besselj", "cos", "cosh", "d", "delay", "done", "else",
    "erf", "erfc", "exp", "export", "flr", "global", "heav", "i", "if", "init", "int", "ishift", "ln", "log", "log10",
    "markov", "max", "min", "mod", "normal", "number", "of", "only", "p", "par", "param", "pi", "ran", "set", "shift",
    "sign", "sin", "sinh", "solve", "special", "sqrt", "sum", "t", "table", "tan", "tanh", "then", "volterra",
    "wiener", "x(t)",
];

/// The `.ode` file of a field whose rates, readouts and noise matrix (variables × sources) are given as tapes.
///
/// # Errors
/// A model with a function that XPP has not (`siegert`).
pub fn write(names: &Names, rates: &Tape, readouts: &Tape, noise: &Tape) -> Result<String> {
    let mut used: BTreeSet<String> = TAKEN.iter().map(|s| s.to_string()).collect();
    let mut short = |name: &str| short(name, &mut used);
    let variables: Vec<String> = names.variables.iter().map(|q| short(&q.name)).collect();
    let parameters: Vec<String> = names.parameters.iter().map(|q| short(&q.name)).collect();
    let shown: Vec<String> = names.readouts.iter().map(|q| short(&q.name)).collect();
    let sources: Vec<String> = names.noises.iter().map(|n| short(n)).collect();

    let mut out = String::new();
    // Writing into a String does not fail.
    let _ = writeln!(out, "# {}, written by homeostat; all quantities in SI units", names.model.replace('\n', " "));
    let all = names.variables.iter().chain(&names.parameters).chain(&names.readouts);
    for (quantity, short) in all.zip(variables.iter().chain(&parameters).chain(&shown)) {
        if quantity.name != *short {
            let _ = writeln!(out, "# {short} is {}", quantity.name);
        }
    }
    for (quantity, short) in names.parameters.iter().zip(&parameters) {
        let _ = writeln!(out, "par {short}={}", number(quantity.value));
    }
    for (quantity, short) in names.variables.iter().zip(&variables) {
        let _ = writeln!(out, "init {short}={}", number(quantity.value));
    }
    if !sources.is_empty() {
        let _ = writeln!(out, "wiener {}", sources.join(","));
    }
    let mut count = 0;
    let mut section = |tape: &Tape, used: &mut BTreeSet<String>, out: &mut String| -> Result<Vec<String>> {
        let (graph, roots) = tape.graph();
        Writer { graph: &graph, variables: &variables, parameters: &parameters, used, count: &mut count, out }
            .texts(&roots)
    };
    let diffusion = section(noise, &mut used, &mut out)?;
    let right = section(rates, &mut used, &mut out)?;
    for (k, (name, rate)) in variables.iter().zip(right).enumerate() {
        let _ = write!(out, "{name}'={rate}");
        for (source, g) in sources.iter().zip(diffusion.iter().skip(k * sources.len())).filter(|(_, g)| *g != "0") {
            let _ = write!(out, "+({g})*{source}");
        }
        out.push('\n');
    }
    let read = section(readouts, &mut used, &mut out)?;
    for (name, text) in shown.iter().zip(read) {
        let _ = writeln!(out, "aux {name}={text}");
    }
    let _ = writeln!(out, "{}", options(names));
    out.push_str("done\n");
    Ok(out)
}

/// How XPP should integrate: its own default, steps of 0.05, is too long for a neuron and too short for a day. Five of
/// the longest time constant, by an implicit method with error control; with noise Euler's steps, a twentieth of the
/// shortest. XPP ends a run where a variable exceeds `bounds`.
fn options(names: &Names) -> String {
    let time = |q: &&Quantity| q.unit.same_dimension(&Unit::SECOND) && q.value > 0.0 && q.value.is_finite();
    let times: Vec<f64> = names.parameters.iter().filter(time).map(|q| q.value).collect();
    let (fastest, slowest) = times.iter().fold((f64::INFINITY, 0.0f64), |(lo, hi), t| (lo.min(*t), hi.max(*t)));
    let rest = "maxstor=1000000,bounds=1e9";
    let total = 5.0 * slowest;
    match (times.is_empty(), names.noises.is_empty()) {
        (true, true) => format!("@ meth=cvode,toler=1e-10,atoler=1e-12,{rest}"),
        (true, false) => format!("@ {rest}"),
        (false, true) => {
            format!(
                "@ total={},dt={},meth=cvode,toler=1e-10,atoler=1e-12,{rest}",
                number(total),
                number(total / 1000.0)
            )
        }
        (false, false) => {
            let dt = fastest / 20.0;
            let every = (total / dt / 10_000.0).ceil().max(1.0);
            format!("@ total={},dt={},nout={every},meth=euler,{rest}", number(total), number(dt))
        }
    }
}

/// A name that XPP takes: lower case, letters and digits, short, and not used yet.
fn short(name: &str, used: &mut BTreeSet<String>) -> String {
    let mut plain: String =
        name.to_ascii_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if !plain.starts_with(|c: char| c.is_ascii_alphabetic()) {
        plain.insert(0, 'v');
    }
    // The last part of a long name says most: `scaling_w_ee_tau`.
    if plain.len() > NAME {
        plain = plain.split('_').rfind(|s| !s.is_empty()).unwrap_or("v").chars().take(NAME).collect();
        if !plain.starts_with(|c: char| c.is_ascii_alphabetic()) {
            plain = format!("v{plain}").chars().take(NAME).collect();
        }
    }
    let mut candidate = plain.clone();
    let mut k = 1;
    while used.contains(&candidate) {
        k += 1;
        let suffix = k.to_string();
        candidate = plain.chars().take(NAME - suffix.len() - 1).collect::<String>() + "_" + &suffix;
    }
    used.insert(candidate.clone());
    candidate
}

fn number(value: f64) -> String {
    let text = format!("{value}");
    if text.len() > 20 { format!("{value:e}") } else { text }
}

/// Writes shared or long expressions as fixed variables, before what uses them.
struct Writer<'a> {
    graph: &'a Graph,
    variables: &'a [String],
    parameters: &'a [String],
    used: &'a mut BTreeSet<String>,
    count: &'a mut usize,
    out: &'a mut String,
}

impl Writer<'_> {
    fn texts(&mut self, roots: &[Node]) -> Result<Vec<String>> {
        let n = self.graph.len();
        let mut reads = vec![0usize; n];
        let mut needed = vec![false; n];
        roots.iter().for_each(|r| needed[r.index()] = true);
        for at in (0..n).rev() {
            if !needed[at] {
                continue;
            }
            match self.graph.items()[at] {
                Item::Apply(operation, a, b) => {
                    for node in [a, b].into_iter().take(operation.arity()) {
                        reads[node.index()] += 1;
                        needed[node.index()] = true;
                    }
                }
                Item::Siegert(_) => {
                    let why = "XPP has no such function";
                    return Err(Error::domain("`siegert`", why, "replace the transfer function before writing `.ode`"));
                }
                _ => (),
            }
        }
        let mut texts: Vec<String> = vec![String::new(); n];
        for at in (0..n).filter(|&at| needed[at]) {
            let text = match self.graph.items()[at] {
                Item::Number(bits) => {
                    let text = number(f64::from_bits(bits));
                    if text.starts_with('-') { format!("({text})") } else { text }
                }
                Item::Variable(k) => self.variables[k].clone(),
                Item::Parameter(k) => self.parameters[k].clone(),
                Item::Apply(operation, a, b) => {
                    let text = self.operation(operation, &texts[a.index()], &texts[b.index()])?;
                    match reads[at] > 1 || text.len() > LONG {
                        true => self.fixed(text),
                        false => text,
                    }
                }
                Item::Siegert(_) => String::new(),
            };
            texts[at] = text;
        }
        Ok(roots.iter().map(|r| texts[r.index()].clone()).collect())
    }
    /// A fixed variable with this formula.
    fn fixed(&mut self, text: String) -> String {
        *self.count += 1;
        let name = short(&format!("c{}", self.count), self.used);
        // A String takes everything.
        let _ = writeln!(self.out, "{name}={text}");
        name
    }
    fn operation(&mut self, operation: Operation, a: &str, b: &str) -> Result<String> {
        Ok(match operation {
            Operation::Add => format!("({a}+{b})"),
            Operation::Sub => format!("({a}-{b})"),
            Operation::Mul => format!("({a}*{b})"),
            Operation::Div => format!("({a}/{b})"),
            Operation::Powf => format!("(({a})^({b}))"),
            Operation::Max => format!("max({a},{b})"),
            Operation::Min => format!("min({a},{b})"),
            Operation::Hill => format!("(1-1/(1+({a})^({b})))"),
            Operation::Neg => format!("(-{a})"),
            Operation::Exp => format!("exp({a})"),
            Operation::Ln => format!("ln({a})"),
            Operation::Sqrt => format!("sqrt({a})"),
            Operation::Tanh => format!("tanh({a})"),
            Operation::Erf => format!("erf({a})"),
            Operation::Erfcx => {
                let a = self.fixed(a.into());
                format!("(exp({a}*{a})*erfc({a}))")
            }
            Operation::Phi => format!("(0.5*erfc(-({a})*0.7071067811865476))"),
            Operation::Sin => format!("sin({a})"),
            Operation::Cos => format!("cos({a})"),
            Operation::Atan => format!("atan({a})"),
            Operation::Sigmoid => format!("(1/(1+exp(-({a}))))"),
            Operation::Softplus => {
                let a = self.fixed(a.into());
                format!("(max({a},0)+ln(1+exp(-abs({a}))))")
            }
            Operation::Relu => format!("max({a},0)"),
            Operation::Step => format!("heav({a})"),
            Operation::Abs => format!("abs({a})"),
            Operation::Powi(n) if n < 0 => format!("(({a})^({n}))"),
            Operation::Powi(n) => format!("(({a})^{n})"),
            Operation::Powc(bits) => format!("(({a})^({}))", number(f64::from_bits(bits))),
            Operation::ErfcxIntegral => {
                let why = "XPP has no such function";
                return Err(Error::domain("the Siegert integral", why, "replace the transfer function first"));
            }
        })
    }
}
