//! How do loops over two or three variables become instructions without counters? Their number is part of the type.

/// How many: known when the program is compiled, or only when it runs.
pub trait Size: Copy {
    fn get(self) -> usize;
}

impl Size for usize {
    #[inline(always)]
    fn get(self) -> usize {
        self
    }
}

/// A number that is known when the program is compiled.
#[derive(Clone, Copy)]
pub struct Known<const N: usize>;

impl<const N: usize> Size for Known<N> {
    #[inline(always)]
    fn get(self) -> usize {
        N
    }
}

/// What is computed with vector instructions, for a number of variables.
pub trait Kernel {
    type Output;
    /// Must be `#[inline(always)]`, as must be what it calls: a function that stays apart has no vector instructions.
    fn run(self, n: impl Size) -> Self::Output;
}

/// Runs a kernel for so many variables, known when the program is compiled if they are few, with the widest vector
/// instructions that the machine has.
///
/// The results are the same with all of them: nothing is summed in another order, and no product is fused with a sum.
#[inline]
pub fn sized<K: Kernel>(n: usize, kernel: K) -> K::Output {
    let arch = pulp::Arch::new();
    match n {
        2 => arch.dispatch(Run(kernel, Known::<2>)),
        3 => arch.dispatch(Run(kernel, Known::<3>)),
        4 => arch.dispatch(Run(kernel, Known::<4>)),
        n => arch.dispatch(Run(kernel, n)),
    }
}

/// A kernel and its number. A closure would do, were it sure to be inlined.
struct Run<K, N>(K, N);

impl<K: Kernel, N: Size> pulp::NullaryFnOnce for Run<K, N> {
    type Output = K::Output;
    #[inline(always)]
    fn call(self) -> K::Output {
        self.0.run(self.1)
    }
}
