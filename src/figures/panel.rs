//! How is one set of axes laid out? Its room, frame, ticks, labels and legend.

use super::axis::{Axis, Ruler};
use super::canvas::{Canvas, Hold, Spot};
use super::marks::Mark;
use super::palette::BLACK;
use super::ticks::Paper;
use super::{keys, paint, text};

/// Sizes of type, in points.
pub(super) const LABEL: f64 = 8.0;
pub(super) const TICK: f64 = 7.0;
/// Heights of a line of labels and of ticks, in millimetres.
pub(super) const ROW: f64 = 3.8;
/// An axis that is shorter than this is labelled as if it were so long.
const SHORT: f64 = 20.0;
const TICK_LENGTH: f64 = 1.1;
const TICK_GAP: f64 = 0.8;

/// One set of axes.
#[derive(Clone, Debug)]
pub struct Panel {
    pub(super) x: Axis,
    pub(super) y: Axis,
    pub(super) title: String,
    pub(super) marks: Vec<Mark>,
    pub(super) legend: bool,
}

impl Panel {
    /// An empty panel.
    pub fn new(x: Axis, y: Axis) -> Self {
        Panel { x, y, title: String::new(), marks: Vec::new(), legend: true }
    }
    /// With a title above.
    pub fn title(self, title: &str) -> Self {
        Panel { title: title.into(), ..self }
    }
    /// With one more mark; later ones lie above earlier ones.
    #[allow(clippy::should_implement_trait)] // It adds a mark; nobody will take it for arithmetic.
    pub fn add(mut self, mark: impl Into<Mark>) -> Self {
        self.marks.push(mark.into());
        self
    }
    /// With the size of what x shows, see [`Axis::sized`].
    pub fn sized_x(self, size: f64) -> Self {
        Panel { x: self.x.sized(size), ..self }
    }
    /// With the size of what y shows, see [`Axis::sized`].
    pub fn sized_y(self, size: f64) -> Self {
        Panel { y: self.y.sized(size), ..self }
    }
    /// Without a legend (another panel of the figure has it).
    pub fn no_legend(self) -> Self {
        Panel { legend: false, ..self }
    }
}

/// How much room a panel needs around its frame, in millimetres.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Room {
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
}

impl Room {
    pub fn max(self, o: Room) -> Room {
        Room {
            left: self.left.max(o.left),
            right: self.right.max(o.right),
            top: self.top.max(o.top),
            bottom: self.bottom.max(o.bottom),
        }
    }
}

/// A panel whose axes and legend are decided.
pub(super) struct Plan<'a> {
    pub panel: &'a Panel,
    pub x: Ruler,
    pub y: Ruler,
    keys: Vec<keys::Key>,
    upright: Paper,
}

/// The frame of a panel on the paper, with its two rulers.
pub(super) struct Frame<'a> {
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
    pub x: &'a Ruler,
    pub y: &'a Ruler,
}

impl Frame<'_> {
    /// The place of a pair of values; NaN where the axes have none.
    pub fn spot(&self, x: f64, y: f64) -> Spot {
        (
            self.left + (self.right - self.left) * self.x.place(x),
            self.bottom - (self.bottom - self.top) * self.y.place(y),
        )
    }
}

impl<'a> Plan<'a> {
    /// Decides axes and legend for a panel in a cell of this size.
    pub fn new(panel: &'a Panel, width: f64, height: f64) -> Self {
        let fills = panel.marks.iter().any(Mark::fills);
        let points = panel.marks.iter().any(|m| matches!(m, Mark::Points(_)));
        // A curve that turns back would run along the frame.
        let turns = panel.marks.iter().any(Mark::turns);
        let (pad_x, pad_y) = match (fills, points, turns) {
            (true, ..) => (0.0, 0.0),
            (false, true, _) => (0.04, 0.06),
            (false, false, true) => (0.04, 0.05),
            (false, false, false) => (0.0, 0.05),
        };
        let xs = panel.marks.iter().flat_map(Mark::xs);
        let ys = panel.marks.iter().flat_map(Mark::ys);
        let upright = Paper { length: (height - 14.0).max(SHORT), upright: true };
        let y = Ruler::new(&panel.y, ys, pad_y, upright);
        let x = Ruler::new(&panel.x, xs, pad_x, Paper { length: (width - 15.0).max(SHORT), upright: false });
        let keys = if panel.legend { keys::keys(&panel.marks) } else { Vec::new() };
        let mut plan = Plan { panel, x, y, keys, upright };
        // What the labels beside the frame leave.
        let room = plan.room(width, false);
        let xs = panel.marks.iter().flat_map(Mark::xs);
        let length = (width - room.left - room.right).max(SHORT);
        plan.x = Ruler::new(&panel.x, xs, pad_x, Paper { length, upright: false });
        plan
    }

    /// The room around the frame, for a frame about `width` wide.
    pub fn room(&self, width: f64, lettered: bool) -> Room {
        let widest = |ruler: &Ruler| ruler.ticks.iter().map(|t| text::width(&t.label, TICK)).fold(0.0, f64::max);
        let point = super::canvas::POINT;
        let named = |label: &str| if label.is_empty() { 0.0 } else { ROW };
        let left = TICK_LENGTH + TICK_GAP + widest(&self.y) * point + named(&self.y.label) + 0.6;
        let beyond = self.x.ticks.iter().filter(|t| t.major && self.x.place(t.at) > 0.9);
        let half = beyond.map(|t| text::width(&t.label, TICK) * point / 2.0).fold(0.0, f64::max);
        let mut right = (half + 0.4).max(1.5);
        right += self.rules(false).map(|(label, ..)| text::width(label, TICK) * point + 1.0).fold(0.0, f64::max);
        if let Some(cells) = self.cells() {
            right += keys::bar_room(cells, self.upright);
        }
        let head = self.head_height(width - left - right);
        let top = if lettered { head.max(ROW) } else { head } + 1.2;
        let bottom = TICK_LENGTH + TICK_GAP + 2.9 + named(&self.x.label);
        Room { left, right, top, bottom }
    }

    /// Height of title, legend and rule labels above a frame of this width.
    fn head_height(&self, width: f64) -> f64 {
        let title = if self.panel.title.is_empty() { 0.0 } else { ROW };
        let rules = if self.rules(true).next().is_some() { 3.4 } else { 0.0 };
        title + keys::rows(&self.keys, width).len() as f64 * keys::ROW + rules
    }

    fn cells(&self) -> Option<&super::Cells> {
        self.panel.marks.iter().find_map(|m| if let Mark::Cells(c) = m { Some(c) } else { None })
    }

    /// Labels and places of the labelled rules of one direction.
    fn rules(&self, vertical: bool) -> impl Iterator<Item = (&str, f64, plotters::style::RGBColor)> {
        self.panel.marks.iter().filter_map(move |m| match m {
            Mark::Rule(r) if r.vertical == vertical && !r.label.is_empty() => {
                Some((r.label.as_str(), r.at, if r.ink == super::Ink::Muted { BLACK } else { r.ink.colour() }))
            }
            _ => None,
        })
    }

    /// Draws the panel into its cell, given the room around the frame.
    pub fn draw(&self, canvas: &Canvas, corner: Spot, size: (f64, f64), room: Room, letter: Option<char>) {
        let frame = Frame {
            left: corner.0 + room.left,
            top: corner.1 + room.top,
            right: corner.0 + size.0 - room.right,
            bottom: corner.1 + size.1 - room.bottom,
            x: &self.x,
            y: &self.y,
        };
        for mark in &self.panel.marks {
            paint::mark(canvas, &frame, mark);
        }
        self.axes(canvas, &frame);
        self.head(canvas, &frame, corner, letter);
        if let Some(cells) = self.cells() {
            keys::bar(canvas, &frame, cells, self.upright);
        }
    }

    fn axes(&self, canvas: &Canvas, frame: &Frame) {
        let closed = self.panel.marks.iter().any(Mark::fills);
        let (l, t, r, b) = (frame.left, frame.top, frame.right, frame.bottom);
        let spine = if closed { vec![(l, t), (l, b), (r, b), (r, t), (l, t)] } else { vec![(l, t), (l, b), (r, b)] };
        canvas.line(&spine, BLACK, 0.6, false);
        let mut last = f64::NEG_INFINITY;
        for tick in &self.x.ticks {
            let (at, _) = frame.spot(tick.at, self.y.low);
            let length = if tick.major { TICK_LENGTH } else { 0.55 * TICK_LENGTH };
            canvas.line(&[(at, b), (at, b + length)], BLACK, 0.6, false);
            // A label that would run into its neighbour is left out.
            let half = text::width(&tick.label, TICK) * super::canvas::POINT / 2.0;
            if tick.major && at - half > last {
                last = at + half + 0.6;
                canvas.label(&tick.label, (at, b + TICK_LENGTH + TICK_GAP + 1.2), Hold::Middle, TICK);
            }
        }
        for tick in &self.y.ticks {
            let (_, at) = frame.spot(self.x.low, tick.at);
            let length = if tick.major { TICK_LENGTH } else { 0.55 * TICK_LENGTH };
            canvas.line(&[(l, at), (l - length, at)], BLACK, 0.6, false);
            if tick.major {
                canvas.label(&tick.label, (l - TICK_LENGTH - TICK_GAP, at), Hold::Right, TICK);
            }
        }
        if !self.x.label.is_empty() {
            canvas.label(&self.x.label, ((l + r) / 2.0, b + TICK_LENGTH + TICK_GAP + 4.6), Hold::Middle, LABEL);
        }
        if !self.y.label.is_empty() {
            let widest = self.y.ticks.iter().map(|k| text::width(&k.label, TICK)).fold(0.0, f64::max);
            let at = l - TICK_LENGTH - TICK_GAP - widest * super::canvas::POINT - 2.4;
            canvas.upright(&self.y.label, (at, (t + b) / 2.0), LABEL);
        }
    }

    /// Letter, title, legend and the labels of the rules.
    fn head(&self, canvas: &Canvas, frame: &Frame, corner: Spot, letter: Option<char>) {
        if let Some(letter) = letter {
            canvas.bold(&letter.to_string(), (corner.0, corner.1 + 1.8), Hold::Left, 10.0);
        }
        // From the frame upwards, so that a legend stands near its lines.
        let mut y = frame.top - 1.2 - self.head_height(frame.right - frame.left) + 1.8;
        if !self.panel.title.is_empty() {
            // Titles of a row stand at one height.
            canvas.label(&self.panel.title, ((frame.left + frame.right) / 2.0, corner.1 + 1.8), Hold::Middle, LABEL);
            y += ROW;
        }
        for row in keys::rows(&self.keys, frame.right - frame.left) {
            keys::draw_row(canvas, row, (frame.left, y));
            y += keys::ROW;
        }
        let point = super::canvas::POINT;
        let mut last = f64::NEG_INFINITY;
        let mut upright: Vec<_> = self.rules(true).collect();
        upright.sort_by(|a, b| a.1.total_cmp(&b.1));
        for (label, at, colour) in upright {
            let (x, _) = frame.spot(at, self.y.low);
            if !(frame.left - 0.01..=frame.right + 0.01).contains(&x) {
                continue;
            }
            let half = text::width(label, TICK) * point / 2.0;
            // Over the frame where it fits there, and clear of its neighbour.
            let x = x.min(frame.right - half).max(frame.left + half).max(last + half + 0.8);
            last = x + half;
            canvas.coloured(label, (x, frame.top - 1.9), Hold::Middle, TICK, colour);
        }
        let mut last = f64::INFINITY;
        let mut level: Vec<_> = self.rules(false).collect();
        level.sort_by(|a, b| a.1.total_cmp(&b.1));
        for (label, at, colour) in level {
            let (_, y) = frame.spot(self.x.low, at);
            if !(frame.top - 0.01..=frame.bottom + 0.01).contains(&y) {
                continue;
            }
            let y = y.min(last - 3.0);
            last = y;
            canvas.coloured(label, (frame.right + 0.8, y), Hold::Left, TICK, colour);
        }
    }
}
