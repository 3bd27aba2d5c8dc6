//! Does composition do what it says? Order, ablation, averages, constraints, noise, sizes, refusals.

use super::{CATALOGUE, library, model};
use crate::field::Field;
use crate::lang::{Composition, Model, PartKind};
use crate::num::Stream;
use proptest::prelude::*;

/// A model of catalogue parts and of files given here: (name, text).
fn with(files: &[(&str, &str)], text: &str) -> crate::error::Result<Model> {
    let library = files.iter().fold(library(), |all, (name, text)| all.with(name, &format!("{name}.toml"), None, text));
    Model::compose(text, &library)
}

/// The message with which a composition is refused.
fn refusal(files: &[(&str, &str)], text: &str) -> String {
    match with(files, text) {
        Ok(model) => panic!("{text} was not refused: {:?}", model.equations()),
        Err(e) => e.to_string(),
    }
}

fn variables(model: &Model) -> Vec<&str> {
    model.names().variables.iter().map(|q| q.name.as_str()).collect()
}

fn rates(model: &Model, x: &[f64]) -> Vec<f64> {
    let mut out = vec![0.0; x.len()];
    model.rate(x, &model.names().defaults(), &mut out);
    out
}

/// A circuit with one rate and one synapse, a line of its own after.
const CELL: &str = r#"
equations = "dr/dt = (w*x - r)/tau : Hz"
[populations]
n = { r = "r" }
input = { r = "x" }
[synapses]
w = { pre = "input", post = "n" }
[parameters]
w = { value = 1, range = [0, 5] }
x = { value = "2 Hz" }
tau = { value = "1 s" }
"#;

#[test]
fn law_every_rule_meets_every_homeostat_on_every_circuit() {
    let of = |kind: PartKind| CATALOGUE.iter().filter(move |p| p.kind == kind);
    let (mut composed, mut refused) = (0, Vec::new());
    for circuit in of(PartKind::Circuit).filter(|c| c.name != "gaussian_neuron") {
        for rule in of(PartKind::Plasticity) {
            for other in of(PartKind::Homeostasis).filter(|h| h.name != "leak") {
                let text = format!("{}+{}+{}", circuit.name, rule.name, other.name);
                match model(&text) {
                    Ok(model) => {
                        let finite = rates(&model, &model.names().start()).iter().all(|r| r.is_finite());
                        assert!(finite, "{text}");
                        composed += 1;
                    }
                    Err(e) => refused.push((text, e.to_string())),
                }
            }
        }
    }
    for (text, why) in &refused {
        // What cannot be must be for one of these reasons: a moment that is not known, a weight that is driven and
        // defined at once or twice, a population without gain or threshold, a weight per synapse against a factor per
        // neuron, a membrane without synapses, hard bounds of a weight that the rule leaves alone.
        let good = why.contains("does not know the average")
            || why.contains("driven")
            || why.contains("defined twice")
            || why.contains("declares none")
            || why.contains("needs the port")
            || why.contains("no index of its own")
            || why.contains("nothing drives it");
        assert!(good, "{text}: {why}");
    }
    assert!(composed > 500, "only {composed} of {} compose", composed + refused.len());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn law_order_and_brackets_do_not_matter(seed in 0u64..1000) {
        let mut random = Stream::new(seed, &[1]);
        let mut parts = vec!["ei", "istdp@w_ei", "scaling@w_ee", "intrinsic@i", "power_law@e", "ach"];
        let reference = model(&parts.join("+")).unwrap();
        random.shuffle(&mut parts);
        let cut = 1 + random.index(parts.len() - 1);
        let text = format!("({})+({})", parts[..cut].join("+"), parts[cut..].join("+"));
        let other = model(&text).unwrap();
        prop_assert_eq!(reference.names(), other.names());
        prop_assert_eq!(reference.hash(), other.hash());
        let sum = Composition::parse(&parts[..cut].join("+")).unwrap().plus(Composition::parse(&parts[cut..].join("+")).unwrap());
        prop_assert_eq!(model(&sum.to_string()).unwrap().hash(), reference.hash());
        let x = reference.names().start();
        prop_assert_eq!(rates(&reference, &x), rates(&other, &x));
    }

    #[test]
    fn law_taking_a_part_away_gives_the_model_without_it(seed in 0u64..1000) {
        let parts = ["leaky", "bcm", "scaling", "intrinsic_sensor", "na"];
        let mut random = Stream::new(seed, &[2]);
        let away = parts[1 + random.index(parts.len() - 1)];
        let rest: Vec<&str> = parts.iter().copied().filter(|p| *p != away).collect();
        let whole = model(&parts.join("+")).unwrap().with("x", "3 Hz").unwrap();
        let ablated = whole.without(away).unwrap();
        let direct = model(&rest.join("+")).unwrap().with("x", "3 Hz").unwrap();
        prop_assert_eq!(ablated.names(), direct.names());
        prop_assert_eq!(ablated.hash(), direct.hash());
    }

    #[test]
    fn law_units_of_input_do_not_matter(tau in 1.0f64..1000.0) {
        let (mut a, mut b) = (model("neuron+bcm").unwrap(), model("neuron+bcm").unwrap());
        a.set("tau_w", &format!("{tau} s")).unwrap();
        b.set("tau_w", &format!("{} ms", tau * 1000.0)).unwrap();
        let (a, b) = (a.get("tau_w").unwrap(), b.get("tau_w").unwrap());
        prop_assert!((a - b).abs() <= 4.0 * f64::EPSILON * a);
    }
}

#[test]
fn theory_default_target_is_the_same_as_written_out() {
    let (short, long) = (model("ei+scaling").unwrap(), model("ei+scaling@w_ee").unwrap());
    assert_eq!((short.hash(), short.items()), (long.hash(), long.items()));
    assert_eq!(short.items(), ["ei", "scaling"]);
}

#[test]
fn theory_names_are_short_when_unique_and_qualified_when_not() {
    let one = model("ei+scaling@w_ei").unwrap();
    assert!(one.names().parameter("gamma").is_ok());
    let mut two = model("ei+scaling@w_ei+scaling@w_ie").unwrap();
    assert!(two.names().parameter("scaling@w_ei.gamma").is_ok());
    assert!(two.names().parameter("gamma").is_err());
    two.set("scaling@w_ie.gamma", "0.5").unwrap();
    assert_eq!((two["scaling@w_ie.gamma"], two["scaling@w_ei.gamma"]), (0.5, 0.02));
    let message = two.set("gamma", "0.5").unwrap_err().to_string();
    assert!(message.contains("scaling@w_ei.gamma"), "{message}");
    // A part's name may always be written out.
    assert_eq!(model("neuron+bcm").unwrap()["bcm.tau_w"], 100.0);
}

#[test]
fn theory_rest_is_what_the_other_parts_do() {
    let gate = r#"
equations = "dw/dt += -(1 - m)*rest(w) : 1"
[ports]
w = { about = "weight" }
[parameters]
m = { value = 0.25 }
"#;
    let free = model("neuron+hebb+scaling").unwrap();
    let gated = with(&[("gate", gate)], "neuron+hebb+gate+scaling").unwrap();
    let (free, gated) = (rates(&free, &[0.7]), rates(&gated, &[0.7]));
    assert!((gated[0] - 0.25 * free[0]).abs() < 1e-15);
}

#[test]
fn theory_two_constraints_need_an_order() {
    let message = refusal(&[], "feedforward+hebb+normalise_subtractive+soft_bounds");
    assert!(message.contains("order") && message.contains("after="), "{message}");
    let model = model("feedforward+hebb+normalise_subtractive(after=soft_bounds)+soft_bounds").unwrap();
    let sum: f64 = rates(&model, &[0.3, 0.9]).iter().sum();
    assert!(sum.abs() < 1e-15, "the last one has the last word");
    let circle = "feedforward+hebb+normalise_subtractive(after=soft_bounds)+soft_bounds(after=normalise_subtractive)";
    assert!(refusal(&[], circle).contains("order"));
}

#[test]
fn theory_explicit_binding_reads_another_population() {
    let cross = r#"
equations = "dw/dt += eta*pre*(other - r0) : 1"
[ports]
w = { about = "weight" }
pre = { unit = "Hz" }
other = { unit = "Hz" }
[parameters]
eta = { value = "1 s" }
r0 = { value = "5 Hz" }
"#;
    let model = with(&[("cross", cross)], "ei+cross@w_ee(other=i)").unwrap();
    assert_eq!(variables(&model), ["r_e", "r_i", "w_ee"]);
    assert_eq!(rates(&model, &[3.0, 7.0, 2.0])[2], 3.0 * (7.0 - 5.0));
    let message = refusal(&[("cross", cross)], "ei+cross@w_ee");
    assert!(message.contains("needs the port `other`"), "{message}");
    let message = refusal(&[("cross", cross)], "ei+cross@w_ee(othr=i)");
    assert!(message.contains("did you mean `other`"), "{message}");
    let message = refusal(&[("cross", cross)], "ei+cross@w_ee(other=tau_e)");
    assert!(message.contains("unit ms") && message.contains("Hz"), "{message}");
}

#[test]
fn theory_white_noise_is_a_matrix() {
    let noisy = r#"
equations = """
dr_a/dt = -r_a/tau + sigma*xi_a + sigma*xi_shared : Hz
dr_b/dt = -r_b/tau - r_b*c*xi_b + 2*sigma*xi_shared : Hz
"""
[parameters]
tau = { value = "1 s" }
sigma = { value = "3 Hz/s^0.5", unit = "Hz/s**0.5" }
c = { value = "0.5 s**-0.5" }
"#;
    let model = with(&[("noisy", noisy)], "noisy").unwrap();
    assert_eq!(model.names().noises, ["xi_a", "xi_shared", "xi_b"]);
    let mut g = [0.0; 6];
    model.noise(&[1.0, 4.0], &model.names().defaults(), &mut g);
    assert_eq!(g, [3.0, 3.0, 0.0, 0.0, 6.0, -2.0]);
    assert_eq!(rates(&model, &[1.0, 4.0]), [-1.0, -4.0]);
    let family = "equations = \"dr[k]/dt = -r[k]/(1 s) + xi*(1 Hz)*(1 s**-0.5) : Hz\"\n[sizes]\nK = 3\n";
    let model = with(&[("family", family)], "family").unwrap();
    assert_eq!(model.names().noises, ["xi_0", "xi_1", "xi_2"]);
    for (line, why) in [("exp(xi*1 s**0.5)*r/(1 s)", "xi"), ("xi*xi*r", "xi")] {
        let bad = format!("equations = \"dr/dt = {line} : Hz\"\n");
        assert!(refusal(&[("bad", &bad)], "bad").contains(why));
    }
}

#[test]
fn theory_sizes_compose_again() {
    let mut model = model("feedforward+hebb").unwrap();
    model.set_all(&[("K", "3"), ("w", "[1, 2, 3]"), ("mu", "1 s")]).unwrap();
    assert_eq!(variables(&model), ["w_0", "w_1", "w_2"]);
    assert_eq!(model.names().start(), [1.0, 2.0, 3.0]);
    // C falls back to its diagonal form: 1 on the diagonal, 0.4 off it.
    for (got, wanted) in rates(&model, &[1.0, 2.0, 3.0]).into_iter().zip([3.0, 3.6, 4.2]) {
        assert!((got - wanted).abs() < 1e-14, "{got} {wanted}");
    }
    model.set("K", "2").unwrap_err();
    model.set_all(&[("K", "2"), ("w", "0.5")]).unwrap();
    assert_eq!(variables(&model), ["w_0", "w_1"]);
    for (name, value) in [("K", "0"), ("K", "1e9"), ("K", "2.5"), ("C", "[[1, 2]] Hz^2"), ("mu", "1 Hz"), ("nu", "1")] {
        assert!(model.set(name, value).is_err(), "{name} = {value}");
    }
    assert_eq!((model.get("K").unwrap(), model["K"]), (2.0, 2.0));
}

#[test]
fn law_a_wrong_name_is_answered_with_what_is_near() {
    let model = model("patterns+bcm").unwrap();
    assert_eq!(model["S"], 4.0);
    for (name, near) in [("tau_thta", "`tau_theta`"), ("s", "`S`"), ("w_9", "`w_0`"), ("r_0", "computed")] {
        let message = model.get(name).unwrap_err().to_string();
        assert!(message.contains(near), "{name}: {message}");
    }
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| model["tau_thta"])).unwrap_err();
    assert!(panic.downcast_ref::<String>().unwrap().contains("did you mean `tau_theta`"));
}

#[test]
fn law_large_families_stay_small() {
    let mut model = model("feedforward+oja").unwrap();
    model.set("K", "60").unwrap();
    assert_eq!(variables(&model).len(), 60);
    // wᵀ C w is shared by all weights: some multiple of K², not K³.
    assert!(model.operations() < 6 * 60 * 60 + 20 * 60, "{} operations", model.operations());
}

#[test]
fn theory_patterns_weights_are_probabilities() {
    let mut model = model("patterns+bcm").unwrap();
    let message = model.set("p", "[0.5, 0.5, 0.5, 0.5]").unwrap_err().to_string();
    assert!(message.contains("sum to 2"), "{message}");
    model.set("p", "[0.7, 0.1, 0.1, 0.1]").unwrap();
    assert_eq!(model["p_0"], 0.7);
    assert_eq!(model["x[1, 1]"], 1.0);
}

#[test]
fn what_cannot_be_is_refused_in_words() {
    let loops = "equations = \"\"\"\na = b + r : Hz\nb = a : Hz\ndr/dt = a/(1 s) : Hz\n\"\"\"\n";
    let twice = "equations = \"dw/dt = -w/(1 s) : 1\"\n[ports]\nw = {}\n";
    let average = "equations = \"dw/dt += pre*mean(post)*(1 s) : 1\"\n[ports]\nw = {}\npre = { unit = \"Hz\" }\npost = { unit = \"Hz\" }\n";
    let range = "equations = \"dr[k]/dt = -r[k+1]/(1 s) : Hz\"\n[sizes]\nK = 3\n";
    let files =
        [("loops", loops), ("twice", twice), ("again", twice), ("average", average), ("range", range), ("cell", CELL)];
    for (text, words) in [
        ("loops", &["circle", "a → b → a"][..]),
        ("cell+twice+again", &["defined twice", "`again`", "`twice`", "+="]),
        ("neuron+two_factor+hebb", &["driven", "defined", "two_factor", "hebb"]),
        ("patterns+average", &["varies over the patterns", "mean"]),
        ("feedforward+average", &["varies over the ensemble", "mean(x)"]),
        ("range", &["element 3", "outside 0..2"]),
        ("feedforward+bcm", &["does not know the average of x*x*x", "x[k]", "patterns"]),
        ("feedforward+hebb+threshold_linear", &["does not know the average of `relu("]),
        ("neurn+bcm", &["did you mean `neuron`"]),
        ("neuron+bmc", &["did you mean `bcm`"]),
        ("ei+istdp@w_ie2", &["did you mean `w_ie`"]),
        ("ei+istdp@nowhere", &["@w_ei", "@e"]),
        ("bcm", &["no circuit", "neuron+bcm"]),
        ("neuron+leaky+bcm", &["both circuits"]),
        ("neuron+bcm+bcm", &["twice"]),
        ("neuron@w+bcm", &["attaches to nothing"]),
        ("neuron+ach@w", &["without `@`"]),
        ("steady_population+gain", &["needs the port `gain`"]),
        ("neuron+linear+power_law", &["both define the transfer function"]),
        ("loops+bcm", &["attaches to a synapse"]),
        ("neuron+missing.toml", &["no part"]),
    ] {
        let message = refusal(&files, text);
        assert!(words.iter().all(|w| message.contains(w)), "{text}: {message}");
    }
}

#[test]
fn what_a_file_has_wrong_is_pointed_at() {
    let cell = |from: &str, to: &str| CELL.replace(from, to);
    for (text, words) in [
        (cell("tau = {", "tua = {"), &["cell.toml:2:", "`tau`", "did you mean `tua`"][..]),
        (cell("(w*x - r)/tau", "w*x - r"), &["cell.toml:2:", "Hz"]),
        (cell("value = \"1 s\"", "vlaue = \"1 s\""), &["cell.toml:11:", "did you mean `value`"]),
        (cell("\"1 s\"", "\"1 sx\""), &["cell.toml:11:"]),
        (cell("\"1 s\"", "nan"), &["cell.toml:11:", "finite"]),
        (cell("[0, 5]", "[5, 0]"), &["cell.toml:9:", "empty"]),
        (cell("post = \"n\"", "post = \"m\""), &["population", "`m`"]),
        (cell("r = \"r\"", "r = \"q\""), &["cell.toml:4:", "`q`"]),
        (cell("w = { value = 1", "w = { value = [1, 2]"), &["a list of 2"]),
        (cell("tau = {", "r = {"), &["`r` is a parameter"]),
        (cell("tau = {", "pi = {"), &["reserved"]),
        (cell("dr/dt", "dr[k]/dt"), &["the index `k` has no size"]),
        (cell("[parameters]", "[parameter]"), &["did you mean `parameters`"]),
        ("equations = 3".into(), &["must be a text"]),
        ("title = \"x\"".into(), &["without equations"]),
        ("x = [".into(), &["not TOML"]),
        (format!("equations = \"dr/dt = {}r/(1 s) : Hz\"", "(".repeat(5000)), &["nested"]),
        (format!("{CELL}\n[facts]\na = 1"), &["[[facts]]"]),
    ] {
        let message = refusal(&[("cell", &text)], "cell");
        assert!(words.iter().all(|w| message.contains(w)), "{words:?}: {message}");
        assert!(message.len() < 2000, "{message}");
    }
    assert!(with(&[("cell", CELL)], "cell+bcm+scaling").is_ok());
}

#[test]
fn law_model_files_are_compositions_with_values() {
    let mine = "title = \"Mine\"\nmodel = \"neuron+bcm\"\nsources = [\"here\"]\n[set]\ntau_w = \"7 s\"\nx = \"2 Hz\"\n";
    let outer = "model = \"mine+scaling\"\n[set]\nx = \"3 Hz\"\n";
    let model = with(&[("mine", mine), ("outer", outer)], "outer").unwrap();
    assert_eq!((model["tau_w"], model["x"]), (7.0, 3.0));
    assert_eq!(model.items(), ["neuron", "bcm", "scaling"]);
    assert!(model.sources().contains(&"here".to_string()));
    let endless = "model = \"endless\"\n";
    assert!(refusal(&[("endless", endless)], "endless").contains("deep"));
    let wrong = "model = \"neuron\"\n[set]\ntau_w = \"7 s\"\n";
    assert!(refusal(&[("wrong", wrong)], "wrong").contains("`tau_w`"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn law_no_text_makes_it_panic(text in "[a-z_+@()=., 0-9]{0,40}", file in "\\PC{0,200}") {
        let _ = with(&[("x", &file)], &text);
        let _ = with(&[("x", &file)], "x");
        let _ = with(&[("x", &CELL.replace("w*x - r", &file))], "x+bcm");
    }
}
