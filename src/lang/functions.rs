//! Which functions does the language have? The one list: names, arguments, units, smoothness, LaTeX and meaning.
//!
//! *To add one*: a line in [`FUNCTIONS`]; if it is no combination of what is there, an [`Operation`] as well.
//! `mean(…)` and `rest(w)` belong to the composition and are not in the list.

use super::graph::{Graph, Node, Operation};
use crate::field::{Error, Result, nearest};

/// What a function asks of the units of its arguments and gives back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Pure numbers in, a pure number out.
    Pure,
    /// All arguments of one unit, which is also that of the result.
    Same,
    /// The square root of the unit.
    Root,
    /// Any unit in, a pure number out.
    Sign,
    /// hill(x, k, n): x and k of one unit, n pure; a pure number out.
    Hill,
    /// bounded(f, x, lo, hi): x, lo and hi of one unit; the unit of f out.
    Bounded,
    /// Three quantities of a potential's kind and two times; a rate out.
    Siegert,
}

/// A function of the language.
#[derive(Clone, Copy, Debug)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// The names of its arguments.
    pub arguments: &'static [&'static str],
    /// The units.
    pub rule: Rule,
    /// Is it differentiable everywhere in its domain?
    pub smooth: bool,
    /// LaTeX, with `#1`, `#2` for the arguments and `#*` for their list.
    pub latex: &'static str,
    /// One line: what it is, and where it is defined.
    pub about: &'static str,
    /// What it computes.
    pub build: fn(&mut Graph, &[Node]) -> Node,
}

const X: &[&str] = &["x"];

/// A function of one argument that is one operation.
macro_rules! one {
    ($name:literal, $operation:ident, $rule:ident, $smooth:literal, $latex:literal, $about:literal) => {
        Function {
            name: $name,
            arguments: X,
            rule: Rule::$rule,
            smooth: $smooth,
            latex: $latex,
            about: $about,
            build: |g, a| g.apply(Operation::$operation, a),
        }
    };
}

/// A function that is made of others.
macro_rules! made {
    ($name:literal, $arguments:expr, $rule:ident, $smooth:literal, $latex:literal, $about:literal, $build:expr) => {
        Function {
            name: $name,
            arguments: $arguments,
            rule: Rule::$rule,
            smooth: $smooth,
            latex: $latex,
            about: $about,
            build: $build,
        }
    };
}

/// All functions, by name.
pub const FUNCTIONS: &[Function] = &[
    one!("Phi", Phi, Pure, true, r"\Phi\left(#1\right)", "standard normal distribution function"),
    one!("abs", Abs, Same, false, r"\left|#1\right|", "absolute value"),
    one!("atan", Atan, Pure, true, r"\arctan\left(#1\right)", "arc tangent"),
    made!(
        "bounded",
        &["f", "x", "lo", "hi"],
        Bounded,
        false,
        r"\left[#1\right]_{#3 \le #2 \le #4}",
        "the rate f, without its outward part where x is at or beyond a bound",
        |g, a| bounded(g, a[0], a[1], a[2], a[3])
    ),
    made!(
        "clip",
        &["x", "lo", "hi"],
        Same,
        false,
        r"\operatorname{clip}\left(#*\right)",
        "x limited to [lo, hi]",
        |g, a| {
            let above = g.apply(Operation::Max, &a[..2]);
            g.apply(Operation::Min, &[above, a[2]])
        }
    ),
    one!("cos", Cos, Pure, true, r"\cos\left(#1\right)", "cosine (radian)"),
    made!("cosh", X, Pure, true, r"\cosh\left(#1\right)", "hyperbolic cosine", |g, a| exponentials(g, a[0], false)),
    one!("erf", Erf, Pure, true, r"\operatorname{erf}\left(#1\right)", "error function"),
    made!("erfc", X, Pure, true, r"\operatorname{erfc}\left(#1\right)", "1 - erf x = 2 Phi(-x sqrt 2)", |g, a| {
        let root = g.number(-std::f64::consts::SQRT_2);
        let (scaled, two) = (g.mul(a[0], root), g.number(2.0));
        let phi = g.apply(Operation::Phi, &[scaled]);
        g.mul(phi, two)
    }),
    one!("erfcx", Erfcx, Pure, true, r"\operatorname{erfcx}\left(#1\right)", "exp(x^2) erfc(x)"),
    one!("exp", Exp, Pure, true, r"\exp\left(#1\right)", "exponential function"),
    one!("heav", Step, Sign, false, r"\Theta\left(#1\right)", "Heaviside step: 0, 1/2 at zero, 1"),
    made!(
        "hill",
        &["x", "k", "n"],
        Hill,
        true,
        r"\frac{#1^{#3}}{#1^{#3} + #2^{#3}}",
        "Hill function; x and k not negative",
        |g, a| {
            let ratio = g.div(a[0], a[1]);
            g.apply(Operation::Hill, &[ratio, a[2]])
        }
    ),
    one!("ln", Ln, Pure, true, r"\ln\left(#1\right)", "natural logarithm, x > 0"),
    one!("log", Ln, Pure, true, r"\ln\left(#1\right)", "natural logarithm, x > 0"),
    made!("log10", X, Pure, true, r"\log_{10}\left(#1\right)", "decimal logarithm, x > 0", |g, a| {
        let (ln, ten) = (g.apply(Operation::Ln, a), g.number(10.0));
        let ten = g.apply(Operation::Ln, &[ten]);
        g.div(ln, ten)
    }),
    made!("max", &["a", "b"], Same, false, r"\max\left(#*\right)", "the larger of two", |g, a| {
        g.apply(Operation::Max, a)
    }),
    made!("min", &["a", "b"], Same, false, r"\min\left(#*\right)", "the smaller of two", |g, a| {
        g.apply(Operation::Min, a)
    }),
    one!("relu", Relu, Same, false, r"\left[#1\right]_+", "max(x, 0)"),
    made!(
        "siegert",
        &["mu", "sigma", "tau_m", "tau_ref", "theta", "v_reset"],
        Siegert,
        true,
        r"\phi_{\mathrm{LIF}}\left(#*\right)",
        "rate of a leaky integrate-and-fire neuron, tau_m dV/dt = -V + mu + sigma sqrt(tau_m) xi; sigma > 0",
        |g, a| g.siegert([a[0], a[1], a[2], a[3], a[4], a[5]])
    ),
    one!("sigmoid", Sigmoid, Pure, true, r"\sigma\left(#1\right)", "1/(1 + exp(-x))"),
    made!("sign", X, Sign, false, r"\operatorname{sgn}\left(#1\right)", "-1, 0, 1", |g, a| {
        let (step, two, one) = (g.apply(Operation::Step, a), g.number(2.0), g.number(1.0));
        let twice = g.mul(step, two);
        g.sub(twice, one)
    }),
    one!("sin", Sin, Pure, true, r"\sin\left(#1\right)", "sine (radian)"),
    made!("sinh", X, Pure, true, r"\sinh\left(#1\right)", "hyperbolic sine", |g, a| exponentials(g, a[0], true)),
    one!("softplus", Softplus, Pure, true, r"\ln\left(1 + e^{#1}\right)", "ln(1 + exp x)"),
    one!("sqrt", Sqrt, Root, true, r"\sqrt{#1}", "square root, x not negative"),
    one!("step", Step, Sign, false, r"\Theta\left(#1\right)", "Heaviside step: 0, 1/2 at zero, 1"),
    made!("tan", X, Pure, true, r"\tan\left(#1\right)", "tangent (radian), away from its poles", |g, a| {
        let (sin, cos) = (g.apply(Operation::Sin, a), g.apply(Operation::Cos, a));
        g.div(sin, cos)
    }),
    one!("tanh", Tanh, Pure, true, r"\tanh\left(#1\right)", "hyperbolic tangent"),
];

/// (e^x ± e^(−x))/2.
fn exponentials(g: &mut Graph, x: Node, odd: bool) -> Node {
    let minus = g.neg(x);
    let (up, down) = (g.apply(Operation::Exp, &[x]), g.apply(Operation::Exp, &[minus]));
    let (both, half) = (if odd { g.sub(up, down) } else { g.add(up, down) }, g.number(0.5));
    g.mul(both, half)
}

/// The function with this name.
pub fn find(name: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().find(|f| f.name == name)
}

/// The function with this name and number of arguments, or an error that says what there is.
pub fn get(name: &str, arguments: usize) -> Result<&'static Function> {
    let Some(function) = find(name) else {
        let known = FUNCTIONS.iter().map(|f| f.name).chain(["sum", "mean", "rest"]);
        return Err(Error::unknown("function", name, nearest(name, known)));
    };
    match function.arguments.len() == arguments {
        true => Ok(function),
        false => Err(Error::usage(
            format!("`{name}` has {arguments} arguments where it takes {}", function.arguments.len()),
            format!("write {name}({}): {}", function.arguments.join(", "), function.about),
        )),
    }
}

/// A number with a name: `pi`. A quantity of the model with the same name comes first.
pub fn constant(name: &str) -> Option<f64> {
    (name == "pi").then_some(std::f64::consts::PI)
}

/// f while lo < x < hi; min(f, 0) where x ≥ hi, max(f, 0) where x ≤ lo. Inside it is f to the last bit, with its
/// derivatives; the gates are written such that heav(0), 1/2 here and 1 in XPP, means the same in both.
pub(crate) fn bounded(g: &mut Graph, f: Node, x: Node, lo: Node, hi: Node) -> Node {
    let (one, two) = (g.number(1.0), g.number(2.0));
    // 1 while `a` < `b`, else 0.
    let less = |g: &mut Graph, a: Node, b: Node| {
        let beyond = g.sub(a, b);
        let step = g.apply(Operation::Step, &[beyond]);
        let twice = g.mul(two, step);
        let gate = g.sub(one, twice);
        g.apply(Operation::Relu, &[gate])
    };
    let (below, above) = (less(g, x, hi), less(g, lo, x));
    let (shut_above, shut_below) = (g.sub(one, below), g.sub(one, above));
    let minus = g.neg(f);
    let (up, down) = (g.apply(Operation::Relu, &[f]), g.apply(Operation::Relu, &[minus]));
    let (inward_above, inward_below) = (g.mul(down, shut_above), g.mul(up, shut_below));
    let both = g.mul(below, above);
    let free = g.mul(f, both);
    let with_below = g.add(free, inward_below);
    g.sub(with_below, inward_above)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::tape::Tape;

    fn value(name: &str, x: &[f64]) -> f64 {
        let mut g = Graph::default();
        let nodes: Vec<Node> = (0..x.len()).map(|k| g.variable(k)).collect();
        let root = (get(name, x.len()).unwrap().build)(&mut g, &nodes);
        Tape::new(&g, &[root]).values(x, &[])[0]
    }

    #[test]
    fn theory_functions_have_their_values() {
        for (name, x, y) in [
            ("cosh", vec![1.0], 1.0f64.cosh()),
            ("sinh", vec![1.0], 1.0f64.sinh()),
            ("tan", vec![1.0], 1.0f64.tan()),
            ("log10", vec![1000.0], 3.0),
            ("clip", vec![5.0, 0.0, 2.0], 2.0),
            ("clip", vec![-5.0, 0.0, 2.0], 0.0),
            ("hill", vec![2.0, 1.0, 2.0], 0.8),
            ("sign", vec![-3.0], -1.0),
            ("erfc", vec![0.5], 0.479_500_122_186_953_5),
            ("Phi", vec![0.0], 0.5),
            ("step", vec![0.0], 0.5),
        ] {
            assert!((value(name, &x) - y).abs() < 1e-14, "{name}: {} {y}", value(name, &x));
        }
    }

    #[test]
    fn cross_small_values_keep_their_digits() {
        // mpmath 1.3.0, 30 digits.
        use crate::num::{Dual, Scalar};
        let near = |a: f64, b: f64| assert!((a / b - 1.0).abs() < 1e-14, "{a} {b}");
        near(value("Phi", &[-10.0]), 7.619_853_024_160_526e-24);
        near(value("hill", &[0.001, 2.0, 4.0]), 6.249_999_999_999_609e-14);
        near(Dual::variable(-10.0).normal_cdf().d, 7.694_598_626_706_419e-23);
        let slope = |at: usize| {
            let mut x = [0.001, 2.0, 4.0].map(Dual::fixed);
            x[at].d = 1.0;
            x[0].hill(x[1], x[2]).d
        };
        near(slope(0), 2.499_999_999_999_687_5e-10);
        near(slope(1), -1.249_999_999_999_843_8e-13);
        near(slope(2), -4.750_564_037_213_208e-13);
        // At zero the slope is that of the power.
        assert_eq!(Dual::variable(0.0).hill(Dual::fixed(2.0), Dual::fixed(1.0)).d, 0.5);
        assert_eq!(Dual::variable(0.0).hill(Dual::fixed(2.0), Dual::fixed(2.0)).d, 0.0);
    }

    #[test]
    fn law_list_is_sorted_and_each_has_a_place_for_its_arguments() {
        assert!(FUNCTIONS.windows(2).all(|w| w[0].name < w[1].name));
        for f in FUNCTIONS {
            assert!(
                f.latex.contains("#*") || (1..=f.arguments.len()).all(|k| f.latex.contains(&format!("#{k}"))),
                "{}",
                f.name
            );
        }
        assert!(matches!(get("sigmiod", 1), Err(Error::UnknownName { near, .. }) if near == ["sigmoid"]));
        assert!(get("hill", 2).is_err());
    }
}
