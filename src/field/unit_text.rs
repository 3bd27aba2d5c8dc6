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

use super::{Error, Result, Unit, nearest};
use std::borrow::Cow;

/// A unit by name: long name, exponents of (s, m, kg, A, K, mol, cd), power of ten, further factor, takes prefixes.
struct Named(&'static str, &'static str, [i16; 7], i32, f64, bool);

/// All units. A symbol is looked up as it stands first and only then as prefix + symbol (`min` is no milli-inch).
const UNITS: &[Named] = &[
    Named("s", "second", [1, 0, 0, 0, 0, 0, 0], 0, 1.0, true),
    Named("m", "metre", [0, 1, 0, 0, 0, 0, 0], 0, 1.0, true),
    Named("g", "gram", [0, 0, 1, 0, 0, 0, 0], -3, 1.0, true),
    Named("A", "amp", [0, 0, 0, 1, 0, 0, 0], 0, 1.0, true),
    Named("K", "kelvin", [0, 0, 0, 0, 1, 0, 0], 0, 1.0, true),
    Named("mol", "mole", [0, 0, 0, 0, 0, 1, 0], 0, 1.0, true),
    Named("cd", "candela", [0, 0, 0, 0, 0, 0, 1], 0, 1.0, true),
    Named("Hz", "hertz", [-1, 0, 0, 0, 0, 0, 0], 0, 1.0, true),
    Named("V", "volt", [-3, 2, 1, -1, 0, 0, 0], 0, 1.0, true),
    Named("S", "siemens", [3, -2, -1, 2, 0, 0, 0], 0, 1.0, true),
    Named("F", "farad", [4, -2, -1, 2, 0, 0, 0], 0, 1.0, true),
    Named("ohm", "ohm", [-3, 2, 1, -2, 0, 0, 0], 0, 1.0, true),
    Named("C", "coulomb", [1, 0, 0, 1, 0, 0, 0], 0, 1.0, true),
    Named("N", "newton", [-2, 1, 1, 0, 0, 0, 0], 0, 1.0, true),
    Named("J", "joule", [-2, 2, 1, 0, 0, 0, 0], 0, 1.0, true),
    Named("W", "watt", [-3, 2, 1, 0, 0, 0, 0], 0, 1.0, true),
    Named("Pa", "pascal", [-2, -1, 1, 0, 0, 0, 0], 0, 1.0, true),
    Named("M", "molar", [0, -3, 0, 0, 0, 1, 0], 3, 1.0, true),
    Named("L", "litre", [0, 3, 0, 0, 0, 0, 0], -3, 1.0, true),
    Named("rad", "radian", [0; 7], 0, 1.0, true),
    Named("min", "minute", [1, 0, 0, 0, 0, 0, 0], 0, 60.0, false),
    Named("h", "hour", [1, 0, 0, 0, 0, 0, 0], 0, 3600.0, false),
    Named("day", "days", [1, 0, 0, 0, 0, 0, 0], 0, 86400.0, false),
];

const PREFIXES: &[(char, i32)] = &[
    ('a', -18),
    ('f', -15),
    ('p', -12),
    ('n', -9),
    ('u', -6),
    ('µ', -6),
    ('μ', -6),
    ('m', -3),
    ('c', -2),
    ('d', -1),
    ('h', 2),
    ('k', 3),
    ('M', 6),
    ('G', 9),
    ('T', 12),
    ('P', 15),
];

/// A unit while it is read: twelfths, a power of ten kept apart so that prefixes cancel exactly, another factor.
#[derive(Clone, Copy)]
struct Reading {
    exponents: [f64; 7],
    ten: f64,
    other: f64,
}

const PURE: Reading = Reading { exponents: [0.0; 7], ten: 0.0, other: 1.0 };

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

fn lookup(name: &str) -> Option<Reading> {
    let find = |s: &str, prefixed: bool| {
        UNITS.iter().find(|u| {
            (u.0 == s || u.1 == s || (s == "meter" && u.0 == "m") || (s == "Ω" && u.0 == "ohm")) && (u.5 || !prefixed)
        })
    };
    let made = |u: &Named, ten: i32| Reading {
        exponents: u.2.map(|e| f64::from(e) * 12.0),
        ten: f64::from(u.3 + ten),
        other: u.4,
    };
    if let Some(unit) = find(name, false) {
        return Some(made(unit, 0));
    }
    let (prefix, rest) = (name.chars().next()?, &name[name.chars().next()?.len_utf8()..]);
    let ten = PREFIXES.iter().find(|(c, _)| *c == prefix)?.1;
    find(rest, true).map(|unit| made(unit, ten))
}

/// Names that look like `name`, among the units one meets.
fn near(name: &str) -> Vec<String> {
    let usual = ["Hz", "kHz", "s", "ms", "us", "min", "h", "day", "V", "mV", "uV", "A", "nA", "pA", "nS", "pS", "uS"];
    let more = ["pF", "nF", "uF", "ohm", "Mohm", "mM", "uM", "nM", "mm", "um", "cm"];
    nearest(name, usual.into_iter().chain(more).chain(UNITS.iter().map(|u| u.0)))
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
                    Some(unit) => unit,
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

/// The power of ten that a factor is, if it is one.
fn decimal(factor: f64) -> Option<i32> {
    let k = factor.log10().round() as i32;
    (format!("1e{k}").parse() == Ok(factor)).then_some(k)
}

/// The value in coherent units of a decimal number written in `unit`; rounded once where the unit is decimal.
pub(crate) fn coherent(digits: &str, unit: &Unit) -> Option<f64> {
    let (mantissa, exponent) = match digits.find(['e', 'E']) {
        Some(at) => (&digits[..at], digits[at + 1..].parse::<i64>().ok()?),
        None => (digits, 0),
    };
    let value: f64 = match decimal(unit.factor) {
        Some(k) => format!("{mantissa}e{}", exponent.clamp(-100_000, 100_000) + i64::from(k)).parse().ok()?,
        None => digits.parse::<f64>().ok()? * unit.factor,
    };
    value.is_finite().then_some(value)
}

impl Unit {
    /// Reads `Hz`, `mV/ms`, `s**-0.5`, `1`.
    pub fn parse(text: &str) -> Result<Unit> {
        read(text).map_err(|e| match e.name {
            Some(name) => Error::unknown("unit", &name, near(&name)),
            None => Error::usage(format!("`{text}` is not a unit: {}", e.cause), e.help),
        })
    }
    /// The digits of a coherent value in this unit, such that reading them back gives the same number.
    pub fn digits(&self, value: f64) -> String {
        let shortest = format!("{value:e}");
        let (mantissa, exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
        let exponent: i32 = exponent.parse().unwrap_or(0);
        match decimal(self.factor) {
            // A decimal shift of the shortest digits is exact.
            Some(k) => plain(mantissa, exponent - k),
            None => {
                let near = value / self.factor;
                let exact = [near, near.next_up(), near.next_down()].into_iter().find(|v| v * self.factor == value);
                format!("{}", exact.unwrap_or(near))
            }
        }
    }
    /// A coherent value as text in this unit: 0.02 in `ms` is `20 ms`.
    pub fn show(&self, value: f64) -> String {
        let digits = self.digits(value);
        if self.symbol.is_empty() && self.is_none() { digits } else { format!("{digits} {self}") }
    }
}

/// mantissa × 10^exponent, without an exponent where that is short.
fn plain(mantissa: &str, exponent: i32) -> String {
    if !(-5..=15).contains(&exponent) {
        return format!("{mantissa}e{exponent}");
    }
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |m| ("-", m));
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    if digits.is_empty() {
        return format!("{sign}{mantissa}");
    }
    let point = 1 + exponent;
    let text = if point <= 0 {
        format!("0.{}{digits}", "0".repeat(-point as usize))
    } else if point as usize >= digits.len() {
        format!("{digits}{}", "0".repeat(point as usize - digits.len()))
    } else {
        format!("{}.{}", &digits[..point as usize], &digits[point as usize..])
    };
    format!("{sign}{text}")
}

/// Reads a value with its unit, `20 ms`, `5*mV`, `-65 mV`, `0.3`: the value in coherent units, and the unit as written.
pub fn parse_quantity(text: &str) -> Result<(f64, Unit)> {
    let trimmed = text.trim();
    let bad = |why: &str| {
        Error::usage(format!("`{text}` is not a value with a unit: {why}"), "write it as `20 ms`, `5 Hz` or `0.3`")
    };
    let end = number_length(trimmed);
    if end == 0 {
        return Err(bad("it does not begin with a number"));
    }
    let (digits, rest) = trimmed.split_at(end);
    let rest = rest.trim_start();
    let rest = rest.strip_prefix('*').filter(|r| !r.starts_with('*')).unwrap_or(rest);
    let unit = match rest.trim() {
        "" => Unit::NONE,
        // `1/s` after a number: 5/s.
        r if r.starts_with('/') => Unit::parse(&format!("1{r}"))?,
        r => Unit::parse(r)?,
    };
    let value = coherent(digits, &unit).ok_or_else(|| bad("the number is too large"))?;
    Ok((value, unit))
}

/// How many bytes of the start of `text` are a decimal number.
pub(crate) fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes[from.min(bytes.len())..].iter().take_while(|b| b.is_ascii_digit()).count();
    let sign = usize::from(matches!(bytes.first(), Some(b'-' | b'+')));
    let whole = digits(sign);
    let mut end = sign + whole;
    if bytes.get(end) == Some(&b'.') {
        let fraction = digits(end + 1);
        if whole + fraction == 0 {
            return 0;
        }
        end += 1 + fraction;
    } else if whole == 0 {
        return 0;
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'-' | b'+')));
        let exponent = digits(end + 1 + sign);
        if exponent > 0 {
            end += 1 + sign + exponent;
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;
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
        fn law_shown_and_read_again_is_the_same(value in -1e6..1e6f64, unit in "(ms|mV|Hz|nS|s|mV/ms|1|kHz\\*\\*2)") {
            let unit = Unit::parse(&unit).unwrap();
            prop_assert_eq!(parse_quantity(&unit.show(value)).unwrap(), (value, unit));
        }
    }
}
