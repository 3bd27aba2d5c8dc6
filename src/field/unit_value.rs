//! How is a number with a unit read and shown? `20 ms` is 0.02 inside, and shown again it is `20 ms`.

use super::{Error, Result, Unit};

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
    /// A number in this unit as text: `20 ms`, `0.04/ms`. With a blank in the unit a `*`, so that it reads as one.
    pub fn after(&self, digits: &str) -> String {
        if self.symbol.is_empty() && self.is_none() {
            return digits.into();
        }
        let unit = self.to_string();
        match unit.strip_prefix("1/") {
            Some(below) => format!("{digits}/{}", below.replace(' ', "*")),
            None => format!("{digits} {}", unit.replace(' ', "*")),
        }
    }
    /// A coherent value in this unit with six significant digits at most, for messages: a third of a second is `333.333 ms`.
    pub fn rounded(&self, value: f64) -> String {
        let text = format!("{:.5e}", value / self.factor);
        let near = text.parse::<f64>().unwrap_or(f64::NAN);
        let plain = near == 0.0 || !near.is_finite() || (1e-4..1e7).contains(&near.abs());
        self.after(&if plain { format!("{near}") } else { format!("{near:e}") })
    }
    /// A coherent value as text in this unit: 0.02 in `ms` is `20 ms`.
    pub fn show(&self, value: f64) -> String {
        self.after(&self.digits(value))
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
    use crate::field::{Unit, parse_quantity};

    #[test]
    fn theory_messages_show_six_digits_in_the_unit_of_the_quantity() {
        let (_, ms) = parse_quantity("1 ms").unwrap();
        assert_eq!(ms.rounded(1.0 / 3.0), "333.333 ms");
        let shown = [0.0, 2.0, 1234567.0, 3.849e-10, -2.0 / 3.0, 1e12].map(|v| Unit::NONE.rounded(v));
        assert_eq!(shown, ["0", "2", "1234570", "3.849e-10", "-0.666667", "1e12"]);
    }
}
