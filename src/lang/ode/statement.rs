//! What does one statement of an `.ode` file say?

use super::lines::Line;
use crate::error::Result;
use crate::lang::eval;

/// A statement. Right-hand sides come with their offset in the line.
#[derive(Debug)]
pub(super) enum Statement {
    Values(Vec<(String, f64)>),
    Starts(Vec<(String, f64)>),
    Rate(String, usize),
    Function(String, Vec<String>, usize),
    Define(String, usize),
    Show(String, usize),
    Noise(Vec<String>),
    Options(Vec<(String, String)>),
    /// Left out, for the reason given: it does not change the equations.
    Aside(String),
}

/// What is known to XPP and not read here, with what to do.
const REFUSED: &[(&str, &str)] = &[
    ("markov", "Markov processes are not part of the language"),
    ("table", "tabulated functions are not part of the language; write a formula"),
    ("tabular", "tabulated functions are not part of the language; write a formula"),
    ("global", "resets by events are not part of the language"),
    ("volterra", "integral equations are not part of the language"),
    ("volt", "integral equations are not part of the language"),
    ("bdry", "boundary-value problems are not part of the language"),
    ("bndry", "boundary-value problems are not part of the language"),
    ("b", "boundary-value problems are not part of the language"),
    ("solve", "algebraic-differential equations are not part of the language"),
    ("solv", "algebraic-differential equations are not part of the language"),
    ("special", "network functions are not part of the language; use indexed families"),
    ("network", "network functions are not part of the language; use indexed families"),
    ("export", "calls into libraries are not part of the language"),
    ("vector", "vector libraries are not part of the language"),
    ("include", "write the equations into one file"),
];

/// What a name may be.
fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

pub(super) fn read(file: &str, line: &Line) -> Result<Statement> {
    let text = line.text.as_str();
    if let Some(rest) = text.strip_prefix('@') {
        let pairs = rest.split(',').filter_map(|p| p.split_once('='));
        return Ok(Statement::Options(pairs.map(|(k, v)| (k.trim().into(), v.trim().into())).collect()));
    }
    if text.starts_with('!') {
        return definition(file, line, 1);
    }
    let word = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or("");
    let after = text[word.len()..].trim_start();
    // A keyword stands before a space and something that is no `=`: `p = 3` defines a quantity called p.
    let keyword = text[word.len()..].starts_with([' ', '\t']) && !after.starts_with('=');
    if keyword {
        let rest = text.len() - after.len();
        match word {
            "p" | "par" | "param" | "params" | "parameter" | "parameters" | "number" | "num" | "n" => {
                return values(file, line, after).map(Statement::Values);
            }
            "i" | "init" | "initial" => return values(file, line, after).map(Statement::Starts),
            "aux" => {
                return match definition(file, line, rest)? {
                    Statement::Define(name, at) => Ok(Statement::Show(name, at)),
                    _ => Err(line.error(file, "`aux` needs a name and a formula", "write `aux name=formula`")),
                };
            }
            "wiener" => {
                let names: Vec<String> =
                    after.split([',', ' ', '\t']).filter(|n| !n.is_empty()).map(str::to_string).collect();
                return match names.iter().all(|n| is_name(n)) {
                    true => Ok(Statement::Noise(names)),
                    false => Err(line.error(file, "`wiener` needs names", "write `wiener w1, w2`")),
                };
            }
            "set" | "only" | "option" | "options" => {
                return Ok(Statement::Aside(format!("`{word}` on line {}", line.number)));
            }
            _ => (),
        }
    }
    if let Some((_, help)) = REFUSED.iter().find(|(name, _)| keyword && *name == word || text == *name) {
        return Err(line.error(file, format!("`{word}` is not read"), *help));
    }
    if text.starts_with("0=") || text.starts_with("0 =") {
        return Err(line.error(file, "an algebraic equation `0 = …` is not read", "solve it for a fixed variable"));
    }
    definition(file, line, 0)
}

/// `name=formula`, `name'=formula`, `dname/dt=formula`, `name(0)=number`, `f(x,y)=formula`, from the byte `start` on.
fn definition(file: &str, line: &Line, start: usize) -> Result<Statement> {
    let text = &line.text[start..];
    let help = "statements are `x'=…`, `dx/dt=…`, `f(x,y)=…`, `name=…`, `par …`, `init …`, `aux …`, `wiener …`";
    let Some(equal) = text.find('=') else {
        return Err(line.error(file, format!("`{}` is no statement that is read", text.trim()), help));
    };
    let left: String = text[..equal].chars().filter(|c| !c.is_whitespace()).collect();
    let at = start + equal + 1;
    let (rate, slope) = (left.strip_suffix('\''), left.strip_prefix('d').and_then(|l| l.strip_suffix("/dt")));
    if let Some(name) = rate.or(slope).filter(|n| is_name(n)) {
        return Ok(Statement::Rate(name.into(), at));
    }
    if is_name(&left) {
        return Ok(Statement::Define(left, at));
    }
    let Some((name, inside)) = left.strip_suffix(')').and_then(|l| l.split_once('(')).filter(|(name, _)| is_name(name))
    else {
        return Err(line.error(file, format!("`{left}` cannot stand on the left"), help));
    };
    match inside {
        "0" => {
            let value = number(&line.text[at..]);
            let value =
                value.ok_or_else(|| line.error(file, "the initial value is not a number", "write `x(0)=0.1`"))?;
            Ok(Statement::Starts(vec![(name.into(), value)]))
        }
        "t" => Err(line.error(file, "an integral equation `x(t)=…` is not read", "write `x'=…`")),
        "t+1" => Err(line.error(file, "a map `x(t+1)=…` is not read", "models are differential equations")),
        _ => {
            let arguments: Vec<String> = inside.split(',').map(str::to_string).collect();
            match arguments.iter().all(|a| is_name(a)) {
                true => Ok(Statement::Function(name.into(), arguments, at)),
                false => Err(line.error(file, format!("`{left}` cannot stand on the left"), help)),
            }
        }
    }
}

/// A number, or a formula of numbers: `1/3`, `2*pi`.
fn number(text: &str) -> Option<f64> {
    let plain = text.trim().parse::<f64>().ok().filter(|v| v.is_finite());
    plain.or_else(|| eval::evaluate(text, &[]).ok().filter(|a| a.unit.is_none()).map(|a| a.value))
}

/// `a=1, b=2`, with commas or spaces between.
fn values(file: &str, line: &Line, text: &str) -> Result<Vec<(String, f64)>> {
    let help = "write `par a=1, b=2`";
    // Spaces around `=` belong to the pair, all others separate pairs.
    let mut tight = text.to_string();
    for around in [" =", "= ", "\t=", "=\t"] {
        while tight.contains(around) {
            tight = tight.replace(around, "=");
        }
    }
    let mut out = Vec::new();
    for pair in tight.split([',', ' ', '\t']).filter(|p| !p.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        if !is_name(name) {
            return Err(line.error(file, format!("`{pair}` is not a name with a value"), help));
        }
        match number(value) {
            Some(value) => out.push((name.into(), value)),
            None => return Err(line.error(file, format!("the value of `{name}` is not a number"), help)),
        }
    }
    if out.is_empty() { Err(line.error(file, "no name with a value", help)) } else { Ok(out) }
}
