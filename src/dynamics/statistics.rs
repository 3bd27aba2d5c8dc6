//! What do the members of an ensemble have in common? Mean, variance and quantiles over members, at every kept time.

use super::ensemble::{Ensemble, Numbered};
use crate::error::{Error, Result};
use crate::field::{Field, Names, Quantity, Table, Unit};
use crate::num::{Estimate, LANES};

/// A member that left the finite numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Lost {
    /// Which member, from 0.
    pub member: usize,
    /// By when (s); it happened within the 64 steps before.
    pub t: f64,
    /// The first variable that was not finite then.
    pub variable: String,
}

/// The kept states of all members and what they have in common.
///
/// Lost members are left out from the time of their loss on, and counted: [`members_at`](EnsembleResult::members_at)
/// and the table's column `members` say how many stand behind every number. A loss is seldom independent of the state, so
/// statistics after one describe the survivors only.
#[derive(Clone, Debug)]
pub struct EnsembleResult {
    /// The names of the field it belongs to.
    pub names: Names,
    /// The kept times (s).
    pub t: Vec<f64>,
    /// The step that was used (s).
    pub dt: f64,
    /// How many members were run to the last time.
    pub members: usize,
    /// Was it interrupted, so that there are fewer members than asked for, or less time?
    pub interrupted: bool,
    /// Members that left the finite numbers, in order.
    pub lost: Vec<Lost>,
    quantiles: Vec<f64>,
    /// `samples[quantity][time]` holds one number per member: variables first, then readouts.
    samples: Vec<Vec<Vec<f64>>>,
}

impl EnsembleResult {
    pub(crate) fn collect(
        field: &dyn Field,
        p: &[f64],
        options: &Ensemble,
        (t, all): (Vec<f64>, usize),
        dt: f64,
        groups: Vec<Numbered>,
    ) -> Self {
        let names = field.names().clone();
        let (n, r) = (names.variables.len(), names.readouts.len());
        let mut lost = Vec::new();
        let there = |first: usize| LANES.min(options.members - first * LANES);
        let members = groups.iter().map(|(first, _)| there(*first)).sum();
        let mut samples = vec![vec![vec![f64::NAN; members]; t.len()]; n + r];
        let (mut x, mut out) = (vec![0.0; n], vec![0.0; r]);
        let lanes = groups.iter().flat_map(|(first, group)| (0..there(*first)).map(move |lane| (first, group, lane)));
        for (place, (first, group, lane)) in lanes.enumerate() {
            let member = first * LANES + lane;
            if let Some((t, i)) = group.lost[lane] {
                lost.push(Lost { member, t, variable: names.variables[i].name.clone() });
            }
            for (k, state) in group.states.iter().enumerate() {
                x.iter_mut().zip(state).for_each(|(x, s)| *x = s.0[lane]);
                let here = group.lost[lane].is_none_or(|(when, _)| t[k] < when);
                if here {
                    field.read(&x, p, &mut out);
                    x.iter().chain(&out).enumerate().for_each(|(q, v)| samples[q][k][place] = *v);
                }
            }
        }
        let interrupted = members < options.members || t.len() < all;
        EnsembleResult { names, t, dt, members, interrupted, lost, quantiles: options.quantiles.clone(), samples }
    }

    /// Where in the samples a variable or readout stands.
    fn place(&self, name: &str) -> Result<usize> {
        match self.names.readout(name) {
            Ok(i) => Ok(self.names.variables.len() + i),
            Err(_) => self.names.variable(name),
        }
    }
    /// The values of all members at the `k`-th kept time (coherent unit); NaN for a member that was lost.
    pub fn samples(&self, name: &str, k: usize) -> Result<&[f64]> {
        let rows = &self.samples[self.place(name)?];
        rows.get(k).map(Vec::as_slice).ok_or_else(|| {
            Error::usage(format!("there are {} kept times, not {}", rows.len(), k + 1), "record more often")
        })
    }
    /// One member over the kept times (coherent unit).
    pub fn path(&self, name: &str, member: usize) -> Result<Vec<f64>> {
        let rows = &self.samples[self.place(name)?];
        if member >= self.members {
            return Err(Error::usage(format!("there is no member {member}"), format!("there are {}", self.members)));
        }
        Ok(rows.iter().map(|row| row[member]).collect())
    }
    /// How many members stand behind the statistics at each kept time.
    pub fn members_at(&self) -> Vec<usize> {
        let gone = |t: f64| self.lost.iter().filter(|l| l.t <= t).count();
        self.t.iter().map(|&t| self.members - gone(t)).collect()
    }
    /// The mean over members at each kept time (coherent unit); NaN where none is left.
    pub fn mean(&self, name: &str) -> Result<Vec<f64>> {
        self.over_time(name, |values| moments(values).0)
    }
    /// The unbiased variance over members at each kept time (coherent unit squared); NaN below two members.
    pub fn variance(&self, name: &str) -> Result<Vec<f64>> {
        self.over_time(name, |values| moments(values).1)
    }
    /// The `q`-quantile over members at each kept time (coherent unit), linear between the order statistics.
    pub fn quantile(&self, name: &str, q: f64) -> Result<Vec<f64>> {
        if !(0.0..=1.0).contains(&q) {
            return Err(Error::usage(format!("there is no quantile {q}"), "quantiles lie between 0 and 1"));
        }
        self.over_time(name, |values| quantile(values, q))
    }
    /// The mean at the last time with its standard error, in the shown unit.
    pub fn final_mean(&self, name: &str) -> Result<Estimate> {
        let place = self.place(name)?;
        let quantity = self.quantity(place);
        let values = present(&self.samples[place][self.t.len() - 1]);
        let (mean, variance) = moments(&values);
        let se = (variance / values.len() as f64).sqrt() / quantity.unit.factor;
        let how = format!("mean over {} independent members", values.len());
        Ok(Estimate::new(mean / quantity.unit.factor, &quantity.unit.to_string(), se, values.len(), how))
    }
    fn over_time(&self, name: &str, statistic: impl Fn(&[f64]) -> f64) -> Result<Vec<f64>> {
        let rows = &self.samples[self.place(name)?];
        Ok(rows.iter().map(|row| statistic(&present(row))).collect())
    }
    fn quantity(&self, place: usize) -> &Quantity {
        let n = self.names.variables.len();
        if place < n { &self.names.variables[place] } else { &self.names.readouts[place - n] }
    }
    /// One row per kept time: t (s), members, and for every variable and readout its mean, standard deviation and
    /// quantiles, as `w mean`, `w sd`, `w q0.05`, in the units they are shown in.
    pub fn table(&self) -> Table {
        let count = self.members_at().iter().map(|&n| n as f64).collect();
        let mut table = Table::new().number("t", Unit::SECOND, self.t.clone()).number("members", Unit::NONE, count);
        for (place, rows) in self.samples.iter().enumerate() {
            let quantity = self.quantity(place);
            let (name, factor) = (&quantity.name, quantity.unit.factor);
            let column = |statistic: &dyn Fn(&[f64]) -> f64| -> Vec<f64> {
                rows.iter().map(|row| statistic(&present(row)) / factor).collect()
            };
            table = table.number(&format!("{name} mean"), quantity.unit.clone(), column(&|v| moments(v).0)).number(
                &format!("{name} sd"),
                quantity.unit.clone(),
                column(&|v| moments(v).1.sqrt()),
            );
            for &q in &self.quantiles {
                table = table.number(&format!("{name} q{q}"), quantity.unit.clone(), column(&|v| quantile(v, q)));
            }
        }
        table
    }
    /// One row per kept time, one column per variable of one member (shown units).
    pub fn member_table(&self, member: usize) -> Result<Table> {
        let mut table = Table::new().number("t", Unit::SECOND, self.t.clone());
        for place in 0..self.samples.len() {
            let quantity = self.quantity(place).clone();
            let path = self.path(&quantity.name, member)?;
            let shown = path.iter().map(|v| v / quantity.unit.factor).collect();
            table = table.number(&quantity.name, quantity.unit, shown);
        }
        Ok(table)
    }
}

/// The members that are still there.
fn present(values: &[f64]) -> Vec<f64> {
    values.iter().copied().filter(|v| v.is_finite()).collect()
}

/// Mean and unbiased variance, in two passes and in the order of the members.
fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    if values.is_empty() {
        return (f64::NAN, f64::NAN);
    }
    let mean = values.iter().sum::<f64>() / n;
    let squares = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>();
    (mean, if values.len() < 2 { f64::NAN } else { squares / (n - 1.0) })
}

/// Linear between the order statistics (type 7 of Hyndman and Fan 1996).
fn quantile(values: &[f64], q: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let place = q * last as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(last);
    sorted[below] + (place - below as f64) * (sorted[above] - sorted[below])
}

#[cfg(test)]
mod tests {
    use super::super::{Bound, Edge, Ensemble, Scheme, ensemble};
    use super::*;
    use crate::dynamics::testing::{law, near};
    use crate::num::{Scalar, Tol};

    law! {
        OrnsteinUhlenbeck, [x = 0.0, y = 0.0], [k = 2.0, s = 0.7], 2,
        fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
            dx[0] = -p[0] * x[0];
            dx[1] = -p[0] * x[1] + x[0];
        }
        fn diffusion<S: Scalar>(&self, _x: &[S], p: &[S], g: &mut [S]) {
            let zero = S::constant(0.0);
            (g[0], g[1], g[2], g[3]) = (p[1], zero, zero, p[1]);
        }
        fn readouts<S: Scalar>(&self, x: &[S], _p: &[S], out: &mut [S]) { out[0] = x[0] + x[1]; }
    }
    law! {
        RegulatedDrift, [w0 = 1.0, w1 = 1.0, w2 = 1.0, w3 = 1.0], [k = 0.5, d = 0.01], 4,
        fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
            // n = (1, 1, 1, 1)/2.
            let along = (x[0] + x[1] + x[2] + x[3] - 4.0) * 0.25;
            dx.fill(-p[0] * along);
        }
        fn diffusion<S: Scalar>(&self, _x: &[S], p: &[S], g: &mut [S]) {
            g.fill(S::constant(0.0));
            (0..4).for_each(|i| g[5 * i] = (p[1] * 2.0).sqrt());
        }
    }
    law! {
        DependentDepression, [w = 2.0], [alpha = 0.02, beta = 0.01, s = 0.05], 1,
        fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) { dx[0] = p[0] - p[1] * x[0]; }
        fn diffusion<S: Scalar>(&self, x: &[S], p: &[S], g: &mut [S]) { g[0] = p[2] * x[0]; }
    }
    law! {
        Explosive, [x = 1.0], [a = 1.0], 1,
        fn rates<S: Scalar>(&self, x: &[S], _p: &[S], dx: &mut [S]) { dx[0] = x[0] * x[0] * x[0]; }
        fn diffusion<S: Scalar>(&self, _x: &[S], p: &[S], g: &mut [S]) { g[0] = p[0]; }
    }
    law! {
        Free, [x = 0.0], [s = 1.0], 1,
        fn rates<S: Scalar>(&self, _x: &[S], _p: &[S], dx: &mut [S]) { dx[0] = S::constant(0.0); }
        fn diffusion<S: Scalar>(&self, _x: &[S], p: &[S], g: &mut [S]) { g[0] = p[0]; }
    }

    fn ou() -> OrnsteinUhlenbeck {
        let mut field = OrnsteinUhlenbeck::new();
        field.0.readouts = vec![Quantity::plain("sum", 0.0)];
        field
    }
    fn options(members: usize) -> Ensemble {
        Ensemble { members, dt: 0.01, record_every: 0.1, seed: 7, ..Ensemble::default() }
    }

    #[test]
    fn law_members_do_not_depend_on_threads_or_on_how_many_there_are() {
        let run = |members: usize, threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
            pool.install(|| ensemble(&ou(), &[2.0, 0.7], &[0.5, 0.0], 1.0, &options(members))).expect("it runs")
        };
        let (one, two, few) = (run(50, 1), run(50, 3), run(5, 2));
        assert_eq!(one.samples, two.samples);
        for member in 0..5 {
            assert_eq!(few.path("y", member).expect("y"), one.path("y", member).expect("y"));
        }
        assert_ne!(one.path("x", 0).expect("x"), one.path("x", 17).expect("x"));
        assert_eq!((one.t.len(), one.t[0], one.t[10]), (11, 0.0, 1.0));
    }

    #[test]
    fn law_a_path_does_not_depend_on_when_it_is_recorded() {
        let run = |record_every: f64| {
            let often = Ensemble { record_every, ..options(3) };
            ensemble(&ou(), &[2.0, 0.7], &[0.5, 0.0], 3.0, &often).expect("it runs")
        };
        let (last, often, rarely) = (|run: &EnsembleResult| run.path("x", 1).expect("x").pop(), run(0.07), run(3.0));
        assert_eq!(last(&often), last(&rarely));
    }

    #[test]
    fn law_a_source_keeps_its_noise_when_another_is_taken_away() {
        let mut field = ou();
        let both = ensemble(&field, &[2.0, 0.7], &[0.0, 0.0], 1.0, &options(3)).expect("it runs");
        field.0.noises.swap(0, 1);
        let swapped = ensemble(&field, &[2.0, 0.7], &[0.0, 0.0], 1.0, &options(3)).expect("it runs");
        // With swapped names y gets the noise that x had; x does not depend on y.
        assert_ne!(both.path("x", 1).expect("x"), swapped.path("x", 1).expect("x"));
        let words = Ensemble { words: vec![1], ..options(3) };
        let other = ensemble(&field, &[2.0, 0.7], &[0.0, 0.0], 1.0, &words).expect("it runs");
        assert_ne!(other.path("x", 1).expect("x"), swapped.path("x", 1).expect("x"));
    }

    /// Mean x₀ e^(−kt); variance s²/(2k)(1 − e^(−2kt)). 2 000 members, 5 standard errors (false alarm 6e-7 each).
    #[test]
    fn theory_moments_and_quantiles_of_an_ornstein_uhlenbeck_process() {
        let n = 2000;
        let run = ensemble(&ou(), &[2.0, 0.7], &[0.5, 0.0], 1.0, &options(n)).expect("it runs");
        // Euler-Maruyama has its own exact moments: factor 1 − kh a step.
        let f = 1.0f64 - 0.02;
        let variance = 0.49 * 0.01 * (1.0 - f.powi(200)) / (1.0 - f * f);
        let (mean, got) = (run.mean("x").expect("x")[10], run.variance("x").expect("x")[10]);
        let se = (variance / n as f64).sqrt();
        near("mean", mean, 0.5 * f.powi(100), Tol::Sampling { se, n: 0, sigmas: 5.0 }, "exact recursion");
        let se = variance * (2.0 / (n - 1) as f64).sqrt();
        near("variance", got, variance, Tol::Sampling { se, n: 0, sigmas: 5.0 }, "exact recursion");
        let upper = run.quantile("x", 0.95).expect("x")[10];
        let wanted = 0.5 * f.powi(100) + 1.6448536269514722 * variance.sqrt();
        let se = (0.05f64 * 0.95 / n as f64).sqrt() / 0.10313564037537 * variance.sqrt();
        near("95 %", upper, wanted, Tol::Sampling { se, n: 0, sigmas: 5.0 }, "normal quantile");
        let sums = run.samples("sum", 10).expect("a readout");
        let (x, y) = (run.samples("x", 10).expect("x"), run.samples("y", 10).expect("y"));
        assert!((0..n).all(|i| sums[i] == x[i] + y[i]));
        assert_eq!(run.table().columns().len(), 2 + 3 * 5);
        assert_eq!(run.final_mean("x").expect("x").value, mean);
    }

    /// D39 with N = 4: E|w − w₀|² = 2(N−1) D t + (D/k)(1 − e^(−2kt)).
    #[test]
    fn theory_d39_homeostasis_constrains_one_direction() {
        let (n, t) = (3000, 4.0);
        let field = RegulatedDrift::new();
        let run = ensemble(&field, &[0.5, 0.01], &[1.0; 4], t, &options(n)).expect("it runs");
        let last = run.t.len() - 1;
        let squares: Vec<f64> = (0..n)
            .map(|m| (0..4).map(|i| (run.samples(&format!("w{i}"), last).expect("w")[m] - 1.0).powi(2)).sum())
            .collect();
        let (mean, variance) = moments(&squares);
        let wanted = 6.0 * 0.01 * t + 0.02 * (1.0 - (-4.0f64).exp());
        let se = (variance / n as f64).sqrt();
        near("msd", mean, wanted, Tol::Sampling { se, n, sigmas: 5.0 }, "D39");
    }

    /// D23 (ii): mean α/β, variance mean²/(2β/s² − 1); relaxed for 5 autocorrelation times, Milstein.
    #[test]
    fn theory_d23_weight_dependent_noise() {
        let n = 3000;
        let o = Ensemble { members: n, dt: 1.0, scheme: Scheme::Milstein, ..Ensemble::default() };
        let run = ensemble(&DependentDepression::new(), &[0.02, 0.01, 0.05], &[2.0], 800.0, &o).expect("it runs");
        let weights = run.samples("w", 1).expect("w");
        let (mean, variance) = moments(weights);
        near("mean", mean, 2.0, Tol::Sampling { se: (0.571428571429 / n as f64).sqrt(), n: 0, sigmas: 5.0 }, "D23");
        // Kurtosis of the inverse gamma density with shape 9 is 8.4 + 3; the step adds less than 1 %.
        let se = 0.571428571429 * (10.4 / n as f64).sqrt() + 0.01 * 0.571428571429;
        near("variance", variance, 0.571428571429, Tol::Sampling { se, n: 0, sigmas: 5.0 }, "D23, var_multiplicative");
        assert!(weights.iter().all(|w| *w > 0.0));
    }

    #[test]
    fn limit_lost_members_are_counted_and_never_averaged() {
        let o = Ensemble { members: 40, dt: 0.01, record_every: 0.25, ..Ensemble::default() };
        let run = ensemble(&Explosive::new(), &[1.0], &[0.0], 2.0, &o).expect("it runs");
        assert!(!run.lost.is_empty() && run.lost.len() < 40, "{} lost", run.lost.len());
        let last = run.t.len() - 1;
        assert_eq!(run.members_at()[last], 40 - run.lost.len());
        assert!(run.mean("x").expect("x").iter().all(|m| m.is_finite()));
        let missing = run.samples("x", last).expect("x").iter().filter(|v| v.is_nan()).count();
        assert_eq!(missing, run.lost.len());
        assert!(run.lost.iter().all(|l| l.variable == "x" && l.t > 0.0));
        // A bound does not hide an overflow, but prevents it where it confines.
        let bounds = vec![Bound::new(&run.names, "x", -3.0, 3.0).expect("x")];
        let confined = ensemble(&Explosive::new(), &[1.0], &[0.0], 2.0, &Ensemble { bounds, ..o }).expect("it runs");
        assert!(confined.lost.is_empty());
    }

    /// Brownian motion reflected at 0 is |W|: mean √(2t/π). The discrete boundary is felt to order √h.
    #[test]
    fn theory_reflected_brownian_motion() {
        let n = 2000;
        let bounds = vec![Bound { variable: 0, low: 0.0, high: f64::INFINITY }];
        let run = |edge: Edge| {
            let o = Ensemble { bounds: bounds.clone(), edge, dt: 0.001, ..options(n) };
            ensemble(&Free::new(), &[1.0], &[0.0], 1.0, &o).expect("it runs").final_mean("x").expect("x").value
        };
        let wanted = (2.0 / std::f64::consts::PI).sqrt();
        let se = ((1.0 - wanted * wanted) / n as f64).sqrt();
        near("reflect", run(Edge::Reflect), wanted, Tol::Sampling { se: se + 0.002, n: 0, sigmas: 5.0 }, "|W(1)|");
        near("clip", run(Edge::Clip), wanted, Tol::Sampling { se: se + 0.006, n: 0, sigmas: 5.0 }, "|W(1)|, order √h");
    }

    #[test]
    fn limit_requests_that_make_no_sense_are_refused() {
        let (field, p, x) = (ou(), [2.0, 0.7], [0.0, 0.0]);
        let ask = |until: f64, o: Ensemble| ensemble(&field, &p, &x, until, &o).is_err();
        let usual = Ensemble::default;
        assert!(ask(0.0, usual()) && ask(f64::NAN, usual()) && ask(f64::INFINITY, usual()));
        assert!(ask(1.0, Ensemble { dt: 0.0, ..usual() }) && ask(1.0, Ensemble { dt: f64::NAN, ..usual() }));
        assert!(ask(1.0, Ensemble { members: 0, ..usual() }) && ask(1.0, Ensemble { quantiles: vec![1.1], ..usual() }));
        assert!(ask(1e6, Ensemble { members: 1_000_000, record_every: 1e-3, ..usual() }));
        let bounds = vec![Bound { variable: 0, low: 1.0, high: 2.0 }];
        assert!(ask(1.0, Ensemble { bounds, ..usual() }));
        let flag = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(true));
        assert!(ask(1.0, Ensemble { interrupt: Some(flag.clone()), ..usual() }));
        // Kept or not: nothing had begun.
        assert!(ask(1.0, Ensemble { interrupt: Some(flag), keep: true, ..usual() }));
        assert_eq!(quantile(&[3.0, 1.0, 2.0], 0.25), 1.5);
        assert!(quantile(&[], 0.5).is_nan() && moments(&[1.0]).1.is_nan());
    }
}
