//! Is this cell a number, a word, yes or no, or missing?

/// What a cell holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Content {
    /// A finite number.
    Number(f64),
    /// True or false.
    Flag(bool),
    /// Blank, NaN, NA, null.
    Missing,
    /// Infinite.
    Infinite,
    /// A number that a double cannot hold: too large, or a whole number with more digits than it keeps.
    TooLarge,
    /// Anything else.
    Word,
}

/// Words that other programs write for a missing value.
const MISSING: [&str; 8] = ["", "nan", "na", "n/a", "#n/a", "null", "none", "missing"];

/// Reads a cell.
pub(super) fn content(text: &str) -> Content {
    let Some(&first) = text.as_bytes().first() else {
        return Content::Missing;
    };
    if first.is_ascii_digit() || matches!(first, b'+' | b'-' | b'.') {
        if is_decimal(text.as_bytes()) {
            return match text.parse::<f64>() {
                Ok(value) if value.is_infinite() => Content::TooLarge,
                Ok(value) if loses_digits(text, value) => Content::TooLarge,
                Ok(value) => Content::Number(value),
                Err(_) => Content::Word,
            };
        }
        let rest = text.trim_start_matches(['+', '-']).to_ascii_lowercase();
        return match rest.as_str() {
            "inf" | "infinity" => Content::Infinite,
            "nan" => Content::Missing,
            _ => Content::Word,
        };
    }
    if text.len() > 8 {
        return Content::Word;
    }
    match text.to_ascii_lowercase().as_str() {
        "true" => Content::Flag(true),
        "false" => Content::Flag(false),
        "inf" | "infinity" => Content::Infinite,
        word if MISSING.contains(&word) => Content::Missing,
        _ => Content::Word,
    }
}

/// `[+-] digits [. digits] [e [+-] digits]`, at least one digit before the exponent.
fn is_decimal(bytes: &[u8]) -> bool {
    let digits = |b: &[u8]| b.iter().take_while(|c| c.is_ascii_digit()).count();
    let sign = |b: &[u8]| usize::from(matches!(b.first(), Some(b'+' | b'-')));
    let mut rest = &bytes[sign(bytes)..];
    let whole = digits(rest);
    rest = &rest[whole..];
    let mut fraction = 0;
    if rest.first() == Some(&b'.') {
        fraction = digits(&rest[1..]);
        rest = &rest[1 + fraction..];
    }
    if whole + fraction == 0 {
        return false;
    }
    if matches!(rest.first(), Some(b'e' | b'E')) {
        rest = &rest[1..];
        rest = &rest[sign(rest)..];
        let exponent = digits(rest);
        return exponent > 0 && rest.len() == exponent;
    }
    rest.is_empty()
}

/// Is it a whole number, such as an identifier, that changes when it becomes a double?
fn loses_digits(text: &str, value: f64) -> bool {
    // Below 2^53 every whole number is a double.
    value.abs() >= 9007199254740992.0
        && text.bytes().all(|b| b.is_ascii_digit() || b == b'-' || b == b'+')
        && !text.trim_start_matches('+').parse::<i128>().is_ok_and(|exact| exact == value as i128)
}

/// Does it look like a number written with a decimal comma?
pub(super) fn decimal_comma(text: &str) -> bool {
    text.matches(',').count() == 1 && is_decimal(text.replace(',', ".").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn theory_numbers_words_and_missing_values_are_told_apart() {
        use Content::*;
        let table = [
            ("1", Number(1.0)),
            ("-.5e-3", Number(-0.0005)),
            ("+2.", Number(2.0)),
            ("1e999", TooLarge),
            ("9007199254740993", TooLarge),
            ("9007199254740994", Number(9007199254740994.0)),
            ("9007199254740993.0", Number(9007199254740992.0)),
            ("1_000", Word),
            ("0x10", Word),
            ("1e", Word),
            (".", Word),
            ("-", Word),
            ("--1", Word),
            ("1.2.3", Word),
            ("12 Hz", Word),
            ("inf", Infinite),
            ("-Infinity", Infinite),
            ("NaN", Missing),
            ("-nan", Missing),
            ("n/a", Missing),
            ("", Missing),
            ("True", Flag(true)),
            ("nano", Word),
        ];
        for (text, wanted) in table {
            assert_eq!(content(text), wanted, "{text}");
        }
        assert!(decimal_comma("1,5") && !decimal_comma("1,5,2") && !decimal_comma("a,b"));
    }

    proptest! {
        #[test]
        fn law_every_finite_double_is_read_back_as_written(x in proptest::num::f64::NORMAL | proptest::num::f64::ZERO) {
            prop_assert_eq!(content(&format!("{x:?}")), Content::Number(x));
            prop_assert_eq!(content(&format!("{x:.17e}")), Content::Number(x));
        }
        #[test]
        fn law_no_text_makes_it_panic(text in ".*") {
            let _ = content(&text);
        }
    }
}
