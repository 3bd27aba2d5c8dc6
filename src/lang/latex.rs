//! How does an equation look in print? LaTeX from the syntax tree, never typed twice.
//!
//! ```
//! use homeostat::lang::{Source, latex, parse};
//! let line = parse::equations(&Source::new("x", "dw_ei/dt += eta*(r_e - rho0)*r_i/tau_w : 1")).unwrap();
//! assert_eq!(
//!     latex::equation(&line[0]),
//!     r"\dot{w}_{EI} \mathrel{+}= \frac{\eta\,\left(r_E - \rho_0\right)\,r_I}{\tau_w}"
//! );
//! ```

use super::ast::{Assign, Equation, Expr, Index, Kind, Op};
use super::functions;
use super::letters::GREEK;
use crate::field::Unit;

/// An equation as one line of LaTeX, without its unit.
pub fn equation(equation: &Equation) -> String {
    let left = named(&equation.name, &equation.indices, equation.derivative);
    let sign = if equation.assign == Assign::Add { r"\mathrel{+}=" } else { "=" };
    format!("{left} {sign} {}", expression(&equation.right))
}

/// Several equations, aligned at their signs.
pub fn aligned(equations: &[Equation]) -> String {
    let lines: Vec<String> = equations.iter().map(|e| equation(e).replacen(" = ", " &= ", 1)).collect();
    let lines: Vec<String> = lines.into_iter().map(|l| l.replacen(r" \mathrel{+}= ", r" &\mathrel{+}= ", 1)).collect();
    format!("\\begin{{aligned}}\n{}\n\\end{{aligned}}", lines.join(" \\\\\n"))
}

/// An expression.
pub fn expression(expr: &Expr) -> String {
    tex(expr, Place::Free)
}

/// A name: Greek letters by name, what follows `_` and trailing digits as subscripts, `e` and `i` as populations.
pub fn name(name: &str) -> String {
    named(name, &[], false)
}

/// A unit, upright.
pub fn unit(unit: &Unit) -> String {
    let text = unit.to_string().replace("**", "^");
    let mut out = String::new();
    let mut word = String::new();
    let mut power = false;
    for c in text.chars().chain([' ']) {
        match c {
            _ if power && (c.is_ascii_digit() || "-./()".contains(c)) => word.push(c),
            _ if !power && c.is_alphabetic() => word.push(c),
            _ => {
                if power {
                    out += &format!("^{{{}}}", word.trim_matches(['(', ')']));
                } else if !word.is_empty() {
                    out += &format!(r"\mathrm{{{}}}", word.replace(['µ', 'μ'], r"\mu ").replace('Ω', r"\Omega "));
                }
                word.clear();
                power = c == '^';
                match c {
                    '*' | '·' | ' ' => out += r"\,",
                    '^' => (),
                    c => out.push(c),
                }
            }
        }
    }
    out.strip_suffix(r"\,").unwrap_or(&out).to_string()
}

/// Where an expression stands, which decides about brackets.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    /// Alone, or between braces.
    Free,
    /// Behind `+`.
    Added,
    /// Behind `-`.
    Subtracted,
    /// The first factor.
    Factor,
    /// A later factor.
    Later,
    /// Below an exponent.
    Base,
}

fn bracketed(inner: String) -> String {
    format!(r"\left({inner}\right)")
}

fn tex(expr: &Expr, place: Place) -> String {
    use Place::*;
    let (text, needs) = match &expr.kind {
        Kind::Number(value, unit) => {
            (number(*value, unit), place == Base && !unit.is_none() || *value < 0.0 && place != Free)
        }
        Kind::Name(name, indices) => (named(name, indices, false), place == Base && name.contains(['@', '.'])),
        Kind::Neg(a) => (format!("-{}", tex(a, Subtracted)), place != Free),
        Kind::Binary(Op::Add, a, b) => {
            (format!("{} + {}", tex(a, Free), tex(b, Added)), !matches!(place, Free | Added))
        }
        Kind::Binary(Op::Sub, a, b) => {
            (format!("{} - {}", tex(a, Free), tex(b, Subtracted)), !matches!(place, Free | Added))
        }
        Kind::Binary(Op::Mul, a, b) => (product(a, b), place == Base),
        Kind::Binary(Op::Div, a, b) => (format!(r"\frac{{{}}}{{{}}}", expression(a), expression(b)), place == Base),
        Kind::Binary(Op::Pow, a, b) => (format!("{}^{{{}}}", tex(a, Base), expression(b)), place == Base),
        Kind::Sum(index, body) => (format!(r"\sum_{{{}}} {}", name(index), tex(body, Later)), place == Base),
        Kind::Call(name, arguments) => {
            (call(name, arguments), place == Base && !matches!(name.as_str(), "abs" | "mean" | "relu"))
        }
    };
    if needs { bracketed(text) } else { text }
}

/// Two factors: a thin space between them, a dot before a number, brackets around a sum sign that would reach too far.
fn product(a: &Expr, b: &Expr) -> String {
    let left = if ends_in_sum(a) { bracketed(expression(a)) } else { tex(a, Place::Factor) };
    let right = tex(b, Place::Later);
    let dot = right.starts_with(|c: char| c.is_ascii_digit());
    format!("{left}{}{right}", if dot { r" \cdot " } else { r"\," })
}

fn ends_in_sum(expr: &Expr) -> bool {
    match &expr.kind {
        Kind::Sum(..) => true,
        Kind::Binary(Op::Mul, _, b) => ends_in_sum(b),
        _ => false,
    }
}

fn call(function: &str, arguments: &[Expr]) -> String {
    let texts: Vec<String> = arguments.iter().map(expression).collect();
    let list = texts.join(", ");
    let pattern = match function {
        "mean" => r"\left\langle #*\right\rangle",
        _ => functions::find(function).map_or("", |f| f.latex),
    };
    if pattern.is_empty() {
        return format!(r"{}\left({list}\right)", operator(function));
    }
    // Arguments are put in one by one, so that a `#` in them (there is none) could not be read as a place.
    let mut out = String::new();
    let mut rest = pattern;
    while let Some(at) = rest.find('#') {
        out += &rest[..at];
        let which = rest[at + 1..].chars().next().unwrap_or('*');
        match which.to_digit(10).map(|k| k as usize) {
            Some(k) if k >= 1 && k <= arguments.len() => {
                // An argument with an exponent behind it is a base.
                let base = rest[at + 2..].starts_with('^');
                out += &tex(&arguments[k - 1], if base { Place::Base } else { Place::Free });
            }
            _ => out += &list,
        }
        rest = &rest[at + 1 + which.len_utf8()..];
    }
    out + rest
}

/// A function that is not in the list: a population's gain, `rest`.
fn operator(function: &str) -> String {
    match name(function) {
        text if text.starts_with('\\') && !text.starts_with(r"\mathrm") => text,
        text if function.chars().count() == 1 => text,
        text => text.replacen(r"\mathrm", r"\operatorname", 1),
    }
}

fn number(value: f64, of: &Unit) -> String {
    let digits = of.digits(value);
    let digits = match digits.split_once('e') {
        Some(("1", exponent)) => format!("10^{{{exponent}}}"),
        Some((mantissa, exponent)) => format!(r"{mantissa} \cdot 10^{{{exponent}}}"),
        None => digits,
    };
    match of.is_none() && of.symbol.is_empty() {
        true => digits,
        false => format!(r"{digits}\,{}", unit(of)),
    }
}

/// A part of a name: `theta`, `e`, `ref`, `0`.
fn part(text: &str, subscript: bool) -> String {
    let greek = GREEK.iter().any(|(_, name)| *name == text);
    let population = subscript && text.len() <= 2 && text.chars().all(|c| c == 'e' || c == 'i');
    match text {
        _ if greek => format!("\\{text}"),
        _ if population => text.to_uppercase(),
        _ if text.chars().count() == 1 || text.chars().all(|c| c.is_ascii_digit()) => text.into(),
        _ => format!(r"\mathrm{{{text}}}"),
    }
}

fn named(full: &str, indices: &[Index], derivative: bool) -> String {
    // `scaling@w_ee.tau`: the quantity, with its part as a superscript.
    let (owner, short) = full.rsplit_once('.').map_or((None, full), |(owner, short)| (Some(owner), short));
    let mut words = short.split('_').filter(|w| !w.is_empty());
    let first = words.next().unwrap_or("_");
    let stem = first.trim_end_matches(|c: char| c.is_ascii_digit());
    let (stem, trailing) = if stem.is_empty() { (first, "") } else { (stem, &first[stem.len()..]) };
    let mut below: Vec<String> = (!trailing.is_empty()).then(|| trailing.to_string()).into_iter().collect();
    below.extend(words.map(|w| part(w, true)));
    let single =
        indices.iter().all(|i| matches!(i, Index::Running(n, 0) if n.len() == 1) || matches!(i, Index::Fixed(0..=9)));
    let each: Vec<String> = indices.iter().map(index).collect();
    if !each.is_empty() {
        below.push(each.join(if single { " " } else { "," }));
    }
    let mut text = part(stem, false);
    if derivative {
        text = format!(r"\dot{{{text}}}");
    }
    let below = below.join(",");
    // One letter, digit or command needs no braces.
    match below.chars().count() {
        0 => (),
        1 => text += &format!("_{below}"),
        _ if below.starts_with('\\') && below[1..].chars().all(char::is_alphabetic) => text += &format!("_{below}"),
        _ => text += &format!("_{{{below}}}"),
    }
    if let Some(owner) = owner {
        let (kind, at) = owner.split_once('@').map_or((owner, None), |(kind, at)| (kind, Some(at)));
        let at = at.map_or(String::new(), |at| format!(r"\,{}", name(at)));
        text += &format!(r"^{{\mathrm{{{}}}{at}}}", kind.replace('_', r"\_"));
    }
    text
}

fn index(index: &Index) -> String {
    match index {
        Index::Fixed(k) => k.to_string(),
        Index::Running(letter, 0) => name(letter),
        Index::Running(letter, shift) => format!("{}{shift:+}", name(letter)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::{Source, parse};

    fn show(text: &str) -> String {
        expression(&parse::expression(&Source::new("x", text)).unwrap())
    }

    #[test]
    fn theory_expressions_look_as_in_print() {
        for (text, latex) in [
            ("(a + b)/c", r"\frac{a + b}{c}"),
            ("a*(b - c)", r"a\,\left(b - c\right)"),
            ("a - (b - c)", r"a - \left(b - c\right)"),
            ("a + (b + c)", "a + b + c"),
            ("-(a + b)", r"-\left(a + b\right)"),
            ("a*(-b)", r"a\,\left(-b\right)"),
            ("x**2*y", r"x^{2}\,y"),
            ("(x*y)**2", r"\left(x\,y\right)^{2}"),
            ("2*3", r"2 \cdot 3"),
            ("x/(y/z)", r"\frac{x}{\frac{y}{z}}"),
            ("tau_theta", r"\tau_\theta"),
            ("w_ei", "w_{EI}"),
            ("tau_ref", r"\tau_{\mathrm{ref}}"),
            ("y0", "y_0"),
            ("w_ei[k]", "w_{EI,k}"),
            ("W[i, j]", "W_{i j}"),
            ("w[k+1, s]", "w_{k+1,s}"),
            ("drive", r"\mathrm{drive}"),
            ("scaling@w_ee.tau", r"\tau^{\mathrm{scaling}\,w_{EE}}"),
            ("20 ms", r"20\,\mathrm{ms}"),
            ("1e-7*x", r"10^{-7}\,x"),
            ("5 Hz**2", r"5\,\mathrm{Hz}^{2}"),
            ("sum(k, w[k]*x[k])", r"\sum_{k} w_k\,x_k"),
            ("sum(k, w[k])*y", r"\left(\sum_{k} w_k\right)\,y"),
            ("sum(k, a + b)", r"\sum_{k} \left(a + b\right)"),
            ("mean(pre*post**2)", r"\left\langle \mathrm{pre}\,\mathrm{post}^{2}\right\rangle"),
            ("relu(h - theta)**2", r"\left[h - \theta\right]_+^{2}"),
            ("tanh(x)**2", r"\left(\tanh\left(x\right)\right)^{2}"),
            ("hill(x + 1, k, n)", r"\frac{\left(x + 1\right)^{n}}{\left(x + 1\right)^{n} + k^{n}}"),
            ("phi(h)", r"\phi\left(h\right)"),
            ("rest(w[j])", r"\operatorname{rest}\left(w_j\right)"),
            ("sqrt(2*D)*xi", r"\sqrt{2\,D}\,\xi"),
        ] {
            assert_eq!(show(text), latex, "{text}");
        }
    }

    #[test]
    fn theory_equations_are_aligned() {
        let lines = parse::equations(&Source::new("x", "dtheta/dt = -theta : Hz\nr[k] = a : Hz")).unwrap();
        assert_eq!(aligned(&lines), "\\begin{aligned}\n\\dot{\\theta} &= -\\theta \\\\\nr_k &= a\n\\end{aligned}");
        assert_eq!(unit(&Unit::parse("mV/ms").unwrap()), r"\mathrm{mV}/\mathrm{ms}");
        assert_eq!(unit(&Unit::parse("s**-0.5").unwrap()), r"\mathrm{s}^{-0.5}");
    }
}
