//! How is a unit written? `Hz`, `mV/ms`, `Hz**2`, `s**-0.5`, `1`; and a value with one: `20 ms`.
//!
//! A unit is a product of names with powers, `*` or a space between, `/` before a divisor. Names are the SI symbols with
//! their prefixes (`mV`, `nS`, `kHz`), the times `min`, `h` and `day`, molar `M`, and Brian2's long names (`volt`,
//! `msecond`). Inside the program all values are in coherent SI units: the prefix is applied when the text is read, in
//! decimal, so that `20 ms` is the same number as `0.02`.
//!
//! ```
//! use homeostat::field::{Unit, parse_quantity};
//! let (tau, unit) = parse_quantity("20 ms").unwrap();
//! assert_eq!((tau, unit.same_dimension(&Unit::SECOND)), (0.02, true));
//! assert_eq!(Unit::parse("mV/ms").unwrap().factor, 1.0);
//! ```

pub(super) use super::unit_names::near;
use super::unit_names::{Meaning, lookup};
pub(crate) use super::unit_value::{coherent, number_length};
use super::{Error, Result, Unit};
use std::borrow::Cow;
/// A unit while it is read: twelfths, a power of ten kept apart so that prefixes cancel exactly, another factor.
#[derive(Clone, Copy)]
struct Reading {
    exponents: [f64; 7],
    ten: f64,
    other: f64,
}

const PURE: Reading = Reading { exponents: [0.0; 7], ten: 0.0, other: 1.0 };

impl From<Meaning> for Reading {
    fn from(unit: Meaning) -> Reading {
        Reading { exponents: unit.exponents.map(|e| f64::from(e) * 12.0), ten: f64::from(unit.ten), other: unit.other }
    }
}

impl Reading {
    fn times(self, o: Reading, sign: f64) -> Reading {
        Reading {
            exponents: std::array::from_fn(|i| self.exponents[i] + sign * o.exponents[i]),
            ten: self.ten + sign * o.ten,
            other: if sign > 0.0 { self.other * o.other } else { self.other / o.other },
        }
    }
    fn power(self, p: f64) -> Reading {
        Reading { exponents: self.exponents.map(|e| e * p), ten: self.ten * p, other: self.other.powf(p) }
    }
    /// The factor to the coherent unit, correctly rounded where it is a power of ten.
    fn factor(self) -> f64 {
        let ten = if self.ten == self.ten.round() {
            format!("1e{}", self.ten).parse().unwrap_or(f64::NAN)
        } else {
            10f64.powf(self.ten)
        };
        ten * self.other
    }
}

/// Why a text is no unit: where in the text (bytes), what is wrong, what to do.
#[derive(Debug)]
pub(crate) struct UnitError {
    pub at: usize,
    pub end: usize,
    pub cause: String,
    pub help: String,
    /// The unknown name, where it is one.
    pub name: Option<String>,
}
/// A cursor over the text of a unit.
struct Cursor<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }
    fn skip_space(&mut self) {
        while let Some(c) = self.peek().filter(|c| c.is_whitespace()) {
            self.at += c.len_utf8();
        }
    }
    fn eat(&mut self, token: &str) -> bool {
        self.skip_space();
        let found = self.text[self.at..].starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }
    fn error<T>(&self, at: usize, cause: impl Into<String>) -> std::result::Result<T, UnitError> {
        let end = self.text[at..].chars().next().map_or(at, |c| at + c.len_utf8());
        let help = "write a unit as `Hz`, `mV/ms`, `Hz**2`, `s**-0.5` or `1`".into();
        Err(UnitError { at, end, cause: cause.into(), help, name: None })
    }
    fn product(&mut self) -> std::result::Result<Reading, UnitError> {
        if self.depth > 20 {
            return self.error(self.at, "brackets are nested too deeply in this unit");
        }
        let mut unit = self.factor()?;
        loop {
            self.skip_space();
            match self.peek() {
                Some('/') => {
                    self.at += 1;
                    unit = unit.times(self.factor()?, -1.0);
                }
                Some('*') => {
                    self.at += 1;
                    unit = unit.times(self.factor()?, 1.0);
                }
                Some('·') => {
                    self.at += '·'.len_utf8();
                    unit = unit.times(self.factor()?, 1.0);
                }
                Some(c) if c.is_alphabetic() => unit = unit.times(self.factor()?, 1.0),
                _ => return Ok(unit),
            }
        }
    }
    fn factor(&mut self) -> std::result::Result<Reading, UnitError> {
        self.skip_space();
        let start = self.at;
        let base = match self.peek() {
            Some('(') => {
                self.at += 1;
                self.depth += 1;
                let inner = self.product()?;
                self.depth -= 1;
                if !self.eat(")") {
                    return self.error(self.at, "a bracket is not closed in this unit");
                }
                inner
            }
            Some('1') if !self.text[self.at + 1..].starts_with(|c: char| c.is_ascii_digit() || c == '.') => {
                self.at += 1;
                PURE
            }
            Some(c) if c.is_alphabetic() => {
                while let Some(c) = self.peek().filter(|c| c.is_alphanumeric() || *c == '_') {
                    self.at += c.len_utf8();
                }
                let name = &self.text[start..self.at];
                match lookup(name) {
                    Some(unit) => Reading::from(unit),
                    None => return Err(unknown(name, start)),
                }
            }
            _ => return self.error(start, "a unit is expected here"),
        };
        if self.eat("**") || self.eat("^") { Ok(base.power(self.power()?)) } else { Ok(base) }
    }
    fn power(&mut self) -> std::result::Result<f64, UnitError> {
        let bracket = self.eat("(");
        let top = self.number()?;
        let power = if bracket && self.eat("/") { top / self.number()? } else { top };
        if bracket && !self.eat(")") {
            return self.error(self.at, "a bracket is not closed in this unit");
        }
        Ok(power)
    }
    fn number(&mut self) -> std::result::Result<f64, UnitError> {
        self.skip_space();
        let start = self.at;
        while let Some(c) = self.peek() {
            let sign = (c == '-' || c == '+') && self.at == start;
            if !(c.is_ascii_digit() || c == '.' || sign) {
                break;
            }
            self.at += 1;
        }
        match self.text[start..self.at].parse::<f64>() {
            Ok(p) if p.abs() <= 100.0 => Ok(p),
            _ => self.error(start, "the power of a unit must be a number between -100 and 100"),
        }
    }
}

fn unknown(name: &str, at: usize) -> UnitError {
    let near = near(name);
    let help = match near.is_empty() {
        true => {
            "units are SI symbols with prefixes (`Hz`, `mV`, `nS`), `min`, `h`, `day`, and `1` for a pure number".into()
        }
        false => format!("did you mean `{}`?", near.join("`, `")),
    };
    UnitError { at, end: at + name.len(), cause: format!("`{name}` is not a unit"), help, name: Some(name.into()) }
}

/// Read a unit; the error says where in the text it failed.
pub(crate) fn read(text: &str) -> std::result::Result<Unit, UnitError> {
    let mut cursor = Cursor { text, at: 0, depth: 0 };
    let unit = cursor.product()?;
    cursor.skip_space();
    if cursor.at < text.len() {
        return cursor.error(cursor.at, "this does not belong to a unit");
    }
    let twelfths = unit.exponents.map(f64::round);
    let (exact, factor) = (unit.exponents.iter().zip(&twelfths).all(|(a, b)| (a - b).abs() < 1e-9), unit.factor());
    if !exact || twelfths.iter().any(|e| e.abs() > 12_000.0) || !(factor.is_finite() && factor > 0.0) {
        return cursor.error(0, "powers of units must be small multiples of 1/12");
    }
    let mut symbol = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for sign in ["*", "/", "^"] {
        symbol = symbol.replace(&format!(" {sign}"), sign).replace(&format!("{sign} "), sign);
    }
    let symbol = if symbol == "1" { Cow::Borrowed("") } else { Cow::Owned(symbol) };
    Ok(Unit { exponents: twelfths.map(|e| e as i16), factor, symbol })
}

/// Is this the name of a unit (`ms`, `Hz`)? Then the unit.
pub(crate) fn named(name: &str) -> Option<Unit> {
    lookup(name)?;
    read(name).ok()
}

impl Unit {
    /// Reads `Hz`, `mV/ms`, `s**-0.5`, `1`.
    pub fn parse(text: &str) -> Result<Unit> {
        read(text).map_err(|e| match e.name {
            Some(name) => Error::unknown("unit", &name, near(&name)),
            None => Error::usage(format!("`{text}` is not a unit: {}", e.cause), e.help),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::parse_quantity;
    use proptest::prelude::*;

    #[test]
    fn theory_units_have_their_dimension_and_factor() {
        let volt = Unit::parse("V").unwrap();
        for (text, same, factor) in [
            ("mV/ms", "V/s", 1.0),
            ("Hz**2", "1/s**2", 1.0),
            ("nS", "A/V", 1e-9),
            ("s**-0.5", "Hz^(1/2)", 1.0),
            ("1", "rad", 1.0),
            ("h", "s", 3600.0),
            ("day", "s", 86400.0),
            ("min", "s", 60.0),
            ("pF*mV/ms", "pA", 1e-12),
            ("mM", "mol/m**3", 1.0),
            ("Mohm", "V/A", 1e6),
            ("kg m**2/s**2", "J", 1.0),
            ("msecond", "s", 1e-3),
            ("1/(ms mV)", "1/(s V)", 1e6),
        ] {
            let (unit, same) = (Unit::parse(text).unwrap(), Unit::parse(same).unwrap());
            assert!(unit.same_dimension(&same), "{text}");
            assert_eq!(unit.factor, factor, "{text}");
        }
        assert!(!volt.same_dimension(&Unit::HERTZ));
    }

    #[test]
    fn theory_quantities_are_rounded_once() {
        for (text, value) in [
            ("20 ms", 0.02),
            ("0.1 ms", 1e-4),
            ("-65 mV", -0.065),
            ("5*mV", 0.005),
            ("5/s", 5.0),
            ("2 h", 7200.0),
            ("1e-3", 1e-3),
            ("3e2 pA", 3e-10),
            ("  .5Hz ", 0.5),
        ] {
            assert_eq!(parse_quantity(text).unwrap().0, value, "{text}");
        }
    }

    #[test]
    fn law_wrong_texts_are_refused_with_help() {
        for text in [
            "",
            "ms",
            "20 mss",
            "nan",
            "inf Hz",
            "1e999",
            "5 Hz**",
            "5 Hz)",
            "5 (Hz",
            "5**mV",
            "5 Hz**0.3333",
            "1 s**999",
        ] {
            assert!(parse_quantity(text).is_err(), "{text}");
        }
        assert!(matches!(Unit::parse("mVv"), Err(Error::UnknownName { near, .. }) if near.contains(&"mV".to_string())));
    }

    proptest! {
        #[test]
        fn law_no_text_panics(text in "\\PC{0,40}") {
            let _ = (Unit::parse(&text), parse_quantity(&text));
        }
        #[test]
        fn law_shown_and_read_again_is_the_same(value in -1e6..1e6f64, unit in "(ms|mV|Hz|nS|s|mV/ms|1|1/ms|kHz\\*\\*2)") {
            let unit = Unit::parse(&unit).unwrap();
            prop_assert_eq!(parse_quantity(&unit.show(value)).unwrap(), (value, unit));
        }
    }
}
