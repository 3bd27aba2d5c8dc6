//! How does a mark become shapes inside its frame? Everything is clipped to the frame here.

use super::canvas::{Canvas, Hold, Spot};
use super::maps::{CLASSES, Cells, Class, Regions};
use super::marks::{Mark, Points, Shape};
use super::palette::{GREY, Ink, tint};
use super::panel::{Frame, TICK};
use plotters::style::RGBColor;

/// Draws one mark.
pub(super) fn mark(canvas: &Canvas, frame: &Frame, mark: &Mark) {
    match mark {
        Mark::Line(m) => {
            let path: Vec<Spot> = m.x.iter().zip(&m.y).map(|(&x, &y)| frame.spot(x, y)).collect();
            for piece in clipped(frame, &path) {
                canvas.line(&piece, m.ink.colour(), m.width, m.dashed);
            }
        }
        Mark::Points(m) => points(canvas, frame, m),
        Mark::Band(m) => {
            let above = m.x.iter().zip(&m.high).map(|(&x, &y)| frame.spot(x, y));
            let below = m.x.iter().zip(&m.low).rev().map(|(&x, &y)| frame.spot(x, y));
            let outline: Vec<Spot> = above.chain(below).filter(|s| s.0.is_finite() && s.1.is_finite()).collect();
            canvas.polygon(&inside(frame, &outline), tint(m.ink.colour(), 0.28), 1.0);
        }
        Mark::Rule(m) => {
            let (x, y) = frame.spot(m.at, m.at);
            let ends = match m.vertical {
                true => [(x, frame.top), (x, frame.bottom)],
                false => [(frame.left, y), (frame.right, y)],
            };
            for piece in clipped(frame, &ends) {
                canvas.line(&piece, m.ink.colour(), 0.8, true);
            }
        }
        Mark::Note(m) => canvas.coloured(&m.text, frame.spot(m.x, m.y), Hold::Middle, TICK, m.ink.colour()),
        Mark::Cells(m) => cells(canvas, frame, m),
        Mark::Regions(m) => regions(canvas, frame, m),
        Mark::Contours(m) => {
            for &level in &m.levels {
                for line in m.lines(level) {
                    let path: Vec<Spot> = line.iter().map(|&(x, y)| frame.spot(x, y)).collect();
                    for piece in clipped(frame, &path) {
                        canvas.line(&piece, m.ink.colour(), 1.0, m.dashed);
                    }
                }
            }
        }
    }
}

fn holds(frame: &Frame, s: Spot) -> bool {
    (frame.left - 0.01..=frame.right + 0.01).contains(&s.0) && (frame.top - 0.01..=frame.bottom + 0.01).contains(&s.1)
}

fn points(canvas: &Canvas, frame: &Frame, m: &Points) {
    for (k, (&x, &y)) in m.x.iter().zip(&m.y).enumerate() {
        let at = frame.spot(x, y);
        if let Some((low, high)) = &m.bars {
            let (a, b) = (frame.spot(x, low[k]), frame.spot(x, high[k]));
            for piece in clipped(frame, &[a, b]) {
                canvas.line(&piece, m.ink.colour(), 0.7, false);
            }
            for end in [a, b].into_iter().filter(|&s| holds(frame, s)) {
                canvas.line(&[(end.0 - 0.5, end.1), (end.0 + 0.5, end.1)], m.ink.colour(), 0.7, false);
            }
        }
        if holds(frame, at) {
            symbol(canvas, at, m.shape, m.size, m.ink.colour());
        }
    }
}

/// A symbol of about radius `r`.
pub(super) fn symbol(canvas: &Canvas, (x, y): Spot, shape: Shape, r: f64, colour: RGBColor) {
    match shape {
        Shape::Disc => canvas.disc((x, y), r, colour),
        Shape::Ring => {
            canvas.disc((x, y), r, colour);
            canvas.disc((x, y), r - 0.28, plotters::style::WHITE);
        }
        Shape::Square => {
            let r = r * 0.89;
            canvas.rectangle((x - r, y - r), (x + r, y + r), colour);
        }
        Shape::Triangle => {
            let r = r * 1.25;
            canvas.polygon(&[(x, y - r), (x + 0.87 * r, y + 0.5 * r), (x - 0.87 * r, y + 0.5 * r)], colour, 1.0);
        }
        Shape::Diamond => {
            let r = r * 1.25;
            canvas.polygon(&[(x, y - r), (x + r, y), (x, y + r), (x - r, y)], colour, 1.0);
        }
        Shape::OpenDiamond => {
            for (r, colour) in [(r * 1.25, colour), (r * 1.25 - 0.4, plotters::style::WHITE)] {
                canvas.polygon(&[(x, y - r), (x + r, y), (x, y + r), (x - r, y)], colour, 1.0);
            }
        }
        Shape::Cross => {
            canvas.line(&[(x - r, y - r), (x + r, y + r)], colour, 0.9, false);
            canvas.line(&[(x - r, y + r), (x + r, y - r)], colour, 0.9, false);
        }
    }
}

/// How many colours a heat map has: so few that equal neighbours join, so many that nobody sees steps.
pub(super) const LEVELS: usize = 64;

fn cells(canvas: &Canvas, frame: &Frame, m: &Cells) {
    let columns = m.x.len() - 1;
    let level = |value: f64| {
        let place = m.place(value);
        place.is_finite().then(|| ((place * LEVELS as f64) as usize).min(LEVELS - 1))
    };
    for (j, row) in m.values.chunks(columns).enumerate() {
        let mut start = 0;
        while start < columns {
            let here = level(row[start]);
            let end = (start..columns).find(|&i| level(row[i]) != here).unwrap_or(columns);
            if let Some(l) = here {
                let colour = m.shade.colour((l as f64 + 0.5) / LEVELS as f64);
                tile(canvas, frame, (m.x[start], m.x[end]), (m.y[j], m.y[j + 1]), colour);
            }
            start = end;
        }
    }
}

/// A filled rectangle of values. It reaches a hair under the next ones, so that no white seam shows.
fn tile(canvas: &Canvas, frame: &Frame, x: (f64, f64), y: (f64, f64), colour: RGBColor) {
    let (low, high) = (frame.spot(x.0, y.0), frame.spot(x.1, y.1));
    let clip_x = |v: f64| v.clamp(frame.left, frame.right);
    let clip_y = |v: f64| v.clamp(frame.top, frame.bottom);
    let corner = (clip_x(low.0), clip_y(high.1 - 0.03));
    let opposite = (clip_x(high.0 + 0.03), clip_y(low.1));
    if corner.0 < opposite.0 && corner.1 < opposite.1 {
        canvas.rectangle(corner, opposite, colour);
    }
}

/// Fill of a class.
pub(super) fn class_fill(class: Class) -> RGBColor {
    match class {
        Class::Stable => tint(Ink::Stable.colour(), 0.45),
        Class::Unstable => tint(Ink::Unstable.colour(), 0.35),
        Class::Multistable => tint(Ink::Data.colour(), 0.55),
        Class::OneStable => tint(Ink::Hue(5).colour(), 0.4),
        Class::NoneStable => tint(Ink::Hue(4).colour(), 0.55),
        Class::Empty => tint(GREY, 0.12),
        Class::Undecided => tint(GREY, 0.9),
    }
}

fn regions(canvas: &Canvas, frame: &Frame, m: &Regions) {
    let merged = m.merged();
    for class in CLASSES {
        for b in merged.iter().filter(|b| b.class == class) {
            tile(canvas, frame, b.x, b.y, class_fill(class));
        }
    }
    let rectangles: Vec<(Spot, Spot)> = merged
        .iter()
        .filter(|b| b.class == Class::Unstable)
        .map(|b| (frame.spot(b.x.0, b.y.1), frame.spot(b.x.1, b.y.0)))
        .collect();
    hatch(canvas, (frame.left, frame.top, frame.right, frame.bottom), &rectangles, Ink::Unstable.colour());
}

/// Diagonal lines over rectangles (corner, opposite), continuous where these touch.
pub(super) fn hatch(canvas: &Canvas, (l, t, r, b): (f64, f64, f64, f64), over: &[(Spot, Spot)], colour: RGBColor) {
    const STEP: f64 = 2.2;
    let lines = (((r - l) + (b - t)) / STEP).ceil() as usize;
    for k in 0..=lines {
        // Points of the line: x + y = c, named by x.
        let c = l + t + k as f64 * STEP;
        let mut pieces: Vec<(f64, f64)> = over
            .iter()
            .map(|(p, q)| (p.0.max(c - q.1).max(l).max(c - b), q.0.min(c - p.1).min(r).min(c - t)))
            .filter(|(from, to)| from < to)
            .collect();
        pieces.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut joined: Vec<(f64, f64)> = Vec::new();
        for piece in pieces {
            match joined.last_mut() {
                Some(last) if piece.0 <= last.1 + 0.02 => last.1 = last.1.max(piece.1),
                _ => joined.push(piece),
            }
        }
        for (from, to) in joined {
            canvas.line(&[(from, c - from), (to, c - to)], colour, 0.35, false);
        }
    }
}

/// The pieces of a path inside the frame; a NaN interrupts it.
fn clipped(frame: &Frame, path: &[Spot]) -> Vec<Vec<Spot>> {
    let mut pieces: Vec<Vec<Spot>> = Vec::new();
    let mut open = false;
    for pair in path.windows(2) {
        let Some((a, b)) = segment(frame, pair[0], pair[1]) else {
            open = false;
            continue;
        };
        match pieces.last_mut() {
            Some(piece) if open => piece.push(b),
            _ => pieces.push(vec![a, b]),
        }
        // The next stretch goes on only if this one was not cut at its end.
        open = b == pair[1];
    }
    pieces
}

/// The part of the stretch from `a` to `b` inside the frame (Liang and Barsky).
fn segment(frame: &Frame, a: Spot, b: Spot) -> Option<(Spot, Spot)> {
    if ![a.0, a.1, b.0, b.1].iter().all(|v| v.is_finite()) {
        return None;
    }
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let (mut from, mut to) = (0.0f64, 1.0f64);
    let sides = [
        (-dx, a.0 - frame.left + 0.01),
        (dx, frame.right + 0.01 - a.0),
        (-dy, a.1 - frame.top + 0.01),
        (dy, frame.bottom + 0.01 - a.1),
    ];
    for (p, q) in sides {
        if p == 0.0 {
            if q < 0.0 {
                return None;
            }
        } else if p < 0.0 {
            from = from.max(q / p);
        } else {
            to = to.min(q / p);
        }
    }
    let at = |t: f64| (a.0 + t * dx, a.1 + t * dy);
    (from < to || (from == to && dx == 0.0 && dy == 0.0))
        .then(|| (if from == 0.0 { a } else { at(from) }, if to == 1.0 { b } else { at(to) }))
}

/// A polygon cut to the frame (Sutherland and Hodgman).
fn inside(frame: &Frame, outline: &[Spot]) -> Vec<Spot> {
    let sides: [(bool, f64, f64); 4] =
        [(true, frame.left, 1.0), (true, frame.right, -1.0), (false, frame.top, 1.0), (false, frame.bottom, -1.0)];
    let mut out = outline.to_vec();
    for (horizontal, edge, sign) in sides {
        let depth = |s: Spot| sign * (if horizontal { s.0 } else { s.1 } - edge);
        let mut kept = Vec::new();
        for k in 0..out.len() {
            let (a, b) = (out[(k + out.len() - 1) % out.len()], out[k]);
            let (da, db) = (depth(a), depth(b));
            if (da < 0.0) != (db < 0.0) {
                let t = da / (da - db);
                kept.push((a.0 + t * (b.0 - a.0), a.1 + t * (b.1 - a.1)));
            }
            if db >= 0.0 {
                kept.push(b);
            }
        }
        out = kept;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::axis::{Axis, Ruler};
    use super::super::ticks::Paper;
    use super::*;

    fn within<T>(test: impl FnOnce(&Frame) -> T) -> T {
        let ruler = Ruler::new(&Axis::linear("", "").range(0.0, 10.0), [], 0.0, Paper { length: 10.0, upright: false });
        test(&Frame { left: 0.0, top: 0.0, right: 10.0, bottom: 10.0, x: &ruler, y: &ruler })
    }

    #[test]
    fn theory_a_line_through_the_frame_is_cut_at_its_edges() {
        let pieces = within(|f| clipped(f, &[(-5.0, 5.0), (15.0, 5.0), (15.0, 20.0), (5.0, 20.0), (5.0, 5.0)]));
        assert_eq!(pieces.len(), 2);
        assert!((pieces[0][0].0 + 0.01).abs() < 1e-9 && (pieces[0][1].0 - 10.01).abs() < 1e-9);
        assert_eq!(pieces[1][1], (5.0, 5.0));
    }

    #[test]
    fn law_nan_interrupts_a_line() {
        let pieces = within(|f| clipped(f, &[(1.0, 1.0), (2.0, 2.0), (f64::NAN, 3.0), (4.0, 4.0), (5.0, 5.0)]));
        assert_eq!(pieces, vec![vec![(1.0, 1.0), (2.0, 2.0)], vec![(4.0, 4.0), (5.0, 5.0)]]);
    }

    #[test]
    fn theory_a_polygon_around_the_frame_becomes_the_frame() {
        let cut = within(|f| inside(f, &[(-5.0, -5.0), (15.0, -5.0), (15.0, 15.0), (-5.0, 15.0)]));
        let area: f64 =
            (0..cut.len()).map(|k| (cut[k], cut[(k + 1) % cut.len()])).map(|(a, b)| a.0 * b.1 - b.0 * a.1).sum();
        assert!((area.abs() / 2.0 - 100.0).abs() < 1e-9, "{cut:?}");
    }
}
