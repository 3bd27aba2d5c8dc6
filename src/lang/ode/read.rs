//! How do statements become a model? Names are collected, formulas parsed, functions put in.

use super::lines::{Line, statements};
use super::statement::{self, Statement};
use super::{Definition, Ode, Variable};
use crate::error::{Error, Result, nearest};
use crate::lang::ast::{Expr, Kind};
use crate::lang::{Source, functions, parse};
use std::collections::BTreeMap;

/// Functions of XPP that the language has under the same name.
const SHARED: &[&str] = &[
    "abs", "atan", "cos", "cosh", "erf", "erfc", "exp", "heav", "ln", "log", "log10", "max", "min", "sign", "sin",
    "sinh", "sqrt", "tan", "tanh",
];
/// Functions of XPP that it has not.
const FOREIGN: &[&str] = &[
    "acos", "asin", "atan2", "besseli", "besselj", "bessely", "del_shft", "delay", "flr", "if", "ishift", "lgamma",
    "mod", "normal", "poisson", "ran", "shift", "sum",
];
/// Deepest nesting of a file's own functions, and most nodes of one formula once they are put in.
const DEEPEST: usize = 20;
const MOST_NODES: usize = 100_000;

impl Ode {
    /// Reads the text of an `.ode` file; `file` is its name in messages.
    ///
    /// # Errors
    /// What is not read, by name, with its line; names that do not exist or exist twice; formulas that cannot be parsed.
    pub fn read(file: &str, text: &str) -> Result<Ode> {
        let (lines, title) = statements(file, text)?;
        let mut reader =
            Reader { file, whole: text, names: BTreeMap::new(), functions: BTreeMap::new(), renamed: BTreeMap::new() };
        let mut said = Vec::new();
        for line in &lines {
            said.push((line, statement::read(file, line)?));
        }
        let mut ode = Ode { file: file.into(), title, ..Ode::default() };
        reader.collect(&said, &mut ode)?;
        let mut starts: Vec<(&Line, String, f64)> = Vec::new();
        for (line, statement) in said {
            match statement {
                Statement::Rate(name, at) => {
                    let rate = reader.formula(line, at)?;
                    ode.variables.push(Variable { name: reader.short(&name), start: 0.0, rate });
                }
                Statement::Define(name, at) => {
                    let right = reader.formula(line, at)?;
                    ode.definitions.push(Definition { name: reader.short(&name), right });
                }
                Statement::Show(name, at) => {
                    let right = reader.formula(line, at)?;
                    // Nothing can refer to what is only shown, so that its name may be any free one.
                    if !reader.names.contains_key(&name) {
                        reader.rename(&name, &mut ode);
                    }
                    let mut name = reader.short(&name);
                    while reader.names.contains_key(&name) {
                        name += "_aux";
                    }
                    reader.names.insert(name.clone(), line.number);
                    ode.shown.push(Definition { name, right });
                }
                Statement::Starts(list) => starts.extend(list.into_iter().map(|(name, value)| (line, name, value))),
                _ => (),
            }
        }
        for (line, name, value) in starts {
            let name = reader.short(&name);
            match ode.variables.iter_mut().find(|v| v.name == name) {
                Some(variable) => variable.start = value,
                None => {
                    let known = nearest(&name, ode.variables.iter().map(|v| v.name.as_str()));
                    let help = if known.is_empty() {
                        String::new()
                    } else {
                        format!("did you mean `{}`?", known.join("`, `"))
                    };
                    return Err(line.error(file, format!("there is no variable `{name}` to start"), help));
                }
            }
        }
        if ode.variables.is_empty() {
            let line = Line { text: String::new(), number: 0, at: None, raw: "" };
            return Err(line.error(file, "the file has no differential equation", "write `x'=…` or `dx/dt=…`"));
        }
        Ok(ode)
    }
}

struct Reader<'a> {
    file: &'a str,
    whole: &'a str,
    /// Every quantity of the file, with its line.
    names: BTreeMap<String, usize>,
    functions: BTreeMap<String, (Vec<String>, Expr)>,
    /// Names that mean something else in the language.
    renamed: BTreeMap<String, String>,
}

impl Reader<'_> {
    /// First pass: names, parameters, noises, options, functions.
    fn collect(&mut self, said: &[(&Line, Statement)], ode: &mut Ode) -> Result<()> {
        for (line, statement) in said {
            match statement {
                Statement::Values(list) => {
                    for (name, value) in list {
                        self.declare(line, name, ode)?;
                        ode.parameters.push((self.short(name), *value));
                    }
                }
                Statement::Rate(name, _) | Statement::Define(name, _) => self.declare(line, name, ode)?,
                Statement::Noise(names) => {
                    for name in names {
                        self.declare(line, name, ode)?;
                        let noise = format!("xi_{name}");
                        self.renamed.insert(name.clone(), noise.clone());
                        ode.noises.push(noise);
                    }
                }
                Statement::Options(list) => ode.options.extend(list.iter().cloned()),
                Statement::Aside(what) => {
                    ode.notes.push(format!("{what} was left out; it does not change the equations"))
                }
                _ => (),
            }
        }
        for (line, statement) in said {
            if let Statement::Function(name, arguments, at) = statement {
                let body = self.parse(line, *at)?;
                let repeated = (1..arguments.len()).any(|k| arguments[..k].contains(&arguments[k]));
                if repeated || self.functions.insert(name.clone(), (arguments.clone(), body)).is_some() {
                    let cause = format!("the function `{name}` or one of its arguments is defined twice");
                    return Err(line.error(self.file, cause, "give each its own name"));
                }
            }
        }
        Ok(())
    }
    fn declare(&mut self, line: &Line, name: &str, ode: &mut Ode) -> Result<()> {
        if matches!(name, "t" | "pi") {
            let cause = format!("`{name}` has a meaning of its own and cannot be defined");
            return Err(line.error(self.file, cause, "choose another name"));
        }
        if let Some(before) = self.names.insert(name.into(), line.number) {
            let cause = format!("`{name}` is defined twice, before on line {before}");
            return Err(line.error(self.file, cause, "define each quantity once"));
        }
        self.rename(name, ode);
        Ok(())
    }
    /// Gives a name that has a meaning of its own in the language another one.
    fn rename(&mut self, name: &str, ode: &mut Ode) {
        if functions::find(name).is_some() || crate::lang::part::reserved(name) {
            let new = format!("v{name}");
            ode.notes.push(format!("`{name}` is called `{new}` here, where `{name}` has a meaning of its own"));
            self.renamed.insert(name.into(), new);
        }
    }
    fn short(&self, name: &str) -> String {
        self.renamed.get(name).cloned().unwrap_or_else(|| name.into())
    }
    fn parse(&self, line: &Line, at: usize) -> Result<Expr> {
        let text = &line.text[at..];
        let source = match line.at {
            Some(start) => Source::excerpt(self.file, self.whole, start + at, text),
            None => Source::new(self.file, text),
        };
        parse::left_expression(&source).map_err(|error| match (line.at, error) {
            (None, Error::Input { cause, help, .. }) => line.error(self.file, cause, help),
            (_, error) => error,
        })
    }
    fn formula(&self, line: &Line, at: usize) -> Result<Expr> {
        let expr = self.parse(line, at)?;
        let mut nodes = 0;
        self.put_in(line, &expr, &BTreeMap::new(), 0, &mut nodes)
    }
    /// The expression with the file's functions written out, `local` being the arguments of the one around it.
    fn put_in(
        &self,
        line: &Line,
        expr: &Expr,
        local: &BTreeMap<&str, Expr>,
        depth: usize,
        nodes: &mut usize,
    ) -> Result<Expr> {
        *nodes += 1;
        if *nodes > MOST_NODES || depth > DEEPEST {
            let cause = "the functions of the file make this formula too long, or call themselves";
            return Err(line.error(self.file, cause, "use fixed variables for intermediate values"));
        }
        let again = |e: &Expr, nodes: &mut usize| self.put_in(line, e, local, depth, nodes);
        let kind = match &expr.kind {
            Kind::Number(..) => expr.kind.clone(),
            Kind::Name(name, _) => {
                if let Some(argument) = local.get(name.as_str()) {
                    *nodes += size(argument);
                    return Ok(argument.clone());
                }
                Kind::Name(self.known(line, name)?, Vec::new())
            }
            Kind::Neg(a) => Kind::Neg(Box::new(again(a, nodes)?)),
            Kind::Binary(op, a, b) => Kind::Binary(*op, Box::new(again(a, nodes)?), Box::new(again(b, nodes)?)),
            Kind::Sum(..) => return Err(self.foreign(line, "sum")),
            Kind::Call(name, arguments) => {
                let arguments: Result<Vec<Expr>> = arguments.iter().map(|a| again(a, nodes)).collect();
                let arguments = arguments?;
                if let Some((names, body)) = self.functions.get(name) {
                    if names.len() != arguments.len() {
                        let cause =
                            format!("`{name}` takes {} arguments and is given {}", names.len(), arguments.len());
                        return Err(line.error(self.file, cause, "give as many as its definition has"));
                    }
                    let inner: BTreeMap<&str, Expr> = names.iter().map(String::as_str).zip(arguments).collect();
                    return self.put_in(line, body, &inner, depth + 1, nodes);
                }
                if !SHARED.contains(&name.as_str()) {
                    return Err(self.foreign(line, name));
                }
                functions::get(name, arguments.len())
                    .map_err(|e| line.error(self.file, e.to_string(), "see the documentation of XPP"))?;
                Kind::Call(name.clone(), arguments)
            }
        };
        Ok(Expr { kind, span: expr.span })
    }
    /// A quantity of the file by its name in the language.
    fn known(&self, line: &Line, name: &str) -> Result<String> {
        match name {
            "pi" => Ok(name.into()),
            _ if self.names.contains_key(name) => Ok(self.short(name)),
            "t" => {
                let help = "a model has no clock: replace the drive by its mean, or by an oscillator's equations";
                Err(line.error(self.file, "the time `t` is not read", help))
            }
            _ => {
                let near = nearest(name, self.names.keys().map(String::as_str));
                let help = match near.is_empty() {
                    true => "define it with `par`, as a fixed variable or as a function".into(),
                    false => format!("did you mean `{}`?", near.join("`, `")),
                };
                Err(line.error(self.file, format!("nothing is called `{name}`"), help))
            }
        }
    }
    fn foreign(&self, line: &Line, name: &str) -> Error {
        let known = FOREIGN.contains(&name);
        let near = nearest(name, SHARED.iter().copied().chain(self.functions.keys().map(String::as_str)));
        let (cause, help) = match known {
            true => (format!("`{name}` of XPP is not read"), "write the model without it".to_string()),
            false if near.is_empty() => {
                (format!("there is no function `{name}`"), format!("there are {}", SHARED.join(", ")))
            }
            false => (format!("there is no function `{name}`"), format!("did you mean `{}`?", near.join("`, `"))),
        };
        line.error(self.file, cause, help)
    }
}

/// How many nodes an expression has.
fn size(expr: &Expr) -> usize {
    1 + match &expr.kind {
        Kind::Number(..) | Kind::Name(..) => 0,
        Kind::Neg(a) | Kind::Sum(_, a) => size(a),
        Kind::Binary(_, a, b) => size(a) + size(b),
        Kind::Call(_, list) => list.iter().map(size).sum(),
    }
}
