//! What can be put into a panel? Lines, points, bands, rules, notes; maps are in `maps`.

use super::maps::{Cells, Contours, Regions};
use super::palette::Ink;

/// A line through points; a NaN interrupts it.
#[derive(Clone, Debug)]
pub struct Line {
    pub(super) name: String,
    pub(super) x: Vec<f64>,
    pub(super) y: Vec<f64>,
    pub(super) ink: Ink,
    pub(super) dashed: bool,
    pub(super) width: f64,
}

impl Line {
    /// A line; with an empty `name` it is not in the legend.
    pub fn new(name: &str, x: &[f64], y: &[f64]) -> Self {
        Line { name: name.into(), x: x.to_vec(), y: y.to_vec(), ink: Ink::Theory, dashed: false, width: 1.1 }
    }
    /// The graph of a function over `count` equal steps of [low, high].
    pub fn of(name: &str, (low, high): (f64, f64), count: usize, f: impl Fn(f64) -> f64) -> Self {
        let x: Vec<f64> = (0..=count).map(|i| low + (high - low) * i as f64 / count as f64).collect();
        let y: Vec<f64> = x.iter().map(|&v| f(v)).collect();
        Line::new(name, &x, &y)
    }
    /// The graph of a function over `count` equal ratios of [low, high], for a logarithmic axis.
    pub fn of_log(name: &str, (low, high): (f64, f64), count: usize, f: impl Fn(f64) -> f64) -> Self {
        let x: Vec<f64> = (0..=count).map(|i| low * (high / low).powf(i as f64 / count as f64)).collect();
        let y: Vec<f64> = x.iter().map(|&v| f(v)).collect();
        Line::new(name, &x, &y)
    }
    /// What it stands for.
    pub fn ink(self, ink: Ink) -> Self {
        Line { ink, ..self }
    }
    /// Dashed.
    pub fn dashed(self) -> Self {
        Line { dashed: true, ..self }
    }
    /// Its thickness in points (1.1 if nothing is said).
    pub fn width(self, width: f64) -> Self {
        Line { width, ..self }
    }
}

/// The shape of a symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A filled disc.
    Disc,
    /// A ring.
    Ring,
    /// A filled square.
    Square,
    /// A filled triangle.
    Triangle,
    /// A filled diamond.
    Diamond,
    /// The outline of a diamond.
    OpenDiamond,
    /// A cross.
    Cross,
}

/// Symbols, with error bars where there are any.
#[derive(Clone, Debug)]
pub struct Points {
    pub(super) name: String,
    pub(super) x: Vec<f64>,
    pub(super) y: Vec<f64>,
    pub(super) bars: Option<(Vec<f64>, Vec<f64>)>,
    pub(super) ink: Ink,
    pub(super) shape: Shape,
    pub(super) size: f64,
}

impl Points {
    /// Symbols; with an empty `name` they are not in the legend.
    pub fn new(name: &str, x: &[f64], y: &[f64]) -> Self {
        let (x, y) = (x.to_vec(), y.to_vec());
        Points { name: name.into(), x, y, bars: None, ink: Ink::Data, shape: Shape::Disc, size: 0.7 }
    }
    /// With error bars of ± `half`.
    pub fn error(mut self, half: &[f64]) -> Self {
        let below = self.y.iter().zip(half).map(|(y, e)| y - e).collect();
        let above = self.y.iter().zip(half).map(|(y, e)| y + e).collect();
        self.bars = Some((below, above));
        self
    }
    /// With error bars from `low` to `high`.
    pub fn between(self, low: &[f64], high: &[f64]) -> Self {
        Points { bars: Some((low.to_vec(), high.to_vec())), ..self }
    }
    /// What they stand for.
    pub fn ink(self, ink: Ink) -> Self {
        Points { ink, ..self }
    }
    /// Their shape.
    pub fn shape(self, shape: Shape) -> Self {
        Points { shape, ..self }
    }
    /// Their radius in millimetres (0.7 if nothing is said).
    pub fn size(self, size: f64) -> Self {
        Points { size, ..self }
    }
}

/// The area between two lines.
#[derive(Clone, Debug)]
pub struct Band {
    pub(super) name: String,
    pub(super) x: Vec<f64>,
    pub(super) low: Vec<f64>,
    pub(super) high: Vec<f64>,
    pub(super) ink: Ink,
}

impl Band {
    /// The area between `low` and `high`.
    pub fn new(name: &str, x: &[f64], low: &[f64], high: &[f64]) -> Self {
        let (x, low, high) = (x.to_vec(), low.to_vec(), high.to_vec());
        Band { name: name.into(), x, low, high, ink: Ink::Muted }
    }
    /// What it stands for.
    pub fn ink(self, ink: Ink) -> Self {
        Band { ink, ..self }
    }
}

/// A straight line across the whole panel, with its label outside the frame.
#[derive(Clone, Debug)]
pub struct Rule {
    pub(super) label: String,
    pub(super) at: f64,
    pub(super) vertical: bool,
    pub(super) ink: Ink,
}

impl Rule {
    /// Upright at x = `at`; its label stands above the frame.
    pub fn vertical(label: &str, at: f64) -> Self {
        Rule { label: label.into(), at, vertical: true, ink: Ink::Muted }
    }
    /// Level at y = `at`; its label stands right of the frame.
    pub fn horizontal(label: &str, at: f64) -> Self {
        Rule { vertical: false, ..Rule::vertical(label, at) }
    }
    /// What it stands for.
    pub fn ink(self, ink: Ink) -> Self {
        Rule { ink, ..self }
    }
}

/// A word inside the panel, its middle at (x, y).
#[derive(Clone, Debug)]
pub struct Note {
    pub(super) text: String,
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) ink: Ink,
}

impl Note {
    /// A word at a place of the panel.
    pub fn new(text: &str, x: f64, y: f64) -> Self {
        Note { text: text.into(), x, y, ink: Ink::Theory }
    }
    /// What it stands for.
    pub fn ink(self, ink: Ink) -> Self {
        Note { ink, ..self }
    }
}

/// Anything that a panel shows.
#[derive(Clone, Debug)]
#[allow(missing_docs)] // The variants are documented at their types.
pub enum Mark {
    Line(Line),
    Points(Points),
    Band(Band),
    Rule(Rule),
    Note(Note),
    Cells(Cells),
    Regions(Regions),
    Contours(Contours),
}

macro_rules! from {
    ($($kind:ident),*) => { $(impl From<$kind> for Mark { fn from(mark: $kind) -> Mark { Mark::$kind(mark) } })* };
}
from!(Line, Points, Band, Rule, Note, Cells, Regions, Contours);

impl Mark {
    /// The x values that the panel must be wide enough for.
    pub(super) fn xs(&self) -> Vec<f64> {
        match self {
            Mark::Line(m) => m.x.clone(),
            Mark::Points(m) => m.x.clone(),
            Mark::Band(m) => m.x.clone(),
            Mark::Rule(m) if m.vertical => vec![m.at],
            Mark::Rule(_) => Vec::new(),
            Mark::Note(m) => vec![m.x],
            Mark::Cells(m) => m.x.clone(),
            Mark::Regions(m) => m.boxes.iter().flat_map(|b| [b.x.0, b.x.1]).collect(),
            Mark::Contours(m) => m.x.clone(),
        }
    }
    /// The y values that the panel must be high enough for.
    pub(super) fn ys(&self) -> Vec<f64> {
        match self {
            Mark::Line(m) => m.y.clone(),
            Mark::Points(m) => match &m.bars {
                Some((low, high)) => m.y.iter().chain(low).chain(high).copied().collect(),
                None => m.y.clone(),
            },
            Mark::Band(m) => m.low.iter().chain(&m.high).copied().collect(),
            Mark::Rule(m) if !m.vertical => vec![m.at],
            Mark::Rule(_) => Vec::new(),
            Mark::Note(m) => vec![m.y],
            Mark::Cells(m) => m.y.clone(),
            Mark::Regions(m) => m.boxes.iter().flat_map(|b| [b.y.0, b.y.1]).collect(),
            Mark::Contours(m) => m.y.clone(),
        }
    }
    /// Is it a line that goes to and fro in x?
    pub(super) fn turns(&self) -> bool {
        let Mark::Line(m) = self else { return false };
        let steps = || m.x.windows(2).map(|pair| pair[1] - pair[0]);
        steps().any(|step| step > 0.0) && steps().any(|step| step < 0.0)
    }
    /// Does it fill its panel to the edges, so that no room is wanted around it?
    pub(super) fn fills(&self) -> bool {
        matches!(self, Mark::Cells(_) | Mark::Regions(_))
    }
}
