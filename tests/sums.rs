//! Are all fixed points found where many units act through few sums?
//!
//! No cut of one unit narrows a sum of many; what is found must be what counting by hand finds, and what the same search
//! finds that is not told of the sums.

use homeostat::dynamics::{FixedPoint, FixedPoints, Proof, Region, Search, fixed_points};
use homeostat::field::{Field, Law, Names};
use homeostat::lang::Model;
use homeostat::models;
use homeostat::num::{Interval, Scalar, Stream};

/// The model of some equations, as an XPP file has them.
fn ode(text: &str) -> Model {
    Model::compose("net.ode", &models::library().with("net.ode", "net.ode", None, text)).unwrap()
}
/// x_i' = −x_i + σ(w (sum of x over `of`) − b + more) for n units.
fn network(n: usize, w: f64, b: f64, of: impl Fn(usize, usize) -> bool, more: impl Fn(usize) -> String) -> Model {
    let unit = |i: usize| {
        let sum: Vec<String> = (1..=n).filter(|&j| of(i, j)).map(|j| format!("x{j}")).collect();
        format!("x{i}' = -x{i} + 1/(1+exp(-(w*({}) - b{})))\n", sum.join("+"), more(i))
    };
    ode(&format!("par w={w}, b={b}\n{}done\n", (1..=n).map(unit).collect::<String>()))
}
fn others(n: usize, w: f64, b: f64) -> Model {
    network(n, w, b, |i, j| i != j, |_| String::new())
}
fn found(field: &dyn Field, options: &Search) -> FixedPoints {
    let names = field.names();
    let region = Region::new(vec![(0.0, 1.0); names.variables.len()]).unwrap();
    fixed_points(field, &names.defaults(), &region, options).unwrap()
}
fn told(field: &dyn Field) -> bool {
    let p: Vec<Interval> = field.names().defaults().into_iter().map(Interval::point).collect();
    field.lifted(&p).is_some()
}
/// The same law, silent about its sums.
struct Silent(Model);
impl Law for Silent {
    fn law_names(&self) -> &Names {
        self.0.law_names()
    }
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        self.0.rates(x, p, dx);
    }
}

/// The zero between two ends of unlike sign.
fn bisect(mut lo: f64, mut hi: f64, f: impl Fn(f64) -> f64) -> f64 {
    let sign = f(lo);
    for _ in 0..80 {
        let x = 0.5 * (lo + hi);
        *(if f(x) * sign > 0.0 { &mut lo } else { &mut hi }) = x;
    }
    lo
}

/// x = σ(w (S − x) − b) is S = x + (logit x + b)/w: for one S there is an x on each of up to three branches. A fixed point
/// has some units on each of them, and S is the sum of all: counted by the changes of sign along S, times the ways to
/// choose the units.
fn counted(n: usize, w: f64, b: f64) -> usize {
    let sum = |x: f64| x + ((x / (1.0 - x)).ln() + b) / w;
    let turn = if w < -4.0 { (0.25 + 1.0 / w).sqrt() } else { 0.0 };
    let ends = [1e-300, 0.5 - turn, 0.5 + turn, 1.0 - 1e-16];
    let on = |branch: usize, s: f64| {
        // Without turns there is one branch.
        let (lo, hi) = if turn > 0.0 { (ends[branch], ends[branch + 1]) } else { (ends[0], ends[3]) };
        let crossed = (sum(lo) - s) * (sum(hi) - s) <= 0.0;
        crossed.then(|| bisect(lo, hi, |x| sum(x) - s))
    };
    let part = |x: Option<f64>, many: usize| if many == 0 { Some(0.0) } else { x.map(|x| x * many as f64) };
    let factorial = |k: usize| (1..=k).product::<usize>();
    let shares = (0..=n).flat_map(|a| (0..=n - a).map(move |b| [a, b, n - a - b]));
    let number = |many: [usize; 3]| {
        let miss = |s: f64| (0..3).map(|k| part(on(k, s), many[k])).sum::<Option<f64>>().map(|all| all - s);
        // From where a branch that is needed begins to where one ends.
        let turns = [sum(ends[1]), sum(ends[2])];
        let low = if turn > 0.0 && many[0] + many[1] > 0 { turns[0].max(-0.01) } else { -0.01 };
        let top = n as f64 + 0.01;
        let high = if turn > 0.0 && many[1] + many[2] > 0 { turns[1].min(top) } else { top };
        let (low, width) = (low + 1e-9, high - low - 2e-9);
        let misses: Vec<Option<f64>> = (0..=400).map(|k| miss(low + width * f64::from(k) / 400.0)).collect();
        let crossed = |two: &&[Option<f64>]| two[0].zip(two[1]).is_some_and(|(a, b)| a * b < 0.0);
        let ways = factorial(n) / many.map(factorial).iter().product::<usize>();
        ways * misses.windows(2).filter(crossed).count()
    };
    shares.filter(|many| turn > 0.0 || many[0] == n).map(number).sum()
}

#[test]
fn theory_networks_of_inhibition_have_as_many_fixed_points_as_sums_that_fit() {
    for (n, w, b) in [(8, -3.0, -10.0), (6, -6.0, -14.0), (6, -9.0, -20.0), (5, 6.0, 12.0), (10, -4.5, -8.0)] {
        let net = others(n, w, b);
        let all = found(&net, &Search::default());
        assert!(told(&net) && all.complete, "{n} {w} {b}: {} boxes", all.boxes);
        assert_eq!(all.points.len(), counted(n, w, b), "{n} {w} {b}");
        assert!(all.points.iter().all(|q| q.proof == Proof::Unique && q.residual < 1e-12 && q.stability_proven));
    }
}

#[test]
fn theory_units_that_all_read_one_sum_are_equal() {
    let net = network(8, -6.0, -20.0, |_, _| true, |_| String::new());
    let all = found(&net, &Search { boxes: 100, ..Search::default() });
    let [one] = &all.points[..] else { panic!("{} fixed points", all.points.len()) };
    // x = σ(8 w x − b), by bisection.
    let x = bisect(0.0, 1.0, |x| x - 1.0 / (1.0 + (48.0 * x - 20.0).exp()));
    assert!(all.complete && one.enclosure.iter().all(|e| e.width() < 1e-12 && (e.mid() - x).abs() < 1e-12));
}

/// The points of two lists are the same.
fn agree(a: &FixedPoints, b: &FixedPoints) {
    assert!(a.complete && b.complete && a.points.len() == b.points.len(), "{} {}", a.points.len(), b.points.len());
    for a in &a.points {
        let same = |b: &&FixedPoint| a.enclosure.iter().zip(&b.enclosure).all(|(a, b)| a.intersect(*b).is_some());
        let same: Vec<&FixedPoint> = b.points.iter().filter(same).collect();
        assert!(same.len() == 1 && same[0].stability == a.stability, "{:?} {same:?}", a.at);
    }
}

#[test]
fn cross_random_networks_of_two_populations_rest_where_a_search_without_sums_finds_them() {
    for seed in 0..6 {
        let mut draw = Stream::new(8, &[seed]);
        let mut within = |lo: f64, hi: f64| lo + (hi - lo) * draw.uniform();
        let [ee, ei, ie, ii, e, i] = [
            within(1.0, 6.0),
            within(1.0, 4.0),
            within(1.0, 4.0),
            within(0.5, 3.0),
            within(-1.0, 3.0),
            within(0.0, 2.0),
        ];
        let sum = |name: &str, but: usize| {
            let each: Vec<String> = (1..=3).filter(|k| *k != but).map(|k| format!("{name}{k}")).collect();
            each.join("+")
        };
        let mut text = format!("par ee={ee}, ei={ei}, ie={ie}, ii={ii}\n");
        for k in 1..=3 {
            let (es, is) = (sum("e", k), sum("i", 0));
            text += &format!("e{k}' = -e{k} + 1/(1+exp(-(ee*({es}) - ei*({is}) - {e})))\n");
            text += &format!("i{k}' = (-i{k} + 1/(1+exp(-(ie*({}) - ii*({}) - {i}))))/2\n", sum("e", 0), sum("i", k));
        }
        let net = ode(&(text + "done\n"));
        assert!(told(&net));
        let options = Search { boxes: 1_000_000, ..Search::default() };
        agree(&found(&net, &Search::default()), &found(&Silent(net), &options));
    }
}

#[test]
fn cross_one_weight_that_differs_is_minded() {
    let more = |i: usize| if i == 2 { "+0.7*x4".into() } else { String::new() };
    let net = network(5, -4.5, -6.0, |i, j| i != j, more);
    assert!(told(&net));
    let all = found(&net, &Search::default());
    agree(&all, &found(&Silent(net), &Search { boxes: 1_000_000, ..Search::default() }));
    assert!(all.points.len() != counted(5, -4.5, -6.0));
}

#[test]
fn limit_where_nothing_is_shared_nothing_is_lifted() {
    // A ring, and a sum that one equation reads.
    assert!(!told(&network(6, -6.0, -3.0, |i, j| (i + 1) % 6 == j % 6, |_| String::new())));
    assert!(!told(&network(6, 1.0, 0.0, |i, j| i == 1 || i == j, |_| String::new())));
    // A weight matrix of equal numbers is a sum, one of different numbers is none.
    let mut net = models::model("recurrent").unwrap();
    net.set("N", "8").unwrap();
    assert!(told(&net));
    (0..64).for_each(|k| net.set(&format!("W_{}_{}", k / 8, k % 8), &format!("{}", f64::from(k).sin())).unwrap());
    assert!(!told(&net));
}
