//! Does the language mean what it says? Hard bounds, parts that drive parts, values from files, files from models.

use homeostat::dynamics::{
    Ensemble, Integration, Region, Search, ensemble, fixed_points, frozen, integrate, scaled, slaved,
};
use homeostat::field::Field;
use homeostat::lang::{Library, Model};
use homeostat::models;
use homeostat::num::{Interval, Stream, Tol};

pub(crate) fn rates(model: &Model, x: &[f64], p: &[f64]) -> Vec<f64> {
    let mut out = vec![0.0; x.len()];
    model.rate(x, p, &mut out);
    out
}

/// The catalogue and some files of the user's.
pub(crate) fn with(files: &[(&str, &str)]) -> Library {
    files.iter().fold(models::library(), |all, (name, text)| all.with(name, name, None, text))
}

/// The message with which a composition of the catalogue and these files is refused.
fn refusal(files: &[(&str, &str)], text: &str) -> String {
    match Model::compose(text, &with(files)) {
        Ok(model) => panic!("{text} was not refused: {:?}", model.equations()),
        Err(e) => e.to_string(),
    }
}

/// The saturating neuron of the ledger's entry D4 with hard bounds 0 and 5.
fn d4() -> Model {
    let mut model = models::model("neuron+sigmoid_rate+hebb_threshold+hard_bounds").unwrap();
    let values = [
        ("tau_w", "10 s"),
        ("x", "1 Hz"),
        ("R", "10 Hz"),
        ("beta", "1 s"),
        ("h", "2 Hz"),
        ("theta", "4 Hz"),
        ("y0", "1 Hz"),
    ];
    model.set_all(&values).unwrap();
    model.set("w_max", "5").unwrap();
    model
}

/// w_s = [h + ln(θ/(R − θ))/β]/x.
fn separatrix() -> f64 {
    2.0 + (4.0f64 / 6.0).ln()
}

#[test]
fn theory_d4_a_weight_ends_at_one_bound_or_the_other() {
    for (delta, end, word) in [(-1e-3, 0.0, "w reaches 0"), (1e-3, 5.0, "w reaches 5")] {
        let model = d4();
        let (p, start) = (model.names().defaults(), [separatrix() + delta]);
        // No bound is given to the integrator: the model has them.
        let run = integrate(&model, &p, &start, 2000.0, &Integration::default()).unwrap();
        assert_eq!((run.last()[0], run.events[0].name.as_str()), (end, word));
        assert!(run.x.iter().all(|x| (0.0..=5.0).contains(&x[0])));
        assert!(run.steps < 2000, "{} steps", run.steps);
    }
}

#[test]
fn theory_d4_rate_intervals_and_fixed_points_know_the_bounds() {
    let (model, p) = (d4(), d4().names().defaults());
    let free = models::model("neuron+sigmoid_rate+hebb_threshold").unwrap();
    let rate = |w: f64| rates(&model, &[w], &p)[0];
    assert_eq!((rate(0.0), rate(5.0), rate(6.0)), (0.0, 0.0, 0.0));
    assert!(rate(0.0f64.next_up()) < 0.0 && rate(5.0f64.next_down()) > 0.0);
    assert_eq!(model.bounds(&p), [(0, 0.0, 5.0)]);
    // Inside, the rate is that of the model without bounds, to the last bit, for values and for intervals.
    let from: Vec<f64> = free.names().parameters.iter().map(|q| p[model.names().parameter(&q.name).unwrap()]).collect();
    let boxed = |v: &[f64]| v.iter().map(|&v| Interval::point(v)).collect::<Vec<_>>();
    for k in 1..50 {
        let w = 0.1 * f64::from(k);
        if w < 5.0 {
            assert_eq!(rate(w).to_bits(), rates(&free, &[w], &from)[0].to_bits(), "at {w}");
            let (mut a, mut b) = ([Interval::ENTIRE], [Interval::ENTIRE]);
            model.interval(&[Interval::new(w - 0.05, w + 0.04)], &boxed(&p), &mut a);
            free.interval(&[Interval::new(w - 0.05, w + 0.04)], &boxed(&from), &mut b);
            assert!(
                a[0].contains(rate(w)) && (a[0].lo() - b[0].lo()).abs() < 1e-9 && (a[0].hi() - b[0].hi()).abs() < 1e-9
            );
        }
    }
    let mut at = [Interval::ENTIRE];
    model.interval(&[Interval::new(4.9, 5.0)], &boxed(&p), &mut at);
    assert!(at[0].contains(0.0) && at[0].contains(rate(4.95)), "{:?}", at[0]);
    // The unstable weight is proven; at the bounds, where the rate jumps, nothing can be, and that is said.
    let region = Region::named(model.names(), &[("w", (0.0, 5.0))]).unwrap();
    let found = fixed_points(&model, &p, &region, &Search::default()).unwrap();
    let proven: Vec<f64> = found.points.iter().filter(|f| !f.is_stable()).map(|f| f.at[0]).collect();
    assert!(proven.iter().any(|w| (w - separatrix()).abs() < 1e-9), "{proven:?}");
    assert!(!found.complete);
}

#[test]
fn law_bounds_survive_freezing_and_scaling() {
    let model = models::model("leaky+bcm+hard_bounds").unwrap();
    let (p, start) = (model.names().defaults(), model.names().start());
    let w = model.names().variable("w").unwrap();
    assert_eq!(model.bounds(&p), [(w, 0.0, 20.0)]);
    let fast = frozen(&model, &["r"]).unwrap();
    assert_eq!(fast.bounds(&fast.names().defaults()), [(fast.names().variable("w").unwrap(), 0.0, 20.0)]);
    let half = scaled(&model, &vec![2.0; start.len()], 1.0).unwrap();
    assert_eq!(half.bounds(&p), [(w, 0.0, 10.0)]);
    let slow = slaved(&model, &["r"], &start, &p).unwrap();
    assert_eq!(slow.bounds(&p), [(slow.names().variable("w").unwrap(), 0.0, 20.0)]);
    // With noise the ensemble keeps within them too.
    let noisy = "equations = \"dw/dt += s*xi : 1\"\n[ports]\nw = { unit = \"1\" }\n[parameters]\ns = \"1 s**-0.5\"\n";
    let text = "neuron+hebb_threshold+sigmoid_rate+hard_bounds+noisy.toml";
    let model = Model::compose(text, &with(&[("noisy.toml", noisy)])).unwrap();
    let options = Ensemble { members: 20, dt: 0.01, record_every: 0.1, ..Ensemble::default() };
    let all = ensemble(&model, &model.names().defaults(), &[0.5], 5.0, &options).unwrap();
    let values: Vec<f64> = (0..20).flat_map(|member| all.path("w", member).unwrap()).collect();
    assert!(values.iter().all(|w| (0.0..=20.0).contains(w)) && values.contains(&20.0));
}

#[test]
fn theory_a_bound_lets_go_when_the_rate_turns() {
    // w' = cos c with c' = 1: held at 1/2 from arcsin 1/2 to π/2, then w = sin t − 1/2, at the floor from 5π/6 to 3π/2.
    let swing = "equations = \"\"\"\ndw/dt = cos(c)/(1 s) : 1\ndc/dt = 1/(1 s) : 1\n\"\"\"\n[variables]\nw = { start = 0, bounds = [0, 0.5] }\n";
    let model = Model::compose("swing.toml", &with(&[("swing.toml", swing)])).unwrap();
    let run = integrate(&model, &[], &[0.0, 0.0], 6.0, &Integration::default()).unwrap();
    let pi = std::f64::consts::PI;
    let wanted = [pi / 6.0, pi / 2.0, 5.0 * pi / 6.0, 1.5 * pi, 11.0 * pi / 6.0];
    let got: Vec<f64> = run.events.iter().map(|e| e.t).collect();
    assert_eq!(got.len(), wanted.len(), "{:?}", run.events.iter().map(|e| &e.name).collect::<Vec<_>>());
    for (got, wanted) in got.iter().zip(wanted) {
        assert!(Tol::Order { h: 1e-8, p: 1 }.judge(*got, wanted).holds, "{got} {wanted}");
    }
}

#[test]
fn law_bounds_that_make_no_sense_are_refused() {
    let cell = |bounds: &str| {
        format!(
            "equations = \"dw/dt = -w/tau : Hz\"\n[parameters]\ntau = \"1 s\"\nlo = \"1 Hz\"\n[variables]\nw = {{ start = \"2 Hz\", bounds = {bounds} }}\n"
        )
    };
    for (bounds, words) in [
        ("[\"lo\", \"tau\"]", &["cell.toml:6:", "s where Hz is needed"][..]),
        ("[\"lo\", \"hi\"]", &["cell.toml:6:", "`hi`", "no parameter"]),
        ("[\"lo\", \"w\"]", &["cell.toml:6:", "`w`", "no parameter"]),
        ("[\"lo\"]", &["cell.toml:6:", "[low, high]"]),
        ("[\"9 Hz\", \"lo\"]", &["not below"]),
        ("[\"lo\", \"1.5 Hz\"]", &["start", "outside its bounds"]),
        ("[nan, 2]", &["cell.toml:6:", "NaN"]),
    ] {
        let message = refusal(&[("cell.toml", &cell(bounds))], "cell.toml");
        assert!(words.iter().all(|w| message.contains(w)), "{bounds}: {message}");
    }
    assert!(refusal(&[], "neuron+hard_bounds").contains("nothing drives"));
    let mut model = models::model("neuron+hebb+hard_bounds").unwrap();
    assert!(model.set("w_max", "-2").is_err() && model.set("w", "25").is_err());
    assert_eq!(model.names().variables[0].range, Some((0.0, 5.0)));
    model.set_all(&[("w_max", "3"), ("w", "2.5")]).unwrap();
    assert_eq!(model.names().variables[0].range, Some((0.0, 3.0)));
}

#[test]
fn law_a_fixed_threshold_that_slides_is_bcm() {
    let (whole, parts) = (
        models::model("neuron+bcm").unwrap(),
        models::model("neuron+hebb_threshold+sliding_threshold@hebb_threshold.theta").unwrap(),
    );
    let mut draw = Stream::new(21, &[]);
    for _ in 0..100 {
        let p: Vec<f64> = whole.names().parameters.iter().map(|q| q.value + 2.0 * draw.uniform()).collect();
        let same = |name: &str| whole.names().parameter(name.rsplit('.').next().unwrap()).unwrap();
        let q: Vec<f64> = parts.names().parameters.iter().map(|q| p[same(&q.name)]).collect();
        let x = [0.1 + 3.0 * draw.uniform(), 0.1 + 20.0 * draw.uniform()];
        assert_eq!(parts.names().variables[1].name, "theta");
        assert_eq!(rates(&whole, &x, &p), rates(&parts, &x, &q));
    }
}

#[test]
fn theory_d34_a_learned_target_rests_at_the_best_rate() {
    let mut model = models::model("neuron+intrinsic+learned_target@intrinsic.r0").unwrap();
    model.set_all(&[("gain", "2"), ("tau_theta", "100 s")]).unwrap();
    let names: Vec<&str> = model.names().variables.iter().map(|q| q.name.as_str()).collect();
    assert_eq!(names, ["h", "r0"]);
    // r* = 1/(2c) − 1/a = 9.5 Hz; monotone from τ_m = 8 c² τ_θ/g = 1 s on.
    let x = [0.5 * 5.0 - 9.5 / 2.0, 9.5];
    for (tau_m, rings) in [(0.99, true), (1.01, false)] {
        let model = model.clone().with("tau_m", &format!("{tau_m} s")).unwrap();
        let p = model.names().defaults();
        assert!(rates(&model, &x, &p).iter().all(|r| r.abs() < 1e-14));
        let j = model.jacobian(&x, &p);
        let (trace, determinant) = (j[(0, 0)] + j[(1, 1)], j.determinant());
        assert_eq!(trace * trace < 4.0 * determinant, rings, "tau_m = {tau_m}");
    }
}

#[test]
fn theory_a_part_drives_a_parameter_of_another_part() {
    // On a family of neurons the target becomes a family too: each learns its own.
    let model = models::model("recurrent+intrinsic+learned_target@intrinsic.r0").unwrap();
    let of = |stem: &str| model.names().variables.iter().filter(|q| q.name.starts_with(stem)).count();
    assert_eq!((of("r0_"), of("h_"), of("r_")), (3, 3, 3));
    let p = model.names().defaults();
    let x: Vec<f64> = model.names().variables.iter().enumerate().map(|(k, q)| q.value + k as f64).collect();
    let value = |name: &str| x[model.names().variable(name).unwrap()];
    let got = rates(&model, &x, &p);
    for i in 0..3 {
        let (r, r0) = (value(&format!("r_{i}")), value(&format!("r0_{i}")));
        let h = got[model.names().variable(&format!("h_{i}")).unwrap()];
        assert!((h - (r - r0) / model["tau_theta"]).abs() < 1e-15);
    }
    // Written out by hand it is the same model.
    let by_hand = models::model("neuron+intrinsic+learned_target(target=intrinsic.r0)").unwrap();
    let short = models::model("neuron+intrinsic+learned_target@intrinsic.r0").unwrap();
    let (x, p) = ([1.0, 3.0], short.names().defaults());
    assert_eq!(rates(&by_hand, &x, &p), rates(&short, &x, &p));
    // A part at a place of its own is named with it.
    let two = models::model("ei+scaling@w_ee+scaling@w_ei+learned_target@scaling@w_ei.rT").unwrap();
    assert!(two.names().variable("scaling@w_ei.rT").is_ok() && two.names().parameter("scaling@w_ee.rT").is_err());
}

#[test]
fn law_a_part_that_drives_nothing_there_is_refused() {
    for (text, words) in [
        ("neuron+learned_target@intrinsic.r0", &["`intrinsic`", "not in the model"][..]),
        ("neuron+intrinsic+learned_target@intrinsc.r0", &["did you mean `intrinsic`"]),
        ("neuron+intrinsic+learned_target@intrinsic.r00", &["intrinsic.r00", "did you mean `intrinsic.r0`"]),
        ("neuron+intrinsic+learned_target@intrinsic.tau_theta", &["unit", "Hz"]),
        ("neuron+intrinsic+learned_target", &["needs the port `target`"]),
        ("neuron+intrinsic+learned_target(target=nowhere)", &["nowhere"]),
        ("ei+scaling@w_ee+scaling@w_ei+learned_target@scaling.rT", &["more than once", "@scaling@w_ei.rT"]),
        ("neuron+intrinsic+learned_target@learned_target.a", &["learned_target"]),
        ("neuron+intrinsic+learned_target@intrinsic.r0+learned_target(target=intrinsic.r0)", &["defined twice"]),
        ("neuron+intrinsic+gain@intrinsic.r0", &["unit Hz"]),
        ("neuron+hebb+learned_target@hebb.mu", &["unit s", "Hz"]),
    ] {
        let message = refusal(&[], text);
        assert!(words.iter().all(|w| message.contains(w)), "{text}: {message}");
    }
}

const NET: &str = r#"
equations = "dr[i]/dt = (-r[i] + sum(j, W[i, j]*r[j]) + I[i])/(10 ms) : Hz"
[sizes]
N = { value = 2, index = ["i", "j"] }
[parameters]
W = { file = "w.csv" }
I = { value = { file = "drive.csv" }, unit = "kHz" }
[variables]
r = { start = { file = "start.csv" }, unit = "Hz" }
"#;

#[test]
fn theory_values_come_from_files_beside_the_model() {
    let finder = |name: &str| -> homeostat::Result<String> {
        Ok(match name {
            "nets/net.toml" => NET.into(),
            "nets/w.csv" => "# onto, from\n0, 0.5\n-0.25, 0\n".into(),
            "nets/drive.csv" => "0.001\n0.002\n".into(),
            "nets/start.csv" => "3, 4\n".into(),
            other => panic!("{other} is asked for"),
        })
    };
    let library = models::library().with_finder(finder);
    let model = Model::compose("nets/net.toml", &library).unwrap();
    let p = model.names().defaults();
    assert_eq!((model["W_0_1"], model["W_1_0"], model["I_1"]), (0.5, -0.25, 2.0));
    assert_eq!(model.names().start(), [3.0, 4.0]);
    let got = rates(&model, &[3.0, 4.0], &p);
    assert!((got[0] - (-3.0 + 2.0 + 1.0) / 0.01).abs() < 1e-12 && (got[1] - (-4.0 - 0.75 + 2.0) / 0.01).abs() < 1e-10);
    // A model file sets a matrix from a file too.
    let mine = "model = \"recurrent\"\n[set]\nN = 2\nW = { file = \"w.csv\" }\n";
    let library = models::library().with("mine", "mine", None, mine).with("w.csv", "w.csv", None, "0,1\n2,0\n");
    assert_eq!(Model::compose("mine", &library).unwrap()["W_1_0"], 2.0);
}

#[test]
fn law_a_file_of_values_that_does_not_fit_is_refused() {
    let good = [("w.csv", "0,1\n2,0\n"), ("drive.csv", "1,2\n"), ("start.csv", "1\n2\n")];
    let refused = |files: &[(&str, &str)], net: &str| {
        let all: Vec<(&str, &str)> = good.iter().chain(files).copied().chain([("net.toml", net)]).collect();
        refusal(&all, "net.toml")
    };
    for (files, words) in [
        (&[("w.csv", "0,1\n2\n")][..], &["w.csv:2:1", "1 values in this row, 2 in the first"][..]),
        (&[("w.csv", "0;1\n2;0\n")], &["w.csv:1:1", "semicolons"]),
        (&[("w.csv", "a,b\n2,0\n")], &["w.csv:1:1", "header"]),
        (&[("w.csv", "0,1,2\n2,0,1\n")], &["net.toml:6:", "`W`", "2 × 3", "2 × 2"]),
        (&[("drive.csv", "1,2,3\n")], &["net.toml:7:", "`I`", "2 values"]),
    ] {
        let message = refused(files, NET);
        assert!(words.iter().all(|w| message.contains(w)), "{message}");
    }
    for (from, to, words) in [
        ("w.csv", "/etc/passwd.csv", &["net.toml:6:", "beside"][..]),
        ("w.csv", "../w.csv", &["net.toml:6:", "beside"]),
        ("w.csv", "w.txt", &["net.toml:6:", ".csv"]),
        ("w.csv", "v.csv", &["net.toml:6:", "v.csv"]),
        ("\"w.csv\"", "3", &["net.toml:6:", "text"]),
        ("file = \"w.csv\"", "fil = \"w.csv\"", &["net.toml:6:", "file"]),
    ] {
        let message = refused(&[], &NET.replace(from, to));
        assert!(words.iter().all(|w| message.contains(w)), "{to}: {message}");
    }
}
