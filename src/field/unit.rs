//! In which unit is a number? A runtime dimension with a scale and a symbol.

use std::fmt;
use std::ops::{Div, Mul};

/// A unit: seven SI exponents (in twelfths, so that √s is exact), the factor to the coherent unit, and a symbol.
///
/// Inside the program every value is in the coherent unit (s, Hz, V, A, …); the factor is used when a number is read or
/// shown: `20 ms` is 0.02 inside.
#[derive(Clone, Debug, PartialEq)]
pub struct Unit {
    /// Exponents of s, m, kg, A, K, mol, cd, in twelfths.
    pub exponents: [i16; 7],
    /// How many coherent units one of this unit is.
    pub factor: f64,
    /// How it is written; empty for a dimensionless number.
    pub symbol: std::borrow::Cow<'static, str>,
}

impl Unit {
    /// A pure number.
    pub const NONE: Unit = Unit::base([0; 7], "");
    /// Second.
    pub const SECOND: Unit = Unit::base([12, 0, 0, 0, 0, 0, 0], "s");
    /// Hertz.
    pub const HERTZ: Unit = Unit::base([-12, 0, 0, 0, 0, 0, 0], "Hz");

    const fn base(exponents: [i16; 7], symbol: &'static str) -> Unit {
        Unit { exponents, factor: 1.0, symbol: std::borrow::Cow::Borrowed(symbol) }
    }
    /// Do both measure the same kind of quantity?
    pub fn same_dimension(&self, other: &Unit) -> bool {
        self.exponents == other.exponents
    }
    /// Is it a pure number?
    pub fn is_none(&self) -> bool {
        self.exponents == [0; 7]
    }
    /// The dimension raised to `power` twelfths of twelfths; `None` where an exponent would not be a twelfth.
    pub fn powf(&self, power: f64) -> Option<Unit> {
        let mut exponents = [0; 7];
        for (new, old) in exponents.iter_mut().zip(self.exponents) {
            let scaled = f64::from(old) * power;
            if scaled != scaled.round() || scaled.abs() > 1200.0 {
                return None;
            }
            *new = scaled as i16;
        }
        Some(Unit { exponents, factor: self.factor.powf(power), symbol: String::new().into() })
    }
}

// The exponents of a product add: that is not a slip.
#[allow(clippy::suspicious_arithmetic_impl)]
impl Mul for &Unit {
    type Output = Unit;
    fn mul(self, o: &Unit) -> Unit {
        let exponents = std::array::from_fn(|i| self.exponents[i] + o.exponents[i]);
        Unit { exponents, factor: self.factor * o.factor, symbol: String::new().into() }
    }
}
#[allow(clippy::suspicious_arithmetic_impl)]
impl Div for &Unit {
    type Output = Unit;
    fn div(self, o: &Unit) -> Unit {
        let exponents = std::array::from_fn(|i| self.exponents[i] - o.exponents[i]);
        Unit { exponents, factor: self.factor / o.factor, symbol: String::new().into() }
    }
}

impl Unit {
    /// A product of powers of base units, `s^2*m^-2`: for texts in which `/` and brackets have another meaning.
    pub(crate) fn in_base_units(&self) -> String {
        let factors = ["s", "m", "kg", "A", "K", "mol", "cd"].iter().zip(&self.exponents).filter(|(_, e)| **e != 0);
        let each: Vec<String> = factors
            .map(|(name, &e)| match (e % 12 == 0, e / 12) {
                (true, 1) => name.to_string(),
                (true, k) => format!("{name}^{k}"),
                (false, _) => format!("{name}^{}", f64::from(e) / 12.0),
            })
            .collect();
        each.join("*")
    }
}

impl fmt::Display for Unit {
    /// The text that was read, or usual units that make the dimension (`Hz/V`, `s^(1/2)`); `1` for a pure number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.symbol.is_empty() {
            false => f.write_str(&self.symbol),
            true => f.write_str(&super::unit_show::readable(self.exponents)),
        }
    }
}
