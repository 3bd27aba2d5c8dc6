//! Of which words does an equation consist? Numbers, units, names, signs and ends of lines, each with its place.

use super::Source;
use super::ast::Span;
use crate::field::{Result, Unit, unit_text};

/// Longest text of equations that is read, in bytes.
pub const MAX_TEXT: usize = 500_000;
/// Most words in one text of equations.
pub const MAX_TOKENS: usize = 50_000;

/// A word of an equation.
#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    /// A decimal number with the unit written after it: the value is in the coherent unit.
    Number(f64, Unit),
    /// A whole number without point and unit: a number, or an index.
    Whole(u64),
    /// A name, possibly qualified: `w`, `scaling@w_ee.tau`.
    Name(String),
    /// `+ - * / ^ ( ) [ ] , = += :`; `**` is `^`.
    Sign(&'static str),
    /// The unit after the colon.
    Unit(Unit),
    /// The end of a line outside brackets.
    End,
}

/// Splits a text into words. Comments run from `#` to the end of the line; inside brackets a line may go on.
pub fn tokens(source: &Source) -> Result<Vec<(Token, Span)>> {
    if source.text.len() > MAX_TEXT {
        let cause = format!("the equations have {} bytes; at most {MAX_TEXT} are read", source.text.len());
        return Err(source.error(
            Span::default(),
            cause,
            "split the model into parts, or use indexed families and sums",
        ));
    }
    let mut lexer = Lexer { source, at: 0, brackets: 0, out: Vec::new() };
    while lexer.at < source.text.len() {
        lexer.step()?;
        if lexer.out.len() > MAX_TOKENS {
            let cause = format!("the equations have more than {MAX_TOKENS} words");
            let here = Span { start: lexer.at, end: lexer.at };
            return Err(source.error(here, cause, "split the model into parts, or use indexed families and sums"));
        }
    }
    let end = Span { start: source.text.len(), end: source.text.len() };
    lexer.out.push((Token::End, end));
    Ok(lexer.out)
}

struct Lexer<'a> {
    source: &'a Source,
    at: usize,
    brackets: usize,
    out: Vec<(Token, Span)>,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        &self.source.text[self.at..]
    }
    fn push(&mut self, token: Token, length: usize) {
        let span = Span { start: self.at, end: self.at + length };
        self.out.push((token, span));
        self.at += length;
    }
    fn step(&mut self) -> Result<()> {
        let Some(c) = self.rest().chars().next() else { return Ok(()) };
        let signs = ["**", "+=", "^", "+", "-", "*", "/", "(", ")", "[", "]", ",", "="];
        match c {
            '\n' if self.brackets > 0 => self.at += 1,
            '\n' => self.push(Token::End, 1),
            _ if c.is_whitespace() => self.at += c.len_utf8(),
            '#' => self.at += self.rest().find('\n').unwrap_or(self.rest().len()),
            ':' => return self.annotation(),
            '0'..='9' | '.' => return self.number(),
            _ if c.is_ascii_alphabetic() || c == '_' => return self.name(),
            '-' if self.rest().starts_with("-=") => {
                return self.refuse(c, "`-=` is not part of the language".into(), "write `+= -(…)`");
            }
            _ => {
                let Some(sign) = signs.iter().find(|s| self.rest().starts_with(**s)) else { return self.stranger(c) };
                match *sign {
                    "(" | "[" => self.brackets += 1,
                    ")" | "]" => self.brackets = self.brackets.saturating_sub(1),
                    _ => (),
                }
                self.push(Token::Sign(if *sign == "**" { "^" } else { sign }), sign.len());
            }
        }
        Ok(())
    }
    /// `: unit` up to the end of the line.
    fn annotation(&mut self) -> Result<()> {
        let line = self.rest().split(['\n', '#']).next().unwrap_or("");
        let (length, text) = (line.len(), line[1..].to_string());
        let from = self.at + 1 + text.len() - text.trim_start().len();
        let unit = self.unit(text.trim(), from)?;
        self.push(Token::Sign(":"), 1);
        self.push(Token::Unit(unit), length - 1);
        Ok(())
    }
    /// A unit whose text stands at `from`.
    fn unit(&self, text: &str, from: usize) -> Result<Unit> {
        unit_text::read(text).map_err(|e| {
            let span = Span { start: from + e.at, end: from + e.end };
            self.source.error(span, e.cause, e.help)
        })
    }
    /// A number, and the unit written after it: `20 ms`, `5 Hz**2`.
    fn number(&mut self) -> Result<()> {
        let length = unit_text::number_length(self.rest());
        if length == 0 {
            return self.stranger('.');
        }
        let digits = &self.rest()[..length];
        let after = &self.rest()[length..];
        let gap = after.len() - after.trim_start_matches([' ', '\t']).len();
        let word: usize = word_length(&after[gap..]);
        let mut total = length;
        let mut unit = Unit::NONE;
        if word > 0 {
            let power = power_length(&after[gap + word..]);
            let from = self.at + length + gap;
            let text = &self.source.text[from..from + word + power];
            unit = self.unit(text, from).map_err(|error| self.after_number(error, digits, text, from))?;
            total = length + gap + word + power;
        } else if digits.bytes().all(|b| b.is_ascii_digit())
            && let Ok(whole) = digits.parse::<u64>()
            && whole < 1 << 53
        {
            self.push(Token::Whole(whole), length);
            return Ok(());
        }
        let Some(value) = unit_text::coherent(digits, &unit) else {
            let span = Span { start: self.at, end: self.at + length };
            return Err(self.source.error(span, "the number is too large", "numbers go up to 1.8e308"));
        };
        self.push(Token::Number(value, unit), total);
        Ok(())
    }
    /// What follows a number looks like no unit: perhaps a product was meant.
    fn after_number(&self, error: crate::field::Error, digits: &str, text: &str, from: usize) -> crate::field::Error {
        let span = Span { start: from, end: from + text.len() };
        let near = match &error {
            crate::field::Error::Input { help, .. } if help.starts_with("did you mean") => format!("; {help}"),
            _ => String::new(),
        };
        let help = format!("a product is written with a sign: `{digits}*{text}`{near}");
        self.source.error(span, format!("`{text}` after the number {digits} is not a unit"), help)
    }
    /// A name with its qualification.
    fn name(&mut self) -> Result<()> {
        let text = self.rest();
        let mut length = word_length(text);
        while let Some(sign) = text[length..].chars().next().filter(|c| *c == '@' || *c == '.') {
            let more = word_length(&text[length + 1..]);
            if more == 0 {
                self.at += length;
                return self.refuse(sign, format!("a name is expected after `{sign}`"), "write `part@place.name`");
            }
            length += 1 + more;
        }
        let name = text[..length].to_string();
        if matches!(name.to_ascii_lowercase().as_str(), "nan" | "inf" | "infinity") {
            let help = "equations hold finite numbers and names only";
            return self.refuse('x', format!("`{name}` is not a number of this language"), help);
        }
        self.push(Token::Name(name), length);
        Ok(())
    }
    fn refuse(&self, c: char, cause: String, help: &str) -> Result<()> {
        let span = Span { start: self.at, end: self.at + c.len_utf8() };
        Err(self.source.error(span, cause, help))
    }
    /// A character that no equation has.
    fn stranger(&self, c: char) -> Result<()> {
        let greek = super::letters::spelled(c);
        let help = match c {
            '<' | '>' => "there are no comparisons: use step(x), relu(x), max(a, b), clip(x, lo, hi)".to_string(),
            '\'' => "write a derivative as dx/dt".into(),
            '·' | '×' => "write a product with `*`".into(),
            '−' | '–' => "write a minus sign as `-`".into(),
            '{' | '}' => "write brackets as `( )`, indices as `[ ]`".into(),
            ';' => "write one equation per line".into(),
            '%' => "a fraction is a pure number: write 0.05 for 5 %".into(),
            _ if greek.is_some() => format!("spell letters as they are read: `{}`", greek.unwrap_or("")),
            _ => "names consist of letters a-z, digits and `_`".into(),
        };
        self.refuse(c, format!("the character `{c}` is not part of the language"), &help)
    }
}

/// How many bytes of the start are a plain name.
fn word_length(text: &str) -> usize {
    match text.bytes().next() {
        Some(b) if b.is_ascii_alphabetic() || b == b'_' => {
            text.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count()
        }
        // µV and the ohm sign are the only units with other letters.
        Some(_) if text.starts_with(['µ', 'μ', 'Ω']) => {
            text.char_indices().find(|(_, c)| !c.is_alphanumeric()).map_or(text.len(), |(i, _)| i)
        }
        _ => 0,
    }
}

/// How many bytes of the start are a power with a plain number: `**2`, `^-0.5`.
fn power_length(text: &str) -> usize {
    let skip = |from: usize| from + text[from..].len() - text[from..].trim_start_matches([' ', '\t']).len();
    let start = skip(0);
    let sign = match () {
        _ if text[start..].starts_with("**") => skip(start + 2),
        _ if text[start..].starts_with('^') => skip(start + 1),
        _ => return 0,
    };
    match unit_text::number_length(&text[sign..]) {
        0 => 0,
        n if text[sign..sign + n].contains(['e', 'E']) => 0,
        n => sign + n,
    }
}
