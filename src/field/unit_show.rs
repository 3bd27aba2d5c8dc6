//! How is a computed unit written? As one would write it: `Hz/V`, not `s^2 m^-2 kg^-1 A`.
//!
//! A unit that was read keeps its text. One that was computed is factored over the usual derived units, at most two of
//! them, such that few and familiar factors are left; what is negative stands below a stroke.

/// A name, exponents of (s, m, kg, A, K, mol, cd), and how unfamiliar it is.
type Usual = (&'static str, [i32; 7], i32);

/// Usual units by exponents of (s, m, kg, A, K, mol, cd), and how unfamiliar each is.
const USUAL: &[Usual] = &[
    ("V", [-3, 2, 1, -1, 0, 0, 0], 10),
    ("S", [3, -2, -1, 2, 0, 0, 0], 11),
    ("ohm", [-3, 2, 1, -2, 0, 0, 0], 11),
    ("F", [4, -2, -1, 2, 0, 0, 0], 11),
    ("C", [1, 0, 0, 1, 0, 0, 0], 12),
    ("J", [-2, 2, 1, 0, 0, 0, 0], 14),
    ("W", [-3, 2, 1, 0, 0, 0, 0], 14),
    ("N", [-2, 1, 1, 0, 0, 0, 0], 15),
    ("Pa", [-2, -1, 1, 0, 0, 0, 0], 15),
];
const BASE: [(&str, i32); 7] = [("s", 9), ("m", 18), ("kg", 25), ("A", 10), ("K", 10), ("mol", 10), ("cd", 10)];
/// Powers of a derived unit that are tried, in twelfths.
const POWERS: [i32; 6] = [12, -12, 24, -24, 6, -6];

/// Factors with their powers in twelfths.
type Factors = Vec<(&'static str, i32)>;

/// The text of a unit with these exponents (twelfths); `1` for a pure number.
pub(super) fn readable(exponents: [i16; 7]) -> String {
    let wanted = exponents.map(i32::from);
    let mut best = with(wanted, &[]);
    // No derived unit costs less than these.
    if best.0 <= USUAL[0].2 {
        return written(best.1);
    }
    for (k, first) in USUAL.iter().enumerate() {
        for p in POWERS {
            best = better(best, with(wanted, &[(first, p)]));
            for second in &USUAL[k + 1..] {
                for q in [12, -12] {
                    best = better(best, with(wanted, &[(first, p), (second, q)]));
                }
            }
        }
    }
    written(best.1)
}

fn better(a: (i32, Factors), b: (i32, Factors)) -> (i32, Factors) {
    if b.0 < a.0 { b } else { a }
}

/// These derived units and the base units that are left: the cost, and the factors.
fn with(wanted: [i32; 7], derived: &[(&Usual, i32)]) -> (i32, Factors) {
    let mut left = wanted;
    let (mut cost, mut factors) = (0, Vec::new());
    for ((name, of, price), power) in derived {
        left.iter_mut().zip(of).for_each(|(l, e)| *l -= e * power);
        factors.push((*name, *power));
        cost += price + effort(*power);
    }
    for ((name, price), power) in BASE.iter().zip(left) {
        if power != 0 {
            factors.push((*name, power));
            cost += price + effort(power);
        }
    }
    (cost, factors)
}

/// What a power costs beside its unit.
fn effort(power: i32) -> i32 {
    match power.abs() {
        12 => i32::from(power < 0),
        p if p % 12 == 0 => 3 + p / 12,
        _ => 8,
    }
}

fn written(factors: Factors) -> String {
    let mut above: Vec<String> = factors.iter().filter(|f| f.1 > 0).map(|(name, p)| powered(name, *p)).collect();
    let mut below: Vec<(&str, i32)> = factors.into_iter().filter(|f| f.1 < 0).map(|(name, p)| (name, -p)).collect();
    // Per second is a rate where nothing else stands above.
    if above.is_empty()
        && let Some(at) = below.iter().position(|(name, _)| *name == "s")
    {
        let (_, power) = below.remove(at);
        above.push(powered("Hz", power));
    }
    let top = if above.is_empty() { "1".to_string() } else { above.join(" ") };
    let below: Vec<String> = below.iter().map(|(name, p)| powered(name, *p)).collect();
    match below.len() {
        0 => top,
        1 => format!("{top}/{}", below[0]),
        _ => format!("{top}/({})", below.join(" ")),
    }
}

fn powered(name: &str, twelfths: i32) -> String {
    match twelfths {
        12 => name.into(),
        p if p % 12 == 0 => format!("{name}^{}", p / 12),
        p if p % 6 == 0 => format!("{name}^({}/2)", p / 6),
        p => format!("{name}^({p}/12)"),
    }
}

#[cfg(test)]
mod tests {
    use crate::field::Unit;
    use proptest::prelude::*;

    /// The text of the same unit, had it been computed.
    fn shown(text: &str) -> String {
        Unit { symbol: "".into(), ..Unit::parse(text).unwrap() }.to_string()
    }

    #[test]
    fn theory_computed_units_read_as_one_would_write_them() {
        for (text, wanted) in [
            ("1/s", "Hz"),
            ("Hz**2", "Hz^2"),
            ("Hz/V", "Hz/V"),
            ("V/s", "V/s"),
            ("mV", "V"),
            ("A/V", "S"),
            ("V/A", "ohm"),
            ("A s", "C"),
            ("s S", "F"),
            ("S V", "A"),
            ("1/V", "1/V"),
            ("V**2", "V^2"),
            ("V s**-0.5", "V/s^(1/2)"),
            ("Hz**1.5", "Hz^(3/2)"),
            ("s**0.5", "s^(1/2)"),
            ("s**2", "s^2"),
            ("Hz/A", "1/C"),
            ("mol/m**3", "mol/m^3"),
            ("kg", "kg"),
            ("m/s", "m/s"),
            ("1", "1"),
        ] {
            assert_eq!(shown(text), wanted, "{text}");
        }
        // What was read keeps its text.
        assert_eq!(Unit::parse("nA/mV").unwrap().to_string(), "nA/mV");
    }

    proptest! {
        #[test]
        fn law_a_shown_unit_reads_back_as_the_same(exponents in prop::array::uniform7(-4i16..5), half in 0usize..7) {
            let mut exponents = exponents.map(|e| 12 * e);
            exponents[half] /= 2;
            let unit = Unit { exponents, factor: 1.0, symbol: "".into() };
            let again = Unit::parse(&unit.to_string()).unwrap();
            prop_assert!(again.same_dimension(&unit) && again.factor == 1.0, "{unit}");
        }
    }
}
