//! Is every figure the same bytes twice, on the paper, and small?

use super::*;

/// Four panels with every kind of mark.
fn gallery() -> Figure {
    let series = Panel::new(Axis::linear("time", "s"), Axis::linear("y_{1}", "Hz").including(0.0))
        .title("approach")
        .add(Band::new("± 2 s.e.", &[0.0, 30.0, 60.0], &[2.0, 3.3, 3.7], &[3.0, 4.3, 4.3]))
        .add(Line::of("theory", (0.0, 60.0), 600, |t| 4.0 + 2.0 * (-t / 20.0).exp() * (t / 3.0).cos()))
        .add(Line::of("no homeostasis", (0.0, 60.0), 600, |t| (t / 12.0).exp()).ink(Ink::Unstable).dashed())
        .add(Points::new("simulation", &[5.0, 20.0, 40.0], &[3.7, 4.2, 4.1]).error(&[0.3, 0.4, 0.2]))
        .add(Rule::horizontal("K y_{0}", 4.0))
        .add(Rule::vertical("step", 12.0).ink(Ink::Hue(3)));
    let spectrum = Panel::new(Axis::log("frequency", "Hz"), Axis::log("power", "Hz^{2}/Hz"))
        .add(Line::of("plasticity on", (0.01, 100.0), 2000, |f| 1.0 / (1.0 + f * f)).ink(Ink::Data))
        .add(
            Line::of("plasticity off", (0.01, 100.0), 2000, |f| 0.1 / (1.0 + 0.01 * f * f)).ink(Ink::Unstable).dashed(),
        );
    let edges: Vec<f64> = (0..=60).map(|i| 10f64.powf(f64::from(i) / 30.0)).collect();
    let levels: Vec<f64> = (0..=40).map(|j| f64::from(j) / 40.0).collect();
    let value = |x: f64, y: f64| x.log10() - 1.0 - (3.0 * y).sin();
    let middle = |e: &[f64]| e.windows(2).map(|w| 0.5 * (w[0] + w[1])).collect::<Vec<f64>>();
    let (mx, my) = (middle(&edges), middle(&levels));
    let values: Vec<f64> = my.iter().flat_map(|&y| mx.iter().map(move |&x| value(x, y))).collect();
    let map = Panel::new(Axis::log("τ_{θ}/τ_{w}", ""), Axis::linear("overlap c", ""))
        .add(Cells::new("margin", &edges, &levels, &values).shade(Shade::Diverging(0.0)))
        .add(Contours::new("margin = 0", &mx, &my, &values, &[0.0]));
    let boxes: Vec<Region> = (0..1600)
        .map(|k| {
            let (i, j) = (f64::from(k % 40), f64::from(k / 40));
            let margin = |i: f64, j: f64| i * (0.4 + j / 40.0) - 20.0;
            let (low, high) = (margin(i, j), margin(i + 1.0, j + 1.0));
            let class = match (low, high) {
                _ if high < 0.0 => Class::Stable,
                _ if low > 0.0 => Class::Unstable,
                _ => Class::Undecided,
            };
            Region { x: (i / 4.0, (i + 1.0) / 4.0), y: (j / 10.0, (j + 1.0) / 10.0), class }
        })
        .collect();
    let proven = Panel::new(Axis::linear("τ_{θ}", "s"), Axis::linear("y_{0}", "Hz")).add(Regions::new(&boxes));
    Figure::grid(2, [series, spectrum, map, proven]).caption("Every kind of mark.")
}

#[test]
fn law_a_figure_is_the_same_bytes_twice() {
    assert_eq!(gallery().to_svg(), gallery().to_svg());
}

#[test]
fn law_no_ink_leaves_the_paper_and_no_number_is_missing() {
    let svg = gallery().to_svg();
    assert!(!svg.contains("NaN") && !svg.contains("2147483647"), "a coordinate is not a number");
    let points: Vec<f64> = svg
        .split("points=\"")
        .skip(1)
        .flat_map(|s| s.split('"').next().unwrap().split([' ', ',']))
        .map(|n| n.parse().unwrap())
        .collect();
    assert!(points.len() > 500);
    for xy in points.chunks(2) {
        assert!((0.0..=17_800.0).contains(&xy[0]) && (0.0..=12_500.0).contains(&xy[1]), "{xy:?}");
    }
}

#[test]
fn law_a_long_legend_takes_nothing_from_the_frame() {
    let panel = |names: usize| {
        let empty = Panel::new(Axis::linear("x", ""), Axis::linear("y", "")).title("title");
        (0..names).fold(empty, |p, k| p.add(Line::new(&format!("line number {k}"), &[0.0, 1.0], &[0.0, 1.0])))
    };
    // The spine is the only line of three points; its height in hundredths of a millimetre.
    let height = |names: usize| {
        let svg = Figure::single(panel(names)).to_svg();
        let lines = svg.split("points=\"").skip(1).map(|s| s.split('"').next().unwrap());
        let spine: Vec<f64> = lines
            .filter(|points| points.split_whitespace().count() == 3)
            .flat_map(|points| points.split([' ', ',']).skip(1).step_by(2).map(|y| y.parse::<f64>().unwrap()))
            .collect();
        spine.iter().fold(0.0, |m: f64, y| m.max(*y)) - spine.iter().fold(f64::INFINITY, |m: f64, y| m.min(*y))
    };
    assert!(height(1) > 3000.0);
    assert_eq!([height(4), height(12)].map(|h| (h - height(1)).abs() <= 1.0), [true; 2]);
}

#[test]
fn law_a_heat_map_stays_small() {
    let svg = gallery().to_svg();
    assert!(svg.len() < 250_000, "{} bytes", svg.len());
}

#[test]
fn theory_the_data_has_a_row_for_every_point() {
    let data = Figure::single(
        Panel::new(Axis::linear("x", ""), Axis::linear("y", ""))
            .add(Points::new("p", &[1.0, 2.0], &[3.0, 4.0]).error(&[0.5, 0.25])),
    )
    .data();
    assert_eq!(data.numbers("low"), Some(&[2.5, 3.75][..]));
    assert_eq!((data.rows(), data.columns().len()), (2, 7));
}
