//! How wide is a label, and how are `tau_{θ}` and `10^{3}` set?
//!
//! A label is plain Unicode with `_{…}` for subscripts and `^{…}` for superscripts. The browser sets it (`tspan`), so
//! the letters always follow each other correctly; the widths here only reserve room. They are those of DejaVu Sans,
//! the widest font of the list, so that with any other the room suffices.

/// The fonts a figure asks for, in order.
pub(super) const FONTS: &str = "Arial, Helvetica, 'Liberation Sans', 'DejaVu Sans', sans-serif";
/// Size of sub- and superscripts against the text.
const SCRIPT: f64 = 0.72;
/// Advances of the characters from space to tilde, in thousandths of the size (DejaVu Sans 2.37).
#[rustfmt::skip]
const ASCII: [u16; 95] = [
    318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636, 636, 636, 636, 636,
    636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632, 575, 775, 752, 295, 295, 656, 557, 863,
    748, 787, 603, 787, 695, 635, 611, 732, 684, 989, 685, 611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635,
    615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636,
    337, 636, 838,
];

/// A stretch of a label: its text, and whether it stands on the line (0), below (-1) or above (1).
type Run = (String, i8);

/// The stretches of a label. An unfinished brace is text.
fn runs(label: &str) -> Vec<Run> {
    let mut out: Vec<Run> = Vec::new();
    let mut rest = label;
    while let Some(at) = next_script(rest) {
        let inner = &rest[at + 2..];
        let Some(end) = inner.find('}') else { break };
        out.push((rest[..at].to_string(), 0));
        out.push((inner[..end].to_string(), if rest.as_bytes()[at] == b'_' { -1 } else { 1 }));
        rest = &inner[end + 1..];
    }
    out.push((rest.to_string(), 0));
    out.retain(|(text, _)| !text.is_empty());
    out
}

fn next_script(text: &str) -> Option<usize> {
    [text.find("_{"), text.find("^{")].into_iter().flatten().min()
}

/// The width of a label at a font size, in the unit of the size.
pub(super) fn width(label: &str, size: f64) -> f64 {
    runs(label).iter().map(|(text, level)| plain_width(text) * if *level == 0 { size } else { size * SCRIPT }).sum()
}

fn plain_width(text: &str) -> f64 {
    let advance = |c: char| match c as u32 {
        code @ 32..=126 => ASCII[(code - 32) as usize],
        // Greek, signs and accented letters: between 541 and 863; the dash and the minus are wide.
        0x2212 | 0xB1 | 0xD7 | 0x2264..=0x2265 | 0x2260 | 0x2248 | 0x2192 | 0x221E => 838,
        0xB7 => 318,
        0x2009 | 0x202F => 200,
        _ => 650,
    };
    text.chars().map(|c| f64::from(advance(c)) / 1000.0).sum()
}

/// The inside of an SVG `text` element for an (already escaped) label; `size` in canvas units.
pub(super) fn spans(label: &str, size: f64) -> String {
    let mut out = String::new();
    let mut height = 0.0;
    for (text, level) in runs(label) {
        let wanted = match level {
            -1 => 0.22 * size,
            1 => -0.36 * size,
            _ => 0.0,
        };
        let (shift, script) = ((wanted - height) as i32, level != 0);
        height = wanted;
        match (shift, script) {
            (0, false) => out += &text,
            (_, false) => out += &format!("<tspan dy=\"{shift}\">{text}</tspan>"),
            (_, true) => out += &format!("<tspan dy=\"{shift}\" font-size=\"{:.0}\">{text}</tspan>", size * SCRIPT),
        }
    }
    out
}

/// A number as it stands at a tick: `−0.5`, with so many decimals.
pub(super) fn decimal(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    match text.strip_prefix('-') {
        Some(digits) if digits.bytes().any(|b| b.is_ascii_digit() && b != b'0') => format!("−{digits}"),
        Some(digits) => digits.to_string(),
        None => text,
    }
}

/// A power of ten as it stands at a tick: `10^{−3}`, but `1` and `10` as they are.
pub(super) fn decade(exponent: i32) -> String {
    match exponent {
        0 => "1".into(),
        1 => "10".into(),
        e => format!("10^{{{}}}", decimal(f64::from(e), 0)),
    }
}

/// The name of a model's quantity as a label: `tau_theta` becomes `τ_{θ}`, `w[2]` `w_{2}`; the populations e and i
/// become E and I below another letter, as in the printed equations.
///
/// ```
/// use homeostat::figures::symbol;
/// assert_eq!(symbol("tau_theta"), "τ_{θ}");
/// assert_eq!(symbol("w_ei"), "w_{EI}");
/// assert_eq!(symbol("y0"), "y_{0}");
/// assert_eq!(symbol("scaling@w_ee.tau"), "τ_{w,EE}");
/// ```
pub fn symbol(name: &str) -> String {
    let (owner, name) = name.rsplit_once('.').unwrap_or(("", name));
    let mut parts = name.split(['_', '[', ']', ',']).filter(|p| !p.is_empty());
    let first = parts.next().unwrap_or("");
    // The digits of `y0` stand below it.
    let (word, number) = first.split_at(first.trim_end_matches(|c: char| c.is_ascii_digit()).len());
    let head = letter(word);
    let owner = owner.rsplit_once('@').map_or(owner, |(_, place)| place);
    let below: Vec<&str> = std::iter::once(number)
        .chain(parts)
        .chain(owner.split('_'))
        .filter(|p| !p.is_empty())
        .map(population)
        .collect();
    if below.is_empty() { head.into() } else { format!("{head}_{{{}}}", below.join(",")) }
}

/// A population or a pair of them in capitals, anything else as it is.
fn population(word: &str) -> &str {
    match word {
        "e" => "E",
        "i" => "I",
        "ee" => "EE",
        "ei" => "EI",
        "ie" => "IE",
        "ii" => "II",
        other => letter(other),
    }
}

fn letter(word: &str) -> &str {
    const GREEK: [(&str, &str); 25] = [
        ("alpha", "α"),
        ("beta", "β"),
        ("gamma", "γ"),
        ("delta", "δ"),
        ("epsilon", "ε"),
        ("zeta", "ζ"),
        ("eta", "η"),
        ("theta", "θ"),
        ("kappa", "κ"),
        ("lambda", "λ"),
        ("mu", "μ"),
        ("nu", "ν"),
        ("xi", "ξ"),
        ("pi", "π"),
        ("rho", "ρ"),
        ("sigma", "σ"),
        ("tau", "τ"),
        ("phi", "φ"),
        ("chi", "χ"),
        ("psi", "ψ"),
        ("omega", "ω"),
        ("Delta", "Δ"),
        ("Phi", "Φ"),
        ("Omega", "Ω"),
        ("Gamma", "Γ"),
    ];
    GREEK.iter().find(|(spelled, _)| *spelled == word).map_or(word, |(_, sign)| sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn theory_scripts_are_set_smaller_and_shifted_back() {
        let set = spans("τ_{θ} (10^{−3} s)", 100.0);
        assert_eq!(
            set,
            "τ<tspan dy=\"22\" font-size=\"72\">θ</tspan><tspan dy=\"-22\"> (10</tspan>\
             <tspan dy=\"-36\" font-size=\"72\">−3</tspan><tspan dy=\"36\"> s)</tspan>"
        );
        assert_eq!(spans("open _{brace", 100.0), "open _{brace");
    }

    #[test]
    fn theory_widths_add_up() {
        assert!((width("ab", 10.0) - (6.13 + 6.35)).abs() < 1e-9);
        assert!(width("a_{b}", 10.0) < width("ab", 10.0));
    }

    #[test]
    fn theory_minus_zero_is_zero() {
        assert_eq!(decimal(-0.0001, 2), "0.00");
        assert_eq!(decimal(-0.5, 1), "−0.5");
        assert_eq!(decade(-3), "10^{−3}");
    }
}
