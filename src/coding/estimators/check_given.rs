//! How wrong are the estimators of labels against numbers, and of numbers given others, on data of this size and shape?
//!
//! The surrogates are normal with the moments of the data's normal scores: with the mean of every label and the common
//! covariance, or with the covariance of all variables, whose conditional information is a matter of determinants; and the
//! same where nothing is shared, so that the truth is 0.

use super::check::row;
use super::continuous::enough;
use super::triangle::Lower;
use super::{Points, SelfCheck, conditional_information, mixed_information};
use crate::coding::resampling::Exchange;
use crate::field::{Error, Result};
use crate::num::Stream;
use nalgebra::DMatrix;
use std::f64::consts::LN_2;

fn singular() -> Error {
    Error::Singular { what: "the joint distribution of the samples".into() }
}

/// The mean products of columns.
fn covariance(columns: &[Vec<f64>]) -> DMatrix<f64> {
    let n = columns[0].len() as f64;
    let d = columns.len();
    DMatrix::from_fn(d, d, |i, j| columns[i].iter().zip(&columns[j]).map(|(a, b)| a * b).sum::<f64>() / n)
}

fn scored(points: &Points) -> Vec<Vec<f64>> {
    let scores = points.normal_scores();
    (0..scores.dimension()).map(|v| scores.variable(v).to_vec()).collect()
}

fn set(columns: &[Vec<f64>]) -> Result<Points> {
    Points::columns(&columns.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

fn factor(a: &DMatrix<f64>) -> Result<Lower> {
    Lower::factor(a.transpose().as_slice(), a.nrows()).ok_or_else(singular)
}

/// n samples of a normal distribution, column by column.
fn drawn(lower: &Lower, n: usize, draws: &mut Stream) -> Vec<Vec<f64>> {
    let d = lower.size();
    let mut columns = vec![Vec::with_capacity(n); d];
    let mut z = vec![0.0; d];
    for _ in 0..n {
        z.iter_mut().for_each(|v| *v = draws.normal());
        lower.multiply(&mut z);
        columns.iter_mut().zip(&z).for_each(|(c, v)| c.push(*v));
    }
    columns
}

/// Runs [`mixed_information`] on normal variables with the means of the labels, and on broken pairings.
pub fn mixed_self_check(labels: &[u32], x: &Points, k: usize, runs: usize, seed: u64) -> Result<SelfCheck> {
    if mixed_information(labels, x, k)?.se == 0.0 {
        return Err(Error::domain("a self-check", "one side is constant", "there is nothing to estimate"));
    }
    let x = x.without_constants();
    let mut residual = scored(&x);
    let (n, d) = (x.len(), residual.len());
    let used = super::counts::histogram(labels);
    // Every label is in its own histogram.
    let class: Vec<usize> = labels.iter().map(|l| used.partition_point(|u| u.0 < *l)).collect();
    let mut means = vec![vec![0.0; d]; used.len()];
    for i in 0..n {
        (0..d).for_each(|v| means[class[i]][v] += residual[v][i] / used[class[i]].1 as f64);
    }
    for (v, column) in residual.iter_mut().enumerate() {
        column.iter_mut().zip(&class).for_each(|(r, &c)| *r -= means[c][v]);
    }
    let lower = factor(&covariance(&residual))?;
    let sample = |labels: &[usize], draws: &mut Stream| -> Vec<Vec<f64>> {
        let mut columns = drawn(&lower, labels.len(), draws);
        for (v, column) in columns.iter_mut().enumerate() {
            column.iter_mut().zip(labels).for_each(|(r, &c)| *r += means[c][v]);
        }
        columns
    };
    // The truth is the mean of ln f(x|label)/f(x) over 40 000 samples with the frequencies of the labels.
    let many: Vec<usize> = (0..40_000).map(|i| class[i % n]).collect();
    let columns = sample(&many, &mut Stream::new(seed, &[0xc4ee, 1]));
    let density = |i: usize| {
        let weight = |c: usize| {
            let from: Vec<f64> = (0..d).map(|v| columns[v][i] - means[c][v]).collect();
            -0.5 * lower.distance(&from, d)
        };
        let own = weight(many[i]);
        let all: f64 = used.iter().enumerate().map(|(c, u)| u.1 as f64 / n as f64 * (weight(c) - own).exp()).sum();
        -all.ln()
    };
    let truth = (0..many.len()).map(density).sum::<f64>() / many.len() as f64 / LN_2;
    let normal = |r: usize| {
        let columns = sample(&class, &mut Stream::new(seed, &[0xc4ee, 2, r as u64]));
        mixed_information(labels, &set(&columns)?, k)
    };
    let broken = |r: usize| mixed_information(labels, &x.select(&Exchange::Samples.order(n, seed, r)), k);
    Ok(SelfCheck {
        rows: vec![
            row("normal, the means of the labels".into(), truth, runs, normal)?,
            row("the data, pairing broken".into(), 0.0, runs, broken)?,
        ],
    })
}

/// Runs [`conditional_information`] on normal variables with the correlations of the data, and on the same where X and Y
/// share nothing but Z.
pub fn conditional_self_check(
    x: &Points,
    y: &Points,
    z: &Points,
    k: usize,
    runs: usize,
    seed: u64,
) -> Result<SelfCheck> {
    enough(x.len(), k)?;
    let plain = conditional_information(x, y, z, k)?;
    if !plain.value.is_finite() || plain.se == 0.0 {
        return Err(Error::domain("a self-check", plain.how, "there is nothing to estimate"));
    }
    let (x, y, z) = (x.without_constants(), y.without_constants(), z.without_constants());
    let (dx, dy, dz, n) = (x.dimension(), y.dimension(), z.dimension(), x.len());
    // Z first: leading parts of the factor belong to Z and to Z with X.
    let all = covariance(&[scored(&z), scored(&x), scored(&y)].concat());
    let part = |rows: (usize, usize), columns: (usize, usize)| all.view((rows.0, columns.0), (rows.1, columns.1));
    let (at_z, at_x, at_y) = ((0, dz), (dz, dx), (dz + dx, dy));
    let inverse = part(at_z, at_z).clone_owned().cholesky().ok_or_else(singular)?;
    let through = part(at_x, at_z) * inverse.solve(&part(at_z, at_y));
    let mut apart = all.clone();
    apart.view_mut((dz, dz + dx), (dx, dy)).copy_from(&through);
    apart.view_mut((dz + dx, dz), (dy, dx)).copy_from(&through.transpose());
    let (joint, apart) = (factor(&all)?, factor(&apart)?);
    // ½ ln det(ZX) det(ZY)/(det Z det ZXY), and det(ZX) det(ZY)/det Z is that of all if X and Y share Z only.
    let truth = (apart.ln_det(dz + dx + dy) - joint.ln_det(dz + dx + dy)) / LN_2;
    let run = |lower: &Lower, word: u64, r: usize| {
        let columns = drawn(lower, n, &mut Stream::new(seed, &[0xc4ef, word, r as u64]));
        conditional_information(&set(&columns[dz..dz + dx])?, &set(&columns[dz + dx..])?, &set(&columns[..dz])?, k)
    };
    Ok(SelfCheck {
        rows: vec![
            row("normal, the correlations of the data".into(), truth, runs, |r| run(&joint, 1, r))?,
            row("normal, nothing shared but the condition".into(), 0.0, runs, |r| run(&apart, 2, r))?,
        ],
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::information::dprime_information;

    #[test]
    fn theory_truths_of_the_surrogates() {
        let mut draws = Stream::new(1, &[]);
        // d' = 2 between two labels: 0.486 bits; scores of the mixture are not quite normal within a label.
        let labels: Vec<u32> = (0..400).map(|i| 3 + i % 2).collect();
        let x: Vec<f64> = labels.iter().map(|&l| 2.0 * f64::from(l) + draws.normal()).collect();
        let found = mixed_self_check(&labels, &Points::column(&x).unwrap(), 4, 6, 1).unwrap();
        assert!((found.rows[0].truth - dprime_information(2.0).unwrap()).abs() < 0.06, "{:?}", found.rows[0]);
        assert!(found.rows[1].truth == 0.0 && found.worst_bias() < 0.08);
        // x = z + a, y = z + a + b: ½ log₂ 2 given z.
        let mut columns = vec![Vec::new(); 3];
        for _ in 0..2000 {
            let (z, a, b) = (draws.normal(), draws.normal(), draws.normal());
            [z + a, z + a + b, z].iter().zip(&mut columns).for_each(|(v, c)| c.push(*v));
        }
        let part = |i: usize, n: usize| Points::column(&columns[i][..n]).unwrap();
        let found = conditional_self_check(&part(0, 2000), &part(1, 2000), &part(2, 2000), 4, 2, 1).unwrap();
        // 2000 samples know a correlation to 2 %.
        assert!((found.rows[0].truth - 0.5).abs() < 0.08, "{:?}", found.rows[0]);
        let few = conditional_self_check(&part(0, 200), &part(1, 200), &part(2, 200), 4, 8, 1).unwrap();
        assert!(few.rows[1].bias.value.abs() < 0.1 && few.table().rows() == 2);
        let flat = Points::column(&[1.0; 200]).unwrap();
        assert!(conditional_self_check(&flat, &part(1, 200), &part(2, 200), 4, 8, 1).is_err());
        assert!(mixed_self_check(&labels, &Points::column(&[1.0; 400]).unwrap(), 4, 6, 1).is_err());
    }
}
