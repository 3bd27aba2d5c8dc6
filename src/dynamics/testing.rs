//! Which fields have known answers? Those, and the comparison, for the tests of this module.

use crate::field::{Law, Names};
use crate::num::{Scalar, Tol};

/// A law with its variables, parameters and number of noise sources, followed by the methods of `Law`.
macro_rules! law {
    ($name:ident, [$($v:ident = $v0:expr),*], [$($q:ident = $q0:expr),*], $noises:expr, $($body:tt)*) => {
        #[derive(Clone)]
        pub(crate) struct $name(pub $crate::field::Names);
        impl $name {
            pub fn new() -> Self {
                use $crate::field::{Names, Quantity};
                let names: &[(&str, f64)] = &[$((stringify!($v), $v0)),*];
                let parameters: &[(&str, f64)] = &[$((stringify!($q), $q0)),*];
                let quantities = |list: &[(&str, f64)]| -> Vec<Quantity> {
                    list.iter().map(|(name, value)| Quantity::plain(name, *value)).collect()
                };
                let mut names = Names::new(stringify!($name), quantities(names), quantities(parameters));
                names.noises = (0..$noises).map(|k| format!("xi{k}")).collect();
                $name(names)
            }
        }
        impl $crate::field::Law for $name {
            fn law_names(&self) -> &$crate::field::Names {
                &self.0
            }
            $($body)*
        }
    };
}
pub(crate) use law;

/// A law that does not tell its speeds from its shapes.
pub(crate) struct Whole<L>(pub L);
impl<L: Law> Law for Whole<L> {
    fn law_names(&self) -> &Names {
        self.0.law_names()
    }
    fn rates<S: Scalar>(&self, x: &[S], p: &[S], dx: &mut [S]) {
        self.0.rates(x, p, dx);
    }
}

/// Fails with the full sentence unless `got` is within `tol` of `wanted`.
#[track_caller]
pub(crate) fn near(name: &str, got: f64, wanted: f64, tol: Tol, origin: &str) {
    assert!(tol.judge(got, wanted).holds, "{}", tol.complaint(name, got, wanted, origin));
}

/// Fixed-step classical Runge-Kutta, the plainest integrator: an independent check.
pub(crate) fn rk4(field: &dyn crate::field::Field, p: &[f64], start: &[f64], until: f64, n: usize) -> Vec<f64> {
    let h = until / n as f64;
    let mut x = start.to_vec();
    let rate = |x: &[f64]| {
        let mut k = vec![0.0; x.len()];
        field.rate(x, p, &mut k);
        k
    };
    let go = |x: &[f64], k: &[f64], h: f64| -> Vec<f64> { x.iter().zip(k).map(|(x, k)| x + h * k).collect() };
    for _ in 0..n {
        let k1 = rate(&x);
        let k2 = rate(&go(&x, &k1, h / 2.0));
        let k3 = rate(&go(&x, &k2, h / 2.0));
        let k4 = rate(&go(&x, &k3, h));
        (0..x.len()).for_each(|i| x[i] += h / 6.0 * (k1[i] + 2.0 * (k2[i] + k3[i]) + k4[i]));
    }
    x
}
