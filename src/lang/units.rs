//! Do the units of an equation fit? Checked when the file is read, with an error that points at the term.
//!
//! Both sides of a sum have one unit (a bare `0` fits everything), functions take pure numbers unless the
//! [list](super::functions) says otherwise, white noise `xi` has s^(−1/2), and the right-hand side of `dx/dt` has the unit
//! of x per second.
//!
//! ```
//! use homeostat::{field::Unit, lang::{Source, parse, units}};
//! let source = Source::new("x", "dr/dt = (r0 - r)/tau + 2 : Hz");
//! let line = &parse::equations(&source).unwrap()[0];
//! let unit = |name: &str| Some(if name == "tau" { Unit::SECOND } else { Unit::HERTZ });
//! let error = units::check(&source, line, &unit).unwrap_err().to_string();
//! assert!(error.contains("`2` is a pure number where Hz^2 is needed"), "{error}");
//! ```

use super::Source;
use super::ast::{Equation, Expr, Kind, Op, Span};
use super::functions::{self, Rule};
use crate::field::{Error, Result, Unit, nearest};

/// The units of the names of a model: `None` for a name that does not exist.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<Unit>;

/// The unit of an expression.
///
/// # Errors
/// An unknown name or function, a wrong number of arguments, and units that do not fit, each with its place.
pub fn infer(source: &Source, expr: &Expr, lookup: Lookup) -> Result<Unit> {
    Ok(Checker { source, lookup }.unit(expr)?.unwrap_or(Unit::NONE))
}

/// Checks that an expression has the unit `wanted`; the error points at the addend that has another one.
pub fn expect(source: &Source, expr: &Expr, wanted: &Unit, lookup: Lookup) -> Result<()> {
    Checker { source, lookup }.expect(expr, wanted)
}

/// Checks an equation: the right-hand side has the unit of the quantity, per second if it is a derivative.
pub fn check(source: &Source, equation: &Equation, lookup: Lookup) -> Result<()> {
    let wanted = match equation.derivative {
        true => &equation.unit / &Unit::SECOND,
        false => equation.unit.clone(),
    };
    expect(source, &equation.right, &wanted, lookup)
}

/// How a unit is called in a message.
pub fn describe(unit: &Unit) -> String {
    if unit.is_none() {
        return "a pure number".into();
    }
    Unit { symbol: "".into(), ..unit.clone() }.to_string()
}

/// Is it white noise, private (`xi`) or shared by name (`xi_global`)?
pub fn is_noise(name: &str) -> bool {
    name == "xi" || name.starts_with("xi_")
}

struct Checker<'a> {
    source: &'a Source,
    lookup: Lookup<'a>,
}

/// The unit, or `None` for a bare zero, which fits every unit.
type Known = Option<Unit>;

impl Checker<'_> {
    fn text(&self, span: Span) -> String {
        let text = self.source.slice(span).split_whitespace().collect::<Vec<_>>().join(" ");
        match text.chars().count() > 40 {
            true => format!("{}…", text.chars().take(39).collect::<String>()),
            false => text,
        }
    }
    fn mismatch(&self, at: &Expr, got: &Unit, wanted: &str, help: &str) -> Error {
        let cause = format!("`{}` is {} where {wanted} is needed", self.text(at.span), describe(got));
        self.source.error(at.span, cause, help)
    }
    fn expect(&self, expr: &Expr, wanted: &Unit) -> Result<()> {
        match &expr.kind {
            Kind::Binary(Op::Add | Op::Sub, a, b) => {
                self.expect(a, wanted)?;
                self.expect(b, wanted)
            }
            Kind::Neg(a) => self.expect(a, wanted),
            _ => match self.unit(expr)? {
                Some(unit) if !unit.same_dimension(wanted) => {
                    let help = "divide or multiply by a quantity that carries the missing unit";
                    Err(self.mismatch(expr, &unit, &describe(wanted), help))
                }
                _ => Ok(()),
            },
        }
    }
    fn unit(&self, expr: &Expr) -> Result<Known> {
        match &expr.kind {
            Kind::Number(value, unit) if *value == 0.0 && unit.is_none() => Ok(None),
            Kind::Number(_, unit) => Ok(Some(plain(unit))),
            Kind::Name(name, _) => self.name(expr, name).map(Some),
            Kind::Neg(a) | Kind::Sum(_, a) => self.unit(a),
            Kind::Binary(op, a, b) => self.binary(*op, a, b),
            Kind::Call(name, arguments) => self.call(expr, name, arguments),
        }
    }
    fn name(&self, expr: &Expr, name: &str) -> Result<Unit> {
        match (self.lookup)(name) {
            Some(unit) => Ok(plain(&unit)),
            None if is_noise(name) => Ok(Unit { exponents: [-6, 0, 0, 0, 0, 0, 0], ..Unit::NONE }),
            None if functions::constant(name).is_some() => Ok(Unit::NONE),
            None => {
                let cause = format!("nothing here is called `{name}`");
                let help = "declare it under [parameters] or [ports], or define it with an equation";
                Err(self.source.error(expr.span, cause, help))
            }
        }
    }
    fn binary(&self, op: Op, a: &Expr, b: &Expr) -> Result<Known> {
        let x = self.unit(a)?;
        if op == Op::Pow {
            return self.power(x, a, b);
        }
        let y = self.unit(b)?;
        match (op, x, y) {
            (Op::Add | Op::Sub, x, None) => Ok(x),
            (Op::Add | Op::Sub, None, y) => Ok(y),
            (Op::Add | Op::Sub, Some(x), Some(y)) if x.same_dimension(&y) => Ok(Some(x)),
            (Op::Add | Op::Sub, Some(x), Some(y)) => {
                let help = format!("it is added to `{}`; both sides of a sum have one unit", self.text(a.span));
                Err(self.mismatch(b, &y, &describe(&x), &help))
            }
            (op, x, y) => {
                let (x, y) = (x.unwrap_or(Unit::NONE), y.unwrap_or(Unit::NONE));
                Ok(Some(if op == Op::Mul { plain(&(&x * &y)) } else { plain(&(&x / &y)) }))
            }
        }
    }
    fn power(&self, base: Known, a: &Expr, b: &Expr) -> Result<Known> {
        self.pure(b, "an exponent")?;
        let Some(unit) = base else { return Ok(None) };
        if unit.is_none() {
            return Ok(Some(unit));
        }
        let Some(power) = number(b) else {
            let help = "divide the base by a reference value first: `(r/r0)**n`";
            return Err(self.mismatch(a, &unit, "the pure-number base of a variable exponent", help));
        };
        match unit.powf(power) {
            Some(unit) => Ok(Some(plain(&unit))),
            None => {
                let cause = format!("{} to the power {power} is not a unit", describe(&unit));
                Err(self.source.error(b.span, cause, "divide the base by a reference value first: `(r/r0)**n`"))
            }
        }
    }
    fn pure(&self, expr: &Expr, role: &str) -> Result<()> {
        match self.unit(expr)? {
            Some(unit) if !unit.is_none() => {
                let wanted = format!("a pure number ({role})");
                Err(self.mismatch(expr, &unit, &wanted, "divide by a quantity of the same unit first"))
            }
            _ => Ok(()),
        }
    }
    /// All expressions have one unit; which?
    fn same(&self, among: &[Expr]) -> Result<Known> {
        let mut first: Known = None;
        for expr in among {
            match (&first, self.unit(expr)?) {
                (None, unit) => first = unit,
                (Some(unit), Some(other)) if !other.same_dimension(unit) => {
                    let help = format!("the arguments have one unit, that of `{}`", self.text(among[0].span));
                    return Err(self.mismatch(expr, &other, &describe(unit), &help));
                }
                _ => (),
            }
        }
        Ok(first)
    }
    fn call(&self, expr: &Expr, name: &str, arguments: &[Expr]) -> Result<Known> {
        if let ("mean" | "rest", [argument]) = (name, arguments) {
            let unit = self.unit(argument)?;
            // The other addends to dw/dt.
            return Ok(if name == "rest" { unit.map(|u| plain(&(&u / &Unit::SECOND))) } else { unit });
        }
        let function = function(self.source, expr, name, arguments.len())?;
        let role = format!("argument of {name}");
        match function.rule {
            Rule::Pure => {
                arguments.iter().try_for_each(|a| self.pure(a, &role))?;
                Ok(Some(Unit::NONE))
            }
            Rule::Same => self.same(arguments),
            Rule::Root => match self.unit(&arguments[0])? {
                None => Ok(None),
                Some(unit) => match unit.powf(0.5) {
                    Some(root) => Ok(Some(plain(&root))),
                    None => Err(self.mismatch(&arguments[0], &unit, "a unit with a square root", "")),
                },
            },
            Rule::Sign => self.unit(&arguments[0]).map(|_| Some(Unit::NONE)),
            Rule::Hill => {
                self.same(&arguments[..2])?;
                self.pure(&arguments[2], &role)?;
                Ok(Some(Unit::NONE))
            }
            Rule::Bounded => {
                self.same(&arguments[1..])?;
                self.unit(&arguments[0])
            }
            Rule::Siegert => self.siegert(arguments),
        }
    }
    /// mu, sigma, theta and v_reset of one unit; tau_m and tau_ref times (or all pure in a model without units).
    fn siegert(&self, a: &[Expr]) -> Result<Known> {
        self.same(&[a[0].clone(), a[1].clone(), a[4].clone(), a[5].clone()])?;
        let time = self.same(&[a[2].clone(), a[3].clone()])?.unwrap_or(Unit::NONE);
        if !time.is_none() && !time.same_dimension(&Unit::SECOND) {
            return Err(self.mismatch(
                &a[2],
                &time,
                "a time",
                "write siegert(mu, sigma, tau_m, tau_ref, theta, v_reset)",
            ));
        }
        Ok(Some(if time.is_none() { Unit::NONE } else { Unit::HERTZ }))
    }
}

/// Only the dimension of a unit: expressions are in coherent units.
fn plain(unit: &Unit) -> Unit {
    match unit.same_dimension(&Unit::HERTZ) {
        true => Unit::HERTZ,
        false => Unit { exponents: unit.exponents, ..Unit::NONE },
    }
}

/// The value of a constant exponent: `2`, `-0.5`, `1/2`.
fn number(expr: &Expr) -> Option<f64> {
    match &expr.kind {
        Kind::Number(value, _) => Some(*value),
        Kind::Neg(a) => number(a).map(|v| -v),
        Kind::Binary(Op::Div, a, b) => Some(number(a)? / number(b)?),
        _ => None,
    }
}

/// The function of a call; the error points at it.
pub fn function(source: &Source, call: &Expr, name: &str, arguments: usize) -> Result<&'static functions::Function> {
    functions::get(name, arguments).map_err(|error| match error {
        Error::UnknownName { .. } => {
            let near = nearest(name, functions::FUNCTIONS.iter().map(|f| f.name).chain(["sum", "mean", "rest"]));
            let help = match near.is_empty() {
                true => {
                    format!("there are {}", functions::FUNCTIONS.iter().map(|f| f.name).collect::<Vec<_>>().join(", "))
                }
                false => format!("did you mean `{}`?", near.join("`, `")),
            };
            source.error(call.span, format!("there is no function `{name}`"), help)
        }
        Error::Usage { what, help } => source.error(call.span, what, help),
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::parse;

    fn lookup(name: &str) -> Option<Unit> {
        let unit = match name {
            "r" | "r0" | "theta" => "Hz",
            "V" | "mu" | "sigma" => "mV",
            "tau" | "tau_m" => "ms",
            "w" | "K" | "n" => "1",
            "D" => "Hz**2/s",
            _ => return None,
        };
        Unit::parse(unit).ok()
    }
    fn judge(line: &str) -> Result<()> {
        let source = Source::new("test", line);
        check(&source, &parse::equations(&source)?[0], &lookup)
    }

    #[test]
    fn theory_right_lines_pass() {
        for line in [
            "dr/dt = (r0 - r)/tau : Hz",
            "dr/dt = -r/tau + sqrt(2*D)*xi : Hz",
            "dw/dt += mean(r*r0*(r - theta))/(r0**3*tau) : 1",
            "dw/dt += 0 : 1",
            "dw/dt += rest(w)*w - sum(j, rest(w[j]))/K : 1",
            "f = relu(r - theta)**2 : Hz**2",
            "f = r0*(r/r0)**n : Hz",
            "f = siegert(mu, sigma, tau_m, 2 ms, 20 mV, 10 mV) : Hz",
            "f = hill(r, r0, n) + step(V - 10 mV) : 1",
            "f = clip(r, 0, 50 Hz) : Hz",
            "dr/dt = bounded(-r/tau, r, 0, 50 Hz) : Hz",
            "f = max(0, r) - min(r, 0) : Hz",
            "f = V/(20 ms) : mV/ms",
            "f = r**(1/2) : s**-0.5",
            "f = exp(-V/(1 mV))*pi : 1",
        ] {
            judge(line).unwrap_or_else(|e| panic!("{line}\n{e}"));
        }
    }

    #[test]
    fn theory_wrong_lines_name_the_term_and_both_units() {
        for (line, wanted) in [
            ("dr/dt = (r0 - r)/tau + r0 : Hz", "`r0` is Hz where Hz^2 is needed"),
            ("dr/dt = r - r0 : Hz", "`r` is Hz where Hz^2"),
            ("f = r + V : Hz", "`V` is V where Hz is needed"),
            ("f = (r + V)*w : Hz", "`V` is V where Hz is needed"),
            ("f = exp(r) : 1", "`r` is Hz where a pure number (argument of exp) is needed"),
            ("f = r**n : 1", "the pure-number base of a variable exponent"),
            ("f = w**r : 1", "`r` is Hz where a pure number (an exponent)"),
            ("f = r**0.3333 : 1", "to the power 0.3333"),
            ("f = hill(r, V, 2) : 1", "`V` is V where Hz"),
            ("f = siegert(mu, sigma, r, 2 ms, 1 mV, 2 mV) : Hz", "`2 ms` is s where Hz"),
            ("f = qqq*2 : 1", "nothing here is called `qqq`"),
            ("f = sigmiod(w) : 1", "there is no function `sigmiod`"),
            ("f = exp(w, w) : 1", "`exp` has 2 arguments"),
            ("dr/dt = r*xi : Hz", "is Hz^(3/2) where Hz^2"),
        ] {
            let error = judge(line).expect_err(line).to_string();
            assert!(error.contains(wanted) && error.contains("help: "), "{line}\n{error}");
        }
    }
}
