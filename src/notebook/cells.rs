//! Which lines of a notebook are prose, which are code, and which claims does it make?
//!
//! A paragraph of `//` comments after an empty line (or at the start of a function), outside deeper blocks, is prose; a
//! remark directly under code stays with its code. Lines that every notebook has (imports, the signature, the closing
//! brace) are not shown.

/// A stretch of a notebook's source.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    /// Markdown.
    Prose(String),
    /// Statements, with the line numbers (from 1) of each.
    Code(Vec<Statement>),
}

/// A statement of a code cell: first and last line, and its text without the common indentation.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Statement {
    pub first: usize,
    pub last: usize,
    pub text: String,
}

/// The cells of a source, in order.
pub(super) fn cells(source: &str) -> Vec<Cell> {
    let lines: Vec<&str> = source.lines().collect();
    let mut out: Vec<Cell> = Vec::new();
    let mut code: Vec<(usize, &str)> = Vec::new();
    let mut k = 0;
    while k < lines.len() {
        let opens = k == 0 || lines[k - 1].trim().is_empty() || lines[k - 1].trim_end().ends_with('{');
        if opens && prose(lines[k]).is_some() {
            flush(&mut out, &mut code);
            let mut paragraph = Vec::new();
            while let Some(text) = lines.get(k).and_then(|l| prose(l)) {
                paragraph.push(text);
                k += 1;
            }
            let text = paragraph.join("\n");
            match out.last_mut() {
                // Two paragraphs with nothing between them are one cell.
                Some(Cell::Prose(before)) => *before = format!("{before}\n\n{text}"),
                _ => out.push(Cell::Prose(text)),
            }
        } else {
            code.push((k + 1, lines[k]));
            k += 1;
        }
    }
    flush(&mut out, &mut code);
    out
}

/// The text of a line of prose.
fn prose(line: &str) -> Option<&str> {
    let indent = line.len() - line.trim_start().len();
    let text = line.trim_start();
    if indent > 4 || text.starts_with("///") {
        return None;
    }
    let text = text.strip_prefix("//!").or_else(|| text.strip_prefix("//"))?;
    Some(text.strip_prefix(' ').unwrap_or(text))
}

/// Lines that every notebook has.
fn boilerplate(line: &str) -> bool {
    let text = line.trim();
    text.is_empty()
        || text.starts_with("use ")
        || text == "Ok(())"
        || (line.starts_with("pub fn run(") || line.starts_with("fn ")) && text.contains("&mut Notebook")
        || line == "}"
}

fn flush(out: &mut Vec<Cell>, code: &mut Vec<(usize, &str)>) {
    let lines = std::mem::take(code);
    // A notebook's `use` may run over several lines.
    let mut shown = Vec::new();
    let mut importing = false;
    for (number, line) in lines {
        importing |= line.starts_with("use ");
        if !importing && (!boilerplate(line) || line.trim().is_empty()) {
            shown.push((number, line));
        }
        importing &= !line.trim_end().ends_with(';');
    }
    while shown.last().is_some_and(|(_, l)| l.trim().is_empty()) {
        shown.pop();
    }
    let first = shown.iter().position(|(_, l)| !l.trim().is_empty()).unwrap_or(shown.len());
    let shown = &shown[first..];
    if shown.is_empty() {
        return;
    }
    let indent = |l: &str| l.len() - l.trim_start().len();
    let base = shown.iter().filter(|(_, l)| !l.trim().is_empty()).map(|(_, l)| indent(l)).min().unwrap_or(0);
    let mut statements: Vec<Statement> = Vec::new();
    let mut ended = true;
    for (number, line) in shown {
        let text = line.get(base..).unwrap_or("");
        let trimmed = text.trim();
        let starts = ended && !trimmed.is_empty();
        match statements.last_mut() {
            Some(last) if !starts => {
                last.text += "\n";
                last.text += text;
                last.last = *number;
            }
            _ => statements.push(Statement { first: *number, last: *number, text: text.into() }),
        }
        // At the outer indentation a statement ends with `;` or a closing brace.
        let outer = !trimmed.is_empty() && indent(line) == base;
        if !trimmed.is_empty() {
            ended = outer && (trimmed.ends_with(';') || trimmed == "}");
        }
    }
    out.push(Cell::Code(statements));
}

/// The names of the claims that a source makes, in order, as they stand in its calls.
pub(super) fn claim_names(source: &str) -> Vec<String> {
    let code: String = source.lines().filter(|l| !l.trim_start().starts_with("//")).map(|l| format!("{l}\n")).collect();
    let mut out: Vec<String> = Vec::new();
    for call in [".claim(", ".claim_proven(", ".claim_holds("] {
        for (at, _) in code.match_indices(call) {
            let Some(literal) = code[at + call.len()..].trim_start().strip_prefix('"') else { continue };
            if let Some(end) = literal.find('"') {
                out.push(format!("{at:09}{}", &literal[..end]));
            }
        }
    }
    // In the order of the file, each once.
    out.sort();
    let mut names: Vec<String> = Vec::new();
    for name in out.into_iter().map(|n| n[9..].to_string()) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = r#"//! # Title
//! First.

use homeostat::notebook::prelude::*;
use homeostat::{
    models,
};

pub fn run(nb: &mut Notebook) -> Result<()> {
    // Second, $x$.
    let a = 1;
    // A remark.
    for k in 0..3 {
        // Inside.
        nb.claim("in a loop", a, k)?;
    }
    let b = f(
        2,
    );
    nb.claim(
        "over lines", b, 1)?;

    // Third.

    nb.claim_proven("proven", true, "")?;
    nb.verdict(Verdict::Holds, "x")
}
"#;

    #[test]
    fn theory_prose_and_code_alternate() {
        let cells = cells(SOURCE);
        assert_eq!(cells[0], Cell::Prose("# Title\nFirst.\n\nSecond, $x$.".into()));
        let Cell::Code(statements) = &cells[1] else { panic!("{cells:?}") };
        let spans: Vec<(usize, usize)> = statements.iter().map(|s| (s.first, s.last)).collect();
        assert_eq!(spans, [(11, 11), (12, 16), (17, 19), (20, 21)]);
        assert!(statements[1].text.starts_with("// A remark.\nfor k in 0..3 {\n    // Inside."));
        assert_eq!(cells[2], Cell::Prose("Third.".into()));
        let Cell::Code(last) = &cells[3] else { panic!("{cells:?}") };
        assert_eq!(last.len(), 2);
        assert_eq!(cells.len(), 4);
    }

    #[test]
    fn theory_claims_are_known_before_the_run() {
        assert_eq!(claim_names(SOURCE), ["in a loop", "over lines", "proven"]);
        assert!(claim_names("// nb.claim(\"no\", 1)").is_empty());
    }
}
