//! Does XPPAUT read what we write, and move as we do?
//!
//! Every file was written by `homeostat convert MODEL --to ode` and run by XPPAUT 6.11 (Debian 6.11b+1.dfsg-1.1) with
//! `xppaut FILE.ode -silent` and the options in the file (CVODE). The numbers are XPP's output, which it keeps and prints
//! in single precision. To make them again: run the same two commands and read rows 50, 250 and 1000 of `output.dat`.

use homeostat::dynamics::{Integration, integrate};
use homeostat::field::Field;
use homeostat::models;
use homeostat::num::Tol;

/// Time (s) and state.
type Row = (f64, &'static [f64]);

/// XPP's single precision, and a hundred of its error tolerance.
const SINGLE: Tol = Tol::Order { h: 1e-6, p: 1 };

#[rustfmt::skip]
const COURSES: &[(&str, &[Row])] = &[
    ("neuron+bcm", &[(25.0, &[0.49647373, 1.5220881]), (125.0, &[0.63916111, 1.9441589]), (500.0, &[0.98922831, 4.8776469])]),
    ("ei+istdp@w_ei", &[(0.005, &[5.4129381, 5.8046565, 2.5000665]), (0.025, &[5.1288953, 6.2446036, 2.5005302]), (0.1, &[4.9977975, 5.9983358, 2.5005038])]),
    ("feedforward+oja", &[(0.025, &[0.50134444, 0.50109404]), (0.125, &[0.5067355, 0.50547653]), (0.5, &[0.52712822, 0.52198625])]),
    ("neuron+two_factor", &[(0.25, &[0.39352033, 3.8461463]), (1.25, &[0.47454357, 2.2204883]), (5.0, &[0.37128705, 3.1017833])]),
    ("leaky+intrinsic_sensor", &[(0.25, &[15.196215, 2.5163393, 16.241537]), (1.25, &[6.0113354, 7.006041, 6.1437521]), (5.0, &[5.0001712, 7.4999161, 5.0001936])]),
    ("patterns+bcm", &[(25.0, &[0.4996582, 0.4996582, 0.4996582, 0.4996582, 0.45626447]), (125.0, &[0.50006735, 0.50006735, 0.50006735, 0.50006735, 0.050022919]), (500.0, &[0.50176072, 0.50176072, 0.50176072, 0.50176072, 0.05034367])]),
    ("population+triplet", &[(1.25, &[2.9991298, 0.49987307, 2.986948]), (6.25, &[3.0094101, 0.50157213, 2.9988048]), (25.0, &[2.9990506, 0.49983591, 3.0035365])]),
    ("neuron+power_law+intrinsic+learned_target@intrinsic.r0", &[(25.0, &[0.26168001, 5.0101671]), (125.0, &[0.25267071, 5.0505781]), (500.0, &[0.22043933, 5.1964798])]),
    ("leaky+softplus_rate+intrinsic", &[(0.25, &[14.438141, 2.8773282]), (1.25, &[6.2385821, 6.90516]), (5.0, &[5.0007548, 7.5268607])]),
    ("recurrent+intrinsic", &[(0.25, &[7.3023524, 7.3023524, 7.3023524, 0.6580897, 0.6580897, 0.6580897]), (1.25, &[5.4140382, 5.4140382, 5.4140382, 1.7586807, 1.7586807, 1.7586807]), (5.0, &[5.0006652, 5.0006652, 5.0006652, 1.9996125, 1.9996125, 1.9996125])]),
];

#[test]
fn cross_xpp_moves_as_we_do() {
    for (text, rows) in COURSES {
        let model = models::model(text).unwrap();
        let (p, start) = (model.names().defaults(), model.names().start());
        let until = rows.last().unwrap().0;
        let run = integrate(&model, &p, &start, until, &Integration::default()).unwrap();
        for (t, wanted) in *rows {
            let got = run.at(*t).unwrap();
            assert_eq!(got.len(), wanted.len(), "{text}");
            for ((got, wanted), q) in got.iter().zip(*wanted).zip(&model.names().variables) {
                let name = format!("{text}: {} at {t} s", q.name);
                assert!(SINGLE.judge(*got, *wanted).holds, "{}", SINGLE.complaint(&name, *got, *wanted, "XPPAUT 6.11"));
            }
        }
    }
}

/// Entry D4 of the ledger on both sides of its separatrix: in XPP, too, the weight stops at its bounds.
#[test]
fn cross_xpp_stops_at_hard_bounds_too() {
    let settings = [
        ("tau_w", "10 s"),
        ("x", "1 Hz"),
        ("R", "10 Hz"),
        ("beta", "1 s"),
        ("h", "2 Hz"),
        ("theta", "4 Hz"),
        ("y0", "1 Hz"),
    ];
    #[rustfmt::skip]
    let courses: [(f64, [Row; 3]); 2] = [
        (1.5, [(0.5, &[1.4476858]), (1.0, &[1.3711231]), (50.0, &[-5.0754134e-10])]),
        (1.7, [(0.5, &[1.7731509]), (1.0, &[1.9074737]), (50.0, &[5.0])]),
    ];
    let mut model = models::model("neuron+sigmoid_rate+hebb_threshold+hard_bounds").unwrap();
    model.set_all(&settings).unwrap();
    model.set("w_max", "5").unwrap();
    for (w0, rows) in courses {
        let run = integrate(&model, &model.names().defaults(), &[w0], 50.0, &Integration::default()).unwrap();
        for (t, wanted) in rows {
            // XPP's last step goes past the bound by about its tolerance; ours does not.
            let (got, wanted) = (run.at(t).unwrap()[0], wanted[0].clamp(0.0, 5.0));
            assert!(SINGLE.judge(got, wanted).holds, "{}", SINGLE.complaint("w", got, wanted, "XPPAUT 6.11"));
        }
    }
}
