//! Which choices are not beaten in every respect by another one?
//!
//! Objectives are minimised. Point a dominates b if it is nowhere larger and somewhere smaller; the front is what nothing
//! dominates. Its quality is the hypervolume between it and a reference point that is worse in every respect; its knee is
//! where giving up a little of one objective stops buying much of the other: the point farthest below the chord between
//! the ends.
//! Sources: Miettinen 1999; Zitzler & Thiele 1999.
//!
//! ```
//! use homeostat::num::pareto::{front, hypervolume, knee};
//! let points = [vec![1.0, 4.0], vec![2.0, 2.0], vec![4.0, 1.0], vec![3.0, 3.0]];
//! assert_eq!(front(&points)?, [0, 1, 2]);
//! assert_eq!(hypervolume(&points, &[5.0, 5.0])?, 4.0 + 6.0 + 1.0);
//! assert_eq!(knee(&points)?, Some(1));
//! # Ok::<(), homeostat::field::Error>(())
//! ```

use crate::error::{Error, Result};

/// Does `a` dominate `b`: nowhere larger, somewhere smaller?
pub fn dominates(a: &[f64], b: &[f64]) -> bool {
    a.iter().zip(b).all(|(a, b)| a <= b) && a.iter().zip(b).any(|(a, b)| a < b)
}

/// The indices of the points that no other point dominates, in their order; equal points are all kept.
///
/// # Errors
/// Points with different numbers of objectives, or without any; a number that is not finite (its place is named).
pub fn front(points: &[Vec<f64>]) -> Result<Vec<usize>> {
    check(points)?;
    // In the order of the objectives' sum a point can only be dominated by an earlier one.
    let mut order: Vec<usize> = (0..points.len()).collect();
    let sum = |i: usize| points[i].iter().sum::<f64>();
    order.sort_by(|&i, &j| sum(i).total_cmp(&sum(j)).then_with(|| lexical(&points[i], &points[j])));
    let mut kept: Vec<usize> = Vec::new();
    for i in order {
        if !kept.iter().any(|&k| dominates(&points[k], &points[i])) {
            kept.push(i);
        }
    }
    kept.sort_unstable();
    Ok(kept)
}

/// The volume that the points dominate within the box below `reference`; points that are not below it count for nothing.
///
/// Exact, by slicing along the last objective: for n points of m objectives about n^(m−1) steps.
///
/// # Errors
/// As [`front`]; a reference with another number of objectives.
pub fn hypervolume(points: &[Vec<f64>], reference: &[f64]) -> Result<f64> {
    check(points)?;
    check(&[reference.to_vec()])?;
    if points.first().is_some_and(|p| p.len() != reference.len()) {
        let what = format!("a reference with {} objectives", reference.len());
        return Err(Error::usage(what, format!("give it {}, like the points", points[0].len())));
    }
    let inside = |p: &&Vec<f64>| p.iter().zip(reference).all(|(p, r)| p < r);
    Ok(slices(points.iter().filter(inside).map(Vec::as_slice).collect(), reference))
}

/// The knee of a front of two objectives: the point farthest below the chord between the ends, with both objectives in
/// units of their range over the front; `None` if the front has fewer than three points or none below the chord.
///
/// # Errors
/// As [`front`]; another number of objectives than two.
pub fn knee(points: &[Vec<f64>]) -> Result<Option<usize>> {
    let mut ends = front(points)?;
    if points.iter().any(|p| p.len() != 2) {
        return Err(Error::usage("the knee of a front that is not a curve", "give two objectives"));
    }
    ends.sort_by(|&i, &j| lexical(&points[i], &points[j]));
    let (Some(&first), Some(&last)) = (ends.first(), ends.last()) else { return Ok(None) };
    let (a, b) = (&points[first], &points[last]);
    let (width, height) = (b[0] - a[0], a[1] - b[1]);
    if ends.len() < 3 || width <= 0.0 || height <= 0.0 {
        return Ok(None);
    }
    // Below the chord from (0, 1) to (1, 0) by 1 − x − y.
    let below = |i: usize| 1.0 - (points[i][0] - a[0]) / width - (points[i][1] - b[1]) / height;
    let deepest = ends.into_iter().max_by(|&i, &j| below(i).total_cmp(&below(j)));
    Ok(deepest.filter(|&i| below(i) > 0.0))
}

fn lexical(a: &[f64], b: &[f64]) -> std::cmp::Ordering {
    a.iter().zip(b).map(|(a, b)| a.total_cmp(b)).find(|o| o.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
}

/// The volume below `reference` that points inside it dominate.
fn slices(mut points: Vec<&[f64]>, reference: &[f64]) -> f64 {
    let last = reference.len() - 1;
    points.sort_by(|a, b| a[last].total_cmp(&b[last]));
    if last == 0 {
        return points.first().map_or(0.0, |p| reference[0] - p[0]);
    }
    // From the lowest of the last objective upwards: a slice is dominated by the points that lie below it.
    let mut volume = 0.0;
    for k in 0..points.len() {
        let top = points.get(k + 1).map_or(reference[last], |p| p[last]);
        if top > points[k][last] {
            let below = points[..=k].iter().map(|p| &p[..last]).collect();
            volume += (top - points[k][last]) * slices(below, &reference[..last]);
        }
    }
    volume
}

fn check(points: &[Vec<f64>]) -> Result<()> {
    let objectives = points.first().map_or(1, Vec::len);
    if objectives == 0 {
        return Err(Error::usage("points without objectives", "give each at least one number"));
    }
    for (i, p) in points.iter().enumerate() {
        if p.len() != objectives {
            let what = format!("point {i} (from 0) has {} objectives, the first one {objectives}", p.len());
            return Err(Error::usage(what, "give all the same number"));
        }
        if let Some(k) = p.iter().position(|v| !v.is_finite()) {
            let what = format!("objective {k} of point {i} (both from 0)");
            return Err(Error::domain(&what, format!("is {}", p[k]), "leave out points that could not be computed"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn points(values: &[f64], m: usize) -> Vec<Vec<f64>> {
        values.chunks_exact(m).map(<[f64]>::to_vec).collect()
    }

    proptest! {
        #[test]
        fn law_the_front_is_what_nothing_dominates(values in prop::collection::vec(0u8..6, 36)) {
            let values: Vec<f64> = values.into_iter().map(f64::from).collect();
            for m in [1, 2, 3] {
                let all = points(&values, m);
                let kept = front(&all).unwrap();
                for i in 0..all.len() {
                    let beaten = all.iter().any(|p| dominates(p, &all[i]));
                    prop_assert_eq!(kept.contains(&i), !beaten);
                }
            }
        }

        #[test]
        fn law_hypervolume_counts_unit_cubes(values in prop::collection::vec(0u8..5, 24)) {
            let values: Vec<f64> = values.into_iter().map(f64::from).collect();
            for m in [2usize, 3] {
                let all = points(&values, m);
                // The unit cubes of {0, …, 4}^m whose lower corner some point dominates or equals.
                let corner = |c: usize| (0..m).map(|k| (c / 5usize.pow(k as u32) % 5) as f64).collect::<Vec<_>>();
                let covered = |c: &usize| {
                    let c = corner(*c);
                    all.iter().any(|p| p.iter().zip(&c).all(|(p, c)| p <= c))
                };
                let cubes = (0..5usize.pow(m as u32)).filter(covered).count() as f64;
                prop_assert!((hypervolume(&all, &vec![5.0; m]).unwrap() - cubes).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn theory_hyperbola() {
        // y = 1/x from 1/4 to 4 is normalised to its ends, so that the knee is at x = y = 1.
        let all: Vec<Vec<f64>> =
            (-200..=200).map(|k| 4f64.powf(f64::from(k) / 200.0)).map(|x| vec![x, 1.0 / x]).collect();
        let at = knee(&all).unwrap().unwrap();
        assert!((all[at][0] - 1.0).abs() < 1e-12);
        // ∫ (4 − 1/x) dx over [1/4, 4] = 15 − 2 ln 4, from below as the grid is refined.
        let exact = 15.0 - 2.0 * 4f64.ln();
        let volume = hypervolume(&all, &[4.0, 4.0]).unwrap();
        assert!(volume < exact && exact - volume < 0.05, "{volume} {exact}");
    }

    #[test]
    fn law_bad_points_are_refused() {
        let why = front(&[vec![1.0, f64::NAN]]).unwrap_err().to_string();
        assert!(why.contains("objective 1 of point 0"), "{why}");
        assert!(front(&[vec![1.0], vec![1.0, 2.0]]).is_err());
        assert!(front(&[vec![]]).is_err());
        assert!(hypervolume(&[vec![1.0, 2.0]], &[3.0]).is_err());
        assert!(knee(&[vec![1.0, 2.0, 3.0]]).is_err());
        assert_eq!(front(&[]).unwrap(), [0usize; 0]);
        assert_eq!(hypervolume(&[], &[1.0]).unwrap(), 0.0);
        assert_eq!(knee(&[vec![0.0, 1.0], vec![1.0, 0.0]]).unwrap(), None);
        // A straight front has no knee.
        assert_eq!(knee(&[vec![0.0, 2.0], vec![1.0, 1.0], vec![2.0, 0.0]]).unwrap(), None);
    }
}
