//! Which ψ and ψ' do estimators of entropy need?

/// ψ(0), ψ(1), … ψ(n): the digamma function at the integers (ψ(0) = −∞).
pub(crate) fn digamma_table(n: usize) -> Vec<f64> {
    /// Euler's constant.
    const GAMMA: f64 = 0.577_215_664_901_532_9;
    let mut table = Vec::with_capacity(n + 1);
    table.push(f64::NEG_INFINITY);
    let (mut sum, mut lost) = (-GAMMA, 0.0);
    for k in 1..=n {
        table.push(sum);
        // Compensated, so that ψ(10⁶) keeps its last digit.
        let term = 1.0 / k as f64 - lost;
        let next = sum + term;
        lost = (next - sum) - term;
        sum = next;
    }
    table
}

/// ψ(x) for x > 0.
pub(crate) fn digamma(x: f64) -> f64 {
    let (mut x, mut shift) = (x, 0.0);
    while x < 12.0 {
        shift -= 1.0 / x;
        x += 1.0;
    }
    let q = 1.0 / (x * x);
    let tail = q
        * (1.0 / 12.0
            - q * (1.0 / 120.0 - q * (1.0 / 252.0 - q * (1.0 / 240.0 - q * (1.0 / 132.0 - q * 691.0 / 32760.0)))));
    shift + x.ln() - 0.5 / x - tail
}

/// ψ'(x) for x > 0.
pub(crate) fn trigamma(x: f64) -> f64 {
    let (mut x, mut shift) = (x, 0.0);
    while x < 12.0 {
        shift += 1.0 / (x * x);
        x += 1.0;
    }
    let q = 1.0 / (x * x);
    let tail = q / x
        * (1.0 / 6.0 - q * (1.0 / 30.0 - q * (1.0 / 42.0 - q * (1.0 / 30.0 - q * (5.0 / 66.0 - q * 691.0 / 2730.0)))));
    shift + 1.0 / x + 0.5 * q + tail
}

/// ln Γ(x) for x > 0.
pub(crate) fn ln_gamma(x: f64) -> f64 {
    libm::lgamma(x)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::ledger::close;

    #[test]
    fn cross_digamma_and_trigamma() {
        // mpmath 1.3.0.
        for (x, psi, tri) in [
            (0.1, -10.423_754_940_411_077, 101.433_299_150_792_76),
            (1.0, -0.577_215_664_901_532_9, 1.644_934_066_848_226_4),
            (3.7, 1.167_153_539_361_511_4, 0.310_037_857_670_038_3),
            (1e5, 11.512_920_464_961_895, 1.000_005_000_016_666_7e-5),
        ] {
            close(digamma(x), psi, 4e-15);
            assert!((trigamma(x) / tri - 1.0).abs() < 1e-14, "{x}: {}", trigamma(x));
        }
        let table = digamma_table(100_000);
        close(table[100_000], 11.512_920_464_961_895, 1e-15);
        close(table[1], digamma(1.0), 1e-15);
    }
}
