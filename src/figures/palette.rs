//! Which colour means what? Eight colours that colour-blind readers tell apart, and two colour maps.
//!
//! Lines take the palette of Okabe and Ito; maps take viridis (sequential) or a blue–white–vermilion map (diverging).

use plotters::style::RGBColor;

/// What a line or a symbol stands for; the colour follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// What the theory says: black.
    Theory,
    /// What was measured or simulated: blue.
    Data,
    /// Stable, agreeing: bluish green.
    Stable,
    /// Unstable, disagreeing: vermilion.
    Unstable,
    /// Help lines and what is not the point: grey.
    Muted,
    /// The n-th of several alike, from 0: blue, vermilion, green, purple, orange, sky blue.
    Hue(usize),
}

const BLUE: RGBColor = RGBColor(0, 114, 178);
const VERMILION: RGBColor = RGBColor(213, 94, 0);
const GREEN: RGBColor = RGBColor(0, 158, 115);
const PURPLE: RGBColor = RGBColor(204, 121, 167);
const ORANGE: RGBColor = RGBColor(230, 159, 0);
const SKY: RGBColor = RGBColor(86, 180, 233);
pub(super) const BLACK: RGBColor = RGBColor(0, 0, 0);
pub(super) const GREY: RGBColor = RGBColor(128, 128, 128);

impl Ink {
    pub(super) fn colour(self) -> RGBColor {
        match self {
            Ink::Theory => BLACK,
            Ink::Data => BLUE,
            Ink::Stable => GREEN,
            Ink::Unstable => VERMILION,
            Ink::Muted => GREY,
            Ink::Hue(n) => [BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY][n % 6],
        }
    }
}

/// How the values of a map become colours.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shade {
    /// From the smallest value to the largest.
    Sequential,
    /// From the smallest to the largest power of ten; values must be positive.
    Logarithmic,
    /// White at this value, blue below, vermilion above, the same distance both ways.
    Diverging(f64),
}

/// viridis (matplotlib, CC0) at 17 equal steps.
const VIRIDIS: [(u8, u8, u8); 17] = [
    (68, 1, 84),
    (72, 24, 106),
    (71, 45, 123),
    (66, 64, 134),
    (59, 82, 139),
    (51, 99, 141),
    (44, 114, 142),
    (38, 130, 142),
    (33, 145, 140),
    (31, 160, 136),
    (40, 174, 128),
    (63, 188, 115),
    (94, 201, 98),
    (132, 212, 75),
    (173, 220, 48),
    (216, 226, 25),
    (253, 231, 37),
];

/// Blue below, white in the middle, vermilion above.
const BALANCE: [(u8, u8, u8); 5] = [(0, 68, 136), (102, 170, 210), (250, 250, 250), (240, 150, 90), (160, 60, 0)];

impl Shade {
    /// The colour at `t` in [0, 1] along the map.
    pub(super) fn colour(self, t: f64) -> RGBColor {
        match self {
            Shade::Sequential | Shade::Logarithmic => along(&VIRIDIS, t),
            Shade::Diverging(_) => along(&BALANCE, t),
        }
    }
    /// The interval of values that the map spans, given the smallest and the largest value shown.
    pub(super) fn span(self, low: f64, high: f64) -> (f64, f64) {
        match self {
            Shade::Sequential | Shade::Logarithmic if low < high => (low, high),
            Shade::Logarithmic => (low / 2.0, high * 2.0),
            Shade::Sequential => (low - 0.5, high + 0.5),
            Shade::Diverging(middle) => {
                let reach = (high - middle).abs().max((middle - low).abs()).max(f64::MIN_POSITIVE);
                (middle - reach, middle + reach)
            }
        }
    }
}

fn along(stops: &[(u8, u8, u8)], t: f64) -> RGBColor {
    let place = t.clamp(0.0, 1.0) * (stops.len() - 1) as f64;
    let k = (place as usize).min(stops.len() - 2);
    let mix = |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * (place - k as f64)).round() as u8;
    let ((r0, g0, b0), (r1, g1, b1)) = (stops[k], stops[k + 1]);
    RGBColor(mix(r0, r1), mix(g0, g1), mix(b0, b1))
}

/// `colour` thinned with white: 1 keeps it, 0 is white.
pub(super) fn tint(colour: RGBColor, strength: f64) -> RGBColor {
    let mix = |c: u8| (255.0 + (f64::from(c) - 255.0) * strength).round() as u8;
    RGBColor(mix(colour.0), mix(colour.1), mix(colour.2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn law_a_sequential_map_only_gets_brighter() {
        let brightness = |c: RGBColor| 0.299 * f64::from(c.0) + 0.587 * f64::from(c.1) + 0.114 * f64::from(c.2);
        let steps: Vec<f64> = (0..=50).map(|i| brightness(Shade::Sequential.colour(f64::from(i) / 50.0))).collect();
        assert!(steps.windows(2).all(|w| w[0] < w[1]), "{steps:?}");
    }

    #[test]
    fn theory_a_diverging_map_is_white_in_the_middle() {
        assert_eq!(Shade::Diverging(1.0).colour(0.5), RGBColor(250, 250, 250));
        assert_eq!(Shade::Diverging(1.0).span(0.5, 3.0), (-1.0, 3.0));
    }
}
