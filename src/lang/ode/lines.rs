//! Which statements does a file have? Continued lines joined, arrays and groups written out, comments taken away.

use crate::error::{Error, Place, Result};

/// Most statements after arrays are written out.
const MOST_LINES: usize = 100_000;
/// Longest file, in bytes.
const LONGEST: usize = 2_000_000;

/// A statement in lower case, and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Line<'a> {
    pub text: String,
    pub number: usize,
    /// Where the text begins in the file, if it stands there as it is (not joined, not an array).
    pub at: Option<usize>,
    /// The line as it is in the file.
    pub raw: &'a str,
}

impl Line<'_> {
    /// An error on this line.
    pub fn error(&self, file: &str, cause: impl Into<String>, help: impl Into<String>) -> Error {
        let text = self.raw.chars().take(160).collect();
        let place = Place { file: file.into(), line: self.number, column: 0, text };
        Error::Input { place, cause: cause.into(), help: help.into() }
    }
}

/// The statements of a file up to `done`, and its first comment.
pub(super) fn statements<'a>(file: &str, text: &'a str) -> Result<(Vec<Line<'a>>, String)> {
    let (mut out, mut title) = (Vec::new(), String::new());
    let mut group: Option<(Range, Vec<Line>)> = None;
    for line in joined(file, text)? {
        if let Some(comment) = line.raw.trim().strip_prefix(['#', '"']) {
            let comment = comment.trim();
            if title.is_empty() && !comment.starts_with('{') {
                title = comment.into();
            }
            continue;
        }
        if line.text == "done" || line.text == "d" {
            break;
        }
        if let Some(rest) = line.text.strip_prefix('%') {
            match group.take() {
                Some((range, lines)) if rest.trim().is_empty() => {
                    for j in range.from..=range.to {
                        for line in &lines {
                            out.push(Line { text: indexed(file, line, &line.text, j)?, at: None, ..line.clone() });
                        }
                        check_size(file, &line, out.len())?;
                    }
                }
                None => match range(rest) {
                    Some((0, _, range)) => group = Some((range, Vec::new())),
                    _ if rest.trim_start().starts_with('[') => {
                        return Err(line.error(file, "`%` begins no group", "write `%[1..3]`, the lines, and `%`"));
                    }
                    // Without an array a line that begins so is a comment.
                    _ => {}
                },
                Some(_) => return Err(line.error(file, "a group inside a group", "close the first one with `%`")),
            }
            continue;
        }
        match &mut group {
            Some((_, lines)) => lines.push(line),
            None => written_out(file, line, &mut out)?,
        }
    }
    match group {
        Some((_, lines)) if !lines.is_empty() => {
            Err(lines[0].error(file, "the group is not closed", "close it with `%`"))
        }
        _ => Ok((out, title)),
    }
}

fn check_size(file: &str, line: &Line, n: usize) -> Result<()> {
    let help = "choose smaller arrays";
    if n > MOST_LINES { Err(line.error(file, format!("more than {MOST_LINES} statements"), help)) } else { Ok(()) }
}

/// Lines with their continuations, in lower case, without the comments behind them.
fn joined<'a>(file: &str, text: &'a str) -> Result<Vec<Line<'a>>> {
    let mut lines: Vec<Line> = Vec::new();
    let (mut at, mut open) = (0, false);
    for (k, raw) in text.split('\n').enumerate() {
        let whole = raw.trim_end_matches('\r');
        let code =
            if whole.trim_start().starts_with(['#', '"']) { whole } else { whole.split('#').next().unwrap_or("") };
        let (code, goes_on) = match code.trim_end().strip_suffix('\\') {
            Some(code) => (code, true),
            None => (code.trim_end(), false),
        };
        let lead = code.len() - code.trim_start().len();
        let lower = code.trim_start().to_ascii_lowercase();
        match lines.last_mut().filter(|_| open) {
            Some(last) => {
                last.text += &lower;
                last.at = None;
            }
            None => lines.push(Line { text: lower, number: k + 1, at: Some(at + lead), raw: whole }),
        }
        open = goes_on;
        at += raw.len() + 1;
        if at > LONGEST {
            let cause = format!("the file is longer than {LONGEST} bytes");
            return Err(lines[0].error(file, cause, "split the model"));
        }
    }
    lines.retain(|line| !line.text.trim().is_empty());
    Ok(lines)
}

/// The values of the running index.
struct Range {
    from: i64,
    to: i64,
}

/// The first `[a..b]` of a text: where it begins and ends, and the range.
fn range(text: &str) -> Option<(usize, usize, Range)> {
    let mut start = 0;
    while let Some(open) = text[start..].find('[').map(|k| k + start) {
        let close = open + text[open..].find(']')?;
        if let Some((from, to)) = text[open + 1..close].split_once("..") {
            let range = Range { from: from.trim().parse().ok()?, to: to.trim().parse().ok()? };
            let small = range.from.abs() < 1_000_000 && range.to.abs() < 1_000_000;
            return small.then_some((open, close + 1, range));
        }
        start = close;
    }
    None
}

/// A statement, or one for each element of the array it defines.
fn written_out<'a>(file: &str, line: Line<'a>, out: &mut Vec<Line<'a>>) -> Result<()> {
    if !line.text.contains('[') || line.text.starts_with('@') {
        out.push(line);
        return Ok(());
    }
    let Some((open, close, range)) = range(&line.text) else {
        let text = indexed(file, &line, &line.text, 0)?;
        out.push(Line { text, at: None, ..line });
        return Ok(());
    };
    for j in range.from..=range.to {
        let text = format!("{}[{j}]{}", &line.text[..open], &line.text[close..]);
        // `init x[1..3]=…, y[1..3]=…`: all ranges of a line run together.
        let mut text = text;
        while let Some((open, close, _)) = self::range(&text) {
            text = format!("{}[{j}]{}", &text[..open], &text[close..]);
        }
        out.push(Line { text: indexed(file, &line, &text, j)?, at: None, ..line.clone() });
        check_size(file, &line, out.len())?;
    }
    Ok(())
}

/// `x[j+1]` with a number for the index: `x4`.
fn indexed(file: &str, line: &Line, text: &str, j: i64) -> Result<String> {
    let (mut out, mut rest) = (String::new(), text);
    while let Some(open) = rest.find('[') {
        let inner_end = rest[open..].find(']').map(|k| open + k);
        let value = inner_end.and_then(|close| Some((close, index(&rest[open + 1..close], j)?)));
        let Some((close, value)) = value else {
            let help = "an index is `j`, `j+1`, `j-1`, `j*2` or a number, in `x[1..9]`";
            return Err(line.error(file, "an index that cannot be read", help));
        };
        out += &rest[..open];
        out += &value.to_string();
        rest = &rest[close + 1..];
    }
    Ok(out + rest)
}

fn index(text: &str, j: i64) -> Option<i64> {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let value = match text.strip_prefix('j') {
        None => text.parse().ok()?,
        Some("") => j,
        Some(rest) => {
            let n: i64 = rest.get(1..)?.parse().ok()?;
            match rest.as_bytes()[0] {
                b'+' => j.checked_add(n)?,
                b'-' => j.checked_sub(n)?,
                b'*' => j.checked_mul(n)?,
                _ => return None,
            }
        }
    };
    (value >= 0).then_some(value)
}
