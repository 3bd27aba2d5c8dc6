//! Where is a smooth function evaluated so that a few values give its integral? Gauss and Legendre's nodes.

/// Nodes in (−1, 1), ascending, and weights of the rule that is exact for polynomials of degree 2n − 1.
///
/// Newton's method on the Legendre polynomial from Chebyshev's guess doubles the digits at each round.
///
/// ```
/// let rule = homeostat::num::gauss_legendre(2);
/// assert!((rule[1].0 - 1.0 / 3f64.sqrt()).abs() < 1e-15 && (rule[1].1 - 1.0).abs() < 1e-15);
/// ```
pub fn gauss_legendre(n: usize) -> Vec<(f64, f64)> {
    let node = |k: usize| {
        let mut x = -(std::f64::consts::PI * (k as f64 + 0.75) / (n as f64 + 0.5)).cos();
        let mut slope = 1.0;
        for _ in 0..8 {
            let (mut before, mut here) = (1.0, x);
            for j in 2..=n {
                let j = j as f64;
                (before, here) = (here, ((2.0 * j - 1.0) * x * here - (j - 1.0) * before) / j);
            }
            slope = n as f64 * (x * here - before) / (x * x - 1.0);
            x -= here / slope;
        }
        (x, 2.0 / ((1.0 - x * x) * slope * slope))
    };
    (0..n).map(node).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn theory_n_nodes_integrate_degree_two_n_minus_one_exactly() {
        for n in [4, 7, 8, 32, 48] {
            let rule = gauss_legendre(n);
            assert!(rule.windows(2).all(|w| w[0].0 < w[1].0));
            for power in 0..(2 * n as i32).min(30) {
                let sum: f64 = rule.iter().map(|(x, w)| w * x.powi(power)).sum();
                let wanted = if power % 2 == 0 { 2.0 / f64::from(power + 1) } else { 0.0 };
                assert!((sum - wanted).abs() < 1e-13, "{n} {power} {sum}");
            }
        }
    }
}
