//! How does the loop over the steps stay short? Small scalars in one array, wide ones read where the caller has them.
//!
//! A step costs about a nanosecond, so where its arguments stand matters. Variables and parameters of small scalars are
//! copied behind the registers: then every place is an index into one array whose length is a power of two, and a mask
//! spares the check of bounds. To copy lanes would cost as much as a small right-hand side, so they stay where they are.

use super::{Code, Operation, Place, Tape};
use crate::num::Scalar;

impl Tape {
    /// Runs the steps; lengths were checked.
    pub(super) fn run<S: Scalar>(&self, x: &[S], p: &[S], out: &mut [S]) {
        let zero = S::constant(0.0);
        // Known when this is compiled for a scalar, so that the others are not compiled.
        if const { size_of::<S>() > 256 } {
            let r = vec![zero; self.registers - self.outputs];
            return self.walk(&mut Borrowed { out, r, x, p, tape: self });
        }
        if const { size_of::<S>() > 32 } {
            return match self.registers - self.outputs {
                0..=2 => self.walk(&mut Borrowed { out, r: [zero; 2], x, p, tape: self }),
                3..=4 => self.walk(&mut Borrowed { out, r: [zero; 4], x, p, tape: self }),
                5..=8 => self.walk(&mut Borrowed { out, r: [zero; 8], x, p, tape: self }),
                n => self.walk(&mut Borrowed { out, r: vec![zero; n], x, p, tape: self }),
            };
        }
        match self.registers + self.needs.0 + self.needs.1 {
            0..=16 => self.copied::<S, 16>(x, p, out),
            17..=32 => self.copied::<S, 32>(x, p, out),
            33..=128 => self.copied::<S, 128>(x, p, out),
            _ => {
                let r = vec![zero; self.registers - self.outputs];
                self.walk(&mut Borrowed { out, r, x, p, tape: self })
            }
        }
    }
    #[inline(always)]
    fn copied<S: Scalar, const N: usize>(&self, x: &[S], p: &[S], out: &mut [S]) {
        // Filled where it stands: an array that is moved after single numbers were written waits for each of them.
        let mut r = Copied([S::constant(0.0); N]);
        let (first, second) = (self.registers, self.registers + self.needs.0);
        // The masks spare checks of bounds and keep these loops from becoming calls of a copying routine: its wide
        // stores are slow to read back one by one.
        x[..self.needs.0].iter().zip(first..).for_each(|(x, at)| r.0[at & (N - 1)] = *x);
        p[..self.needs.1].iter().zip(second..).for_each(|(p, at)| r.0[at & (N - 1)] = *p);
        self.walk(&mut r);
        out[..self.outputs].iter_mut().zip(0..).for_each(|(out, at): (_, usize)| *out = r.0[at & (N - 1)]);
    }
    #[inline(always)]
    fn walk<S: Scalar>(&self, r: &mut impl Registers<S>) {
        for &(to, c) in &self.numbers {
            r.set(to, S::constant(c));
        }
        for &(to, nearby, within) in &self.known {
            r.set(to, S::enclosed(nearby, within));
        }
        for step in &self.steps {
            macro_rules! at {
                ($place:ident) => {
                    *r.get(step.$place)
                };
            }
            // Each arm writes for itself: a value of many lanes that left the match would be copied twice.
            macro_rules! put {
                ($value:expr) => {{
                    let value = $value;
                    r.set(step.to, value)
                }};
            }
            match step.code {
                Code::Add => put!(at!(a) + at!(b)),
                Code::Sub => put!(at!(a) - at!(b)),
                Code::Mul => put!(at!(a) * at!(b)),
                Code::Div => put!(at!(a) / at!(b)),
                Code::AddC => put!(at!(a) + step.c),
                Code::SubC => put!(at!(a) - step.c),
                Code::MulC => put!(at!(a) * step.c),
                Code::DivC => put!(at!(a) / step.c),
                Code::FromC => put!(S::constant(step.c) - at!(a)),
                Code::MulAdd => put!(at!(d) + at!(a) * at!(b)),
                Code::MulFrom => put!(at!(d) - at!(a) * at!(b)),
                Code::MulSub => put!(at!(a) * at!(b) - at!(d)),
                Code::AddMul => put!((at!(a) + at!(b)) * at!(d)),
                Code::SubMul => put!((at!(a) - at!(b)) * at!(d)),
                Code::MulMul => put!((at!(a) * at!(b)) * at!(d)),
                Code::AddDiv => put!((at!(a) + at!(b)) / at!(d)),
                Code::SubDiv => put!((at!(a) - at!(b)) / at!(d)),
                Code::MulDiv => put!((at!(a) * at!(b)) / at!(d)),
                Code::DivMul => put!(at!(d) / (at!(a) * at!(b))),
                Code::MulSubMul => put!(at!(a) * at!(b) - at!(d) * at!(e)),
                Code::AddSubMul => put!(((at!(a) + at!(b)) - at!(d)) * at!(e)),
                Code::SubMulMul => put!(((at!(a) - at!(b)) * at!(d)) * at!(e)),
                Code::SubMulBoth => put!((at!(a) - at!(b)) * (at!(d) * at!(e))),
                Code::MulAddDiv => put!((at!(d) + at!(a) * at!(b)) / at!(e)),
                Code::MulFromDiv => put!((at!(d) - at!(a) * at!(b)) / at!(e)),
                Code::SquareDiv => put!(at!(a).powi(2) / at!(b)),
                Code::SquareDivSubDiv => put!((at!(a).powi(2) / at!(b) - at!(d)) / at!(e)),
                Code::Dot => put!({
                    let pairs = &self.pairs[step.a as usize..(step.a + step.b) as usize];
                    let [a, b] = pairs[0];
                    pairs[1..].iter().fold(*r.get(a) * *r.get(b), |sum, [a, b]| sum + *r.get(*a) * *r.get(*b))
                }),
                Code::DotAdd => put!({
                    let pairs = &self.pairs[step.a as usize..(step.a + step.b) as usize];
                    pairs.iter().fold(at!(d), |sum, [a, b]| sum + *r.get(*a) * *r.get(*b))
                }),
                Code::Square => put!(at!(a).powi(2)),
                Code::Cube => put!(at!(a).powi(3)),
                Code::Logistic => put!(at!(a).logistic_as_written()),
                Code::Softplus => put!(at!(a).softplus_as_written()),
                Code::Siegert => {
                    let [mu, sigma, tau_m, tau_ref, theta, reset] =
                        self.sixes[step.b as usize].map(|from| *r.get(from));
                    put!(S::siegert(mu, sigma, tau_m, tau_ref, theta, reset))
                }
                Code::Other => put!(apply(self.others[step.d as usize], at!(a), at!(b))),
            }
        }
        for &(to, from) in &self.copies {
            let value = *r.get(from);
            r.set(to, value);
        }
    }
}

/// One operation on scalars: what the graph means, also used to evaluate without a tape.
#[inline(never)] // One copy per scalar: the loop around it is small then, and compiles quickly.
pub fn apply<S: Scalar>(operation: Operation, a: S, b: S) -> S {
    match operation {
        Operation::Add => a + b,
        Operation::Sub => a - b,
        Operation::Mul => a * b,
        Operation::Div => a / b,
        Operation::Powf => a.powf(b),
        Operation::Max => a.max(b),
        Operation::Min => a.min(b),
        Operation::ErfcxIntegral => a.erfcx_integral(b),
        Operation::Hill => a.hill(S::constant(1.0), b),
        Operation::Neg => -a,
        Operation::Exp => a.exp(),
        Operation::Ln => a.ln(),
        Operation::Sqrt => a.sqrt(),
        Operation::Tanh => a.tanh(),
        Operation::Erf => a.erf(),
        Operation::Erfcx => a.erfcx(),
        Operation::Phi => a.normal_cdf(),
        Operation::Sin => a.sin(),
        Operation::Cos => a.cos(),
        Operation::Atan => a.atan(),
        Operation::Sigmoid => a.sigmoid(),
        Operation::Softplus => a.softplus(),
        Operation::Relu => a.relu(),
        Operation::Step => a.step(),
        Operation::Abs => a.abs(),
        Operation::Powi(n) => a.powi(n),
        Operation::Powc(bits) => a.powc(f64::from_bits(bits)),
    }
}

/// Where values are kept while a tape runs.
trait Registers<S> {
    fn get(&self, at: u32) -> &S;
    fn set(&mut self, at: u32, value: S);
}

/// Everything in one array; N is a power of two, so the mask spares the check of bounds.
struct Copied<S, const N: usize>([S; N]);
impl<S: Copy, const N: usize> Registers<S> for Copied<S, N> {
    #[inline(always)]
    fn get(&self, at: u32) -> &S {
        &self.0[at as usize & (N - 1)]
    }
    #[inline(always)]
    fn set(&mut self, at: u32, value: S) {
        self.0[at as usize & (N - 1)] = value;
    }
}

/// Registers here; outputs, variables and parameters where the caller has them.
struct Borrowed<'a, S, R> {
    out: &'a mut [S],
    r: R,
    x: &'a [S],
    p: &'a [S],
    tape: &'a Tape,
}
impl<S: Copy, R: AsRef<[S]> + AsMut<[S]>> Registers<S> for Borrowed<'_, S, R> {
    #[inline(always)]
    fn get(&self, at: u32) -> &S {
        match self.tape.place(at) {
            Place::Register(at) if at < self.tape.outputs => &self.out[at],
            Place::Register(at) => &self.r.as_ref()[at - self.tape.outputs],
            Place::Variable(at) => &self.x[at],
            Place::Parameter(at) => &self.p[at],
        }
    }
    #[inline(always)]
    fn set(&mut self, at: u32, value: S) {
        let at = at as usize;
        match at.checked_sub(self.tape.outputs) {
            None => self.out[at] = value,
            Some(at) => self.r.as_mut()[at] = value,
        }
    }
}
