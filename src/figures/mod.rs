//! How is a result seen? Figures for papers, from results that others computed.
//!
//! A [`Figure`] is one or several [`Panel`]s; a panel has two [`Axis`]es and marks: [`Line`], [`Points`], [`Band`],
//! [`Rule`], [`Note`], [`Cells`], [`Regions`], [`Contours`]. It becomes an SVG with the width of a journal's column
//! ([`Figure::to_svg`]), the same bytes on every machine, and the table of everything it shows ([`Figure::data`]).
//! Nothing is computed here but where ink goes.
//!
//! ```
//! use homeostat::figures::{Axis, Figure, Ink, Line, Panel, Rule};
//! let panel = Panel::new(Axis::linear("time", "s"), Axis::linear("r_{e}", "Hz"))
//!     .add(Line::of("theory", (0.0, 10.0), 100, |t| 5.0 * (1.0 - (-t / 2.0).exp())))
//!     .add(Rule::horizontal("y_{0}", 5.0).ink(Ink::Stable));
//! let figure = Figure::single(panel).caption("The rate returns to its set point.");
//! assert!(figure.to_svg().contains("</svg>"));
//! assert_eq!(figure.data().rows(), 102);
//! ```

mod answers;
mod axis;
mod canvas;
mod cycles;
mod data;
mod diagrams;
mod keys;
mod maps;
mod marks;
mod noise;
mod paint;
mod palette;
mod panel;
mod parameter_plane;
mod plane;
mod results;
mod text;
mod ticks;
mod windows;

pub use answers::{run, spread, stability_map, stability_panel};
pub use axis::Axis;
pub use cycles::{orbits, phase_response};
pub use diagrams::{bifurcations, branch};
pub use maps::{Cells, Class, Contours, Region, Regions};
pub use marks::{Band, Line, Mark, Note, Points, Rule, Shape};
pub use noise::noise_along;
pub use palette::{Ink, Shade};
pub use panel::Panel;
pub use parameter_plane::parameter_plane;
pub use plane::phase_plane;
pub use results::{Compared, comparison, phase, trajectory, unit_label};
pub use text::symbol;
pub use windows::time_windows;

use crate::field::Table;
use panel::{Plan, Room};

/// Width of one column and of a page of a journal, in millimetres.
const SINGLE: f64 = 86.0;
const DOUBLE: f64 = 178.0;
/// White between panels.
const GUTTER: f64 = 4.0;
/// What a panel's height holds above the frame: a title and a row of the legend. More of it makes the panel higher.
const HEAD: f64 = 8.5;

/// Panels on a page, with a caption.
#[derive(Clone, Debug)]
pub struct Figure {
    panels: Vec<Panel>,
    columns: usize,
    width: f64,
    height: f64,
    caption: String,
}

impl Figure {
    /// One panel, one column wide (86 mm).
    pub fn single(panel: Panel) -> Self {
        Figure { panels: vec![panel], columns: 1, width: SINGLE, height: 60.0, caption: String::new() }
    }
    /// One panel as wide as the page (178 mm).
    pub fn wide(panel: Panel) -> Self {
        Figure { width: DOUBLE, ..Figure::single(panel) }
    }
    /// Panels side by side over the page (178 mm).
    pub fn row(panels: impl IntoIterator<Item = Panel>) -> Self {
        let panels: Vec<Panel> = panels.into_iter().collect();
        let columns = panels.len().max(1);
        Figure::grid(columns, panels)
    }
    /// Panels in so many columns over the page (178 mm; one column: 86 mm), row by row.
    pub fn grid(columns: usize, panels: impl IntoIterator<Item = Panel>) -> Self {
        let columns = columns.max(1);
        let (width, height) = match columns {
            1 => (SINGLE, 46.0),
            2 => (DOUBLE, 60.0),
            _ => (DOUBLE, 52.0),
        };
        Figure { panels: panels.into_iter().collect(), columns, width, height, caption: String::new() }
    }
    /// With the sentence below it. `$…$` is mathematics on a report's page.
    pub fn caption(self, caption: &str) -> Self {
        Figure { caption: caption.into(), ..self }
    }
    /// With panels of another height, in millimetres.
    pub fn height(self, height: f64) -> Self {
        Figure { height, ..self }
    }
    /// The sentence below it.
    pub fn caption_text(&self) -> &str {
        &self.caption
    }
    /// Everything it shows, a row for every point: `panel`, `mark`, `series`, then the columns that are used.
    pub fn data(&self) -> Table {
        data::table(&self.panels)
    }
    /// The figure as a self-contained SVG, the same bytes on every machine.
    pub fn to_svg(&self) -> String {
        let rows = self.panels.len().div_ceil(self.columns).max(1);
        let cell = (self.width - 2.0 - GUTTER * (self.columns - 1) as f64) / self.columns as f64;
        let lettered = self.panels.len() > 1;
        let plans: Vec<Plan> = self.panels.iter().map(|p| Plan::new(p, cell, self.height)).collect();
        let rooms: Vec<Room> = plans.iter().map(|p| p.room(cell, lettered)).collect();
        // Frames of a column share their sides, frames of a row their top and bottom.
        let shared = |pick: &dyn Fn(usize) -> bool| {
            rooms.iter().enumerate().filter(|(k, _)| pick(*k)).fold(Room::default(), |all, (_, r)| all.max(*r))
        };
        let across = |column: usize| shared(&|o| o % self.columns == column);
        let along = |row: usize| shared(&|o| o / self.columns == row);
        // What stands above the frames takes nothing away from them.
        let heights: Vec<f64> = (0..rows).map(|row| self.height + (along(row).top - HEAD).max(0.0)).collect();
        let height = heights.iter().sum::<f64>() + (rows - 1) as f64 * GUTTER + 1.0;
        canvas::render(self.width, height, &self.caption, |canvas| {
            for (k, plan) in plans.iter().enumerate() {
                let (row, column) = (k / self.columns, k % self.columns);
                let Room { left, right, .. } = across(column);
                let room = Room { left, right, ..along(row) };
                let above = heights[..row].iter().sum::<f64>() + row as f64 * GUTTER;
                let corner = (1.0 + column as f64 * (cell + GUTTER), 0.5 + above);
                plan.draw(canvas, corner, (cell, heights[row]), room, lettered.then(|| letter(k)));
            }
        })
    }
}

/// The letter of the k-th panel.
fn letter(k: usize) -> char {
    char::from(b'a' + (k % 26) as u8)
}

/// Text as it may stand in XML.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests;
