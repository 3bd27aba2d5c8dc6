//! Is a composition written as one file the same model, and in other units as well?

use super::language::{rates, with};
use homeostat::field::Field;
use homeostat::lang::{Library, Model, flat};
use homeostat::models;
use homeostat::num::Stream;

/// Every composition of the catalogue as one file and read again: the same rates, noise and bounds, to the last bit.
#[test]
fn law_one_file_of_a_composition_is_the_same_model() {
    let mut all = super::contract::compositions();
    all.extend(
        [
            "recurrent+bcm+intrinsic",
            "patterns+bcm+scaling+ach",
            "feedforward+oja+normalise_subtractive",
            "ei+scaling@w_ee+scaling@w_ei",
        ]
        .map(String::from),
    );
    let mut draw = Stream::new(31, &[]);
    for text in all {
        let model = models::model(&text).unwrap();
        let file = flat::toml(&model).unwrap();
        let library = Library::default().with("flat", "flat.toml", None, &file);
        let again = Model::compose("flat", &library).unwrap_or_else(|e| panic!("{text}: {e}\n{file}"));
        let (a, b) = (model.names(), again.names());
        assert_eq!((a.start(), a.defaults()), (b.start(), b.defaults()), "{text}\n{file}");
        for (a, b) in a.variables.iter().chain(&a.parameters).zip(b.variables.iter().chain(&b.parameters)) {
            // A value that was set outside the declared range widens it.
            let outside = a.range.is_some_and(|(lo, hi)| !(lo..=hi).contains(&a.value));
            assert!(a.unit.same_dimension(&b.unit) && a.pace == b.pace, "{text}: {a:?} {b:?}");
            assert!(a.range == b.range || outside, "{text}: {a:?} {b:?}");
        }
        assert_eq!((a.noises.len(), model.bounds(&a.defaults())), (b.noises.len(), again.bounds(&b.defaults())));
        for _ in 0..5 {
            let vary =
                |q: &homeostat::field::Quantity, draw: &mut Stream| q.value * (0.7 + 0.6 * draw.uniform()) + 0.01;
            let x: Vec<f64> = a.variables.iter().map(|q| vary(q, &mut draw)).collect();
            let p: Vec<f64> = a.parameters.iter().map(|q| vary(q, &mut draw)).collect();
            assert_eq!(rates(&model, &x, &p), rates(&again, &x, &p), "{text}\n{file}");
        }
        // The file of the file is the file, but for its title and story.
        let body = |file: &str| file.split_once("equations").map(|(_, body)| body.to_string());
        assert_eq!(body(&flat::toml(&again).unwrap()), body(&file), "{text}");
    }
}

#[test]
fn law_noise_and_shared_names_survive_in_one_file() {
    let noisy = "equations = \"dw/dt += -w/(1 s) + s*xi + s*xi_all : 1\"\n[ports]\nw = { unit = \"1\" }\n[parameters]\ns = \"0.1 s**-0.5\"\n";
    let library = with(&[("noisy.toml", noisy)]);
    let model = Model::compose("feedforward+noisy.toml+hebb", &library).unwrap();
    let file = flat::toml(&model).unwrap();
    let again = Model::compose("flat", &Library::default().with("flat", "flat.toml", None, &file)).unwrap();
    let matrix = |m: &Model| {
        let mut g = vec![0.0; m.names().variables.len() * m.names().noises.len()];
        m.noise(&m.names().start(), &m.names().defaults(), &mut g);
        g
    };
    assert_eq!(model.names().noises.len(), 4, "{:?}", model.names().noises);
    assert_eq!(matrix(&model), matrix(&again), "{file}");
}

/// The same files with every time in ms and every rate in kHz give the same dynamics.
#[test]
fn law_the_units_of_a_file_do_not_matter() {
    let mut moved = 0;
    for text in super::contract::compositions() {
        let model = models::model(&text).unwrap();
        let file = flat::toml(&model).unwrap();
        let (other, changes) = in_other_units(&file);
        moved += changes;
        let read = |text: &str| Model::compose("flat", &Library::default().with("flat", "flat.toml", None, text));
        let again = read(&other).unwrap_or_else(|e| panic!("{text}: {e}\n{other}"));
        let (x, p) = (model.names().start(), model.names().defaults());
        let x: Vec<f64> = x.iter().map(|v| v * 1.1 + 0.01).collect();
        for (a, b) in rates(&model, &x, &p).iter().zip(rates(&again, &x, &again.names().defaults())) {
            assert!((a - b).abs() <= 1e-11 * a.abs().max(1e-3), "{text}: {a} {b}\n{other}");
        }
    }
    assert!(moved > 300, "only {moved} values were rewritten");
}

/// Every `"5.0 Hz"` as `"0.005 kHz"`, every `"2 s"` as `"2000 ms"`, and the units of the lines likewise.
fn in_other_units(file: &str) -> (String, usize) {
    let mut changes = 0;
    let value = |text: &str| -> Option<String> {
        let (number, unit) = text.split_once(' ')?;
        let number: f64 = number.parse().ok()?;
        match unit {
            "Hz" => Some(format!("{:e} kHz", number / 1e3)),
            "s" => Some(format!("{:e} ms", number * 1e3)),
            "ms" => Some(format!("{:e} s", number / 1e3)),
            _ => None,
        }
    };
    let mut lines = Vec::new();
    for line in file.lines() {
        let line = line.strip_suffix(" : Hz").map_or(line.to_string(), |head| format!("{head} : kHz"));
        let line = line.replace("unit = \"Hz\"", "unit = \"kHz\"").replace("unit = \"s\"", "unit = \"ms\"");
        let pieces: Vec<String> = line
            .split('"')
            .map(|piece| match value(piece) {
                Some(other) => {
                    changes += 1;
                    other
                }
                None => piece.to_string(),
            })
            .collect();
        lines.push(pieces.join("\""));
    }
    (lines.join("\n"), changes)
}
