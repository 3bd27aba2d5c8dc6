//! Is a committed file still what the code makes?

/// The first difference between the committed text and the fresh one; `None` if there is none.
pub(super) fn difference(committed: &str, fresh: &str) -> Option<String> {
    let (mut old, mut new) = (committed.lines(), fresh.lines());
    for number in 1.. {
        match (old.next(), new.next()) {
            (None, None) => return None,
            (a, b) if a == b => {}
            (Some(a), Some(b)) if drawn_alike(a, b) => {}
            (a, b) => {
                let say = |line: Option<&str>| line.map_or("(nothing)".to_string(), |l| l.chars().take(160).collect());
                return Some(format!("line {number}:\n  committed: {}\n  fresh:     {}", say(a), say(b)));
            }
        }
    }
    None
}

/// Lines of a drawing whose coordinates differ by at most one canvas unit (a hundredth of a millimetre): another
/// machine's mathematical library may round the other way.
fn drawn_alike(a: &str, b: &str) -> bool {
    let drawing =
        |l: &str| ["<polyline", "<polygon", "<circle", "<rect", "<line", "<text"].iter().any(|t| l.starts_with(t));
    if !drawing(a) || !drawing(b) {
        return false;
    }
    let (a, b) = (pieces(a), pieces(b));
    a.len() == b.len()
        && a.iter().zip(&b).all(|(x, y)| {
            x == y || matches!((x.parse::<i64>(), y.parse::<i64>()), (Ok(x), Ok(y)) if (x - y).abs() <= 1)
        })
}

/// A line cut into numbers and what is between them.
fn pieces(line: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut start = 0;
    let mut digits = false;
    for (at, c) in line.char_indices() {
        if c.is_ascii_digit() != digits {
            out.push(&line[start..at]);
            (start, digits) = (at, !digits);
        }
    }
    out.push(&line[start..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn theory_the_first_differing_line_is_named() {
        assert_eq!(difference("a\nb\n", "a\nb\n"), None);
        let text = difference("a\nb\nc\n", "a\nx\nc\n").unwrap();
        assert!(
            text.starts_with("line 2:") && text.contains("committed: b") && text.contains("fresh:     x"),
            "{text}"
        );
        assert!(difference("a\n", "a\nb\n").unwrap().contains("(nothing)"));
    }

    #[test]
    fn theory_one_canvas_unit_is_no_difference_but_two_are() {
        assert_eq!(difference("<line x1=\"10\"/>", "<line x1=\"11\"/>"), None);
        assert!(difference("<line x1=\"10\"/>", "<line x1=\"12\"/>").is_some());
        assert!(difference("<td>10</td>", "<td>11</td>").is_some());
    }
}
