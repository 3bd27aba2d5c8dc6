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

/// Runs `f` with the widest vector instructions that the machine has.
///
/// The results are the same with all of them: nothing is summed in another order, and no product is fused with a sum. What
/// shall use them must be inlined into `f`.
#[inline(always)]
pub fn wide<R>(f: impl FnOnce() -> R) -> R {
    pulp::Arch::new().dispatch(f)
}

/// `sized!(n, name => expression)`: [`wide`], with a [`Size`] that is known for the few variables that are common.
macro_rules! sized {
    ($count:expr, $name:ident => $body:expr) => {{
        macro_rules! known {
            ($n:literal) => {{
                let $name = $crate::num::linalg::Known::<$n>;
                $crate::num::linalg::wide(|| $body)
            }};
        }
        match $count {
            2 => known!(2),
            3 => known!(3),
            4 => known!(4),
            $name => $crate::num::linalg::wide(|| $body),
        }
    }};
}
pub(crate) use sized;
