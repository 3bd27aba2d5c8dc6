//! Where is stability proven? Cells of the parameter, joined to stretches.

use super::logarithm::Logarithmic;
use super::section::Section;
use super::{Edge, WindowOptions};
use crate::dynamics::{MapOptions, Region, Verdict, stability_map};
use crate::field::Result;

/// What is proven of the fixed point over a stretch of the parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proven {
    /// It exists, is alone in a box around the branch, and is stable, at every value.
    Stable,
    /// It exists, is alone in a box around the branch, and is unstable, at every value.
    Unstable,
    /// Nothing was proven.
    Undecided,
}

impl Proven {
    /// The word for it: `stable`, `unstable`, `undecided`.
    pub fn name(self) -> &'static str {
        match self {
            Proven::Stable => "stable",
            Proven::Unstable => "unstable",
            Proven::Undecided => "undecided",
        }
    }
}

/// A stretch of the parameter with what is proven over all of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Certified {
    /// From where to where (coherent unit).
    pub range: (f64, f64),
    /// What is proven.
    pub proven: Proven,
}

/// Proves what it can over the whole section; the stretches are ascending and neighbours differ.
pub(super) fn certify(
    log: &Logarithmic,
    q: &[f64],
    place: usize,
    section: &Section,
    options: &WindowOptions,
) -> Result<Vec<Certified>> {
    let pieces = section.pieces();
    let whole: f64 = pieces.iter().map(|(over, _)| over.1 - over.0).sum();
    let mut stretches: Vec<Certified> = Vec::new();
    for (over, room) in pieces {
        let (width, range) = (over.1 - over.0, (over.0.exp(), over.1.exp()));
        let map = MapOptions {
            cells: ((options.cells as f64 * width / whole).ceil() as usize).max(usize::from(options.cells > 0) * 16),
            narrowest: (options.narrowest / width).clamp(1e-6, 0.25),
            stop: options.stop,
            ..MapOptions::default()
        };
        let cells = match options.cells {
            0 => Vec::new(),
            // A box over decades is cut in the logarithm there too; time constants are known as such only here.
            _ => stability_map(log.inner(), &log.inside(q), &[(place, range)], &Region::new(room)?, &map)?.cells,
        };
        if cells.is_empty() {
            stretches.push(Certified { range, proven: Proven::Undecided });
        }
        for cell in cells {
            let proven = match cell.verdict {
                Verdict::Stable => Proven::Stable,
                Verdict::Unstable => Proven::Unstable,
                _ => Proven::Undecided,
            };
            stretches.push(Certified { range: cell.ranges[0], proven });
        }
    }
    Ok(joined(stretches))
}

/// Neighbours with the same verdict become one.
fn joined(stretches: Vec<Certified>) -> Vec<Certified> {
    let mut out: Vec<Certified> = Vec::new();
    for next in stretches {
        match out.last_mut() {
            // Between two cells lies their common border, which both prove.
            Some(last) if last.proven == next.proven => last.range.1 = next.range.1,
            _ => out.push(next),
        }
    }
    out
}

/// The proven bracket of an edge: the nearest proven stretches on its two sides, if they prove the opposite.
pub(super) fn bracket(edge: &mut Edge, certified: &[Certified]) {
    if !edge.is_bound() {
        return;
    }
    let decided = || certified.iter().filter(|c| c.proven != Proven::Undecided);
    let below = decided().rfind(|c| c.range.1 <= edge.value);
    let above = decided().find(|c| c.range.0 >= edge.value);
    if let (Some(below), Some(above)) = (below, above)
        && below.proven != above.proven
    {
        edge.proven = Some((below.range.1, above.range.0));
    }
}
