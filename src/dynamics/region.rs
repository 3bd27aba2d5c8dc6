//! Where shall fixed points be looked for? A closed box, one range per variable.

use crate::field::{Error, Names, Result};
use crate::num::Interval;

/// A closed box of states: one finite range of positive length per variable, in the order of the field's variables and
/// in coherent units.
///
/// ```
/// use homeostat::dynamics::Region;
/// let region = Region::new([(0.0, 5.0), (0.0, 25.0)]).unwrap();
/// assert!(region.contains(&[5.0, 0.0]));
/// assert!(Region::new([(0.0, f64::NAN)]).is_err());
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Region {
    ranges: Vec<(f64, f64)>,
}

impl Region {
    /// A box from one (low, high) per variable; an error names the range that is empty, infinite or NaN.
    pub fn new(ranges: impl IntoIterator<Item = (f64, f64)>) -> Result<Self> {
        let ranges: Vec<(f64, f64)> = ranges.into_iter().collect();
        for (k, &(lo, hi)) in ranges.iter().enumerate() {
            check(lo, hi, || format!("the range of variable {}", k + 1))?;
        }
        if ranges.is_empty() {
            return Err(Error::usage("a region without variables", "give one range per variable"));
        }
        Ok(Region { ranges })
    }

    /// The declared ranges of all variables of a field; an error names the variables that declare none.
    pub fn declared(names: &Names) -> Result<Self> {
        Self::named(names, &[])
    }

    /// Ranges by the names of variables; a variable not mentioned has its declared range.
    pub fn named(names: &Names, given: &[(&str, (f64, f64))]) -> Result<Self> {
        let mut ranges: Vec<Option<(f64, f64)>> = names.variables.iter().map(|q| q.range).collect();
        for &(name, (lo, hi)) in given {
            let k = names.variable(name)?;
            check(lo, hi, || format!("the range of `{name}`"))?;
            ranges[k] = Some((lo, hi));
        }
        let open: Vec<&str> =
            names.variables.iter().zip(&ranges).filter(|(_, r)| r.is_none()).map(|(q, _)| q.name.as_str()).collect();
        if !open.is_empty() {
            return Err(Error::usage(
                format!("no range is given or declared for `{}`", open.join("`, `")),
                "all fixed points can only be found in a bounded box: give a range for each variable",
            ));
        }
        Self::new(ranges.into_iter().flatten())
    }

    /// How many variables.
    pub fn dimension(&self) -> usize {
        self.ranges.len()
    }
    /// The range of each variable.
    pub fn ranges(&self) -> &[(f64, f64)] {
        &self.ranges
    }
    /// The length of each range.
    pub fn widths(&self) -> Vec<f64> {
        self.ranges.iter().map(|(lo, hi)| hi - lo).collect()
    }
    /// The point in the middle.
    pub fn middle(&self) -> Vec<f64> {
        self.ranges.iter().map(|(lo, hi)| 0.5 * lo + 0.5 * hi).collect()
    }
    /// Is `x` in the closed box?
    pub fn contains(&self, x: &[f64]) -> bool {
        x.len() == self.ranges.len() && x.iter().zip(&self.ranges).all(|(x, (lo, hi))| lo <= x && x <= hi)
    }
    /// The ranges as intervals.
    pub fn intervals(&self) -> Vec<Interval> {
        self.ranges.iter().map(|&(lo, hi)| Interval::new(lo, hi)).collect()
    }
}

/// Is [lo, hi] finite and of positive length?
pub(super) fn check(lo: f64, hi: f64, what: impl Fn() -> String) -> Result<()> {
    let why = if lo.is_nan() || hi.is_nan() {
        "one end is not a number".to_string()
    } else if !(hi - lo).is_finite() {
        format!("[{lo}, {hi}] is not finite")
    } else if lo > hi {
        format!("[{lo}, {hi}] has its ends in the wrong order")
    } else if lo == hi {
        format!("[{lo}, {hi}] has no length")
    } else {
        return Ok(());
    };
    Err(Error::domain(what(), why, "give two finite numbers, low < high"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::Quantity;

    #[test]
    fn law_a_region_without_volume_is_refused() {
        for (lo, hi) in [(1.0, 1.0), (2.0, 1.0), (f64::NAN, 1.0), (0.0, f64::INFINITY), (-f64::MAX, f64::MAX)] {
            let error = Region::new([(0.0, 1.0), (lo, hi)]).unwrap_err().to_string();
            assert!(error.contains("variable 2"), "{error}");
        }
        assert!(Region::new([]).is_err());
    }

    #[test]
    fn law_ranges_go_by_name_and_missing_ones_are_named() {
        let mut w = Quantity::plain("w", 1.0);
        w.range = Some((0.0, 2.0));
        let names = Names::new("m", [w, Quantity::plain("theta", 1.0)], []);
        assert!(Region::declared(&names).unwrap_err().to_string().contains("`theta`"));
        let region = Region::named(&names, &[("theta", (1.0, 3.0))]).unwrap();
        assert_eq!(region.ranges(), &[(0.0, 2.0), (1.0, 3.0)]);
        assert!(Region::named(&names, &[("thetta", (1.0, 3.0))]).is_err());
    }
}
