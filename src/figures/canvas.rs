//! How does a millimetre become ink? A thin layer over plotters' SVG backend.
//!
//! The backend rounds every coordinate to a whole unit, so the canvas has 100 units to a millimetre and only the header
//! of the SVG says how large that is. Lengths are millimetres, y points downwards, type sizes are points.

use super::text;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// Canvas units per millimetre.
const UNITS: f64 = 100.0;
/// Millimetres per point.
pub(super) const POINT: f64 = 0.352_778;

/// A place on the paper in millimetres, y downwards.
pub(super) type Spot = (f64, f64);

/// Where a text is held.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Hold {
    Left,
    Middle,
    Right,
}

/// What is drawn on.
pub(super) struct Canvas<'a> {
    area: DrawingArea<SVGBackend<'a>, Shift>,
}

/// The SVG that `paint` draws on a sheet of this size, in millimetres.
pub(super) fn render(width: f64, height: f64, title: &str, paint: impl FnOnce(&Canvas)) -> String {
    let size = ((width * UNITS).round() as u32, (height * UNITS).round() as u32);
    let mut svg = String::new();
    let canvas = Canvas { area: SVGBackend::with_string(&mut svg, size).into_drawing_area() };
    canvas.rectangle((0.0, 0.0), (width, height), WHITE);
    paint(&canvas);
    drop(canvas);
    polish(&svg, width, height, title)
}

fn unit(spot: Spot) -> (i32, i32) {
    ((spot.0 * UNITS).round() as i32, (spot.1 * UNITS).round() as i32)
}

impl Canvas<'_> {
    fn draw<E>(&self, element: &E)
    where
        for<'b> &'b E: plotters::element::PointCollection<'b, (i32, i32)>,
        E: for<'b> plotters::element::Drawable<SVGBackend<'b>>,
    {
        // The backend writes into a string; there is nothing that could fail.
        let _ = self.area.draw(element);
    }
    /// A line through `points`, `width` points thick.
    pub fn line(&self, points: &[Spot], colour: RGBColor, width: f64, dashed: bool) {
        let stroke = (width * POINT * UNITS).round().max(1.0) as u32;
        let style = colour.stroke_width(stroke);
        let path: Vec<(i32, i32)> = thin(points).into_iter().map(unit).collect();
        if path.len() < 2 {
            return;
        }
        if dashed {
            for dash in dashes(&path, 3.6 * f64::from(stroke), 2.4 * f64::from(stroke)) {
                self.draw(&PathElement::new(dash, style));
            }
        } else {
            self.draw(&PathElement::new(path, style));
        }
    }
    /// A filled polygon.
    pub fn polygon(&self, points: &[Spot], fill: RGBColor, alpha: f64) {
        if points.len() > 2 {
            self.draw(&Polygon::new(points.iter().copied().map(unit).collect::<Vec<_>>(), fill.mix(alpha)));
        }
    }
    /// A filled rectangle.
    pub fn rectangle(&self, corner: Spot, opposite: Spot, fill: RGBColor) {
        self.draw(&Rectangle::new([unit(corner), unit(opposite)], fill.filled()));
    }
    /// A disc of `radius` mm.
    pub fn disc(&self, centre: Spot, radius: f64, fill: RGBColor) {
        self.draw(&Circle::new(unit(centre), (radius * UNITS).round() as i32, fill.filled()));
    }
    /// A label with its middle height at `at`; `size` in points.
    pub fn label(&self, label: &str, at: Spot, hold: Hold, size: f64) {
        self.text(label, at, hold, size, BLACK, false, FontTransform::None);
    }
    /// A bold label.
    pub fn bold(&self, label: &str, at: Spot, hold: Hold, size: f64) {
        self.text(label, at, hold, size, BLACK, true, FontTransform::None);
    }
    /// A label in a colour.
    pub fn coloured(&self, label: &str, at: Spot, hold: Hold, size: f64, colour: RGBColor) {
        self.text(label, at, hold, size, colour, false, FontTransform::None);
    }
    /// A label that reads upwards.
    pub fn upright(&self, label: &str, at: Spot, size: f64) {
        self.text(label, at, Hold::Middle, size, BLACK, false, FontTransform::Rotate270);
    }
    #[allow(clippy::too_many_arguments)] // One private place where they all meet.
    fn text(&self, label: &str, at: Spot, hold: Hold, size: f64, colour: RGBColor, bold: bool, turn: FontTransform) {
        let hold = match hold {
            Hold::Left => HPos::Left,
            Hold::Middle => HPos::Center,
            Hold::Right => HPos::Right,
        };
        // The backend divides the size by 1.24.
        let height = size * POINT * UNITS * 1.24;
        let style = if bold { FontStyle::Bold } else { FontStyle::Normal };
        let font = FontDesc::new(FontFamily::SansSerif, height, style).transform(turn);
        let style = TextStyle::from(font).color(&colour).pos(Pos::new(hold, VPos::Center));
        self.draw(&Text::new(label.to_string(), unit(at), style));
    }
}

/// The same line with the points left out that nobody could see (less than a hundredth of a millimetre off).
fn thin(points: &[Spot]) -> Vec<Spot> {
    let tolerance = 1.0 / UNITS;
    if points.len() < 3 {
        return points.to_vec();
    }
    let mut keep = vec![false; points.len()];
    keep[0] = true;
    keep[points.len() - 1] = true;
    let mut open = vec![(0, points.len() - 1)];
    while let Some((a, b)) = open.pop() {
        let far = (a + 1..b)
            .map(|k| (distance(points[k], points[a], points[b]), k))
            .fold((0.0, a), |best, next| if next.0 > best.0 { next } else { best });
        if far.0 > tolerance {
            keep[far.1] = true;
            open.extend([(a, far.1), (far.1, b)]);
        }
    }
    points.iter().zip(keep).filter(|(_, kept)| *kept).map(|(p, _)| *p).collect()
}

/// Distance of `p` from the stretch between `a` and `b`.
fn distance(p: Spot, a: Spot, b: Spot) -> f64 {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let length = dx * dx + dy * dy;
    let t = if length > 0.0 { (((p.0 - a.0) * dx + (p.1 - a.1) * dy) / length).clamp(0.0, 1.0) } else { 0.0 };
    (p.0 - a.0 - t * dx).hypot(p.1 - a.1 - t * dy)
}

/// The dashes of a path, in canvas units.
fn dashes(path: &[(i32, i32)], on: f64, off: f64) -> Vec<Vec<(i32, i32)>> {
    let (mut out, mut dash, mut drawing, mut left) = (Vec::new(), vec![path[0]], true, on);
    for pair in path.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        let length = f64::from(b.0 - a.0).hypot(f64::from(b.1 - a.1));
        let mut gone = 0.0;
        while length - gone >= left && length > 0.0 {
            gone += left;
            let t = gone / length;
            let here = (
                (f64::from(a.0) + t * f64::from(b.0 - a.0)).round() as i32,
                (f64::from(a.1) + t * f64::from(b.1 - a.1)).round() as i32,
            );
            if drawing {
                dash.push(here);
                out.push(std::mem::take(&mut dash));
            } else {
                dash = vec![here];
            }
            drawing = !drawing;
            left = if drawing { on } else { off };
        }
        left -= length - gone;
        if drawing && dash.last() != Some(&b) {
            dash.push(b);
        }
    }
    if drawing && dash.len() > 1 {
        out.push(dash);
    }
    out
}

/// The backend's SVG with the size of the paper, its fonts, sub- and superscripts, and without what says nothing.
fn polish(svg: &str, width: f64, height: f64, title: &str) -> String {
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}mm\" height=\"{height:.1}mm\" viewBox=\"0 0 {:.0} {:.0}\" \
         font-family=\"{}\" stroke-linejoin=\"round\" role=\"img\">\n<title>{}</title>\n",
        width * UNITS,
        height * UNITS,
        text::FONTS,
        super::escape(title)
    );
    let mut lines = svg.lines().skip(1);
    while let Some(line) = lines.next() {
        let line = line.replace(" opacity=\"1\"", "").replace(" \"/>", "\"/>").replace(" stroke=\"none\"", "");
        if line.starts_with("<text") {
            let size: f64 =
                line.split("font-size=\"").nth(1).and_then(|s| s.split('"').next()?.parse().ok()).unwrap_or(0.0);
            let open = line
                .replace(" font-family=\"sans-serif\"", "")
                .replace(" text-anchor=\"start\"", "")
                .replace(&format!("font-size=\"{size}\""), &format!("font-size=\"{size:.0}\""))
                // Half the height of a capital letter: the middle of digits and capitals.
                .replace("dy=\"0.5ex\"", "dy=\"0.36em\"");
            out += &open;
            out += &text::spans(lines.next().unwrap_or(""), size);
        } else {
            // Without smoothing, touching rectangles show no seam.
            out += &line.replace("<rect ", "<rect shape-rendering=\"crispEdges\" ");
            out.push('\n');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn theory_a_straight_line_is_two_points() {
        let line: Vec<Spot> = (0..100).map(|i| (f64::from(i) * 0.1, f64::from(i) * 0.2)).collect();
        assert_eq!(thin(&line).len(), 2);
        let corner = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0)];
        assert_eq!(thin(&corner).len(), 3);
    }

    #[test]
    fn law_dashes_cover_their_share() {
        let path: Vec<(i32, i32)> = (0..=50).map(|i| (i * 100, 0)).collect();
        let dashes = dashes(&path, 60.0, 40.0);
        let inked: i32 = dashes.iter().map(|d| d[d.len() - 1].0 - d[0].0).sum();
        assert_eq!((dashes.len(), inked), (50, 3000));
    }

    #[test]
    fn theory_text_is_escaped_and_sized() {
        let svg = render(10.0, 5.0, "a < b", |c| c.label("x_{<} & 10^{2}", (5.0, 2.0), Hold::Middle, 8.0));
        assert!(svg.contains("width=\"10mm\" height=\"5.0mm\" viewBox=\"0 0 1000 500\""), "{svg}");
        assert!(svg.contains("<title>a &lt; b</title>"), "{svg}");
        assert!(svg.contains(">&lt;</tspan>"), "{svg}");
        assert!(svg.trim_end().ends_with("</svg>"), "{svg}");
    }
}
