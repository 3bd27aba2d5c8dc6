//! What do the lines and colours mean? The legend above the frame, and the colour bar beside it.

use super::axis::{Axis, Ruler};
use super::canvas::{Canvas, Hold, POINT, Spot};
use super::maps::{CLASSES, Cells, Class};
use super::marks::{Mark, Shape};
use super::palette::{BLACK, Ink, Shade, tint};
use super::panel::{Frame, LABEL, TICK};
use super::ticks::Paper;
use super::{paint, text};
use plotters::style::RGBColor;

/// Height of a row of the legend, in millimetres.
pub(super) const ROW: f64 = 3.5;
/// Width of what is shown beside the words: a line needs some length to be seen as one, a symbol does not.
const LINE: f64 = 6.5;
const SYMBOL: f64 = 3.0;
const GAP: f64 = 1.0;
const BETWEEN: f64 = 3.0;

/// What a legend entry shows beside its words.
#[derive(Clone)]
pub(super) enum Swatch {
    Line(Ink, f64, bool),
    Symbol(Ink, Shape, f64, bool),
    Band(Ink),
    Class(Class),
}

/// A legend entry.
#[derive(Clone)]
pub(super) struct Key {
    swatch: Swatch,
    name: String,
}

impl Swatch {
    fn width(&self) -> f64 {
        if matches!(self, Swatch::Symbol(..)) { SYMBOL } else { LINE }
    }
}

impl Key {
    fn width(&self) -> f64 {
        self.swatch.width() + GAP + text::width(&self.name, TICK) * POINT + BETWEEN
    }
}

/// The entries of a panel's marks, each name once.
pub(super) fn keys(marks: &[Mark]) -> Vec<Key> {
    let mut out: Vec<Key> = Vec::new();
    let mut push = |swatch, name: &str| {
        if !name.is_empty() && out.iter().all(|k| k.name != name) {
            out.push(Key { swatch, name: name.into() });
        }
    };
    for mark in marks {
        match mark {
            Mark::Line(m) => push(Swatch::Line(m.ink, m.width, m.dashed), &m.name),
            Mark::Points(m) => push(Swatch::Symbol(m.ink, m.shape, m.size, m.bars.is_some()), &m.name),
            Mark::Band(m) => push(Swatch::Band(m.ink), &m.name),
            Mark::Contours(m) => push(Swatch::Line(m.ink, 1.0, m.dashed), &m.name),
            Mark::Regions(m) => {
                for class in CLASSES.into_iter().filter(|c| m.has(*c)) {
                    push(Swatch::Class(class), m.name(class));
                }
            }
            Mark::Rule(_) | Mark::Note(_) | Mark::Cells(_) => {}
        }
    }
    out
}

/// The entries in rows no wider than `width`.
pub(super) fn rows(keys: &[Key], width: f64) -> Vec<&[Key]> {
    let mut out = Vec::new();
    let (mut start, mut used) = (0, 0.0);
    for (k, key) in keys.iter().enumerate() {
        if k > start && used + key.width() - BETWEEN > width {
            out.push(&keys[start..k]);
            (start, used) = (k, 0.0);
        }
        used += key.width();
    }
    if start < keys.len() {
        out.push(&keys[start..]);
    }
    out
}

/// Draws a row of the legend from `at`.
pub(super) fn draw_row(canvas: &Canvas, row: &[Key], at: Spot) {
    let (mut x, y) = at;
    for key in row {
        let wide = key.swatch.width();
        let middle = x + wide / 2.0;
        let (low, high) = ((x, y - 1.0), (x + wide, y + 1.0));
        match &key.swatch {
            Swatch::Line(ink, width, dashed) => {
                canvas.line(&[(x, y), (x + wide, y)], ink.colour(), *width, *dashed);
            }
            Swatch::Symbol(ink, shape, size, bars) => {
                if *bars {
                    // So long that it is seen beyond the symbol.
                    let half = (size + 0.6).min(ROW / 2.0);
                    canvas.line(&[(middle, y - half), (middle, y + half)], ink.colour(), 0.7, false);
                }
                paint::symbol(canvas, (middle, y), *shape, *size, ink.colour());
            }
            Swatch::Band(ink) => canvas.rectangle(low, high, tint(ink.colour(), 0.28)),
            Swatch::Class(class) => {
                canvas.rectangle(low, high, paint::class_fill(*class));
                if *class == Class::Unstable {
                    let bounds = (low.0, low.1, high.0, high.1);
                    paint::hatch(canvas, bounds, &[(low, high)], Ink::Unstable.colour());
                }
            }
        }
        canvas.label(&key.name, (x + wide + GAP, y), Hold::Left, TICK);
        x += key.width();
    }
}

/// Width of the colour bar itself and its distance from the frame.
const BAR: f64 = 3.0;
const BAR_GAP: f64 = 2.0;

fn bar_ruler(cells: &Cells, paper: Paper) -> Ruler {
    let (low, high) = cells.span();
    let axis = if cells.shade == Shade::Logarithmic { Axis::log("", "") } else { Axis::linear("", "") };
    let mut ruler = Ruler::new(&axis.range(low, high), [], 0.0, paper);
    ruler.label = match ruler.label.as_str() {
        "" => cells.label.clone(),
        power => format!("{}{power}", cells.label),
    };
    ruler
}

/// The room that the colour bar takes beside the frame.
pub(super) fn bar_room(cells: &Cells, paper: Paper) -> f64 {
    let widest = bar_ruler(cells, paper).ticks.iter().map(|t| text::width(&t.label, TICK)).fold(0.0, f64::max);
    BAR_GAP + BAR + 1.8 + widest * POINT + 4.2
}

/// Draws the colour bar right of the frame.
pub(super) fn bar(canvas: &Canvas, frame: &Frame, cells: &Cells, paper: Paper) {
    let (left, right) = (frame.right + BAR_GAP, frame.right + BAR_GAP + BAR);
    let height = frame.bottom - frame.top;
    for level in 0..paint::LEVELS {
        let part = |l: usize| frame.bottom - height * l as f64 / paint::LEVELS as f64;
        let colour: RGBColor = cells.shade.colour((level as f64 + 0.5) / paint::LEVELS as f64);
        // Each step reaches to the top, the next one covers it: no seams.
        canvas.rectangle((left, frame.top), (right, part(level)), colour);
    }
    let (t, b) = (frame.top, frame.bottom);
    canvas.line(&[(left, t), (left, b), (right, b), (right, t), (left, t)], BLACK, 0.5, false);
    let ruler = bar_ruler(cells, paper);
    for tick in &ruler.ticks {
        let y = b - height * ruler.place(tick.at);
        if tick.major {
            canvas.line(&[(right, y), (right + 0.9, y)], BLACK, 0.5, false);
            canvas.label(&tick.label, (right + 1.5, y), Hold::Left, TICK);
        }
    }
    let widest = ruler.ticks.iter().map(|k| text::width(&k.label, TICK)).fold(0.0, f64::max);
    canvas.upright(&ruler.label, (right + 1.5 + widest * POINT + 2.2, (t + b) / 2.0), LABEL);
}
