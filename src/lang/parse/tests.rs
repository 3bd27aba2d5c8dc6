//! Does the grammar read what it should, refuse the rest with a place, and survive hostile texts?

use super::*;
use crate::lang::ast::Kind;
use proptest::prelude::*;

fn read(text: &str) -> Result<Expr> {
    expression(&Source::new("test", text))
}
/// The tree without its places.
fn bare(mut expr: Expr) -> Expr {
    fn strip(e: &mut Expr) {
        e.span = Span::default();
        match &mut e.kind {
            Kind::Number(..) | Kind::Name(..) => (),
            Kind::Neg(a) | Kind::Sum(_, a) => strip(a),
            Kind::Binary(_, a, b) => {
                strip(a);
                strip(b);
            }
            Kind::Call(_, list) => list.iter_mut().for_each(strip),
        }
    }
    strip(&mut expr);
    expr
}

#[test]
fn theory_precedence_is_that_of_mathematics() {
    for (text, same) in [
        ("-x**2", "-(x**2)"),
        ("a - b - c", "(a - b) - c"),
        ("a/b*c", "(a/b)*c"),
        ("a**b**c", "a**(b**c)"),
        ("a^-b", "a**(-b)"),
        ("-a*b", "(-a)*b"),
        ("2*(a + b)", "(2)*(a+b)"),
        ("a +\tb # comment", "a + b"),
        ("(a +\n b)", "a + b"),
        ("20 ms", "(20.0 ms)"),
        ("5 Hz ** 2", "5 Hz**2"),
        (".5", "0.5"),
        ("+a", "a"),
    ] {
        assert_eq!(bare(read(text).unwrap()), bare(read(same).unwrap()), "{text}");
    }
    assert_eq!(read("20 ms").unwrap().kind, Kind::Number(0.02, Unit::parse("ms").unwrap()));
}

#[test]
fn theory_lines_are_brian2s() {
    let text = "\n# a rule\ndw[k]/dt += -sum(j, rest(w[j]))/K : 1\nr = scaling@w_ee.tau*w[k+1, 0] : Hz # rate\n\ndtheta/dt = y**2 -\n theta : Hz**2";
    let error = equations(&Source::new("test", text)).unwrap_err();
    assert!(error.to_string().contains("test:6:19"), "{error}");
    let text = text.replace("y**2 -", "(y**2 -").replace("theta :", "theta) :");
    let lines = equations(&Source::new("test", &text)).unwrap();
    let shown: Vec<String> = lines.iter().map(Equation::to_string).collect();
    assert_eq!(
        shown,
        [
            "dw[k]/dt += -sum(j, rest(w[j]))/K : 1",
            "r = scaling@w_ee.tau*w[k+1, 0] : Hz",
            "dtheta/dt = y**2 - theta : Hz**2"
        ]
    );
    assert_eq!(lines[0].indices, [Index::Running("k".into(), 0)]);
}

#[test]
fn law_every_error_has_place_cause_and_help() {
    for (text, at, cause) in [
        ("dw/dt = a", ":1:10", "unit of the quantity is missing"),
        ("dw/dt = a : Hzz", ":1:13", "`Hzz` is not a unit"),
        ("dw/dt = a +: Hz", ":1:12", "a number, a name or a bracket"),
        ("dw/dt = 2 w : Hz", ":1:11", "is not a unit"),
        ("r = (a : Hz", ":1:8", "`)`"),
        ("r = a < b : Hz", ":1:7", "`<`"),
        ("r = \u{3b8} : Hz", ":1:5", "not part of the language"),
        ("r : Hz", ":1:1", "no right-hand side"),
        ("w/dt = 2 : 1", ":1:1", "not a time derivative"),
        ("r = sum(w[k]) : 1", ":1:9", "name of an index"),
        ("r = w[1.5] : 1", ":1:7", "an index"),
        ("r = 1e999 : 1", ":1:5", "too large"),
        ("r = nan : 1", ":1:5", "not a number"),
        ("r = a b : 1", ":1:7", "`b` stands where"),
        ("r == 2 : 1", ":1:4", "`=`"),
        ("r = f(a,,b) : 1", ":1:9", "a number, a name"),
        ("r = a : 1 Hz (unless refractory)", ":1:14", ""),
        ("r -= a : 1", ":1:3", "`-=`"),
    ] {
        let error = equations(&Source::new("test", text)).expect_err(text);
        let shown = error.to_string();
        assert!(shown.contains(at) && shown.contains(cause) && shown.contains("help: "), "{text}\n{shown}");
    }
}

#[test]
fn law_hostile_sizes_are_refused() {
    let deep = |n: usize| format!("r = {}x{} : 1", "(".repeat(n), ")".repeat(n));
    let wide = |n: usize| format!("r = {} : 1", vec!["x"; n].join(" + "));
    for text in [
        deep(100_000),
        wide(20_000),
        format!("r = {}x : 1", "-".repeat(100_000)),
        format!("r = {} : 1", "x".repeat(1_000_000)),
        format!("r = {}x : 1", "x**".repeat(10_000)),
        format!("r = {}", "f(".repeat(10_000)),
    ] {
        assert!(equations(&Source::new("test", &text)).is_err(), "{}", &text[..20]);
    }
    assert!(equations(&Source::new("test", &deep(100))).is_ok());
    assert!(equations(&Source::new("test", &wide(900))).is_ok());
}

fn trees() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        (0.0..1e6f64).prop_map(|x| format!("{x}")),
        prop::sample::select(vec!["w", "theta", "w[k]", "W[i, j+1]", "a@b.c", "3", "20 ms", "1.5 Hz**2"])
            .prop_map(String::from),
    ];
    leaf.prop_recursive(5, 40, 3, |inner| {
        let op = prop::sample::select(vec!["+", "-", "*", "/", "**"]);
        prop_oneof![
            (inner.clone(), op, inner.clone()).prop_map(|(a, o, b)| format!("({a}){o}({b})")),
            inner.clone().prop_map(|a| format!("-({a})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("f({a}, {b})")),
            inner.prop_map(|a| format!("sum(k, {a})")),
        ]
    })
}

proptest! {
    #[test]
    fn law_printed_and_read_again_is_the_same(text in trees()) {
        let tree = read(&text).unwrap();
        let again = read(&tree.to_string()).unwrap();
        prop_assert_eq!(bare(again), bare(tree));
    }
    #[test]
    fn law_no_text_panics(text in "\\PC{0,60}", soup in "[a-c0-9 .+*/^()\\[\\],=:#\n@-]{0,60}") {
        for text in [text, soup] {
            let source = Source::new("test", &text);
            let _ = (expression(&source), equations(&source));
        }
    }
}
