//! How much do two sets of real variables tell about each other, from samples?
//!
//! Kraskov, Stögbauer & Grassberger 2004: ε is the distance to the k-th neighbour in both sets together (maximum norm),
//! n_x and n_y count the samples that lie nearer than ε in each set, and
//! I = ψ(k) + ψ(N) − ⟨ψ(n_x + 1) + ψ(n_y + 1)⟩. The second version takes the sides of the smallest box instead of ε:
//! I = ψ(k) − 1/k + ψ(N) − ⟨ψ(n_x) + ψ(n_y)⟩.
//!
//! Neighbours lose information where the dependence is strong or the dimension high. Two remedies are built in.
//! Variables are brought to normal scores first, which takes heavy tails away without changing the information. And the
//! same estimator is run on Gaussian surrogates with the correlations and the number of samples of the data, where the
//! truth is known: the mean error there is the stated bias, and [`Estimate::corrected`] takes it off.

use super::Points;
use super::digamma::digamma_table;
use super::lnc;
use super::normal::{Canonical, gaussian_estimate};
use super::tree::{Marginal, Tree};
use crate::field::{Error, Result};
use crate::num::{Estimate, Stream};
use rayon::prelude::*;
use std::f64::consts::LN_2;

/// Which estimator of the information between real variables.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Method {
    /// Kraskov et al., first version.
    Ksg1,
    /// Kraskov et al., second version.
    Ksg2,
    /// The first version with local non-uniformity correction (Gao, Ver Steeg & Galstyan 2015), its threshold calibrated
    /// so that a uniform neighbourhood is corrected wrongly once in 200.
    Lnc,
    /// Correlations only: exact for Gaussian variables, a lower bound for others with Gaussian margins.
    Gaussian,
    /// Correlations of normal scores: exact for a Gaussian copula, blind to what correlations do not show.
    Copula,
}

/// How to estimate the information between real variables.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Continuous {
    /// The estimator.
    pub method: Method,
    /// Number of neighbours k.
    pub k: usize,
    /// Use the variables as they are instead of their normal scores.
    pub raw: bool,
    /// How many Gaussian surrogates measure the bias of neighbour estimators; 0 leaves it unknown.
    pub surrogates: usize,
    /// Seed of the surrogates.
    pub seed: u64,
}

impl Default for Continuous {
    /// First version, 4 neighbours, normal scores, 8 surrogates.
    fn default() -> Self {
        Continuous { method: Method::Ksg1, k: 4, raw: false, surrogates: 8, seed: 1 }
    }
}

/// I(X;Y) in bits.
///
/// 0 exactly if one side is constant; infinite if one variable determines another monotonically. Refused: fewer than
/// 5(k + 1) samples; a value shared by more than a twentieth of the samples (use labels instead); more than k samples that
/// coincide in all variables.
pub fn information(x: &Points, y: &Points, options: &Continuous) -> Result<Estimate> {
    let (x, y) = match prepared(x, y, options)? {
        Prepared::Answer(answer) => return Ok(answer),
        Prepared::Points(x, y) => (x, y),
    };
    match options.method {
        Method::Gaussian | Method::Copula => gaussian_estimate(&x, &y, options.method == Method::Copula),
        _ => {
            let pair = Pair::new(&x, &y);
            let n = x.len();
            let (mean, spread) = mean_and_spread(&pair.local(options, None)?);
            // Samples share neighbours, so the terms are dependent: their spread is widened by what the battery shows.
            let mut variance = spread * spread * (1.6 + 100.0 / n as f64) / n as f64;
            let mut how = describe(options);
            let mut bias = f64::NAN;
            if options.surrogates > 0 {
                let found = surrogates(&x, &y, options)?;
                // What the neighbours overlook still scatters: the density of the fitted Gaussian, and its surrogates.
                variance = variance.max(found.density / n as f64 + found.scatter);
                variance += found.scatter / options.surrogates as f64;
                bias = found.bias / LN_2;
                how += &format!("; bias from {} Gaussian surrogates", options.surrogates);
            }
            if mean > 0.8 * pair.ceiling(options.k) {
                how += "; warning: near the most that this many samples can show, the truth may be larger";
            }
            Ok(Estimate::new(mean / LN_2, "bit", variance.sqrt() / LN_2, n, how).with_bias(bias))
        }
    }
}

enum Prepared {
    Answer(Estimate),
    Points(Points, Points),
}

fn describe(options: &Continuous) -> String {
    let name = match options.method {
        Method::Ksg1 => "ksg1",
        Method::Ksg2 => "ksg2",
        Method::Lnc => "lnc",
        Method::Gaussian => "gaussian",
        Method::Copula => "gaussian copula",
    };
    format!("{name}, k = {}, {}", options.k, if options.raw { "raw values" } else { "normal scores" })
}

/// Refuses what cannot be estimated, answers what is known without estimating, transforms the rest.
fn prepared(x: &Points, y: &Points, options: &Continuous) -> Result<Prepared> {
    let n = x.len();
    if n != y.len() {
        return Err(Error::usage(format!("{n} samples of X and {} of Y", y.len()), "give as many of both"));
    }
    enough(n, options.k)?;
    let (x, y) = (x.without_constants(), y.without_constants());
    if x.dimension() == 0 || y.dimension() == 0 {
        let how = format!("{}: one side is constant, which is 0 exactly", describe(options));
        return Ok(Prepared::Answer(Estimate::new(0.0, "bit", 0.0, n, how)));
    }
    if x.determines(&y) {
        let how = format!("{}: one variable determines another, which is infinite", describe(options));
        return Ok(Prepared::Answer(Estimate::new(f64::INFINITY, "bit", f64::NAN, n, how)));
    }
    not_tied(&x, options.k, "X")?;
    not_tied(&y, options.k, "Y")?;
    let scored = !options.raw && options.method != Method::Gaussian;
    Ok(if scored { Prepared::Points(x.normal_scores(), y.normal_scores()) } else { Prepared::Points(x, y) })
}

pub(super) fn enough(n: usize, k: usize) -> Result<()> {
    if k == 0 {
        return Err(Error::usage("no neighbour is asked for", "take k of 1 or more"));
    }
    let least = 5 * (k + 1);
    if n < least {
        return Err(Error::domain(
            "the information",
            format!("{n} samples are too few for k = {k}"),
            format!("give {least} or more"),
        ));
    }
    Ok(())
}

pub(super) fn not_tied(points: &Points, k: usize, side: &str) -> Result<()> {
    let (heaviest, n) = (points.heaviest_tie(), points.len());
    if heaviest > (n / 20).max(k) {
        return Err(Error::domain(
            side,
            format!("{heaviest} of {n} samples share one value: this is not a continuous variable"),
            "use labels: discrete_information, or mixed_information if the other side is continuous",
        ));
    }
    Ok(())
}

/// What a pair of variable sets keeps between estimates: a permutation of Y changes only the joint search.
pub(crate) struct Pair {
    x: Points,
    y: Points,
    near_x: Marginal,
    near_y: Marginal,
    psi: Vec<f64>,
}

impl Pair {
    pub(crate) fn new(x: &Points, y: &Points) -> Self {
        let psi = digamma_table(x.len());
        Pair { x: x.clone(), y: y.clone(), near_x: Marginal::of(x), near_y: Marginal::of(y), psi }
    }
    /// The largest value that the formula can take, in nats.
    fn ceiling(&self, k: usize) -> f64 {
        self.psi[self.x.len()] - self.psi[k]
    }
    /// The terms whose mean is the estimate in nats; sample i of X meets sample `order[i]` of Y.
    pub(crate) fn local(&self, options: &Continuous, order: Option<&[usize]>) -> Result<Vec<f64>> {
        let (n, k, psi) = (self.x.len(), options.k, &self.psi);
        let turned;
        let y = match order {
            Some(order) => {
                turned = self.y.select(order);
                &turned
            }
            None => &self.y,
        };
        let tree = Tree::of(&self.x.beside(y)?);
        let second = options.method == Method::Ksg2;
        let nearest = tree.nearest(k, second || options.method == Method::Lnc);
        if let Some(i) = nearest.distance.iter().position(|&d| d == 0.0) {
            return Err(Error::domain(
                "the samples",
                format!("more than k = {k} samples coincide with sample {i} (from 0)"),
                "use a larger k, or labels",
            ));
        }
        // Radii in the order of Y's samples.
        let for_y = |radius: Vec<f64>| match order {
            Some(order) => {
                let mut moved = vec![0.0; n];
                order.iter().zip(&radius).for_each(|(&j, &r)| moved[j] = r);
                self.near_y.counts(&moved, second)
            }
            None => self.near_y.counts(&radius, second),
        };
        let from_y = |i: usize| order.map_or(i, |order| order[i]);
        if second {
            let side = |points: &Points| -> Vec<f64> {
                let far = |i: usize| {
                    let mine = &nearest.neighbours[i * k..(i + 1) * k];
                    let gap = |&j: &u32, v: usize| (points.variable(v)[i] - points.variable(v)[j as usize]).abs();
                    mine.iter().flat_map(|j| (0..points.dimension()).map(move |v| gap(j, v))).fold(0.0, f64::max)
                };
                (0..n).map(far).collect()
            };
            let (nx, ny) = (self.near_x.counts(&side(&self.x), true), for_y(side(y)));
            let base = psi[k] - 1.0 / k as f64 + psi[n];
            return Ok((0..n).map(|i| base - psi[nx[i] as usize] - psi[ny[from_y(i)] as usize]).collect());
        }
        let nx = self.near_x.counts(&nearest.distance, false);
        let base = psi[k] + psi[n];
        let correction = if options.method == Method::Lnc {
            lnc::corrections(&self.x, y, &nearest.neighbours, k, options.seed)?
        } else {
            Vec::new()
        };
        let ny = for_y(nearest.distance);
        let plain = |i: usize| base - psi[nx[i] as usize + 1] - psi[ny[from_y(i)] as usize + 1];
        Ok((0..n).map(|i| plain(i) + correction.get(i).copied().unwrap_or(0.0)).collect())
    }
}

pub(crate) fn mean_and_spread(local: &[f64]) -> (f64, f64) {
    let n = local.len() as f64;
    let mean = local.iter().sum::<f64>() / n;
    let variance = local.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (n - 1.0);
    (mean, variance.sqrt())
}

/// What Gaussian surrogates say, in nats.
struct Surrogates {
    /// The mean error of the estimator.
    bias: f64,
    /// The variance of its error.
    scatter: f64,
    /// The variance of the information density.
    density: f64,
}

/// Runs the estimator on Gaussian samples with the canonical correlations of the data.
fn surrogates(x: &Points, y: &Points, options: &Continuous) -> Result<Surrogates> {
    let model = Canonical::of(x, y)?;
    let one = |s: usize| -> Result<f64> {
        let mut draws = Stream::new(options.seed, &[0x5, s as u64]);
        let (a, b) = model.sample(x.len(), &mut draws);
        // The sample's own correlations say how far it lies from its model: that scatter is shared and cancels.
        let own = gaussian_estimate(&a, &b, false)?;
        let scored = |p: Points| if options.raw { p } else { p.normal_scores() };
        let (mean, _) = mean_and_spread(&Pair::new(&scored(a), &scored(b)).local(options, None)?);
        Ok(mean - own.corrected() * LN_2)
    };
    let errors: Vec<f64> = (0..options.surrogates).into_par_iter().map(one).collect::<Result<_>>()?;
    let (bias, spread) = if errors.len() > 1 { mean_and_spread(&errors) } else { (errors[0], 0.0) };
    Ok(Surrogates { bias, scatter: spread * spread, density: model.density_variance() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::ledger::close;

    fn gaussian(rho: f64, n: usize, seed: u64) -> (Points, Points) {
        let mut draws = Stream::new(seed, &[7]);
        let x: Vec<f64> = (0..n).map(|_| draws.normal()).collect();
        let y: Vec<f64> = x.iter().map(|x| rho * x + (1.0 - rho * rho).sqrt() * draws.normal()).collect();
        (Points::column(&x).unwrap(), Points::column(&y).unwrap())
    }

    fn with(method: Method) -> Continuous {
        Continuous { method, surrogates: 0, ..Continuous::default() }
    }

    /// The formula by counting everything with everything.
    fn by_hand(x: &Points, y: &Points, k: usize, second: bool) -> f64 {
        let psi = digamma_table(x.len());
        let n = x.len();
        let gap = |p: &Points, i: usize, j: usize| {
            (0..p.dimension()).map(|v| (p.variable(v)[i] - p.variable(v)[j]).abs()).fold(0.0, f64::max)
        };
        let mut sum = 0.0;
        for i in 0..n {
            let others: Vec<usize> = (0..n).filter(|&j| j != i).collect();
            let mut order = others.clone();
            order.sort_by(|&a, &b| (gap(x, i, a).max(gap(y, i, a))).total_cmp(&gap(x, i, b).max(gap(y, i, b))));
            let near = &order[..k];
            sum += if second {
                let side = |p: &Points| {
                    let r = near.iter().map(|&j| gap(p, i, j)).fold(0.0, f64::max);
                    others.iter().filter(|&&j| gap(p, i, j) <= r).count()
                };
                psi[k] - 1.0 / k as f64 + psi[n] - psi[side(x)] - psi[side(y)]
            } else {
                let r = gap(x, i, near[k - 1]).max(gap(y, i, near[k - 1]));
                let side = |p: &Points| others.iter().filter(|&&j| gap(p, i, j) < r).count();
                psi[k] + psi[n] - psi[side(x) + 1] - psi[side(y) + 1]
            };
        }
        sum / n as f64 / LN_2
    }

    #[test]
    fn theory_c24_equals_the_formula() {
        let (x, y) = gaussian(0.7, 150, 1);
        let (z, w) = gaussian(0.2, 150, 2);
        let (wide, tall) = (x.beside(&z).unwrap(), y.beside(&w).unwrap());
        for (x, y) in [(&x, &y), (&wide, &y), (&wide, &tall)] {
            for (method, second) in [(Method::Ksg1, false), (Method::Ksg2, true)] {
                let got = information(x, y, &Continuous { raw: true, ..with(method) }).unwrap().value;
                close(got, by_hand(x, y, 4, second), 1e-12);
            }
        }
    }

    #[test]
    fn theory_c24_normal_pairs() {
        // Ledger, k = 4, n = 1000: means −0.003, 0.319, 1.22 with the scatter 0.029, 0.041, 0.05 of one estimate.
        for (rho, mean, scatter) in [(0.0, -0.003, 0.029), (0.6, 0.319, 0.041), (0.9, 1.22, 0.05)] {
            let runs = 12;
            let one = |s: u64| {
                let (x, y) = gaussian(rho, 1000, s);
                information(&x, &y, &Continuous { raw: true, ..with(Method::Ksg1) }).unwrap().value
            };
            let got = (0..runs).map(one).sum::<f64>() / runs as f64;
            assert!((got - mean).abs() < 4.0 * scatter / (runs as f64).sqrt(), "{rho}: {got}");
        }
    }

    #[test]
    fn law_unchanged_by_monotone_maps_order_and_sides() {
        let (x, y) = gaussian(0.5, 300, 4);
        for method in [Method::Ksg1, Method::Ksg2, Method::Lnc, Method::Copula] {
            let options = Continuous { k: 8, ..with(method) };
            let plain = information(&x, &y, &options).unwrap().value;
            let bent: Vec<f64> = x.variable(0).iter().map(|v| (3.0 * v).exp()).collect();
            let bent = Points::column(&bent).unwrap();
            close(information(&bent, &y, &options).unwrap().value, plain, 1e-12);
            close(information(&y, &x, &options).unwrap().value, plain, 1e-12);
            let order: Vec<usize> = (0..300).rev().collect();
            close(information(&x.select(&order), &y.select(&order), &options).unwrap().value, plain, 1e-12);
        }
    }

    #[test]
    fn law_constant_infinite_tied_and_few() {
        let (x, y) = gaussian(0.5, 200, 4);
        let options = Continuous::default();
        let flat = Points::column(&[3.0; 200]).unwrap();
        let none = information(&x, &flat, &options).unwrap();
        assert!(none.value == 0.0 && none.se == 0.0 && none.how.contains("0 exactly"));
        // A constant beside a varying variable changes nothing.
        let wide = x.beside(&flat).unwrap();
        assert_eq!(information(&wide, &y, &options).unwrap().value, information(&x, &y, &options).unwrap().value);
        let own = information(&x, &x, &options).unwrap();
        assert!(own.value == f64::INFINITY && own.how.contains("infinite"));
        let rounded: Vec<f64> = x.variable(0).iter().map(|v| v.round()).collect();
        let why = information(&Points::column(&rounded).unwrap(), &y, &options).unwrap_err().to_string();
        assert!(why.contains("not a continuous variable"), "{why}");
        let few: Vec<usize> = (0..20).collect();
        let why = information(&x.select(&few), &y.select(&few), &options).unwrap_err().to_string();
        assert!(why.contains("too few"), "{why}");
        assert!(information(&x.select(&few), &y, &options).is_err());
        // Every sample twice or thrice: neighbours at distance 0 are no measure of density.
        let thrice: Vec<usize> = (0..200).flat_map(|i| [i; 6]).collect();
        assert!(information(&x.select(&thrice), &y.select(&thrice), &options).is_err());
    }

    #[test]
    fn law_permuting_is_estimating_the_permuted() {
        let (x, y) = gaussian(0.5, 200, 4);
        let (z, _) = gaussian(0.5, 200, 5);
        let mut order: Vec<usize> = (0..200).collect();
        Stream::new(3, &[]).shuffle(&mut order);
        for y in [y.clone(), y.beside(&z).unwrap()] {
            for method in [Method::Ksg1, Method::Ksg2] {
                let options = Continuous { raw: true, ..with(method) };
                let moved = Pair::new(&x, &y).local(&options, Some(&order)).unwrap();
                let direct = Pair::new(&x, &y.select(&order)).local(&options, None).unwrap();
                assert_eq!(moved, direct);
            }
        }
    }

    #[test]
    fn theory_surrogates_repair_many_dimensions() {
        // Two of five pairs correlated by 0.8, truth 1.474 bits; neighbours alone see less than two thirds of it.
        let mut draws = Stream::new(11, &[]);
        let mut columns = vec![Vec::new(); 10];
        for _ in 0..600 {
            for i in 0..5 {
                let (a, b) = (draws.normal(), draws.normal());
                let rho: f64 = if i < 2 { 0.8 } else { 0.0 };
                columns[i].push(a);
                columns[5 + i].push(rho * a + (1.0 - rho * rho).sqrt() * b);
            }
        }
        let side = |c: &[Vec<f64>]| Points::columns(&c.iter().map(Vec::as_slice).collect::<Vec<_>>()).unwrap();
        let truth = -(1.0f64 - 0.64).log2();
        let got = information(&side(&columns[..5]), &side(&columns[5..]), &Continuous::default()).unwrap();
        assert!(got.value < 0.67 * truth, "{got:?}");
        assert!((got.corrected() - truth).abs() < 4.0 * got.se, "{got:?}");
        assert!(got.se < 0.1);
    }
}
