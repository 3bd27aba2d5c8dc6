//! # How long does a memory trace last?
//!
//! Plasticity never stops, so that every new memory writes over the old ones.
//! The field says that synapses with hidden states or coupled variables keep a trace far longer than simple switches.
//! We ask how the lifetime grows with the number of synapses, and where each synapse stops being the best one.

use homeostat::coding::memory::{Chain, Switch, Synapse, area_bound, trace_accuracy};
use homeostat::lang::PartKind;
use homeostat::models::library;
use homeostat::notebook::prelude::*;
use homeostat::num::Stream;
use homeostat::num::linalg::expm;
use nalgebra::DMatrix;
use std::f64::consts::{E, LN_2};

pub fn run(nb: &mut Notebook) -> Result<()> {
    switch(nb)?;
    cascade(nb)?;
    bounds(nb)?;
    chain(nb)?;
    let overtaken = synapses_compared(nb)?;
    nb.verdict(
        Verdict::HoldsWhen(format!(
            "$N < {:.1}\\times10^7$ for a cascade of ten depths against the best switch; for a chain of $m$ variables while \
             the lifetime is below $4^m$",
            overtaken / 1e7
        )),
        "A switch lives for $\\ln N$ or, tuned to $N$, for $\\sqrt N$ memories. A cascade of ten depths beats the tuned \
         switch only in a window of sizes; a chain of coupled variables beats both by orders of magnitude. No synapse of \
         $M$ states has more than the area $M - 1$ under its trace.",
    )
}

// ## A switch
//
// $N$ synapses have two strengths. Every memory wants one of them, at random, and is obeyed with probability $q$. The
// trace of a memory, the mean product of what it wanted and what is there $t$ memories later, is
//
// $$s(t) = q\,(1 - q)^t, \qquad \mathrm{SNR} = \sqrt N\, s(t), \qquad
//   t^* = \frac{\ln(\sqrt N q/\theta)}{-\ln(1 - q)}.$$
//
// What is quick to learn is quick to forget. First we let synapses play: each keeps a strength, nothing else is known.

/// The mean product of what a memory wanted and what `ages` memories left of it, over `synapses` that follow a `rule`;
/// `start` draws a state, a positive state is a strong synapse.
fn played(
    words: &[u64],
    synapses: usize,
    ages: &[usize],
    start: impl Fn(&mut Stream) -> i32,
    rule: impl Fn(i32, bool, &mut Stream) -> i32,
) -> Vec<f64> {
    let mut draws = Stream::new(23, words);
    let mut sums = vec![0.0; ages.len()];
    let last = ages[ages.len() - 1];
    for _ in 0..synapses {
        let mut state = start(&mut draws);
        let wanted = draws.uniform() < 0.5;
        state = rule(state, wanted, &mut draws);
        let mut next = 0;
        for age in 0..=last {
            if age == ages[next] {
                sums[next] += if (state > 0) == wanted { 1.0 } else { -1.0 };
                next += 1;
            }
            let event = draws.uniform() < 0.5;
            state = rule(state, event, &mut draws);
        }
    }
    sums.iter().map(|s| s / synapses as f64).collect()
}

fn switch(nb: &mut Notebook) -> Result<()> {
    let n = 1e4;
    let fast = Switch { q: 0.1, synapses: n };
    let slow = Switch { q: 0.03, synapses: n };
    let (count, ages) = (100_000, [0, 5, 10, 20]);
    let coin = |draws: &mut Stream| if draws.uniform() < 0.5 { 1 } else { -1 };
    let obeys = |state: i32, up: bool, draws: &mut Stream| match draws.uniform() < 0.1 {
        true => {
            if up {
                1
            } else {
                -1
            }
        }
        false => state,
    };
    let trace = played(&[1], count, &ages, coin, obeys);
    for (age, s) in ages.iter().zip(&trace) {
        let theory = fast.snr(*age as f64)? / n.sqrt();
        let se = ((1.0 - theory * theory) / count as f64).sqrt();
        nb.claim("trace of played switches", *s, theory, Tol::Sampling { se, n: 0, sigmas: 5.0 })?;
    }

    // The lifetime is that of the exact Markov chain, which counts whole memories.
    for switch in [fast, slow] {
        let chain = Synapse::switch(switch.q)?.lifetime(n, 1.0)?.expect("it starts above the threshold");
        let closed = switch.lifetime(1.0)?.expect("it starts above the threshold");
        nb.claim("lifetime of a switch, whole memories", chain as f64, closed.floor(), Tol::Exact)?;
    }
    nb.claim("lifetime at q = 0.1", fast.lifetime(1.0)?.unwrap_or(0.0), 21.85434533, Tol::Printed(10))?;
    nb.claim("lifetime at q = 0.03", slow.lifetime(1.0)?.unwrap_or(0.0), 36.06831495, Tol::Printed(10))?;
    nb.claim("SNR of age 50", slow.snr(50.0)?, 0.654196126, Tol::Printed(9))?;
    nb.claim("the same with the exact variance", slow.snr_exact(50.0)?, 0.6542101254, Tol::Printed(10))?;
    nb.claim("old or new? right answers", trace_accuracy(slow.snr(50.0)?)?, 0.6781696125, Tol::Printed(10))?;

    // Among all switches one lives longest, at $q \approx e\theta/\sqrt N$, for $\sqrt N/(e\theta)$ memories.
    // At its maximum the lifetime does not change with $q$.
    let best = Switch::best(n, 1.0)?;
    let life = |q: f64| Switch { q, synapses: n }.lifetime(1.0).ok().flatten().unwrap_or(f64::NAN);
    let h = 1e-4 * best.q;
    let slope = (life(best.q + h) - life(best.q - h)) / (2.0 * h) * best.q / life(best.q);
    nb.claim("slope of the lifetime at the best q", slope, 0.0, Tol::Order { h: 1e-6, p: 1 })?;
    nb.claim("best q", best.q, 0.02681750494, Tol::Printed(10))?;
    nb.claim("its lifetime", life(best.q), 36.28907675, Tol::Printed(10))?;
    for exponent in [4, 6, 8, 10, 12] {
        let synapses = 10f64.powi(exponent);
        let ratio = Switch::best(synapses, 1.0)?.lifetime(1.0)?.unwrap_or(0.0) / (synapses.sqrt() / E);
        // The next order is −½ e/√N of the whole.
        nb.claim("best lifetime over √N/e", ratio, 1.0, Tol::Order { h: E / synapses.sqrt(), p: 1 })?;
    }

    // Plasticity may be gated. A memory stored with $q(1 + m)$ lives longer by $\ln(1 + m)/(-\ln(1 - q))$, and shortens
    // the life of all others: if a part $p$ of the later memories is boosted, their trace falls as
    // $(1 - q)^{(1-p)t}(1 - q(1 + m))^{pt}$.
    nb.claim("memories gained by a boost of 4", slow.boosted_gain(4.0)?, 52.83912634, Tol::Printed(10))?;
    let boosted = Switch { q: 0.15, synapses: n }.snr(0.0)? * 0.97f64.powf(life(0.03) + slow.boosted_gain(4.0)?);
    nb.claim("a boosted trace at the end of its life", boosted, 1.0, Tol::Rounding(64))?;
    let among = slow.snr_among_boosted(50.0, 4.0, 0.1)?;
    nb.claim("SNR of age 50 among boosted ones", among, 0.3380211892, Tol::Printed(10))?;
    // With any share of boosted memories the mean trace pays: the gain of the few is the loss of the many.
    let mixed = 0.1 * 5.0 * among + 0.9 * among;
    nb.claim_holds(
        "one boosted memory in ten costs the mean trace of age 50",
        mixed < slow.snr(50.0)?,
        format!("{mixed:.3} with the boosted ones included, {:.3} without", slow.snr(50.0)?),
    )?;
    // Strength at once times half-life is bounded: $\sqrt N\,\ln 2$ is approached from below as $q \to 0$.
    for q in [0.2, 0.05, 0.01, 1e-6] {
        let switch = Switch { q, synapses: n };
        let product = switch.snr(0.0)? * switch.half_life()?;
        // −q/ln(1 − q) = 1 − q/2 − …
        nb.claim("initial SNR times half-life", product, n.sqrt() * LN_2, Tol::Order { h: 0.6 * q, p: 1 })?;
    }
    Ok(())
}

// ## A cascade of metaplastic states
//
// Two strengths with $n$ depths each. An event against the synapse throws it from depth $i$ to depth 1 of the other
// strength with probability $x^{i-1}$, an event in its favour moves it one deeper with probability $x^i/(1 - x)$.
// Its deep states have seen much and are hard to move: the trace falls like a power of the age.

fn cascade(nb: &mut Notebook) -> Result<()> {
    let (depths, x) = (10usize, 0.5f64);
    let synapse = Synapse::cascade(depths, x)?;
    // In equilibrium all $2n$ states are equally likely, and $s(0) = 1/(n(1 - x))$.
    for p in synapse.equilibrium() {
        nb.claim("occupancy of each state", *p, 1.0 / (2.0 * depths as f64), Tol::Rounding(64))?;
    }
    let ages = [0u64, 1, 10, 100, 1000];
    let trace = synapse.signal(&ages)?;
    nb.claim("trace when just stored", trace[0], 1.0 / (depths as f64 * (1.0 - x)), Tol::Rounding(64))?;
    for (s, printed) in trace.iter().zip([0.2, 0.06666564941, 0.03668881596, 0.00819500686, 0.000728073334]) {
        nb.claim("trace of the cascade", *s, printed, Tol::Printed(9))?;
    }

    // The same by play, with the rule as it was said and no matrix: state $\pm i$ is depth $i$.
    let (count, played_ages) = (60_000, [0, 1, 3, 10, 30]);
    let start = |draws: &mut Stream| {
        let depth = 1 + draws.index(depths) as i32;
        if draws.uniform() < 0.5 { depth } else { -depth }
    };
    let rule = |state: i32, up: bool, draws: &mut Stream| {
        let (depth, deepest) = (state.abs(), state.abs() == depths as i32);
        let chance = draws.uniform();
        match (up == (state > 0), deepest) {
            (true, true) => state,
            (true, false) if chance < x.powi(depth) / (1.0 - x) => state + state.signum(),
            (false, true) if chance < x.powi(depth - 1) / (1.0 - x) => -state.signum(),
            (false, false) if chance < x.powi(depth - 1) => -state.signum(),
            _ => state,
        }
    };
    let seen = played(&[2], count, &played_ages, start, rule);
    let whole: Vec<u64> = played_ages.iter().map(|a| *a as u64).collect();
    let se = 1.0 / (count as f64).sqrt();
    for (s, theory) in seen.iter().zip(synapse.signal(&whole)?) {
        nb.claim("trace of played cascades", *s, theory, Tol::Sampling { se, n: 0, sigmas: 5.0 })?;
    }

    // Between 1 and about $2^n$ memories it is nearly a power law, afterwards exponential.
    let between = |from: u64, to: u64| -> Result<f64> {
        let s = synapse.signal(&[from, to])?;
        Ok((s[1] / s[0]).ln() / (to as f64 / from as f64).ln())
    };
    nb.claim("log-slope from 40 to 60", between(40, 60)?, -0.6923141717, Tol::Printed(10))?;
    let decay = synapse.slowest_decay()?;
    nb.claim("slowest decay per memory", decay, 0.9980403073, Tol::Printed(10))?;
    let late = synapse.signal(&[20_000, 20_001])?;
    nb.claim("decay of the oldest traces", late[1] / late[0], decay, Tol::Order { h: 1e-9, p: 1 })?;
    let only = Synapse::cascade(1, x)?.signal(&[0, 1, 2])?;
    nb.claim("a cascade of one depth", only[0] + only[1] + only[2], 1.0, Tol::Rounding(4))?;

    let n = 1e6;
    let lifetime = synapse.lifetime(n, 1.0)?.unwrap_or(0);
    nb.claim("lifetime of the cascade, N = 10⁶", lifetime as f64, 840.0, Tol::Exact)?;
    let half = Switch { q: 0.5, synapses: n }.lifetime(1.0)?.unwrap_or(0.0);
    nb.claim("lifetime of a switch with q = 1/2", half, 8.965784285, Tol::Printed(10))?;
    let tuned = Switch::best(n, 1.0)?.lifetime(1.0)?.unwrap_or(0.0);
    nb.claim("lifetime of the best switch", tuned, 367.3795544, Tol::Printed(10))
}

// ## What no synapse can exceed
//
// For a synapse of $M$ states with weights in $[-1, 1]$, whatever its transitions,
//
// $$s(0) \le 1, \qquad \int_0^\infty s\,\mathrm dt \le M - 1,$$
//
// with events in continuous time at rate one. A serial chain that is hard to leave at its ends comes as near as one likes.

fn bounds(nb: &mut Notebook) -> Result<()> {
    // For the serial chain of $M$ states, left at its ends with probability $\epsilon$, both can be counted: inner states
    // have the occupancy $\pi = 1/(M - 2 + 2/\epsilon)$, end states $\pi/\epsilon$, and every step between neighbours
    // carries twice the occupancy on its shorter side:
    //
    // $$A = 2\pi\sum_{k=1}^{M-1}\Bigl(\min(k, M-k) - 1 + \frac1\epsilon\Bigr) \to M - 1 \;(\epsilon \to 0),
    //   \qquad s(0) = 2\pi \to 0.$$
    //
    // The longest memory and the strongest new trace exclude each other.
    let area = |states: usize, exit: f64| {
        let inner = 1.0 / (states as f64 - 2.0 + 2.0 / exit);
        let side = |k: usize| k.min(states - k) as f64 - 1.0 + 1.0 / exit;
        2.0 * inner * (1..states).map(side).sum::<f64>()
    };
    for (exit, printed) in [(1.0, 5.0), (0.1, 7.571428571), (0.01, 8.807692308), (0.001, 8.980079681)] {
        let chain = Synapse::serial(10, exit)?;
        nb.claim("area of a serial chain of ten states", chain.area()?, printed, Tol::Printed(10))?;
        nb.claim("the same, by counting occupancies", chain.area()?, area(10, exit), Tol::Order { h: 1e-11, p: 1 })?;
        nb.claim("its trace when just stored", chain.signal(&[0])?[0], 2.0 / (8.0 + 2.0 / exit), Tol::Rounding(64))?;
    }
    nb.claim("area of a cascade of ten states", Synapse::cascade(5, 0.5)?.area()?, 2.2, Tol::Rounding(64))?;

    // Random chains obey both bounds; most are far from them.
    let states = 6;
    let mut draws = Stream::new(23, &[3]);
    let mut largest = (0.0f64, 0.0f64);
    for trial in 0..300 {
        let sharp = 1 + trial % 8;
        let mut random = || {
            let mut m = DMatrix::from_fn(states, states, |_, _| draws.open_uniform().powi(sharp) + 1e-9);
            m.row_iter_mut().for_each(|mut r| {
                let sum = r.sum();
                r /= sum;
            });
            m
        };
        let weights = (0..states).map(|i| if 2 * i < states { -1.0 } else { 1.0 }).collect();
        let synapse = Synapse::new(random(), random(), weights)?;
        let (s0, area) = (synapse.signal(&[0])?[0], synapse.area()?);
        largest = (largest.0.max(s0.abs()), largest.1.max(area.abs()));
    }
    nb.claim_holds(
        "300 random chains of six states obey both bounds",
        largest.0 <= 1.0 && largest.1 <= area_bound(states),
        format!("largest initial trace {:.3} of 1, largest area {:.3} of {}", largest.0, largest.1, area_bound(states)),
    )?;

    // A weight that walks in $\{-L, …, L\}$ and is clipped has the eigenvalues $\cos(k\pi/(2L + 1))$.
    for l in [2usize, 5, 20] {
        let walk = Synapse::bounded_walk(l)?;
        let (size, states) = (l as f64, 2.0 * l as f64 + 1.0);
        let slowest = (std::f64::consts::PI / states).cos();
        nb.claim("decay of a bounded walk", walk.slowest_decay()?, slowest, Tol::Order { h: 1e-12, p: 1 })?;
        nb.claim("trace of a new step of the walk", walk.signal(&[0])?[0], 2.0 * size / states, Tol::Rounding(64))?;
        nb.claim("variance of the walk", walk.weight_variance(), size * (size + 1.0) / 3.0, Tol::Rounding(64))?;
    }
    let walk = Synapse::bounded_walk(5)?;
    nb.claim("SNR of one bounded walk", walk.snr(1.0, &[0])?[0], 0.2874797873, Tol::Printed(10))?;
    nb.claim("trace of a bounded walk of age 20", walk.signal(&[20])?[0], 0.3497602289, Tol::Printed(10))
}

// ## A chain of coupled variables
//
// Benna and Fusi couple the weight to a chain of hidden variables, each slower and larger than the one before,
//
// $$C_k\,\dot u_k = g_{k-1}(u_{k-1} - u_k) + g_k(u_{k+1} - u_k), \qquad C_k = 2^{k-1},\; g_k = \alpha\,2^{-(k-1)},$$
//
// like water in beakers. Each memory adds $\pm1$ to $u_1$. It is a mechanism, so it is written as one.

const BEAKERS: &str = r#"
title = "A chain of coupled variables"
sources = ["benna2016"]
equations = """
du1/dt = g*(u2 - u1)  : 1
du2/dt = (g*(u1 - u2) + g/2*(u3 - u2))/2  : 1
du3/dt = (g/2*(u2 - u3) + g/4*(u4 - u3))/4  : 1
du4/dt = (g/4*(u3 - u4) + g/8*(u5 - u4))/8  : 1
du5/dt = (g/8*(u4 - u5) + g/16*(u6 - u5))/16  : 1
du6/dt = (g/16*(u5 - u6) + g/32*(u7 - u6))/32  : 1
du7/dt = (g/32*(u6 - u7) + g/64*(u8 - u7))/64  : 1
du8/dt = (g/64*(u7 - u8) - g/128*u8)/128  : 1
"""
[parameters]
g = { value = "0.25 Hz", about = "conductance between the first two" }
"#;

fn chain(nb: &mut Notebook) -> Result<()> {
    let beakers = library().with("beakers", "beakers.toml", Some(PartKind::Circuit), BEAKERS);
    let model = Model::compose("beakers", &beakers)?;
    nb.model(&model)?;
    let chain = Chain::geometric(8, 0.25)?;

    // The trace of one memory is $h(t) = [e^{At}]_{11}$. The model is integrated from $u_1 = 1$, the closed form sums the
    // modes of the symmetrised matrix.
    let mut start = vec![0.0; 8];
    start[0] = 1.0;
    let options = Integration { record: Record::Every(1.0), ..Integration::default() };
    let run = integrate(&model, &model.names().defaults(), &start, 1e4, &options)?;
    for (t, printed) in [(1.0, 0.791261721), (10.0, 0.2950041344), (100.0, 0.09514999067), (1e3, 0.02995133389)] {
        nb.claim("trace of the chain", chain.trace(t)?, printed, Tol::Printed(9))?;
        nb.claim("the same, integrated", run.at(t)?[0], chain.trace(t)?, Tol::Order { h: 1e-6, p: 1 })?;
    }
    nb.claim("integrated over 10⁴ s", run.last()[0], 0.009483858273, Tol::Order { h: 1e-5, p: 1 })?;

    // It falls like $t^{-1/2}$ over as many decades as there are variables for, each adds a factor of four in time.
    nb.claim("log-slope at age 1000", chain.log_slope(1e3)?, -0.4906913012, Tol::Printed(10))?;
    let mut lengths = Vec::new();
    for m in [6, 8, 10, 12] {
        lengths.push(Chain::geometric(m, 0.25)?.slowest());
    }
    for pair in lengths.windows(2) {
        nb.claim("two more variables, time constant", pair[1] / pair[0], 16.0, Tol::Order { h: 0.03, p: 1 })?;
    }
    nb.claim("slowest time constant of eight", chain.slowest(), 151692.6381, Tol::Printed(10))?;

    // The noise is what all other memories left, $\nu = \sum_{t \ge 0} h(t)^2$. The modes give it at once; the propagator
    // of the composed model, doubled until the sum is complete, gives it again.
    let mut leap = expm(&model.jacobian(&start, &model.names().defaults()))?;
    let mut spread = DMatrix::from_fn(8, 8, |i, j| f64::from(i == 0 && j == 0));
    for _ in 0..30 {
        spread += &leap * &spread * leap.transpose();
        leap = &leap * &leap;
    }
    nb.claim("noise of the chain", chain.noise(), spread[(0, 0)], Tol::Order { h: 1e-9, p: 1 })?;
    nb.claim("noise of the chain, printed", chain.noise(), 12.10336224, Tol::Printed(10))?;
    nb.claim("SNR of age 100, N = 10⁴", chain.snr(1e4, 100.0)?, 2.734989947, Tol::Printed(10))?;
    let lifetime = chain.lifetime(1e4, 1.0)?.unwrap_or(0.0);
    nb.claim("lifetime, N = 10⁴", lifetime, 740.0609585, Tol::Printed(10))?;
    nb.claim("SNR at the end of it", chain.snr(1e4, lifetime)?, 1.0, Tol::Order { h: 1e-10, p: 1 })
}

// ## All of them
//
// Now the number of synapses grows, and each kind shows how much of it becomes lifetime: $\ln N$ for a switch with
// fixed $q$, $\sqrt N$ for the best switch, a power and then $\ln N$ for a cascade of given depth, nearly $N$ for a chain
// with variables enough.

/// The number of synapses above which the best switch outlives the cascade.
fn synapses_compared(nb: &mut Notebook) -> Result<f64> {
    let cascade = Synapse::cascade(10, 0.5)?;
    let chain = Chain::geometric(12, 0.25)?;
    let of_cascade = |n: f64| cascade.lifetime(n, 1.0).ok().flatten().map_or(f64::NAN, |t| t as f64);
    let of_chain = |n: f64| chain.lifetime(n, 1.0).ok().flatten().unwrap_or(f64::NAN);
    let of_best = |n: f64| Switch::best(n, 1.0).and_then(|s| s.lifetime(1.0)).ok().flatten().unwrap_or(f64::NAN);
    let of_half = |n: f64| Switch { q: 0.5, synapses: n }.lifetime(1.0).ok().flatten().unwrap_or(f64::NAN);

    // A cascade of ten depths has a power law for $2^{10}$ memories only: the tuned switch overtakes it twice, below
    // and above.
    let crossing = |mut low: f64, mut high: f64| {
        let ahead = |log: f64| of_cascade(log.exp()) > of_best(log.exp());
        (low, high) = (low.ln(), high.ln());
        let rising = ahead(high);
        for _ in 0..20 {
            let middle = 0.5 * (low + high);
            if ahead(middle) == rising { high = middle } else { low = middle }
        }
        (0.5 * (low + high)).exp()
    };
    let (from, to) = (crossing(100.0, 1e5), crossing(1e5, 1e12));
    nb.claim_holds(
        "a cascade of ten depths beats the best switch in a window of sizes",
        of_cascade(from * 0.8) < of_best(from * 0.8)
            && of_cascade((from * to).sqrt()) > of_best((from * to).sqrt())
            && of_cascade(to * 1.25) < of_best(to * 1.25),
        format!("from N = {from:.3e} to {to:.3e} synapses"),
    )?;
    // From there on its lifetime grows by the slowest time constant for every factor $e^2$ of $N$.
    let tau = -1.0 / cascade.slowest_decay()?.ln();
    let growth = of_cascade(1e14) - of_cascade(1e12);
    nb.claim("two more decades, cascade", growth, tau * 10f64.ln(), Tol::Order { h: 0.01, p: 1 })?;

    let power = |f: &dyn Fn(f64) -> f64, n: f64| (f(10.0 * n) / f(n)).log10();
    nb.claim("growth exponent of the best switch", power(&of_best, 1e8), 0.5, Tol::Order { h: 1e-3, p: 1 })?;
    nb.claim("growth exponent of the chain", power(&of_chain, 1e4), 1.0, Tol::Order { h: 0.05, p: 1 })?;

    let n = 1e6;
    let ages: Vec<u64> = (0..=110).map(|k| 10f64.powf(k as f64 / 20.0).round() as u64).collect();
    let t: Vec<f64> = ages.iter().map(|a| *a as f64).collect();
    let best = Switch::best(n, 1.0)?;
    let half = Switch { q: 0.5, synapses: n };
    let snr = |f: &dyn Fn(f64) -> Result<f64>| t.iter().map(|&t| f(t)).collect::<Result<Vec<f64>>>();
    let retention = Panel::new(Axis::log("age (memories)", "").range(1.0, 2e5), Axis::log("SNR", "").range(0.1, 1e3))
        .title("N = 10^{6}")
        .add(Line::new("switch, q = ½", &t, &snr(&|t| half.snr(t))?).ink(Ink::Hue(5)))
        .add(Line::new("best switch", &t, &snr(&|t| best.snr(t))?).ink(Ink::Hue(0)))
        .add(Line::new("cascade, n = 10", &t, &cascade.snr(n, &ages)?).ink(Ink::Hue(1)))
        .add(Line::new("chain, m = 12", &t, &snr(&|t| chain.snr(n, t))?).ink(Ink::Hue(2)))
        .add(Rule::horizontal("θ", 1.0));
    let sizes = |f: &dyn Fn(f64) -> f64| {
        let x: Vec<f64> = (0..=30).map(|k| 10f64.powf(2.0 + k as f64 / 3.0)).collect();
        let y: Vec<f64> = x.iter().map(|&n| f(n)).collect();
        (x, y)
    };
    let line = |name: &str, f: &dyn Fn(f64) -> f64, hue: usize| {
        let (x, y) = sizes(f);
        Line::new(name, &x, &y).ink(Ink::Hue(hue))
    };
    let growth =
        Panel::new(Axis::log("synapses N", "").range(1e2, 1e12), Axis::log("lifetime (memories)", "").range(1.0, 1e8))
            .add(line("switch, q = ½", &of_half, 5))
            .add(line("best switch", &of_best, 0))
            .add(line("cascade, n = 10", &of_cascade, 1))
            .add(line("chain, m = 12", &of_chain, 2))
            .no_legend();
    nb.figure(
        "retention",
        Figure::row([retention, growth]).caption(
            "**a** Signal-to-noise ratio of one memory over the number of later ones. **b** How long it stays above $\\theta = 1$, over the number of synapses. A synapse of given depth runs out: the best switch is tuned anew for every $N$, the cascade and the chain are not.",
        ),
    )?;
    Ok(to)
}
