//! What fills a plane? Heat maps, contour lines, and maps of proven stability.

use super::palette::{Ink, Shade};
use std::collections::BTreeMap;

/// A heat map: a value for every rectangle of a grid.
#[derive(Clone, Debug)]
pub struct Cells {
    /// The edges between columns, one more than columns, ascending.
    pub(super) x: Vec<f64>,
    /// The edges between rows, one more than rows, ascending.
    pub(super) y: Vec<f64>,
    /// Row by row from the lowest y; NaN stays white.
    pub(super) values: Vec<f64>,
    pub(super) label: String,
    pub(super) shade: Shade,
}

impl Cells {
    /// A heat map over the edges `x` and `y` with `values` row by row (lowest y first); `label` stands at its colour bar.
    ///
    /// # Panics
    /// If there are not (edges − 1) values in each direction: a mistake in this program.
    pub fn new(label: &str, x: &[f64], y: &[f64], values: &[f64]) -> Self {
        assert_eq!(values.len() + 1, (x.len().max(1) - 1) * (y.len().max(1) - 1) + 1, "`{label}`: one value a cell");
        let (x, y, values) = (x.to_vec(), y.to_vec(), values.to_vec());
        Cells { x, y, values, label: label.into(), shade: Shade::Sequential }
    }
    /// With another colour map.
    pub fn shade(self, shade: Shade) -> Self {
        Cells { shade, ..self }
    }
    /// Smallest and largest value shown.
    pub(super) fn span(&self) -> (f64, f64) {
        let usable = |v: &&f64| v.is_finite() && (self.shade != Shade::Logarithmic || **v > 0.0);
        let (low, high) = self
            .values
            .iter()
            .filter(usable)
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &v| (low.min(v), high.max(v)));
        if low > high { (1.0, 2.0) } else { self.shade.span(low, high) }
    }
    /// Where a value stands on the colour map, 0 to 1.
    pub(super) fn place(&self, value: f64) -> f64 {
        let (low, high) = self.span();
        match self.shade {
            Shade::Logarithmic => (value / low).ln() / (high / low).ln(),
            _ => (value - low) / (high - low),
        }
    }
}

/// What was proven of a box.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// Proven stable.
    Stable,
    /// Proven unstable.
    Unstable,
    /// Proven: several fixed points, more than one of them stable.
    Multistable,
    /// Proven: several fixed points, one of them stable.
    OneStable,
    /// Proven: several fixed points, none of them stable.
    NoneStable,
    /// Proven: no fixed point.
    Empty,
    /// None of this could be proven.
    Undecided,
}

/// The classes of a map of proven stability, in the order of the legend.
pub(super) const CLASSES: [Class; 7] = [
    Class::Stable,
    Class::Unstable,
    Class::Multistable,
    Class::OneStable,
    Class::NoneStable,
    Class::Empty,
    Class::Undecided,
];

impl Class {
    /// The word for it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Class::Stable => "stable",
            Class::Unstable => "unstable",
            Class::Multistable => "several stable",
            Class::OneStable => "several, one stable",
            Class::NoneStable => "several, none stable",
            Class::Empty => "no fixed point",
            Class::Undecided => "undecided",
        }
    }
}

/// A box of a map of proven stability.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Region {
    /// From where to where in x.
    pub x: (f64, f64),
    /// From where to where in y.
    pub y: (f64, f64),
    /// What was proven there.
    pub class: Class,
}

/// A map of boxes: green, vermilion with hatching, blue and orange for several fixed points, grey for undecided.
#[derive(Clone, Debug)]
pub struct Regions {
    pub(super) boxes: Vec<Region>,
    names: [String; 3],
}

impl Regions {
    /// A map of boxes.
    pub fn new(boxes: &[Region]) -> Self {
        let names = ["proven stable".into(), "proven unstable".into(), "undecided".into()];
        Regions { boxes: boxes.to_vec(), names }
    }
    /// With other words for stable, unstable and undecided in the legend.
    pub fn names(self, stable: &str, unstable: &str, undecided: &str) -> Self {
        Regions { names: [stable.into(), unstable.into(), undecided.into()], ..self }
    }
    /// What the legend says of a class.
    pub(super) fn name(&self, class: Class) -> &str {
        match class {
            Class::Stable => &self.names[0],
            Class::Unstable => &self.names[1],
            Class::Undecided => &self.names[2],
            other => other.word(),
        }
    }
    /// The boxes with equal neighbours joined, so that the drawing stays small.
    pub(super) fn merged(&self) -> Vec<Region> {
        let along_x = joined(self.boxes.clone(), |b| (b.class, b.y, b.x), |a, b| Region { x: (a.x.0, b.x.1), ..a });
        joined(along_x, |b| (b.class, b.x, b.y), |a, b| Region { y: (a.y.0, b.y.1), ..a })
    }
    /// Does any box have this class?
    pub(super) fn has(&self, class: Class) -> bool {
        self.boxes.iter().any(|b| b.class == class)
    }
}

type Key = (Class, (f64, f64), (f64, f64));

/// Boxes that agree in class and in one extent, and touch in the other, become one.
fn joined(
    mut boxes: Vec<Region>,
    key: impl Fn(&Region) -> Key,
    join: impl Fn(Region, Region) -> Region,
) -> Vec<Region> {
    let ends = |k: &Key| [k.1.0, k.1.1, k.2.0, k.2.1];
    boxes.sort_by(|a, b| {
        let (a, b) = (key(a), key(b));
        a.0.cmp(&b.0).then_with(|| {
            let pairs = ends(&a).into_iter().zip(ends(&b));
            pairs.map(|(x, y)| x.total_cmp(&y)).find(|o| o.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
        })
    });
    let mut out: Vec<Region> = Vec::new();
    for next in boxes {
        let fits = out.last().is_some_and(|last| {
            let (a, b) = (key(last), key(&next));
            a.0 == b.0 && a.1 == b.1 && a.2.1 == b.2.0
        });
        match (fits, out.last_mut()) {
            (true, Some(last)) => *last = join(*last, next),
            _ => out.push(next),
        }
    }
    out
}

/// Lines of equal value over a grid of points.
#[derive(Clone, Debug)]
pub struct Contours {
    pub(super) name: String,
    /// The columns' x, ascending.
    pub(super) x: Vec<f64>,
    /// The rows' y, ascending.
    pub(super) y: Vec<f64>,
    /// Row by row from the lowest y.
    pub(super) values: Vec<f64>,
    pub(super) levels: Vec<f64>,
    pub(super) ink: Ink,
    pub(super) dashed: bool,
}

impl Contours {
    /// The lines where `values` (row by row, lowest y first) cross `levels`.
    ///
    /// # Panics
    /// If there is not one value a grid point: a mistake in this program.
    pub fn new(name: &str, x: &[f64], y: &[f64], values: &[f64], levels: &[f64]) -> Self {
        assert_eq!(values.len(), x.len() * y.len(), "`{name}`: one value a grid point");
        Contours {
            name: name.into(),
            x: x.to_vec(),
            y: y.to_vec(),
            values: values.to_vec(),
            levels: levels.to_vec(),
            ink: Ink::Theory,
            dashed: false,
        }
    }
    /// What they stand for.
    pub fn ink(self, ink: Ink) -> Self {
        Contours { ink, ..self }
    }
    /// Dashed.
    pub fn dashed(self) -> Self {
        Contours { dashed: true, ..self }
    }
    /// The lines of one level, each a list of points (marching squares).
    pub(super) fn lines(&self, level: f64) -> Vec<Vec<(f64, f64)>> {
        let (columns, rows) = (self.x.len(), self.y.len());
        let value = |i: usize, j: usize| self.values[j * columns + i] - level;
        // A grid edge is named by its lower left point and its direction.
        type Edge = (usize, usize, bool);
        let point = |(i, j, up): Edge| {
            let (a, b) = (value(i, j), if up { value(i, j + 1) } else { value(i + 1, j) });
            let t = a / (a - b);
            match up {
                true => (self.x[i], self.y[j] + t * (self.y[j + 1] - self.y[j])),
                false => (self.x[i] + t * (self.x[i + 1] - self.x[i]), self.y[j]),
            }
        };
        let mut next: BTreeMap<Edge, Vec<Edge>> = BTreeMap::new();
        for j in 0..rows.saturating_sub(1) {
            for i in 0..columns.saturating_sub(1) {
                let corners = [value(i, j), value(i + 1, j), value(i + 1, j + 1), value(i, j + 1)];
                if corners.iter().any(|c| c.is_nan()) {
                    continue;
                }
                let above = corners.map(|c| c > 0.0);
                let edges = [(i, j, false), (i + 1, j, true), (i, j + 1, false), (i, j, true)];
                let cut: Vec<Edge> = (0..4).filter(|&k| above[k] != above[(k + 1) % 4]).map(|k| edges[k]).collect();
                // At a saddle the mean of the corners says which pair belongs together.
                let pairs = match cut.len() {
                    2 => vec![(cut[0], cut[1])],
                    4 if (corners.iter().sum::<f64>() > 0.0) == above[0] => vec![(cut[0], cut[1]), (cut[2], cut[3])],
                    4 => vec![(cut[0], cut[3]), (cut[1], cut[2])],
                    _ => Vec::new(),
                };
                for (a, b) in pairs {
                    next.entry(a).or_default().push(b);
                    next.entry(b).or_default().push(a);
                }
            }
        }
        let mut lines = Vec::new();
        // Open lines first, from their ends; then the closed ones.
        for open in [true, false] {
            while let Some(start) =
                next.iter().find(|(_, n)| if open { n.len() == 1 } else { !n.is_empty() }).map(|(e, _)| *e)
            {
                let mut line = vec![point(start)];
                let mut here = start;
                while let Some(to) = next.get_mut(&here).and_then(Vec::pop) {
                    if let Some(back) = next.get_mut(&to) {
                        back.retain(|e| *e != here);
                    }
                    line.push(point(to));
                    here = to;
                }
                next.retain(|_, n| !n.is_empty());
                lines.push(line);
            }
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn theory_the_contour_of_a_cone_is_one_closed_circle() {
        let grid: Vec<f64> = (0..41).map(|i| f64::from(i) * 0.1 - 2.0).collect();
        let values: Vec<f64> = grid.iter().flat_map(|&y| grid.iter().map(move |&x| x.hypot(y))).collect();
        let lines = Contours::new("r", &grid, &grid, &values, &[1.05]).lines(1.05);
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].first(), lines[0].last());
        assert!(lines[0].iter().all(|p| (p.0.hypot(p.1) - 1.05).abs() < 0.01));
    }

    #[test]
    fn theory_two_hills_give_two_lines_and_a_slope_an_open_one() {
        let grid: Vec<f64> = (0..61).map(|i| f64::from(i) * 0.1 - 3.0).collect();
        let hills = |x: f64, y: f64| (-(x - 1.5).powi(2) - y * y).exp() + (-(x + 1.5).powi(2) - y * y).exp();
        let values: Vec<f64> = grid.iter().flat_map(|&y| grid.iter().map(move |&x| hills(x, y))).collect();
        assert_eq!(Contours::new("", &grid, &grid, &values, &[0.5]).lines(0.5).len(), 2);
        let slope: Vec<f64> = grid.iter().flat_map(|_| grid.iter().copied()).collect();
        let lines = Contours::new("", &grid, &grid, &slope, &[0.05]).lines(0.05);
        assert_eq!((lines.len(), lines[0].len()), (1, 61));
    }

    #[test]
    fn law_merging_keeps_the_area_of_every_class() {
        let boxes: Vec<Region> = (0..64)
            .map(|k| {
                let (i, j) = (f64::from(k % 8), f64::from(k / 8));
                let class = if i + j < 7.0 { Class::Stable } else { Class::Unstable };
                Region { x: (i, i + 1.0), y: (j, j + 1.0), class }
            })
            .collect();
        let area = |boxes: &[Region], class| -> f64 {
            boxes.iter().filter(|b| b.class == class).map(|b| (b.x.1 - b.x.0) * (b.y.1 - b.y.0)).sum()
        };
        let merged = Regions::new(&boxes).merged();
        for class in [Class::Stable, Class::Unstable] {
            assert_eq!(area(&boxes, class), area(&merged, class));
        }
        assert!(merged.len() <= 16, "{}", merged.len());
    }
}
