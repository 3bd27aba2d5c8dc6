//! Which words of the code get a colour? Comments, strings, numbers and keywords, no more.

use super::html::escape;

const KEYWORDS: [&str; 26] = [
    "as", "break", "const", "continue", "else", "enum", "false", "fn", "for", "if", "impl", "in", "let", "loop",
    "match", "mod", "move", "mut", "pub", "ref", "return", "struct", "true", "use", "where", "while",
];

/// Rust code as HTML with spans of the classes `c`, `s`, `n` and `k`.
pub(super) fn rust(code: &str) -> String {
    let mut out = String::new();
    let mut rest = code;
    while let Some(first) = rest.chars().next() {
        let (length, class) = token(rest, first);
        let (word, after) = rest.split_at(length);
        match class {
            Some(class) => out += &format!("<span class=\"{class}\">{}</span>", escape(word)),
            None => out += &escape(word),
        }
        rest = after;
    }
    out
}

/// Length in bytes and class of the token at the start of `text`.
fn token(text: &str, first: char) -> (usize, Option<&'static str>) {
    let word = |keep: fn(char) -> bool| text.find(|c: char| !keep(c)).unwrap_or(text.len());
    if text.starts_with("//") {
        return (text.find('\n').unwrap_or(text.len()), Some("c"));
    }
    if first == '"' {
        let mut escaped = false;
        for (at, c) in text.char_indices().skip(1) {
            match c {
                '"' if !escaped => return (at + 1, Some("s")),
                '\\' => escaped = !escaped,
                _ => escaped = false,
            }
        }
        return (text.len(), Some("s"));
    }
    if first.is_ascii_digit() {
        let mut length = word(|c| c.is_alphanumeric() || c == '_' || c == '.');
        // `0..4` is two numbers, `1e-6` is one.
        if let Some(range) = text[..length].find("..") {
            length = range;
        } else if text[..length].ends_with(['e', 'E']) && text[length..].starts_with(['-', '+']) {
            length += 1 + text[length + 1..].find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len() - length - 1);
        }
        return (length.max(1), Some("n"));
    }
    if first.is_alphabetic() || first == '_' {
        let length = word(|c| c.is_alphanumeric() || c == '_');
        return (length, KEYWORDS.contains(&&text[..length]).then_some("k"));
    }
    (first.len_utf8(), None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn theory_tokens_are_told_apart() {
        let html = rust("let a = f(\"x \\\" <y>\", 1e-6, 0..4); // done");
        assert_eq!(
            html,
            "<span class=\"k\">let</span> a = f(<span class=\"s\">&quot;x \\&quot; &lt;y&gt;&quot;</span>, \
             <span class=\"n\">1e-6</span>, <span class=\"n\">0</span>..<span class=\"n\">4</span>); \
             <span class=\"c\">// done</span>"
        );
    }

    #[test]
    fn law_every_byte_comes_out() {
        for code in ["\"open", "let θ = 'x'; /", "1.", "r#\"a\"#", ""] {
            let plain = rust(code).replace("</span>", "");
            let plain: String = plain.split("<span class=\"").map(|p| p.split_once("\">").map_or(p, |x| x.1)).collect();
            assert_eq!(plain.replace("&quot;", "\"").replace("&#39;", "'"), code);
        }
    }
}
