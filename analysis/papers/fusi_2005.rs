//! # Fusi, Drew & Abbott 2005: cascade models of synaptically stored memories
//!
//! A synapse with two strengths and $n$ states of metaplasticity for each. The paper chooses the transition probabilities
//! $q_i = x^{i-1}$, $p_i = x^i/(1-x)$ and the last $q_n = x^{n-1}/(1-x)$ such that all states are equally occupied, and
//! reports that memory then falls as a power law instead of exponentially, so that strong initial storage and long
//! retention go together.
//! We rebuild the model from these probabilities by play, compare it with the exact chain, and ask how much the cascade
//! gains and where its power law ends.

use homeostat::coding::memory::{Switch, Synapse};
use homeostat::notebook::prelude::*;

pub fn run(nb: &mut Notebook) -> Result<()> {
    let x = 0.5f64;
    // ## All states are equally occupied
    //
    // That is what the compensation of the last state is for: without it the deepest state would fill up.
    for n in [2usize, 5, 10, 14] {
        let synapse = Synapse::cascade(n, x)?;
        for p in synapse.equilibrium() {
            nb.claim("occupancy of each of the 2n states", *p, 0.5 / n as f64, Tol::Order { h: 1e-12, p: 1 })?;
        }
        nb.claim(
            "initial trace 1/(n(1 − x))",
            synapse.signal(&[0])?[0],
            1.0 / (n as f64 * (1.0 - x)),
            Tol::Order { h: 1e-12, p: 1 },
        )?;
        // The rule as it is written, without the library's matrices: one step of the occupancy by hand.
        let (strong, weak) = (|i: usize| n + i - 1, |i: usize| n - i);
        let even = 0.5 / n as f64;
        let mut next = vec![even; 2 * n];
        for i in 1..=n {
            let opposing = if i == n { x.powi(n as i32 - 1) / (1.0 - x) } else { x.powi(i as i32 - 1) };
            let deeper = if i == n { 0.0 } else { x.powi(i as i32) / (1.0 - x) };
            for (own, other) in [(strong(i), weak(1)), (weak(i), strong(1))] {
                next[own] -= 0.5 * even * (opposing + deeper);
                next[other] += 0.5 * even * opposing;
            }
            if i < n {
                next[strong(i + 1)] += 0.5 * even * deeper;
                next[weak(i + 1)] += 0.5 * even * deeper;
            }
        }
        let moved = next.iter().map(|p| (p - even).abs()).fold(0.0, f64::max);
        nb.claim("what one event moves of even occupancies", moved, 0.0, Tol::Order { h: 1e-14, p: 1 })?;
    }

    // ## A power law, then an exponential
    let cascade = Synapse::cascade(10, x)?;
    let slope = |s: &Synapse, from: u64, to: u64| -> Result<f64> {
        let v = s.signal(&[from, to])?;
        Ok((v[1] / v[0]).ln() / (to as f64 / from as f64).ln())
    };
    let local: Vec<f64> = [(5, 10), (10, 20), (20, 40), (40, 80), (80, 160)]
        .iter()
        .map(|&(a, b)| slope(&cascade, a, b))
        .collect::<Result<_>>()?;
    nb.claim_holds(
        "the exponent lies between one half and one over a decade and a half",
        local.iter().all(|s| (-1.0..-0.3).contains(s)),
        format!("{:.2} at 5 to 10, {:.2} at 20 to 40, {:.2} at 80 to 160 memories", local[0], local[2], local[4]),
    )?;
    nb.claim_holds(
        "it is no pure power law: the exponent keeps growing",
        local.windows(2).all(|w| w[1] < w[0]),
        "from octave to octave",
    )?;
    // The deeper the cascade, the longer the power law: the slowest decay is that of the deepest state, about $2^{-n}$.
    let tau = |n: usize| -> Result<f64> { Ok(-1.0 / Synapse::cascade(n, x)?.slowest_decay()?.ln()) };
    for n in [8usize, 10, 12] {
        nb.claim("time constant gained by one more depth", tau(n + 1)? / tau(n)?, 2.0, Tol::Order { h: 0.02, p: 1 })?;
    }

    // ## How much is gained
    //
    // A switch that always obeys has the cascade's kind of initial trace and lives for $\ln N$; one that is slow enough to
    // live long has next to no initial trace. The cascade of depth $n$ has $2/n$ at once and lives $2^n$.
    let n = 1e6;
    let lifetime =
        |depth: usize, n: f64| -> Result<f64> { Ok(Synapse::cascade(depth, x)?.lifetime(n, 1.0)?.unwrap_or(0) as f64) };
    let fast = Switch { q: 0.5, synapses: n };
    let slow = Switch::best(n, 1.0)?;
    let (fast_life, slow_life) = (fast.lifetime(1.0)?.unwrap_or(0.0), slow.lifetime(1.0)?.unwrap_or(0.0));
    let ten = lifetime(10, n)?;
    nb.claim("lifetime of the cascade, n = 10, N = 10⁶", ten, 840.0, Tol::Exact)?;
    nb.claim_holds(
        "stronger than the best switch at once, and longer",
        cascade.snr(n, &[0])?[0] > 50.0 * slow.snr(0.0)? && ten > 2.0 * slow_life && ten > 90.0 * fast_life,
        format!("initial SNR 200 against {:.2}; lifetimes {ten} against {slow_life:.0} and, for a switch with q = 1/2, {fast_life:.1}", slow.snr(0.0)?),
    )?;
    // Each size has its best depth, about $\log_2$ of the lifetime; deeper ones only weaken the trace.
    let sizes: Vec<f64> = (0..=8).map(|k| 10f64.powf(3.0 + 0.75 * f64::from(k))).collect();
    let (mut lives, mut depths) = (Vec::new(), Vec::new());
    for &n in &sizes {
        let (mut best, mut at) = (0.0, 0);
        for depth in 1..=20 {
            let life = lifetime(depth, n)?;
            if life > best {
                (best, at) = (life, depth);
            }
        }
        lives.push(best);
        depths.push(at as f64);
    }
    let growth = (lives[8] / lives[2]).ln() / (sizes[8] / sizes[2]).ln();
    nb.claim_holds(
        "with the best depth for each N the lifetime grows like the root of N, barely faster",
        growth > 0.5 && depths.windows(2).all(|w| w[1] >= w[0]),
        format!("like N to the power {growth:.3}, with {} to {} depths", depths[0], depths[8]),
    )?;

    let ages: Vec<u64> = (0..=80).map(|k| 10f64.powf(f64::from(k) / 20.0).round() as u64).collect();
    let t: Vec<f64> = ages.iter().map(|a| *a as f64).collect();
    let mut traces =
        Panel::new(Axis::log("age (memories)", ""), Axis::log("SNR", "").range(0.5, 1000.0)).title("N = 10^{6}");
    for (k, depth) in [3usize, 6, 10, 14].into_iter().enumerate() {
        traces = traces
            .add(Line::new(&format!("n = {depth}"), &t, &Synapse::cascade(depth, x)?.snr(n, &ages)?).ink(Ink::Hue(k)));
    }
    let of = |s: Switch| t.iter().map(|&t| s.snr(t).unwrap_or(f64::NAN)).collect::<Vec<f64>>();
    traces = traces.add(Line::new("best switch", &t, &of(slow)).dashed()).add(Rule::horizontal("θ", 1.0));
    let best = Panel::new(Axis::log("synapses N", ""), Axis::log("lifetime (memories)", ""))
        .add(Points::new("best cascade", &sizes, &lives))
        .add(
            Line::of_log("best switch", (1e3, 1e9), 40, |n| {
                Switch::best(n, 1.0).and_then(|s| s.lifetime(1.0)).ok().flatten().unwrap_or(f64::NAN)
            })
            .dashed(),
        );
    let depth = Panel::new(Axis::log("synapses N", ""), Axis::linear("best depth n", "").including(0.0))
        .add(Points::new("", &sizes, &depths));
    nb.figure(
        "cascade",
        Figure::row([traces, best, depth])
            .caption("**a** Memory of cascades of several depths. **b** Lifetime with the best depth for each number of synapses. **c** That depth."),
    )?;
    nb.verdict(
        Verdict::HoldsWhen("the age lies below about $2^n$ memories".into()),
        "Even occupancy and initial trace are exactly as designed. The decay is near a power law up to the time of the deepest \
         state, with an exponent that grows slowly; afterwards it is exponential. With the depth tuned \
         to $N$ the lifetime grows like $\\sqrt N$, as that of a tuned switch does, but with a strong initial trace. The paper's figures give no numbers to \
         compare with beyond its parameters, so the lifetimes are ours.",
    )
}
