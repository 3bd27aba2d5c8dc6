//! # Does scaling prevent catastrophic forgetting?
//!
//! A network that stores one pattern after the other fails at some number, and a network that runs forgets what it heard.
//! The field says that homeostasis prevents catastrophic forgetting under ongoing plasticity, and that it keeps recurrent
//! networks where their memory is largest.
//! We count what scaling costs an associative memory, and what the spectral radius does to the memory of a linear
//! network.

use homeostat::coding::memory::{
    Palimpsest, association_error, blackout, delay_line_memory, hopfield_capacity, hopfield_overlap, memory_curve,
    orthogonal_memory,
};
use homeostat::notebook::prelude::*;
use homeostat::num::Stream;
use nalgebra::{DMatrix, DVector};
use std::f64::consts::{E, PI};

pub fn run(nb: &mut Notebook) -> Result<()> {
    association(nb)?;
    recurrent(nb)?;
    nb.verdict(
        Verdict::HoldsWhen(
            "old memories may go: scaling turns a blackout at $P = 1 + N/\\theta^2$ into gradual forgetting, for a factor \
             $e$ of capacity"
                .into(),
        ),
        "Scaled weights make a palimpsest that holds the newest $N/(e\\theta^2)$ patterns for ever, where unscaled ones hold \
         $e$ times more and then none. In a linear network homeostasis of the spectral radius chooses which lag is \
         remembered, not how much in all; only connections that are not normal hold more.",
    )
}

// ## An associative memory
//
// $N$ inputs drive an output through $W = \frac1N\sum_\mu y^\mu x^\mu$, patterns and answers are random signs.
// The answer to a stored pattern is wrong if the crosstalk of the other $P - 1$ exceeds the stored answer: exactly a
// binomial probability, about $\Phi(-\sqrt{N/(P-1)})$.

/// Random signs.
fn signs(draws: &mut Stream, n: usize) -> Vec<f64> {
    (0..n).map(|_| if draws.uniform() < 0.5 { 1.0 } else { -1.0 }).collect()
}

fn association(nb: &mut Notebook) -> Result<()> {
    // A network with 100 inputs, played: three hundred outputs, each with its own patterns.
    let (n, p, outputs) = (100, 21, 300);
    let mut draws = Stream::new(24, &[3]);
    let mut wrong = Vec::with_capacity(outputs);
    for _ in 0..outputs {
        let patterns: Vec<(Vec<f64>, f64)> = (0..p).map(|_| (signs(&mut draws, n), signs(&mut draws, 1)[0])).collect();
        let mut w = vec![0.0; n];
        for (x, y) in &patterns {
            w.iter_mut().zip(x).for_each(|(w, x)| *w += x * y);
        }
        let field = |x: &[f64]| w.iter().zip(x).map(|(w, x)| w * x).sum::<f64>();
        // A tie is wrong half of the time.
        let errors = patterns.iter().map(|(x, y)| match field(x) * y {
            f if f < 0.0 => 1.0,
            f if f > 0.0 => 0.0,
            _ => 0.5,
        });
        wrong.push(errors.sum::<f64>() / p as f64);
    }
    let mean = wrong.iter().sum::<f64>() / outputs as f64;
    let se = (wrong.iter().map(|w| (w - mean).powi(2)).sum::<f64>() / (outputs * (outputs - 1)) as f64).sqrt();
    nb.claim("wrong answers, played", mean, association_error(n, p)?, Tol::Sampling { se, n: outputs, sigmas: 5.0 })?;
    nb.claim("wrong answers, N = 200, P = 21", association_error(200, 21)?, 0.0007821694431, Tol::Printed(10))?;
    let normal = 0.5 * libm::erfc(5f64.sqrt());
    nb.claim("the same in the Gaussian limit", association_error(200, 21)?, normal, Tol::Order { h: 2e-3, p: 1 })?;

    // Without scaling all patterns fail together at $P = 1 + N/\theta^2$.
    // If all weights are scaled by $\rho$ before each new pattern, old ones fade and new ones stay readable:
    //
    // $$\mathrm{SNR}^2(k) = \frac{\rho^{2k}N}{1/(1-\rho^2) - \rho^{2k}}, \qquad
    //   k^* = \frac{\ln[(1-\rho^2)(N+\theta^2)/\theta^2]}{-\ln\rho^2} .$$
    let (n, forgetting, outputs, stored) = (200usize, 0.02f64, 250, 240usize);
    let rho = (1.0 - forgetting).sqrt();
    let law = Palimpsest { n: n as f64, forgetting };
    let ages = [0usize, 5, 20, 60];
    let mut fields = vec![Vec::with_capacity(outputs); ages.len()];
    let mut draws = Stream::new(24, &[4]);
    for _ in 0..outputs {
        let mut w = vec![0.0; n];
        let mut kept = Vec::new();
        for t in 0..stored {
            let (x, y) = (signs(&mut draws, n), signs(&mut draws, 1)[0]);
            w.iter_mut().zip(&x).for_each(|(w, x)| *w = rho * *w + x * y / n as f64);
            if ages.contains(&(stored - 1 - t)) {
                kept.push((x, y));
            }
        }
        for (slot, (x, y)) in fields.iter_mut().rev().zip(&kept) {
            slot.push(y * w.iter().zip(x).map(|(w, x)| w * x).sum::<f64>());
        }
    }
    for (age, field) in ages.iter().zip(&fields) {
        let mean = field.iter().sum::<f64>() / outputs as f64;
        let variance = field.iter().map(|f| (f - mean).powi(2)).sum::<f64>() / (outputs - 1) as f64;
        let left = rho.powi(*age as i32);
        let se = (variance / outputs as f64).sqrt();
        nb.claim("what is left of a pattern, played", mean, left, Tol::Sampling { se, n: outputs, sigmas: 5.0 })?;
        let noise = (left / law.snr(*age as f64)?).powi(2);
        let se = noise * (2.0 / (outputs - 1) as f64).sqrt();
        nb.claim("crosstalk, played", variance, noise, Tol::Sampling { se, n: 0, sigmas: 5.0 })?;
    }
    let memory = Palimpsest { n: 1000.0, forgetting: 1.0 / 50.0 };
    nb.claim("SNR of age 20, N = 1000", memory.snr(20.0)?, 3.678702521, Tol::Printed(10))?;
    nb.claim("wrong answers there", memory.error(20.0)?, 0.000117211752, Tol::Printed(9))?;
    nb.claim("lifetime at θ = 2", memory.lifetime(2.0)?.unwrap_or(0.0), 79.86206543, Tol::Printed(10))?;
    let best = Palimpsest::best(1000.0, 2.0)?;
    let life = |f: f64| Palimpsest { n: 1000.0, forgetting: f }.lifetime(2.0).ok().flatten().unwrap_or(f64::NAN);
    let h = 1e-4 * best.forgetting;
    let slope = (life(best.forgetting + h) - life(best.forgetting - h)) / (2.0 * h) * best.forgetting;
    nb.claim("slope of the lifetime at the best scaling", slope, 0.0, Tol::Order { h: 1e-5, p: 1 })?;
    nb.claim("best scaling, 1 − ρ²", best.forgetting, 0.01077142903, Tol::Printed(8))?;
    nb.claim("its lifetime", life(best.forgetting), 91.83819098, Tol::Printed(10))?;
    nb.claim("its lifetime against N/(eθ²)", life(best.forgetting), 1000.0 / (E * 4.0), Tol::Order { h: 2e-3, p: 1 })?;
    nb.claim("blackout without scaling", blackout(1000.0, 2.0)?, 251.0, Tol::Exact)?;
    nb.claim("the price of scaling", 250.0 / life(best.forgetting), E, Tol::Order { h: 2e-3, p: 1 })?;

    // A recurrent network at zero temperature holds up to $\alpha_c = 0.138$ patterns per unit. Below, its overlap $m$
    // satisfies the equations of Amit, Gutfreund and Sompolinsky, which we solve again by iteration:
    // $m = \mathrm{erf}(m/\sqrt{2\alpha r})$, $C = \sqrt{2/(\pi\alpha r)}\,e^{-m^2/2\alpha r}$, $r = (1 - C)^{-2}$.
    let (capacity, overlap) = hopfield_capacity()?;
    nb.claim("capacity of the recurrent network", capacity, 0.1379055665, Tol::Printed(10))?;
    nb.claim("overlap at capacity", overlap, 0.9674171157, Tol::Printed(10))?;
    let iterated = |alpha: f64| {
        let (mut m, mut r) = (1.0f64, 1.0f64);
        for _ in 0..20_000 {
            let c = (2.0 / (PI * alpha * r)).sqrt() * (-m * m / (2.0 * alpha * r)).exp();
            m = libm::erf(m / (2.0 * alpha * r).sqrt());
            r = (1.0 - c).powi(-2);
        }
        m
    };
    for alpha in [0.02, 0.06, 0.1, 0.13] {
        nb.claim("overlap of retrieval", hopfield_overlap(alpha)?, iterated(alpha), Tol::Order { h: 1e-10, p: 1 })?;
    }
    nb.claim("overlap at α = 0.1", hopfield_overlap(0.1)?, 0.9979992663, Tol::Printed(10))?;
    nb.claim_holds(
        "beyond capacity there is no retrieval",
        hopfield_overlap(0.14).is_err() && iterated(0.16) < 0.5,
        "refused, and the iteration falls away from overlap 1",
    )?;

    let snr = |f: f64| move |k: f64| Palimpsest { n: 1000.0, forgetting: f }.snr(k).unwrap_or(f64::NAN);
    let retention = Panel::new(Axis::linear("age (patterns)", ""), Axis::log("SNR", "").range(0.5, 100.0))
        .add(Line::of("1 − ρ^{2} = 0.1", (0.0, 150.0), 150, snr(0.1)).ink(Ink::Hue(1)))
        .add(Line::of("0.02", (0.0, 150.0), 150, snr(0.02)).ink(Ink::Hue(0)))
        .add(Line::of("best for θ", (0.0, 150.0), 150, snr(best.forgetting)).ink(Ink::Stable))
        .add(Line::of("0.002", (0.0, 150.0), 150, snr(0.002)).ink(Ink::Hue(4)))
        .add(Rule::horizontal("θ", 2.0));
    let stored = Panel::new(
        Axis::linear("patterns presented", "").range(0.0, 400.0),
        Axis::linear("patterns readable", "").including(0.0),
    )
    .add(Line::of("no scaling", (1.0, 400.0), 399, |p| if p < 251.0 { p } else { 0.0 }).ink(Ink::Unstable))
    .add(Line::of("best scaling", (1.0, 400.0), 399, |p| p.min(life(best.forgetting))).ink(Ink::Stable));
    nb.figure(
        "palimpsest",
        Figure::row([retention, stored]).caption(
            "$N = 1000$, threshold $\\theta = 2$. **a** Retention for four strengths of scaling. **b** Without scaling the network holds every pattern up to $1 + N/\\theta^2$ and then none; with it the newest ones, a factor $e$ fewer.",
        ),
    )
}

// ## The memory of a recurrent network
//
// A linear network $x(t) = W x(t-1) + v s(t) + z$ with noise of variance $\epsilon$ remembers its input for a while:
// the Fisher information that its state holds about the input of lag $k$ is $J(k) = v^\top W^{k\top} C^{-1} W^k v$.
// Homeostasis of the spectral radius is said to keep networks at the edge where memory is largest.

fn recurrent(nb: &mut Notebook) -> Result<()> {
    // For a normal $W$ the sum over all lags is $|v|^2/\epsilon$, whatever the spectrum. Random normal networks, made from
    // a random rotation and random eigenvalues:
    let n = 8;
    let mut draws = Stream::new(24, &[5]);
    for _ in 0..6 {
        let q = DMatrix::from_fn(n, n, |_, _| draws.normal()).qr().q();
        let l = DMatrix::from_diagonal(&DVector::from_fn(n, |_, _| 1.9 * (draws.uniform() - 0.5)));
        let v = DVector::from_fn(n, |_, _| draws.normal()).normalize();
        let curve = memory_curve(&(&q * l * q.transpose()), v.as_slice(), 0.5, 800)?;
        nb.claim("memory of a normal network", curve.iter().sum::<f64>(), 2.0, Tol::Order { h: 1e-9, p: 1 })?;
    }
    // What the spectral radius $\sqrt a$ chooses is the lag: $J(k) = a^k(1-a)$ for an orthogonal network, best for lag $k$
    // at $a = k/(k+1)$.
    let q = DMatrix::from_fn(n, n, |_, _| draws.normal()).qr().q();
    let mut v = vec![0.0; n];
    v[0] = 1.0;
    let curve = memory_curve(&(&q * 0.9f64.sqrt()), &v, 1.0, 40)?;
    for (lag, j) in curve.iter().enumerate() {
        nb.claim(
            "memory of an orthogonal network",
            *j,
            orthogonal_memory(0.9, lag as u32)?,
            Tol::Order { h: 1e-9, p: 1 },
        )?;
    }
    nb.claim("lag 7 at a = 0.9", curve[7], 0.04782969, Tol::Printed(7))?;
    nb.claim("lag 7 at the best a", orthogonal_memory(0.875, 7)?, 0.04908698797, Tol::Printed(10))?;
    let grid = (1..1000).map(|k| f64::from(k) / 1000.0);
    let best = grid.fold((0.0, 0.0), |best, a| match orthogonal_memory(a, 7) {
        Ok(j) if j > best.1 => (a, j),
        _ => best,
    });
    nb.claim("best a for lag 7, searched", best.0, 7.0 / 8.0, Tol::Order { h: 1e-12, p: 1 })?;

    // Only a network that is not normal has more: a delay line of $N$ units reaches the harmonic number $H_N$ at gain 1,
    // and nothing exceeds $N/\epsilon$.
    let line = |a: f64| DMatrix::from_fn(20, 20, |i, j| if i == j + 1 { f64::sqrt(a) } else { 0.0 });
    let mut first = vec![0.0; 20];
    first[0] = 1.0;
    for (a, at9, total) in [(0.9, 0.05948221475, 2.88044319), (1.0, 0.1, 3.597739657), (1.2, 0.1987689641, 5.436287878)]
    {
        let curve = memory_curve(&line(a), &first, 1.0, 20)?;
        nb.claim("lag 9 of a delay line", curve[9], at9, Tol::Printed(10))?;
        nb.claim("lag 9 in closed form", delay_line_memory(a, 20, 9)?, curve[9], Tol::Order { h: 1e-9, p: 1 })?;
        nb.claim("all lags of a delay line", curve.iter().sum::<f64>(), total, Tol::Printed(9))?;
        nb.claim_holds("no more than N", curve.iter().sum::<f64>() <= 20.0, "sum over all lags, noise variance 1")?;
    }
    let harmonic: f64 = (1..=20).map(|k| 1.0 / f64::from(k)).sum();
    let at_one = memory_curve(&line(1.0), &first, 1.0, 20)?.iter().sum::<f64>();
    nb.claim("a delay line with gain 1", at_one, harmonic, Tol::Order { h: 1e-10, p: 1 })?;

    let lags: Vec<f64> = (0..20).map(f64::from).collect();
    let of = |f: &dyn Fn(u32) -> Result<f64>| (0..20).map(f).collect::<Result<Vec<f64>>>();
    let mut normal = Panel::new(Axis::linear("lag k", ""), Axis::log("J(k)", "").range(1e-4, 1.0)).title("normal");
    for (k, a) in [0.5, 0.875, 0.98].into_iter().enumerate() {
        normal = normal.add(Line::new(&format!("a = {a}"), &lags, &of(&|l| orthogonal_memory(a, l))?).ink(Ink::Hue(k)));
    }
    let mut chain = Panel::new(Axis::linear("lag k", ""), Axis::log("J(k)", "").range(1e-4, 1.0)).title("delay line");
    for (k, a) in [0.5, 0.9, 1.0, 1.2].into_iter().enumerate() {
        chain =
            chain.add(Line::new(&format!("a = {a}"), &lags, &of(&|l| delay_line_memory(a, 20, l))?).ink(Ink::Hue(k)));
    }
    nb.figure(
        "lags",
        Figure::row([normal, chain]).caption(
            "Fisher information about the input of lag $k$. **a** Normal networks of spectral radius $\\sqrt a$ share one area of 1. **b** A delay line of twenty units holds more, most if it amplifies.",
        ),
    )
}
