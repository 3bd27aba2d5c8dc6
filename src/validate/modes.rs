//! How fast does a recording return, and does it ring?
//!
//! Near a fixed point a noisy system is linear, dx = Λ(x − x*) dt + noise, so that samples obey xₜ₊₁ = c + A xₜ + e with
//! A = exp(Λ dt). A is fitted by least squares over all repetitions, each with its own c; the leading eigenvalue μ of A
//! gives λ = ln μ/dt, the relaxation time −1/Re λ and the ringing frequency |Im λ|/2π. Approach from a start and
//! fluctuation around rest both carry information and both are used.
//! Bias (a fitted A forgets too fast, by order 1/T) and errors come from 200 simulated recordings of the fitted system with
//! the same starts. The one-step fit must agree with a fit over many steps: measurement noise and unrecorded variables
//! break that, and then there is no answer.

use crate::num::{Estimate, Stream};
use nalgebra::{Complex, DMatrix, DVector};

/// The leading mode of a linear system, seen in a recording.
#[derive(Clone, Debug)]
pub struct Mode {
    /// −1/Re λ in s.
    pub relaxation: Estimate,
    /// |Im λ|/2π in Hz; `None` where the leading eigenvalue is real.
    pub ringing: Option<Estimate>,
    /// Degrees of freedom of both: how many relaxation times were seen.
    pub freedom: f64,
}

const RECORDINGS: usize = 200;

/// The leading mode of `states` (repetition → variable → samples), sampled every `dt` seconds.
pub fn mode(states: &[Vec<Vec<f64>>], dt: f64) -> Result<Mode, String> {
    let (system, residuals) = fit(states, 1, None).ok_or("the samples do not determine a linear system")?;
    let leading = leading(&system.matrix).ok_or("the matrix of the linear system has no eigenvalues")?;
    let lambda = leading.ln() / dt;
    let steps: usize = states.iter().map(|s| s[0].len() - 1).sum();
    if leading.norm() < 0.05 {
        return Err(format!("the recording forgets within one sampling interval ({dt} s): sample faster"));
    }
    let covariance = &residuals * residuals.transpose() / (steps as f64);
    let lower = root(&covariance);
    let mut draw = Stream::new(0x6d6f_6465, &[steps as u64]);
    let (mut rates, mut turns) = (Vec::new(), Vec::new());
    for _ in 0..RECORDINGS {
        let again = system.simulate(states, &lower, &mut draw);
        if let Some(l) = fit(&again, 1, None).and_then(|(s, _)| self::leading(&s.matrix)) {
            let l = l.ln() / dt;
            rates.push(-l.re);
            turns.push(l.im.abs());
        }
    }
    if rates.len() < RECORDINGS / 2 {
        return Err("simulated recordings of the fitted system cannot be fitted".into());
    }
    let (mean_rate, se_rate) = moments(&rates);
    let (mean_turn, se_turn) = moments(&turns);
    let raw = -lambda.re;
    let rate = raw - (mean_rate - raw);
    let seen = rate * dt * steps as f64;
    if rate <= 2.0 * se_rate || !rate.is_finite() || seen < 5.0 {
        return Err(format!(
            "only {:.1} relaxation times were recorded (rate {raw:.3e} ± {se_rate:.1e} per s): record longer",
            seen.max(0.0)
        ));
    }
    let se = se_rate.hypot(se_turn);
    without_jump(states, dt, lambda, se, &residuals)?;
    consistent(states, dt, lambda, se)?;
    let how = format!("linear system of {} variables, {} repetitions", states[0].len(), states.len());
    let n = seen as usize;
    // Bias is stated for the uncorrected 1/rate; the value given has it taken off already.
    let relaxation = Estimate::new(1.0 / rate, "s", se_rate / (rate * rate), n, how.clone());
    let turn = lambda.im.abs();
    let ringing = (turn > 0.0).then(|| {
        let corrected = turn - (mean_turn - turn);
        Estimate::new(corrected / std::f64::consts::TAU, "Hz", se_turn / std::f64::consts::TAU, n, how)
    });
    Ok(Mode { relaxation, ringing, freedom: seen.max(4.0) })
}

/// A linear map with one constant per repetition.
struct System {
    matrix: DMatrix<f64>,
    constants: Vec<DVector<f64>>,
}

impl System {
    fn simulate(&self, states: &[Vec<Vec<f64>>], lower: &DMatrix<f64>, draw: &mut Stream) -> Vec<Vec<Vec<f64>>> {
        let d = self.matrix.nrows();
        let run = |(state, constant): (&Vec<Vec<f64>>, &DVector<f64>)| {
            let mut x = DVector::from_fn(d, |i, _| state[i][0]);
            let mut out: Vec<Vec<f64>> = (0..d).map(|i| vec![x[i]]).collect();
            for _ in 1..state[0].len() {
                let kick = DVector::from_fn(d, |_, _| draw.normal());
                x = &self.matrix * x + constant + lower * kick;
                out.iter_mut().zip(x.iter()).for_each(|(o, x)| o.push(*x));
            }
            out
        };
        states.iter().zip(&self.constants).map(run).collect()
    }
}

/// Least squares of xₜ₊ₖ on xₜ, if wanted without the step at one sample; the system and its residuals (variables ×
/// samples).
fn fit(states: &[Vec<Vec<f64>>], stride: usize, skip: Option<usize>) -> Option<(System, DMatrix<f64>)> {
    let d = states[0].len();
    let (mut past, mut cross) = (DMatrix::zeros(d, d), DMatrix::zeros(d, d));
    let mut centres = Vec::new();
    for state in states {
        let n = state[0].len().checked_sub(stride).filter(|&n| n > 2 * d)?;
        let used: Vec<usize> = (0..n).filter(|&t| Some(t) != skip).collect();
        let count = used.len() as f64;
        let mean =
            |from: usize| DVector::from_fn(d, |i, _| used.iter().map(|t| state[i][t + from]).sum::<f64>() / count);
        let (before, after) = (mean(0), mean(stride));
        for i in 0..d {
            for j in 0..d {
                past[(i, j)] +=
                    used.iter().map(|&t| (state[i][t] - before[i]) * (state[j][t] - before[j])).sum::<f64>();
                cross[(i, j)] +=
                    used.iter().map(|&t| (state[i][t + stride] - after[i]) * (state[j][t] - before[j])).sum::<f64>();
            }
        }
        centres.push((n, before, after));
    }
    let matrix = past.cholesky()?.solve(&cross.transpose()).transpose();
    let constants = centres.iter().map(|(_, before, after)| after - &matrix * before).collect();
    let total = centres.iter().map(|c| c.0).sum();
    let system = System { matrix, constants };
    let mut residuals = DMatrix::zeros(d, total);
    let mut at = 0;
    for (state, (constant, (n, ..))) in states.iter().zip(system.constants.iter().zip(&centres)) {
        for t in 0..*n {
            for i in 0..d {
                let predicted: f64 = (0..d).map(|j| system.matrix[(i, j)] * state[j][t]).sum();
                residuals[(i, at)] = state[i][t + stride] - predicted - constant[i];
            }
            at += 1;
        }
    }
    Some((system, residuals))
}

/// The eigenvalue of largest modulus, in the upper half plane.
fn leading(matrix: &DMatrix<f64>) -> Option<Complex<f64>> {
    let all = matrix.clone().complex_eigenvalues();
    let first = all.iter().copied().max_by(|a, b| a.norm().total_cmp(&b.norm()))?;
    first.norm().is_finite().then(|| Complex::new(first.re, first.im.abs()))
}

/// A lower triangular root of a covariance, also where it is singular (deterministic recordings).
fn root(covariance: &DMatrix<f64>) -> DMatrix<f64> {
    let d = covariance.nrows();
    let eigen = covariance.clone().symmetric_eigen();
    let roots = DVector::from_fn(d, |i, _| eigen.eigenvalues[i].max(0.0).sqrt());
    &eigen.eigenvectors * DMatrix::from_diagonal(&roots)
}

fn moments(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (mean, (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt())
}

/// No single sampling interval may carry the result: a start far from the linear range, a kick, a clock that was set.
fn without_jump(
    states: &[Vec<Vec<f64>>],
    dt: f64,
    lambda: Complex<f64>,
    se: f64,
    residuals: &DMatrix<f64>,
) -> Result<(), String> {
    let n = states[0][0].len() - 1;
    let sizes: Vec<f64> = residuals.row_iter().map(|row| row.norm().max(f64::MIN_POSITIVE)).collect();
    let size = |k: usize| (0..sizes.len()).map(|i| (residuals[(i, k)] / sizes[i]).powi(2)).sum::<f64>();
    let largest = (0..residuals.ncols()).max_by(|&a, &b| size(a).total_cmp(&size(b))).unwrap_or(0) % n;
    let other =
        fit(states, 1, Some(largest)).and_then(|(s, _)| leading(&s.matrix)).ok_or("one sample carries the fit")?;
    let other = other.ln() / dt;
    if (other - lambda).norm() > 3.0 * se + 0.03 * lambda.norm() {
        return Err(format!(
            "the step from {} s to {} s after the beginning changes the rate from {:.3} to {:.3} per s: it does not belong to \
             the linear approach; judge a window after it",
            largest as f64 * dt,
            (largest + 1) as f64 * dt,
            -other.re,
            -lambda.re
        ));
    }
    Ok(())
}

/// A fit over about half a relaxation time must give the same λ.
fn consistent(states: &[Vec<Vec<f64>>], dt: f64, lambda: Complex<f64>, se: f64) -> Result<(), String> {
    let stride = ((0.5 / (lambda.norm() * dt)).round() as usize).max(2);
    let far = fit(states, stride, None).and_then(|(s, _)| leading(&s.matrix)).ok_or("a fit over many steps fails")?;
    let far = far.ln() / (dt * stride as f64);
    if (far - lambda).norm() > 5.0 * se + 0.02 * lambda.norm() {
        return Err(format!(
            "one step says a rate of {:.3} per s, {stride} steps say {:.3}: the recorded variables are not the whole state, \
             or there is measurement noise; add the missing variable",
            -lambda.re, -far.re
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ou(n: usize, step: f64, start: f64, seed: u64, noise: f64) -> Vec<f64> {
        let mut draw = Stream::new(seed, &[21]);
        let keep = (-step).exp();
        let mut x = start;
        (0..n)
            .map(|_| {
                x = keep * x + (1.0 - keep * keep).sqrt() * draw.normal();
                x + noise * draw.normal()
            })
            .collect()
    }

    #[test]
    fn theory_relaxation_times_of_ou_recordings_are_covered() {
        let (mut inside, mut sum) = (0, 0.0);
        let trials = 50;
        for seed in 0..trials {
            let m = mode(&[vec![ou(1000, 0.1, 0.0, seed, 0.0)]], 0.2).unwrap();
            sum += m.relaxation.value;
            inside += usize::from(m.relaxation.z(2.0).abs() < super::super::mean::half_width(m.freedom, 0.95));
        }
        // 50 recordings of 100 relaxation times: the mean is known to 2 %, coverage to 3 %.
        assert!((sum / trials as f64 / 2.0 - 1.0).abs() < 0.05, "{}", sum / trials as f64);
        assert!((43..=50).contains(&inside), "{inside}");
    }

    #[test]
    fn theory_a_ringing_system_gives_decay_and_frequency() {
        // λ = −0.25 ± 0.66 i per s, sampled every 0.2 s.
        let (keep, turn) = ((-0.05f64).exp(), 0.132f64);
        let state = |seed| {
            let mut draw = Stream::new(seed, &[22]);
            let (mut x, mut y) = (5.0, 0.0);
            let mut out = vec![Vec::new(), Vec::new()];
            for _ in 0..1500 {
                out[0].push(x + 0.3 * y + 10.0);
                out[1].push(y);
                let (a, b) = (x, y);
                x = keep * (turn.cos() * a - turn.sin() * b) + 0.1 * draw.normal();
                y = keep * (turn.sin() * a + turn.cos() * b) + 0.1 * draw.normal();
            }
            out
        };
        let m = mode(&[state(1), state(2)], 0.2).unwrap();
        assert!(m.relaxation.z(4.0).abs() < 3.5, "{}", m.relaxation);
        let ringing = m.ringing.unwrap();
        assert!(ringing.z(0.66 / std::f64::consts::TAU).abs() < 3.5 && ringing.se < 0.004, "{ringing}");
    }

    #[test]
    fn law_measurement_noise_and_short_recordings_are_refused() {
        let noisy = mode(&[vec![ou(20_000, 0.05, 0.0, 1, 0.7)]], 0.1).unwrap_err();
        assert!(noisy.contains("measurement noise"), "{noisy}");
        let short = mode(&[vec![ou(60, 0.02, 0.0, 2, 0.0)]], 0.1).unwrap_err();
        assert!(short.contains("record longer"), "{short}");
    }

    #[test]
    fn limit_without_noise_the_approach_alone_gives_the_time() {
        let x: Vec<f64> = (0..200).map(|k| 5.0 + 3.0 * (-0.05 * f64::from(k)).exp()).collect();
        let m = mode(&[vec![x]], 0.1).unwrap();
        assert!((m.relaxation.value - 2.0).abs() < 1e-6, "{}", m.relaxation);
    }
}
