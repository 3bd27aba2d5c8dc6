//! Are files of the kinds that theorists write read, refused, and written back as they should be?

use super::{Ode, write};
use crate::error::Result;
use crate::field::{Names, Quantity};
use crate::lang::ast::Expr;
use crate::lang::graph::{Graph, Node};
use crate::lang::tape::Tape;
use crate::lang::{Source, build, functions};
use proptest::prelude::*;

/// The tapes of rates, of what is shown, and of the noise matrix, with the names.
fn compile(ode: &Ode) -> Result<(Names, [Tape; 3])> {
    struct Context<'a>(&'a Ode, Source);
    impl Context<'_> {
        fn node(&self, g: &mut Graph, expr: &Expr, noisy: Option<&str>) -> Result<Node> {
            build::expression(g, &self.1, expr, &mut |g, _, name, _| {
                let ode = self.0;
                if let Some(k) = ode.variables.iter().position(|v| v.name == name) {
                    return Ok(g.variable(k));
                }
                if let Some(k) = ode.parameters.iter().position(|p| p.0 == name) {
                    return Ok(g.parameter(k));
                }
                if ode.noises.iter().any(|n| n == name) {
                    return Ok(g.number(if noisy == Some(name) { 1.0 } else { 0.0 }));
                }
                match ode.definitions.iter().find(|d| d.name == name) {
                    Some(d) => self.node(g, &d.right, noisy),
                    None => Ok(g.number(functions::constant(name).expect("the reader checked all names"))),
                }
            })
        }
    }
    let context = Context(ode, Source::new("x", ""));
    let (mut rates, mut read, mut noise) = (Graph::default(), Graph::default(), Graph::default());
    let (mut r, mut s, mut n) = (Vec::new(), Vec::new(), Vec::new());
    for v in &ode.variables {
        r.push(context.node(&mut rates, &v.rate, None)?);
        for source in &ode.noises {
            let (with, without) =
                (context.node(&mut noise, &v.rate, Some(source))?, context.node(&mut noise, &v.rate, None)?);
            n.push(if with == without { noise.number(0.0) } else { noise.sub(with, without) });
        }
    }
    for d in &ode.shown {
        s.push(context.node(&mut read, &d.right, None)?);
    }
    let mut names = Names::new(
        &ode.file,
        ode.variables.iter().map(|v| Quantity::plain(&v.name, v.start)),
        ode.parameters.iter().map(|(name, value)| Quantity::plain(name, *value)),
    );
    names.readouts = ode.shown.iter().map(|d| Quantity::plain(&d.name, 0.0)).collect();
    names.noises = ode.noises.clone();
    Ok((names, [Tape::new(&rates, &r), Tape::new(&read, &s), Tape::new(&noise, &n)]))
}

const WILSON_COWAN: &str = "\
# Wilson-Cowan oscillator
par aee=10,aei=10 aie=12, aii = 10
p ze=.2 zi=4,tau=1.5e0
number beta=1
F(X)=1/(1+exp(-beta*x))
gain(u,th)=f(u-th)
init u=.1, V=0.05
du/dt=-u+gain(aee*u-aei*v,ze)
v'=(-v+f(aie*u-aii*v-zi))/tau
aux drive=aee*u-\\
aei*v
!half=tau/2
s=u+v
aux both=s*half
@ total=200,dt=.05, xlo=0
@ meth=stiff
done
everything after this is ignored
";

#[test]
fn theory_a_classical_file_is_read() {
    let ode = Ode::read("wc.ode", WILSON_COWAN).unwrap();
    assert_eq!(ode.title, "Wilson-Cowan oscillator");
    assert_eq!(ode.parameters.len(), 8);
    assert_eq!(ode.options.len(), 4);
    assert_eq!((ode.variables[0].start, ode.variables[1].start), (0.1, 0.05));
    let (names, [rates, read, _]) = compile(&ode).unwrap();
    let (x, p) = ([0.3, 0.2], names.defaults());
    let f = |x: f64| 1.0 / (1.0 + (-x).exp());
    let expected = [-0.3 + f(10.0 * 0.3 - 10.0 * 0.2 - 0.2), (-0.2 + f(12.0 * 0.3 - 2.0 - 4.0)) / 1.5];
    for (a, b) in rates.values(&x, &p).iter().zip(expected) {
        assert!((a - b).abs() < 1e-15, "{a} {b}");
    }
    assert!((read.values(&x, &p)[0] - 1.0).abs() < 1e-15 && (read.values(&x, &p)[1] - 0.375).abs() < 1e-15);
}

#[test]
fn theory_arrays_groups_and_noise_are_written_out() {
    let text = "par k=2,xi=3\nwiener w\nx0=0\nx[1..3]'=-x[j]+k*x[j-1]+xi*w\n%[1..2]\ny[j]'=x[j+1]-y[j]\ninit y[j]=0.5\n%\ninit x[1..3]=1\n";
    let ode = Ode::read("a.ode", text).unwrap();
    let names: Vec<&str> = ode.variables.iter().map(|v| v.name.as_str()).collect();
    assert_eq!(names, ["x1", "x2", "x3", "y1", "y2"]);
    assert_eq!(ode.variables[2].rate.to_string(), "-x3 + k*x2 + vxi*xi_w");
    assert_eq!(ode.variables[4].start, 0.5);
    assert_eq!(ode.notes.len(), 1);
    let (names, [_, _, noise]) = compile(&ode).unwrap();
    assert_eq!(noise.values(&[0.0; 5], &names.defaults()), [3.0, 3.0, 3.0, 0.0, 0.0]);
}

#[test]
fn law_what_is_not_read_is_refused_by_name_and_line() {
    for (text, what) in [
        ("x'=delay(x,3)\n", "`delay` of XPP"),
        ("x'=-x\nmarkov z 2\n{0} {1}\n", "`markov`"),
        ("x'=-x\ntable f data.tab\n", "`table`"),
        ("x'=-x\nglobal 1 x-1 {x=0}\n", "`global`"),
        ("x'=-x+ran(1)\n", "`ran`"),
        ("x'=if(x>1)then(0)else(1)\n", "x.ode:1:8"),
        ("x(t)=int{exp(-t)#x}\n", "`x(t)=…`"),
        ("x(t+1)=x/2\n", "a map"),
        ("bdry x-1\nx'=-x\n", "`bdry`"),
        ("x'=-x+sin(t)\n", "the time `t`"),
        ("x'=-y\n", "nothing is called `y`"),
        ("par a=1\n", "no differential equation"),
        ("par a\nx'=-x\n", "the value of `a`"),
        ("par a=1,a=2\nx'=-x\n", "defined twice"),
        ("x'=-x\nx'=x\n", "defined twice"),
        ("x'=-x\ninit y=1\n", "no variable `y`"),
        ("x'=f(x)\n", "no function `f`"),
        ("f(u)=f(u)\nx'=f(x)\n", "call themselves"),
        ("f(u,u)=u\nx'=f(x,1)\n", "defined twice"),
        ("f(u)=u\nx'=f(x,1)\n", "takes 1 arguments"),
        ("x'=(-x\n", "`)`"),
        ("0=x-1\n", "algebraic"),
        ("special k=conv(even,51,10,w,u0)\n", "`special`"),
        ("%[1..2]\nx[j]'=-x[j]\n", "not closed"),
        ("x[1..9000000]'=1\n", "index"),
        ("x[1..900000]'=1\n", "more than"),
        ("t'=1\n", "`t` has a meaning"),
        ("just words\n", "no statement"),
    ] {
        let error = Ode::read("x.ode", text).expect_err(text).to_string();
        assert!(error.contains(what) && error.contains("x.ode") && error.contains("help: "), "{text}\n{error}");
    }
    // The place is that of the file, also in capital letters.
    let error = Ode::read("x.ode", "par a=1\n\n  DX/DT = -X + * A\n").unwrap_err().to_string();
    assert!(error.contains("x.ode:3:16"), "{error}");
}

/// Writing and reading again gives the same rates, readouts and noise.
fn round_trip(text: &str, x: &[f64]) {
    let ode = Ode::read("a.ode", text).unwrap();
    let (names, tapes) = compile(&ode).unwrap();
    let written = write(&names, &tapes[0], &tapes[1], &tapes[2]).unwrap();
    assert!(written.lines().all(|line| line.len() < 1000), "{written}");
    let again = Ode::read("b.ode", &written).unwrap_or_else(|e| panic!("{e}\n{written}"));
    let (names_again, tapes_again) = compile(&again).unwrap();
    assert_eq!(names.start(), names_again.start());
    let p = names.defaults();
    assert_eq!(p, names_again.defaults());
    for (a, b) in tapes.iter().zip(&tapes_again) {
        for (a, b) in a.values(x, &p).iter().zip(b.values(x, &p)) {
            assert!((a - b).abs() <= 1e-12 * (1.0 + a.abs()) || a.is_nan() && b.is_nan(), "{a} {b}\n{written}");
        }
    }
}

const FUNCTIONS: &str = "\
par a=-0.3,a_very_long_name=2,a_very_long_other=3
wiener w1,w2
g(z)=z^3/(1+z^2)
x'=-x+tanh(a*y)+abs(x)^1.5-max(x,y)+min(x,0)*heav(y-x)+sign(x)*w1+a*w2
y'=exp(-x^2)*ln(1+y^2)+sqrt(x^2+1)-sin(x)*cos(y)+atan(x)+erf(y)+erfc(x/3)+w2
z'=g(x+y+z)+g(g(z))+cosh(x/9)-sinh(y/9)+tan(x/9)+log10(2+x^2)+a_very_long_name*a_very_long_other*x^-2
aux s=x+y+z
";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn law_written_and_read_again_is_the_same_model(x in prop::array::uniform3(-3.0..3.0f64)) {
        round_trip(FUNCTIONS, &x);
        round_trip(WILSON_COWAN, &x);
    }
    #[test]
    fn law_no_text_panics(text in "(\\PC{0,20}\n){0,4}", soup in "([a-dxp'=(){}\\[\\]%@!#.0-9,+*/ -]{0,25}\n){0,5}") {
        let _ = (Ode::read("x", &text), Ode::read("x", &soup));
    }
}

#[test]
fn law_a_file_is_a_model_and_every_model_is_a_file() {
    use crate::field::Field;
    use crate::lang::{Library, Model};
    // Names that mean something else in the language: a unit after a number, a population, noise.
    let letters =
        "par h=2,e=3,s=1\nwiener w\nmean=h*2\nm'=2*h*m-5*s*mean\nr'=-r+e*m+0.1*w\nk'=hz*k\nhz=1-k\naux m=m^2\n";
    for (text, x) in [(WILSON_COWAN, vec![0.3, 0.2]), (FUNCTIONS, vec![0.4, 1.2, -0.7]), (letters, vec![0.1, 0.2, 0.3])]
    {
        let (names, tapes) = compile(&Ode::read("a.ode", text).unwrap()).unwrap();
        let model = Model::compose("a", &Library::default().with("a", "a.ode", None, text)).unwrap();
        let written = model.ode().unwrap();
        let again = Model::compose("b", &Library::default().with("b", "b.ode", None, &written)).unwrap();
        for model in [&model, &again] {
            assert_eq!(model.names().noises.len(), names.noises.len());
            let order: Vec<usize> = names.variables.iter().map(|q| model.names().variable(&q.name).unwrap()).collect();
            let mut at = vec![0.0; x.len()];
            order.iter().zip(&x).for_each(|(k, v)| at[*k] = *v);
            let mut rate = vec![0.0; x.len()];
            model.rate(&at, &model.names().defaults(), &mut rate);
            for (k, expected) in order.iter().zip(tapes[0].values(&x, &names.defaults())) {
                assert!(
                    (rate[*k] - expected).abs() <= 1e-12 * (1.0 + expected.abs()),
                    "{} {expected}\n{written}",
                    rate[*k]
                );
            }
        }
    }
}
