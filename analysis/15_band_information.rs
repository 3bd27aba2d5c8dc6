//! # How many bits does homeostasis cost, and can a recording show it?
//!
//! A homeostat is a high pass: what changes slowly it takes away, and with it what slow changes tell.
//! The field says that slow homeostasis reshapes the low frequencies, where it would cost information.
//! We ask how many bits per second it costs in which band, and how surely a recording can show any of it.

use homeostat::coding::spectra::{Averages, Averaging, HighPassChannel, spectra};
use homeostat::notebook::prelude::*;
use homeostat::num::Stream;
use std::f64::consts::{LN_2, TAU};

pub fn run(nb: &mut Notebook) -> Result<()> {
    bits(nb)?;
    recordings(nb)?;
    nb.verdict(
        Verdict::HoldsWhen("noise comes in behind the homeostat".into()),
        "Bits are lost in the slow bands only, and only if noise comes in behind the homeostat. Ten averages feign a \
         coherence of 0.1 and 0.16 bits in every frequency bin: what is below 0.28 shows nothing.",
    )
}

// ## Bits by band
//
// A signal with memory, $\mathrm{SNR}(f) = a/(1 + f^2/f_c^2)$ over white noise, passes
// $R = \int_0^\infty\log_2(1 + \mathrm{SNR})\,\mathrm df$ bits per second. A homeostat in front of the noise is a high pass
// $f^2/(f^2 + f_h^2)$ on the signal and costs
//
// $$R = \frac{\pi}{\ln 2}\Bigl[\sqrt{(f_h + f_c)^2 + a f_c^2} - f_h - f_c\Bigr].$$

fn bits(nb: &mut Notebook) -> Result<()> {
    let open = HighPassChannel { snr: 8.0, corner: 10.0, high_pass: 0.0 };
    let held = HighPassChannel { high_pass: 0.5, ..open };
    nb.claim("bits per second without homeostasis", open.rate()?, 90.64720284, Tol::Printed(10))?;
    nb.claim("bits per second with it", held.rate()?, 89.15310888, Tol::Printed(10))?;
    nb.claim("what is left", held.rate()? / open.rate()?, 0.9835174842, Tol::Printed(10))?;
    // The bands from their closed form, against Simpson's rule on log₂(1 + SNR).
    let quadrature = |c: &HighPassChannel, lo: f64, hi: f64| -> Result<f64> {
        let n = 4000;
        let h = (hi - lo) / f64::from(n);
        let mut sum = 0.0;
        for k in 0..=n {
            let weight = match k {
                0 => 1.0,
                k if k == n => 1.0,
                k if k % 2 == 1 => 4.0,
                _ => 2.0,
            };
            let f = lo + h * f64::from(k);
            let passed = if c.high_pass == 0.0 { 1.0 } else { f * f / (f * f + c.high_pass.powi(2)) };
            sum += weight * (1.0 + passed * c.snr / (1.0 + (f / c.corner).powi(2))).ln() / LN_2;
        }
        Ok(sum * h / 3.0)
    };
    for (lo, hi, without, with) in [
        (0.0, 1.0, 3.16566453, 1.962233081),
        (1.0, 10.0, 25.24309146, 24.97112713),
        (10.0, 100.0, 50.88256414, 50.86395726),
    ] {
        nb.claim("bits of a band, without", open.band(lo, hi)?, without, Tol::Printed(9))?;
        nb.claim("bits of a band, with", held.band(lo, hi)?, with, Tol::Printed(9))?;
        nb.claim(
            "bits of a band, by quadrature",
            held.band(lo, hi)?,
            quadrature(&held, lo, hi)?,
            Tol::Order { h: 1e-8, p: 1 },
        )?;
    }
    let slow = 1.0 - held.band(0.0, 1.0)? / open.band(0.0, 1.0)?;
    let fast = 1.0 - held.band(10.0, 100.0)? / open.band(10.0, 100.0)?;
    nb.claim_holds(
        "homeostasis costs the slow band a thousand times more",
        slow / fast > 1000.0,
        format!("{:.1} % below 1 Hz, {:.3} % above 10 Hz", 100.0 * slow, 100.0 * fast),
    )?;

    // Measured on played records: signal and noisy response, the high pass before the noise, behind it, or nowhere.
    // Behind the noise it is invertible and costs nothing.
    let (rate, n) = (400.0, 1 << 15);
    let mut draws = Stream::new(15, &[1]);
    let keep = (-TAU * 10.0 / rate).exp();
    let (mut s, mut signal) = (0.0, Vec::with_capacity(n));
    for _ in 0..n {
        s = keep * s + (1.0 - keep * keep).sqrt() * draws.normal();
        signal.push(s);
    }
    // A signal of variance 1 with corner f_c has the density 1/(π f_c) at 0; noise of density 1/(8 π f_c).
    let sd = (rate / (8.0 * std::f64::consts::PI * 10.0)).sqrt();
    let noise: Vec<f64> = (0..n).map(|_| sd * draws.normal()).collect();
    let high_pass = |x: &[f64], corner: f64| {
        let keep = (-TAU * corner / rate).exp();
        let (mut y, mut before) = (0.0, 0.0);
        x.iter()
            .map(|&v| {
                y = keep * (y + v - before);
                before = v;
                y
            })
            .collect::<Vec<f64>>()
    };
    let add = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a + b).collect::<Vec<f64>>();
    let nowhere = add(&signal, &noise);
    let before = add(&high_pass(&signal, 0.5), &noise);
    let behind = high_pass(&nowhere, 0.5);
    let how = Averaging::Welch { segment: 2048 };
    let seen_in = |response: &[f64]| spectra(&[&signal, response], rate, how);
    let [nowhere, in_front, behind] = [seen_in(&nowhere)?, seen_in(&before)?, seen_in(&behind)?];
    // Bands well below half the sampling rate, where the sampled signal is the continuous one.
    for (lo, hi) in [(0.3, 1.5), (1.5, 6.0), (6.0, 40.0)] {
        let bits = |s: &homeostat::coding::spectra::Spectra| s.information_rate(0, 1, lo, hi);
        let (a, b, c) = (bits(&nowhere)?, bits(&in_front)?, bits(&behind)?);
        let allowed = |e: &homeostat::num::Estimate, truth: f64| Tol::Sampling {
            se: e.se.hypot(0.03 * truth),
            n: 0,
            sigmas: 4.0,
        };
        let (open, held) = (open.band(lo, hi)?, held.band(lo, hi)?);
        nb.claim("bits of a band, measured", a.corrected(), open, allowed(&a, open))?;
        nb.claim("with a high pass before the noise", b.corrected(), held, allowed(&b, held))?;
        nb.claim("with a high pass behind the noise", c.corrected(), a.corrected(), Tol::Order { h: 0.05, p: 1 })?;
    }

    let density = |c: HighPassChannel| move |f: f64| c.snr_at(f).map_or(f64::NAN, |s| s.ln_1p() / LN_2);
    let panel = Panel::new(Axis::log("frequency", "Hz"), Axis::linear("information", "bit/s/Hz").including(0.0))
        .add(Line::of_log("no homeostasis", (0.02, 100.0), 200, density(open)))
        .add(Line::of_log("f_{h} = 0.5 Hz", (0.02, 100.0), 200, density(held)).ink(Ink::Stable))
        .add(
            Line::of_log("f_{h} = 5 Hz", (0.02, 100.0), 200, density(HighPassChannel { high_pass: 5.0, ..open }))
                .ink(Ink::Unstable),
        );
    let seen = spectra(&[&signal, &before], rate, Averaging::Welch { segment: 1024 })?;
    let chosen: Vec<usize> = (1..=150).step_by(2).collect();
    let f: Vec<f64> = chosen.iter().map(|&j| seen.frequencies[j]).collect();
    let found: Vec<f64> =
        chosen.iter().map(|&j| seen.coherence(0, 1, j).map(|e| e.corrected())).collect::<Result<_>>()?;
    let expected = |f: f64| held.snr_at(f).map_or(f64::NAN, |s| s / (1.0 + s));
    let coherence = Panel::new(Axis::log("frequency", "Hz"), Axis::linear("coherence", "").range(0.0, 1.0))
        .add(Points::new("measured", &f, &found))
        .add(Line::of_log("theory", (0.3, 60.0), 200, expected));
    nb.figure(
        "bits",
        Figure::row([panel, coherence]).caption(
            "**a** Bits per second and Hz through a channel behind a homeostatic high pass. **b** Coherence of signal and response in a played record of 82 s, with the high pass at 0.5 Hz before the noise.",
        ),
    )
}

// ## How surely can a recording show it?
//
// With $K$ independent averages the coherence of two channels that have nothing in common is Beta$(1, K-1)$ distributed:
// its mean is $1/K$, and it feigns $1/((K-1)\ln 2)$ bits in every frequency bin.

fn recordings(nb: &mut Notebook) -> Result<()> {
    let ten = Averages::new(10.0)?;
    let (mean, variance) = ten.coherence_moments(0.0)?;
    nb.claim("feigned coherence, K = 10", mean, 0.1, Tol::Order { h: 1e-9, p: 1 })?;
    nb.claim("its variance", variance, 0.008181818182, Tol::Printed(10))?;
    nb.claim("5 % threshold", ten.significance_level(0.05)?, 0.2831288356, Tol::Printed(10))?;
    nb.claim("feigned bits", ten.spurious_bits(), 0.160299449, Tol::Printed(9))?;
    let welch = Averages::welch(15)?;
    nb.claim(
        "relative variance of Welch's spectrum, 15 segments",
        welch.relative_variance(),
        0.07012345679,
        Tol::Printed(10),
    )?;
    nb.claim("its degrees of freedom", welch.degrees(), 28.52112676, Tol::Printed(10))?;

    // Played from nothing but normal numbers: ten pairs of independent Fourier coefficients, again and again.
    let (trials, k) = (20_000usize, 10);
    let mut draws = Stream::new(15, &[2]);
    let threshold = ten.significance_level(0.05)?;
    let (mut sum, mut square, mut above, mut bits) = (0.0, 0.0, 0.0, 0.0);
    let mut sample = Vec::with_capacity(trials);
    for _ in 0..trials {
        let (mut xx, mut yy, mut re, mut im) = (0.0, 0.0, 0.0, 0.0);
        for _ in 0..k {
            let (a, b, c, d) = (draws.normal(), draws.normal(), draws.normal(), draws.normal());
            xx += a * a + b * b;
            yy += c * c + d * d;
            re += a * c + b * d;
            im += b * c - a * d;
        }
        let coherence = (re * re + im * im) / (xx * yy);
        sum += coherence;
        square += coherence * coherence;
        above += f64::from(coherence > threshold);
        bits -= (-coherence).ln_1p() / LN_2;
        sample.push(coherence);
    }
    let n = trials as f64;
    let se = (variance / n).sqrt();
    nb.claim("feigned coherence, played", sum / n, mean, Tol::Sampling { se, n: 0, sigmas: 5.0 })?;
    let spread = square / n - (sum / n).powi(2);
    // The fourth moment of Beta(1, 9) gives the error of a variance; twice the normal one is more than enough.
    nb.claim(
        "its variance, played",
        spread,
        variance,
        Tol::Sampling { se: 2.0 * variance * (2.0 / n).sqrt(), n: 0, sigmas: 5.0 },
    )?;
    let se = (0.05f64 * 0.95 / n).sqrt();
    nb.claim("false alarms at the 5 % threshold, played", above / n, 0.05, Tol::Sampling { se, n: 0, sigmas: 5.0 })?;
    let se = ten.spurious_bits() / n.sqrt();
    nb.claim("feigned bits, played", bits / n, ten.spurious_bits(), Tol::Sampling { se, n: 0, sigmas: 5.0 })?;

    // Welch's spectrum of white noise: how much fifteen half-overlapping segments scatter.
    let (segment, runs) = (64usize, 300);
    let mut heights = Vec::new();
    for run in 0..runs {
        let mut draws = Stream::new(15, &[3, run]);
        let x: Vec<f64> = (0..segment * 8).map(|_| draws.normal()).collect();
        let found = spectra(&[&x], 1.0, Averaging::Welch { segment })?;
        // Bins four apart are independent under Hann's window.
        heights.extend((6..=26).step_by(4).map(|j| found.power(0, j)));
    }
    let mean = heights.iter().sum::<f64>() / heights.len() as f64;
    let scatter = heights.iter().map(|h| (h / mean - 1.0).powi(2)).sum::<f64>() / heights.len() as f64;
    let se = welch.relative_variance() * (3.0 / heights.len() as f64).sqrt();
    nb.claim(
        "scatter of Welch's spectrum, played",
        scatter,
        welch.relative_variance(),
        Tol::Sampling { se, n: 0, sigmas: 5.0 },
    )?;
    nb.claim(
        "mean of Welch's spectrum, played",
        mean,
        1.0,
        Tol::Sampling { se: (scatter / heights.len() as f64).sqrt(), n: 0, sigmas: 5.0 },
    )?;

    let mut counts = vec![0.0; 40];
    sample.iter().for_each(|c| counts[((c * 40.0) as usize).min(39)] += 40.0 / n);
    let centres: Vec<f64> = (0..40).map(|k| (f64::from(k) + 0.5) / 40.0).collect();
    let null =
        Panel::new(Axis::linear("coherence found", "").range(0.0, 0.6), Axis::linear("density", "").including(0.0))
            .add(Points::new("played", &centres, &counts))
            .add(Line::of("Beta(1, 9)", (0.0, 0.6), 100, |c| 9.0 * (1.0 - c).powi(8)))
            .add(Rule::vertical("5 %", threshold));
    let feigned = Panel::new(Axis::log("averages K", ""), Axis::log("feigned", "").range(0.01, 2.0))
        .add(Line::of_log("coherence", (2.0, 100.0), 100, |k| 1.0 / k))
        .add(
            Line::of_log("5 % threshold", (2.0, 100.0), 100, |k| {
                Averages::new(k).and_then(|a| a.significance_level(0.05)).unwrap_or(f64::NAN)
            })
            .ink(Ink::Unstable),
        )
        .add(Line::of_log("bits per bin", (2.0, 100.0), 100, |k| 1.0 / ((k - 1.0) * LN_2)).ink(Ink::Data).dashed());
    nb.figure(
        "feigned coherence",
        Figure::row([null, feigned]).caption(
            "Channels that have nothing in common. **a** Coherence found with ten averages. **b** What $K$ averages feign, and what has to be exceeded.",
        ),
    )
}
