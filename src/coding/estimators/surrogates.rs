//! How wrong is an estimator on data like these?
//!
//! Samples are drawn from the fitted copula, as many as there are data, and estimated in the same way. The truth of each
//! such set is the mean information density of its own samples, which scatters with the estimate: the difference is the
//! error of the estimator alone. If the corrected estimate and the information of the fit disagree, the data have structure
//! that the fit has not, and what neighbours miss of that structure is not known.

use super::copula::Copula;
use super::ksg::{Pair, mean_and_spread};
use super::{Continuous, Points};
use crate::field::Result;
use crate::num::Stream;
use rayon::prelude::*;

/// What surrogates say, in nats.
pub(super) struct Surrogates {
    /// The mean error of the estimator.
    pub bias: f64,
    /// The variance of its error.
    pub scatter: f64,
    /// The variance of the information density.
    pub density: f64,
    /// What was fitted.
    pub family: String,
    /// The information of the fit.
    pub model: f64,
}

/// Runs the estimator on samples of the distribution that is most like the data.
pub(super) fn surrogates(x: &Points, y: &Points, options: &Continuous) -> Result<Surrogates> {
    let (sx, sy) = (x.normal_scores(), y.normal_scores());
    let model = Copula::fit(&sx, &sy, options.seed)?;
    // (error, variance of the density, its mean).
    let one = |s: usize| -> Result<(f64, f64, f64)> {
        let mut draws = Stream::new(options.seed, &[0x5, s as u64]);
        let (a, b, density) = model.sample(x.len(), &mut draws);
        let (truth, spread) = mean_and_spread(&density);
        // The margins of the data, or normal ones.
        let (a, b) =
            if options.raw { (a.with_margins(x), b.with_margins(y)) } else { (a.normal_scores(), b.normal_scores()) };
        let (mean, _) = mean_and_spread(&Pair::new(&a, &b, options)?.local(options, None)?);
        Ok((mean - truth, spread * spread, truth))
    };
    let found: Vec<Result<(f64, f64, f64)>> = (0..options.surrogates).into_par_iter().map(one).collect();
    let found: Vec<(f64, f64, f64)> = found.into_iter().collect::<Result<_>>()?;
    let moments = |f: &dyn Fn(&(f64, f64, f64)) -> f64| -> (f64, f64) {
        let values: Vec<f64> = found.iter().map(f).collect();
        if values.len() > 1 { mean_and_spread(&values) } else { (values[0], 0.0) }
    };
    let (bias, spread) = moments(&|f| f.0);
    Ok(Surrogates {
        bias,
        scatter: spread * spread,
        density: moments(&|f| f.1).0,
        family: model.name(),
        model: moments(&|f| f.2).0,
    })
}
