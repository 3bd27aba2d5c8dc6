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

impl fmt::Display for Unit {
    /// The symbol, or one made of base units (`Hz^2 V`, `s^(1/2)`).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.symbol.is_empty() {
            return f.write_str(&self.symbol);
        }
        if self.is_none() {
            return f.write_str("1");
        }
        let mut first = true;
        for (name, &e) in ["s", "m", "kg", "A", "K", "mol", "cd"].iter().zip(&self.exponents) {
            if e == 0 {
                continue;
            }
            if !first {
                f.write_str(" ")?;
            }
            first = false;
            match (e % 12 == 0, e / 12) {
                (true, 1) => write!(f, "{name}")?,
                (true, k) => write!(f, "{name}^{k}")?,
                (false, _) if e % 6 == 0 => write!(f, "{name}^({}/2)", e / 6)?,
                (false, _) => write!(f, "{name}^({e}/12)")?,
            }
        }
        Ok(())
    }
}
