//! Does `continue --cycle-at` start cycles from a simulation, and say plainly when there is none?

use super::program::{Answer, folder, homeostat};
use serde_json::Value;

const ROESSLER: &str = "x'=-y-z\ny'=x+a*y\nz'=b+z*(x-c)\npar a=0.2, b=0.2, c=2.5\ninit x=3, y=0, z=0\ndone\n";
const CIRCLE: &str = "x'=x*(l-x^2-y^2)-y\ny'=y*(l-x^2-y^2)+x\npar l=0.5\ninit x=0.5, y=0\ndone\n";
const GROWTH: &str = "x'=x*(x-l)\npar l=1\ninit x=2\ndone\n";

fn run(test: &str, (name, text): (&str, &str), arguments: &[&str]) -> Answer {
    let folder = folder(test);
    std::fs::write(folder.join(name), text).expect("it can be written");
    homeostat(&folder, &[&["continue", name], arguments].concat())
}

fn cycles(out: &Answer) -> Vec<Value> {
    assert_eq!(out.code, 0, "{}", out.err);
    let all: Value = serde_json::from_str(&out.out).expect("one object");
    let branches = all["branches"].as_array().expect("branches").iter();
    branches.filter(|b| b["kind"] == "cycle").cloned().collect()
}

/// Without a Hopf point, from the initial values of the file; the doubling to forty digits in `tests/reference`.
#[test]
fn cross_roessler_doubles_on_the_branch_of_its_simulation() {
    let out = run("cycles_roessler", ("roessler.ode", ROESSLER), &["--vary", "c=2:3", "--cycle-at", "c=2.5", "--json"]);
    let all = cycles(&out);
    let ends = [&all[0]["started"], &all[0]["stopped"]];
    assert!(all.len() == 2 && ends == ["range", "range"], "{ends:?}");
    let event = &all[0]["events"][0];
    assert!(event["kind"] == "period-doubling" && event["verified"] == true, "{event}");
    let at = event["parameter"].as_f64().expect("a number");
    assert!((at - 2.832_445_1).abs() < 1e-6, "{at}");
}

/// x' = x (l − r²) − y, y' = y (l − r²) + x: the circle of radius √l.
#[test]
fn theory_the_simulated_circle_is_the_branch_of_the_hopf_point() {
    let ask = |more: &[&str]| {
        let usual = ["--vary", "l=-0.5:1", "--cycle-at", "l=0.25", "--json"];
        run("cycles_circle", ("circle.ode", CIRCLE), &[&usual[..], more].concat())
    };
    let alone = ask(&[]);
    for branch in cycles(&alone) {
        for point in branch["points"].as_array().expect("points") {
            let radius = point["parameter"].as_f64().expect("a number").sqrt();
            let largest = point["extremes"]["x"][1].as_f64().expect("a number");
            assert!((largest - radius).abs() < 1e-6, "{point}");
        }
    }
    let both = ask(&["--cycles"]);
    assert_eq!((cycles(&alone).len(), cycles(&both).len()), (1, 1));
    let said = &both.err;
    assert!(said.contains("the cycle at l = 0.25 lies on branch 1"), "{said}");
}

#[test]
fn law_a_request_without_a_cycle_gets_one_error_and_its_exit_code() {
    let rest = ["--vary", "l=-1:1", "--cycle-at", "l=-0.5"];
    for (name, text, arguments, code, what) in [
        ("circle.ode", CIRCLE, &rest[..], 65, "comes to rest at the stable fixed point x = "),
        ("circle.ode", CIRCLE, &["--vary", "l=0:1", "--cycle-at", "l=2"], 2, "outside of the range"),
        ("circle.ode", CIRCLE, &["--vary", "l=0:1", "--cycle-at", "x=0.5"], 2, "is not the parameter that is varied"),
        ("circle.ode", CIRCLE, &["--vary", "l=0:1", "--until", "5"], 2, "--cycle-at"),
        ("circle.ode", CIRCLE, &["--vary", "l=0:1", "--cycle-at", "l=1", "--until", "3"], 65, "three"),
        ("growth.ode", GROWTH, &["--vary", "l=0:3", "--cycle-at", "l=1"], 65, "blow-up"),
        (
            "roessler.ode",
            ROESSLER,
            &["--vary", "c=2:6", "--cycle-at", "c=5.7", "--until", "500"],
            65,
            "does not repeat",
        ),
    ] {
        let Answer { code: got, out, err: said } = run("cycles_refused", (name, text), arguments);
        assert!(got == code && said.contains(what), "{arguments:?}: {got} {said}");
        assert!(out.is_empty() && said.matches("error:").count() == 1, "{said}");
    }
}
